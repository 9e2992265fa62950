"""Expressions in as many digits as are asked for: NumPy arrays of mpmath's numbers.

So a difference that is real is told from one that rounding makes.  Where an operation leaves the real numbers it takes
its principal complex value: exp(log(t)) is t for a negative t, too, and 2 log(t) is not log(t²) there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mpmath import mp

from ..errors import EvaluationError
from ..expressions.nodes import Code, Expr, Operation, postorder
from ..language.code import Compiled, compiled, parse_code
from .arrays import (
    CONSTANTS,
    axes_of_shape,
    constant,
    derivative_in_use,
    flat,
    indexed,
    shape_in,
)
from .code import value_of
from .precise_functions import in_digits
from .precise_matrices import Array, Matrices, NotTold, NoValue

Outcome = Array | NoValue | NotTold


class Precise(Matrices):
    """Arithmetic with so many digits."""

    def __init__(self, digits: int) -> None:
        ctx = mp.clone()
        ctx.dps = digits
        super().__init__(ctx, ctx.mpf(10) ** (-2 * digits // 3))
        self.meanings = in_digits(self)
        self.compiled: dict[str, Compiled] = {}

    def evaluate(
        self, roots: Sequence[Expr], arrays: Mapping[str, Array], sizes: Mapping[str, int], functions: Mapping[str, Any]
    ) -> list[Outcome]:
        """The values of expressions as matrices, or why one has none."""
        lifted = {name: self.lifted(a) for name, a in arrays.items()}
        self.reach = self.spread = 0
        with np.errstate(all="ignore"):
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
                made = self._node(e, [a for a in found if isinstance(a, np.ndarray)], arrays, sizes, functions)
                memo[e] = made
                self.saw(made)
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
        said = e.data if isinstance(e.data, Operation) else None
        if said is not None and said.definition is not None:
            return self._defined(e, args, sizes, functions)
        if said is not None and said.code is not None and said.code.numpy:
            return self.lifted(value_of(self._code(said.code), said.code, args, lambda: shape_in(e, dict(sizes))))
        raise NotTold

    def _code(self, code: Code) -> Compiled:
        """The clause of an operator as a function of arrays with so many digits."""
        known = self.compiled.get(code.numpy)
        if known is None:
            known = self.compiled[code.numpy] = compiled(parse_code(code.numpy), self.meanings)
        return known

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
