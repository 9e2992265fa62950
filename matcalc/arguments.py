"""What Python callers give, checked at the border: each refusal says what was expected and what was given.

Nothing here knows of expressions or arrays; `language.given` reads declarations and `evaluation.given` numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import islice
from operator import index
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Protocol

from .errors import MatcalcError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]
    """What an evaluation gives."""
    Arrays = Mapping[str, ArrayLike]
    """What it is given, by name: arrays, lists of lists, numbers."""
    Function = Callable[..., ArrayLike]
    Functions = Mapping[str, Function | Sequence[Function | None]]
    """Unspecified functions by name: a function, or its value and derivatives."""


class SympyObject(Protocol):
    """An expression of SymPy's."""

    @property
    def free_symbols(self) -> Any:
        """Its variables."""


_LONGEST = 40  # characters of a value that are shown
_PROMPT = 200  # characters of what a prompt answers
_LARGEST = 10**20  # the integers that are shown

Refusal = type[MatcalcError]


def shown(value: object) -> str:
    """A value in a few words, for an error message.

    >>> print(shown(None), shown(3), shown("tr(A)"), shown([1, 2]), shown(b"A"), sep=", ")
    None, 3, 'tr(A)', a list, the bytes b'A'
    """
    if value is None or isinstance(value, bool | float | complex):
        return repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < _LARGEST else "an integer of many digits"
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…")
    if isinstance(value, bytes):
        return f"the bytes {value[:_LONGEST]!r}"
    name = type(value).__name__.replace("ndarray", "array")
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def short(text: str, most: int = _PROMPT) -> str:
    """What a prompt shows of a text: its first line, cut where it is long.

    >>> short("one\\ntwo"), short("tr(A B C)", 6)
    ('one …', 'tr(A …')
    """
    first, *more = text.split("\n")
    if len(first) <= most:
        return first + " …" * bool(more)
    return first[: most - 1].rstrip() + (" …" if first[most - 2] == " " else "…")


def text(value: object, what: str, example: str, refusal: Refusal = MatcalcError) -> str:
    """A text, such as an expression; `what` begins the sentence that refuses anything else."""
    if not isinstance(value, str):
        raise refusal(f"{what} is a text, not {shown(value)}.", hint=f"For example: {example}.")
    return str(value)


def mapping(value: object, what: str, example: str, refusal: Refusal = MatcalcError) -> dict[str, object]:
    """A mapping from names, as a dict of its own."""
    if not isinstance(value, Mapping):
        raise refusal(f"{what} is a dict by name, not {shown(value)}.", hint=f"For example: {example}.")
    out: dict[str, object] = {}
    for name, item in value.items():
        if not isinstance(name, str):
            raise refusal(
                f"The names in {what[0].lower()}{what[1:]} are texts, not {shown(name)}.",
                hint=f"For example: {example}.",
            )
        out[str(name)] = item
    return out


def items(value: object, what: str, most: int, refusal: Refusal = MatcalcError) -> list[object]:
    """The items of a list, tuple or other iterable that has an order, at most so many."""
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | bytearray | Mapping | Set):
        raise refusal(f"{what}, not {shown(value)}.")
    try:
        found = list(islice(value, most + 1))
    except TypeError:  # an array without axes says that it is iterable
        raise refusal(f"{what}, not {shown(value)} without items.") from None
    if len(found) > most:
        raise refusal(f"{what}, and at most {most:,} of them.")
    return found


def integer(value: object) -> int | None:
    """A Python or NumPy integer, else None; truth values are none."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        return None
    try:
        return index(value)
    except TypeError:  # an array has the method, whatever it holds
        return None


def path(value: object, what: str, refusal: Refusal = MatcalcError) -> Path:
    """A path, as text or as an object that is one."""
    found = fspath(value) if isinstance(value, str | PathLike) else None
    if not isinstance(found, str):
        raise refusal(f"{what} is a path, not {shown(value)}.")
    if "\0" in found:
        raise refusal(f"{what} has a null byte in its name.")
    from pathlib import Path

    return Path(found)


def choice(value: object, what: str, choices: tuple[str, ...], refusal: Refusal = MatcalcError) -> str:
    """One of a few names."""
    if not isinstance(value, str) or value not in choices:
        listed = ", ".join(map(repr, choices[:-1])) + f" or {choices[-1]!r}"
        raise refusal(f"{what} is {listed}, not {shown(value)}.")
    return str(value)


def flag(value: object, what: str) -> bool:
    """A truth value, NumPy's too."""
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool") and hasattr(value, "dtype"):
        return bool(value)
    raise MatcalcError(f"{what} is True or False, not {shown(value)}.")
