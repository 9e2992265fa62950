"""That a predicate implies what its entry says."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..normal_form.theory import Entry
from ..rulebook.book import RuleBook
from .laws import refused
from .points import curve
from .properties import PROPERTIES
from .stand_ins import Array


def check_predicate(entry: Entry, book: RuleBook) -> None:
    """Whether what has a property has those that it is said to imply; RuleError names one that it has not."""
    holds = PROPERTIES.get(entry.name)
    for implied in sorted(book.predicates[entry.name].implies):
        if implied not in book.predicates:
            raise refused(entry, f"it implies '{implied}', which is not a predicate")
        shown_by = PROPERTIES.get(implied)
        for a in _members(entry.name, book) if holds and shown_by else ():
            if holds and holds(a) and shown_by and not shown_by(a):
                shown = np.array2string(a, precision=4)
                raise refused(entry, f"it does not imply {implied}: {shown}")


def _members(name: str, book: RuleBook) -> Iterator[Array]:
    """Matrices that have a property, where such can be made, and others that may have it."""
    for n in range(1, 5):
        for seed in range(8):
            rng = np.random.default_rng([seed, n])
            yield curve(rng, "X", (n, n), book.implied({name}), "plain")[0](0.0)
            yield rng.integers(-1, 2, (n, n)).astype(float)
