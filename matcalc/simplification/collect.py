"""Common factors taken out of sums, and fractions put over one denominator, wherever that is shorter.

The cost is the printed size (`Expr.size`: names, numbers, transposes, inverses and functions; brackets and signs cost
nothing), and every step lowers it.  A way to take a factor out of a term is a generator of `Takes`; `factored` looks
for the factors that pay most, of whatever kind: a left or right factor of a product, a scalar, a Hadamard factor, or a
linear operator.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from fractions import Fraction

from ..expressions.dimensions import SCALAR, Dim, Shape
from ..expressions.nodes import ONE, STRUCTURAL, Expr, Rational, postorder
from ..expressions.parts import Factor, Term, is_sum, multiple, split
from ..normal_form.algebra import Algebra
from .allowance import used_up
from .expand import expanded, multiplied_out

ROUNDS = 40
MOST_FACTORS = 24  # a longer chain is not looked through for a common factor
MANY_SCALARS = 8  # so many are tried as one before each on its own
MOST_TERMS = 4  # of a sum that is multiplied out or put over one denominator on trial
MOST_TRIED = 60  # printed size of such a sum

Group = list[int]


def factored(algebra: Algebra, e: Expr) -> Expr:
    """A sum with common factors taken out wherever that shortens it."""
    c, e = split(e)
    if not is_sum(e):
        return algebra.linear([(c, e)])
    memo = algebra.memo(factored)
    made = memo.get(e)
    if made is None and used_up(algebra):
        made = e
    if made is None:
        made = _by_rounds(algebra, e)
        if len(e.args) <= MOST_TERMS and e.size <= MOST_TRIED:
            for way in (_over_one_denominator, _opened):
                other = None if used_up(algebra) else way(algebra, e)
                made = made if other is None else min(made, other, key=_cost)
        memo[e] = made
    return algebra.linear([(c, made)])


def _cost(e: Expr) -> tuple[int, int]:
    """The printed size, and of equal ones the number of fractions."""
    return e.size, sum(x.head == "had" and min(x.data) < 0 for x in postorder(e))


def _by_rounds(algebra: Algebra, e: Expr) -> Expr:
    """A sum after the most profitable kind of factoring, again and again."""
    c: Rational = 1
    for _ in range(ROUNDS):
        better = _round(algebra, e) if is_sum(e) else None
        if better is None:
            break
        d, e = split(better)
        c *= d
    return algebra.linear([(c, e)])


def _opened(algebra: Algebra, e: Expr) -> Expr | None:
    """A sum whose terms are multiplied out, so that what cancels does: s ⊙ (1 .- y) - (1 .- s) ⊙ y."""
    products = [t.args[1] if t.head == "scale" else t for t in e.args]
    if not all(p.head in ("mul", "had") and any(map(is_sum, p.args)) for p in products):
        return None
    terms = [(c, multiplied_out(algebra, t)) for c, t in zip(e.data, e.args, strict=True)]
    return _by_rounds(algebra, algebra.linear(terms, e.shape))


def _round(algebra: Algebra, e: Expr) -> Expr | None:
    """The sum after the most profitable kind of factoring, or None where none is."""
    terms: list[Term] = list(zip(e.data, e.args, strict=True))
    best: tuple[int, list[tuple[Group, Expr]]] = (0, [])
    for take in (_same_core, _left, _right, _scalar, _hadamard, _operator):
        shared: dict[Hashable, list[tuple[int, Callable[[], Expr]]]] = {}
        put: dict[Hashable, Callable[[Expr], Expr]] = {}
        for i, (_, t) in enumerate(terms):
            for key, left, back in take(algebra, t):
                parts = shared.get(key)
                if parts is None:
                    shared[key], put[key] = [(i, left)], back
                elif parts[-1][0] != i:  # xᵀ A x ends in x whichever way it is read
                    parts.append((i, left))
        used: set[int] = set()
        chosen: list[tuple[Group, Expr]] = []
        total = 0
        for key, parts in shared.items():
            if used_up(algebra):
                break
            if len(parts) < 2 or any(i in used for i, _ in parts) and sum(i not in used for i, _ in parts) < 2:
                continue
            everything = [(i, left()) for i, left in parts]
            for members in (everything, [m for m in everything if m[1].head != "identity"]):
                if len(members) < 2 or used & {i for i, _ in members}:
                    continue
                rest = factored(algebra, algebra.linear([(terms[i][0], left) for i, left in members]))
                made = put[key](rest)
                gain = sum(multiple(*terms[i]).size for i, _ in members) - made.size
                if gain > (_identities(rest) if len(members) == len(everything) else 0):
                    total += gain
                    used.update(i for i, _ in members)
                    chosen.append(([i for i, _ in members], made))
        if total > best[0]:
            best = (total, chosen)
    if not best[1]:
        return None
    gone = {i for group, _ in best[1] for i in group}
    kept: list[Term] = [t for i, t in enumerate(terms) if i not in gone]
    return algebra.linear([*kept, *((1, made) for _, made in best[1])], e.shape)


def _identities(e: Expr) -> int:
    """How many identities a sum would show: a factor of (A + I) X is worth taking out only if it saves more."""
    return (
        sum(split(t)[1].head == "identity" or t.head == "scale" and t.args[1].head == "identity" for t in e.args)
        if is_sum(e)
        else 0
    )


def _parts(e: Expr) -> tuple[Expr, tuple[Expr, ...]]:
    """The scalar in front of a term and the factors of its matrix product."""
    if e.shape == SCALAR:
        return e, ()
    scalar, core = e.args if e.head == "scale" else (ONE, e)
    if core.head in ("identity", "ones"):
        return scalar, ()
    return scalar, core.args if core.head == "mul" else (core,)


Takes = Iterator[tuple[Hashable, Callable[[], Expr], Callable[[Expr], Expr]]]
"""A factor, what is left of the term without it (made only where two terms share the factor), how it is put back."""


def _same_core(algebra: Algebra, e: Expr) -> Takes:
    if e.shape != SCALAR:
        scalar, core = e.args if e.head == "scale" else (ONE, e)
        yield core, lambda: scalar, lambda rest: algebra.scale(rest, core)


def _left(algebra: Algebra, e: Expr) -> Takes:
    """A X beside A Y, and (A + B) X beside (A + B) Y; a sum alone is no factor of itself."""
    scalar, chain = _parts(e)
    if not chain:
        return
    first = chain[0]
    outer = len(chain) > 1 or first.shape[1] != 1
    if len(chain) > 1 if is_sum(first) else outer and len(chain) <= MOST_FACTORS:
        yield first, _without(algebra, scalar, chain[1:], first.shape[1]), lambda x: algebra.mul([first, x])


def _right(algebra: Algebra, e: Expr) -> Takes:
    if e.shape == SCALAR and e.head == "mul" and len(e.args) <= MOST_FACTORS:
        for sequence in (e.args, tuple(algebra.transpose(a) for a in reversed(e.args))):
            end = sequence[-1]
            yield end, _without(algebra, ONE, sequence[:-1], 1), _before(algebra, end)
        return
    scalar, chain = _parts(e)
    outer = len(chain) > 1 or chain and chain[-1].shape[0] != 1
    if outer and len(chain) <= MOST_FACTORS:
        last = chain[-1]
        yield last, _without(algebra, scalar, chain[:-1], last.shape[0]), _before(algebra, last)


def _without(algebra: Algebra, scalar: Expr, chain: Sequence[Expr], size: Dim) -> Callable[[], Expr]:
    return lambda: algebra.scale(scalar, algebra.mul(chain) if chain else algebra.identity(size))


def _before(algebra: Algebra, last: Expr) -> Callable[[Expr], Expr]:
    return lambda x: algebra.mul([x, last])


def _scalar(algebra: Algebra, e: Expr) -> Takes:
    scalar = e if e.shape == SCALAR else e.args[0] if e.head == "scale" else ONE
    if scalar is ONE:
        return
    factors: list[Factor] = list(zip(scalar.args, scalar.data, strict=True)) if scalar.head == "had" else [(scalar, 1)]
    core = e.args[1] if e.head == "scale" else None
    if len(factors) > MANY_SCALARS:
        yield (scalar, 1), lambda: ONE if core is None else core, _scaled(algebra, scalar, 1)
    for b, p in factors:
        for q in {p, Fraction(p, 2)} if p in (2, -2, 4, -4) else {p}:
            q = int(q) if q.denominator == 1 else q
            yield (b, q), _unscaled(algebra, scalar, core, b, q), _scaled(algebra, b, q)


def _unscaled(algebra: Algebra, scalar: Expr, core: Expr | None, b: Expr, q: Rational) -> Callable[[], Expr]:
    def left() -> Expr:
        rest = algebra.had([(scalar, 1), (b, -q)], SCALAR)
        return rest if core is None else algebra.scale(rest, core)

    return left


def _scaled(algebra: Algebra, b: Expr, q: Fraction | int) -> Callable[[Expr], Expr]:
    return lambda x: algebra.scale(algebra.had([(b, q)], SCALAR), x)


def _hadamard(algebra: Algebra, e: Expr) -> Takes:
    if e.shape == SCALAR:
        return
    scalar, core = e.args if e.head == "scale" else (ONE, e)
    if core.head in ("mul", "ones"):
        return
    factors: list[Factor] = list(zip(core.args, core.data, strict=True)) if core.head == "had" else [(core, 1)]
    for b, p in factors:
        yield (b, p), _divided(algebra, scalar, factors, b, e.shape), _multiplied(algebra, b, p)


def _divided(algebra: Algebra, scalar: Expr, factors: Sequence[Factor], b: Expr, shape: Shape) -> Callable[[], Expr]:
    return lambda: algebra.scale(scalar, algebra.had([f for f in factors if f[0] is not b], shape))


def _multiplied(algebra: Algebra, b: Expr, p: Fraction | int) -> Callable[[Expr], Expr]:
    return lambda x: algebra.had([(b, p), (x, 1)], b.shape)


def _operator(algebra: Algebra, e: Expr) -> Takes:
    """f(X) beside f(Y), of a linear f."""
    scalar, core = e.args if e.head == "scale" else (ONE, e)
    if not core.args or core.head in STRUCTURAL:
        return
    operator = algebra.book.operator(core.head)
    for slot in operator.homogeneous if "additive" not in operator.tags else ():
        others = (*core.args[:slot], None, *core.args[slot + 1 :])
        yield (
            (core.head, others, core.shape, core.args[slot].shape),
            _inside(algebra, scalar, core, slot),
            _applied(algebra, core, slot),
        )


def _inside(algebra: Algebra, scalar: Expr, e: Expr, slot: int) -> Callable[[], Expr]:
    return lambda: algebra.scale(scalar, e.args[slot])


def _applied(algebra: Algebra, e: Expr, slot: int) -> Callable[[Expr], Expr]:
    return lambda x: algebra.apply(e.head, [*e.args[:slot], x, *e.args[slot + 1 :]], e.shape)


def denominator_cleared(algebra: Algebra, e: Expr) -> Expr:
    """u/(c + v) for u/(c (1 + v/c)): a factor goes into the power of a sum beside it, where that is shorter."""
    factors: list[Factor] = list(zip(e.args, e.data, strict=True))
    for i, (x, p) in enumerate(factors):
        if not is_sum(x) or len(x.args) > MOST_TERMS or p not in (-1, -2, -3) or len(factors) > MOST_FACTORS:
            continue
        for j, (b, q) in enumerate(factors):
            if j == i or Fraction(q, p).denominator != 1 or q > 0:
                continue
            inner = [(c, algebra.had([(t, 1), (b, q // p)], e.shape)) for c, t in zip(x.data, x.args, strict=True)]
            others = [f for k, f in enumerate(factors) if k not in (i, j)]
            made = algebra.had([*others, (algebra.linear(inner), p)], e.shape)
            if made.size < e.size:
                return made
    return e


def _over_one_denominator(algebra: Algebra, e: Expr) -> Expr | None:
    """(p d + q)/d² for p/d + q/d², multiplied out above the line, where that is shorter."""
    terms = list(zip(e.data, e.args, strict=True))
    for entrywise in (False,) if e.shape == SCALAR else (True, False):
        least: dict[Expr, Rational] = {}
        for t in e.args:
            for b, p in _entry_factors(t) if entrywise else _scalar_factors(t):
                least[b] = min(p, least.get(b, 0))
        line: list[Factor] = [(b, p) for b, p in least.items() if p < 0]
        if not line:
            continue
        cleared: list[Factor] = [(b, -p) for b, p in line]
        if entrywise:
            above = [(c, algebra.had([(t, 1), *cleared], e.shape)) for c, t in terms]
        else:
            above = [(c, algebra.scale(algebra.had(cleared, SCALAR), t)) for c, t in terms]
        c, numerator = split(algebra.linear([(c, expanded(algebra, t)) for c, t in above], e.shape))
        if numerator.size > MOST_TRIED:
            continue
        numerator = algebra.linear([(c, _by_rounds(algebra, numerator))])
        if entrywise:
            made = algebra.had([(numerator, 1), *line], e.shape)
        else:
            made = algebra.scale(algebra.had(line, SCALAR), numerator)
        if made.size < e.size:
            return made
    return None


def _scalar_factors(e: Expr) -> list[Factor]:
    """The scalars in front of a term, or the factors of a scalar term."""
    scalar = e if e.shape == SCALAR else e.args[0] if e.head == "scale" else ONE
    return list(zip(scalar.args, scalar.data, strict=True)) if scalar.head == "had" else [(scalar, 1)]


def _entry_factors(e: Expr) -> list[Factor]:
    core = e.args[1] if e.head == "scale" else e
    return list(zip(core.args, core.data, strict=True)) if core.head == "had" else [(core, 1)]
