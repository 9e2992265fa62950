"""Letters that the answers bring along are apart from the names that stand in the function."""

import pytest

import matcalc


@pytest.mark.parametrize(
    ("text", "wrt", "label"),
    [
        ("tr(A B)", "A", "∂f/∂A"),
        ("A y", "y", "∂z/∂y"),
        ("2/n X' (X w - y)", "w", "∂z/∂w"),
        ("f' A f", "f", "∂h/∂f"),
        ("Y X", "X", "dZ"),
        ("t Y", "t", "dZ/dt"),
        ("D = W X", "W", "dD"),
        ("r := X w - y", "w", "∂r/∂w"),
        ("f(X) = tr(A X)", "X", "∂f/∂X"),
        ("g(f(x))", "x", "∂h/∂x"),
    ],
)
def test_the_function_has_a_letter_of_its_own(text, wrt, label):
    d = matcalc.differentiate(text, wrt)
    assert d.label == label
    letter = label.lstrip("d∂")[0]
    first = next(s for s in d.derivation.steps if s.kind == "definition")
    assert first.left == letter and any(s.left == f"d{letter}" for s in d.derivation.steps)


def test_a_named_subexpression_names_the_answer():
    assert matcalc.differentiate("D", "W", where="let D = W X").label == "dD"
    assert matcalc.differentiate("B y", "x", where="let y = A x").label == "∂z/∂x"


def test_the_letter_goes_into_every_form():
    d = matcalc.differentiate("Y X", "X")
    for name in ("differential", "pullback", "index", "component"):
        text = str(d.form(name))
        assert "∂Y" not in text and "dY" not in text and "φ(Y)" not in text


def test_orders_above_one_keep_it():
    assert matcalc.differentiate("f' A f", "f", order=2).label == "∂²h/∂f∂fᵀ"
    assert matcalc.differentiate("f^3", "f", order=3, where="scalar f").label == "d³h/df³"


def test_the_commutation_matrix_is_no_K_where_K_is_a_name():
    form = matcalc.differentiate("K X'", "X").form("kronecker")
    assert str(form).splitlines() == ["(I ⊗ K) P", "P = K(p, n), the commutation matrix"]
    assert str(matcalc.differentiate("A X'", "X").form("kronecker")).splitlines()[0] == "(I ⊗ A) K"


def test_d_is_no_name_for_a_part():
    lefts = [s.left for s in matcalc.differentiate("phi(A x + b)", "x").derivation.steps if s.kind == "let"]
    assert lefts and "d" not in lefts
