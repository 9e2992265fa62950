"""From the normal form to the shortest pleasant form.

The normal form decides what is equal; this decides what is shown.  The cost is the printed size (`Expr.size`: names,
numbers, transposes, inverses and functions; brackets and signs cost nothing), and every step lowers it: a common left,
right, scalar or Hadamard factor is taken out of the terms that share it where that is shorter.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from fractions import Fraction

from .algebra import Algebra, Factor, Term, exact
from .dims import SCALAR, Dim, Shape
from .errors import MatcalcError
from .expr import ONE, Expr, Rational, above, fold, is_sum, node, postorder, split
from .match import Binding, instantiate, match_rule

STRUCTURAL = frozenset({"add", "mul", "scale", "transpose", "power", "dotpower", "call", "index"})
ROUNDS = 40
MOST_FACTORS = 24  # a longer chain is not looked through for a common factor
MOST_ROTATIONS = 12
MANY_SCALARS = 8  # so many are tried as one before each on its own
MOST_EXPANDED = 4096  # terms
MOST_TERMS = 4  # of a sum that is multiplied out on trial

Group = list[int]
Taken = tuple[Expr, Callable[[Expr], Expr]]  # what is left of a term, and how the factor is put back


def pleasant(algebra: Algebra, e: Expr) -> Expr:
    """An equal expression that is as short as factoring makes it."""
    found = _shortened(algebra, fold(e, lambda x, args: _shortest(algebra, x, args), algebra.pleasant))
    return _even_arguments(algebra, fold(found, _last_touch(algebra), algebra.touched))


def _shortened(algebra: Algebra, e: Expr) -> Expr:
    """What the normal form writes at length, by `shorten` rules: sigmoid.(-x) for 1 .- sigmoid.(x).

    Not where a part of it stands elsewhere too: (1 .- sigmoid.(x)) ⊙ sigmoid.(x) has one function to read.
    """
    rules = algebra.book.shorten_rules
    nodes = [x for x in postorder(e) if x.head in rules]
    if not nodes:
        return e
    uses = Counter(a for x in postorder(e) for a in x.args)
    made: dict[Expr, Expr] = {}
    for x in nodes:
        for rule in rules[x.head]:
            b = match_rule(algebra, rule, x)
            if b is None:
                continue
            shared = any(uses[a] > 1 for a in above(b.values.values(), x) if a.args and a is not x)
            shorter = _as_written(algebra, rule.template, b)
            if shorter.size < x.size and not shared:
                algebra.book.fired(rule)
                made[x] = shorter
                break
    return fold(e, _rebuilt, made) if made else e


def _as_written(algebra: Algebra, template: Expr, b: Binding) -> Expr:
    """The right side of a rule, out of normal form: the normal form would write it as the left side again."""
    operators = algebra.book.operators

    def known(e: Expr, args: Sequence[Expr]) -> Expr:
        data = algebra.book.operation(e.head) if e.data is None and e.head in operators else e.data
        return node(e.head, tuple(args), data, e.shape)

    return fold(instantiate(Algebra(algebra.book.plain()), template, b), known, {})


def _rebuilt(e: Expr, args: Sequence[Expr]) -> Expr:
    """The node over other arguments, as it is written: out of normal form."""
    return e if all(a is b for a, b in zip(args, e.args, strict=True)) else node(e.head, tuple(args), e.data, e.shape)


def _even_arguments(algebra: Algebra, e: Expr) -> Expr:
    """(x - a)/‖x - a‖ rather than (x - a)/‖a - x‖: an even function shows a difference as it stands elsewhere."""
    if not fold(e, lambda x, args: any(args) or (is_sum(x) and x.data[0] < 0), algebra.reversed):
        return e
    turned = {
        node("add", x.args, tuple(-c for c in x.data), x.shape): x for x in postorder(e) if is_sum(x) and x.data[0] < 0
    }

    def touch(x: Expr, args: list[Expr]) -> Expr:
        if x.head == "had":
            args = [turned.get(a, a) if p % 2 == 0 else a for a, p in zip(args, x.data, strict=True)]
        elif x.args and x.head not in STRUCTURAL and "even" in algebra.book.operator(x.head).tags:
            args = [turned.get(args[0], args[0])]
        return _rebuilt(x, args)

    return fold(e, touch, {})


def expanded(algebra: Algebra, e: Expr) -> Expr:
    """An equal expression with products of sums multiplied out.

    Raises MatcalcError where that has more than `MOST_EXPANDED` terms.
    """
    return fold(e, lambda x, args: _multiplied_out(algebra, algebra.rebuild(x, args) if x.args else x), {})


def _multiplied_out(algebra: Algebra, e: Expr) -> Expr:
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
        if len(chains) > MOST_EXPANDED:
            raise MatcalcError(f"Multiplied out, this has more than {MOST_EXPANDED} terms.")
    heads = _terms_of(algebra, scalar)
    if core.head == "had":
        terms = [(a, algebra.had([(t, 1) for t in chain], core.shape)) for a, chain in chains]
    else:
        terms = [(a, algebra.mul(chain)) for a, chain in chains]
    if len(terms) * len(heads) > MOST_EXPANDED:
        raise MatcalcError(f"Multiplied out, this has more than {MOST_EXPANDED} terms.")
    return algebra.linear([(a * b, algebra.scale(s, t)) for b, s in heads for a, t in terms], e.shape)


def _terms_of(algebra: Algebra, e: Expr) -> list[Term]:
    c, e = split(e)
    if e.head == "transpose" and is_sum(e.args[0]):
        return [(c * d, algebra.transpose(t)) for d, t in zip(e.args[0].data, e.args[0].args, strict=True)]
    return [(c * d, t) for d, t in zip(e.data, e.args, strict=True)] if is_sum(e) else [(c, e)]


def _powers_of_sum(algebra: Algebra, e: Expr, p: Rational) -> list[Term]:
    """A power of a sum as a sum; other powers stay."""
    if not is_sum(e) or not isinstance(p, int) or not 0 < p <= MOST_FACTORS or len(e.args) ** p > MOST_EXPANDED:
        return [(1, algebra.had([(e, p)], e.shape))]
    terms: list[Term] = [(1, algebra.ones(*e.shape))]
    for _ in range(p):
        terms = [(a * b, algebra.had([(x, 1), (y, 1)], e.shape)) for a, x in terms for b, y in _terms_of(algebra, e)]
    return terms


def _shortest(algebra: Algebra, e: Expr, args: Sequence[Expr]) -> Expr:
    made = e if all(a is b for a, b in zip(args, e.args, strict=True)) else algebra.rebuild(e, args)
    if made.head == "add":
        return factored(algebra, made)
    if made.head in ("mul", "had", "scale"):
        return _expanded(algebra, made)
    if made.head in algebra.book.cyclic and made.args[0].head == "mul":
        return _rotated(algebra, made)
    return made


def _expanded(algebra: Algebra, e: Expr) -> Expr:
    """A product multiplied out where that cancels so much that it is shorter."""
    scalar, core = e.args if e.head == "scale" else (ONE, e)
    factors = core.args if core.head in ("mul", "had") else (core,)
    for i, x in enumerate(factors):
        c, x = split(x)
        turned = x.head == "transpose" and is_sum(x.args[0])
        x = x.args[0] if turned else x
        if not is_sum(x) or len(x.args) > MOST_TERMS or len(factors) > MOST_FACTORS:
            continue
        if core.head == "had" and core.data[i] != 1:
            continue
        terms: list[Term] = []
        for d, t in zip(x.data, x.args, strict=True):
            t = algebra.transpose(t) if turned else t
            if core.head == "had":
                others = [(y, p) for j, (y, p) in enumerate(zip(core.args, core.data, strict=True)) if j != i]
                term = algebra.had([(t, 1), *others], core.shape)
            elif core.head == "mul":
                term = algebra.mul([*factors[:i], t, *factors[i + 1 :]])
            else:
                term = t
            terms.append((c * d, algebra.scale(scalar, term)))
        if sum(t.size for _, t in terms) >= 2 * e.size:
            continue
        made = algebra.linear(terms, e.shape)
        if made.size < e.size:
            return factored(algebra, made)
    return e


def _rotated(algebra: Algebra, e: Expr) -> Expr:
    """The trace of the rotation of a product, or of its transpose's, that reads best; equal traces become one."""
    chain = e.args[0].args
    if len(chain) > MOST_ROTATIONS:
        return e
    turned = tuple(algebra.transpose(a) for a in reversed(chain))
    best = min(
        (sequence[i:] + sequence[:i] for sequence in (chain, turned) for i in range(len(sequence))),
        key=lambda c: (sum(a.transposes for a in c), [a.key for a in c]),
    )
    return algebra.apply(e.head, [algebra.mul(best)])


def factored(algebra: Algebra, e: Expr) -> Expr:
    """A sum with common factors taken out wherever that shortens it."""
    c, e = split(e)
    for _ in range(ROUNDS):
        if not is_sum(e):
            break
        better = _round(algebra, e)
        if better is None:
            break
        d, e = split(better)
        c *= d
    return algebra.linear([(c, e)])


def _round(algebra: Algebra, e: Expr) -> Expr | None:
    """The sum after the most profitable kind of factoring, or None where none is."""
    terms: list[Term] = list(zip(e.data, e.args, strict=True))
    best: tuple[int, list[tuple[Group, Expr]]] = (0, [])
    for take in (_same_core, _left, _right, _scalar, _hadamard):
        shared: dict[Hashable, list[tuple[int, Callable[[], Expr]]]] = defaultdict(list)
        put: dict[Hashable, Callable[[Expr], Expr]] = {}
        for i, (_, t) in enumerate(terms):
            for key, left, back in take(algebra, t):
                if not shared[key] or shared[key][-1][0] != i:  # xᵀ A x ends in x whichever way it is read
                    shared[key].append((i, left))
                    put[key] = back
        used: set[int] = set()
        chosen: list[tuple[Group, Expr]] = []
        total = 0
        for key, parts in shared.items():
            if len(parts) < 2 or any(i in used for i, _ in parts) and sum(i not in used for i, _ in parts) < 2:
                continue
            everything = [(i, left()) for i, left in parts]
            for members in (everything, [m for m in everything if m[1].head != "identity"]):
                if len(members) < 2 or used & {i for i, _ in members}:
                    continue
                rest = factored(algebra, algebra.linear([(terms[i][0], left) for i, left in members]))
                made = put[key](rest)
                gain = sum(terms[i][1].size + (abs(terms[i][0]) != 1) for i, _ in members) - made.size
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
    scalar, chain = _parts(e)
    outer = len(chain) > 1 or chain and chain[0].shape[1] != 1
    if outer and len(chain) <= MOST_FACTORS and not is_sum(chain[0]):
        first = chain[0]
        yield first, _without(algebra, scalar, chain[1:], first.shape[1]), lambda x: algebra.mul([first, x])
    elif chain and len(chain) > 1 and is_sum(chain[0]):
        yield from _factor_sum(algebra, scalar, chain, 0)


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


def _factor_sum(algebra: Algebra, scalar: Expr, chain: Sequence[Expr], at: int) -> Takes:
    """(A + B) X beside (A + B) Y."""
    first = chain[at]
    yield first, _without(algebra, scalar, chain[1:], first.shape[1]), lambda x: algebra.mul([first, x])


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


def _last_touch(algebra: Algebra) -> Callable[[Expr, list[Expr]], Expr]:
    """What the normal form would undo: ((A X)ᵏ⁻¹ A)ᵀ for Aᵀ ((A X)ᵏ⁻¹)ᵀ, and x - a for -(a - x)."""

    def touch(e: Expr, args: list[Expr]) -> Expr:
        made = _rebuilt(e, args)
        if made.head == "mul" and made.shape != SCALAR and made.transposes > 2:
            turned = [_bare_transpose(algebra, a) for a in reversed(made.args)]
            if sum(a.transposes for a in turned) + 2 < made.transposes:
                inner = node("mul", tuple(turned), None, made.shape[::-1])
                return node("transpose", (inner,), None, made.shape)
        return _signs_turned(_content_inside(made)) if made.head == "add" else made

    return touch


def _content_inside(e: Expr) -> Expr:
    """c (a A + b B), with c multiplied in where that writes fewer numbers: A + B/2 for 1/2 (2 A + B)."""
    c, rest = split(e)
    return e if abs(c) == 1 else _changed_sum(rest, lambda coefficients: _multiplied_in(c, coefficients)) or e


def _multiplied_in(c: Rational, coefficients: Sequence[Rational]) -> list[Rational] | None:
    made = [exact(c * d) for d in coefficients]
    return made if _numbers(made) < _numbers(coefficients) + 1 else None


def _numbers(coefficients: Sequence[Rational]) -> int:
    """How many of the coefficients are shown."""
    return sum(abs(c) != 1 for c in coefficients)


def _signs_turned(e: Expr) -> Expr:
    """x - a for -(a - x), and A + (C - B) X for A - (B - C) X, where B - C stands in no other term."""
    if e.head != "add" or all(c > 0 for c in e.data) or len(e.args) > MOST_ROTATIONS:
        return e
    terms = list(zip(e.data, e.args, strict=True))
    seen = Counter(x for t in e.args for x in postorder(t) if is_sum(x)) if len(terms) > 1 else Counter()
    for i, (c, t) in enumerate(terms):
        if c < 0 and (turned := _changed_sum(t, _negated)) and all(seen[x] < 2 for x in postorder(t) if is_sum(x)):
            terms[i] = (-c, turned)
    if len(terms) == 1 and terms[0][0] == 1:
        return terms[0][1]
    return node("add", tuple(t for _, t in terms), tuple(c for c, _ in terms), e.shape)


def _negated(coefficients: Sequence[Rational]) -> list[Rational] | None:
    return [-c for c in coefficients] if any(c < 0 for c in coefficients) else None


def _changed_sum(e: Expr, change: Callable[[Sequence[Rational]], list[Rational] | None]) -> Expr | None:
    """An expression with the coefficients of one sum among its factors changed, or None where none is to be."""
    if is_sum(e):
        made = change(e.data)
        return made and node("add", e.args, tuple(made), e.shape)
    if e.head not in ("mul", "had", "scale", "transpose"):
        return None
    for i, x in enumerate(e.args):
        if e.head == "had" and e.data[i] != 1:
            continue
        changed = _changed_sum(x, change)
        if changed is not None:
            return node(e.head, (*e.args[:i], changed, *e.args[i + 1 :]), e.data, e.shape)
    return None


def _bare_transpose(algebra: Algebra, e: Expr) -> Expr:
    return e.args[0] if e.head == "transpose" else algebra.transpose(e)
