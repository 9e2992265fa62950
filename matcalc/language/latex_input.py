r"""LaTeX, as it is pasted, to the tree that plain text gives.

The grammar is `grammar/latex.lark`.  Text becomes pieces (`latex_pieces`), these statements (`latex_statements`), the
function's pieces tokens (`latex_tokens`), and these a tree.  Places are places in the text as typed.

What LaTeX says beside stands in a node `said` at the root: its first part is the tree, the others are `evidence`, what
typefaces say of a name (the text is its kind), and `note`, a sentence about how the text was read.
"""

from __future__ import annotations

import re
from collections.abc import Container
from functools import cache

from ..errors import MatcalcError, ParseError
from .builder import Refused, closed
from .dialects import is_latex
from .latex_builder import Held, build
from .latex_names import Register
from .latex_pieces import closers, pieces, refusal
from .latex_statements import Sentences, Span, Statement
from .latex_tokens import Mouth
from .parser import Parser
from .scanner import Token
from .syntax import Node

_REMARK = re.compile(r"(?<!\\)%[^\n]*")


def parse_latex(text: str, words: Container[str] = (), start: int = 0, end: int | None = None) -> Node:
    r"""The tree of a text in LaTeX, or of a part of it; `words` are the names of functions.

    >>> found = parse_latex(r"f(\mathbf{x}) = \mathbf{x}^\top \mathbf{A x}", {"tr"})
    >>> [(part.kind, part.text) for part in found.args]
    [('defined', ''), ('evidence', 'vector'), ('evidence', 'matrix')]
    """
    return _Reading(text, words, start, end).tree()


def name_in(text: str, name: str, words: Container[str] = ()) -> str:
    r"""The name that is meant by what LaTeX writes for one of a text.

    >>> name_in(r"\mathcal{K} + K", r"\mathcal{K}"), name_in(r"\mathbf{x}^\top y", r"\mathbf x")
    ('K_script', 'x')
    """
    names = Register()
    if is_latex(text):
        reading = _Reading(text, words)
        reading.tree()
        names = reading.names
    found = _Reading(name, words, names=names)
    return found.name_of(Span(0, len(found.pieces)), "What is differentiated by").text


@cache
def _parser() -> Parser:
    return Parser("latex", build(), unexpected)


class _Reading:
    """One text being read."""

    def __init__(
        self,
        text: str,
        words: Container[str],
        start: int = 0,
        end: int | None = None,
        names: Register | None = None,
    ) -> None:
        self.text, self.notes = text, list[str]()
        said = _REMARK.sub(lambda remark: " " * len(remark[0]), text)
        raw = list(_parser().tokens(said, start, len(text) if end is None else end))
        if raw and not raw[-1].kind:
            raw.pop()  # a space at the end
        self.pieces = pieces(raw, text, words)
        if not self.pieces:
            raise ParseError("The expression is empty.", text=text, start=0, end=1)
        self.closing = closers(self.pieces, text)
        self.names = names or Register()
        self.mouth = Mouth(text, self.pieces, self.closing, words, self.names)

    def tree(self) -> Node:
        """The tree of the function, with what is said of it around."""
        sentences = Sentences(self.text, self.pieces, self.closing)
        main, *others = sentences.statements()
        function = self.formula(main.function)
        lets = [self._let(other) for other in others]
        root = self._asked(function, main)
        evidence = self.names.evidence()
        root = self._defined(root, main)
        said = [Node("evidence", kind, (_named(name, root),), root.start, root.end) for name, kind in evidence.items()]
        notes = [Node("note", note, (), root.start, root.end) for note in self.notes]
        if not said and not notes and not lets:
            return root
        return Node("said", "", (root, *lets, *said, *notes), root.start, root.end)

    def formula(self, span: Span) -> Node:
        """The tree of some of the pieces."""
        if span.start >= span.end:
            last = self.pieces[span.end - 1]
            raise refusal(self.text, last, "A function is missing here.", "Give the formula.")
        try:
            tokens = self.mouth.tokens(*span)
            built = _parser().follow(tokens, self.text, self.pieces[span.end - 1].end)
        except Refused as refused:
            raise refused.shown(self.text) from None
        except MatcalcError as error:
            error.text, error.start = self.text, error.start or 0
            raise error from None
        return built.node if isinstance(built, Held) else closed(built)

    def name_of(self, span: Span, what: str) -> Node:
        """A single name."""
        found = self.formula(span)
        if found.kind != "name":
            typed = self.text[found.start : found.end]
            raise ParseError(
                f"{what} is a single name, and '{typed[:40]}' is none.",
                text=self.text,
                start=found.start,
                end=found.end,
            )
        return found

    def _asked(self, function: Node, main: Statement) -> Node:
        """The function, or the derivative that is asked for."""
        if main.asked is None:
            return function
        variables = [self.name_of(span, "What is differentiated by") for span in main.asked.names]
        start, end = self.pieces[0].start, self.pieces[-1].end
        return Node("derivative", str(main.asked.order), (function, *variables), start, end)

    def _defined(self, root: Node, main: Statement) -> Node:
        """The function with its label, where that is a name or a name of names."""
        if main.others:
            shown = self.text[self.pieces[main.function.start].start : self.pieces[main.function.end - 1].end]
            self.notes.append(f"of the sides of the equation, {' '.join(shown.split())[:60]} is read")
        if main.label is None or root.kind == "derivative":
            return root
        label = self._label(main.label)
        return Node("defined", "", (label, root), label.start, root.end) if label is not None else root

    def _label(self, span: Span) -> Node | None:
        """A label that a name can be: f, f(X); others only stand there."""
        first, last = self.pieces[span.start], self.pieces[span.end - 1]
        if any(p.kind in ("BAR", "WORD", "COLON", "BREAK") for p in self.pieces[span.start : span.end]):
            return None
        found = self.formula(span)
        if found.kind == "name" or (found.kind == "call" and all(a.kind == "name" for a in found.args)):
            return Node(found.kind, found.text, found.args, first.start, last.end)
        return None

    def _let(self, other: Statement) -> Node:
        """A second statement, which defines a name of the first."""
        start = (other.label or other.function).start
        first = self.pieces[min(start, len(self.pieces) - 1)]
        label = self._label(other.label) if other.label is not None and other.asked is None else None
        if label is None or label.kind != "name":
            hint = "Give one formula; a second one may only define a name of the first, as in , z = A x."
            raise refusal(self.text, first, "Here a second formula begins, and one is read.", hint)
        body = self.formula(other.function)
        return Node("let", label.text, (body,), label.start, body.end)


def _named(name: str, root: Node) -> Node:
    return Node("name", name, (), root.start, root.end)


def unexpected(text: str, token: Token) -> ParseError:
    """Why a token cannot stand where it does."""
    typed = text[token.start : token.end]

    def error(message: str, hint: str = "") -> ParseError:
        return ParseError(message, text=text, start=token.start, end=max(token.end, token.start + 1), hint=hint)

    if token.kind == "$END":
        at = len(text.rstrip()) or 1
        return ParseError(
            "The formula ends too soon.", text=text, start=at - 1, end=at, hint="Something is missing at the end."
        )
    if token.kind == "COMMA":
        return error(
            "A comma stands only between the arguments of a function, or before what defines a name.",
            "Give one formula.",
        )
    if token.kind in ("RPAR", "RBRACE", "BAR_CLOSE", "NORM_CLOSE", "RANGLE"):
        return error(f"Something is missing before '{typed}'.")
    if token.kind in ("SIGN", "INFIX", "COLON"):
        return error(f"An operand is missing before '{typed}'.")
    return error(f"'{typed}' cannot stand here.")
