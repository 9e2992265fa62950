"""Rule books: the rule files, read lazily, checked, and indexed by the head of what a rule rewrites.

A book knows every operator from the start, but parses the equation of a rule only when all operators on its left side
have been used: before that it cannot match.  In which file a rule stands does not matter.  `extended` makes a book of
the rules that come with matcalc and some more; what a book says never changes, so nothing leaks.

Threads share books.  Who reads more does so under a lock, into a copy of the index that is published when it is whole;
who looks something up takes the index as it stands and waits for nobody.  A reading that is broken off leaves no trace.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from ..arguments import shown
from ..errors import NotDifferentiable, RuleError
from ..expressions.nodes import Expr, Operation, fold, node
from ..expressions.threads import shared_lock
from ..language.names import canonical
from ..language.tree import parse
from ..normal_form.theory import DECLARATIONS, Entry, Operator, Rule
from ..resources import read
from .compile import VARIABLE, compiled, failed, inside, not_a_predicate
from .entries import MOST_CHARACTERS, read_rules
from .index import Index
from .operators import by_alias, operator_of, predicate_of

if TYPE_CHECKING:
    from pathlib import Path

CALL = "call"
# What rules wait for that no operator is called.
FORM, IDENTITY, PROPERTY, PROJECTION = "form:", "identity:", "property:", "projection:"
_COLON = re.compile(r":\s")
SIGNS = {":": "frob", "⊗": "kron"}
"""Operators that have a sign."""

_WORD = re.compile(rf"[^\W\d]\w*|[{''.join(SIGNS)}]")

_reading = shared_lock()  # one for all books: reading is short, and rare


class RuleBook:
    """Rules and operators under which expressions are simplified and differentiated."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._operators = {e.name: operator_of(e) for e in self.entries if e.kind == "operator"}
        self.predicates = {e.name: predicate_of(e) for e in self.entries if e.kind == "predicate"}
        self.structures = {e.name: _structure(e) for e in self.entries if e.kind == "projection"}
        self._implied: dict[frozenset[str], frozenset[str]] = {}
        self.aliases: dict[str, tuple[Operator, ...]] = by_alias(self._operators.values())
        self.cyclic = frozenset(name for name, o in self._operators.items() if "cyclic" in o.tags)
        self._values: dict[Rule, Expr] = {}
        self.pullbacks: dict[Rule, Any] = {}
        self.counts: Counter[str] = Counter()
        self.trusted: tuple[str, ...] = ()
        """What could not be checked, or not of all arguments, with the reason: an operator may have no definition."""
        self._plain: RuleBook | None = None
        self.rules = Index(place={entry.key: i for i, entry in enumerate(self.entries)})
        with self._reading_more() as index:
            for entry in self.entries:
                self._take(index, entry, at_once=entry.file not in _lazy())

    def __repr__(self) -> str:
        operators = len(self._operators)
        return f"<rule book of {operators} operators and {len(self.entries) - operators} rules>"

    def __copy__(self) -> RuleBook:
        return self

    def __deepcopy__(self, memo: object) -> RuleBook:
        return self

    def __reduce__(self) -> tuple[Callable[..., RuleBook], tuple[object, ...]]:
        """What pickle keeps: the entries that do not come with matcalc, as they were read and verified."""
        ours = default().entries
        if self is default():
            return default, ()
        if self.entries[: len(ours)] == ours:
            return _with, (self.entries[len(ours) :],)
        return RuleBook, (self.entries,)

    # --- lookups ----------------------------------------------------------------------------------------------------

    def operator(self, name: str) -> Operator:
        """An operator by its own name; the rules that waited for its first use are read."""
        found = self._operators.get(name)
        if found is None:
            raise NotDifferentiable(f"There is no operator '{name}'.")
        if name not in self.rules.used:
            self._use(name)
        return found

    def meanings(self, entry: Entry, member: str = "") -> Mapping[str, tuple[Operator, ...]]:
        """What names of operators mean in an entry: in the files that come with matcalc, the operators of these.

        So nothing that others call f or φ changes what a rule says of an unspecified f.
        """
        if id(entry) not in _own_entries():
            return self.aliases
        own, name = _own_aliases(), canonical(member)
        return own if name in own or not member else {**own, name: self.aliases[name]}

    def operation(self, name: str, within: frozenset[str] = frozenset()) -> Operation | None:
        """What the nodes of an operator carry; `within` are the operators in whose definitions it stands."""
        operator, rule = self.operator(name), self.rules.definitions.get(name)
        if not operator.elementwise and rule is None and operator.notation is None and operator.code is None:
            return None
        definition = (rule.pattern, self._value_of(rule, within)) if rule else None
        return Operation(operator.elementwise, definition, operator.notation, operator.code)

    def _value_of(self, rule: Rule, within: frozenset[str]) -> Expr:
        """The right side of a definition, whose operators carry their own definitions."""
        known = self._values.get(rule)
        if known is None:
            outer = within | {rule.pattern.head}

            def carrying(e: Expr, args: list[Expr]) -> Expr:
                bare = e.head in self._operators and (e.data is None or isinstance(e.data, Operation))
                bare = bare and e.head not in outer
                return node(e.head, tuple(args), self.operation(e.head, outer) if bare else e.data, e.shape)

            known = fold(rule.template, carrying, {})
            if not within:
                self._values[rule] = known
        return known

    def implied(self, properties: Iterable[str]) -> frozenset[str]:
        """The properties with all that they imply."""
        wanted = frozenset(properties)
        found = self._implied.get(wanted)
        if found is None:
            closed: set[str] = set()
            todo = list(wanted)
            while todo:
                p = todo.pop()
                if p not in closed:
                    closed.add(p)
                    todo.extend(self.predicates[p].implies if p in self.predicates else ())
            found = self._implied[wanted] = frozenset(closed)
        return found

    def is_linear(self, name: str, slot: int) -> bool:
        """Whether an operator is linear in an argument."""
        return self.operator(name).is_linear(slot)

    @property
    def operators(self) -> Mapping[str, Operator]:
        """Every operator by its own name."""
        return self._operators

    def differential_rules(self, head: str) -> Sequence[Rule]:
        """The rules for the differential of an operator."""
        if head in self.rules.waiting:
            self._use(head)
        return self.rules.differential.get(head, ())

    def adjoint_rule(self, head: str, slot: int, args: Sequence[Expr]) -> Rule:
        """The rule that moves an operator off its argument `slot`: the first whose vectors are vectors here."""
        if head in self.rules.waiting:  # of a structural head, which is applied without asking
            self._use(head)
        for rule in self.rules.adjoint.get((head, slot), ()):
            if all(args[i].shape[axis] == 1 for i, axis in _sizes_of_one(rule.pattern.args[1])):
                return rule
        raise NotDifferentiable(f"No adjoint rule moves {head} off its argument {slot + 1}.")

    def property_rules(self, wanted: str) -> Sequence[Rule]:
        """The rules that give a property, or one that implies it."""
        if PROPERTY in self.rules.waiting:
            self._use(PROPERTY)
        return [
            rule for name, rules in self.rules.properties.items() if wanted in self.implied({name}) for rule in rules
        ]

    def projection(self, name: str) -> Rule:
        """The rule that projects a gradient on the directions in which a structured variable moves."""
        if PROJECTION in self.rules.waiting:
            self._use(PROJECTION)
        return self.rules.projections[name]

    def forms(self, form: str) -> Sequence[Rule]:
        """The rules of a form."""
        if FORM in self.rules.waiting:
            self._use(FORM)
        return self.rules.forms.get(form, ())

    def fired(self, rule: Rule) -> None:
        """Count an application."""
        with _reading:
            self.counts[rule.key] += 1

    def all_rules(self) -> list[Rule]:
        """Every rule, all of them read."""
        if self.rules.waiting:
            with self._reading_more() as index:
                for name in list(index.waiting):
                    for entry in index.waiting.pop(name):
                        self._read_entry(index, entry)
        return self.rules.all()

    # --- reading ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading_more(self) -> Iterator[Index]:
        """An index to add to, which is published at the end."""
        with _reading:
            index = self.rules.copy()
            yield index
            self.rules = index

    def _use(self, name: str) -> None:
        """Read what waits for an operator, a structural head or a kind of rule."""
        with self._reading_more() as index:
            if name in self._operators:
                index.used.add(name)
            self._read_waiting(index, name)

    def _take(self, index: Index, entry: Entry, at_once: bool = False) -> None:
        """Parse an entry's equation and index it, or have it wait for what it cannot matter before."""
        awaited = None if at_once else self._awaited(index, entry)
        if awaited is None:
            self._read_entry(index, entry)
        else:
            index.wait(awaited, entry)

    def _read_waiting(self, index: Index, name: str) -> None:
        for entry in index.waiting.pop(name, ()):
            self._take(index, entry, at_once=name not in self._operators)

    def _read_entry(self, index: Index, entry: Entry) -> None:
        if entry.kind in DECLARATIONS:
            return
        if entry.quantifier is None:
            rules = [compiled(entry, self)]
        else:
            variable, pool = entry.quantifier
            if pool == "bilinear":
                index.product = entry
                return
            members = [o.name for o in self._operators.values() if pool in o.tags]
            if not members:
                raise RuleError(f"{entry.file}:{entry.line}: no operator has the tag '{pool}'.")
            rules = [compiled(entry, self, variable, m) for m in members]
        for rule in rules:
            index.add(rule)

    def _awaited(self, index: Index, entry: Entry) -> str | None:
        """What must be used before an entry is needed: an operator that its left side names, or a structural head."""
        if entry.kind in DECLARATIONS or entry.quantifier is not None:
            return None
        if entry.kind == "form":
            return FORM
        if entry.kind == "identity":
            return IDENTITY
        if entry.kind == "projection":
            return PROJECTION
        left = entry.sides[0]
        if entry.kind == "property":
            return self._unused(index.used, left) or PROPERTY
        if entry.kind == "differential" and "where" in entry.clauses:
            return CALL  # declares the function that it is about, and to read that takes a grammar of its own
        awaited = self._unused(index.used, left.partition(":")[2] if entry.kind == "adjoint" else left)
        if awaited is not None or entry.kind != "differential" or self._unused((), left):
            return awaited
        reads_others = self._unused(index.used, entry.sides[1])  # the right side of a rule for a structural head
        return inside(entry, parse(left)).kind if reads_others else None

    def _unused(self, used: Container[str], equation: str) -> str | None:
        """The first operator that a text names and nobody has used."""
        for word in _WORD.findall(equation):
            meant = self.aliases.get(SIGNS.get(word) or canonical(word), ())
            if len(meant) == 1 and (len(word) > 1 or word in SIGNS) and meant[0].name not in used:
                return meant[0].name
        return None

    def plain(self) -> RuleBook:
        """The same operators without tags or rules: under it, the sides of a rule stay as they are written."""
        if self._plain is None:
            bare = RuleBook(())
            bare._operators = {name: replace(o, tags=frozenset(), notation=None) for name, o in self._operators.items()}
            bare.aliases = self.aliases
            bare.predicates = self.predicates
            bare.structures = self.structures
            bare.rules.used.update(bare._operators)
            self._plain = bare
        return self._plain


def _structure(entry: Entry) -> str:
    """The property of the variable X that a projection is for."""
    said = [g.properties for g in entry.given if g.name == VARIABLE and len(g.properties) == 1]
    if not said:
        raise failed(entry, f"it is for one property, which is given: `given {VARIABLE} : n×n symmetric`.")
    return next(iter(said[0]))


@lru_cache(maxsize=4096)
def _sizes_of_one(pattern: Expr) -> tuple[tuple[int, int], ...]:
    """Which arguments of a pattern are vectors, rows or scalars: their places, and the axis that is 1."""
    return tuple((i, axis) for i, v in enumerate(pattern.args) for axis in (0, 1) if v.shape[axis] == 1)


@cache
def _lazy() -> frozenset[str]:
    """The files that come with matcalc, whose rules are read when they are needed; those of others are at once."""
    return frozenset(contents())


@cache
def _builtin() -> tuple[Entry, ...]:
    return tuple(e for f in contents() for e in read_rules(read(f"rules/{f}"), f))


@cache
def _own_entries() -> frozenset[int]:
    return frozenset(map(id, _builtin()))


@cache
def _own_aliases() -> dict[str, tuple[Operator, ...]]:
    return by_alias(operator_of(e) for e in _builtin() if e.kind == "operator")


def contents() -> list[str]:
    """The files that come with matcalc, in the order of their chapters."""
    lines = (line.partition("#")[0].strip() for line in read("rules/contents.txt").splitlines())
    return [f"{name}.rules" for name in lines if name]


def default() -> RuleBook:
    """The rules that come with matcalc."""
    with _reading:
        return _default()


@cache
def _default() -> RuleBook:
    return RuleBook(_builtin())


def _with(more: tuple[Entry, ...]) -> RuleBook:
    return RuleBook((*default().entries, *more))


def extended(text: str, name: str, before: Sequence[Entry]) -> tuple[RuleBook, tuple[Entry, ...]]:
    """The rules that stand before and more, read but not yet verified; and what was added.

    `name` is what the text goes by in errors.
    """
    more = read_rules(text, name)
    known = {e.key: e for e in before}
    for entry in more:
        if entry.key in known and entry.kind != "chapter":
            other = known[entry.key]
            raise failed(entry, f"this name is taken in {other.file}:{other.line}.")
    book = RuleBook((*before, *more))
    for entry in more:
        if entry.kind == "operator":
            _check_complete(entry, book)
    return book, more


def source_text(source: str | Path) -> tuple[str, str]:
    """The text and the name it goes by; what has a line end, or a colon with a space behind it, is no path."""
    from pathlib import Path

    if isinstance(source, str) and ("\n" in source or _COLON.search(source)):
        return source, "<rules>"
    path = Path(source)
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MOST_CHARACTERS + 1), path.name if path.name not in _lazy() else str(path.absolute())
    except (OSError, ValueError) as problem:  # of a null byte in a path it is the latter
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise RuleError(f"The rule file {shown(str(path))} cannot be read: {reason}.") from problem


def _check_complete(entry: Entry, book: RuleBook) -> None:
    """A linear slot needs its adjoint rule, and a domain a predicate that is known."""
    for _, word in book.operator(entry.name).domain:
        if word not in book.predicates:
            raise failed(entry, not_a_predicate(word, book.predicates.keys()))
    for slot in range(len(book.operator(entry.name).params)):
        if book.is_linear(entry.name, slot) and (entry.name, slot) not in book.rules.adjoint:
            raise failed(entry, f"it is declared linear, but no adjoint rule moves it off its argument {slot + 1}.")
