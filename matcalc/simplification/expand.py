"""Products of sums multiplied out."""

from __future__ import annotations

from ..errors import MatcalcError
from ..expressions.nodes import ONE, Expr, Rational, fold
from ..expressions.parts import Term, is_sum, split
from ..normal_form.algebra import Algebra

MOST_EXPANDED = 4096  # terms
LARGEST_POWER = 24  # of a sum that is multiplied out


def expanded(algebra: Algebra, e: Expr, most: int = MOST_EXPANDED) -> Expr:
    """An equal expression with products of sums multiplied out.

    Raises MatcalcError where one of these has more terms than `most`.
    """
    return fold(e, lambda x, args: multiplied_out(algebra, algebra.rebuild(x, args) if x.args else x, most), {})


def multiplied_out(algebra: Algebra, e: Expr, most: int = MOST_EXPANDED) -> Expr:
    """A product with the sums among its factors multiplied out, those inside them left."""
    c, e = split(e)
    scalar, core = e.args if e.head == "scale" else (ONE, e)
    if core.head == "had":
        parts = [_powers_of_sum(algebra, x, p) for x, p in zip(core.args, core.data, strict=True)]
    elif core.head == "mul":
        parts = [_terms_of(algebra, x) for x in core.args]
    elif is_sum(core) and scalar is not ONE:
        parts = [_terms_of(algebra, core)]
    else:
        return algebra.linear([(c, e)])
    chains: list[tuple[Rational, list[Expr]]] = [(c, [])]
    for part in parts:
        chains = [(a * b, [*chain, t]) for a, chain in chains for b, t in part]
        if len(chains) > most:
            raise _too_many(most)
    heads = _terms_of(algebra, scalar)
    if core.head == "had":
        terms = [(a, algebra.had([(t, 1) for t in chain], core.shape)) for a, chain in chains]
    else:
        terms = [(a, algebra.mul(chain)) for a, chain in chains]
    if len(terms) * len(heads) > most:
        raise _too_many(most)
    return algebra.linear([(a * b, algebra.scale(s, t)) for b, s in heads for a, t in terms], e.shape)


def _too_many(most: int) -> MatcalcError:
    return MatcalcError(f"Multiplied out, this has more than {most:,} terms, which is the limit.")


def _terms_of(algebra: Algebra, e: Expr) -> list[Term]:
    c, e = split(e)
    if e.head == "transpose" and is_sum(e.args[0]):
        return [(c * d, algebra.transpose(t)) for d, t in zip(e.args[0].data, e.args[0].args, strict=True)]
    return [(c * d, t) for d, t in zip(e.data, e.args, strict=True)] if is_sum(e) else [(c, e)]


def _powers_of_sum(algebra: Algebra, e: Expr, p: Rational) -> list[Term]:
    """A power of a sum as a sum; other powers stay."""
    if not is_sum(e) or not isinstance(p, int) or not 0 < p <= LARGEST_POWER or len(e.args) ** p > MOST_EXPANDED:
        return [(1, algebra.had([(e, p)], e.shape))]
    terms: list[Term] = [(1, algebra.ones(*e.shape))]
    for _ in range(p):
        terms = [(a * b, algebra.had([(x, 1), (y, 1)], e.shape)) for a, x in terms for b, y in _terms_of(algebra, e)]
    return terms
