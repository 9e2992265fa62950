"""Books share the compiled rules of the entries that they share, where the names in them mean the same."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import matcalc
from matcalc.rulebook.book import RuleBook, default
from matcalc.rulebook.entries import read_rules

SWISH = """
operator swish : m×n -> m×n   elementwise
definition swish: swish.(X) = X ⊙ sigmoid.(X)
differential swish: d(swish.(X)) = (sigmoid.(X) + X ⊙ sigmoid.(X) ⊙ (1 .- sigmoid.(X))) ⊙ dX
"""


def test_a_book_with_an_entry_less_has_the_rules_of_the_others():
    ours = default().all_rules()
    book = RuleBook(e for e in default().entries if e.key != "differential det")
    theirs = book.all_rules()
    assert set(theirs) == {rule for rule in ours if rule.entry.key != "differential det"}


def test_a_file_of_the_user_leaves_our_rules_as_they_are():
    book = matcalc.rules.load(SWISH)
    ours = default().all_rules()
    assert set(ours) < set(book.all_rules())
    assert default().all_rules() == ours


def test_a_rule_in_which_a_name_means_something_else_is_compiled_again():
    """Here a trace of another signature, which the rules about traces have to know."""
    other = [
        replace(e, clauses={**e.clauses, "note": ("another",)}) if e.key == "operator tr" else e
        for e in default().entries
    ]
    book = RuleBook(other)
    ours, theirs = (
        {r.entry.key: r for r in b.all_rules() if {"tr", "trace"} & {x.head for x in (r.pattern, r.template)}}
        for b in (default(), book)
    )
    assert ours
    assert ours.keys() == theirs.keys()
    assert not any(ours[key] is theirs[key] for key in ours)


def test_each_member_of_a_quantified_rule_is_shared():
    entries = (
        *default().entries,
        *read_rules("identity moved for f in elementwise: (1 f.(X))' = f.(X')", "mine.rules"),
    )
    first, second = ({r.name: r for r in RuleBook(entries).all_rules() if r.kind == "identity"} for _ in range(2))
    assert {"moved-exp", "moved-sin"} <= first.keys()
    assert first == second


def test_a_book_that_nobody_keeps_is_forgotten_when_others_have_come():
    def made() -> weakref.ref[RuleBook]:
        book = matcalc.rules.load(SWISH.replace("swish", "forgotten"))  # a text that no other test has loaded and keeps
        matcalc.differentiate("sum(forgotten.(X))", "X", rules=book)
        return weakref.ref(book)

    kept = made()
    for i in range(matcalc.rules.MOST_BOOKS):
        matcalc.rules.load(f"operator other{i} : m×n -> m×n\n")
    gc.collect()
    assert kept() is None


def test_what_is_kept_of_other_meanings_is_bounded():
    (trace,) = [e for e in default().entries if e.key == "operator tr"]
    for note in "abcdef":
        other = replace(trace, clauses={**trace.clauses, "note": (note,)})
        RuleBook(other if e is trace else e for e in default().entries).all_rules()
    assert all(len(kept) <= 2 for e in default().entries if e.kind != "operator" for kept in e.made.values())
