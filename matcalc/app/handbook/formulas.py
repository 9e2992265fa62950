"""Formulas of the handbook: what rule files say, as MathML."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

from ...errors import MatcalcError
from ...expressions.nodes import Expr
from ...language.tree import Node, parse
from ...normal_form.algebra import Algebra
from ...normal_form.theory import Entry
from ...printing.latex import Latex
from ...printing.layout import ATOM, SUM
from ...printing.mathml import from_latex
from ...rulebook.book import RuleBook
from ...rulebook.compile import DIFFERENTIAL, PRODUCT, scope_of, sides_of
from ...rulebook.entries import NOTATIONS, VECTOR
from ...shapes.elaborate import Scope, elaborate_all
from .gradients import Application

AS_TYPED = frozenset({"elementwise", "sized"})  # tags that say how an operator is written, not what it equals
WRITTEN = (*NOTATIONS, *(VECTOR + word for word in NOTATIONS))
ANY_PRODUCT = Entry(
    "operator",
    "any_product",
    "",
    0,
    signature=((("m", "n"), ("m", "n")), ("m", "n")),
    clauses={"latex": (r"{1} \star {2}",)},
)
"""What stands for every bilinear operator in the product rule."""

_FORMULA = re.compile(r"`([^`]*)`")


class Formulas:
    """Writes formulas as they are typed: under the operators of a book, but without its laws."""

    def __init__(self, book: RuleBook) -> None:
        operators = [e for e in book.entries if e.kind == "operator"]
        self._noted, self._plain = (
            RuleBook([*(_as_typed(e, notations) for e in operators), ANY_PRODUCT]) for notations in (WRITTEN, ())
        )

    def equation(self, entry: Entry) -> str:
        """The equation of a rule, or what a property rule says; as text where it cannot be read without laws."""
        try:
            sides = self._sides(entry, self._noted)
            if len(set(sides)) < len(sides):  # where ‖x‖ = ‖x‖ would say nothing, norm(x) = norm_F(x) does
                sides = self._sides(entry, self._plain)
        except MatcalcError:
            return f"<code>{escape(' = '.join(entry.sides))}</code>"
        if entry.kind == "property":
            return f"{from_latex(sides[0])} is {escape(entry.sides[1])}"
        return from_latex(" = ".join(sides))

    def _sides(self, entry: Entry, book: RuleBook) -> list[str]:
        """The sides of an equation in LaTeX."""
        chosen = {PRODUCT: ANY_PRODUCT.name} if entry.quantifier and entry.quantifier[0] == PRODUCT else {}
        first, *others = elaborate_all(sides_of(entry, chosen), scope_of(entry, book.aliases), Algebra(book)).exprs
        left = _differential(first) if entry.kind == "differential" else Latex({}).write(first)
        return [left, *(Latex({}).write(e) for e in others)]

    def applied(self, found: Application) -> Expr:
        """An operator of its variables."""
        scope, algebra = Scope(self._noted.aliases), Algebra(self._noted)
        for name, shape in found.shapes.items():
            scope.declare(name, shape, frozenset())
        try:
            return elaborate_all([(parse(found.text), found.text)], scope, algebra).exprs[0]
        except MatcalcError:  # nothing tells its size
            args = [algebra.symbol(n, shape) for n, shape in zip(found.names, found.sizes, strict=True)]
            return algebra.apply(found.operator.name, args, found.result)

    def prose(self, text: str) -> str:
        """Words, in which formulas stand between backticks; what is no formula is shown as it stands."""
        out, end = "", 0
        for found in _FORMULA.finditer(text):
            out += escape(text[end : found.start()]) + self._typed(found[1])
            end = found.end()
        return out + escape(text[end:])

    def _typed(self, text: str) -> str:
        scope = Scope(self._noted.aliases, differentials=True)
        try:
            nodes = [(side, parse(side)) for side in text.split(" = ")]
            inner = [_inside(node) for _, node in nodes]
            sides = [(i or node, side) for i, (side, node) in zip(inner, nodes, strict=True)]
            made = elaborate_all(sides, scope, Algebra(self._noted)).exprs
        except MatcalcError:
            return f"<code>{escape(text)}</code>"
        written = (_differential(e) if i else Latex({}).write(e) for i, e in zip(inner, made, strict=True))
        return from_latex(" = ".join(written))


def _as_typed(entry: Entry, notations: tuple[str, ...]) -> Entry:
    """An operator without its laws, and with some of the ways to write it."""
    clauses = {key: said for key, said in entry.clauses.items() if key in (*notations, "also")}
    return replace(entry, tags=tuple(t for t in entry.tags if t in AS_TYPED), clauses=clauses)


def _inside(node: Node) -> Node | None:
    """What stands in d(…), where a formula is that."""
    return node.args[0] if node.kind == "call" and node.text == DIFFERENTIAL and len(node.args) == 1 else None


def _differential(e: Expr) -> str:
    """d of an expression, in brackets where it is no function."""
    face = Latex({})
    if e.args and face.layout(e)[0] == ATOM:
        return r"\mathrm{d} " + face.write(e)
    return r"\mathrm{d}" + face.written([face.opening, (e, SUM), face.closing], e)
