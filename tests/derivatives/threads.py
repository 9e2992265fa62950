"""The same answers from eight threads as from one: fresh processes, in which everything is used for the first time.

    python -m tests.derivatives.threads --processes 50 --problems 500 [CORPUS.jsonl ...]

The problems are those of the case files and of corpora with the keys `expr`, `wrt`, `shapes`, `assume` and `order`.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

ROOT = Path(__file__).parents[2]
THREADS = 8
OFTEN = 1e-5  # seconds after which another thread has its turn


def problems(corpora: list[str]) -> list[dict[str, Any]]:
    """What `differentiate` takes."""
    from tests.derivatives.test_cases import CASES

    found = []
    for case in CASES:
        name, _, order = case.variable.partition(" (order ")
        found.append(
            {"expression": case.expression, "wrt": name, "where": case.declarations, "order": int(order[:-1] or 1)}
        )
    for path in corpora:
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            kept = {key: entry[key] for key in ("shapes", "assume", "order") if entry.get(key)}
            found.append({"expression": entry["expr"], "wrt": entry["wrt"], **kept})
    return found


def answer(problem: dict[str, Any]) -> str:
    """The derivative, its derivation and a form, or the refusal."""
    import matcalc

    try:
        d = matcalc.differentiate(**problem)
        parts = [str(d), str(d.derivation)]
    except matcalc.MatcalcError as refused:
        return f"{type(refused).__name__}: {refused}"
    try:
        parts.append(str(d.form("pullback")))
    except matcalc.MatcalcError as refused:
        parts.append(str(refused))
    return "\n".join(parts)


def in_threads(todo: list[dict[str, Any]], seed: int) -> list[list[str]]:
    """The answers of each thread, which has gone through the problems in an order of its own."""
    sys.setswitchinterval(OFTEN)
    together = Barrier(THREADS)
    answers: list[list[str]] = [[""] * len(todo) for _ in range(THREADS)]

    def work(mine: list[str], order: list[int]) -> None:
        together.wait()
        for i in order:
            try:
                mine[i] = answer(todo[i])
            except Exception as problem:
                mine[i] = f"{type(problem).__name__}: {problem}"

    threads = []
    for number, mine in enumerate(answers):
        order = list(range(len(todo)))
        random.Random(f"{seed} {number}").shuffle(order)
        threads.append(Thread(target=work, args=(mine, order)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def fresh_process(todo: list[dict[str, Any]], seed: int) -> list[list[str]]:
    """`in_threads` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.derivatives.threads", "--seed", str(seed), "--worker"],
        input=json.dumps(todo),
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        check=True,
    )
    answers: list[list[str]] = json.loads(done.stdout)
    return answers


def differing(todo: list[dict[str, Any]], serially: list[str], answers: list[list[str]]) -> list[str]:
    """What a thread answered otherwise."""
    return [
        f"{problem}\n  serially: {wanted}\n  in a thread: {got}"
        for mine in answers
        for problem, wanted, got in zip(todo, serially, mine, strict=True)
        if got != wanted
    ]


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("corpora", nargs="*")
    options.add_argument("--processes", type=int, default=3)
    options.add_argument("--problems", type=int, default=100)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--worker", action="store_true")
    given = options.parse_args()
    if given.worker:
        json.dump(in_threads(json.load(sys.stdin), given.seed), sys.stdout)
        return 0
    everything = problems(given.corpora)
    random.Random(given.seed).shuffle(everything)
    todo = everything[: given.problems]
    serially = [answer(problem) for problem in todo]
    wrong = 0
    for number in range(given.processes):
        found = differing(todo, serially, fresh_process(todo, given.seed + number))
        wrong += len(found)
        print(f"process {number + 1}: {THREADS} threads, {len(todo)} problems each, {len(found)} answers differ")
        print("\n".join(found[:3]), end="\n" if found else "", flush=True)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
