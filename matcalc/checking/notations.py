"""That a notation is one: its template is whole, and what it prints is read back as what was printed."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import MatcalcError, RuleError
from ..expressions.dimensions import SCALAR, Shape
from ..expressions.nodes import Expr, Notation, node
from ..language.tree import parse
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Entry, Operator
from ..printing.notation import faults
from ..printing.text import ascii_text, unicode_text
from ..rulebook.book import RuleBook
from ..rulebook.entries import NOTATIONS
from ..shapes.elaborate import Scope, elaborate

NAMES = "PQRSTUVW"
KINDS = ("scalar", "vector", "matrix")


def check_notation(operator: Operator, book: RuleBook, entry: Entry) -> None:
    """RuleError where a template is none, or where the text is not read back."""
    if operator.notation is None:
        return
    for notation in (operator.notation, operator.notation.of_vector):
        written = () if notation is None else (notation.text, notation.ascii, notation.latex)
        for word, template in zip(NOTATIONS, written, strict=False):
            for reason in faults(template, len(operator.params), word) if template else ():
                raise _refusal(entry, f'{word} "{template}" is no notation: {reason}.')
    for e in _applications(operator, operator.notation, Algebra(book), book):
        for text in dict.fromkeys((unicode_text(e), ascii_text(e))):
            reason = _misread(text, e, book)
            if reason:
                raise _refusal(entry, f"what is written as {text} {reason}")


def _refusal(entry: Entry, reason: str) -> RuleError:
    return RuleError(f"{entry.file}:{entry.line}: operator {entry.name}: {reason}")


def _applications(operator: Operator, notation: Notation, algebra: Algebra, book: RuleBook) -> Iterator[Expr]:
    """Applications to names: of the shapes that are declared, of scalars entry by entry, of a vector."""
    shapes: list[tuple[Shape, ...]] = [operator.params]
    if operator.elementwise:
        shapes.append((SCALAR,))
    elif notation.of_vector is not None:
        shapes.append(((operator.params[0][0], 1), *operator.params[1:]))
    for wanted in shapes:
        args = tuple(
            algebra.symbol(name, shape, KINDS[sum(d != 1 for d in shape)])
            for name, shape in zip(NAMES, wanted, strict=False)
        )
        result = SCALAR if operator.elementwise and wanted[0] == SCALAR else operator.result
        yield node(operator.name, args, book.operation(operator.name), result)


def _misread(text: str, e: Expr, book: RuleBook) -> str:
    """How a text is read that should mean an application of an operator to names; nothing if it does."""
    scope = Scope.of(book.aliases)
    for x in e.args:
        dims = tuple(d for d in x.shape if d != 1) if 1 in x.shape[1:] else x.shape
        scope.declare(x.name, dims)
    algebra = Algebra(book)
    try:
        back = elaborate(parse(text), text, scope, algebra).expr
    except MatcalcError as error:
        return f"is not read: {error.message}"
    meant = algebra.apply(e.head, e.args, back.shape)
    return "" if back is meant else f"is read as {back.head}({', '.join(map(str, back.args))})."
