"""Gradients by a structured variable: what `projection` rules make of the gradient by any matrix."""

from __future__ import annotations

from ..expressions.dimensions import Dim
from ..expressions.nodes import Expr, postorder
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Theory
from ..rulebook.compile import VARIABLE


def structure_of(book: Theory, variable: Expr) -> str | None:
    """The structure that decides the gradient's meaning, if any: the first that a projection of its name is for."""
    properties = variable.data.properties
    if not properties or variable.shape[0] != variable.shape[1] or variable.shape[0] == 1:
        return None
    return next((name for name, wanted in book.structures.items() if name == wanted and name in properties), None)


def structures(book: Theory) -> frozenset[str]:
    """What is taken from a variable that is read as any matrix: what implies a structure, as spd implies symmetric."""
    named = book.structures.keys()
    return frozenset(p for p in book.predicates if book.implied({p}) & named)


def projected(algebra: Algebra, name: str, variable: Expr, g: Expr) -> Expr:
    """What a projection makes of an unconstrained gradient, which without one stays as it is."""
    if not name:
        return g
    rule = algebra.book.projection(name)
    values = {e: variable for e in postorder(rule.template) if e.head == "symbol" and e.name == VARIABLE}
    dims: dict[str, Dim] = {d: n for d, n in zip(rule.pattern.shape, g.shape, strict=True) if isinstance(d, str)}
    return algebra.substitute(rule.template, {**values, rule.pattern: g}, dims)


def plain_hole(algebra: Algebra, variable: Expr) -> Expr:
    """The symbol dX without any structure, for the forms, which are those of the unconstrained derivative."""
    return algebra.symbol(f"d{variable.name}", variable.shape, variable.data.kind, {"differential"})
