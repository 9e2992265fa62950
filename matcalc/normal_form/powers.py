"""Powers of square matrices and of entries."""

from __future__ import annotations

from ..errors import EvaluationError
from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr, node
from ..expressions.parts import as_number, split
from .constructors import Constructors
from .rationals import rational_power


def power(algebra: Constructors, e: Expr, k: Expr) -> Expr:
    """The matrix power of a square matrix; the inverse is the power -1."""
    if e.shape == SCALAR:
        return algebra.dotpower(e, k)
    if e.head == "transpose":
        return algebra.transpose(algebra.power(e.args[0], k))
    number = as_number(k)
    if number == 0:
        return algebra.identity(e.shape[0])
    if number == 1 or e.head == "identity":
        return e
    if e.head == "zero":
        if number is not None and number < 0:
            raise EvaluationError("The zero matrix has no inverse.")
        return e
    if isinstance(number, int):
        c, e = split(e)
        if c != 1:
            scaled = rational_power(c, number)
            if scaled is None:
                raise EvaluationError(f"The coefficient {c} is not raised to the power {number} exactly.")
            return algebra.linear([(scaled, algebra.power(e, k))])
        if e.head == "scale":
            return algebra.scale(algebra.had([(e.args[0], number)]), algebra.power(e.args[1], k))
        if e.head == "power":
            return algebra.power(e.args[0], algebra.had([(e.args[1], 1), (k, 1)]))
        if number == -1 and e.head == "mul":
            parts = square_parts(e)
            if len(parts) > 1:
                return algebra.mul([algebra.power(algebra.mul(part), k) for part in reversed(parts)])
    return _turned(algebra, "power", e, k)


def dotpower(algebra: Constructors, e: Expr, k: Expr) -> Expr:
    """The elementwise power, or that of a scalar; numeric exponents become Hadamard exponents."""
    number = as_number(k)
    if number is not None:
        return algebra.had([(e, number)], e.shape)
    if e.head == "ones":
        return e
    return _turned(algebra, "dotpower", e, k)


def _turned(algebra: Constructors, head: str, e: Expr, k: Expr) -> Expr:
    """f(e), or f(eᵀ)ᵀ where that writes fewer transposes."""
    if e.transposes and e.shape != SCALAR:
        turned = algebra.transpose(e)
        if (
            e.head == "transpose"
            or turned.transposes + (1 if head == "power" and not turned.args else 2) <= e.transposes
        ):
            return node("transpose", (algebra.rewrite(node(head, (turned, k), None, turned.shape)),), None, e.shape)
    return algebra.rewrite(node(head, (e, k), None, e.shape))


def square_parts(e: Expr) -> list[tuple[Expr, ...]]:
    """A square product cut into square ones: if it is invertible, so are they."""
    parts: list[tuple[Expr, ...]] = []
    begin = 0
    for i, a in enumerate(e.args):
        if a.shape[1] == e.shape[0]:
            parts.append(e.args[begin : i + 1])
            begin = i + 1
    return parts
