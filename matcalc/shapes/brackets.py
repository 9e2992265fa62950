"""Decide what a name before a bracket is: `A (B + C)` is a product, `phi(X)` a call.

The grammar cannot know.  Here calls of variables become products, flat in the product around them; marks behind such a
call, as in `A (B + C)'`, move onto the bracket, where a reader sees them.
"""

from __future__ import annotations

import re

from ..errors import AmbiguityError, MatcalcError
from ..language.names import canonical, kind_by_spelling
from ..language.signs import plain_signs
from ..language.sizes import size_of
from ..language.syntax import POSTFIX, Node, walk
from .naming import Naming
from .scope import Scope
from .wording import WORDING

SIZED = {"1": (1, 2), "ones": (1, 2), "zeros": (1, 2), "I": (1,), "e": (2,), "E": (4,), "K": (2,)}
"""The constants with sizes, and how many they take."""

STRUCTURAL = frozenset({"mul", "had", "scale", "transpose", "inv"})
"""The operators of the rule book whose laws the normal form keeps; they may be typed by name: `transpose(A)`."""

FUNCTION_LETTERS = frozenset("fghφψ")
"""They begin the names of functions: `f (x + y)` is a call, `n (x + y)` a product."""


def sizes_given(node: Node, scope: Scope) -> int:
    """How many of the arguments of a call are the sizes of its value, as in `unvec(x, m, n)`: the last ones."""
    if node.kind != "call" or node.text in scope.functions:
        return 0
    for operator in scope.operators.get(node.text, ()):
        axes = operator.notation.sizes if operator.notation is not None else ()
        if axes and len(node.args) == len(operator.params) + len(axes):
            return len(axes)
    return 0


class _Resolver:
    """Rebuilds a tree from below; `open` are the products that no bracket closes, by identity."""

    def __init__(self, text: str, naming: Naming) -> None:
        self.typed, self.text, self.naming = text, plain_signs(text), naming
        self.open: dict[int, Node] = {}

    def opened(self, args: tuple[Node, ...], start: int, end: int) -> Node:
        """A product that grows into the one around it."""
        node = Node("product", "", args, start, end)
        self.open[id(node)] = node
        return node

    def node(self, node: Node) -> Node:
        """What a node is whose arguments have been resolved."""
        word = WORDING.get(node.kind)
        if word is not None:
            try:
                node = word(self.naming, node, self.text)
            except MatcalcError as error:
                raise error.at(self.typed, node.start, node.end) from None
        kind, args = node.kind, node.args
        if kind == "name" and len(node.text) > 1:
            return self.run(node) or node
        if kind == "call":
            return self.call(node)
        if kind in POSTFIX:
            base, *more = args
            if id(base) in self.open:
                *first, last = base.args
                marked = Node(kind, node.text, (last, *more), last.start, node.end)
                return self.opened((*first, marked), node.start, node.end)
            return node
        if kind == "divide" and any(id(a) in self.open for a in args):
            return self.divided(node)
        if kind == "product":
            args = _log_det(args)
            if self.open and any(id(a) in self.open for a in args):
                args = tuple(f for a in args for f in (a.args if id(a) in self.open else (a,)))
            return args[0] if len(args) == 1 else Node("product", "", args, node.start, node.end)
        return node

    def run(self, node: Node) -> Node | None:
        """The product of the letters of a name, where it is a run of letters."""
        typed = self.text[node.start : node.end]
        factors = self.naming.factors(typed) if typed.isalnum() or "_" in typed else None
        return None if factors is None else self.opened(self.letters(node, factors), node.start, node.end)

    def letters(self, node: Node, factors: list[str]) -> tuple[Node, ...]:
        out, at = [], node.start
        for factor in factors:
            out.append(Node("name", canonical(factor), (), at, at + len(factor)))
            at += len(factor)
        return tuple(out)

    def call(self, node: Node) -> Node:
        """A call; a product, where the name is a variable."""
        first: tuple[Node, ...] = ()
        name = node.text
        if len(name) > 1 and name not in self.naming.scope.operators and name not in STRUCTURAL and name not in SIZED:
            typed = re.match(r"\w+", self.text[node.start : node.end])
            factors = self.naming.factors(typed[0], called=True) if typed and typed[0][-1:] != "'" else None
            if factors is not None:
                first = self.letters(node, factors)[:-1]
                node = Node(
                    "call", canonical(factors[-1]) + name[len(name.rstrip("'")) :], node.args, first[-1].end, node.end
                )
        if len(node.args) == 1 and is_variable_call(node, self.text, self.naming):
            self.refuse_sigmoid(node)
            return self.opened((*first, *_callee(node), node.args[0]), node.start, node.end)
        return self.opened((*first, node), first[0].start, node.end) if first else node

    def refuse_sigmoid(self, node: Node) -> None:
        """`σ(W x + b)` is the sigmoid to some, where nothing says that σ is a variable."""
        if node.text == "σ" and not self.naming.takes("σ") and not self.naming.scope.differentials:
            inner = self.text[node.args[0].start : node.args[0].end].strip()
            message = "σ( ) is the sigmoid, or the product with a scalar σ."
            hint = f"Write sigmoid.({inner}), or σ * ({inner})."
            raise AmbiguityError(message, text=self.text, start=node.start, end=node.end, hint=hint)

    def divided(self, node: Node) -> Node:
        """`1/n (A + B)`: the denominator reaches no further than the name; with another numerator nobody can tell."""
        args: list[Node] = [node.args[0]]
        rest: list[Node] = []
        for a in node.args[1:]:
            if rest or id(a) not in self.open:
                args.append(a)
                continue
            first, *rest = a.args
            if not all(x.kind == "number" for x in args):
                top, bottom = (self.text[n.start : n.end] for n in (node.args[0], first))
                more = self.text[first.end : a.end].strip()
                hint = f"Write ({top}/{bottom}) {more} or {top}/({bottom} {more})."
                message = f"'{top}/{bottom} {more}' has two readings: how far does the denominator reach?"
                raise AmbiguityError(message, text=self.typed, start=node.start, end=node.end, hint=hint)
            args.append(first)
        quotient = Node("divide", "", tuple(args), node.start, args[-1].end)
        return self.opened((quotient, *rest), node.start, node.end)


def resolved(root: Node, text: str, naming: Naming) -> Node:
    """The tree in our own words, with every run of letters and every call of a variable made a product."""
    done: list[Node] = []
    resolver = _Resolver(text, naming)
    for node in walk(root):
        count = len(node.args)
        args = tuple(done[len(done) - count :]) if count else ()
        if count:
            del done[len(done) - count :]
        if args != node.args:
            node = Node(node.kind, node.text, args, node.start, node.end)
        done.append(resolver.node(node))
    return done[0]


def _log_det(args: tuple[Node, ...]) -> tuple[Node, ...]:
    """`log det(X)`, `log|X|`, and `log det X` at the end of a product, as they are on paper."""
    for at in range(len(args) - 1):
        if args[at].kind == "name" and args[at].text in ("log", "ln"):
            first, inner, *rest = args[at:]
            if inner.kind == "call" and inner.text in ("det", "determinant"):
                found = Node("call", "logdet", inner.args, first.start, inner.end)
            elif inner.kind == "abs":  # log|Σ|
                found = Node("call", args[at].text, (inner,), first.start, inner.end)
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


def is_variable_call(node: Node, text: str, naming: Naming) -> bool:
    """Whether the name before a bracket is a variable, so that the call is a product."""
    scope, bare = naming.scope, naming.bare
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
    if name in bare:
        return True
    if kind_by_spelling(name) == "matrix":
        return scope.differentials or not is_function_of_names(node, text)
    behind = node.start + len(node.text)
    if node.text.endswith("'"):
        return name.isascii() and node.args[0].start > behind + 1
    if name[0] in FUNCTION_LETTERS or name[1:2].isalpha():
        return False
    return _is_loose(node, text) or (not name.isascii() and not all(a.kind == "name" for a in node.args))


def _is_loose(node: Node, text: str) -> bool:
    """Whether there is a space before the bracket of a call."""
    bracket = text.find("(", node.start)
    return bracket > 0 and text[bracket - 1].isspace()


def is_function_of_names(node: Node, text: str) -> bool:
    """Whether a call is like `A(X)` or `f(x, y)`: tight before brackets that hold only names."""
    return not _is_loose(node, text) and all(a.kind == "name" for a in node.args)


def _sized(node: Node, name: str, scope: Scope, bare: set[str]) -> bool:
    """Whether `I(n)`, `1(m, n)`, `K(m, n)`, … is the constant and not a product."""
    if len(node.args) not in SIZED[name] or node.text != name:
        return False
    if name in ("e", "E", "K") and (name in bare or any(a.kind == "name" and a.text in bare for a in node.args)):
        return False
    if name in ("1", "I") and len(node.args) == 1:
        names = [n.text for n in walk(node.args[0]) if n.kind == "name"]
        if any(n in scope.variables and scope.variables[n].shape != () for n in names):
            return bool(set(names) <= scope.dimension_names())
        if node.args[0].kind != "name" and any(kind_by_spelling(n) == "matrix" for n in names):
            return False
    return all(size_of(arg) is not None for arg in node.args)
