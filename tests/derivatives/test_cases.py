"""Textbook problems with the exact answers that are printed, each verified with numbers as well.

The files in `cases/` hold lines ``expression | variable | declarations | answer``.  To renew the answers, and review
them in a diff:

    MATCALC_REWRITE=1 python -m pytest tests/derivatives/test_cases.py
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

import matcalc
from matcalc.checking.derivatives import check
from matcalc.errors import VerificationError

FILES = sorted((Path(__file__).parent / "cases").glob("*.txt"))
OTHERS = {"firing.txt", "derivations.txt"}
REWRITE = "MATCALC_REWRITE"

SINGULAR = {"norm_nuc(X)"}
"""Functions whose answer holds for some shapes only, which the points that are tried may miss."""


class Case(NamedTuple):
    file: Path
    line: int
    expression: str
    variable: str
    declarations: str
    answer: str

    def derivative(self) -> matcalc.Derivative:
        name, _, order = self.variable.partition(" (order ")
        return matcalc.differentiate(self.expression, name, where=self.declarations, order=int(order.rstrip(")") or 1))


def cases() -> list[Case]:
    found = []
    for file in FILES:
        if file.name not in OTHERS:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
                if line.strip() and not line.startswith("#"):
                    parts = [part.strip() for part in re.split(r" \|(?= |$)", line)]
                    assert len(parts) == 4, f"{file.name}:{number + 1}: {line}"
                    found.append(Case(file, number, *parts))
    return found


CASES = cases()


def printed(case: Case) -> str:
    """The answer's lines but the notes about names, or the refusal."""
    try:
        text = str(case.derivative())
    except matcalc.MatcalcError as refused:
        return f"! {type(refused).__name__}: {refused.message}"
    return "; ".join(line for line in text.splitlines() if " is read as " not in line)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.file.stem}-{c.expression} by {c.variable}")
def test_case(case):
    got = printed(case)
    if os.environ.get(REWRITE):
        _rewrite(case, got)
    else:
        assert got == case.answer
    if not got.startswith("!"):
        try:
            check(case.derivative())
        except VerificationError as said:
            if case.expression not in SINGULAR or "could not be checked" not in said.message:
                raise


def _rewrite(case: Case, answer: str) -> None:
    lines = case.file.read_text(encoding="utf-8").splitlines()
    lines[case.line] = " | ".join([case.expression, case.variable, case.declarations, answer]).replace(
        " |  | ", " | | "
    )
    case.file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_there_is_one_case_for_each_problem():
    keys = [(c.expression, c.variable, c.declarations) for c in CASES]
    assert len(keys) == len(set(keys))
    assert len(keys) >= 150
