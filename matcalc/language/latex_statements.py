r"""What a pasted text says: which part is the function, what only names it, and what is asked of it.

``f(x) = …``, ``L = … = …``, ``\frac{\partial}{\partial X} …``, ``\nabla_X …``, ``…, \quad z = A x`` are told apart by
their pieces, before anything in them is read as a formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from .latex_pieces import refusal, said_of
from .scanner import Token

_SIMPLE = frozenset("LETTER DIGITS FONT SWITCH ACCENT LBRACE RBRACE".split())
_OPERATORS = frozenset("PLUS INFIX RELATION COLON".split())


class Span(NamedTuple):
    """Some of the pieces."""

    start: int
    end: int


class Asked(NamedTuple):
    """A derivative that is asked for: of what, by which names, of which order."""

    function: Span
    names: list[Span]
    order: int


class Statement(NamedTuple):
    """A function, what it is called, and what is asked of it; `others` are the other sides of its equation."""

    function: Span
    label: Span | None
    asked: Asked | None
    others: list[Span]


class Sentences:
    """The statements of a text."""

    def __init__(self, text: str, pieces: Sequence[Token], closing: dict[int, int]) -> None:
        self.text, self.pieces, self.closing = text, pieces, closing

    def kind(self, at: int) -> str:
        """The kind of a piece; empty behind the last."""
        return self.pieces[at].kind if at < len(self.pieces) else ""

    def statements(self) -> list[Statement]:
        """All statements; what only says where names live, as x ∈ ℝⁿ, is passed over."""
        found = []
        for span in self._cut():
            span = self._trimmed(span)
            if span.start < span.end and not self._lives(span):
                found.append(self._statement(span))
        if not found:
            last = self.pieces[-1] if self.pieces else Token("", "", 0, 1)
            raise refusal(self.text, last, "There is no function in this text.", "Give the formula.")
        return found

    # --- cutting ----------------------------------------------------------------------------------------------------

    def level(self, start: int, end: int) -> list[int]:
        """The places that stand in no bracket."""
        out, at = [], start
        while at < end:
            out.append(at)
            at = self.closing.get(at, at) + 1
        return out

    def _cut(self) -> list[Span]:
        """The text cut at commas and line breaks; a line that begins or ends with a sign goes on."""
        out: list[Span] = []
        start = 0
        for at in self.level(0, len(self.pieces)):
            kind = self.kind(at)
            if kind not in ("BREAK", "COMMA"):
                continue
            if kind == "BREAK" and self.pieces[at].text != ";":
                before = self.kind(at - 1) if at > start else ""
                if self.kind(at + 1) in _OPERATORS or before in _OPERATORS:
                    continue
            out.append(Span(start, at))
            start = at + 1
        return [*out, Span(start, len(self.pieces))]

    def _trimmed(self, span: Span) -> Span:
        """Without full stops, question marks and line breaks at the ends."""
        start, end = span
        idle = (".", "?", ";", ",", "…")
        while start < end and (self.kind(start) == "BREAK" or self.pieces[start].text in (",", ";")):
            start += 1
        while start < end and (self.kind(end - 1) == "BREAK" or self.pieces[end - 1].text in idle):
            end -= 1
        while (
            end - start > 1 and self.kind(start) == "LBRACE" and self.closing.get(start) == end - 1
        ):  # braces around all of it
            if any(self.kind(n) == "OVER" for n in self.level(start + 1, end - 1)):
                break
            start, end = start + 1, end - 1
        return Span(start, end)

    def _lives(self, span: Span) -> bool:
        """Whether a statement only says where names live: x ∈ ℝⁿ, ∀ x ∈ ℝⁿ."""
        said = [self.pieces[n] for n in self.level(*span)]
        signs = {p.text for p in said if p.kind == "REFUSED"}
        return bool(signs & {"in", "forall"}) and not any(p.kind == "RELATION" for p in said)

    # --- sides ------------------------------------------------------------------------------------------------------

    def _statement(self, span: Span) -> Statement:
        cuts = [n for n in self.level(*span) if self.kind(n) == "RELATION"]
        bounds = [span.start - 1, *cuts, span.end]
        sides = [self._trimmed(Span(a + 1, b)) for a, b in pairwise(bounds)]
        sides = [s for s in sides if s.start < s.end]
        if not sides:
            raise refusal(self.text, self.pieces[span.start], "There is no function in this text.")
        label = None
        if len(sides) > 1 and self._is_label(sides[0], sides[1]):
            label = sides.pop(0)
        asked = [self.asked(s) for s in sides]
        if label is None and asked[0] is not None and len(sides) > 1 and self._is_label(asked[0].function, sides[1]):
            if asked[1] is None:
                message = "The right side is the derivative already, and what is differentiated is not known."
                raise refusal(self.text, self.pieces[sides[1].start], message, "Give the function.")
            label = asked[0].function
            sides, asked = sides[1:], asked[1:]
        main, question = sides[0], asked[0]
        if question is not None:
            main = self._trimmed(question.function)
        for other in sides[1:] if question is None else ():
            self._is_form(other)
        return Statement(main, label, question, sides[1:])

    def _is_form(self, side: Span) -> None:
        """Refuse an equation that is a condition: what is equal to a number or a name is no other form of it."""
        if all(self.kind(n) in _SIMPLE for n in range(*side)) and side.end - side.start <= 3:
            piece = self.pieces[side.start]
            message = f"This is an equation, and no function: '= {self.text[piece.start : piece.end]}' is a condition."
            raise refusal(self.text, piece, message, "Give only one side.")

    def _is_label(self, side: Span, other: Span) -> bool:
        """Whether one side only names the other: f(x), J, SSE(B), log p(y | X), cos(v, w)."""
        at, end = side
        while at < end and self.kind(at) == "WORD":
            at += 1
        words = at - side.start
        names: list[str] = []
        while at < end and (self.kind(at) in ("LETTER", "FONT", "ACCENT", "SWITCH", "LBRACE")):
            if self.kind(at) == "LBRACE":
                inner = [self.pieces[n] for n in range(at + 1, self.closing[at])]
                if not all(p.kind in ("LETTER", "DIGITS", "FONT", "SWITCH", "ACCENT", "WORD") for p in inner):
                    return False
                names.append("".join(p.text for p in inner if p.kind == "LETTER"))
                at = self.closing[at]
            elif self.kind(at) == "LETTER":
                names.append(self.pieces[at].text)
            at += 1
        while at < end and self.kind(at) in ("SUB", "SUP", "PRIME"):
            if self.kind(at) == "PRIME":
                at += 1
                continue
            if self.kind(at) == "SUP" and self.pieces[min(at + 1, end - 1)].text in ("T", "-"):
                return False
            at = self._behind(at + 1)
        bracket = at < end and self.kind(at) == "OPEN"
        if bracket:
            inner = [self.pieces[n] for n in range(at + 1, self.closing[at])]
            kinds = _SIMPLE | {"COMMA", "BAR", "SUB", "SUP", "BREAK", "COLON", "PRIME"}
            if not all(p.kind in kinds for p in inner):
                return False
            if words and not names and not any(p.kind in ("COMMA", "BAR") for p in inner):
                return False
            at = self.closing[at] + 1
        if at < end or (not names and not (words and bracket)):
            return False
        if len("".join(names)) == 1 or bracket:
            return True
        used = {self.pieces[n].text for n in range(*other) if self.kind(n) == "LETTER"}
        return not used & set("".join(names))

    def _behind(self, at: int) -> int:
        while self.kind(at) in ("FONT", "ACCENT"):
            at += 1
        return self.closing.get(at, at) + 1

    # --- derivatives ------------------------------------------------------------------------------------------------

    def asked(self, side: Span) -> Asked | None:
        """The derivative that a side asks for."""
        start, end = side
        if self.kind(start) == "NABLA" or (self.kind(start) == "PARTIAL" and self.kind(start + 1) == "SUB"):
            return self._gradient(side)
        if self.kind(start) == "FRAC" and self.kind(start + 1) == "LBRACE":
            top = Span(start + 2, self.closing[start + 1])
            below = top.end + 1
            if self.kind(below) == "LBRACE":
                bottom = Span(below + 1, self.closing[below])
                return self._quotient(top, bottom, Span(bottom.end + 1, end))
        if self.kind(start) == "LBRACE":
            closing = self.closing[start]
            overs = [n for n in self.level(start + 1, closing) if self.kind(n) == "OVER"]
            if overs:
                return self._quotient(Span(start + 1, overs[0]), Span(overs[0] + 1, closing), Span(closing + 1, end))
        return self._slashed(side)

    def _sign(self, at: int) -> int:
        """The place behind d or ∂, in any typeface; the place itself where there is none."""
        if self.kind(at) == "PARTIAL":
            return at + 1
        if self.kind(at) == "FONT":
            inner = at + 1
            if self.kind(inner) == "LBRACE" and self.closing[inner] == inner + 2 and self.pieces[inner + 1].text == "d":
                return inner + 3
            return inner + 1 if self.kind(inner) == "LETTER" and self.pieces[inner].text == "d" else at
        if self.kind(at) == "LBRACE" and self.kind(at + 1) == "SWITCH" and self.pieces[at + 2].text == "d":
            return self.closing[at] + 1
        return at + 1 if self.kind(at) == "LETTER" and self.pieces[at].text == "d" else at

    def _gradient(self, side: Span) -> Asked | None:
        """`∇_X f`, `∇² f`, `∂_X f`"""
        at, order = side.start + 1, 1
        names: list[Span] = []
        while self.kind(at) in ("SUB", "SUP"):
            behind = self._behind(at + 1)
            inner = Span(at + 2, behind - 1) if self.kind(at + 1) == "LBRACE" else Span(at + 1, behind)
            if self.kind(at) == "SUB":
                bounds = [inner.start - 1, *(n for n in self.level(*inner) if self.kind(n) == "COMMA"), inner.end]
                names = [Span(a + 1, b) for a, b in pairwise(bounds)]
            elif self.pieces[inner.start].kind == "DIGITS" and inner.end == inner.start + 1:
                order = int(self.pieces[inner.start].text[:3])
            else:
                return None
            at = behind
        if not 1 <= order <= 9:
            raise refusal(self.text, self.pieces[side.start], "The order of a derivative is 1, 2, …")
        if len(names) == 1:
            names *= order
        return Asked(Span(at, side.end), names, order)

    def _quotient(self, top: Span, bottom: Span, rest: Span) -> Asked | None:
        """`∂f/∂X` and `∂/∂X f`."""
        at = self._sign(top.start)
        if at == top.start:
            return None
        order = 1
        if self.kind(at) == "SUP":
            behind = self._behind(at + 1)
            digits = [p.text for p in self.pieces[at + 1 : behind] if p.kind == "DIGITS"]
            if len(digits) != 1 or not digits[0].isdigit():
                return None
            order, at = int(digits[0][:3]), behind
        names = self._below(bottom)
        if not names:
            return None
        if len(names) != order:
            message = "The orders above and below the bar must be the same."
            raise refusal(self.text, self.pieces[bottom.start], message, r"As in \frac{\partial^2 f}{\partial x^2}.")
        above = Span(at, top.end)
        if above.start < above.end and rest.start < rest.end:
            return None  # a factor
        return Asked(above if above.start < above.end else rest, names, order)

    def _below(self, bottom: Span) -> list[Span]:
        """The variables below the bar, one for each order: `∂x^2`, `∂x ∂y^T`, `∂(X)`."""
        names: list[Span] = []
        at = bottom.start
        while at < bottom.end:
            start = self._sign(at)
            if start == at:
                return []
            at = start
            while at < bottom.end and self._sign(at) == at and self.kind(at) != "SUP":
                at = self._behind(at + 1) if self.kind(at) == "SUB" else self.closing.get(at, at) + 1
            if at == start:
                return []
            times = 1
            name = Span(start, at)
            if self.kind(at) == "SUP" and at < bottom.end:
                behind = self._behind(at + 1)
                said = "".join(
                    p.text for p in self.pieces[at + 1 : behind] if p.kind not in ("LBRACE", "RBRACE", "FONT")
                )
                if said.isdigit():
                    times = int(said[:3])
                elif said not in ("T", "'"):
                    name = Span(start, behind)
                at = behind
            while self.kind(at) == "PRIME" and at < bottom.end:
                at += 1
            names += [name] * min(times, 10)
        return names

    def _slashed(self, side: Span) -> Asked | None:
        """`∂f/∂X`, `d/dX f`, on one line."""
        if self._sign(side.start) == side.start:
            return None
        slashes = [n for n in self.level(*side) if self.pieces[n].text == "/" and self.kind(n) == "INFIX"]
        for slash in slashes:
            below = self._sign(slash + 1)
            if below == slash + 1 or below >= side.end:
                continue
            behind = self._behind(below)
            while self.kind(behind) == "SUB" and behind < side.end:
                behind = self._behind(behind + 1)
            return self._quotient(Span(side.start, slash), Span(slash + 1, behind), Span(behind, side.end))
        if self.kind(side.start) == "PARTIAL":
            raise said_of(self.text, self.pieces[side.start])
        return None
