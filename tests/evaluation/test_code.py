"""What a `code` clause says is read, looked up among what is allowed, and held against the definition."""

import numpy as np
import pytest

import matcalc
from matcalc.checking.code import check_code
from matcalc.errors import MatcalcError, RuleError
from matcalc.evaluation.code import FUNCTIONS, function_of, in_floats
from matcalc.language.code import parse_code
from matcalc.rules import default

CODED = [o for o in default().operators.values() if o.code is not None]

HUBER = """
operator huber : m×n -> m×n   elementwise even
    code numpy "{}"
definition huber: huber.(X) = 1/2 X.^2 ⊙ step.(1 .- abs.(X)) + (abs.(X) .- 1/2) ⊙ step.(abs.(X) .- 1)
differential huber: d(huber.(X)) = (X ⊙ step.(1 .- abs.(X)) + sign.(X) ⊙ step.(abs.(X) .- 1)) ⊙ dX
"""
RIGHT = "np.where(np.abs({1}) <= 1, {1}**2 / 2, np.abs({1}) - 1/2)"


@pytest.mark.parametrize(
    ("text", "places", "wanted"),
    [
        ("-{1}**2 + 3 * {1} / 2", {"1": 4.0}, -10.0),
        ("({1} - 1) @ {2}", {"1": np.eye(2), "2": np.ones(2)}, [-1.0, -1.0]),
        ("{1}[0, 1:]", {"1": np.arange(6.0).reshape(2, 3)}, [1.0, 2.0]),
        ("{1}[-1]", {"1": np.arange(3.0)}, 2.0),
        ("{1}[:{k}]", {"1": np.arange(3.0), "k": 2}, [0.0, 1.0]),
        ("np.sum({1}, axis=0, keepdims=True)", {"1": np.ones((2, 2))}, [[2.0, 2.0]]),
        ("np.linalg.norm({1}, np.inf)", {"1": np.array([1.0, -3.0])}, 3.0),
        ("np.reshape({1}, ({m}, -1), order='F')", {"1": np.arange(4.0), "m": 2}, [[0.0, 2.0], [1.0, 3.0]]),
        ("1e-3 * {1}", {"1": 2.0}, 0.002),
        ("np.where({1} != 0, 1, 2)", {"1": np.array([0.0, 5.0])}, [2, 1]),
    ],
)
def test_the_value_of_a_clause(text, places, wanted):
    np.testing.assert_array_equal(in_floats(text)(places), wanted)


@pytest.mark.parametrize(
    "text", ["", "{1", "{0}", "np.sum(", "np.sum()", "{1} {2}", "lambda x: x", "{1}.T", "f'{1}'", "__import__('os')",
             "[{1}]", "{1} if {2} else 3", "np.sum(axis=0, {1})", "('os'.system)", "np.sum({1})('x')", "12345678 * {1}",
             "x := 1", "+" * 400, "'\\x41'", "np.\nsum"],
)  # fmt: skip
def test_what_is_no_clause_is_refused(text):
    with pytest.raises(MatcalcError):
        parse_code(text)


@pytest.mark.parametrize(
    "name", ["np.load", "np.fromfile", "np.save", "np.vectorize", "np.apply_along_axis", "np.frompyfunc", "np.memmap",
             "np.lib.format.open_memmap", "np.sum.__class__", "os.system", "eval", "builtins.eval", "matcalc.parse",
             "np.linalg", "scipy.io.loadmat", "np.random.rand", "np.ctypeslib.load_library", "np.linalg.linalg.np.load",
             "np.errstate", "np.fromstring", "np.arange", "np.full", "np.tile", "np.repeat"],
)  # fmt: skip
def test_what_does_more_than_compute_is_not_looked_up(name):
    with pytest.raises(MatcalcError, match="is no function"):
        function_of(name)


@pytest.mark.parametrize("module", ["np", "np.linalg", "matcalc"])
def test_what_is_allowed_is_there(module):
    assert all(callable(function_of(f"{module}.{name}")) for name in FUNCTIONS[module])


@pytest.mark.parametrize("module", ["scipy.linalg", "scipy.special"])
def test_what_is_allowed_of_scipy_is_there_where_scipy_is(module):
    pytest.importorskip("scipy")
    assert all(callable(function_of(f"{module}.{name}")) for name in FUNCTIONS[module])


@pytest.mark.parametrize("operator", CODED, ids=lambda o: o.name)
def test_the_clauses_that_come_with_matcalc_are_right(operator):
    """NumPy's functions are there, and SymPy's value is that of NumPy's."""
    book = default()
    entry = next(e for e in book.entries if e.key == f"operator {operator.name}")
    check_code(operator, book, entry)


def test_sympy_s_value_is_held_against_that_of_numpy():
    with pytest.raises(RuleError, match="its code in SymPy and its value are"):
        matcalc.rules.load(HUBER.format(RIGHT + '"\n    code sympy "sympy.Abs({1})'))


def test_an_operator_is_exported_to_sympy():
    sympy = pytest.importorskip("sympy")
    rules = (
        'operator sinus : m×n -> m×n   elementwise odd\n    code numpy "np.sin({1})"\n    code sympy "sympy.sin({1})"'
    )
    t = sympy.Symbol("t")
    assert matcalc.parse("sinus(t)", rules=rules).sympy() == sympy.sin(t)
    rules = (
        'operator average : m×n -> scalar\n    code numpy "np.mean({1})"\n    code sympy "sympy.Add({1}) / ({m} * {n})"'
    )
    made = matcalc.parse("average(x)", shapes={"x": ("n",)}, rules=rules).sympy()
    x, n = (
        sympy.MatrixSymbol("x", sympy.Symbol("n", integer=True, positive=True), 1),
        sympy.Symbol("n", integer=True, positive=True),
    )
    explicit = made.subs(n, 3).subs(sympy.MatrixSymbol("x", 3, 1), sympy.ImmutableMatrix([1, 2, 6]))
    assert x in made.atoms(sympy.MatrixSymbol)
    assert explicit.doit() == 3


@pytest.mark.parametrize("name", ["sympy.sympify", "sympy.parse_expr", "sympy.lambdify", "os.system", "np.sin"])
def test_what_does_more_than_compute_is_not_looked_up_in_sympy(name):
    pytest.importorskip("sympy")
    with pytest.raises(RuleError, match="is nothing of SymPy's"):
        matcalc.rules.load(HUBER.format(RIGHT + f'"\n    code sympy "{name}({{1}})'))


def test_an_operator_evaluates_by_its_code():
    rules = 'operator hypotenuse : scalar, scalar -> scalar\n    code numpy "np.hypot({1}, {2})"'
    assert float(matcalc.parse("hypotenuse(s, t)", rules=rules).evaluate({"s": 3, "t": 4})) == 5


def test_an_operator_differentiates_with_its_code_and_without_a_definition():
    rules = "\n".join(HUBER.format(RIGHT).splitlines()[:3] + HUBER.format(RIGHT).splitlines()[4:])
    d = matcalc.differentiate("sum(huber.(x))", "x", rules=rules, verify=True)
    np.testing.assert_allclose(d.evaluate({"x": [-3.0, -0.5, 0.25, 2.0]}), [-1.0, -0.5, 0.25, 1.0])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (RIGHT.replace("<= 1", "<= 2"), "its code and its definition are"),
        (RIGHT.replace("1/2", "1/3"), "its code and its definition are"),
        ("np.sum({1})", "the code makes an array of 0 axes"),
        ("{1}[:1]", "its code and its definition are"),
        ("{1}[99]", "has no value here"),
        ("np.abs({1}, {2})", "stands for no argument"),
        ("np.abs({k})", "is no size of the operator; the sizes are m, n"),
        ("np.linalg.nrm({1})", "np.linalg.norm"),
        ("np.abs({1}", "ends too soon"),
        ("np.abs({1}) %", "cannot stand here"),
        ("np.abs({1}, nonsense=1)", "has no value here"),
        ("np.kron({1}, {1})", "its code and its definition are"),
    ],
)
def test_a_wrong_clause_is_refused_with_the_place_and_the_reason(code, said):
    with pytest.raises(RuleError, match="<rules>:2: operator huber") as refusal:
        matcalc.rules.load(HUBER.format(code))
    assert said in str(refusal.value)


def test_a_definition_that_rounds_is_not_held_against_the_code():
    """log(1 + x) - x of small x is nothing but rounding; in forty digits it is what the code says."""
    matcalc.rules.load(
        "operator expm1 : m×n -> m×n   elementwise\n"
        '    code numpy "np.expm1({1})"\n'
        "definition expm1: expm1.(X) = exp.(X) .- 1"
    )


def test_where_the_code_has_no_definition_the_differential_is_held_against_it():
    with pytest.raises(RuleError, match="differential cubed: it is not true"):
        matcalc.rules.load(
            "operator cubed : m×n -> m×n   elementwise odd\n"
            '    code numpy "{1}**3"\n'
            "differential cubed: d(cubed.(X)) = 2 X.^2 ⊙ dX"
        )


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ('code fortran "SUM({1})"', 'written `code numpy "…"`'),
        ('code "np.sum({1})"', 'written `code numpy "…"`'),
        ("code numpy np.sum({1})", 'written `code numpy "…"`'),
        ('code numpy "np.sum({1})', "a quotation is not closed"),
        ('code numpy "np.abs({1})"\n    code numpy "{1}"', "there are two clauses 'code numpy'"),
    ],
)
def test_how_a_clause_is_written(clause, said):
    with pytest.raises(RuleError) as refusal:
        matcalc.rules.load(f"operator f : m×n -> m×n\n    {clause}")
    assert said in str(refusal.value)
    assert "<rules>:" in str(refusal.value)


def test_only_operators_have_code():
    with pytest.raises(RuleError, match="is a clause of operators"):
        matcalc.rules.load('simplify a: X + X = 2 X\n    code numpy "{1}"')
