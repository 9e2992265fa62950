"""What can be declared: variables, named subexpressions and unspecified functions, and what they must keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import AmbiguityError, NameProblem, ShapeError
from ..expressions.dimensions import Dim
from .names import canonical
from .tree import Node

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
