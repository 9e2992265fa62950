"""Deciding whether two expressions are equal: by normal form, by one identity, over a finite field, or with numbers.

Two expressions are equal if they have the same value wherever one of them is real, in all sizes that their shapes
allow, and for all members of the declared properties.  Singular matrices, and other points that a small change leaves,
are no ground to tell them apart where only one of them has a value there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..arguments import short
from ..errors import ShapeError, VerificationError
from ..evaluation.rational import NotRational, TooLarge, values, work
from ..evaluation.sizes import is_telling, size_choices
from ..expressions.nodes import Expr, postorder
from ..expressions.parts import as_number
from ..normal_form.algebra import Algebra
from ..simplification.alternatives import rewritings

VARIETIES = 8  # points for each choice of sizes where matrices have a rank or a determinant of their own
TRIES = 3  # more, where the first have no value
MOST_WORK = 10_000_000  # over the finite field, for all points

Verdict = Literal["equal", "not equal", "agrees in numbers"]


@dataclass(frozen=True, slots=True, repr=False)
class Equality:
    """Whether two expressions are equal, and how that was decided.

    The verdict is "equal" where that is proved, "not equal" where there is a point that shows it, and "agrees in
    numbers" where all points agree at which one looked: nearly a proof, and none.  True in a condition stands for the
    first and the last; `proved` tells them apart.
    """

    verdict: Verdict
    how: str

    def __bool__(self) -> bool:
        return self.verdict != "not equal"

    @property
    def proved(self) -> bool:
        """Whether the verdict is certain."""
        return self.verdict != "agrees in numbers"

    def __repr__(self) -> str:
        return f"<{short(str(self))}>"

    def __str__(self) -> str:
        return f"{self.verdict} ({self.how})"


def equality(algebra: Algebra, a: Expr, b: Expr) -> Equality:
    """Decide whether two expressions over the same symbols are equal."""
    if a.shape != b.shape:
        raise ShapeError("Two expressions of different shapes are not compared.")
    if a is b:
        return Equality("equal", "one normal form")
    gap = as_number(algebra.linear([(1, a), (-1, b)]))
    if gap is not None:
        return Equality("not equal", f"the difference is {gap}")
    for rule, made, _ in rewritings(algebra, a):
        if made is b:
            return Equality("equal", f"by the identity {rule.label}")
    found = _over_field(a, b)
    return found if found is not None else _with_numbers(algebra, a, b)


def _over_field(a: Expr, b: Expr) -> Equality | None:
    """Decide at points of a finite field; None where they tell nothing.

    Functions that are not rational are any functions there: what is equal so is equal, what is not may be all the same.
    """
    decided = spent = 0
    left_out, telling = False, False
    several = any(e.head == "symbol" and e.data.properties & {"orthogonal", "idempotent"} for e in postorder(a, b))
    enough = VARIETIES if several else 1
    for sizes in size_choices(a, b, more=True):
        for salt in range(enough + TRIES):
            try:
                spent += work([a, b], sizes)
                if spent > MOST_WORK and decided:
                    break
                found = values([a, b], sizes, salt)
            except TooLarge:
                left_out = True
                break
            except NotRational:
                return None
            left, right = found.matrices
            if left is not None and right is not None:
                if left != right:
                    return _apart("they differ at a point of a finite field", sizes) if found.rational else None
                decided += 1
                telling = telling or is_telling(sizes)
                if salt >= enough - 1:
                    break
            elif salt == enough + TRIES - 1 and (left is None) != (right is None):
                only = "second" if left is None else "first"
                return _apart(f"only the {only} has values", sizes) if found.rational else None
    if not decided or left_out and not telling:
        return None
    return Equality("equal", f"exactly, at {decided} random points modulo 2^61 - 1")


def _apart(why: str, sizes: Mapping[str, int]) -> Equality:
    said = ", ".join(f"{name} = {n}" for name, n in sizes.items())
    return Equality("not equal", f"exactly: {why}" + (f", with {said}" if said else ""))


def _with_numbers(algebra: Algebra, a: Expr, b: Expr) -> Equality:
    from .agreement import agreement  # NumPy and mpmath only where they are needed
    from .closely import DIGITS

    found = agreement(algebra, a, b)
    if found.difference:
        return Equality("not equal", found.difference)
    if found.seeming:
        raise VerificationError(f"They seem to differ {found.seeming}, and it would take too long to make sure.")
    if not found.points:
        because = f": {found.reason.rstrip('.')}" if found.reason else ""
        raise VerificationError(f"No point was found where the expressions have values{because}.")
    if found.unfinished and not found.telling:
        raise VerificationError(f"They agree where all sizes are 1, and elsewhere it takes too long: {found.reason}.")
    more = ", and more would take too long" if found.unfinished else ""
    return Equality(
        "agrees in numbers", f"at {found.points} points, {found.precise} of them computed with {DIGITS} digits{more}"
    )
