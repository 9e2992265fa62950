"""Words around expressions in ASCII."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.printing.words import to_ascii
from matcalc.rules import default


def test_every_note_and_reason_of_the_rule_files_has_ascii():
    book = default()
    texts = [text for o in book.operators.values() for lines in o.clauses.values() for text in lines]
    assert any(not text.isascii() for text in texts)
    for text in texts:
        made = to_ascii(text)
        assert made.isascii() and made.count("?") == text.count("?"), (text, made)


@pytest.mark.parametrize("expression, name", [("X^k", "X"), ("expm(X)", "X"), ("dot(cumsum(x), y)", "x")])
def test_notes_below_an_answer_in_ascii_are_ascii(expression, name):
    d = matcalc.differentiate(expression, name)
    assert not str(d).isascii() and d.ascii().isascii() and d.derivation.ascii().isascii()
