"""What one reading of the names is made of: items that know their sizes, and errors that know their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import MatcalcError, ShapeError
from ..expressions.dimensions import bracketed
from ..language.names import kind_by_spelling
from ..language.sizes import size_of
from ..language.tree import Node
from .brackets import walk
from .scope import Scope
from .unification import Sizes, Unifier, find

SIZED = {"1": (1, 2), "ones": (1, 2), "zeros": (1, 2), "I": (1,), "e": (2,), "E": (4,), "K": (2,)}
STRUCTURAL = {"mul": "product", "had": "hadamard", "scale": "product", "transpose": "transpose", "inv": "inverse"}
_COUNTS = ("no argument", "one argument", "two arguments", "three arguments", "four arguments")


class Mismatch(Exception):
    """An error that reading one of the suspect names as a scalar may mend."""

    def __init__(self, error: MatcalcError, suspects: Sequence[str]) -> None:
        self.error, self.suspects = error, suspects


class Item:
    """What a node of the tree is: how it is built from its arguments, and its sizes."""

    __slots__ = ("args", "cols", "data", "node", "op", "rows", "text")

    def __init__(self, op: str, args: Sequence[Item], sizes: Sizes, node: Node, text: str, data: Any = None) -> None:
        self.op, self.args, self.node, self.text, self.data = op, args, node, text, data
        self.rows, self.cols = sizes

    @property
    def sizes(self) -> Sizes:
        """Rows and columns."""
        return self.rows, self.cols

    @property
    def scalar(self) -> bool:
        """Whether it is known to be 1×1; what is unknown never is."""
        return find(self.rows) == 1 and find(self.cols) == 1

    @property
    def zero(self) -> bool:
        """Whether this is a plain 0, which is the zero of any shape."""
        return self.op == "number" and not self.data


def is_variable_call(node: Node, scope: Scope, bare: set[str]) -> bool:
    """Whether the name before a bracket is a variable, so that the call is a product."""
    name = node.text.rstrip("'")
    if name in scope.variables or name in scope.lets:
        return True
    if name in scope.functions:
        return False
    if scope.differentials and name[0] == "d" and (name[1:] in bare or name[1:] in scope.variables):
        return True
    if name in SIZED:
        return not _sized(node, name, scope, bare)
    known = name in scope.operators or name in STRUCTURAL or name in ("d", "log", "ln")
    if known and not (scope.differentials and name == "d") and kind_by_spelling(name) == "scalar" and name in bare:
        return True
    if known:
        return False
    if name in scope.dimension_names():
        return True
    if kind_by_spelling(name) == "matrix" or name in bare:
        return len(node.args) == 1
    behind = node.start + len(node.text)
    return node.text.endswith("'") and name.isascii() and node.args[0].start > behind + 1


def _sized(node: Node, name: str, scope: Scope, bare: set[str]) -> bool:
    """Whether `I(n)`, `1(m, n)`, `K(m, n)`, … is the constant and not a product."""
    if len(node.args) not in SIZED[name] or node.text != name:
        return False
    if name in ("e", "E", "K") and name in bare:
        return False
    if name in ("1", "I") and len(node.args) == 1:
        names = [n.text for n in walk(node.args[0]) if n.kind == "name"]
        if any(n in scope.variables and scope.variables[n].shape != () for n in names):
            return bool(set(names) <= scope.dimension_names())
        if node.args[0].kind != "name" and any(kind_by_spelling(n) == "matrix" for n in names):
            return False
    return all(size_of(arg) is not None for arg in node.args)


def counted(n: int) -> str:
    """So many arguments, in words."""
    return _COUNTS[n] if n < len(_COUNTS) else f"{n} arguments"


def described(sizes: Sizes) -> str:
    """A shape for an error message; what is unknown is a dot."""
    rows, cols = (str(d) if isinstance(d, int | str) else "·" for d in map(find, sizes))
    if cols == "1":
        return "a scalar" if rows == "1" else f"a vector of size {rows}" if rows != "·" else "a vector"
    return f"{bracketed(rows)}×{bracketed(cols)}" if rows != "·" or cols != "·" else "a matrix"


class Reading:
    """One reading of the names; `scalars` are the lowercase names read as scalars."""

    def __init__(self, scope: Scope, lets: Sequence[str], bare: set[str], scalars: frozenset[str]) -> None:
        self.scope, self.let_names, self.bare, self.scalars = scope, lets, bare, scalars
        self.items: list[Item] = []
        self.roots: list[Item] = []
        self.symbols: dict[str, Item] = {}
        self.lets: dict[str, Item] = {}
        self.results: dict[str, Sizes] = {}  # of unspecified functions whose result was not declared in full
        self.notes: dict[str, str] = {}
        self.unifier = Unifier()
        self.text = ""
        self.rigid = scope.dimension_names()

    def _is_sized(self, node: Node) -> bool:
        name = node.text
        return name not in self.scope.variables and name not in self.scope.lets and name not in self.scope.functions

    def _add(self, op: str, args: Sequence[Item], sizes: Sizes, node: Node, data: Any = None) -> Item:
        item = Item(op, args, sizes, node, self.text, data)
        self.items.append(item)
        return item

    # --- errors ---------------------------------------------------------------------------------------------------

    def _typed(self, node: Node) -> str:
        """What was typed, shortened, for a message."""
        text = " ".join(self.text[node.start : node.end][:200].split())
        return text if len(text) <= 40 else text[:26] + " … " + text[-8:]

    def _mismatch(
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

    def _same(self, a: Item, b: Item) -> bool:
        return self.unifier.same(a.rows, b.rows) and self.unifier.same(a.cols, b.cols)
