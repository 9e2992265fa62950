"""Constructors that keep every expression in normal form.

The structural laws are here: sums are linear combinations with exact coefficients, products are flat chains,
Hadamard products are commutative monomials, scalars stand in front, transposes are pushed to where they cost least.
Everything that is true of one operator only is a rule in a rule file, applied by `Algebra.apply` and, for adjacent
factors of a product, by `Algebra.mul`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import gcd, inf, isqrt, lcm
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import EvaluationError, MatcalcError
from ..expressions.dimensions import SCALAR, Dim, Shape, monomials, substitute
from ..expressions.nodes import (
    ONE,
    Expr,
    Function,
    Operation,
    Rational,
    Symbol,
    fold,
    has_differential,
    mark,
    node,
    product_skeleton,
)
from ..expressions.parts import as_number, is_sum, split
from .endless import Endless, Rewriting, too_deep
from .theory import GENERIC, untransposed

if TYPE_CHECKING:
    from .theory import Rule, Theory

T = TypeVar("T")

Term = tuple[Rational, Expr]
Factor = tuple[Expr, Rational]

LONGEST_CHAIN = 64  # longer products are kept in blocks, so that chains of chains stay linear
LONGEST_OPENED = 4 * LONGEST_CHAIN  # printed size up to which a product in blocks is opened within another
OPENED = frozenset({"add", "scale", "mul", "zero", "identity"})  # factors of a product that may not stay as they are
MEETING = OPENED | {"power"}  # and those that their neighbours may meet, so that a chain is looked at anew
DEEP = 50  # nesting from which a walk that is recursive goes in steps
LARGEST_POWER = 10_000  # bits of a number that is raised to a power; beyond, the power stays as it is written

IMPLIED = {
    "spd": {"psd", "symmetric", "invertible"},
    "psd": {"symmetric"},
    "diagonal": {"symmetric", "lower", "upper"},
    "orthogonal": {"invertible"},
    "positive": {"nonnegative"},
}


def closure(properties: Iterable[str]) -> frozenset[str]:
    """The properties with all that they imply."""
    found: set[str] = set()
    todo = list(properties)
    while todo:
        p = todo.pop()
        if p not in found:
            found.add(p)
            todo.extend(IMPLIED.get(p, ()))
    return frozenset(found)


def exact(c: Rational) -> Rational:
    """An integer as an int, which is quicker to add and to multiply."""
    if type(c) is int:  # asking whether an int is a Fraction is slow: that is an abstract class
        return c
    return c.numerator if c.denominator == 1 else c


class Algebra:
    """Normal forms under one rule book.  Its memo holds only what that book makes true.

    Memos and the count of work are for one thread at a time: where an algebra outlives a call, take its `lock`.
    """

    def __init__(self, book: Theory) -> None:
        self.book = book
        self.lock = RLock()
        self.work = 0  # terms and factors that were put together so far: what is bounded instead of time
        self.until = inf  # how far that may go while something shorter is looked for
        self.unfinished = False  # whether more would have been tried
        self._transposed: dict[Expr, Expr] = {}
        self._rewritten: dict[Expr, Expr] = {}
        self._rewriting = Rewriting()
        self._sums: set[Expr] = set()  # those that `linear` made, so that it need not again
        self._having: dict[tuple[Expr, str], bool] = {}
        self._memos: dict[Callable[..., Any], dict[Expr, Any]] = {}

    def __reduce__(self) -> tuple[type[Algebra], tuple[Theory]]:
        """A copy has the book and not what was found under it."""
        return Algebra, (self.book,)

    def memo(self, found_by: Callable[..., T]) -> dict[Expr, T]:
        """What a function that is no part of the algebra has found for expressions, under this book."""
        return self._memos.setdefault(found_by, {})

    # --- leaves ---------------------------------------------------------------------------------------------------

    def symbol(self, name: str, shape: Shape, kind: str = "matrix", properties: Iterable[str] = ()) -> Expr:
        """A named variable or constant."""
        return node("symbol", (), Symbol(name, kind, closure(properties)), shape)

    def number(self, c: Rational) -> Expr:
        """A rational number."""
        return self.linear([(c, ONE)])

    def dimension(self, d: Dim) -> Expr:
        """A dimension as a number: a name stands for its value."""
        if isinstance(d, int):
            return self.number(d)
        return self.linear(
            [(c, self.had([(self._size(n), 1) for n in names], SCALAR)) for names, c in monomials(d)], SCALAR
        )

    def _size(self, name: str) -> Expr:
        return self.symbol(name, SCALAR, "scalar")

    def identity(self, n: Dim) -> Expr:
        """The identity matrix; of size 1 it is the number 1."""
        return ONE if n == 1 else node("identity", (), None, (n, n))

    def ones(self, m: Dim, n: Dim) -> Expr:
        """The matrix of ones."""
        return node("ones", (), None, (m, n))

    def zeros(self, m: Dim, n: Dim) -> Expr:
        """The zero matrix."""
        return node("zero", (), None, (m, n))

    def unit(self, i: int | str, n: Dim) -> Expr:
        """The i-th unit vector, counted from 1."""
        return node("unit", (), (i,), (n, 1))

    def single_entry(self, i: int | str, j: int | str, m: Dim, n: Dim) -> Expr:
        """The matrix E_ij whose only entry is a one in row i and column j, counted from 1."""
        return node("entry", (), (i, j), (m, n))

    def commutation(self, m: Dim, n: Dim) -> Expr:
        """The commutation matrix: K(m, n) vec(A) = vec(Aᵀ) for A of shape m×n."""
        from ..expressions.dimensions import times

        size = times(m, n)
        return self.identity(size) if m == 1 or n == 1 else node("commutation", (), (m, n), (size, size))

    # --- sums -----------------------------------------------------------------------------------------------------

    def linear(self, terms: Iterable[Term], shape: Shape | None = None, orient: bool = True) -> Expr:
        """The linear combination of expressions of one shape: like terms collected, content and sign in front.

        A sum is the transpose of its transpose where that is written with fewer, unless `orient` is false.
        """
        terms = terms if isinstance(terms, list) else list(terms)
        self.work += len(terms)
        if len(terms) == 1:
            c, e = terms[0]
            if c == 1 and e.head not in ("add", "transpose") or c and e in self._sums:
                return self._times(c, e)
        found: dict[Expr, Rational] = {}
        for c, e in terms:
            shape = e.shape
            if not c or e.head == "zero":
                continue
            if e.head == "add" and len(e.args) == 1:
                c, e = c * e.data[0], e.args[0]
            if c != 1 and (e.head == "scale" or e.head == "had" and e.shape == SCALAR):
                c, e = self.root_merged(c, e)
            turned = e.head == "transpose" and e.args[0].head == "add"
            inner = e.args[0] if turned else e
            if inner.head == "add":
                for d, a in zip(inner.data, inner.args, strict=True):
                    a = self.transpose(a) if turned else a
                    if a.head == "add" and len(a.args) == 1:
                        d, a = d * a.data[0], a.args[0]
                    found[a] = found.get(a, 0) + c * d
            else:
                found[e] = found.get(e, 0) + c
        kept = [(e, c) for e, c in found.items() if c]
        if len(kept) > 1 and shape != SCALAR and sum(1 for e, _ in kept if _is_spread(e)) > 1:
            return self._spread_together(kept)
        if not kept:
            if shape is None:
                raise ValueError("an empty sum needs a shape")
            return self.zeros(*shape)
        if len(kept) == 1:
            e, c = kept[0]
            return self._times(c, e)
        kept.sort(key=lambda term: term[0].key)
        content = _content([c for _, c in kept])
        if content == 1:
            total = node("add", tuple([e for e, _ in kept]), tuple([exact(c) for _, c in kept]), kept[0][0].shape)
        else:
            coefficients = tuple([exact(Fraction(c) / content) for _, c in kept])
            total = node("add", tuple([e for e, _ in kept]), coefficients, kept[0][0].shape)
        if len(kept) == 2:
            found_again = self.rewrite(total)
            if found_again is not total:
                return self.linear([(content, found_again)])
        sign, oriented = split(self._oriented_sum(total) if orient else total)
        if oriented is total and orient:
            self._sums.add(total)
        return self._times(content * sign, oriented)

    def root_merged(self, c: Rational, e: Expr) -> Term:
        """A term whose number went into a root of another: 2/sqrt(2) is sqrt(2)."""
        front = e.args[0] if e.head == "scale" else e
        factors = list(zip(front.args, front.data, strict=True)) if front.head == "had" else []
        for i, (b, p) in enumerate(factors):
            if b.head == "add" and b.args == (ONE,):
                d, q = _under_root(c, b.data[0], p)
                if q != p:
                    merged = self.had([*factors[:i], (b, q), *factors[i + 1 :]], SCALAR)
                    return d, self.scale(merged, e.args[1]) if e.head == "scale" else merged
        return c, e

    def _spread_together(self, terms: list[tuple[Expr, Rational]]) -> Expr:
        """A sum in which the numbers that are added to every entry are one number."""
        spread = [(c, e.args[0] if e.head == "scale" else ONE) for e, c in terms if _is_spread(e)]
        rest = [(c, e) for e, c in terms if not _is_spread(e)]
        shape = terms[0][0].shape
        return self.linear([*rest, (1, self.scale(self.linear(spread), self.ones(*shape)))], shape)

    def _times(self, c: Rational, e: Expr) -> Expr:
        return e if c == 1 else node("add", (e,), (exact(c),), e.shape)

    def _oriented_sum(self, e: Expr) -> Expr:
        """A sum, or the transpose of its transpose where that has fewer transposes: (X B + B X)ᵀ."""
        if e.transposes <= 1 or e.shape == SCALAR:
            return e
        turned: list[Term] = []
        so_far = 1
        for c, a in zip(e.data, e.args, strict=True):
            a = self.transpose(a)
            so_far += a.transposes
            if so_far >= e.transposes or is_sum(a):  # of most long sums a part tells
                return e
            turned.append((c, a))
        kept = sorted(((b, c * d) for c, a in turned for d, b in [split(a)]), key=lambda term: term[0].key)
        content = _content([c for _, c in kept])
        flipped = node(
            "add", tuple([a for a, _ in kept]), tuple([exact(Fraction(c) / content) for _, c in kept]), e.shape[::-1]
        )
        return self._times(content, node("transpose", (flipped,), None, e.shape))

    def add(self, *terms: Expr) -> Expr:
        """The sum."""
        return self.linear([(1, e) for e in terms])

    def negate(self, e: Expr) -> Expr:
        """The negative."""
        return self.linear([(-1, e)])

    # --- scalar multiples and monomials ---------------------------------------------------------------------------

    def scale(self, s: Expr, e: Expr) -> Expr:
        """A scalar times a matrix or vector; numbers go to the coefficient."""
        if e.shape == SCALAR:
            return self.had([(s, 1), (e, 1)], SCALAR)
        c, s = split(s)
        d, e = split(e)
        if s.head == "zero" or e.head == "zero":
            return self.zeros(*e.shape)
        if e.head == "scale" and s is not ONE:
            more, s = split(self.had([(s, 1), (e.args[0], 1)], SCALAR))
            c, e = c * more, e.args[1]
        made = e if s is ONE else self.rewrite(node("scale", (s, e), None, e.shape))
        if c * d == 1:
            return made
        return self.linear([(c * d, made)])

    def had(self, factors: Iterable[Factor], shape: Shape | None = None) -> Expr:
        """The Hadamard product of powers; of 1×1 factors it is the ordinary scalar product."""
        found: dict[Expr, Rational] = {}
        coefficient: Rational = 1
        scalars: list[Factor] = []
        todo = list(factors)[::-1]
        vanished: Expr | None = None
        self.work += len(todo)
        while todo:
            e, p = todo.pop()
            shape = e.shape
            if not p:
                continue
            if e.head == "add" and len(e.args) == 1:
                root = _rational_power(e.data[0], p)
                if root is not None:
                    coefficient *= root
                    e = e.args[0]
            if e.head == "zero":
                if p < 0:
                    raise EvaluationError("This divides by zero.")
                vanished = e
            elif e.head == "ones":
                continue
            elif e.head == "scale" and isinstance(p, int):
                scalars.append((e.args[0], p))
                todo.append((e.args[1], p))
            elif e.head == "had" and len(e.args) < LONGEST_CHAIN and self._exponents_multiply(e, p):
                todo.extend((b, exact(q * p)) for b, q in zip(e.args, e.data, strict=True))
            elif e.head == "transpose" and e.args[0].head == "had" and isinstance(p, int):
                todo.extend(
                    (self.transpose(b), exact(q * p)) for b, q in zip(e.args[0].args, e.args[0].data, strict=True)
                )
            elif e.head == "identity" and p > 0:
                found[e] = 1
            elif e.head == "dotpower" and p != 1 and isinstance(p, int):
                todo.append((self.dotpower(e.args[0], self.linear([(p, e.args[1])])), 1))
            else:
                found[e] = exact(found.get(e, 0) + p)
        if shape is None:
            raise ValueError("an empty Hadamard product needs a shape")
        if vanished is not None:
            return self.zeros(*shape)
        for e in [e for e in found if e.head == "add" and e.args == (ONE,)]:  # sqrt(2) sqrt(2) = 2
            root = _rational_power(e.data[0], found[e])
            if root is not None:
                coefficient *= root
                del found[e]
            elif shape == SCALAR:
                coefficient, found[e] = _under_root(coefficient, e.data[0], found[e])
        if any(e.head == "dotpower" for e in found):
            self._merge_powers(found)
        if self.book.rules.powers:
            for e, p in found.items():
                made = self._power_rewritten(e, p) if p != 1 and e.head in self.book.rules.powers else None
                if made is not None:
                    rest = [(b, q) for b, q in found.items() if b is not e]
                    front = self.scale(self.had([(self.number(coefficient), 1), *scalars], SCALAR), made)
                    return self.had([(front, 1), *rest], shape)
        kept = [(e, p) for e, p in found.items() if p]
        if not kept:
            core = self.ones(*shape)
        elif len(kept) == 1 and kept[0][1] == 1:
            core = kept[0][0]
        else:
            kept.sort(key=lambda factor: factor[0].key)
            core = self.rewrite(node("had", tuple([e for e, _ in kept]), tuple([p for _, p in kept]), shape))
        if scalars:
            core = self.scale(self.had(scalars, SCALAR), core)
        return core if coefficient == 1 else self.linear([(coefficient, core)])

    def _power_rewritten(self, e: Expr, p: Rational) -> Expr | None:
        """What the rules for powers make of one factor: exp.(X).^2 = exp.(2 X)."""
        from .matching import Binding, instantiate, match

        for rule in self.book.rules.powers[e.head]:
            base, exponent = rule.pattern.args
            b = Binding(wanted=rule.conditions)
            if match(self, exponent, self.number(p), b) and match(self, base, e, b):
                self.book.fired(rule)
                self._rewriting.enter(e)
                try:
                    return instantiate(self, rule.template, b)
                except Endless as endless:
                    raise endless.through(rule) from None
                finally:
                    self._rewriting.leave()
        return None

    def _merge_powers(self, found: dict[Expr, Rational]) -> None:
        """x xᵏ⁻¹ = xᵏ and xᵏ xʲ = xᵏ⁺ʲ, where an exponent is not a number.

        Of xᵏ (xᵏ)ʲ the first is a power of x and no base, so that no factor is merged in two ways.
        """
        by_base: dict[Expr, list[Factor]] = {}
        for e, p in found.items():
            if e.head == "dotpower" and isinstance(p, int):
                by_base.setdefault(e.args[0], []).append((e, p))
        for base, powers in by_base.items():
            p = 0 if base.head == "dotpower" else found.get(base, 0)
            if p or len(powers) > 1 or powers[0][1] != 1:
                for e in (*(e for e, _ in powers), *([base] if p else [])):
                    del found[e]
                exponent = self.linear([*((q, e.args[1]) for e, q in powers), (p, ONE)], SCALAR)
                number = as_number(exponent)
                merged, p = (self.dotpower(base, exponent), 1) if number is None else (base, number)
                found[merged] = exact(found.get(merged, 0) + p)

    def _exponents_multiply(self, e: Expr, p: Rational) -> bool:
        """Whether (Π bᵢ^qᵢ)^p is Π bᵢ^(qᵢ p) wherever the left side is real: always for integers p."""
        if isinstance(p, int):
            return True
        if all(self.nonnegative(b) for b in e.args):
            return True
        return len(e.args) == 1 and not (isinstance(e.data[0], int) and e.data[0] % 2 == 0)

    def nonnegative(self, e: Expr) -> bool:
        """Whether every entry is known to be at least zero."""
        c, e = split(e)
        if c < 0:
            return False
        if e.head in ("ones", "identity"):
            return True
        if e.head == "symbol":
            return bool(e.data.properties & {"nonnegative", "positive"})
        if e.head == "had":
            return all(
                p % 2 == 0 or b.head != "add" and self.nonnegative(b) for b, p in zip(e.args, e.data, strict=True)
            )
        if e.head == "mul":
            return len(e.args) == 2 and e.shape == SCALAR and self.transpose(e.args[0]) is e.args[1]
        if not e.args or e.head in ("add", "transpose", "scale", "power", "dotpower", "call", "index"):
            return False
        return "nonnegative" in self.book.operator(e.head).tags

    # --- products -------------------------------------------------------------------------------------------------

    def mul(self, factors: Sequence[Expr]) -> Expr:
        """The matrix product of a conforming chain."""
        shape = (factors[0].shape[0], factors[-1].shape[1])
        self.work += len(factors)
        if OPENED.isdisjoint([e.head for e in factors]) and SCALAR not in [e.shape for e in factors]:  # as in most
            return self._product(list(factors), shape, [], 1)
        coefficient: Rational = 1
        scalars: list[Factor] = []
        flat: list[Expr] = []
        todo = list(factors)[::-1]
        while todo:
            e = todo.pop()
            head = e.head
            if head == "add" and len(e.args) == 1:
                coefficient *= e.data[0]
                todo.append(e.args[0])
            elif head == "scale":
                scalars.append((e.args[0], 1))
                todo.append(e.args[1])
            elif head == "mul" and len(todo) + len(flat) + len(e.args) <= 2 * LONGEST_CHAIN and _opens(e):
                todo.extend(e.args[::-1])
            elif e.shape == SCALAR:
                if e is not ONE:
                    scalars.append((e, 1))
            elif head == "zero":
                return self.zeros(*shape)
            elif head != "identity":
                flat.append(e)
        return self._product(flat, shape, scalars, coefficient)

    def _product(self, flat: list[Expr], shape: Shape, scalars: list[Factor], coefficient: Rational) -> Expr:
        """A number times scalars times a chain of factors that are neither products nor multiples."""
        if not flat:
            core = self.identity(shape[0])
        else:
            core = self._chain(flat, shape, scalars)
        if scalars:
            core = self.scale(self.had(scalars, SCALAR), core)
        return core if coefficient == 1 else self.linear([(coefficient, core)])

    def _chain(self, flat: list[Expr], shape: Shape, scalars: list[Factor]) -> Expr:
        """A chain of factors, none of them scalar; what turns out scalar inside goes to `scalars`."""
        cuts = [i for i, e in enumerate(flat, 1) if e.shape[1] == 1]
        if cuts and cuts[-1] == len(flat):
            cuts.pop()
        if not cuts:
            return self._segment(flat, shape)
        segments = [flat[i:j] for i, j in zip([0, *cuts], [*cuts, len(flat)], strict=True)]
        outer: list[Expr] = []
        for part in segments:
            made = self._segment(part, (part[0].shape[0], part[-1].shape[1]))
            if made.shape == SCALAR:
                scalars.append((made, 1))
            else:
                outer.append(made)
        if len(outer) == 2:
            (c, left), (d, right) = map(split, outer)
            if left.head == "scale" or right.head == "scale" or "zero" in (left.head, right.head) or c * d != 1:
                return self._scaled_outer(outer)
            factors = tuple(a for e in outer for a in (e.args if e.head == "mul" else (e,)))
            reduced = self._reduced(list(factors)) if left.head == "ones" or right.head == "ones" else None
            return self.rewrite(node("mul", factors, None, shape)) if reduced is None else reduced
        return outer[0] if outer else ONE

    def _scaled_outer(self, outer: list[Expr]) -> Expr:
        coefficient: Rational = 1
        scalars: list[Factor] = []
        bare = []
        for e in outer:
            c, e = split(e)
            coefficient *= c
            if e.head == "zero":
                return self.zeros(outer[0].shape[0], outer[1].shape[1])
            if e.head == "scale":
                scalars.append((e.args[0], 1))
                e = e.args[1]
            bare.append(e)
        return self.linear([(coefficient, self.scale(self.had(scalars, SCALAR), self.mul(bare)))])

    def _segment(self, flat: list[Expr], shape: Shape) -> Expr:
        """A chain without inner dimensions of 1: powers merged, pair rules applied, a scalar turned to read best."""
        if len(flat) == 1:
            return flat[0]
        rules = self.book.rules.pairs
        mergeable = reducible = False
        last: Expr | None = None
        for e in flat:
            inner = e.args[0] if e.head == "transpose" else e
            if e is last or inner.head == "power":
                mergeable = True
            if inner.head in rules and _anchor_of(e) in rules:
                reducible = True
            last = e
        if mergeable:
            merged = self._merged(flat)
            if merged is not None:
                return self.mul(merged) if merged else self.identity(shape[0])
        if reducible:
            reduced = self._reduced(flat)
            if reduced is not None:
                return reduced
        if len(flat) > LONGEST_CHAIN:
            blocks = [flat[i : i + LONGEST_CHAIN] for i in range(0, len(flat), LONGEST_CHAIN)]
            flat = [
                node("mul", tuple(b), None, (b[0].shape[0], b[-1].shape[1])) if len(b) > 1 else b[0] for b in blocks
            ]
            if len(flat) > LONGEST_CHAIN:
                return self._segment(flat, shape)
        if shape == SCALAR and (pooled := self._pooled(flat)) is not None:
            return pooled
        if shape == SCALAR:
            turned = [self.transpose(e) for e in reversed(flat)]
            if _reads_better(turned, flat) and _plain(turned):
                return self._segment(turned, shape)
        return self.rewrite(node("mul", tuple(flat), None, shape))

    def _pooled(self, flat: list[Expr]) -> Expr | None:
        """xᵀ (y ⊙ z) for (x ⊙ y)ᵀ z: the entrywise factors of a scalar product in one order, or None as they stand.

        The differential stands on the right, else the first factor on the left.
        """
        row, column = self.transpose(flat[0]), flat[-1]
        at_left, at_right = row.head == "had", column.head == "had"
        if not (at_left or at_right) or at_left and at_right and len(flat) > 2:
            return None
        if len(flat) > 2 and at_right:
            row = self.transpose(self._segment(flat[:-1], (1, column.shape[0])))
        elif len(flat) > 2:
            column = self._segment(flat[1:], (row.shape[0], 1))
        sign, row = split(row)  # the transpose of a difference may be the other difference
        pool = self.had([(row, 1), (column, 1)], row.shape)
        if pool.head != "had":
            return None
        factors = list(zip(pool.args, pool.data, strict=True))
        whole = [(e, p) for e, p in factors if p == 1 or p == 2]
        if not whole or len(factors) == 1 and factors[0][1] != 2:
            return None
        first, _ = min(whole, key=lambda factor: not has_differential(factor[0]))
        rest = self.had([(pool, 1), (first, -1)], row.shape)
        if {first, rest} == {row, column}:
            return None
        outer = (rest, first) if has_differential(first) else (first, rest)
        return self.linear([(sign, self.mul([self.transpose(outer[0]), outer[1]]))])

    def _merged(self, flat: list[Expr]) -> list[Expr] | None:
        """The chain with neighbouring powers of one base merged, or None where there are none."""
        out: list[Expr] = []
        changed = False
        bases: list[tuple[Expr, Expr, bool]] = []
        composite = False
        for e in flat:
            turned = e.head == "transpose"
            inner = e.args[0] if turned else e
            base, exponent = inner.args if inner.head == "power" else (inner, ONE)
            if out and bases[-1][0] is base and bases[-1][2] == turned and base.shape[0] == base.shape[1]:
                total = self.power(base, self.add(bases[-1][1], exponent))
                total = self.transpose(total) if turned else total
                out.pop()
                bases.pop()
                changed = True
                if total.head == "identity":
                    continue
                e = total
                turned = e.head == "transpose"
                inner = e.args[0] if turned else e
                base, exponent = inner.args if inner.head == "power" else (inner, ONE)
            composite = composite or base.head == "mul" and inner.head == "power"
            out.append(e)
            bases.append((base, exponent, turned))
        if composite:
            cancelled = self._cancelled(out)
            if cancelled is not None:
                return cancelled
        return out if changed else None

    def _cancelled(self, flat: list[Expr]) -> list[Expr] | None:
        """The chain with (P Q)⁻ᵏ beside P Q reduced to (P Q)¹⁻ᵏ, or None."""
        for i, e in enumerate(flat):
            inner = e.args[0] if e.head == "transpose" else e
            if inner.head != "power" or inner.args[0].head != "mul":
                continue
            base = self.transpose(inner.args[0]) if e.head == "transpose" else inner.args[0]
            if base.head != "mul":
                continue
            n = len(base.args)
            for j in (i + 1, i - n):
                if j >= 0 and tuple(flat[j : j + n]) == base.args:
                    reduced = self.power(inner.args[0], self.linear([(1, inner.args[1]), (1, ONE)]))
                    if e.head == "transpose":
                        reduced = self.transpose(reduced)
                    low, high = min(i, j), max(i + 1, j + n)
                    middle = [] if reduced.head == "identity" else [reduced]
                    return flat[:low] + middle + flat[high:]
        return None

    def _reduced(self, flat: list[Expr]) -> Expr | None:
        """The chain by the pair rules, or None where none applies; a rule for a product holds for its transpose."""
        rule: Rule | None = None
        self._rewriting.enter(*flat)
        steps = 1
        try:
            while (found := self._reduced_once(flat)) is not None:
                rule, made, flat = found
                self._rewriting.enter(*flat)
                steps += 1
                if untransposed(made).head in MEETING or made.shape == SCALAR or any(a is b for a, b in pairwise(flat)):
                    break
            return None if rule is None else self.mul(flat)
        except Endless as endless:
            raise endless.through(rule) if rule else endless from None
        finally:
            self._rewriting.leave(steps)

    def _reduced_once(self, flat: list[Expr]) -> tuple[Rule, Expr, list[Expr]] | None:
        """A pair rule that applies, what it makes, and the chain with this."""
        found = self._reduced_as_written(flat)
        if found is None and any(e.head == "transpose" and e.args[0].args for e in flat):
            found = self._reduced_as_written([self.transpose(e) for e in reversed(flat)])
            if found is not None:
                rule, made, chain = found
                return rule, self.transpose(made), [self.transpose(e) for e in reversed(chain)]
        return found

    def _reduced_as_written(self, flat: list[Expr]) -> tuple[Rule, Expr, list[Expr]] | None:
        from .matching import match_window

        for i, e in enumerate(flat):
            for rule in self.book.rules.pairs.get(_anchor_of(e), ()):
                try:
                    found = match_window(self, rule, flat, i)
                except Endless as endless:
                    raise endless.through(rule) from None
                if found is not None:
                    low, high, made = found
                    self.book.fired(rule)
                    return rule, made, [*flat[:low], made, *flat[high:]]
        return None

    # --- transposes and powers ------------------------------------------------------------------------------------

    def transpose(self, e: Expr) -> Expr:
        """The transpose, pushed inside or left outside, whichever writes fewer transposes."""
        if e.shape == SCALAR or e.head == "identity":
            return e
        known = self._transposed.get(e)
        if known is None:
            if e.depth > DEEP:
                self._transpose_below(e)
            known = self._transposed[e] = self._transpose(e)
        return known

    def _transpose_below(self, e: Expr) -> None:
        """Transpose what is nested deep, from the inside, so that no recursion is."""
        done = self._transposed
        todo = [e]
        while todo:
            x = todo[-1]
            inside = [a for a in x.args if a.depth >= DEEP and a.shape != SCALAR and a not in done]
            if inside:
                todo.extend(inside)
                continue
            todo.pop()
            if x is not e and x not in done and x.head != "identity":
                done[x] = self._transpose(x)

    def _transpose(self, e: Expr) -> Expr:
        shape = e.shape[::-1]
        head = e.head
        if head == "symbol":
            if "symmetric" in e.data.properties:
                return e
            if "skew" in e.data.properties:
                return self.negate(e)
        elif head == "transpose":
            return e.args[0]
        elif head == "add":
            return self.linear([(c, self.transpose(a)) for c, a in zip(e.data, e.args, strict=True)])
        elif head == "scale":
            return self.scale(e.args[0], self.transpose(e.args[1]))
        elif head == "mul":
            return self.mul([self.transpose(a) for a in reversed(e.args)])
        elif head == "had":
            return self.had([(self.transpose(a), p) for a, p in zip(e.args, e.data, strict=True)])
        elif head == "ones":
            return self.ones(*shape)
        elif head == "zero":
            return self.zeros(*shape)
        elif head == "entry":
            return node("entry", (), e.data[::-1], shape)
        elif head == "commutation":
            return node("commutation", (), e.data[::-1], shape)
        elif head == "power" or head == "dotpower":
            turned = self.transpose(e.args[0])
            if turned.head != "transpose" and turned.transposes < e.args[0].transposes + mark(e):
                return self.power(turned, e.args[1]) if head == "power" else self.dotpower(turned, e.args[1])
        elif head == "call":
            if e.data.elementwise:
                turned = self.transpose(e.args[0])
                if turned.head != "transpose" and turned.transposes < e.args[0].transposes + mark(e):
                    return node("call", (turned,), e.data, shape)
            elif e.data.order == 2 and shape == e.shape:  # a Hessian
                return e
        elif head not in ("unit", "index"):
            tags = self.book.operator(head).tags
            if "symmetric" in tags:
                return e
            if "transposable" in tags or "elementwise" in tags:
                turned_args = [self.transpose(a) for a in e.args]
                lone = len(e.args) == 1 and turned_args[0].head == "transpose"
                if not lone and sum(a.transposes for a in turned_args) < sum(a.transposes for a in e.args) + mark(e):
                    return self._applied_to_turned(e, turned_args)
            if e.shape[1] != 1:  # a column is transposed as a whole
                return self.rewrite(node("transpose", (e,), None, shape))
        return node("transpose", (e,), None, shape)

    def _applied_to_turned(self, e: Expr, args: Sequence[Expr]) -> Expr:
        """f(Xᵀ) for f(X)ᵀ.

        What rules make of it may ask for f(X)ᵀ again, as where Xᵀ = -X and σ(-X) = 1 - σ(X); then it is just that.
        """
        self._transposed[e] = node("transpose", (e,), None, e.shape[::-1])
        try:
            return self.apply(e.head, args, e.shape[::-1])
        finally:
            del self._transposed[e]

    def power(self, e: Expr, k: Expr) -> Expr:
        """The matrix power of a square matrix; the inverse is the power -1."""
        if e.shape == SCALAR:
            return self.dotpower(e, k)
        if e.head == "transpose":
            return self.transpose(self.power(e.args[0], k))
        number = as_number(k)
        if number == 0:
            return self.identity(e.shape[0])
        if number == 1 or e.head == "identity":
            return e
        if e.head == "zero":
            if number is not None and number < 0:
                raise EvaluationError("The zero matrix has no inverse.")
            return e
        if isinstance(number, int):
            c, e = split(e)
            if c != 1:
                scaled = _rational_power(c, number)
                if scaled is None:
                    raise EvaluationError(f"The coefficient {c} is not raised to the power {number} exactly.")
                return self.linear([(scaled, self.power(e, k))])
            if e.head == "scale":
                return self.scale(self.had([(e.args[0], number)]), self.power(e.args[1], k))
            if e.head == "power":
                return self.power(e.args[0], self.had([(e.args[1], 1), (k, 1)]))
            if number == -1 and e.head == "mul":
                parts = _square_parts(e)
                if len(parts) > 1:
                    return self.mul([self.power(self.mul(part), k) for part in reversed(parts)])
        return self._turned("power", e, k)

    def dotpower(self, e: Expr, k: Expr) -> Expr:
        """The elementwise power, or that of a scalar; numeric exponents become Hadamard exponents."""
        number = as_number(k)
        if number is not None:
            return self.had([(e, number)], e.shape)
        if e.head == "ones":
            return e
        return self._turned("dotpower", e, k)

    def _turned(self, head: str, e: Expr, k: Expr) -> Expr:
        """f(e), or f(eᵀ)ᵀ where that writes fewer transposes."""
        if e.transposes and e.shape != SCALAR:
            turned = self.transpose(e)
            if (
                e.head == "transpose"
                or turned.transposes + (1 if head == "power" and not turned.args else 2) <= e.transposes
            ):
                return node("transpose", (self.rewrite(node(head, (turned, k), None, turned.shape)),), None, e.shape)
        return self.rewrite(node(head, (e, k), None, e.shape))

    # --- operators and functions ----------------------------------------------------------------------------------

    def apply(self, name: str, args: Sequence[Expr], shape: Shape | None = None) -> Expr:
        """An operator that a rule file declares, simplified by its rules.

        The shape is given for operators whose result has sizes that no argument tells, such as unvec.
        """
        self.work += len(args)
        operator = self.book.operator(name)
        tags = operator.tags
        made: Expr
        coefficient: Rational = 1
        scalars: list[Factor] = []
        if operator.homogeneous:
            bare = list(args)
            for i in operator.homogeneous:
                c, e = split(args[i])
                coefficient *= c
                if e.head == "zero":
                    return self.zeros(*(shape or self._result(name, args)))
                if e.head == "scale":
                    scalars.append((e.args[0], 1))
                    e = e.args[1]
                bare[i] = e
            args = bare
        elif "even" in tags or "odd" in tags:
            c, e = split(args[0])
            if c < 0:
                coefficient = -1 if "odd" in tags else 1
                args = [self.linear([(-c, e)])]
        if "additive" in tags and args[0].head == "add" and len(args[0].args) > 1:
            first = args[0]
            parts = [(c, self.apply(name, [x, *args[1:]], shape)) for c, x in zip(first.data, first.args, strict=True)]
            made = self.linear(parts, shape)
            made = self.scale(self.had(scalars, SCALAR), made) if scalars else made
            return self.linear([(coefficient, made)])
        if "commutative" in tags and args[1].key < args[0].key:
            args = args[::-1]
        collects = "transpose-invariant" in tags and "linear" in tags and args[0].shape[0] == args[0].shape[1]
        if collects and args[0].head == "transpose":
            args = [args[0].args[0]]
        collects = collects and args[0].head == "add"
        if collects:
            args = [self._one_orientation(args[0])]
            if len(args[0].args) == 1 or args[0].head == "zero":
                collected = self.scale(self.had(scalars, SCALAR), self.apply(name, args, shape))
                return self.linear([(coefficient, collected)])
        shape = shape or self._result(name, args)
        first = args[0]
        data = self.book.operation(name)
        if "elementwise" in tags or "transposable" in tags:
            made = self._oriented(name, tuple(args), data, shape)
        elif "transpose-invariant" in tags and first.transposes and not collects:
            turned = self.transpose(first)
            if turned.transposes < first.transposes:
                made = self.apply(name, [turned], shape)
            else:
                made = self.rewrite(node(name, (first,), data, shape))
        else:
            made = self.rewrite(node(name, tuple(args), data, shape))
        if scalars:
            made = self.scale(self.had(scalars, SCALAR), made)
        return made if coefficient == 1 else self.linear([(coefficient, made)])

    def _one_orientation(self, e: Expr) -> Expr:
        """A sum under an operator that does not see transposes: of t and tᵀ only one is kept, so that they collect."""
        terms = []
        for c, t in zip(e.data, e.args, strict=True):
            turned = self.transpose(t)
            d, turned = split(turned)
            better = (turned.transposes, turned.key) < (t.transposes, t.key)
            terms.append((c * d, turned) if better else (c, t))
        return self.linear(terms, e.shape, orient=False)

    def _oriented(self, name: str, args: tuple[Expr, ...], data: Operation | None, shape: Shape) -> Expr:
        """f(args), or f(argsᵀ)ᵀ where that writes fewer transposes."""
        if any(e.transposes and e.shape != SCALAR for e in args):
            turned = tuple(self.transpose(e) for e in args)
            if (
                args[0].head == "transpose"
                and len(args) == 1
                or sum(e.transposes for e in turned) + 2 <= sum(e.transposes for e in args)
            ):
                return self.transpose(self.rewrite(node(name, turned, data, shape[::-1])))
        return self.rewrite(node(name, args, data, shape))

    def _result(self, name: str, args: Sequence[Expr]) -> Shape:
        operator = self.book.operator(name)
        bound: dict[str, Dim] = {}
        for wanted, e in zip(operator.params, args, strict=True):
            for w, d in zip(wanted, e.shape, strict=True):
                if isinstance(w, str) and bound.setdefault(w, d) != d:
                    raise MatcalcError(f"{name} does not take operands of these shapes.")
        return (substitute(operator.result[0], bound), substitute(operator.result[1], bound))

    def call(
        self, name: str, args: Sequence[Expr], shape: Shape, elementwise: bool = False, order: int = 0, mode: str = ""
    ) -> Expr:
        """An unspecified function's value, or with `order` its derivative."""
        return node("call", tuple(args), Function(name, elementwise, order, mode), shape)

    def index(self, e: Expr, row: int | str | None, column: int | str | None) -> Expr:
        """An entry, row or column, counted from 1; ``None`` takes all."""
        shape = (e.shape[0] if row is None else 1, e.shape[1] if column is None else 1)
        return node("index", (e,), (row, column), shape)

    # --- rules ----------------------------------------------------------------------------------------------------

    def rewrite(self, e: Expr) -> Expr:
        """The expression after the simplify rules of its head."""
        rules = self.book.rules.simplify.get(e.head)
        if not rules:
            return e
        known = self._rewritten.get(e)
        if known is None:
            known = self._rewritten[e] = self._rewrite(e, rules)
        return known

    def _rewrite(self, e: Expr, rules: Sequence[Rule]) -> Expr:
        from .matching import apply_rule

        rule = rules[0]
        self._rewriting.enter(e)
        try:
            for rule in rules:
                made = apply_rule(self, rule, e)
                if made is not None:
                    self.book.fired(rule)
                    return made
        except Endless as endless:
            raise endless.through(rule) from None
        except RecursionError:
            if len(self._rewriting.open) > 1:
                raise
            raise too_deep(rule) from None
        finally:
            self._rewriting.leave()
        return e

    def has(self, e: Expr, wanted: str) -> bool:
        """Whether an expression is known to have a property."""
        if wanted == "symmetric":
            return e.shape[0] == e.shape[1] and self.transpose(e) is e
        if wanted == "nonnegative":
            return self.nonnegative(e)
        if wanted == "square":
            return e.shape[0] == e.shape[1]
        if wanted == "integer":
            return isinstance(as_number(e), int)
        if wanted == "positive" and (number := as_number(e)) is not None:
            return number > 0
        if wanted == "number":
            return as_number(e) is not None
        if e.head == "symbol" and (wanted in e.data.properties or wanted not in GENERIC):
            return wanted in e.data.properties
        key = (e, wanted)
        known = self._having.get(key)
        if known is None:
            from .generic import generically

            self._having[key] = False
            known = self.surely(e, wanted) or wanted in GENERIC and generically(self.book, e, wanted)
            self._having[key] = known
        return known

    def surely(self, e: Expr, wanted: str) -> bool:
        """Whether a property was declared, or a rule derives it: it holds everywhere, and not almost."""
        from .matching import match_rule

        if e.head == "symbol":
            return wanted in e.data.properties
        return any(match_rule(self, rule, e) is not None for rule in self.book.property_rules(wanted))

    # --- rebuilding -----------------------------------------------------------------------------------------------

    def rebuild(
        self,
        e: Expr,
        args: Sequence[Expr],
        dims: Mapping[str, Dim] | None = None,
        functions: Mapping[str, Function] | None = None,
    ) -> Expr:
        """A node of the same head and data over other arguments, with dimension and function names replaced."""
        head = e.head
        if head == "add":
            return self.linear(list(zip(e.data, args, strict=True)))
        if head == "mul":
            return self.mul(args)
        if head == "had":
            return self.had(list(zip(args, e.data, strict=True)), args[0].shape)
        if head == "scale":
            return self.scale(args[0], args[1])
        if head == "transpose":
            return self.transpose(args[0])
        if head == "power":
            return self.power(args[0], args[1])
        if head == "dotpower":
            return self.dotpower(args[0], args[1])
        if head == "call":
            shape = args[0].shape if e.data.elementwise else self._resized(e.shape, dims)
            data = e.data
            if functions and data.name in functions:
                found = functions[data.name]
                data = found._replace(order=found.order + data.order)
            return node("call", tuple(args), data, shape)
        if head == "index":
            return self.index(args[0], *e.data)
        if not args:
            if not dims:
                return e
            if head == "symbol":
                return self.dimension(dims[e.name]) if e.name in dims else e
            shape = self._resized(e.shape, dims)
            if head == "identity":
                return self.identity(shape[0])
            if head == "commutation":
                m, n = e.data
                return self.commutation(substitute(m, dims), substitute(n, dims))
            return node(head, (), e.data, shape)
        sized = "sized" in self.book.operator(head).tags
        return self.apply(head, args, self._resized(e.shape, dims) if sized else None)

    def _resized(self, shape: Shape, dims: Mapping[str, Dim] | None) -> Shape:
        return (substitute(shape[0], dims), substitute(shape[1], dims)) if dims else shape

    def substitute(
        self,
        root: Expr,
        values: Mapping[Expr, Expr],
        dims: Mapping[str, Dim] | None = None,
        functions: Mapping[str, Function] | None = None,
    ) -> Expr:
        """The expression with symbols replaced, in normal form."""
        return fold(root, lambda e, args: values[e] if e in values else self.rebuild(e, args, dims, functions), {})


def _anchor_of(e: Expr) -> str:
    """The head by which rules for products find a factor; symbols without properties have none."""
    inner = e.args[0] if e.head == "transpose" else e
    return inner.head if inner.head != "symbol" or inner.data.properties else ""


def _reads_better(a: Sequence[Expr], b: Sequence[Expr]) -> bool:
    """Whether the factors of a scalar product read better than those of its transpose, or as well and come before."""
    first, second = _reading(a), _reading(b)
    if first != second:
        return first < second
    return node("mul", tuple(a), None, SCALAR).key < node("mul", tuple(b), None, SCALAR).key


def _reading(factors: Sequence[Expr]) -> tuple[int, bool, str]:
    """How a scalar product reads: few transposes, none of them on the differential; of (x ⊙ y ⊙ z)ᵀ it is one."""
    transposes = 0
    on_differential = False
    for a in factors:
        transposes += min(a.transposes, 2) if a.head == "had" and a.shape[0] == 1 else a.transposes
        on_differential = on_differential or a.head == "transpose" and has_differential(a)
    return transposes, on_differential, product_skeleton(factors)


def _opens(e: Expr) -> bool:
    """Whether a product is opened within another; one in blocks only while it is short, or nothing would be shared."""
    return e.size <= LONGEST_OPENED or all(a.head != "mul" for a in e.args)


def _is_spread(e: Expr) -> bool:
    """Whether all entries are one number."""
    return e.head == "ones" or e.head == "scale" and e.args[1].head == "ones"


def _plain(factors: Sequence[Expr]) -> bool:
    """Whether no factor became a sum's negative, so that the chain is a normal form as it stands."""
    return all(a.head not in ("scale", "mul") and not (a.head == "add" and len(a.args) == 1) for a in factors)


def _square_parts(e: Expr) -> list[tuple[Expr, ...]]:
    """A square product cut into square ones: if it is invertible, so are they."""
    parts: list[tuple[Expr, ...]] = []
    begin = 0
    for i, a in enumerate(e.args):
        if a.shape[1] == e.shape[0]:
            parts.append(e.args[begin : i + 1])
            begin = i + 1
    return parts


def _content(coefficients: list[Rational]) -> Rational:
    """The rational number that leaves coprime integers, the first of them positive."""
    numerator, denominator = 0, 1
    for c in coefficients:
        numerator = gcd(numerator, c.numerator)
        denominator = lcm(denominator, c.denominator)
    sign = -1 if coefficients[0] < 0 else 1
    return exact(Fraction(sign * numerator, denominator))


def _under_root(coefficient: Rational, c: Rational, p: Rational) -> tuple[Rational, Rational]:
    """A number times a power of another: 2 times 2^(-1/2) is 2^(1/2), and 2^(1/2) over 2 is 2^(-1/2)."""
    if abs(c) == 1:
        return coefficient, p
    if p < 0 and (coefficient / Fraction(c)).denominator == 1:
        return exact(coefficient / Fraction(c)), exact(p + 1)
    if p > 0 and c.denominator == 1 and Fraction(coefficient).denominator % c == 0:
        return exact(coefficient * Fraction(c)), exact(p - 1)
    return coefficient, p


def _rational_power(c: Rational, p: Rational) -> Rational | None:
    """c^p where that is rational and can be computed, else None."""
    if isinstance(p, int):
        if abs(p) * (c.numerator.bit_length() + c.denominator.bit_length()) > LARGEST_POWER and abs(c) != 1:
            return None
        return exact(Fraction(c) ** p) if c else (None if p < 0 else 0)
    if c < 0 or p.denominator != 2:
        return 1 if c == 1 else None
    top, bottom = isqrt(c.numerator), isqrt(c.denominator)
    if top * top == c.numerator and bottom * bottom == c.denominator:
        return _rational_power(Fraction(top, bottom), p.numerator)
    return None
