"""Expressions as the SymPy objects that one would write by hand, in SymPy's order of terms.

SymPy takes longer to import than everything else together: import this module only on demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy
from sympy import (
    Add,
    Function,
    HadamardPower,
    HadamardProduct,
    Identity,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSlice,
    MatrixSymbol,
    Mul,
    OneMatrix,
    Pow,
    Rational,
    Symbol,
    Transpose,
    ZeroMatrix,
)
from sympy.core.sorting import default_sort_key
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement

from ..errors import MatcalcError
from ..expressions.dimensions import SCALAR, Dim, monomials
from ..expressions.nodes import Expr, Operation
from ..expressions.nodes import Rational as Number
from ..expressions.parts import is_sum
from ..language.code import sizes_in
from .layout import Names
from .notation import notation_of
from .sympy_code import kept_as, of_an_entry, power_of, unchecked
from .sympy_nodes import AsScalar, Code, ConstantMatrix, MatrixOperation, ScalarOperation
from .words import GREEK

DEEPEST = 150  # levels of an expression for SymPy, whose methods recurse
LARGEST = 20_000  # printed size of an expression for SymPy


def to_sympy(e: Expr, names: Names | None = None) -> Any:
    """The expression as a SymPy object: a matrix expression, or of a scalar an ordinary expression.

    Subexpressions in `names` become symbols of those names.
    """
    return Converter(e, names or {}).convert()


def sympy_latex(e: Expr) -> str:
    """The LaTeX that SymPy's own printer writes of the SymPy object."""
    return str(sympy.latex(to_sympy(e)))


_ENTRY = sympy.Dummy("t")  # one for all: SymPy compares the bound variables of elementwise functions by identity


def _visible(root: Expr, names: Names) -> list[Expr]:
    """What is printed, arguments before what they are arguments of; nothing below a name.

    Refuses an expression that SymPy, whose methods recurse, could not take.
    """
    order: list[Expr] = []
    measure: dict[Expr, tuple[int, int]] = {}  # depth and printed size
    todo = [(root, False)]
    while todo:
        e, ready = todo.pop()
        if e in measure:
            continue
        args = () if e in names and (e is not root or not e.args) else e.args
        if args and not ready:
            todo.append((e, True))
            todo.extend((a, False) for a in reversed(args))
            continue
        depth = 1 + max((measure[a][0] for a in args), default=0)
        size = 1 + sum(measure[a][1] for a in args)
        if depth > DEEPEST or size > LARGEST:
            beyond = f"deeper than {DEEPEST} levels" if depth > DEEPEST else f"larger than {LARGEST:,} signs"
            raise MatcalcError(
                f"The expression is {beyond}, which is the limit of SymPy objects.",
                hint="Print it with str(…), .ascii() or .latex(), which have no such limit.",
            )
        measure[e] = (depth, size)
        order.append(e)
    return order


class Converter:
    """Makes the SymPy objects of an expression; scalars are evaluated in SymPy's way, matrix expressions never."""

    def __init__(self, root: Expr, names: Names) -> None:
        self.root, self.names = root, names
        self.made: dict[Expr, Any] = {}
        self.sizes: set[str] = set()

    def convert(self) -> Any:
        """The SymPy object."""
        order = _visible(self.root, self.names)
        self.sizes = {name for e in order for d in e.shape for names, _ in monomials(d) for name in names}
        for e in order:
            named = self.names.get(e) if e is not self.root or e.head == "symbol" else None
            if named is not None:
                self.made[e] = self.variable(named, e)
                continue
            make = getattr(self, f"make_{e.head}", None)
            self.made[e] = make(e) if make else self.operator(e)
        return self.made[self.root]

    def args(self, e: Expr) -> list[Any]:
        """The SymPy objects of the arguments."""
        return [self.made[a] for a in e.args]

    # --- leaves ------------------------------------------------------------------------------------------------------

    def size(self, d: Dim) -> Any:
        """A dimension."""
        terms = [Mul(c, *[Symbol(n, integer=True, positive=True) for n in names]) for names, c in monomials(d)]
        return Add(*terms)

    def shape(self, e: Expr) -> tuple[Any, Any]:
        """The shape in SymPy."""
        return self.size(e.shape[0]), self.size(e.shape[1])

    def place(self, i: int | str) -> Any:
        """An index, counted from 1."""
        return Integer(i) if isinstance(i, int) else Symbol(i, integer=True, positive=True)

    def spelled(self, name: str) -> str:
        """A name as it is typed in SymPy: ``lambda_1``."""
        letter, rest = name[0], name[1:]
        return GREEK[letter] + rest if letter in GREEK and (not rest or not rest[0].isalpha()) else name

    def variable(self, name: str, e: Expr) -> Any:
        """The symbol for a variable or a named subexpression."""
        if e.shape != SCALAR:
            return MatrixSymbol(self.spelled(name), *self.shape(e))
        if name in self.sizes:
            return self.size(name)
        properties = e.data.properties if e.head == "symbol" else frozenset()
        known = {p: True for p in ("positive", "nonnegative", "integer") if p in properties}
        return Symbol(self.spelled(name), **known)

    def make_symbol(self, e: Expr) -> Any:
        """A variable, or π."""
        return sympy.pi if e.name == "π" else self.variable(e.name, e)

    def make_zero(self, e: Expr) -> Any:
        """Zero."""
        return Integer(0) if e.shape == SCALAR else ZeroMatrix(*self.shape(e))

    def make_ones(self, e: Expr) -> Any:
        """The number 1, or a matrix of ones."""
        return Integer(1) if e.shape == SCALAR else OneMatrix(*self.shape(e))

    def make_identity(self, e: Expr) -> Any:
        """The identity."""
        return Identity(self.size(e.shape[0]))

    def make_unit(self, e: Expr) -> Any:
        """A unit vector."""
        return ConstantMatrix("unit", "", "", *self.shape(e), *map(self.place, e.data))

    def make_entry(self, e: Expr) -> Any:
        """A single-entry matrix."""
        return ConstantMatrix("entry", "", "", *self.shape(e), *map(self.place, e.data))

    def make_commutation(self, e: Expr) -> Any:
        """A commutation matrix."""
        return ConstantMatrix("commutation", "", "", *self.shape(e), *map(self.size, e.data))

    # --- sums and products -------------------------------------------------------------------------------------------

    def make_add(self, e: Expr) -> Any:
        """A sum, or a rational multiple, which SymPy spreads over the terms of a sum."""
        c, x = e.data[0], e.args[0]
        if len(e.args) > 1:
            return self.sum(self.terms(e))
        if is_sum(x) and x not in self.names:
            return self.sum([(c * d, t) for d, t in self.terms(x)])
        return self.times([rational(c), self.made[x]])

    def terms(self, e: Expr) -> list[tuple[Number, Any]]:
        """The terms of a sum, with their coefficients."""
        return [(c, self.made[x]) for c, x in zip(e.data, e.args, strict=True)]

    def sum(self, terms: list[tuple[Number, Any]]) -> Any:
        """A sum of multiples: of matrices in the order that SymPy gives it."""
        made = [self.times([rational(c), x]) for c, x in terms]
        return unchecked(MatAdd, *sorted(made, key=default_sort_key)) if made[0].is_Matrix else Add(*made)

    def times(self, factors: Iterable[Any]) -> Any:
        """A product of scalars, with at most one matrix."""
        scalars: list[Any] = []
        matrices: list[Any] = []
        for x in factors:
            for y in x.args if isinstance(x, Mul) and x.is_Matrix else (x,):
                (matrices if y.is_Matrix else scalars).append(y)
        scalars = [s for s in scalars if s != 1]
        if not matrices:
            return Mul(*scalars)
        return unchecked(MatMul, Mul(*scalars), *matrices) if scalars else _chain(matrices)

    def make_scale(self, e: Expr) -> Any:
        """A scalar times a matrix."""
        return self.times(self.args(e))

    def make_mul(self, e: Expr) -> Any:
        """A product of matrices; of shape 1×1 it is a scalar."""
        matrices = [y for x in self.args(e) for y in (x.args if isinstance(x, MatMul) else (x,))]
        made = _chain(matrices) if all(y.is_Matrix for y in matrices) else self.times(matrices)
        return AsScalar(made) if e.shape == SCALAR else made

    def make_had(self, e: Expr) -> Any:
        """A Hadamard product of powers; of scalars, a monomial."""
        factors = list(zip(self.args(e), e.data, strict=True))
        if e.shape == SCALAR:
            return self.times([self.power(b, rational(p)) for b, p in factors])
        made = [self.dotpower(b, rational(p)) for b, p in factors]
        return made[0] if len(made) == 1 else self.hadamard(made)

    def hadamard(self, factors: list[Any]) -> Any:
        """A Hadamard product, in the order that SymPy gives it."""
        return unchecked(HadamardProduct, *sorted(factors, key=default_sort_key))

    def power(self, base: Any, exponent: Any) -> Any:
        """A scalar's power."""
        return Pow(base, exponent)

    def dotpower(self, base: Any, exponent: Any) -> Any:
        """A power entry by entry."""
        return base if exponent == 1 else unchecked(HadamardPower, base, exponent)

    def make_transpose(self, e: Expr) -> Any:
        """A transpose; that of an inverse as SymPy writes it."""
        (x,) = self.args(e)
        return (
            unchecked(Inverse, unchecked(Transpose, x.arg), Integer(-1))
            if isinstance(x, Inverse)
            else unchecked(Transpose, x)
        )

    def make_power(self, e: Expr) -> Any:
        """A matrix power, or an inverse."""
        base, exponent = self.args(e)
        return unchecked(Inverse, base, Integer(-1)) if exponent == -1 else unchecked(MatPow, base, exponent)

    def make_dotpower(self, e: Expr) -> Any:
        """An elementwise power, or that of a scalar, with an exponent that is no number."""
        base, exponent = self.args(e)
        return self.power(base, exponent) if e.shape == SCALAR else self.dotpower(base, exponent)

    def make_index(self, e: Expr) -> Any:
        """An entry, a row or a column."""
        (x,) = self.args(e)
        row, column = e.data
        m, n = self.shape(e.args[0])
        rows = (0, m, 1) if row is None else (self.place(row) - 1, self.place(row), 1)
        columns = (0, n, 1) if column is None else (self.place(column) - 1, self.place(column), 1)
        return MatrixElement(x, rows[0], columns[0]) if e.shape == SCALAR else MatrixSlice(x, rows, columns)

    # --- functions ---------------------------------------------------------------------------------------------------

    def make_call(self, e: Expr) -> Any:
        """An unspecified function's value."""
        name = self.function(e)
        if e.shape == SCALAR:
            return Function(name)(*self.args(e))
        return self.entrywise(Function(name), self.args(e)[0]) if e.data.elementwise else self.applied(name, e)

    def function(self, e: Expr) -> str:
        """The name of an unspecified function or of its derivative."""
        return self.spelled(e.data.name) + "'" * int(e.data.order)

    def entrywise(self, f: Any, x: Any) -> Any:
        """A function of every entry."""
        return ElementwiseApplyFunction(sympy.Lambda(_ENTRY, f(_ENTRY)), x)

    def operator(self, e: Expr) -> Any:
        """An operator of the rule files: SymPy's own where its entry says which, else a node of our own."""
        args, said = self.args(e), e.data
        clause = said.code.sympy if isinstance(said, Operation) and said.code is not None else ""
        if clause and said.elementwise:
            exponent = power_of(clause)
            if exponent is not None:
                return (self.power if e.shape == SCALAR else self.dotpower)(args[0], exponent)
            f = of_an_entry(clause)
            return f(args[0]) if e.shape == SCALAR else self.entrywise(f, args[0])
        made = kept_as(clause) if clause else None
        return self.applied(e.head, e, clause) if made is None else made(*args)

    def applied(self, name: str, e: Expr, clause: str = "") -> Any:
        """A node of our own with the arguments of the expression."""
        found = notation_of(e)
        notation = found.latex if found is not None else ""
        code = Code(clause, *self.named_sizes(e, clause))
        if e.shape == SCALAR:
            return ScalarOperation(name, notation, code, *self.args(e))
        return MatrixOperation(name, notation, code, *self.shape(e), *self.args(e))

    def named_sizes(self, e: Expr, clause: str) -> list[Any]:
        """The sizes that a clause names, as they are here."""
        if not clause:
            return []
        declared = (*e.data.code.params, e.data.code.result)
        have = (*(a.shape for a in e.args), e.shape)
        known = {d: n for want, is_ in zip(declared, have, strict=True) for d, n in zip(want, is_, strict=True)}
        return [self.size(known[name]) for name in sorted(sizes_in(clause))]


def rational(c: Number) -> Any:
    """A number in SymPy."""
    return Rational(c.numerator, c.denominator)


def _chain(matrices: Sequence[Any]) -> Any:
    return matrices[0] if len(matrices) == 1 else unchecked(MatMul, *matrices)
