"""That a projection is one: what it makes of a gradient is among the directions of X, and does the same along them."""

from __future__ import annotations

import numpy as np

from ..errors import EvaluationError
from ..evaluation.arrays import Numbers
from ..evaluation.sizes import size_choices
from ..expressions.dimensions import substitute
from ..normal_form.theory import Rule
from ..rulebook.book import RuleBook
from ..rulebook.compile import VARIABLE
from .definitions import expanded, meaningless
from .laws import refused
from .outcomes import Checked, NoValue
from .points import curve, direction
from .slopes import TOLERANCE, differ, magnitude, value_at
from .stand_ins import Array

LARGEST = 4
GRADIENTS = 3
COUNTED = {"lower": np.tril, "upper": np.triu}
"""What entries the inner product counts."""


def check_projection(rule: Rule, book: RuleBook) -> Checked:
    """Hold a projection P against the directions H in which a structured X moves; RuleError where it is none.

    P(G) has to be a combination of such H, so that X has its structure still, and P(G) : H = G : H for all of them.
    Both together say what P is, and that it is linear, idempotent and its own adjoint.
    """
    wanted = book.implied({book.structures[rule.name]})
    counts = rule.entry.clauses.get("counts", ("",))[0]
    if counts and counts not in COUNTED:
        raise refused(rule.entry, f"'{counts}' says nothing of entries that are counted; known are lower and upper")
    template = expanded(book, rule.template)
    if missing := meaningless(book, template):
        return Checked(0, f"{missing} has no definition that could be evaluated")
    compared = 0
    for sizes in size_choices(rule.pattern):
        rows, columns = (substitute(d, dict(sizes)) for d in rule.pattern.shape)
        if not isinstance(rows, int) or not isinstance(columns, int) or max(rows, columns) > LARGEST:
            continue
        rng = np.random.default_rng([rows, columns])
        x = curve(rng, VARIABLE, (rows, columns), wanted, "plain")[0](0.0)
        if x.shape != (rows, columns):  # there is no such matrix of this shape
            continue
        directions = np.stack([direction(rng, x, wanted) for _ in range(2 * rows * columns)])
        for _ in range(GRADIENTS):
            g = rng.standard_normal((rows, columns))
            try:
                p = value_at(template, Numbers({VARIABLE: x, rule.pattern.name: g}, dict(sizes)))
            except (NoValue, EvaluationError) as problem:
                raise refused(rule.entry, f"it has no value: {problem}") from problem
            if reason := _fault(p, g, directions, counts):
                raise refused(rule.entry, f"{reason} (of size {rows}×{columns})")
            compared += 1
    if not compared:
        raise refused(rule.entry, "it could not be checked: no such matrix was found")
    return Checked(compared)


def _fault(p: Array, g: Array, directions: Array, counts: str) -> str:
    """What is wrong with P(G); nothing if it is right."""
    basis = directions.reshape(len(directions), -1)
    nearest = (np.linalg.lstsq(basis.T, p.reshape(-1), rcond=None)[0] @ basis).reshape(p.shape)
    if difference := differ(p, nearest, TOLERANCE, magnitude(g)):
        return f"P(G) is no direction in which X moves: it and the nearest one are {difference}"
    counted = COUNTED[counts](p) if counts else p
    for h in directions:
        left, right = (np.full((1, 1), (a * h).sum()) for a in (counted, g))
        if difference := differ(left, right, TOLERANCE, magnitude(g)):
            return f"along a direction H of X the products P(G) : H and G : H are {difference}"
    return ""
