"""The simplify rules: of one head, and for adjacent factors of a product."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr, node
from ..expressions.parts import symbols
from .constructors import Constructors
from .endless import Endless, too_deep
from .matching import apply_rule, match_window
from .theory import Rule, untransposed

OPENED = frozenset({"add", "scale", "mul", "zero", "identity"})  # factors of a product that may not stay as they are
MEETING = OPENED | {"power"}  # and those that their neighbours may meet, so that a chain is looked at anew


def reduced_by_pairs(algebra: Constructors, flat: list[Expr]) -> Expr | None:
    """The chain by the pair rules, or None where none applies; a rule for a product holds for its transpose."""
    rule: Rule | None = None
    around = algebra.rewriting.open
    level = len(around)
    try:
        algebra.rewriting.enter(*flat)
        while (found := _reduced_once(algebra, flat)) is not None:
            rule, made, flat = found
            algebra.rewriting.enter(*flat)
            if untransposed(made).head in MEETING or made.shape == SCALAR or any(a is b for a, b in pairwise(flat)):
                break
        return None if rule is None else algebra.mul(flat)
    except Endless as endless:
        raise endless.through(rule) if rule else endless from None
    finally:
        del around[level:]


def _reduced_once(algebra: Constructors, flat: list[Expr]) -> tuple[Rule, Expr, list[Expr]] | None:
    """A pair rule that applies, what it makes, and the chain with this."""
    found = _reduced_as_written(algebra, flat)
    if found is None and any(e.head == "transpose" and e.args[0].args for e in flat):
        found = _reduced_as_written(algebra, [algebra.transpose(e) for e in reversed(flat)])
        if found is not None and not _swings(algebra, found[0]):
            rule, made, chain = found
            return rule, algebra.transpose(made), [algebra.transpose(e) for e in reversed(chain)]
        return None
    return found


def _swings(algebra: Constructors, rule: Rule) -> bool:
    """Whether a rule only moves a factor, and its transpose moves that back: X f(Y X) = f(X Y) X, of Xᵀ and Yᵀ."""
    known = algebra.swinging.get(rule)
    if known is None:
        names = symbols(rule.template)
        values = {v: algebra.transpose(node("symbol", (), v.data, v.shape[::-1])) for v in names}
        turned = [algebra.transpose(algebra.substitute(e, values)) for e in reversed(rule.template.args)]
        same = rule.template.head == "mul" and len(turned) == len(rule.pattern.args)
        known = same and match_window(algebra, rule, turned, rule.anchor) is not None
        algebra.swinging[rule] = known
    return known


def _reduced_as_written(algebra: Constructors, flat: list[Expr]) -> tuple[Rule, Expr, list[Expr]] | None:
    for i, e in enumerate(flat):
        for rule in algebra.book.rules.pairs.get(anchor_of(e), ()):
            try:
                found = match_window(algebra, rule, flat, i)
            except Endless as endless:
                raise endless.through(rule) from None
            if found is not None:
                low, high, made = found
                algebra.book.fired(rule)
                return rule, made, [*flat[:low], made, *flat[high:]]
    return None


def rewrite(algebra: Constructors, e: Expr) -> Expr:
    """The expression after the simplify rules of its head."""
    rules = algebra.book.rules.simplify.get(e.head)
    if not rules:
        return e
    known = algebra.rewritten.get(e)
    if known is None:
        known = algebra.rewritten[e] = _rewrite(algebra, e, rules)
    return known


def _rewrite(algebra: Constructors, e: Expr, rules: Sequence[Rule]) -> Expr:
    rule: Rule | None = None
    around = algebra.rewriting.open
    level = len(around)
    try:
        algebra.rewriting.enter(e)
        for rule in rules:
            made = apply_rule(algebra, rule, e)
            if made is not None:
                algebra.book.fired(rule)
                return made
    except Endless as endless:
        raise endless.through(rule) if rule else endless from None
    except RecursionError:
        if rule is None or len(around) > 1:
            raise
        raise too_deep(rule) from None
    finally:
        del around[level:]
    return e


def anchor_of(e: Expr) -> str:
    """The head by which rules for products find a factor; symbols without properties have none."""
    inner = e.args[0] if e.head == "transpose" else e
    return inner.head if inner.head != "symbol" or inner.data.properties else ""
