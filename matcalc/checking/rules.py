"""That the entries of rule files are in order: that they are true, have the shapes they say, and come to rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from ..errors import MatcalcError, RuleError
from ..expressions.dimensions import written
from ..expressions.nodes import Expr
from ..expressions.parts import dimensions, symbols
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Entry, Given, Rule
from ..rulebook.book import RuleBook
from ..rulebook.compile import PRODUCT, compiled, scope_of, sides_of
from ..shapes.elaborate import elaborate
from .code import check_code
from .laws import check_operator, refused
from .notations import check_notation
from .outcomes import Checked
from .predicates import check_predicate
from .termination import check_definitions, check_rest
from .truth import check_rule


def check_entries(book: RuleBook, entries: Iterable[Entry]) -> list[str]:
    """Check operators and rules of a rule file; RuleError names the file, the line and the numbers.

    What comes back is what is taken on trust, with the reason: an operator without a definition has no numbers.
    """
    wanted = {e.key: e for e in entries}
    book.all_rules()
    check_rest(book, wanted.values())
    check_definitions(book, wanted.values())
    trusted: dict[str, None] = {}
    for entry, check in _checks(book, wanted):
        try:
            made = check()
        except RuleError:
            raise
        except MatcalcError as problem:  # such as a division by zero
            raise refused(entry, str(problem)) from problem
        if made is not None and made.reason:
            trusted[f"{entry.kind} {entry.name}: {made.reason}"] = None
    return list(trusted)


def _checks(book: RuleBook, wanted: Mapping[str, Entry]) -> Iterator[tuple[Entry, Callable[[], Checked | None]]]:
    """What is to be checked of these entries, by key."""
    for entry in wanted.values():
        if entry.kind == "operator":
            yield entry, partial(check_notation, book.operator(entry.name), book, entry)
            yield entry, partial(check_code, book.operator(entry.name), book, entry)
            yield entry, partial(check_operator, book.operator(entry.name), book, entry)
        elif entry.kind == "predicate":
            yield entry, partial(check_predicate, entry, book)
    quantified = [e for e in wanted.values() if e.quantifier]
    places = {(e.file, e.line) for e in quantified}
    for rule in [*book.all_rules(), *(rule for q in quantified for rule in _products(q, book))]:
        if rule.key in wanted or (rule.entry.file, rule.entry.line) in places:
            yield rule.entry, partial(check_shapes, rule, book)
            yield rule.entry, partial(check_rule, rule, book)


def _products(entry: Entry, book: RuleBook) -> list[Rule]:
    """The product rule for each of the products; of an entry for another pool, none."""
    if entry.quantifier is None or entry.quantifier[0] != PRODUCT:
        return []
    left = sides_of(entry, {})[0][0]
    names = [side.text for side in left.args]
    if [left.kind, *(side.kind for side in left.args)] != ["star", "name", "name"]:
        raise refused(entry, "it is about one product of two factors: d(X ⋆ Y) = …")
    rules = []
    for operator in book.operators.values():
        if "bilinear" in operator.tags:
            given = tuple(Given(n, shape, frozenset()) for n, shape in zip(names, operator.params, strict=False))
            rules.append(compiled(replace(entry, given=given), book, PRODUCT, operator.name))
            if len(rules[-1].differentials) != len(names):
                raise refused(entry, "it must say what becomes of the product when either factor varies")
    return rules


def check_shapes(rule: Rule, book: RuleBook) -> None:
    """That the right side does not narrow what the left side accepts, or `given` declares; RuleError if it does."""
    entry = rule.entry
    if entry.quantifier is not None:  # its pool was substituted for
        return
    left, text = sides_of(entry, {})[0]
    try:
        alone = elaborate(left, text, scope_of(entry, book.meanings(entry)), Algebra(book.plain())).expr
    except MatcalcError as problem:
        raise refused(entry, f"the left side says nothing without the right one: {problem}") from problem
    if _freedom(alone) > _freedom(rule.pattern):
        wide, narrow = (", ".join(f"{x.name} {written(x.shape)}" for x in symbols(e)) for e in (alone, rule.pattern))
        raise refused(entry, f"it is for {narrow} only, and the left side is for {wide}; say the shapes in `given`")


def _freedom(e: Expr) -> tuple[int, int]:
    """How many sizes are free, and how many are not 1."""
    return len(dimensions(*symbols(e))), sum(d != 1 for x in symbols(e) for d in x.shape)
