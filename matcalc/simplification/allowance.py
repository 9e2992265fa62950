"""How much work may go into making an expression shorter.

Factoring tries, and what it tries has factors to be tried in its turn: without a bound that is exponential in the
nesting.  Work is counted in terms and factors that the algebra puts together (`Algebra.work`), so that the same problem
has the same answer everywhere, however fast the machine is; only SymPy, which does not count, is charged by the size
of what it is asked.  When the allowance is used up nothing more is tried: what has been reached is an equal
expression, and `Algebra.unfinished` says that it may not be the shortest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..normal_form.algebra import Algebra

ALLOWED = 30_000  # for an expression; no answer in a textbook takes a fortieth of it
ALLOWED_EACH = 20  # more for each of its nodes
ASKING = 300  # what it costs to ask SymPy, for each name or number of what it is asked about

UNFINISHED = "the work allowed for making this shorter was used up: it is right, and may not be the shortest form"


@contextmanager
def allowance(algebra: Algebra, nodes: int) -> Iterator[None]:
    """Bounds what is tried inside to what so many nodes are allowed, and to what is left of an allowance outside."""
    outer = algebra.until
    algebra.until = min(outer, algebra.work + ALLOWED + ALLOWED_EACH * nodes)
    try:
        yield
    finally:
        algebra.until = outer


def used_up(algebra: Algebra) -> bool:
    """Whether nothing more is to be tried."""
    if algebra.work <= algebra.until:
        return False
    algebra.unfinished = True
    return True
