"""Derivations: every line is true, and the textbook's are printed as the textbook prints them."""

import os
import random
from pathlib import Path

import numpy as np
import pytest

import matcalc

TEXTS = Path(__file__).parent / "cases" / "derivations.txt"


def printed(expression: str, variable: str) -> str:
    names = variable.split(", ")
    return str(matcalc.differentiate(expression, names if len(names) > 1 else variable).derivation)


def blocks() -> list[tuple[str, str, str]]:
    """Each printed derivation with the problem above it: a line `> expression | variable`."""
    found = []
    for block in TEXTS.read_text(encoding="utf-8").split("\n> ")[1:]:
        head, _, body = block.partition("\n")
        expression, variable = head.split(" | ")
        found.append((expression.strip(), variable.strip(), body.strip("\n")))
    return found


@pytest.mark.parametrize(("expression", "variable", "wanted"), blocks(), ids=lambda part: part[:40])
def test_printed_derivations(expression, variable, wanted):
    got = printed(expression, variable)
    if os.environ.get("MATCALC_REWRITE"):  # renews them all, to be reviewed in the diff
        TEXTS.write_text(TEXTS.read_text(encoding="utf-8").replace(wanted, got), encoding="utf-8")
    else:
        assert got == wanted


def test_steps_are_reachable_and_evaluate():
    d = matcalc.differentiate("tr(A B Aᵀ C)", "A")
    kinds = [s.kind for s in d.derivation.steps]
    assert kinds == ["definition", *["differential"] * 3, "answer"]
    assert all(isinstance(s.rules, tuple) for s in d.derivation.steps)
    rng = np.random.default_rng(0)
    arrays = {n: rng.standard_normal(s) for n, s in {"A": (2, 3), "B": (3, 3), "C": (2, 2), "dA": (2, 3)}.items()}
    values = [float(s.expression.evaluate(arrays)) for s in d.derivation.steps if s.kind == "differential"]
    assert values == pytest.approx([values[0]] * 3)
    assert d.derivation.trace
    assert all(step.rule and step.before and step.after for step in d.derivation.trace)


def test_each_of_several_variables_has_its_derivation():
    both = matcalc.differentiate("norm(W x + b)^2", ["W", "b"])
    assert "dW" in str(both["W"].derivation) and "db" not in str(both["W"].derivation)
    assert "dW" in str(both.derivation) and "db" in str(both.derivation)
    assert str(both.derivation).count("∂f/∂") == 2


def test_a_three_layer_network_reads_in_a_dozen_lines():
    f = "norm(W_3*tanh.(W_2*tanh.(W_1 x + b_1) + b_2) + b_3 - y)^2"
    d = matcalc.differentiate(f, "W_1")
    lines = str(d.derivation).splitlines()
    assert len(lines) <= 14
    assert any(line.startswith("let ") for line in lines)
    assert max(map(len, lines)) <= 160


def test_what_is_named_with_let_keeps_its_name():
    d = matcalc.differentiate("norm(z)^2", "W", where="let z = W x + b")
    assert str(d.derivation).startswith("let z = W x + b")


def test_of_the_variable_itself():
    assert "0" not in str(matcalc.differentiate("s", "s", shapes={"s": ()}, verify=True).derivation)


def test_it_is_the_same_in_every_run():
    texts = {str(matcalc.differentiate("x' A x + tr(A B) + det(A)", "A").derivation) for _ in range(3)}
    assert len(texts) == 1


def test_ascii_has_no_other_letters():
    d = matcalc.differentiate("λ phi(W X) + tr(X⁻¹)", random.Random(0).choice(["X"]))
    assert d.derivation.ascii().isascii()
    assert d.ascii().isascii()
