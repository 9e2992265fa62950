"""Matching: a factor of an entrywise product is found in a higher power of itself, and the rest is kept."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

X = np.array([[0.3, -1.2], [2.0, -0.1]])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(x, 0)


@pytest.mark.parametrize(
    ("text", "simplified", "value"),
    [
        ("X.^2 .* sign.(X)", "X ⊙ abs.(X)", X**2 * np.sign(X)),
        ("abs.(X).^3 .* sign.(X)", "X.^3", X**3),
        ("abs.(X).^5 .* sign.(X)", "X.^5", X**5),
        ("X.^4 .* sign.(X).^2", "X.^4", X**4),
        ("exp.(-X) .* sigmoid.(X).^3", "sigmoid.(X).^2 ⊙ (1 .- sigmoid.(X))", np.exp(-X) * sigmoid(X) ** 3),
        ("exp.(X) .* (1 .- sigmoid.(X)).^2", "sigmoid.(X) ⊙ (1 .- sigmoid.(X))", np.exp(X) * sigmoid(-X) ** 2),
        ("sin.(X).^3 ./ cos.(X)", "sin.(X).^2 ⊙ tan.(X)", np.sin(X) ** 3 / np.cos(X)),
        ("cos.(X).^3 ./ sin.(X).^2", "cos.(X) ⊘ tan.(X).^2", np.cos(X) ** 3 / np.sin(X) ** 2),
        ("relu.(X).^2 .* step.(X).^3", "relu.(X).^2", relu(X) ** 2),
        ("X.^-2 .* sign.(X)", "sign.(X) ⊘ X.^2", np.sign(X) / X**2),
        ("X.^2 .* (x ones(1, n))", "X.^2 ⊙ x ones(1, n)", X**2 * [[0.5], [-1]]),
    ],
)
def test_a_factor_is_found_in_a_higher_power(text, simplified, value):
    e = matcalc.parse(text)
    assert str(e) == simplified
    np.testing.assert_allclose(e.evaluate({"X": X, "x": [0.5, -1.0]}), value)


@pytest.mark.parametrize(
    ("text", "simplified"),
    [
        ("t^3 sign(t)", "t² |t|"),
        ("abs(t)^3 sign(t)", "t³"),
        ("exp.(x)/(sum(exp.(x)))^3", "softmax(x)/sum(exp.(x))²"),
        ("exp.(x) sum(exp.(x))", "sum(exp.(x)) exp.(x)"),
    ],
)
def test_factors_of_scalars_likewise(text, simplified):
    assert str(matcalc.parse(text)) == simplified
