"""Where an answer holds: what it asks for beyond the function itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..arguments import short
from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr, postorder
from ..expressions.parts import dimensions
from ..normal_form.algebra import Algebra
from ..normal_form.domain import OF_MULTIPLES, Claim, atoms, claims, normalized, with_implied
from ..normal_form.theory import Predicate

LARGEST = 200  # size of an expression that is printed in a condition
LONGEST = 60  # characters that are printed of it
MOST = 3  # conditions of a kind that are printed


@dataclass(frozen=True, slots=True, repr=False)
class Condition:
    """What an answer asks for: a predicate of an expression.

    Where it fails there is no derivative, or where `subgradient` is true, the answer is one of several subgradients.

    >>> import matcalc
    >>> condition, = matcalc.differentiate("norm(A x - b)", "x").conditions
    >>> print(condition, condition.expression, condition.predicate.name, sep=" | ")
    A x - b ≠ 0 | A x - b | nonnull
    """

    expression: Expr
    predicate: Predicate
    subgradient: bool = False

    def __str__(self) -> str:
        return self._said(True)

    def __repr__(self) -> str:
        return f"<{short(str(self))}>"

    @property
    def failing(self) -> str:
        """The sentence that it does not hold."""
        return self._said(False)

    def _said(self, holds: bool) -> str:
        e = self.expression
        text = str(e) if e.size <= LARGEST else "a long expression"
        return self.predicate.said(short(text, LONGEST), e.shape == SCALAR, holds)


def conditions(
    algebra: Algebra, function: Expr, answer: Expr, granted: Iterable[Claim], kinks: Iterable[Claim]
) -> tuple[Condition, ...]:
    """What an answer asks for and the function does not.

    The answer's own operations tell the most; `granted` is what the rules that were used take for granted and their
    right sides do not show, as that an eigenvalue is simple, and `kinks` where the derivative is not unique.
    """
    asked, kinks = {**claims(algebra, answer), **dict.fromkeys(granted)}, list(kinks)
    if not asked and not kinks:
        return ()
    held = list(atoms(algebra, asked, dimensions(function)))
    if held:
        known = with_implied(algebra, atoms(algebra, claims(algebra, function)))
        held = _joined(algebra, [claim for claim in held if claim not in known])
    unique = [claim for claim in atoms(algebra, kinks) if claim not in held]
    written = _written(algebra, answer) if held or unique else {}

    def condition(claim: Claim, subgradient: bool = False) -> Condition:
        e, p = claim
        either = written.get(algebra.negate(e)) if p in OF_MULTIPLES else None
        return Condition(written.get(e) or either or e, algebra.book.predicates[p], subgradient)

    return (*map(condition, held), *(condition(claim, subgradient=True) for claim in unique))


def _written(algebra: Algebra, answer: Expr) -> dict[Expr, Expr]:
    """The sums of an answer as they stand there, by their normal forms."""
    memo: dict[Expr, Expr] = {}
    return {normalized(algebra, e, memo): e for e in postorder(answer) if e.head == "add"}


def _joined(algebra: Algebra, held: Sequence[Claim]) -> list[Claim]:
    """The claims without those that follow from others about the same expression."""
    both = {x for x, p in held if p == "nonzero"} & {x for x, p in held if p == "nonnegative"}
    found = dict.fromkeys((x, "positive") if x in both and p in ("nonzero", "nonnegative") else (x, p) for x, p in held)
    implied = {(x, q) for x, p in found for q in algebra.book.implied({p}) - {p}}
    return [claim for claim in found if claim not in implied]


def sentence(found: Sequence[Condition]) -> list[str]:
    """One line for the conditions of an answer, or none."""
    held = _listed([str(c) for c in found if not c.subgradient], " and ")
    kinks = _listed([c.failing for c in found if c.subgradient], " or ")
    said = ([f"holds where {held}"] if held else []) + ([f"a subgradient where {kinks}"] if kinks else [])
    return ["; ".join(said)] if said else []


def _listed(sentences: Sequence[str], last: str) -> str:
    """Some sentences as one; of many the first few."""
    distinct = list(dict.fromkeys(sentences))
    shown, more = distinct[:MOST], len(distinct) - MOST
    if more > 0:
        shown.append(f"{more} more of `conditions`")
    return last.join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
