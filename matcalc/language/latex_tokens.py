r"""Scripts, signs and fractions in LaTeX: the last of what makes tokens of the grammar."""

from __future__ import annotations

from collections.abc import Sequence

from .latex_commands import UPRIGHT
from .latex_names import Form, script_word
from .latex_pieces import refusal
from .latex_walk import ENDS_OPERAND
from .latex_words import Words
from .scanner import Token

_NORM_KINDS = {
    **dict.fromkeys("F f Fro fro Frob frob HS".split(), "F"),
    "2": "2", "l2": "2", "1": "1", "l1": "1", "*": "*", "∞": "∞", "nuc": "*", "inf": "∞", "infty": "∞",
}  # fmt: skip
_MARKS = {
    **dict.fromkeys(("T", "tr", "Tr"), "T"),
    **dict.fromkeys(("-T", "-1T", "T-1"), "-T"),
    "+": "+", "H": "H", "'": "'", "''": "''",
}  # fmt: skip


class Mouth(Words):
    """What the grammar is given."""

    def _sup(self, at: int, piece: Token) -> int:
        """A superscript: a transpose or another mark, part of a name, or an exponent."""
        end = self._behind(at + 1)
        self._operand(at, end, piece, "An exponent")
        if self._kind(end) == "SUB" and at not in self.swapped:  # the subscript first
            self.swapped.add(at)
            behind = self._behind(end + 1)
            self.then[behind], self.later[behind] = at, (end, behind)
            return end
        flat = self._flat(at + 1, end)
        if flat in ("-t", "-1t"):  # what ^t is, is known where names are: here it is a power of the inverse
            self._emit("MARK", "⁻¹", piece, self.pieces[end - 1].end)
            name = next(p for p in self.pieces[at:end] if p.text == "t")
            for kind, typed in (("CARET", "^"), ("LBRACE", "{"), ("NAME", "t")):
                self._emit(kind, typed, name)
            self._emit("RBRACE", "}", self.pieces[end - 1])
            return end
        if flat in _MARKS:
            self._emit(
                "MARK", "'" * flat.count("'") if "'" in flat else "^" + _MARKS[flat], piece, self.pieces[end - 1].end
            )
            return end
        if "*" in flat or "∗" in flat:
            message = "^* has two readings: a conjugate transpose, or part of a name."
            hint = r"Write ^\top for the transpose, and a name as X_{\star}."
            raise refusal(self.text, piece, message, hint, self.pieces[end - 1].end)
        inner = self.pieces[at + 1 : end]
        if inner[0].kind == "LBRACE":
            inner = inner[1:-1]
        last = len(self.out) - 1
        if last in self.forms and self._is_part_of_a_name(inner) and self._closes_at(at + 1, end):
            self.forms[last] = self.forms[last].marked(script_word(flat))
            self.out[last] = self.out[last]._replace(end=self.pieces[end - 1].end)
            return self._calls(end)
        dotted = bool(inner) and inner[0].text == "⊙" and len(inner) > 1
        self._emit("CARET", ".^" if dotted else "^", piece)
        if dotted:
            self.then[at + 2] = at + 3
        return self._argument(at + 1, piece)

    def _is_part_of_a_name(self, inner: Sequence[Token]) -> bool:
        """Whether a superscript is like (n) or (t+1)."""
        simple = ("LETTER", "DIGITS", "COMMA", "PLUS")
        bracketed = len(inner) > 2 and inner[0].text == "(" and inner[-1].text == ")"
        return bracketed and all(p.kind in simple for p in inner[1:-1])

    def _closes_at(self, at: int, end: int) -> bool:
        """Whether one bracket holds the whole of a script."""
        inside = at + 1 if self._kind(at) == "LBRACE" else at
        return self.closing.get(inside) == (end - 2 if inside > at else end - 1)

    def _stands(self, piece: Token, what: str) -> None:
        """There is something before a script."""
        if not self.out or self.out[-1].kind not in ENDS_OPERAND:
            raise refusal(self.text, piece, f"{what} has nothing to stand on.")

    def _operand(self, at: int, end: int, piece: Token, what: str) -> None:
        """There is something before a script, and something in it."""
        if end == at + 1:
            raise refusal(self.text, piece, f"{what} is missing behind '{piece.text}'.")
        self._stands(piece, what)
        first = self.pieces[at + 1]
        if first.kind == "DIGITS" and len(first.text) > 1:
            message = f"'{piece.text}{first.text}' is '{piece.text}{{{first.text[0]}}} {first.text[1:]}' in LaTeX."
            hint = f"Write {piece.text}{{{first.text}}} for all of it."
            raise refusal(self.text, piece, message, hint, first.end)

    def _sub(self, at: int, piece: Token) -> int:
        """A subscript: part of a name, the kind of a norm, the size of a constant, or an entry."""
        end = self._behind(at + 1)
        self._operand(at, end, piece, "A subscript")
        last, flat = self.out[-1], self._flat(at + 1, end)
        place, stop = len(self.out) - 1, self.pieces[end - 1].end
        if last.kind == "BAR_CLOSE" and flat in _NORM_KINDS:
            self._made_norm(place)
            last = self.out[-1]
        if last.kind == "NORM_CLOSE":
            if flat not in _NORM_KINDS:
                message = f"A norm with the subscript {self.text[piece.end : stop]} is not read."
                hint = r"Known are F, 1, 2, * and \infty; a weighted norm is (…)^\top W (…)."
                raise refusal(self.text, piece, message, hint, stop)
            self._emit("NORM_KIND", "_" + _NORM_KINDS[flat], piece, stop)
            return end
        if last.kind == "BAR_CLOSE" and flat != "⊙":
            message = "The value at a point is not read."
            raise refusal(self.text, piece, message, "Give only the function.", stop)
        if last.kind == "NAME" and last.text == "π" and place not in self.forms:
            self.forms[place] = Form("π")
        if place in self.forms and self.forms[place] == Form("K", UPRIGHT) and flat.count(",") == 1:
            del self.forms[place]  # the commutation matrix, upright
            return self._sizes(at, end, flat, last)
        if place in self.forms and flat == "⊙":
            if not self._opens(end):
                message = "A function of every entry needs its argument in brackets."
                raise refusal(self.text, piece, message, end=stop)
            self.out[place] = last._replace(kind="DOT_CALLED")
            return end
        if place in self.forms and self.forms[place].face == UPRIGHT and self.forms[place].base in ("e", "E"):
            sized = self._unit(at, end, self.forms[place], last)
            if sized:
                return sized
        if last.kind == "BAR_CLOSE" and flat == "⊙":
            return self._entrywise_bars(place, end)
        if place in self.forms and last.kind == "NAME":
            word = script_word(flat)
            if not word:
                raise refusal(self.text, piece, "This subscript cannot be part of a name.", end=stop)
            form = self.forms[place].marked(word)
            self.out[place] = last._replace(end=stop)
            if form.plain in self.words and self._opens(end):
                del self.forms[place]
                self.out[place] = Token("CALLED", form.plain, last.start, stop)
                if self._kind(end) == "LBRACE":
                    self.keep.add(end)
                return end
            self.forms[place] = form
            return self._calls(end)
        if last.kind == "NUMBER" and last.text in ("0", "1"):
            last = last._replace(kind="ONES", text="1" if last.text == "1" else "zeros")
        if last.kind == "ONES" or (last.kind == "NAME" and last.text == "I"):
            return self._sizes(at, end, flat, last)
        if last.kind == "RPAR":
            self._emit("ENTRY", ",".join(self._places(at, end, piece)), piece, stop)
            return end
        message = "A subscript stands behind a name, a bracket or a norm."
        raise refusal(self.text, piece, message, "Put it behind the name.", stop)

    def _made_norm(self, place: int) -> None:
        """Single bars with the subscript of a norm."""
        n = self._opened_at(place)
        self.out[n] = self.out[n]._replace(kind="NORM_OPEN")
        self.out[place] = self.out[place]._replace(kind="NORM_CLOSE")

    def _entrywise_bars(self, place: int, end: int) -> int:
        """Bars of every entry."""
        n = self._opened_at(place)
        opened, closing = self.out[n], self.out[place]
        self.out[place] = closing._replace(kind="RPAR", end=self.pieces[end - 1].end)
        self.out[n] = opened._replace(kind="LPAR")
        self.out.insert(n, Token("DOT_CALLED", "abs", opened.start, opened.end))
        self.forms = {at + (at >= n): form for at, form in self.forms.items()}
        return end

    def _opened_at(self, place: int) -> int:
        """Where the bar opened that closes here."""
        depth = 0
        for n in range(place, -1, -1):
            depth += {"BAR_CLOSE": 1, "BAR_OPEN": -1}.get(self.out[n].kind, 0)
            if not depth:
                break
        return n

    def _unit(self, at: int, end: int, form: Form, last: Token) -> int:
        r"""A unit vector `\mathrm{e}_{i}^{(n)}` or a matrix `\mathrm{E}_{i,j}^{(m \times n)}`; 0 where it is none."""
        behind = self._behind(end + 1) if self._kind(end) == "SUP" else 0
        opened = end + 2 if self._kind(end + 1) == "LBRACE" else end + 1
        if not behind or opened not in self.closing or self.pieces[opened].text != "(":
            return 0
        place = len(self.out) - 1
        del self.forms[place]
        self.out[place] = last._replace(kind="CALLED", text=form.base)
        self._emit("LPAR", "(", self.pieces[opened])
        for index in self._places(at, end, self.pieces[at]):
            self._emit("NUMBER" if index.isdigit() else "NAME", index, self.pieces[at + 1])
            self._emit("COMMA", ",", self.pieces[at])
        self._open_sizes(self.closing[opened], behind)
        return opened + 1

    def _open_sizes(self, until: int, behind: int) -> None:
        """Read sizes up to a place, and go on behind them."""
        self.groups.append((self.face, len(self.out), True))
        self.bars.append("{")
        self.sized += 1
        self.due.setdefault(until, []).insert(0, "SIZED")
        if behind != until:
            self.then[until] = behind

    def _sizes(self, at: int, end: int, flat: str, last: Token) -> int:
        """The sizes of an identity or of ones, as arguments."""
        rows, times, columns = flat.partition("×") if "×" in flat else flat.partition(",")
        braced = self._kind(at + 1) == "LBRACE"
        if last.text == "I" and times:
            if rows != columns:
                raise refusal(self.text, last, f"An identity is square, and not {rows}×{columns}.")
            sign = next(n for n in range(at, end) if self.pieces[n].text in ("×", ","))
            self.then[sign] = end - braced
        self.out[-1] = last._replace(kind="CALLED")
        self.out.append(Token("LPAR", "(", last.end, last.end + 1))
        self._open_sizes(end - braced, end)
        return at + 1 + braced

    def _places(self, at: int, end: int, piece: Token) -> list[str]:
        """The indices of an entry."""
        inner = [p for p in self.pieces[at + 1 : end] if p.kind not in ("LBRACE", "RBRACE", "FONT")]
        found: list[str] = []
        fresh = True
        commas = any(p.kind == "COMMA" for p in inner)
        for p in inner:
            if p.kind == "COMMA":
                fresh = True
            elif p.kind in ("LETTER", "DIGITS") or p.text == ":":
                if not fresh and commas:
                    break
                found.append(p.text)
                fresh = not commas
            else:
                break
        else:
            if found:
                return found
        message = "An entry is picked by letters, integers or ':', such as (A)_{i,j}."
        raise refusal(self.text, piece, message, end=self.pieces[end - 1].end)

    # --- signs ------------------------------------------------------------------------------------------------------

    def _prime(self, at: int, piece: Token) -> int:
        """Primes behind an operand: transposes."""
        behind = at
        while self._kind(behind) == "PRIME":
            behind += 1
        self._stands(piece, "A prime")
        self._emit("MARK", "'" * (behind - at), piece, self.pieces[behind - 1].end)
        return behind

    def _raised(self, at: int, piece: Token) -> int:
        """Superscripts that are letters of their own: ᵀ, ⁻¹, ²."""
        behind = at
        while self._kind(behind) == "RAISED":
            behind += 1
        self._stands(piece, "An exponent")
        self._emit("MARK", "".join(p.text for p in self.pieces[at:behind]), piece, self.pieces[behind - 1].end)
        return behind

    def _top(self, at: int, piece: Token) -> int:
        self._stands(piece, "A transpose")
        self._emit("MARK", "^T", piece)
        return at + 1

    def _infix(self, at: int, piece: Token) -> int:
        if self.sized and piece.text == "×":
            self._emit("COMMA", ",", piece)
        else:
            self._emit("INFIX", piece.text, piece)
        return at + 1

    def _plus(self, at: int, piece: Token) -> int:
        self._emit("SIGN", piece.text, piece)
        return at + 1

    def _comma(self, at: int, piece: Token) -> int:
        self._emit("COMMA", ",", piece)
        return at + 1

    def _colon(self, at: int, piece: Token) -> int:
        self._emit("COLON", ":", piece)
        return at + 1

    def _over(self, at: int, piece: Token) -> int:
        self._emit("OVER", "/", piece)
        return at + 1

    def _frac(self, at: int, piece: Token) -> int:
        self._emit("FRAC", "/", piece)
        behind = self._behind(at + 1)
        self.wrap[behind] = piece
        return self._argument(at + 1, piece)

    def _root(self, at: int, piece: Token) -> int:
        if self._kind(at + 1) == "OPEN" and self.pieces[at + 1].text == "[":
            closing = self.closing[at + 1]
            found = list(self.pieces)
            found[at + 1] = found[at + 1]._replace(kind="LBRACE", text="{")
            found[closing] = found[closing]._replace(kind="RBRACE", text="}")
            self.pieces = found
            self._emit("NTH_ROOT", "√", piece)
            self.wrap[closing + 1] = piece
        else:
            self._emit("ROOT", "√", piece)
        return self._argument(at + 1, piece)

    def _break(self, at: int, piece: Token) -> int:
        """The end of a line that goes on in the next."""
        return at + 1

    def _value(self, at: int, piece: Token) -> int:
        """The bar of `\\left. … \\right|`, at which nothing is said."""
        if self._kind(at + 1) in ("SUB", "SUP"):
            raise refusal(self.text, piece, "The value at a point is not read.", "Give only the function.")
        return at + 1
