"""matcalc: derivatives of matrix expressions, in closed form, with the derivation.

>>> import matcalc
>>> print(matcalc.differentiate("tr(A B Aᵀ C)", "A"))
Cᵀ A Bᵀ + C A B

Beside sums, products, transposes, powers and inverses it knows these operations; `matcalc functions` lists how each is
differentiated and where that comes from, and `print(matcalc.functions("det"))` tells all about one:

- determinants: det, logdet, adj, cof
- diagonals: Diag, diagvec
- elementwise: exp, log, sqrt, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, abs, sign, sigmoid, softplus,
  relu, step, erf, gamma, lgamma, digamma, trigamma, polygamma, recip, square
- functions: expm, logm, sqrtm, chol, pinv, lambda_max, lambda_min, max_projector, min_projector, max_resolvent,
  min_resolvent; frechet_power, frechet_expm, frechet_logm, frechet_sqrtm, frechet2_power, frechet2_expm,
  frechet2_logm, frechet2_sqrtm, kronecker_expm, kronecker_power
- kronecker: kron, kronleft, kronright
- norms: norm_F, norm, norm_1, norm_inf, norm_2, norm_nuc, leading_dyad, polar, frechet_leading_dyad, frechet_polar,
  kronecker_leading_dyad, kronecker_polar
- reshaping: vec, unvec, sym, skew, tril, triu, rowsum, colsum, vech, unvech, hstack, vstack, blockdiag, firstpart,
  lastpart, padafter, padbefore, cumsum, revcumsum
- trace: tr, frob, sum, mean, max, min, maxmask, prod, prod_others, prod_pairs
- vectors: softmax, logsumexp, normalize
"""

from typing import TYPE_CHECKING, Any

from .errors import (
    AmbiguityError,
    EvaluationError,
    MatcalcError,
    NameProblem,
    NotDifferentiable,
    ParseError,
    RuleError,
    ShapeError,
    VerificationError,
)

if TYPE_CHECKING:
    from . import rules
    from .api import alternatives, differentiate, equal, expand, factor, parse, simplify
    from .derivatives.derivative import Derivative, Derivatives
    from .expressions.nodes import Expr
    from .rulebook.catalogue import functions

__version__ = "0.1.0"

_LAZY = dict.fromkeys("alternatives differentiate equal expand factor parse simplify".split(), "api") | {
    "Derivative": "derivatives.derivative",
    "Derivatives": "derivatives.derivative",
    "Expr": "expressions.nodes",
    "functions": "rulebook.catalogue",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    if name == "rules":
        return import_module(".rules", __name__)
    raise AttributeError(f"module 'matcalc' has no attribute {name!r}")


__all__ = [
    "AmbiguityError",
    "Derivative",
    "Derivatives",
    "EvaluationError",
    "Expr",
    "MatcalcError",
    "NameProblem",
    "NotDifferentiable",
    "ParseError",
    "RuleError",
    "ShapeError",
    "VerificationError",
    "alternatives",
    "differentiate",
    "equal",
    "expand",
    "factor",
    "functions",
    "parse",
    "rules",
    "simplify",
]
