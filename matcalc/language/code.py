"""The `code` clauses of operators: a term of functions by their names, read to a tree and never run as a text.

    np.linalg.norm({1}, 2)        np.reshape({1}, ({m}, {n}), order='F')        {1} / np.sum({1})

What the names mean is looked up by those who give the term a value, among the names that they allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from ..errors import MatcalcError, ParseError
from .parser import END, Parser
from .scanner import Token

T = TypeVar("T")
Compiled = Callable[[Mapping[str, Any]], Any]

LONGEST = 300  # characters of a clause: its tree is walked by recursion
LARGEST = 10_000  # of an integer, which may be a size

EXAMPLE = "A code clause reads for example: np.linalg.norm({1}, 2)"


class Term(NamedTuple):
    """A part of a clause.

    ======== ==================== =======================================================
    kind     text                 args
    ======== ==================== =======================================================
    place    1, or m for a size
    number   as written
    text     without its quotes
    name     dotted
    call     the dotted name      arguments, and `keywords` for those that have one
    infix    the sign             both operands
    minus                         the operand
    tuple                         items
    item                          what is indexed, then indices
    slice                         first and last; of what is left out an `empty` one
    ======== ==================== =======================================================
    """

    kind: str
    text: str = ""
    args: tuple[Term, ...] = ()
    keywords: tuple[tuple[str, Term], ...] = ()


class _Keyword(NamedTuple):
    """What is given to a function by name."""

    name: str
    term: Term


class _Build:
    """What each alternative of the grammar makes, named as there."""

    def infixed(self, parts: tuple[Term, Token, Term]) -> Term:
        left, sign, right = parts
        return Term("infix", sign.text, (left, right))

    def negated(self, parts: tuple[Token, Term]) -> Term:
        sign, term = parts
        return Term("minus", "", (term,)) if sign.text == "-" else term

    def place(self, parts: list[Token]) -> Term:
        return Term("place", parts[0].text[1:-1])

    def number(self, parts: list[Token]) -> Term:
        text = parts[0].text
        if text.isdecimal() and (len(text) > len(str(LARGEST)) or int(text) > LARGEST):
            raise ParseError(f"The number {text} is too large for a code clause: the limit is {LARGEST:,}.")
        return Term("number", text)

    def text(self, parts: list[Token]) -> Term:
        return Term("text", parts[0].text[1:-1])

    def name(self, parts: list[Token]) -> Term:
        return Term("name", parts[0].text)

    def call(self, parts: tuple[Token, Token, list[Term | _Keyword], Token]) -> Term:
        given = parts[2]
        plain = tuple(a for a in given if isinstance(a, Term))
        named = tuple((a.name, a.term) for a in given if isinstance(a, _Keyword))
        if any(isinstance(a, Term) for a in given[len(plain) :]):
            raise ParseError(f"An argument of {parts[0].text} without a name stands behind one that has a name.")
        return Term("call", parts[0].text, plain, named)

    def keyword(self, parts: tuple[Token, Token, Term]) -> _Keyword:
        return _Keyword(parts[0].text, parts[2])

    def grouped(self, parts: tuple[Token, Term, Token]) -> Term:
        return parts[1]

    def single(self, parts: tuple[Token, Term, Token, Token]) -> Term:
        return Term("tuple", "", (parts[1],))

    def several(self, parts: tuple[Token, Term, Token, list[Term], Token]) -> Term:
        return Term("tuple", "", (parts[1], *parts[3]))

    def indexed(self, parts: tuple[Term, Token, list[Term], Token]) -> Term:
        return Term("item", "", (parts[0], *parts[2]))

    def slice(self, parts: list[Term | Token]) -> Term:
        colon = next(i for i, part in enumerate(parts) if isinstance(part, Token))
        ends = [next((p for p in some if isinstance(p, Term)), EMPTY) for some in (parts[:colon], parts[colon:])]
        return Term("slice", "", tuple(ends))

    def first(self, parts: list[T]) -> list[T]:
        return parts

    def more(self, parts: tuple[list[T], Token, T]) -> list[T]:
        parts[0].append(parts[2])
        return parts[0]


EMPTY = Term("empty")


@cache
def _parser() -> Parser:
    return Parser("code", _Build(), _unreadable)


def _unreadable(text: str, token: Token) -> MatcalcError:
    if token.kind == END:
        return ParseError("The code ends too soon.", text=text, start=len(text) - 1, end=len(text), hint=EXAMPLE)
    message = f"'{token.text[:20]}' cannot stand here in a code clause."
    return ParseError(message, text=text, start=token.start, end=token.end, hint=EXAMPLE)


@lru_cache(maxsize=1024)
def parse_code(text: str) -> Term:
    """The tree of a clause.

    >>> parse_code("np.sum({1}, axis=0) / {m}").args[0].keywords
    (('axis', Term(kind='number', text='0', args=(), keywords=())),)
    """
    if len(text) > LONGEST:
        raise ParseError(f"The code clause has {len(text):,} characters; the limit is {LONGEST}.")
    term = _parser().parse(text)
    assert isinstance(term, Term)
    return term


def terms(root: Term) -> Iterator[Term]:
    """All parts of a clause."""
    todo = [root]
    while todo:
        term = todo.pop()
        yield term
        todo.extend((*term.args, *(value for _, value in term.keywords)))


@lru_cache(maxsize=1024)
def names_in(text: str) -> frozenset[str]:
    """The functions, constants and signs that a clause names."""
    return frozenset(t.text for t in terms(parse_code(text)) if t.kind in ("call", "name", "infix"))


@lru_cache(maxsize=1024)
def sizes_in(text: str) -> frozenset[str]:
    """The sizes that a clause names."""
    return frozenset(t.text for t in terms(parse_code(text)) if t.kind == "place" and not t.text.isdecimal())


class Meanings(NamedTuple):
    """What the names, numbers and signs of a clause mean to those who give it a value."""

    function: Callable[[str], Callable[..., Any]]
    constant: Callable[[str], Any]
    number: Callable[[str], Any]
    infix: Mapping[str, Callable[[Any, Any], Any]]


def compiled(term: Term, meanings: Meanings) -> Compiled:
    """A clause as a function of its places."""
    inner = [compiled(a, meanings) for a in term.args]
    if term.kind == "place":
        return itemgetter(term.text)
    if term.kind in ("number", "text", "name", "empty"):
        constant = _constant(term, meanings)
        return lambda places: constant
    if term.kind == "infix":
        operate, (left, right) = meanings.infix[term.text], inner
        return lambda places: operate(left(places), right(places))
    if term.kind == "minus":
        (operand,) = inner
        return lambda places: -operand(places)
    if term.kind == "tuple":
        return lambda places: tuple([f(places) for f in inner])
    if term.kind == "slice":
        first, last = inner
        return lambda places: slice(first(places), last(places))
    if term.kind == "item":
        base, *indices = inner
        if len(indices) == 1:
            (index,) = indices
            return lambda places: base(places)[index(places)]
        return lambda places: base(places)[tuple([f(places) for f in indices])]
    function = meanings.function(term.text)
    if not term.keywords:
        return lambda places: function(*[f(places) for f in inner])
    named = {name: compiled(value, meanings) for name, value in term.keywords}
    return lambda places: function(*[f(places) for f in inner], **{name: f(places) for name, f in named.items()})


def _constant(term: Term, meanings: Meanings) -> Any:
    if term.kind == "number":
        return meanings.number(term.text)
    if term.kind == "name":
        return meanings.constant(term.text)
    return term.text if term.kind == "text" else None
