"""Scalar multiples and Hadamard products: commutative monomials of powers, numbers in front."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import EvaluationError
from ..expressions.dimensions import SCALAR, Shape
from ..expressions.nodes import ONE, Expr, Rational, node
from ..expressions.parts import Factor, as_number, split
from .constructors import Constructors
from .endless import Endless
from .matching import Binding, instantiate, match
from .products import LONGEST_CHAIN
from .rationals import exact, rational_power, under_root
from .theory import untransposed


def scale(algebra: Constructors, s: Expr, e: Expr) -> Expr:
    """A scalar times a matrix or vector; numbers go to the coefficient."""
    if e.shape == SCALAR:
        return algebra.had([(s, 1), (e, 1)], SCALAR)
    c, s = split(s)
    d, e = split(e)
    if s.head == "zero" or e.head == "zero":
        return algebra.zeros(*e.shape)
    if e.head == "scale" and s is not ONE:
        more, s = split(algebra.had([(s, 1), (e.args[0], 1)], SCALAR))
        c, e = c * more, e.args[1]
    made = e if s is ONE else algebra.rewrite(node("scale", (s, e), None, e.shape))
    if c * d == 1:
        return made
    return algebra.linear([(c * d, made)])


def had(algebra: Constructors, factors: Iterable[Factor], shape: Shape | None = None) -> Expr:
    """The Hadamard product of powers; of 1×1 factors it is the ordinary scalar product."""
    found: dict[Expr, Rational] = {}
    coefficient: Rational = 1
    scalars: list[Factor] = []
    todo = list(factors)[::-1]
    vanished: Expr | None = None
    algebra.work += len(todo)
    while todo:
        e, p = todo.pop()
        shape = e.shape
        if not p:
            continue
        if e.head == "add" and len(e.args) == 1:
            root = rational_power(e.data[0], p)
            if root is not None:
                coefficient *= root
                e = e.args[0]
        if shape != SCALAR and (c := _of_ones(algebra, e)) is not None:
            scalars.append((c, p))
            continue
        if e.head == "zero":
            if p < 0:
                raise EvaluationError("This divides by zero.")
            vanished = e
        elif e.head == "ones":
            continue
        elif e.head == "scale" and isinstance(p, int):
            scalars.append((e.args[0], p))
            todo.append((e.args[1], p))
        elif e.head == "had" and len(e.args) < LONGEST_CHAIN and _exponents_multiply(algebra, e, p):
            todo.extend((b, exact(q * p)) for b, q in zip(e.args, e.data, strict=True))
        elif e.head == "transpose" and e.args[0].head == "had" and isinstance(p, int):
            todo.extend(
                (algebra.transpose(b), exact(q * p)) for b, q in zip(e.args[0].args, e.args[0].data, strict=True)
            )
        elif e.head == "identity" and p > 0:
            found[e] = 1
        elif e.head == "dotpower" and p != 1 and isinstance(p, int):
            todo.append((algebra.dotpower(e.args[0], algebra.linear([(p, e.args[1])])), 1))
        else:
            found[e] = exact(found.get(e, 0) + p)
    if shape is None:
        raise ValueError("an empty Hadamard product needs a shape")
    if vanished is not None:
        return algebra.zeros(*shape)
    for e in [e for e in found if e.head == "add" and e.args == (ONE,)]:  # sqrt(2) sqrt(2) = 2
        root = rational_power(e.data[0], found[e])
        if root is not None:
            coefficient *= root
            del found[e]
        elif shape == SCALAR:
            coefficient, found[e] = under_root(coefficient, e.data[0], found[e])
    if any(e.head == "dotpower" for e in found):
        _merge_powers(algebra, found)
    if algebra.book.rules.powers:
        for e, p in found.items():
            inner = untransposed(e)
            made = _power_rewritten(algebra, inner, p) if p != 1 and inner.head in algebra.book.rules.powers else None
            if made is not None:
                made = made if inner is e else algebra.transpose(made)
                rest = [(b, q) for b, q in found.items() if b is not e]
                front = algebra.scale(algebra.had([(algebra.number(coefficient), 1), *scalars], SCALAR), made)
                return algebra.had([(front, 1), *rest], shape)
    kept = [(e, p) for e, p in found.items() if p]
    if not kept:
        core = algebra.ones(*shape)
    elif len(kept) == 1 and kept[0][1] == 1:
        core = kept[0][0]
    else:
        kept.sort(key=lambda factor: factor[0].key)
        core = algebra.rewrite(node("had", tuple([e for e, _ in kept]), tuple([p for _, p in kept]), shape))
    if scalars:
        core = algebra.scale(algebra.had(scalars, SCALAR), core)
    return core if coefficient == 1 else algebra.linear([(coefficient, core)])


def _of_ones(algebra: Constructors, e: Expr) -> Expr | None:
    """The number that all entries are, where it is not 1, else None."""
    c, x = split(e)
    scalar = x.args[0] if x.head == "scale" and x.args[1].head == "ones" else ONE if x.head == "ones" else None
    return None if scalar is None or x is e and scalar is ONE else algebra.linear([(c, scalar)])


def _power_rewritten(algebra: Constructors, e: Expr, p: Rational) -> Expr | None:
    """What the rules for powers make of one factor: exp.(X).^2 = exp.(2 X)."""
    for rule in algebra.book.rules.powers[e.head]:
        base, exponent = rule.pattern.args
        b = Binding(wanted=rule.conditions)
        if match(algebra, exponent, algebra.number(p), b) and match(algebra, base, e, b):
            algebra.book.fired(rule)
            around = algebra.rewriting.open
            level = len(around)
            try:
                algebra.rewriting.enter(e)
                return instantiate(algebra, rule.template, b)
            except Endless as endless:
                raise endless.through(rule) from None
            finally:
                del around[level:]
    return None


def _merge_powers(algebra: Constructors, found: dict[Expr, Rational]) -> None:
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
            exponent = algebra.linear([*((q, e.args[1]) for e, q in powers), (p, ONE)], SCALAR)
            number = as_number(exponent)
            merged, p = (algebra.dotpower(base, exponent), 1) if number is None else (base, number)
            found[merged] = exact(found.get(merged, 0) + p)


def _exponents_multiply(algebra: Constructors, e: Expr, p: Rational) -> bool:
    """Whether (Π bᵢ^qᵢ)^p is Π bᵢ^(qᵢ p) wherever the left side is real: always for integers p."""
    if isinstance(p, int):
        return True
    if all(algebra.nonnegative(b) for b in e.args):
        return True
    return len(e.args) == 1 and not (isinstance(e.data[0], int) and e.data[0] % 2 == 0)
