"""Matrix products: flat chains in which neighbouring powers are merged and scalars stand in front."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..expressions.dimensions import SCALAR, Shape
from ..expressions.nodes import ONE, Expr, Rational, has_differential, node, product_skeleton
from ..expressions.parts import Factor, split
from .constructors import Constructors
from .rewriting import OPENED, anchor_of, reduced_by_pairs

LONGEST_CHAIN = 64  # longer products are kept in blocks, so that chains of chains stay linear
LONGEST_OPENED = 4 * LONGEST_CHAIN  # printed size up to which a product in blocks is opened within another


def mul(algebra: Constructors, factors: Sequence[Expr]) -> Expr:
    """The matrix product of a conforming chain."""
    shape = (factors[0].shape[0], factors[-1].shape[1])
    algebra.work += len(factors)
    if OPENED.isdisjoint([e.head for e in factors]) and SCALAR not in [e.shape for e in factors]:  # as in most
        return _product(algebra, list(factors), shape, [], 1)
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
            return algebra.zeros(*shape)
        elif head != "identity":
            flat.append(e)
    return _product(algebra, flat, shape, scalars, coefficient)


def _product(
    algebra: Constructors, flat: list[Expr], shape: Shape, scalars: list[Factor], coefficient: Rational
) -> Expr:
    """A number times scalars times a chain of factors that are neither products nor multiples."""
    if not flat:
        core = algebra.identity(shape[0])
    else:
        core = _chain(algebra, flat, shape, scalars)
    if scalars:
        core = algebra.scale(algebra.had(scalars, SCALAR), core)
    return core if coefficient == 1 else algebra.linear([(coefficient, core)])


def _chain(algebra: Constructors, flat: list[Expr], shape: Shape, scalars: list[Factor]) -> Expr:
    """A chain of factors, none of them scalar; what turns out scalar inside goes to `scalars`."""
    cuts = [i for i, e in enumerate(flat, 1) if e.shape[1] == 1]
    if cuts and cuts[-1] == len(flat):
        cuts.pop()
    if not cuts:
        return _segment(algebra, flat, shape)
    segments = [flat[i:j] for i, j in zip([0, *cuts], [*cuts, len(flat)], strict=True)]
    outer: list[Expr] = []
    for part in segments:
        made = _segment(algebra, part, (part[0].shape[0], part[-1].shape[1]))
        if made.shape == SCALAR:
            scalars.append((made, 1))
        else:
            outer.append(made)
    if len(outer) == 2:
        (c, left), (d, right) = map(split, outer)
        if left.head == "scale" or right.head == "scale" or "zero" in (left.head, right.head) or c * d != 1:
            return _scaled_outer(algebra, outer)
        factors = tuple(a for e in outer for a in (e.args if e.head == "mul" else (e,)))
        reduced = reduced_by_pairs(algebra, list(factors)) if left.head == "ones" or right.head == "ones" else None
        return algebra.rewrite(node("mul", factors, None, shape)) if reduced is None else reduced
    return outer[0] if outer else ONE


def _scaled_outer(algebra: Constructors, outer: list[Expr]) -> Expr:
    coefficient: Rational = 1
    scalars: list[Factor] = []
    bare = []
    for e in outer:
        c, e = split(e)
        coefficient *= c
        if e.head == "zero":
            return algebra.zeros(outer[0].shape[0], outer[1].shape[1])
        if e.head == "scale":
            scalars.append((e.args[0], 1))
            e = e.args[1]
        bare.append(e)
    return algebra.linear([(coefficient, algebra.scale(algebra.had(scalars, SCALAR), algebra.mul(bare)))])


def _segment(algebra: Constructors, flat: list[Expr], shape: Shape) -> Expr:
    """A chain without inner dimensions of 1: powers merged, pair rules applied, a scalar turned to read best."""
    if len(flat) == 1:
        return flat[0]
    rules = algebra.book.rules.pairs
    mergeable = reducible = False
    last: Expr | None = None
    for e in flat:
        inner = e.args[0] if e.head == "transpose" else e
        if e is last or inner.head == "power":
            mergeable = True
        if inner.head in rules and anchor_of(e) in rules:
            reducible = True
        last = e
    if mergeable:
        merged = _merged(algebra, flat)
        if merged is not None:
            return algebra.mul(merged) if merged else algebra.identity(shape[0])
    if reducible:
        reduced = reduced_by_pairs(algebra, flat)
        if reduced is not None:
            return reduced
    if len(flat) > LONGEST_CHAIN:
        blocks = [flat[i : i + LONGEST_CHAIN] for i in range(0, len(flat), LONGEST_CHAIN)]
        flat = [node("mul", tuple(b), None, (b[0].shape[0], b[-1].shape[1])) if len(b) > 1 else b[0] for b in blocks]
        if len(flat) > LONGEST_CHAIN:
            return _segment(algebra, flat, shape)
    if shape == SCALAR and (pooled := _pooled(algebra, flat)) is not None:
        return pooled
    if shape == SCALAR:
        signed = [split(algebra.transpose(e)) for e in reversed(flat)]  # (A - Aᵀ)ᵀ is -(A - Aᵀ)
        turned = [e for _, e in signed]
        if _plain(turned) and _reads_better(turned, flat):
            return algebra.linear([(prod(c for c, _ in signed), _segment(algebra, turned, shape))])
    return algebra.rewrite(node("mul", tuple(flat), None, shape))


def _pooled(algebra: Constructors, flat: list[Expr]) -> Expr | None:
    """xᵀ (y ⊙ z) for (x ⊙ y)ᵀ z: the entrywise factors of a scalar product in one order, or None as they stand.

    The differential stands on the right, else the first factor on the left.
    """
    row, column = algebra.transpose(flat[0]), flat[-1]
    at_left, at_right = row.head == "had", column.head == "had"
    if not (at_left or at_right) or at_left and at_right and len(flat) > 2:
        return None
    if len(flat) > 2 and at_right:
        row = algebra.transpose(_segment(algebra, flat[:-1], (1, column.shape[0])))
    elif len(flat) > 2:
        column = _segment(algebra, flat[1:], (row.shape[0], 1))
    sign, row = split(row)  # the transpose of a difference may be the other difference
    pool = algebra.had([(row, 1), (column, 1)], row.shape)
    if pool.head != "had":
        return None
    factors = list(zip(pool.args, pool.data, strict=True))
    whole = [(e, p) for e, p in factors if p == 1 or p == 2]
    if not whole or len(factors) == 1 and factors[0][1] != 2:
        return None
    first, _ = min(whole, key=lambda factor: not has_differential(factor[0]))
    rest = algebra.had([(pool, 1), (first, -1)], row.shape)
    if {first, rest} == {row, column}:
        return None
    outer = (rest, first) if has_differential(first) else (first, rest)
    return algebra.linear([(sign, algebra.mul([algebra.transpose(outer[0]), outer[1]]))])


def _merged(algebra: Constructors, flat: list[Expr]) -> list[Expr] | None:
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
            total = algebra.power(base, algebra.add(bases[-1][1], exponent))
            total = algebra.transpose(total) if turned else total
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
        cancelled = _cancelled(algebra, out)
        if cancelled is not None:
            return cancelled
    return out if changed else None


def _cancelled(algebra: Constructors, flat: list[Expr]) -> list[Expr] | None:
    """The chain with (P Q)⁻ᵏ beside P Q reduced to (P Q)¹⁻ᵏ, or None."""
    for i, e in enumerate(flat):
        inner = e.args[0] if e.head == "transpose" else e
        if inner.head != "power" or inner.args[0].head != "mul":
            continue
        base = algebra.transpose(inner.args[0]) if e.head == "transpose" else inner.args[0]
        if base.head != "mul":
            continue
        n = len(base.args)
        for j in (i + 1, i - n):
            if j >= 0 and tuple(flat[j : j + n]) == base.args:
                reduced = algebra.power(inner.args[0], algebra.linear([(1, inner.args[1]), (1, ONE)]))
                if e.head == "transpose":
                    reduced = algebra.transpose(reduced)
                low, high = min(i, j), max(i + 1, j + n)
                middle = [] if reduced.head == "identity" else [reduced]
                return flat[:low] + middle + flat[high:]
    return None


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


def _plain(factors: Sequence[Expr]) -> bool:
    """Whether no factor became a product or a multiple, so that the chain is a normal form as it stands."""
    return all(a.head not in ("scale", "mul") for a in factors)
