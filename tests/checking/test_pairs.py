"""`equal` tells equal pairs from pairs that differ in one place; the long run is `python -m tests.checking.pairs`."""

import pytest

from tests.checking.pairs.asking import verdict
from tests.checking.pairs.identities import of_textbooks, of_the_rule_book
from tests.checking.pairs.making import Pair, pair

BRANCHES = [i for i in of_textbooks() if any(w.complex for w in i.wrong)]


def test_there_are_many_identities():
    assert len(of_textbooks()) > 250 and len(of_the_rule_book()) > 100 and BRANCHES


@pytest.mark.parametrize("seed", range(60))
def test_pairs_are_told_apart(seed):
    assert verdict(pair(seed))[0] == "right"


@pytest.mark.parametrize("identity", of_textbooks()[::9], ids=lambda i: i.place)
def test_what_is_wrong_instead_of_a_side_is_not_equal(identity):
    assert verdict(Pair(identity.left, identity.right, True, "", identity.where))[0] == "right"
    for wrong in identity.wrong:
        assert verdict(Pair(identity.left, wrong.text, False, "", identity.where))[0] == "right"
