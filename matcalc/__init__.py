"""matcalc: derivatives of matrix expressions, in closed form, with the derivation.

>>> import matcalc
>>> print(matcalc.differentiate("tr(A B Aᵀ C)", "A"))
Cᵀ A Bᵀ + C A B

Beside sums, products, transposes, powers and inverses it knows these operations; `matcalc functions` lists how each is
differentiated and where that comes from, and `print(matcalc.functions("det"))` tells all about one:

- transpose, trace and inner product: tr, frob
- powers: frechet_power, frechet2_power, kronecker_power
- sums and extremes: sum, mean, rowsum, colsum, cumsum, revcumsum, max, min, maxmask, prod, prod_others, prod_pairs
- determinants: det, logdet, adj, cof, frechet_adj, kronecker_adj
- norms: norm, norm_F, norm_1, norm_inf, norm_2, norm_nuc, normalize, leading_dyad, polar, frechet_leading_dyad,
  frechet_polar, kronecker_leading_dyad, kronecker_polar
- elementwise: exp, log, sqrt, recip, square, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, abs, sign, relu,
  step, sigmoid, softplus, erf, gamma, lgamma, digamma, trigamma, polygamma
- softmax: softmax, logsumexp
- diagonals: Diag, diagvec
- triangles: tril, triu, vech, unvech, elimination
- vec, Kronecker products, commutation: vec, unvec, kron, kronleft, kronright, khatrirao
- blocks: hstack, vstack, blockdiag, firstpart, lastpart, padafter, padbefore
- matrix functions: expm, logm, sqrtm, frechet_expm, frechet_logm, frechet_sqrtm, frechet2_expm, frechet2_logm,
  frechet2_sqrtm, kronecker_expm
- pseudo-inverse: pinv
- eigenvalues: lambda_max, lambda_min, max_projector, min_projector, max_resolvent, min_resolvent
- Cholesky factor: chol
- symmetric and skew parts: sym, skew
"""

from typing import TYPE_CHECKING

from .errors import (
    AmbiguityError,
    EvaluationError,
    MatcalcError,
    MissingPackage,
    NameProblem,
    NotDifferentiable,
    ParseError,
    RuleError,
    ShapeError,
    VerificationError,
)

if TYPE_CHECKING:
    from . import rules
    from .api import alternatives, differentiate, equal, expand, factor, from_sympy, functions, parse, simplify
    from .app.session import Session
    from .checking.equality import Equality
    from .derivatives.derivation import Derivation
    from .derivatives.derivative import Derivative
    from .derivatives.derivatives import Derivatives
    from .derivatives.forms import Form
    from .expressions.nodes import Expr
    from .simplification.alternatives import Alternative
    from .simplification.shown import Shown

__version__ = "0.1.0"

_LAZY = {
    "Alternative": "simplification.alternatives",
    "Derivation": "derivatives.derivation",
    "Derivative": "derivatives.derivative",
    "Derivatives": "derivatives.derivatives",
    "Equality": "checking.equality",
    "Expr": "expressions.nodes",
    "Form": "derivatives.forms",
    "Session": "app.session",
    "Shown": "simplification.shown",
    "rules": "",
} | dict.fromkeys("alternatives differentiate equal expand factor from_sympy functions parse simplify".split(), "api")
"""Where the public names are that are not imported before they are used."""

if not TYPE_CHECKING:  # to a type checker, no name is here but those above

    def __getattr__(name):
        from importlib import import_module

        if name not in _LAZY:
            raise AttributeError(f"module 'matcalc' has no attribute {name!r}")
        if not _LAZY[name]:
            return import_module(f".{name}", __name__)
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)

    def __dir__():
        return __all__


__all__ = [
    "Alternative",
    "AmbiguityError",
    "Derivation",
    "Derivative",
    "Derivatives",
    "Equality",
    "EvaluationError",
    "Expr",
    "Form",
    "MatcalcError",
    "MissingPackage",
    "NameProblem",
    "NotDifferentiable",
    "ParseError",
    "RuleError",
    "Session",
    "ShapeError",
    "Shown",
    "VerificationError",
    "alternatives",
    "differentiate",
    "equal",
    "expand",
    "factor",
    "from_sympy",
    "functions",
    "parse",
    "rules",
    "simplify",
]
