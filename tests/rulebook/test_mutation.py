"""The tool that audits the rule book by mutation: its trees are the rules, and it changes one thing at a time."""

from zlib import crc32

import pytest

from matcalc.rulebook.book import default
from matcalc.rulebook.compile import compiled

from .mutants import mutants
from .mutation import CAUGHT, SURVIVES, UNCHECKED, every_mutant, judged, reasons
from .trees import entry_of, trees

BOOK = default()
RULES = [rule for rule in BOOK.all_rules() if rule.entry.quantifier is None]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_a_tree_is_written_as_the_equation_it_is(rule):
    again = compiled(entry_of(rule.entry, dict(enumerate(trees(rule.entry, BOOK)))), BOOK)
    assert (again.pattern, again.template) == (rule.pattern, rule.template)
    assert dict(again.conditions) == dict(rule.conditions)


def test_every_entry_has_mutants_of_its_own():
    found = every_mutant(BOOK)
    names = [mutant.name for mutant in found]
    assert len(names) == len(set(names)) > 10_000
    assert {mutant.original.key for mutant in found} == {
        entry.key for entry in BOOK.entries if entry.kind not in ("predicate", "chapter")
    }


def test_a_changed_product_rule_is_caught():
    (product,) = [entry for entry in BOOK.entries if entry.quantifier]
    assert {judged(mutant, BOOK).outcome for mutant in mutants(product, BOOK)} == {CAUGHT}


def test_a_fixed_part_of_the_mutants_is_caught_or_explained():
    """One in three hundred, by name: the tool goes through all."""
    part = [mutant for mutant in every_mutant(BOOK) if crc32(mutant.name.encode()) % 300 == 0]
    outcomes = {mutant.name: judged(mutant, BOOK).outcome for mutant in part}
    assert list(outcomes.values()).count(CAUGHT) >= 20
    assert {n for n, outcome in outcomes.items() if outcome in (SURVIVES, UNCHECKED)} <= reasons().keys()
