"""Ctrl-C between any two steps: what is asked again afterwards has the answer that it always had."""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable
from dis import opname
from pathlib import Path
from typing import Any

import pytest

import matcalc
from matcalc.normal_form.algebra import Algebra
from matcalc.rulebook.book import RuleBook
from matcalc.rules import default

PACKAGE = str(Path(matcalc.__file__).parent)


LOOKED = {"RESUME", "JUMP_BACKWARD", "CALL", "CALL_KW", "CALL_FUNCTION_EX"}
"""Where Python looks whether Ctrl-C was pressed: a function begins, a loop goes on, a call ended."""


class Steps:
    """Counts the steps of a run, instructions or calls in the package, and interrupts the run at one of them."""

    def __init__(self, event: str, at: int = -1) -> None:
        self.event, self.at, self.count = event, at, 0

    def __call__(self, frame: Any, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename.startswith(PACKAGE):
            frame.f_trace_opcodes = self.event == "opcode"
            if event == self.event and (event == "call" or opname[frame.f_code.co_code[frame.f_lasti]] in LOOKED):
                self.count += 1
                if self.count == self.at:
                    sys.settrace(None)
                    raise KeyboardInterrupt
        return self


def run(f: Callable[[], Any], event: str, at: int = -1) -> Steps:
    steps = Steps(event, at)
    sys.settrace(steps)
    try:
        f()
    except KeyboardInterrupt:
        assert steps.count == at
    finally:
        sys.settrace(None)
    return steps


def some(count: int, of: int) -> list[int]:
    """Some of the steps, the same in every run."""
    return sorted(random.Random(of).sample(range(1, of + 1), min(count, of)))


# What is interrupted in a weak reference's callback, or while a generator is closed, Python prints and goes on.
unraisable = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@unraisable
@pytest.mark.parametrize(
    "make, wanted", [("expm(A)", "invertible"), ("A' A + I", "psd"), ("Diag(x) Diag(y)", "diagonal")]
)
def test_an_algebra_that_was_interrupted_knows_what_it_knew(make, wanted):
    """Wherever Python looks for it: what was assumed of a property while it was looked for is not kept as found."""
    e = matcalc.parse(make, shapes={"A": ("n", "n"), "x": ("n",), "y": ("n",)})

    def asked(algebra: Algebra) -> bool:
        return algebra.surely(algebra.substitute(e, {}), wanted)

    assert asked(Algebra(default()))
    for at in some(2000, run(lambda: asked(Algebra(default())), "opcode").count):
        algebra = Algebra(default())
        run(lambda algebra=algebra: asked(algebra), "opcode", at)
        assert not algebra.rewriting.open
        assert asked(algebra)


@unraisable
def test_an_answer_that_was_interrupted_is_the_same_when_it_is_asked_again():
    text, shapes = "logdet(A) + tr(inv(A' A + I) B) + relu(norm(x))^2 / t", {"A": ("n", "n"), "x": ("n",), "t": ()}

    def made() -> matcalc.Derivative:
        return matcalc.differentiate(text, "A", shapes=shapes)

    def used(d: matcalc.Derivative) -> list[str]:
        return [str(d), str(d.derivation), str(d.form("kronecker")), str(d.form("index")), str(d.conditions)]

    truth = used(made())
    for at in some(40, run(made, "call").count):
        run(made, "call", at)
        assert gc.isenabled()
        assert used(made()) == truth
    for at in some(40, run(lambda: used(made()), "call").count):
        d = made()
        run(lambda d=d: used(d), "call", at)
        assert gc.isenabled()
        assert used(d) == truth


@unraisable
def test_a_book_whose_reading_was_interrupted_reads_on():
    def asked(book: RuleBook) -> str:
        return str(matcalc.differentiate("logdet(X) + sum(softmax(x))", "X", rules=book))

    truth = asked(RuleBook(default().entries))
    for at in some(12, run(lambda: asked(RuleBook(default().entries)), "call").count):
        book = RuleBook(default().entries)
        run(lambda book=book: asked(book), "call", at)
        assert asked(book) == truth
