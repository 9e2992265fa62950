"""Ridge regression: the gradient, its derivation, and the weights where it vanishes.

Prints:

    f     = 1/2 (‖X w - y‖² + λ ‖w‖²)
    df    = (X w - y)ᵀ X dw + λ (wᵀ dw)        product rule; d‖X‖ = X:dX/‖X‖; power rule
          = (λ w : dw) + (Xᵀ (X w - y) : dw)   W:(X⊙Y) = W⊙Y:X; d‖X‖ = X:dX/‖X‖; W:XY = WYᵀ:X = XᵀW:Y
          = (Xᵀ (X w - y) + λ w) : dw          collect
    ∂f/∂w = Xᵀ (X w - y) + λ w
    gradient there: zero
"""

import numpy as np

import matcalc

d = matcalc.differentiate("1/2 norm(X w - y)^2 + λ/2 norm(w)^2", "w")
print(d.derivation)

# The gradient is zero at w = (XᵀX + λI)⁻¹ Xᵀ y.
rng = np.random.default_rng(0)
X, y, λ = rng.normal(size=(20, 3)), rng.normal(size=20), 0.1
w = np.linalg.solve(X.T @ X + λ * np.eye(3), X.T @ y)
g = d.evaluate({"X": X, "w": w, "y": y, "λ": λ})
print("gradient there:", "zero" if np.allclose(g, 0) else g)
