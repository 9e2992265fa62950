"""Expressions as matrices over the finite field of the prime 2⁶¹ - 1, where rational arithmetic is exact."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from ..expressions.dimensions import Dim, substitute
from ..expressions.nodes import Expr, as_number, postorder

PRIME = 2**61 - 1

Matrix = list[list[int]]


class NotRational(Exception):
    """An operation that has no meaning over a finite field."""


class Singular(Exception):
    """A point where the expression has no value."""


def random_matrix(e: Expr, sizes: Mapping[str, Dim], generator: random.Random) -> Matrix:
    """A random matrix with the structure of a symbol; properties that need real numbers are beyond a finite field."""
    properties = e.data.properties
    if properties & {"orthogonal", "idempotent", "spd", "psd"}:
        raise NotRational
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


def value(root: Expr, values: Mapping[Expr, Matrix], sizes: Mapping[str, Dim]) -> Matrix:
    """The value of an expression, computed once for each node."""
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
        raise NotRational
    return operation(*args)


def _entries(f: Callable[..., int], *args: Matrix) -> Matrix:
    return [[f(*entries) % PRIME for entries in zip(*rows, strict=True)] for rows in zip(*args, strict=True)]


def _raised(p: object) -> Callable[[int], int]:
    if not isinstance(p, int):
        raise NotRational

    def f(x: int) -> int:
        if p < 0 and not x:
            raise Singular
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
            raise Singular
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
        raise NotRational
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
    raise NotRational


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
