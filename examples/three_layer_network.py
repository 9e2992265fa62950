"""Backpropagation through three layers, as a derivation: one gradient for each weight and bias.

Prints:

    let z1  = W1 x + b1
    let z2  = W2 tanh.(z1) + b2
    let r   = W3 tanh.(z2) + b3 - y
    f       = 1/2 ‖r‖²
    df      = rᵀ dr    product rule; d(tanh.(X)) = (1 .- tanh.(X).^2) ⊙ dX; d(norm_F(X)) = frob(X, dX)/norm_F(X); d(X.^λ) = λ X.^(λ-1) ⊙ dX
            = r : dr   d(X.^λ) = λ X.^(λ-1) ⊙ dX; d(norm_F(X)) = frob(X, dX)/norm_F(X)
    let G   = W3 tanh.(z2) + b3 - y
            = (W3ᵀ G ⊙ (1 .- tanh.(z2).^2) : dz2) + (G tanh.(z2ᵀ) : dW3) + (G : db3)   W:XY = WYᵀ:X = XᵀW:Y; d(tanh.(X)) = (1 .- tanh.(X).^2) ⊙ dX
    let G_1 = W3ᵀ G ⊙ (1 .- tanh.(z2).^2)
            = (W2ᵀ G_1 ⊙ (1 .- tanh.(z1).^2) : dz1) + (G_1 tanh.(z1ᵀ) : dW2) + (G_1 : db2) + (G tanh.(z2ᵀ) : dW3) + (G : db3)   W:XY = WYᵀ:X = XᵀW:Y; d(tanh.(X)) = (1 .- tanh.(X).^2) ⊙ dX
    let G_2 = W2ᵀ G_1 ⊙ (1 .- tanh.(z1).^2)
            = (G_2 xᵀ : dW1) + (G_2 : db1) + (G_1 tanh.(z1ᵀ) : dW2) + (G_1 : db2) + (G tanh.(z2ᵀ) : dW3) + (G : db3)   W:XY = WYᵀ:X = XᵀW:Y
    ∂f/∂W1  = (W2ᵀ (W3ᵀ r ⊙ (1 .- tanh.(z2).^2)) ⊙ (1 .- tanh.(z1).^2)) xᵀ
    ∂f/∂b1  = W2ᵀ (W3ᵀ r ⊙ (1 .- tanh.(z2).^2)) ⊙ (1 .- tanh.(z1).^2)
    ∂f/∂W2  = (W3ᵀ r ⊙ (1 .- tanh.(z2).^2)) tanh.(z1ᵀ)
    ∂f/∂b2  = W3ᵀ r ⊙ (1 .- tanh.(z2).^2)
    ∂f/∂W3  = r tanh.(z2ᵀ)
    ∂f/∂b3  = W3 tanh.(z2) + b3 - y
"""

import matcalc

LAYERS = """
let z1 = W1 x + b1
let z2 = W2 tanh.(z1) + b2
let r = W3 tanh.(z2) + b3 - y
"""

gradients = matcalc.differentiate("1/2 norm(r)^2", ["W1", "b1", "W2", "b2", "W3", "b3"], where=LAYERS)
print(gradients.derivation)
