"""An expression again over other arguments, sizes and functions, in normal form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..expressions.dimensions import Dim, Shape, substitute
from ..expressions.nodes import Expr, Function, fold, node
from .constructors import Constructors


def rebuild(
    algebra: Constructors,
    e: Expr,
    args: Sequence[Expr],
    dims: Mapping[str, Dim] | None = None,
    functions: Mapping[str, Function] | None = None,
) -> Expr:
    """A node of the same head and data over other arguments, with dimension and function names replaced."""
    head = e.head
    if head == "add":
        return algebra.linear(list(zip(e.data, args, strict=True)))
    if head == "mul":
        return algebra.mul(args)
    if head == "had":
        return algebra.had(list(zip(args, e.data, strict=True)), args[0].shape)
    if head == "scale":
        return algebra.scale(args[0], args[1])
    if head == "transpose":
        return algebra.transpose(args[0])
    if head == "power":
        return algebra.power(args[0], args[1])
    if head == "dotpower":
        return algebra.dotpower(args[0], args[1])
    if head == "call":
        shape = args[0].shape if e.data.elementwise else _resized(e.shape, dims)
        data = e.data
        if functions and data.name in functions:
            found = functions[data.name]
            data = found._replace(order=found.order + data.order)
        return algebra.call(data.name, args, shape, data.elementwise, data.order, data.mode)
    if head == "index":
        return algebra.index(args[0], *e.data)
    if not args:
        if not dims:
            return e
        if head == "symbol":
            return algebra.dimension(dims[e.name]) if e.name in dims else e
        shape = _resized(e.shape, dims)
        if head == "identity":
            return algebra.identity(shape[0])
        if head == "commutation":
            m, n = e.data
            return algebra.commutation(substitute(m, dims), substitute(n, dims))
        return node(head, (), e.data, shape)
    sized = "sized" in algebra.book.operator(head).tags
    return algebra.apply(head, args, _resized(e.shape, dims) if sized else None)


def _resized(shape: Shape, dims: Mapping[str, Dim] | None) -> Shape:
    return (substitute(shape[0], dims), substitute(shape[1], dims)) if dims else shape


def substituted(
    algebra: Constructors,
    root: Expr,
    values: Mapping[Expr, Expr],
    dims: Mapping[str, Dim] | None = None,
    functions: Mapping[str, Function] | None = None,
) -> Expr:
    """The expression with symbols replaced, in normal form."""
    return fold(root, lambda e, args: values[e] if e in values else algebra.rebuild(e, args, dims, functions), {})
