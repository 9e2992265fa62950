"""Values and derivatives of trees with NumPy: the fuzzer's own idea of what everything means.

A stack of copies of the variables, each moved by ih in one direction, gives every directional derivative of a tree in
one evaluation, exact to the last digits; see `numerics`.  A point that says nothing raises `Unfit`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.fuzz import numerics as nm
from tests.fuzz.numerics import Array, Unfit
from tests.fuzz.trees import Tree, nodes, size_of

LARGEST = 1e6  # of what is met on the way; more says little in double precision


# --- unspecified functions --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stand:
    """sin(A x) + ½ (B x)² of all entries x of the argument, entry by entry of the result; with its derivatives."""

    seed: int
    result: tuple[int, ...]

    def _parts(self, shape: tuple[int, ...]) -> tuple[Array, Array]:
        rng = np.random.default_rng([self.seed, *shape, *self.result])
        total, n = int(np.prod(self.result)), int(np.prod(shape))
        return rng.standard_normal((total, n)) * 0.7, rng.standard_normal((total, n)) * 0.5

    def derivative(self, order: int, x: Any) -> Array:
        """The derivative of an order, of the shape of the result and `order` times that of the argument."""
        x = np.asarray(x)
        a, b = self._parts(x.shape)
        ax, bx = a @ x.reshape(-1), b @ x.reshape(-1)
        if order == 0:
            out = np.sin(ax) + bx * bx / 2
        elif order == 1:
            out = np.cos(ax)[:, None] * a + bx[:, None] * b
        else:
            out = np.sin(ax + order * np.pi / 2)
            for _ in range(order):
                out = out[..., None] * a.reshape(len(a), *(1,) * (out.ndim - 1), -1)
            if order == 2:
                out = out + b[:, :, None] * b[:, None, :]
        return np.asarray(out).reshape((*self.result, *(x.shape * order)))

    def given(self) -> tuple[Callable[[Any], Array], ...]:
        """The function and its derivatives as matcalc takes them."""
        return tuple(lambda x, k=k: self.derivative(k, x) for k in range(6))  # type: ignore[misc]


def entrywise(order: int, z: Array) -> Array:
    """sin(1.3 z + 0.4) and its derivatives, for every unspecified function that works entry by entry."""
    return np.asarray(1.3**order * np.sin(1.3 * z + 0.4 + order * np.pi / 2))


# --- what the operations mean -----------------------------------------------------------------------------------------


def _one(z: Any) -> Array:
    return np.asarray(z)[..., None, None]


def _total(a: Array) -> Array:
    return np.asarray(a.sum(axis=(-2, -1), keepdims=True))


def _norm(a: Array) -> Array:
    total = _total(a * a)
    if abs(nm.real(total)[0, 0]) < nm.CLOSE**2:
        raise Unfit("at a kink")
    return np.asarray(np.sqrt(total))


def _signed(f: Callable[[Array, Array], Array]) -> Callable[[Array], Array]:
    """A function with a kink at zero, of its argument and the sign of that."""

    def at(a: Array) -> Array:
        nm.away_from(a, 0, "at a kink")
        return np.asarray(f(a, np.sign(a.real)))

    return at


def _inside(f: Callable[[Array], Array], low: float, high: float = np.inf) -> Callable[[Array], Array]:
    """A function with a domain."""

    def at(a: Array) -> Array:
        found = nm.real(a)
        if not (found.min() > low + nm.CLOSE and found.max() < high - nm.CLOSE):
            raise Unfit("outside the domain")
        return np.asarray(f(a))

    return at


def _tan(a: Array) -> Array:
    nm.away_from(np.cos(a), 0, "at a pole")
    return np.asarray(np.tan(a))


def _recip(a: Array) -> Array:
    nm.away_from(a, 0, "at a pole")
    return np.asarray(1 / a)


def _logsumexp(a: Array) -> Array:
    top = nm.real(a).max()
    return np.asarray(top + np.log(_total(np.exp(a - top))))


def _softmax(a: Array) -> Array:
    e = np.exp(a - nm.real(a).max())
    return np.asarray(e / _total(e))


def _logdet(a: Array) -> Array:
    nm.well_conditioned(a)
    d = nm.det(a)
    return np.asarray(np.log(d * np.sign(nm.real(d)[0, 0])))


def _diagonal(a: Array) -> Array:
    return np.asarray(a * np.eye(a.shape[-2]))


def _lower(n: int) -> list[tuple[int, int]]:
    """The places of a lower triangle, column by column."""
    return [(i, j) for j in range(n) for i in range(j, n)]


def _vech(a: Array) -> Array:
    return np.stack([a[..., i, j] for i, j in _lower(a.shape[-1])], axis=-1)[..., None]


def _blockdiag(a: Array, b: Array) -> Array:
    (m, n), (p, q) = a.shape[-2:], b.shape[-2:]
    out = np.zeros((max(a.shape[0], b.shape[0]), m + p, n + q), dtype=complex)
    out[:, :m, :n], out[:, m:, n:] = a, b
    return out


def _beside(axis: int) -> Callable[[Array, Array], Array]:
    def joined(a: Array, b: Array) -> Array:
        stack = max(a.shape[0], b.shape[0])
        parts = [np.broadcast_to(x, (stack, *x.shape[1:])) for x in (a, b)]
        return np.concatenate(parts, axis=axis)

    return joined


def _khatrirao(a: Array, b: Array) -> Array:
    product = a[..., :, None, :] * b[..., None, :, :]
    return product.reshape(product.shape[0], -1, a.shape[-1])


def _frechet_power(x: Array, k: Array, e: Array) -> Array:
    return nm.block(lambda both: nm.power(both, int(k[0, 0, 0].real)), x, e)


VALUES: dict[str, Callable[..., Array]] = {
    "exp": np.exp,
    "log": _inside(np.log, 0),
    "sqrt": _inside(np.sqrt, 0),
    "sin": np.sin,
    "cos": np.cos,
    "tan": _tan,
    "asin": _inside(np.arcsin, -1, 1),
    "acos": _inside(np.arccos, -1, 1),
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "abs": _signed(lambda a, s: a * s),
    "sign": _signed(lambda a, s: s + 0j),
    "relu": _signed(lambda a, s: a * (s > 0)),
    "step": _signed(lambda a, s: (s > 0) + 0j),
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "softplus": lambda a: np.log(1 + np.exp(a)),
    "erf": nm.erf,
    "gamma": lambda a: np.exp(nm.lgamma(a)),
    "lgamma": nm.lgamma,
    "digamma": nm.digamma,
    "trigamma": lambda a: nm.polygamma(1, a),
    "polygamma": lambda k, a: nm.polygamma(int(k[0, 0, 0].real), a),
    "prod_others": lambda a: VALUES["prod"](a) * _recip(a),
    "recip": _recip,
    "square": lambda a: a * a,
    "tr": lambda a: _one(np.trace(a, axis1=-2, axis2=-1)),
    "sum": _total,
    "mean": lambda a: _total(a) / (a.shape[-1] * a.shape[-2]),
    "prod": lambda a: a.prod(axis=(-2, -1), keepdims=True),
    "max": nm.greatest,
    "min": lambda a: -nm.greatest(-a),
    "maxmask": nm.greatest_mask,
    "det": nm.det,
    "logdet": _logdet,
    "adj": nm.adjugate,
    "cof": lambda a: nm.turned(nm.adjugate(a)),
    "norm": _norm,
    "norm_F": _norm,
    "norm_1": lambda a: _total(VALUES["abs"](a)),
    "norm_inf": lambda a: nm.greatest(VALUES["abs"](a)),
    "norm_2": nm.spectral_norm,
    "norm_nuc": nm.nuclear_norm,
    "leading_dyad": nm.leading_dyad,
    "polar": nm.polar,
    "lambda_max": lambda a: nm.eigenvalue(a, -1),
    "lambda_min": lambda a: nm.eigenvalue(a, 0),
    "max_projector": lambda a: nm.projector(a, -1),
    "min_projector": lambda a: nm.projector(a, 0),
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "normalize": lambda a: a / _norm(a),
    "inv": nm.inv,
    "pinv": nm.pinv,
    "expm": nm.expm,
    "logm": nm.logm,
    "sqrtm": nm.sqrtm,
    "chol": nm.cholesky,
    "frechet_expm": lambda x, e: nm.block(nm.expm, x, e),
    "frechet_logm": lambda x, e: nm.block(nm.logm, x, e),
    "frechet_sqrtm": lambda x, e: nm.block(nm.sqrtm, x, e),
    "frechet_power": _frechet_power,
    "kronecker_expm": lambda x: nm.in_every_direction(lambda a, e: nm.block(nm.expm, a, e), x),
    "kronecker_power": lambda x, k: nm.in_every_direction(lambda a, e: _frechet_power(a, k, e), x),
    "transpose": nm.turned,
    "Diag": _diagonal,
    "diagvec": lambda a: np.diagonal(a, axis1=-2, axis2=-1)[..., None],
    "frob": lambda a, b: _total(a * b),
    "dot": lambda a, b: _total(a * b),
    "outer": lambda a, b: a @ nm.turned(b),
    "kron": nm.kron,
    "khatrirao": _khatrirao,
    "vec": nm.vec,
    "vech": _vech,
    "sym": lambda a: (a + nm.turned(a)) / 2,
    "skew": lambda a: (a - nm.turned(a)) / 2,
    "tril": np.tril,
    "triu": np.triu,
    "rowsum": lambda a: a.sum(axis=-1, keepdims=True),
    "colsum": lambda a: a.sum(axis=-2, keepdims=True),
    "cumsum": lambda a: np.cumsum(a, axis=-2),
    "revcumsum": lambda a: np.cumsum(a[..., ::-1, :], axis=-2)[..., ::-1, :],
    "hstack": _beside(-1),
    "vstack": _beside(-2),
    "blockdiag": _blockdiag,
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "dotadd": lambda a, b: a + b,
    "dotsubtract": lambda a, b: a - b,
    "negate": lambda a: -a,
    "mul": lambda a, b: a @ b,
    "scale": lambda s, a: s * a,
    "divide": lambda a, s: a * _recip(s),
    "hadamard": lambda a, b: a * b,
    "dotdivide": lambda a, b: a * _recip(b),
    "power_of": nm.real_power,
    "dotpower_of": lambda a, s: np.exp(s * VALUES["log"](a)),
}


def _sized(t: Tree, shape: tuple[int, int], args: list[Array]) -> Array:
    """Operations whose value depends on the size of the result."""
    (m, n), a = shape, args[0]
    if t.op == "unvec":
        return nm.unvec(a, m, n)
    if t.op == "unvech":
        out = np.zeros((a.shape[0], n, n), dtype=complex)
        for k, (i, j) in enumerate(_lower(n)):
            out[:, i, j] = a[:, k, 0]
        return out
    if t.op == "firstpart":
        return a[..., :m, :n]
    if t.op == "lastpart":
        return a[..., a.shape[-2] - m :, a.shape[-1] - n :]
    p, q = args[1].shape[-2:]
    if t.op == "kronleft":
        return np.einsum("sapbq,spq->sab", a.reshape(-1, m, p, n, q), args[1], optimize=False)
    return np.einsum("sapbq,sab->spq", a.reshape(-1, p, m, q, n), args[1], optimize=False)


SIZED = frozenset({"unvec", "unvech", "firstpart", "lastpart", "kronleft", "kronright"})


def _leaf(t: Tree, sizes: Mapping[str, int]) -> Array:
    """The value of what has no operands."""
    m, n = (size_of(d, sizes) for d in t.shape)
    if t.op == "number":
        return np.full((1, 1, 1), float(t.data), dtype=complex)
    if t.op == "size":
        return np.full((1, 1, 1), size_of(t.data, sizes), dtype=complex)
    if t.op in ("ones", "zeros"):
        return np.full((1, m, n), float(t.op == "ones"), dtype=complex)
    if t.op == "identity":
        return np.eye(m, dtype=complex)[None]
    out = np.zeros((1, m, n), dtype=complex)
    if t.op == "commutation":
        p, q = (size_of(d, sizes) for d in t.data)
        for i in range(p):
            for j in range(q):
                out[0, i * q + j, j * p + i] = 1
        return out
    i, j = (*t.data, 1)[:2]
    if i > m or j > n:
        raise Unfit("an index beyond the size")
    out[0, i - 1, j - 1] = 1
    return out


def _indexed(t: Tree, a: Array) -> Array:
    for axis, i in zip((-2, -1), t.data, strict=True):
        if i is not None:
            if i > a.shape[axis]:
                raise Unfit("an index beyond the size")
            a = np.take(a, [i - 1], axis=axis)
    return a


def _called(t: Tree, a: Array, stands: Mapping[str, Stand], shape: tuple[int, int]) -> Array:
    """An unspecified function, on each of the stack by its first order."""
    x, stand, order = t.args[0], stands[t.data.name], t.data.primes
    axes = (0, 0) if x.shape == (1, 1) else (slice(None), 0) if x.shape[1] == 1 else ()
    base = nm.real(a)[axes]
    value = stand.derivative(order, base)
    slope = stand.derivative(order + 1, base)
    moved = a.imag[(slice(None), *axes)] if axes else a.imag
    along = slope.reshape(-1, base.size) @ moved.reshape(len(a), -1).T
    return np.asarray(value.reshape(1, -1) + 1j * along.T).reshape(-1, *shape)


def value(root: Tree, arrays: Mapping[str, Array], sizes: Mapping[str, int], stands: Mapping[str, Stand]) -> Array:
    """The values for stacks of arrays; Unfit where they say nothing."""
    memo: dict[int, Array] = {}
    with np.errstate(all="ignore"):
        for t in nodes(root):
            args = [memo[id(a)] for a in t.args]
            if t.op == "symbol":
                found = arrays[t.data]
            elif not args:
                found = _leaf(t, sizes)
            elif t.op == "power":
                found = nm.power(args[0], t.data) if t.shape != (1, 1) else _dotpower(args[0], t.data)
            elif t.op == "dotpower":
                found = _dotpower(args[0], t.data)
            elif t.op == "index":
                found = _indexed(t, args[0])
            elif t.op == "call":
                found = _called(t, args[0], stands, tuple(size_of(d, sizes) for d in t.shape))  # type: ignore[arg-type]
            elif t.op == "dotcall":
                a = args[0]
                found = entrywise(t.data.primes, a)
            elif t.op in SIZED:
                found = _sized(t, (size_of(t.shape[0], sizes), size_of(t.shape[1], sizes)), args)
            else:
                try:
                    found = np.asarray(VALUES[t.op](*args))
                except np.linalg.LinAlgError as singular:
                    raise Unfit("ill-conditioned") from singular
            largest = np.abs(found[0]).max(initial=0)
            if not largest < LARGEST:
                raise Unfit("too large or not finite")
            memo[id(t)] = found
    return memo[id(root)]


def _dotpower(a: Array, p: Any) -> Array:
    if p == int(p) and p > 0:
        out = a
        for _ in range(int(p) - 1):
            out = out * a
        return out
    if p == int(p):
        return _recip(_dotpower(a, -p)) if p else np.ones_like(a)
    return np.asarray(np.exp(float(p) * VALUES["log"](a)))
