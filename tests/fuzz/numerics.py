"""Functions of matrices for the complex step, on stacks of matrices: axes -2 and -1 are rows and columns.

The derivative of an analytic f in a direction E is Im f(X + ihE)/h, with h so small that the real part is that of X to
the last digit.  So nothing here uses an algorithm that would mix real and imaginary parts (no LAPACK eigenvalues of
complex matrices) and everything is analytic as it is written: roots by Newton's iterations, projectors by the sign
function, and where a real decomposition decides (the greatest entry, an eigenvector), the first order that it implies.
Squier & Trapp (1998), Using complex variables to estimate derivatives of real functions.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

CLOSE = 1e-3  # nearer to a kink, a pole or the end of a domain nothing is checked
WORST = 1e5  # of condition numbers
AFTERWARDS = 3  # iterations in which the slopes of what has converged converge too


class Unfit(Exception):
    """A point says nothing here: outside the domain, at a kink, ill-conditioned, not finite or too large."""


def turned(a: Array) -> Array:
    """The transpose."""
    return np.swapaxes(a, -1, -2)


def real(a: Array) -> Array:
    """The real part of the first of a stack; all have the same."""
    return np.asarray(a[0].real)


def away_from(a: Array, place: float, why: str) -> None:
    """Entries at a place where a function has a kink or a pole."""
    if np.min(np.abs(real(a) - place), initial=np.inf) < CLOSE:
        raise Unfit(why)


def well_conditioned(a: Array) -> None:
    """A matrix that can be inverted with some digits left."""
    found = real(a)
    if not np.isfinite(found).all():
        raise Unfit("not finite")
    if found.shape[0] == 1:
        if abs(found[0, 0]) < CLOSE / 10:
            raise Unfit("ill-conditioned")
    elif np.linalg.cond(found) > WORST:
        raise Unfit("ill-conditioned")


def inv(a: Array) -> Array:
    well_conditioned(a)
    return np.asarray(np.linalg.inv(a))


def _parity(p: tuple[int, ...]) -> int:
    return (-1) ** sum(p[i] > p[j] for i in range(len(p)) for j in range(i + 1, len(p)))


PERMUTATIONS = {n: [(_parity(p), p) for p in permutations(range(n))] for n in range(1, 5)}


def det(a: Array) -> Array:
    """Leibniz's formula for small matrices, which has no pivots; elimination for larger ones."""
    n = a.shape[-1]
    if n > 4:
        well_conditioned(a)
        return np.asarray(np.linalg.det(a))[..., None, None]
    total = np.zeros(a.shape[:-2], dtype=complex)
    for sign, p in PERMUTATIONS[n]:
        term = a[..., 0, p[0]]
        for i in range(1, n):
            term = term * a[..., i, p[i]]
        total = total + sign * term
    return total[..., None, None]


def adjugate(a: Array) -> Array:
    """Entry ij is the cofactor ji."""
    n = a.shape[-1]
    if n == 1:
        return np.ones_like(a)
    if n > 5:
        raise Unfit("too large")
    out = np.empty_like(a)
    for i in range(n):
        for j in range(n):
            minor = np.delete(np.delete(a, i, axis=-2), j, axis=-1)
            out[..., j, i] = (-1) ** (i + j) * det(minor)[..., 0, 0]
    return out


def power(a: Array, k: int) -> Array:
    """A whole power, by repeated multiplication."""
    base = inv(a) if k < 0 else a
    total = np.broadcast_to(np.eye(a.shape[-1], dtype=complex), a.shape)
    for _ in range(abs(k)):
        total = total @ base
    return np.asarray(total)


def expm(a: Array) -> Array:
    """The power series of a small multiple, squared."""
    norm = np.abs(real(a)).sum(axis=0).max(initial=0)
    if not norm < 30:
        raise Unfit("too large")
    squarings = max(0, int(np.ceil(np.log2(norm + 1e-300))) + 2)
    small = a / 2**squarings
    term = total = np.broadcast_to(np.eye(a.shape[-1], dtype=complex), a.shape)
    for k in range(1, 18):
        term = term @ small / k
        total = total + term
    for _ in range(squarings):
        total = total @ total
    return np.asarray(total)


def _off_the_negative_axis(a: Array) -> None:
    eigenvalues = np.linalg.eigvals(real(a))
    if np.min(np.abs(eigenvalues)) < CLOSE or np.any((eigenvalues.real < 0) & (abs(eigenvalues.imag) < 0.1)):
        raise Unfit("outside the domain")


def sqrtm(a: Array) -> Array:
    """The principal root by the iteration of Denman and Beavers; Higham (2008), Functions of Matrices, ch. 6."""
    well_conditioned(a)
    _off_the_negative_axis(a)
    y, z = a, np.broadcast_to(np.eye(a.shape[-1], dtype=complex), a.shape)
    more = AFTERWARDS
    for _ in range(40):
        y, z, before = (y + np.linalg.inv(z)) / 2, (z + np.linalg.inv(y)) / 2, y
        more -= bool(np.abs(real(y) - real(before)).max() <= 1e-13 * np.abs(real(y)).max())
        if not more:
            return np.asarray(y)
    raise Unfit("no convergence")


def logm(a: Array) -> Array:
    """Roots until the power series of log(I + E) converges, doubled back; Higham (2008), ch. 11."""
    identity = np.eye(a.shape[-1], dtype=complex)
    roots = 0
    while np.abs(real(a) - identity.real).sum(axis=0).max() > 0.15:
        if roots == 12:
            raise Unfit("no convergence")
        a, roots = sqrtm(a), roots + 1
    e = a - identity
    term, total = e, e
    for k in range(2, 22):
        term = -term @ e
        total = total + term / k
    return np.asarray(2**roots * total)


def real_power(a: Array, k: Array) -> Array:
    """A power with any exponent."""
    exponent = float(k[0, 0, 0].real)
    if exponent == int(exponent) and not k.imag.any():
        return power(a, int(exponent))
    return expm(k * logm(a))


def block(f: Any, x: Array, e: Array) -> Array:
    """The derivative of a matrix function at X in the direction E: the corner of f([X, E; 0, X])."""
    stack = max(x.shape[0], e.shape[0])
    n = x.shape[-1]
    both = np.zeros((stack, 2 * n, 2 * n), dtype=complex)
    both[:, :n, :n] = both[:, n:, n:] = x
    both[:, :n, n:] = e
    return np.asarray(f(both)[:, :n, n:])


def in_every_direction(f: Any, x: Array) -> Array:
    """The matrix whose columns are vec(f(X, E)) for the unit matrices E, column by column."""
    n = x.shape[-1]
    columns = []
    for j in range(n):
        for i in range(n):
            e = np.zeros((1, n, n), dtype=complex)
            e[0, i, j] = 1
            columns.append(vec(f(x, e))[..., 0])
    return np.stack(columns, axis=-1)


def cholesky(a: Array) -> Array:
    """The lower triangular factor, column by column."""
    n = a.shape[-1]
    if np.linalg.eigvalsh((real(a) + real(a).T) / 2)[0] < CLOSE:
        raise Unfit("not positive definite")
    well_conditioned(a)
    out = np.zeros_like(a)
    for j in range(n):
        rest = a[..., j:, j] - (out[..., j:, :j] @ out[..., j, :j, None])[..., 0]
        out[..., j:, j] = rest / np.sqrt(rest[..., :1])
    return out


def pinv(a: Array) -> Array:
    """The pseudo-inverse of a matrix of full rank."""
    tall = a.shape[-2] >= a.shape[-1]
    gram = turned(a) @ a if tall else a @ turned(a)
    s = np.linalg.svd(real(a))[1]
    if s[-1] < 10 * CLOSE * s[0]:
        raise Unfit("ill-conditioned")
    return np.asarray(inv(gram) @ turned(a) if tall else turned(a) @ inv(gram))


def _gap(values: Array, which: int) -> None:
    """That an extreme value stands apart from the next."""
    ordered = np.sort(values)
    if len(ordered) > 1 and abs(ordered[which] - ordered[which + (1 if which == 0 else -1)]) < 30 * CLOSE:
        raise Unfit("at a kink")


def _symmetric_part(a: Array) -> Array:
    return (real(a) + real(a).T) / 2


def eigenvalue(a: Array, which: int) -> Array:
    """An extreme eigenvalue of a symmetric matrix: to first order vᵀ A v."""
    values, vectors = np.linalg.eigh(_symmetric_part(a))
    _gap(values, which)
    v = vectors[:, [which]]
    return np.asarray(v.T @ a @ v)


def projector(a: Array, which: int) -> Array:
    """v vᵀ of an extreme eigenvalue: (I ± sign(A - μ I))/2 for a μ between it and the next."""
    values = np.linalg.eigvalsh(_symmetric_part(a))
    if len(values) == 1:
        return np.ones_like(a)
    _gap(values, which)
    ordered = values[::-1] if which == -1 else values
    s = a - np.eye(len(values)) * (ordered[0] + ordered[1]) / 2
    more = AFTERWARDS
    for _ in range(60):
        s, before = (s + np.linalg.inv(s)) / 2, s
        more -= bool(np.abs(real(s) - real(before)).max() <= 1e-12)
        if not more:
            return np.asarray((np.eye(len(values)) + (s if which == -1 else -s)) / 2)
    raise Unfit("no convergence")


def singular_vectors(a: Array) -> tuple[Array, Array]:
    """The first singular vectors as columns."""
    u, s, vt = np.linalg.svd(real(a))
    _gap(s, -1)
    if s[0] < CLOSE:
        raise Unfit("at a kink")
    return u[:, [0]], vt[[0], :].T


def spectral_norm(a: Array) -> Array:
    """The greatest singular value: to first order uᵀ A v."""
    u, v = singular_vectors(a)
    return np.asarray(u.T @ a @ v)


def leading_dyad(a: Array) -> Array:
    """u vᵀ = P A/σ, P the projector on the greatest eigenvalue σ² of A Aᵀ."""
    singular_vectors(a)
    p = projector(a @ turned(a), -1)
    along = p @ a
    return np.asarray(along / np.sqrt((along * along).sum(axis=(-2, -1), keepdims=True)))


def polar(a: Array) -> Array:
    """U Vᵀ: A (Aᵀ A)^(-1/2), or (A Aᵀ)^(-1/2) A of a wide matrix."""
    full_rank(a)
    if a.shape[-2] >= a.shape[-1]:
        return a @ inv(sqrtm(turned(a) @ a))
    return inv(sqrtm(a @ turned(a))) @ a


def full_rank(a: Array) -> None:
    """Singular values away from zero."""
    s = np.linalg.svd(real(a))[1]
    if s[-1] < 10 * CLOSE * max(1, s[0]):
        raise Unfit("at a kink")


def nuclear_norm(a: Array) -> Array:
    """The sum of the singular values: to first order U Vᵀ : A."""
    full_rank(a)
    u, _, vt = np.linalg.svd(real(a), full_matrices=False)
    return np.asarray((a * (u @ vt)).sum(axis=(-2, -1), keepdims=True))


def greatest(a: Array) -> Array:
    """The greatest entry."""
    flat = a.reshape(a.shape[0], -1)
    _gap(flat[0].real, -1)
    return np.asarray(flat[:, flat[0].real.argmax()])[:, None, None]


def greatest_mask(a: Array) -> Array:
    """One at the greatest entry."""
    _gap(real(a).reshape(-1), -1)
    return np.asarray((real(a) == real(a).max())[None] + 0j)


def vec(a: Array) -> Array:
    """The columns stacked."""
    return turned(a).reshape(*a.shape[:-2], -1, 1)


def unvec(a: Array, m: int, n: int) -> Array:
    """The columns that a stack holds."""
    return turned(a.reshape(*a.shape[:-2], n, m))


def kron(a: Array, b: Array) -> Array:
    product = a[..., :, None, :, None] * b[..., None, :, None, :]
    return product.reshape(*product.shape[:-4], a.shape[-2] * b.shape[-2], a.shape[-1] * b.shape[-1])


# --- the gamma function and its like, by Stirling's series after moving the argument up -------------------------------

BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
MOVED = 9


def _positive(z: Array) -> None:
    if np.min(z.real, initial=1) < CLOSE:
        raise Unfit("outside the domain")


def lgamma(z: Array) -> Array:
    _positive(z)
    below = sum(np.log(z + k) for k in range(MOVED))
    z = z + MOVED
    series = sum(b / (2 * k * (2 * k - 1) * z ** (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1))
    return np.asarray((z - 0.5) * np.log(z) - z + 0.5 * np.log(2 * np.pi) + series - below)


def digamma(z: Array) -> Array:
    _positive(z)
    below = sum(1 / (z + k) for k in range(MOVED))
    z = z + MOVED
    series = sum(b / (2 * k * z ** (2 * k)) for k, b in enumerate(BERNOULLI, 1))
    return np.asarray(np.log(z) - 1 / (2 * z) - series - below)


def polygamma(order: int, z: Array) -> Array:
    """The derivative of digamma of an order, 0 of which is digamma itself; NIST DLMF, eq. 5.15.8 differentiated."""
    if order == 0:
        return digamma(z)
    _positive(z)
    sign, factorial = (-1) ** (order + 1), float(np.prod(range(1, order + 1)))
    below = sum(factorial / (z + k) ** (order + 1) for k in range(MOVED))
    z = z + MOVED
    total = factorial / order / z**order + factorial / (2 * z ** (order + 1))
    for k, b in enumerate(BERNOULLI, 1):
        total = total + b * float(np.prod(range(2 * k + 1, 2 * k + order))) / z ** (2 * k + order)
    return np.asarray(sign * (total + below))


def erf(z: Array) -> Array:
    """To first order erf(x) + 2/√π exp(-x²) (z - x), erf by its series or its continued fraction."""
    x = z.real
    from math import erf as of_a_number

    value = np.vectorize(of_a_number, otypes=[float])(x)
    return np.asarray(value + 2j / np.sqrt(np.pi) * np.exp(-x * x) * z.imag)
