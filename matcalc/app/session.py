"""What may be typed into the REPL: derivatives, declarations, expressions and commands, without the terminal.

A session keeps declarations, rule files and the last answer.  `Session.run` takes a statement and gives the text to
print; whatever is wrong with it is a MatcalcError, and then the session is as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from os import PathLike
from os.path import basename
from pathlib import Path
from typing import cast, get_args

from ..api import alternatives, differentiate, equal, expand, factor, simplify
from ..arguments import choice, short, shown
from ..arguments import path as path_given
from ..arguments import text as text_given
from ..derivatives.choices import FORMS
from ..derivatives.derivatives import Derivatives
from ..derivatives.problem import read
from ..errors import MatcalcError, NameProblem, ParseError, RuleError, border, needing
from ..expressions.nodes import Expr
from ..language.declarations import parse_declarations
from ..language.dialects import SYNTAXES
from ..language.given import Assumptions, Shapes, properties_given, shapes_given
from ..language.names import canonical
from ..language.requests import Request, asked_for, definition_of
from ..language.tree import parse
from ..normal_form.theory import Entry
from ..rulebook.book import RuleBook, default, extended, source_text
from ..rules import book_of
from ..simplification.shown import Shown
from .answers import Answer, Style, answer_shapes, answer_text, derivation_text, expression_text, forms_text, parts
from .declarations import Declarations, Kept, kept
from .help import COMMANDS, help_text
from .statements import in_one_line, plain
from .terminal import in_ascii

DECLARING = frozenset(
    "matrix vector scalar let function elementwise symmetric skew diagonal orthogonal positive spd psd triangular "
    "lower upper idempotent constant invertible nonnegative".split()
)

_WORD = re.compile(r"\s*([A-Za-z]+)(?:\s+(.*\S))?\s*$", re.DOTALL)


def _declares(text: str) -> bool:
    """Whether a statement begins like a declaration."""
    start = re.match(r"\s*([A-Za-z]+)\b(?!\s*\()", text)
    return bool(start and start[1] in DECLARING)


class Quit(Exception):
    """The person wants to leave."""


class Session:
    """Statements done one after another, as the REPL and files of statements do them.

    A session keeps what has been declared, the rules that were loaded and the last answer.  `shapes` and `assume` are
    declarations as `differentiate` takes them, and hold for every statement; `rules` adds rules.  The texts that it
    gives are written in a style: "unicode", "ascii" or "latex"; `syntax` says "latex" or "plain" of what is typed.

    >>> session = Session(shapes={"X": ("m", "n")})
    >>> session.declare("let r = X w - y")
    >>> print(session.run("d/dw 1/2 norm(r)^2"))
    ∂f/∂w = Xᵀ (X w - y)
    X: m×n, w: n, y: m
    >>> session.last
    <∂f/∂w = Xᵀ (X w - y)>
    >>> print(session.run("form pullback"))
    G Xᵀ (X w - y)
    the gradient of φ(f) by w, where G = ∂φ/∂f
    X: m×n, w: n, y: m
    """

    Quit = Quit
    """What `run` raises where the statement is to leave."""

    last: Answer | None
    """The last answer, a `Derivative` or `Derivatives`."""

    @border
    def __init__(
        self,
        shapes: Shapes | None = None,
        assume: Assumptions | None = None,
        rules: str | PathLike[str] | RuleBook | None = None,
        style: Style = "unicode",
        syntax: str | None = None,
    ) -> None:
        self.shapes: Shapes = shapes_given(shapes)
        self.assume: Assumptions = properties_given(assume)
        self.book = book_of(rules)
        self.style: Style = cast(Style, choice(style, "The style", get_args(Style)))
        self.syntax = None if syntax is None else choice(syntax, "The syntax of a text", SYNTAXES)
        self.declared = Declarations()
        self.last = None
        self._ask: Callable[..., Answer] = differentiate

    def __repr__(self) -> str:
        declared = ", ".join(self.declared) or "nothing"
        return f"<{short(f'session: {declared} declared, {self._last_in_words()}')}>"

    def _last_in_words(self) -> str:
        if self.last is None:
            return "no answer yet"
        return f"last answer {'; '.join(repr(d)[1:-1] for d in parts(self.last))}"

    @property
    def where(self) -> str:
        """All declarations as text; a `let` stands behind those that it mentions, whenever it was typed."""
        return self.declared.text()

    # --- statements -------------------------------------------------------------------------------------------------

    @border
    def run(self, text: str) -> str:
        """Do what a statement says, as typed into the REPL; the text to print.

        Raises MatcalcError, and then the session is as it was; `quit` and `exit` raise `Session.Quit`.

        >>> print(Session().run("d/dA tr(A B)"))
        ∂f/∂A = Bᵀ
        A: m×n, B: n×m
        """
        text = plain(text_given(text, "A statement", "'d/dA tr(A B)'", ParseError))
        if not text.strip():
            return ""
        word = _WORD.match(text)
        if word and word[1] in COMMANDS:
            return self._command(word[1], word[2] or "")
        parts = in_one_line(text) if ";" in text else [text]
        if len(parts) > 1 and not all(map(_declares, parts)):
            return self._one_by_one(parts)
        if _declares(text):
            self.declare(text)
            return ""
        request = self.request(text)
        if request:
            return answer_text(self.differentiate(text, request), self.style)
        definition = definition_of(parse(text, words=self.book.aliases, syntax=self.syntax))
        if definition is not None:
            body = text[definition.body.start : definition.body.end]
            self.declare(f"let {definition.name} = {body}")
            text = definition.name
        problem = read(text, self.shapes, self.assume, self.where, self.book, syntax=self.syntax)
        return expression_text(problem, self.style)

    def _one_by_one(self, statements: Sequence[str]) -> str:
        """Several statements of one line; where one is refused, the session is as it was before the first."""
        before = self.declared.copy(), self.last, self._ask, self.book, self.shapes, self.assume
        complete = False
        try:
            said = [self.run(statement) for statement in statements]
            complete = True
        finally:
            if not complete:
                self.declared, self.last, self._ask, self.book, self.shapes, self.assume = before
        return "\n".join(filter(None, said))

    @border
    def request(self, text: str) -> Request | None:
        """The derivative that a statement asks for, if it is no declaration and no command."""
        text = text_given(text, "A statement", "'d/dA tr(A B)'", ParseError)
        word = _WORD.match(text)
        if not text.strip() or _declares(text) or (word and word[1] in COMMANDS):
            return None
        return asked_for(text, {*self.declared, *self.shapes}, self.book.aliases, self.syntax)

    @border
    def differentiate(
        self,
        text: str,
        request: Request,
        structure: str | None = None,
        layout: str | None = None,
        verify: bool = False,
    ) -> Answer:
        """The derivative of what stands behind the request in the text; it is the last answer from then on."""
        text = text_given(text, "A statement", "'d/dA tr(A B)'", ParseError)
        if not isinstance(request, Request):
            raise MatcalcError(f"What is asked for is a Request, not {shown(request)}.")
        names = request.names
        expression = text[request.start : request.end]
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
            syntax=self.syntax,
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

    @border
    def declare(self, text: str) -> None:
        """Keep declarations; a name that was declared already is declared anew.

        Raises MatcalcError, and then nothing of the text is declared.

        >>> session = Session()
        >>> session.declare("symmetric matrix S(n, n); let f = x' S x")
        >>> print(session.run("d/dx f"))
        ∂f/∂x = 2 S x
        x: n, S: n×n symmetric
        """
        text = text_given(text, "A declaration", "'vector x(n); let z = A x'", ParseError)
        before: list[tuple[str, Kept | None]] = []
        complete = False
        try:
            for d in parse_declarations(text):
                name = canonical(d.name)
                before.append((name, self.declared.kept.get(name)))
                self.declared.put(name, kept(d, text))
            self._check(dict.fromkeys(name for name, _ in before))
            complete = True
        finally:
            for name, declaration in () if complete else reversed(before):
                self.declared.put(name, declaration)

    def _check(self, changed: Mapping[str, None]) -> None:
        """What was declared, and every named subexpression that mentions it, must make sense."""
        alone = [name for name in changed if not self.declared.kept[name].is_let]
        read("0", self.shapes, self.assume, self.declared.text(alone), self.book)
        for name in self.declared.dependent(changed):
            needed = self.declared.needed(name)
            if needed is not None:
                read(name, self.shapes, self.assume, self.declared.text(needed), self.book)

    @border
    def load(self, path: str | PathLike[str]) -> list[str]:
        """Add the rules of a file, in place of those that it had when it was loaded before; what it adds, by name.

        Raises RuleError.
        """
        file = path_given(path, "A rule file", RuleError)
        text, name = source_text(file)
        own = self._own_rules()
        others = [e for e in own if e.file != name]
        book, more = extended(text, name, (*default().entries, *others))
        with needing("Checking rules with numbers"):
            from ..checking.rules import check_entries

            trusted = check_entries(book, more)
            if len(others) < len(own):  # the others may rest on what has been replaced
                trusted += check_entries(book, others)
            else:
                trusted += self.book.trusted
        book.trusted = tuple(trusted)
        self.book = book
        return [f"{e.kind} {e.name}" for e in more]

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

    def _context(self) -> tuple[Shapes, Assumptions, str, RuleBook, str | None]:
        """What the functions of the Python interface take behind their expression."""
        return self.shapes, self.assume, self.where, self.book, self.syntax

    def _expression(self, function: Callable[..., Expr | Shown], text: str) -> str:
        e = function(text, *self._context())
        return e.ascii() if self.style == "ascii" else str(e)

    def _alternatives(self, text: str) -> str:
        found = alternatives(text, *self._context())
        return self._said("\n".join(map(str, found)) or "No identity applies.")

    def _equal(self, text: str) -> str:
        left, sign, right = text.partition("=")
        if not sign:
            raise ParseError("`equal` needs two expressions.", hint=COMMANDS["equal"])
        return str(equal(left, right.removeprefix("="), *self._context()))

    def _show(self) -> str:
        added = [f"rules {basename(file)}" for file in dict.fromkeys(e.file for e in self._own_rules())]
        return self._said("\n".join([*self.where.splitlines(), *added]) or "Nothing is declared.")

    def _own_rules(self) -> Sequence[Entry]:
        return self.book.entries[len(default().entries) :]

    def _forget(self, argument: str) -> str:
        names = [canonical(name) for name in re.split(r"[\s,]+", argument)]
        for name in names:
            if name not in self.declared:
                raise NameProblem(f"{name} is not declared.", hint="`show` lists what is declared.")
        for name in names:
            self.declared.put(name, None)
        return ""

    def _clear(self) -> str:
        self.declared, self.book, self.last = Declarations(), default(), None
        self.shapes, self.assume = {}, {}
        return ""

    def _rules(self, argument: str) -> str:
        added = self.load(Path(argument.strip("'\"")).expanduser())
        return "\n".join([*added, *(f"taken on trust: {said}" for said in self.book.trusted)])

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
