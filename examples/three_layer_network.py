"""Backpropagation through three layers, as a derivation: one gradient for each weight and bias.

Prints:

    let z1  = W1 x + b1
    let z2  = W2 tanh.(z1) + b2
    let r   = W3 tanh.(z2) + b3 - y
    f       = 1/2 ‖r‖²
    df      = rᵀ dr                                          product rule; d(tanh.(X)) = (1 .- tanh.(X).^2) ⊙ dX; d‖X‖ = X:dX/‖X‖; power rule
            = r : dr                                         W:(X⊙Y) = W⊙Y:X; d‖X‖ = X:dX/‖X‖
    let G   = W3ᵀ r ⊙ (1 .- tanh.(z2).^2)
            = (G : dz2) + (r tanh.(z2)ᵀ : dW3) + (r : db3)   W:XY = WYᵀ:X = XᵀW:Y; W:(X⊙Y) = W⊙Y:X
    let G_1 = W2ᵀ G ⊙ (1 .- tanh.(z1).^2)
            = (r tanh.(z2)ᵀ : dW3) + (r : db3) + (G_1 : dz1) + (G tanh.(z1)ᵀ : dW2) + (G : db2)   W:XY = WYᵀ:X = XᵀW:Y; W:(X⊙Y) = W⊙Y:X
            = (r tanh.(z2)ᵀ : dW3) + (r : db3) + (G tanh.(z1)ᵀ : dW2) + (G : db2) + (G_1 xᵀ : dW1) + (G_1 : db1)   W:XY = WYᵀ:X = XᵀW:Y
    ∂f/∂W1  = G_1 xᵀ
    ∂f/∂b1  = G_1
    ∂f/∂W2  = G tanh.(z1)ᵀ
    ∂f/∂b2  = G
    ∂f/∂W3  = r tanh.(z2)ᵀ
    ∂f/∂b3  = r
"""

import matcalc

LAYERS = """
let z1 = W1 x + b1
let z2 = W2 tanh.(z1) + b2
let r = W3 tanh.(z2) + b3 - y
"""

gradients = matcalc.differentiate("1/2 norm(r)^2", ["W1", "b1", "W2", "b2", "W3", "b3"], where=LAYERS)
print(gradients.derivation)
