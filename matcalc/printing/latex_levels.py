"""How strongly the objects of SymPy bind in LaTeX: at the levels of precedence of `matcalc.text`."""

from __future__ import annotations

from typing import Any

from sympy import (
    Add,
    HadamardPower,
    HadamardProduct,
    Integer,
    KroneckerProduct,
    MatPow,
    MatrixSlice,
    MatrixSymbol,
    Mul,
    Number,
    OneMatrix,
    Pow,
    Rational,
    Symbol,
    Transpose,
)
from sympy.matrices.expressions.matexpr import MatrixElement

from .latex_names import name_latex
from .text import ATOM, INFIX, POSTFIX, PRODUCT, SIGN, SUM


def divides(x: Any) -> bool:
    """Whether a factor is written below: a power with a negative number for an exponent."""
    return isinstance(x, Pow | HadamardPower) and bool(x.exp.is_Rational and x.exp.is_negative)


class Parts:
    """A term taken apart: a rational coefficient, scalars above and below, matrices."""

    def __init__(self, x: Any) -> None:
        self.coefficient: Any = Integer(1)
        self.above: list[Any] = []
        self.below: list[Any] = []
        self.matrices: list[Any] = []
        for y in x.args if isinstance(x, Mul) else (x,):
            inner = y.args if isinstance(y, Mul) and not y.is_Matrix else (y,)
            for z in inner:
                self._put(z)

    def _put(self, z: Any) -> None:
        if z.is_Rational:
            self.coefficient *= z
        elif z.is_Matrix:
            self.matrices.append(z)
        elif divides(z):
            self.below.append(z.base if z.exp == -1 else Pow(z.base, -z.exp, evaluate=False))
        else:
            self.above.append(z)

    @property
    def negative(self) -> bool:
        """Whether there is a minus in front."""
        return bool(self.coefficient < 0)

    @property
    def level(self) -> int:
        """The level of what is behind the sign."""
        if len(self.matrices) == 1 and isinstance(self.matrices[0], HadamardProduct | KroneckerProduct):
            return INFIX
        if self.below or abs(self.coefficient) != 1 or len(self.above) + len(self.matrices) != 1:
            return PRODUCT
        return level((self.above or self.matrices)[0])


def level(x: Any) -> int:
    """The level of precedence at which an object prints; a node of our own says it itself."""
    own = getattr(x, "latex_level", None)
    if isinstance(own, int):
        return own
    if isinstance(x, Add):
        return SUM
    if isinstance(x, Mul):
        parts = Parts(x)
        return SIGN if parts.negative else parts.level
    if isinstance(x, Number):
        return SIGN if x.is_negative else ATOM if x.is_Integer else PRODUCT
    if isinstance(x, Pow):
        return PRODUCT if divides(x) else ATOM if x.exp == Rational(1, 2) else POSTFIX
    if isinstance(x, HadamardProduct | KroneckerProduct):
        return INFIX
    row_of_ones = isinstance(x, OneMatrix) and x.shape[0] == 1
    if row_of_ones or isinstance(x, Transpose | MatPow | HadamardPower | MatrixElement | MatrixSlice):
        return POSTFIX
    if isinstance(x, Symbol | MatrixSymbol):
        return POSTFIX if "^" in name_latex(x.name) else ATOM
    return ATOM


def bracketed(printer: Any, x: Any, needed: int) -> str:
    """An object printed, in brackets where it stands below the level that its place needs."""
    tex = str(printer._print(x))
    return tex if level(x) >= needed else rf"\left({tex}\right)"
