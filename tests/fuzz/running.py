"""Problems one after the other, what is checked of each, and the count of what came out."""

from __future__ import annotations

import resource
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import matcalc
from tests.fuzz import checks, checks_of_text
from tests.fuzz.checks import Case, Wrong
from tests.fuzz.grow import problem
from tests.fuzz.numerics import Unfit
from tests.fuzz.shrinking import shrunk
from tests.fuzz.trees import Problem

SLOW = 10.0  # seconds of processor time for all checks of a problem
MEMORY = 4 << 30  # bytes of address space; what needs more fails
SHRUNK = 12  # of the failures of one category
OUTCOMES = ("tried", "passed", "skipped", "refused", "wrong", "traceback", "slow")


class Category(NamedTuple):
    """A check, of how many problems one has it, and whether it starts from the derivative."""

    check: Callable[[Case], None]
    rate: int
    derived: bool = True


CATEGORIES = {
    "reading": Category(checks.check_reading, 1, False),
    "derivative": Category(checks.check_derivative, 1),
    "forms": Category(checks.check_forms, 3),
    "lines": Category(checks_of_text.check_lines, 5),
    "rewritten": Category(checks_of_text.check_rewritten, 3, False),
    "alternatives": Category(checks_of_text.check_alternatives, 12, False),
    "equal": Category(checks_of_text.check_equal, 10, False),
    "different": Category(checks_of_text.check_different, 10, False),
    "reading-back": Category(checks_of_text.check_reading_back, 3),
    "latex-back": Category(checks_of_text.check_latex_back, 3),
    "printing": Category(checks_of_text.check_printing, 5),
    "latex": Category(checks_of_text.check_latex, 8),
    "normal-form": Category(checks_of_text.check_normal_form, 4),
    "order": Category(checks_of_text.check_order, 5),
    "several": Category(checks.check_several, 8),
    "second": Category(checks.check_second, 16),
}
"""In the order in which they are done.  What cannot be read, or differentiated, is refused once and not asked again."""


class TooSlow(BaseException):
    """No exception that a program may catch: a problem has had its time."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Processor time for what is inside; TooSlow again every second after that, should the first be lost."""

    def ring(signum: int, frame: Any) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def outcome(check: Callable[[Case], None], case: Case) -> tuple[str, str]:
    """What came of a check, and what it says."""
    try:
        check(case)
    except Unfit as unfit:
        return "skipped", str(unfit)
    except Wrong as wrong:
        return "wrong", str(wrong)
    except matcalc.MatcalcError as refusal:
        return "refused", f"{type(refusal).__name__}: {refusal.message}"
    except (Exception, RecursionError) as fault:
        where = traceback.extract_tb(fault.__traceback__)[-1]
        return "traceback", f"{type(fault).__name__}: {fault} in {where.name}, {where.filename}:{where.lineno}"
    return "passed", ""


class Run:
    """A run over many seeds, with its figures."""

    def __init__(
        self,
        only: Iterable[str] | None = None,
        deepest: int = 12,
        every: bool = False,
        say: Callable[[str], None] = lambda text: None,
        shrink: bool = True,
    ) -> None:
        self.names = [n for n in CATEGORIES if not only or n in only]
        self.deepest, self.every, self.say, self.shrink = deepest, every, say, shrink
        self.counts: Counter[tuple[str, str]] = Counter()
        self.reasons: dict[tuple[str, str, str], list[int]] = {}
        self.failures: list[str] = []
        self.problems, self.slowest, self.seconds, self.slowest_seed = 0, 0.0, 0.0, 0

    @property
    def failed(self) -> bool:
        return bool(self.failures)

    def go(self, seed: int, count: int | None, minutes: float | None) -> None:
        """Problems with the seeds from one on, until the count or the time is reached."""
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        begun = time.monotonic()
        while (count is None or self.problems < count) and (minutes is None or time.monotonic() < begun + 60 * minutes):
            self.one(problem(seed, self.deepest))
            seed += 1
            if self.problems % 1000 == 0:
                self.say(f"# {self.problems} problems, {time.monotonic() - begun:.0f} s, {len(self.failures)} failures")
        self.seconds = time.monotonic() - begun

    def one(self, p: Problem) -> None:
        """All checks that are due of one problem."""
        self.problems += 1
        case, begun, name = Case(p), time.process_time(), ""
        readable = derivable = True
        try:
            with limited(SLOW):
                for name in self.names:
                    category = CATEGORIES[name]
                    due = self.every or (p.seed + len(name)) % category.rate == 0
                    if not due or not readable or (category.derived and not derivable):
                        continue
                    found, said = outcome(category.check, case)
                    self.count(name, p, found, said)
                    readable = readable and (name, found) != ("reading", "refused")
                    derivable = derivable and (name, found) != ("derivative", "refused")
        except TooSlow:
            self.count(name, p, "slow", "")
        took = time.process_time() - begun
        if took > self.slowest:
            self.slowest, self.slowest_seed = took, p.seed

    def count(self, name: str, p: Problem, result: str, said: str) -> None:
        self.counts[name, "tried"] += 1
        self.counts[name, result] += 1
        if result in ("skipped", "refused"):
            self.reasons.setdefault((name, result, _in_general(said)), []).append(p.seed)
        elif result != "passed":
            self.fail(name, p, result, said)

    def fail(self, name: str, p: Problem, result: str, said: str) -> None:
        """A failure, with the smallest problem that fails so."""
        smallest = p
        if self.shrink and result != "slow" and self.counts[name, result] <= SHRUNK:
            kind = said.split(":")[0][:24]

            def alike(q: Problem) -> bool:
                try:
                    with limited(SLOW):
                        found, words = outcome(CATEGORIES[name].check, Case(q))
                except TooSlow:
                    return False
                return found == result and (result != "traceback" or words.split(":")[0][:24] == kind)

            smallest = shrunk(p, alike)
            said = outcome(CATEGORIES[name].check, Case(smallest))[1] or said
        line = (
            f"{result.upper()} {name} --seed {p.seed}: {smallest.text!r} by {', '.join(smallest.variables)}, shapes="
            f"{dict(smallest.shapes)}, assume={dict(smallest.assume)}, where={smallest.where!r}\n    {said[:700]}"
        )
        self.failures.append(line)
        self.say(line)

    def report(self) -> str:
        """The figures: a table by category, the reasons of skips and refusals, time and memory."""
        lines = [f"{'category':<14}" + "".join(f"{o:>10}" for o in OUTCOMES)]
        for name in self.names:
            lines.append(f"{name:<14}" + "".join(f"{self.counts[name, o]:>10}" for o in OUTCOMES))
        for kind in ("skipped", "refused"):
            lines.append(f"\n{kind}, by category and reason (how often, a seed):")
            found = [(len(seeds), name, said, seeds[0]) for (name, k, said), seeds in self.reasons.items() if k == kind]
            lines += [f"  {n:>6}  {name:<13} {said}  ({seed})" for n, name, said, seed in sorted(found, reverse=True)]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        each = 1000 * self.seconds / max(1, self.problems)
        lines.append(
            f"\n{self.problems} problems in {self.seconds:.0f} s, {each:.1f} ms each; the longest took "
            f"{self.slowest:.1f} s of processor time (seed {self.slowest_seed}); at most {peak:.0f} MB; "
            f"{len(self.failures)} failures"
        )
        return "\n".join(lines)


def _in_general(said: str) -> str:
    """A refusal without what is particular to the problem."""
    for mark in (", in ", " of order", " with respect to"):
        said = said.split(mark)[0]
    return said[:110]
