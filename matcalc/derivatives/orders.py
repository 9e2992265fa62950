"""Derivatives of high order: what keeps them from growing more than they must."""

from __future__ import annotations

from ..errors import MatcalcError
from ..expressions.nodes import Expr, postorder
from ..normal_form.algebra import Algebra
from ..simplification.expand import expanded

MOST_NODES = 500  # of a derivative that is differentiated again
MOST_TERMS = 500  # of one that is multiplied out


def collected(algebra: Algebra, e: Expr, order: int) -> Expr:
    """A derivative of some order, in the form that is differentiated again.

    The product rule makes several terms of each; multiplied out, those that are alike are one, so that the nth
    derivative of exp(x²) is a polynomial of n/2 terms times exp(x²), and no sum of 2ⁿ.  Raises MatcalcError where that
    does not help and it has more than `MOST_NODES` nodes.
    """
    try:
        multiplied = expanded(algebra, e, MOST_TERMS)
    except MatcalcError:
        multiplied = e
    if multiplied.size < e.size:
        e = multiplied
    count = sum(1 for _ in postorder(e))
    if count > MOST_NODES:
        raise MatcalcError(
            f"The derivative of order {order} has {count:,} parts; "
            f"the limit for one that is differentiated again is {MOST_NODES:,}.",
            hint="Ask for a lower order, or for the derivative of a part.",
        )
    return e
