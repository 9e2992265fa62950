r"""Names, and plain text such as the names of rules, in LaTeX.  SymPy is not needed for that."""

from __future__ import annotations

import re
from functools import lru_cache

from ..language.names import SUBSCRIPTS, canonical
from .words import GREEK

SIGNS = {
    "⊙": r"\odot", "∘": r"\circ", "⊘": r"\oslash", "⊗": r"\otimes", "⋆": r"\star", "·": r"\cdot", "×": r"\times",
    "∂": r"\partial", "∇": r"\nabla", "‖": r"\|", "∞": r"\infty", "√": r"\surd", "∑": r"\sum", "½": r"\frac{1}{2}",
    "≠": r"\neq", "≤": r"\leq", "≥": r"\geq", "→": r"\to", "↦": r"\mapsto", "⟨": r"\langle", "⟩": r"\rangle",
    "∈": r"\in", "≈": r"\approx", "𝓣": r"\mathcal{T}", "𝓗": r"\mathcal{H}", "−": "-",
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}", "\\": r"\backslash",
    "~": r"\sim", "^": r"\wedge",
}  # fmt: skip
ACCENTS = frozenset(("hat", "tilde", "bar"))
"""Subscripts that are written as accents: y_hat."""
_LETTERS = {letter: "\\" + spelled for letter, spelled in GREEK.items()}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵏⁿ", "0123456789+-kn", strict=True)) | {"ᵀ": r"\top"}
_WORD = re.compile(rf"[^\W\d_{''.join(_RAISED)}][^\W{''.join(_RAISED)}]*")
_DIFFERENTIAL = re.compile(rf"(d+)([A-Z{''.join(GREEK)}]\w*|[a-z](?:\d|_|$)\w*)$")
_SCRIPTS = rf"([{''.join(_RAISED)}]+)|([{''.join(SUBSCRIPTS)}]+)"
_TEXT_PIECES = re.compile(rf"{_SCRIPTS}|(\.)?\^(-?\w+|\([^()]*\))|(.)", re.DOTALL)
_PIECES = re.compile(rf"({_WORD.pattern})|{_SCRIPTS}|\((\w+)\)_(\w+)|(.)", re.DOTALL)


@lru_cache(maxsize=4096)
def name_latex(name: str) -> str:
    r"""A name, or what stands on the left of a derivation's line, in LaTeX.

    >>> for name in ("x_1", "lambda", "dX", "y_hat", "φ'", "∂f/∂X", "H⁻¹", "loss", "(x_1)_i"):
    ...     print(name_latex(name))
    x_{1}
    \lambda
    \mathrm{d}X
    \hat{y}
    \phi'
    \frac{\partial f}{\partial X}
    H^{-1}
    \mathit{loss}
    \left(x_{1}\right)_{i}
    """
    over, slash, under = name.partition("/")
    if slash and over and under:
        return rf"\frac{{{name_latex(over)}}}{{{name_latex(under)}}}"
    out = ""
    for found in _PIECES.finditer(name):
        word, raised, lowered, named, letters, other = found.groups()
        behind = name[found.end() : found.end() + 1]
        if word == "d" and behind:
            piece = r"\mathrm{d}"
        elif word:
            piece = function_latex(word) if behind == "(" else _word_latex(word)
        elif named:
            piece = rf"\left({_word_latex(named)}\right)_{{{letters}}}"
        elif raised or lowered:
            out += _script(raised, lowered)
            continue
        else:
            piece = SIGNS.get(other, other)
        spaced = re.search(r"\\[A-Za-z]+$", out) and piece[:1].isalpha()
        out += (" " if spaced else "") + piece
    return out


def _word_latex(word: str) -> str:
    """One identifier: a Greek letter by its command, digits at the end and what follows ``_`` as subscripts."""
    found = _DIFFERENTIAL.match(word)
    if found:
        order = f"^{{{len(found[1])}}}" if len(found[1]) > 1 else ""
        return rf"\mathrm{{d}}{order}{_word_latex(found[2])}"
    stem, *subscripts = canonical(word).split("_")
    letter, digits = stem.rstrip("0123456789"), ""
    if len(letter) == 1:
        stem, digits = letter, stem[1:]
    base = _LETTERS.get(stem, stem) + digits if len(stem) == 1 else rf"\mathit{{{_spelled_out(stem)}}}"
    if len(stem) == 1 and subscripts and subscripts[0] in ACCENTS:
        base = rf"\{subscripts.pop(0)}{{{base}}}"
    under = ",".join(_LETTERS.get(s, s) for s in (canonical(s) for s in subscripts) if s)
    return f"{base}_{{{under}}}" if under else base


def _script(raised: str, lowered: str) -> str:
    """A run of Unicode superscripts or subscripts."""
    if raised:
        return f"^{{{''.join(_RAISED[c] for c in raised)}}}"
    return f"_{{{''.join(SUBSCRIPTS[c] for c in lowered)}}}"


@lru_cache(maxsize=4096)
def function_latex(name: str) -> str:
    """The name of a function or operator: a letter as it is, a word upright."""
    word = name.rstrip("'")
    letters = canonical(word).partition("_")[0].rstrip("0123456789")
    return (_word_latex(word) if len(letters) == 1 else word_latex(word)) + name[len(word) :]


def word_latex(word: str) -> str:
    """A word upright, whatever letter it spells."""
    return rf"\operatorname{{{_spelled_out(word)}}}"


def _spelled_out(word: str) -> str:
    """The letters of a word, in math mode."""
    return "".join(_LETTERS[c] + " " if c in _LETTERS else SIGNS.get(c, c) for c in word).strip()


def text_latex(text: str) -> str:
    r"""Plain text, such as the name of a rule, for the inside of ``\text{…}``: signs and powers between dollars.

    >>> print(text_latex("W : X Y = W Yᵀ : X; d(X.^2); λ & 50%"))
    W : X Y = W Y$^{\top}$ : X; d(X$^{\odot 2}$); $\lambda$ $\&$ 50$\%$
    """
    return _TEXT_PIECES.sub(_piece_in_text, text)


def _piece_in_text(found: re.Match[str]) -> str:
    raised, lowered, dotted, exponent, other = found.groups()
    if exponent:
        mark = r"\odot " if dotted else ""
        tex = f"^{{{mark}{''.join(SIGNS.get(c, c) for c in exponent.strip('()'))}}}"
    elif raised or lowered:
        tex = _script(raised or "", lowered or "")
    else:
        tex = SIGNS.get(other) or _LETTERS.get(other, "")
    return f"${tex}$" if tex else other
