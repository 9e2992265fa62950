r"""Presentation MathML: LaTeX's layout of an expression, and LaTeX of the kind that is printed here, as elements.

What LaTeX says by commands and braces MathML says by elements; everything else, the order of terms and factors,
brackets and notations, is the layout that all typefaces share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ..errors import MatcalcError
from ..expressions.nodes import Expr
from .latex import Latex
from .layout import Names
from .mathml_signs import ACCENTS, ALPHABETS, FUNCTIONS, LARGE, LETTERS, SIGNS, SPACES, STYLES, UPRIGHT

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
THIN = "0.167em"  # what LaTeX sets between a function and what stands beside it


def mathml(e: Expr, names: Names | None = None, block: bool = False) -> str:
    """The expression as a ``math`` element; a formula of its own where `block` says so.

    Subexpressions in `names` are written by their names.

    >>> import matcalc
    >>> print(mathml(matcalc.parse("A' x")))
    <math><msup><mi>A</mi><mi>⊤</mi></msup><mi>x</mi></math>
    """
    return element(MathML(names or {}).write(e), block)


def from_latex(text: str, block: bool = False) -> str:
    r"""LaTeX of the kind that is printed here as a ``math`` element.  Raises MatcalcError for any other command.

    >>> print(from_latex(r"\frac{\partial f}{\partial X}"))
    <math><mfrac><mrow><mi>∂</mi><mi>f</mi></mrow><mrow><mi>∂</mi><mi>X</mi></mrow></mfrac></math>
    """
    return element(presentation(text), block)


def element(inside: str, block: bool = False) -> str:
    """The outermost element around a formula."""
    return f'<math display="block">{inside}</math>' if block else f"<math>{inside}</math>"


class MathML(Latex):
    """Elements of MathML, laid out as LaTeX is."""

    def joined(self, out: Iterable[str]) -> str:
        """The elements that the pieces stand for."""
        return presentation(super().joined(out))


def presentation(latex: str) -> str:
    """The elements of a formula."""
    return _Reader(latex).read()


@dataclass(slots=True)
class _Atom:
    """An element with its scripts; `kind` is what the spaces around it depend on."""

    base: str
    kind: str = "letter"
    under: str = ""
    over: list[str] = field(default_factory=list)

    def written(self) -> str:
        over = _row(self.over) if self.over else ""
        if not self.under and not over:
            return self.base
        name = "underover" if self.kind == "large" else "subsup"
        below, above = (name[:5], name[5:]) if self.kind == "large" else (name[:3], name[3:])
        tag = name if self.under and over else below if self.under else above
        return f"<m{tag}>{self.base}{self.under}{over}</m{tag}>"


@dataclass(slots=True)
class _Waiting:
    """A command that waits for its arguments, and what becomes of them."""

    count: int
    made: Callable[[list[str]], _Atom]
    args: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Frame:
    """What is open: a group, or what stands between `\\left` and `\\right`."""

    opened_by: str
    delimiter: str = ""
    row: list[_Atom] = field(default_factory=list)
    waiting: list[_Waiting] = field(default_factory=list)


class _Reader:
    """Reads LaTeX from left to right; what is open is on a stack, so that depth costs no recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: Iterator[str] = iter(_TOKEN.findall(text))
        self.frames = [_Frame("")]

    def read(self) -> str:
        for token in self.tokens:
            self.token(token)
        if len(self.frames) > 1 or self.frames[0].waiting:
            raise self.error("its brackets do not pair")
        return _spaced_row(self.frames[0].row)

    def error(self, reason: str) -> MatcalcError:
        return MatcalcError(f"This LaTeX has no MathML, {reason}: {self.text[:80]}")

    def token(self, token: str) -> None:
        """One token."""
        if token.isspace():
            return
        if token == "{":
            self.frames.append(_Frame("{"))
        elif token == "}":
            self.put(_Atom(_row([a.written() for a in _laid(self.closed("{").row)])))
        elif token in "^_":
            self.script(token)
        elif token == "'":
            self.last().over.append('<mo lspace="0" rspace="0">′</mo>')
        elif token.startswith("\\"):
            self.command(token[1:])
        elif token.isdigit() or token[0].isdigit():
            self.put(_Atom(f"<mn>{token}</mn>"))
        else:
            self.put(_sign(token, self.after_operator()))

    def command(self, name: str) -> None:
        """A command."""
        if name == "left":
            self.frames.append(_Frame("left", self.delimiter()))
        elif name == "right":
            self.fenced(self.closed("left"), self.delimiter())
        elif name in SPACES:
            self.put(_Atom(f'<mspace width="{SPACES[name]}"/>', "space"))
        elif name in ("frac", "tfrac", "binom"):
            self.wait(2, lambda args: _Atom(_fraction(name, *args)))
        elif name == "sqrt":
            self.wait(1, lambda args: _Atom(f"<msqrt>{args[0]}</msqrt>"))
        elif name in ACCENTS:
            sign, tag = ACCENTS[name]
            self.wait(1, lambda args: _Atom(f'<m{tag} accent{tag}="true">{args[0]}<mo>{sign}</mo></m{tag}>'))
        elif name in STYLES or name in ALPHABETS:
            self.put(_styled(name, self.word()))
        elif name in FUNCTIONS:
            self.put(_Atom(f"<mi>{name}</mi>", "function"))
        elif name in LETTERS:
            upright = ' mathvariant="normal"' if name in UPRIGHT else ""
            self.put(_Atom(f"<mi{upright}>{LETTERS[name]}</mi>"))
        elif name in LARGE:
            self.put(_Atom(f"<mo>{LARGE[name]}</mo>", "large"))
        elif name in SIGNS:
            self.put(_sign(SIGNS[name], self.after_operator()))
        else:
            raise self.error(f"for it does not know \\{name}")

    # --- what is open -----------------------------------------------------------------------------------------------

    def put(self, atom: _Atom) -> None:
        """Add an element, or give it to the command that waits for one."""
        frame = self.frames[-1]
        while frame.waiting:
            waiting = frame.waiting[-1]
            waiting.args.append(atom.written())
            if len(waiting.args) < waiting.count:
                return
            frame.waiting.pop()
            atom = waiting.made(waiting.args)
        frame.row.append(atom)

    def wait(self, count: int, made: Callable[[list[str]], _Atom]) -> None:
        """Have a command wait for its arguments."""
        self.frames[-1].waiting.append(_Waiting(count, made))

    def script(self, sign: str) -> None:
        """What follows stands above or below the last element."""
        atom = self.last()
        self.frames[-1].row.pop()

        def scripted(args: list[str]) -> _Atom:
            if sign == "^":
                atom.over.append(args[0])
            else:
                atom.under += args[0]
            return atom

        self.wait(1, scripted)

    def last(self) -> _Atom:
        """The last element; an empty one where there is none."""
        frame = self.frames[-1]
        if not frame.row or frame.waiting:
            frame.row.append(_Atom("<mrow></mrow>"))
        return frame.row[-1]

    def closed(self, opened_by: str) -> _Frame:
        """What was open, without what is missing in it."""
        if self.frames[-1].opened_by != opened_by or self.frames[-1].waiting:
            raise self.error("its brackets do not pair")
        return self.frames.pop()

    def fenced(self, frame: _Frame, closing: str) -> None:
        """What stands between two brackets, which grow with it."""
        inside = [a.written() for a in _laid(frame.row)]
        signs = [f'<mo form="{form}">{sign}</mo>' if sign else "" for form, sign in
                 (("prefix", frame.delimiter), ("postfix", closing))]  # fmt: skip
        self.put(_Atom(f"<mrow>{signs[0]}{''.join(inside)}{signs[1]}</mrow>", "fence"))

    def delimiter(self) -> str:
        """The bracket behind `\\left` or `\\right`; a dot is none."""
        found = next((t for t in self.tokens if not t.isspace()), "")
        sign = SIGNS.get(found[1:], found[1:]) if found.startswith("\\") else found
        return "" if sign == "." else _escaped(sign)

    def word(self) -> list[str]:
        """The letters and commands between the braces that follow."""
        found: list[str] = []
        depth = 0
        for token in self.tokens:
            depth += (token == "{") - (token == "}")
            if token not in "{}":
                found.append(token)
            if not depth and not token.isspace():
                return found
        raise self.error("its brackets do not pair")

    def after_operator(self) -> bool:
        """Whether what comes stands behind nothing, or behind an operator, so that a minus is a sign."""
        row = self.frames[-1].row
        return not row or row[-1].kind == "operator"


def _sign(sign: str, first: bool) -> _Atom:
    """A letter, or an operator with the spaces it needs."""
    if sign.isalpha():
        return _Atom(f"<mi>{sign}</mi>")
    if sign in "-−":
        return _Atom('<mo form="prefix">−</mo>' if first else "<mo>−</mo>", "operator")
    if sign == ":":
        return _Atom('<mo lspace="0.278em" rspace="0.278em">:</mo>', "operator")
    opens, closes = sign in "([{⟨⌊⌈", sign in ")]}⟩⌋⌉"
    stretched = ' stretchy="false"' if opens or closes or sign in "|‖" else ""
    return _Atom(f"<mo{stretched}>{_escaped(sign)}</mo>", "letter" if closes or sign in "|‖!′" else "operator")


def _styled(name: str, word: list[str]) -> _Atom:
    """A word in a style: upright, italic, bold, or in another alphabet."""
    letters = ""
    for token in word:
        known = token[1:] in LETTERS or token[1:] in SIGNS
        letters += (LETTERS.get(token[1:]) or SIGNS[token[1:]]) if token[:1] == "\\" and known else token
    if name in ALPHABETS:
        letters = "".join(ALPHABETS[name].get(c, c) for c in letters)
    letters = _escaped(letters)
    tag = "mn" if letters.isdigit() else "mi"
    alone = ' mathvariant="normal"' if len(letters) == 1 and tag == "mi" and name != "mathit" else ""
    style = f' style="{STYLES[name]}"' if STYLES.get(name) else ""
    function = name == "operatorname"
    return _Atom(f"<{tag}{alone}{style}>{letters}</{tag}>", "function" if function else "letter")


def _fraction(name: str, over: str, under: str) -> str:
    if name == "binom":
        return f'<mrow><mo>(</mo><mfrac linethickness="0">{over}{under}</mfrac><mo>)</mo></mrow>'
    small = ' displaystyle="false"' if name == "tfrac" else ""
    return f"<mfrac{small}>{over}{under}</mfrac>"


def _laid(row: list[_Atom]) -> Iterator[_Atom]:
    """The atoms of a row, with the signs and spaces that functions need around them."""
    for i, atom in enumerate(row):
        if atom.kind == "function" and i and row[i - 1].kind in ("letter", "fence"):
            yield _Atom(f'<mspace width="{THIN}"/>', "space")
        yield atom
        follows = row[i + 1].kind if i + 1 < len(row) else ""
        if atom.kind == "fence" and follows == "letter":
            yield _Atom(f'<mspace width="{THIN}"/>', "space")
        if atom.kind == "function" and follows in ("letter", "fence", "function"):
            space = "0" if follows == "fence" else THIN
            yield _Atom(f'<mo lspace="0" rspace="{space}">&#x2061;</mo>', "space")  # application, which is not seen


def _row(elements: list[str]) -> str:
    """Elements as one."""
    return elements[0] if len(elements) == 1 else f"<mrow>{''.join(elements)}</mrow>"


def _spaced_row(row: list[_Atom]) -> str:
    return "".join(a.written() for a in _laid(row))


def _escaped(sign: str) -> str:
    return sign.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
