"""From the normal form to the shortest pleasant form.

The normal form decides what is equal; this decides what is shown.  A product is multiplied out and a linear operator
distributed where that cancels so much that it is shorter, sums are factored, identities of scalar functions are used,
and `shorten` rules are applied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..expressions.nodes import ONE, STRUCTURAL, Expr, Operation, above, fold, node, postorder
from ..expressions.parts import Term, as_number, is_sum, split
from ..normal_form.algebra import Algebra
from ..normal_form.matching import Binding, instantiate, match_rule
from .allowance import allowance, used_up
from .arrange import finished, rebuilt
from .collect import MOST_FACTORS, MOST_TERMS, denominator_cleared, factored
from .entrywise import with_identities
from .expand import multiplied_out
from .shown import Shown

MOST_ROTATIONS = 12
LONGEST = 2_000  # printed size of what is looked through for what rules shorten


def pleasant(algebra: Algebra, e: Expr) -> Shown:
    """An equal expression that is as short as these means make it, within its `allowance`, as it is shown."""

    memo = algebra.memo(_shortest)

    def shortest(x: Expr) -> Expr:
        return fold(x, lambda y, args: _shortest(algebra, y, args), memo)

    algebra.unfinished = False
    unseen = above(memo, e)
    with allowance(algebra, len(unseen)):
        for x in unseen:
            if x not in memo:
                memo[x] = _shortest(algebra, x, [memo[a] for a in x.args])
        normal = with_identities(algebra, memo[e], shortest)
        shown = _shown(algebra, normal, _shortened(algebra, normal))
        if shown.size <= e.size:
            return shown
        # Each step shortened a part, and what a part is written with may be turned by what stands around it.
        return min(shown, _shown(algebra, e, e), key=lambda x: x.size)


def _shown(algebra: Algebra, normal: Expr, shortened: Expr) -> Shown:
    """A normal form as it is shown, after what rules have shortened of it."""
    written, same = finished(algebra, shortened)
    return Shown(written, normal if same else algebra.substitute(written, {}))


def _shortest(algebra: Algebra, e: Expr, args: Sequence[Expr]) -> Expr:
    made = e if tuple(args) == e.args else algebra.rebuild(e, args)
    if used_up(algebra):
        return made
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
    if core.head == "had" and (cleared := denominator_cleared(algebra, core)) is not core:
        return algebra.scale(scalar, cleared)
    if core.head == "power" and as_number(core.args[1]) == 2 and is_sum(core.args[0]):
        made = factored(algebra, multiplied_out(algebra, node("mul", core.args[:1] * 2, None, core.shape)))
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


def _shortened(algebra: Algebra, e: Expr) -> Expr:
    """What the normal form writes at length, by `shorten` rules: sigmoid.(-x) for 1 .- sigmoid.(x).

    Not where a part of it stands elsewhere too: (1 .- sigmoid.(x)) ⊙ sigmoid.(x) has one function to read.
    """
    rules = algebra.book.rules.shorten
    if not rules or e.size > LONGEST:
        return e
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
    return fold(e, rebuilt, made) if made else e


def _as_written(algebra: Algebra, template: Expr, b: Binding) -> Expr:
    """The right side of a rule, out of normal form: the normal form would write it as the left side again."""
    operators = algebra.book.operators

    def known(e: Expr, args: Sequence[Expr]) -> Expr:
        bare = e.head in operators and (e.data is None or isinstance(e.data, Operation))
        return node(e.head, tuple(args), algebra.book.operation(e.head) if bare else e.data, e.shape)

    return fold(instantiate(Algebra(algebra.book.plain()), template, b), known, {})
