r"""Whether a text is LaTeX: known by its macros, without the tables that read it."""

from __future__ import annotations

import re

from ..arguments import choice

SYNTAXES = ("plain", "latex")

_MACRO = re.compile(
    r"\\[A-Za-z]{2,}|\\[,;:!|\[\]{}\\]|\$|(?<!&)&(?!&)"  # `A\b` is MATLAB's division, `\top` alone plain text, too
    r"|\^\s*T(?=[A-Za-z])|\)_\{|\bI_\{|_\{[^{}]*,|\\\((?=.*\\\))"
)
_TOP = re.compile(r"\^\s*(\{\s*[-−]?\s*)?\\top\b")


def is_latex(text: str) -> bool:
    r"""Whether a text is LaTeX and not plain.

    >>> is_latex(r"\operatorname{tr}(A X)"), is_latex("tr(A X)"), is_latex(r"A\b"), is_latex(r"X^\top X")
    (True, False, False, False)
    >>> is_latex("x^TAx"), is_latex("a I_{n}")
    (True, True)
    """
    if "\\" in text:
        text = _TOP.sub("^T ", text)
    return _MACRO.search(text) is not None


def syntax_of(text: str, syntax: str | None = None, start: int = 0, end: int | None = None) -> str:
    """The syntax of a text, or of a part of it: as it is said, else as it is known by its macros."""
    if syntax is None:
        return "latex" if is_latex(text if start == 0 and end is None else text[start:end]) else "plain"
    return choice(syntax, "The syntax of a text", SYNTAXES)
