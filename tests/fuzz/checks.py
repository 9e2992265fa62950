"""What is held of a function and its derivative, one check for each category.

A check returns nothing where all is well, raises `Wrong` with what differs, `Unfit` where no point says anything, and
lets every exception of matcalc through: what is no `MatcalcError` is a fault whatever was asked.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

import matcalc
from tests.fuzz.numerics import Array, Unfit
from tests.fuzz.points import Point, at_rest, axes_shape, directions, laid_out, point, slopes
from tests.fuzz.trees import SCALAR, Problem, size_of

T = TypeVar("T")
Both = Callable[[Point], tuple[Array, Array]]
"""What matcalc says at a point, and what is true there."""

DRAWS = 5  # points that are tried, until so many as are wanted fit
TOLERANCE = 1e-6
NUDGE = 1e-10  # relative; what such a change of the arrays changes by as much as the difference tells nothing
CURVED = 1e-3  # the widest step of second differences
FORMS = ("differential", "pushforward", "pullback", "kronecker", "tensor", "index", "component")


class Wrong(Exception):
    """matcalc says something that is not so."""


@dataclass(frozen=True)
class Slope:
    """A point, directions in which the variable may move there, the value, and its derivatives in these directions."""

    point: Point
    moves: list[Array]
    value: Array
    along: Array  # (directions, entries of the function)

    @property
    def scale(self) -> float:
        """The size of the value."""
        return float(np.abs(self.value).max(initial=0))


def slope_at(problem: Problem, name: str, p: Point) -> Slope:
    """The derivatives of the problem's function by a name at a point."""
    moves = directions(problem.symbols[name].property, p.arrays[name])
    value, found = slopes(problem.tree, name, moves, p)
    return Slope(p, moves, value, found.reshape(len(moves), -1))


class Case:
    """A problem with what several checks need: its points, its expression and its derivative, each made once."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.rng = random.Random(f"checks of {problem.seed}")

    @cached_property
    def points(self) -> list[Point]:
        return [point(self.problem, k) for k in range(DRAWS)]

    @cached_property
    def expression(self) -> matcalc.Expr:
        return matcalc.parse(self.problem.text, **self.problem.declared())

    @cached_property
    def derivative(self) -> matcalc.Derivative:
        return self.differentiated(self.problem.text)

    def differentiated(self, text: str, **options: Any) -> Any:
        return matcalc.differentiate(text, self.problem.variable, **self.problem.declared(), **options)

    @cached_property
    def value(self) -> tuple[Point, Array]:
        """A point where the function has a value, with it."""
        return next(self.fitting(lambda p: (p, at_rest(self.problem.tree, p)), 1))

    @cached_property
    def first_order(self) -> list[Slope]:
        """Two points where the function has a derivative, with what it is there."""
        name = self.problem.variable
        return list(self.fitting(lambda p: slope_at(self.problem, name, p), 2))

    def fitting(self, f: Callable[[Point], T], wanted: int) -> Iterator[T]:
        """What a function gives at the first points that fit."""
        reason, found = "", 0
        for p in self.points:
            if found == wanted:
                break
            try:
                made = f(p)
            except Unfit as unfit:
                reason = str(unfit)
            else:
                found += 1
                yield made
        if not found:
            raise Unfit(reason)


def numbers(e: Any, p: Point, more: Mapping[str, Any] | None = None) -> Array:
    """What matcalc says is the value of an expression, a derivative or a form."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(e.evaluate({**p.given, **(more or {})}, functions=p.functions))


def agree(what: str, both: Both, p: Point, scale: float, truth: Array | None = None) -> None:
    """That what matcalc says at a point is true there, to the digits that can be expected.

    What differs is compared again very near: where either side changes as much as they differ, it is rounding.
    """
    got, found = both(p)
    truth = found if truth is None else truth
    if got.shape != truth.shape:
        raise Wrong(f"{what}: the shape is {got.shape}, not {truth.shape}")
    off = np.abs(got - truth).max(initial=0)
    if off <= TOLERANCE * max(float(np.abs(truth).max(initial=0)), 1e-3 * scale, 1e-3):
        return
    other, true = both(nudged(p))
    if np.abs(true - truth).max(initial=0) > 1e-2 * off or np.abs(other - got).max(initial=0) > 1e-2 * off:
        raise Unfit("ill-conditioned")
    raise Wrong(f"{what}: {np.round(got, 6).tolist()} and not {np.round(truth, 6).tolist()} at sizes {dict(p.sizes)}")


def nudged(p: Point) -> Point:
    """A point very near: every array times a number very near 1, which keeps nearly every property."""
    factor = 1 + NUDGE
    arrays = {n: a * factor for n, a in p.arrays.items()}
    given = {n: np.asarray(v) * factor if n in arrays else v for n, v in p.given.items()}
    return replace(p, arrays=arrays, given=given)


def tried(points: Iterable[T], f: Callable[[T], None]) -> None:
    """A comparison at each of some points; Unfit if none of them told anything."""
    told = False
    for p in points:
        try:
            f(p)
            told = True
        except Unfit:
            continue
    if not told:
        raise Unfit("ill-conditioned")


def same_value(case: Case, what: str, e: Any) -> None:
    """That an expression has the value of the problem's function."""
    p, truth = case.value
    scale = float(np.abs(truth).max(initial=0))

    def both(q: Point) -> tuple[Array, Array]:
        said, true = numbers(e, q), at_rest(case.problem.tree, q)
        if said.size != true.size or said.ndim > 1 and said.shape != true.shape:
            raise Wrong(f"{what}: the shape is {said.shape}, not {true.shape}")
        return said.reshape(true.shape), true

    agree(what, both, p, scale)


# --- the function and its derivative ----------------------------------------------------------------------------------


def check_reading(case: Case) -> None:
    """The text is read as what it means."""
    same_value(case, "the expression", case.expression)


def check_derivative(case: Case) -> None:
    """The answer is the derivative, in the shape that the conventions give it."""
    d, name = case.derivative, case.problem.variable
    tried(case.first_order, lambda slope: right(case.problem, d, name, slope))


def right(problem: Problem, d: matcalc.Derivative, name: str, slope: Slope) -> None:
    """That a derivative is right at a point."""

    def both(q: Point) -> tuple[Array, Array]:
        said = answered(problem, d, name, q, slope.moves)
        return said, slopes(problem.tree, name, slope.moves, q)[1].reshape(said.shape)

    agree(f"d/d{name}", both, slope.point, slope.scale)


def answered(problem: Problem, d: matcalc.Derivative, name: str, p: Point, moves: list[Array]) -> Array:
    """The answer in each of the directions: (directions, entries of the function)."""
    array = numbers(d, p)
    inner = laid_out(problem.symbols[name], p.arrays[name]).shape
    rows = tuple(size_of(n, p.sizes) for n in axes_shape(problem.tree.shape))
    wanted = {"gradient": inner, "derivative": rows}.get(d.kind, rows + inner)
    if d.kind == "jacobian":
        wanted = (int(np.prod(rows)), int(np.prod(inner)))
    if array.shape != wanted:
        raise Wrong(f"d/d{name}: the {d.kind} has the shape {array.shape}, not {wanted}")
    return contracted(array, moves)


def contracted(array: Array, moves: list[Array]) -> Array:
    """An array whose last axes are those of the variable, contracted with each direction."""
    flat = np.stack([m.reshape(-1) for m in moves])
    if array.size % flat.shape[1]:
        raise Wrong(f"an array of the shape {array.shape} is none by a variable of {flat.shape[1]} entries")
    return np.asarray((array.reshape(-1, flat.shape[1]) @ flat.T).T)


def check_several(case: Case) -> None:
    """Derivatives by several variables at once are each right."""
    problem, names = case.problem, list(case.problem.variables)
    found = matcalc.differentiate(problem.text, names, **problem.declared())
    str(found)
    for name in names:
        points = case.fitting(lambda p, name=name: slope_at(problem, name, p), 1)  # type: ignore[misc]
        tried(points, lambda slope, name=name: right(problem, found[name], name, slope))  # type: ignore[misc]


def check_second(case: Case) -> None:
    """The second derivative is the slope of the first."""
    problem, name = case.problem, case.problem.variable
    symbol = problem.symbols[name]
    free = symbol.property in ("", "positive", "nonnegative", "invertible")
    if not free or problem.tree.shape != SCALAR and symbol.axes != 0:
        raise Unfit("no second derivative of this kind")
    d = case.differentiated(problem.text, order=2)
    slope = case.first_order[0]

    def difference(p: Point, move: Array, step: float) -> Array:
        ends = []
        for sign in (1, -1):
            there = replace(p, arrays={**p.arrays, name: p.arrays[name] + sign * step * move})
            ends.append(slopes(problem.tree, name, slope.moves, there)[1].reshape(len(slope.moves), -1))
        return (ends[0] - ends[1]) / (2 * step)

    def curvature(p: Point) -> Array:
        wide, narrow = (np.stack([difference(p, m, h) for m in slope.moves], axis=1) for h in (CURVED, CURVED / 2))
        better = (4 * narrow - wide) / 3
        if np.abs(better - narrow).max(initial=0) > 1e-4 * max(1e-2, float(np.abs(better).max(initial=0))):
            raise Unfit("too curved")
        return np.asarray(better)

    def both(q: Point) -> tuple[Array, Array]:
        truth, said = curvature(q), numbers(d, q)
        if said.size != truth.size:
            raise Wrong(f"d²/d{name}²: the shape is {said.shape}")
        return said.reshape(truth.shape), truth

    truth = curvature(slope.point)
    scale = max(slope.scale, float(np.abs(slope.along).max(initial=0)), float(np.abs(truth).max(initial=0)))
    agree(f"d²/d{name}²", both, slope.point, 1e4 * scale, truth)


def check_forms(case: Case) -> None:
    """A form, the next one of seven for each problem, is the derivative written in another way."""
    problem, d = case.problem, case.derivative
    kind = FORMS[problem.seed % len(FORMS)]
    form = d.form(kind)
    if not str(form) or not form.ascii().isascii():
        raise Wrong(f"the {kind} form prints as {form.ascii()!r}")
    rng = np.random.default_rng(problem.seed & 0xFFFF)
    slope = case.first_order[0]
    cotangent = rng.standard_normal(slope.value.shape)
    weights = rng.standard_normal(len(slope.moves))

    def both(q: Point) -> tuple[Array, Array]:
        flat = slopes(problem.tree, problem.variable, slope.moves, q)[1].reshape(slope.along.shape)
        if kind == "pushforward":
            flat = weights @ flat
        elif kind == "pullback":
            flat = flat @ cotangent.reshape(-1)
        return in_form(problem, form, kind, q, slope.moves, cotangent, weights), np.asarray(flat)

    agree(f"the {kind} form, {form.ascii().splitlines()[0]}", both, slope.point, slope.scale)


def combined(weights: Array, moves: list[Array]) -> Array:
    """One direction made of several."""
    return np.asarray(sum(w * m for w, m in zip(weights, moves, strict=True)))


def in_form(
    problem: Problem, form: Any, kind: str, p: Point, moves: list[Array], cotangent: Array, weights: Array
) -> Array:
    """What a form gives, brought to the derivatives in each direction."""
    symbol, tree = problem.symbols[problem.variable], problem.tree
    axes = len(axes_shape(tree.shape))
    if kind == "pushforward":
        letter = "H_" if "H" in problem.symbols else "H"
        return numbers(form, p, {letter: laid_out(symbol, combined(weights, moves))}).reshape(-1)
    if kind == "pullback":
        letter = "G_" if "G" in problem.symbols else "G"
        g = cotangent if axes == 2 else cotangent[:, 0] if axes == 1 else cotangent[0, 0]
        return contracted(numbers(form, p, {letter: g}), moves).reshape(-1)
    found = numbers(form, p)
    if kind == "kronecker":
        m, n = (size_of(d, p.sizes) for d in tree.shape)
        a, b = p.arrays[problem.variable].shape
        if found.shape != (m * n, a * b):
            raise Wrong(f"the kronecker form has the shape {found.shape}, not {(m * n, a * b)}")
        found = found.reshape(n, m, b, a).transpose(1, 0, 3, 2)
    return contracted(found, moves)
