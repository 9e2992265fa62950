"""What cannot be told from where it stands is printed, in both alphabets; and nothing that can."""

import pytest

import matcalc

SHAPES = {"A": ("m", "n"), "B": ("m", "n"), "C": ("n", "n"), "w": ("m·n",), "x": ("n",), "t": (), "n": ()}
SHAPES |= {"G": ("m+p", "n"), "X": ("m", "n"), "H": ("m", "n"), "dX": ("m", "n"), "Y": ("p", "q"), "k": ()}
WHERE = "function F(matrix(m, n)) -> matrix(p, q); function g(vector(n)) -> matrix(n, n); elementwise function f"


def parsed(text: str) -> matcalc.Expr:
    return matcalc.parse(text, shapes=SHAPES, where=WHERE)


@pytest.mark.parametrize(
    ("text", "unicode", "ascii_"),
    [
        # an identity beside what has its size, and alone
        ("I + C", "I + C", "I + C"),
        ("2 t I(n) - C", "2 t I - C", "2 t I - C"),
        ("I(n)", "I(n)", "I(n)"),
        ("2 t I(n)", "2 t I(n)", "2 t I(n)"),
        ("kron(A, I(n))", "A ⊗ I(n)", "kron(A, I(n))"),
        ("I(n) .* C", "I ⊙ C", "I(n) .* C"),
        ("tr(expm(t I(n)))", None, None),
        ("I(n) .- t", "I(n) .- t", "I(n) .- t"),
        ("A (I(n) .- t)", "A (I .- t)", "A (I(n) .- t)"),
        ("(C + t I)^-1'", "(Cᵀ + t I)⁻¹", "(C' + t I)^-1"),
        ("-(C - t I)", None, None),
        ("exp.(I(n)) .* C", None, None),
        ("C : (I(n) .- t)", None, None),
        # operations whose value no argument sizes
        ("unvec(w, m, n)", "unvec(w, m, n)", "unvec(w, m, n)"),
        ("unvec(w, n, m)", "unvec(w, n, m)", "unvec(w, n, m)"),
        ("unvec(w) + A", "A + unvec(w)", "A + unvec(w)"),
        ("unvec(w, m, n) x", "unvec(w, m, n) x", "unvec(w, m, n) x"),
        ("A' unvec(w, m, n) C", "Aᵀ unvec(w) C", "A' unvec(w) C"),
        ("unvec(w, m, n) .* B", "B ⊙ unvec(w)", "B .* unvec(w)"),
        ("-2 unvec(w, m, n) : A", None, None),
        ("exp.(unvec(w, m, n)) - A", None, None),
        ("exp.(unvec(w, m, n))", None, None),
        ("firstpart(G, m, n)", "firstpart(G, m, n)", "firstpart(G, m, n)"),
        ("firstpart(G, m, n) - A", None, None),
        ("lastpart(G, p, 1) x'", None, None),
        ("firstpart(G, 1, n)", None, None),
        ("firstpart(G, 1, 1)", None, None),
        ("firstpart(G, p+2, 2*n)", "firstpart(G, p+2, 2·n)", "firstpart(G, p+2, 2*n)"),
        ("unvec(vec(C), n, n)^2", None, None),
        ("sum(unvec(w, m, n))", None, None),
        ("norm_F(firstpart(G, m, n) .+ t)", None, None),
        # derivatives of unspecified functions that have no other name
        ("F'(X)[H]", "F'(X)[H]", "F'(X)[H]"),
        ("F'(X)[dX]", "dF(X)", "dF(X)"),
        ("dF(X)", "dF(X)", "dF(X)"),
        ("F'(X + H)[2 dX]", None, None),
        ("F'(X)*[Y]", "F'(X)*[Y]", "F'(X)*[Y]"),
        ("∂vec(F)/∂vec(X)", "∂vec(F)/∂vec(X)", "dvec(F)/dvec(X)"),
        ("∂vec(F)/∂vec(A + B) w", None, None),
        ("g'(x)[2 x]' C", None, None),
        ("g'(x)*[I(n)]", None, None),
        ("F'(X)[H][1, 2] + F(X)[1, 2]", None, None),
    ],
)
def test_sizes_are_printed_where_they_cannot_be_told(text, unicode, ascii_):
    e = parsed(text)
    assert parsed(str(e)) is e
    assert parsed(e.ascii()) is e
    assert e.ascii().isascii()
    assert unicode in (None, str(e))
    assert ascii_ in (None, e.ascii())


@pytest.mark.parametrize(
    ("expression", "variable", "shapes"),
    [
        ("vec(X)' vec(Y)", "X", {"X": ("m", "n"), "Y": ("n", "m")}),
        ("norm(vec(X) - c)^2", "X", {"X": ("m", "n"), "c": ("m·n",)}),
        ("c' vec(X')", "X", {"X": ("n", "m"), "c": ("m·n",)}),
        ("tr(hstack(X, B) C)", "X", {"X": ("m", "n"), "B": ("m", "p"), "C": ("n+p", "m")}),
        ("sum(vstack(x, y))", "y", {"x": ("n",), "y": ("n",)}),
        ("tr(kron(X, A) B)", "X", {"X": ("m", "n"), "A": ("p", "q"), "B": ("n·q", "m·p")}),
        ("tr(kron(X, A) B)", "A", {"X": ("m", "n"), "A": ("p", "q"), "B": ("n·q", "m·p")}),
        ("kron(a, x)", "x", {"a": ("m",), "x": ("n",)}),
        ("tr(X)", "X", {"X": ("n", "n")}),
        ("x' x x", "x", {"x": ("n",)}),
    ],
)
def test_answers_and_their_lines_are_read_back(expression, variable, shapes):
    d = matcalc.differentiate(expression, variable, shapes=shapes)
    known = {**d.shapes, f"d{variable}": d.shapes[variable]}
    for e in (d.function, d.expression, *[line.expression for line in d.derivation.steps if not line.names]):
        for text in (str(e), e.ascii()):
            back = matcalc.parse(text, shapes=known)
            again = matcalc.parse(str(back), shapes=known)
            assert back is again, text
            assert back.shape == e.shape, text


def test_the_answer_on_paper_has_a_bare_identity():
    """Its size stands in the shapes beside it."""
    d = matcalc.differentiate("tr(X)", "X")
    assert (str(d), d.ascii(), str(d.expression)) == ("I", "I(n)", "I(n)")
    assert str(d.derivation).splitlines()[-1] == "∂f/∂X = I"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unvec(w, m, 0)", "A size is a name or a positive integer"),
        ("unvec(w, m, 1/2)", "A size is a name or a positive integer"),
        ("unvec(w, 2, 3)", "'unvec' does not take a vector of size m·n"),
        ("unvec(w, m)", "'unvec' takes one argument, and here it has 2"),
        ("unvec(w, m, n) + C", "Cannot add"),
        ("F'(X)[Y]", "The direction is p×q, and must be m×n"),
        ("F'(X)*[H]", "What the adjoint is applied to is m×n, and must be p×q"),
        ("A *[B]", r"'\*\[ \]' stands only behind F'\(X\)"),
        ("∂vec(phi)/∂vec(X)", "is not declared as a function whose derivative has no other name"),
    ],
)
def test_what_does_not_fit_is_refused(text, said):
    with pytest.raises(matcalc.MatcalcError, match=said):
        parsed(text)


def test_a_function_and_its_adjoint_differ_in_latex():
    assert parsed("F'(X)[H]").latex() == r"F'\left(X\right)\left[H\right]"
    assert parsed("F'(X)*[Y]").latex() == r"F'\left(X\right)^{*}\left[Y\right]"
    assert parsed("dF(X)").latex() == r"\mathrm{d}F\left(X\right)"
    jacobian = r"\frac{\partial \operatorname{vec}\left(F\right)}{\partial \operatorname{vec}\left(X\right)}"
    assert parsed("∂vec(F)/∂vec(X)").latex() == jacobian


def test_names_in_ascii_are_ascii():
    assert matcalc.parse("φ(λ A)", shapes={"A": ("n", "n")}).ascii() == "phi(lambda A)"


@pytest.mark.parametrize("text", ["kronleft(W, u, 3, 3)", "kronleft(W', u', 3, 3)", "kronright(W, u, 3, 1)"])
def test_blocks_that_are_vectors_fit(text):
    shapes = {"u": ("m",), "W": ("3*m", 3)} if "left" in text else {"u": (3,), "W": ("3*3", 1)}
    e = matcalc.parse(text, shapes=shapes)
    assert matcalc.parse(e.ascii(), shapes=shapes) is e
