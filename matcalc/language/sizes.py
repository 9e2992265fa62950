"""Sizes as they are typed: `n`, `3`, `p·n`, `2 n + 1`, `n(n + 1)/2`, wherever a size may stand."""

from __future__ import annotations

import re
from functools import lru_cache

from ..errors import MatcalcError, ShapeError
from ..expressions.dimensions import Dim, monomials, names_of, over, plus, times
from .tree import Node, parse

DIGIT_LIMIT = 30  # digits of a size
NODE_LIMIT = 100  # parts of a size as typed
TERM_LIMIT = 50  # terms of a size when multiplied out
TEXT_LIMIT = 1_000  # characters of a size

EXPECTED = "a size is a name, a positive integer, or sums and products of these"
EXAMPLES = "For example: n, 3, p*n, n + 1."


CONSTANTS = frozenset({"I", "π"})
"""Names that are no sizes."""

_LONG_NUMBER = re.compile(rf"\d{{{DIGIT_LIMIT + 1},}}")


@lru_cache(maxsize=4096)
def read_size(text: str) -> Dim:
    """The size that a text says, written so that equal ones are equal; ShapeError where it says none.

    >>> read_size("p*n"), read_size("n p"), read_size("n + 1"), read_size(" 3 "), read_size("2n - n")
    ('n·p', 'n·p', 'n+1', 3, 'n')
    >>> read_size("n(n + 1)/2")
    '(n·n+n)/2'
    """
    shown = text if len(text) <= 40 else text[:39] + "…"
    if _LONG_NUMBER.search(text):
        raise ShapeError(f"A size of more than {DIGIT_LIMIT} digits: that is the limit.")
    if len(text) > TEXT_LIMIT:
        raise ShapeError(f"The size '{shown}' has {len(text):,} characters: the limit is {TEXT_LIMIT:,}.")
    if not text.strip():
        raise ShapeError(f"A size is missing: {EXPECTED}.", hint=EXAMPLES)
    try:
        size = size_of(parse(text), within_size=True)
    except MatcalcError as error:
        raise ShapeError(f"'{shown}' is not a size: {EXPECTED}.", hint=error.message) from None
    if size is None or CONSTANTS.intersection(names_of(size)):
        raise ShapeError(f"'{shown}' is not a size: {EXPECTED}.", hint=EXAMPLES)
    if isinstance(size, int) and size <= 0:
        raise ShapeError(f"A size must be positive, and {shown.strip()} is not.")
    return size


def size_of(root: Node, within_size: bool = False) -> Dim | None:
    """The size that an expression such as `n`, `3`, `m·n`, `n²` or `2 n + 1` says, else None; n (n + 1)/2 is one.

    `within_size`, where nothing else can stand, `n(n + 1)` is a product; `tr(A)` is no size even there.
    """
    order = _parts(root)
    if order is None:
        return None
    values: list[Dim] = []
    for node in order:
        count = _operands(node)
        args = values[len(values) - count :] if count else []
        value = _value(node, args, within_size)
        if value is None:
            return None
        del values[len(values) - count :]
        values.append(value)
    return values[0]


def _operands(node: Node) -> int:
    """How many of the parts of a node are sizes; the exponent of a power is none."""
    return 1 if node.kind == "power" else len(node.args)


def _parts(root: Node) -> list[Node] | None:
    """The nodes, what they are made of first; None where there are too many."""
    out: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        out.append(node)
        stack.extend(node.args[: _operands(node)])
        if len(out) + len(stack) > NODE_LIMIT:
            return None
    return out[::-1]


def _value(node: Node, args: list[Dim], within_size: bool) -> Dim | None:
    if node.kind == "number":
        return int(node.text) if node.text.isdecimal() and len(node.text) <= DIGIT_LIMIT else None
    if node.kind == "name":
        return node.text if "'" not in node.text else None
    if node.kind == "negate":
        return times(-1, args[0])
    if node.kind == "power":
        exponent = node.args[1]
        if exponent.kind != "number" or exponent.text not in tuple("123456789"):
            return None
        args = args * int(exponent.text)
    elif node.kind == "call" and within_size and len(args) == 1 and len(node.text.partition("_")[0]) == 1:
        args = [node.text, *args]
    elif node.kind == "sum":
        total: Dim = 0
        for sign, arg in zip(node.text, args, strict=True):
            total = plus(total, times(-1, arg) if sign in "-−" else arg)
        return total if len(monomials(total)) <= TERM_LIMIT else None
    elif node.kind == "divide":
        return over(args[0], args[1]) if isinstance(args[1], int) and args[1] > 0 else None
    elif node.kind not in ("product", "matmul"):
        return None
    product: Dim = 1
    for arg in args:
        product = times(product, arg)
        if len(monomials(product)) > TERM_LIMIT:
            return None
    return product
