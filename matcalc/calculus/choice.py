"""Which differential rule is for an operation, by its arguments and by what it takes for granted or for constant."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from ..errors import NotDifferentiable
from ..expressions.nodes import Expr, Rational
from ..expressions.parts import depends
from ..normal_form.algebra import Algebra
from ..normal_form.matching import Binding, match_rule
from ..normal_form.rank import is_singular
from ..normal_form.theory import Rule, Theory


def rule_for(
    algebra: Algebra, e: Expr, active: AbstractSet[Expr], everywhere: bool
) -> tuple[Rule, Binding, bool] | None:
    """The differential rule for an operation, and whether there is another that takes nothing for granted.

    That other one is taken `everywhere`, and for what is known not to have what the first one asks for.
    """
    passed: tuple[Rule, Binding] | None = None
    for rule in algebra.book.differential_rules(e.head):
        b = _applicable(algebra, rule, e, active)
        if b is None:
            continue
        if passed:
            if rule.domain:
                continue
            if not (everywhere or _is_known_to_fail(*passed)):
                return *passed, True
        elif rule.domain:
            passed = rule, b
            continue
        return rule, b, False
    return None if passed is None else (*passed, False)


def _is_known_to_fail(rule: Rule, b: Binding) -> bool:
    """Whether something has no inverse of which a rule takes one for granted."""
    wanted = [(b.values[v], p) for v, properties in rule.domain.items() for p in properties]
    return any(p == "invertible" and is_singular(x) for x, p in wanted)


def _applicable(algebra: Algebra, rule: Rule, e: Expr, active: AbstractSet[Expr]) -> Binding | None:
    """The binding of a differential rule, if what it takes to be constant is constant."""
    b = None if _is_linear_there(algebra.book, rule, e, active) else match_rule(algebra, rule, e)
    if b is None:
        return None
    for v, x in b.values.items():
        if v not in rule.differentials and (x in active or depends(x, active)):
            return None
    return b


def _is_linear_there(book: Theory, rule: Rule, e: Expr, active: AbstractSet[Expr]) -> bool:
    """Whether only arguments move in which the operator is linear: the rule is for those in which it is not."""
    if e.head not in book.operators:
        return False
    plain = [i for i, v in enumerate(rule.pattern.args) if v.head == "symbol"]
    return all(i in plain and book.is_linear(e.head, i) for i, x in enumerate(e.args) if x in active)


def power_rule(algebra: Algebra, x: Expr, p: Rational) -> tuple[Rule, Binding]:
    """The rule for the power of an entry, bound to a numeric exponent."""
    for rule in algebra.book.differential_rules("dotpower"):
        base, exponent = rule.pattern.args
        if exponent not in rule.differentials:
            b = Binding({exponent: algebra.number(p)})
            b.bind(base, x)
            return rule, b
    raise NotDifferentiable("The rule book has no differential rule for powers of entries.")
