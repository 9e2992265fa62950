"""Marks behind an operand: transposes, inverses, powers and indices."""

from __future__ import annotations

import re
from fractions import Fraction

from ..errors import AmbiguityError
from ..expressions.dimensions import SCALAR
from ..language.syntax import Node, walk
from .inference import Inference
from .items import Item, described
from .signatures import applied
from .unification import find

INTEGER_LETTERS = frozenset("ijklmnpqrsNMK")


def transposed(inference: Inference, node: Node, args: list[Item]) -> Item:
    """The transpose; of a scalar, the scalar itself."""
    a = args[0]
    if a.scalar:
        if node.text == "^t":
            x = inference.typed(a.node)
            message = f"'^t' is a transpose, or a power, and {x} is a scalar."
            raise inference.mismatch(message, node, "Declare t, for example: scalar t.", AmbiguityError)
        if "T" in inference.scope.variables and inference.text[node.start : node.end].endswith("^T"):
            hint = f"Write {inference.typed(a.node)}^(T) for the power."
            raise inference.mismatch("'^T' is the transpose, and T is declared.", node, hint, AmbiguityError)
        if a.op == "number" and inference.typed(a.node) == "1":  # on paper, a row of ones
            hint = "Write 1(n)' for the row of ones, or ones(1, n)."
            raise inference.mismatch("1 is a number here, and 1' its transpose.", node, hint, AmbiguityError)
        inference.doubt(a, "The transpose of a scalar says nothing.", node)
        return a
    return inference.add("transpose", args, (a.cols, a.rows), node)


def inverse(inference: Inference, node: Node, args: list[Item]) -> Item:
    """The inverse of a square matrix, or the reciprocal of a scalar."""
    a = args[0]
    if a.scalar:
        return inference.add("monomial", args, SCALAR, node, [-1])
    _square(inference, a, node, "inverse")
    return inference.add("inverse", args, a.sizes, node)


def _square(inference: Inference, item: Item, node: Node, what: str) -> None:
    if not inference.unifier.same(item.rows, item.cols):
        x = inference.typed(item.node)
        raise inference.mismatch(
            f"The {what} needs a square matrix, and {x} is {described(item.sizes)}.", node, suspects=[item.node]
        )


def power(inference: Inference, node: Node, args: list[Item]) -> Item:
    """A power of a scalar or a square matrix."""
    base, exponent = args
    x = inference.typed(base.node)
    if not exponent.scalar:
        raise inference.mismatch(
            f"The exponent of a power must be a number or a scalar, and here it is {described(exponent.sizes)}.",
            exponent.node,
            kind=AmbiguityError,
            suspects=[exponent.node],
        )
    if base.scalar:
        return inference.add("dotpower", args, SCALAR, node)
    if find(base.cols) == 1:
        hint = f"Write {x}.^{inference.typed(exponent.node)} for the power of every entry, or {x}' {x}."
        raise inference.mismatch("A vector has no power.", node, hint, suspects=[base.node])
    _square(inference, base, node, "power")
    half = _half(inference, exponent.node)
    if half:
        root = applied(inference, "sqrtm", node, [base])
        return root if half > 0 else inference.add("inverse", [root], root.sizes, node)
    _integer_exponent(inference, exponent, x)
    return inference.add("power", args, base.sizes, node)


def bare(text: str) -> str:
    """What was typed without brackets around the whole of it."""
    inside = text[1:-1]
    depth = least = 0
    for c in inside:
        depth += (c == "(") - (c == ")")
        least = min(least, depth)
    return inside if text[:1] == "(" and text[-1:] == ")" and not least and not depth else text


def bracketed(text: str) -> str:
    """What was typed as one operand: a name, or a call, as it is, and anything else in brackets."""
    return text if re.fullmatch(r"\w+", text) else f"({text})"


def _half(inference: Inference, node: Node) -> int:
    """1 or -1 where an exponent is ½ or -½, else 0."""
    sign = 1
    if node.kind == "negate":
        sign, node = -1, node.args[0]
    if node.kind == "divide" and [a.text for a in node.args] == ["1", "2"]:
        return sign
    return sign if node.kind == "number" and Fraction(node.text) == Fraction(1, 2) else 0


def _integer_exponent(inference: Inference, exponent: Item, base: str) -> None:
    """A matrix power is one of an integer, or of a name that stands for one."""
    for n in walk(exponent.node):
        ok = n.kind in ("negate", "sum", "product", "matmul") or (n.kind == "power" and n.args[1].kind == "number")
        if n.kind == "number":
            ok = Fraction(n.text).denominator == 1
        elif n.kind == "name":
            variable = inference.scope.variables.get(n.text)
            ok = n.text[0] in INTEGER_LETTERS or (variable is not None and "integer" in variable.properties)
            ok = ok or inference.scope.differentials
        if not ok:
            k = bare(inference.typed(exponent.node))
            base = bare(base)
            raise inference.mismatch(
                f"The exponent of a matrix power must be an integer, and '{k}' is not known to be one.",
                exponent.node,
                f"Write {bracketed(base)}.^{bracketed(k)} for the power of every entry, "
                f"or expm({bracketed(k)} logm({base})); "
                "integers have names such as k or n.",
                AmbiguityError,
            )


def entrywise_power(inference: Inference, node: Node, args: list[Item]) -> Item:
    """The power entry by entry."""
    base, exponent = args
    if not exponent.scalar:
        raise inference.mismatch(
            "The exponent of .^ must be a number or a scalar.", exponent.node, suspects=[exponent.node]
        )
    return inference.add("dotpower", args, base.sizes, node)


def indexed(inference: Inference, node: Node, args: list[Item]) -> Item:
    """An entry, a row or a column."""
    a, labels = args[0], node.args[1:]
    if a.scalar:
        raise inference.mismatch("A scalar has no entries to pick.", node)
    vector = find(a.cols) == 1
    if len(labels) == 1 and not vector:
        x = inference.typed(a.node)
        raise inference.mismatch("A matrix has two indices.", node, f"Write {x}[i, j], {x}[i, :] or {x}[:, j].")
    if len(labels) > 2:
        raise inference.mismatch("There are more than two indices.", node)
    picked: list[int | str | None] = []
    for label, size in zip(labels, a.sizes, strict=False):
        if label.kind == "slice":
            picked.append(None)
            continue
        at = int(label.text) if label.kind == "number" and label.text.isdigit() else label.text
        length = find(size)
        if label.kind not in ("name", "number") or at == 0 or (isinstance(at, str) and label.kind == "number"):
            raise inference.mismatch("An index is a name or an integer, counted from 1, or ':'.", label)
        if isinstance(at, int) and isinstance(length, int) and at > length:
            raise inference.mismatch(f"The index {at} is beyond the size {length}.", label)
        picked.append(at)
    row, column = picked[0], picked[1] if len(picked) == 2 else None
    column = None if vector else column
    sizes = (a.rows if row is None else 1, a.cols if column is None else 1)
    return inference.add("index", [a], sizes, node, (row, column))
