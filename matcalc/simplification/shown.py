"""What is shown: expressions as they are written, which the normal form would undo.

a + 1/2 b is how a person writes 1/2 (2 a + b), and S + Sᵀ a sum of four terms.  A constructor would undo that, or make
another node of it.  So what is shown has a type of its own: no constructor takes it, and what is to be compared or
rebuilt is `normal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arguments import short
from ..errors import border
from ..expressions.dimensions import Shape
from ..expressions.nodes import Expr
from ..printing.text import ascii_text, beginning, unicode_text

if TYPE_CHECKING:
    import sympy

    from ..arguments import Arrays, Functions, Values


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Shown:
    """An expression as it is written, and its normal form, which decides what it is equal to.

    >>> import matcalc
    >>> shown = matcalc.differentiate("a' x + 1/2 b' x", "x").expression
    >>> shown, shown.normal, shown == matcalc.parse("1/2 b + a")
    (<a + 1/2 b>, <1/2 (2 a + b)>, True)
    """

    written: Expr
    normal: Expr

    @classmethod
    def of(cls, e: Expr) -> Shown:
        """A normal form, shown as it is."""
        return cls(e, e)

    def __eq__(self, other: object) -> bool:
        return self.normal is (other.normal if isinstance(other, Shown) else other)

    def __hash__(self) -> int:
        return self.normal.__hash__()

    def __repr__(self) -> str:
        return f"<{short(beginning(self.written, paper=False))}>"

    def __str__(self) -> str:
        return unicode_text(self.written)

    @property
    def shape(self) -> Shape:
        """Its shape."""
        return self.written.shape

    @property
    def size(self) -> int:
        """How long it is: names, numbers, transposes, inverses and functions."""
        return self.written.size

    def ascii(self) -> str:
        """The expression in ASCII, which reads back as the same expression."""
        return ascii_text(self.written)

    @border
    def latex(self, printer: str = "matcalc") -> str:
        """The expression in LaTeX; ``printer="sympy"`` has SymPy print its object, in SymPy's order of terms."""
        return self.written.latex(printer)

    @border
    def sympy(self) -> sympy.Basic:
        """The expression as a SymPy object; our own node where SymPy has none."""
        return self.written.sympy()

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    @border
    def evaluate(self, arrays: Arrays, functions: Functions | None = None) -> Values:
        """The expression's value, of float64: see `Expr.evaluate`."""
        return self.written.evaluate(arrays, functions)
