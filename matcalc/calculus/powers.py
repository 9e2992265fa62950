"""Powers of matrices with numeric exponents, by the product rule on X X … X."""

from __future__ import annotations

from ..expressions.nodes import Expr
from ..expressions.parts import as_number
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Theory
from .refusals import refusal

LARGEST_EXPANDED_POWER = 16  # X¹⁶ by the product rule has 16 terms; a larger power is differentiated by its own rule


def around(algebra: Algebra, e: Expr, k: int) -> list[tuple[int, Expr, Expr]]:
    """The terms ± Xⁱ dX Xʲ of d(Xᵏ): the product rule on X X … X, or on X⁻¹ X⁻¹ … X⁻¹."""
    base = e.args[0]
    sign, exponents = (1, range(k)) if k > 0 else (-1, range(-1, k - 1, -1))
    return [
        (sign, algebra.power(base, algebra.number(i)), algebra.power(base, algebra.number(k - 1 - i)))
        for i in exponents
    ]


def expanded_exponent(book: Theory, e: Expr) -> int | None:
    """The exponent of a power that the product rule differentiates term by term; that of X⁻¹ has a rule."""
    k = as_number(e.args[1])
    if not isinstance(k, int) or k == -1 or abs(k) > LARGEST_EXPANDED_POWER:
        return None
    if k < 0 and not book.differential_rules("power"):
        raise refusal(book, e)
    return k
