"""That a rule is true: numbers as witnesses, which need nothing but that it exists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice

import numpy as np

from ..evaluation.sizes import is_telling, size_choices
from ..expressions.dimensions import SCALAR, times
from ..expressions.nodes import Expr, fold, node
from ..expressions.parts import symbols
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Rule
from ..rulebook.book import RuleBook
from .agreement import KINKS, agreement
from .closely import Domain
from .definitions import expanded, meaningless, specialised
from .kinks import both_sides
from .laws import refused
from .outcomes import Checked, NoValue
from .points import Point, random_points
from .projections import check_projection
from .properties import BROKEN, PROPERTIES
from .slopes import TOLERANCE, at, differ, magnitude, slope, steady
from .stand_ins import Array

POINTS = 2  # for each choice of sizes
ALONE = 8  # where there are no sizes to choose


def check_rule(rule: Rule, book: RuleBook) -> Checked:
    """Whether a rule is true wherever its left side has a value; raises RuleError with the numbers if it is not.

    An identity is read in both directions, and so both of its sides have to have one domain.
    """
    if rule.kind == "projection":
        return check_projection(rule, book)
    left, right = (expanded(book, e) for e in _sides(rule, book))
    missing = meaningless(book, left, right)
    return _check_narrowly(rule, book, missing, left, right) if missing else _check_sides(rule, book, left, right)


def _check_narrowly(rule: Rule, book: RuleBook, missing: str, left: Expr, right: Expr) -> Checked:
    """Check a rule where others say what an operator is that has no definition."""
    points, told = 0, []
    for other, sides in specialised(book, missing, left, right):
        first, second = (expanded(book, e) for e in sides)
        if not meaningless(book, first, second):
            points += _check_sides(rule, book, first, second).points
            told.append(other.name)
    if not points:
        return Checked(0, f"{missing} has no definition that could be evaluated")
    if rule.name in told:  # it is what says so
        return Checked(points)
    return Checked(points, f"{missing} has no definition; it was checked where {' and '.join(told)} says what it is")


def _check_sides(rule: Rule, book: RuleBook, left: Expr, right: Expr) -> Checked:
    """Compare the two sides of a rule, of which everything has a value."""
    if rule.kind == "differential":
        return _check_differential(rule, book, left, right)
    if rule.kind == "property":
        return _check_property(rule, book, left)
    if left is right:  # a definition, put in for what it defines
        return _check_value(rule, book, left)
    domain: Domain = "everywhere" if rule.kind == "identity" else "of the left side"
    found = agreement(Algebra(book.plain()), left, right, _conditions(rule, book), domain)
    if found.difference:
        raise refused(rule.entry, f"it is not true: {found.difference}")
    if not found.telling:
        raise refused(rule.entry, "it could not be checked: no point was found where both sides have a value")
    return Checked(found.points)


def _check_value(rule: Rule, book: RuleBook, e: Expr) -> Checked:
    """Look for points where an expression has a value."""

    def contradiction(point: Point) -> str:
        at(e, point)
        return ""

    return _at_points(rule, book, [e], (), contradiction)


def _conditions(rule: Rule, book: RuleBook) -> dict[str, frozenset[str]]:
    """What a rule demands of its names, with all that this implies."""
    return {v.name: book.implied(wanted) for v, wanted in rule.conditions.items()}


def _sides(rule: Rule, book: RuleBook) -> tuple[Expr, Expr]:
    """The two sides of a rule as expressions that have to be equal; of a differential and a property, its own."""
    if rule.kind not in ("adjoint", "form"):
        return rule.pattern, rule.template
    plain = book.plain()
    algebra = Algebra(plain)
    operated = rule.pattern.args[1] if rule.kind == "adjoint" else rule.pattern
    moved = operated.args[rule.slot]
    if rule.kind == "adjoint":
        left, right = rule.pattern, node("frob", (rule.template, moved), plain.operation("frob"), SCALAR)
    else:
        left, right = _vec(plain, operated), algebra.mul([rule.template, _vec(plain, moved)])
    if operated.head in book.operators and "jointly-linear" in book.operator(operated.head).tags:
        # It is linear in all its arguments at once: the others are zero.
        zeros = {a: algebra.zeros(*a.shape) for i, a in enumerate(operated.args) if i != rule.slot}
        left, right = _with(zeros, left), _with(zeros, right)
    return left, right


def _with(values: Mapping[Expr, Expr], root: Expr) -> Expr:
    """The expression with symbols replaced by what has their shape."""
    return fold(root, lambda e, args: values[e] if e in values else node(e.head, tuple(args), e.data, e.shape), {})


def _vec(book: RuleBook, e: Expr) -> Expr:
    return e if e.shape[1] == 1 else node("vec", (e,), book.operation("vec"), (times(*e.shape), 1))


def _check_differential(rule: Rule, book: RuleBook, function: Expr, slope_of: Expr) -> Checked:
    """Compare the right side with the slope of the left one along random curves."""
    moving = {v.name: h.name for v, h in rule.differentials.items()} or {v.name: "" for v in symbols(function)}
    holes = {h.name for h in rule.differentials.values()}

    def contradiction(point: Point) -> str:
        found = slope(function, point, moving)
        said = steady(slope_of, point, {h: point.tangents[v] for v, h in moving.items() if h})
        difference = differ(found, said, TOLERANCE, magnitude(at(function, point)))
        return difference and f"the slope of the left side and the right side are {difference}"

    return _at_points(rule, book, [function, slope_of], holes, contradiction)


def _check_property(rule: Rule, book: RuleBook, e: Expr) -> Checked:
    """Look whether the expression has the property."""
    wanted = rule.entry.sides[1]
    holds = PROPERTIES.get(wanted)
    if holds is None:
        raise refused(rule.entry, f"'{wanted}' is not a property that numbers can show")

    def contradiction(point: Point) -> str:
        value = steady(e, point)
        if not holds(value):
            return f"the left side is not {wanted}: {np.array2string(value, precision=4)}"
        return _holds_too_often(rule, e, point, holds) if rule.exact else ""

    return _at_points(rule, book, [e], (), contradiction)


def _holds_too_often(rule: Rule, e: Expr, point: Point, holds: Callable[[Array], bool]) -> str:
    """Where a property holds although what is said to be needed for it exactly does not."""
    rng = np.random.default_rng(0)
    if not any(wanted & BROKEN.keys() for wanted in rule.conditions.values()):
        return f"`exactly` says none of {', '.join(sorted(BROKEN))}"
    for v, wanted in rule.conditions.items():
        for predicate in sorted(wanted & BROKEN.keys()):
            broken = {v.name: BROKEN[predicate](rng, point.paths[v.name](0.0))}
            try:
                value = at(e, point, broken)
            except NoValue:
                continue
            if holds(value):
                return f"the left side has the property where {v.name} is not {predicate}"
    return ""


def _at_points(
    rule: Rule,
    book: RuleBook,
    roots: Sequence[Expr],
    but: Collection[str],
    contradiction: Callable[[Point], str],
) -> Checked:
    """Look for a contradiction at several points for all sizes, and on both sides of kinks."""
    conditions = _conditions(rule, book)
    done, telling, reason = 0, False, "no point was found where both sides have a value"

    def look(point: Point) -> bool:
        nonlocal telling, reason
        try:
            problem = contradiction(point)
        except NoValue as why:
            reason = str(why)
            return False
        if problem:
            shapes = ", ".join(f"{e.name} {_times(point, e)}" for e in symbols(roots[0]))
            raise refused(rule.entry, f"it is not true: {problem}" + (f" (with {shapes})" if shapes else ""))
        telling = telling or is_telling(point.sizes)
        return True

    choices = list(size_choices(*roots))
    wanted = POINTS if len(choices) > 1 else ALONE
    for number, sizes in enumerate(choices):
        found = 0
        for point in random_points(roots, sizes, number, conditions, but):
            found += look(point)
            if found == wanted:
                break
        done += found
    if not choices:
        raise refused(rule.entry, "it could not be checked: no sizes fit it")
    start = next(random_points(roots, choices[0], 0, conditions, but), None)
    if start is None:
        raise refused(rule.entry, f"it could not be checked: {reason}")
    done += sum(look(point) for point in islice(both_sides(start, *roots), KINKS))
    if not telling:
        raise refused(rule.entry, f"it could not be checked: {reason}")
    return Checked(done)


def _times(point: Point, e: Expr) -> str:
    rows, columns = point.shape(e)
    return f"{rows}×{columns}"
