"""What an expression is known to be: symmetric, invertible, positive, …"""

from __future__ import annotations

from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr
from ..expressions.parts import as_number, split
from .constructors import Constructors
from .matching import Binding, match_rule
from .signs import SIGNS, Signs
from .theory import GENERIC


def nonnegative(algebra: Constructors, e: Expr) -> bool:
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
            p % 2 == 0 or b.head != "add" and algebra.nonnegative(b) for b, p in zip(e.args, e.data, strict=True)
        )
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


def _generically(algebra: Constructors, e: Expr, wanted: str) -> bool:
    key = (e, wanted, False)
    known = algebra.having.get(key)
    if known is None:
        from .generic import generically

        known = algebra.having[key] = generically(algebra.book, e, wanted)
    return known
