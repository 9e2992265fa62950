"""What an expression is known to be: symmetric, invertible, positive, …"""

from __future__ import annotations

from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr
from ..expressions.parts import as_number, split
from .constructors import Constructors
from .matching import match_rule
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
    """Whether an expression is known to have a property."""
    if wanted == "symmetric":
        return e.shape[0] == e.shape[1] and algebra.transpose(e) is e
    if wanted == "nonnegative":
        return algebra.nonnegative(e)
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
    known = algebra.having.get(key)
    if known is None:
        from .generic import generically

        algebra.having[key] = False
        known = algebra.surely(e, wanted) or wanted in GENERIC and generically(algebra.book, e, wanted)
        algebra.having[key] = known
    return known


def surely(algebra: Constructors, e: Expr, wanted: str) -> bool:
    """Whether a property was declared, or a rule derives it: it holds everywhere, and not almost."""
    if e.head == "symbol":
        return wanted in e.data.properties
    return any(match_rule(algebra, rule, e) is not None for rule in algebra.book.property_rules(wanted))
