"""The tables by which texts are read are those that Lark makes of the grammars."""

import pytest
from lark import Lark

from matcalc.language.tables import grammars, tables
from matcalc.resources import names, read


@pytest.mark.parametrize("grammar", grammars())
def test_the_tables_are_those_of_the_grammar(grammar):
    assert read(f"grammar/{grammar}.json") == tables(grammar), "run: python -m matcalc.language.tables"


@pytest.mark.parametrize("grammar", grammars())
def test_grammars_have_no_conflicts(grammar):
    """Strict mode refuses shift/reduce conflicts and terminals that collide."""
    pytest.importorskip("interegular")
    Lark(read(f"grammar/{grammar}.lark"), parser="lalr", lexer="basic", strict=True)


def test_there_are_no_other_tables():
    assert names("grammar", ".json") == [f"{grammar}.json" for grammar in grammars()]
