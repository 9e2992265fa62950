"""The `code sympy` clauses of operators: what SymPy has of them, and how the rest is computed with SymPy's matrices.

A clause is data: what it names is looked up in the lists here.  Of an operator that works entry by entry it is the
function of an entry; of another it is an object that SymPy keeps as it is, as `sympy.Trace({1})`, or else says what the
value is of matrices that are explicit.  There the signs and functions of numbers work entry by entry, as in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from operator import add, mul, pow, sub, truediv
from typing import Any

import sympy
from sympy import Basic, DiagMatrix, Integer, KroneckerProduct, Rational, Trace
from sympy.matrices.expressions.determinant import Determinant
from sympy.matrices.matrixbase import MatrixBase

from ..errors import MatcalcError
from ..language.code import Compiled, Meanings, Term, compiled, parse_code

Function = Callable[..., Any]


def unchecked(kind: Any, *args: Any) -> Any:
    """A SymPy matrix expression without SymPy's check of shapes, whose time is exponential in the depth."""
    return Basic.__new__(kind, *args)


KEPT: dict[str, Function] = {
    "sympy.Trace": partial(unchecked, Trace),
    "sympy.Determinant": partial(unchecked, Determinant),
    "sympy.KroneckerProduct": partial(unchecked, KroneckerProduct),
    "sympy.DiagMatrix": DiagMatrix,  # it keeps its shape beside its arguments
}
"""Matrix expressions that SymPy keeps unevaluated."""

OF_NUMBERS = frozenset(
    "Abs Heaviside Max Min acos acosh acot airyai airybi asin asinh atan atan2 atanh besseli besselj besselk bessely "
    "beta cbrt ceiling cos cosh cot coth csc digamma erf erfc erfi erfinv exp factorial floor gamma log loggamma "
    "lowergamma polygamma sec sech sign sin sinc sinh sqrt tan tanh uppergamma zeta LambertW Ei Si Ci Mod".split()
)
"""Functions of numbers, by SymPy's names."""

METHODS = frozenset(
    "adjugate cholesky cofactor_matrix cumsum det diagonal exp inv log lower_triangular pinv rank trace transpose "
    "upper_triangular vec vech".split()
)
"""Methods of SymPy's explicit matrices."""

CONSTANTS = {"sympy.pi": sympy.pi, "sympy.E": sympy.E, "sympy.oo": sympy.oo, "True": True, "False": False}


def _unknown(name: str) -> MatcalcError:
    return MatcalcError(f"{name} is nothing of SymPy's that a code clause may name.")


def _constant(name: str) -> Any:
    if name not in CONSTANTS:
        raise _unknown(name)
    return CONSTANTS[name]


def _number(text: str) -> Any:
    return Integer(int(text)) if text.isdecimal() else Rational(text)


def _of_numbers(name: str) -> Any:
    module, _, function = name.partition(".")
    if module != "sympy" or function not in OF_NUMBERS:
        raise _unknown(name)
    return getattr(sympy, function)


# --- entry by entry ---------------------------------------------------------------------------------------------------


def _unevaluated(name: str) -> Function:
    """A function that SymPy keeps as it is: to evaluate nested ones takes it time exponential in their depth."""
    return partial(_of_numbers(name), evaluate=False)


_PLAIN = {"+": add, "-": sub, "*": mul, "/": truediv, "**": pow}


@lru_cache(maxsize=256)
def of_an_entry(text: str) -> Function:
    """The function of a number that a clause of an elementwise operator says."""
    f = compiled(parse_code(text), Meanings(_unevaluated, _constant, _number, _PLAIN))
    return lambda t: f({"1": t})


@lru_cache(maxsize=256)
def power_of(text: str) -> Any:
    """The exponent, where an elementwise operator is a power; else nothing."""
    term = parse_code(text)
    if term.kind != "infix" or term.text != "**" or term.args[0] != Term("place", "1"):
        return None
    return compiled(term.args[1], Meanings(_unevaluated, _constant, _number, _PLAIN))({})


@lru_cache(maxsize=256)
def kept_as(text: str) -> Function | None:
    """What makes the object of SymPy's that the operator is, applied to its arguments in their order; else nothing."""
    term = parse_code(text)
    in_order = tuple(Term("place", str(i + 1)) for i in range(len(term.args)))
    return KEPT.get(term.text) if term.kind == "call" and term.args == in_order and not term.keywords else None


# --- values of explicit matrices --------------------------------------------------------------------------------------


def _entries(x: Any) -> list[Any]:
    return list(x) if isinstance(x, MatrixBase | dict | list | tuple) else [x]


def _each(f: Function, *args: Any) -> Any:
    """A function of numbers, of corresponding entries where an argument is a matrix."""
    shaped = next((x for x in args if isinstance(x, MatrixBase)), None)
    if shaped is None:
        return f(*args)
    many = [list(x) if isinstance(x, MatrixBase) else [x] * len(shaped) for x in args]
    return sympy.ImmutableMatrix(*shaped.shape, [f(*xs) for xs in zip(*many, strict=True)])


def _running(a: Any) -> Any:
    return sympy.ImmutableMatrix(*a.shape, [sympy.Add(*list(a)[: i + 1]) for i in range(len(a))])


_OF_MATRICES: dict[str, Function] = {
    "sympy.Add": lambda x: sympy.Add(*_entries(x)),
    "sympy.Mul": lambda x: sympy.Mul(*_entries(x)),
    "sympy.MatPow": lambda a, k: a**k,
    "sympy.Matrix.cumsum": _running,
    "sympy.Matrix.eigenvals": lambda a: list(a.eigenvals()),
    "sympy.Matrix.singular_values": lambda a: a.singular_values(),
    "sympy.Matrix.reshape": lambda a, m, n: sympy.ImmutableMatrix(n, m, list(a)).T,  # by columns, as vec
    "sympy.flip": lambda a: sympy.ImmutableMatrix(*a.shape, list(a)[::-1]),
    "sympy.mean": lambda a: sympy.Add(*a) / len(a),
}
"""Functions of whole matrices that are not methods of theirs as they are."""


def _of_matrices(name: str) -> Function:
    if name in _OF_MATRICES:
        return _OF_MATRICES[name]
    start, _, method = name.rpartition(".")
    if start == "sympy.Matrix" and method in METHODS:
        return lambda a, **options: getattr(a, method)(**options)
    f = _of_numbers(name)
    if f in (sympy.Max, sympy.Min):
        return lambda *args: f(*_entries(args[0])) if len(args) == 1 else _each(f, *args)
    return partial(_each, f)


_VALUES = Meanings(_of_matrices, _constant, _number, {sign: partial(_each, f) for sign, f in _PLAIN.items()})


@lru_cache(maxsize=256)
def _in_matrices(text: str) -> Compiled:
    return compiled(parse_code(text), _VALUES)


def value_of(text: str, operands: Sequence[Any], sizes: dict[str, Any]) -> Any:
    """What a clause says of operands that are explicit."""
    return _in_matrices(text)({str(i + 1): x for i, x in enumerate(operands)} | sizes)


def computed(clause: str, elementwise: bool, operands: Sequence[Any], sizes: dict[str, Any]) -> Any:
    """What an operator's clause says of explicit operands, whatever it is; MatcalcError where it names the unknown."""
    if elementwise:
        return _each(of_an_entry(clause), *operands)
    made = kept_as(clause)
    return value_of(clause, operands, sizes) if made is None else made(*operands).doit()


FAILS = (ArithmeticError, AttributeError, LookupError, NotImplementedError, TypeError, ValueError)
"""What SymPy may raise of arguments that a function does not take."""
