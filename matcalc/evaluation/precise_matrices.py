"""Functions of matrices of mpmath's numbers, held in NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

LARGEST = 10**5  # of an exponent
LARGEST_NORM = 10**4  # of a matrix whose exponential is computed
MOST_STEPS = 20  # of an iteration that converges quadratically, or not at all


class NoValue(Exception):
    """An expression has no value at a point: it is singular there, or not defined for complex numbers."""


class NotTold(Exception):
    """In so many digits it cannot be told whether an expression has a value, and which."""


class Matrices:
    """Linear algebra under one context of mpmath; `small` is what may be rounding, relative to 1.

    A number stands behind the array that it multiplies: mpmath is slow to find out that an array is none.
    """

    def __init__(self, ctx: Any, small: Any) -> None:
        self.ctx, self.small = ctx, small
        self.reach = 0
        """How many powers of ten the greatest number of an evaluation lay above 1."""
        self.spread = 0
        """How many powers of ten one lay above or below 1, or a function near to its limit."""

    # --- arrays -------------------------------------------------------------------------------------------------------

    def each(self, f: Callable[..., Any], *arrays: Array) -> Array:
        """A function of corresponding entries."""
        out = np.empty(arrays[0].shape, dtype=object)
        for at in np.ndindex(out.shape):
            out[at] = f(*(a[at] for a in arrays))
        return out

    def lifted(self, a: Array) -> Array:
        """An array of floating-point numbers, exactly."""
        return self.each(self.ctx.convert, a)

    def scalar(self, x: Any) -> Array:
        """A 1×1 matrix."""
        out = np.empty((1, 1), dtype=object)
        out[0, 0] = x
        return out

    def identity(self, n: int) -> Array:
        """The identity matrix."""
        return self.lifted(np.eye(n))

    def largest(self, a: Array) -> Any:
        """The largest absolute entry."""
        return max((abs(x) for x in a.flat), default=self.ctx.zero)

    def unturned(self, x: Any) -> bool:
        """Whether a number has no imaginary part but by rounding."""
        return bool(abs(self.ctx.im(x)) <= self.small * abs(x))

    def reals(self, a: Array) -> Array:
        """The matrix without imaginary parts, which are rounding; NoValue where they are not."""
        if not all(self.unturned(x) for x in a.flat):
            raise NoValue
        return self.each(self.ctx.re, a)

    # --- numbers ------------------------------------------------------------------------------------------------------

    def number(self, c: int | Fraction) -> Any:
        """A rational number in these digits."""
        return self.ctx.mpf(c.numerator) / c.denominator

    def power(self, x: Any, p: Any) -> Any:
        """A power of a number, principal where it is not real."""
        if abs(p) > LARGEST:
            raise NotTold
        if not x and self.ctx.re(p) < 0:
            raise NoValue
        whole = isinstance(p, int) or self.ctx.isint(p)
        return x ** int(self.ctx.re(p)) if whole else self.ctx.power(x, p)

    # --- powers -----------------------------------------------------------------------------------------------------

    def matrix_power(self, a: Array, k: Any) -> Array:
        """A power of a matrix, principal where it is not real."""
        if abs(k) > LARGEST:
            raise NotTold
        if self.ctx.isint(k):
            return self.integer_power(a, int(self.ctx.re(k)))
        try:
            return self.function(lambda x: self.power(x, k), a)
        except NotTold:  # it has no basis of eigenvectors
            return self.expm(self.logm(a) * k)

    def power_direction(self, a: Array, k: Any, e: Array) -> Array:
        """The Fréchet derivative of A^k at A in the direction E."""
        if self.ctx.isint(k):
            return self.corner(lambda x: self.matrix_power(x, k), a, e)
        return self.frechet(lambda x: self.power(x, k), lambda x: k * self.power(x, k - 1), a, e)

    def saw(self, a: Array) -> None:
        """Keep in mind how far from 1 the entries are."""
        powers = [0.302 * self.ctx.mag(x) for x in a.flat if x]
        self.reach = max(self.reach, *map(int, powers), 0)
        self.spread = max(self.spread, self.reach, *(int(-p) for p in powers), 0)

    # --- elimination --------------------------------------------------------------------------------------------------

    def eliminated(self, a: Array) -> tuple[Array | None, Any]:
        """The inverse and the determinant; of a singular matrix None and 0."""
        n = len(a)
        work = np.concatenate([self.lifted(a), self.identity(n)], axis=1)
        least = self.small * self.largest(a)
        determinant = self.ctx.one
        for k in range(n):
            pivot = max(range(k, n), key=lambda i: abs(work[i, k]))
            if abs(work[pivot, k]) <= least:
                return None, self.ctx.zero
            if pivot != k:
                work[[k, pivot]] = work[[pivot, k]]
                determinant = -determinant
            determinant = determinant * work[k, k]
            work[k] = work[k] / work[k, k]
            for i in range(n):
                if i != k and work[i, k]:
                    work[i] = work[i] - work[k] * work[i, k]
        return work[:, n:], determinant

    def inverse(self, a: Array) -> Array:
        """The inverse."""
        inverse = self.eliminated(a)[0]
        if inverse is None:
            raise NoValue
        return inverse

    def determinant(self, a: Array) -> Any:
        """The determinant."""
        return self.eliminated(a)[1]

    def adjugate(self, a: Array) -> Array:
        """The adjugate, of a singular matrix by its minors."""
        inverse, determinant = self.eliminated(a)
        if inverse is not None:
            return np.asarray(inverse * determinant)
        out = np.empty(a.shape, dtype=object)
        for i, j in np.ndindex(a.shape):
            minor = np.delete(np.delete(a, i, axis=0), j, axis=1)
            out[j, i] = (-1) ** (i + j) * self.determinant(minor)
        return out

    def cholesky(self, a: Array) -> Array:
        """The lower triangular factor, from the lower triangle."""
        a, n = self.reals(a), len(a)
        out = self.lifted(np.zeros((n, n)))
        for j in range(n):
            d = a[j, j] - sum(out[j, k] ** 2 for k in range(j))
            if d <= self.small * self.largest(a):
                raise NoValue
            out[j, j] = self.ctx.sqrt(d)
            for i in range(j + 1, n):
                out[i, j] = (a[i, j] - sum(out[i, k] * out[j, k] for k in range(j))) / out[j, j]
        return out

    # --- powers and the exponential -----------------------------------------------------------------------------------

    def integer_power(self, a: Array, k: int) -> Array:
        """An integer power."""
        base, total, n = self.inverse(a) if k < 0 else a, self.identity(len(a)), abs(k)
        while n:
            total = total @ base if n & 1 else total
            n >>= 1
            base = base @ base if n else base
        return total

    def expm(self, a: Array) -> Array:
        """The matrix exponential, by its power series of a part, squared again and again."""
        size = self.largest(a) * len(a)
        if size > LARGEST_NORM:
            raise NotTold
        squarings = max(0, int(self.ctx.ceil(self.ctx.log(size + 1, 2)))) + 6
        part = a / self.ctx.mpf(2) ** squarings
        term = total = self.identity(len(a))
        for k in range(1, 200):
            term = term @ part / k
            total = total + term
            if self.largest(term) <= self.ctx.eps**2:
                break
        for _ in range(squarings):
            total = total @ total
        return total

    # --- by eigenvalues -----------------------------------------------------------------------------------------------

    def iterated(self, decomposition: Callable[[Any], Any], a: Array) -> Any:
        """What a decomposition of mpmath's gives, where its iteration converges."""
        try:
            return decomposition(self.ctx.matrix(a.tolist()))
        except RuntimeError as problem:  # so mpmath says that it does not
            raise NotTold from problem

    def eigen(self, a: Array) -> tuple[list[Any], Array, Array]:
        """Eigenvalues, the matrix of eigenvectors, and its inverse."""
        values, vectors = self.iterated(self.ctx.eig, a)
        frame = np.array(vectors.tolist(), dtype=object).reshape(a.shape)
        inverse = self.eliminated(frame)[0]
        if inverse is None:
            raise NotTold
        scale = self.largest(a)
        clean = [self.ctx.mpf(0) if abs(v) <= self.small * scale else v for v in values]
        return [self.ctx.re(v) if self.unturned(v) else v for v in clean], frame, inverse

    def function(self, f: Callable[[Any], Any], a: Array) -> Array:
        """f(A) of a matrix that has a basis of eigenvectors, principal where it is not real."""
        values, frame, inverse = self.eigen(a)
        return np.asarray(frame * np.array([f(v) for v in values], dtype=object) @ inverse)

    def frechet(self, f: Callable[[Any], Any], slope: Callable[[Any], Any], a: Array, e: Array) -> Array:
        """The Fréchet derivative of f at A in the direction E, where A has a basis of eigenvectors.

        In that basis it multiplies by divided differences: Higham (2008), Functions of Matrices, theorem 3.11.
        """
        values, frame, inverse = self.eigen(a)
        inner = inverse @ e @ frame
        for (i, x), (j, y) in ((p, q) for p in enumerate(values) for q in enumerate(values)):
            apart = abs(x - y) > self.small * (abs(x) + abs(y))
            inner[i, j] = inner[i, j] * ((f(x) - f(y)) / (x - y) if apart else slope(x))
        return np.asarray(frame @ inner @ inverse)

    def sqrtm(self, a: Array) -> Array:
        """The principal square root; without a basis of eigenvectors by Denman and Beavers' iteration."""
        try:
            return self.function(self.ctx.sqrt, a)
        except NotTold:
            return self._denman_beavers(a)

    def _denman_beavers(self, a: Array) -> Array:
        """Higham (2008), Functions of Matrices, eq. 6.15."""
        root, other = a, self.identity(len(a))
        for _ in range(MOST_STEPS):
            root, other = (root + self.inverse(other)) / 2, (other + self.inverse(root)) / 2
            if self.largest(root @ root - a) <= self.small * self.largest(a):
                return np.asarray((root + self.inverse(other)) / self.ctx.mpf(2))
        raise NotTold

    def logm(self, a: Array) -> Array:
        """The principal logarithm; without a basis of eigenvectors by roots and the series of log near 1."""
        try:
            return self.function(self.log, a)
        except NotTold:
            pass
        one, doublings = self.identity(len(a)), 0
        while self.largest(a - one) > 0.1 and doublings < MOST_STEPS:
            a, doublings = self._denman_beavers(a), doublings + 1
        step = (a - one) @ self.inverse(a + one)  # log(A) = 2 artanh((A - I) (A + I)⁻¹)
        term, total = step, step
        for k in range(3, 200, 2):
            term = term @ step @ step
            total = total + term / self.ctx.mpf(k)
            if self.largest(term) <= self.ctx.eps:
                break
        return np.asarray(2 * total * self.ctx.mpf(2) ** doublings)

    def log(self, x: Any) -> Any:
        """The principal logarithm of a number."""
        if not x:
            raise NoValue
        return self.ctx.log(x)

    def corner(self, f: Callable[[Array], Array], a: Array, e: Array) -> Array:
        """The corner of f([[A, E], [0, A]]): Higham (2008), Functions of Matrices, eq. 3.16."""
        n = len(a)
        zero = self.lifted(np.zeros((n, n)))
        return np.asarray(f(np.block([[a, e], [zero, a]]))[:n, n:])

    def along(self, f: Callable[[Array], Array], a: Array, e: Array) -> Array:
        """The derivative of an analytic function in the direction E, by a step into the complex plane."""
        step = self.ctx.sqrt(self.small)
        return self.each(lambda x: self.ctx.im(x) / step, f(a + e * self.ctx.mpc(0, step)))

    def columns(self, linear: Callable[[Array], Array], shape: tuple[int, ...]) -> Array:
        """The matrix of a linear map of matrices between their vecs."""
        units = [self.lifted(u.T) for u in np.eye(shape[0] * shape[1]).reshape(-1, shape[1], shape[0])]
        return np.stack([linear(u).reshape(-1, order="F") for u in units], axis=1)

    def symmetric_eigen(self, a: Array) -> tuple[list[Any], Array]:
        """Eigenvalues of the symmetric part in rising order, and the unit eigenvectors."""
        half = self.reals((a + a.T) / self.ctx.mpf(2))
        values, vectors = self.iterated(self.ctx.eigsy, half)
        order = sorted(range(len(a)), key=lambda i: values[i])
        frame = np.array(vectors.tolist(), dtype=object).reshape(a.shape)
        return [values[i] for i in order], frame[:, order]

    def projector(self, a: Array, which: int) -> Array:
        """v vᵀ for the greatest (-1) or the least (0) eigenvalue, where that is simple."""
        values, frame = self.symmetric_eigen(a)
        self.must_be_apart(values[which], values[-2 if which else 1] if len(values) > 1 else None)
        v = frame[:, [which]]
        return np.asarray(v @ v.T)

    def resolvent(self, a: Array, which: int) -> Array:
        """(λ I - A)⁺ for the greatest (-1) or the least (0) eigenvalue λ, where that is simple."""
        values, frame = self.symmetric_eigen(a)
        self.must_be_apart(values[which], values[-2 if which else 1] if len(values) > 1 else None)
        gaps = [values[which] - v for v in values]
        gaps[which] = self.ctx.inf
        return np.asarray((frame / np.array(gaps, dtype=object)) @ frame.T)

    def must_be_apart(self, x: Any, y: Any | None) -> None:
        """Raise where two numbers may be one."""
        if y is not None and abs(x - y) <= self.small * (1 + abs(x)):
            raise NotTold

    # --- by singular values -------------------------------------------------------------------------------------------

    def singular(self, a: Array) -> tuple[Array, list[Any], Array]:
        """U, the singular values in falling order, and Vᵀ, the reduced decomposition."""
        a = self.reals(a)
        if a.shape[0] < a.shape[1]:
            u, values, v = self.singular(a.T)
            return v.T, values, u.T
        left, found, right = self.iterated(self.ctx.svd_r, a)
        values = [found[i] for i in range(a.shape[1])]
        u = np.array(left.tolist(), dtype=object).reshape(a.shape)
        v = np.array(right.tolist(), dtype=object).reshape(a.shape[1], a.shape[1])
        return u, values, v

    def pseudo_inverse(self, a: Array) -> Array:
        """The inverse of Moore and Penrose."""
        u, values, v = self.singular(a)
        kept = [i for i, s in enumerate(values) if s > self.small * values[0]]
        inverse = np.array([1 / values[i] for i in kept], dtype=object)
        return self.lifted(np.zeros(a.shape[::-1])) if not kept else (v[kept].T * inverse) @ u[:, kept].T

    def polar(self, a: Array) -> Array:
        """U Vᵀ, where the rank is full."""
        u, values, v = self.singular(a)
        if values[-1] <= self.small * values[0]:
            raise NotTold
        return np.asarray(u @ v)

    def leading_dyad(self, a: Array) -> Array:
        """u vᵀ for the greatest singular value, where that is simple."""
        u, values, v = self.singular(a)
        self.must_be_apart(values[0], values[1] if len(values) > 1 else None)
        return np.asarray(u[:, [0]] @ v[[0]])

    def singular_direction(self, weights: Callable[[int], list[int]], a: Array, e: Array) -> Array:
        """The derivative of Σ fᵢ uᵢ vᵢᵀ in the direction E, f constant, where singular values differ and are not 0."""
        if a.shape[0] < a.shape[1]:
            return self.singular_direction(weights, a.T, e.T).T
        f, gram = weights(a.shape[1]), a.T @ a
        values, _ = self.symmetric_eigen(gram)
        for x, y in pairwise([self.ctx.zero, *values]):
            self.must_be_apart(x, y)

        def weighted(x: Array) -> Array:
            found, frame, inverse = self.eigen(x.T @ x)
            order = sorted(range(len(found)), key=lambda i: -self.ctx.re(found[i]))
            scales = [f[order.index(i)] / self.ctx.sqrt(found[i]) for i in range(len(found))]
            return np.asarray(x @ (frame * np.array(scales, dtype=object)) @ inverse)

        return self.along(weighted, a, e)
