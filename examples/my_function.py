"""Functions of one's own, made differentiable by the rule file beside this script, with no Python.

Prints:

    ∂f/∂X = center(X) + sigmoid.(X) ⊙ (1 .+ X ⊙ (1 .- sigmoid.(X)))
    agrees with NumPy: True
"""

from pathlib import Path

import numpy as np

import matcalc

rules = matcalc.rules.load(Path(__file__).with_name("my_function.rules"))

d = matcalc.differentiate("1/2 norm_F(center(X))^2 + sum(swish.(X))", "X", rules=rules)
print("∂f/∂X =", d)

# The definitions give numbers: columns are centered, and swish is x sigmoid(x).
X = np.array([[1.0, 2.0], [3.0, 6.0]])
s = 1 / (1 + np.exp(-X))
expected = (X - X.mean(axis=0)) + s * (1 + X * (1 - s))
print("agrees with NumPy:", np.allclose(d.evaluate({"X": X}), expected))
