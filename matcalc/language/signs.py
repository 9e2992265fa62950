"""Signs as they come out of PDFs and word processors, each for the one that the grammar knows, place by place."""

from __future__ import annotations

import unicodedata
from functools import cache

FRACTIONS = dict(
    zip("½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞", "1/2 1/3 2/3 1/4 3/4 1/5 2/5 3/5 4/5 1/6 5/6 1/8 3/8 5/8 7/8".split(), strict=True)
)
_SAME = {
    "∥": "‖", "∣": "|", "ǁ": "‖", "⊺": "ᵀ", "ᵗ": "ᵀ", "⟙": "ᵀ", "’": "'", "‘": "'", "′": "'", "´": "'", "ʹ": "'",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "×": "*", "∗": "*", "⁎": "*", "•": "·", "∙": "·", "÷": "/", "∕": "/",
    "⁄": "/", "⨂": "⊗", "⨀": "⊙", "〈": "⟨", "〉": "⟩", "≔": "=", "\u200b": " ", "\u2061": " ",
    "\u2062": " ", "\ufeff": " ", "\u00ad": " ", "\u200a": " ",
}  # fmt: skip
_COMPATIBLE = ((0x1D400, 0x1D7FF), (0x2100, 0x214F), (0xFF01, 0xFF5E))  # mathematical letters, letters, full width


def plain_signs(text: str) -> str:
    """The text in the signs that the grammar knows; every character keeps its place.

    >>> plain_signs("½ ∥𝐀𝐱 − 𝐛∥²"), plain_signs("x⊺A x × 2")
    ('½ ‖Ax − b‖²', 'xᵀA x * 2')
    """
    return text if text.isascii() else text.translate(_Signs())


class _Signs(dict[int, str]):
    """A table for `str.translate` that finds what it lacks."""

    def __missing__(self, code: int) -> str:
        return _sign(chr(code))


@cache
def _sign(character: str) -> str:
    """The sign for a character: itself, where it is none of those."""
    if character in _SAME:
        return _SAME[character]
    if any(first <= ord(character) <= last for first, last in _COMPATIBLE):
        folded = unicodedata.normalize("NFKC", character)
        return folded if len(folded) == 1 else character
    return character
