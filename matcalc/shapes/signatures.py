"""An operator of the rule book applied to arguments of known sizes, as its signature says."""

from __future__ import annotations

from ..errors import NameProblem
from ..expressions.dimensions import SCALAR, Dim, names_of
from ..language.sizes import size_of
from ..language.tree import Node
from ..normal_form.theory import Operator
from .explain import needs_dot, no_fit, no_kind
from .inference import Inference
from .items import Item, counted, kinds_fit
from .unification import Sizes, Term, Unknown, find, instance


def applied(inference: Inference, name: str, node: Node, args: list[Item]) -> Item:
    """An operator of the rule book, chosen among those of this name by the kinds of the arguments."""
    candidates = inference.scope.operators.get(name, ())
    if not candidates:
        raise inference.mismatch(f"No rule file declares the operator '{name}'.", node, kind=NameProblem)
    fitting = [c for c in candidates if len(c.params) == len(args)]
    if not fitting:
        wanted = counted(len(candidates[0].params))
        message = f"'{name}' takes {wanted}, and here it has {len(args)}."
        raise inference.mismatch(message, node, kind=NameProblem)
    for operator in fitting:
        if kinds_fit(operator, args):
            break
    else:
        raise no_kind(inference, name, fitting[0], node, args)
    if operator.elementwise and not args[0].scalar:
        raise needs_dot(inference, name, node, args[0])
    if not operator.elementwise:
        for param, a in zip(operator.params, args, strict=True):
            if a.scalar and param != SCALAR:
                inference.doubt(a, f"'{name}' of a scalar says nothing.", node)
    bound = _said(inference, operator, node) if node.kind == "call" else {}
    sides = [
        (d, size, a) for p, a in zip(operator.params, args, strict=True) for d, size in zip(p, a.sizes, strict=True)
    ]
    sides.sort(key=lambda side: _is_composed(side[0]))  # q before n·q: what is unknown there is not 1, as q may be
    for dim, size, by in sides:
        if not _bind(inference, dim, size, bound, len(args) == 1):
            raise no_fit(inference, name, operator, node, args, by)
    rows, cols = (_result(inference, d, bound, len(args) == 1) for d in operator.result)
    sizes: Sizes = (rows, cols)
    return inference.add("apply", args, sizes, node, operator.name)


def _said(inference: Inference, operator: Operator, node: Node) -> dict[str, Term]:
    """The sizes of the result that are given behind the arguments, as in `unvec(x, m, n)`."""
    given = node.args[len(operator.params) :]
    if not given:
        return {}
    assert operator.notation is not None
    bound: dict[str, Term] = {}
    for axis, arg in zip(operator.notation.sizes, given, strict=True):
        size = size_of(arg)
        if size is None or isinstance(size, int) and size <= 0:
            raise inference.mismatch("A size is a name or a positive integer.", arg)
        bound[str(operator.result[axis])] = size
    return bound


def _is_composed(d: Dim) -> bool:
    return isinstance(d, str) and ("·" in d or "+" in d)


def _bind(inference: Inference, wanted: Dim, size: Term, bound: dict[str, Term], stacked: bool) -> bool:
    """Make an argument's dimension what the operator's signature asks for."""
    if isinstance(wanted, str) and _is_composed(wanted):
        for part in names_of(wanted):
            bound.setdefault(part, Unknown())
        return inference.unifier.same(instance(wanted, bound, stacked), size)
    if isinstance(wanted, int):
        return find(size) == wanted
    if wanted in bound:
        return inference.unifier.same(bound[wanted], size)
    bound[wanted] = find(size)
    return True


def _result(inference: Inference, written: Dim, bound: dict[str, Term], stacked: bool) -> Term:
    """A dimension of the result; what no argument says is to be found."""
    for part in names_of(written):
        bound.setdefault(part, Unknown())
    return instance(written, bound, stacked)
