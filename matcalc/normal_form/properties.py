"""What an expression is known to be: symmetric, invertible, positive, …"""

from __future__ import annotations

from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr
from ..expressions.parts import as_number, split
from .constructors import Constructors
from .matching import Binding, match_rule
from .signs import SIGNS, Signs
from .theory import GENERIC

DEEP = 10  # nesting from which what is inside is settled first, so that rules are not asked for inside one another
READ_OFF = frozenset({"symmetric", "nonnegative", "square", "integer", "number"})  # without any rule


def nonnegative(algebra: Constructors, e: Expr) -> bool:
    """Whether every entry is known to be at least zero."""
    todo = [e]
    while todo:
        c, x = split(todo.pop())
        if c < 0:
            return False
        if x.head == "had":
            odd = [b for b, p in zip(x.args, x.data, strict=True) if p % 2]
            if any(b.head == "add" for b in odd):
                return False
            todo.extend(odd)
        elif not _nonnegative(algebra, x):
            return False
    return True


def _nonnegative(algebra: Constructors, e: Expr) -> bool:
    if e.head in ("ones", "identity"):
        return True
    if e.head == "symbol":
        return bool(e.data.properties & {"nonnegative", "positive"})
    if e.head == "mul":
        return len(e.args) == 2 and e.shape == SCALAR and algebra.transpose(e.args[0]) is e.args[1]
    if not e.args or e.head in ("add", "transpose", "scale", "power", "dotpower", "call", "index"):
        return False
    return "nonnegative" in algebra.book.operator(e.head).tags


def has(algebra: Constructors, e: Expr, wanted: str) -> bool:
    """Whether an expression is known to have a property, one in GENERIC for almost all values of its names."""
    return algebra.surely(e, wanted) or wanted in GENERIC and _generically(algebra, e, wanted)


def surely(algebra: Constructors, e: Expr, wanted: str) -> bool:
    """Whether a property can be read off, was declared, or is derived by a rule: it holds everywhere."""
    if wanted == "symmetric":
        return e.shape[0] == e.shape[1] and algebra.transpose(e) is e
    if wanted == "nonnegative":
        return algebra.nonnegative(e)
    if wanted == "square":
        return e.shape[0] == e.shape[1]
    if wanted == "integer":
        return isinstance(as_number(e), int)
    if wanted in ("positive", "nonzero") and (number := as_number(e)) is not None:
        return number > 0 or number != 0 and wanted == "nonzero"
    if wanted == "number":
        return as_number(e) is not None
    if e.head == "symbol":
        return wanted in e.data.properties
    key = (e, wanted, True)
    known = algebra.having.get(key)
    if known is None:
        if e.depth > DEEP:
            _settle_inside(algebra, e, wanted)
        try:
            algebra.having[key] = False  # what rests on itself is not known
            known = any(
                match_rule(algebra, rule, e, Binding(wanted=rule.conditions, sure=True)) is not None
                for rule in algebra.book.property_rules(wanted)
            )
            known = known or wanted in SIGNS and wanted in Signs(algebra).of(e)
            algebra.having[key] = known
        except BaseException:
            algebra.having.pop(key, None)
            raise
    return known


def _settle_inside(algebra: Constructors, e: Expr, wanted: str) -> None:
    """Find what rules may ask about the parts of what is nested deep, from the inside."""
    asked = _asked(algebra, wanted)
    todo = [e]
    while todo:
        x = todo[-1]
        inside = [a for a in x.args if a.depth >= DEEP and any((a, p, True) not in algebra.having for p in asked)]
        if inside:
            todo.extend(inside)
            continue
        todo.pop()
        if x is not e:
            for p in asked:
                algebra.surely(x, p)


def _asked(algebra: Constructors, wanted: str) -> list[str]:
    """The properties that the rules for one may ask for, and the rules for these."""
    found = [wanted]
    for p in found:
        demands = [w for rule in algebra.book.property_rules(p) for w in rule.conditions.values()]
        found.extend(sorted(frozenset().union(*demands) - READ_OFF - set(found)))
    return found


def _generically(algebra: Constructors, e: Expr, wanted: str) -> bool:
    key = (e, wanted, False)
    known = algebra.having.get(key)
    if known is None:
        from .generic import generically

        known = algebra.having[key] = generically(algebra.book, e, wanted)
    return known
