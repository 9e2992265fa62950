"""Dimensions: positive integers, names, and sums and products of these.

A dimension is an ``int`` or a canonical ``str``.  ``"m"`` is a name; ``"m·n"`` and ``"m+2·n"`` are polynomials,
written so that equal polynomials are equal strings.  Strings keep shapes hashable, printable and cheap to compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from ..errors import ShapeError

Dim = int | str
Shape = tuple[Dim, Dim]

SCALAR: Shape = (1, 1)
MOST_TERMS = 1_000  # of a size

_Polynomial = dict[tuple[str, ...], int]


@lru_cache(maxsize=4096)
def monomials(dim: Dim) -> tuple[tuple[tuple[str, ...], int], ...]:
    """A dimension as a polynomial: ((names, coefficient), ...)."""
    if isinstance(dim, int):
        return (((), dim),)
    out: _Polynomial = {}
    for term in dim.replace("-", "+-").split("+"):
        coefficient, names = 1, []
        for factor in term.split("·"):
            if factor.startswith("-"):
                coefficient, factor = -coefficient, factor[1:]
            if factor.isdigit():
                coefficient *= int(factor)
            elif factor:
                names.append(factor)
        if term:
            key = tuple(sorted(names))
            out[key] = out.get(key, 0) + coefficient
    return tuple(out.items())


def _written(polynomial: _Polynomial) -> Dim:
    kept = sorted((names, c) for names, c in polynomial.items() if c)
    if len(kept) > MOST_TERMS:
        raise ShapeError(f"A size is the sum of more than {MOST_TERMS:,} others, which is the limit.")
    if all(not names for names, _ in kept):
        return kept[0][1] if kept else 0
    kept.sort(key=lambda term: (-len(term[0]), term[0]))
    parts = []
    for names, c in kept:
        factors = ([] if abs(c) == 1 and names else [str(abs(c))]) + list(names)
        parts.append(("-" if c < 0 else "+") + "·".join(factors))
    return "".join(parts).removeprefix("+")


@lru_cache(maxsize=4096)
def times(a: Dim, b: Dim) -> Dim:
    """The product of two dimensions.

    >>> times("n", "m"), times(2, "m"), times(2, 3), times(1, "m+n")
    ('m·n', '2·m', 6, 'm+n')
    """
    out: _Polynomial = {}
    for names, c in monomials(a):
        for others, d in monomials(b):
            key = tuple(sorted(names + others))
            out[key] = out.get(key, 0) + c * d
    return _written(out)


@lru_cache(maxsize=4096)
def plus(a: Dim, b: Dim) -> Dim:
    """The sum of two dimensions.

    >>> plus("n", "m"), plus("m", "m"), plus(2, 3)
    ('m+n', '2·m', 5)
    """
    return total((a, b))


def total(dims: Iterable[Dim]) -> Dim:
    """The sum of many dimensions.

    >>> total(["n", "m", "n", 2]), total([])
    ('m+2·n+2', 0)
    """
    out: _Polynomial = {}
    for dim in dims:
        for names, c in monomials(dim):
            out[names] = out.get(names, 0) + c
    return _written(out)


def divided(dim: Dim, by: Dim) -> Dim | None:
    """The quotient of a dimension by a product of numbers and names, where there is one.

    >>> divided("2·m·n", "2·n"), divided("m·n+m", "m"), divided(12, 3), divided("m", "n"), divided("3·m", 2)
    ('m', 'n+1', 4, None, None)
    """
    divisors = monomials(by)
    if len(divisors) != 1 or not divisors[0][1]:
        return None
    names, number = divisors[0]
    out: _Polynomial = {}
    for factors, c in monomials(dim):
        left = list(factors)
        for name in names:
            if name not in left:
                return None
            left.remove(name)
        if c % number:
            return None
        out[tuple(left)] = c // number
    return _written(out)


@lru_cache(maxsize=4096)
def names_of(dim: Dim) -> tuple[str, ...]:
    """The names a dimension mentions, sorted.

    >>> names_of("m+2·n"), names_of(3)
    (('m', 'n'), ())
    """
    return tuple(sorted({name for names, _ in monomials(dim) for name in names}))


def substitute(dim: Dim, values: Mapping[str, Dim]) -> Dim:
    """The dimension with names replaced.

    >>> substitute("m·n", {"m": 2, "n": "k"}), substitute("m", {})
    ('2·k', 'm')
    """
    if isinstance(dim, int):
        return dim
    if "·" not in dim and "+" not in dim and "-" not in dim:
        return values.get(dim, dim)
    total: Dim = 0
    for names, c in monomials(dim):
        product: Dim = c
        for name in names:
            product = times(product, values.get(name, name))
        total = plus(total, product)
    return total


def written(shape: Shape) -> str:
    """A shape for people.

    >>> written(("m", "n")), written(("n", 1)), written((1, 1)), written((1, "n")), written(("m", "n+1"))
    ('m×n', 'n', 'scalar', '1×n', 'm×(n+1)')
    """
    rows, columns = shape
    if columns == 1:
        return "scalar" if rows == 1 else str(rows)
    return f"{bracketed(rows)}×{bracketed(columns)}"


def bracketed(dim: Dim) -> str:
    """A size beside a sign of multiplication."""
    text = str(dim)
    return f"({text})" if "+" in text or "-" in text else text
