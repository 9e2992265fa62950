"""The values of expressions with NumPy.

Vectors are 1-D arrays and scalars 0-D; inside, everything is 2-D.  The meaning of the structural heads and of the
operators of the rule files that come with matcalc is in `MEANING`; an operator that a user declares has its meaning
from its `definition` rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import EvaluationError
from ..expressions.dimensions import SCALAR, Dim, names_of, substitute
from ..expressions.nodes import Expr, above, postorder
from ..expressions.parts import depends
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


def _column(a: Array) -> Array:
    return np.asarray(a).reshape(-1, 1)


def _scalar(value: Any) -> Array:
    return np.asarray(value).reshape(1, 1)


def _vec(a: Array) -> Array:
    return a.reshape(-1, 1, order="F")


def _sigmoid(a: Array) -> Array:
    return 0.5 * (1 + np.tanh(a / 2))


def _softmax(a: Array) -> Array:
    e = np.exp(a - a.max())
    return np.asarray(e / e.sum())


def _logsumexp(a: Array) -> Array:
    top = a.max()
    return _scalar(top + np.log(np.exp(a - top).sum()))


def _special(name: str) -> Callable[..., Array]:
    def f(*arrays: Array) -> Array:
        from . import matrix_functions as special

        return np.asarray(np.vectorize(getattr(special, name), otypes=[float])(*arrays))

    return f


def _matrix_function(name: str) -> Callable[..., Array]:
    def f(*arrays: Array) -> Array:
        from . import matrix_functions as special

        return np.asarray(getattr(special, name)(*arrays))

    return f


def _spectral(name: str, *which: int) -> Callable[..., Array]:
    def f(*arrays: Array) -> Array:
        from . import spectral

        return np.asarray(getattr(spectral, name)(*arrays, *which))

    return f


def sized(head: str, shape: tuple[int, int], args: list[Array]) -> Array:
    """Operators whose result has sizes that the arguments do not tell."""
    (m, n), a = shape, args[0]
    if head == "unvec":
        return a.reshape(m, n, order="F")
    if head == "unvech":
        out = np.zeros((m, n), dtype=a.dtype)
        out.T[np.triu_indices(n)] = a[:, 0]
        return out
    if head == "firstpart":
        return a[:m, :n]
    if head == "lastpart":
        return a[a.shape[0] - m :, a.shape[1] - n :]
    if head in ("padafter", "padbefore"):
        behind = (0, m - a.shape[0]), (0, n - a.shape[1])
        return np.pad(a, behind if head == "padafter" else [pair[::-1] for pair in behind])
    if head == "kronleft":
        p, q = args[1].shape
        return np.asarray(np.einsum("apbq,pq->ab", a.reshape(m, p, n, q), args[1]))
    p, q = args[1].shape
    return np.asarray(np.einsum("apbq,ab->pq", a.reshape(p, m, q, n), args[1]))


SIZED = frozenset({"unvec", "unvech", "firstpart", "lastpart", "padafter", "padbefore", "kronleft", "kronright"})

MEANING: dict[str, Callable[..., Any]] = {
    "tr": lambda a: _scalar(np.trace(a)),
    "frob": lambda a, b: _scalar((a * b).sum()),
    "sum": lambda a: _scalar(a.sum()),
    "mean": lambda a: _scalar(a.mean()),
    "det": lambda a: _scalar(np.linalg.det(a)),
    "logdet": lambda a: _scalar(np.linalg.slogdet(a)[1]),
    "adj": _spectral("adjugate"),
    "norm_F": lambda a: _scalar(np.sqrt((abs(a) ** 2).sum())),
    "norm_1": lambda a: _scalar(abs(a).sum()),
    "norm_inf": lambda a: _scalar(abs(a).max()),
    "norm_2": lambda a: _scalar(np.linalg.norm(a, 2)),
    "norm_nuc": lambda a: _scalar(np.linalg.norm(a, "nuc")),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "recip": lambda a: 1 / a,
    "square": np.square,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "abs": np.abs,
    "sign": np.sign,
    "sigmoid": _sigmoid,
    "softplus": lambda a: np.logaddexp(0, a),
    "relu": lambda a: np.maximum(a, 0),
    "step": lambda a: np.heaviside(a, 0.5),
    "erf": _special("erf"),
    "gamma": _special("gamma"),
    "lgamma": _special("lgamma"),
    "digamma": _special("digamma"),
    "trigamma": _special("trigamma"),
    "polygamma": _special("polygamma"),
    "Diag": lambda a: np.diag(a[:, 0]),
    "diagvec": lambda a: _column(np.diag(a)),
    "vec": _vec,
    "sym": lambda a: (a + a.T) / 2,
    "skew": lambda a: (a - a.T) / 2,
    "rowsum": lambda a: a.sum(axis=1, keepdims=True),
    "colsum": lambda a: a.sum(axis=0, keepdims=True),
    "dot": lambda a, b: a.T @ b,
    "outer": lambda a, b: a @ b.T,
    "norm": lambda a: _scalar(np.linalg.norm(a)),
    "normalize": lambda a: a / np.linalg.norm(a),
    "cof": lambda a: _spectral("adjugate")(a).T,
    "frechet_adj": _spectral("frechet_adj"),
    "kronecker_adj": _spectral("kronecker_adj"),
    "tril": np.tril,
    "triu": np.triu,
    "cumsum": lambda a: np.cumsum(a, axis=0),
    "revcumsum": lambda a: np.cumsum(a[::-1], axis=0)[::-1],
    "softmax": _softmax,
    "logsumexp": _logsumexp,
    "kron": np.kron,
    "khatrirao": lambda a, b: np.einsum("ik,jk->ijk", a, b).reshape(-1, a.shape[1]),
    "expm": _matrix_function("expm"),
    "logm": _matrix_function("logm"),
    "sqrtm": _matrix_function("sqrtm"),
    "max": lambda a: _scalar(a.max()),
    "maxmask": lambda a: (a == a.max()) / (a == a.max()).sum(),
    "prod": lambda a: _scalar(a.prod()),
    "prod_others": _spectral("prod_others"),
    "prod_pairs": _spectral("prod_pairs"),
    "polar": _spectral("polar"),
    "frechet_polar": _spectral("frechet_polar"),
    "kronecker_polar": _spectral("kronecker_polar"),
    "leading_dyad": _spectral("leading_dyad"),
    "kronecker_leading_dyad": _spectral("kronecker_leading_dyad"),
    "frechet_leading_dyad": _spectral("frechet_leading_dyad"),
    "max_projector": _spectral("eigenprojector", -1),
    "min_projector": _spectral("eigenprojector", 0),
    "max_resolvent": _spectral("reduced_resolvent", -1),
    "min_resolvent": _spectral("reduced_resolvent", 0),
    "vech": lambda a: np.concatenate([a[j:, j] for j in range(len(a))]).reshape(-1, 1),
    "hstack": lambda a, b: np.hstack([a, b]),
    "vstack": lambda a, b: np.vstack([a, b]),
    "blockdiag": lambda a, b: np.block(
        [[a, np.zeros((a.shape[0], b.shape[1]))], [np.zeros((b.shape[0], a.shape[1])), b]]
    ),
    "frechet_expm": _matrix_function("frechet_expm"),
    "frechet_logm": _matrix_function("frechet_logm"),
    "frechet_sqrtm": _matrix_function("frechet_sqrtm"),
    "kronecker_expm": _matrix_function("kronecker_expm"),
    "kronecker_power": lambda a, k: _matrix_function("kronecker_power")(a, k[0, 0]),
    "chol": np.linalg.cholesky,
    "pinv": np.linalg.pinv,
    "lambda_max": _spectral("eigenvalue", -1),
    "lambda_min": _spectral("eigenvalue", 0),
}


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
    if head in SIZED:
        return sized(head, shape_in(e, sizes), args)
    meaning = MEANING.get(head)
    if meaning is None and e.data is not None and e.data.definition is not None:
        return _defined(e, args, known)
    if meaning is None:
        raise EvaluationError(
            f"{head} has no numeric meaning.", hint=f"A rule `definition …: {head}(X) = …` gives it one."
        )
    try:
        return _real(e, np.asarray(meaning(*args)))
    except (np.linalg.LinAlgError, ArithmeticError, ValueError) as problem:
        raise EvaluationError(f"{head} has no value here: {problem}.") from problem


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
    if not k.is_integer():
        from .matrix_functions import fractional_power

        return fractional_power(a, k)
    try:
        power = np.asarray(np.linalg.matrix_power(a, int(k)))
    except np.linalg.LinAlgError as problem:
        raise EvaluationError(f"{e} does not exist: the matrix is singular.") from problem
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
