"""About how long it takes to evaluate expressions, in microseconds of a usual machine.

What would take too long is left out in the same places everywhere: nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from ..expressions.nodes import Expr, Operation, postorder
from ..language.code import parse_code, terms
from ..normal_form.theory import Operator
from .stand_ins import size_of

_EIGEN = 300  # eigenvalues, singular values, and what is made of them
_DIRECTION = 3000  # a function of a matrix of twice the size
_ELIMINATION = 30
_EACH = 15  # a function of an entry
_PRODUCT = 2

_STRUCTURAL = {"mul": _PRODUCT, "power": _ELIMINATION}
_CUBIC = {
    **dict.fromkeys(("np.einsum", "np.kron"), _PRODUCT),
    **{f"np.linalg.{name}": _ELIMINATION for name in "det slogdet inv solve cholesky matrix_power".split()},
    **{f"np.linalg.{name}": _EIGEN for name in "svd pinv eigvalsh eigvals cond matrix_rank".split()},
    **{f"matcalc.{name}": _EIGEN for name in "eigenprojector reduced_resolvent polar leading_dyad sqrtm logm".split()},
    "matcalc.adjugate": _ELIMINATION,
    "matcalc.expm": 500,
    "matcalc.frechet_adj": 400,
    **{f"matcalc.frechet_{name}": _DIRECTION for name in "expm logm sqrtm polar leading_dyad".split()},
    **{f"matcalc.kronecker_{name}": _DIRECTION for name in "adj expm power polar leading_dyad".split()},
}
"""In forty digits, for each cube of the size, by the functions of `code` clauses; those that give the matrix of a
linear map take that for every entry."""
_SLOW = {
    **{f"matcalc.{name}": 1500 for name in "digamma trigamma polygamma".split()},
    **{f"matcalc.{name}": 100 for name in "erf gamma lgamma".split()},
}
"""For each entry, of those functions that take longer than others."""
_NODE = 5  # of any node in floating-point numbers


@cache
def _named(code: str) -> tuple[str, ...]:
    """The functions that a `code` clause names; a norm by singular values is a decomposition."""
    found = []
    for term in terms(parse_code(code)):
        if term.kind == "call":
            by_values = term.text == "np.linalg.norm" and term.args[1:] and term.args[1].text in ("2", "nuc")
            found.append("np.linalg.svd" if by_values else term.text)
    return tuple(found)


def _costs(e: Expr, widest: int) -> tuple[int, int]:
    """What a node costs for each entry and for each cube of its size."""
    if not isinstance(e.data, Operation) or e.data.code is None or not e.data.code.numpy:
        return _EACH, _STRUCTURAL.get(e.head, 0)
    names = _named(e.data.code.numpy)
    cubic = sum(_CUBIC.get(n, 0) * (widest**2 if n.startswith("matcalc.kronecker") else 1) for n in names)
    return max((_SLOW.get(n, _EACH) for n in names), default=_EACH), cubic


_LONG = frozenset(
    f"matcalc.{name}" for name in "expm logm sqrtm frechet_expm frechet_logm frechet_sqrtm kronecker_expm".split()
)


def takes_long(operator: Operator) -> bool:
    """Whether every value takes a series or an iteration, so that it is tried at few points only."""
    code = operator.code
    return code is not None and not _LONG.isdisjoint(_named(code.numpy) if code.numpy else ())


def in_many_digits(sizes: Mapping[str, int], *roots: Expr) -> int:
    """To evaluate expressions with forty digits."""
    total = 0
    for e, widest, entries in _measured(sizes, *roots):
        each, cubic = _costs(e, widest)
        total += each * entries + cubic * widest**3
    return total


def in_floats(sizes: Mapping[str, int], *roots: Expr) -> int:
    """To evaluate expressions with floating-point numbers, whose linear algebra is about a thousand times as fast but
    for matrices so small that calling it is what takes time."""
    total = 0
    for e, widest, entries in _measured(sizes, *roots):
        each, cubic = _costs(e, widest)
        slow = each * entries if each > _EACH else 0
        total += _NODE + entries // 1000 + slow + (cubic > _PRODUCT) * cubic // 3 + cubic * widest**3 // 1000
    return total


def largest(sizes: Mapping[str, int], *roots: Expr) -> tuple[int, Expr]:
    """How many entries the largest array has, and whose value it is."""
    return max(((entries, e) for e, _, entries in _measured(sizes, *roots)), key=lambda pair: pair[0])


def _measured(sizes: Mapping[str, int], *roots: Expr) -> Iterator[tuple[Expr, int, int]]:
    """Each node with the greatest of the sizes that go into it, and the number of its entries."""
    for e in postorder(*roots):
        rows, columns = (size_of(d, sizes) for d in e.shape)
        if isinstance(e.data, Operation) and e.data.definition is not None:
            pattern, template = e.data.definition
            inner = dict(sizes)
            for variable, a in zip(pattern.args, e.args, strict=True):
                shape = [size_of(d, sizes) for d in a.shape]
                inner |= {d: n for d, n in zip(variable.shape, shape, strict=True) if isinstance(d, str)}
            yield from _measured(inner, template)
        yield e, max(size_of(d, sizes) for x in e.args or (e,) for d in x.shape), rows * columns
