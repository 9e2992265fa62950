"""Where an expression has a value: what its operations ask of their arguments, as their entries say.

A claim is an expression and a predicate: (X, invertible), (x, nonzero).  Claims are taken apart until they are about
parts that nothing is known of: that A B x ≠ 0 stays, that 2 Xᵀ is invertible becomes that X is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr, Rational, fold, postorder
from ..expressions.parts import as_number, split
from .algebra import Algebra
from .matching import Binding, match
from .powers import square_parts
from .signs import SIGNS, Signs
from .theory import untransposed

Claim = tuple[Expr, str]

INVERSE, RECIPROCAL, ROOT, POWER, MATRIX_POWER = "inv", "recip", "sqrt", "log", "logm"
"""The operators whose domains are those of X⁻¹, of entrywise powers -1 and ½, and of powers x^t and X^t."""


ASKING_NOTHING = frozenset({"symbol", "add", "mul", "scale", "transpose"})
"""The heads that have a value wherever their arguments have one."""


OF_MULTIPLES = frozenset({"nonzero", "nonnull", "invertible", "full_rank"})
"""What holds of every multiple of an expression but 0 if it holds of the expression."""


def claims(algebra: Algebra, *roots: Expr) -> dict[Claim, None]:
    """What the operations of expressions ask of their arguments, in the order in which they come, in normal form."""
    memo: dict[Expr, Expr] = {}
    return {
        (normalized(algebra, x, memo), p): None
        for e in postorder(*roots)
        if e.head not in ASKING_NOTHING
        for x, p in _asked(algebra, e)
    }


def normalized(algebra: Algebra, e: Expr, memo: dict[Expr, Expr]) -> Expr:
    """The normal form of an expression as an answer shows it; the memo has those of its parts."""
    return fold(e, lambda part, args: algebra.rebuild(part, args) if args else part, memo)


def _asked(algebra: Algebra, e: Expr) -> Iterator[Claim]:
    """What one operation asks."""
    head = e.head
    if head == "had":
        for x, p in zip(e.args, e.data, strict=True):
            if p < 0:
                yield from _of(algebra, RECIPROCAL, (x,))
            if isinstance(p, Fraction):
                yield from _of(algebra, ROOT, (x,))
    elif head == "power":
        k = as_number(e.args[1])
        if isinstance(k, Fraction):
            yield from _of(algebra, MATRIX_POWER, e.args)
        elif k is not None and k < 0:
            yield from _of(algebra, INVERSE, e.args)
    elif head == "dotpower":
        yield from _of(algebra, POWER, e.args)
    elif head in algebra.book.operators:
        yield from _of(algebra, head, e.args)


def _of(algebra: Algebra, name: str, args: tuple[Expr, ...]) -> Iterator[Claim]:
    operator = algebra.book.operators.get(name)
    for place, predicate in operator.domain if operator else ():
        yield args[place], predicate


def atoms(algebra: Algebra, asked: Iterable[Claim], sizes: Iterable[str] = ()) -> dict[Claim, None]:
    """The claims that remain of these: taken apart, and without what is known; `sizes` are names of numbers ≥ 1."""
    signs = Signs(algebra, sizes)
    found: dict[Claim, None] = {}
    seen: set[Claim] = set()
    todo = list(asked)[::-1]
    while todo:
        claim = todo.pop()
        if claim in seen:
            continue
        seen.add(claim)
        parts = _parts(algebra, signs, *claim)
        if parts is None:
            found[_oriented(algebra, claim)] = None
        else:
            todo += parts[::-1]
    return found


def with_implied(algebra: Algebra, found: Iterable[Claim]) -> set[Claim]:
    """The claims with all that follows from each of them alone."""
    known = list(found)
    more = [(e, p) for e, word in known for p in algebra.book.implied({word})]
    return {*more, *atoms(algebra, more)}


def _parts(algebra: Algebra, signs: Signs, e: Expr, p: str) -> list[Claim] | None:
    """Simpler claims that together are this one; None of a claim that is simple."""
    c, e = split(e)
    if e.shape == SCALAR and p in ("invertible", "nonnull", "full_rank"):
        return [(e, "nonzero")]
    if c != 1:
        return [(e, p)] if p in OF_MULTIPLES or c > 0 and p in SIGNS else None
    if e.head == "transpose":
        return [(e.args[0], p)]
    if algebra.surely(e, p) or p in algebra.book.implied(signs.of(e)):
        return []
    if p in ("nonzero", "nonnull", "invertible") and e.head == "scale":
        return [(e.args[0], "nonzero"), (e.args[1], p)]
    if p == "nonzero" and e.head == "had":
        return [(x, p) for x in e.args]
    if p == "nonzero" and e.head == "add" and (common := _common_factors(e)):
        rest = [(k, algebra.had([(t, 1), *((x, -q) for x, q in common)], e.shape)) for k, t in _terms(e)]
        return [*((x, p) for x, _ in common), (algebra.linear(rest), p)]
    if p == "invertible" and e.head == "power":
        return [(e.args[0], p)]
    if p == "invertible" and e.head == "mul":
        parts = square_parts(e)
        if len(parts) > 1:
            return [(algebra.mul(part) if len(part) > 1 else part[0], p) for part in parts]
    return _by_rule(algebra, e, p)


def _terms(e: Expr) -> Iterator[tuple[Rational, Expr]]:
    return zip(e.data, e.args, strict=True)


def _common_factors(e: Expr) -> list[tuple[Expr, Rational]]:
    """What all terms of a sum have in common: entrywise factors with their least exponents, denominators too."""
    powers: list[dict[Expr, Rational]] = [
        dict(zip(t.args, t.data, strict=True)) if t.head == "had" else {t: 1} for t in e.args
    ]
    least = {x: min(p.get(x, 0) for p in powers) for x in dict.fromkeys(x for p in powers for x in p)}
    return [(x, q) for x, q in least.items() if q]


def _by_rule(algebra: Algebra, e: Expr, p: str) -> list[Claim] | None:
    """What a property rule says that holds in no other case."""
    for rule in algebra.book.property_rules(p):
        if rule.exact and rule.entry.sides[1] == p and rule.pattern.head == e.head:
            b = Binding()
            if match(algebra, rule.pattern, e, b):
                return [(b.values[v], word) for v, words in rule.conditions.items() for word in sorted(words)]
    return None


def _oriented(algebra: Algebra, claim: Claim) -> Claim:
    """A claim about X rather than Xᵀ, whichever is written first."""
    e, p = claim
    turned = untransposed(algebra.transpose(e))
    return (min(e, turned, key=lambda x: (x.transposes, x.key)), p)
