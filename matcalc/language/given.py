"""Declarations given in Python, `shapes=` and `assume=`, read as those in text are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import SupportsIndex

from ..arguments import integer, items, mapping, shown, text
from ..errors import MatcalcError, NameProblem, ShapeError
from ..expressions.dimensions import Dim
from .declared import OTHER_WORDS, PROPERTIES, checked_name
from .sizes import EXPECTED, read_size
from .tree import parse

Shapes = Mapping[str, Iterable[str | SupportsIndex]]
"""Shapes by name: `("m", "n")`, `("n",)`, `()`, or as text, `"m,n"`."""

Assumptions = Mapping[str, str | Iterable[str]]
"""Properties by name: `"symmetric"`, or several, `["diagonal", "positive"]`."""


def shapes_given(shapes: object) -> dict[str, tuple[Dim, ...]]:
    """The declared shapes by canonical name.

    >>> shapes_given({"A": ("m", "p*n"), "x": "n", "lambda": (), "B": "2,n+1"})
    {'A': ('m', 'n·p'), 'x': ('n',), 'λ': (), 'B': (2, 'n+1')}
    """
    if shapes is None:
        return {}
    example = '{"A": ("m", "n"), "x": ("n",), "t": ()}'
    out: dict[str, tuple[Dim, ...]] = {}
    for typed, shape in mapping(shapes, "The argument `shapes`", example, ShapeError).items():
        name = name_given(typed)
        read = shape_given(name, shape)
        if out.setdefault(name, read) != read:
            raise NameProblem(f"'{name}' is declared twice in `shapes`, with two shapes.")
    return out


def shape_given(name: str, shape: object) -> tuple[Dim, ...]:
    """A shape as Python or the command line gives it: ("m", "n"), ["n"], "m,n", "n", (3, 4), ()."""
    expected = f"The shape of '{name}' is a tuple of sizes, such as ('m', 'n'), ('n',) or ()"
    found = _pieces(shape) if isinstance(shape, str) else items(shape, expected, 100, ShapeError)
    if len(found) > 2:
        raise ShapeError(f"'{name}' has {len(found)} dimensions; a matrix has two, and there are no tensors here.")
    return tuple(_size(name, size) for size in found)


def _pieces(shape: str) -> Sequence[str]:
    """The sizes in `m,n`, `m×n`, `(p*n, 3)` or `n`; none in nothing, which is a scalar."""
    inner = _inside_brackets(shape.strip())
    parts = inner.replace("×", ",").split(",")
    if len(parts) > 1 and not parts[-1].strip():  # ("n",) as Python writes it
        parts.pop()
    return parts if inner else ()


def _inside_brackets(text: str) -> str:
    """`m, n` of `(m, n)`; all of `(p+1)×(n+1)`."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth <= 0:
            return text[1:-1].strip() if at and at == len(text) - 1 else text
    return text


def _size(name: str, size: object) -> Dim:
    """One size; errors name the variable."""
    if isinstance(size, str):
        try:
            return read_size(str(size))
        except ShapeError as error:
            raise ShapeError(f"In the shape of '{name}': {error.message}", hint=error.hint) from None
    number = integer(size)
    if number is None:
        raise ShapeError(f"In the shape of '{name}': {EXPECTED}, not {shown(size)}.")
    if number <= 0:
        raise ShapeError(f"The dimensions of '{name}' must be positive, and {shown(number)} is not.")
    return number


def properties_given(assume: object) -> dict[str, frozenset[str]]:
    """The properties by canonical name.

    >>> properties_given({"S": "positive definite"}), sorted(properties_given({"D": ["diagonal", "positive"]})["D"])
    ({'S': frozenset({'spd'})}, ['diagonal', 'positive'])
    """
    if assume is None:
        return {}
    out: dict[str, frozenset[str]] = {}
    for typed, words in mapping(assume, "The argument `assume`", '{"S": "symmetric"}', NameProblem).items():
        name = name_given(typed)
        expected = f"The properties of '{name}' are words, such as 'symmetric'"
        if isinstance(words, set | frozenset):
            words = list(words)
        several = [words] if isinstance(words, str) else items(words, expected, 100, NameProblem)
        known: set[str] = set()
        for word in several:
            known |= _properties(name, text(word, f"A property of '{name}'", "'symmetric'", NameProblem))
        out[name] = out.get(name, frozenset()) | known
    return out


def _properties(name: str, words: str) -> set[str]:
    """The properties that a text names: "symmetric idempotent", "lower triangular", "diagonal, positive"."""
    for other, word in OTHER_WORDS.items():
        words = words.replace(other, word)
    found = set(words.replace(",", " ").split())
    unknown = sorted(found - PROPERTIES)
    if unknown:
        raise NameProblem(
            f"{shown(unknown[0])} is not a property that is known here: it was given for '{name}'.",
            hint=f"The properties are {', '.join(sorted(PROPERTIES))}.",
        )
    return found


def name_given(typed: str) -> str:
    """The canonical name, if a variable may have it."""
    try:
        node = parse(typed)
    except MatcalcError as error:
        raise NameProblem(f"{shown(typed)} is not a name.", hint=error.message) from None
    if node.kind != "name":
        raise NameProblem(
            f"{shown(typed)} is not a name.", hint="A name is letters, digits and underscores, as in x_1."
        )
    return checked_name(node.text)
