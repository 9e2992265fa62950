"""That a derivative is one: numbers as witnesses.

`check` compares an answer and every differential line of its derivation with slopes of the function along random
curves.  Nothing of the calculus is used here: a function is only evaluated.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..derivatives.derivative import Derivative
from ..errors import VerificationError
from ..expressions.nodes import Expr
from ..expressions.parts import dimensions, symbols
from .outcomes import Checked, NoValue
from .points import DESCENDING, Point, random_points, sizes_of
from .slopes import TOLERANCE, differ, magnitude, slope, steady
from .stand_ins import Array


def check(derivative: Derivative, points: int = 2, seed: int = 0) -> Checked:
    """Compare an answer and the lines of its derivation with slopes of the function, at random points.

    Raises VerificationError that names the line which disagrees, with both numbers, and one that says so where no point
    could be found at which the function has a value and a slope.
    """
    task, f = derivative.task, derivative.function
    steps = derivative.derivation.steps
    if derivative.lower is not None:  # what is differentiated here is itself a derivative
        check(derivative.lower, points, seed)
        steps = steps[len(derivative.lower.derivation.steps) :]
    lines = [(s.left or "…", s.expression.written) for s in steps if s.kind == "differential"]
    answer = derivative.expression.written
    roots = [f, answer, *(e for _, e in lines), *task.holes]
    holes = {hole.name for hole in task.holes.values()}
    done, reason = 0, ""
    names = dimensions(*roots)
    conditions = {v.name: x.data.properties for v, x in task.read_as.items()}
    if derivative.structure == "stiefel":
        conditions[derivative.variable.name] = frozenset({"stiefel"})
    for round_, choice in enumerate(DESCENDING):
        sizes = sizes_of(names, choice)
        for point in random_points(roots, sizes, seed + round_, conditions, holes) if done < points else ():
            try:
                _check_at(derivative, lines, answer, point)
            except NoValue as problem:
                reason = str(problem)
                continue
            done += 1
            break
    if not done:
        raise VerificationError(
            f"This could not be checked with numbers: {reason}.",
            hint="Differentiate without verify=True, and check it otherwise.",
        )
    return Checked(done)


def _check_at(d: Derivative, lines: Sequence[tuple[str, Expr]], answer: Expr, point: Point) -> None:
    """Compare at one point; a disagreement raises VerificationError."""
    task, f, v = d.task, d.function, d.variable
    scale = magnitude(steady(f, point))
    mine = slope(f, point, [v.name])
    moved = point.tangents[v.name]
    g = steady(answer, point, {task.holes[v].name: moved})
    _compare(f"the answer {_shown(answer)}", _along(d, g, moved), mine, scale)
    directions = {hole.name: point.tangents[x.name] for x, hole in task.holes.items()}
    present = {x.name for _, e in lines for x in symbols(e)} & set(directions)
    wanted = [x.name for x, hole in task.holes.items() if hole.name in present]
    along = mine if wanted in ([], [v.name]) else slope(f, point, wanted)  # lines that are equal move alike
    for left, e in lines:
        _compare(f"the line {left} = {_shown(e)}", steady(e, point, directions), along, scale)


def _along(d: Derivative, g: Array, moved: Array) -> Array:
    """What an answer says the slope is."""
    if d.turned and d.kind != "differential":
        g = g.T
    if d.kind == "gradient":
        counted = np.tril(moved) if d.structure == "independent-entries" else moved
        return np.asarray((g * counted).sum()).reshape(1, 1)
    if d.kind == "jacobian":
        return np.asarray(g @ moved)
    return g * moved[0, 0] if d.kind == "derivative" else g


def _compare(what: str, said: Array, found: Array, scale: float) -> None:
    difference = differ(said, found, TOLERANCE, scale)
    if difference:
        raise VerificationError(f"Numbers disagree with {what}: it says and the function has {difference}.")


def _shown(e: Expr) -> str:
    text = str(e) if e.size <= 200 else f"a long expression of head {e.head}"
    return text if len(text) <= 120 else text[:119] + "…"
