"""What `equal` says of pairs, counted."""

from __future__ import annotations

import statistics
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import matcalc
from tests.checking.pairs.making import Pair, pair


@dataclass
class Figures:
    """How often `equal` was right, how it decided, and how long it took."""

    outcomes: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, 0)

    @property
    def false(self) -> int:
        """How many verdicts were false, or none at all but an exception."""
        return self.outcomes["false yes"] + self.outcomes["false no"] + self.outcomes["traceback"]

    def ask(self, seed: int, say: Callable[[str], None]) -> None:
        """Have `equal` decide about the pair of a seed; what is not right is said."""
        asked = pair(seed)
        begun = time.process_time()
        outcome, said = verdict(asked)
        taken = time.process_time() - begun
        self.seconds.append(taken)
        self.slowest = max(self.slowest, (taken, seed))
        self.outcomes[outcome] += 1
        if outcome == "right":
            self.ways[said] += 1
        else:
            say(f"{outcome.upper()} {seed} ({asked.origin}): {asked.left}   AND   {asked.right}")
            say(f"    {asked.declared()}")
            say(f"    {said}")

    def report(self) -> str:
        """The figures as a text."""
        lines = [f"{n:6d}  {outcome}" for outcome, n in self.outcomes.most_common()]
        lines += [f"{n:6d}  right: {way}" for way, n in self.ways.most_common()]
        middle, (worst, seed) = statistics.median(self.seconds), self.slowest
        lines.append(f"{1000 * middle:.0f} ms in the middle, {worst:.1f} s at most (seed {seed})")
        return "\n".join(lines)


def verdict(asked: Pair) -> tuple[str, str]:
    """Whether the verdict on a pair is right, and how it came about."""
    try:
        found = matcalc.equal(asked.left, asked.right, **asked.declared())  # type: ignore[arg-type]
    except matcalc.MatcalcError as refusal:
        return "refused", refusal.message
    except Exception as fault:
        where = traceback.extract_tb(fault.__traceback__)[-1]
        return "traceback", f"{type(fault).__name__}: {fault} in {where.filename}:{where.lineno}"
    if bool(found) != asked.equal:
        return ("false yes" if found else "false no"), str(found)
    return "right", _way(found)


def _way(found: matcalc.Equality) -> str:
    exactly = found.how.startswith(("exactly", "one normal form", "by the identity", "the difference is"))
    return found.verdict + (", exactly" if exactly else ", in numbers")
