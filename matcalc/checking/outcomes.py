"""What a check says: how many points agreed, or why none had a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checked:
    """How many points agreed; `reason` says what has no definition, and is taken on trust but for these points."""

    points: int
    reason: str = ""

    def __bool__(self) -> bool:
        return self.points > 0


class NoValue(Exception):
    """A function has no value, or no slope, at a point."""
