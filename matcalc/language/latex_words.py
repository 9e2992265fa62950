r"""Fonts, accents, letters, numbers and functions in LaTeX."""

from __future__ import annotations

from .latex_commands import ANNOTATED, BARE_WORDS, BOLD, LOG_LIKE, PROSE, REFUSED, UPRIGHT, WORDS
from .latex_names import Form
from .latex_pieces import refusal
from .latex_walk import Walk
from .names import SPELLED, canonical
from .scanner import Token

LONGEST_WORD = 30  # letters of the name of a function that stands without a command


class Words(Walk):
    """What letters say, by their typeface, their neighbours and what stands over them."""

    # --- fonts and accents ------------------------------------------------------------------------------------------

    def _font(self, at: int, piece: Token) -> int:
        if piece.text in (UPRIGHT, WORDS):
            found = self._spelled(at + 1)
            if found is not None:
                word, behind = found
                return self._said(at, behind, word, piece.text)
        self.once = "" if piece.text == WORDS else piece.text
        if at + 1 >= self.end:
            raise refusal(self.text, piece, f"{self.text[piece.start : piece.end]} has no argument.")
        return at + 1

    def _switch(self, at: int, piece: Token) -> int:
        if piece.text == UPRIGHT and self._kind(at + 1) == "LETTER":
            behind = at + 1
            while self._kind(behind) == "LETTER":
                behind += 1
            word = "".join(p.text for p in self.pieces[at + 1 : behind])
            if len(word) > 1 and (behind >= self.end or self._kind(behind) == "RBRACE"):
                return self._said(at, behind, word, UPRIGHT)
        self.face = piece.text
        return at + 1

    def _spelled(self, at: int) -> tuple[str, int] | None:
        """The word in a group behind a font, and the place behind; None where there is none."""
        if self._kind(at) == "WORD":
            return self.pieces[at].text, at + 1
        if self._kind(at) != "LBRACE":
            return None
        inner = self.pieces[at + 1 : self.closing[at]]
        if not inner or not all(p.kind in ("LETTER", "DIGITS", "WORD") or p.text == "_" for p in inner):
            return ("", self.closing[at] + 1) if not inner else None
        start, end = inner[0].start, inner[-1].end
        between = "".join(p.text for p in inner)
        spaced = "".join(" " if c.isspace() else c for c in self.text[start:end])
        return (between if " " not in spaced.replace(r"\,", "") else f"{between} {spaced}"), self.closing[at] + 1

    def _said(self, at: int, behind: int, word: str, face: str) -> int:
        """A word in an upright typeface: a function, a name, or prose."""
        first, last = self.pieces[at], self.pieces[behind - 1]
        joined, _, spaced = word.partition(" ")
        whole = Token("WORD", joined, first.start, last.end)
        if (
            joined in ("argmin", "argmax", "min", "max", "sup", "inf")
            and self._kind(behind) == "SUB"
            or joined[:3] == "arg"
        ):
            raise refusal(self.text, whole, "arg min: " + REFUSED["argmin"][0], REFUSED["argmin"][1])
        if len(joined) == 1:
            return self._single(behind, joined, whole)
        if joined.lower() in PROSE or (spaced and joined not in self.words):
            shown = self.text[whole.start : whole.end]
            message = f"{shown[:40]} joins formulas, and one at a time is read."
            raise refusal(self.text, whole, message, "Give only the formula.")
        if not joined:
            return behind
        if joined in self.words or joined in BARE_WORDS:
            return self._function(behind, joined, whole)
        if canonical(joined) in self.words:  # a function that is called as a Greek letter: gamma
            return self._function(behind, canonical(joined), whole)
        self._add_name(Form(joined), whole)
        return self._calls(behind)

    def _single(self, behind: int, letter: str, whole: Token) -> int:
        """An upright letter; d before another one is a differential."""
        following = self._kind(behind)
        if letter == "d" and following in ("LETTER", "FONT", "ACCENT", "LBRACE"):
            self.prefix = "d"
            return behind
        if letter == "I" or (letter == "e" and following != "SUB"):
            return self._letter_made(behind, Form(letter), whole)
        return self._letter_made(behind, Form(letter, UPRIGHT), whole)

    def _accent(self, at: int, piece: Token) -> int:
        """An accent, up to the end of what it stands over."""
        command = self.text[piece.start : piece.end]
        if command == r"\vec" and self._kind(at + 1) == "OPEN":
            return self._function(at + 1, "vec", piece)
        if at + 1 >= self.end:
            raise refusal(self.text, piece, f"{command} has no argument.")
        self.groups.append((self.face, len(self.out), True))
        self.out.append(Token("ACCENT", command, piece.start, piece.end))
        self.bars.append("{")
        self.due.setdefault(self._behind(at + 1), []).insert(0, "ACCENT")
        return at + 1

    def _shown(self, at: int, piece: Token) -> int:
        """What is underbraced, without the remark."""
        behind = self._behind(at + 1)
        skipped = behind
        while piece.text in ANNOTATED and self._kind(skipped) in ("SUB", "SUP"):
            skipped = self._behind(skipped + 1)
        if skipped > behind:
            self.then[behind] = skipped
        return at + 1

    # --- letters, numbers, functions --------------------------------------------------------------------------------

    def _letter(self, at: int, piece: Token) -> int:
        """A letter; functions are found in runs of them."""
        face, self.once = self.once or self.face, ""
        if face == UPRIGHT and piece.text == "d" and self._kind(at + 1) in ("LETTER", "FONT"):
            self.prefix = "d"
            return at + 1
        behind = at + 1
        alone = self.pieces[at].end - self.pieces[at].start > 1 or self.once
        if not alone and (at in self.cut or not (at and self._joined(at - 1))):
            while behind < self.end and self._joined(behind - 1) and behind not in self.due and behind not in self.wrap:
                behind += 1
            if behind > at + 1:
                found = self._in_run(at, behind)
                if found is not None:
                    return found
        return self._letter_made(at + 1, Form(piece.text, face), piece)

    def _joined(self, at: int) -> bool:
        """Whether two single letters stand tight."""
        a, b = self.pieces[at], self._next(at + 1)
        if b is None or a.kind != "LETTER" or b.kind != "LETTER":
            return False
        return a.end == b.start and a.end - a.start == 1 == b.end - b.start and a.text.isascii() and b.text.isascii()

    def _in_run(self, at: int, behind: int) -> int | None:
        """A function in a run of letters: the run, its end before a bracket, or its beginning before capitals."""
        run = "".join(p.text for p in self.pieces[at:behind])
        called = self._opens(behind)
        for length in range(min(len(run), LONGEST_WORD), 1, -1):
            word = run[-length:]
            if word in BARE_WORDS or (called and (word in self.words or word in BARE_WORDS)):
                if not called and length < len(run) and not run[:-length].isupper():
                    continue
                if length == len(run):
                    whole = Token("WORD", run, self.pieces[at].start, self.pieces[behind - 1].end)
                    return self._function(behind, run, whole)
                self.cut.add(behind - length)
                return self._product_of(at, behind - length)
        for length in range(min(len(run) - 1, LONGEST_WORD), 1, -1):
            if run[:length] in BARE_WORDS and run[length:].isupper():
                whole = Token("WORD", run[:length], self.pieces[at].start, self.pieces[at + length - 1].end)
                return self._function(at + length, run[:length], whole)
        if run in SPELLED and len(run) > 2:
            whole = Token("WORD", run, self.pieces[at].start, self.pieces[behind - 1].end)
            message = f"'{run}' is a product of letters in LaTeX."
            raise refusal(self.text, whole, message, f"Write \\{run} for the letter.")
        tail = run[len(run.rstrip("abcdefghijklmnopqrstuvwxyz")) :]
        if called and len(tail) > 2:
            whole = Token("WORD", run, self.pieces[at].start, self.pieces[behind - 1].end)
            close = self._nearest(run)
            hint = f"Did you mean {close}?" if close else f"Write {' '.join(run)} (…) for the product of its letters."
            raise refusal(self.text, whole, f"'{run}' is not a known function.", hint)
        if run[0] == "d" and len(run) > 1 and "d" not in self.words and run[1].isupper():
            whole = Token("WORD", run, self.pieces[at].start, self.pieces[behind - 1].end)
            hint = rf"Write \mathrm{{d}}{run[1:]} for the differential, d \cdot {run[1:]} for the product."
            raise refusal(self.text, whole, f"'{run}' has two readings.", hint)
        return self._product_of(at, behind)

    def _nearest(self, word: str) -> str:
        from difflib import get_close_matches

        names = [w for w in self.words if len(w) > 2] if hasattr(self.words, "__iter__") else []
        return next(iter(get_close_matches(word, names, 1, 0.75)), "")

    def _product_of(self, at: int, behind: int) -> int:
        """A run of letters without a function."""
        for n in range(at, behind):
            self._letter_made(n + 1, Form(self.pieces[n].text, self.face), self.pieces[n], n + 1 == behind)
        return behind

    def _letter_made(self, behind: int, form: Form, piece: Token, last: bool = True) -> int:
        """A letter, with digits that stand tight behind it: x2 is a name, as no product ends with a number."""
        prefix, self.prefix = self.prefix, ""
        digits = self._next(behind) if last else None
        if digits is not None and digits.kind == "DIGITS" and digits.start == piece.end and digits.text.isdigit():
            apart = behind in self.due or behind in self.wrap or form.face == BOLD
            if not apart:
                form = Form(form.base + digits.text, form.face, form.marks, form.arrow)
                piece, behind = piece._replace(end=digits.end), behind + 1
        if form.base == "I" and not prefix:
            self._emit("NAME", "I", piece)
            return behind
        if form.base == "π" and not form.face and not prefix:
            self._emit("NAME", "π", piece)
            return behind
        self._add_name(Form(form.base, form.face, form.marks, form.arrow, prefix), piece)
        return self._calls(behind) if last else behind

    def _add_name(self, form: Form, piece: Token) -> None:
        self.forms[len(self.out)] = form
        self._emit("NAME", form.base, piece)

    def _calls(self, behind: int) -> int:
        """A name directly before a round bracket may be a function: the tree says so, as in plain text."""
        primes = behind
        while self._kind(primes) == "PRIME":
            primes += 1
        if len(self.out[-1].text) == 1 and self.out[-1].text in self.words and primes == behind:
            return behind  # t(…) and γ(…) are products in LaTeX, whatever is called so elsewhere
        if primes > behind and self._kind(primes) == "SUB" and self._flat(primes + 1, self._behind(primes + 1)) == "⊙":
            self.out[-1] = self.out[-1]._replace(text=self.out[-1].text + "'" * (primes - behind))
            return primes
        if primes > behind and self._kind(primes) == "OPEN" and self.pieces[primes].text == "(":
            self.out[-1] = self.out[-1]._replace(kind="CALLED", text=self.out[-1].text + "'" * (primes - behind))
            self.primed.add(self.closing[primes])
            return primes
        if self._kind(behind) == "OPEN" and self.pieces[behind].text == "(":
            self.out[-1] = self.out[-1]._replace(kind="CALLED")
        return behind

    def _digits(self, at: int, piece: Token) -> int:
        face, self.once = self.once or self.face, ""
        if piece.text == "1" and face in (BOLD, "blackboard"):
            self._emit("ONES", "1", piece)
            return at + 1
        self._emit("NUMBER", piece.text, piece)
        return at + 1

    def _word(self, at: int, piece: Token) -> int:
        return self._function(at + 1, piece.text, piece)

    def _function(self, behind: int, word: str, whole: Token) -> int:
        """A function: called where a bracket follows, behind its scripts perhaps; else it takes what follows."""
        self.once = self.prefix = ""
        at, dotted, raised = behind, False, -1
        while self._kind(at) in ("SUP", "SUB", "PRIME"):
            end = at + 1 if self._kind(at) == "PRIME" else self._behind(at + 1)
            said = self._flat(at + 1, end)
            if self._kind(at) == "SUB":
                if word in ("min", "max"):
                    raise refusal(self.text, whole, f"{word}: " + REFUSED["argmin"][0], REFUSED["argmin"][1])
                if said in ("⊙", "."):
                    dotted = True
                elif canonical(f"{word}_{said}") in self.words:
                    word = canonical(f"{word}_{said}")
                else:
                    hint = "Write \\frac{\\log x}{\\log 2} for another base." if word in ("log", "lg") else ""
                    message = f"A subscript of the function {word} is not read."
                    raise refusal(self.text, whole, message, hint, self.pieces[end - 1].end)
            elif self._kind(at) == "SUP":
                if said in ("⊙", "∘"):
                    dotted = True
                elif said == "-1" and word in LOG_LIKE:
                    message = f"{word} to the power -1 has two readings: the inverse function, and the reciprocal."
                    raise refusal(
                        self.text, whole, message, rf"Write \frac{{1}}{{\{word}(…)}}.", self.pieces[end - 1].end
                    )
                elif raised >= 0:
                    raise refusal(self.text, whole, "A function has one exponent.")
                else:
                    raised = at
            else:
                raise refusal(
                    self.text, whole, f"'{word}' is a known function; its derivative is not written with a prime."
                )
            at = end
        scripts = (raised, self._behind(raised + 1)) if raised >= 0 else None
        if self._opens(at):
            self._emit("DOT_CALLED" if dotted else "CALLED", word, whole)
            if scripts and self._kind(at) == "BAR":
                raise refusal(self.text, whole, "Put the function into brackets.", "Such as (log|A|)^2.")
            if scripts:  # they are read behind the bracket, which they belong to
                behind = self.closing[at] + 1
                self.then[behind], self.later[behind] = scripts[0], (scripts[1], behind)
            if self._kind(at) == "LBRACE":
                self.keep.add(at)
            return at
        if dotted:
            raise refusal(self.text, whole, f"'{word}' entry by entry needs brackets.", f"Write {word}_\\odot(…).")
        self._emit("FUNCTION", word, whole)
        if scripts and scripts[1] != at:
            self.then[scripts[1]] = at
        return scripts[0] if scripts else at
