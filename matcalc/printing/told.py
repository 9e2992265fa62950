"""What a reader can tell of the sizes of what is printed: from the operands beside it and from what it stands in.

``I``, ``unvec(x)``, ``firstpart(X)`` say nothing of their sizes themselves.  Their sizes are printed where the reader,
who knows the shapes of all names, could not find them by the laws of sums, products and the like alone.
"""

from __future__ import annotations

from collections.abc import Container

from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr, Operation, above

NEITHER, ROWS, COLUMNS, BOTH = range(4)
STATED = frozenset({"symbol", "ones", "zero", "unit", "entry", "commutation", "index"})  # they have or say their sizes


class Place:
    """Where an expression stands while it is printed: within what, and that within what."""

    __slots__ = ("e", "told", "up")

    def __init__(self, e: Expr, up: Place | None) -> None:
        self.e, self.up = e, up
        self.told: int | None = None


class Reader:
    """Tells what can be told; it remembers what the parts of one text say of themselves."""

    def __init__(self, names: Container[Expr]) -> None:
        self.names = names
        self._said: dict[Expr, int] = {}

    def told(self, e: Expr, place: Place | None) -> int:
        """The axes of an expression whose sizes can be told from where it stands."""
        waiting: list[Place] = []
        at = place
        while at is not None and at.told is None:
            waiting.append(at)
            at = at.up
        for at in reversed(waiting):
            at.told = NEITHER if at.up is None else self.within(at.up.e, at.e, at.up.told or NEITHER)
        return NEITHER if place is None else self.within(place.e, e, place.told or NEITHER)

    def within(self, parent: Expr, e: Expr, outer: int) -> int:
        """The axes of an operand that can be told from the others, and from what can be told of the whole."""
        head, args = parent.head, parent.args
        places = [i for i, x in enumerate(args) if _core(x) is e or x is e]
        if head in ("add", "had"):
            if not places:
                return NEITHER
            for i, x in enumerate(args):
                if i not in places:
                    outer |= self.said_in_sum(x) if head == "add" else self.said(x)
            return outer
        if head == "mul":
            found = BOTH
            for i in places:
                rows = _swapped(self.said(args[i - 1])) if i else outer
                columns = _swapped(self.said(args[i + 1])) if i + 1 < len(args) else outer
                found &= rows & ROWS | columns & COLUMNS
            return found if places else NEITHER
        if head == "frob":
            return self.said(args[1 - places[0]]) if len(places) == 1 else NEITHER
        if head == "transpose":
            inner = args[0]
            if places:
                return _swapped(outer)
            return _square(outer) if inner.head == "power" and inner.args[0] is e else NEITHER
        if head == "power":
            return _square(outer) if places == [0] else NEITHER
        if head == "scale":
            return outer if 1 in places else NEITHER
        return outer if places and is_entrywise(parent) and e.shape == parent.shape else NEITHER

    def said_in_sum(self, e: Expr) -> int:
        """What a term says of its sizes; a number that is added to every entry says nothing."""
        core = _core(e)
        return NEITHER if core.head == "ones" and e.shape != SCALAR else self.said(e)

    def said(self, e: Expr) -> int:
        """The axes whose sizes an expression says without regard to where it stands."""
        for x in above(self._said, e):
            if x not in self._said:
                self._said[x] = self._of(x)
        return self._said[e]

    def _of(self, e: Expr) -> int:
        head, said = e.head, self._said
        if head in STATED or e.shape == SCALAR or e in self.names:
            return BOTH
        if head == "identity":
            return NEITHER
        if head in ("add", "had"):
            found = NEITHER
            for x in e.args:
                found |= self.said_in_sum(x) if head == "add" else said[x]
            return found
        if head == "mul":
            return said[e.args[0]] & ROWS | said[e.args[-1]] & COLUMNS
        if head == "scale":
            return said[e.args[1]]
        if head == "transpose":
            return _swapped(said[e.args[0]])
        if head == "power":
            return _square(said[e.args[0]])
        if is_entrywise(e):
            return min(said[x] for x in e.args if x.shape == e.shape)
        return NEITHER if axes_to_say(e) else BOTH  # what stands in a function says its sizes itself


def is_entrywise(e: Expr) -> bool:
    """Whether a function or a power is one of every entry."""
    if e.head == "call":
        return bool(e.data.elementwise)
    return e.head == "dotpower" or isinstance(e.data, Operation) and e.data.elementwise


def axes_to_say(e: Expr) -> tuple[int, ...]:
    """The axes of an operator's result whose sizes its arguments do not tell."""
    notation = e.data.notation if isinstance(e.data, Operation) else None
    return () if notation is None else notation.sizes


def _core(e: Expr) -> Expr:
    """A term without its number and its scalars."""
    while e.head == "add" and len(e.args) == 1 or e.head == "scale":
        e = e.args[-1]
    return e


def _swapped(axes: int) -> int:
    return (axes & ROWS) << 1 | (axes & COLUMNS) >> 1


def _square(axes: int) -> int:
    return BOTH if axes else NEITHER
