"""Run the fuzzer: `python -m tests.fuzz --minutes N --seed S`; see tests/README.md."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.running import CATEGORIES, Run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Random problems against an oracle.")
    parser.add_argument("--minutes", type=float, default=None, help="how long at most")
    parser.add_argument("--seed", type=int, default=0, help="of the first problem; the next has the next seed")
    parser.add_argument("--count", type=int, default=None, help="how many problems at most")
    parser.add_argument("--only", choices=sorted(CATEGORIES), action="append", help="a category; may be repeated")
    parser.add_argument("--depth", type=int, default=12, help="of the deepest trees")
    parser.add_argument("--every", action="store_true", help="do every check on every problem")
    options = parser.parse_args()
    minutes = options.minutes if options.minutes is not None or options.count is not None else 1.0
    run = Run(
        only=options.only,
        deepest=options.depth,
        every=options.every or bool(options.only),
        say=lambda text: print(text, flush=True),
    )
    run.go(options.seed, options.count, minutes)
    print(run.report())
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
