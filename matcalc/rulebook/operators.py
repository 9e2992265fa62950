"""Operators as rule files declare them: names, shapes of parameters and result, tags."""

from __future__ import annotations

from collections.abc import Iterable

from ..expressions.dimensions import Dim, Shape
from ..language.names import canonical
from ..normal_form.theory import Entry, Operator, ShapeText


def operator_of(entry: Entry) -> Operator:
    """The operator that an entry of a rule file declares: one for all books that have the entry."""
    known: Operator | None = entry.made.get(entry.kind)
    return known or entry.made.setdefault(entry.kind, _made_of(entry))


def _made_of(entry: Entry) -> Operator:
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
