"""Decide what a name before a bracket is: `A (B + C)` is a product, `phi(X)` a call.

The grammar cannot know.  Here calls of variables become products, flat in the product around them; marks behind such a
call, as in `A (B + C)'`, move onto the bracket, where a reader sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..language.names import kind_by_spelling
from ..language.sizes import size_of
from ..language.tree import BEHIND_CALL, POSTFIX, Node
from .scope import Scope

SIZED = {"1": (1, 2), "ones": (1, 2), "zeros": (1, 2), "I": (1,), "e": (2,), "E": (4,), "K": (2,)}
"""The constants with sizes, and how many they take."""

STRUCTURAL = frozenset({"mul", "had", "scale", "transpose", "inv"})
"""The operators of the rule book whose laws the normal form keeps; they may be typed by name: `transpose(A)`."""


def sizes_given(node: Node, scope: Scope) -> int:
    """How many of the arguments of a call are the sizes of its value, as in `unvec(x, m, n)`: the last ones."""
    if node.kind != "call" or node.text in scope.functions:
        return 0
    for operator in scope.operators.get(node.text, ()):
        axes = operator.notation.sizes if operator.notation is not None else ()
        if axes and len(node.args) == len(operator.params) + len(axes):
            return len(axes)
    return 0


def walk(*roots: Node) -> Iterable[Node]:
    """Every node, arguments before what they are arguments of."""
    backwards: list[Node] = []
    stack = list(roots)
    while stack:
        node = stack.pop()
        backwards.append(node)
        stack.extend(node.args)
    return reversed(backwards)


def bare_names(*roots: Node) -> set[str]:
    """The names that stand somewhere without a bracket behind them."""
    return {node.text for node in walk(*roots) if node.kind == "name"}


def resolved(root: Node, is_variable: Callable[[Node], bool]) -> Node:
    """The tree with every call of a variable made a product."""
    done: list[Node] = []
    open_products: set[int] = set()  # products that no bracket closes, by identity; all are alive in `done`
    keep: list[Node] = []
    for node in walk(root):
        count = len(node.args)
        args = tuple(done[len(done) - count :]) if count else ()
        if count:
            del done[len(done) - count :]
        if args != node.args:
            node = Node(node.kind, node.text, args, node.start, node.end)
        if node.kind == "call" and len(args) == 1 and is_variable(node):
            node = Node("product", "", (*_callee(node), args[0]), node.start, node.end)
            open_products.add(id(node))
            keep.append(node)
        elif node.kind in POSTFIX and node.text == BEHIND_CALL:
            base, *more = args
            if id(base) in open_products:
                *first, last = base.args
                marked = Node(node.kind, "", (last, *more), last.start, node.end)
                node = Node("product", "", (*first, marked), node.start, node.end)
                open_products.add(id(node))
                keep.append(node)
        elif node.kind == "product":
            args = _log_det(args)
            if len(args) != len(node.args):
                node = Node("product", "", args, node.start, node.end)
            if open_products and any(id(a) in open_products for a in args):
                flat = [f for a in args for f in (a.args if id(a) in open_products else (a,))]
                node = Node("product", "", tuple(flat), node.start, node.end)
            elif len(args) == 1:
                node = args[0]
        done.append(node)
    return done[0]


def _log_det(args: tuple[Node, ...]) -> tuple[Node, ...]:
    """`log det(X)`, and `log det X` at the end of a product, as the one function they are on paper."""
    for at in range(len(args) - 1):
        if args[at].kind == "name" and args[at].text in ("log", "ln"):
            first, inner, *rest = args[at:]
            if inner.kind == "call" and inner.text in ("det", "determinant"):
                found = Node("call", "logdet", inner.args, first.start, inner.end)
            elif inner.kind == "name" and inner.text == "det" and len(rest) == 1:
                found = Node("call", "logdet", (rest.pop(),), first.start, args[-1].end)
            else:
                continue
            return (*args[:at], found, *rest)
    return args


def _callee(node: Node) -> tuple[Node, ...]:
    """The variable before the bracket, with its primes."""
    name = node.text.rstrip("'")
    primes = len(node.text) - len(name)
    end = node.start + len(node.text)
    variable = Node("number" if name == "1" else "name", name, (), node.start, end)
    return (Node("transpose", "", (variable,), node.start, end) if primes % 2 else variable,)


def is_variable_call(node: Node, scope: Scope, bare: set[str]) -> bool:
    """Whether the name before a bracket is a variable, so that the call is a product."""
    name = node.text.rstrip("'")
    if name in scope.variables or name in scope.lets:
        return True
    if name in scope.functions:
        return False
    if scope.differentials and name[0] == "d" and (name[1:] in bare or name[1:] in scope.variables):
        return True
    if name in SIZED:
        return not _sized(node, name, scope, bare)
    known = name in scope.operators or name in STRUCTURAL or name in ("d", "log", "ln")
    if known and not (scope.differentials and name == "d") and kind_by_spelling(name) == "scalar" and name in bare:
        return True
    if known:
        return False
    if name in scope.dimension_names():
        return True
    if kind_by_spelling(name) == "matrix" or name in bare:
        return len(node.args) == 1
    behind = node.start + len(node.text)
    return node.text.endswith("'") and name.isascii() and node.args[0].start > behind + 1


def _sized(node: Node, name: str, scope: Scope, bare: set[str]) -> bool:
    """Whether `I(n)`, `1(m, n)`, `K(m, n)`, … is the constant and not a product."""
    if len(node.args) not in SIZED[name] or node.text != name:
        return False
    if name in ("e", "E", "K") and name in bare:
        return False
    if name in ("1", "I") and len(node.args) == 1:
        names = [n.text for n in walk(node.args[0]) if n.kind == "name"]
        if any(n in scope.variables and scope.variables[n].shape != () for n in names):
            return bool(set(names) <= scope.dimension_names())
        if node.args[0].kind != "name" and any(kind_by_spelling(n) == "matrix" for n in names):
            return False
    return all(size_of(arg) is not None for arg in node.args)
