"""Declarations in text: kinds, shapes, properties, named subexpressions and unspecified functions.

    symmetric matrix S(n, n); vector x(n), y(n); let Z = W x + b; function f(vector(n)) -> vector(m)

Statements are separated by `;` or line ends (outside brackets), `#` begins a comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ..errors import AmbiguityError, MatcalcError, NameProblem, ParseError, ShapeError
from ..expressions.dimensions import Dim
from ..resources import read
from .complaints import unknown_character
from .names import canonical
from .sizes import read_size
from .tree import Node, parse

if TYPE_CHECKING:
    from lark import Lark, Token, Tree
    from lark.tree import Meta

RANKS = {"scalar": 0, "vector": 1, "matrix": 2}
SQUARE = frozenset(
    (
        "symmetric",
        "skew",
        "diagonal",
        "orthogonal",
        "spd",
        "psd",
        "triangular",
        "lower",
        "upper",
        "idempotent",
        "invertible",
    )
)
"""Properties that only a square matrix has."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A variable; the shape has two, one or no dimensions by kind, and is None where it was left open."""

    name: str
    kind: str
    shape: tuple[Dim, ...] | None
    properties: frozenset[str]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Let:
    """A named subexpression; the node's places are places in `text`, which is all that was typed."""

    name: str
    node: Node
    text: str
    start: int
    end: int


Typed = tuple[str, tuple[Dim, ...] | None]


@dataclass(frozen=True, slots=True)
class FunctionDeclared:
    """An unspecified function; without arguments where only its name was declared."""

    name: str
    arguments: tuple[Typed, ...]
    result: Typed
    elementwise: bool
    start: int
    end: int


Declaration = Declared | Let | FunctionDeclared


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


def checked_shape(name: str, kind: str, shape: Iterable[Dim]) -> tuple[Dim, ...]:
    """The shape, if it is one for this kind: so many dimensions, each a name or a positive integer."""
    shape = tuple(shape)
    if len(shape) > 2:
        raise ShapeError(f"'{name}' has {len(shape)} dimensions; a matrix has two, and there are no tensors here.")
    if len(shape) != RANKS[kind]:
        wanted = {0: "no dimension", 1: "one dimension, as in vector x(n)", 2: "two dimensions, as in matrix A(m, n)"}
        raise ShapeError(f"The {kind} '{name}' needs {wanted[RANKS[kind]]}, not {len(shape)}.")
    for dim in shape:
        if isinstance(dim, int) and dim <= 0:
            raise ShapeError(f"The dimensions of '{name}' must be positive, and {dim} is not.")
    return shape


PROPERTIES = SQUARE | {"positive", "nonnegative", "constant", "invertible"}
OTHER_WORDS = {
    "positive definite": "spd",
    "positive semidefinite": "psd",
    "skew-symmetric": "skew",
    "lower triangular": "lower",
    "upper triangular": "upper",
}


def checked_properties(
    name: str, kind: str, shape: tuple[Dim, ...] | None, properties: Iterable[str]
) -> frozenset[str]:
    """The properties, if they fit the kind and the shape."""
    properties = frozenset(properties)
    unknown = sorted(properties - PROPERTIES)
    if unknown:
        raise NameProblem(
            f"'{unknown[0]}' is not a property that is known here.",
            hint=f"The properties are {', '.join(sorted(PROPERTIES))}.",
        )
    if "triangular" in properties:
        if not properties & {"lower", "upper"}:
            raise AmbiguityError(f"A triangular matrix '{name}' is lower or upper.", hint="Say lower or upper.")
        properties -= {"triangular"}
    square = sorted(properties & SQUARE)
    if square and kind != "matrix":
        raise ShapeError(f"Only a square matrix can be {square[0]}, and '{name}' is a {kind}.")
    if square and shape is not None and shape[0] != shape[1]:
        raise ShapeError(f"A {square[0]} matrix must be square, and '{name}' is {shape[0]}×{shape[1]}.")
    return properties


def checked_name(name: str) -> str:
    """The canonical name, if a variable may have it."""
    name = canonical(name)
    if name == "I":
        raise NameProblem("I is the identity matrix and cannot be declared.", hint="Give the variable another name.")
    if name == "π":
        raise NameProblem("π is the number and cannot be declared.", hint="Give the variable another name.")
    return name


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


@cache
def _parser() -> Lark:
    """Lark's parser of declarations.

    Where interegular is installed, Lark looks for collisions in its own meta-grammar each time, which takes five times
    as long as all the rest; our grammars are checked once and for all in the tests, so it is spared that here.
    """
    from lark import Lark, lexer

    checks = lexer.has_interegular
    lexer.has_interegular = False
    try:
        return Lark(read("grammar/declarations.lark"), parser="lalr", maybe_placeholders=True, propagate_positions=True)
    finally:
        lexer.has_interegular = checks


def _statement(text: str, start: int, end: int) -> list[Declaration]:
    """The declarations of one statement."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    head = text[start:end]
    if head.startswith("let") and not head[3:4].isalnum():
        head = head[: head.find("=") + 1] or head
    try:
        tree = _parser().parse(head)
    except UnexpectedCharacters as error:
        raise _unreadable(text, start, end, start + (error.pos_in_stream or 0)) from None
    except UnexpectedToken as error:
        place = end if error.token.type == "$END" else start + (error.token.start_pos or 0)
        raise _unreadable(text, start, end, place) from None
    if tree.data == "let":
        name = checked_name(str(tree.children[1]))
        body = start + len(head)
        return [Let(name, _body(text, body, end), text, start, end)]
    if tree.data == "symbols":
        return _symbols(tree, text, start)
    return [_function(tree, text, start, end)]


def _body(text: str, start: int, end: int) -> Node:
    """The expression of a `let`, its places counted in the whole text."""
    if not text[start:end].strip():
        raise ParseError("An expression is missing after '='.", text=text, start=max(0, start - 1), end=start)
    try:
        return parse(" " * start + text[start:end])
    except MatcalcError as error:
        error.text = text
        raise


def _unreadable(text: str, start: int, end: int, at: int) -> MatcalcError:
    """What is wrong with a declaration that the grammar does not accept."""
    word = (text[start:end].split("(")[0].split() or ["("])[0]
    hint = "Declare for example: matrix A(m, n); vector x(n); scalar t; symmetric matrix S(n, n); let Z = W x + b."
    if at == start:
        return ParseError(
            f"'{word}' does not begin a declaration.", text=text, start=start, end=start + len(word), hint=hint
        )
    if at >= end:
        return ParseError("The declaration ends too soon.", text=text, start=end - 1, end=end, hint=hint)
    if text[at].isalnum() or text[at] in "(),->=→":
        return ParseError(
            f"'{text[at]}' cannot stand here in a declaration.", text=text, start=at, end=at + 1, hint=hint
        )
    return unknown_character(text, at)


def _dims(tree: Tree[Token] | None, text: str, offset: int) -> tuple[Dim, ...] | None:
    """The sizes as written, or None."""
    if tree is None:
        return None
    return tuple(_size(child.meta, text, offset) for child in tree.children if child is not None)  # type: ignore[union-attr]


def _size(place: Meta, text: str, offset: int) -> Dim:
    start, end = offset + place.start_pos, offset + place.end_pos
    try:
        return read_size(text[start:end])
    except MatcalcError as error:
        raise error.at(text, start, end) from None


def _symbols(tree: Tree[Token], text: str, offset: int) -> list[Declaration]:
    properties: set[str] = set()
    kind, out = "matrix", list[Declaration]()
    for child in tree.children:
        if not hasattr(child, "data"):
            if child.type == "KIND":
                kind = str(child)
            else:
                properties.add(str(child))
            continue
        token, shape = child.children  # type: ignore[union-attr]
        name = checked_name(str(token))
        dims = () if kind == "scalar" and shape is None else _dims(shape, text, offset)  # type: ignore[arg-type]
        start, end = offset + (token.start_pos or 0), offset + (token.end_pos or 0)  # type: ignore[union-attr]
        if "elementwise" in properties:
            raise ParseError("Only a function can be elementwise.")
        if dims is not None:
            checked_shape(name, kind, dims)
        out.append(Declared(name, kind, dims, checked_properties(name, kind, dims, properties), start, end))
    return out


def _function(tree: Tree[Token], text: str, start: int, end: int) -> FunctionDeclared:
    words = [str(child) for child in tree.children if child is not None and not hasattr(child, "data")]
    wrong = [word for word in words[: words.index("function")] if word != "elementwise"]
    if wrong:
        raise ParseError(f"A function cannot be declared {wrong[0]}.", hint="Only `elementwise function f` is known.")
    name = checked_name(words[words.index("function") + 1])
    arrow = any(word in ("->", "→") for word in words)
    types: list[Typed] = []
    for child in tree.children:
        if child is not None and hasattr(child, "data"):
            kind, shape = str(child.children[0]), _dims(child.children[1], text, start)  # type: ignore[arg-type, union-attr]
            types.append(
                (kind, checked_shape(name, kind, shape) if shape is not None else (() if kind == "scalar" else None))
            )
    result = types.pop() if arrow else ("scalar", ())
    return FunctionDeclared(name, tuple(types), result, "elementwise" in words, start, end)
