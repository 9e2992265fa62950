"""What holds for almost all values of the names: that a matrix has an inverse, that no entry is 0.

A name stands for any value, and so for an invertible matrix but where nobody looks.  What is made of names may be
singular wherever one looks: B Bᵀ is for a B of more rows than columns.  That shows at one random point of a finite
field, where functions that are not rational are any numbers, if none of them is constant on a whole region as relu is.
"""

from __future__ import annotations

from collections.abc import Callable

from ..evaluation.finite_field import Matrix, reduced
from ..evaluation.rational import NotRational, values
from ..evaluation.sizes import size_choices
from ..expressions.nodes import Expr
from .theory import Theory


def generically(book: Theory, e: Expr, wanted: str) -> bool:
    """Whether an expression is invertible, or has no entry that is 0, for almost all values of its names."""
    if wanted == "invertible" and e.shape[0] != e.shape[1]:
        return False
    holds, looked = _HOLDS[wanted], False
    for sizes in size_choices(e):
        try:
            found = values([e], sizes, 0)
        except NotRational:
            return False
        matrix = found.matrices[0]
        if matrix is not None and not holds(matrix) or any(_is_flat(book, head) for head in found.functions):
            return False
        looked = True
    return looked


_HOLDS: dict[str, Callable[[Matrix], bool]] = {
    "invertible": lambda m: bool(reduced(m)[1]),
    "nonzero": lambda m: all(all(row) for row in m),
}


def _is_flat(book: Theory, head: str) -> bool:
    """Whether an operator may be constant on a whole region: it has a kink, or nothing says what its slope is."""
    if head not in book.operators:
        return False
    rules = book.differential_rules(head)
    return not rules or any(r.smooth or r.template.head == "zero" for r in rules)
