"""A function that has been read: what everything else starts from."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ..arguments import short
from ..arguments import text as checked_text
from ..calculus.structured import structures
from ..errors import MatcalcError, ParseError
from ..expressions.dimensions import Shape
from ..expressions.nodes import Expr, postorder
from ..language.dialects import is_latex
from ..language.given import Assumptions, Shapes
from ..language.requests import definition_of, request_of, unsaid
from ..language.syntax import Node
from ..language.tree import parse as parse_tree
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Theory
from ..rulebook.book import RuleBook, default
from ..shapes.elaborate import Elaborated, Scope, elaborate


@contextmanager
def without_collector() -> Iterator[None]:
    """Reference counting is enough for our graphs; the cyclic collector would walk them again and again.

    Of calls that overlap, one found the collector running, and starts it again.
    """
    was = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def working(algebra: Algebra) -> Iterator[None]:
    """Work under the algebra of an answer that threads may share: one at a time."""
    with algebra.lock, without_collector():
        yield


@dataclass(slots=True, repr=False)
class Problem:
    """A function that has been read: what `differentiate` starts from."""

    text: str
    algebra: Algebra
    function: Expr
    symbols: dict[str, Expr]
    lets: dict[str, Expr]
    notes: tuple[str, ...]
    declared: frozenset[str] = frozenset()
    """The variables that were declared, whether they occur or not."""
    label: str = ""
    """The name of the function, where the text defines one."""

    def __repr__(self) -> str:
        return f"<{short(self.text)}>"

    def __setstate__(self, state: tuple[None, dict[str, Any]]) -> None:
        """In a copy, too, the rule book has been asked for every operator that stands in the function."""
        for name, value in state[1].items():
            setattr(self, name, value)
        book = self.algebra.book
        for head in {e.head for e in postorder(self.function)} & book.operators.keys():
            book.operator(head)

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
    wrt: Iterable[str] = (),
    syntax: str | None = None,
) -> Problem:
    """Parse and elaborate a function, which is to be differentiated by `wrt`; those in `free` have no structure."""
    text = expression_given(text)
    algebra = Algebra(book or default())
    scope = scope_of(algebra.book, shapes, assume, where)
    scope.wrt = frozenset(wrt)
    for x in free:
        known = scope.variables[x.name]
        scope.variables[x.name] = replace(known, shape=x.shape, properties=known.properties - structures(algebra.book))
    root, label, notes = function_of(text, scope, syntax)
    found: Elaborated = elaborate(root, text, scope, algebra)
    declared = frozenset(scope.variables)
    return Problem(text, algebra, found.expr, found.symbols, found.lets, (*notes, *found.notes), declared, label)


def function_of(text: str, scope: Scope, syntax: str | None = None) -> tuple[Node, str, tuple[str, ...]]:
    """The tree of a function, its name where the text gives it one, and notes on how it was read.

    What LaTeX says of the kinds of names, and the names that it defines, become part of the scope.
    """
    root = parse_tree(text, words=scope.operators, syntax=syntax)
    notes = _heard(root, text, scope) if root.kind == "said" else ()
    root = unsaid(root)
    if root.kind == "derivative" and scope.wrt and scope.wrt.issuperset(v.text for v in root.args[1:]):
        return root.args[0], "", notes  # the question is asked twice: in the text, and beside it
    try:
        definition = definition_of(root)
        request = request_of(root, scope.functions.keys() | scope.variables.keys())
    except MatcalcError as error:
        raise error.at(text, 0, len(text)) from None
    if request is not None:
        function = text[request.start : request.end].strip()
        raise ParseError(
            "This asks for a derivative, where a function is expected.",
            text=text,
            start=root.start,
            end=root.end,
            hint=f"Write {function} and name the variable apart, or ask for order 2.",
        )
    if definition is not None:
        return definition.body, definition.name, notes
    return root, root.text if root.kind == "name" and root.text in scope.lets else "", notes


def _heard(root: Node, text: str, scope: Scope) -> tuple[str, ...]:
    """Take what LaTeX says beside its function into the scope, behind what is declared; the notes."""
    for part in root.args[1:]:
        if part.kind == "evidence":
            scope.evidence[part.args[0].text] = part.text
        elif part.kind == "let" and part.text not in scope.lets and part.text not in scope.variables:
            scope.lets[part.text] = (part.args[0], text)
    return tuple(part.text for part in root.args[1:] if part.kind == "note")


def named(name: str, text: str, book: Theory) -> str:
    """The name of a variable, which may be spelt as LaTeX spells it in a text."""
    if not is_latex(name):
        return name
    from ..language.latex_input import name_in

    return name_in(text, name, book.aliases)


def expression_given(text: object) -> str:
    """The text of an expression, if it is one."""
    return checked_text(text, "An expression", "'tr(A B)'", ParseError)


def scope_of(book: Theory, shapes: Shapes | None, assume: Assumptions | None, where: str) -> Scope:
    """What the declarations of a caller and a rule book declare."""
    where = checked_text(where, "The argument `where`", "'vector x(n); let z = A x'", ParseError)
    return Scope.of(book.aliases, shapes, assume, where)
