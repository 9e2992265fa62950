"""What each alternative of the grammar of expressions makes: nodes, and lists of operands that still grow."""

from __future__ import annotations

import re

from ..errors import AmbiguityError, MatcalcError, ParseError
from .asking import asks, derivative, is_differential
from .names import canonical
from .scanner import Token
from .signs import FRACTIONS
from .syntax import BEHIND_CALL, POSTFIX, Node, postfix, powered, transposed, widened

NUMBER_LIMIT = 1_000  # digits of a number as typed
EXPONENT_LIMIT = 1_000  # the size of a decimal's exponent, as in 1e1000
NAME_LIMIT = 1_000  # characters of a name


class Open:
    """A list of operands that may still grow: what stands in it is not in brackets."""

    __slots__ = ("items", "kind", "signs")

    def __init__(self, kind: str, items: list[Node], signs: list[str] | None = None) -> None:
        self.kind, self.items, self.signs = kind, items, signs or []


class Refused(Exception):
    """A refusal whose message needs the text itself."""

    def __init__(self, what: str, *spans: tuple[int, int]) -> None:
        self.what, self.spans = what, spans

    def shown(self, text: str) -> MatcalcError:
        """The refusal with both readings, in the words that were typed."""
        parts = [text[start:end].strip() for start, end in self.spans]
        start, end = self.spans[0][0], self.spans[-1][1]
        if self.what == "denominator":
            numerator, denominator, rest = (_short(part) for part in parts)
            return AmbiguityError(
                f"'{numerator}/{denominator} {rest}' has two readings: how far does the denominator reach?",
                hint=f"Write ({numerator}/{denominator}) {rest} or {numerator}/({denominator} {rest}).",
                text=text,
                start=start,
                end=end,
            )
        if self.what == "tight":
            numerator, denominator, name, rest = (_short(part) for part in parts)
            first, second = f"{numerator}/({denominator} {name})", f"({numerator}/{denominator}) {name}"
            if rest:
                first, second = f"({first}) {rest}", f"{second} {rest}"
            return AmbiguityError(
                f"'{numerator}/{denominator}{name}' has two readings: does {name} belong to the denominator?",
                hint=f"Write {first} or {second}.",
                text=text,
                start=start,
                end=end,
            )
        if self.what == "frobenius":
            a, b, c = (_short(part) for part in parts)
            return AmbiguityError(
                "The Frobenius product ':' does not chain: A : B is a scalar.",
                hint=f"Write ({a} : {b}) {c} or {a} ({b} : {c}).",
                text=text,
                start=start,
                end=end,
            )
        base, first, second = (_short(part) for part in parts)
        first, second = first.lstrip("^* "), second.lstrip("^* ")
        return AmbiguityError(
            "A power of a power has two readings.",
            hint=f"Write ({base}^{first})^{second} or {base}^({first}^{second}).",
            text=text,
            start=start,
            end=end,
        )


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:24] + " … " + text[-12:]


Value = Node | Open
_INFIX = {
    "*": "matmul", "@": "matmul", "·": "matmul", "⋅": "matmul", "/": "divide", ".*": "hadamard", "⊙": "hadamard",
    "∘": "hadamard", "\\": "leftdivide", "./": "dotdivide", "⊘": "dotdivide", "⊗": "kron", "⋆": "star",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ᵏᵐⁿᵖ", "0123456789kmnp")
_NORMS = {"₁": "1", "₂": "2", "nuc": "*", "inf": "∞"}
_NAMED_POWER = re.compile(r"(\.?)(?:\^|\*\*)\s*([-−]?)\s*(\S+)$")
_NEGATIONS = {"-": "-", "−": "-", "+": "+"}


def closed(value: Value) -> Node:
    """The node of a finished list of operands."""
    if isinstance(value, Node):
        return value
    items = value.items
    return Node(value.kind, "".join(value.signs), tuple(items), items[0].start, items[-1].end)


def _grown(left: Value, kind: str, right: Node) -> Open:
    """The list with one operand more; a new list where the operator changes."""
    if isinstance(left, Open) and left.kind == kind:
        left.items.append(right)
        return left
    return Open(kind, [closed(left), right])


def _numeric(node: Node) -> bool:
    """Whether a node is a number literal, or a power of number literals."""
    return node.kind == "number" or (node.kind == "power" and all(arg.kind == "number" for arg in node.args))


def _is_number(value: Value) -> bool:
    """Whether what stands before a `/` is a number, or ends in one: 1/n sum(…) is (1/n) times what follows."""
    if isinstance(value, Open) and value.kind == "divide":
        return all(map(_numeric, value.items))
    return _numeric(value.items[-1] if isinstance(value, Open) and value.kind != "product" else closed(value))


def _ends_itself(node: Node) -> bool:
    """Whether a denominator is a name, a bracket, a call or bars, perhaps to a power: it reaches no further."""
    while node.kind == "power" or (node.kind in POSTFIX and node.text == BEHIND_CALL):
        node = node.args[0]
    return node.kind not in POSTFIX


def complain(message: str, start: int, end: int, hint: str = "") -> MatcalcError:
    """An error whose text is filled in by `parse`."""
    return ParseError(message, start=start, end=end, hint=hint)


class Build:
    """What each alternative of the grammar makes, named as there."""

    def start(self, parts: list[Value]) -> Value:
        return parts[0]

    def added(self, parts: list[Value | Token]) -> Open:
        left, sign, right = parts
        assert isinstance(left, Node | Open) and isinstance(sign, Token) and isinstance(right, Node | Open)
        kind, mark = ("dotsum" if sign.text[0] == "." else "sum"), _NEGATIONS[sign.text[-1]]
        if not isinstance(left, Open) or left.kind != kind:
            if kind == "sum" and isinstance(left, Open) and left.kind == "negate":
                left = Open(kind, left.items, ["-"])
            else:
                left = Open(kind, [closed(left)], ["+"])
        left.items.append(closed(right))
        left.signs.append(mark)
        return left

    def contracted(self, parts: list[Value]) -> Open:
        left, right = parts[0], closed(parts[2])
        if isinstance(left, Open) and left.kind == "frobenius":
            a, b = left.items
            raise Refused("frobenius", (a.start, a.end), (b.start, b.end), (right.start, right.end))
        return Open("frobenius", [closed(left), right])

    def negated(self, parts: list[Value | Token]) -> Value:
        sign, right = parts
        assert isinstance(right, Node | Open) and isinstance(sign, Token)
        if _NEGATIONS[sign.text] == "+":
            return right
        if isinstance(right, Open) and right.kind == "negate":
            return right.items[0]
        inner = closed(right)
        return Open("negate", [widened(inner, sign.start, inner.end)])

    def infixed(self, parts: list[Value | Token]) -> Open:
        left, operator, right = parts
        assert isinstance(left, Node | Open) and isinstance(operator, Token) and isinstance(right, Node | Open)
        kind = _INFIX[operator.text]
        if kind != "divide" or not isinstance(right, Open) or right.kind != "product":
            return _grown(left, kind, closed(right))
        if all(map(is_differential, right.items)) and asks(closed(left)):
            return _grown(left, kind, closed(right))
        denominator, *rest = right.items
        tight = rest[0].kind == "name" and rest[0].start == denominator.end and not rest[0].text[0].isupper()
        if tight or not (_numeric(denominator) or _is_number(left) and _ends_itself(denominator)):
            numerator = closed(left)
            spans = ((n.start, n.end) for n in (numerator, denominator))
            if tight:
                raise Refused("tight", *spans, (rest[0].start, rest[0].end), (rest[0].end, rest[-1].end))
            raise Refused("denominator", *spans, (rest[0].start, rest[-1].end))
        if isinstance(left, Open) and left.kind != "product" and _numeric(left.items[-1]):
            last = left.items.pop()
            fraction = Node("divide", "", (last, denominator), last.start, denominator.end)
            return _grown(left, left.kind, closed(Open("product", [fraction, *rest])))
        return Open("product", [closed(_grown(left, "divide", denominator)), *rest])

    def juxtaposed(self, parts: list[Value]) -> Open:
        left, right = parts[0], closed(parts[1])
        last = left.items[-1] if isinstance(left, Open) else left
        if right.kind == "number" and last.kind == "number":
            raise complain("Two numbers stand side by side.", last.start, right.end, "Write * between them.")
        return _grown(left, "product", right)

    def marked(self, parts: list[Node | Token]) -> Node:
        base, mark = parts
        assert isinstance(base, Node) and isinstance(mark, Token)
        text, end = mark.text, mark.end
        if text[0] == "'":
            return transposed(base, end) if len(text) % 2 else widened(base, base.start, end)
        text = text.strip("^{} \t\n").removeprefix("{").replace("−", "-").replace("⁻", "-").strip()
        if text[-1] in "TᵀT⊤p" and text.lstrip("-").strip() in ("T", "ᵀ", "⊤", "\\top"):
            base = transposed(base, end)
            return postfix("inverse", base, end=end) if text[0] == "-" else base
        if text in ("H", "ᴴ"):
            return postfix("hermitian", base, end=end)
        if text in ("+", "⁺"):
            return postfix("pseudoinverse", base, end=end)
        digits = text.lstrip("-").translate(_SUPERSCRIPTS)
        kind = "number" if digits.isdigit() else "name"
        exponent = Node(kind, digits, (), mark.start, end)
        return powered(base, exponent, text[0] == "-", end)

    def raised(self, parts: list[Value | Token]) -> Node:
        base, caret, value = parts
        assert isinstance(base, Node) and isinstance(value, Node | Open) and isinstance(caret, Token)
        negative = isinstance(value, Open) and value.kind == "negate"
        exponent = value.items[0] if isinstance(value, Open) and negative else closed(value)
        if exponent.kind == "negate" and exponent.args[0].kind in ("number", "name"):
            negative, exponent = not negative, widened(exponent.args[0], exponent.start, exponent.end)
        if caret.text[0] == ".":
            if negative:
                exponent = Node("negate", "", (exponent,), exponent.start, exponent.end)
            return postfix("dotpower", base, exponent, end=exponent.end)
        if base.kind == "power" and base.end == base.args[1].end and exponent.kind == "number":
            inner, power = base.args
            spans = ((inner.start, inner.end), (inner.end, power.end), (power.end, exponent.end))
            raise Refused("power", *spans)
        return powered(base, exponent, negative, exponent.end)

    def raised_to_name(self, parts: list[Node | Token]) -> Node:
        base, mark = parts
        assert isinstance(base, Node) and isinstance(mark, Token)
        found = _NAMED_POWER.match(mark.text)
        assert found is not None
        start, end = mark.start, mark.end
        exponent = Node("name", canonical(found[3]), (), end - len(found[3]), end)
        if found[1]:
            if found[2]:
                exponent = Node("negate", "", (exponent,), start, end)
            return postfix("dotpower", base, exponent, end=end)
        return powered(base, exponent, bool(found[2]), end)

    def indexed(self, parts: list[Node | Token | list[Node]]) -> Node:
        base, _, indices, closing = parts
        assert isinstance(base, Node) and isinstance(indices, list) and isinstance(closing, Token)
        return postfix("index", base, *indices, end=closing.end)

    def pulled(self, parts: list[Value | Token]) -> Node:
        base, _, cotangent, closing = parts
        assert isinstance(base, Node) and isinstance(cotangent, Node | Open) and isinstance(closing, Token)
        return postfix("pulled", base, closed(cotangent), end=closing.end)

    def member(self, parts: list[Node | Token]) -> Node:
        base, name = parts
        assert isinstance(base, Node) and isinstance(name, Token)
        return Node("member", name.text[1:], (base,), base.start, name.end)

    def method(self, parts: list[Node | Token | list[Node]]) -> Node:
        base, name, closing = parts[0], parts[1], parts[-1]
        assert isinstance(base, Node) and isinstance(name, Token) and isinstance(closing, Token)
        arguments = parts[3] if isinstance(parts[3], list) else []
        return Node("method", name.text[1:], (base, *arguments), base.start, closing.end)

    def keyword(self, parts: list[Value | Token]) -> Node:
        name, _, value = parts
        assert isinstance(name, Node | Open) and isinstance(value, Node | Open)
        name, value = closed(name), closed(value)
        return Node("keyword", name.text, (name, value), name.start, value.end)

    def string(self, parts: list[Token]) -> Node:
        return Node("string", parts[0].text[1:-1], (), parts[0].start, parts[0].end)

    def defined(self, parts: list[Value | Token]) -> Node:
        left, _, right = parts
        assert isinstance(left, Node | Open) and isinstance(right, Node | Open)
        left, right = closed(left), closed(right)
        return Node("defined", "", (left, right), left.start, right.end)

    def asked(self, parts: list[Value | Token]) -> Node:
        sign, value = parts
        assert isinstance(sign, Token) and isinstance(value, Node | Open)
        return derivative(sign, closed(value), sign.start)

    def asked_behind(self, parts: list[Value | Token]) -> Node:
        value, sign = parts
        assert isinstance(sign, Token) and isinstance(value, Node | Open)
        return derivative(sign, closed(value), closed(value).start)

    def asked_in_words(self, parts: list[Value | Token]) -> Node:
        word, value, sign = parts
        assert isinstance(word, Token) and isinstance(sign, Token) and isinstance(value, Node | Open)
        return derivative(sign, closed(value), word.start, 2 if "essian" in word.text else 1)

    def slice(self, parts: list[Token]) -> Node:
        return Node("slice", ":", (), parts[0].start, parts[0].end)

    def first(self, parts: list[Value]) -> list[Node]:
        return [closed(parts[0])]

    def more(self, parts: list[list[Node] | Token | Value]) -> list[Node]:
        items, last = parts[0], parts[2]
        assert isinstance(items, list) and isinstance(last, Node | Open)
        items.append(closed(last))
        return items

    def number(self, parts: list[Token]) -> Node:
        token = parts[0]
        start, end = token.start, token.end
        if token.text in FRACTIONS:
            return Node("number", FRACTIONS[token.text], (), start, end)
        digits, _, exponent = token.text.lower().partition("e")
        if len(digits) > NUMBER_LIMIT:
            message = f"The number has {len(digits):,} digits; the limit is {NUMBER_LIMIT:,}."
            raise complain(message, start, end)
        if exponent and (len(exponent) > 6 or abs(int(exponent)) > EXPONENT_LIMIT):
            raise complain(f"The exponent of a decimal is limited to {EXPONENT_LIMIT:,}.", start, end)
        return Node("number", token.text, (), start, end)

    def name(self, parts: list[Token]) -> Node:
        token = parts[0]
        return Node("name", _named(token), (), token.start, token.end)

    def call(self, parts: list[Token | list[Node]]) -> Node:
        return self._called("call", parts)

    def dotcall(self, parts: list[Token | list[Node]]) -> Node:
        return self._called("dotcall", parts)

    def jacobian(self, parts: list[Token | Value]) -> Node:
        name, _, argument, closing = parts
        assert isinstance(argument, Node | Open) and isinstance(name, Token) and isinstance(closing, Token)
        function = name.text[name.text.index("(") + 1 : name.text.index(")")]
        return Node("jacobian", canonical(function), (closed(argument),), name.start, closing.end)

    def _called(self, kind: str, parts: list[Token | list[Node]]) -> Node:
        name, _, arguments, closing = parts
        assert isinstance(arguments, list) and isinstance(name, Token) and isinstance(closing, Token)
        return Node(kind, _named(name), tuple(arguments), name.start, closing.end)

    def grouped(self, parts: list[Value | Token]) -> Node:
        opening, value, closing = parts
        assert isinstance(value, Node | Open)
        assert isinstance(opening, Token) and isinstance(closing, Token)
        node, start, end = closed(value), opening.start, closing.end
        run = node.kind == "name" and len(node.text) > 1
        if run or node.kind == "call" or (node.kind in POSTFIX and node.text == BEHIND_CALL):
            return Node("product", "", (node,), start, end)
        return widened(node, start, end)

    def norm(self, parts: list[Value | Token]) -> Node:
        opening, value, closing = parts[0], parts[1], parts[-1]
        assert isinstance(value, Node | Open)
        assert isinstance(opening, Token) and isinstance(closing, Token)
        which = "".join(closing.text.split()).strip("_{}") if closing.kind == "NORM_KIND" else ""
        which = _NORMS.get(which, which)
        return Node("norm", which, (closed(value),), opening.start, closing.end)

    def absolute(self, parts: list[Value | Token]) -> Node:
        opening, value, closing = parts
        assert isinstance(value, Node | Open)
        assert isinstance(opening, Token) and isinstance(closing, Token)
        return Node("abs", "", (closed(value),), opening.start, closing.end)

    def inner(self, parts: list[Value | Token]) -> Node:
        opening, left, _, right, closing = parts
        assert isinstance(left, Node | Open) and isinstance(right, Node | Open)
        assert isinstance(opening, Token) and isinstance(closing, Token)
        return Node("inner", "", (closed(left), closed(right)), opening.start, closing.end)


def _named(token: Token) -> str:
    if len(token.text) > NAME_LIMIT:
        start = token.start
        message = f"The name has {len(token.text):,} characters; the limit is {NAME_LIMIT:,}."
        raise complain(message, start, start + NAME_LIMIT)
    return canonical(token.text)


def build() -> object:
    """What the parser of expressions calls as it reads."""
    return Build()
