"""Mutants of the entries of rule files: one transpose, factor, sign, number, operator or condition changed.

What is changed is a node of the tree of a side, a condition, or a tag; an entry comes out, which is compiled and
checked as if somebody had written it so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from matcalc.checking.laws import LAWS
from matcalc.language.tree import Node
from matcalc.normal_form.theory import DECLARATIONS, Entry, Given
from matcalc.rulebook.book import RuleBook, default

from .trees import entry_of, made, places, replaced, trees, with_args

NEIGHBOURS = 2  # operators of the same file that are tried in the place of one
TURNED = frozenset("name call dotcall inverse power dotpower product sum hadamard".split())
STRONGER = {"symmetric": "diagonal", "psd": "spd", "lower": "diagonal", "upper": "diagonal", "nonnegative": "positive"}


@dataclass(frozen=True)
class Mutant:
    """An entry that differs in one place from the one it was made of."""

    original: Entry
    entry: Entry
    operation: str
    change: str

    @property
    def name(self) -> str:
        """The rule, what was done to it, and where."""
        return f"{self.original.key} | {self.operation} | {self.change}"


def mutants(entry: Entry, book: RuleBook | None = None) -> Iterator[Mutant]:
    """All mutants of an entry, each once."""
    book = book or default()
    seen: set[tuple[object, ...]] = {_said(entry)}
    for mutant in _all(entry, book):
        if _said(mutant.entry) not in seen:
            seen.add(_said(mutant.entry))
            yield mutant


def _said(entry: Entry) -> tuple[object, ...]:
    return (entry.sides, entry.given, entry.tags)


def _all(entry: Entry, book: RuleBook) -> Iterator[Mutant]:
    if entry.kind == "operator":
        yield from _of_tags(entry)
        return
    if entry.kind in DECLARATIONS:  # words, and what follows from what
        return
    yield from _of_conditions(entry)
    if entry.kind == "property":
        word = STRONGER.get(entry.sides[1])
        if word:
            stronger = replace(entry, sides=(entry.sides[0], word))
            yield Mutant(entry, stronger, "a stronger property", word)
    sides = trees(entry, book)
    names = sorted(
        {n.text for side in sides for _, n in places(side) if n.kind == "name" and n.text in _variables(sides)}
    )
    for which, root in enumerate(sides):
        for path, node in places(root):
            if which == 0 and (entry.kind == "projection" or (entry.kind == "differential" and not path)):
                continue  # P(G), and the d(…) itself
            for operation, new in _changed(node, names if which else (), book):
                changed = entry_of(entry, {which: replaced(root, path, new)})
                place = "left" if which == 0 else "right"
                yield Mutant(entry, changed, operation, f"{place}: {changed.sides[which]}")


def _variables(sides: Sequence[Node]) -> set[str]:
    return {n.text for _, n in places(sides[0]) if n.kind == "name"}


# --- the tree -------------------------------------------------------------------------------------------------------


def _changed(node: Node, names: Sequence[str], book: RuleBook) -> Iterator[tuple[str, Node]]:
    kind, args = node.kind, node.args
    if kind == "transpose":
        yield "a transpose dropped", args[0]
    elif kind in TURNED:
        yield "a transpose added", made("transpose", node)
    if kind in ("product", "matmul", "hadamard", "kron", "frobenius", "dotdivide", "divide"):
        for i in range(len(args) - 1):
            swapped = [*args[:i], args[i + 1], args[i], *args[i + 2 :]]
            yield "factors swapped", with_args(node, swapped)
        for i in range(len(args)):
            rest = [*args[:i], *args[i + 1 :]]
            if not (i == 0 and kind in ("dotdivide", "divide")):
                yield "a factor dropped", rest[0] if len(rest) == 1 else with_args(node, rest)
    if kind in ("product", "matmul", "kron"):
        yield "another product", made("hadamard", *args)
    elif kind == "hadamard":
        yield "another product", made("matmul", *args)
    if kind in ("sum", "dotsum"):
        for i in range(len(args)):
            other = "-" if node.text[i] == "+" else "+"
            yield "a sign changed", with_args(node, args, node.text[:i] + other + node.text[i + 1 :])
            rest = [*args[:i], *args[i + 1 :]]
            if len(rest) > 1:
                yield "a summand dropped", with_args(node, rest, node.text[:i] + node.text[i + 1 :])
            elif kind == "sum" or i == 0:
                yield "a summand dropped", rest[0]
    if kind == "negate":
        yield "a sign changed", args[0]
    elif kind not in ("number", "transpose", "frobenius"):
        yield "a sign changed", made("negate", node)
    if kind == "number" and node.text.isdigit():
        yield "a number changed", made("number", text=str(int(node.text) + 1))
        if node.text != "0":
            yield "a number changed", made("number", text=str(int(node.text) - 1))
    elif kind == "name" and node.text not in names and names:
        yield "a number changed", made("product", made("number", text="2"), node)
    if kind == "inverse":
        yield "an exponent changed", args[0]
        yield "an exponent changed", made("transpose", args[0])
    elif kind in ("power", "dotpower"):
        yield "an exponent changed", with_args(node, [args[0], made("negate", args[1])])
        yield "an exponent changed", args[0]
        yield (
            "an exponent changed",
            with_args(node, [args[0], made("sum", args[1], made("number", text="1"), text="++")]),
        )
    if kind in ("call", "dotcall"):
        for other in _siblings(node.text, book):
            yield "another operator", with_args(node, args, other)
        if len(args) == 2:
            yield "factors swapped", with_args(node, args[::-1])
        if len(args) == 1:
            yield "an operator dropped", args[0]
    if kind == "name":
        for other in names:
            if other != node.text:
                yield "another variable", made("name", text=other)


@cache
def _siblings(name: str, book: RuleBook) -> tuple[str, ...]:
    """Operators like this one: the next in its file that take as many arguments."""
    found = book.aliases.get(name, ())
    if not found:
        return ()
    files = {e.name: e.file for e in book.entries if e.kind == "operator"}
    mine = found[0]
    like = [
        o.name
        for o in book.operators.values()
        if files[o.name] == files[mine.name] and len(o.params) == len(mine.params) and o.elementwise == mine.elementwise
    ]
    at = like.index(mine.name)
    return tuple(dict.fromkeys(n for n in (like[at + 1 :] + like[:at])[:NEIGHBOURS]))


# --- conditions and tags --------------------------------------------------------------------------------------------


def _of_conditions(entry: Entry) -> Iterator[Mutant]:
    """Each property that a rule demands weakened to each that it implies, and dropped."""
    for i, given in enumerate(entry.given):
        for word in sorted(given.properties):
            for weaker in ("", *sorted(_implied(word))):
                kept = given.properties - {word} | ({weaker} if weaker else set())
                new = Given(given.name, given.shape, frozenset(kept))
                changed = replace(entry, given=(*entry.given[:i], new, *entry.given[i + 1 :]))
                yield Mutant(entry, changed, "a condition weakened", f"{given.name}: {word} → {weaker or 'nothing'}")


def _of_tags(entry: Entry) -> Iterator[Mutant]:
    """Each claim that an operator does not make, made."""
    for law in LAWS:
        if law not in entry.tags:
            yield Mutant(entry, replace(entry, tags=(*entry.tags, law)), "a tag added", law)


def _implied(word: str) -> frozenset[str]:
    """What a predicate says that it implies."""
    found = default().predicates.get(word)
    return found.implies if found else frozenset()
