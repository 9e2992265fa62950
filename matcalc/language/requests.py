"""What a text asks for: a derivative, as `d/dX f`, `d(A B)/dA`, `∇_X f` or `diff(f, X)`, or what it defines.

The grammar makes a node `derivative` of what begins or ends like one (the function, then the names; its text is the
order) and a node `defined` of `D = W X`.  The others are quotients and calls as well, and are told by their parts here.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from ..errors import MatcalcError, NameProblem, ParseError
from .asking import order_said
from .dialects import syntax_of
from .names import canonical
from .syntax import Node, walk
from .tree import parse

ORDERS = {
    "d": 1, "diff": 1, "derivative": 1, "differentiate": 1, "grad": 1, "gradient": 1, "jacobian": 1, "jac": 1,
    "hessian": 2, "hess": 2, "∇": 1, "∂": 1,
}  # fmt: skip
"""The words that ask for a derivative, and of which order."""


@dataclass(frozen=True, slots=True)
class Request:
    """A derivative that is asked for: the variables, the order, and where the function stands in the text.

    `mixed` is the one of the second derivatives that `d²/dx dy` asks for.
    """

    names: tuple[str, ...]
    order: int
    start: int
    end: int | None = None
    mixed: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """`f(X) = tr(A X)`: the name of the function, the names that it is a function of, and what it is."""

    name: str
    arguments: tuple[str, ...]
    body: Node


def unsaid(root: Node) -> Node:
    """The tree without what LaTeX says beside it."""
    return root.args[0] if root.kind == "said" else root


def definition_of(root: Node) -> Definition | None:
    """What a text defines."""
    root = unsaid(root)
    if root.kind != "defined":
        return None
    left, body = root.args
    if left.kind not in ("name", "call") or any(a.kind != "name" for a in left.args) or "'" in left.text:
        raise ParseError(
            "Before '=' stands the name of a function, perhaps with the names of its variables.",
            hint="As in f = tr(A X) or f(X) = tr(A X).",
            start=left.start,
            end=left.end,
        )
    arguments = tuple(a.text for a in left.args)
    for node in walk(body):
        if node.kind in ("name", "call") and node.text == left.text:
            message = f"'{left.text}' is defined by itself."
            raise NameProblem(message, hint="Give it another name.", start=node.start, end=node.end)
    return Definition(left.text, arguments, body)


def asked_for(
    text: str, declared: Container[str] = (), words: Container[str] = (), syntax: str | None = None
) -> Request | None:
    """The derivative that a statement asks for; of a definition with arguments, by these.

    >>> asked_for("d/dW,b norm(W x + b)^2")
    Request(names=('W', 'b'), order=1, start=7, end=22, mixed='')
    >>> asked_for("∂(A B)/∂A").names, asked_for("f(X) = tr(A X)").names, asked_for("det(A)")
    (('A',), ('X',), None)
    """
    root = parse(text, words=words, syntax=syntax)
    try:
        definition = definition_of(root)
        request = request_of(root, declared)
    except MatcalcError as error:
        raise error.at(text, root.start, root.end) from None
    if definition is not None and definition.arguments:
        return Request(definition.arguments, 1, 0, len(text))
    if request is not None and syntax_of(text, syntax) == "latex":  # whose parts alone may not look like LaTeX
        return replace(request, start=0, end=len(text))
    return request


def request_of(root: Node, declared: Container[str] = ()) -> Request | None:
    """The derivative that a text asks for; a declared name means what was declared."""
    root = unsaid(root)
    if root.kind == "derivative":
        function, *variables = root.args
        return _request(function, [v.text for v in variables], int(root.text), root)
    if root.kind == "divide" and len(root.args) == 2:
        return _quotient(*root.args, declared)
    function_first = root.kind == "method" and root.text in ORDERS
    if function_first or (root.kind == "call" and root.text.lower() in ORDERS and root.text not in declared):
        if root.text in "d∂" and len(root.args) == 1:
            return None
        function, *given = root.args
        order = ORDERS[root.text.lower()]
        names = [a.text for a in given if a.kind == "name"]
        if len(given) > len(names):
            last = given[-1]
            if last.kind != "number" or not last.text.isdigit() or len(given) > len(names) + 1:
                return None
            order = int(last.text)
        if root.text == "diff" and len(names) > 1:
            order = len(names)
        return _request(function, names, order, root)
    return None


def _request(function: Node, names: Sequence[str], order: int, root: Node) -> Request:
    distinct = tuple(dict.fromkeys(names))
    if not distinct:
        raise ParseError(
            "By which variable?", hint="Name it, as in ∇_X f, d/dX f or gradient(f, X).", start=root.start, end=root.end
        )
    if order < 1:
        raise ParseError("The order of a derivative is 1, 2, …", start=root.start, end=root.end)
    mixed = ",".join(names) if order > 1 and len(distinct) > 1 else ""
    return Request(distinct, order, function.start, function.end, mixed)


def _quotient(top: Node, bottom: Node, declared: Container[str]) -> Request | None:
    """`d(f)/dX`, `d f/dX`, `∂f/∂X`, `d²f/dx²`."""
    names = _variables(bottom)
    if not names or any(f"d{name}" in declared for name in names):
        return None
    order, start = 1, top.start
    if top.kind == "call" and top.text in ("d", "∂") and len(top.args) == 1:
        start = top.args[0].start
        function = top.args[0]
    elif top.kind == "product" and (power := order_said(top.args[0])):
        order, start, function = power, top.args[1].start, top
    elif top.kind == "product" and top.args[0].kind == "call" and top.args[0].text in ("d", "∂"):
        raise ParseError(
            "How far does this derivative reach?",
            hint="Put brackets around all of the function: d(…)/dX.",
            start=top.start,
            end=top.end,
        )
    elif top.kind in ("name", "call") and len(top.text) > 1 and top.text[0] in "d∂" and top.text not in declared:
        start, function = top.start + 1, top
    else:
        return None
    if len(names) != order:
        raise ParseError(
            "The orders above and below the bar must be the same.",
            hint="As in d²f/dx² or ∂²f/∂x∂y.",
            start=top.start,
            end=bottom.end,
        )
    end = function.end
    distinct = tuple(dict.fromkeys(names))
    return Request(distinct, order, start, end, ",".join(names) if len(distinct) > 1 else "")


def _variables(node: Node) -> list[str]:
    """The variables that `dX`, `∂x²`, `dx dy` or `∂x∂xᵀ` name, one for each order; none where it is something else."""
    names: list[str] = []
    for factor in node.args if node.kind == "product" else (node,):
        times = 1
        if factor.kind == "transpose":
            factor = factor.args[0]
        elif factor.kind == "power" and factor.args[1].text.isdigit():
            times, factor = int(factor.args[1].text[:4]), factor.args[0]
        if factor.kind != "name" or len(factor.text) < 2 or factor.text[0] not in "d∂":
            return []
        names += [canonical(factor.text[1:])] * times
    return names
