"""Rule books: `load` adds rules to those that come with matcalc, `default` has these alone."""

from .normal_form.theory import Rule
from .rulebook.book import RuleBook, default, load

__all__ = ["Rule", "RuleBook", "default", "load"]
