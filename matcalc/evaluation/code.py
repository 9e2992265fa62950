"""The `code` clauses of operators as functions of arrays.

A clause is data.  What it names is looked up in lists of functions that compute and do nothing else; of NumPy's own
those that read files or call what they are given are not in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from operator import add, eq, ge, gt, itemgetter, le, lt, matmul, mul, ne, pow, sub, truediv
from typing import Any

import numpy as np

from ..errors import EvaluationError, MissingPackage
from ..expressions.dimensions import SCALAR, Dim, Shape
from ..expressions.nodes import Code
from ..language.code import Term, parse_code, terms
from . import own_functions

Array = np.ndarray[Any, np.dtype[Any]]
Places = Mapping[str, Any]
Compiled = Callable[[Places], Any]

MODULES = {
    "np": "numpy",
    "np.linalg": "numpy.linalg",
    "scipy.linalg": "scipy.linalg",
    "scipy.special": "scipy.special",
    "matcalc": "matcalc.evaluation.own_functions",
}
"""What the first part of a name means."""

FUNCTIONS = {
    "np": frozenset(
        "abs add all any arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort cbrt ceil clip "
        "concatenate copysign cos cosh count_nonzero cross cumprod cumsum diag diagonal diff divide dot einsum equal "
        "exp exp2 expand_dims expm1 eye fabs flip fliplr flipud floor fmax fmin greater greater_equal heaviside "
        "hstack hypot identity inner isfinite kron less less_equal log log10 log1p log2 logaddexp logaddexp2 "
        "logical_and logical_not logical_or matmul max maximum mean median min minimum mod moveaxis multiply negative "
        "not_equal ones ones_like outer pad partition power prod ptp ravel reciprocal reshape roll round rot90 sign "
        "sin sinc sinh sort sqrt square squeeze stack std subtract sum swapaxes take tan tanh tensordot trace "
        "transpose tril triu trunc vander var vdot vstack where zeros zeros_like".split()
    ),
    "np.linalg": frozenset(
        "cholesky cond det eigvals eigvalsh inv matrix_power matrix_rank multi_dot norm pinv slogdet solve svd".split()
    ),
    "scipy.linalg": frozenset(
        "block_diag circulant companion cosm coshm det eigvalsh expm fractional_matrix_power hankel inv khatri_rao "
        "logm norm null_space orth pinv polar signm sinhm sinm solve sqrtm svdvals tanhm tanm toeplitz".split()
    ),
    "scipy.special": frozenset(
        "beta betaln dawsn digamma entr erf erfc erfcinv erfcx erfi erfinv exp10 exp2 expit expm1 exprel gamma "
        "gammainc gammaincc gammaln huber i0 i0e i1 i1e iv ive j0 j1 jv k0 k1 kl_div kv lambertw log1p log_expit "
        "log_ndtr log_softmax logit logsumexp loggamma multigammaln ndtr ndtri polygamma pseudo_huber psi rel_entr "
        "softmax spence xlog1py xlogy y0 y1 yv zeta".split()
    ),
    "matcalc": frozenset(own_functions.__all__),
}
"""What each module is asked for; `matcalc` holds the algorithms that NumPy has not."""

CONSTANTS = {"np.pi": np.pi, "np.e": np.e, "np.inf": np.inf, "True": True, "False": False, "None": None}

FAILS = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError, MemoryError, np.linalg.LinAlgError)
"""What a function may raise of arguments that it does not take."""

INFIX: dict[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": sub, "*": mul, "/": truediv, "@": matmul, "**": pow,
    "==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Numerics:
    """The numbers that a clause is computed with: what its functions, its signs and its decimals are."""

    function: Callable[[str], Callable[..., Any]]
    infix: Mapping[str, Callable[[Any, Any], Any]]
    number: Callable[[str], Any]


def function_of(name: str) -> Callable[..., Any]:
    """The function of NumPy, SciPy or our own that a clause names; EvaluationError where it may not be named."""
    module, _, function = name.rpartition(".")
    if function not in FUNCTIONS.get(module, ()):
        raise EvaluationError(f"{name} is no function that a code clause may name.", hint=_nearest(name))
    try:
        found: Callable[..., Any] = getattr(import_module(MODULES[module]), function)
    except ImportError as problem:
        package = module.partition(".")[0]
        raise MissingPackage(f"{name} needs {package}, which cannot be imported here.") from problem
    except AttributeError as problem:
        raise EvaluationError(f"The installed {module} has no {function}.") from problem
    return found


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    known = [f"{module}.{function}" for module, functions in FUNCTIONS.items() for function in functions]
    close = get_close_matches(name.replace("numpy.", "np."), known, 3, 0.75)
    return f"Did you mean {' or '.join(close)}?" if close else f"The modules are {', '.join(MODULES)}."


def _number(text: str) -> int | float:
    return int(text) if text.isdecimal() else float(text)


FLOATS = Numerics(function_of, INFIX, _number)


def compiled(term: Term, numerics: Numerics) -> Compiled:
    """A clause as a function of its places."""
    inner = [compiled(a, numerics) for a in term.args]
    if term.kind == "place":
        return itemgetter(term.text)
    if term.kind in ("number", "text", "name"):
        constant = _constant(term, numerics)
        return lambda places: constant
    if term.kind == "empty":
        return lambda places: None
    if term.kind == "infix":
        operate, (left, right) = numerics.infix[term.text], inner
        return lambda places: operate(left(places), right(places))
    if term.kind == "minus":
        (operand,) = inner
        return lambda places: -operand(places)
    if term.kind == "tuple":
        return lambda places: tuple([f(places) for f in inner])
    if term.kind == "slice":
        first, last = inner
        return lambda places: slice(first(places), last(places))
    if term.kind == "item":
        base, *indices = inner
        if len(indices) == 1:
            (index,) = indices
            return lambda places: base(places)[index(places)]
        return lambda places: base(places)[tuple([f(places) for f in indices])]
    function = numerics.function(term.text)
    if not term.keywords:
        return lambda places: function(*[f(places) for f in inner])
    named = {name: compiled(value, numerics) for name, value in term.keywords}
    return lambda places: function(*[f(places) for f in inner], **{name: f(places) for name, f in named.items()})


def _constant(term: Term, numerics: Numerics) -> Any:
    if term.kind == "number":
        return numerics.number(term.text)
    if term.kind == "text":
        return term.text
    if term.text not in CONSTANTS:
        raise EvaluationError(f"{term.text} is no constant that a code clause may name.")
    return CONSTANTS[term.text]


@lru_cache(maxsize=1024)
def in_floats(text: str) -> Compiled:
    """A clause as a function of NumPy's arrays."""
    return compiled(parse_code(text), FLOATS)


def applied(code: Code, args: Sequence[Array], shape: Callable[[], tuple[int, int]]) -> Array:
    """The value of an operator by its clause, of matrices as a matrix; `shape` is asked where the clause names a size.

    A clause sees scalars without axes and vectors with one, as its operator's entry declares them.
    """
    return value_of(in_floats(code.numpy), code, args, shape)


def value_of(f: Compiled, code: Code, args: Sequence[Array], shape: Callable[[], tuple[int, int]]) -> Array:
    """The value of a compiled clause, as a matrix."""
    places: dict[str, Any] = {}
    for i, (a, wanted) in enumerate(zip(args, code.params, strict=True), 1):
        places[str(i)] = a[0, 0] if wanted == SCALAR else a[:, 0] if wanted[1] == 1 else a
    if sizes_in(code.numpy):
        _bind(places, zip(code.params, (a.shape for a in args), strict=True))
        if not sizes_in(code.numpy) <= places.keys():
            _bind(places, [(code.result, shape())])
    out = np.asarray(f(places))
    axes = 0 if code.result == SCALAR else 1 if code.result[1] == 1 else 2
    if out.ndim != axes:
        raise ValueError(f"the code makes an array of {out.ndim} axes, and the result has {axes}")
    if out.dtype.kind in "bui":
        out = out.astype(float)
    return out if axes == 2 else out.reshape(-1, 1)


@lru_cache(maxsize=1024)
def sizes_in(text: str) -> frozenset[str]:
    """The sizes that a clause names."""
    return frozenset(t.text for t in terms(parse_code(text)) if t.kind == "place" and not t.text.isdecimal())


def _bind(places: dict[str, Any], shapes: Any) -> None:
    wanted: Shape
    have: tuple[int, int]
    for wanted, have in shapes:
        for d, n in zip(wanted, have, strict=True):
            name: Dim = d
            if isinstance(name, str) and name.isidentifier():
                places[name] = n
