"""matcalc: derivatives of matrix expressions, in closed form, with the derivation.

>>> import matcalc
>>> print(matcalc.differentiate("tr(A B Aᵀ C)", "A"))
Cᵀ A Bᵀ + C A B
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
    from .api import Derivative, Derivatives, alternatives, differentiate, equal, expand, factor, parse, simplify
    from .expr import Expr

__version__ = "0.1.0"

_LAZY = dict.fromkeys(
    ("Derivative", "Derivatives", "alternatives", "differentiate", "equal", "expand", "factor", "parse", "simplify"),
    "api",
) | {"Expr": "expr"}


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
    "parse",
    "rules",
    "simplify",
]
