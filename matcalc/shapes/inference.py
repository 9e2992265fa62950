"""Shapes by unification: what one reading of the names has found so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import MatcalcError, ShapeError
from ..language.names import kind_by_spelling
from ..language.syntax import Node, walk
from .items import Item, Mismatch
from .naming import Naming
from .scope import Scope
from .unification import Sizes, Unifier


class Inference:
    """What one reading of the names has found; `scalars` are the lowercase names read as scalars."""

    def __init__(self, scope: Scope, lets: Sequence[str], naming: Naming, scalars: frozenset[str]) -> None:
        self.scope, self.let_names, self.naming, self.scalars = scope, lets, naming, scalars
        self.bare = naming.bare
        self.items: list[Item] = []
        self.roots: list[Item] = []
        self.symbols: dict[str, Item] = {}
        self.lets: dict[str, Item] = {}
        self.results: dict[str, Sizes] = {}  # of unspecified functions whose result was not declared in full
        self.notes: dict[str, str] = dict(naming.notes)
        self.unifier = Unifier()
        self.text = ""
        self.rigid = scope.dimension_names()

    def is_sized(self, node: Node) -> bool:
        """Whether a name before a bracket may be that of a constant with sizes: nobody declared it."""
        name = node.text
        return name not in self.scope.variables and name not in self.scope.lets and name not in self.scope.functions

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
        """An error at a node, and the names whose reading as scalars may mend it."""
        error = kind(message, text=self.text, start=node.start, end=end or node.end, hint=hint)
        names = dict.fromkeys(
            n.text for s in suspects for n in walk(s) if n.kind == "name" and self._may_be_scalar(n.text)
        )
        return Mismatch(error, list(names))

    def _may_be_scalar(self, name: str) -> bool:
        return (
            name not in self.scope.variables
            and name not in self.scope.lets
            and name not in self.scalars
            and name not in self.rigid
            and kind_by_spelling(name) == "vector"
        )

    def same(self, a: Item, b: Item) -> bool:
        """Make the shapes of two items equal; False where they cannot be."""
        return self.unifier.same(a.rows, b.rows) and self.unifier.same(a.cols, b.cols)


Handler = Callable[[Inference, Node, list[Item]], Item]
