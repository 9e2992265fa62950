"""Matrices over the finite field of the prime 2⁶¹ - 1, where rational arithmetic is exact."""

from __future__ import annotations

from collections.abc import Callable

PRIME = 2**61 - 1

Matrix = list[list[int]]


class Singular(Exception):
    """A point where an operation has no value."""


def entries(f: Callable[..., int], *args: Matrix) -> Matrix:
    """A function of corresponding entries."""
    return [[f(*entries) % PRIME for entries in zip(*rows, strict=True)] for rows in zip(*args, strict=True)]


def raised(p: int) -> Callable[[int], int]:
    """The function that raises a number to a power."""

    def f(x: int) -> int:
        if p < 0 and not x:
            raise Singular
        return int(pow(x, p, PRIME))

    return f


def scalar(x: int) -> Matrix:
    """A 1×1 matrix."""
    return [[x % PRIME]]


def times(a: Matrix, b: Matrix) -> Matrix:
    """The matrix product."""
    columns = list(zip(*b, strict=True))
    return [[sum(x * y for x, y in zip(row, column, strict=True)) % PRIME for column in columns] for row in a]


def transpose(a: Matrix) -> Matrix:
    """The transpose."""
    return [list(row) for row in zip(*a, strict=True)]


def identity(n: int) -> Matrix:
    """The identity matrix."""
    return [[int(i == j) for j in range(n)] for i in range(n)]


def reduced(a: Matrix) -> tuple[Matrix | None, int]:
    """The inverse and the determinant, by elimination; no inverse where the determinant is 0."""
    n = len(a)
    work = [list(row) + unit for row, unit in zip(a, identity(n), strict=True)]
    determinant = 1
    for k in range(n):
        pivot = next((i for i in range(k, n) if work[i][k]), None)
        if pivot is None:
            return None, 0
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


def inverse(a: Matrix) -> Matrix:
    """The inverse; raises Singular where there is none."""
    inverse = reduced(a)[0]
    if inverse is None:
        raise Singular
    return inverse


def power(a: Matrix, k: int) -> Matrix:
    """An integer power of a square matrix."""
    base = inverse(a) if k < 0 else a
    total, n = identity(len(a)), abs(k)
    while n:
        total = times(total, base) if n & 1 else total
        base, n = times(base, base), n >> 1
    return total


def commutation(m: int, n: int) -> Matrix:
    """The matrix K with K vec(A) = vec(Aᵀ) for A of m rows and n columns."""
    out = [[0] * (m * n) for _ in range(m * n)]
    for i in range(m):
        for j in range(n):
            out[i * n + j][j * m + i] = 1
    return out


def _total(a: Matrix) -> int:
    return sum(map(sum, a))


def frobenius(a: Matrix, b: Matrix) -> Matrix:
    """The Frobenius product as a 1×1 matrix."""
    return scalar(sum(x * y for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True)))


def _kron(a: Matrix, b: Matrix) -> Matrix:
    return [[x * y % PRIME for x in row for y in other] for row in a for other in b]


def _khatrirao(a: Matrix, b: Matrix) -> Matrix:
    return [[x * y % PRIME for x, y in zip(row, other, strict=True)] for row in a for other in b]


def _adjugate(a: Matrix) -> Matrix:
    """Of minors, so that a singular matrix has one."""
    n = range(len(a))

    def cofactor(i: int, j: int) -> int:
        minor = [[a[r][c] for c in n if c != j] for r in n if r != i]
        return reduced(minor)[1] * (-1 if (i + j) % 2 else 1)

    return [[cofactor(j, i) % PRIME for j in n] for i in n]


def _running(a: Matrix) -> Matrix:
    return [[sum(row[0] for row in a[: i + 1]) % PRIME] for i in range(len(a))]


def _product(a: Matrix) -> Matrix:
    total = 1
    for row in a:
        for x in row:
            total = total * x % PRIME
    return scalar(total)


def _blocks(a: Matrix, b: Matrix) -> Matrix:
    return [[*row, *[0] * len(b[0])] for row in a] + [[*[0] * len(a[0]), *row] for row in b]


def _unvech(shape: tuple[int, int], a: Matrix) -> Matrix:
    n, entries = shape[0], iter(a)
    columns = [[next(entries)[0] if i >= j else 0 for i in range(n)] for j in range(n)]
    return transpose(columns)


def _elimination(a: Matrix) -> Matrix:
    n = len(a)
    kept = [j * n + i for j in range(n) for i in range(j, n)]
    return [[int(k == column) for column in range(n * n)] for k in kept]


def _padded(shape: tuple[int, int], a: Matrix, corner: tuple[int, int]) -> Matrix:
    """The matrix with zeros around it, its first entry at a place."""
    out = [[0] * shape[1] for _ in range(shape[0])]
    for i, row in enumerate(a):
        out[corner[0] + i][corner[1] : corner[1] + len(row)] = row
    return out


def _block_sums(shape: tuple[int, int], a: Matrix, b: Matrix, left: bool) -> Matrix:
    """kronleft, where b has the shape of a block of a, and kronright, where the result has."""
    (m, n), (p, q) = shape, (len(b), len(b[0]))
    rows, columns = (p, q) if left else (m, n)  # of one block

    def entry(i: int, j: int) -> int:
        if left:
            return sum(a[i * rows + r][j * columns + c] * b[r][c] for r in range(p) for c in range(q))
        return sum(a[r * rows + i][c * columns + j] * b[r][c] for r in range(p) for c in range(q))

    return [[entry(i, j) % PRIME for j in range(n)] for i in range(m)]


SIZED: dict[str, Callable[..., Matrix]] = {
    "unvec": lambda shape, a: [[a[j * shape[0] + i][0] for j in range(shape[1])] for i in range(shape[0])],
    "unvech": _unvech,
    "firstpart": lambda shape, a: [row[: shape[1]] for row in a[: shape[0]]],
    "lastpart": lambda shape, a: [row[len(row) - shape[1] :] for row in a[len(a) - shape[0] :]],
    "padafter": lambda shape, a: _padded(shape, a, (0, 0)),
    "padbefore": lambda shape, a: _padded(shape, a, (shape[0] - len(a), shape[1] - len(a[0]))),
    "kronleft": lambda shape, a, b: _block_sums(shape, a, b, left=True),
    "kronright": lambda shape, a, b: _block_sums(shape, a, b, left=False),
}
"""Operations whose arguments do not tell the size of the result."""

OPERATIONS: dict[str, Callable[..., Matrix]] = {
    "transpose": transpose,
    "tr": lambda a: scalar(sum(a[i][i] for i in range(len(a)))),
    "sum": lambda a: scalar(_total(a)),
    "mean": lambda a: scalar(_total(a) * pow(len(a) * len(a[0]), -1, PRIME)),
    "prod": _product,
    "frob": frobenius,
    "det": lambda a: scalar(reduced(a)[1]),
    "adj": _adjugate,
    "Diag": lambda a: [[row[0] if i == j else 0 for j in range(len(a))] for i, row in enumerate(a)],
    "diagvec": lambda a: [[a[i][i]] for i in range(len(a))],
    "vec": lambda a: [[x] for column in zip(*a, strict=True) for x in column],
    "vech": lambda a: [[a[i][j]] for j in range(len(a)) for i in range(j, len(a))],
    "elimination": _elimination,
    "kron": _kron,
    "khatrirao": _khatrirao,
    "tril": lambda a: [[x if j <= i else 0 for j, x in enumerate(row)] for i, row in enumerate(a)],
    "triu": lambda a: [[x if j >= i else 0 for j, x in enumerate(row)] for i, row in enumerate(a)],
    "hstack": lambda a, b: [[*r, *s] for r, s in zip(a, b, strict=True)],
    "vstack": lambda a, b: [*a, *b],
    "blockdiag": _blocks,
    "cumsum": _running,
    "revcumsum": lambda a: _running(a[::-1])[::-1],
}
"""Operations that are rational in the entries of their arguments."""
