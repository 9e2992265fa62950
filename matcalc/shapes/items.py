"""What one reading of the names is made of: items that know their sizes, and errors that know their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import MatcalcError
from ..expressions.dimensions import SCALAR, Dim, bracketed
from ..language.tree import Node
from ..normal_form.theory import Operator
from .unification import Sizes, find

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


def counted(n: int) -> str:
    """So many arguments, in words."""
    return _COUNTS[n] if n < len(_COUNTS) else f"{n} arguments"


def described(sizes: Sizes) -> str:
    """A shape for an error message; what is unknown is a dot."""
    rows, cols = (str(d) if isinstance(d, int | str) else "·" for d in map(find, sizes))
    if cols == "1":
        return "a scalar" if rows == "1" else f"a vector of size {rows}" if rows != "·" else "a vector"
    return f"{bracketed(rows)}×{bracketed(cols)}" if rows != "·" or cols != "·" else "a matrix"


def kinds_fit(operator: Operator, args: Sequence[Item]) -> bool:
    """Whether every argument is a scalar, vector or matrix as its parameter asks."""
    return all(kind_fits(p, a) for p, a in zip(operator.params, args, strict=True))


def kind_fits(param: tuple[Dim, Dim], a: Item) -> bool:
    """Whether an argument is a scalar, vector or matrix as a parameter asks; a matrix may be anything."""
    if param == SCALAR:
        return a.scalar
    if param[1] == 1:
        return find(a.cols) == 1
    return True
