"""Deciding whether two expressions are equal: by normal form, by one identity, over a finite field, or with numbers.

A rational expression that vanishes at a random point modulo the prime p = 2⁶¹ - 1 is zero with overwhelming probability
(Schwartz 1980, Zippel 1979: at most degree/p per point), and one that does not vanish is certainly not zero.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import ShapeError
from ..expressions.dimensions import Dim, substitute
from ..expressions.nodes import Expr, as_number, dimensions, postorder
from ..normal_form.algebra import Algebra
from ..simplification.alternatives import rewritings

PRIME = 2**61 - 1
POINTS = 3
TOLERANCE = 1e-9

Matrix = list[list[int]]


class _NotRational(Exception):
    """An operation that has no meaning over a finite field."""


class _Singular(Exception):
    """A point where the expression has no value."""


@dataclass(frozen=True, slots=True)
class Equality:
    """The verdict, true where the two are equal, and how it was reached."""

    equal: bool
    how: str

    def __bool__(self) -> bool:
        return self.equal

    def __str__(self) -> str:
        return f"{'equal' if self.equal else 'not equal'} ({self.how})"


def equality(algebra: Algebra, a: Expr, b: Expr) -> Equality:
    """Decide whether two expressions over the same symbols are equal."""
    if a.shape != b.shape:
        raise ShapeError("Two expressions of different shapes are not compared.")
    if a is b:
        return Equality(True, "one normal form")
    for rule, made in rewritings(algebra, a):
        if made is b:
            return Equality(True, f"by the identity {rule.label}")
    try:
        return _over_field(a, b)
    except _NotRational:
        return _with_numbers(a, b)


# --- over the finite field ------------------------------------------------------------------------------------------


def _over_field(a: Expr, b: Expr) -> Equality:
    generator = random.Random(f"{a.digest} {b.digest}")
    decided = 0
    for attempt in range(4 * POINTS):
        sizes = {name: 2 + (i + attempt) % 3 for i, name in enumerate(dimensions(a, b))}
        values = {e: _random(e, sizes, generator) for e in postorder(a, b) if e.head == "symbol"}
        try:
            left, right = _value(a, values, sizes), _value(b, values, sizes)
        except _Singular:
            continue
        if left != right:
            return Equality(False, "exactly: they differ at a point of a finite field")
        decided += 1
        if decided == POINTS:
            return Equality(True, f"exactly, at {POINTS} random points modulo 2^61 - 1")
    raise _NotRational


def _random(e: Expr, sizes: Mapping[str, Dim], generator: random.Random) -> Matrix:
    """A random matrix with the structure of a symbol; properties that need real numbers are beyond a finite field."""
    properties = e.data.properties
    if properties & {"orthogonal", "idempotent", "spd", "psd"}:
        raise _NotRational
    rows, columns = (int(substitute(d, sizes)) for d in e.shape)
    m = [[generator.randrange(1, PRIME) for _ in range(columns)] for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            if (
                "diagonal" in properties
                and i != j
                or "lower" in properties
                and i < j
                or "upper" in properties
                and i > j
            ):
                m[i][j] = 0
            elif "symmetric" in properties and i > j:
                m[i][j] = m[j][i]
            elif "skew" in properties and i >= j:
                m[i][j] = 0 if i == j else PRIME - m[j][i]
    return m


def _value(root: Expr, values: Mapping[Expr, Matrix], sizes: Mapping[str, Dim]) -> Matrix:
    memo: dict[Expr, Matrix] = dict(values)
    for e in postorder(root):
        if e not in memo:
            memo[e] = _node(e, [memo[x] for x in e.args], sizes)
    return memo[root]


def _node(e: Expr, args: list[Matrix], sizes: Mapping[str, Dim]) -> Matrix:
    head = e.head
    if head == "add":
        coefficients = [c.numerator * pow(c.denominator, -1, PRIME) for c in e.data]
        return _entries(lambda *x: sum(c * y for c, y in zip(coefficients, x, strict=True)), *args)
    if head == "mul":
        product = args[0]
        for m in args[1:]:
            product = _times(product, m)
        return product
    if head == "had":
        powers = [_entries(_raised(p), m) for m, p in zip(args, e.data, strict=True)]
        total = powers[0]
        for m in powers[1:]:
            total = _entries(lambda x, y: x * y, total, m)
        return total
    if head == "scale":
        return _entries(lambda x: args[0][0][0] * x, args[1])
    if head == "power":
        return _power(args[0], as_number(e.args[1]))
    if not e.args:
        return _constant(e, sizes)
    operation = OPERATIONS.get(head)
    if operation is None:
        raise _NotRational
    return operation(*args)


def _entries(f: Callable[..., int], *args: Matrix) -> Matrix:
    return [[f(*entries) % PRIME for entries in zip(*rows, strict=True)] for rows in zip(*args, strict=True)]


def _raised(p: object) -> Callable[[int], int]:
    if not isinstance(p, int):
        raise _NotRational

    def f(x: int) -> int:
        if p < 0 and not x:
            raise _Singular
        return pow(x, p, PRIME)

    return f


def _times(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [[sum(x * y for x, y in zip(row, column, strict=True)) % PRIME for column in columns] for row in a]


def _transpose(a: Matrix) -> Matrix:
    return [list(row) for row in zip(*a, strict=True)]


def _identity(n: int) -> Matrix:
    return [[int(i == j) for j in range(n)] for i in range(n)]


def _reduced(a: Matrix) -> tuple[Matrix, int]:
    """The inverse and the determinant, by elimination."""
    n = len(a)
    work = [list(row) + unit for row, unit in zip(a, _identity(n), strict=True)]
    determinant = 1
    for k in range(n):
        pivot = next((i for i in range(k, n) if work[i][k]), None)
        if pivot is None:
            raise _Singular
        if pivot != k:
            work[k], work[pivot] = work[pivot], work[k]
            determinant = -determinant
        determinant = determinant * work[k][k] % PRIME
        inverse = pow(work[k][k], -1, PRIME)
        work[k] = [x * inverse % PRIME for x in work[k]]
        for i in range(n):
            if i != k and work[i][k]:
                factor = work[i][k]
                work[i] = [(x - factor * y) % PRIME for x, y in zip(work[i], work[k], strict=True)]
    return [row[n:] for row in work], determinant % PRIME


def _power(a: Matrix, k: object) -> Matrix:
    if not isinstance(k, int):
        raise _NotRational
    base = _reduced(a)[0] if k < 0 else a
    total, n = _identity(len(a)), abs(k)
    while n:
        total = _times(total, base) if n & 1 else total
        base, n = _times(base, base), n >> 1
    return total


def _constant(e: Expr, sizes: Mapping[str, Dim]) -> Matrix:
    rows, columns = (int(substitute(d, sizes)) for d in e.shape)
    if e.head == "identity":
        return _identity(rows)
    if e.head in ("ones", "zero"):
        return [[int(e.head == "ones")] * columns for _ in range(rows)]
    raise _NotRational


def _scalar(x: int) -> Matrix:
    return [[x % PRIME]]


def _kron(a: Matrix, b: Matrix) -> Matrix:
    return [[x * y % PRIME for x in row for y in other] for row in a for other in b]


def _adjugate(a: Matrix) -> Matrix:
    inverse, determinant = _reduced(a)
    return _entries(lambda x: x * determinant, inverse)


OPERATIONS: dict[str, Callable[..., Matrix]] = {
    "transpose": _transpose,
    "tr": lambda a: _scalar(sum(a[i][i] for i in range(len(a)))),
    "sum": lambda a: _scalar(sum(map(sum, a))),
    "frob": lambda a, b: _scalar(sum(x * y for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True))),
    "det": lambda a: _scalar(_reduced(a)[1]),
    "adj": _adjugate,
    "Diag": lambda a: [[row[0] if i == j else 0 for j in range(len(a))] for i, row in enumerate(a)],
    "diagvec": lambda a: [[a[i][i]] for i in range(len(a))],
    "vec": lambda a: [[x] for column in zip(*a, strict=True) for x in column],
    "kron": _kron,
    "tril": lambda a: [[x if j <= i else 0 for j, x in enumerate(row)] for i, row in enumerate(a)],
    "triu": lambda a: [[x if j >= i else 0 for j, x in enumerate(row)] for i, row in enumerate(a)],
}


# --- with numbers ----------------------------------------------------------------------------------------------------


def _with_numbers(a: Expr, b: Expr) -> Equality:
    import numpy as np

    from .rules import values

    worst = 0.0
    for left, right in values([a, b], POINTS):
        scale = max(1.0, float(np.max(np.abs(left))), float(np.max(np.abs(right))))
        worst = max(worst, float(np.max(np.abs(left - right))) / scale)
    return Equality(
        worst < TOLERANCE, f"with numbers: the relative difference is {worst:.0e}, the tolerance {TOLERANCE:.0e}"
    )
