"""Critical pairs of the simplify rules: what two rules make of one expression is one normal form, or is listed.

Constructors work from the inside and try rules in the order of the files, so that what is typed has one normal form in
any case.  Where a pair does not join, two ways to write one thing keep two normal forms: neither is wrong, `equal`
tells that they are equal, and answers may be longer than they need to be.  `critical_pairs.txt` lists these pairs of
rules, each under the reason why it may stay so.  To see what has changed:

    MATCALC_REWRITE=1 python -m pytest tests/normal_form/test_critical_pairs.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from matcalc.normal_form.algebra import Algebra
from matcalc.rulebook.book import RuleBook, default
from matcalc.rules import load

from .overlaps import Overlaps, Pair

LISTED = Path(__file__).with_name("critical_pairs.txt")
UNEXPLAINED = "not looked at yet"
Names = tuple[str, str]


def pairs_of(book: RuleBook) -> list[Pair]:
    return list(Overlaps(Algebra(book)).pairs([r for r in book.all_rules() if r.kind == "simplify"]))


@cache
def pairs() -> list[Pair]:
    return pairs_of(default())


def names(pair: Pair) -> Names:
    one, other = sorted((pair.first.name, pair.second.name))
    return one, other


def listed() -> dict[Names, str]:
    """The pairs of rules in the list, with the reason above them."""
    found: dict[Names, str] = {}
    reason = ""
    for line in LISTED.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            reason = line.removeprefix("#").strip()
        elif line:
            one, other = line.split(" / ")
            found[one, other] = reason
    return found


def rewritten(known: dict[Names, str], apart: set[Names]) -> Iterator[str]:
    """The list with the pairs that there are now, new ones under a heading of their own."""
    reasons = {n: known.get(n, UNEXPLAINED) for n in sorted(apart)}
    for reason in dict.fromkeys([*known.values(), *reasons.values()]):
        under = [f"{one} / {other}" for (one, other), r in reasons.items() if r == reason]
        if under:
            yield "\n".join([f"# {reason}", *under, ""])


def test_every_pair_joins_or_is_listed_with_the_reason() -> None:
    known = listed()
    apart = {names(pair) for pair in pairs() if not pair.joins}
    if os.environ.get("MATCALC_REWRITE"):
        LISTED.write_text("\n".join(rewritten(known, apart)), encoding="utf-8")
        known = listed()
    new = [str(pair) for pair in pairs() if not pair.joins and known.get(names(pair), UNEXPLAINED) == UNEXPLAINED]
    assert not new, "\n".join(new)
    assert not known.keys() - apart, "these pairs join by now, or are no pairs any more"


def test_there_are_pairs_of_every_kind() -> None:
    """Where one left side stands in another, where products follow one another, and where factors are shared."""
    assert len(pairs()) > 500
    texts = {str(pair) for pair in pairs() if pair.joins}
    assert any(") (" in text for text in texts) and any(".^(1) ⊙" in text for text in texts)


BOOK = """
operator ff : n×n -> n×n
operator gg : n×n -> n×n
definition ff: ff(X) = X
definition gg: gg(X) = X
simplify {rules}
"""


@pytest.mark.parametrize(
    ("rules", "apart"),
    [
        ("one: ff(gg(X)) = X\nsimplify other: gg(ff(X)) = X", 0),
        ("one: ff(gg(X)) = gg(X)\nsimplify other: gg(ff(X)) = X", 2),
        ("one: ff(X) gg(X) = X^2\nsimplify other: gg(X) ff(X) = X^2", 2),
        ("one: ff(X) gg(Y) = ff(X Y)\nsimplify other: gg(X) ff(Y) = ff(X Y)", 1),
    ],
)
def test_what_does_not_join_is_found(rules: str, apart: int) -> None:
    book = load(BOOK.format(rules=rules))
    found = [p for p in pairs_of(book) if not p.joins and {p.first.name, p.second.name} <= {"one", "other"}]
    assert len(found) == apart, "\n".join(map(str, found))


def test_a_rule_that_only_moves_a_factor_does_not_move_it_back() -> None:
    """X f(Y X) = f(X Y) X was applied to a product and to its transpose in turn, without an end."""
    import matcalc

    for text in ("chol(S)' inv(sqrtm(Y chol(S)'))", "pinv(X)' inv(sqrtm(Y pinv(X)'))"):
        e = matcalc.parse(text, where="spd matrix S(n, n); matrix X(n, n); matrix Y(n, n)")
        assert e.args[-1].head == "transpose"
