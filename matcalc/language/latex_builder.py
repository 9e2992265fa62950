"""What each alternative of the grammar of LaTeX makes: the nodes that plain text has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import AmbiguityError, MatcalcError
from .builder import Build, Open, Value, closed, complain
from .latex_commands import LOG_LIKE, SCALAR_WORDS, TRACES
from .scanner import Token
from .syntax import BEHIND_CALL, Node

BARE = "bare"
"""The kind of a function that waits for what it is applied to; none is in a finished tree."""


class Ragged(Open):
    """A product, or a list of them, whose last factor is in a function without brackets."""

    __slots__ = ()


class Held:
    """What stands between braces, which nobody sees: as typed, and where."""

    __slots__ = ("end", "start", "value")

    def __init__(self, value: Value, start: int, end: int) -> None:
        self.value, self.start, self.end = value, start, end

    @property
    def node(self) -> Node:
        """One node, with the place of the braces."""
        return placed(closed(self.value), self.start, self.end)


def placed(node: Node, start: int, end: int) -> Node:
    """A node at a place."""
    return Node(node.kind, node.text, node.args, start, end)


def two_readings(message: str, hint: str, start: int, end: int) -> MatcalcError:
    """A refusal of what two readers read in two ways."""
    return AmbiguityError(message, hint=hint, start=start, end=end)


class _LatexBuild(Build):
    """The nodes of LaTeX; what it shares with plain text is inherited."""

    # --- groups -----------------------------------------------------------------------------------------------------

    def held(self, parts: list[Token | Value]) -> Held:
        opening, value, closing = parts
        assert isinstance(opening, Token) and isinstance(closing, Token) and isinstance(value, Node | Open)
        return Held(value, opening.start, closing.end)

    def held_over(self, parts: list[Token | Value]) -> Held:
        opening, top, _, bottom, closing = parts
        assert isinstance(opening, Token) and isinstance(closing, Token)
        assert isinstance(top, Node | Open) and isinstance(bottom, Node | Open)
        return Held(quotient(closed(top), closed(bottom), opening.start, closing.end), opening.start, closing.end)

    def over(self, parts: list[Value]) -> Node:
        top, bottom = closed(parts[0]), closed(parts[2])
        return quotient(top, bottom, top.start, bottom.end)

    def over_in_brackets(self, parts: list[Token | Value]) -> Node:
        opening, top, _, bottom, closing = parts
        assert isinstance(opening, Token) and isinstance(closing, Token)
        assert isinstance(top, Node | Open) and isinstance(bottom, Node | Open)
        return quotient(closed(top), closed(bottom), opening.start, closing.end)

    def braced(self, parts: list[Held]) -> Held:
        return parts[0]

    def fraction(self, parts: list[Token | Held]) -> Node:
        command, top, bottom = parts
        assert isinstance(command, Token) and isinstance(top, Held) and isinstance(bottom, Held)
        return quotient(top.node, bottom.node, command.start, bottom.end)

    def root(self, parts: list[Token | Held]) -> Node:
        command, under = parts
        assert isinstance(command, Token) and isinstance(under, Held)
        return Node("call", "sqrt", (under.node,), command.start, under.end)

    def nth_root(self, parts: list[Token | Held]) -> Node:
        command, degree, under = parts
        assert isinstance(command, Token) and isinstance(degree, Held) and isinstance(under, Held)
        one = Node("number", "1", (), command.start, degree.end)
        exponent = Node("divide", "", (one, degree.node), command.start, degree.end)
        return Node("power", "", (under.node, exponent), command.start, under.end)

    # --- marks ------------------------------------------------------------------------------------------------------

    def marked(self, parts: Sequence[Value | Held | Token]) -> Node:
        return self._behind(parts, super().marked)

    def raised(self, parts: Sequence[Value | Held | Token]) -> Node:
        base, caret, exponent = parts
        assert isinstance(exponent, Held)
        value = exponent.value if isinstance(exponent.value, Open) else exponent.node
        return self._behind([base, caret, value], super().raised)

    def entry(self, parts: list[Value | Held | Token]) -> Node:
        base, places = parts
        assert isinstance(base, Node) and isinstance(places, Token)
        kinds = {":": "slice"}
        labels = [
            Node(kinds.get(p, "number" if p.isdigit() else "name"), p, (), places.start, places.end)
            for p in places.text.split(",")
        ]
        return Node("index", "", (base, *labels), base.start, places.end)

    def directed(self, parts: list[Any]) -> Node:
        base, _, direction, closing = parts
        return Node("index", BEHIND_CALL, (base, closed(direction)), base.start, closing.end)

    def _behind(self, parts: Sequence[Value | Held | Token], mark: Callable[[list[Any]], Node]) -> Node:
        """A mark behind its operand; behind braces, which nobody sees, it belongs to the last factor."""
        base = parts[0]
        if not isinstance(base, Held):
            return mark(list(parts))
        inner = base.value
        if isinstance(inner, Open) and inner.kind == "product":
            *first, last = inner.items
            return closed(Open("product", [*first, mark([last, *parts[1:]])]))
        if isinstance(inner, Open):
            raise two_readings(
                "Braces are not seen: this exponent stands behind the last term, or behind all of it.",
                "Put ( ) around what it belongs to.",
                base.start,
                base.end,
            )
        return mark([inner, *parts[1:]])

    # --- products ---------------------------------------------------------------------------------------------------

    def juxtaposed(self, parts: Sequence[Value | Held]) -> Open:
        left, right = (self._factor(p) for p in parts)
        return super().juxtaposed([left, right])

    def _factor(self, value: Value | Held) -> Value:
        """A factor; a sum in braces is none, as nobody sees them."""
        if not isinstance(value, Held):
            return value
        inner = value.value
        if isinstance(inner, Open) and inner.kind not in ("product", "matmul", "divide"):
            raise two_readings(
                "Braces are not seen: this factor belongs to the last term, or to all of it.",
                "Put ( ) around the sum.",
                value.start,
                value.end,
            )
        return value.node

    def name(self, parts: list[Token]) -> Node:
        token = parts[0]
        return Node("name", token.text, (), token.start, token.end)

    def unsized(self, parts: list[Token]) -> Node:
        return Node("ones", "", (), parts[0].start, parts[0].end)

    def bare(self, parts: list[Token]) -> Node:
        return Node(BARE, parts[0].text, (), parts[0].start, parts[0].end)

    def call_of_group(self, parts: list[Token | Node | Held]) -> Node:
        function, argument = parts
        assert isinstance(function, Token) and isinstance(argument, Node | Held)
        node = argument.node if isinstance(argument, Held) else argument
        if function.kind == "CALLED" and function.text == "log" and node.kind == "abs":
            return Node("call", "log", (node,), function.start, node.end)
        return Node("call", function.text, (node,), function.start, node.end)

    def applied(self, parts: list[Value | Held]) -> Value:
        """A finished product: functions without brackets take what is theirs."""
        value = parts[0]
        if isinstance(value, Held):
            value = value.value if isinstance(value.value, Open) and value.value.kind == "sum" else value.node
        items = value.items if isinstance(value, Open) else [value]
        if not any(_function(item) for item in items):
            return value
        return Ragged("product", _applied(items))

    def infixed(self, parts: list[Value | Token]) -> Open:
        left, operator, right = parts
        assert isinstance(operator, Token)
        ragged = isinstance(right, Ragged)
        if isinstance(left, Ragged) and not ragged:
            last = left.items[-1]
            raise two_readings(
                f"How far does '{last.text}' reach? It stands without brackets before '{operator.text}'.",
                "Put ( ) around what it is applied to.",
                last.start,
                operator.end,
            )
        if operator.text in ("·", "×"):
            kind = "dotted" if operator.text == "·" else "matmul"
            assert isinstance(left, Node | Open) and isinstance(right, Node | Open)
            made = Open(kind, [closed(left), closed(right)])
        else:
            made = super().infixed(parts)
        return Ragged(made.kind, made.items, made.signs) if ragged else made

    def call(self, parts: list[Token | list[Node]]) -> Node:
        name, _, arguments, closing = parts
        assert isinstance(arguments, list) and isinstance(name, Token) and isinstance(closing, Token)
        return Node("call", name.text, tuple(arguments), name.start, closing.end)


def quotient(top: Node, bottom: Node, start: int, end: int) -> Node:
    """One over the other."""
    return Node("divide", "", (top, bottom), start, end)


def _function(node: Node) -> str:
    """The function that waits in a node, perhaps under exponents; empty where there is none."""
    while node.kind in ("power", "inverse", "transpose"):
        node = node.args[0]
    return node.text if node.kind == BARE else ""


def _applied(items: list[Node]) -> list[Node]:
    """The factors of a product, functions applied; from the last to the first, as they nest."""
    done: list[tuple[Node, str]] = []  # what stands behind, the next one last, with the function that it is of
    for item in reversed(items):
        word = _function(item)
        if not word:
            done.append((item, ""))
            continue
        if not done:
            raise complain(f"'{word}' has no argument.", item.start, item.end, f"Write {word}(…).")
        if done[-1][1]:
            taken = [done.pop()[0]]
        else:
            taken = [done.pop()[0]]
            while done and not _ends(word, done[-1][1]):
                taken.append(done.pop()[0])
        first = taken[0]
        if len(taken) > 1 and first.kind in ("divide", "call") and word not in TRACES:
            raise two_readings(
                f"How far does '{word}' reach?",
                "Put ( ) around what it is applied to.",
                item.start,
                taken[-1].end,
            )
        argument = first if len(taken) == 1 else closed(Open("product", taken))
        if word in ("log", "ln") and item.kind == BARE and argument.kind == "call" and argument.text == "det":
            found = Node("call", "logdet", argument.args, item.start, argument.end)  # one function, as in plain text
            done.append((found, word))
            continue
        done.append((_call(item, argument), word))
    return [node for node, _ in reversed(done)]


def _ends(word: str, other: str) -> bool:
    """Whether a function that follows ends what one without brackets takes."""
    if not other:
        return False
    return other in SCALAR_WORDS or (word in LOG_LIKE and other in LOG_LIKE) or word not in TRACES


def _call(node: Node, argument: Node) -> Node:
    """The function applied, its exponents outside."""
    marks = []
    while node.kind != BARE:
        marks.append(node)
        node = node.args[0]
    made = Node("call", node.text, (argument,), node.start, argument.end)
    for mark in reversed(marks):
        made = Node(mark.kind, "", (made, *mark.args[1:]), node.start, argument.end)
    return made


def build() -> object:
    """What the parser of LaTeX calls as it reads."""
    return _LatexBuild()
