"""Operators that rule files declare, by what their tags say: linear, even, commutative, elementwise."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import MatcalcError
from ..expressions.dimensions import SCALAR, Dim, Shape, substitute
from ..expressions.nodes import Expr, Operation, Rational, node
from ..expressions.parts import Factor, split
from .constructors import Constructors


def apply(algebra: Constructors, name: str, args: Sequence[Expr], shape: Shape | None = None) -> Expr:
    """An operator that a rule file declares, simplified by its rules.

    The shape is given for operators whose result has sizes that no argument tells, such as unvec.
    """
    algebra.work += len(args)
    operator = algebra.book.operator(name)
    tags = operator.tags
    made: Expr
    coefficient: Rational = 1
    scalars: list[Factor] = []
    if operator.homogeneous:
        bare = list(args)
        for i in operator.homogeneous:
            c, e = split(args[i])
            coefficient *= c
            if e.head == "zero":
                return algebra.zeros(*(shape or _result(algebra, name, args)))
            if e.head == "scale":
                scalars.append((e.args[0], 1))
                e = e.args[1]
            bare[i] = e
        args = bare
    elif "even" in tags or "odd" in tags:
        c, e = split(args[0])
        if c < 0:
            coefficient = -1 if "odd" in tags else 1
            args = [algebra.linear([(-c, e)])]
    if "additive" in tags and args[0].head == "add" and len(args[0].args) > 1:
        first = args[0]
        parts = [(c, algebra.apply(name, [x, *args[1:]], shape)) for c, x in zip(first.data, first.args, strict=True)]
        made = algebra.linear(parts, shape)
        made = algebra.scale(algebra.had(scalars, SCALAR), made) if scalars else made
        return algebra.linear([(coefficient, made)])
    if "commutative" in tags and args[1].key < args[0].key:
        args = args[::-1]
    collects = "transpose-invariant" in tags and "linear" in tags and args[0].shape[0] == args[0].shape[1]
    if collects and args[0].head == "transpose":
        args = [args[0].args[0]]
    collects = collects and args[0].head == "add"
    if collects:
        args = [_one_orientation(algebra, args[0])]
        if len(args[0].args) == 1 or args[0].head == "zero":
            collected = algebra.scale(algebra.had(scalars, SCALAR), algebra.apply(name, args, shape))
            return algebra.linear([(coefficient, collected)])
    shape = shape or _result(algebra, name, args)
    first = args[0]
    data = algebra.book.operation(name)
    if "elementwise" in tags or "transposable" in tags:
        made = _oriented(algebra, name, tuple(args), data, shape)
    elif "transpose-invariant" in tags and first.transposes and not collects:
        turned = algebra.transpose(first)
        if turned.transposes < first.transposes:
            made = algebra.apply(name, [turned], shape)
        else:
            made = algebra.rewrite(node(name, (first,), data, shape))
    else:
        made = algebra.rewrite(node(name, tuple(args), data, shape))
    if scalars:
        made = algebra.scale(algebra.had(scalars, SCALAR), made)
    return made if coefficient == 1 else algebra.linear([(coefficient, made)])


def _one_orientation(algebra: Constructors, e: Expr) -> Expr:
    """A sum under an operator that does not see transposes: of t and tᵀ only one is kept, so that they collect."""
    terms = []
    for c, t in zip(e.data, e.args, strict=True):
        turned = algebra.transpose(t)
        d, turned = split(turned)
        better = (turned.transposes, turned.key) < (t.transposes, t.key)
        terms.append((c * d, turned) if better else (c, t))
    return algebra.linear(terms, e.shape, orient=False)


def _oriented(algebra: Constructors, name: str, args: tuple[Expr, ...], data: Operation | None, shape: Shape) -> Expr:
    """f(args), or f(argsᵀ)ᵀ where that writes fewer transposes."""
    if any(e.transposes and e.shape != SCALAR for e in args):
        turned = tuple(algebra.transpose(e) for e in args)
        if (
            args[0].head == "transpose"
            and len(args) == 1
            or sum(e.transposes for e in turned) + 2 <= sum(e.transposes for e in args)
        ):
            return algebra.transpose(algebra.apply(name, turned, shape[::-1]))  # a transpose may bring out a sign
    return algebra.rewrite(node(name, args, data, shape))


def _result(algebra: Constructors, name: str, args: Sequence[Expr]) -> Shape:
    operator = algebra.book.operator(name)
    bound: dict[str, Dim] = {}
    for wanted, e in zip(operator.params, args, strict=True):
        for w, d in zip(wanted, e.shape, strict=True):
            if isinstance(w, str) and bound.setdefault(w, d) != d:
                raise MatcalcError(f"{name} does not take operands of these shapes.")
    return (substitute(operator.result[0], bound), substitute(operator.result[1], bound))
