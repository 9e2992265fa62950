"""Whether rewriting comes to rest: the rules of a book may call one another for ever on some expression.

That no rule book does is undecidable, so that it is watched for: what is rewritten inside one another must become
smaller, and if it has not after a while, the rules concerned are named.
"""

from __future__ import annotations

from ..errors import MatcalcError, RuleError
from ..expressions.nodes import Expr
from .theory import Rule

PATIENCE = 24  # rewritings inside one another after which what is rewritten must have become smaller
SUDDEN = 10  # rewritings inside one another in which it may become …
EXPLOSION = 200  # … so many times as large, and no larger
MOST_REWRITINGS = 50_000  # inside one


class Endless(RuleError):
    """The rules of a book that rewrite without an end; `rules` are those concerned, the innermost first."""

    def __init__(self) -> None:
        super().__init__("Rewriting does not end.")
        self.rules: list[Rule] = []

    def through(self, rule: Rule) -> Endless:
        """This error on its way out of a rule."""
        if len(self.rules) < PATIENCE and rule not in self.rules:
            self.rules.append(rule)
            first, *others = sorted(self.rules, key=lambda r: (r.entry.file, r.entry.line))
            beside = " with " + ", ".join(r.key for r in others) if others else ""
            place = f"{first.entry.file}:{first.entry.line}: {first.key}"
            self.message = f"{place}: rewriting by it{beside} does not end."
            self.args = (self.message,)
        return self


class Rewriting:
    """What is being rewritten, the outermost first, by the sizes that must not stay as they are.

    Who begins takes the length of `open` before, and cuts it back to that when done: in place, as Python looks for
    Ctrl-C wherever a function begins, and so in one that would do it.
    """

    __slots__ = ("count", "open")

    def __init__(self) -> None:
        self.open: list[tuple[int, int]] = []
        self.count = 0

    def enter(self, *parts: Expr) -> None:
        """Begin to rewrite; Endless where that goes on for too long."""
        size, depth = sum([e.size for e in parts]), max([e.depth for e in parts])
        around = self.open
        level = len(around)
        self.count = self.count + 1 if level else 0
        if level >= PATIENCE:
            before = around[-PATIENCE]
            if size >= before[0] and depth >= before[1]:
                raise Endless
        if level >= SUDDEN and size > EXPLOSION * around[-SUDDEN][0] or self.count > MOST_REWRITINGS:
            raise Endless
        around.append((size, depth))


def too_deep(rule: Rule) -> MatcalcError:
    """The refusal of what is nested so deep that Python's stack does not hold the rules applied in one another."""
    return MatcalcError(
        f"This is nested too deep for '{rule.key}', which is applied inside itself.",
        hint="Name inner parts with variables of their own.",
    )
