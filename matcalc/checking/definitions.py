"""Operators that have no value of their own, replaced by what defines them."""

from __future__ import annotations

from collections.abc import Sequence

from ..evaluation.arrays import MEANING
from ..expressions.dimensions import Dim, Shape
from ..expressions.nodes import Expr, fold, postorder
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Operator, Rule
from ..rulebook.book import RuleBook

STRUCTURAL = frozenset(
    "symbol zero ones identity add had mul scale transpose power dotpower call index unit entry commutation".split()
)
SLOW = frozenset("expm logm sqrtm frechet_expm frechet_logm frechet_sqrtm kronecker_expm".split())


def defining(book: RuleBook, head: str) -> Rule | None:
    """The rule that defines an operator, or the simplify rule that always replaces it."""
    operator = book.operator(head)
    found = book.rules.definitions.get(head)
    if found is not None:
        return found
    for rule in book.rules.simplify.get(head, ()):
        args = rule.pattern.args
        general = all(a.head == "symbol" for a in args) and len(set(args)) == len(args) and not rule.conditions
        if general and as_general(operator, [a.shape for a in args]):
            return rule
    return None


def as_general(operator: Operator, shapes: Sequence[Shape]) -> bool:
    """Whether operands of these shapes are all that the operator takes."""
    there: dict[Dim, Dim] = {}
    back: dict[Dim, Dim] = {}
    for wanted, shape in zip(operator.params, shapes, strict=True):
        for w, d in zip(wanted, shape, strict=True):
            if there.setdefault(w, d) != d or back.setdefault(d, w) != w:
                return False
    return True


def expanded(book: RuleBook, root: Expr, depth: int = 8) -> Expr:
    """The expression with every operator that has no meaning of its own replaced by its definition."""
    algebra = Algebra(book.plain())

    def unfold(e: Expr, args: list[Expr]) -> Expr:
        made = e if all(a is b for a, b in zip(args, e.args, strict=True)) else algebra.rebuild(e, args)
        if made.head in STRUCTURAL or made.head in MEANING or not depth or made.head not in book.operators:
            return made
        rule = defining(book, made.head)
        if rule is None:
            return made
        dims: dict[str, Dim] = {}
        for wanted, a in zip(rule.pattern.args, made.args, strict=True):
            dims |= {w: d for w, d in zip(wanted.shape, a.shape, strict=True) if isinstance(w, str)}
        replaced = algebra.substitute(rule.template, dict(zip(rule.pattern.args, made.args, strict=True)), dims)
        return expanded(book, replaced, depth - 1)

    return fold(root, unfold, {})


def meaningless(book: RuleBook, *roots: Expr) -> str:
    """An operator without a value, or nothing; what takes its size from where it stands is evaluated by that."""
    known = {name for name, o in book.operators.items() if "sized" in o.tags} | STRUCTURAL | set(MEANING)
    return next((e.head for e in postorder(*roots) if e.head not in known), "")
