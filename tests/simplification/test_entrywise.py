"""Identities of scalar functions: when SymPy is asked, what it is not asked, and that its answers are checked."""

import subprocess
import sys

import pytest
import sympy

import matcalc
from matcalc.expressions.dimensions import SCALAR
from matcalc.normal_form.algebra import Algebra
from matcalc.rules import default
from matcalc.simplification import entrywise as scalars
from matcalc.simplification import entrywise_sympy as identities
from matcalc.simplification.shortest import pleasant

NAMES = dict.fromkeys("abcdstuv", ()) | {"x": ("n",), "X": ("m", "n"), "A": ("m", "n"), "y": ("n",)}

TEXTBOOK = """
x' A x, norm(A x - b)^2 + λ norm(x)^2, sum(log.(1 .+ exp.(-(y ⊙ (A x))))), logsumexp(A x), y' softmax(x)
sum(tanh.(A tanh.(B x))), sum(softplus.(A x)), sum(x ./ (1 .+ x)), sum(1 ./ (1 .+ x.^2)), norm(sigmoid.(A x) - y)^2
exp(-norm(x)^2/2), x' x/(1 + x' x), sum(sin.(x)) + sum(cos.(A y ⊙ x)), sum(exp.(x) ⊙ sin.(x)), sqrt(1 + x' x)
"""


def parsed(text: str) -> matcalc.Expr:
    return matcalc.parse(text, shapes=NAMES)


def simplified(text: str) -> str:
    return str(matcalc.simplify(text, shapes=NAMES))


@pytest.fixture
def asked(monkeypatch):
    """The regions that SymPy is asked about."""
    regions = []
    real = scalars._shorter

    def spy(algebra, e, region, shortest):
        regions.append(str(e))
        return real(algebra, e, region, shortest)

    monkeypatch.setattr(scalars, "_shorter", spy)
    return regions


def test_textbook_problems_do_not_import_sympy():
    problems = [p.strip() for line in TEXTBOOK.strip().splitlines() for p in line.split(", ")]
    code = (
        "import sys, matcalc\n"
        f"for f in {problems!r}:\n"
        "    str(matcalc.differentiate(f, 'x').derivation)\n"
        "    assert 'sympy' not in sys.modules, f\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("sin(t)^2 + cos(t)^2", "1"),
        ("1 - sin(t)^2", "cos(t)²"),
        ("2 sin(t) cos(t)", "sin(2 t)"),
        ("cos(t)^2 - sin(t)^2", "cos(2 t)"),
        ("2 cos(t)^2 - 1", "cos(2 t)"),
        ("sin(2 t)/cos(t)", "2 sin(t)"),
        ("sin(a t)^2 + cos(a t)^2 + b", "1 + b"),
        ("cosh(t)^2 - sinh(t)^2", "1"),
        ("sqrt(1 - tanh(t)^2)", "1/cosh(t)"),
        ("(exp(2 t) - 1)/(exp(2 t) + 1)", "tanh(t)"),
        ("(t^3 - 1)/(t - 1)", "1 + t + t²"),
        ("t^2/(t + t^2)", "t/(1 + t)"),
        ("(s^2 - t^2)/(s + t)", "s - t"),
        ("sin.(X).^2 + cos.(X).^2", "ones(m, n)"),
        ("sin.(X).^2 + cos.(X).^2 + s A", "1 .+ s A"),
        ("(X.^2 .- t^2) ./ (X .- t)", "X .+ t"),
        ("f.(sin.(X).^2 + cos.(X).^2) ⊙ A", "A ⊙ f.(ones(m, n))"),
        ("(X.^2 .- 1) ./ (X .- 1) * softmax(x)", "(1 .+ X) softmax(x)"),
        ("exp(sin(t)^2 + cos(t)^2) norm(x) (sin(t)^2 + cos(t)^2)", "exp(1) ‖x‖"),
        ("exp(t) - sinh(t)", "cosh(t)"),
        ("(sin(t) + cos(t))^2 - sin(2 t)", "1"),
    ],
)
def test_shorter_forms(text, shorter):
    assert simplified(text) == shorter


@pytest.mark.parametrize(
    "text",
    [
        "1 - tanh(t)^2",
        "sigmoid(t) (1 - sigmoid(t))",
        "sin(s) cos(t)",
        "sin(9 t) cos(t)",
        "t/(1 + t^2)",
        "exp(t) sin(t)",
        "exp(t) (sin(t) + cos(t))",
        "sin(2 t) - t^2 cos(t)",
        "cos(t) cos(sin(t)) cos(sin(sin(t)))",
        "exp(2 t) + exp(t)",
        "sinh(s) + cosh(t)",
        "1/(1 + s) + 1/(1 + t)",
        "tanh.(A) ⊙ (1 .- tanh.(A).^2)",
    ],
)
def test_what_no_identity_relates_is_not_asked(text, asked):
    simplified(text)
    assert asked == []


@pytest.mark.parametrize(
    "text",
    [
        "(a + b + c + d + s) sin(t) cos(t)",
        "(a - 1)^300/(a^2 - 1)",
        "(a + b + c + d)^20/(a + b + c + d + 1)",
        "(a^t - 1)/(a - 1) + b^t",
        "sin(sin(sin(sin(sin(sin(t)))))) cos(sin(sin(sin(sin(sin(t))))))",
        "sqrt(2) cos(t) sin(t)",
    ],
)
def test_what_would_take_long_is_not_asked(text, asked):
    """A part of it may be."""
    e = pleasant(Algebra(default()), parsed(text))
    assert str(e) not in asked
    assert all(len(region) < 60 for region in asked)


def test_a_part_of_what_is_too_large_is_asked():
    assert simplified("(a + b + c + d + s) (1 - sin(t)^2)") == "(a + b + c + d + s) cos(t)²"


@pytest.mark.parametrize("chain", ["tanh", "sigmoid", "softplus", "sin", "exp", "atan"])
@pytest.mark.parametrize("depth", [3, 200])
def test_long_compositions_need_no_sympy(chain, depth, asked):
    t = f"{chain}.(" * depth + "x" + ")" * depth
    d = matcalc.differentiate(f"sum({t})", "x")
    assert d.expression.shape == ("n", 1)
    assert asked == []


def test_equal_shapes_are_asked_once():
    simplified("a sin(t) cos(t)")
    before = identities._forms.cache_info()
    simplified("s sin(u) cos(u)")
    after = identities._forms.cache_info()
    assert after.misses == before.misses


def test_a_wrong_form_is_not_used(monkeypatch):
    wrong = sympy.Symbol("x1", real=True)
    monkeypatch.setattr(identities, "forms", lambda skeleton: (wrong, wrong + sympy.zoo, sympy.Function("g")(wrong)))
    assert simplified("sin(t) cos(t)") == "cos(t) sin(t)"


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        ("t^2/t", "t", True),
        ("(t^2 - 1)/(t - 1)", "t + 1", True),
        ("t + 1", "(t^2 - 1)/(t - 1)", False),
        ("sin(t)", "tan(t) cos(t)", True),
        ("sqrt(t^2)", "t", False),
        ("sqrt(t)^2", "t", True),
        ("1 + t", "1 + t + 10^-6", False),
        ("log(t^2)", "2 log(t)", False),
        ("log(-1 - t^2)", "t", False),
        ("s t", "s u", False),
    ],
)
def test_values_are_compared(old, new, equal):
    assert identities.agree(parsed(old), parsed(new)) is equal


def test_a_form_is_written_in_matrices_and_scalars():
    algebra = Algebra(default())
    x1, x2 = sympy.symbols("x1 x2", real=True)
    X, t = parsed("X"), parsed("t")
    made = identities.translated(algebra, 1 + x2 + x2 * sympy.sec(x1) * sympy.sqrt(x2), [X, t], X.shape)
    assert made is parsed("(1 + t) .+ t^(3/2) ./ cos.(X)")
    assert identities.translated(algebra, x2**2, [X, t], X.shape) is parsed("t^2 ones(m, n)")
    assert identities.translated(algebra, sympy.I * x2, [X, t], X.shape) is None
    assert identities.translated(algebra, sympy.zeta(x2), [t, t], SCALAR) is None


@pytest.mark.parametrize(
    "text", ["sum(sin.(A x).^2)", "norm(x)^2 sin(norm(x)^2) cos(norm(x)^2)", "sum(x ./ (x + x.^2))"]
)
def test_every_line_of_the_derivation_stays_true(text):
    matcalc.differentiate(text, "x", verify=True)
