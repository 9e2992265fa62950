"""Rule books: `load` adds rules to those that come with matcalc, `default` has these alone."""

from __future__ import annotations

from functools import lru_cache
from os import PathLike

from .arguments import path, shown
from .errors import RuleError, border, needing
from .normal_form.theory import Rule
from .rulebook.book import RuleBook, default, extended, source_text

Rules = str | PathLike[str] | RuleBook
"""Rules as they are given: a text, the path of a file, or a rule book."""

MOST_BOOKS = 16  # that are kept, so that the same text is not verified again


@border
def load(source: str | PathLike[str], base: RuleBook | None = None) -> RuleBook:
    """The rules that come with matcalc (or those of `base`) and those of a file, or of a text that holds rules.

    Every rule is read and checked at once; RuleError names the file, the line and the reason.  What could not be
    checked, since nothing says what an operator is, stands in the book's `trusted`.  Of the same rules the book is the
    same, and they are not checked again.

    >>> book = load("operator double : m×n -> m×n   linear\\n"
    ...             "adjoint double: W : double(X) = 2 W : X\\n"
    ...             "definition double: double(X) = 2 X")
    >>> book.operator("double").tags
    frozenset({'linear'})
    """
    if base is not None and not isinstance(base, RuleBook):
        raise RuleError(f"The rule book to add to is a RuleBook, not {shown(base)}.")
    if isinstance(source, str) and not source.strip():
        raise RuleError("Rules are a text or a file, and what was given is blank.")
    if not isinstance(source, str):
        source = path(source, "What rules are read from is a text or a file: the file", RuleError)
    return _verified(*source_text(source), base)


@lru_cache(maxsize=MOST_BOOKS)
def _verified(text: str, name: str, base: RuleBook | None) -> RuleBook:
    book, more = extended(text, name, (base or default()).entries)
    with needing("Checking rules with numbers"):
        from .checking.rules import check_entries

        book.trusted = (*(base.trusted if base else ()), *check_entries(book, more))
    return book


def book_of(rules: Rules | None) -> RuleBook:
    """The rule book that a caller names: itself, a text or a file of more rules, or none for the one at hand."""
    if rules is None:
        return default()
    return rules if isinstance(rules, RuleBook) else load(rules)


def __dir__() -> list[str]:
    return __all__


__all__ = ["Rule", "RuleBook", "default", "load"]
