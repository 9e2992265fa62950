"""The `code` clauses of operators as functions of arrays.

A clause is data.  What it names is looked up in lists of functions that compute and do nothing else; of NumPy's own
those that read files or call what they are given are not in them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from operator import add, eq, ge, gt, le, lt, matmul, mul, ne, pow, sub, truediv
from typing import Any

import numpy as np

from ..errors import EvaluationError, MissingPackage
from ..expressions.dimensions import SCALAR, Dim, Shape
from ..expressions.nodes import Code
from ..language.code import Compiled, Meanings, compiled, parse_code, sizes_in
from . import own_functions

Array = np.ndarray[Any, np.dtype[Any]]

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


def constant_of(name: str) -> Any:
    """The constant that a clause names."""
    if name not in CONSTANTS:
        raise EvaluationError(f"{name} is no constant that a code clause may name.")
    return CONSTANTS[name]


FLOATS = Meanings(function_of, constant_of, _number, INFIX)


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


def _bind(places: dict[str, Any], shapes: Any) -> None:
    wanted: Shape
    have: tuple[int, int]
    for wanted, have in shapes:
        for d, n in zip(wanted, have, strict=True):
            name: Dim = d
            if isinstance(name, str) and name.isidentifier():
                places[name] = n
