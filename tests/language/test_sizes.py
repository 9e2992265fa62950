"""Sizes mean the same wherever they are typed: in declarations, in Python, in options, in expressions."""

import numpy as np
import pytest

import matcalc
from matcalc import MatcalcError, ShapeError
from matcalc.app.cli import main
from matcalc.language.declarations import parse_declarations
from matcalc.language.given import shapes_given
from matcalc.language.sizes import read_size

SAME = [
    ("n·p", ["p*n", "p·n", "n p", "n·p", "n*p", " p  n ", "(p) n", "p⋅n"]),
    ("n+1", ["n+1", "1 + n", "n + 2 - 1", "(n+1)", "1+n"]),
    (3, ["3", " 3 ", "1+2", "(3)", "6 - 3"]),
    ("2·n", ["2n", "2 n", "n*2", "n+n"]),
    ("n·n", ["n^2", "n²", "n n", "n*n"]),
    ("(n·n+n)/2", ["n(n+1)/2", "(n^2 + n)/2", "n*(n + 1)/2"]),
    ("n·n+n", ["n(n+1)", "n*(n + 1)", "n^2 + n", "(n+1) n"]),
    ("n-1", ["n-1", "n − 1", "-1 + n"]),
    ("λ", ["lambda", "λ"]),
    ("m·n+2·n-1", ["m·n+2·n-1", "2n + n m - 1"]),
]


@pytest.mark.parametrize(("size", "text"), [(size, text) for size, texts in SAME for text in texts])
def test_one_size_has_one_spelling_everywhere(size, text):
    assert read_size(text) == size
    assert shapes_given({"x": (text,), "A": ["m", text], "B": f"{text},m"}) == {
        "x": (size,),
        "A": ("m", size),
        "B": (size, "m"),
    }
    (declared,) = parse_declarations(f"vector x({text})")
    assert declared.shape == (size,)


@pytest.mark.parametrize(
    ("shape", "read"),
    [
        ("m,n", ("m", "n")),
        ("(m, n)", ("m", "n")),
        ("m×n", ("m", "n")),
        ("(p+1)×(n+1)", ("p+1", "n+1")),
        ("(p+1),(n+1)", ("p+1", "n+1")),
        ("(n+1)", ("n+1",)),
        ("n", ("n",)),
        ("(n,)", ("n",)),
        ("", ()),
        ("()", ()),
        ("mn", ("mn",)),
        (["m", 3], ("m", 3)),
        (np.array([2, 3]), (2, 3)),
        ((np.int64(4),), (4,)),
        ((d for d in ("m", "n")), ("m", "n")),
    ],
)
def test_shapes_as_python_gives_them(shape, read):
    assert shapes_given({"A": shape}) == {"A": read}


WRONG = ["n/2", "n+", "", " ", "n!", "m,n", "tr(A)", "n'", "n^k", "1.5", "2e3", "0", "-3", "n-n", "I", "π", "9" * 31]
WRONG += ["(" * 400 + "n" + ")" * 400 + "*", "+".join(f"n{i}" for i in range(60)), "n" * 2000, "\0", "a\nb=c"]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_size_is_refused_by_name(text):
    with pytest.raises(ShapeError, match=r"size|dimension"):
        shapes_given({"A": ("m", text)})
    if text not in ("", " ", "m,n"):
        with pytest.raises(MatcalcError):
            parse_declarations(f"matrix A(m, {text})")


@pytest.mark.parametrize("size", [None, 1.5, True, 2.0, [3], ("n",), b"n", {"n"}, 0, -1, np.float64(2), object()])
def test_what_is_no_size_in_python_says_what_one_is(size):
    with pytest.raises(ShapeError, match=r"size is a name|positive"):
        shapes_given({"A": ("m", size)})


def test_sizes_typed_differently_conform():
    d = matcalc.differentiate("A x", "x", {"A": ("m", "p*n"), "x": ("n·p",)})
    assert str(d) == "A" and d.shapes == {"A": ("m", "n·p"), "x": ("n·p",)}
    assert str(matcalc.parse("A x", {"A": ("m", "n+1")}, where="vector x(1+n)")) == "A x"
    with pytest.raises(ShapeError, match=r"n·p"):
        matcalc.parse("A x", {"A": ("m", "p*n"), "x": ("k*n",)})


def test_sizes_are_solved_for_what_is_not_declared():
    d = matcalc.differentiate("hstack(A, B) x", "x", {"A": ("m", "p"), "x": ("p+q",)})
    assert d.shapes["B"] == ("m", "q")
    d = matcalc.differentiate("hstack(A, B) x", "x", {"A": ("m", "p"), "x": ("2p - 1",)})
    assert d.shapes["B"] == ("m", "p-1")
    d = matcalc.differentiate("kron(A, B) x", "x", {"A": ("m", "p"), "x": ("p*n + p",)})
    assert d.shapes["B"][1] == "n+1"
    with pytest.raises(MatcalcError, match="fit"):
        matcalc.parse("kron(A, B) x", {"A": ("m", "p"), "x": ("p*n + 1",)})


def test_sizes_in_options(capsys):
    assert main(["A x", "x", "--shape", "A=m,p*n", "--shape", "x=n p"]) == 0
    assert capsys.readouterr().out.splitlines() == ["∂y/∂x = A", "A: m×n·p, x: n·p"]
    with pytest.raises(SystemExit) as leaving:
        main(["A x", "x", "--shape", "A=m,n/2"])
    assert leaving.value.code == 2
    assert "'n/2' is not a size" in capsys.readouterr().err


def test_sums_stand_in_brackets_beside_a_sign():
    assert matcalc.parse("A", {"A": ("m", "n+1")}).shape == ("m", "n+1")
    with pytest.raises(ShapeError, match=r"m×\(n\+1\)"):
        matcalc.parse("A + B", {"A": ("m", "n+1"), "B": ("m", "k")})
