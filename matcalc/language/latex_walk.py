r"""From pieces of LaTeX to the tokens of the grammar: what TeX's eyes hand to its stomach.

Fonts, accents and subscripts become parts of names, scripts become transposes or exponents, single tokens behind a
command become groups, bars open or close, and functions are told from products of letters.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from .latex_commands import ACCENTS
from .latex_names import Form, Register
from .latex_pieces import refusal, said_of
from .scanner import Token

ENDS_OPERAND = frozenset(
    "NUMBER NAME ONES FUNCTION MARK ENTRY RPAR RBRACE RANGLE BAR_CLOSE NORM_CLOSE NORM_KIND".split()
)

LONGEST_SCRIPT = 60  # pieces of a script that may be a mark or part of a name


def _ends(pieces: Sequence[Token], closing: dict[int, int]) -> list[int]:
    """For each place, the one behind the argument that begins there."""
    size = len(pieces)
    ends: list[int] = [*range(1, size + 1), size, size]

    def end(at: int) -> int:
        return ends[min(at, size)]

    for at in range(size - 1, -1, -1):
        kind = pieces[at].kind
        if kind == "LBRACE":
            ends[at] = closing[at] + 1
        elif kind in ("FONT", "ACCENT", "SHOWN"):
            ends[at] = end(at + 1)
        elif kind == "FRAC":
            ends[at] = end(end(at + 1))
        elif kind == "ROOT":
            degree = at + 1 < size and pieces[at + 1].text == "[" and at + 1 in closing
            ends[at] = end(closing[at + 1] + 1 if degree else at + 1)
    return ends


def _partners(pieces: Sequence[Token]) -> dict[int, int]:
    r"""Where each bar that `\left` opens is closed."""
    out: dict[int, int] = {}
    open_: list[int] = []
    for at, piece in enumerate(pieces):
        side = piece.text[1:] if piece.kind == "BAR" else ""
        if side == "<":
            open_.append(at)
        elif side == ">" and open_:
            out[open_.pop()] = at
    return out


class Walk:
    """Reads pieces from left to right; what is set once holds for the next letter, what a group opens for the group."""

    def __init__(
        self, text: str, pieces: Sequence[Token], closing: dict[int, int], words: Container[str], names: Register
    ) -> None:
        self.text, self.pieces, self.closing, self.words, self.names = text, pieces, closing, words, names
        self.ends = _ends(pieces, closing)
        self.partners = _partners(pieces)

    # --- the walk ---------------------------------------------------------------------------------------------------

    def tokens(self, start: int, end: int) -> list[Token]:
        """The tokens of some of the pieces."""
        self.out: list[Token] = []
        self.forms: dict[int, Form] = {}  # of the names in `out`, by their places there
        self.face = self.once = self.prefix = ""  # of the group, of the next letter, before it
        self.groups: list[tuple[str, int, bool]] = []  # the font around, the place in `out`, whether it is kept
        self.bars: list[str] = []
        self.due: dict[int, list[str]] = {}  # before this piece: closing braces that the text has not
        self.then: dict[int, int] = {}  # before this piece: go on there
        self.later: dict[int, tuple[int, int]] = {}  # what `then` is to hold when a place is left
        self.wrap: dict[int, Token] = {}  # the second argument of a command begins here
        self.keep: set[int] = set()  # braces that group
        self.swapped: set[int] = set()  # superscripts before which their subscripts were read
        self.sized = 0  # sizes that are open
        self.primed: set[int] = set()  # where the brackets behind f' close, behind which a direction may stand
        self.cut: set[int] = set()  # runs of letters that begin behind another letter
        self.end = end
        at = start
        while True:
            while at in self.due or at in self.then:
                for kind in self.due.pop(at, []):
                    self._close_group(at, kind)
                if at in self.then:
                    at = self._jump(at)
            if at >= end:
                break
            if at in self.wrap:
                self._argument(at, self.wrap.pop(at))
            at = self._step(at)
        self._all_closed()
        for form in sorted(self.forms.values(), key=lambda form: bool(form.face)):
            self.names.name(form)
        return [
            t if i not in self.forms else t._replace(text=self._named(self.forms[i], t)) for i, t in enumerate(self.out)
        ]

    def _jump(self, at: int) -> int:
        """Go on elsewhere, and from there perhaps come back."""
        target = self.then.pop(at)
        if at in self.later:
            left, back = self.later.pop(at)
            self.then[left] = back
        return target

    def _named(self, form: Form, token: Token) -> str:
        primes = len(token.text) - len(token.text.rstrip("'"))
        return self.names.name(form) + "'" * primes

    def _step(self, at: int) -> int:
        """Read one piece, or a run of them; the place behind."""
        piece = self.pieces[at]
        reads: Callable[[int, Token], int] = getattr(self, "_" + piece.kind.lower(), self._strange)
        return reads(at, piece)

    def _strange(self, at: int, piece: Token) -> int:
        raise said_of(self.text, piece)

    def _emit(self, kind: str, text: str, piece: Token, end: int | None = None) -> None:
        self.out.append(Token(kind, text, piece.start, end or piece.end))

    def _next(self, at: int) -> Token | None:
        return self.pieces[at] if at < self.end else None

    def _kind(self, at: int) -> str:
        return self.pieces[at].kind if at < self.end else ""

    def _opens(self, at: int) -> bool:
        """Whether a bracket, a brace or a bar stands here."""
        kind = self._kind(at)
        return (kind in ("OPEN", "LBRACE") and self.pieces[at].text != "<") or kind == "BAR"

    def _behind(self, at: int) -> int:
        """The place behind one argument: a group, or one piece with the commands that take it."""
        return min(self.ends[at], self.end) if at < self.end else self.end

    def _flat(self, start: int, end: int) -> str:
        """The letters and signs of a script, without fonts, braces and spaces; of a long one, nothing."""
        if end - start > LONGEST_SCRIPT:
            return ""
        idle = ("FONT", "LBRACE", "RBRACE", "SWITCH", "SHOWN")
        return "".join(p.text for p in self.pieces[start:end] if p.kind not in idle)

    def _argument(self, at: int, of: Token) -> int:
        """The place of an argument, opened as a group: braces that are there are kept, others are made."""
        if at >= self.end or self._kind(at) in ("RBRACE", "CLOSE", "SUP", "SUB", "INFIX", "COMMA", "RELATION"):
            raise refusal(self.text, of, f"{self.text[of.start : of.end]} has no argument.", "Write it in { }.")
        if self._kind(at) == "LBRACE":
            self.keep.add(at)
            return at
        behind = self._behind(at)
        self._open_group(self.pieces[at], True)
        self.due.setdefault(behind, []).insert(0, "RBRACE")
        return at

    # --- groups -----------------------------------------------------------------------------------------------------

    def _open_group(self, piece: Token, kept: bool) -> None:
        self.groups.append((self.face, len(self.out), kept))
        if self.once:
            self.face, self.once = self.once, ""
        self._emit("LBRACE", "{", piece, piece.start + 1)
        self.bars.append("{")

    def _close_group(self, at: int, kind: str) -> None:
        """Close a group; braces around a single name are not needed, unless they group for a command."""
        self._close_bars()
        piece = self.pieces[min(at, len(self.pieces) - 1)]
        self.face, opened, kept = self.groups.pop()
        if kind == "ACCENT":
            self._close_accent(opened, piece)
            return
        if kind == "SIZED":
            self.sized -= 1
            self._emit("RPAR", ")", self.pieces[at - 1])
            return
        if not kept and len(self.out) == opened + 2 and self.out[-1].kind in ("NAME", "NUMBER", "ONES", "FUNCTION"):
            del self.out[opened]
            if opened + 1 in self.forms:
                self.forms[opened] = self.forms.pop(opened + 1)
            if self.out[-1].kind == "FUNCTION" and self._opens(at + 1):
                self.out[-1] = self.out[-1]._replace(kind="CALLED")
                self.keep.add(at + 1)
            return
        if not kept and len(self.out) == opened + 1:
            del self.out[opened]  # {} is nothing
            return
        self._emit("RBRACE", "}", piece)

    def _close_accent(self, opened: int, piece: Token) -> None:
        accent = self.out[opened]
        del self.out[opened]
        if len(self.out) != opened + 1 or opened + 1 not in self.forms:
            raise refusal(
                self.text, accent, f"{accent.text} stands over a single name only.", "Write it over each letter."
            )
        form = self.forms.pop(opened + 1)
        mark = ACCENTS[accent.text[1:]]
        if accent.text in (r"\vec", r"\overrightarrow"):
            form = Form(form.base, form.face, form.marks, True, form.prefix)
        self.forms[opened] = form.marked(mark)

    def _all_closed(self) -> None:
        """Refuse a bar that is open where what it stands in ends."""
        if self.bars and self.bars[-1] in "|‖":
            opened = next(t for t in reversed(self.out) if t.kind in ("BAR_OPEN", "NORM_OPEN"))
            raise refusal(self.text, opened, f"The bar '{self.bars[-1]}' is not closed.")

    def _close_bars(self) -> None:
        """What a group opens it closes."""
        self._all_closed()
        if self.bars:
            self.bars.pop()

    def _lbrace(self, at: int, piece: Token) -> int:
        self._open_group(piece, at in self.keep)
        return at + 1

    def _rbrace(self, at: int, piece: Token) -> int:
        self._close_group(at, "RBRACE")
        return at + 1

    def _open(self, at: int, piece: Token) -> int:
        if self.once:
            self.once = ""
        self._emit("LANGLE" if piece.text == "<" else "LPAR", piece.text, piece)
        self.bars.append(piece.text)
        return at + 1

    def _close(self, at: int, piece: Token) -> int:
        self._close_bars()
        self._emit("RANGLE" if piece.text == ">" else "RPAR", piece.text, piece)
        return self._direction(at + 1) if at in self.primed else at + 1

    def _direction(self, at: int) -> int:
        """What stands behind f'(X): a direction [H], or what the adjoint is applied to, ^{*}[G]."""
        behind = self._behind(at + 1) if self._kind(at) == "SUP" else at
        pulled = behind > at and self._flat(at + 1, behind) == "*"
        if (behind > at) != pulled or self._kind(behind) != "OPEN" or self.pieces[behind].text != "[":
            return at
        self._emit("PULLED" if pulled else "DIRECTED", "[", self.pieces[behind])
        self.bars.append("[")
        return behind + 1

    def _bar(self, at: int, piece: Token) -> int:
        """A bar opens or closes by `\\left` and `\\right`, or by where it stands; two in a row are a norm's."""
        mark, side = piece.text[0], piece.text[1:]
        following = self._next(at + 1)
        double = mark == "|" and following is not None and following.kind == "BAR" and following.text == piece.text
        top = self.bars[-1] if self.bars else ""
        after = bool(self.out) and self.out[-1].kind in ENDS_OPERAND
        closes = side == ">" or (not side and after and top in ("|", "‖"))
        if closes:
            if top not in ("|", "‖"):
                raise refusal(self.text, piece, "This bar closes nothing.")
            if double and top == "|":
                double = False
            wide = double and top == "‖"
            if top == "‖" and not (wide or mark == "‖"):
                raise refusal(self.text, piece, "A single bar cannot close a norm.", r"Write \| on both sides.")
            if top == "|" and mark == "‖":
                raise refusal(self.text, piece, "A double bar cannot close a single one.", r"Write | on both sides.")
            self.bars.pop()
            last = self.pieces[at + wide]
            self._emit("NORM_CLOSE" if top == "‖" else "BAR_CLOSE", top, piece, last.end)
            return at + 1 + wide
        if double and side == "<":
            first, second = self.partners.get(at, 0), self.partners.get(at + 1, 0)
            double = first == second + 1  # closed beside each other, as they are opened
        kind = "‖" if double or mark == "‖" else "|"
        self.bars.append(kind)
        self._emit("NORM_OPEN" if kind == "‖" else "BAR_OPEN", kind, piece, self.pieces[at + double].end)
        return at + 1 + double
