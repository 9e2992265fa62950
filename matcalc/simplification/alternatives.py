"""What the `identity` rules make of an expression: equal forms that are offered, and used to prove equality.

An identity is true and verified like any rule, but neither side is simpler than the other, so that it is never applied
unasked: Woodbury's formula pays where the inner matrix is small, and the push-through identity where the other size is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..arguments import short
from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr, fold, postorder
from ..expressions.parts import as_number, symbols
from ..normal_form.algebra import Algebra
from ..normal_form.matching import Binding, apply_rule, match_window
from ..normal_form.theory import GENERIC, Rule
from .shortest import pleasant
from .shown import Shown

MOST_NODES = 400  # of an expression that is looked through


@dataclass(frozen=True, slots=True, repr=False)
class Alternative:
    """An equal expression, and the identity that makes it so."""

    name: str
    equation: str
    expression: Shown
    conditions: tuple[str, ...] = ()
    """What must hold beside that the original expression has a value: "A is invertible"."""

    def __repr__(self) -> str:
        return f"<{short(str(self))}>"

    def __str__(self) -> str:
        where = f"   where {' and '.join(self.conditions)}" if self.conditions else ""
        return f"{self.expression}   [{self.name}: {self.equation}]{where}"


def alternatives(algebra: Algebra, e: Expr) -> list[Alternative]:
    """Every form that one identity gives, read in either direction, the shortest first."""
    start = pleasant(algebra, e)
    found: dict[Shown, Alternative] = {}
    for rule, made, binding in rewritings(algebra, e, inverted(algebra, e)):
        shown = pleasant(algebra, made)
        if shown != start:
            found.setdefault(shown, Alternative(rule.name, rule.label, shown, _conditions(algebra, binding)))
    return sorted(found.values(), key=lambda a: a.expression.size)


def inverted(algebra: Algebra, e: Expr) -> frozenset[Expr]:
    """What is invertible wherever the expression has a value: its inverse, or that of its transpose, stands there."""
    bases = [x.args[0] for x in postorder(e) if x.head == "power" and (as_number(x.args[1]) or 0) < 0]
    return frozenset([*bases, *(algebra.transpose(x) for x in bases)])


def _conditions(algebra: Algebra, binding: Binding) -> tuple[str, ...]:
    """What a rule demanded that is true of almost all values only."""
    said = algebra.book.predicates
    return tuple(
        said[p].said(str(pleasant(algebra, value)), value.shape == SCALAR)
        for variable, wanted in binding.wanted.items()
        for p in sorted(wanted & GENERIC)
        if (value := binding.values[variable]) not in binding.granted and not algebra.surely(value, p)
    )


def rewritings(
    algebra: Algebra, e: Expr, granted: frozenset[Expr] = frozenset()
) -> Iterator[tuple[Rule, Expr, Binding]]:
    """The normal forms of the expression with one part replaced by one identity, and what its variables stood for.

    What is `granted` is taken for invertible.
    """
    algebra.book.all_rules()
    nodes = list(postorder(e))
    if len(nodes) > MOST_NODES:
        return
    for identity in algebra.book.rules.identities:
        for rule in (identity, *_reversed(identity)):
            for x in nodes:
                for made, binding in _applied(algebra, rule, x, granted):
                    replaced = fold(e, lambda y, args: algebra.rebuild(y, args) if args else y, {x: made})
                    if replaced is not e:
                        yield rule, replaced, binding


def _reversed(rule: Rule) -> list[Rule]:
    """The identity from right to left, where the right side binds everything."""
    left, right = rule.pattern, rule.template
    if not right.args or not set(symbols(left)) <= set(symbols(right)):
        return []
    return [replace(rule, pattern=right, template=left)]


def _applied(algebra: Algebra, rule: Rule, e: Expr, granted: frozenset[Expr]) -> Iterator[tuple[Expr, Binding]]:
    """What a rule makes of a node: of a product, at every place of it."""
    if rule.pattern.head != "mul" or e.head != "mul":
        b = Binding(wanted=rule.conditions, granted=granted)
        made = apply_rule(algebra, rule, e, b) if rule.pattern.head == e.head else None
        if made is not None:
            yield made, b
        return
    for chain in (e.args, tuple(algebra.transpose(a) for a in reversed(e.args))):
        for i in range(len(chain)):
            b = Binding(wanted=rule.conditions, granted=granted)
            window = match_window(algebra, rule, chain, i, b)
            if window is not None:
                low, high, made = window
                whole = algebra.mul([*chain[:low], made, *chain[high:]])
                yield whole if chain is e.args else algebra.transpose(whole), b
