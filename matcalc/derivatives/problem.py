"""A function that has been read: what everything else starts from."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..calculus.structured import STRUCTURES
from ..errors import ParseError
from ..expressions.dimensions import Dim, Shape
from ..expressions.nodes import Expr
from ..language.tree import parse as parse_tree
from ..normal_form.algebra import Algebra
from ..rulebook.book import RuleBook, default
from ..shapes.elaborate import Elaborated, Scope, elaborate

Shapes = Mapping[str, Iterable[Dim]]
Assumptions = Mapping[str, str | Iterable[str]]


@contextmanager
def without_collector() -> Iterator[None]:
    """Reference counting is enough for our graphs; the cyclic collector would walk them again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@dataclass(slots=True)
class Problem:
    """A function that has been read: what `differentiate` starts from."""

    text: str
    algebra: Algebra
    function: Expr
    symbols: dict[str, Expr]
    lets: dict[str, Expr]
    notes: tuple[str, ...]

    @property
    def shapes(self) -> dict[str, Shape]:
        """The shapes of the symbols, declared or inferred."""
        return {n: e.shape for n, e in self.symbols.items()}


def read(
    text: str,
    shapes: Shapes | None = None,
    assume: Assumptions | None = None,
    where: str = "",
    book: RuleBook | None = None,
    free: Iterable[Expr] = (),
) -> Problem:
    """Parse and elaborate a function; the variables in `free` are read without their structure."""
    if not isinstance(text, str):
        raise ParseError(f"An expression is a text, not {type(text).__name__}.", hint="For example: 'tr(A B)'.")
    algebra = Algebra(book or default())
    scope = Scope.of(algebra.book.aliases, shapes, assume, where)
    for x in free:
        known = scope.variables[x.name]
        scope.variables[x.name] = replace(known, shape=x.shape, properties=known.properties - STRUCTURES)
    found: Elaborated = elaborate(parse_tree(text), text, scope, algebra)
    return Problem(text, algebra, found.expr, found.symbols, found.lets, found.notes)
