"""The rule book audited by mutation: is every rule that is wrong in one place refused?

    python -m tests.rulebook.mutation                    all mutants; what survives is compared with the list
    python -m tests.rulebook.mutation --only cholesky    those of the entries whose name has this in it
    python -m tests.rulebook.mutation --slice 3/40       every fortieth, from the third
    python -m tests.rulebook.mutation --rewrite          writes the list anew, the reasons that it gives kept

A mutant that is accepted is either equivalent, which is proved where it can be, or true for a reason that
`survivors.txt` gives, or a hole in what is checked.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from matcalc.calculus.differentials import Calculus
from matcalc.checking.definitions import defining
from matcalc.checking.equality import equality
from matcalc.checking.laws import check_operator
from matcalc.checking.rules import check_entries, check_shapes
from matcalc.checking.termination import check_rest
from matcalc.checking.truth import check_rule
from matcalc.errors import MatcalcError, RuleError
from matcalc.expressions.dimensions import SCALAR
from matcalc.expressions.nodes import Expr
from matcalc.expressions.parts import symbols
from matcalc.normal_form.algebra import Algebra
from matcalc.normal_form.theory import Entry, Rule
from matcalc.rulebook.book import RuleBook, _check_complete, default
from matcalc.rulebook.compile import compiled
from matcalc.rulebook.operators import operator_of
from matcalc.simplification.shortest import pleasant

from .mutants import Mutant, mutants

LIST = Path(__file__).with_name("survivors.txt")

UNEXPLAINED = "not yet explained"
HEAD = """# The mutants of rules that are accepted, and for each group why; see mutation.py, which writes this.

"""

UNTYPED, SAME, CAUGHT, EQUIVALENT, UNCHECKED, SURVIVES = (
    "not typed", "the same rule", "caught", "equivalent", "not checked", "survives",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant, and why."""

    mutant: Mutant
    outcome: str
    reason: str


def judged(mutant: Mutant, book: RuleBook) -> Verdict:
    """What loading the rule file with this mutant in it would say."""
    if mutant.entry.kind == "operator":
        return _judged_operator(mutant, book)
    if mutant.entry.quantifier is not None:
        return _judged_products(mutant, book)
    try:
        rule, original = compiled(mutant.entry, book), compiled(mutant.original, book)
    except MatcalcError as refused:
        return Verdict(mutant, UNTYPED, str(refused))
    if _parts(rule) == _parts(original):
        return Verdict(mutant, SAME, "")
    try:
        if _defines(mutant.original, book):
            changed = RuleBook(mutant.entry if e is mutant.original else e for e in book.entries)
            checked = not check_entries(changed, [e for e in changed.entries if _is_about(e, original)])
        else:
            check_shapes(rule, book)
            checked = bool(check_rule(rule, book))
            if rule.kind == "simplify":
                changed = RuleBook(mutant.entry if e is mutant.original else e for e in book.entries)
                check_rest(changed, [mutant.entry])
    except RuleError as refused:
        return Verdict(mutant, CAUGHT, str(refused))
    reason = proof(rule, original, book)
    if reason:
        return Verdict(mutant, EQUIVALENT, reason)
    return Verdict(mutant, SURVIVES if checked else UNCHECKED, "")


def _judged_products(mutant: Mutant, book: RuleBook) -> Verdict:
    try:
        check_entries(book, [mutant.entry])
    except RuleError as refused:
        return Verdict(mutant, CAUGHT, str(refused))
    return Verdict(mutant, SURVIVES, "")


IMPLIED_TAGS = {"linear": {"odd", "additive", "jointly-linear"}, "elementwise": {"transposable"}, "additive": {"odd"}}


def _judged_operator(mutant: Mutant, book: RuleBook) -> Verdict:
    operator = operator_of(mutant.entry)
    try:
        checked = check_operator(operator, book, mutant.entry)
        if any(operator.is_linear(slot) for slot in range(len(operator.params))):
            changed = RuleBook(mutant.entry if e is mutant.original else e for e in book.entries)
            changed.all_rules()
            _check_complete(mutant.entry, changed)
    except RuleError as refused:
        return Verdict(mutant, CAUGHT, str(refused))
    claim = mutant.entry.tags[-1]
    if any(claim in IMPLIED_TAGS.get(tag, ()) for tag in mutant.original.tags):
        return Verdict(mutant, EQUIVALENT, "a law that another one implies")
    if operator.result == SCALAR and (
        claim == "symmetric" or claim == "transposable" and "transpose-invariant" in operator.tags
    ):
        return Verdict(mutant, EQUIVALENT, "a law of all scalars")
    return Verdict(mutant, SURVIVES if checked else UNCHECKED, "")


def _parts(rule: Rule) -> tuple[object, ...]:
    return (
        rule.pattern,
        rule.template,
        dict(rule.conditions),
        rule.slot,
        rule.entry.sides[1] if rule.kind == "property" else "",
    )


def _defines(entry: Entry, book: RuleBook) -> bool:
    """Whether numbers for an operator come from this entry, so that it cannot be held against them."""
    rules = (defining(book, name) for name, o in book.operators.items() if o.code is None)
    return any(rule is not None and rule.entry is entry for rule in rules)


def _is_about(entry: Entry, rule: Rule) -> bool:
    """Whether an entry is of the operator that a rule defines."""
    head = rule.pattern.head
    return entry.name == head if entry.kind == "operator" else any(head in side for side in entry.sides)


# --- proofs ---------------------------------------------------------------------------------------------------------


def proof(rule: Rule, original: Rule, book: RuleBook) -> str:
    """Why a mutant is true, or nothing: the book proves it, given that the book is true."""
    algebra = Algebra(book)
    book.all_rules()
    try:
        mine = _sides(rule, rule, algebra)
        if mine is None:
            return ""
        if mine[0] is mine[1]:
            return "one normal form"
        theirs = _sides(original, rule, algebra)
        if mine == theirs:
            return "the normal form of the rule"
        if pleasant(algebra, mine[0]) == pleasant(algebra, mine[1]):
            return "one shortest form"
        if mine[0].shape == mine[1].shape:
            found = equality(algebra, *mine)
            if found and found.how.startswith(("exactly", "by the identity")):
                return found.how.split(":")[0].split(",")[0]
    except MatcalcError:
        return ""
    return ""


def _sides(rule: Rule, conditions: Rule, algebra: Algebra) -> tuple[Expr, Expr] | None:
    """Both sides of what a rule says, over symbols that have the properties which another one demands."""
    values = {}
    for x in symbols(rule.pattern, rule.template):
        if "constant" in x.data.properties or x in rule.differentials.values():
            continue
        wanted = {p for v, properties in conditions.conditions.items() if v.name == x.name for p in properties}
        declared = x.data.properties if rule is conditions else frozenset()
        values[x] = algebra.symbol(
            x.name, x.shape, x.data.kind, default().implied(declared | wanted - {"integer", "number", "square"})
        )
    left, right = (algebra.substitute(e, values) for e in (rule.pattern, rule.template))
    if rule.kind == "property":
        return None
    if rule.kind == "adjoint":
        moved = values[rule.pattern.args[1].args[rule.slot]]
        return left, algebra.apply("frob", [right, moved])
    if rule.kind == "form":
        moved = values[rule.pattern.args[rule.slot]]
        return algebra.apply("vec", [left]), algebra.mul([right, algebra.apply("vec", [moved])])
    if rule.kind == "differential":
        moving = {values[v]: hole for v, hole in rule.differentials.items()}
        return Calculus(algebra).differential(left, moving), right
    return left, right


# --- the list of survivors ------------------------------------------------------------------------------------------


def reasons() -> dict[str, str]:
    """The mutants that are known to be accepted, and the reason for each."""
    found: dict[str, str] = {}
    reason = ""
    for line in LIST.read_text(encoding="utf-8").splitlines() if LIST.exists() else ():
        if line.startswith("= "):
            reason = line[2:].strip()
        elif line.strip() and not line.startswith("#"):
            found[line.strip()] = reason
    return found


def rewritten(survivors: Iterable[Verdict]) -> str:
    """The list anew: what is known under its reason, the rest under none."""
    known = reasons()
    groups: dict[str, list[str]] = {reason: [] for reason in dict.fromkeys(known.values())}
    for verdict in survivors:
        groups.setdefault(known.get(verdict.mutant.name, UNEXPLAINED), []).append(verdict.mutant.name)
    blocks = ["\n".join((f"= {reason}", *sorted(names))) for reason, names in groups.items() if names]
    return HEAD + "\n\n".join(blocks) + "\n"


def every_mutant(book: RuleBook) -> list[Mutant]:
    """The mutants of every entry that is compiled on its own, and of the product rule for every product."""
    book.all_rules()
    return [m for entry in book.entries for m in mutants(entry, book)]


def main() -> int:
    """Run the audit; the exit code says whether something survives that the list does not explain."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--slice", default="0/1", metavar="I/N")
    parser.add_argument("--rewrite", action="store_true")
    options = parser.parse_args()
    book = default()
    first, step = map(int, options.slice.split("/"))
    chosen = [m for i, m in enumerate(every_mutant(book)) if i % step == first % step and options.only in m.name]
    counts: Counter[str] = Counter()
    known, survivors = reasons(), list[Verdict]()
    for mutant in chosen:
        verdict = judged(mutant, book)
        counts[verdict.outcome + (f": {verdict.reason}" if verdict.outcome == EQUIVALENT else "")] += 1
        if verdict.outcome in (SURVIVES, UNCHECKED):
            survivors.append(verdict)
            if known.get(mutant.name, UNEXPLAINED) == UNEXPLAINED:
                print(f"{verdict.outcome}: {mutant.name}", flush=True)
    print(f"{len(chosen)} mutants of {len({m.original.key for m in chosen})} entries")
    for outcome, n in sorted(counts.items()):
        print(f"{n:6} {outcome}")
    if options.rewrite:
        LIST.write_text(rewritten(survivors), encoding="utf-8")
    return 0 if all(known.get(v.mutant.name, UNEXPLAINED) != UNEXPLAINED for v in survivors) else 1


if __name__ == "__main__":
    sys.exit(main())
