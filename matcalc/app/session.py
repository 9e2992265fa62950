"""What may be typed into the REPL: derivatives, declarations, expressions and commands, without the terminal.

A session keeps declarations, rule files and the last answer.  `Session.run` takes a statement and gives the text to
print; whatever is wrong with it is a MatcalcError, and then the session is as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from ..api import alternatives, differentiate, equal, expand, factor, simplify
from ..derivatives.derivative import Derivatives
from ..derivatives.problem import read
from ..errors import MatcalcError, NameProblem, ParseError
from ..expressions.nodes import Expr
from ..language.declarations import parse_declarations
from ..language.declared import Declaration, Declared, FunctionDeclared, Let
from ..language.given import Assumptions, Shapes
from ..language.names import canonical
from ..normal_form.theory import Entry
from ..rulebook.book import RuleBook, default
from ..rules import load
from ..shapes.brackets import walk
from .answers import Answer, Style, answer_shapes, answer_text, derivation_text, expression_text, forms_text, parts
from .help import COMMANDS, FORMS, help_text
from .terminal import in_ascii

DECLARING = frozenset(
    "matrix vector scalar let function elementwise symmetric skew diagonal orthogonal positive spd psd triangular "
    "lower upper idempotent constant invertible nonnegative".split()
)

_LETTERS = "A-Za-zΑ-Ωα-ωϕϵϑµ"
_NAME = rf"[{_LETTERS}](?:[{_LETTERS}0-9₀-₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ]|_(?!\{{))*(?:_\{{[A-Za-z0-9]+\}})?"
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_POWER = r"(?:\^?([0-9]+)|\^\{([0-9]+)\}|([⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
_FIRST = re.compile(rf"\s*[d∂]\s*/\s*[d∂]({_NAME}(?:\s*,\s*{_NAME})*)")
_HIGHER = re.compile(rf"\s*[d∂]{_POWER}\s*/\s*")
_UNDER = re.compile(rf"\s*[d∂]({_NAME})(?:\^([0-9]+)|\^\{{([0-9]+)\}}|([⁰¹²³⁴⁵⁶⁷⁸⁹]+))?")
_WORD = re.compile(r"\s*([A-Za-z]+)(?:\s+(.*\S))?\s*$", re.DOTALL)
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


class Quit(Exception):
    """The person wants to leave."""


@dataclass(frozen=True, slots=True)
class Request:
    """A derivative asked for as `d/dW,b …`: the variables, the order, and where the expression begins.

    `mixed` is the one of the second derivatives that `d²/dx dy` asks for.
    """

    names: tuple[str, ...]
    order: int
    start: int
    mixed: str = ""


def derivative_request(text: str) -> Request | None:
    """The request that a statement is, if it begins like `d/dA`, `∂/∂W,b`, `d²/dx²` or `d2/dx dy`.

    >>> derivative_request("d/dW,b norm(W x + b)^2")
    Request(names=('W', 'b'), order=1, start=6, mixed='')
    >>> derivative_request("d2/dx2 x'A x")
    Request(names=('x',), order=2, start=6, mixed='')
    >>> derivative_request("d/dx + 1") is None, derivative_request("det(A)") is None
    (False, True)
    """
    first = _FIRST.match(text)
    if first:
        return Request(tuple(name.strip() for name in first[1].split(",")), 1, first.end())
    higher = _HIGHER.match(text)
    if not higher:
        return None
    order = _count(higher.groups())
    names: list[str] = []
    left, at = order, higher.end()
    while left > 0 and (under := _UNDER.match(text, at)):
        name, times = under[1], _count(under.groups()[1:])
        if not times and name.endswith(str(left)) and len(name) > len(str(left)):
            name, times = name.removesuffix(str(left)), left
        names.append(name)
        left -= times or 1
        at = under.end()
    if left or not order:
        raise ParseError(
            f"The orders above and below the bar of d^{order}/… must be the same.",
            text=text,
            start=higher.start(),
            end=max(at, higher.end()),
            hint="Write d²/dx², d2/dx2 or d²/dx dy.",
        )
    distinct = tuple(dict.fromkeys(names))
    return Request(distinct, order, at, ",".join(map(canonical, names)) if len(distinct) > 1 else "")


def _count(digits: Iterable[str | None]) -> int:
    return next((int(d.translate(_RAISED)) for d in digits if d), 0)


def open_ended(text: str) -> bool:
    """Whether a statement goes on in the next line: a bracket is open, or it ends with a backslash.

    >>> open_ended("tr(A"), open_ended("A + \\\\"), open_ended("tr(A)) # ("), open_ended("let f = (A")
    (True, True, False, True)
    """
    depth = 0
    for line in text.split("\n"):
        for character in line.partition("#")[0]:
            depth = max(0, depth + _BRACKETS.get(character, 0))
    return depth > 0 or text.endswith("\\")


def statements(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The statements of a text, with the number of the line that each begins in; an empty line ends one, too."""
    begun, number = "", 0
    for n, line in enumerate(lines, 1):
        if not begun:
            number = n
        begun = f"{begun}\n{line}" if begun else line
        if line.strip() and open_ended(begun):
            continue
        yield number, begun
        begun = ""
    if begun:
        yield number, begun


def _plain(text: str) -> str:
    """A statement without comments and line continuations; every character keeps its place."""
    lines = []
    for line in text.split("\n"):
        code = line.partition("#")[0]
        lines.append(code[:-1] + " " if code.endswith("\\") else code)
    return "\n".join(lines)


@dataclass
class Session:
    """What has been declared and loaded, and the last answer."""

    style: Style = "unicode"
    shapes: Shapes = field(default_factory=dict)
    assume: Assumptions = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)
    book: RuleBook = field(default_factory=default)
    last: Answer | None = None
    _lets: dict[str, frozenset[str]] = field(default_factory=dict)
    _ask: Callable[..., Answer] = differentiate

    @property
    def where(self) -> str:
        """All declarations as text; a `let` stands behind those that it mentions, whenever it was typed."""
        first = [text for name, text in self.declared.items() if name not in self._lets]
        graph = {name: mentioned & self._lets.keys() for name, mentioned in self._lets.items()}
        return "\n".join([*first, *(self.declared[name] for name in TopologicalSorter(graph).static_order())])

    # --- statements -------------------------------------------------------------------------------------------------

    def run(self, typed: str) -> str:
        """Do what a statement says; the text to print.  Raises MatcalcError, or Quit."""
        text = _plain(typed)
        if not text.strip():
            return ""
        word = _WORD.match(text)
        if word and word[1] in COMMANDS:
            return self._command(word[1], word[2] or "")
        start = re.match(r"\s*([A-Za-z]+)\b(?!\s*\()", text)
        if start and start[1] in DECLARING:
            self.declare(text)
            return ""
        request = derivative_request(text)
        if request:
            return answer_text(self.differentiate(text, request), self.style)
        problem = read(text, self.shapes, self.assume, self.where, self.book)
        return expression_text(problem, self.style)

    def differentiate(
        self,
        text: str,
        request: Request,
        structure: str | None = None,
        layout: str | None = None,
        verify: bool = False,
    ) -> Answer:
        """The derivative of what stands behind the request in the text; it is the last answer from then on."""
        names = request.names
        expression = text[request.start :]
        ask = partial(
            differentiate,
            expression,
            names[0] if len(names) == 1 else names,
            shapes=self.shapes,
            assume=self.assume,
            where=self.where,
            order=request.order,
            rules=self.book,
            structure=structure,
            layout=layout,
        )
        try:
            answer: Answer = ask(verify=verify)
        except MatcalcError as error:
            if error.text == expression and error.start is not None:
                error.text, error.start = text, error.start + request.start
                error.end = error.end + request.start if error.end is not None else None
            raise
        self.last, self._ask = (
            answer[request.mixed] if isinstance(answer, Derivatives) and request.mixed else answer,
            ask,
        )
        return self.last

    def declare(self, text: str) -> None:
        """Keep declarations; a name that was declared already is declared anew."""
        declared, lets = dict(self.declared), dict(self._lets)
        try:
            for d in parse_declarations(text):
                name = canonical(d.name)
                self.declared.pop(name, None)
                self._lets.pop(name, None)
                self.declared[name] = _text(d, text)
                if isinstance(d, Let):
                    self._lets[name] = frozenset(canonical(n.text.rstrip("'")) for n in walk(d.node))
            self._check()
        except MatcalcError:
            self.declared, self._lets = declared, lets
            raise

    def _check(self) -> None:
        """Every named subexpression must still make sense."""
        try:
            where = self.where
        except CycleError as cycle:
            names = " → ".join(cycle.args[1])
            raise NameProblem(f"The definitions go round in a circle: {names}.") from None
        read("0", self.shapes, self.assume, where, self.book)
        for name in self._lets:
            read(name, self.shapes, self.assume, where, self.book)

    def load(self, path: Path) -> list[str]:
        """Add the rules of a file, in place of those that it had when it was loaded before; what it adds, by name."""
        own = self._own_rules()
        others = [e for e in own if e.file != path.name]
        base = RuleBook((*default().entries, *others))
        book = load(path, base)
        if len(others) < len(own):  # the others may rest on what has been replaced
            from ..checking.rules import check_entries

            check_entries(book, others)
        self.book = book
        return [f"{e.kind} {e.name}" for e in book.entries[len(base.entries) :]]

    # --- commands ---------------------------------------------------------------------------------------------------

    def _command(self, name: str, argument: str) -> str:
        if name in ("quit", "exit"):
            raise Quit
        does: dict[str, Callable[[str], str]] = {
            "steps": self._steps,
            "latex": lambda _: answer_text(self._answer(), "latex"),
            "ascii": lambda _: answer_text(self._answer(), "ascii"),
            "form": self._form,
            "forms": lambda _: self._forms(),
            "verify": lambda _: self._verify(),
            "shapes": lambda _: self._said(answer_shapes(self._answer())),
            "simplify": lambda text: self._expression(simplify, text),
            "expand": lambda text: self._expression(expand, text),
            "factor": lambda text: self._expression(factor, text),
            "alternatives": self._alternatives,
            "equal": self._equal,
            "show": lambda _: self._show(),
            "forget": self._forget,
            "clear": lambda _: self._clear(),
            "rules": self._rules,
            "functions": self._functions,
            "help": self._help,
        }
        wants = {"form", "forget", "rules", "simplify", "expand", "factor", "alternatives", "equal"}
        if name in wants and not argument:
            raise ParseError(f"`{name}` needs something behind it.", hint=COMMANDS[name])
        return does[name](argument)

    def _said(self, text: str) -> str:
        return text if self.style == "unicode" else in_ascii(text)

    def _answer(self) -> Answer:
        if self.last is None:
            raise NameProblem("There is no answer yet.", hint="Ask for one, for example: d/dA tr(A B)")
        return self.last

    def _steps(self, argument: str) -> str:
        styles: dict[str, Style] = {"": self.style, "unicode": "unicode", "ascii": "ascii", "latex": "latex"}
        if argument not in styles:
            raise ParseError(f"There are no steps '{argument}'.", hint="Write steps, steps ascii or steps latex.")
        return derivation_text(self._answer(), styles[argument])

    def _form(self, argument: str) -> str:
        return forms_text(self._answer(), [argument], self.style)

    def _forms(self) -> str:
        return forms_text(self._answer(), FORMS, self.style, skipping=True)

    def _verify(self) -> str:
        self._answer()
        self._ask(verify=True)
        return VERIFIED

    def _context(self) -> dict[str, Any]:
        """What the functions of the Python interface take."""
        return {"shapes": self.shapes, "assume": self.assume, "where": self.where, "rules": self.book}

    def _expression(self, function: Callable[..., Expr], text: str) -> str:
        e = function(text, **self._context())
        return e.ascii() if self.style == "ascii" else str(e)

    def _alternatives(self, text: str) -> str:
        found = alternatives(text, **self._context())
        return self._said("\n".join(map(str, found)) or "No identity applies.")

    def _equal(self, text: str) -> str:
        left, sign, right = text.partition("=")
        if not sign:
            raise ParseError("`equal` needs two expressions.", hint=COMMANDS["equal"])
        return str(equal(left, right.removeprefix("="), **self._context()))

    def _show(self) -> str:
        added = [f"rules {file}" for file in dict.fromkeys(e.file for e in self._own_rules())]
        return self._said("\n".join([*self.where.splitlines(), *added]) or "Nothing is declared.")

    def _own_rules(self) -> Sequence[Entry]:
        return self.book.entries[len(default().entries) :]

    def _forget(self, argument: str) -> str:
        names = [canonical(name) for name in re.split(r"[\s,]+", argument)]
        for name in names:
            if name not in self.declared:
                raise NameProblem(f"{name} is not declared.", hint="`show` lists what is declared.")
        for name in names:
            self.declared.pop(name, None)
            self._lets.pop(name, None)
        return ""

    def _clear(self) -> str:
        self.declared, self._lets, self.book, self.last = {}, {}, default(), None
        self.shapes, self.assume = {}, {}
        return ""

    def _rules(self, argument: str) -> str:
        return "\n".join(self.load(Path(argument.strip("'\"")).expanduser()))

    def _functions(self, argument: str) -> str:
        from ..rulebook.catalogue import catalogue, described

        return self._said(described(self.book, argument) if argument else catalogue(self.book))

    def _help(self, argument: str) -> str:
        return self._said(help_text(argument, self.book))

    # --- for completion ---------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """The names that are declared or occur in the last answer."""
        used = parts(self.last)[0].problem.symbols if self.last else {}
        return list(dict.fromkeys([*self.declared, *used]))


VERIFIED = "verified with numbers: the answer and every line of its derivation"


def _text(d: Declaration, text: str) -> str:
    """One declaration on its own."""
    if isinstance(d, Let | FunctionDeclared):
        return text[d.start : d.end]
    assert isinstance(d, Declared)
    shape = f"({', '.join(map(str, d.shape))})" if d.shape else ""
    return " ".join([*sorted(d.properties), d.kind, d.name]) + shape
