"""Kinds and shapes by unification, the grouping of products, and what is refused."""

import pytest

from matcalc.errors import AmbiguityError, EvaluationError, MatcalcError, NameProblem, ParseError, ShapeError
from matcalc.expressions.nodes import postorder
from matcalc.language.tree import parse
from matcalc.normal_form.algebra import Algebra
from matcalc.rules import default
from matcalc.shapes.elaborate import Elaborated, Scope, elaborate, elaborate_all
from tests.project.limits import calls, ending


def read(text: str, shapes=None, assume=None, where: str = "") -> Elaborated:
    scope = Scope.of(default().aliases, shapes, assume, where)
    return elaborate(parse(text), text, scope, Algebra(default()))


def shapes_of(text: str, **more) -> dict[str, tuple]:
    return {name: e.shape for name, e in read(text, **more).symbols.items()}


def same(a: str, b: str, **more) -> bool:
    """Whether two texts are one expression, their names shared."""
    scope = Scope.of(default().aliases, **more)
    made = elaborate_all([(parse(a), a), (parse(b), b)], scope, Algebra(default()))
    return made.exprs[0] is made.exprs[1]


RECTANGULAR = {"X": ("m", "n"), "A": ("p", "m"), "B": ("n", "p"), "x": ("n",), "y": ("m",), "t": ()}
SQUARE = {"X": ("n", "n"), "A": ("n", "n"), "B": ("n", "n"), "x": ("n",), "t": ()}


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("tr(A B A' C)", {"A": ("m", "n"), "B": ("n", "n"), "C": ("m", "m")}),
        ("x' A x", {"x": ("n", 1), "A": ("n", "n")}),
        ("A x + b", {"A": ("m", "n"), "x": ("n", 1), "b": ("m", 1)}),
        ("kron(A, B) vec(X)", {"A": ("m", "n"), "B": ("p", "q"), "X": ("q", "n")}),
        ("(x ⊗ y)' A (x ⊗ y)", {"x": ("m", 1), "y": ("n", 1), "A": ("m·n", "m·n")}),
        ("x' x + ones(3)' x", {"x": (3, 1)}),
        ("logdet(I + A S)", {"A": ("m", "n"), "S": ("n", "m")}),
        ("n x' A x", {"n": (1, 1), "x": ("m", 1), "A": ("m", "m")}),
    ],
)
def test_shapes_are_inferred(text, shapes):
    if "n" in shapes:
        found = shapes_of(text, shapes={"n": ()})
    else:
        found = shapes_of(text)
    assert found == shapes


@pytest.mark.parametrize(
    ("text", "scalars"),
    [
        ("x / n", {"n"}),
        ("A^k", {"k"}),
        ("x' A x + c", {"c"}),
        ("sin(x)", {"x"}),
        ("|t + 1| + det(X)", {"t"}),
        ("1 + x", {"x"}),
    ],
)
def test_lowercase_names_are_scalars_where_only_that_fits(text, scalars):
    made = read(text)
    assert {name for name, e in made.symbols.items() if e.shape == (1, 1)} == scalars
    assert all(any(name in note for note in made.notes) for name in scalars)


def test_the_name_of_a_dimension_is_a_scalar():
    made = read("x / n", {"x": ("n",)})
    assert made.symbols["n"].shape == (1, 1) and made.expr.shape == ("n", 1)


def test_two_readings_of_lowercase_names_are_refused():
    with pytest.raises(AmbiguityError, match="scalar") as caught:
        read("t x")
    assert "scalar t" in caught.value.hint and "scalar x" in caught.value.hint


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("A x'y", "A (x'y)"),
        ("x y' z", "(y' z) x"),
        ("u' v w", "(u' v) w"),
        ("A x' y B", "(x' y) (A B)"),
        ("A (B + C)'", "A * (B + C)'"),
        ("(A (B + C))'", "(B + C)' A'"),
        ("A (B (C))'", "A C' B'"),
        ("x' (A x)", "x' A x"),
        ("b' (A x)", "b' A x"),
        ("log det(X)", "logdet(X)"),
        ("log det X", "logdet(X)"),
        ("inverse(X)", "X⁻¹"),
        ("transpose(X) Y", "X' Y"),
        ("X .+ 1", "X + ones(m, n)"),
        ("2 .* X", "2 X"),
        ("A .* B + 0", "A ⊙ B"),
        ("0.1 x", "1/10 x"),
        ("<A, B>", "A : B"),
        ("I x", "x"),
        ("1/2 x'x", "(x'x)/2"),
        ("x .* y ./ z", "(x .* y) ./ z"),
    ],
)
def test_readings(typed, meant):
    assert same(typed, meant)


def test_constants_give_way_to_variables():
    assert shapes_of("K x + E (A + B) y").keys() == {"K", "x", "E", "A", "B", "y"}
    assert read("K(m,n) vec(A)", {"A": ("m", "n")}).expr.shape == ("m·n", 1)
    assert read("e(1,n)' x").symbols["x"].shape == ("n", 1)


def test_functions():
    gradient = read("phi'(W X)", {"W": ("p", "m"), "X": ("m", "n")})
    assert gradient.expr.shape == ("p", "n")
    assert any("φ" in note for note in gradient.notes)
    assert read("f'(x)", where="function f(vector(n)) -> vector(m)").expr.shape == ("m", "n")
    assert read("phi''(x)", {"x": ("n",)}).expr.shape == ("n", "n")
    assert read("f'.(X)", {"X": ("m", "n")}).expr.shape == ("m", "n")
    assert read("F(X)", where="function F(matrix(m,n)) -> matrix(p,q)").expr.shape == ("p", "q")


def test_let_is_substituted_and_kept():
    made = read("norm(Z)^2", where="let Z = W x + b; let Y = W")
    assert set(made.lets) == {"Z"}
    assert made.symbols.keys() == {"W", "x", "b"}


@pytest.mark.parametrize(
    ("text", "shapes", "error", "words"),
    [
        ("kron(X)", RECTANGULAR, NameProblem, ["two arguments"]),
        ("det(X)", RECTANGULAR, ShapeError, ["square", "m×n"]),
        ("X : A", RECTANGULAR, ShapeError, ["':'", "m×n", "p×m"]),
        ("x^2", RECTANGULAR, ShapeError, ["x.^2", "x' x"]),
        ("tr(I)", RECTANGULAR, ShapeError, ["size of I", "I(n)"]),
        ("sum(X .* A)", RECTANGULAR, ShapeError, ["elementwise", "m×n"]),
        ("X + A", RECTANGULAR, ShapeError, ["add", "p×m"]),
        ("X + x", RECTANGULAR, ShapeError, ["vector"]),
        ("x x", RECTANGULAR, ShapeError, ["column", "x' x", "x x'"]),
        ("X A", RECTANGULAR, ShapeError, ["X (m×n)", "A (p×m)", "n and p"]),
        ("inv(x)", RECTANGULAR, ShapeError, ["square"]),
        ("x + 1", RECTANGULAR, AmbiguityError, ["ones(n)", ".+"]),
        ("1 + X", SQUARE, AmbiguityError, ["I + X", "1 .+ X"]),
        ("tr(X^t)", SQUARE, AmbiguityError, ["integer"]),
        ("tr(A / X)", SQUARE, AmbiguityError, ["A inv(X)", "A ./ X"]),
        ("1 / X", SQUARE, AmbiguityError, ["inv(X)", "./"]),
        ("tr(sin(X))", SQUARE, AmbiguityError, ["sin.(X)"]),
        ("tr(exp(X))", SQUARE, AmbiguityError, ["exp.(X)", "expm(X)"]),
        ("norm(X)", SQUARE, AmbiguityError, ["norm_F(X)", "norm_2(X)"]),
        ("y(X)", RECTANGULAR, ShapeError, ["y (", "not a function"]),
        ("tr X", SQUARE, NameProblem, ["parentheses"]),
        ("tr.(X)", SQUARE, NameProblem, ["entry by entry"]),
        ("F(X + A, A)", SQUARE, NameProblem, ["function F(matrix, matrix)"]),
        ("exp.X", SQUARE, ParseError, ["exp.(X)"]),
        ("A^B", SQUARE, AmbiguityError, ["exponent"]),
        ("rowsofmax(A)", SQUARE, NameProblem, ["softmax"]),
        ("tr(d(A) B)", SQUARE, MatcalcError, ["d(…)/dX"]),
        ("symetric matrix S(n, n)", SQUARE, ParseError, ["matrix"]),
        ("X[1]", SQUARE, ShapeError, ["X[i, j]"]),
        ("x/0", SQUARE, EvaluationError, ["zero"]),
        ("A ⋆ B", SQUARE, ShapeError, ["rule files"]),
        ("|X|", RECTANGULAR, AmbiguityError, ["abs.(X)", "norm_F(X)"]),
        ("x ⊗ C + x", {}, ShapeError, ["differ"]),
        ("⊗".join(["C"] * 101), {}, ShapeError, ["100"]),
    ],
)
def test_refusals_show_the_place_and_the_fix(text, shapes, error, words):
    with pytest.raises(error) as caught:
        read(text, shapes)
    message = str(caught.value)
    assert "^" in message
    assert all(word in message for word in words), message


@pytest.mark.parametrize(
    ("shapes", "assume", "words"),
    [
        ({"I": ("n", "n")}, {}, "identity"),
        ({"X": (-3, 4)}, {}, "positive"),
        ({"X": (0, 4)}, {}, "positive"),
        ({"X": ("m", "n", "p")}, {}, "dimensions"),
        ({"X": ("m", "n")}, {"X": "symmetric"}, "square"),
        ({"x": ("n",)}, {"x": "symmetric"}, "square"),
    ],
)
def test_declarations_that_cannot_be(shapes, assume, words):
    with pytest.raises(MatcalcError, match=words):
        read("sum(X)", shapes, assume)


def test_huge_dimensions_cost_nothing():
    big = 10**9
    assert read("tr(A X B)", {"A": (big, 2 * big), "X": (2 * big, 3 * big), "B": (3 * big, big)}).expr.shape == (1, 1)


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "tr(X' " + "(" * n + "X" + ")" * n + ")",
        lambda n: " ".join(["X"] * n),
        lambda n: "*".join(["X"] * n),
        lambda n: "+".join(["x"] * 10 * n),
        lambda n: "tr(X' X" + "'" * 10 * n + ")",
        lambda n: "A(B(" * (n // 3) + "C" + "))" * (n // 3),
        lambda n: "sin(" * (n // 5) + "t" + ")" * (n // 5),
    ],
    ids=["parentheses", "juxtaposed", "product", "sum", "transposes", "calls", "functions"],
)
def test_large_inputs_are_linear(text):
    shapes = dict.fromkeys("XABC", ("n", "n")) | {"t": ()}
    with ending():
        assert calls(lambda: read(text(4_000), shapes)) < 3 * calls(lambda: read(text(2_000), shapes))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("(B⁻¹)^alpha", "(B⁻¹).^alpha for the power of every entry, or expm(alpha logm(B⁻¹))"),
        ("(A B)^(alpha)", "(A B).^alpha for the power of every entry, or expm(alpha logm(A B))"),
        ("A^alpha", "A.^alpha for the power of every entry, or expm(alpha logm(A))"),
        ("(A)(B)^(2 alpha)", "B.^(2 alpha) for the power of every entry, or expm((2 alpha) logm(B))"),
        ("((A) (B))^alpha", "((A) (B)).^alpha for the power of every entry, or expm(alpha logm((A) (B)))"),
    ],
)
def test_brackets_are_quoted_once(text, hint):
    with pytest.raises(AmbiguityError) as refused:
        read(text)
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("e(2, 3)' e", {"e": (3,)}),
        ("e(2, 3) (e' e)", {"e": (3,)}),
        ("K(2, 3) K", {"K": (6, 6)}),
        ("tr(E(1, 2, m, n)' E)", {"E": ("m", "n")}),
    ],
)
def test_a_variable_may_have_the_name_of_a_constant(text, shapes):
    """It is the same expression whether the variable was declared or only used."""
    assert read(text, shapes=shapes).expr is read(text, shapes=shapes).expr
    assert read(text, shapes=shapes).notes == ()
    variable = next(iter(shapes))
    assert {e.head for e in postorder(read(text, shapes=shapes).expr)} & {"unit", "entry", "commutation"}
    assert read(text, shapes=shapes).symbols[variable].shape == (*shapes[variable], 1)[:2]


@pytest.mark.parametrize(
    "text", ["unvec(c)", "sum(unvec(c))", "A + sum(unvec(c)) I", "firstpart(A)", "sum(padbefore(A))"]
)
def test_sizes_that_nothing_tells_are_asked_for(text):
    with pytest.raises(ShapeError, match="cannot be told") as refused:
        read(text)
    assert refused.value.hint.startswith("Write them behind its arguments")


@pytest.mark.parametrize(
    "text", ["unvec(c, m, n)", "unvec(c) + A", "tr(unvec(c))", "unvec(c) x", "unvec(c)' x", "unvech(c)", "vec(A)' c"]
)
def test_sizes_that_something_tells_are_not_asked_for(text):
    shapes = {"x": (3,), "c": (12,)} if "x" in text else None
    assert read(text, shapes=shapes).expr
