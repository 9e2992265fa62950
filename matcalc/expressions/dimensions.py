"""Dimensions: positive integers, names, and sums and products of these.

A dimension is an ``int`` or a canonical ``str``.  ``"m"`` is a name; ``"m·n"`` and ``"m+2·n"`` are polynomials,
written so that equal polynomials are equal strings; ``"(n·n+n)/2"`` is one with a denominator, the number of entries on
and below the diagonal.  Strings keep shapes hashable, printable and cheap to compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import product as combined
from math import lcm
from typing import TypeGuard

from ..errors import ShapeError

Dim = int | str
Shape = tuple[Dim, Dim]

SCALAR: Shape = (1, 1)
MOST_TERMS = 1_000  # of a size

_Coefficient = int | Fraction
_Polynomial = dict[tuple[str, ...], _Coefficient]


@lru_cache(maxsize=4096)
def monomials(dim: Dim) -> tuple[tuple[tuple[str, ...], _Coefficient], ...]:
    """A dimension as a polynomial: ((names, coefficient), ...)."""
    if isinstance(dim, int):
        return (((), dim),)
    out: _Polynomial = {}
    numerator, _, denominator = dim.partition("/")
    for term in numerator.strip("()").replace("-", "+-").split("+"):
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
    if denominator:
        return tuple((key, _exact(Fraction(c, int(denominator)))) for key, c in out.items())
    return tuple(out.items())


def _exact(c: _Coefficient) -> _Coefficient:
    return c.numerator if c.denominator == 1 else c


def _written(polynomial: _Polynomial) -> Dim:
    kept = sorted((names, c) for names, c in polynomial.items() if c)
    if len(kept) > MOST_TERMS:
        raise ShapeError(f"A size is the sum of more than {MOST_TERMS:,} others, which is the limit.")
    denominator = lcm(*(c.denominator for _, c in kept))
    if denominator == 1 and all(not names for names, _ in kept):
        return int(kept[0][1]) if kept else 0
    kept.sort(key=lambda term: (-len(term[0]), term[0]))
    parts = []
    for names, c in kept:
        c = int(c * denominator)
        factors = ([] if abs(c) == 1 and names else [str(abs(c))]) + list(names)
        parts.append(("-" if c < 0 else "+") + "·".join(factors))
    text = "".join(parts).removeprefix("+")
    return text if denominator == 1 else f"({text})/{denominator}"


def constant(c: int | Fraction) -> Dim:
    """A number as a factor of a dimension, such as the ½ in n(n+1)/2."""
    return _written({(): c})


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


def over(dim: Dim, number: int) -> Dim | None:
    """The quotient by a number, where it is an integer whatever the names are.

    >>> over(times("n", plus("n", 1)), 2), over("2·n", 2), over("n", 2)
    ('(n·n+n)/2', 'n', None)
    """
    made = _written({names: _exact(Fraction(c) / number) for names, c in monomials(dim)})
    names = names_of(made)
    least = 1 + max((len(n) for n, _ in monomials(made)), default=0)  # integral at so many numbers, it always is
    if least ** len(names) > MOST_TERMS:
        return None
    for values in combined(range(least), repeat=len(names)):
        if not isinstance(substitute(made, dict(zip(names, values, strict=True))), int):
            return None
    return made


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
        quotient = Fraction(c) / number
        if quotient.denominator > 1:
            return None
        out[tuple(left)] = quotient.numerator
    return _written(out)


def solved(dim: Dim, n: int) -> int | None:
    """The positive integer at which a dimension of one name, growing with it, is a number.

    >>> solved("(m·m+m)/2", 6), solved("2·m+1", 9), solved("(m·m+m)/2", 5)
    (3, 4, None)
    """
    (name,) = names_of(dim)
    low, high = 1, n
    while low <= high:
        middle = (low + high) // 2
        found = substitute(dim, {name: middle})
        if not isinstance(found, int):
            return None
        if found == n:
            return middle
        low, high = (middle + 1, high) if found < n else (low, middle - 1)
    return None


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
    if is_name(dim):
        return values.get(dim, dim)
    out: _Polynomial = {}
    for names, c in monomials(dim):
        product: Dim = 1
        for name in names:
            product = times(product, values.get(name, name))
        for others, d in monomials(product):
            out[others] = out.get(others, 0) + c * d
    return _written(out)


def is_name(dim: Dim) -> TypeGuard[str]:
    """Whether a dimension is a name, and not made of others."""
    return isinstance(dim, str) and not any(sign in dim for sign in "·+-/")


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
