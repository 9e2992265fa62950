"""Every operation of a rule book, with what is known of its derivative and where that comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..arguments import shown
from ..errors import MatcalcError, NameProblem
from ..expressions.dimensions import SCALAR, written
from ..expressions.nodes import Expr, postorder
from ..language.names import canonical
from ..language.tree import parse
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Operator, Rule
from ..shapes.elaborate import Scope, elaborate
from .book import RuleBook
from .chapters import chapters

WIDEST = 72  # characters of an equation up to which the column of the sources is set


@dataclass(slots=True)
class Known:
    """The rules that differentiate an operator: as it is, by what it stands for, or inside others only."""

    operator: Operator
    chapter: str
    own: list[Rule] = field(default_factory=list)
    replaced: list[Rule] = field(default_factory=list)
    inside: list[Rule] = field(default_factory=list)
    adjoint: list[Rule] = field(default_factory=list)
    stands_for: Expr | None = None

    @property
    def signature(self) -> str:
        """`n×n, n → scalar`."""
        return f"{', '.join(map(written, self.operator.params))} → {written(self.operator.result)}"

    @property
    def derivative(self) -> str:
        """How it is differentiated, in a few words or by an equation."""
        tags = self.operator.tags
        if "bilinear" in tags:
            return "bilinear, product rule"
        if tags & {"linear", "jointly-linear"}:
            return "linear, its own differential"
        for rules in (self.own, self.replaced, self.inside):
            if rules:
                stands = [f"{self.operator.name}(X) = {self.stands_for}"] if self.stands_for is not None else []
                return "; ".join(dict.fromkeys([*stands, *map(_equation, rules)]))
        slots = [i + 1 for i in range(len(self.operator.params)) if self.operator.is_linear(i)]
        return f"linear in its argument {slots[0]}, constant in others" if slots else "no rule differentiates it"

    @property
    def origin(self) -> str:
        """Where its derivative comes from."""
        linear = any(self.operator.is_linear(i) for i in range(len(self.operator.params)))
        said = map(_origin, self.adjoint if linear else (*self.own, *self.replaced, *self.inside))
        return next((text for text in said if text), "")


def known(book: RuleBook) -> dict[str, Known]:
    """What is known of each operator, by name, in the order of the rule files."""
    found = {
        e.name: Known(book.operator(e.name), chapter.title)
        for chapter in chapters(book)
        for e in chapter.entries
        if e.kind == "operator"
    }
    for rule in book.all_rules():
        head = rule.pattern.head
        if rule.kind == "differential":
            for e in postorder(rule.pattern):
                if e.head in found:
                    (found[e.head].own if e.head == head else found[e.head].inside).append(rule)
        elif rule.kind == "adjoint" and rule.pattern.args[1].head in found:
            found[rule.pattern.args[1].head].adjoint.append(rule)
        elif rule.kind == "simplify" and head in found and _general(rule, found[head].operator):
            found[head].replaced.append(rule)
    for k in found.values():
        if not (k.own or k.replaced or k.inside):
            k.stands_for = _standing_for(k.operator, book)
            if k.stands_for is not None:
                rules = book.differential_rules(k.stands_for.head)
                k.own += [r for r in rules if r.pattern.args[1:] == k.stands_for.args[1:]]
    return found


def _standing_for(operator: Operator, book: RuleBook) -> Expr | None:
    """What the language itself makes of an operator of one argument, as it makes X⁻¹ of inv(X)."""
    if len(operator.params) != 1:
        return None
    text = f"{operator.name}({'x' if operator.params[0][1] == 1 else 'X'})"
    try:
        e = elaborate(parse(text), text, Scope.of(book.aliases), Algebra(book)).expr
    except MatcalcError:
        return None
    return None if e.head == operator.name else e


def _general(rule: Rule, operator: Operator) -> bool:
    """Whether it rewrites every application of an operator: to different variables, without a condition."""
    args: tuple[Expr, ...] = rule.pattern.args
    plain = all(e.head == "symbol" for e in args) and len(set(args)) == len(args) and not rule.conditions
    return plain and all(e.shape != SCALAR or p == SCALAR for e, p in zip(args, operator.params, strict=False))


def _equation(rule: Rule) -> str:
    left, *rest = rule.entry.sides
    return " = ".join([left, *rest])


def catalogue(book: RuleBook) -> str:
    """One line for each operation, by chapter: its shapes, its derivative and where that comes from."""
    entries = known(book)
    names = {name: f"{name}." if k.operator.elementwise else name for name, k in entries.items()}
    first = max(map(len, names.values()))
    second = max(len(k.signature) for k in entries.values())
    third = max(len(k.derivative) for k in entries.values() if len(k.derivative) <= WIDEST)
    lines: list[str] = []
    chapter = ""
    for name, k in entries.items():
        if k.chapter != chapter:
            chapter = k.chapter
            lines += ["", chapter] if lines else [chapter]
        origin = f"  [{k.origin}]" if k.origin else ""
        lines.append(f"  {names[name]:<{first}}  {k.signature:<{second}}  {k.derivative:<{third}}{origin}".rstrip())
    return "\n".join(lines)


def described(book: RuleBook, name: str) -> str:
    """All that is known of one operation.  Raises NameProblem."""
    candidates = book.aliases.get(canonical(name.strip().removesuffix(".")), ())
    if not candidates:
        raise NameProblem(f"There is no operation {shown(name)}.", hint="`functions` lists them.")
    entries = known(book)
    return "\n\n".join(_described(entries[operator.name]) for operator in candidates)


def _described(k: Known) -> str:
    operator = k.operator
    lines = [f"{operator.name} : {k.signature}"]
    if operator.elementwise:
        lines.append(f"  entry by entry: {operator.name}.(X) of a vector or matrix, {operator.name}(t) of a scalar")
    if operator.aliases:
        lines.append(f"  also {', '.join(operator.aliases)}")
    for clause in ("domain", "note", "subgradient"):
        lines += ["  " + clause + ": " + text for text in operator.clauses.get(clause, ())]
    lines.append(f"  {k.derivative}" if not (k.own or k.replaced or k.inside) else "  rules:")
    for rule in dict.fromkeys([*k.own, *k.replaced, *k.inside]):
        origin = _origin(rule)
        lines.append(f"    {_equation(rule)}" + (f"   [{origin}]" if origin else ""))
    return "\n".join(lines)


def _origin(rule: Rule) -> str:
    """Where a rule comes from: the places that it cites, or else its derivation."""
    clauses = rule.entry.clauses
    return "; ".join(clauses.get("source") or clauses.get("because", ()))
