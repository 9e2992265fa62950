"""Every rule is verified because it exists: these tests go through the registry and name no rule."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

import matcalc
from matcalc.calculus.differentials import Calculus
from matcalc.calculus.vectorised import kronecker_matrix
from matcalc.checking.effort import takes_long
from matcalc.checking.laws import LAWS, check_operator
from matcalc.checking.predicates import check_predicate
from matcalc.checking.truth import check_rule
from matcalc.errors import NotDifferentiable, RuleError
from matcalc.expressions.nodes import Expr, node, postorder
from matcalc.expressions.parts import dimensions, symbols
from matcalc.language.declared import PROPERTIES
from matcalc.language.tree import parse as parse_tree
from matcalc.normal_form.algebra import Algebra
from matcalc.normal_form.theory import Operator
from matcalc.rulebook.book import Rule, RuleBook, default
from matcalc.rulebook.compile import CHECKED_BY_VALUE
from matcalc.shapes.elaborate import Scope, elaborate
from matcalc.simplification.shortest import pleasant

CASES = Path(__file__).parents[1] / "derivatives" / "cases"
BOOK = default()
RULES = BOOK.all_rules()
OPERATORS = list(BOOK.operators.values())
STRUCTURAL = {"mul", "had", "scale", "transpose", "inv", "dot", "outer"}

TAGS = set(LAWS) | {"sized"}
"""The tags that mean something: those with a law that is checked, and one about how its shape is told."""

NOT_DIFFERENTIABLE = set(
    "frechet_adj kronecker_adj elimination "
    "kronecker_expm kronecker_power kronecker_polar kronecker_leading_dyad frechet_polar frechet_leading_dyad "
    "frechet2_expm frechet2_logm frechet2_sqrtm frechet2_power prod_pairs".split()
)
"""Operators that occur in derivatives and have none: differentiating them is refused, by name."""


def key(rule: Rule) -> str:
    return rule.entry.key


def of(*kinds: str) -> list[Rule]:
    return [r for r in RULES if r.kind in kinds]


each_rule = pytest.mark.parametrize("rule", RULES, ids=key)
each_operator = pytest.mark.parametrize("operator", OPERATORS, ids=lambda o: o.name)


# --- truth ----------------------------------------------------------------------------------------------------------


@each_rule
def test_it_is_true(rule):
    """At sizes odd, even, rectangular and 1."""
    assert check_rule(rule, BOOK).points >= 3


@each_operator
def test_an_operator_has_the_laws_of_its_tags(operator):
    checked = check_operator(operator, BOOK)
    assert checked.points >= 3, checked.reason
    assert {t for t in operator.tags if not t.startswith("linear in ")} <= TAGS


EQUATIONS = ("differential", "adjoint", "form", "simplify", "shorten", "identity")


@pytest.mark.parametrize("rule", [r for r in of(*EQUATIONS) if r.template.head != "zero"], ids=key)
def test_a_wrong_rule_is_caught(rule):
    """A sign is flipped in every other rule, and a factor 2 put into the others."""
    algebra = Algebra(BOOK.plain())
    factor = -1 if len(rule.name) % 2 else 2
    wrong = replace(rule, template=algebra.linear([(factor, rule.template)]))
    with pytest.raises(RuleError, match=r"not true.*\d"):
        check_rule(wrong, BOOK)


def test_a_missing_transpose_is_caught():
    caught = 0
    for rule in of("adjoint", "simplify"):
        t = rule.template
        if t.shape[0] == t.shape[1] != 1 and not _slow(rule):
            wrong = replace(rule, template=node("transpose", (t,), None, t.shape))
            try:
                check_rule(wrong, BOOK)
            except RuleError:
                caught += 1
    assert caught >= 15


def _slow(rule: Rule) -> bool:
    heads = {e.head for e in postorder(rule.pattern, rule.template)}
    return any(takes_long(BOOK.operator(head)) for head in heads & BOOK.operators.keys())


# --- shapes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", of("simplify", "shorten", "differential", "identity", "property"), ids=key)
def test_the_right_side_does_not_narrow_the_left(rule):
    """What the left side accepts, or `given` declares, is what the rule accepts."""
    entry = rule.entry
    text = entry.sides[0]
    tree = parse_tree(text)
    if entry.kind == "differential":
        tree = tree.args[0]
    scope = Scope.of(BOOK.aliases, where="; ".join(entry.clauses.get("where", ())), differentials=True)
    for g in entry.given:
        scope.declare(g.name, g.shape, g.properties & PROPERTIES - CHECKED_BY_VALUE)
    if entry.quantifier:
        pytest.skip("its pool was substituted for")
    alone = elaborate(tree, text, scope, Algebra(BOOK.plain())).expr
    assert _freedom(alone) <= _freedom(rule.pattern), f"{alone} is more general than {rule.pattern}"


def _freedom(e: Expr) -> tuple[int, int]:
    """How many sizes are free, and how many are not 1."""
    return len(dimensions(*symbols(e))), sum(d != 1 for x in symbols(e) for d in x.shape)


# --- completeness ---------------------------------------------------------------------------------------------------


def _slots(operator: Operator) -> list[int]:
    return [slot for slot in range(len(operator.params)) if BOOK.is_linear(operator.name, slot)]


@pytest.mark.parametrize("operator", [o for o in OPERATORS if _slots(o)], ids=lambda o: o.name)
def test_every_linear_slot_has_an_adjoint_rule(operator):
    algebra = Algebra(BOOK)
    for slot in _slots(operator):
        args = [algebra.symbol(f"X{i}", p) for i, p in enumerate(operator.params)]
        assert BOOK.adjoint_rule(operator.name, slot, args)


def _differentiable(operator: Operator) -> bool:
    """Whether some rule says what becomes of it: its differential, its linearity, or another operator that it is."""
    if len(_slots(operator)) == len(operator.params) or operator.name in STRUCTURAL:
        return True
    if BOOK.differential_rules(operator.name):
        return True
    rules = BOOK.rules.simplify.get(operator.name, ())
    replaced = [r for r in rules if all(a.head == "symbol" for a in r.pattern.args) and _distinct(r.pattern.args)]
    inside = any(e.head == operator.name for r in of("differential") for e in postorder(r.pattern))
    return inside or any(not r.conditions for r in replaced)


def _distinct(args: tuple[Expr, ...]) -> bool:
    return len(set(args)) == len(args)


@each_operator
def test_it_is_differentiable_or_listed_as_not(operator):
    assert _differentiable(operator) != (operator.name in NOT_DIFFERENTIABLE)


def test_names_are_unique_and_say_something():
    keys = [e.key for e in BOOK.entries]
    assert len(keys) == len(set(keys))
    assert all(e.name == e.name.strip() and len(e.name) >= 2 for e in BOOK.entries)


def test_a_rule_is_read_when_the_operators_on_its_left_side_have_been_used():
    """At first only the laws of sums, products and the like; in which file a rule stands does not matter."""
    moved = [replace(e, file="trace.rules") for e in BOOK.entries]
    for book in (RuleBook(BOOK.entries), RuleBook(moved)):
        read = book.rules.all()
        assert 20 < len(read) < 100
        named = {e.head for r in read for e in postorder(r.pattern)} & set(book.operators)
        assert named <= STRUCTURAL | {"frob"}  # the colon of an adjoint rule
        assert str(matcalc.differentiate("logdet(X) + norm(tril(X) x)", "X", rules=book)) == (
            str(matcalc.differentiate("logdet(X) + norm(tril(X) x)", "X"))
        )
        assert {r.key for r in book.all_rules()} == set(map(key, RULES))


# --- termination and confluence -------------------------------------------------------------------------------------


def instance(rule: Rule, algebra: Algebra) -> dict[Expr, Expr]:
    """Symbols for a rule's variables that have the properties it demands."""
    values: dict[Expr, Expr] = {}
    for x in symbols(rule.pattern, rule.template):
        if "constant" in x.data.properties or x in rule.differentials.values():
            continue
        wanted = set(x.data.properties).union(*(w for v, w in rule.conditions.items() if v is x))
        number = wanted & {"integer", "number"}
        values[x] = algebra.number(3) if number else algebra.symbol(x.name, x.shape, x.data.kind, wanted)
    return values


@pytest.mark.parametrize("rule", of("simplify", "shorten"), ids=key)
def test_both_sides_have_one_normal_form(rule):
    """So that rewriting ends, and ends in the same place whichever side one starts from."""
    algebra = Algebra(RuleBook(BOOK.entries))
    algebra.book.all_rules()
    values = instance(rule, algebra)
    left, right = (algebra.substitute(e, values) for e in (rule.pattern, rule.template))
    assert left is right
    assert algebra.substitute(left, {}) is left


# --- every rule is needed -------------------------------------------------------------------------------------------


def firing_cases() -> dict[str, tuple[str, str]]:
    """Cases for rules that do not fire on their own left side: `key | expression | variable`."""
    found = {}
    for line in (CASES / "firing.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, expression, variable = (part.strip() for part in line.split(" | "))
            found[name] = (expression, variable)
    return found


def apply_to_itself(rule: Rule, book: RuleBook) -> None:
    """Simplify, differentiate, transpose or vectorize a rule's own left side."""
    book.all_rules()
    algebra = Algebra(book)
    calculus = Calculus(algebra)
    values = instance(rule, algebra)
    if rule.kind == "adjoint":
        operated = rule.pattern.args[1]
        e = algebra.substitute(operated, values)
        seed = algebra.symbol("W0", e.shape)
        calculus.cotangents(e, seed, [values[operated.args[rule.slot]]])
        return
    e = algebra.substitute(rule.pattern, values)
    if rule.kind == "differential":
        moving = [values[v] for v in rule.differentials] or symbols(e)
        calculus.differential(e, {v: algebra.symbol(f"d{v.name}", v.shape, v.data.kind) for v in moving})
    if rule.kind == "shorten":
        pleasant(algebra, e)
    if rule.kind == "form":
        moved = values[rule.pattern.args[rule.slot]]
        hole = algebra.symbol("dX0", moved.shape, moved.data.kind)
        kronecker_matrix(algebra, algebra.substitute(e, {moved: hole}), hole)


@pytest.mark.parametrize("rule", of("simplify", "shorten", "differential", "adjoint", "form"), ids=key)
def test_it_fires(rule):
    book = RuleBook(BOOK.entries)
    case = firing_cases().get(key(rule))
    if case is None:
        apply_to_itself(rule, book)
    elif case[1]:
        str(matcalc.differentiate(case[0], case[1], rules=book).derivation)
    else:
        matcalc.parse(case[0], rules=book)
    assert book.counts[key(rule)]


ANOTHER_WAY = {
    "differential trace-power": "a literal power is expanded by the product rule",
    "adjoint hadamard-right": "the product commutes",
}
"""Rules that are not the only way: without them the answer comes by others."""


@pytest.mark.parametrize("rule", of("differential", "adjoint", "form"), ids=key)
def test_a_deleted_rule_is_a_capability_lost(rule):
    book = RuleBook(e for e in BOOK.entries if e.key != key(rule) and not _made_by(e, rule))
    try:
        apply_to_itself(rule, book)
    except NotDifferentiable:
        return
    assert key(rule) in ANOTHER_WAY or _has_a_rival(rule), "it can be done without this rule"


def _made_by(entry: object, rule: Rule) -> bool:
    """Whether a rule is a member of a quantified entry."""
    return getattr(entry, "line", None) == rule.entry.line and getattr(entry, "file", None) == rule.entry.file


def _has_a_rival(rule: Rule) -> bool:
    """Whether another rule is for the same operation, more or less general."""
    mine = rule.pattern.args[1].head if rule.kind == "adjoint" else rule.pattern.head
    others: Iterable[Rule] = (r for r in of(rule.kind) if r is not rule)
    return any((r.pattern.args[1].head if r.kind == "adjoint" else r.pattern.head) == mine for r in others)


def test_without_the_product_rule_no_product_has_a_differential():
    book = RuleBook(e for e in BOOK.entries if e.key != "differential product")
    with pytest.raises(NotDifferentiable, match="product rule"):
        str(matcalc.differentiate("tr(X A X)", "X", rules=book).derivation)


@pytest.mark.parametrize("name", sorted(NOT_DIFFERENTIABLE))
def test_what_is_listed_as_not_differentiable_is_refused_by_name(name):
    algebra, operator = Algebra(BOOK), BOOK.operator(name)
    args = [algebra.symbol(f"X{i}", p) for i, p in enumerate(operator.params)]
    e = algebra.apply(name, args, operator.result)
    with pytest.raises(NotDifferentiable, match=name):
        Calculus(algebra).cotangents(e, algebra.symbol("W", e.shape), [args[0]])


# --- sources --------------------------------------------------------------------------------------------------------


def test_every_rule_cites_a_source_or_derives_itself():
    without = [f"{r.entry.file}:{r.entry.line}: {key(r)}" for r in of(*EQUATIONS, "property") if not _origins(r)]
    assert not without, "neither source nor because:\n" + "\n".join(without)


def _origins(rule: Rule) -> list[str]:
    return [text for clause in ("source", "because") for text in rule.entry.clauses.get(clause, ()) if text.strip()]


def test_what_is_cited_is_cited_in_full():
    for entry in BOOK.entries:
        for source in entry.clauses.get("source", ()):
            assert len(source) >= 10, f"{entry.file}:{entry.line}"


# --- definitions ------------------------------------------------------------------------------------------------------


def test_a_definition_by_another_definition_has_a_value():
    book = matcalc.rules.load("""
operator double : m×n -> m×n   linear
adjoint double: W : double(X) = double(W) : X
definition double: double(X) = 2 X
operator sextuple : m×n -> m×n   linear
adjoint sextuple: W : sextuple(X) = sextuple(W) : X
definition sextuple: sextuple(X) = double(X) + double(double(X))
""")
    assert matcalc.parse("sextuple(X)", rules=book).evaluate({"X": [[1.0, -2.0]]}).tolist() == [[6, -12]]


# --- books on books -------------------------------------------------------------------------------------------------


def test_rules_about_known_operators_stand_in_any_file(tmp_path):
    """A file that comes with matcalc is read when one of its operators is used, another one at once."""
    (tmp_path / "norms.rules").write_text(
        "operator own : n×n -> n×n\nsimplify squared: tr(X X) = sum(Xᵀ ⊙ X)\n    given X : n×n\n", encoding="utf-8"
    )
    first = matcalc.rules.load(str(tmp_path / "norms.rules"))
    second = matcalc.rules.load("operator other : n×n -> n×n\n", base=first)
    for book in (first, second, pickle.loads(pickle.dumps(second))):
        assert str(matcalc.parse("tr(A A)", rules=book)) == "sum(A ⊙ Aᵀ)"
        assert str(matcalc.differentiate("norm(x)", "x", rules=book)) == "x/‖x‖\nholds where x ≠ 0"


# --- predicates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", [e for e in BOOK.entries if e.kind == "predicate"], ids=lambda e: e.name)
def test_a_predicate_implies_what_it_says(entry):
    check_predicate(entry, BOOK)
    assert all(word in BOOK.predicates for word in BOOK.predicates[entry.name].implies)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("predicate positive-definite: {1} is so", "not a name of a predicate"),
        ("predicate good: it is good", "about {1}"),
        ("predicate good: {1} is good\n    implies better", "not a predicate"),
        ("operator ff : m×n -> m×n   elementwise\n    domain good", "not a predicate"),
        ("operator ff : m×n -> m×n   elementwise\n    domain positive in 2", "second argument"),
        ("differential g: d(exp.(exp.(X))) = exp.(X) ⊙ dX\n    domain Y : m×n positive", "does not stand"),
        ("differential g: d(exp.(exp.(X))) = exp.(X) ⊙ dX\n    subgradient X : m×n good", "not a predicate"),
        ("property g: exp.(X) is nonzero\n    exactly X : m×n nonzero", "it is not true: .*has the property where"),
        ("property g: exp.(X) is good\n    given X : m×n", "not a predicate"),
    ],
)
def test_what_is_said_of_domains_is_checked(text, reason):
    with pytest.raises(RuleError, match=reason):
        matcalc.rules.load(text + "\n")


@pytest.mark.parametrize("name", ["f", "F", "φ", "X", "α", "w"])
@pytest.mark.parametrize("shape", ["m×n -> m×n   elementwise", "n×n -> scalar"])
def test_names_in_the_rules_that_come_with_matcalc_mean_what_they_meant(name, shape):
    """An operator that others call f is not the unspecified f of the chain rule."""
    dot, value = (".", "Z.^3") if "elementwise" in shape else ("", "tr(Z Z)")
    slope = "3 Z.^2 ⊙ dZ" if dot else "2 tr(Z dZ)"
    book = matcalc.rules.load(f"""
operator {name} : {shape}
definition its-value: {name}{dot}(Z) = {value}
differential its-slope: d({name}{dot}(Z)) = {slope}
""")
    other = "g" if name != "g" else "h"
    assert str(matcalc.differentiate(f"sum({other}.(A))", "A", rules=book)) == f"{other}'.(A)"
    expected = "3 A.^2" if dot else "2 Aᵀ"
    text = f"sum({name}.(A))" if dot else f"{name}(A)"
    assert str(matcalc.differentiate(text, "A", rules=book, verify=True)) == expected
