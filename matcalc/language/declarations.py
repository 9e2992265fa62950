"""Declarations in text: kinds, shapes, properties, named subexpressions and unspecified functions.

    symmetric matrix S(n, n); vector x(n), y(n); let Z = W x + b; function f(vector(n)) -> vector(m)

Statements are separated by `;` or line ends (outside brackets), `#` begins a comment.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple, TypeVar

from ..errors import MatcalcError, ParseError
from ..expressions.dimensions import Dim
from .complaints import unknown_character
from .declared import (
    Declaration,
    Declared,
    FunctionDeclared,
    Let,
    Typed,
    checked_name,
    checked_properties,
    checked_shape,
)
from .parser import END, Parser
from .scanner import Token
from .sizes import read_size
from .tree import Node, parse

T = TypeVar("T")

EXAMPLES = "Declare for example: matrix A(m, n); vector x(n); scalar t; symmetric matrix S(n, n); let Z = W x + b."


def parse_declarations(text: str) -> tuple[Declaration, ...]:
    """All declarations of a text, in order.

    >>> [(d.name, d.kind, d.shape) for d in parse_declarations("matrix A(m, n), B; positive scalar lambda")]
    [('A', 'matrix', ('m', 'n')), ('B', 'matrix', None), ('λ', 'scalar', ())]
    """
    out: list[Declaration] = []
    for start, end in _statements(text):
        try:
            out.extend(_statement(text, start, end))
        except MatcalcError as error:
            raise error.at(text, start, end) from None
    return tuple(out)


def _statements(text: str) -> Iterator[tuple[int, int]]:
    """Where each statement begins and ends, without comments and empty ones."""
    depth, begin, at, size = 0, 0, 0, len(text)
    while at <= size:
        character = text[at] if at < size else "\n"
        if character == "#" or at == size or (character in ";\n" and depth <= 0):
            end = at
            if character == "#":
                at = text.find("\n", at)
                at = size if at < 0 else at
            stripped = text[begin:end].strip()
            if stripped:
                first = begin + text[begin:end].index(stripped[0])
                yield first, first + len(stripped)
            begin, depth = at + 1, 0
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        at += 1


class _Place(NamedTuple):
    """Where a part of a statement stands."""

    start: int
    end: int


class _Shaped(NamedTuple):
    """A name or a kind, and the places of the sizes behind it where there are brackets."""

    word: Token
    sizes: list[_Place] | None


class _Variables(NamedTuple):
    """What `symmetric matrix S(n, n), T` says."""

    words: list[Token]
    declared: list[_Shaped]


class _Function(NamedTuple):
    """What `elementwise function f(vector(n)) -> vector(m)` says."""

    name: Token
    arguments: list[_Shaped]
    result: _Shaped | None
    words: list[Token]


class _Definition(NamedTuple):
    """What stands before the expression of a `let`."""

    name: Token
    end: int


class _Build:
    """What each alternative of the grammar makes, named as there."""

    def let(self, parts: list[Token]) -> _Definition:
        return _Definition(parts[1], parts[2].end)

    def listed(self, parts: tuple[list[Token], _Shaped]) -> _Variables:
        words, declared = parts
        return _Variables(words, [declared])

    def another(self, parts: tuple[_Variables, Token, _Shaped]) -> _Variables:
        variables, _, declared = parts
        variables.declared.append(declared)
        return variables

    def before(self, parts: tuple[Token, list[Token]]) -> list[Token]:
        return [parts[0], *parts[1]]

    def plain(self, parts: list[Token]) -> _Shaped:
        return _Shaped(parts[0], None)

    def shaped(self, parts: tuple[Token, list[_Place]]) -> _Shaped:
        return _Shaped(*parts)

    def named(self, parts: list[Token]) -> _Function:
        return _Function(parts[1], [], None, [])

    def mapping(self, parts: tuple[Token, Token, Token, list[_Shaped], Token]) -> _Function:
        return _Function(parts[1], parts[3], None, [])

    def mapping_to(self, parts: tuple[Token, Token, Token, list[_Shaped], Token, Token, _Shaped]) -> _Function:
        return _Function(parts[1], parts[3], parts[6], [])

    def such(self, parts: tuple[Token, _Function]) -> _Function:
        word, function = parts
        return function._replace(words=[word, *function.words])

    def empty(self, parts: list[Token]) -> list[_Place]:
        return []

    def enclosed(self, parts: tuple[Token, list[_Place], Token]) -> list[_Place]:
        return parts[1]

    def first(self, parts: list[T]) -> list[T]:
        return parts

    def more(self, parts: tuple[list[T], Token, T]) -> list[T]:
        parts[0].append(parts[2])
        return parts[0]

    def joined(self, parts: list[Token | _Place]) -> _Place:
        return _Place(parts[0].start, parts[-1].end)


@cache
def _parser() -> Parser:
    return Parser("declarations", _Build(), _unreadable)


def _statement(text: str, start: int, end: int) -> list[Declaration]:
    """The declarations of one statement."""
    stop = end
    if text.startswith("let", start, end) and not text[start + 3 : start + 4].isalnum():
        stop = text.find("=", start, end) + 1 or end
    said = _parser().parse(text, start, stop)
    if isinstance(said, _Definition):
        return [Let(checked_name(said.name.text), _body(text, said.end, end), text, start, end)]
    if isinstance(said, _Variables):
        return _variables(said, text)
    return [_function(said, text, start, end)]


def _body(text: str, start: int, end: int) -> Node:
    """The expression of a `let`."""
    if not text[start:end].strip():
        raise ParseError("An expression is missing after '='.", text=text, start=max(0, start - 1), end=start)
    try:
        return parse(text, start, end)
    except MatcalcError as error:
        error.text = text
        raise


def _unreadable(text: str, token: Token) -> MatcalcError:
    """What is wrong with a declaration that the grammar does not accept."""
    at, end = token.start, len(text)
    start = end - len(text.lstrip())
    if at == start:
        word = (text[start:].split("(")[0].split() or ["("])[0]
        message = f"'{word}' does not begin a declaration."
        return ParseError(message, text=text, start=start, end=start + len(word), hint=EXAMPLES)
    if token.kind == END:
        return ParseError("The declaration ends too soon.", text=text, start=end - 1, end=end, hint=EXAMPLES)
    if token.kind:
        message = f"'{token.text[:1]}' cannot stand here in a declaration."
        return ParseError(message, text=text, start=at, end=at + 1, hint=EXAMPLES)
    return unknown_character(text, at)


def _sizes(places: list[_Place], text: str) -> tuple[Dim, ...]:
    """The sizes as written."""
    sizes: list[Dim] = []
    for start, end in places:
        try:
            sizes.append(read_size(text[start:end]))
        except MatcalcError as error:
            raise error.at(text, start, end) from None
    return tuple(sizes)


def _shape(name: str, kind: str, sizes: list[_Place] | None, text: str) -> tuple[Dim, ...] | None:
    """The shape that stands behind a name or a kind; a scalar needs none."""
    if sizes is None:
        return () if kind == "scalar" else None
    return checked_shape(name, kind, _sizes(sizes, text))


def _variables(said: _Variables, text: str) -> list[Declaration]:
    *properties, kind = [word.text for word in said.words]
    out: list[Declaration] = []
    for word, sizes in said.declared:
        name = checked_name(word.text)
        if "elementwise" in properties:
            raise ParseError("Only a function can be elementwise.")
        shape = _shape(name, kind, sizes, text)
        out.append(Declared(name, kind, shape, checked_properties(name, kind, shape, properties), word.start, word.end))
    return out


def _function(said: _Function, text: str, start: int, end: int) -> FunctionDeclared:
    wrong = [word.text for word in said.words if word.text != "elementwise"]
    if wrong:
        raise ParseError(f"A function cannot be declared {wrong[0]}.", hint="Only `elementwise function f` is known.")
    name = checked_name(said.name.text)

    def typed(kind: Token, sizes: list[_Place] | None) -> Typed:
        return kind.text, _shape(name, kind.text, sizes, text)

    result = typed(*said.result) if said.result else ("scalar", ())
    arguments = tuple(typed(*argument) for argument in said.arguments)
    return FunctionDeclared(name, arguments, result, bool(said.words), start, end)
