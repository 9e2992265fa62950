"""The chapters of the rule book: their order, and the paragraph that introduces each."""

from matcalc.expressions.nodes import postorder
from matcalc.resources import names
from matcalc.rulebook.book import RuleBook, contents, default
from matcalc.rulebook.chapters import chapters
from matcalc.rulebook.entries import read_rules
from tests.rulebook.test_book import STRUCTURAL

MINE = """
operator early : m×n -> m×n

chapter waves: Waves & tides
    introduction "What `A X` is, in two lines
        of which this is the second."
operator wave : m×n -> m×n

chapter tides: Tides
"""


def test_the_contents_name_every_file_once():
    assert sorted(contents()) == names("rules", ".rules")


def test_the_rules_stand_in_the_order_of_the_contents():
    files = [e.file for e in default().entries]
    assert list(dict.fromkeys(files)) == contents()
    assert files == sorted(files, key=contents().index)


def test_every_entry_stands_in_one_chapter():
    found = [e for chapter in chapters(default()) for e in chapter.entries]
    assert found == [e for e in default().entries if e.kind != "chapter"]


def test_a_law_stands_where_its_notions_are_known():
    """In the chapter that introduces the last operator on its left side, or later; functions of numbers are known."""
    book = default()
    place = {e.key: i for i, chapter in enumerate(chapters(book)) for e in chapter.entries}
    known = STRUCTURAL | {name for name, operator in book.operators.items() if operator.elementwise}
    too_early = {
        rule.key
        for rule in book.all_rules()
        if rule.kind in ("simplify", "shorten", "identity", "property")
        for e in postorder(rule.pattern)
        if e.head in book.operators.keys() - known and place[f"operator {e.head}"] > place[rule.key]
    }
    assert not too_early


def test_a_file_has_chapters_of_its_own():
    first, waves, tides = chapters(RuleBook(read_rules(MINE, "sea.rules")))
    assert (first.title, first.introduction, [e.name for e in first.entries]) == ("sea", "", ["early"])
    assert (waves.name, waves.title, [e.name for e in waves.entries]) == ("waves", "Waves & tides", ["wave"])
    assert waves.introduction == "What `A X` is, in two lines of which this is the second."
    assert (tides.title, tides.entries) == ("Tides", ())
