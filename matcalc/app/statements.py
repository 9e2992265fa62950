"""Statements as they are typed: where each ends, and whether it asks for a derivative, as `d/dW,b …` does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..errors import ParseError
from ..language.names import canonical

_LETTERS = "A-Za-zΑ-Ωα-ωϕϵϑµ"
_NAME = rf"[{_LETTERS}](?:[{_LETTERS}0-9₀-₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ]|_(?!\{{))*(?:_\{{[A-Za-z0-9]+\}})?"
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_POWER = r"(?:\^?([0-9]+)|\^\{([0-9]+)\}|([⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
_FIRST = re.compile(rf"\s*[d∂]\s*/\s*[d∂]({_NAME}(?:\s*,\s*{_NAME})*)")
_HIGHER = re.compile(rf"\s*[d∂]{_POWER}\s*/\s*")
_UNDER = re.compile(rf"\s*[d∂]({_NAME})(?:\^([0-9]+)|\^\{{([0-9]+)\}}|([⁰¹²³⁴⁵⁶⁷⁸⁹]+))?")
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


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


def plain(text: str) -> str:
    """A statement without comments and line continuations; every character keeps its place."""
    lines = []
    for line in text.split("\n"):
        code = line.partition("#")[0]
        lines.append(code[:-1] + " " if code.endswith("\\") else code)
    return "\n".join(lines)
