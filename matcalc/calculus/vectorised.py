"""The vec/Kronecker form: the matrix M with vec(dY) = M vec(dX), by the ``form kronecker`` rules.

Between vectors M is the Jacobian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..errors import NotDifferentiable
from ..expressions.dimensions import SCALAR, times
from ..expressions.nodes import Expr, node, postorder
from ..expressions.parts import depends
from ..normal_form.algebra import Algebra
from ..normal_form.matching import Binding, instantiate
from ..normal_form.theory import Rule
from .differentials import Calculus


def jacobian(calculus: Calculus, f: Expr, variable: Expr, hole: Expr) -> Expr:
    """The matrix J with dy = J dx, or vec(dY) = J vec(dX)."""
    return kronecker_matrix(calculus.algebra, calculus.differential(f, {variable: hole}), hole)


def kronecker_matrix(algebra: Algebra, d: Expr, hole: Expr, used: dict[str, None] | None = None) -> Expr:
    """The matrix M with vec(d) = M vec(hole), for an expression d that is linear in the hole."""
    columns = times(*hole.shape)
    active = depends(d, {hole})
    if d not in active:
        return algebra.zeros(times(*d.shape), columns)
    memo: dict[Expr, Expr] = {hole: algebra.identity(columns)}
    labels = {} if used is None else used
    for e in postorder(d):
        if e not in active or e in memo:
            continue
        parts = []
        for slot, x in enumerate(e.args):
            if x in active:
                m = moved_vec(algebra, e, slot, labels)
                parts.append(
                    (e.data[slot] if e.head == "add" else 1, memo[x] if m is None else _times(algebra, m, memo[x]))
                )
        memo[e] = algebra.linear(parts)
    return memo[d]


def _times(algebra: Algebra, a: Expr, b: Expr) -> Expr:
    if SCALAR in (a.shape, b.shape) and a.shape != b.shape and a.shape[1] != b.shape[0]:
        return algebra.scale(a, b) if a.shape == SCALAR else algebra.scale(b, a)
    return algebra.mul([a, b])


def moved_vec(algebra: Algebra, e: Expr, slot: int, used: dict[str, None]) -> Expr | None:
    """The matrix M with vec(e) = M vec(argument), None for the identity; by a rule of the form."""
    head, args = e.head, e.args
    if head in ("add", "vec", "unvec"):
        return None
    if head == "call" and e.data.mode == "push":
        x = args[0]
        return node("call", (x,), e.data._replace(mode="jacobian"), (times(*e.shape), times(*x.shape)))
    if head == "index":
        row, column = (
            algebra.identity(n) if i is None else algebra.transpose(algebra.unit(i, n))
            for i, n in zip(e.data, args[0].shape, strict=True)
        )
        return algebra.apply("kron", [column, row])
    b = Binding()
    if head == "mul":
        before, after = args[:slot], args[slot + 1 :]
        name = "product" if before and after else "product-left" if before else "product-right"
        rule = _named(algebra, name)
        operands = ([algebra.mul(before)] if before else []) + [args[slot]] + ([algebra.mul(after)] if after else [])
        _bind(b, rule.pattern.args, operands)
    elif head == "had":
        others = [(x, p) for i, (x, p) in enumerate(zip(args, e.data, strict=True)) if i != slot]
        if e.data[slot] != 1:
            raise NotDifferentiable(f"{e} is not linear in its factor {args[slot]}.")
        rest = algebra.had(others, e.shape)
        if e.shape == SCALAR:
            return rest
        rule = _named(algebra, "hadamard")
        moved, other = _ends(rule)
        _bind(b, [other, moved], [rest, args[slot]])
    elif head == "scale":
        if slot == 1:
            rows = times(*e.shape)
            return algebra.scale(args[0], algebra.identity(rows))
        rule = _named(algebra, "multiple-of")
        _bind(b, rule.pattern.args, args)
    elif head == "transpose":
        if 1 in e.shape:
            return None
        rule = _named(algebra, "transpose")
        _bind(b, rule.pattern.args, args)
    else:
        found = _for_slot(algebra, e, slot)
        if found is None:
            raise NotDifferentiable(f"No rule moves vec inside {head}.", hint="The pushforward and the pullback exist.")
        rule = found
        _bind(b, rule.pattern.args, args)
        b.fit(rule.pattern, e)
    used[rule.label] = None
    algebra.book.fired(rule)
    return instantiate(algebra, rule.template, b)


def _bind(b: Binding, variables: Sequence[Expr], values: Sequence[Expr]) -> None:
    for v, x in zip(variables, values, strict=True):
        b.bind(v, x)


def _ends(rule: Rule) -> tuple[Expr, Expr]:
    """The variable that a rule moves out of a commutative operation, and the other."""
    moved = rule.pattern.args[rule.slot]
    return moved, rule.pattern.args[1 - rule.slot]


def _named(algebra: Algebra, name: str) -> Rule:
    for rule in algebra.book.forms("kronecker"):
        if rule.name == name:
            return rule
    raise NotDifferentiable(f"The rule book has no rule '{name}' of the vec/Kronecker form.")


def _for_slot(algebra: Algebra, e: Expr, slot: int) -> Rule | None:
    commutative = "commutative" in algebra.book.operator(e.head).tags
    for rule in algebra.book.forms("kronecker"):
        if rule.pattern.head == e.head and (rule.slot == slot or commutative):
            if commutative and rule.slot != slot:
                return _swapped(rule)
            return rule
    return None


def _swapped(rule: Rule) -> Rule:
    pattern = rule.pattern
    return replace(
        rule, pattern=node(pattern.head, pattern.args[::-1], pattern.data, pattern.shape), slot=1 - rule.slot
    )
