"""The index form: what is printed, read as a sum over letters by a reader of its own, and evaluated, are one array."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

import matcalc

SHAPES = {"A": ("m", "n"), "B": ("n", "m"), "C": ("n", "n"), "X": ("m", "n"), "S": ("n", "n"), "U": ("p", "q")}
SHAPES |= {"x": ("n",), "y": ("n",), "z": ("p",), "t": (), "s": (), "T_1": ("n", "n"), "w_1": ("n",)}
SIZES = {"m": 2, "n": 3, "p": 2, "q": 2, "k": 2}

FORMS = [
    ("X 1(n,p) 1(p,q)", "X", "∂Y_ij/∂X_kl = p δ_ik"),
    ("X 1(n,p)", "X", "∂Y_ij/∂X_kl = δ_ik"),
    ("X 1(n,3) 1(3,q)", "X", "∂Y_ij/∂X_kl = 3 δ_ik"),
    ("1(p,m) X 1(n,q)", "X", "∂Y_ij/∂X_kl = 1"),
    ("sum(A) X", "X", "∂Y_ij/∂X_kl = sum(A) δ_ik δ_jl"),
    ("tr(S) 1(p,q)", "S", "∂Y_ij/∂S_kl = δ_kl"),
    ("mean(X) 1(p,q)", "X", None),
    ("A B X", "X", "∂Y_ij/∂X_kl = Σ_a A_ia B_ak δ_jl"),
    ("sum(X) A 1(n,q) 1(q,p)", "X", "∂Y_ij/∂X_kl = Σ_a q A_ia"),
    ("B X B", "X", None),
    ("(X .* A) 1(n,p) 1(p,q)", "X", None),
    ("x 1(1,q)", "x", "∂Y_ij/∂x_k = δ_ik"),
    ("1(p) x'", "x", "∂Y_ij/∂x_k = δ_jk"),
    ("x (x' C y)", "x", None),
    ("x' C x/(x' x)", "x", None),
    ("t x", "t", None),
    ("Diag(x) C", "x", None),
    ("diagvec(S C)", "S", None),
    ("kron(X, U)", "X", None),
    ("kron(U, x)", "x", None),
    ("hstack(kron(U, x), kron(U, x))", "x", None),
    ("hstack(kron(U, x), kron(U, x))", "U", None),
    ("sum(kron(U, x)) A", "x", None),
    ("vec(X)", "X", None),
    ("vec(x') + x", "x", None),
    ("vec(C X' A)", "X", None),
    ("blockdiag(X, t A)", "X", None),
    ("tril(S) + triu(C S)", "S", None),
    ("tr(tril(S)) C", "S", None),
    ("cumsum(C x)", "x", None),
    ("X[1, :]", "X", None),
    ("T_1 w_1", "T_1", None),
    ("exp.(X) .* A ./ 2", "X", None),
    ("inv(S)", "S", None),
    ("x' S x", "S", None),
    ("logdet(S C)", "S", None),
    ("norm(x - y) sum(exp.(x))", "x", None),
]


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    shapes = {name: tuple(SIZES[d] for d in dims) for name, dims in SHAPES.items()}
    return {name: rng.random(shape) + (2 * np.eye(3) if name in "CS" else 0) for name, shape in shapes.items()}


@pytest.mark.parametrize(("expression", "variable", "text"), FORMS)
def test_what_is_printed_is_what_is_evaluated(expression, variable, text):
    d = matcalc.differentiate(expression, variable, shapes=SHAPES)
    form = d.form("index")
    given = {**arrays(), **SIZES}
    wanted = d.form("differential").evaluate(given)
    assert np.allclose(form.evaluate(given), wanted)
    label, _, right = str(form).partition(" = ")
    free = [i for group in re.findall(rf"(?:Y|y|z|∂{variable}|∂\({variable}\))_([a-z]+)", label) for i in group]
    assert np.allclose(read_sum(right, free, [n for n in wanted.shape if n != 1], given), np.squeeze(wanted))
    assert text is None or str(form) == text


def test_a_letter_is_summed_once():
    """Two deltas that meet leave one sum, and a sum over a letter that stands nowhere is a number."""
    d = matcalc.differentiate("tr(1(n,m) X I(n)) 1(k,k) 1(k,p)", "X", shapes={"X": ("m", "n")})
    assert str(d.form("index")) == "∂Y_ij/∂X_kl = k"


def test_many_summed_letters_are_summed_one_after_another():
    """Evaluation takes one letter at a time: all at once would be 3^20 products."""
    d = matcalc.differentiate(" ".join(["C"] * 5 + ["D", "C"] * 8) + " X", "X", {"C": (9, 9), "D": (9, 9), "X": (9, 2)})
    c = np.eye(9) + np.ones((9, 9)) / 9
    assert d.form("index").evaluate({"C": c, "D": c, "X": np.ones((9, 2))}).shape == (9, 2, 9, 2)


# --- a reader of index notation ---------------------------------------------------------------------------------------


def read_sum(text: str, free: list[str], shape: list[int], given: dict) -> np.ndarray:
    """The array over the free letters that the text means, through all values of the letters of each factor."""
    total = np.zeros(shape)
    for sign, term in terms(text):
        begun = re.match(r"Σ_([a-z]+) ", term)
        summed = list(begun[1]) if begun else []
        factors = parts(term[begun.end() :] if begun else term)
        ranges: dict[str, int] = dict(zip(free, shape, strict=True))
        for f in factors:
            lengths(f, ranges, given)
        assert set(summed) <= set(ranges), text
        operands: list = [(np.ones(ranges[i]), [i]) for i in [*free, *summed]]
        for f in factors:
            letters = letters_of(f)
            places = itertools.product(*[range(ranges[i]) for i in letters])
            values = [value(f, dict(zip(letters, place, strict=True)), given) for place in places]
            operands.append((np.reshape(values, [ranges[i] for i in letters]), letters))
        numbered = {i: n for n, i in enumerate(ranges)}
        given_to = [a for array, letters in operands for a in (array, [numbered[i] for i in letters])]
        total += sign * np.einsum(*given_to, [numbered[i] for i in free], optimize="greedy")
    return total


def terms(text: str) -> list[tuple[int, str]]:
    """The terms with their signs."""
    text = text if text.startswith("-") else "+" + text
    found = [(m.start(), m.end()) for m in re.finditer(r"^[-+]| [-+] ", text) if not depth(text[: m.start()])]
    ends = [start for start, _ in found[1:]] + [len(text)]
    return [(-1 if "-" in text[a:b] else 1, text[b:end]) for (a, b), end in zip(found, ends, strict=True)]


def depth(text: str) -> int:
    return sum(text.count(c) for c in "([") - sum(text.count(c) for c in ")]") + text.count("‖") % 2


def parts(term: str) -> list[str]:
    """The factors, which spaces separate outside brackets."""
    out = [""]
    for c in term:
        if c == " " and not depth(out[-1]):
            out.append("")
        else:
            out[-1] += c
    return out


ENTRY = re.compile(r"(.+?)(?:_([ijkla-hp-w]+))?(?:\^\(?(-?[\d/]+)\)?)?$")


def split(factor: str) -> tuple[str, str, float]:
    """What an entry is of, its letters and its power; (x_i)^2 is a power of an entry."""
    base, letters, power = ENTRY.match(factor).groups()
    inner = base[1:-1] if base.startswith("(") and base.endswith(")") and not depth(base[1:-1]) else ""
    p = eval_number(power) if power else 1.0
    if not letters and inner and re.search(r"_[ijkla-hp-w]+$", inner):
        base, letters, more = split(inner)
        return base, letters, more * p
    return base, letters or "", p


def eval_number(text: str) -> float:
    over, _, under = text.partition("/")
    return int(over) / int(under or 1)


def lengths(factor: str, ranges: dict[str, int], given: dict) -> None:
    """What the letters of a factor run over."""
    if factor[0] in "[":
        whole, _, minor, count = pair(factor) or ("",) * 4
        if whole:
            ranges.setdefault(minor, size(count, given))
    elif factor[0] != "δ":
        base, letters, _ = split(factor)
        array = np.asarray(evaluated(base, given)) if letters else np.zeros(())
        ranges.update(zip(letters, array.shape, strict=True))


def letters_of(factor: str) -> list[str]:
    """The letters that a factor depends on, each once."""
    found = pair(factor) if factor[0] == "[" else None
    if factor[0] in "[δ":
        letters = list(found[:3]) if found else [i for i in factor if i.isalpha() and i != "δ"]
    else:
        letters = list(split(factor)[1])
    return list(dict.fromkeys(letters))


def pair(factor: str):
    found = re.match(r"\[(\w) = \((\w) - 1\) (\S+) \+ (\w)\]$", factor)
    return (found[1], found[2], found[4], found[3]) if found else None


def size(text: str, given: dict) -> int:
    return sum(int(np.prod([int(f) if f.isdigit() else given[f] for f in t.split("·")])) for t in text.split("+"))


def evaluated(base: str, given: dict) -> np.ndarray:
    shapes = {**SHAPES, **dict.fromkeys(SIZES, ())}
    return matcalc.parse(base, shapes=shapes).evaluate(given)


_values: dict = {}


def value(factor: str, at: dict[str, int], given: dict) -> float:
    """The value of a factor where the letters have values."""
    if re.match(r"[\d/.]+$", factor):
        return eval_number(factor)
    if factor[0] == "δ":
        return float(at[factor[2]] == at[factor[3]])
    if factor[0] == "[":
        found = pair(factor)
        if found:
            whole, major, minor, count = found
            return float(at[whole] == at[major] * size(count, given) + at[minor])
        left, sign, right = factor[1:-1].split()
        return float(at[left] <= at[right] if sign == "≤" else at[left] >= at[right])
    base, letters, power = split(factor)
    if base not in _values:
        _values[base] = np.asarray(evaluated(base, given))
    return float(_values[base][tuple(at[i] for i in letters)] ** power)
