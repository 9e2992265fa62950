"""What the normal form would undo: the last changes to what is shown, of signs, numbers and transposes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from ..expressions.dimensions import SCALAR
from ..expressions.nodes import STRUCTURAL, Expr, Rational, fold, node, postorder
from ..expressions.parts import Factor, Term, as_number, is_sum, multiple, split
from ..normal_form.algebra import Algebra
from ..normal_form.rationals import exact

HALF = Fraction(1, 2)
MOST_TURNED = 12  # terms of a sum whose signs are looked at
LONGEST_TURNED = 400  # printed size of such a sum
MOST_PAIRED = 64  # terms of a sum in which transposes are looked for


def finished(algebra: Algebra, e: Expr) -> tuple[Expr, bool]:
    """The expression as it is shown, and whether it is still that expression's normal form written otherwise."""
    found = fold(e, lambda x, args: _finish(algebra, x, args), algebra.memo(_finish))
    shown = _even_arguments(algebra, found.shown) if found.turned else found.shown
    return (fold(shown, lambda x, args: _roots_joined(rebuilt(x, args)), {}), False) if found.roots else (shown, True)


class Finish(NamedTuple):
    """A node as it is shown, and whether in it there may be roots to join, and sums that begin with a minus."""

    shown: Expr
    roots: bool
    turned: bool


def _finish(algebra: Algebra, e: Expr, args: Sequence[Finish]) -> Finish:
    parts = [x.shown for x in args]
    plain = rebuilt(e, parts)
    made = _last_touch(algebra, e, parts, plain)
    roots, turned = _roots_joined(made) is not made, made is not plain or is_sum(made) and made.data[0] < 0
    for x in args:
        roots, turned = roots or x.roots, turned or x.turned
    return Finish(made, roots, turned)


def _last_touch(algebra: Algebra, e: Expr, args: Sequence[Expr], made: Expr) -> Expr:
    """What the normal form would undo: ((A X)ᵏ⁻¹ A)ᵀ for Aᵀ ((A X)ᵏ⁻¹)ᵀ, and x - a for -(a - x)."""
    if made.head == "mul" and made.shape != SCALAR and made.transposes > 2:
        turned = [_bare_transpose(algebra, a) for a in reversed(made.args)]
        if sum(a.transposes for a in turned) + 2 < made.transposes:
            inner = node("mul", tuple(turned), None, made.shape[::-1])
            if inner.size < made.size:  # the transpose around it is one more
                return node("transpose", (inner,), None, made.shape)
    if made.head == "mul":
        return _columns_turned(algebra, e, made)
    if made.head != "add":
        return made
    return _signs_turned(algebra, _content_inside(algebra, _transposes_paired(algebra, e, args) or made))


def _columns_turned(algebra: Algebra, e: Expr, made: Expr) -> Expr:
    """(x - a) (x - a)ᵀ, and not (x - a) (xᵀ - aᵀ)."""
    shown = list(made.args)
    for i, x in enumerate(e.args):
        if is_sum(x) and x.shape[0] == 1 and (turned := algebra.transpose(x)) in e.args:
            whole = node("transpose", (made.args[e.args.index(turned)],), None, x.shape)
            shown[i] = min(whole, shown[i], key=lambda row: row.size)
    return rebuilt(made, shown)


def _roots_joined(e: Expr) -> Expr:
    """sqrt(2/π) for sqrt(2)/sqrt(π)."""
    if e.head != "had" or e.shape != SCALAR:
        return e
    roots = [(b, p) for b, p in zip(e.args, e.data, strict=True) if abs(p) == HALF and _is_constant(b)]
    if len(roots) < 2:
        return e
    under = node("had", tuple(b for b, _ in roots), tuple(1 if p > 0 else -1 for _, p in roots), SCALAR)
    rest = [(b, p) for b, p in zip(e.args, e.data, strict=True) if (b, p) not in roots]
    factors: list[Factor] = [(under, HALF), *rest]
    return node("had", tuple(b for b, _ in factors), tuple(p for _, p in factors), SCALAR)


def _is_constant(e: Expr) -> bool:
    return as_number(e) is not None or e.head == "symbol" and e.name == "π"


def _transposes_paired(algebra: Algebra, e: Expr, shown: Sequence[Expr]) -> Expr | None:
    """S + Sᵀ for a sum that holds the transpose of each of some terms, where that writes fewer transposes."""
    if e.shape[0] != e.shape[1] or e.shape == SCALAR or not 1 < len(e.args) <= MOST_PAIRED:
        return None
    left = {t: (c, x) for t, c, x in zip(e.args, e.data, shown, strict=True)}
    pairs: list[Term] = []
    saved = -1  # the transpose around S
    for t in sorted(e.args, key=lambda x: x.transposes):
        turned = algebra.transpose(t)
        if t in left and turned in left and turned is not t and left[turned][0] == left[t][0]:
            pairs.append(left.pop(t))
            saved += left.pop(turned)[1].size - pairs[-1][1].size
    if saved <= 0:
        return None
    pairs.sort(key=lambda term: term[1].key)
    whole = multiple(*pairs[0]) if len(pairs) == 1 else node("add", *_columns(pairs), e.shape)
    c, whole = split(whole)
    return node("add", *_columns([*left.values(), *pairs, (c, node("transpose", (whole,), None, e.shape))]), e.shape)


def _columns(terms: Sequence[Term]) -> tuple[tuple[Expr, ...], tuple[Rational, ...]]:
    return tuple(t for _, t in terms), tuple(c for c, _ in terms)


def _content_inside(algebra: Algebra, e: Expr) -> Expr:
    """c (a A + b B), with c multiplied in where that writes fewer numbers: A + B/2 for 1/2 (2 A + B)."""
    if all(abs(c) == 1 for c in e.data):
        return e
    terms = list(zip(e.data, e.args, strict=True))
    for i, (c, t) in enumerate(terms):
        made = _changed_sum(algebra, t, partial(_multiplied_in, abs(c))) if abs(c) != 1 else None
        if made is None and len(terms) == 1 and is_sum(t) and (grouped := _grouped(c, t)) is not None:
            return grouped
        terms[i] = algebra.root_merged(c, t) if made is None else (1 if c > 0 else -1, made)
    if len(terms) > 1:
        return node("add", *_columns(terms), e.shape)
    made = multiple(*terms[0])
    return _content_inside(algebra, made) if is_sum(made) else made


def _grouped(c: Rational, e: Expr) -> Expr | None:
    """X⁻¹ - 1/2 (A + Aᵀ) for 1/2 (2 X⁻¹ - A - Aᵀ), where that writes fewer numbers."""
    groups: dict[Rational, list[Term]] = {}
    for d, t in zip(e.data, e.args, strict=True):
        coefficient = exact(c * d)
        groups.setdefault(max(coefficient, -coefficient), []).append((coefficient, t))
    if len(groups) == 1 or _numbers(list(groups)) >= _numbers([c, *e.data]):
        return None
    terms: list[Term] = []
    for size, members in groups.items():
        if size == 1 or len(members) == 1:
            terms += members
        else:
            content = size if members[0][0] > 0 else -size
            args, coefficients = _columns(members)
            signs = tuple(exact(Fraction(d) / content) for d in coefficients)
            terms.append((content, node("add", args, signs, e.shape)))
    return node("add", *_columns(terms), e.shape)


def _multiplied_in(c: Rational, coefficients: Sequence[Rational]) -> list[Rational] | None:
    made = [exact(c * d) for d in coefficients]
    return made if _numbers(made) < _numbers(coefficients) + _numbers([c]) else None


def _numbers(coefficients: Sequence[Rational]) -> int:
    """How many numbers the coefficients show, a fraction two."""
    return sum((abs(c.numerator) != 1) + 2 * (c.denominator != 1) for c in coefficients)


def _signs_turned(algebra: Algebra, e: Expr) -> Expr:
    """x - a for -(a - x), and A + (C - B) X for A - (B - C) X, where B - C stands in no other term."""
    if e.head != "add" or all(c > 0 for c in e.data) or len(e.args) > MOST_TURNED:
        return e
    c, inner = split(e)
    if c < 0 and is_sum(inner) and (all_turned := _all_turned(algebra, inner)):
        return multiple(-c, all_turned)
    terms = list(zip(e.data, e.args, strict=True))
    for i, (c, t) in enumerate(terms):
        turned = _changed_sum(algebra, t, _negated) if c < 0 else None
        if turned is not None and (len(terms) == 1 or _stands_alone(t, e) and not _projects(t)):
            terms[i] = (-c, turned)
    if len(terms) == 1:
        made = multiple(*terms[0])
        return _signs_turned(algebra, made) if c < 0 and is_sum(made) else made
    return node("add", *_columns(terms), e.shape)


def _projects(t: Expr) -> bool:
    """Whether a factor is I - P, which one knows in that order."""
    return any(is_sum(x) and any(a.head == "identity" for a in x.args) for x in postorder(*t.args))


def _stands_alone(t: Expr, e: Expr) -> bool:
    """Whether no sum of a term stands in another term too; of very long ones that is not asked."""
    if e.size > LONGEST_TURNED:
        return False
    seen = Counter(x for other in e.args for x in postorder(other) if is_sum(x))
    return all(seen[x] < 2 for x in postorder(t))


def _all_turned(algebra: Algebra, e: Expr) -> Expr | None:
    """The negative of a sum of which every term contains a difference."""
    turned = [_changed_sum(algebra, t, _negated) if c > 0 else None for c, t in zip(e.data, e.args, strict=True)]
    parts = [t for t in turned if t is not None]
    return node("add", tuple(parts), e.data, e.shape) if len(parts) == len(turned) else None


def _negated(coefficients: Sequence[Rational]) -> list[Rational] | None:
    return [-c for c in coefficients] if any(c < 0 for c in coefficients) else None


def _changed_sum(
    algebra: Algebra, e: Expr, change: Callable[[Sequence[Rational]], list[Rational] | None]
) -> Expr | None:
    """An expression with the coefficients of one sum among its factors changed, or None where none is to be."""
    around: list[tuple[Expr, list[int]]] = []  # the way to x: what it is a factor of, and the places not yet tried
    without: set[Expr] = set()  # in which there is none
    x = e
    while True:
        coefficients = change(x.data) if is_sum(x) else None
        if coefficients is not None:
            made = node("add", x.args, tuple(coefficients), x.shape)
            for outer, left in reversed(around):
                i = left[0]
                made = node(outer.head, (*outer.args[:i], made, *outer.args[i + 1 :]), outer.data, outer.shape)
            return made
        around.append((x, [-1, *_changeable(algebra, x, change is _negated)]))
        while around:
            outer, left = around[-1]
            del left[0]
            while left and outer.args[left[0]] in without:
                del left[0]
            if left:
                break
            without.add(outer)
            around.pop()
        else:
            return None
        x = outer.args[left[0]]


def _changeable(algebra: Algebra, e: Expr, negated: bool) -> list[int]:
    """The places of the arguments whose sign, or number, comes out.

    Of u uᵀ no factor is changed: it would read less well, and the two would no longer be one.
    """
    if is_sum(e):
        return []
    if e.head not in ("mul", "had", "scale", "transpose"):
        tags = algebra.book.operator(e.head).tags if e.args and e.head not in STRUCTURAL else frozenset()
        if not ("linear" in tags or "odd" in tags and negated):
            return []
    bare = [x.args[0] if x.head == "transpose" else x for x in e.args]
    alone = [i for i, x in enumerate(bare) if bare.count(x) == 1]
    if e.head != "had":
        return alone
    return [i for i in alone if e.data[i] == 1 or negated and e.data[i] in (-3, -1, 3)]


def _bare_transpose(algebra: Algebra, e: Expr) -> Expr:
    return e.args[0] if e.head == "transpose" else algebra.transpose(e)


def _even_arguments(algebra: Algebra, e: Expr) -> Expr:
    """(x - a)/‖x - a‖ rather than (x - a)/‖a - x‖: an even function shows a difference as it stands elsewhere."""
    turned = {
        node("add", x.args, tuple(-c for c in x.data), x.shape): x for x in postorder(e) if is_sum(x) and x.data[0] < 0
    }

    def touch(x: Expr, args: list[Expr]) -> Expr:
        if x.head == "had":
            args = [turned.get(a, a) if p % 2 == 0 else a for a, p in zip(args, x.data, strict=True)]
        elif x.args and x.head not in STRUCTURAL and "even" in algebra.book.operator(x.head).tags:
            args = [turned.get(args[0], args[0])]
        return rebuilt(x, args)

    return fold(e, touch, {})


def rebuilt(e: Expr, args: Sequence[Expr]) -> Expr:
    """The node over other arguments, as it is written: out of normal form."""
    args = tuple(args)
    return e if args == e.args else node(e.head, args, e.data, e.shape)
