"""The command `matcalc`: differentiate what the arguments say, or open the REPL.

Exit codes: 0 an answer, 1 a refusal (on stderr, nothing on stdout), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from .. import __version__
from ..derivatives.choices import FORMS, LAYOUTS, STRUCTURES, order_given
from ..errors import MatcalcError
from .terminal import complain, forgive_encodings, takes_unicode, typed_lines

if TYPE_CHECKING:
    from .answers import Answer, Style
    from .session import Session

REFUSED, INTERRUPTED, BROKEN_PIPE = 1, 130, 141
HANDBOOK = "handbook"

_EPILOG = """\
examples:
  matcalc 'tr(A B A^T C)' A
  matcalc 'norm(W x + b)^2' W b --steps
  matcalc "x' S x" x --where 'symmetric matrix S(n, n)'
  echo 'logdet(X)' | matcalc - X --latex
  matcalc functions                 one statement of the REPL: also 'd/dA tr(A B)', 'help'
  matcalc handbook [FILE.html]      all rules and operators as a page for the browser (- prints it)
  matcalc                           the REPL

An expression may begin with one minus sign; put -- before one that begins with two.
exit codes: 0 answer, 1 refused (the reason is on stderr), 2 wrong usage, such as an option's value
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    forgive_encodings()
    if argv is None:
        signal.signal(signal.SIGINT, _interrupted)
    try:
        code = _main(list(sys.argv[1:] if argv is None else argv))
        if sys.stdout:
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _close_stdout()
        return BROKEN_PIPE
    except OSError as problem:
        _close_stdout()
        print(f"matcalc: the output cannot be written: {problem.strerror}", file=sys.stderr)
        return REFUSED


def _interrupted(*_: object) -> None:
    """Leave at once: an exception could be lost in a callback, or be printed."""
    os._exit(INTERRUPTED)


def _close_stdout() -> None:
    """Nobody reads on: what is still in the buffer must not raise again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="matcalc",
        usage="matcalc [options] EXPRESSION VARIABLE [VARIABLE …]\n       matcalc [options] STATEMENT\n       matcalc",
        description="Derivatives of matrix expressions, in closed form, with the derivation.",
        epilog=_EPILOG,
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, width=_columns() - 2),
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "words", nargs="*", metavar="EXPRESSION VARIABLE", help="what to differentiate (- reads it from stdin), by what"
    )
    add("--steps", action="store_true", help="show the derivation")
    add("--form", action="append", default=[], metavar="NAME", choices=FORMS, help=f"the answer as {_or(FORMS)}")
    add("--order", type=_order, default=1, metavar="N", help="the order of the derivative")
    add("--latex", action="store_true", help="print LaTeX")
    add("--latex-in", action="store_true", help="the expression is LaTeX, though it has no macro")
    add("--ascii", action="store_true", help="print ASCII, as is done where the terminal cannot show more")
    add("--shape", action="append", default=[], metavar="A=m,n", help="the shape of a name; x=n, t= for a scalar")
    add("--assume", action="append", default=[], metavar="S=symmetric", help="properties of a name")
    add("--where", action="append", default=[], metavar="TEXT", help="declarations: 'vector x(n); let z = A x'")
    add("--rules", action="append", default=[], metavar="FILE", help="add a file of operators and rules")
    add("--structure", metavar="NAME", choices=STRUCTURES, help=f"gradient by a structured variable: {_or(STRUCTURES)}")
    add(
        "--layout",
        metavar="NAME",
        choices=LAYOUTS,
        help=f"{_or(LAYOUTS)} layout, where it differs from what is printed",
    )
    add("--verify", action="store_true", help="check the answer and the derivation with numbers")
    add("--version", action="version", version=f"matcalc {__version__}")
    return parser


def _columns() -> int:
    """The width of the terminal; argparse would ask `shutil`, which takes longer to import than to parse options."""
    try:
        return int(os.environ.get("COLUMNS", 0)) or os.get_terminal_size().columns
    except (ValueError, OSError):
        return 80


def _or(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" or {names[-1]}"


def _order(text: str) -> int:
    try:
        return order_given(int(text) if text.isdecimal() and len(text) < 9 else text)
    except MatcalcError as error:
        raise argparse.ArgumentTypeError(error.message) from None


def _main(arguments: list[str]) -> int:
    parser = _parser()
    if any("\ud800" <= c <= "\udfff" for argument in arguments for c in argument):
        parser.error("an argument is not UTF-8")
    options = parser.parse_intermixed_args(_guarded(arguments))
    words = [word.strip() for word in options.words]
    if words and words[0] == "-":
        words[0] = _standard_input(parser)
    style: Style = (
        "latex" if options.latex else "ascii" if options.ascii or not takes_unicode(sys.stdout) else "unicode"
    )
    try:
        session = _session(parser, options, style)
        if not words:
            from .repl import run

            _no_derivative(parser, options)
            return run(session)
        text = _result(parser, options, words, session)
    except MatcalcError as error:
        complain(error)
        return REFUSED
    if text:
        print(text)
    return 0


def _guarded(arguments: list[str]) -> list[str]:
    """An expression may begin with a minus sign: a blank before it tells argparse that it is no option."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    dashed = [a[:1] == "-" and a[1:2] not in ("", "-") and a != "-h" for a in arguments[:end]]
    return [f" {a}" if d else a for a, d in zip(arguments, dashed + [False] * len(arguments), strict=False)]


def _standard_input(parser: argparse.ArgumentParser) -> str:
    try:
        return "\n".join(typed_lines())
    except UnicodeDecodeError:
        parser.error("the standard input is not UTF-8")


def _session(parser: argparse.ArgumentParser, options: argparse.Namespace, style: Style) -> Session:
    """A session with what the options declare; their values are wrong usage where they are none by themselves."""
    from ..language.given import properties_given, shapes_given
    from .session import Session

    shapes: dict[str, str] = {}
    assume: dict[str, list[str]] = {}
    for text in options.shape:
        name, shape = _pair(parser, "--shape", text)
        _valid(parser, "--shape", text, partial(shapes_given, {name: shape}))
        shapes[name] = shape
    for text in options.assume:
        name, words = _pair(parser, "--assume", text)
        _valid(parser, "--assume", text, partial(properties_given, {name: words}))
        assume.setdefault(name, []).append(words)
    for file in options.rules:
        if not os.path.isfile(file):
            parser.error(f"--rules: there is no file {file}")
    session = Session(shapes=shapes, assume=assume, style=style, syntax="latex" if options.latex_in else None)
    for file in options.rules:
        session.load(file)
    for said in session.book.trusted:
        print(f"taken on trust: {said}", file=sys.stderr)
    for text in options.where:
        session.declare(text)
    return session


def _valid(parser: argparse.ArgumentParser, option: str, text: str, check: Callable[[], object]) -> None:
    try:
        check()
    except MatcalcError as error:
        parser.error("\n".join([f"{option} {text}: {error.message}", *error.hint.splitlines()]))


def _pair(parser: argparse.ArgumentParser, option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        parser.error(f"{option} takes NAME=…, not {text!r}")
    return name.strip(), value.strip()


def _no_derivative(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuse options that need a derivative where there is none."""
    for name in ("steps", "form", "verify", "structure", "layout"):
        if getattr(options, name):
            parser.error(f"--{name} needs an expression and a variable")
    if options.order != 1:
        parser.error("--order needs an expression and a variable")


def _result(parser: argparse.ArgumentParser, options: argparse.Namespace, words: list[str], session: Session) -> str:
    """What to print."""
    from ..language.requests import Request
    from .help import COMMANDS
    from .session import Quit
    from .statements import in_one_line, plain

    if words[0] == HANDBOOK and len(words) < 3:
        _no_derivative(parser, options)
        return _handbook(session, words[1:])
    if words[0] in COMMANDS:
        words = [" ".join(words)]
    text = words[0]
    names = tuple(name.strip() for word in words[1:] for name in word.split(",") if name.strip())
    request = Request(names, options.order, 0) if names else None
    if request is None:
        try:
            *before, text = in_one_line(plain(text)) if ";" in text else [text]
            said = [session.run(statement) for statement in before]
            request = session.request(text)
            if request is None:
                _no_derivative(parser, options)
                return "\n".join(filter(None, [*said, session.run(text)]))
        except Quit:
            return ""
    answer = session.differentiate(text, request, options.structure, options.layout, options.verify)
    return _written(answer, options, session.style)


def _handbook(session: Session, words: list[str]) -> str:
    """Write the handbook of a session's rules, with those of --rules, and say where."""
    from .handbook.page import FILE, page, write

    path = words[0] if words else FILE
    if path == "-":
        return page(session.book)
    write(session.book, path)
    return f"The handbook is in {path}."


def _written(answer: Answer, options: argparse.Namespace, style: Style) -> str:
    from .answers import answer_text, derivation_text, forms_text
    from .session import VERIFIED

    blocks = [derivation_text(answer, style)] if options.steps else []
    if options.form:
        blocks.append(forms_text(answer, options.form, style))
    else:
        extra = [VERIFIED] if options.verify else []
        blocks.append(answer_text(answer, style, extra, after_steps=options.steps))
    return "\n\n".join(blocks)
