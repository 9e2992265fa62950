"""The values of expressions with NumPy.

Vectors are 1-D arrays and scalars 0-D; inside, everything is 2-D.  The meaning of the structural heads and of the
operators of the rule files that come with matcalc is in `MEANING`; an operator that a user declares has its meaning
from its `definition` rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import EvaluationError
from ..expressions.dimensions import SCALAR, Dim, names_of, substitute
from ..expressions.nodes import Expr, postorder
from ..language.names import canonical

Array = np.ndarray[Any, np.dtype[Any]]
Functions = Mapping[str, Any]


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


def _special(name: str) -> Callable[[Array], Array]:
    def f(a: Array) -> Array:
        from . import matrix_functions as special

        return np.asarray(np.vectorize(getattr(special, name), otypes=[float])(a))

    return f


def _matrix_function(name: str) -> Callable[..., Array]:
    def f(*arrays: Array) -> Array:
        from . import matrix_functions as special

        return np.asarray(getattr(special, name)(*arrays))

    return f


def _eigenvalue(which: int) -> Callable[[Array], Array]:
    return lambda a: _scalar(np.linalg.eigvalsh((a + a.T) / 2)[which])


def _projector(a: Array, which: int) -> Array:
    v = np.linalg.eigh((a + a.T) / 2)[1][:, [which]]
    return np.asarray(v @ v.T)


def _sized(head: str, shape: tuple[int, int], args: list[Array]) -> Array:
    """Operators whose result has sizes that the arguments do not tell."""
    (m, n), a = shape, args[0]
    if head == "unvec":
        return a.reshape(m, n, order="F")
    if head == "unvech":
        out = np.zeros((m, n))
        out.T[np.triu_indices(n)] = a[:, 0]
        return out
    if head == "firstpart":
        return a[:m, :n]
    if head == "lastpart":
        return a[a.shape[0] - m :, a.shape[1] - n :]
    if head == "kronleft":
        p, q = args[1].shape
        return np.asarray(np.einsum("apbq,pq->ab", a.reshape(m, p, n, q), args[1]))
    p, q = args[1].shape
    return np.asarray(np.einsum("apbq,ab->pq", a.reshape(p, m, q, n), args[1]))


SIZED = frozenset({"unvec", "unvech", "firstpart", "lastpart", "kronleft", "kronright"})

MEANING: dict[str, Callable[..., Any]] = {
    "tr": lambda a: _scalar(np.trace(a)),
    "frob": lambda a, b: _scalar((a * b).sum()),
    "sum": lambda a: _scalar(a.sum()),
    "mean": lambda a: _scalar(a.mean()),
    "det": lambda a: _scalar(np.linalg.det(a)),
    "logdet": lambda a: _scalar(np.linalg.slogdet(a)[1]),
    "adj": lambda a: _matrix_function("adjugate")(a),
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
    "cof": lambda a: _matrix_function("adjugate")(a).T,
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
    "polar": _matrix_function("polar"),
    "leading_dyad": _matrix_function("leading_dyad"),
    "max_projector": lambda a: _projector(a, -1),
    "min_projector": lambda a: _projector(a, 0),
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
    "lambda_max": _eigenvalue(-1),
    "lambda_min": _eigenvalue(0),
}


CONSTANTS = {"π": math.pi}
"""The symbols that are numbers."""


def canonical_keys(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given by name, under the one spelling of each name; `dlambda` is the differential of λ."""
    spelled = {canonical(name): value for name, value in given.items()}
    return {f"d{canonical(name[1:])}": value for name, value in given.items() if name[:1] == "d" and name[1:]} | spelled


def matrix_of(e: Expr, array: Any) -> Array:
    """An array for a symbol, checked and made 2-D."""
    a = np.asarray(array)
    if a.dtype.kind not in "biufc":
        raise EvaluationError(f"The array for {e.name} does not hold numbers.")
    if a.dtype.kind in "biu":
        a = a.astype(float)
    wanted = {"scalar": 0, "vector": 1, "matrix": 2}[e.data.kind]
    if a.ndim > 2 or (a.ndim == 1 and wanted != 1) or (a.ndim == 0 and wanted):
        raise EvaluationError(f"{e.name} is a {e.data.kind}; the array for it has {a.ndim} axes.")
    return a.reshape(1, 1) if a.ndim == 0 else a.reshape(-1, 1) if a.ndim == 1 else a


def bind(symbols: Sequence[Expr], arrays: Mapping[str, Any]) -> tuple[dict[str, Array], dict[str, Dim]]:
    """The arrays of the symbols as matrices, and what the dimension names are then."""
    values: dict[str, Array] = {}
    dims: dict[str, Dim] = {}
    for e in symbols:
        if e.name in CONSTANTS:
            continue
        if e.name not in arrays:
            if e.data.kind == "scalar" and e.name in dims:
                continue
            raise EvaluationError(f"No array was given for {e.name}.", hint=f"Pass {{'{e.name}': …}}.")
        a = values[e.name] = matrix_of(e, arrays[e.name])
        for d, n in zip(e.shape, a.shape, strict=True):
            known = dims.setdefault(d, n) if isinstance(d, str) and len(names_of(d)) == 1 and d.isidentifier() else d
            if isinstance(known, int) and known != n:
                raise EvaluationError(f"The array for {e.name} has {n} where the dimension {d} is {known}.")
    return values, dims


def evaluate(root: Expr, arrays: Mapping[str, Any], functions: Functions) -> Array:
    """The value of an expression: a 2-D array, 1-D of a column and 0-D of a scalar.

    `functions` gives for each unspecified function its value and derivatives as a tuple of callables.
    """
    arrays, functions = canonical_keys(arrays), canonical_keys(functions)
    symbols = sorted((e for e in postorder(root) if e.head == "symbol"), key=lambda e: e.data.kind == "scalar")
    values, dims = bind(symbols, arrays)
    a = value(root, values, dims, functions, arrays)
    return np.asarray(a[0, 0] if root.shape == SCALAR else a[:, 0] if root.shape[1] == 1 else a)


def value(
    root: Expr, values: Mapping[str, Array], dims: dict[str, Dim], functions: Functions, arrays: Mapping[str, Any]
) -> Array:
    """The value of an expression as a matrix, computed once for each node."""
    for e in postorder(root):
        for d in e.shape:
            for name in names_of(d):
                if name not in dims and name in arrays and np.ndim(arrays[name]) == 0:
                    dims[name] = int(arrays[name])
    memo: dict[Expr, Array] = {}
    with np.errstate(all="ignore"):
        for e in postorder(root):
            if e not in memo:
                memo[e] = _node(e, [memo[a] for a in e.args], values, dims, functions)
    return memo[root]


def _shape(e: Expr, dims: Mapping[str, Dim]) -> tuple[int, int]:
    rows, columns = (substitute(d, dims) for d in e.shape)
    if isinstance(rows, str) or isinstance(columns, str):
        missing = rows if isinstance(rows, str) else columns
        raise EvaluationError(
            f"The size {missing} is not known from the arrays.", hint=f"Pass {{'{missing}': 3}}, say."
        )
    return rows, columns


def _node(
    e: Expr, args: list[Array], values: Mapping[str, Array], dims: Mapping[str, Dim], functions: Functions
) -> Array:
    head = e.head
    if head == "symbol":
        if e.name in CONSTANTS:
            return _scalar(CONSTANTS[e.name])
        return values[e.name] if e.name in values else _scalar(float(dims[e.name]))
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
        return _matrix_power(args[0], float(args[1][0, 0]), e)
    if head == "dotpower":
        return np.asarray(args[0] ** args[1][0, 0])
    if head == "identity":
        return np.eye(_shape(e, dims)[0])
    if head == "ones":
        return np.ones(_shape(e, dims))
    if head == "zero":
        return np.zeros(_shape(e, dims))
    if head == "call":
        return _call(e, args, functions)
    if head == "index":
        return _indexed(e, args[0])
    if head in ("unit", "entry", "commutation"):
        return _constant(e, dims)
    if head in SIZED:
        return _sized(head, _shape(e, dims), args)
    meaning = MEANING.get(head)
    if meaning is None and e.data is not None and e.data.definition is not None:
        return _defined(e, args, functions)
    if meaning is None:
        raise EvaluationError(
            f"{head} has no numeric meaning.", hint=f"A rule `definition …: {head}(X) = …` gives it one."
        )
    try:
        return np.asarray(meaning(*args))
    except (np.linalg.LinAlgError, ArithmeticError, ValueError) as problem:
        raise EvaluationError(f"{head} has no value here: {problem}.") from problem


def _defined(e: Expr, args: list[Array], functions: Functions) -> Array:
    """The value of an operator that a rule file defines by others."""
    pattern, template = e.data.definition
    values: dict[str, Array] = {}
    dims: dict[str, Dim] = {}
    for variable, a in zip(pattern.args, args, strict=True):
        values[variable.name] = a
        for d, n in zip(variable.shape, a.shape, strict=True):
            if isinstance(d, str):
                dims.setdefault(d, n)
    return value(template, values, dims, functions, {})


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
    if not k.is_integer():
        from .matrix_functions import fractional_power

        return fractional_power(a, k)
    try:
        return np.asarray(np.linalg.matrix_power(a, int(k)))
    except np.linalg.LinAlgError as problem:
        raise EvaluationError(f"{e} does not exist: the matrix is singular.") from problem


def _call(e: Expr, args: list[Array], functions: Functions) -> Array:
    f = e.data
    given = functions.get(f.name)
    given = given if isinstance(given, Sequence) else (given,) if callable(given) else ()
    if len(given) <= f.order:
        raise EvaluationError(
            f"No function was given for {f.name}{chr(39) * f.order}.",
            hint=f"Pass functions={{'{f.name}': (value, derivative, second_derivative)}}.",
        )
    plain = [
        a
        if f.elementwise and a.shape != (1, 1)
        else a[0, 0]
        if x.shape == SCALAR
        else a[:, 0]
        if x.shape[1] == 1
        else a
        for a, x in zip(args, e.args, strict=True)
    ]
    if f.mode:
        return _derivative_in_use(e, given[1], args)
    out = np.asarray(given[f.order](*plain), dtype=float)
    return args[0] * 0 + out if f.elementwise else out.reshape(-1, 1) if out.ndim < 2 else out


def _derivative_in_use(e: Expr, derivative: Callable[..., Any], args: list[Array]) -> Array:
    """F'(X)[H], F'(X)*[G] or ∂vec(F)/∂vec(X) from the array ∂F_ij/∂X_kl."""
    x = args[0]
    plain = x[0, 0] if e.args[0].shape == SCALAR else x[:, 0] if e.args[0].shape[1] == 1 else x
    array = np.asarray(derivative(plain), dtype=float)
    total = array.size // x.size
    if e.data.mode == "pull":
        w = args[1]
        return np.asarray(np.tensordot(w.reshape(-1), array.reshape(total, x.size), 1)).reshape(x.shape)
    if e.data.mode == "push":
        flat = array.reshape(total, x.size) @ args[1].reshape(-1)
        return np.asarray(flat).reshape(_two_axes(array.shape[: array.ndim - np.ndim(plain)]))
    rows, columns = _two_axes(array.shape[: array.ndim - np.ndim(plain)])
    return array.reshape(rows, columns, *x.shape).transpose(1, 0, 3, 2).reshape(total, x.size)


def _two_axes(shape: tuple[int, ...]) -> tuple[int, int]:
    padded = (*shape, 1, 1)
    return padded[0], padded[1]


def _indexed(e: Expr, a: Array) -> Array:
    for axis, i in enumerate(e.data):
        if i is None:
            continue
        if not isinstance(i, int) or not 1 <= i <= a.shape[axis]:
            raise EvaluationError(f"The index {i} in {e} has no value in this size.")
        a = a.take([i - 1], axis=axis)
    return a


def _constant(e: Expr, dims: Mapping[str, Dim]) -> Array:
    shape = _shape(e, dims)
    out = np.zeros(shape)
    if e.head == "commutation":
        m, n = (substitute(d, dims) for d in e.data)
        for i in range(int(m)):
            for j in range(int(n)):
                out[i * int(n) + j, j * int(m) + i] = 1
        return out
    places = [*e.data, 1][:2]
    if not all(isinstance(i, int) and 1 <= i <= n for i, n in zip(places, shape, strict=True)):
        raise EvaluationError(f"{e} has no value in this size.")
    out[places[0] - 1, places[1] - 1] = 1
    return out


def evaluate_as(
    root: Expr, arrays: Mapping[str, Any], functions: Functions, axes: int | None, symbols: Iterable[Expr]
) -> Array:
    """The value with a given number of axes; the arrays of all symbols tell the dimensions."""
    arrays, functions = canonical_keys(arrays), canonical_keys(functions)
    known = [e for e in symbols if e.name in arrays]
    values, dims = bind(sorted(known, key=lambda e: e.data.kind == "scalar"), arrays)
    missing = [e for e in postorder(root) if e.head == "symbol" and e.name not in values and e.name not in dims]
    values.update(bind(missing, arrays)[0])
    a = value(root, values, dims, functions, arrays)
    if axes is None:
        axes = 0 if root.shape == SCALAR else 1 if root.shape[1] == 1 else 2
    return np.asarray(a if axes == 2 else a[:, 0] if axes == 1 else a[0, 0])


def axes_of(e: Expr) -> int:
    """The number of axes of a value: as a symbol was declared, otherwise as the shape tells."""
    if e.head == "symbol":
        return {"scalar": 0, "vector": 1, "matrix": 2}[e.data.kind]
    return 0 if e.shape == SCALAR else 1 if e.shape[1] == 1 else 2


def sizes(symbols: Iterable[Expr], arrays: Mapping[str, Any]) -> dict[str, int]:
    """What the dimension names are, from the arrays."""
    arrays = canonical_keys(arrays)
    _, dims = bind([e for e in symbols if e.name in arrays], arrays)
    named = {d: n for d, n in dims.items() if isinstance(n, int)}
    scalars = {n: int(a) for n, a in arrays.items() if np.ndim(a) == 0 and n not in named and float(a).is_integer()}
    return {**scalars, **named}


def shape_of(e: Expr, axes: int, known: Mapping[str, int]) -> tuple[int, ...]:
    """The shape of a value with so many axes."""
    return tuple(int(substitute(d, dict(known))) for d in e.shape)[:axes] if axes < 2 else _shape(e, dict(known))


def linear_map(
    e: Expr, hole: Expr, arrays: Mapping[str, Any], functions: Functions, y: int, x: int, symbols: Iterable[Expr]
) -> Array:
    """The array of a linear map: e with every unit array for the hole, of shape (shape of e) + (shape of the hole)."""
    symbols = list(symbols)
    known = sizes(symbols, arrays)
    inner = shape_of(hole, x, known)
    columns = []
    for k in range(int(np.prod(inner))):
        unit = np.zeros(inner)
        unit.flat[k] = 1
        columns.append(evaluate_as(e, {**arrays, hole.name: unit}, functions, y, symbols))
    return np.stack(columns, axis=-1).reshape(columns[0].shape + inner)


def turned(array: Array, first: int) -> Array:
    """The array with its first axes behind the others: the denominator layout of a tensor."""
    order = [*range(first, array.ndim), *range(first)]
    return array.transpose(order)
