"""The syntax tree: what a text says, before anybody knows what its names are.

`tree.parse` makes it of plain text.  Nothing is evaluated or looked up here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

POSTFIX = frozenset(("transpose", "inverse", "pseudoinverse", "hermitian", "power", "dotpower", "index", "pulled"))
BEHIND_CALL = "("
"""The text of a postfix node whose marks stand behind a call: in `A (B + C)'` they belong to the bracket only."""


@dataclass(slots=True, eq=False)
class Node:
    """A piece of the typed text: what it is, its own text, its parts, and where it stands.

    Nobody changes one; to have that checked would double the time it takes to make one.
    A product of one factor is a call in brackets of its own: `(A (B + C))'` transposes the product.
    """

    kind: str
    text: str
    args: tuple[Node, ...]
    start: int
    end: int


def walk(*roots: Node) -> Iterable[Node]:
    """Every node, arguments before what they are arguments of."""
    backwards: list[Node] = []
    stack = list(roots)
    while stack:
        node = stack.pop()
        backwards.append(node)
        stack.extend(node.args)
    return reversed(backwards)


def widened(node: Node, start: int, end: int) -> Node:
    """The node with the place of its brackets or marks as well."""
    return Node(node.kind, node.text, node.args, start, end)


def postfix(kind: str, base: Node, *more: Node, end: int) -> Node:
    """A mark behind its operand."""
    behind_call = base.kind == "call" or (base.kind in POSTFIX and base.text == BEHIND_CALL)
    return Node(kind, BEHIND_CALL if behind_call else "", (base, *more), base.start, end)


def transposed(base: Node, end: int) -> Node:
    """The transpose; of a transpose, the thing itself."""
    if base.kind == "transpose":
        return widened(base.args[0], base.start, end)
    return postfix("transpose", base, end=end)


def powered(base: Node, exponent: Node, negative: bool, end: int) -> Node:
    """The power; `^-1` is the inverse."""
    if negative:
        if exponent.kind == "number" and exponent.text == "1":
            return postfix("inverse", base, end=end)
        exponent = Node("negate", "", (exponent,), exponent.start, exponent.end)
    return postfix("power", base, exponent, end=end)
