"""Gradients by a structured variable: the projection on the space that the variable ranges over.

For a symmetric X the gradient is sym(G), for a diagonal I ⊙ G, for a skew one (G - Gᵀ)/2, for a triangular one the
triangle of G; `independent_entries` is the handbook's form for symmetric X, which counts each off-diagonal entry once.
"""

from __future__ import annotations

from fractions import Fraction

from ..expressions.nodes import Expr
from ..normal_form.algebra import Algebra

HALF = Fraction(1, 2)
STRUCTURES = frozenset({"diagonal", "symmetric", "skew", "lower", "upper", "spd", "psd"})
"""What is taken from a variable that is read as any matrix; a definite one is symmetric."""


def structure_of(variable: Expr) -> str | None:
    """The structure that decides the gradient's meaning, if any."""
    for name in ("diagonal", "symmetric", "skew", "lower", "upper"):
        if name in variable.data.properties and variable.shape[0] == variable.shape[1] != 1:
            return name
    return None


def projected(algebra: Algebra, variable: Expr, g: Expr) -> Expr:
    """The orthogonal projection of an unconstrained gradient."""
    kind = structure_of(variable)
    if kind == "symmetric":
        return algebra.linear([(HALF, g), (HALF, algebra.transpose(g))])
    if kind == "skew":
        return algebra.linear([(HALF, g), (-HALF, algebra.transpose(g))])
    if kind == "diagonal":
        return algebra.had([(algebra.identity(g.shape[0]), 1), (g, 1)], g.shape)
    if kind in ("lower", "upper"):
        return algebra.apply("tril" if kind == "lower" else "triu", [g])
    return g


def on_stiefel_manifold(algebra: Algebra, variable: Expr, g: Expr) -> Expr:
    """The Riemannian gradient G - X sym(XᵀG) on the matrices with orthonormal columns, with the metric of X : Y.

    Edelman, Arias & Smith (1998), The geometry of algorithms with orthogonality constraints, sec. 2.4.
    """
    inner = algebra.mul([algebra.transpose(variable), g])
    symmetric = algebra.linear([(HALF, inner), (HALF, algebra.transpose(inner))])
    return algebra.linear([(1, g), (-1, algebra.mul([variable, symmetric]))])


def independent_entries(algebra: Algebra, g: Expr) -> Expr:
    """G + Gᵀ - I ⊙ G."""
    diagonal = algebra.had([(algebra.identity(g.shape[0]), 1), (g, 1)], g.shape)
    return algebra.linear([(1, g), (1, algebra.transpose(g)), (-1, diagonal)])


def plain_hole(algebra: Algebra, variable: Expr) -> Expr:
    """The symbol dX without any structure, for the forms, which are those of the unconstrained derivative."""
    return algebra.symbol(f"d{variable.name}", variable.shape, variable.data.kind, {"differential"})
