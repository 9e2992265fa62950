"""Ask `equal` about many pairs: `python -m tests.checking.pairs --count 2000 --seed 0`."""

from __future__ import annotations

import argparse
import sys

from tests.checking.pairs.asking import Figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.checking.pairs", description="Pairs for `equal`.")
    parser.add_argument("--count", type=int, default=2000, help="how many pairs, every second one equal")
    parser.add_argument("--seed", type=int, default=0, help="of the first pair; the next has the next seed")
    options = parser.parse_args()
    figures = Figures()
    for seed in range(options.seed, options.seed + options.count):
        figures.ask(seed, print)
    print(figures.report())
    return 1 if figures.false else 0


if __name__ == "__main__":
    sys.exit(main())
