"""Operators that have no value of their own, replaced by what defines them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..expressions.dimensions import Dim, Shape, substitute
from ..expressions.nodes import Expr, fold, node, postorder
from ..expressions.parts import symbols
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Operator, Rule
from ..rulebook.book import RuleBook
from ..rulebook.compile import failed

STRUCTURAL = frozenset(
    "symbol zero ones identity add had mul scale transpose power dotpower call index unit entry commutation".split()
)


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


def specialised(book: RuleBook, head: str, *roots: Expr) -> Iterator[tuple[Rule, list[Expr]]]:
    """Expressions at the sizes where a rule about narrower arguments gives an operator a value, with that put in.

    `spec(x) = norm_F(x)` for a column x tells what spec(X) is where X has one column, and no more.
    """
    algebra = Algebra(book.plain())
    for rule in book.rules.simplify.get(head, ()):
        args = rule.pattern.args
        if rule.conditions or len(set(args)) < len(args) or any(a.head != "symbol" for a in args):
            continue
        dims: dict[str, Dim] = {}
        if all(_narrows(dims, args, e.args) for e in postorder(*roots) if e.head == head):
            narrow = {x: node("symbol", (), x.data, _at(x.shape, dims)) for x in symbols(*roots)}
            yield rule, [_put_in(algebra, rule, algebra.substitute(e, narrow, dims)) for e in roots]


def _at(shape: Shape, dims: dict[str, Dim]) -> Shape:
    return substitute(shape[0], dims), substitute(shape[1], dims)


def _narrows(dims: dict[str, Dim], wanted: Sequence[Expr], found: Sequence[Expr]) -> bool:
    """Give names of sizes the numbers that they must be for arguments to be what a rule is about, if they may."""
    for w, d in ((w, d) for a, b in zip(wanted, found, strict=True) for w, d in zip(a.shape, b.shape, strict=True)):
        if isinstance(w, int) and (d != w if isinstance(d, int) else dims.setdefault(d, w) != w):
            return False
    return True


def _put_in(algebra: Algebra, rule: Rule, root: Expr) -> Expr:
    def unfold(e: Expr, args: list[Expr]) -> Expr:
        made = e if all(a is b for a, b in zip(args, e.args, strict=True)) else algebra.rebuild(e, args)
        dims: dict[str, Dim] = {}
        if made.head != rule.pattern.head:
            return made
        for wanted, a in zip(rule.pattern.args, made.args, strict=True):
            dims |= {w: d for w, d in zip(wanted.shape, a.shape, strict=True) if isinstance(w, str)}
        return algebra.substitute(rule.template, dict(zip(rule.pattern.args, made.args, strict=True)), dims)

    return fold(root, unfold, {})


def as_general(operator: Operator, shapes: Sequence[Shape]) -> bool:
    """Whether operands of these shapes are all that the operator takes."""
    there: dict[Dim, Dim] = {}
    back: dict[Dim, Dim] = {}
    for wanted, shape in zip(operator.params, shapes, strict=True):
        for w, d in zip(wanted, shape, strict=True):
            if isinstance(w, int) != isinstance(d, int) or there.setdefault(w, d) != d or back.setdefault(d, w) != w:
                return False
    return True


def expanded(book: RuleBook, root: Expr) -> Expr:
    """The expression with every operator that has no meaning of its own replaced by its definition."""
    algebra = Algebra(book.plain())
    templates: dict[str, Expr] = {}

    def unfold(e: Expr, args: list[Expr]) -> Expr:
        made = e if all(a is b for a, b in zip(args, e.args, strict=True)) else algebra.rebuild(e, args)
        template = templates.get(made.head)
        rule = None if template is None else defining(book, made.head)
        if rule is None or template is None:
            return made
        dims: dict[str, Dim] = {}
        for wanted, a in zip(rule.pattern.args, made.args, strict=True):
            dims |= {w: d for w, d in zip(wanted.shape, a.shape, strict=True) if isinstance(w, str)}
        return algebra.substitute(template, dict(zip(rule.pattern.args, made.args, strict=True)), dims)

    for rule in definitions_below(book, root):
        templates[rule.pattern.head] = fold(rule.template, unfold, {})
    return fold(root, unfold, {})


def definitions_below(book: RuleBook, root: Expr) -> list[Rule]:
    """The rules that define what an expression mentions, and what these mention, each behind those that it needs.

    Raises RuleError where one leads back to itself.
    """
    found: dict[str, Rule] = {}
    path: list[str] = []
    todo = [(rule, False) for rule in _defining_all(book, root)]
    while todo:
        rule, leaving = todo.pop()
        head = rule.pattern.head
        if leaving:
            found[path.pop()] = rule
        elif head in path:
            circle = " → ".join([*path[path.index(head) :], head])
            raise failed(rule.entry, f"the definitions lead in a circle: {circle}.")
        elif head not in found:
            path.append(head)
            todo.append((rule, True))
            todo.extend((other, False) for other in _defining_all(book, rule.template))
    return list(found.values())


def _defining_all(book: RuleBook, root: Expr) -> list[Rule]:
    """The rules that define the operators which an expression mentions: where there is code, definitions alone."""
    heads = dict.fromkeys(e.head for e in postorder(root) if e.head in book.operators)
    coded = _coded(book)
    rules = [
        book.rules.definitions.get(head) if head in coded else defining(book, head)
        for head in heads
        if head not in STRUCTURAL
    ]
    return [rule for rule in rules if rule is not None]


def _coded(book: RuleBook) -> set[str]:
    """The operators whose value an entry gives in NumPy's functions."""
    return {name for name, o in book.operators.items() if o.code is not None and o.code.numpy}


def meaningless(book: RuleBook, *roots: Expr) -> str:
    """An operator without a value, or nothing; what takes its size from where it stands is evaluated by that."""
    known = {name for name, o in book.operators.items() if "sized" in o.tags} | STRUCTURAL | _coded(book)
    return next((e.head for e in postorder(*roots) if e.head not in known), "")
