"""That a rule book comes to rest: definitions lead to no circle, and what rules make is not rewritten for ever.

Whether rewriting always ends is undecidable.  What is tried is each new rule on its own left side, and on that with one
operation put into each variable: a rule that grows a term, or rules that lead to one another, are found so.  What only
shows on stranger expressions is stopped when they come, by `normal_form.endless`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import MatcalcError
from ..expressions.dimensions import Dim, names_of, substitute
from ..expressions.nodes import Expr, postorder
from ..expressions.parts import symbols
from ..normal_form.algebra import Algebra
from ..normal_form.endless import Endless
from ..normal_form.theory import Entry, Operator, Rule
from ..rulebook.book import RuleBook
from .definitions import STRUCTURAL, as_general, definitions_below
from .laws import refused

MOST_OPERATIONS = 8  # that are put into the variables of a rule
BY_VALUE = frozenset({"integer", "number"})


def check_definitions(book: RuleBook, entries: Iterable[Entry]) -> None:
    """That definitions say what an operator is of all its arguments, and lead to no circle; RuleError if not."""
    wanted = {e.key for e in entries if e.kind == "definition"}
    for rule in book.rules.definitions.values():
        if rule.key in wanted:
            args, operator = rule.pattern.args, book.operators.get(rule.pattern.head)
            general = all(a.head == "symbol" for a in args) and len(set(args)) == len(args) and not rule.conditions
            if operator is None or not general or not as_general(operator, [a.shape for a in args]):
                raise refused(rule.entry, "it must say what an operator is of variables, of any shapes that it takes")
            definitions_below(book, rule.pattern)


def check_rest(book: RuleBook, entries: Iterable[Entry]) -> None:
    """That rewriting by the rules of these entries ends; RuleError names the rule that it does not end by."""
    wanted = {e.key for e in entries if e.kind == "simplify"}
    for rule in book.all_rules():
        if rule.key not in wanted:
            continue
        for values in _instances(rule, book):
            algebra = Algebra(book)
            try:
                for side in (rule.pattern, rule.template):
                    algebra.substitute(side, values)
            except Endless as endless:
                others = ", ".join(r.key for r in endless.rules if r.key != rule.key)
                shown = Algebra(book.plain()).substitute(rule.pattern, values)
                raise refused(
                    rule.entry, f"rewriting by it{others and f' with {others}'} does not end, of {shown}"
                ) from None
            except MatcalcError:  # such as a division by zero, which is no value of a variable
                continue


def _instances(rule: Rule, book: RuleBook) -> Iterator[dict[Expr, Expr]]:
    """Values for the variables of a rule: symbols with the properties that it demands, and one operation on these."""
    algebra = Algebra(book)
    wanted = {x.name: book.implied(x.data.properties | properties) for x, properties in rule.conditions.items()}
    plain: dict[Expr, Expr] = {}
    for x in symbols(rule.pattern):
        if "constant" not in x.data.properties:
            properties = wanted.get(x.name, x.data.properties)
            by_value = bool(properties & BY_VALUE)
            plain[x] = algebra.number(3) if by_value else algebra.symbol(x.name, x.shape, x.data.kind, properties)
    yield plain
    named = book.operators.keys() - STRUCTURAL
    heads = dict.fromkeys(e.head for e in postorder(rule.pattern, rule.template) if e.head in named)
    for head in list(heads):
        inside = (e.head for r in book.rules.simplify.get(head, ()) for e in r.pattern.args)
        heads |= dict.fromkeys(h for h in inside if h in named)
    for x in plain:
        if x in rule.conditions:
            continue
        for head in list(heads)[:MOST_OPERATIONS]:
            for made in _applied(algebra, book.operator(head), x):
                yield {**plain, x: made}
        if 1 not in x.shape:
            yield {**plain, x: algebra.transpose(algebra.symbol(x.name, x.shape[::-1]))}


def _applied(algebra: Algebra, operator: Operator, x: Expr) -> Iterator[Expr]:
    """An operator applied to symbols so that it has the shape of a variable, where it can have."""
    bound: dict[str, Dim] = {}
    for wanted, d in zip(operator.result, x.shape, strict=True):
        if isinstance(wanted, int):
            if wanted != d:
                return
        elif names_of(wanted) != (wanted,) or bound.setdefault(wanted, d) != d:
            return
    params = [tuple(substitute(d, bound) for d in shape) for shape in operator.params]
    args = [algebra.symbol(f"{x.name}{i}", (rows, columns)) for i, (rows, columns) in enumerate(params)]
    try:
        yield algebra.apply(operator.name, args, x.shape)
    except MatcalcError:  # rewriting it alone does not end, which is found by its own rule
        return
