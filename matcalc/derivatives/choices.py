"""What may be chosen of a derivative: its order, its form, its structure and its layout, by name."""

from __future__ import annotations

from ..arguments import choice, integer, shown
from ..errors import MatcalcError

FORMS = ("differential", "pushforward", "pullback", "kronecker", "tensor", "index", "component")
STRUCTURES = ("projected", "independent-entries", "stiefel")
LAYOUTS = ("numerator", "denominator")
LARGEST_ORDER = 100


def order_given(order: object) -> int:
    """The order that was asked for.  Raises MatcalcError for what is no order, and beyond `LARGEST_ORDER`.

    >>> order_given(2)
    2
    """
    n = integer(order)
    if n is None or n < 1:
        raise MatcalcError(f"The order of a derivative is 1, 2, …, not {shown(order)}.")
    if n > LARGEST_ORDER:
        raise MatcalcError(f"The order of a derivative is at most {LARGEST_ORDER}, which is the limit.")
    return n


def form_given(name: object) -> str:
    """The name of a form."""
    return choice(name, "The name of a form", FORMS)


def structure_given(structure: object) -> str | None:
    """The name of a structure, if one was given."""
    return None if structure is None else choice(structure, "The structure of a variable", STRUCTURES)


def layout_given(layout: object) -> str | None:
    """The name of a layout, if one was given."""
    return None if layout is None else choice(layout, "The layout of a derivative", LAYOUTS)
