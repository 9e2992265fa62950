"""The chapters of the rule book: their order, and the paragraph that introduces each."""

from matcalc.resources import names
from matcalc.rulebook.book import RuleBook, contents, default
from matcalc.rulebook.chapters import chapters
from matcalc.rulebook.entries import read_rules

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


def test_a_file_has_chapters_of_its_own():
    first, waves, tides = chapters(RuleBook(read_rules(MINE, "sea.rules")))
    assert (first.title, first.introduction, [e.name for e in first.entries]) == ("sea", "", ["early"])
    assert (waves.name, waves.title, [e.name for e in waves.entries]) == ("waves", "Waves & tides", ["wave"])
    assert waves.introduction == "What `A X` is, in two lines of which this is the second."
    assert (tides.title, tides.entries) == ("Tides", ())
