"""Sums: linear combinations of expressions with exact coefficients, like terms collected."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from ..expressions.dimensions import SCALAR, Shape
from ..expressions.nodes import ONE, Expr, Rational, node
from ..expressions.parts import Term, is_sum, split
from .constructors import Constructors
from .rationals import content_of, exact, under_root


def linear(algebra: Constructors, terms: Iterable[Term], shape: Shape | None = None, orient: bool = True) -> Expr:
    """The linear combination of expressions of one shape: like terms collected, content and sign in front.

    A sum is the transpose of its transpose where that is written with fewer, unless `orient` is false.
    """
    terms = terms if isinstance(terms, list) else list(terms)
    algebra.work += len(terms)
    if len(terms) == 1:
        c, e = terms[0]
        if c == 1 and e.head not in ("add", "transpose") or c and e in algebra.sums:
            return _times(algebra, c, e)
    found: dict[Expr, Rational] = {}
    for c, e in terms:
        shape = e.shape
        if not c or e.head == "zero":
            continue
        if e.head == "add" and len(e.args) == 1:
            c, e = c * e.data[0], e.args[0]
        if c != 1 and (e.head == "scale" or e.head == "had" and e.shape == SCALAR):
            c, e = algebra.root_merged(c, e)
        turned = e.head == "transpose" and e.args[0].head == "add"
        inner = e.args[0] if turned else e
        if inner.head == "add":
            for d, a in zip(inner.data, inner.args, strict=True):
                a = algebra.transpose(a) if turned else a
                if a.head == "add" and len(a.args) == 1:
                    d, a = d * a.data[0], a.args[0]
                found[a] = found.get(a, 0) + c * d
        else:
            found[e] = found.get(e, 0) + c
    kept = [(e, c) for e, c in found.items() if c]
    if len(kept) > 1 and shape != SCALAR and sum(1 for e, _ in kept if _is_spread(e)) > 1:
        return _spread_together(algebra, kept)
    if not kept:
        if shape is None:
            raise ValueError("an empty sum needs a shape")
        return algebra.zeros(*shape)
    if len(kept) == 1:
        e, c = kept[0]
        return _times(algebra, c, e)
    kept.sort(key=lambda term: term[0].key)
    content = content_of([c for _, c in kept])
    if content == 1:
        total = node("add", tuple([e for e, _ in kept]), tuple([exact(c) for _, c in kept]), kept[0][0].shape)
    else:
        coefficients = tuple([exact(Fraction(c) / content) for _, c in kept])
        total = node("add", tuple([e for e, _ in kept]), coefficients, kept[0][0].shape)
    if len(kept) == 2:
        found_again = algebra.rewrite(total)
        if found_again is not total:
            return algebra.linear([(content, found_again)])
    sign, oriented = split(_oriented_sum(algebra, total) if orient else total)
    if oriented is total and orient:
        algebra.sums.add(total)
    return _times(algebra, content * sign, oriented)


def root_merged(algebra: Constructors, c: Rational, e: Expr) -> Term:
    """A term whose number went into a root of another: 2/sqrt(2) is sqrt(2)."""
    front = e.args[0] if e.head == "scale" else e
    factors = list(zip(front.args, front.data, strict=True)) if front.head == "had" else []
    for i, (b, p) in enumerate(factors):
        if b.head == "add" and b.args == (ONE,):
            d, q = under_root(c, b.data[0], p)
            if q != p:
                merged = algebra.had([*factors[:i], (b, q), *factors[i + 1 :]], SCALAR)
                return d, algebra.scale(merged, e.args[1]) if e.head == "scale" else merged
    return c, e


def _spread_together(algebra: Constructors, terms: list[tuple[Expr, Rational]]) -> Expr:
    """A sum in which the numbers that are added to every entry are one number."""
    spread = [(c, e.args[0] if e.head == "scale" else ONE) for e, c in terms if _is_spread(e)]
    rest = [(c, e) for e, c in terms if not _is_spread(e)]
    shape = terms[0][0].shape
    return algebra.linear([*rest, (1, algebra.scale(algebra.linear(spread), algebra.ones(*shape)))], shape)


def _times(algebra: Constructors, c: Rational, e: Expr) -> Expr:
    return e if c == 1 else node("add", (e,), (exact(c),), e.shape)


def _oriented_sum(algebra: Constructors, e: Expr) -> Expr:
    """A sum, or the transpose of its transpose where that has fewer transposes: (X B + B X)ᵀ."""
    if e.transposes <= 1 or e.shape == SCALAR:
        return e
    turned: list[Term] = []
    so_far = 1
    for c, a in zip(e.data, e.args, strict=True):
        a = algebra.transpose(a)
        so_far += a.transposes
        if so_far >= e.transposes or is_sum(a):  # of most long sums a part tells
            return e
        turned.append((c, a))
    kept = sorted(((b, c * d) for c, a in turned for d, b in [split(a)]), key=lambda term: term[0].key)
    content = content_of([c for _, c in kept])
    flipped = node(
        "add", tuple([a for a, _ in kept]), tuple([exact(Fraction(c) / content) for _, c in kept]), e.shape[::-1]
    )
    return _times(algebra, content, node("transpose", (flipped,), None, e.shape))


def _is_spread(e: Expr) -> bool:
    """Whether all entries are one number."""
    return e.head == "ones" or e.head == "scale" and e.args[1].head == "ones"
