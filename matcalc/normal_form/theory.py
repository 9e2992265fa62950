"""What the normal form knows of rules: the records of a rule file, and what it asks of a rule book.

The rule book is made of these records and stands above; constructors and matching see it through `Theory` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

from ..arguments import short
from ..expressions.dimensions import SCALAR, Dim, Shape
from ..expressions.nodes import Code, Expr, Notation, Operation

ShapeText = tuple[Dim, ...]
"""A shape as written: `m×n` is ("m", "n"), a vector `n` is ("n",), `scalar` and `integer` are ()."""


GENERIC = frozenset({"invertible", "nonzero"})
"""Conditions that almost all values of the names meet, or none: see `generic`."""


DECLARATIONS = frozenset({"operator", "predicate", "chapter"})
"""The kinds of entries that are no rules."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a rule assumes of one of its names; `integer` is among the properties of an integer."""

    name: str
    shape: ShapeText | None
    properties: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a rule file, its equations still text.

    ``sides`` are the sides of ``A = B = …``; of a property ``A is P`` they are ``(A, P)``.
    ``signature`` is ``(parameters, result)`` and ``tags`` the words behind it, of an operator only.
    ``given`` is demanded before a rule is applied; ``domain`` is not, and said beside an answer; where ``smooth`` does
    not hold, a differential rule gives one of several subgradients.
    """

    kind: str
    name: str
    file: str
    line: int
    form: str | None = None
    quantifier: tuple[str, str] | None = None
    sides: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    signature: tuple[tuple[ShapeText, ...], ShapeText] | None = None
    clauses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    given: tuple[Given, ...] = ()
    domain: tuple[Given, ...] = ()
    smooth: tuple[Given, ...] = ()
    made: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was compiled of it, for the next book that has it; a copy of the entry begins anew."""

    def __reduce__(self) -> tuple[type[Entry], tuple[object, ...]]:
        """A copy is compiled anew."""
        return Entry, tuple(getattr(self, f.name) for f in fields(self) if f.init)

    @property
    def key(self) -> str:
        """The name that must be unique: the kind, the form if any, and the name."""
        return " ".join(part for part in (self.kind, self.form, self.name) if part)


@dataclass(frozen=True, slots=True, eq=False)
class Operator:
    """An operator: `params` and `result` are shapes over names that an application binds."""

    name: str
    params: tuple[Shape, ...]
    result: Shape
    tags: frozenset[str]
    aliases: tuple[str, ...] = ()
    clauses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notation: Notation | None = None
    domain: tuple[tuple[int, str], ...] = ()
    """What it has a value for: the places of arguments, and a predicate that holds of each."""
    code: Code | None = None
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


@dataclass(frozen=True, slots=True)
class Predicate:
    """What may be said of an expression, {1} in the sentences: that it holds, that it fails, both of a number too."""

    name: str
    holds: str
    fails: str
    scalar_holds: str
    scalar_fails: str
    implies: frozenset[str]

    def said(self, of: str, scalar: bool, holds: bool = True) -> str:
        """The sentence about an expression that is written so."""
        sentence = (
            (self.scalar_holds if holds else self.scalar_fails) if scalar else self.holds if holds else self.fails
        )
        return sentence.replace("{1}", of)


@dataclass(eq=False, slots=True, repr=False)
class Rule:
    """One rule: `pattern` is rewritten to `template` where `conditions` hold.

    Of a differential rule the pattern is what stands in d(…) and `differentials` maps a variable to its dX; of an
    adjoint rule the pattern is ``W : L(X)``, the template what stands before the colon on the right, and `slot` the
    argument of L that is moved out.  `domain` and `smooth` are those of the entry.
    """

    entry: Entry
    pattern: Expr
    template: Expr
    conditions: Mapping[Expr, frozenset[str]] = field(default_factory=dict)
    differentials: Mapping[Expr, Expr] = field(default_factory=dict)
    domain: Mapping[Expr, frozenset[str]] = field(default_factory=dict)
    smooth: Mapping[Expr, frozenset[str]] = field(default_factory=dict)
    slot: int = 0
    label: str = ""
    key: str = field(init=False)
    anchor: int = field(init=False)
    """Of a product, the place of the factor by which the rule is found: the first that is no variable."""

    def __post_init__(self) -> None:
        self.key = self.entry.key
        self.anchor = next((i for i, a in enumerate(self.pattern.args) if untransposed(a).head != "symbol"), 0)

    def __repr__(self) -> str:
        return f"<{short(f'{self.kind} {self.name}: {self.label}')}>"

    @property
    def exact(self) -> bool:
        """Of a property rule, whether the property holds in no other case than the one that is given."""
        return "exactly" in self.entry.clauses

    @property
    def kind(self) -> str:
        """differential, adjoint, simplify, shorten, identity, form, definition or property."""
        return self.entry.kind

    @property
    def name(self) -> str:
        """Its name; of one member of a quantified rule, with the operator."""
        return self.entry.name


def untransposed(e: Expr) -> Expr:
    """An expression without a transpose around it."""
    return e.args[0] if e.head == "transpose" else e


@dataclass(slots=True)
class Rules:
    """The rules that have been read, by the head of what they rewrite, and in the order of the files.

    `pairs` are those for adjacent factors of a product, by the head of one of these, and `powers` those for factors of
    a Hadamard product with an exponent.  Nobody changes what a book has published; where more is read, a new record
    takes the place of the old one.
    """

    simplify: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    pairs: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    powers: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    shorten: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    differential: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    adjoint: dict[tuple[str, int], tuple[Rule, ...]] = field(default_factory=dict)
    properties: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    forms: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    definitions: dict[str, Rule] = field(default_factory=dict)
    identities: tuple[Rule, ...] = ()
    product: Entry | None = None
    projections: dict[str, Rule] = field(default_factory=dict)


class Theory(Protocol):
    """What constructors, the calculus and the simplifier ask of a rule book."""

    aliases: dict[str, tuple[Operator, ...]]

    def meanings(self, entry: Entry, member: str = "") -> Mapping[str, tuple[Operator, ...]]:
        """What names of operators mean in an entry, or for a member of its pool."""

    cyclic: frozenset[str]
    pullbacks: dict[Rule, Any]

    @property
    def rules(self) -> Rules:
        """The rules that have been read."""

    @property
    def operators(self) -> Mapping[str, Operator]:
        """Every operator by its own name."""

    @property
    def predicates(self) -> Mapping[str, Predicate]:
        """Every predicate by its name."""

    def operator(self, name: str) -> Operator:
        """An operator by its own name."""

    @property
    def structures(self) -> Mapping[str, str]:
        """The projections by their names, each with the property of the variables that it is for."""

    def projection(self, name: str) -> Rule:
        """The rule that projects a gradient."""

    def implied(self, properties: Iterable[str]) -> frozenset[str]:
        """The properties with all that they imply."""

    def operation(self, name: str) -> Operation | None:
        """What the nodes of an operator carry."""

    def is_linear(self, name: str, slot: int) -> bool:
        """Whether an operator is linear in an argument."""

    def property_rules(self, wanted: str) -> Sequence[Rule]:
        """The rules that give a property, or one that implies it."""

    def differential_rules(self, head: str) -> Sequence[Rule]:
        """The rules for the differential of an operator."""

    def adjoint_rule(self, head: str, slot: int, args: Sequence[Expr]) -> Rule:
        """The rule that moves an operator off its argument `slot`."""

    def forms(self, form: str) -> Sequence[Rule]:
        """The rules of a form."""

    def all_rules(self) -> list[Rule]:
        """Every rule."""

    def fired(self, rule: Rule) -> None:
        """Count an application."""

    def plain(self) -> Theory:
        """The same operators without tags or rules."""
