"""Shapes by unification: what one reading of the names has found so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import MatcalcError, ShapeError
from ..language.names import kind_by_spelling
from ..language.sizes import size_of
from ..language.syntax import Node, walk
from .items import Item, Mismatch
from .naming import Naming
from .scope import MAYBE_SCALAR, Scope
from .unification import Sizes, Unifier

ENTRYWISE = frozenset({"linear", "monomial", "dotpower", "scale"})
"""What is made of a scalar here would be made of every entry, if it were a vector."""
DOUBTED = 100  # parts of a scalar that are looked at


class Inference:
    """What one reading of the names has found; `turned` are the names that are not as they are spelled."""

    def __init__(self, scope: Scope, lets: Sequence[str], naming: Naming, turned: frozenset[str]) -> None:
        self.scope, self.let_names, self.naming, self.turned = scope, lets, naming, turned
        self.bare = naming.bare
        self.items: list[Item] = []
        self.roots: list[Item] = []
        self.symbols: dict[str, Item] = {}
        self.lets: dict[str, Item] = {}
        self.results: dict[str, Sizes] = {}  # of unspecified functions whose result was not declared in full
        self.doubts: list[Mismatch] = []
        self.weak = True  # what is doubted may be meant
        self.notes: dict[str, str] = dict(naming.notes)
        self.unifier = Unifier()
        self.text = ""
        self.rigid = scope.dimension_names()

    def is_sized(self, node: Node) -> bool:
        """Whether a name before a bracket may be that of a constant with sizes: nobody declared it.

        A variable may have the name of one, as e has: it is not called, so e(2, n) is the constant all the same.
        """
        name = node.text
        if name in self.scope.functions:
            return False
        several = len(node.args) > 1 and all(size_of(a) is not None for a in node.args)
        return several or name not in self.scope.variables and name not in self.scope.lets

    def add(self, op: str, args: Sequence[Item], sizes: Sizes, node: Node, data: Any = None) -> Item:
        """An item, listed behind those that it is built from."""
        item = Item(op, args, sizes, node, self.text, data)
        self.items.append(item)
        return item

    # --- errors ---------------------------------------------------------------------------------------------------

    def typed(self, node: Node) -> str:
        """What was typed, shortened, for a message."""
        text = " ".join(self.text[node.start : node.end][:200].split())
        return text if len(text) <= 40 else text[:26] + " … " + text[-8:]

    def mismatch(
        self,
        message: str,
        node: Node,
        hint: str = "",
        kind: type[MatcalcError] = ShapeError,
        suspects: Sequence[Node] = (),
        end: int | None = None,
    ) -> Mismatch:
        """An error at a node, and the names that may mend it when they are turned into the other kind."""
        error = kind(message, text=self.text, start=node.start, end=end or node.end, hint=hint)
        names = dict.fromkeys(n.text for s in suspects for n in walk(s) if n.kind == "name" and self._may_turn(n.text))
        return Mismatch(error, list(names))

    def _may_turn(self, name: str) -> bool:
        """Whether the kind of a name is open: only its spelling says it, and it has not been turned yet."""
        kind = self.spelled(name)
        return (
            name not in self.turned
            and self.is_guessed(name)
            and (kind == "vector" or (kind == "scalar" and not self.scope.differentials))
        )

    def spelled(self, name: str) -> str:
        """The kind that a name has by its typeface or its spelling."""
        kind = self.scope.evidence.get(name) or kind_by_spelling(name)
        return "scalar" if kind == MAYBE_SCALAR else kind

    def is_guessed(self, name: str) -> bool:
        """Whether nothing but its spelling, and what fits, says the kind of a name; bold letters say it."""
        scope = self.scope
        if scope.evidence.get(name, MAYBE_SCALAR) != MAYBE_SCALAR:
            return False
        return name not in scope.variables and name not in scope.lets and name not in self.rigid and name != "π"

    def _is_entrywise(self, item: Item) -> bool:
        operators = self.scope.operators.get(item.data, ()) if item.op == "apply" else ()
        return any(operator.elementwise for operator in operators)

    def doubt(self, scalar: Item, what: str, node: Node, weak: bool = False) -> None:
        """Note that a scalar is treated as nobody, or hardly anybody, treats one, if only guesses make it one."""
        names: dict[str, None] = {}
        stack, count = [scalar], 0
        while stack and not self.scope.differentials and count < DOUBTED:
            item = stack.pop()
            count += 1
            if item.op == "symbol" and item.scalar and self.is_guessed(item.node.text):
                names[item.node.text] = None
            elif item.op in ENTRYWISE or self._is_entrywise(item):
                stack.extend(a for a in item.args if a.scalar)
        if names:
            error = ShapeError(what, text=self.text, start=node.start, end=node.end)
            self.doubts.append(Mismatch(error, [name for name in names if self._may_turn(name)]))
            self.weak = self.weak and weak

    def same(self, a: Item, b: Item) -> bool:
        """Make the shapes of two items equal; False where they cannot be."""
        return self.unifier.same(a.rows, b.rows) and self.unifier.same(a.cols, b.cols)


Handler = Callable[[Inference, Node, list[Item]], Item]
