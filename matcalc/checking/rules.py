"""That a rule is true: numbers as witnesses.

`check_rule` and `check_entries` check the entries of rule files, which need nothing but to exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from ..errors import MatcalcError, RuleError
from ..expressions.dimensions import written
from ..expressions.nodes import Expr, dimensions, postorder, symbols
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Entry, Given, Rule
from ..rulebook.book import RuleBook
from ..rulebook.compile import PRODUCT, compiled, scope_of, sides_of
from ..shapes.elaborate import elaborate
from .definitions import SLOW, expanded, meaningless
from .laws import check_operator, refused
from .notations import check_notation
from .outcomes import Checked, NoValue
from .points import SIZES, Point, is_telling, random_points, sizes_of, straight
from .properties import PROPERTIES
from .slopes import EXACT, TOLERANCE, at, differ, magnitude, slope, steady
from .stand_ins import Array
from .termination import check_definitions, check_rest


def check_entries(book: RuleBook, entries: Iterable[Entry]) -> list[tuple[Entry, str]]:
    """Check operators and rules of a rule file; RuleError names the file, the line and the numbers.

    What comes back is what could not be checked, with the reason: an operator without a definition has no numbers.
    """
    wanted = {e.key: e for e in entries}
    book.all_rules()
    check_rest(book, wanted.values())
    check_definitions(book, wanted.values())
    unchecked: list[tuple[Entry, str]] = []
    for entry, check in _checks(book, wanted):
        try:
            made = check()
        except RuleError:
            raise
        except MatcalcError as problem:  # such as a division by zero
            raise refused(entry, str(problem)) from problem
        if made is not None and not made:
            unchecked.append((entry, made.reason))
    return unchecked


def _checks(book: RuleBook, wanted: Mapping[str, Entry]) -> Iterator[tuple[Entry, Callable[[], Checked | None]]]:
    """What is to be checked of these entries, by key."""
    for entry in wanted.values():
        if entry.kind == "operator":
            yield entry, partial(check_notation, book.operator(entry.name), book, entry)
            yield entry, partial(check_operator, book.operator(entry.name), book, entry)
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
        alone = elaborate(left, text, scope_of(entry, book.aliases), Algebra(book.plain())).expr
    except MatcalcError as problem:
        raise refused(entry, f"the left side says nothing without the right one: {problem}") from problem
    if _freedom(alone) > _freedom(rule.pattern):
        wide, narrow = (", ".join(f"{x.name} {written(x.shape)}" for x in symbols(e)) for e in (alone, rule.pattern))
        raise refused(entry, f"it is for {narrow} only, and the left side is for {wide}; say the shapes in `given`")


def _freedom(e: Expr) -> tuple[int, int]:
    """How many sizes are free, and how many are not 1."""
    return len(dimensions(*symbols(e))), sum(d != 1 for x in symbols(e) for d in x.shape)


def check_rule(rule: Rule, book: RuleBook) -> Checked:
    """Whether a rule is true, at sizes odd, even, rectangular and 1; raises RuleError with the numbers if it is not."""
    pattern, template = expanded(book, rule.pattern), expanded(book, rule.template)
    missing = meaningless(book, pattern, template)
    if missing:
        return Checked(0, f"{missing} has no definition that could be evaluated")
    conditions = {v.name: wanted for v, wanted in rule.conditions.items()}
    holes = {h.name for h in rule.differentials.values()}
    roots = [pattern, template]
    done, telling, reason = 0, False, "no point was found where both sides have a value"
    seen: set[tuple[int, ...]] = set()
    slow = any(e.head in SLOW for e in postorder(*roots))
    operated = {"adjoint": rule.pattern.args[-1:], "form": (rule.pattern,)}.get(rule.kind, ())
    jointly = any("jointly-linear" in book.operator(e.head).tags for e in operated if e.head in book.operators)
    for seed, choice in enumerate(SIZES[:3] if slow else SIZES):
        sizes = sizes_of(dimensions(*roots), choice)
        if tuple(sizes.values()) in seen and seed > 2:
            continue
        seen.add(tuple(sizes.values()))
        for point in random_points(roots, sizes, seed, conditions, holes):
            try:
                problem = _contradiction(rule, pattern, template, point, jointly)
            except NoValue as why:
                reason = str(why)
                continue
            if problem:
                shapes = ", ".join(f"{e.name} {_times(point, e)}" for e in postorder(pattern) if e.head == "symbol")
                raise refused(rule.entry, f"it is not true: {problem}" + (f" (with {shapes})" if shapes else ""))
            done += 1
            telling = telling or is_telling(sizes)
            break
    if not telling:
        raise refused(rule.entry, f"it could not be checked: {reason}")
    return Checked(done)


def _times(point: Point, e: Expr) -> str:
    rows, columns = point.shape(e)
    return f"{rows}×{columns}"


def _contradiction(rule: Rule, pattern: Expr, template: Expr, point: Point, jointly: bool) -> str:
    """What a rule gets wrong at a point, in numbers."""
    kind = rule.kind
    operated = rule.pattern.args[1] if kind == "adjoint" else rule.pattern  # `pattern` has its definition instead
    if jointly:  # the operator is linear in all its arguments at once: the others are zero
        others = [a for i, a in enumerate(operated.args) if i != rule.slot]
        for x in symbols(*others):
            point.paths[x.name] = straight(np.zeros(point.shape(x)), np.zeros(point.shape(x)))[0]
    if kind == "differential":
        moving = {v.name: h.name for v, h in rule.differentials.items()}
        found = (
            slope(pattern, point, moving) if moving else slope(pattern, point, [v.name for v in _variables(pattern)])
        )
        said = steady(template, point, {h: point.tangents[v] for v, h in moving.items()})
        difference = differ(found, said, TOLERANCE, magnitude(at(pattern, point)))
        return difference and f"the slope of the left side and the right side are {difference}"
    if kind == "adjoint":
        moved = steady(operated.args[rule.slot], point)
        left, right = steady(pattern, point), (steady(template, point) * moved).sum().reshape(1, 1)
        difference = differ(left, right, EXACT, magnitude(moved))
        return difference and f"the sides are {difference}"
    if kind == "form" and rule.entry.form == "kronecker":
        moved = steady(operated.args[rule.slot], point)
        left, right = _vec(steady(pattern, point)), steady(template, point) @ _vec(moved)
        difference = differ(left, right, EXACT, magnitude(moved))
        return difference and f"the sides are {difference}"
    left = steady(pattern, point)
    if kind == "property":
        wanted = rule.entry.sides[1]
        holds = PROPERTIES.get(wanted)
        if holds is None:
            raise NoValue(f"'{wanted}' is not a property that numbers can show")
        return "" if holds(left) else f"the left side is not {wanted}: {np.array2string(left, precision=4)}"
    right = steady(template, point)
    difference = differ(left, right, EXACT)
    return difference and f"the sides are {difference}"


def _variables(e: Expr) -> list[Expr]:
    return symbols(e)


def _vec(a: Array) -> Array:
    return a.reshape(-1, 1, order="F")
