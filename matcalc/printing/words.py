"""Words around expressions in ASCII: labels, notes, the names of rules."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

from ..language.names import SPELLED, SUBSCRIPTS

GREEK = {letter: spelled for spelled, letter in SPELLED.items()}

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁱʲᵏˡᵐⁿʳᵗˣʸ", "0123456789+-()ijklmnrtxy", strict=True))
_RAISED_RUN = re.compile(f"[{''.join(_RAISED)}]+")
_LOWERED_RUN = re.compile(f"[{''.join(SUBSCRIPTS)}]+")
_SIGNS = {
    **{"ᵀ": "'", "⊙": ".*", "⊘": "./", "⊗": "(x)", "⋆": "*", "∂": "d", "→": "->", "↦": "->", "·": "*", "‖": "||"},
    **{"∞": "inf", "×": "x", "≤": "<=", "≥": ">=", "≠": "!=", "½": "1/2", "…": "...", "√": "sqrt "},
    **{"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-"},
}
_TRANSLATED = str.maketrans(GREEK | _SIGNS)


def to_ascii(text: str) -> str:
    """Words, labels and names of rules in ASCII.

    >>> to_ascii("∂f/∂A → A⁻ᵀ"), to_ascii("Fréchet: Xⁱ E Xᵏ⁻¹⁻ⁱ, i = 0 … k-1"), to_ascii("det(Q)² ≠ xᵢ")
    ('df/dA -> A^-T', 'Frechet: X^i E X^(k-1-i), i = 0 ... k-1', 'det(Q)^2 != x_i')
    """
    return text if text.isascii() else _in_ascii(text)


@lru_cache(maxsize=4096)
def _in_ascii(text: str) -> str:
    text = _RAISED_RUN.sub(_raised, text.replace("⁻ᵀ", "^-T"))
    text = _LOWERED_RUN.sub(lambda run: "_" + "".join(SUBSCRIPTS[c] for c in run[0]), text).translate(_TRANSLATED)
    # Accents and typefaces go; a sign that nobody thought of is a question mark, and takes as much room.
    return "".join(c if c.isascii() else _bare(c) for c in text)


def _raised(run: re.Match[str]) -> str:
    exponent = "".join(_RAISED[c] for c in run[0])
    return f"^{exponent}" if exponent.isalnum() or exponent in ("-1", "+") else f"^({exponent})"


def _bare(c: str) -> str:
    return normalize("NFKD", c).encode("ascii", "ignore").decode("ascii") or "?"
