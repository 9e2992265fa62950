"""Every refusal is a MatcalcError: what was typed with a caret, one sentence, and the likely fix."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from .packages import OPTIONAL, missing

P = ParamSpec("P")
R = TypeVar("R")

_WINDOW = 60  # characters shown on each side of the place


class MatcalcError(Exception):
    """The base of every error that matcalc raises about its input.

    ``message`` is one sentence, ``hint`` the likely fix, ``text`` what was typed and ``start``/``end`` the place.
    """

    def __init__(
        self, message: str, *, text: str | None = None, start: int | None = None, end: int | None = None, hint: str = ""
    ) -> None:
        self.message, self.hint, self.text, self.start, self.end = message, hint, text, start, end
        super().__init__(message)

    def at(self, text: str, start: int, end: int) -> MatcalcError:
        """This error with its text and its place, unless it already has them."""
        if self.text is None:
            self.text = text
            if self.start is None:
                self.start, self.end = start, end
        return self

    def __str__(self) -> str:
        pointed = self.text is not None and self.start is not None
        # A traceback puts the name of the class before the first line, where a caret below would miss its place.
        return "\n" * pointed + "\n".join(self.lines())

    def lines(self) -> list[str]:
        """What was typed and the caret below its place, where there is one; the sentence; the hint."""
        lines = [self.message]
        if self.text is not None and self.start is not None:
            lines = [*_pointed(self.text, self.start, self.end or self.start + 1), *lines]
        return [*lines, *self.hint.splitlines()]


@contextmanager
def needing(what: str) -> Iterator[None]:
    """Say in a MatcalcError which package something needs that cannot be imported.

    >>> with needing("evaluate"):
    ...     raise ModuleNotFoundError("No module named 'numpy'", name="numpy")
    Traceback (most recent call last):
        ...
    matcalc.MissingPackage: evaluate needs NumPy: it cannot be imported here.
    Install it, for example with: python -m pip install numpy
    """
    try:
        yield
    except ImportError as problem:
        package = missing(problem)
        if package is None:
            raise
        said = f"{what} needs {OPTIONAL[package]}: it cannot be imported here."
        raise MissingPackage(said, hint=f"Install it, for example with: python -m pip install {package}") from None


def border(f: Callable[P, R]) -> Callable[P, R]:
    """Raise the refusals of a public function at its call: the frames inside it say nothing to who called it.

    They are kept where Python runs in development mode, `python -X dev`.
    """

    @wraps(f)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with needing(f.__name__.strip("_")):
                return f(*args, **kwargs)
        except MatcalcError as error:
            if sys.flags.dev_mode:
                raise
            raise error.with_traceback(None) from None

    return called


def _pointed(text: str, start: int, end: int) -> list[str]:
    """The typed line, cut to a window, with carets under the place."""
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    line = text[begin : stop if stop >= 0 else len(text)]
    column, width = start - begin, max(1, min(end, begin + len(line)) - start)
    left = max(0, column - _WINDOW)
    right = min(len(line), column + min(width, _WINDOW) + _WINDOW)
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line[left:right])
    prefix, suffix = "…" if left else "", "…" if right < len(line) else ""
    carets = "^" * max(1, min(width, right - column, _WINDOW))
    return [f"  {prefix}{shown}{suffix}", "  " + " " * (column - left + len(prefix)) + carets]


class ParseError(MatcalcError):
    """The text is not an expression of the language."""


class AmbiguityError(MatcalcError):
    """Two readers would disagree about what the text means; the hint shows both readings."""


class ShapeError(MatcalcError):
    """Operands do not conform."""


class NameProblem(MatcalcError):
    """A name is unknown, reserved, declared twice or used as two different things."""


class RuleError(MatcalcError):
    """A rule file is malformed, or one of its rules is."""


class NotDifferentiable(MatcalcError):
    """No rule says how to differentiate an operation, or to write a form of its derivative."""


class EvaluationError(MatcalcError):
    """Numbers are missing, of the wrong shape, or outside an operation's domain."""


class VerificationError(MatcalcError):
    """A numerical check disagreed with the symbolic result."""


class MissingPackage(MatcalcError):
    """What was asked for needs NumPy, SymPy or another package that cannot be imported here."""


for _public in (MatcalcError, *MatcalcError.__subclasses__()):
    _public.__module__ = "matcalc"  # where they are imported from, and what a traceback calls them
