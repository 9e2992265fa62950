"""SymPy nodes for what SymPy has not.

They compute as SymPy's own do, by ``doit()`` and ``as_explicit()``, once explicit matrices have been substituted, and
print themselves under any of SymPy's LaTeX printers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import ImmutableMatrix, KroneckerDelta, MatrixExpr, MatrixSymbol, Mul
from sympy.core.symbol import Str
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.matrixbase import MatrixBase
from sympy.printing.precedence import PRECEDENCE

from ..language.code import sizes_in
from .names import function_latex
from .notation import parts_of
from .sympy_code import value_of


class AsScalar(sympy.Expr):  # type: ignore[misc]
    """The entry of a 1×1 matrix expression such as xᵀ A x, as a number, which can be a coefficient."""

    is_commutative = True

    def __new__(cls, matrix: Any) -> Any:
        """The scalar of a matrix."""
        return sympy.Expr.__new__(cls, _given(matrix))

    def doit(self, **hints: Any) -> Any:
        """The entry, where the matrix is explicit."""
        inner = _explicit(self.args[0].doit(**hints))
        return inner[0, 0] if isinstance(inner, MatrixBase) else AsScalar(inner)

    def _latex(self, printer: Any) -> str:
        return rf"\left({printer._print(self.args[0])}\right)"

    def _sympystr(self, printer: Any) -> str:
        return f"({printer._print(self.args[0])})"


class Code(sympy.Basic):  # type: ignore[misc]
    """The clause that says what an operator's value is, or nothing, and the sizes that it names."""

    def __new__(cls, text: Any, *sizes: Any) -> Any:
        """A clause with the sizes that it names, in the order of their names."""
        return sympy.Basic.__new__(cls, _label(text), *map(_given, sizes))

    def value(self, operands: Sequence[Any]) -> Any:
        """The value, where there is a clause."""
        text, *sizes = self.args
        if not text.name:
            return None
        return value_of(text.name, operands, dict(zip(sorted(sizes_in(text.name)), sizes, strict=True)))


class _Operation:
    """What scalar-valued and matrix-valued operators that SymPy has not have in common."""

    args: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The operator's name in the rule files, or a function's name with its primes."""
        return str(self.args[0].name)

    @property
    def operands(self) -> tuple[Any, ...]:
        """What the operator is applied to."""
        return tuple(self.args[3:])

    @property
    def code(self) -> Code:
        """What the value is of operands that are explicit."""
        found: Code = self.args[2]
        return found

    def _value(self) -> Any:
        """The value where all operands are explicit, else None."""
        values = [_explicit(x.doit()) for x in self.operands]
        known = all(isinstance(x, MatrixBase) or not x.is_Matrix for x in values)
        return self.code.value(values) if known else None

    def _latex(self, printer: Any) -> str:
        return _applied_latex(printer, self.name, self.args[1].name, self.operands)

    def _sympystr(self, printer: Any) -> str:
        return f"{self.name}({', '.join(map(printer._print, self.operands))})"


class ScalarOperation(_Operation, sympy.Expr):  # type: ignore[misc]
    """A scalar-valued operator that SymPy has not: its name, its notation, its code and its operands."""

    is_commutative = True

    def __new__(cls, name: Any, notation: Any, code: Any, *operands: Any) -> Any:
        """An operator's application."""
        return sympy.Expr.__new__(cls, _label(name), _label(notation), _coded(code), *map(_given, operands))

    def doit(self, **hints: Any) -> Any:
        """The value, where all operands are explicit."""
        value = self._value()
        return self if value is None else value


class MatrixOperation(_Operation, MatrixExpr):  # type: ignore[misc]
    """A matrix-valued operator that SymPy has not: its name, its notation, its code, its shape and its operands."""

    def __new__(cls, name: Any, notation: Any, code: Any, rows: Any, columns: Any, *operands: Any) -> Any:
        """An operator's application, of a shape."""
        return MatrixExpr.__new__(cls, _label(name), _label(notation), _coded(code), rows, columns, *operands)

    @property
    def shape(self) -> tuple[Any, Any]:
        """Rows and columns."""
        return self.args[3], self.args[4]

    @property
    def operands(self) -> tuple[Any, ...]:
        """What the operator is applied to."""
        return tuple(self.args[5:])

    def doit(self, **hints: Any) -> Any:
        """The value, where all operands are explicit."""
        value = self._value()
        if value is None:
            return self
        rows, columns = self.shape
        return ImmutableMatrix(rows, columns, list(value))

    def _entry(self, i: Any, j: Any, **hints: Any) -> Any:
        value = self.doit()
        return MatrixElement(self, i, j) if value is self else value[i, j]


class ConstantMatrix(MatrixOperation):
    """A constant matrix: a unit vector e_i, a single-entry matrix E_ij or a commutation matrix K(m, n)."""

    def doit(self, **hints: Any) -> Any:
        """Itself: `as_explicit` gives the entries."""
        return self

    def _entry(self, i: Any, j: Any, **hints: Any) -> Any:
        if self.name == "commutation":
            m, n = self.operands
            return KroneckerDelta(j, sympy.Mod(i, n) * m + sympy.floor(i / n))
        places = zip((i, j), self.operands, strict=False)
        return Mul(*[KroneckerDelta(have, wanted - 1) for have, wanted in places])

    def _latex(self, printer: Any) -> str:
        letter, comma = {"unit": ("e", ""), "entry": ("E", " "), "commutation": ("K", ", ")}[self.name]
        return f"{letter}_{{{comma.join(map(printer._print, self.operands))}}}"


def _given(x: Any) -> Any:
    """A SymPy object, or the one that a Python number is: of a text SymPy would evaluate what it says."""
    return sympy.sympify(x, strict=True)


def _coded(code: Any) -> Code:
    """The code of a node, as it is given or as it is handed back when the node is rebuilt."""
    made: Code = code if isinstance(code, Code) else Code(code)
    return made


def _label(name: Any) -> Any:
    """A name as SymPy keeps it among the arguments; it hands it back when it rebuilds a node."""
    return name if isinstance(name, Str) else Str(name)


# --- values -----------------------------------------------------------------------------------------------------------


def _explicit(x: Any) -> Any:
    """An operand with its entries, where they are all known, else the operand."""
    if isinstance(x, MatrixBase) or not x.is_Matrix or x.atoms(MatrixSymbol):
        return x
    return x.as_explicit() if all(_given(d).is_Integer for d in x.shape) else x


# --- notation ---------------------------------------------------------------------------------------------------------


def _applied_latex(printer: Any, name: str, template: str, operands: Sequence[Any]) -> str:
    """An operator or a function applied to its operands, in the notation that it has."""
    if name == "frob":
        return rf"\left({' : '.join(printer.parenthesize(y, PRECEDENCE['Mul']) for y in operands)}\right)"
    parts = parts_of(template or function_latex(name))
    inside = ", ".join([str(printer._print(y)) for y in operands])
    if not any(isinstance(p, int) for p in parts):
        return rf"{''.join(map(str, parts))}\left({inside}\right)"
    out = ""
    for n, p in enumerate(parts):
        if isinstance(p, str):
            out += p
        elif 0 < n < len(parts) - 1:
            out += str(printer._print(operands[p]))
        elif n:
            out = rf"{out.rstrip()}\left({printer._print(operands[p])}\right)"
        else:
            out += str(printer.parenthesize(operands[p], PRECEDENCE["Pow"], strict=True))
    return out
