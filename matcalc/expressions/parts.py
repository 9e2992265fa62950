"""What an expression is made of: its number and the rest, its symbols, the names of its sizes."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from .dimensions import SCALAR, Dim, names_of
from .nodes import ONE, Expr, Rational, node, postorder

Term = tuple[Rational, Expr]
"""A coefficient and what it is of, in a sum."""

Factor = tuple[Expr, Rational]
"""A base and its exponent, in a Hadamard product."""


def split(e: Expr) -> tuple[Rational, Expr]:
    """The rational factor of an expression and the rest."""
    if e.head == "add" and len(e.args) == 1:
        return e.data[0], e.args[0]
    return 1, e


def multiple(c: Rational, e: Expr) -> Expr:
    """A rational multiple as a node; the counterpart of `split`."""
    return e if c == 1 else node("add", (e,), (c,), e.shape)


def as_number(e: Expr) -> Rational | None:
    """The number that a constant scalar is, else None."""
    if e.shape != SCALAR:
        return None
    if e.head == "zero":
        return 0
    coefficient, rest = split(e)
    return coefficient if rest is ONE else None


def is_sum(e: Expr) -> bool:
    """Whether an expression is a sum of two or more terms."""
    return e.head == "add" and len(e.args) > 1


def untransposed_row(e: Expr) -> Expr | None:
    """x ⊙ y of the row xᵀ ⊙ yᵀ, which is written (x ⊙ y)ᵀ; None of anything else."""
    if e.head != "had" or e.shape[0] != 1 or e.shape[1] == 1 or any(a.head != "transpose" for a in e.args):
        return None
    return node("had", tuple(a.args[0] for a in e.args), e.data, e.shape[::-1])


def symbols(*roots: Expr) -> list[Expr]:
    """The symbols that occur, in order of first appearance."""
    return [e for e in postorder(*roots) if e.head == "symbol"]


def depends(root: Expr, on: AbstractSet[Expr]) -> set[Expr]:
    """The nodes under `root` that depend on one of the symbols `on`."""
    found: set[Expr] = set()
    for e in postorder(root):
        if e in on or any(a in found for a in e.args):
            found.add(e)
    return found


def dimensions(*roots: Expr) -> tuple[str, ...]:
    """The names of dimensions in the shapes, sorted."""
    found: set[str] = set()
    shapes: set[Dim] = {d for e in postorder(*roots) for d in e.shape}
    for d in shapes:
        found.update(names_of(d))
    return tuple(sorted(found))
