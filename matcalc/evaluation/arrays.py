"""The values of expressions with NumPy.

Vectors are 1-D arrays and scalars 0-D; inside, everything is 2-D.  The meaning of the structural heads is here; an
operator has its value by the `code` clause of its entry, or by its `definition` rule.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import EvaluationError
from ..expressions.dimensions import SCALAR, Dim, names_of, substitute
from ..expressions.nodes import Expr, Operation, above, postorder
from ..expressions.parts import depends
from .code import FAILS, applied
from .given import (
    AXES,
    Array,
    Sizes,
    arrays_given,
    called,
    functions_given,
    known_size,
    matrix_given,
    misshapen,
    size_in,
)

if TYPE_CHECKING:
    from ..arguments import Function


def _scalar(value: Any) -> Array:
    return np.asarray(value).reshape(1, 1)


CONSTANTS = {"π": math.pi}
"""The symbols that are numbers."""


@dataclass(slots=True)
class Numbers:
    """What was given for the names of some expressions: matrices, sizes and functions, all checked."""

    values: dict[str, Array]
    sizes: dict[str, Dim]
    functions: Mapping[str, Sequence[Function | None]] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    """All arrays by canonical name, as they came: what no symbol takes may be a size."""


def numbers(
    roots: Iterable[Expr], arrays: object, functions: object, symbols: Iterable[Expr] = (), hole: Expr | None = None
) -> Numbers:
    """The arrays for the symbols that occur, and for those of `symbols` that have one: these tell sizes, too."""
    given = arrays_given(arrays)
    nodes = list(postorder(*roots))
    wanted = [*(e for e in symbols if e.name in given), *(e for e in nodes if e.head == "symbol" and e is not hole)]
    found, sizes = Numbers({}, {}, functions_given(functions), given), Sizes()
    for e in sorted(dict.fromkeys(wanted), key=lambda e: e.data.kind == "scalar"):
        if e.name in CONSTANTS or (e.name in sizes.known and e.name not in given and e.data.kind == "scalar"):
            continue
        if e.name not in given:
            raise EvaluationError(f"No array was given for {e.name}.", hint=_missing(e, given))
        a = found.values[e.name] = matrix_given(e, given[e.name])
        sizes.see(e.name, e.shape, a.shape)
    for name in {name for e in (*wanted, *nodes) for d in e.shape for name in names_of(d)}:
        if name in given:
            sizes.tell(name, given[name])
    found.sizes = sizes.known
    return found


def _missing(e: Expr, given: Mapping[str, Any]) -> str:
    close = next((name for name in given if name.lower() == e.name.lower()), None)
    return f"Pass {{'{e.name}': …}}." + (f" What was given is {close}: letter case matters." if close else "")


def evaluate(root: Expr, arrays: object, functions: object = None) -> Array:
    """The value of an expression: a 2-D array of float64, 1-D of a column and 0-D of a scalar.

    `functions` gives for each unspecified function its value and derivatives as a tuple of callables.
    """
    return evaluate_as(root, arrays, functions, axes_of_shape(root), ())


def evaluate_as(root: Expr, arrays: object, functions: object, axes: int | None, symbols: Iterable[Expr]) -> Array:
    """The value with a given number of axes; the arrays of all symbols tell the dimensions."""
    a = value(root, numbers([root], arrays, functions, symbols))
    return flat(a, axes_of_shape(root) if axes is None else axes)


def flat(a: Array, axes: int) -> Array:
    """A matrix with the number of axes that its kind has."""
    return np.asarray(a if axes == 2 else a[:, 0] if axes == 1 else a[0, 0])


def value(root: Expr, known: Numbers, memo: dict[Expr, Array] | None = None) -> Array:
    """The value of an expression as a matrix, computed once for each node."""
    memo = {} if memo is None else memo
    with np.errstate(all="ignore"):
        for e in above(memo, root):
            if e not in memo:
                memo[e] = _node(e, [memo[a] for a in e.args], known)
    return memo[root]


def shape_in(e: Expr, sizes: Mapping[str, Dim]) -> tuple[int, int]:
    """The shape of an expression as numbers."""
    rows, columns = (known_size(d, sizes) for d in e.shape)
    return rows, columns


def _node(e: Expr, args: list[Array], known: Numbers) -> Array:
    head, sizes = e.head, known.sizes
    if head == "symbol":
        if e.name in CONSTANTS:
            return _scalar(CONSTANTS[e.name])
        return known.values[e.name] if e.name in known.values else _scalar(float(sizes[e.name]))
    if head == "add":
        total = _float(e.data[0]) * args[0]
        for c, a in zip(e.data[1:], args[1:], strict=True):
            total = total + _float(c) * a
        return total
    if head == "mul":
        return _chain(args)
    if head == "had":
        product = _power(args[0], e.data[0])
        for a, p in zip(args[1:], e.data[1:], strict=True):
            product = product * _power(a, p)
        return product
    if head == "scale":
        return np.asarray(args[0][0, 0] * args[1])
    if head == "transpose":
        return args[0].T
    if head == "power":
        return _real(e, _matrix_power(args[0], float(args[1][0, 0]), e))
    if head == "dotpower":
        return np.asarray(args[0] ** args[1][0, 0])
    if head == "call":
        return _call(e, args, known)
    if head == "index":
        return indexed(e, args[0])
    if not e.args:
        return constant(e, sizes)
    said = e.data if isinstance(e.data, Operation) else None
    if said is not None and said.code is not None and said.code.numpy:
        try:
            return _real(e, applied(said.code, args, lambda: shape_in(e, sizes)))
        except FAILS as problem:
            raise EvaluationError(f"{head} has no value here: {problem}.") from problem
    if said is not None and said.definition is not None:
        return _defined(e, args, known)
    raise EvaluationError(
        f"{head} has no numeric meaning.",
        hint=f"A rule `definition …: {head}(X) = …` gives it one, or a clause `code numpy` of the operator.",
    )


def _real(e: Expr, a: Array) -> Array:
    """The value, if it is real."""
    if a.dtype.kind != "c":
        return a
    if a.imag.any():
        raise EvaluationError(f"{e.head} has no real value here, and complex numbers are not computed with.")
    return np.asarray(a.real)


def _defined(e: Expr, args: list[Array], known: Numbers) -> Array:
    """The value of an operator that a rule file defines by others."""
    pattern, template = e.data.definition
    inner = Numbers({}, {}, known.functions)
    for variable, a in zip(pattern.args, args, strict=True):
        inner.values[variable.name] = a
        for d, n in zip(variable.shape, a.shape, strict=True):
            if isinstance(d, str):
                inner.sizes.setdefault(d, n)
    return value(template, inner)


def _float(c: int | Fraction) -> float:
    """A rational number as a float; beyond the range of floats it is infinite."""
    try:
        return float(c)
    except OverflowError:
        return math.inf if c > 0 else -math.inf


def _power(a: Array, p: int | Fraction) -> Array:
    return a if p == 1 else np.asarray(a ** (p if isinstance(p, int) and p > 0 else float(p)))


def _chain(args: list[Array]) -> Array:
    """A product in the order that suits its shape: from the right where it ends in a column."""
    if len(args) == 2:
        return np.asarray(args[0] @ args[1])
    if args[-1].shape[1] <= args[0].shape[0]:
        product = args[-1]
        for a in reversed(args[:-1]):
            product = a @ product
        return product
    product = args[0]
    for a in args[1:]:
        product = product @ a
    return product


def _matrix_power(a: Array, k: float, e: Expr) -> Array:
    if not math.isfinite(k):
        raise EvaluationError(f"{e} does not exist: the exponent is {k:g}.")
    from .matrix_functions import matrix_power

    try:
        power = matrix_power(a, k)
    except np.linalg.LinAlgError as problem:
        raise EvaluationError(f"{e} does not exist: the matrix is singular.") from problem
    except ValueError as problem:
        raise EvaluationError(f"{e} has no value here: {problem}.") from problem
    if k == -1 and np.linalg.norm(a, 1) * np.linalg.norm(power, 1) * np.finfo(float).eps > 1:
        raise EvaluationError(f"{e} does not exist: the matrix is singular but for rounding.")
    return power


def _call(e: Expr, args: list[Array], known: Numbers) -> Array:
    """The value of an unspecified function, or of a derivative of it."""
    f = e.data
    x, axes = args[0], axes_of_shape(e.args[0])
    if f.mode:
        derivative = called(f.name, 1, known.functions, [flat(x, axes)])
        return derivative_in_use(e, derivative, args, axes)
    plain = [flat(a, axes_of_shape(b)) for a, b in zip(args, e.args, strict=True)]
    out = called(f.name, f.order, known.functions, plain)
    if f.elementwise:
        if out.shape not in ((), plain[0].shape):
            raise misshapen(e, out, f"the shape {plain[0].shape} or one number")
        return np.full(x.shape, out) if out.ndim == 0 else out.reshape(x.shape)
    if out.ndim > 2:
        raise misshapen(e, out, "one of at most two axes")
    matrix = out.reshape(-1, 1) if out.ndim < 2 else out
    wanted = tuple(substitute(d, known.sizes) for d in e.shape)
    if any(isinstance(d, int) and d != n for d, n in zip(wanted, matrix.shape, strict=True)):
        raise misshapen(e, out, " × ".join(map(str, wanted)))
    return matrix


def derivative_in_use(e: Expr, array: Array, args: list[Array], axes: int) -> Array:
    """F'(X)[H], F'(X)*[G] or ∂vec(F)/∂vec(X) from the array ∂F_ij/∂X_kl."""
    x = args[0]
    split = array.ndim - axes
    if array.shape[split:] != flat(x, axes).shape or not 0 <= split <= 2:
        raise EvaluationError(
            f"The derivative given for {e.data.name} returned an array of shape {array.shape}: "
            f"its last axes are those of the argument, {flat(x, axes).shape}."
        )
    rows, columns = (*array.shape[:split], 1, 1)[:2]
    total = rows * columns
    if e.data.mode == "pull":
        w = args[1]
        if w.shape != (rows, columns):
            raise misshapen(e, array, " × ".join(map(str, (*w.shape, *x.shape))))
        return np.asarray(np.tensordot(w.reshape(-1), array.reshape(total, x.size), 1)).reshape(x.shape)
    if e.data.mode == "push":
        return np.asarray(array.reshape(total, x.size) @ args[1].reshape(-1)).reshape(rows, columns)
    return array.reshape(rows, columns, *x.shape).transpose(1, 0, 3, 2).reshape(total, x.size)


def indexed(e: Expr, a: Array) -> Array:
    """An entry, a row or a column."""
    for axis, i in enumerate(e.data):
        if i is None:
            continue
        if not isinstance(i, int) or not 1 <= i <= a.shape[axis]:
            raise EvaluationError(f"The index {i} in {e} has no value in this size.")
        a = a.take([i - 1], axis=axis)
    return a


def constant(e: Expr, sizes: Mapping[str, Dim]) -> Array:
    """The value of a leaf that is no symbol."""
    shape = shape_in(e, sizes)
    if e.head == "identity":
        return np.eye(shape[0])
    if e.head == "ones":
        return np.ones(shape)
    out = np.zeros(shape)
    if e.head == "commutation":
        m, n = (substitute(d, sizes) for d in e.data)
        for i in range(int(m)):
            for j in range(int(n)):
                out[i * int(n) + j, j * int(m) + i] = 1
        return out
    if e.head == "zero":
        return out
    places = [*e.data, 1][:2]
    if not all(isinstance(i, int) and 1 <= i <= n for i, n in zip(places, shape, strict=True)):
        raise EvaluationError(f"{e} has no value in this size.")
    out[places[0] - 1, places[1] - 1] = 1
    return out


def axes_of_shape(e: Expr) -> int:
    """The number of axes that the shape tells."""
    return 0 if e.shape == SCALAR else 1 if e.shape[1] == 1 else 2


def axes_of(e: Expr) -> int:
    """The number of axes of a value: as a symbol was declared, otherwise as the shape tells."""
    return AXES[e.data.kind] if e.head == "symbol" else axes_of_shape(e)


def sizes(symbols: Iterable[Expr], arrays: object) -> dict[str, int]:
    """What the dimension names are, from the arrays."""
    found = numbers((), arrays, None, symbols)
    scalars = {name: size_in(given) for name, given in found.given.items() if name not in found.sizes}
    named = {d: n for d, n in found.sizes.items() if isinstance(n, int)}
    return {name: n for name, n in scalars.items() if n is not None} | named


def shape_of(e: Expr, axes: int, known: Mapping[str, int]) -> tuple[int, ...]:
    """The shape of a value with so many axes."""
    return shape_in(e, dict(known))[:axes]


def linear_map(
    e: Expr, hole: Expr, arrays: object, functions: object, y: int, x: int, symbols: Iterable[Expr]
) -> Array:
    """The array of a linear map: e with every unit array for the hole, of shape (shape of e) + (shape of the hole)."""
    known = numbers([e, hole], arrays, functions, symbols, hole)
    rows, columns = shape_in(hole, known.sizes)
    moving = depends(e, {hole})
    fixed: dict[Expr, Array] = {}
    for part in postorder(e):
        if part not in moving:
            value(part, known, fixed)
    images = []
    for k in range(rows * columns):
        unit = np.zeros((rows, columns))
        unit.flat[k] = 1
        images.append(flat(value(e, known, {**fixed, hole: unit}), y))
    return np.stack(images, axis=-1).reshape(images[0].shape + (rows, columns)[:x])


def turned(array: Array, first: int) -> Array:
    """The array with its first axes behind the others: the denominator layout of a tensor."""
    order = [*range(first, array.ndim), *range(first)]
    return array.transpose(order)
