"""The streams of a command: whether they take Unicode, and how an error is written to them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from typing import TextIO

from ..errors import MatcalcError

_SAMPLE = "∂Aᵀ⁻¹λ⊙⊗²×‖·"


def takes_unicode(stream: TextIO | None) -> bool:
    """Whether what we print can be written there.

    LC_ALL=C is a wish for ASCII, although Python writes UTF-8 under it; PYTHONUTF8 and PYTHONIOENCODING outrank it.
    """
    if os.environ.get("LC_ALL") in ("C", "POSIX") and not {"PYTHONUTF8", "PYTHONIOENCODING"} & os.environ.keys():
        return False
    try:
        _SAMPLE.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def forgive_encodings() -> None:
    """Never fail on a character: one question mark for each keeps carets under their place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def in_ascii(text: str) -> str:
    """Words, labels and shapes in ASCII.

    >>> in_ascii("∂f/∂A, A: m×n")
    'df/dA, A: m x n'
    """
    from ..printing.words import to_ascii

    return to_ascii(text.replace("×", " x "))


def complain(error: MatcalcError, place: str = "") -> None:
    """Write an error to stderr."""
    lines = error.lines()
    if not takes_unicode(sys.stderr):
        pointed = 2 if error.text is not None and error.start is not None else 0
        lines = [line if i < pointed else in_ascii(line) for i, line in enumerate(lines)]
        lines = [line.encode("ascii", "replace").decode("ascii") for line in lines]
    print(*([place] if place else []), *lines, sep="\n", file=sys.stderr, flush=True)


def typed_lines() -> Iterator[str]:
    """The lines of standard input, which are UTF-8 whatever the locale says.  Raises UnicodeDecodeError."""
    for number, line in enumerate(sys.stdin.buffer if sys.stdin else ()):
        yield line.decode("utf-8-sig" if number == 0 else "utf-8").rstrip("\r\n")
