"""Rule books: `load` adds rules to those that come with matcalc, `default` has these alone."""

from .rulebook.book import Rule, RuleBook, default, load

__all__ = ["Rule", "RuleBook", "default", "load"]
