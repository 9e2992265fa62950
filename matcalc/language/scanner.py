"""Cut text into the grammar's tokens, and decide whether a bar opens or closes.

The terminals are the grammar's own, and come with the tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_ENDS_OPERAND = frozenset(
    (
        "NAME",
        "NUMBER",
        "MARK",
        "NAMED_POWER",
        "RPAR",
        "RSQB",
        "RBRACE",
        "RANGLE",
        "BAR_CLOSE",
        "NORM_CLOSE",
        "NORM_KIND",
        "MEMBER",
        "STRING",
    )
)
_OPENING = frozenset(("LPAR", "DOT_LPAR", "LSQB", "PULLED", "LBRACE", "LANGLE"))
_CLOSING = frozenset(("RPAR", "RSQB", "RBRACE", "RANGLE"))
_QUOTED = re.compile(r"'[^']*'")  # where an operand is expected, a quotation mark is no transpose
_BARS = {"BAR_OPEN": "BAR_CLOSE", "NORM_OPEN": "NORM_CLOSE"}


class Token(NamedTuple):
    """A piece of the text: the terminal that it is (empty for a character that begins none), and where it stands."""

    kind: str
    text: str
    start: int
    end: int


class Scanner:
    """One regular expression made of all terminals, in the order in which they are tried."""

    def __init__(self, terminals: Mapping[str, str]) -> None:
        space = terminals["SPACE"]
        others = "|".join(f"(?P<{name}>{pattern})" for name, pattern in terminals.items() if name != "SPACE")
        self._match = re.compile(f"(?:{space})?(?:{others})").match

    def tokens(self, text: str, start: int, end: int) -> Iterator[Token]:
        """The tokens of a part of a text."""
        match, position, previous = self._match, start, ""
        brackets: list[str] = []
        while (found := match(text, position, end)) is not None:
            kind = found.lastgroup or ""
            start, position = found.span(kind)
            if kind in _OPENING:
                brackets.append(kind)
            elif kind in _CLOSING:
                if brackets:
                    brackets.pop()
            elif kind == "MARK" and previous not in _ENDS_OPERAND and (quoted := _QUOTED.match(text, start, end)):
                kind, position = "STRING", quoted.end()
            elif kind in _BARS:
                kind, position = _bar(kind, position, found[kind], previous in _ENDS_OPERAND, brackets)
            yield Token(kind, text[start:position], start, position)
            previous = kind
        if rest := text[position:end].lstrip():
            at = end - len(rest)
            yield Token("", rest[0], at, at + 1)


def _bar(kind: str, end: int, text: str, after_operand: bool, brackets: list[str]) -> tuple[str, int]:
    """What a bar is here, and where it ends: `||` closes two single bars where two are open."""
    if after_operand and brackets and brackets[-1] in _BARS:
        if brackets[-1] == "BAR_OPEN" and text == "||":
            brackets.pop()
            return "BAR_CLOSE", end - 1
        if brackets[-1] == kind:
            brackets.pop()
            return _BARS[kind], end
    brackets.append(kind)
    return kind, end
