"""What the `identity` rules make of an expression: equal forms that are offered, and used to prove equality.

An identity is true and verified like any rule, but neither side is simpler than the other, so that it is never applied
unasked: Woodbury's formula pays where the inner matrix is small, and the push-through identity where the other size is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..arguments import short
from ..expressions.nodes import Expr, fold, postorder, symbols
from ..normal_form.algebra import Algebra
from ..normal_form.matching import apply_rule, match_window
from ..normal_form.theory import Rule
from .shortest import pleasant

MOST_NODES = 400  # of an expression that is looked through


@dataclass(frozen=True, slots=True, repr=False)
class Alternative:
    """An equal expression, and the identity that makes it so."""

    name: str
    equation: str
    expression: Expr

    def __repr__(self) -> str:
        return f"<{short(str(self))}>"

    def __str__(self) -> str:
        return f"{self.expression}   [{self.name}: {self.equation}]"


def alternatives(algebra: Algebra, e: Expr) -> list[Alternative]:
    """Every form that one identity gives, read in either direction, the shortest first."""
    start = pleasant(algebra, e)
    found: dict[Expr, Alternative] = {}
    for rule, made in rewritings(algebra, e):
        shown = pleasant(algebra, made)
        if shown is not start:
            found.setdefault(shown, Alternative(rule.name, rule.label, shown))
    return sorted(found.values(), key=lambda a: a.expression.size)


def rewritings(algebra: Algebra, e: Expr) -> Iterator[tuple[Rule, Expr]]:
    """The normal forms of the expression with one part replaced by one identity."""
    algebra.book.all_rules()
    nodes = list(postorder(e))
    if len(nodes) > MOST_NODES:
        return
    for identity in algebra.book.rules.identities:
        for rule in (identity, *_reversed(identity)):
            for x in nodes:
                for made in _applied(algebra, rule, x):
                    replaced = fold(e, lambda y, args: algebra.rebuild(y, args) if args else y, {x: made})
                    if replaced is not e:
                        yield rule, replaced


def _reversed(rule: Rule) -> list[Rule]:
    """The identity from right to left, where the right side binds everything."""
    left, right = rule.pattern, rule.template
    if not right.args or not set(symbols(left)) <= set(symbols(right)):
        return []
    return [replace(rule, pattern=right, template=left)]


def _applied(algebra: Algebra, rule: Rule, e: Expr) -> Iterator[Expr]:
    """What a rule makes of a node: of a product, at every place of it."""
    if rule.pattern.head != "mul" or e.head != "mul":
        made = apply_rule(algebra, rule, e) if rule.pattern.head == e.head else None
        if made is not None:
            yield made
        return
    for chain in (e.args, tuple(algebra.transpose(a) for a in reversed(e.args))):
        for i in range(len(chain)):
            window = match_window(algebra, rule, chain, i)
            if window is not None:
                low, high, made = window
                whole = algebra.mul([*chain[:low], made, *chain[high:]])
                yield whole if chain is e.args else algebra.transpose(whole)
