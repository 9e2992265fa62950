"""A derivative in normal form: of which kind it is, and what the structure of the variable makes of it."""

from __future__ import annotations

from collections.abc import Mapping

from ..calculus.differentials import Calculus
from ..calculus.structured import projected, structure_of
from ..errors import AmbiguityError
from ..expressions.dimensions import SCALAR
from ..expressions.nodes import ONE, Expr
from ..normal_form.algebra import Algebra

KINDS_IN_WORDS = {"lower": "lower triangular", "upper": "upper triangular"}


def derivative_of(calculus: Calculus, f: Expr, v: Expr, hole: Expr) -> tuple[str, Expr]:
    """The derivative of one function by one variable, and what it is called."""
    if f.shape == SCALAR:
        return "gradient", calculus.gradients(f, [v])[v]
    if v.shape == SCALAR:
        return "derivative", calculus.differential(f, {v: ONE})
    if f.shape[1] == 1 and v.shape[1] == 1:
        from ..calculus.vectorised import jacobian

        return "jacobian", jacobian(calculus, f, v, hole)
    return "differential", calculus.differential(f, {v: hole})


def as_declared(
    algebra: Algebra, v: Expr, kind: str, normal: Expr, read_as: Mapping[Expr, Expr], structure: str | None
) -> tuple[Expr, str]:
    """A derivative by a variable that was read without its structure, with it; and the sentence that says so."""
    normal = algebra.substitute(normal, read_as) if read_as else normal
    return _structured(algebra, read_as.get(v, v), normal, structure) if kind == "gradient" else (normal, "")


def _structured(algebra: Algebra, v: Expr, g: Expr, structure: str | None) -> tuple[Expr, str]:
    """The gradient by a structured variable, and the sentence that says so."""
    kind = structure_of(algebra.book, v)
    if structure == "independent-entries":
        if kind != algebra.book.structures[structure]:
            raise AmbiguityError(
                f"The form 'independent-entries' is of symmetric variables, and {v.name} is not declared so."
            )
        return projected(algebra, structure, v, g), f"by the independent entries of the symmetric {v.name}"
    if structure == "stiefel":
        if v.data.kind != "matrix":
            raise AmbiguityError(f"The Stiefel manifold is of matrices, and {v.name} is a {v.data.kind}.")
        return projected(
            algebra, structure, v, g
        ), f"on the Stiefel manifold, where {v.name}ᵀ {v.name} = I, with the metric X : Y"
    if kind is None:
        return g, ""
    return projected(
        algebra, kind, v, g
    ), f"in the space of {KINDS_IN_WORDS.get(kind, kind)} matrices, with the inner product X : Y"
