"""About how long it takes to evaluate expressions, in microseconds of a usual machine.

What would take too long is left out in the same places everywhere: nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..expressions.nodes import Expr, postorder
from .stand_ins import size_of

_EIGEN = 300  # eigenvalues, singular values, and what is made of them
_DIRECTION = 3000  # a function of a matrix of twice the size
_ELIMINATION = 30
_EACH = 15  # a function of an entry
_PRODUCT = 2

_CUBIC = {
    **dict.fromkeys("mul outer dot khatrirao kron kronleft kronright".split(), _PRODUCT),
    **dict.fromkeys("power det logdet adj cof chol".split(), _ELIMINATION),
    **dict.fromkeys("pinv norm_2 norm_nuc lambda_max lambda_min max_projector min_projector".split(), _EIGEN),
    **dict.fromkeys("max_resolvent min_resolvent polar leading_dyad sqrtm logm".split(), _EIGEN),
    "expm": 500,
    "frechet_adj": 400,
    **dict.fromkeys("frechet_expm frechet_logm frechet_sqrtm".split(), _DIRECTION),
    **dict.fromkeys("frechet_polar frechet_leading_dyad".split(), _DIRECTION),
    **dict.fromkeys(
        "kronecker_expm kronecker_power kronecker_adj kronecker_polar kronecker_leading_dyad".split(), _DIRECTION
    ),
}
"""In forty digits, for each cube of the size; what begins with "kronecker_" takes that for every entry."""
_SLOW = {"digamma": 1500, "trigamma": 1500, "polygamma": 1500, "erf": 100, "gamma": 50, "lgamma": 50}
"""For each entry, of those functions that take longer than others."""
_NODE = 5  # of any node in floating-point numbers


def in_many_digits(sizes: Mapping[str, int], *roots: Expr) -> int:
    """To evaluate expressions with forty digits."""
    total = 0
    for e, widest, entries in _measured(sizes, *roots):
        cubic = _CUBIC.get(e.head, 0) * (widest**2 if e.head.startswith("kronecker_") else 1)
        total += _SLOW.get(e.head, _EACH) * entries + cubic * widest**3
    return total


def in_floats(sizes: Mapping[str, int], *roots: Expr) -> int:
    """To evaluate expressions with floating-point numbers, whose linear algebra is about a thousand times as
    fast but for matrices so small that calling it is what takes time."""
    total = 0
    for e, widest, entries in _measured(sizes, *roots):
        cubic = _CUBIC.get(e.head, 0) * (widest**2 if e.head.startswith("kronecker_") else 1)
        slow = _SLOW[e.head] * entries if e.head in _SLOW else 0
        total += _NODE + entries // 1000 + slow + (cubic > _PRODUCT) * cubic // 3 + cubic * widest**3 // 1000
    return total


def largest(sizes: Mapping[str, int], *roots: Expr) -> tuple[int, Expr]:
    """How many entries the largest array has, and whose value it is."""
    return max(((entries, e) for e, _, entries in _measured(sizes, *roots)), key=lambda pair: pair[0])


def _measured(sizes: Mapping[str, int], *roots: Expr) -> Iterator[tuple[Expr, int, int]]:
    """Each node with the greatest of the sizes that go into it, and the number of its entries."""
    for e in postorder(*roots):
        rows, columns = (size_of(d, sizes) for d in e.shape)
        yield e, max(size_of(d, sizes) for x in (e, *e.args) for d in x.shape), rows * columns
