"""How long deriving takes: text to printed gradient, beside SymPy (and tensorgrad where it is installed) in one run.

    python tests/benchmarks/deriving.py            # everything: some minutes, nearly all of them SymPy's
    python tests/benchmarks/deriving.py --quick    # textbook problems and fresh processes only
    python tests/benchmarks/deriving.py --no-peers # only our own figures

Four tables are printed, and nothing is asserted: a clock is no test, machines differ and are shared.  Read the ratios.

*Textbook* and *growing* problems: ours is ``str(matcalc.differentiate(text, variable))``, so parsing, shapes, gradient,
simplification and printing count; a peer's time is that of building the expression with its own constructors,
differentiating it and printing the answer, so it has no text to parse.  Everything runs in one process after a warm-up.
A peer is timed between two runs of ours, ours ÷ peer ÷ ours, and the ratio is that of the peer to the mean of the two;
of several such pairs the median is quoted.  Small problems are repeated until a run takes some milliseconds.  A peer
that needs more than the limit (20 s, ``--limit``) is stopped and its row says so; larger sizes of the same family are
then not tried.  What a peer gets wrong or cannot do is timed none the less where it answers, and marked.

*Large* inputs: ours only, with time and characters printed, also for the derivation, ``str(d.derivation)``.

*Fresh processes*: wall time from start to end, net of ``python -c pass``, again pairwise.  Byte code is written before
the first counted run.  ``first answer`` imports, builds the grammar, reads the rules it needs, differentiates, prints.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import matcalc

Make = Callable[[], Any]
ROOT = Path(__file__).resolve().parents[2]
PAIRS = 5
ENOUGH = 0.02  # seconds that a repeated small problem takes together
FIRST = 'import matcalc; print(matcalc.differentiate("tr(A B Aᵀ C)", "A"))'


@dataclass
class Problem:
    """One function: as text for us, and what makes it with a peer's constructors, giving a printed gradient."""

    name: str
    text: str
    variable: str
    peers: dict[str, Make] = field(default_factory=dict)
    family: str = ""


# --- problems ---------------------------------------------------------------------------------------------------------


def network(layers: int, variable: str = "W1") -> tuple[str, str]:
    """The sum of the last of so many tanh layers, without biases, by the first weights."""
    return "sum(" + "".join(f"tanh.(W{k} " for k in range(layers, 0, -1)) + "x" + ")" * layers + ")", variable


def quadratic_traces(terms: int) -> tuple[str, str]:
    """Σ tr(Aᵢ X Bᵢ Xᵀ)"""
    return " + ".join(f"tr(A{i} X B{i} X')" for i in range(terms)), "X"


def product(factors: int, occurrences: Sequence[int]) -> tuple[str, str]:
    """The trace of a product of so many factors, the variable standing at some places."""
    places = set(occurrences)
    return "tr(" + " ".join("X" if i in places else f"A{i}" for i in range(factors)) + ")", "X"


def textbook() -> list[Problem]:
    """What a student types."""
    return [
        Problem("tr(A X B Xᵀ C)", "tr(A X B X' C)", "X", {"sympy": _sympy_trace, "tensorgrad": _tensorgrad_trace}),
        Problem("log det(Xᵀ A X)", "logdet(X' A X)", "X", {"sympy": _sympy_logdet}),
        Problem("‖A X − B‖²", "norm_F(A X - B)^2", "X", {"sympy": _sympy_norm, "tensorgrad": _tensorgrad_norm}),
        Problem("‖A x − b‖² + λ‖x‖²", "norm(A x - b)^2 + λ norm(x)^2", "x", {"sympy": _sympy_ridge}),
        Problem("xᵀ A x", "x' A x", "x", {"sympy": _sympy_quadratic}),
        Problem("aᵀ X⁻¹ b", "a' inv(X) b", "X", {"sympy": _sympy_inverse}),
        *(
            Problem(
                f"tanh network, {k} layer{'s' * (k > 1)}",
                *network(k),
                {"sympy": lambda k=k: _sympy_network(k), "tensorgrad": lambda k=k: _tensorgrad_network(k)},
            )
            for k in (1, 2)
        ),
    ]


def growing() -> list[Problem]:
    """Families in which the size grows: linear is the aim."""
    found = [
        Problem(
            f"Σ tr(Aᵢ X Bᵢ Xᵀ), {n:,} terms",
            *quadratic_traces(n),
            {"sympy": lambda n=n: _sympy_traces(n), "tensorgrad": lambda n=n: _tensorgrad_traces(n)},
            "sum",
        )
        for n in (10, 1_000, 10_000)
    ]
    found += [
        Problem(f"tanh network, {k} layers", *network(k), {"tensorgrad": lambda k=k: _tensorgrad_network(k)}, "network")
        for k in (8, 32)
    ]
    found += [Problem("tr((A X)^k)", "tr((A X)^k)", "X")]
    found += [
        Problem(
            f"tr(A X A X …), {k} times",
            "tr(" + " ".join(["A X"] * k) + ")",
            "X",
            {"sympy": lambda k=k: _sympy_power(k), "tensorgrad": lambda k=k: _tensorgrad_power(k)},
            "power",
        )
        for k in (8, 32, 128)
    ]
    return found


def large() -> list[tuple[str, str, str, bool]]:
    """Name, text, variable, and whether the derivation is printed as well."""
    n = 10_000
    return [
        ("network of 32 layers", *network(32), True),
        ("network of 1,000 layers", *network(1_000), True),
        ("Σ tr(Aᵢ X Bᵢ Xᵀ), 1,000 terms", *quadratic_traces(1_000), True),
        ("product of 10,000, variable once", *product(n, [n // 2]), False),
        ("product of 10,000, variable 5 times", *product(n, range(n // 10, n, n // 5)), False),
        ("product of 1,000, every second the variable", *product(1_000, range(1, 1_000, 2)), False),
        ("product of 4,000, every second the variable", *product(4_000, range(1, 4_000, 2)), False),
        ("10,000 brackets", "(" * n + "tr(A X)" + ")" * n, "X", False),
        ("sin of sin of …, 2,000 deep", "sin(" * 2_000 + "a' x" + ")" * 2_000, "x", False),
        ("100,000 transposes", "tr(A X" + "'" * 100_000 + ")", "X", False),
        ("sum of 100,000 products", " + ".join(f"a{i}' x" for i in range(100_000)), "x", False),
        ("100,000 times one term", " + ".join(["tr(A X)"] * 100_000), "X", False),
    ]


# --- SymPy ------------------------------------------------------------------------------------------------------------


def _sympy() -> tuple[Any, Any, Any, Any]:
    from sympy import MatrixSymbol, symbols

    m, n = symbols("m n", positive=True, integer=True)
    return MatrixSymbol, m, n, MatrixSymbol("X", m, n)


def _sympy_trace() -> str:
    from sympy import Trace

    matrix, m, n, x = _sympy()
    a, b, c = matrix("A", m, m), matrix("B", n, n), matrix("C", m, m)
    return str(Trace(a * x * b * x.T * c).diff(x))


def _sympy_logdet() -> str:
    from sympy import Determinant, log

    matrix, m, _, x = _sympy()
    return str(log(Determinant(x.T * matrix("A", m, m) * x)).diff(x))


def _sympy_norm() -> str:
    from sympy import Trace

    matrix, m, n, x = _sympy()
    r = matrix("A", m, m) * x - matrix("B", m, n)
    return str(Trace(r.T * r).diff(x))


def _sympy_ridge() -> str:
    from sympy import symbols

    matrix, m, n, _ = _sympy()
    x, lam = matrix("x", n, 1), symbols("lambda")
    r = matrix("A", m, n) * x - matrix("b", m, 1)
    return str((r.T * r + lam * x.T * x).diff(x))


def _sympy_quadratic() -> str:
    matrix, _, n, _ = _sympy()
    x = matrix("x", n, 1)
    return str((x.T * matrix("A", n, n) * x).diff(x))


def _sympy_inverse() -> str:
    matrix, _, n, _ = _sympy()
    x = matrix("X", n, n)
    return str((matrix("a", n, 1).T * x.I * matrix("b", n, 1)).diff(x))


def _sympy_network(layers: int) -> str:
    from sympy import OneMatrix, tanh

    matrix, _, n, _ = _sympy()
    weights = [matrix(f"W{k}", n, n) for k in range(1, layers + 1)]
    z: Any = matrix("x", n, 1)
    for w in weights:
        z = _applied(tanh, w * z)
    return str((OneMatrix(1, n) * z).diff(weights[0]))


def _applied(function: Any, z: Any) -> Any:
    from sympy import Dummy, Lambda
    from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

    t = Dummy("t")
    return ElementwiseApplyFunction(Lambda(t, function(t)), z)


def _sympy_traces(terms: int) -> str:
    from sympy import MatAdd, Trace

    matrix, m, n, x = _sympy()  # a sum of traces would give 0
    return str(Trace(MatAdd(*[matrix(f"A{i}", m, m) * x * matrix(f"B{i}", n, n) * x.T for i in range(terms)])).diff(x))


def _sympy_power(k: int) -> str:
    from sympy import MatMul, Trace

    matrix, m, n, x = _sympy()
    a = matrix("A", n, m)
    return str(Trace(MatMul(*[a, x] * k)).diff(x))


# --- tensorgrad -------------------------------------------------------------------------------------------------------


def _tensorgrad_trace() -> str:
    import tensorgrad as tg
    import tensorgrad.functions as F

    x, a, b, c = _tensors("X i j", "A i1 i", "B j j1", "C i2 i1")
    turned = x.rename(i="i2", j="j1")
    return str(tg.Derivative(F.sum(a @ x @ b @ turned @ c, []), x).simplify())


def _tensorgrad_norm() -> str:
    import tensorgrad as tg
    import tensorgrad.functions as F

    x, a, b = _tensors("X i j", "A k i", "B k j")
    r = a @ x - b
    return str(tg.Derivative(F.sum(r * r), x).simplify())


def _tensorgrad_network(layers: int) -> str:
    import tensorgrad as tg
    import tensorgrad.functions as F

    (z,) = _tensors("x n0")
    weights = _tensors(*(f"W{k} n{k} n{k - 1}" for k in range(1, layers + 1)))
    for w in weights:
        z = F.tanh(w @ z)
    return str(tg.Derivative(F.sum(z), weights[0]).simplify())


def _tensorgrad_traces(terms: int) -> str:
    import tensorgrad as tg

    (x,) = _tensors("X i j")
    parts = []
    for t in range(terms):
        a, b = _tensors(f"A{t} i1 i", f"B{t} j j1")
        parts.append(a @ x @ b @ x.rename(i="i1", j="j1"))
    return str(tg.Derivative(tg.Sum(parts), x).simplify())


def _tensorgrad_power(k: int) -> str:
    import tensorgrad as tg

    x, a = _tensors("X i j", "A j i")
    chain: Any = None
    for step in range(k):
        now, then = f"i{step}", f"i{(step + 1) % k}"
        part = a.rename(i=now, j=f"j{step}") @ x.rename(j=f"j{step}", i=then)
        chain = part if chain is None else chain @ part
    return str(tg.Derivative(chain, x).simplify())


def _tensors(*written: str) -> list[Any]:
    """Variables from a name and the names of their edges."""
    import tensorgrad as tg
    from sympy import symbols

    found = []
    for name, *edges in map(str.split, written):
        found.append(tg.Variable(name, **{e: symbols(e.rstrip("0123456789")) for e in edges}))
    return found


# --- timing -----------------------------------------------------------------------------------------------------------


class TooLong(Exception):
    """A peer's run passed the limit."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop what runs longer (where the system has alarms)."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def timed(run: Make, repeats: int = 1) -> float:
    """Seconds for one run, the mean of so many one after the other."""
    gc.collect()
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def paired(ours: Make, peer: Make, limit: float) -> tuple[list[float], list[float], list[float]]:
    """Our times, the peer's, and their ratios, each peer between two of ours."""
    mine: list[float] = []
    theirs: list[float] = []
    ratios: list[float] = []
    repeats = max(1, int(ENOUGH / max(timed(ours), 1e-6)))
    before = timed(ours, repeats)
    for _ in range(PAIRS):
        with limited(limit):
            taken = timed(peer)
        after = timed(ours, repeats)
        mine.append((before + after) / 2)
        theirs.append(taken)
        ratios.append(taken / mine[-1])
        before = after
        if sum(theirs) > limit:
            break
    return mine, theirs, ratios


def importable(name: str) -> bool:
    """Whether a peer is installed and loads."""
    try:
        __import__(name)
    except Exception as problem:
        if not isinstance(problem, ModuleNotFoundError):
            print(f"({name} does not load: {problem})")
        return False
    return True


# --- tables -----------------------------------------------------------------------------------------------------------


def table(title: str, problems: Sequence[Problem], peers: Sequence[str], limit: float) -> None:
    """Time problems and print a row each."""
    print(f"\n{title}\n")
    print(f"{'':34} {'matcalc':>11}" + "".join(f" {peer:>24}" for peer in peers))
    hopeless: set[tuple[str, str]] = set()
    for problem in problems:

        def ours(problem: Problem = problem) -> str:
            return str(matcalc.differentiate(problem.text, problem.variable))

        answer = ours()
        mine = [timed(ours, max(1, int(ENOUGH / max(timed(ours), 1e-6)))) for _ in range(3)]
        cells = []
        for peer in peers:
            make = problem.peers.get(peer)
            if make is None:
                cells.append("–")
            elif problem.family and (peer, problem.family) in hopeless:
                cells.append(f"> {limit:g} s (not tried)")
            else:
                cells.append(_cell(ours, make, limit, hopeless, (peer, problem.family), mine))
        first = answer.splitlines()[0]
        shown = first if len(first) <= 46 else first[:45] + "…"
        row = f"{problem.name:34} {_duration(statistics.median(mine)):>11}" + "".join(f" {c:>24}" for c in cells)
        print(f"{row}   {shown}", flush=True)


def _cell(
    ours: Make, peer: Make, limit: float, hopeless: set[tuple[str, str]], key: tuple[str, str], mine: list[float]
) -> str:
    try:
        with limited(limit):
            answer = peer()  # warm-up
        found, theirs, ratios = paired(ours, peer, limit)
    except TooLong:
        hopeless.add(key)
        return f"> {limit:g} s"
    except Exception as problem:
        return f"error: {type(problem).__name__}"
    mine += found
    wrong = " wrong: 0" if answer in ("0", "ZeroMatrix(m, n)") else ""
    return f"{_duration(statistics.median(theirs))} ={statistics.median(ratios):7.1f}×{wrong}"


def _duration(seconds: float) -> str:
    return f"{seconds * 1e3:,.2f} ms" if seconds < 1 else f"{seconds:,.2f} s"


def large_table() -> None:
    """Inputs that only a program types."""
    print("\nLarge inputs, matcalc alone\n")
    print(f"{'':46} {'gradient':>11} {'characters':>11} {'derivation':>11} {'characters':>11}")
    for name, text, variable, derivation in large():
        start = time.perf_counter()
        d = matcalc.differentiate(text, variable)
        printed = len(str(d))
        middle = time.perf_counter()
        row = f"{name:46} {_duration(middle - start):>11} {printed:>11,}"
        if derivation:
            length = len(str(d.derivation))
            row += f" {_duration(time.perf_counter() - middle):>11} {length:>11,}"
        print(row, flush=True)
        del d
        gc.collect()


def process_table(runs: int = 7) -> None:
    """Whole processes, each beside `import sympy`, all net of a bare start."""
    print("\nFresh processes, wall time net of a bare start, beside `import sympy`\n")
    rows = {
        "import matcalc": ["-c", "import matcalc"],
        "first answer": ["-c", FIRST],
        "first answer, command line": ["-m", "matcalc", "tr(A B Aᵀ C)", "A"],
    }
    for command in (["-c", "import sympy"], *rows.values()):
        process(command)
    for name, command in rows.items():
        times, ratios, others = [], [], []
        for _ in range(runs):
            bare, taken, sympy = process(["-c", "pass"]), process(command), process(["-c", "import sympy"])
            times.append(taken - bare)
            others.append(sympy - bare)
            ratios.append((taken - bare) / (sympy - bare))
        print(
            f"{name:34} {_duration(statistics.median(times)):>11}   import sympy "
            f"{_duration(statistics.median(others)):>11}   ratio {statistics.median(ratios):.2f} "
            f"({min(ratios):.2f} to {max(ratios):.2f})"
        )


def process(arguments: Sequence[str]) -> float:
    """Seconds that a Python process takes from start to end."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH", "")]))
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - start


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How long deriving takes, beside other systems.")
    parser.add_argument("--quick", action="store_true", help="textbook problems and fresh processes only")
    parser.add_argument("--no-peers", action="store_true", help="only matcalc")
    parser.add_argument("--limit", type=float, default=20.0, help="seconds that a peer may take for one problem")
    chosen = parser.parse_args(arguments)
    peers = [] if chosen.no_peers else [p for p in ("sympy", "tensorgrad") if importable(p)]
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors")
    for peer in peers:
        print(f"{peer} {getattr(sys.modules[peer], '__version__', '')}".rstrip())
    for problem in textbook():  # warm-up: grammar and rules
        matcalc.differentiate(problem.text, problem.variable)
    table("Textbook problems", textbook(), peers, chosen.limit)
    if not chosen.quick:
        table("Growing problems", growing(), peers, chosen.limit)
        large_table()
    process_table()


if __name__ == "__main__":
    main()
