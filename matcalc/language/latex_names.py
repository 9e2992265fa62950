r"""Names in LaTeX: one for each letter with its typeface, accents and scripts.

A typeface is not part of a name, as long as no other name differs by it alone: ``\mathbf{x}`` is x.  It is evidence of
what the name is: bold small letters are vectors, bold capitals matrices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .latex_commands import BOLD
from .names import canonical

VECTOR = "vector"
_SCRIPT_WORDS = {"+": "plus", "-": "minus", "*": "star", ",": "_", "·": "", "×": "x", "/": "over", "|": "_",
                 "(": "", ")": "", "'": "prime", "=": "is", ":": "_", ";": "_", "⊙": "o",
                 "⊥": "perp", "∞": "inf"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """A name as it is set: its letter or word, its typeface, and what stands on and behind it."""

    base: str
    face: str = ""
    marks: tuple[str, ...] = ()
    arrow: bool = False
    prefix: str = ""

    def marked(self, mark: str) -> Form:
        """The same with one mark more: an accent, a subscript, a superscript in brackets."""
        return replace(self, marks=(*self.marks, mark)) if mark else self

    @property
    def plain(self) -> str:
        """The name without its typeface."""
        stem = canonical(self.base)
        return self.prefix + canonical("_".join((stem, *self.marks)))

    @property
    def kind(self) -> str:
        """What the typeface says: vector, matrix, or nothing."""
        if self.prefix:
            return ""
        if self.arrow:
            return VECTOR
        if self.face != BOLD:
            return ""
        return "matrix" if self.base[0].isupper() else VECTOR

    @property
    def thin(self) -> bool:
        """Whether it is a small letter in the ordinary typeface."""
        return (
            not self.face
            and not self.arrow
            and not self.prefix
            and self.base[:1].islower()
            and not self.base[1:].isalpha()
        )


class Register:
    """The names of a text, and what the typefaces say of them."""

    def __init__(self) -> None:
        self.of: dict[Form, str] = {}

    def name(self, form: Form) -> str:
        """The name of a form; of two forms that differ in their typeface only, the second says so."""
        if form not in self.of:
            taken = set(self.of.values())
            name = form.plain
            if name in taken:
                name = f"{name}_{form.face or 'thin'}"
            while name in taken:
                name += "_"
            self.of[form] = name
        return self.of[form]

    def evidence(self) -> dict[str, str]:
        """By name: vector or matrix where it is bold; beside bold ones, "scalar?" where it is a thin small letter."""
        said = {name: form.kind for form, name in self.of.items() if form.kind}
        if said:
            said |= {name: "scalar?" for form, name in self.of.items() if form.thin}
        return said


def script_word(text: str) -> str:
    r"""What stands in a script, as part of a name: `ij`, `max`, `t+1` as `tplus1`.

    >>> script_word("t+1"), script_word("m,n"), script_word("(n)")
    ('tplus1', 'm_n', 'n')
    """
    out = "".join(_SCRIPT_WORDS.get(c, c) for c in text)
    return re.sub(r"_+", "_", re.sub(r"[^\w]", "", out)).strip("_")
