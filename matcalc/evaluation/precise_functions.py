"""What the functions that `code` clauses name are in as many digits as are asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..language.code import Meanings
from .code import INFIX, constant_of, function_of
from .precise_matrices import Array, Matrices, NotTold, NoValue

RATIONAL = frozenset(
    "np.add np.concatenate np.cumprod np.cumsum np.diag np.diagonal np.diff np.dot np.einsum np.expand_dims np.flip "
    "np.fliplr np.flipud np.hstack np.inner np.kron np.matmul np.mean np.moveaxis np.multiply np.outer np.pad np.prod "
    "np.ravel np.reshape np.roll np.rot90 np.square np.squeeze np.stack np.subtract np.sum np.swapaxes np.take "
    "np.tensordot np.trace np.transpose np.tril np.triu np.vdot np.vstack "
    "matcalc.block_diag matcalc.elimination matcalc.unvech matcalc.vech".split()
)
"""Functions that move, add and multiply entries: what NumPy makes of them holds for numbers of any kind."""

LARGEST_OF = {
    **dict.fromkeys(("np.exp", "np.expm1", "np.sinh", "np.cosh"), 10**12),
    **dict.fromkeys(("np.sin", "np.cos", "np.tan"), 10**30),
    **dict.fromkeys(("matcalc.gamma", "matcalc.lgamma", "matcalc.digamma", "matcalc.trigamma"), 10**5),
}
"""Of what a function is applied to, where more would need more digits, or have more than anybody can use."""

NEARNESS: dict[str, Callable[[float], float]] = {
    "np.tanh": lambda x: 0.87 * x,
    "matcalc.erf": lambda x: 0.44 * x * x,
    "np.exp": lambda x: 0.44 * x,
}
"""How many powers of ten lie between 1 and how near a function is to its limit, or how far away from 1."""
MOST_POWERS = 10**6

Function = Callable[..., Any]


def in_digits(m: Matrices) -> Meanings:
    """The numbers of a context of mpmath, as a clause is computed with them."""
    functions = {**_of_entries(m), **_of_arrays(m), **_of_matrices(m)}

    def function(name: str) -> Function:
        if name in RATIONAL:
            return function_of(name)
        if name not in functions:
            raise NotTold
        return functions[name]

    comparisons = {sign: partial(_compared, m, sign) for sign in ("==", "!=", "<", "<=", ">", ">=")}
    operations = {sign: partial(_operated, m, sign) for sign in "+-*/"}
    raised = {"**": np.frompyfunc(m.power, 2, 1), "@": INFIX["@"]}

    def constant(name: str) -> Any:
        exact = {"np.pi": m.ctx.pi, "np.e": m.ctx.e}.get(name)
        return constant_of(name) if exact is None else +exact

    return Meanings(function, constant, partial(_number, m), {**comparisons, **operations, **raised})


def _number(m: Matrices, text: str) -> Any:
    return int(text) if text.isdecimal() else m.ctx.mpf(text)


def _operated(m: Matrices, sign: str, a: Any, b: Any) -> Any:
    """A sum, a product or a quotient; mpmath is slow to find out that an array is no number."""
    if isinstance(b, np.ndarray):
        a = np.asarray(a, dtype=object)
    elif sign == "/" and isinstance(a, int) and isinstance(b, int):
        a = m.ctx.mpf(a)
    return INFIX[sign](a, b)


def _compared(m: Matrices, sign: str, a: Any, b: Any) -> Any:
    """A comparison of real numbers that are not so near one another that it may be rounding which tells them apart."""

    def compare(x: Any, y: Any) -> bool:
        if not m.unturned(x) or not m.unturned(y):
            raise NoValue
        x, y = m.ctx.re(x), m.ctx.re(y)
        if x != y and abs(x - y) <= m.small * (1 + abs(y)):
            raise NotTold
        return bool(INFIX[sign](x, y))

    return np.frompyfunc(compare, 2, 1)(a, b)


# --- functions of every entry -----------------------------------------------------------------------------------------


def _sign(m: Matrices, x: Any) -> int:
    if not m.unturned(x):
        raise NoValue
    x = m.ctx.re(x)
    if x and abs(x) < m.small:
        raise NotTold
    return int(x > 0) - int(x < 0)


def _modulus(m: Matrices, x: Any) -> Any:
    if not m.unturned(x):
        raise NoValue
    return abs(m.ctx.re(x))


def _of_entries(m: Matrices) -> dict[str, Function]:
    """Functions of one number, where it is not so large that their values are of no use; and of two."""
    ctx = m.ctx

    def moderate(name: str, f: Function) -> Function:
        largest, nearness = LARGEST_OF.get(name), NEARNESS.get(name)

        def bounded(x: Any) -> Any:
            if largest is not None and abs(x) > largest:
                raise NotTold
            if nearness is not None and ctx.mag(x) > 3:
                m.spread = max(m.spread, int(nearness(min(float(abs(x)), MOST_POWERS))))
            try:
                return f(x)
            except ValueError as pole:
                raise NoValue from pole

        of_all: Function = np.frompyfunc(bounded, 1, 1)
        return of_all

    def of_order(k: Any, a: Any) -> Any:
        if not ctx.isint(k) or ctx.re(k) < 0:
            raise NoValue
        return moderate("matcalc.trigamma", lambda x: ctx.polygamma(int(ctx.re(k)), x))(a)

    def step(x: Any, at_zero: Any) -> Any:
        return (at_zero, ctx.one, ctx.zero)[_sign(m, x)]

    def greater(x: Any, y: Any) -> Any:
        return x if _sign(m, x - y) > 0 else y

    def logaddexp(x: Any, y: Any) -> Any:
        if ctx.re(x) < ctx.re(y):
            x, y = y, x
        return x + ctx.log1p(ctx.exp(y - x))

    one = {
        "np.exp": ctx.exp,
        "np.log": m.log,
        "np.sqrt": ctx.sqrt,
        "np.sin": ctx.sin,
        "np.cos": ctx.cos,
        "np.tan": ctx.tan,
        "np.arcsin": ctx.asin,
        "np.arccos": ctx.acos,
        "np.arctan": ctx.atan,
        "np.sinh": ctx.sinh,
        "np.cosh": ctx.cosh,
        "np.tanh": ctx.tanh,
        "np.arcsinh": ctx.asinh,
        "np.arccosh": ctx.acosh,
        "np.arctanh": ctx.atanh,
        "np.log1p": lambda x: m.log(1 + x),
        "np.expm1": lambda x: ctx.exp(x) - 1,
        "np.log2": lambda x: m.log(x) / ctx.log(2),
        "np.log10": lambda x: m.log(x) / ctx.log(10),
        "np.abs": partial(_modulus, m),
        "np.sign": lambda x: ctx.mpf(_sign(m, x)),
        "matcalc.erf": ctx.erf,
        "matcalc.gamma": ctx.gamma,
        "matcalc.lgamma": lambda x: ctx.log(abs(ctx.gamma(x))),
        "matcalc.digamma": ctx.digamma,
        "matcalc.trigamma": lambda x: ctx.polygamma(1, x),
    }
    two = {
        "np.logaddexp": logaddexp,
        "np.maximum": greater,
        "np.minimum": lambda x, y: -greater(-x, -y),
        "np.heaviside": step,
        "np.power": m.power,
    }
    return {
        **{name: moderate(name, f) for name, f in one.items()},
        **{name: np.frompyfunc(f, 2, 1) for name, f in two.items()},
        "matcalc.polygamma": of_order,
        "np.where": lambda where, a, b: np.where(np.asarray(where, dtype=bool), a, b),
    }


# --- functions of whole arrays ----------------------------------------------------------------------------------------


def _of_arrays(m: Matrices) -> dict[str, Function]:
    """Norms and extremes."""
    ctx = m.ctx

    def moduli(a: Array) -> list[Any]:
        return [_modulus(m, x) for x in a.flat]

    def norm(a: Array, order: Any = None) -> Any:
        if order in (None, "fro") or (order == 2 and a.ndim == 1):
            return ctx.sqrt(sum(x * x for x in m.reals(a).flat))
        if a.ndim == 1 and order == 1:
            return sum(moduli(a))
        if a.ndim == 1 and order == np.inf:
            return max(moduli(a))
        if a.ndim == 2 and order == 2:
            return m.singular(a)[1][0]
        if a.ndim == 2 and order == "nuc":
            return sum(m.singular(a)[1])
        raise NotTold

    def greatest(a: Array) -> Any:
        return max(m.reals(a).flat)

    return {
        "np.linalg.norm": norm,
        "np.max": greatest,
        "np.min": lambda a: -greatest(-a),
    }


def _of_matrices(m: Matrices) -> dict[str, Function]:
    """Linear algebra."""
    ctx = m.ctx

    def signed_logarithm(a: Array) -> tuple[Any, Any]:
        determinant = m.determinant(a)
        return ctx.sign(determinant), m.log(_modulus(m, determinant))

    def direction_of(f: Function, slope: Function, whole: Function) -> Function:
        def direction(a: Array, e: Array) -> Array:
            try:
                return m.frechet(f, slope, a, e)
            except NotTold:
                return m.corner(whole, a, e)

        return direction

    def expm_direction(a: Array, e: Array) -> Array:
        return m.corner(m.expm, a, e)

    def polar_direction(a: Array, e: Array) -> Array:
        return m.singular_direction(lambda k: [1] * k, a, e)

    def dyad_direction(a: Array, e: Array) -> Array:
        return m.singular_direction(lambda k: [int(i == 0) for i in range(k)], a, e)

    def adjugate_direction(a: Array, e: Array) -> Array:
        return m.along(m.adjugate, a, e)

    def others(a: Array) -> Array:
        flat = list(a.flat)
        return np.array([ctx.fprod(flat[:i] + flat[i + 1 :]) for i in range(len(flat))], dtype=object).reshape(a.shape)

    def pairs(a: Array) -> Array:
        flat = list(a.reshape(-1, order="F"))
        return np.array(
            [
                [ctx.fprod(x for k, x in enumerate(flat) if k not in (i, j)) * (i != j) for j in range(len(flat))]
                for i in range(len(flat))
            ],
            dtype=object,
        )

    return {
        "np.linalg.cholesky": m.cholesky,
        "np.linalg.det": m.determinant,
        "np.linalg.eigvalsh": lambda a: np.array(m.symmetric_eigen(a)[0], dtype=object),
        "np.linalg.inv": m.inverse,
        "np.linalg.matrix_power": m.integer_power,
        "np.linalg.pinv": m.pseudo_inverse,
        "np.linalg.slogdet": signed_logarithm,
        "np.linalg.solve": lambda a, b: m.inverse(a) @ b,
        "matcalc.adjugate": m.adjugate,
        "matcalc.eigenprojector": m.projector,
        "matcalc.expm": m.expm,
        "matcalc.frechet_adj": adjugate_direction,
        "matcalc.frechet_expm": expm_direction,
        "matcalc.frechet_leading_dyad": dyad_direction,
        "matcalc.frechet_logm": direction_of(m.log, lambda x: 1 / x, m.logm),
        "matcalc.frechet_polar": polar_direction,
        "matcalc.frechet_sqrtm": direction_of(ctx.sqrt, lambda x: 1 / (2 * ctx.sqrt(x)), m.sqrtm),
        "matcalc.kronecker_adj": lambda a: m.columns(lambda e: adjugate_direction(a, e), a.shape),
        "matcalc.kronecker_expm": lambda a: m.columns(lambda e: expm_direction(a, e), a.shape),
        "matcalc.kronecker_leading_dyad": lambda a: m.columns(lambda e: dyad_direction(a, e), a.shape),
        "matcalc.kronecker_polar": lambda a: m.columns(lambda e: polar_direction(a, e), a.shape),
        "matcalc.kronecker_power": lambda a, k: m.columns(lambda e: m.power_direction(a, k, e), a.shape),
        "matcalc.leading_dyad": m.leading_dyad,
        "matcalc.logm": m.logm,
        "matcalc.polar": m.polar,
        "matcalc.prod_others": others,
        "matcalc.prod_pairs": pairs,
        "matcalc.reduced_resolvent": m.resolvent,
        "matcalc.sqrtm": m.sqrtm,
    }
