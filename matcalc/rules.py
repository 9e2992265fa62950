"""Rule books: `load` adds rules to those that come with matcalc, `default` has these alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .normal_form.theory import Rule
from .rulebook.book import RuleBook, default, extended

if TYPE_CHECKING:
    from pathlib import Path


def load(source: str | Path, base: RuleBook | None = None) -> RuleBook:
    """The rules that come with matcalc (or those of `base`) and those of a file, or of a text that holds rules.

    Every rule is read and checked at once; RuleError names the file, the line and the reason.

    >>> book = load("operator double : m×n -> m×n   linear\\n"
    ...             "adjoint double: W : double(X) = 2 W : X\\n"
    ...             "definition double: double(X) = 2 X")
    >>> book.operator("double").tags
    frozenset({'linear'})
    """
    from .checking.rules import check_entries

    book, more = extended(source, base)
    check_entries(book, more)
    return book


def book_of(rules: str | Path | RuleBook | None) -> RuleBook:
    """The rule book that a caller names: itself, a text or a file of more rules, or none for the one at hand."""
    if rules is None:
        return default()
    return rules if isinstance(rules, RuleBook) else load(rules)


__all__ = ["Rule", "RuleBook", "default", "load"]
