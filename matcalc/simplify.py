"""From the normal form to the shortest pleasant form.

The normal form decides what is equal; this decides what is shown.  The cost is the printed size (`Expr.size`: names,
numbers, transposes, inverses and functions; brackets and signs cost nothing), and every step lowers it: a common left,
right, scalar or Hadamard factor is taken out of the terms that share it where that is shorter.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from fractions import Fraction
from functools import partial

from .algebra import Algebra, Factor, Term, exact
from .dims import SCALAR, Dim, Shape
from .errors import MatcalcError
from .expr import ONE, Expr, Rational, above, as_number, fold, is_sum, node, postorder, split
from .match import Binding, instantiate, match_rule

STRUCTURAL = frozenset({"add", "had", "mul", "scale", "transpose", "power", "dotpower", "call", "index"})
ROUNDS = 40
MOST_FACTORS = 24  # a longer chain is not looked through for a common factor
MOST_ROTATIONS = 12
MOST_PAIRED = 64  # terms
MANY_SCALARS = 8  # so many are tried as one before each on its own
MOST_EXPANDED = 4096  # terms
MOST_TERMS = 4  # of a sum that is multiplied out on trial
MOST_ABOVE = 60  # printed size of a sum of fractions that are put over one denominator on trial

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
            inside = [a for a in above(b.values.values(), x) if a is not x and a.head not in STRUCTURAL]
            shared = any(uses[a] > 1 for a in inside if a.args)
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
    if made.head in ("mul", "had", "scale", "power"):
        return _expanded(algebra, made)
    if made.args and made.head not in STRUCTURAL:
        if is_sum(made.args[0]) and len(made.args[0].args) <= MOST_TERMS:
            return _distributed(algebra, made)
        if made.head in algebra.book.cyclic and made.args[0].head == "mul":
            return _rotated(algebra, made)
    return made


def _distributed(algebra: Algebra, e: Expr) -> Expr:
    """A linear operator of a sum, term by term where that is shorter: tr(X - tr(X) I/n) = 0."""
    operator = algebra.book.operator(e.head)
    if not operator.is_linear(0) or "jointly-linear" in operator.tags:
        return e
    first = e.args[0]
    parts = [(c, algebra.apply(e.head, [t, *e.args[1:]], e.shape)) for c, t in zip(first.data, first.args, strict=True)]
    made = factored(algebra, algebra.linear(parts, e.shape))
    return made if made.size < e.size else e


def _expanded(algebra: Algebra, e: Expr) -> Expr:
    """A product multiplied out where that cancels so much that it is shorter."""
    scalar, core = e.args if e.head == "scale" else (ONE, e)
    if core.head == "had" and (cleared := _denominator_cleared(algebra, core)) is not core:
        return algebra.scale(scalar, cleared)
    if core.head == "power" and as_number(core.args[1]) == 2 and is_sum(core.args[0]):
        made = factored(algebra, _multiplied_out(algebra, node("mul", core.args[:1] * 2, None, core.shape)))
        return algebra.scale(scalar, made) if made.size < core.size else e
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


def _denominator_cleared(algebra: Algebra, e: Expr) -> Expr:
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
    if len(e.args) > MOST_TERMS or e.size > MOST_ABOVE:
        return None
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
        numerator = factored(algebra, algebra.linear([(c, expanded(algebra, t)) for c, t in above], e.shape))
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


def factored(algebra: Algebra, e: Expr) -> Expr:
    """A sum with common factors taken out wherever that shortens it."""
    outer, e = split(e)
    c = outer
    together = _over_one_denominator(algebra, e) if is_sum(e) else None
    for _ in range(ROUNDS):
        if not is_sum(e):
            break
        better = _round(algebra, e)
        if better is None:
            break
        d, e = split(better)
        c *= d
    made = algebra.linear([(c, e)])
    return made if together is None or together.size >= made.size else algebra.linear([(outer, together)])


def _round(algebra: Algebra, e: Expr) -> Expr | None:
    """The sum after the most profitable kind of factoring, or None where none is."""
    terms: list[Term] = list(zip(e.data, e.args, strict=True))
    best: tuple[int, list[tuple[Group, Expr]]] = (0, [])
    for take in (_same_core, _left, _right, _scalar, _hadamard, _operator):
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
                gain = sum(_multiple(*terms[i]).size for i, _ in members) - made.size
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


def _last_touch(algebra: Algebra) -> Callable[[Expr, list[Expr]], Expr]:
    """What the normal form would undo: ((A X)ᵏ⁻¹ A)ᵀ for Aᵀ ((A X)ᵏ⁻¹)ᵀ, and x - a for -(a - x)."""

    def touch(e: Expr, args: list[Expr]) -> Expr:
        made = _rebuilt(e, args)
        if made.head == "mul" and made.shape != SCALAR and made.transposes > 2:
            turned = [_bare_transpose(algebra, a) for a in reversed(made.args)]
            if sum(a.transposes for a in turned) + 2 < made.transposes:
                inner = node("mul", tuple(turned), None, made.shape[::-1])
                return node("transpose", (inner,), None, made.shape)
        if made.head != "add":
            return made
        return _signs_turned(algebra, _content_inside(algebra, _transposes_paired(algebra, e, args) or made))

    return touch


def _transposes_paired(algebra: Algebra, e: Expr, shown: Sequence[Expr]) -> Expr | None:
    """S + Sᵀ for a sum that holds the transpose of each of some terms, where that writes fewer transposes."""
    if e.shape[0] != e.shape[1] or e.shape == SCALAR or not 1 < len(e.args) <= MOST_PAIRED:
        return None
    left = {t: (c, x) for t, c, x in zip(e.args, e.data, shown, strict=True)}
    pairs: list[Term] = []
    saved = -1
    for t in sorted(e.args, key=lambda x: x.transposes):
        turned = algebra.transpose(t)
        if t in left and turned in left and turned is not t and left[turned][0] == left[t][0]:
            pairs.append(left.pop(t))
            saved += left.pop(turned)[1].transposes
    if saved <= 0:
        return None
    pairs.sort(key=lambda term: term[1].key)
    whole = _multiple(*pairs[0]) if len(pairs) == 1 else node("add", *_columns(pairs), e.shape)
    c, whole = split(whole)
    return node("add", *_columns([*left.values(), *pairs, (c, node("transpose", (whole,), None, e.shape))]), e.shape)


def _columns(terms: Sequence[Term]) -> tuple[tuple[Expr, ...], tuple[Rational, ...]]:
    return tuple(t for _, t in terms), tuple(c for c, _ in terms)


def _content_inside(algebra: Algebra, e: Expr) -> Expr:
    """c (a A + b B), with c multiplied in where that writes fewer numbers: A + B/2 for 1/2 (2 A + B)."""
    if all(abs(c) == 1 for c in e.data):
        return e
    terms = list(zip(e.data, e.args, strict=True))
    for i, (c, t) in enumerate(terms):
        made = _changed_sum(algebra, t, partial(_multiplied_in, abs(c))) if abs(c) != 1 else None
        terms[i] = algebra.root_merged(c, t) if made is None else (1 if c > 0 else -1, made)
    if len(terms) > 1:
        return node("add", *_columns(terms), e.shape)
    made = _multiple(*terms[0])
    return _content_inside(algebra, made) if is_sum(made) else made


def _multiplied_in(c: Rational, coefficients: Sequence[Rational]) -> list[Rational] | None:
    made = [exact(c * d) for d in coefficients]
    return made if _numbers(made) < _numbers(coefficients) + _numbers([c]) else None


def _numbers(coefficients: Sequence[Rational]) -> int:
    """How many numbers the coefficients show, a fraction two."""
    return sum((abs(c.numerator) != 1) + 2 * (c.denominator != 1) for c in coefficients)


def _signs_turned(algebra: Algebra, e: Expr) -> Expr:
    """x - a for -(a - x), and A + (C - B) X for A - (B - C) X, where B - C stands in no other term."""
    if e.head != "add" or all(c > 0 for c in e.data) or len(e.args) > MOST_ROTATIONS:
        return e
    c, inner = split(e)
    if c < 0 and is_sum(inner) and (all_turned := _all_turned(algebra, inner)):
        return _multiple(-c, all_turned)
    terms = list(zip(e.data, e.args, strict=True))
    seen = Counter(x for t in e.args for x in postorder(t) if is_sum(x)) if len(terms) > 1 else Counter()
    for i, (c, t) in enumerate(terms):
        if c < 0 and (turned := _changed_sum(algebra, t, _negated)) and all(seen[x] < 2 for x in postorder(t)):
            terms[i] = (-c, turned)
    if len(terms) == 1:
        made = _multiple(*terms[0])
        return _signs_turned(algebra, made) if c < 0 and is_sum(made) else made
    return node("add", *_columns(terms), e.shape)


def _all_turned(algebra: Algebra, e: Expr) -> Expr | None:
    """The negative of a sum of which every term contains a difference."""
    turned = [_changed_sum(algebra, t, _negated) if c > 0 else None for c, t in zip(e.data, e.args, strict=True)]
    parts = [t for t in turned if t is not None]
    return node("add", tuple(parts), e.data, e.shape) if len(parts) == len(turned) else None


def _multiple(c: Rational, e: Expr) -> Expr:
    return e if c == 1 else node("add", (e,), (c,), e.shape)


def _negated(coefficients: Sequence[Rational]) -> list[Rational] | None:
    return [-c for c in coefficients] if any(c < 0 for c in coefficients) else None


def _changed_sum(
    algebra: Algebra, e: Expr, change: Callable[[Sequence[Rational]], list[Rational] | None]
) -> Expr | None:
    """An expression with the coefficients of one sum among its factors changed, or None where none is to be.

    Of u uᵀ no factor is changed: it would read less well, and the two would no longer be one.
    """
    if is_sum(e):
        coefficients = change(e.data)
        return None if coefficients is None else node("add", e.args, tuple(coefficients), e.shape)
    if e.head not in ("mul", "had", "scale", "transpose"):
        tags = algebra.book.operator(e.head).tags if e.args and e.head not in STRUCTURAL else frozenset()
        if not ("linear" in tags or "odd" in tags and change is _negated):
            return None
    bare = [x.args[0] if x.head == "transpose" else x for x in e.args]
    for i, x in enumerate(e.args):
        odd = change is _negated and e.data[i] in (-3, -1, 3) if e.head == "had" else False
        if e.head == "had" and e.data[i] != 1 and not odd or bare.count(bare[i]) > 1:
            continue
        changed = _changed_sum(algebra, x, change)
        if changed is not None:
            return node(e.head, (*e.args[:i], changed, *e.args[i + 1 :]), e.data, e.shape)
    return None


def _bare_transpose(algebra: Algebra, e: Expr) -> Expr:
    return e.args[0] if e.head == "transpose" else algebra.transpose(e)
