"""What the laws of the normal form know of each other: the constructors, and the memos that these keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ..expressions.dimensions import Dim, Shape
from ..expressions.nodes import Expr, Function, Rational
from ..expressions.parts import Factor, Term
from .endless import Rewriting
from .theory import Rule, Theory


class Constructors(Protocol):
    """An `Algebra`, as each of its laws sees it; every law is a function of it in the module of its subject."""

    book: Theory
    work: int
    rewriting: Rewriting
    transposed: dict[Expr, Expr]
    rewritten: dict[Expr, Expr]
    sums: set[Expr]
    swinging: dict[Rule, bool]
    having: dict[tuple[Expr, str, bool], bool]
    signs: dict[Expr, frozenset[str]]

    def number(self, c: Rational) -> Expr:
        """A rational number."""

    def dimension(self, d: Dim) -> Expr:
        """A dimension as a number: a name stands for its value."""

    def identity(self, n: Dim) -> Expr:
        """The identity matrix; of size 1 it is the number 1."""

    def ones(self, m: Dim, n: Dim) -> Expr:
        """The matrix of ones."""

    def zeros(self, m: Dim, n: Dim) -> Expr:
        """The zero matrix."""

    def commutation(self, m: Dim, n: Dim) -> Expr:
        """The commutation matrix: K(m, n) vec(A) = vec(Aᵀ) for A of shape m×n."""

    def add(self, *terms: Expr) -> Expr:
        """The sum."""

    def negate(self, e: Expr) -> Expr:
        """The negative."""

    def call(
        self, name: str, args: Sequence[Expr], shape: Shape, elementwise: bool = False, order: int = 0, mode: str = ""
    ) -> Expr:
        """An unspecified function's value, or with `order` its derivative."""

    def index(self, e: Expr, row: int | str | None, column: int | str | None) -> Expr:
        """An entry, row or column, counted from 1; ``None`` takes all."""

    def linear(self, terms: Iterable[Term], shape: Shape | None = None, orient: bool = True) -> Expr:
        """The linear combination of expressions of one shape: like terms collected, content and sign in front."""

    def root_merged(self, c: Rational, e: Expr) -> Term:
        """A term whose number went into a root of another: 2/sqrt(2) is sqrt(2)."""

    def scale(self, s: Expr, e: Expr) -> Expr:
        """A scalar times a matrix or vector; numbers go to the coefficient."""

    def had(self, factors: Iterable[Factor], shape: Shape | None = None) -> Expr:
        """The Hadamard product of powers; of 1×1 factors it is the ordinary scalar product."""

    def mul(self, factors: Sequence[Expr]) -> Expr:
        """The matrix product of a conforming chain."""

    def transpose(self, e: Expr) -> Expr:
        """The transpose, pushed inside or left outside, whichever writes fewer transposes."""

    def power(self, e: Expr, k: Expr) -> Expr:
        """The matrix power of a square matrix; the inverse is the power -1."""

    def dotpower(self, e: Expr, k: Expr) -> Expr:
        """The elementwise power, or that of a scalar; numeric exponents become Hadamard exponents."""

    def apply(self, name: str, args: Sequence[Expr], shape: Shape | None = None) -> Expr:
        """An operator that a rule file declares, simplified by its rules."""

    def rewrite(self, e: Expr) -> Expr:
        """The expression after the simplify rules of its head."""

    def has(self, e: Expr, wanted: str) -> bool:
        """Whether an expression is known to have a property."""

    def surely(self, e: Expr, wanted: str) -> bool:
        """Whether a property was declared, or a rule derives it: it holds everywhere, and not almost."""

    def nonnegative(self, e: Expr) -> bool:
        """Whether every entry is known to be at least zero."""

    def rebuild(
        self,
        e: Expr,
        args: Sequence[Expr],
        dims: Mapping[str, Dim] | None = None,
        functions: Mapping[str, Function] | None = None,
    ) -> Expr:
        """A node of the same head and data over other arguments, with dimension and function names replaced."""

    def substitute(
        self,
        root: Expr,
        values: Mapping[Expr, Expr],
        dims: Mapping[str, Dim] | None = None,
        functions: Mapping[str, Function] | None = None,
    ) -> Expr:
        """The expression with symbols replaced, in normal form."""
