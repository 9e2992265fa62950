"""What a computation may take: frames, calls, and as a net under everything, time of the processor."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FRAMES = 300  # that a computation may take, however deep the expression is
LONGEST = 20  # seconds of computing; nothing is measured by them, but what does not end would hold up everything


class Endless(Exception):
    """It went on for longer than anything may."""


@contextmanager
def few_frames() -> Iterator[None]:
    """A recursion limit that leaves so many frames."""
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + FRAMES)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@contextmanager
def ending(seconds: int = LONGEST) -> Iterator[None]:
    """An alarm, where the system has one."""

    def ring(*_: object) -> None:
        raise Endless(f"still at it after {seconds} s")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def calls(work: Callable[[], object]) -> int:
    """How many calls of functions it takes: a measure of time that no other process disturbs."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
