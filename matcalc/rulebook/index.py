"""The index of a rule book: the rules that have been read so far, and what is still to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ..normal_form.theory import Entry, Rule, Rules, untransposed

K = TypeVar("K")


@dataclass(slots=True)
class Index(Rules):
    """The rules of a book, and how far they have been read: rules that wait, by the operator they wait for."""

    used: set[str] = field(default_factory=set)
    waiting: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    place: Mapping[str, int] = field(default_factory=dict)
    """Where each entry stands in the book, by its key."""

    def copy(self) -> Index:
        """Another index with the same rules, to which more can be added."""
        return Index(
            self.simplify.copy(),
            self.pairs.copy(),
            self.powers.copy(),
            self.shorten.copy(),
            self.differential.copy(),
            self.adjoint.copy(),
            self.properties.copy(),
            self.forms.copy(),
            self.definitions.copy(),
            self.identities,
            self.product,
            self.projections.copy(),
            self.used.copy(),
            self.waiting.copy(),
            self.place,
        )

    def wait(self, awaited: str, entry: Entry) -> None:
        """Keep an entry until an operator is used."""
        self.waiting[awaited] = (*self.waiting.get(awaited, ()), entry)

    def add(self, rule: Rule) -> None:
        """Add a rule to those of its kind."""
        kind, pattern = rule.kind, rule.pattern
        if kind == "simplify":
            if pattern.head == "mul":
                self._put(self.pairs, untransposed(pattern.args[rule.anchor]).head, rule)
            else:
                self._put(self.simplify, pattern.head, rule)
                if pattern.head == "dotpower":  # numbers are exponents of a Hadamard product
                    self._put(self.powers, pattern.args[0].head, rule)
        elif kind == "shorten":
            self._put(self.shorten, pattern.head, rule)
        elif kind == "differential":
            self._put(self.differential, pattern.head, rule)
        elif kind == "adjoint":
            self._put(self.adjoint, (pattern.args[1].head, rule.slot), rule)
        elif kind == "property":
            self._put(self.properties, rule.entry.sides[1], rule)
        elif kind == "projection":
            self.projections[rule.name] = rule
        elif kind == "definition":
            self.definitions[pattern.head] = rule
        elif kind == "form":
            self._put(self.forms, rule.entry.form or "", rule)
        else:
            self.identities = self._sorted((*self.identities, rule))

    def all(self) -> list[Rule]:
        """Every rule once, in the order of the files."""
        groups: list[Iterable[Rule]] = [self.identities, self.definitions.values(), self.projections.values()]
        for index in (self.adjoint, self.simplify, self.pairs, self.shorten, self.differential):
            groups.extend(index.values())
        groups.extend((*self.properties.values(), *self.forms.values()))
        return list(self._sorted(dict.fromkeys(rule for group in groups for rule in group)))

    def _put(self, rules: dict[K, tuple[Rule, ...]], key: K, rule: Rule) -> None:
        """Add a rule where its place in the files puts it."""
        before = rules.get(key, ())
        behind = not before or self._place(before[-1]) <= self._place(rule)  # as in most
        rules[key] = (*before, rule) if behind else self._sorted((*before, rule))

    def _place(self, rule: Rule) -> int:
        return self.place.get(rule.key, len(self.place))

    def _sorted(self, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        return tuple(sorted(rules, key=self._place))
