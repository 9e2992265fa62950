"""Forty digits and floating-point numbers are of one value, and what is complex or singular is said to be so."""

import numpy as np
import pytest

import matcalc
from matcalc.checking.points import random_points
from matcalc.evaluation.precise import Precise
from matcalc.evaluation.precise_matrices import NotTold, NoValue
from matcalc.evaluation.sizes import size_choices
from matcalc.language.code import compiled, parse_code
from matcalc.normal_form.algebra import Algebra
from matcalc.rules import default

PRECISE = Precise(40)
OPERATORS = [o for o in default().operators.values() if o.code is not None and o.code.numpy]


def test_every_operator_has_a_value():
    """By code, by a definition, or by the laws of the structural heads."""
    book = default()
    book.all_rules()
    valued = {o.name for o in OPERATORS} | set(book.rules.definitions) | {"mul", "had", "scale", "transpose", "inv"}
    assert set(book.operators) == valued


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda o: o.name)
def test_what_its_code_names_is_known_in_any_digits(operator):
    compiled(parse_code(operator.code.numpy), PRECISE.meanings)


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda o: o.name)
def test_the_values_are_those_of_floating_point(operator):
    algebra = Algebra(default().plain())
    args = [algebra.symbol(f"X{i}", p, properties=_properties(operator.name)) for i, p in enumerate(operator.params)]
    e = algebra.apply(operator.name, args, operator.result)
    compared = 0
    for sizes in list(size_choices(e))[:4]:
        for point in random_points([e], sizes, 0):
            if operator.name in ("polygamma", "kronecker_power"):
                point.paths["X0" if operator.name == "polygamma" else "X1"] = lambda t: np.full((1, 1), 2.0)
            arrays = {name: path(0.0) for name, path in point.paths.items()}
            (found,) = PRECISE.evaluate([e], arrays, sizes, {})
            if PRECISE.is_real(found):
                rough = np.asarray(e.evaluate(point.matrices() | sizes)).reshape(point.shape(e))
                exact = np.array([[float(PRECISE.ctx.re(x)) for x in row] for row in found])
                assert np.allclose(rough, exact, rtol=1e-6, atol=1e-8), (operator.name, sizes)
                compared += 1
                break
    assert compared >= 2


def _properties(name: str) -> frozenset[str]:
    return frozenset({"spd"} if name in ("chol", "lambda_max", "lambda_min", "max_projector", "min_projector") else ())


@pytest.mark.parametrize(
    ("text", "values", "wanted"),
    [
        ("exp(log(t))", {"t": -2.0}, "-2"),
        ("sqrt(t)", {"t": -4.0}, "0.0 + 2.0 i"),
        ("log(t)", {"t": -1.0}, "0.0 + 3.1415927 i"),
        ("(1 + t) - 1", {"t": 1e-30}, "1.0e-30"),
    ],
)
def test_principal_values_and_many_digits(text, values, wanted):
    e = matcalc.parse(text, shapes={"t": ()}, rules=default().plain())
    (found,) = PRECISE.evaluate([e], {"t": np.array([[values["t"]]])}, {}, {})
    assert PRECISE.shown(found[0, 0]) == str(wanted) or float(PRECISE.shown(found[0, 0])) == float(wanted)


@pytest.mark.parametrize(
    ("text", "matrix", "why"),
    [
        ("inv(A)", [[1.0, 2.0], [2.0, 4.0]], NoValue),
        ("logdet(A)", [[1.0, 2.0], [2.0, 4.0]], NoValue),
        ("log(det(A) - det(A'))", [[1.0, 2.0], [2.0, 4.0]], NoValue),
        ("chol(A)", [[1.0, 0.0], [0.0, -1.0]], NoValue),
        ("polar(A)", [[1.0, 2.0], [2.0, 4.0]], NotTold),
        ("expm(A)", [[1e9, 0.0], [0.0, 0.0]], NotTold),
    ],
)
def test_what_has_no_value(text, matrix, why):
    e = matcalc.parse(text, shapes={"A": ("n", "n")}, rules=default().plain())
    assert isinstance(PRECISE.evaluate([e], {"A": np.array(matrix)}, {"n": 2}, {})[0], why)


def test_a_root_without_eigenvectors_and_its_logarithm():
    a = np.array([[4.0, 1.0], [0.0, 4.0]])
    root, logarithm = PRECISE.sqrtm(PRECISE.lifted(a)), PRECISE.logm(PRECISE.lifted(a))
    assert PRECISE.largest(root @ root - a) < 1e-30
    assert PRECISE.largest(PRECISE.expm(logarithm) - a) < 1e-30


def test_a_decomposition_that_does_not_converge_tells_nothing():
    def endless(matrix):
        raise RuntimeError("qr: failed to converge after 30 steps")

    with pytest.raises(NotTold):
        PRECISE.iterated(endless, PRECISE.identity(2))
