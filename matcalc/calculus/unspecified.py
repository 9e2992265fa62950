"""Unspecified functions: their derivatives have names, F'(X), and those of matrices are shown in use."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from ..errors import NotDifferentiable
from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr, node


def only_argument(e: Expr, active: AbstractSet[Expr]) -> None:
    """Refuse what has no name: partial derivatives, and second derivatives that are no matrix."""
    if len(e.args) != 1 and not e.data.mode:
        raise NotDifferentiable(
            f"The partial derivatives of {e.data.name}, a function of {len(e.args)} arguments, have no names here.",
            hint="Write it as a function of one argument.",
        )
    x = e.args[0]
    columns = e.shape[1] == 1 == x.shape[1]
    if (
        e.data.mode
        and x in active
        or e.data.order
        and not e.data.mode
        and SCALAR not in (e.shape, x.shape)
        and not columns
    ):
        raise NotDifferentiable(f"The second derivative of {e.data.name} has no matrix form.")


def pulled_back(e: Expr, w: Expr) -> tuple[Expr, Expr]:
    """The adjoint of the derivative of a matrix-valued function of a matrix."""
    other = {"": "pull", "push": "pull", "pull": "push"}[e.data.mode]
    x = e.args[0]
    made = node("call", (x, w), e.data._replace(order=1, mode=other), x.shape if other == "pull" else w.shape)
    return e.args[-1], made


def pushed_forward(e: Expr, moved: Expr) -> Expr:
    """The derivative of a matrix-valued function of a matrix in the direction in which its last argument moves."""
    data = e.data if e.data.mode else e.data._replace(order=1, mode="push")  # linear in its last argument
    return node("call", (e.args[0], moved), data, e.shape)
