"""Operators as rule files declare them: names, shapes of parameters and result, tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..expressions.dimensions import SCALAR, Dim, Shape
from ..language.names import canonical
from .entries import Entry, ShapeText


@dataclass(frozen=True, slots=True, eq=False)
class Operator:
    """An operator: `params` and `result` are shapes over names that an application binds."""

    name: str
    params: tuple[Shape, ...]
    result: Shape
    tags: frozenset[str]
    aliases: tuple[str, ...] = ()
    clauses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    homogeneous: tuple[int, ...] = field(init=False)
    """The arguments out of which a factor can be taken."""

    def __post_init__(self) -> None:
        everywhere = bool(self.tags & {"linear", "bilinear", "additive"})
        slots = tuple(i for i in range(len(self.params)) if everywhere or f"linear in {i + 1}" in self.tags)
        object.__setattr__(self, "homogeneous", slots)

    @property
    def elementwise(self) -> bool:
        """Whether it maps every entry on its own, and is written with a dot on vectors and matrices."""
        return "elementwise" in self.tags

    def is_linear(self, slot: int) -> bool:
        """Whether it is linear in an argument, the others fixed; a stack of matrices is where they are zero."""
        return bool(self.tags & {"linear", "bilinear", "jointly-linear", f"linear in {slot + 1}"})

    def generality(self) -> int:
        """How little it asks of its arguments: scalars first, then vectors, square matrices, any matrices."""
        return sum(0 if p == SCALAR else 1 if p[1] == 1 else 2 if p[0] == p[1] else 3 for p in self.params)


def operator_of(entry: Entry) -> Operator:
    """The operator that an entry of a rule file declares."""
    assert entry.signature is not None
    params, result = entry.signature
    aliases = tuple(
        word.strip(" ,") for line in entry.clauses.get("also", ()) for word in line.replace(",", " ").split()
    )
    return Operator(
        entry.name,
        tuple(_pair(p) for p in params),
        _pair(result),
        frozenset(entry.tags),
        aliases,
        entry.clauses,
    )


def _pair(shape: ShapeText) -> Shape:
    """A shape with its two dimensions: a vector is n×1, a scalar 1×1."""
    padded: tuple[Dim, ...] = (*shape, 1, 1)
    return padded[0], padded[1]


def by_alias(operators: Iterable[Operator]) -> dict[str, tuple[Operator, ...]]:
    """The operators that each name may mean, the most particular first."""
    found: dict[str, list[Operator]] = {}
    for operator in operators:
        for name in dict.fromkeys(canonical(n) for n in (operator.name, *operator.aliases)):
            found.setdefault(name, []).append(operator)
    return {name: tuple(sorted(candidates, key=Operator.generality)) for name, candidates in found.items()}
