"""Expressions in as many digits as are asked for: NumPy arrays of mpmath's numbers.

So a difference that is real is told from one that rounding makes.  Where an operation leaves the real numbers it takes
its principal complex value: exp(log(t)) is t for a negative t, too, and 2 log(t) is not log(t²) there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from mpmath import mp

from ..errors import EvaluationError
from ..expressions.nodes import Expr, postorder
from .arrays import (
    CONSTANTS,
    MEANING,
    SIZED,
    axes_of_shape,
    constant,
    derivative_in_use,
    flat,
    indexed,
    shape_in,
    sized,
)
from .precise_matrices import Array, Matrices, NotTold, NoValue

LARGEST = 10**5  # of an exponent, and of what a function of numbers is applied to

Outcome = Array | NoValue | NotTold


class Precise(Matrices):
    """Arithmetic with so many digits."""

    def __init__(self, digits: int) -> None:
        ctx = mp.clone()
        ctx.dps = digits
        super().__init__(ctx, ctx.mpf(10) ** (-2 * digits // 3))
        self.meaning = {**_numbers(self), **_matrices(self)}

    def evaluate(
        self, roots: Sequence[Expr], arrays: Mapping[str, Array], sizes: Mapping[str, int], functions: Mapping[str, Any]
    ) -> list[Outcome]:
        """The values of expressions as matrices, or why one has none."""
        lifted = {name: self.lifted(a) for name, a in arrays.items()}
        return self._outcomes(roots, lifted, sizes, functions)

    def _outcomes(
        self, roots: Sequence[Expr], arrays: Mapping[str, Array], sizes: Mapping[str, int], functions: Mapping[str, Any]
    ) -> list[Outcome]:
        memo: dict[Expr, Outcome] = {}
        for e in postorder(*roots):
            found = [memo[a] for a in e.args]
            failed = next((a for a in found if isinstance(a, NotTold)), None) or next(
                (a for a in found if isinstance(a, NoValue)), None
            )
            if failed is not None:
                memo[e] = failed
                continue
            try:
                memo[e] = self._node(e, [a for a in found if isinstance(a, np.ndarray)], arrays, sizes, functions)
            except (NoValue, NotTold) as problem:
                memo[e] = problem
            except ZeroDivisionError:
                memo[e] = NoValue()
            except (ValueError, OverflowError, TypeError, ArithmeticError, EvaluationError, mp.NoConvergence):
                memo[e] = NotTold()
        return [memo[e] for e in roots]

    def _node(
        self,
        e: Expr,
        args: list[Array],
        arrays: Mapping[str, Array],
        sizes: Mapping[str, int],
        functions: Mapping[str, Any],
    ) -> Array:
        head = e.head
        if head == "symbol":
            return self._symbol(e, arrays, sizes)
        if head == "add":
            return np.asarray(sum(a * self.number(c) for c, a in zip(e.data, args, strict=True)))
        if head == "mul":
            product = args[0]
            for a in args[1:]:
                product = product @ a
            return product
        if head == "had":
            return self._monomial(e, args)
        if head == "scale":
            return np.asarray(args[1] * args[0][0, 0])
        if head == "transpose":
            return args[0].T
        if head == "power":
            return self.matrix_power(args[0], args[1][0, 0])
        if head == "dotpower":
            return self.each(lambda x: self.power(x, args[1][0, 0]), args[0])
        if head == "call":
            return self._call(e, args, functions)
        if head == "index":
            return indexed(e, args[0])
        if not e.args:
            return self.lifted(constant(e, dict(sizes)))
        if head in ("padafter", "padbefore"):
            return self.lifted(sized(head, shape_in(e, dict(sizes)), args))
        if head in SIZED:
            return sized(head, shape_in(e, dict(sizes)), args)
        if head in self.meaning:
            return np.asarray(self.meaning[head](*args))
        if head in EXACT:
            return self.lifted(np.asarray(MEANING[head](*args)))
        if e.data is not None and e.data.definition is not None:
            return self._defined(e, args, sizes, functions)
        raise NotTold

    def _symbol(self, e: Expr, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
        if e.name in CONSTANTS:
            return self.scalar(+self.ctx.pi)
        return arrays[e.name] if e.name in arrays else self.scalar(self.ctx.mpf(sizes[e.name]))

    def _monomial(self, e: Expr, args: list[Array]) -> Array:
        total: Array | None = None
        for a, p in zip(args, e.data, strict=True):
            exponent = p if isinstance(p, int) else self.number(p)
            power = a if p == 1 else self.each(lambda x, exponent=exponent: self.power(x, exponent), a)
            total = power if total is None else total * power
        assert total is not None
        return total

    def _call(self, e: Expr, args: list[Array], functions: Mapping[str, Any]) -> Array:
        """The value of an unspecified function, or of a derivative of it."""
        f, axes = e.data, axes_of_shape(e.args[0])
        if f.mode:
            return derivative_in_use(e, np.asarray(functions[f.name][1](flat(args[0], axes))), args, axes)
        plain = [flat(a, axes_of_shape(x)) for a, x in zip(args, e.args, strict=True)]
        out = np.asarray(functions[f.name][f.order](*plain), dtype=object)
        if f.elementwise:
            return out.reshape(args[0].shape)
        return out.reshape(-1, 1) if out.ndim < 2 else out

    def _defined(self, e: Expr, args: list[Array], sizes: Mapping[str, int], functions: Mapping[str, Any]) -> Array:
        """The value of an operator that a rule file defines by others."""
        pattern, template = e.data.definition
        inner = dict(sizes)
        for variable, a in zip(pattern.args, args, strict=True):
            inner |= {d: n for d, n in zip(variable.shape, a.shape, strict=True) if isinstance(d, str)}
        named = {v.name: a for v, a in zip(pattern.args, args, strict=True)}
        found = self._outcomes([template], named, inner, functions)[0]
        if not isinstance(found, np.ndarray):
            raise found
        return found

    def is_real(self, value: Outcome) -> bool:
        """Whether there is a value, without imaginary parts but by rounding."""
        if not isinstance(value, np.ndarray):
            return False
        allowed = self.small * (1 + self.largest(value))
        return all(abs(self.ctx.im(x)) <= allowed for x in value.flat)

    def shown(self, x: Any) -> str:
        """A number for people."""
        real, imaginary = self.ctx.re(x), self.ctx.im(x)
        if abs(imaginary) <= self.small * (1 + abs(real)):
            return str(self.ctx.nstr(real, 8))
        return f"{self.ctx.nstr(real, 8)} + {self.ctx.nstr(imaginary, 8)} i"

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

    def sign_of(self, x: Any) -> int:
        """The sign of a real number."""
        if not self.unturned(x):
            raise NoValue
        x = self.ctx.re(x)
        if x and abs(x) < self.small:
            raise NotTold
        return int(x > 0) - int(x < 0)

    def order(self, k: Any) -> int:
        """A number that counts derivatives."""
        if not self.ctx.isint(k) or self.ctx.re(k) < 0:
            raise NoValue
        return int(self.ctx.re(k))

    def modulus(self, x: Any) -> Any:
        """The absolute value of a real number."""
        if not self.unturned(x):
            raise NoValue
        return abs(self.ctx.re(x))

    def moderate(self, f: Callable[[Any], Any]) -> Callable[[Array], Array]:
        """An elementwise function, where its argument is not so large that its value is of no use."""

        def bounded(x: Any) -> Any:
            if abs(x) > LARGEST:
                raise NotTold
            try:
                return f(x)
            except ValueError as pole:
                raise NoValue from pole

        return lambda a: self.each(bounded, a)

    # --- matrices -----------------------------------------------------------------------------------------------------

    def matrix_power(self, a: Array, k: Any) -> Array:
        """A power of a matrix, principal where it is not real."""
        if abs(k) > LARGEST:
            raise NotTold
        if self.ctx.isint(k):
            return self.integer_power(a, int(self.ctx.re(k)))
        return self.function(lambda x: self.power(x, k), a)

    def power_direction(self, a: Array, k: Any, e: Array) -> Array:
        """The Fréchet derivative of A^k at A in the direction E."""
        if self.ctx.isint(k):
            return self.corner(lambda x: self.matrix_power(x, k), a, e)
        return self.frechet(lambda x: self.power(x, k), lambda x: k * self.power(x, k - 1), a, e)

    def greatest(self, a: Array) -> Array:
        """The greatest entry."""
        return self.scalar(max(self.reals(a).flat))

    def mask(self, a: Array) -> Array:
        """Ones at the greatest entries, shared where there are several."""
        top = max(self.reals(a).flat)
        close = [x for x in a.flat if x != top and abs(x - top) <= self.small * (1 + abs(top))]
        if close:
            raise NotTold
        return self.lifted(np.asarray(MEANING["maxmask"](a)))


EXACT = frozenset(
    "tr frob sum mean Diag diagvec vec sym skew rowsum colsum dot outer tril triu cumsum revcumsum kron khatrirao vech "
    "hstack vstack blockdiag prod square".split()
)
"""Operations that are sums and products of entries: what NumPy makes of them holds for numbers of any kind."""


def _numbers(p: Precise) -> dict[str, Callable[..., Any]]:
    """Functions of each entry."""
    ctx = p.ctx
    one = ctx.one

    return {
        name: p.moderate(f)
        for name, f in {
            "exp": ctx.exp,
            "log": p.log,
            "sqrt": ctx.sqrt,
            "recip": lambda x: one / x,
            "sin": ctx.sin,
            "cos": ctx.cos,
            "tan": ctx.tan,
            "asin": ctx.asin,
            "acos": ctx.acos,
            "atan": ctx.atan,
            "sinh": ctx.sinh,
            "cosh": ctx.cosh,
            "tanh": ctx.tanh,
            "abs": p.modulus,
            "sign": lambda x: ctx.mpf(p.sign_of(x)),
            "sigmoid": lambda x: one / (one + ctx.exp(-x)),
            "softplus": lambda x: ctx.log(one + ctx.exp(x)),
            "relu": lambda x: (p.modulus(x) + ctx.re(x)) / 2,
            "step": lambda x: (ctx.mpf(p.sign_of(x)) + 1) / 2,
            "erf": ctx.erf,
            "gamma": ctx.gamma,
            "lgamma": lambda x: ctx.log(abs(ctx.gamma(x))),
            "digamma": ctx.digamma,
            "trigamma": lambda x: ctx.polygamma(1, x),
        }.items()
    } | {"polygamma": lambda k, a: p.moderate(lambda x: ctx.polygamma(p.order(k[0, 0]), x))(a)}


def _matrices(p: Precise) -> dict[str, Callable[..., Any]]:
    """Functions of matrices as wholes."""
    ctx = p.ctx

    def log_determinant(a: Array) -> Array:
        return p.scalar(p.log(p.modulus(p.determinant(a))))

    def length(a: Array) -> Array:
        return p.scalar(ctx.sqrt(sum(x * x for x in p.reals(a).flat)))

    def softmax(a: Array) -> Array:
        powers = p.meaning["exp"](a - max(p.reals(a).flat))
        return np.asarray(powers / powers.sum())

    def log_sum(a: Array) -> Array:
        top = max(p.reals(a).flat)
        return p.scalar(top + ctx.log(p.meaning["exp"](a - top).sum()))

    def direction_of(
        f: Callable[[Any], Any], slope: Callable[[Any], Any], whole: Callable[[Array], Array]
    ) -> Callable[[Array, Array], Array]:
        def direction(a: Array, e: Array) -> Array:
            try:
                return p.frechet(f, slope, a, e)
            except NotTold:
                return p.corner(whole, a, e)

        return direction

    def expm_direction(a: Array, e: Array) -> Array:
        return p.corner(p.expm, a, e)

    def polar_direction(a: Array, e: Array) -> Array:
        return p.singular_direction(lambda k: [1] * k, a, e)

    def dyad_direction(a: Array, e: Array) -> Array:
        return p.singular_direction(lambda k: [int(i == 0) for i in range(k)], a, e)

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
        "det": lambda a: p.scalar(p.determinant(a)),
        "logdet": log_determinant,
        "adj": p.adjugate,
        "cof": lambda a: p.adjugate(a).T,
        "norm_F": length,
        "norm": length,
        "norm_1": lambda a: p.scalar(sum(p.modulus(x) for x in a.flat)),
        "norm_inf": lambda a: p.scalar(max(p.modulus(x) for x in a.flat)),
        "norm_2": lambda a: p.scalar(p.singular(a)[1][0]),
        "norm_nuc": lambda a: p.scalar(sum(p.singular(a)[1])),
        "normalize": lambda a: a / length(a)[0, 0],
        "max": p.greatest,
        "min": lambda a: -p.greatest(-a),
        "maxmask": p.mask,
        "softmax": softmax,
        "logsumexp": log_sum,
        "expm": p.expm,
        "logm": p.logm,
        "sqrtm": p.sqrtm,
        "frechet_expm": expm_direction,
        "frechet_logm": direction_of(p.log, lambda x: 1 / x, p.logm),
        "frechet_sqrtm": direction_of(ctx.sqrt, lambda x: 1 / (2 * ctx.sqrt(x)), p.sqrtm),
        "frechet_polar": polar_direction,
        "frechet_leading_dyad": dyad_direction,
        "frechet_adj": lambda a, e: p.along(p.adjugate, a, e),
        "kronecker_adj": lambda a: p.columns(lambda e: p.along(p.adjugate, a, e), a.shape),
        "prod_others": others,
        "prod_pairs": pairs,
        "max_resolvent": lambda a: p.resolvent(a, -1),
        "min_resolvent": lambda a: p.resolvent(a, 0),
        "kronecker_polar": lambda a: p.columns(lambda e: polar_direction(a, e), a.shape),
        "kronecker_leading_dyad": lambda a: p.columns(lambda e: dyad_direction(a, e), a.shape),
        "kronecker_power": lambda a, k: p.columns(lambda e: p.power_direction(a, k[0, 0], e), a.shape),
        "kronecker_expm": lambda a: p.columns(lambda e: expm_direction(a, e), a.shape),
        "chol": p.cholesky,
        "pinv": p.pseudo_inverse,
        "polar": p.polar,
        "leading_dyad": p.leading_dyad,
        "lambda_max": lambda a: p.scalar(p.symmetric_eigen(a)[0][-1]),
        "lambda_min": lambda a: p.scalar(p.symmetric_eigen(a)[0][0]),
        "max_projector": lambda a: p.projector(a, -1),
        "min_projector": lambda a: p.projector(a, 0),
    }
