"""SymPy objects as texts of our language, with the shapes and properties that SymPy knows of their names.

The text is read as any other is, so that a SymPy object means what its text means.  What has no meaning here, such as
an integral or a matrix of numbers, is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.determinant import Determinant
from sympy.matrices.expressions.matexpr import MatrixElement

from ..errors import MatcalcError, ParseError
from .sympy_code import of_an_entry, power_of
from .sympy_nodes import AsScalar, ConstantMatrix, MatrixOperation, ScalarOperation

_ENTRY = sympy.Dummy("t")
MOST_NODES = 20_000
_NUMBERS = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "asin", "acos": "acos",
    "atan": "atan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "Abs": "abs", "sign": "sign", "erf": "erf",
    "gamma": "gamma", "loggamma": "lgamma", "digamma": "digamma", "polygamma": "polygamma", "sqrt": "sqrt",
}  # fmt: skip
_NAMED = {
    sympy.Trace: "tr", Determinant: "det", sympy.Determinant: "det", sympy.Inverse: "inv", sympy.Transpose: "transpose",
    sympy.DiagMatrix: "Diag", sympy.DiagonalOf: "diagvec", sympy.Adjoint: "transpose",
}  # fmt: skip
_INFIX = {
    sympy.Add: " + ", sympy.MatAdd: " + ", sympy.Mul: " * ", sympy.MatMul: " * ", sympy.HadamardProduct: " .* ",
    sympy.KroneckerProduct: " ⊗ ",
}  # fmt: skip
_POWERS = {sympy.Pow: "^", sympy.MatPow: "^", sympy.HadamardPower: ".^"}
_CONSTANT = {sympy.Identity: "I", sympy.ZeroMatrix: "zeros", sympy.OneMatrix: "ones"}


@dataclass(slots=True)
class SympyText:
    """An expression as text, and what is declared of its names."""

    text: str
    shapes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    assume: dict[str, list[str]] = field(default_factory=dict)


def sympy_text(e: Any, entrywise: Mapping[str, str], sized: Mapping[str, tuple[int, ...]]) -> SympyText:
    """The text of a SymPy object; operators that work entry by entry are known by their `code sympy` clauses.

    `sized` has the axes whose sizes are said with an operator, as in unvec(x, m, n).

    >>> from sympy import MatrixSymbol, Trace
    >>> found = sympy_text(Trace(MatrixSymbol("A", 3, 4) * MatrixSymbol("B", 4, 3)), {}, {})
    >>> found.text, found.shapes
    ('tr((A * B))', {'A': ('3', '4'), 'B': ('4', '3')})
    """
    return _Writer(entrywise, sized).written(e)


class _Writer:
    def __init__(self, entrywise: Mapping[str, str], sized: Mapping[str, tuple[int, ...]]) -> None:
        self.entrywise, self.sized = entrywise, sized
        self.found = SympyText("")
        self._functions: dict[Any, str] = {}

    def written(self, root: Any) -> SympyText:
        """The text, arguments before what they are arguments of."""
        order, stack = [], [root]
        while stack:
            e = stack.pop()
            order.append(e)
            if len(order) > MOST_NODES:
                raise MatcalcError(f"The SymPy object has more than {MOST_NODES:,} parts, which is the limit.")
            stack.extend(self.parts(e))
        done: list[str] = []
        for e in reversed(order):
            count = len(self.parts(e))
            args = done[len(done) - count :][::-1] if count else []
            if count:
                del done[len(done) - count :]
            done.append(self.one(e, args[::-1]))
        self.found.text = done[0]
        return self.found

    def parts(self, e: Any) -> tuple[Any, ...]:
        """The arguments that are written: no sizes, no names."""
        if isinstance(e, ScalarOperation | MatrixOperation):
            return tuple(e.operands)
        if isinstance(e, ElementwiseApplyFunction):
            return (e.expr,)
        if isinstance(e, MatrixElement):
            return (e.parent,)
        if isinstance(e, sympy.MatrixSymbol | ConstantMatrix) or type(e) in _CONSTANT:
            return ()
        if isinstance(e, sympy.Inverse):
            return (e.arg,)
        return tuple(e.args)

    def one(self, e: Any, args: list[str]) -> str:
        """The text of one object from those of its parts."""
        kind = type(e)
        if isinstance(e, sympy.MatrixSymbol):
            return self.name(e.name, tuple(e.shape))
        if isinstance(e, sympy.Symbol):
            self.found.assume |= {e.name: ["positive"]} if e.is_positive and not e.is_integer else {}
            return self.name(e.name, ())
        if isinstance(e, sympy.Rational):
            return str(e) if e.is_integer and e >= 0 else f"({e})"
        if isinstance(e, sympy.Float):
            return f"({e})"
        if e in (sympy.pi, sympy.E):
            return "π" if e == sympy.pi else "exp(1)"
        if isinstance(e, sympy.exp):
            return f"exp({args[0]})"
        if kind in _CONSTANT:
            return f"{_CONSTANT[kind]}({', '.join(map(str, e.args[:2] if kind is not sympy.Identity else e.args[:1]))})"
        if isinstance(e, AsScalar):
            return f"({args[0]})"
        if kind in _INFIX:
            return f"({_INFIX[kind].join(args)})"
        if kind in _POWERS:
            return f"(({args[0]}){_POWERS[kind]}({args[1]}))"
        if kind in _NAMED:
            return f"{_NAMED[kind]}({args[0]})"
        if isinstance(e, ScalarOperation | MatrixOperation):
            return self.operation(e, args)
        if isinstance(e, ElementwiseApplyFunction):
            return f"{self.function(e)}.({args[0]})"
        if isinstance(e, MatrixElement):
            return self.entry(e, args[0])
        if isinstance(e, AppliedUndef):
            return f"{e.func.__name__}({', '.join(args)})"
        if isinstance(e, sympy.Function) and kind.__name__ in _NUMBERS:
            return f"{_NUMBERS[kind.__name__]}({', '.join(args)})"
        raise ParseError(f"SymPy's {kind.__name__} has no meaning here.")

    def name(self, name: str, shape: tuple[Any, ...]) -> str:
        """A variable: one column is a vector, one entry a scalar."""
        sizes = tuple(str(n) for n in shape)
        if sizes[1:] == ("1",):
            sizes = () if sizes[0] == "1" else sizes[:1]
        self.found.shapes[name] = sizes
        return name

    def operation(self, e: Any, args: list[str]) -> str:
        """An operator of ours, with the sizes that it is written with."""
        sizes = [str(e.shape[axis]) for axis in self.sized.get(e.name, ())]
        return f"{e.name}({', '.join([*args, *sizes])})"

    def entry(self, e: Any, base: str) -> str:
        """A[i, j], counted from 1."""
        places = [str(sympy.simplify(i + 1)) for i in e.args[1:]]
        column = self.found.shapes.get(base, ("", ""))
        return f"{base}[{places[0]}]" if len(column) == 1 else f"{base}[{', '.join(places)}]"

    def function(self, e: Any) -> str:
        """The name of a function that is applied to every entry."""
        body = e.function(_ENTRY)
        if isinstance(body, AppliedUndef) and body.args == (_ENTRY,):
            return str(body.func.__name__)
        for name, clause in self.entrywise.items() if not self._functions else ():
            exponent = power_of(clause)
            self._functions[of_an_entry(clause)(_ENTRY) if exponent is None else _ENTRY**exponent] = name
        if body in self._functions:
            return self._functions[body]
        raise ParseError(f"The function {body} of every entry has no name here.")
