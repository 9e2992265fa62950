"""The chapters of a rule book, in the order that `rules/contents.txt` states: what a reader of the files reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..normal_form.theory import Entry
from .book import RuleBook


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: its title, the paragraph that introduces its notation, and its entries in their order."""

    name: str
    title: str
    introduction: str
    entries: tuple[Entry, ...]


def chapters(book: RuleBook) -> Iterator[Chapter]:
    """The chapters of a book; entries of a file before its first `chapter`, or without any, are one of its name.

    >>> from matcalc.rulebook.entries import read_rules
    >>> text = 'chapter waves: Waves\\n    introduction "What a wave is."'
    >>> next(chapters(RuleBook(read_rules(text, "sea.rules"))))
    Chapter(name='waves', title='Waves', introduction='What a wave is.', entries=())
    """
    file, opened, entries = "", None, list[Entry]()
    for entry in book.entries:
        if entry.file != file or entry.kind == "chapter":
            if entries or opened:
                yield _chapter(file, opened, entries)
            file, opened, entries = entry.file, None, []
        if entry.kind == "chapter":
            opened = entry
        else:
            entries.append(entry)
    if entries or opened:
        yield _chapter(file, opened, entries)


def _chapter(file: str, opened: Entry | None, entries: list[Entry]) -> Chapter:
    if opened is None:
        name = file.removesuffix(".rules")
        return Chapter(name, name, "", tuple(entries))
    return Chapter(opened.name, opened.sides[0], " ".join(opened.clauses.get("introduction", ())), tuple(entries))
