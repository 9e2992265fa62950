"""Text to a tree of nodes that know their place in the text.

The grammar is `grammar/expression.lark`.  The parser calls `builder` as it reads: nodes are made directly, and no
depth of nesting costs a Python call.  Nothing is evaluated or looked up here.
"""

from __future__ import annotations

from collections.abc import Container
from functools import cache

from ..errors import MatcalcError
from .builder import Refused, Value, build, closed
from .complaints import unexpected
from .dialects import syntax_of
from .parser import Parser
from .signs import plain_signs
from .syntax import BEHIND_CALL, POSTFIX, Node

__all__ = ["BEHIND_CALL", "POSTFIX", "Node", "parse"]


def parse(
    text: str, start: int = 0, end: int | None = None, words: Container[str] = (), syntax: str | None = None
) -> Node:
    """The tree of an expression, or of a part of a text; any white space, newlines too, only separates.

    LaTeX is known by its macros, where `syntax` does not say "plain" or "latex"; `words` are the names of functions,
    which in LaTeX may stand glued to letters.

    >>> [node.text for node in parse("A x + b").args[0].args]
    ['A', 'x']
    """
    if syntax_of(text, syntax, start, end) == "latex":
        from .latex_input import parse_latex

        return parse_latex(text, words, start, end)
    try:
        built: Value = _parser().parse(plain_signs(text), start, end)
    except Refused as refused:
        raise refused.shown(text) from None
    except MatcalcError as error:
        raise (error if error.start is None else error.at(text, error.start, error.start + 1)) from None
    return closed(built)


@cache
def _parser() -> Parser:
    return Parser("expression", build(), unexpected)
