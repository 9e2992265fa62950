"""Transposes, pushed inside or left outside, whichever writes fewer."""

from __future__ import annotations

from collections.abc import Sequence

from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr, mark, node
from .constructors import Constructors

DEEP = 50  # nesting from which a walk that is recursive goes in steps


def transpose(algebra: Constructors, e: Expr) -> Expr:
    """The transpose, pushed inside or left outside, whichever writes fewer transposes."""
    if e.shape == SCALAR or e.head == "identity":
        return e
    known = algebra.transposed.get(e)
    if known is None:
        if e.depth > DEEP:
            _transpose_below(algebra, e)
        known = algebra.transposed[e] = _transpose(algebra, e)
    return known


def _transpose_below(algebra: Constructors, e: Expr) -> None:
    """Transpose what is nested deep, from the inside, so that no recursion is."""
    done = algebra.transposed
    todo = [e]
    while todo:
        x = todo[-1]
        inside = [a for a in x.args if a.depth >= DEEP and a.shape != SCALAR and a not in done]
        if inside:
            todo.extend(inside)
            continue
        todo.pop()
        if x is not e and x not in done and x.head != "identity":
            done[x] = _transpose(algebra, x)


def _transpose(algebra: Constructors, e: Expr) -> Expr:
    shape = e.shape[::-1]
    head = e.head
    if head == "symbol":
        if "symmetric" in e.data.properties:
            return e
        if "skew" in e.data.properties:
            return algebra.negate(e)
    elif head == "transpose":
        return e.args[0]
    elif head == "add":
        return algebra.linear([(c, algebra.transpose(a)) for c, a in zip(e.data, e.args, strict=True)])
    elif head == "scale":
        return algebra.scale(e.args[0], algebra.transpose(e.args[1]))
    elif head == "mul":
        return algebra.mul([algebra.transpose(a) for a in reversed(e.args)])
    elif head == "had":
        return algebra.had([(algebra.transpose(a), p) for a, p in zip(e.args, e.data, strict=True)])
    elif head == "ones":
        return algebra.ones(*shape)
    elif head == "zero":
        return algebra.zeros(*shape)
    elif head == "entry":
        return node("entry", (), e.data[::-1], shape)
    elif head == "commutation":
        return node("commutation", (), e.data[::-1], shape)
    elif head == "power" or head == "dotpower":
        turned = algebra.transpose(e.args[0])
        if turned.head != "transpose" and turned.transposes < e.args[0].transposes + mark(e):
            return algebra.power(turned, e.args[1]) if head == "power" else algebra.dotpower(turned, e.args[1])
    elif head == "call":
        if e.data.elementwise:
            turned = algebra.transpose(e.args[0])
            if turned.head != "transpose" and turned.transposes < e.args[0].transposes + mark(e):
                return node("call", (turned,), e.data, shape)
        elif e.data.order == 2 and shape == e.shape and e.args[0].shape == (shape[0], 1):  # a Hessian
            return e
    elif head not in ("unit", "index"):
        tags = algebra.book.operator(head).tags
        if "symmetric" in tags:
            return e
        if "transposable" in tags or "elementwise" in tags:
            turned_args = [algebra.transpose(a) for a in e.args]
            lone = len(e.args) == 1 and turned_args[0].head == "transpose"
            if not lone and sum(a.transposes for a in turned_args) < sum(a.transposes for a in e.args) + mark(e):
                return _applied_to_turned(algebra, e, turned_args)
        if e.shape[1] != 1:  # a column is transposed as a whole
            return algebra.rewrite(node("transpose", (e,), None, shape))
    return node("transpose", (e,), None, shape)


def _applied_to_turned(algebra: Constructors, e: Expr, args: Sequence[Expr]) -> Expr:
    """f(Xᵀ) for f(X)ᵀ.

    What rules make of it may ask for f(X)ᵀ again, as where Xᵀ = -X and σ(-X) = 1 - σ(X); then it is just that.
    """
    algebra.transposed[e] = node("transpose", (e,), None, e.shape[::-1])
    try:
        return algebra.apply(e.head, args, e.shape[::-1])
    finally:
        del algebra.transposed[e]
