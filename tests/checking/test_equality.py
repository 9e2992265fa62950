"""`equal` tells apart what differs anywhere, and says how it knows."""

import pytest

import matcalc

SQUARE = {"A": ("n", "n"), "B": ("n", "n")}
WOODBURY = {"B": ("p", "n"), "C": ("m", "p"), "K": ("m", "p"), "W": ("m", "m")}


@pytest.mark.parametrize(
    ("left", "right", "context"),
    [
        # a scalar of one sign only
        ("abs(t)", "t", {}),
        ("sign(t)", "1", {}),
        ("relu(t)", "t", {}),
        ("sqrt(t^2)", "t", {}),
        ("norm(t x)", "t norm(x)", {"shapes": {"x": ("n",), "t": ()}}),
        ("norm_inf(x)", "max(x)", {}),
        # a kink far away, or two that are near each other
        ("abs(t - 10)", "10 - t", {}),
        ("sin(t)", "sin(t) + relu(t - 50)", {}),
        ("sin(t)", "sin(t) + relu(t - 50) relu(51 - t)", {}),
        ("relu((t - 50) (51 - t))", "0", {}),
        ("sum(x)", "sum(x) + sum(relu.(x .- 300))", {}),
        ("t", "max(vstack(t, -400))", {"shapes": {"t": ()}}),
        ("sign(t)^2", "1", {}),
        # a branch
        ("logm(expm(A))", "A", {"shapes": SQUARE}),
        ("sqrtm(A^2)", "A", {"shapes": SQUARE}),
        ("asin(sin(t))", "t", {}),
        ("atan(tan(t))", "t", {}),
        ("log(t^2)", "2 log(t)", {}),
        ("log(a b)", "log(a) + log(b)", {"shapes": {"a": (), "b": ()}}),
        ("sqrt(a b)", "sqrt(a) sqrt(b)", {"shapes": {"a": (), "b": ()}}),
        # a small constant, absolutely or relatively
        ("exp(t)", "exp(t) + 1e-10", {}),
        ("exp(t)", "exp(t) + exp(-1000)", {}),
        ("sin(t + 1e-12)", "sin(t)", {}),
        ("x' x", "x' x + 1e-15", {}),
        ("exp.(X)", "exp.(X) + 1e-14 X", {}),
        # a rank
        ("pinv(A) A", "I", {"shapes": SQUARE}),
        ("pinv(B) B", "I", {"shapes": {"B": ("m", "n")}}),
        ("det(x y')", "0", {"shapes": {"x": ("n",), "y": ("n",)}}),
        ("tr(P)", "n", {"where": "idempotent matrix P(n, n)"}),
        ("g(W_2)", "g(W_2')", {"where": "idempotent matrix W_2(3, 3); function g(matrix(3, 3)) -> vector(3)"}),
        ("det(Q)", "1", {"where": "orthogonal matrix Q(n, n)"}),
        ("det(K)", "0", {"where": "skew matrix K(n, n)"}),
        # a function that may be anything is neither odd nor even, nor bounded, of whatever kind it is
        ("sin(h(t))", "sin(h(abs(t)))", {"where": "function h(scalar) -> scalar"}),
        ("h''(t)", "h''(abs(t))", {"where": "function h(scalar) -> scalar"}),
        ("f.(X)", "f.(-X)", {"where": "elementwise function f"}),
        ("f.(sqrt.(X))", "abs.(f.(sqrt.(X)))", {"where": "elementwise function f; positive matrix X(2, 2)"}),
        ("f'.(x)", "abs.(f'.(x))", {"where": "elementwise function f; positive vector x(n)"}),
        ("norm_F(F(b))", "norm_F(F(-b))", {"where": "function F(vector) -> matrix"}),
        ("r(t)", "r(abs(t))", {"where": "function r(scalar) -> vector(n)"}),
        ("norm(r(t))", "norm(r(-t))", {"where": "function r(scalar) -> vector(n)"}),
        ("S''(t)", "S''(-t)", {"where": "function S(scalar) -> matrix(m, n)"}),
        ("phi''(x)", "phi''(-x)", {"where": "function phi(vector) -> scalar"}),
        ("F'(X)[H]", "F'(X)[abs.(H)]", {"where": "function F(matrix) -> matrix(2, 3)"}),
        ("F'(X)*[H]", "F'(-X)*[H]", {"where": "function F(matrix) -> matrix(2, 3)"}),
        ("max(F(X))", "min(vstack(max(F(X)), 50))", {"where": "function F(matrix) -> matrix(2, 3)"}),
        # a small region, where entries are equal, or on the way through 0
        ("s", "s + relu(t) relu(1e-3 - t)", {"shapes": {"s": (), "t": ()}}),
        ("t", "t + relu(0.01 - norm(x .+ 7))", {"shapes": {"x": ("n",), "t": ()}}),
        # what holds for small sizes only
        ("tr(S)", "norm_F(sqrtm(abs.(S)))^2", {"where": "spd matrix S(n, n)"}),
        ("A^3", "tr(A) A^2 - (tr(A)^2 - tr(A^2))/2 A + det(A) I", {"shapes": SQUARE}),
        ("(A B - B A)^2 C", "C (A B - B A)^2", {"shapes": SQUARE | {"C": ("n", "n")}}),
        # what would need more than forty digits
        ("exp(t)", "exp(t) + exp(-1000)", {"shapes": {"t": ()}}),
        ("inv(A + x y')", "inv(A) - inv(A) x y' inv(A)/(1 + y' inv(A) x) .+ exp(-1000)", {"shapes": SQUARE}),
        # sizes that an operation ties to others, or an index demands
        ("unvech(vech(a A))", "2 unvech(vech(a A))", {"shapes": {"a": (2,), "A": (1, 2)}}),
        ("kronleft(A, B)", "-kronleft(A, B)", {"shapes": {"A": (6, 6), "B": (2, 3)}}),
        ("x[7]", "x[6]", {}),
        # an order of factors, or of arguments
        ("A B", "B A", {"shapes": SQUARE}),
        ("expm(A + B)", "expm(A) expm(B)", {"shapes": SQUARE}),
        ("phi(x, y)", "phi(y, x)", {"shapes": {"x": ("n",), "y": ("n",)}}),
    ],
)
def test_what_differs_somewhere_is_not_equal(left, right, context):
    found = matcalc.equal(left, right, **context)
    assert found.verdict == "not equal" and not found and found.proved


@pytest.mark.parametrize(
    ("left", "right", "context"),
    [
        ("norm(t x)", "abs(t) norm(x)", {"shapes": {"x": ("n",), "t": ()}}),
        ("sqrt(a b)", "sqrt(a) sqrt(b)", {"where": "positive scalar a; positive scalar b"}),
        ("sin(2 t)", "2 sin(t) cos(t)", {"shapes": {"t": ()}}),
        ("expm(logm(A))", "A", {"shapes": SQUARE}),
        ("sin(asin(t))", "t", {}),
        ("log(t^3)", "3 log(t)", {}),
        ("logdet(A B)", "logdet(A) + logdet(B)", {"shapes": SQUARE}),
        ("tr(logm(S))", "logdet(S)", {"where": "spd matrix S(n, n)"}),
        ("norm_2(B)^2", "lambda_max(B' B)", {}),
        ("tanh(t)", "(exp(2 t) - 1)/(exp(2 t) + 1)", {"shapes": {"t": ()}}),
        ("log.(x.^2)", "2 log.(abs.(x))", {}),
        ("abs(t - 10)", "relu(t - 10) + relu(10 - t)", {}),
        ("pinv(A)", "inv(A)", {"shapes": SQUARE}),
        ("(exp(2 t) - 1)/(exp(2 t) + 1)", "tanh(t)", {"where": "let t = s^3"}),
        ("(1 - sigmoid(t)) exp(t)", "sigmoid(t)", {}),
        ("logm(expm(S))", "S", {"where": "symmetric matrix S(n, n)"}),
        ("a^t", "exp(t log(a)) + sin(sinh(u))^2 + cos(sinh(u))^2 - 1", {"where": "positive scalar a"}),
    ],
)
def test_what_nothing_proves_agrees_in_numbers(left, right, context):
    found = matcalc.equal(left, right, **context)
    assert found.verdict in ("agrees in numbers", "equal") and found
    assert found.proved == (found.verdict == "equal")


@pytest.mark.parametrize(
    ("left", "right", "context"),
    [
        ("(A + B)' (A + B)", "A' A + A' B + B' A + B' B", {}),
        ("phi(A (B + C))", "phi(A B + A C)", {}),
        ("exp.(X) .* (X + Y)", "exp.(X) .* X + exp.(X) .* Y", {}),
        ("norm(x)^2", "x' x", {}),
        ("norm(x)^3", "norm(x) x' x", {}),
        ("det(Q)^2", "1", {"where": "orthogonal matrix Q(n, n)"}),
        ("(2 P - I)^2", "I", {"where": "idempotent matrix P(n, n)"}),
        ("hstack(A, B) vstack(C, D)", "A C + B D", {"shapes": dict.fromkeys("ABCD", ("n", "n"))}),
        ("kron(A, B) - kron(A, C)", "kron(A, B - C)", {}),
        ("x[2] + x[1]", "x[1] + x[2]", {"shapes": {"x": (3,)}}),
        ("vech(A + B)", "vech(B) + vech(A)", {"shapes": SQUARE}),
        ("inv(A) + inv(B)", "inv(A) (A + B) inv(B)", {"shapes": SQUARE}),
        ("adj(A) A", "det(A) I", {"shapes": SQUARE}),
        ("tr(I + A)", "n + tr(A)", {"shapes": SQUARE}),
        ("x' inv(S) y", "y' inv(S) x", {"where": "spd matrix S(n, n)"}),
        ("exp(log(t))", "t", {}),
    ],
)
def test_what_is_proved(left, right, context):
    found = matcalc.equal(left, right, **context)
    assert found.verdict == "equal" and found.proved


def test_a_value_that_only_one_has_tells_them_apart():
    found = matcalc.equal("B' inv(B B') B", "B' pinv(B)'", shapes={"B": ("m", "n")})
    assert not found


def test_what_has_no_value_anywhere_is_not_decided():
    with pytest.raises(matcalc.MatcalcError, match="No point"):
        matcalc.equal("sqrtm(-(exp(t) + 1) I(2))", "log(-exp(t)) I(2)", shapes={"t": ()})


@pytest.mark.parametrize("right", ["sqrtm(A)", "sqrtm(A')'", "sqrtm(A) + 0 A", "2 sqrtm(A)"])
def test_a_root_that_is_complex_at_a_point_is_no_crash(right):
    assert bool(matcalc.equal("sqrtm(A)", right, shapes=SQUARE)) == (right[0] != "2")


@pytest.mark.parametrize(
    ("left", "right", "context", "named"),
    [
        ("x[n]", "x[1]", {"shapes": {"x": ("n",)}}, "index n"),
        ("unvech(v)", "2 unvech(v)", {"shapes": {"v": (5,)}}, "do not fit"),
        ("kronleft(A, B)", "2 kronleft(A, B)", {"shapes": {"A": (5, 5), "B": (2, 3)}}, "do not fit"),
        ("polygamma(1/2, t)", "2 polygamma(1/2, t)", {"shapes": {"t": ()}}, "polygamma"),
    ],
)
def test_what_cannot_be_evaluated_is_named(left, right, context, named):
    with pytest.raises(matcalc.MatcalcError, match=named):
        matcalc.equal(left, right, **context)


@pytest.mark.parametrize("shape", [(2, 2), ("m", "n")])
@pytest.mark.parametrize("f", ["sum", "norm_2", "norm_nuc"])
def test_arrays_that_are_too_large_are_refused_by_name(shape, f):
    nested = "A"
    for _ in range(13):
        nested = f"kron({nested}, A)"
    with pytest.raises(matcalc.MatcalcError, match=r"kron has [0-9,]+ entries"):
        matcalc.equal(f"{f}({nested})", f"{f}(A)^14", shapes={"A": shape})
