"""From the text of an entry to a rule: elaborated under no rules at all, checked, and shared between rule books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from ..errors import MatcalcError, RuleError
from ..expressions.dimensions import SCALAR, names_of
from ..expressions.nodes import Expr, postorder
from ..expressions.parts import is_sum, split
from ..language.declarations import parse_declarations
from ..language.declared import PROPERTIES, FunctionDeclared
from ..language.names import canonical
from ..language.tree import Node, parse
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Entry, Given, Operator, Rule, Theory
from ..shapes.elaborate import Scope, elaborate_all

DIFFERENTIAL = "d"
PROJECTED = "P"
VARIABLE = "X"  # of a projection, which is the one that the gradient G is by
DEEPEST = 60  # nesting in a side: matching walks it by recursion
PRODUCT = "⋆"  # in a rule for all bilinear operators
CHECKED_BY_VALUE = frozenset({"integer", "nonnegative", "square", "number", "invertible", "nonzero"})


class _Meanings(Mapping[str, tuple[Operator, ...]]):
    """What names mean in a book, remembering which it was asked for."""

    def __init__(self, meant: Mapping[str, tuple[Operator, ...]]) -> None:
        self.meant = meant
        self.asked: dict[str, tuple[Operator, ...] | None] = {}

    def __getitem__(self, name: str) -> tuple[Operator, ...]:
        found = self.asked[name] = self.meant.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.meant)

    def __len__(self) -> int:
        return len(self.meant)


class _Compiled(NamedTuple):
    """A rule, and all that it depends on beside its text: what names meant, and the operators that it came to have."""

    asked: Mapping[str, tuple[Operator, ...] | None]
    heads: Mapping[str, Operator | None]
    rule: Rule

    def holds_in(self, book: Theory, meant: Mapping[str, tuple[Operator, ...]]) -> bool:
        """Whether a book in which names mean this would make the same rule of the same text."""
        operators = book.operators
        return all(meant.get(name) == found for name, found in self.asked.items()) and all(
            operators.get(head) is operator for head, operator in self.heads.items()
        )


def compiled(entry: Entry, book: Theory, variable: str = "", member: str = "") -> Rule:
    """A rule from its text, or from another book where it means the same; of a quantified entry, for one member.

    Errors name the file, the line and the reason.
    """
    before: tuple[_Compiled, ...] = entry.made.get(member, ())
    meant = book.meanings(entry, member)
    for known in before:
        if known.holds_in(book, meant):
            return known.rule
    mine = replace(entry, name=f"{entry.name}-{member}") if member else entry
    meanings = _Meanings(meant)
    try:
        rule = _compiled(mine, book, meanings, {variable: member} if member else {})
    except RuleError:
        raise
    except MatcalcError as problem:
        raise RuleError(f"{mine.file}:{mine.line}: {mine.kind} {mine.name}: {problem}") from problem
    heads = {e.head: book.operators.get(e.head) for e in postorder(rule.pattern, rule.template)}
    entry.made[member] = (_Compiled(meanings.asked, heads, rule), *before[:1])
    return rule


def failed(entry: Entry, reason: str) -> RuleError:
    """The refusal of an entry, with its place."""
    return RuleError(f"{entry.file}:{entry.line}: {entry.kind} {entry.name}: {reason}")


def sides_of(entry: Entry, chosen: Mapping[str, str]) -> list[tuple[Node, str]]:
    """The sides of an entry's equation as trees, each with its text; of a differential rule, what stands in d(…)."""
    texts = entry.sides[:1] if entry.kind == "property" else entry.sides
    nodes = [_chosen(parse(text), chosen) for text in texts]
    if entry.kind == "differential":
        nodes[0] = inside(entry, nodes[0])
    elif entry.kind == "projection":
        nodes[0] = _gradient(entry, nodes[0])
    return list(zip(nodes, texts, strict=True))


def _gradient(entry: Entry, node: Node) -> Node:
    """What stands in P(…)."""
    if node.kind != "call" or node.text != PROJECTED or [a.kind for a in node.args] != ["name"]:
        raise failed(entry, f"the left side of a projection reads {PROJECTED}(G).")
    return node.args[0]


def scope_of(entry: Entry, meanings: Mapping[str, tuple[Operator, ...]]) -> Scope:
    """What an entry declares, where names of operators mean this."""
    scope = Scope(meanings, differentials=True)
    scope.add([f for text in entry.clauses.get("where", ()) for f in _functions(entry, text)])
    for given in entry.given:
        scope.declare(given.name, given.shape, given.properties & PROPERTIES - CHECKED_BY_VALUE)
    return scope


def _compiled(entry: Entry, book: Theory, meanings: _Meanings, chosen: Mapping[str, str]) -> Rule:
    sides, scope = sides_of(entry, chosen), scope_of(entry, meanings)
    conditions = {given.name: given.properties for given in entry.given if given.properties}
    if entry.kind == "property" and entry.sides[1] not in book.predicates:
        raise failed(entry, not_a_predicate(entry.sides[1], book.predicates.keys()))
    _check_words(entry, entry.given, book.predicates.keys() | PROPERTIES | CHECKED_BY_VALUE)
    algebra = Algebra(book.plain())
    made = elaborate_all(sides, scope, algebra)
    pattern, template = made.exprs[0], made.exprs[-1] if len(made.exprs) == 1 else made.exprs[1]
    variables = {e.name: e for e in postorder(pattern) if e.head == "symbol"}
    if (
        entry.kind in ("simplify", "shorten")
        and pattern.head == "add"
        and len(pattern.args) == 1
        and is_sum(pattern.args[0])
    ):
        c, pattern = split(pattern)  # a sum is looked for without its sign
        template = algebra.linear([(Fraction(1) / c, template)])
    rule = Rule(
        entry,
        pattern,
        template,
        {variables[name]: wanted for name, wanted in conditions.items() if name in variables},
        domain=_said_of(entry, entry.domain, variables, book),
        smooth=_said_of(entry, entry.smooth, variables, book),
        label=_label(entry),
    )
    _check(entry, rule, variables, algebra)
    return rule


def _said_of(
    entry: Entry, said: Sequence[Given], variables: Mapping[str, Expr], book: Theory
) -> dict[Expr, frozenset[str]]:
    """What `domain` or `subgradient` says of the variables of a rule."""
    for given in said:
        if given.name not in variables:
            raise failed(entry, f"'{given.name}', of which something is said, does not stand on the left side.")
    _check_words(entry, said, book.predicates.keys())
    return {variables[given.name]: given.properties for given in said}


def _check_words(entry: Entry, said: Sequence[Given], known: AbstractSet[str]) -> None:
    """What is said of names is said in words that are known."""
    unknown = sorted({word for given in said for word in given.properties} - known)
    if unknown:
        raise failed(entry, not_a_predicate(unknown[0], known))


def not_a_predicate(word: str, known: Iterable[str]) -> str:
    """What is said of a word that should be a predicate."""
    return f"'{word}' is not a predicate; the predicates are {', '.join(sorted(known))}."


def _check(entry: Entry, rule: Rule, variables: dict[str, Expr], algebra: Algebra) -> None:
    """What the right side mentions must be bound on the left; fill in what depends on the kind."""
    if max(rule.pattern.depth, rule.template.depth) > DEEPEST:
        raise failed(entry, f"it is nested more than {DEEPEST} deep.")
    free = {e.name: e for e in postorder(rule.template) if e.head == "symbol" and e.name not in variables}
    dims = {n for e in postorder(rule.pattern) for d in e.shape for n in names_of(d)}
    if entry.kind == "differential":
        if rule.template.head == "zero":
            free |= {f"d{n}": algebra.symbol(f"d{n}", e.shape, e.data.kind) for n, e in variables.items()}
        rule.differentials = {
            variables[n[1:]]: e for n, e in free.items() if n[:1] == DIFFERENTIAL and n[1:] in variables
        }
        if not rule.differentials and rule.template.head != "zero":
            raise failed(entry, "the right side mentions no differential of a variable of the left side.")
        free = {n: e for n, e in free.items() if e not in rule.differentials.values()}
    if entry.kind == "adjoint":
        _check_adjoint(entry, rule)
    if entry.kind == "form" and entry.form == "kronecker":
        _check_kronecker(entry, rule, algebra)
    unbound = {n for n, e in free.items() if n not in dims and "constant" not in e.data.properties}
    if entry.kind == "projection":
        free.pop(VARIABLE, None)
        unbound.discard(VARIABLE)
    unbound |= {n for e in postorder(rule.template) for d in e.shape for n in names_of(d)} - dims
    if unbound and entry.kind not in ("identity", "form"):
        raise failed(entry, f"'{min(unbound)}' stands on the right side only.")
    known = {*variables, *free, *dims, *([VARIABLE] if entry.kind == "projection" else ())}
    unknown = [given.name for given in entry.given if given.name not in known]
    if unknown:
        raise failed(entry, f"'{unknown[0]}', of which something is given, does not stand in it.")
    if entry.kind in ("simplify", "shorten", "definition") and rule.pattern is rule.template:
        raise failed(entry, "both sides are the same.")
    if entry.kind in ("simplify", "shorten", "differential", "property") and rule.pattern.head == "symbol":
        raise failed(entry, "the left side is a variable: it would match everything.")


def _check_adjoint(entry: Entry, rule: Rule) -> None:
    left, right = rule.pattern, rule.template
    if left.head != "frob" or right.head != "frob":
        raise failed(entry, "an adjoint rule reads W : L(X) = R : X.")
    moved = right.args[1]
    if moved not in left.args[1].args:
        raise failed(entry, "the operand behind the last colon must be an argument of the operator on the left.")
    rule.slot = left.args[1].args.index(moved)
    rule.template = right.args[0]


def _check_kronecker(entry: Entry, rule: Rule, algebra: Algebra) -> None:
    """vec(L(X)) = M vec(X): keep L(X) as the pattern and M as the template."""
    left = rule.pattern.args[0] if rule.pattern.head == "vec" else rule.pattern
    right = rule.template
    factors = right.args if right.head == "mul" else right.args[::-1] if right.head == "scale" else (right,)
    if right.shape == SCALAR and not any(a in left.args for a in factors[-1].args):  # wᵀ v may stand as vᵀ w
        factors = tuple(algebra.transpose(f) for f in reversed(factors))
    moved = factors[-1].args[0] if factors[-1].head == "vec" and len(factors) > 1 else None
    if moved not in left.args or moved is None:
        raise failed(entry, "a rule of the vec/Kronecker form reads vec(L(X)) = M vec(X).")
    rule.pattern, rule.slot = left, left.args.index(moved)
    rule.template = algebra.mul(factors[:-1])


def inside(entry: Entry, node: Node) -> Node:
    """What stands in d(…)."""
    if node.kind != "call" or node.text != DIFFERENTIAL or len(node.args) != 1:
        raise failed(entry, "the left side of a differential rule reads d(…).")
    return node.args[0]


def _functions(entry: Entry, text: str) -> list[FunctionDeclared]:
    """The unspecified functions that a `where` clause declares."""
    declared = parse_declarations(text)
    functions = [d for d in declared if isinstance(d, FunctionDeclared)]
    if len(functions) < len(declared) or not functions:
        raise failed(
            entry, "a where clause declares functions, as `function f(vector(n)) -> vector(m)`; the rest is `given`."
        )
    return functions


def _chosen(root: Node, chosen: Mapping[str, str]) -> Node:
    """The tree with a quantified variable replaced by a member of its pool."""
    if not chosen:
        return root
    from ..language.syntax import walk

    done: list[Node] = []
    for n in walk(root):
        count = len(n.args)
        args = tuple(done[len(done) - count :]) if count else ()
        if count:
            del done[len(done) - count :]
        name = n.text.rstrip("'")
        kind, text = n.kind, n.text
        if kind == "star" and PRODUCT in chosen:
            kind, text = "call", chosen[PRODUCT]
        elif kind in ("call", "dotcall") and name in chosen:
            text = canonical(chosen[name]) + n.text[len(name) :]
        done.append(Node(kind, text, args, n.start, n.end))
    return done[0]


def _label(entry: Entry) -> str:
    """How a derivation cites the rule: its `text`, or the equation itself."""
    said = entry.clauses.get("text")
    return said[0] if said else " = ".join(entry.sides)
