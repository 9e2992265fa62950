"""Operators and predicates as rule files declare them: names, shapes of parameters and result, tags, sentences."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import RuleError
from ..expressions.dimensions import Dim, Shape
from ..expressions.nodes import Code, Notation
from ..language.names import canonical
from ..normal_form.theory import Entry, Operator, Predicate, ShapeText
from .entries import LANGUAGES, NOTATIONS, VECTOR


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
        _notation(entry),
        tuple(_of_argument(entry, text) for text in entry.clauses.get("domain", ())),
        code=_code(entry),
    )


def _code(entry: Entry) -> Code | None:
    """What it is in languages of programs."""
    numpy, sympy = (entry.clauses.get(f"code {language}", ("",))[0] for language in LANGUAGES)
    assert entry.signature is not None
    params, result = entry.signature
    return Code(numpy, sympy, tuple(_pair(p) for p in params), _pair(result)) if numpy or sympy else None


def _notation(entry: Entry) -> Notation | None:
    """How it is written, where that is not as a function of what its arguments tell."""
    clauses = entry.clauses

    def templates(of: str) -> tuple[str, str, str]:
        text, ascii, latex = (clauses.get(of + word, ("",))[0] for word in NOTATIONS)
        return text, ascii or (text if text.isascii() else ""), latex

    assert entry.signature is not None
    rows, columns = _pair(entry.signature[1])
    sizes = tuple(axis for axis, d in enumerate((rows, columns)) if d != 1 and (axis == 0 or d != rows))
    vector = any(VECTOR + word in clauses for word in NOTATIONS)
    found = Notation(
        *templates(""),
        sizes=sizes if "sized" in entry.tags else (),
        of_vector=Notation(*templates(VECTOR)) if vector else None,
    )
    return found if any(found) else None


def _of_argument(entry: Entry, text: str) -> tuple[int, str]:
    """`positive`, or `positive in 2` of the second argument."""
    word, _, place = text.partition(" in ")
    number = place.strip() or "1"
    assert entry.signature is not None
    if not word.isidentifier() or not number.isdigit() or not 0 < int(number) <= len(entry.signature[0]):
        raise RuleError(
            f"{entry.file}:{entry.line}: operator {entry.name}: a domain is written `domain PREDICATE` "
            "or `domain PREDICATE in 2`, of the second argument."
        )
    return int(number) - 1, word


def predicate_of(entry: Entry) -> Predicate:
    """The predicate that an entry of a rule file declares."""

    def said(clause: str, otherwise: str) -> str:
        return next(iter(entry.clauses.get(clause, ())), otherwise)

    holds = entry.sides[0]
    fails = said("otherwise", f"not: {holds}")
    implies = frozenset(word for text in entry.clauses.get("implies", ()) for word in text.split())
    return Predicate(entry.name, holds, fails, said("scalar", holds), said("scalar-otherwise", fails), implies)


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
