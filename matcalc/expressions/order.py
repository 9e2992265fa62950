"""The order of expressions that show the same names: by what they are, and so the same on every machine."""

from __future__ import annotations

from typing import Any, Protocol

from .dimensions import Shape


class Ordered(Protocol):
    """What has a place in the order: a node."""

    @property
    def key(self) -> tuple[Any, ...]:
        """What decides the order, last a reference that knows the node's identity."""


Identity = tuple[str, tuple[Ordered, ...], Any, Shape]
"""What a node is: its head, its arguments, its data and its shape."""

_LAST = {head: i for i, head in enumerate(("mul", "scale", "transpose", "add"), 1)}


def comes_before(a: Identity, b: Identity) -> bool:
    """Whether one of two different expressions comes before the other.

    The operation decides, then how many arguments it has, then the first argument in which they differ, and between
    expressions of the same arguments their numbers: x² before x³, X⁻¹ before X⁻².
    """
    while True:
        if a[0] != b[0]:
            return (_LAST.get(a[0], 0), a[0]) < (_LAST.get(b[0], 0), b[0])
        if len(a[1]) != len(b[1]):
            return len(a[1]) < len(b[1])
        differing = next(((x, y) for x, y in zip(a[1], b[1], strict=True) if x is not y), None)
        if differing is None:
            return _comparable(a[2:]) < _comparable(b[2:])
        *first, kept = differing[0].key
        *other, known = differing[1].key
        if first != other:
            return first < other
        a, b = kept.identity, known.identity


def _comparable(data: Any) -> tuple[int, Any]:
    """What data are, so that any two can be compared; of numbers the smaller one comes first, whatever its sign."""
    if data is None:
        return 0, 0
    if isinstance(data, str):
        return 2, data
    if isinstance(data, tuple):
        return 3, [_comparable(x) for x in data]
    if isinstance(data, frozenset):
        return 4, sorted(data)
    key = getattr(data, "key", None)
    return (1, (abs(data), data < 0)) if key is None else (5, key)
