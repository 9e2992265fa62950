"""Statements as they are typed: where each ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


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


def in_one_line(text: str) -> list[str]:
    """The statements that semicolons separate, outside of brackets.

    >>> in_one_line("let D = W X; d/dX D")
    ['let D = W X', 'd/dX D']
    """
    depth, begun, found = 0, 0, []
    for at, character in enumerate(text):
        depth = max(0, depth + _BRACKETS.get(character, 0))
        if character == ";" and not depth and text[at - 1 : at] != "\\":  # \\; is a space of LaTeX
            found.append(text[begun:at])
            begun = at + 1
    return [part.strip() for part in [*found, text[begun:]] if part.strip()]


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


def plain(text: str) -> str:
    """A statement without comments and line continuations; every character keeps its place."""
    lines = []
    for line in text.split("\n"):
        code = line.partition("#")[0]
        lines.append(code[:-1] + " " if code.endswith("\\") else code)
    return "\n".join(lines)
