"""Rule books: the rule files, read lazily, checked, and indexed by the head of what a rule rewrites.

A book knows every operator from the start, but parses the equations of a file only when one of its operators is first
used, and a simplify rule only when all its operators have been used: before that it cannot match.  `extended` makes a
book of the rules that come with matcalc and some more; books never change, so nothing leaks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import MatcalcError, NotDifferentiable, RuleError
from ..expressions.dimensions import SCALAR, names_of
from ..expressions.nodes import Expr, Operation, is_sum, postorder, split
from ..language.declared import FunctionDeclared
from ..language.names import canonical
from ..language.tree import Node, parse
from ..normal_form.algebra import Algebra, closure
from ..normal_form.theory import Entry, Operator, Rule
from ..resources import names, read
from ..shapes.elaborate import Scope, elaborate_all
from .entries import read_rules
from .operators import by_alias, operator_of

if TYPE_CHECKING:
    from pathlib import Path

FORMS = "forms.rules"
CALL = "call"
STRUCTURE = "structure.rules"  # the laws of the structural heads; part of every book from the start
DIFFERENTIAL = "d"
PRODUCT = "⋆"  # in a rule for all bilinear operators
CHECKED_BY_VALUE = frozenset({"integer", "nonnegative", "square", "number", "invertible"})

_COLON = re.compile(r":\s")
_WORD = re.compile(r"[^\W\d]\w*")


class RuleBook:
    """Rules and operators under which expressions are simplified and differentiated."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._files: dict[str, list[Entry]] = {}
        for entry in self.entries:
            self._files.setdefault(entry.file, []).append(entry)
        self._operators = {e.name: operator_of(e) for e in self.entries if e.kind == "operator"}
        self._file_of = {e.name: e.file for e in self.entries if e.kind == "operator"}
        self.aliases: dict[str, tuple[Operator, ...]] = by_alias(self._operators.values())
        self.cyclic = frozenset(name for name, o in self._operators.items() if "cyclic" in o.tags)
        self.simplify_rules: dict[str, list[Rule]] = {}
        self.pair_rules: dict[str, list[Rule]] = {}
        self.power_rules: dict[str, list[Rule]] = {}
        self.shorten_rules: dict[str, list[Rule]] = {}
        self._differential: dict[str, list[Rule]] = {}
        self._adjoint: dict[tuple[str, int], list[Rule]] = {}
        self._property: dict[str, list[Rule]] = {}
        self._form: dict[str, list[Rule]] = {}
        self.definitions: dict[str, Rule] = {}
        self.identities: list[Rule] = []
        self.pullbacks: dict[Rule, Any] = {}
        self.counts: Counter[str] = Counter()
        self.product_rule: Entry | None = None
        self._unread = set(self._files)
        self._position = {entry.key: i for i, entry in enumerate(self.entries)}
        self._used = {name for name, file in self._file_of.items() if file == STRUCTURE}
        self._waiting: dict[str, list[Entry]] = {}
        self._plain: RuleBook | None = None
        if STRUCTURE in self._files:
            self._read(STRUCTURE)

    # --- lookups ----------------------------------------------------------------------------------------------------

    def operator(self, name: str) -> Operator:
        """An operator by its own name; the rules that waited for its first use are read."""
        found = self._operators.get(name)
        if found is None:
            raise NotDifferentiable(f"There is no operator '{name}'.")
        if name not in self._used:
            self._used.add(name)
            file = self._file_of[name]
            if file in self._unread:
                self._read(file)
            self._read_waiting(name)
        return found

    def operation(self, name: str) -> Operation | None:
        """What the nodes of an operator carry."""
        tags, rule = self.operator(name).tags, self.definitions.get(name)
        if "elementwise" not in tags and rule is None:
            return None
        return Operation("elementwise" in tags, (rule.pattern, rule.template) if rule else None)

    def is_linear(self, name: str, slot: int) -> bool:
        """Whether an operator is linear in an argument."""
        return self.operator(name).is_linear(slot)

    @property
    def operators(self) -> Mapping[str, Operator]:
        """Every operator by its own name."""
        return self._operators

    def differential_rules(self, head: str) -> list[Rule]:
        """The rules for the differential of an operator."""
        if head in self._waiting:
            self._read_waiting(head)
        return self._differential.get(head, [])

    def adjoint_rule(self, head: str, slot: int, args: Sequence[Expr]) -> Rule:
        """The rule that moves an operator off its argument `slot`: the first whose vectors are vectors here."""
        for rule in self._adjoint.get((head, slot), ()):
            if all(args[i].shape[axis] == 1 for i, axis in _sizes_of_one(rule.pattern.args[1])):
                return rule
        raise NotDifferentiable(f"No adjoint rule moves {head} off its argument {slot + 1}.")

    def property_rules(self, wanted: str) -> list[Rule]:
        """The rules that give a property, or one that implies it."""
        return [rule for name, rules in self._property.items() if wanted in closure({name}) for rule in rules]

    def forms(self, form: str) -> list[Rule]:
        """The rules of a form."""
        if FORMS in self._unread:
            self._read(FORMS)
        return self._form.get(form, [])

    def fired(self, rule: Rule) -> None:
        """Count an application."""
        self.counts[rule.key] += 1

    def all_rules(self) -> list[Rule]:
        """Every rule, all files read."""
        for file in sorted(self._unread):
            self._read(file)
        for name in list(self._waiting):
            for entry in self._waiting.pop(name, []):
                self._read_entry(entry)
        groups: list[Iterable[Rule]] = [self.identities, self.definitions.values()]
        for index in (
            self._adjoint,
            self.simplify_rules,
            self.pair_rules,
            self.shorten_rules,
            self._differential,
            self._property,
            self._form,
        ):
            groups.extend(index.values())
        return list(dict.fromkeys(rule for group in groups for rule in group))

    # --- reading ----------------------------------------------------------------------------------------------------

    def _read(self, file: str, at_once: bool = False) -> None:
        """Parse a file's equations and index them, or have them wait for the operators that they name."""
        self._unread.discard(file)
        for entry in self._files[file]:
            awaited = None if at_once else self._awaited(entry)
            if awaited is None:
                self._read_entry(entry)
            else:
                self._waiting.setdefault(awaited, []).append(entry)

    def _read_waiting(self, name: str) -> None:
        for entry in self._waiting.pop(name, []):
            awaited = self._awaited(entry) if name in self._operators else None
            if awaited is None:
                self._read_entry(entry)
            else:
                self._waiting.setdefault(awaited, []).append(entry)

    def _read_entry(self, entry: Entry) -> None:
        for rule in self._compiled(entry):
            self._index(rule)

    def _awaited(self, entry: Entry) -> str | None:
        """What must be used before an entry is needed: an operator that its left side names, or a structural head."""
        if entry.kind == "identity":
            return entry.kind
        if entry.kind in ("operator", "form") or entry.quantifier is not None:
            return None
        if entry.kind == "differential" and "where" in entry.clauses:
            return CALL  # declares the function that it is about, and to read that takes a grammar of its own
        awaited = self._unused(entry.sides[0])
        lazily = entry.kind == "differential" and entry.file == STRUCTURE
        if lazily and awaited is None and self._unused(entry.sides[1]):
            return _inside(entry, parse(entry.sides[0])).kind  # its right side would read another file
        return awaited

    def _unused(self, equation: str) -> str | None:
        """The first operator that a text names and nobody has used."""
        for word in _WORD.findall(equation):
            meant = self.aliases.get(canonical(word), ())
            if len(meant) == 1 and len(word) > 1 and meant[0].name not in self._used:
                return meant[0].name
        return None

    def _add(self, rules: dict[Any, list[Rule]], key: object, rule: Rule) -> None:
        """Add a rule where its place in the files puts it; who goes through the list still sees the old one."""
        rules[key] = sorted([*rules.get(key, ()), rule], key=self._place)

    def _place(self, rule: Rule) -> int:
        return self._position.get(rule.entry.key, len(self._position))

    def _compiled(self, entry: Entry) -> list[Rule]:
        if entry.kind == "operator":
            return []
        if entry.quantifier is None:
            return [compiled(entry, self)]
        variable, pool = entry.quantifier
        if pool == "bilinear":
            self.product_rule = entry
            return []
        members = [o.name for o in self._operators.values() if pool in o.tags]
        if not members:
            raise RuleError(f"{entry.file}:{entry.line}: no operator has the tag '{pool}'.")
        return [compiled(entry, self, variable, m) for m in members]

    def _index(self, rule: Rule) -> None:
        kind, pattern = rule.kind, rule.pattern
        if kind == "simplify":
            if pattern.head == "mul":
                self._add(self.pair_rules, _anchor_head(anchored(rule)), rule)
            else:
                self._add(self.simplify_rules, pattern.head, rule)
                if pattern.head == "dotpower":  # numbers are exponents of a Hadamard product
                    self._add(self.power_rules, pattern.args[0].head, rule)
        elif kind == "shorten":
            self._add(self.shorten_rules, pattern.head, rule)
        elif kind == "differential":
            self._add(self._differential, pattern.head, rule)
        elif kind == "adjoint":
            self._add(self._adjoint, (pattern.args[1].head, rule.slot), rule)
        elif kind == "property":
            self._add(self._property, rule.entry.sides[1], rule)
        elif kind == "definition":
            self.definitions[pattern.head] = rule
        elif kind == "form":
            self._add(self._form, rule.entry.form or "", rule)
        else:
            self.identities.append(rule)

    def plain(self) -> RuleBook:
        """The same operators without tags or rules: under it, the sides of a rule stay as they are written."""
        if self._plain is None:
            bare = RuleBook(())
            bare._operators = {name: replace(o, tags=frozenset()) for name, o in self._operators.items()}
            bare._file_of = dict.fromkeys(bare._operators, "")
            bare.aliases = self.aliases
            self._plain = bare
        return self._plain


def _inner(factor: Expr) -> Expr:
    return factor.args[0] if factor.head == "transpose" else factor


def anchored(rule: Rule) -> Rule:
    """A rule whose left side is a product, with the place of the factor by which it is found."""
    factors = rule.pattern.args
    rule.anchor = next((i for i, factor in enumerate(factors) if _inner(factor).head != "symbol"), 0)
    return rule


def _anchor_head(rule: Rule) -> str:
    """The head of the factor by which a rule for products is found."""
    return _inner(rule.pattern.args[rule.anchor]).head


class _Meanings(Mapping[str, tuple[Operator, ...]]):
    """What names mean in a book, remembering which it was asked for."""

    def __init__(self, meant: Mapping[str, tuple[Operator, ...]]) -> None:
        self.meant = meant
        self.asked: dict[str, tuple[Operator, ...] | None] = {}

    def __getitem__(self, name: str) -> tuple[Operator, ...]:
        found = self.asked[name] = self.meant.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.meant)

    def __len__(self) -> int:
        return len(self.meant)


class _Compiled(NamedTuple):
    """A rule, and all that it depends on beside its text: what names meant, and the operators that it came to have."""

    asked: Mapping[str, tuple[Operator, ...] | None]
    heads: Mapping[str, Operator | None]
    rule: Rule

    def holds_in(self, book: RuleBook) -> bool:
        """Whether a book would make the same rule of the same text."""
        meant, operators = book.aliases, book.operators
        return all(meant.get(name) == found for name, found in self.asked.items()) and all(
            operators.get(head) is operator for head, operator in self.heads.items()
        )


def compiled(entry: Entry, book: RuleBook, variable: str = "", member: str = "") -> Rule:
    """A rule from its text, or from another book where it means the same; of a quantified entry, for one member.

    Errors name the file, the line and the reason.
    """
    before: tuple[_Compiled, ...] = entry.made.get(member, ())
    for known in before:
        if known.holds_in(book):
            return known.rule
    mine = replace(entry, name=f"{entry.name}-{member}") if member else entry
    meanings = _Meanings(book.aliases)
    try:
        rule = _compiled(mine, book, meanings, {variable: member} if member else {})
    except RuleError:
        raise
    except MatcalcError as problem:
        raise RuleError(f"{mine.file}:{mine.line}: {mine.kind} {mine.name}: {problem}") from problem
    heads = {e.head: book.operators.get(e.head) for e in postorder(rule.pattern, rule.template)}
    entry.made[member] = (_Compiled(meanings.asked, heads, rule), *before[:1])
    return rule


def _fail(entry: Entry, reason: str) -> RuleError:
    return RuleError(f"{entry.file}:{entry.line}: {entry.kind} {entry.name}: {reason}")


def sides_of(entry: Entry, chosen: Mapping[str, str]) -> list[tuple[Node, str]]:
    """The sides of an entry's equation as trees, each with its text; of a differential rule, what stands in d(…)."""
    texts = entry.sides[:1] if entry.kind == "property" else entry.sides
    nodes = [_chosen(parse(text), chosen) for text in texts]
    if entry.kind == "differential":
        nodes[0] = _inside(entry, nodes[0])
    return list(zip(nodes, texts, strict=True))


def scope_of(entry: Entry, meanings: Mapping[str, tuple[Operator, ...]]) -> Scope:
    """What an entry declares, where names of operators mean this."""
    scope = Scope(meanings, differentials=True)
    scope.add([_function(entry, text) for text in entry.clauses.get("where", ())])
    for given in entry.given:
        scope.declare(given.name, given.shape, given.properties - CHECKED_BY_VALUE)
    return scope


def _compiled(entry: Entry, book: RuleBook, meanings: _Meanings, chosen: Mapping[str, str]) -> Rule:
    sides, scope = sides_of(entry, chosen), scope_of(entry, meanings)
    conditions = {given.name: given.properties for given in entry.given if given.properties}
    algebra = Algebra(book.plain())
    made = elaborate_all(sides, scope, algebra)
    pattern, template = made.exprs[0], made.exprs[-1] if len(made.exprs) == 1 else made.exprs[1]
    variables = {e.name: e for e in postorder(pattern) if e.head == "symbol"}
    if (
        entry.kind in ("simplify", "shorten")
        and pattern.head == "add"
        and len(pattern.args) == 1
        and is_sum(pattern.args[0])
    ):
        c, pattern = split(pattern)  # a sum is looked for without its sign
        template = algebra.linear([(Fraction(1) / c, template)])
    rule = Rule(
        entry,
        pattern,
        template,
        {variables[name]: wanted for name, wanted in conditions.items() if name in variables},
        label=_label(entry),
    )
    _check(entry, rule, variables, algebra, book)
    return rule


def _check(entry: Entry, rule: Rule, variables: dict[str, Expr], algebra: Algebra, book: RuleBook) -> None:
    """What the right side mentions must be bound on the left; fill in what depends on the kind."""
    free = {e.name: e for e in postorder(rule.template) if e.head == "symbol" and e.name not in variables}
    dims = {n for e in postorder(rule.pattern) for d in e.shape for n in names_of(d)}
    if entry.kind == "differential":
        if rule.template.head == "zero":
            free |= {f"d{n}": algebra.symbol(f"d{n}", e.shape, e.data.kind) for n, e in variables.items()}
        rule.differentials = {
            variables[n[1:]]: e for n, e in free.items() if n[:1] == DIFFERENTIAL and n[1:] in variables
        }
        if not rule.differentials and rule.template.head != "zero":
            raise _fail(entry, "the right side mentions no differential of a variable of the left side.")
        free = {n: e for n, e in free.items() if e not in rule.differentials.values()}
    if entry.kind == "adjoint":
        _check_adjoint(entry, rule)
    if entry.kind == "form" and entry.form == "kronecker":
        _check_kronecker(entry, rule, algebra)
    unbound = {n for n, e in free.items() if n not in dims and "constant" not in e.data.properties}
    unbound |= {n for e in postorder(rule.template) for d in e.shape for n in names_of(d)} - dims
    if unbound and entry.kind not in ("identity", "form"):
        raise _fail(entry, f"'{min(unbound)}' stands on the right side only.")
    unknown = [given.name for given in entry.given if given.name not in {*variables, *free, *dims}]
    if unknown:
        raise _fail(entry, f"'{unknown[0]}', of which something is given, does not stand in it.")
    if entry.kind in ("simplify", "shorten", "definition") and rule.pattern is rule.template:
        raise _fail(entry, "both sides are the same.")
    if entry.kind in ("simplify", "shorten", "property") and entry.file != STRUCTURE:
        own = {n for n, file in book._file_of.items() if file == entry.file}
        if own and not own & {e.head for e in postorder(rule.pattern)}:
            raise _fail(
                entry,
                "the left side mentions no operator of its file, so that it would not be known when it is needed; "
                f"put it into {STRUCTURE}.",
            )
    if entry.kind in ("simplify", "shorten", "differential", "property") and rule.pattern.head == "symbol":
        raise _fail(entry, "the left side is a variable: it would match everything.")


@lru_cache(maxsize=4096)
def _sizes_of_one(pattern: Expr) -> tuple[tuple[int, int], ...]:
    """Which arguments of a pattern are vectors, rows or scalars: their places, and the axis that is 1."""
    return tuple((i, axis) for i, v in enumerate(pattern.args) for axis in (0, 1) if v.shape[axis] == 1)


def _check_adjoint(entry: Entry, rule: Rule) -> None:
    left, right = rule.pattern, rule.template
    if left.head != "frob" or right.head != "frob":
        raise _fail(entry, "an adjoint rule reads W : L(X) = R : X.")
    moved = right.args[1]
    if moved not in left.args[1].args:
        raise _fail(entry, "the operand behind the last colon must be an argument of the operator on the left.")
    rule.slot = left.args[1].args.index(moved)
    rule.template = right.args[0]


def _check_kronecker(entry: Entry, rule: Rule, algebra: Algebra) -> None:
    """vec(L(X)) = M vec(X): keep L(X) as the pattern and M as the template."""
    left = rule.pattern.args[0] if rule.pattern.head == "vec" else rule.pattern
    right = rule.template
    factors = right.args if right.head == "mul" else right.args[::-1] if right.head == "scale" else (right,)
    if right.shape == SCALAR and not any(a in left.args for a in factors[-1].args):  # wᵀ v may stand as vᵀ w
        factors = tuple(algebra.transpose(f) for f in reversed(factors))
    moved = factors[-1].args[0] if factors[-1].head == "vec" and len(factors) > 1 else None
    if moved not in left.args or moved is None:
        raise _fail(entry, "a rule of the vec/Kronecker form reads vec(L(X)) = M vec(X).")
    rule.pattern, rule.slot = left, left.args.index(moved)
    rule.template = algebra.mul(factors[:-1])


def _inside(entry: Entry, node: Node) -> Node:
    """What stands in d(…)."""
    if node.kind != "call" or node.text != DIFFERENTIAL or len(node.args) != 1:
        raise _fail(entry, "the left side of a differential rule reads d(…).")
    return node.args[0]


_FUNCTION = re.compile(r"function (\w+)\((\w+)(?:\(([^)]*)\))?\) -> (\w+)(?:\(([^)]*)\))?$")


def _function(entry: Entry, text: str) -> FunctionDeclared:
    """``function f(vector(n)) -> vector(m)`` of a `where` clause, read without the grammar of declarations."""
    found = _FUNCTION.match(text)
    if found is None:
        raise _fail(entry, "a where clause reads: function f(vector(n)) -> vector(m).")

    def typed(kind: str, dims: str | None) -> tuple[str, tuple[str, ...] | None]:
        return kind, tuple(d.strip() for d in dims.split(",")) if dims else None

    return FunctionDeclared(found[1], (typed(found[2], found[3]),), typed(found[4], found[5]), False, 0, len(text))


def _chosen(root: Node, chosen: Mapping[str, str]) -> Node:
    """The tree with a quantified variable replaced by a member of its pool."""
    if not chosen:
        return root
    from ..shapes.brackets import walk

    done: list[Node] = []
    for n in walk(root):
        count = len(n.args)
        args = tuple(done[len(done) - count :]) if count else ()
        if count:
            del done[len(done) - count :]
        name = n.text.rstrip("'")
        kind, text = n.kind, n.text
        if kind == "star" and PRODUCT in chosen:
            kind, text = "call", chosen[PRODUCT]
        elif kind in ("call", "dotcall") and name in chosen:
            text = chosen[name] + n.text[len(name) :]
        done.append(Node(kind, text, args, n.start, n.end))
    return done[0]


def _label(entry: Entry) -> str:
    """How a derivation cites the rule: its `text`, or the equation itself."""
    said = entry.clauses.get("text")
    return said[0] if said else " = ".join(entry.sides)


@cache
def _builtin() -> tuple[Entry, ...]:
    return tuple(e for f in names("rules", ".rules") for e in read_rules(read(f"rules/{f}"), f))


@cache
def default() -> RuleBook:
    """The rules that come with matcalc."""
    return RuleBook(_builtin())


def extended(source: str | Path, base: RuleBook | None = None) -> tuple[RuleBook, tuple[Entry, ...]]:
    """The rules that come with matcalc (or those of `base`) and more, read but not yet verified; and what was added."""
    text, name = _source(source)
    more = read_rules(text, name)
    before = _builtin() if base is None else base.entries
    known = {e.key: e for e in before}
    for entry in more:
        if entry.key in known:
            other = known[entry.key]
            raise _fail(entry, f"this name is taken in {other.file}:{other.line}.")
    book = RuleBook((*before, *more))
    if name in book._unread:
        book._read(name, at_once=True)
    for entry in more:
        if entry.kind == "operator":
            _check_complete(entry, book)
    return book, more


def _source(source: str | Path) -> tuple[str, str]:
    """The text and the name it goes by; what has a line end, or a colon with a space behind it, is no path."""
    from pathlib import Path

    if isinstance(source, str) and ("\n" in source or _COLON.search(source)):
        return source, "<rules>"
    if not isinstance(source, str | Path):
        raise RuleError(f"Rules are a text or a path, not {type(source).__name__}.")
    path = Path(source)
    try:
        return path.read_text(encoding="utf-8"), path.name
    except (OSError, ValueError) as problem:  # of a null byte in a path it is the latter
        raise RuleError(f"The rule file {path} cannot be read: {problem}.") from problem


def _check_complete(entry: Entry, book: RuleBook) -> None:
    """A linear slot needs its adjoint rule."""
    for slot in range(len(book.operator(entry.name).params)):
        if book.is_linear(entry.name, slot) and (entry.name, slot) not in book._adjoint:
            raise _fail(entry, f"it is declared linear, but no adjoint rule moves it off its argument {slot + 1}.")
