"""The REPL: a session at the terminal, or fed from a pipe.

From a pipe, statements are done one by one and the first that is refused ends the run with exit code 1: later lines
could mean something else without it.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import MatcalcError, needing
from ..language.names import SPELLED
from .help import COMMANDS
from .session import DECLARING, Quit, Session
from .statements import open_ended, statements
from .terminal import complain, typed_lines

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

PROMPT = "> "  # two columns, as errors indent what they point into: carets stand under what was typed
SIGNS = {
    "T": "ᵀ", "top": "ᵀ", "inv": "⁻¹", "odot": "⊙", "circ": "∘", "oslash": "⊘", "otimes": "⊗", "cdot": "·",
    "partial": "∂", "norm": "‖", "star": "⋆",
}  # fmt: skip
_BEFORE_CURSOR = re.compile(r"\\?[^\W\d_]\w*$|\\$")


def run(session: Session) -> int:
    """Talk, or do what comes through the pipe; the exit code."""
    if sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty():
        return _talk(session)
    try:
        return run_lines(session, typed_lines())
    except UnicodeDecodeError:
        print("matcalc: the standard input is not UTF-8", file=sys.stderr)
        return 1


def run_lines(session: Session, lines: Iterable[str]) -> int:
    """Do the statements of a text until one is refused; the exit code."""
    for number, statement in statements(lines):
        try:
            text = session.run(statement)
        except Quit:
            return 0
        except MatcalcError as error:
            sys.stdout.flush()
            complain(error, f"line {number}:")
            return 1
        if text:
            print(text, flush=True)
    return 0


def _talk(session: Session) -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Ctrl-C takes back a line, not the session
    with needing("The REPL at a terminal"):
        prompt = prompt_of(session)
    print(f"matcalc {__version__}: type d/dA tr(A B Aᵀ C), or help." if session.style == "unicode" else "matcalc: help")
    while True:
        try:
            typed = prompt.prompt(PROMPT)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return 0
        for _, statement in statements(typed.split("\n")):
            try:
                text = session.run(statement)
            except Quit:
                return 0
            except MatcalcError as error:
                complain(error)
                break
            except KeyboardInterrupt:
                print("interrupted", file=sys.stderr)
                break
            if text:
                print(text)


def prompt_of(session: Session) -> PromptSession[str]:
    """What asks for statements at the terminal: with history, completion, and its own keys."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document

    class Names(Completer):
        """Completes what `completions` offers."""

        def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
            """What may stand at the cursor."""
            typed = _BEFORE_CURSOR.search(document.text_before_cursor)
            if typed:
                first = not document.text_before_cursor[: typed.start()].strip()
                for text, shown in completions(session, typed[0], first):
                    yield Completion(text, start_position=-len(typed[0]), display=shown)

    return PromptSession(
        multiline=True,
        key_bindings=_keys(),
        completer=Names(),
        complete_while_typing=False,
        history=history(),
        prompt_continuation=". ",
    )


def completions(session: Session, typed: str, first: bool) -> Iterator[tuple[str, str]]:
    r"""What a word may become, and how it is offered; commands only where a statement begins.

    >>> list(completions(Session(), "\\lam", False)), list(completions(Session(), "logd", False))
    ([('λ', 'λ lambda')], [('logdet(', 'logdet')])
    """
    if typed.startswith("\\"):
        for name, sign in (SPELLED | SIGNS).items():
            if name.startswith(typed[1:]):
                yield sign, f"{sign} {name}"
        return
    if first:
        for word in (*COMMANDS, *DECLARING):
            if word.startswith(typed):
                yield word, word
    for name in session.names():
        if name.startswith(typed):
            yield name, name
    for name, operators in session.book.aliases.items():
        if name.startswith(typed) and name.isascii():
            yield name + (".(" if operators[0].elementwise else "("), name
    for name, sign in SPELLED.items():
        if len(typed) > 1 and name.startswith(typed):
            yield sign, f"{sign} {name}"


def _keys() -> KeyBindings:
    """Enter runs a statement that is complete, or any after an empty line; Alt-Enter goes on in a new line."""
    from prompt_toolkit.filters import is_searching
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("enter", filter=~is_searching)  # while Ctrl-R searches, Enter takes what was found
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        last = buffer.document.current_line
        if open_ended(buffer.text) and last.strip():
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter", filter=~is_searching)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\\\n")  # the backslash says that the statement goes on

    return keys


def history_file() -> Path:
    """Where the history is kept: the folder for such files that the XDG specification names."""
    state = os.environ.get("XDG_STATE_HOME") or ""
    folder = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    return folder / "matcalc" / "history"


def history() -> History:
    """The history in its file; where that cannot be written, only of this session."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    try:
        path = history_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
    except (OSError, RuntimeError):  # RuntimeError: there is no home directory
        return InMemoryHistory()

    class Kept(FileHistory):
        """A file that may become unwritable, on a full disk for example."""

        def store_string(self, string: str) -> None:
            """Keep a statement for the next session, if that can be."""
            try:
                super().store_string(string)
            except OSError:
                return

    return Kept(str(path))
