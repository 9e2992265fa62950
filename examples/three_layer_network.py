"""Backpropagation through three layers, as a derivation: one gradient for each weight and bias.

Prints:

"""

import matcalc

LAYERS = """
let z1 = W1 x + b1
let z2 = W2 tanh.(z1) + b2
let r = W3 tanh.(z2) + b3 - y
"""

gradients = matcalc.differentiate("1/2 norm(r)^2", ["W1", "b1", "W2", "b2", "W3", "b3"], where=LAYERS)
print(gradients.derivation)
