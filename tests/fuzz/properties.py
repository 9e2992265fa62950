"""What holds of every well-shaped expression; the test files state it for the examples that hypothesis chooses.

Run them all at length by hand, which prints what failed with its seed:

    python -m tests.fuzz.properties 20000 --seed 0
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

import numpy as np
from hypothesis import HealthCheck, Phase, settings

import matcalc
from matcalc.checking.derivatives import check
from matcalc.errors import VerificationError
from matcalc.expressions.dimensions import SCALAR
from matcalc.expressions.nodes import symbols
from matcalc.normal_form.algebra import Algebra
from matcalc.rules import default
from matcalc.simplification.shortest import pleasant
from tests.fuzz.oracle import Array, given_functions, gradient, value, written
from tests.fuzz.strategies import Pick, Problem, seeded, shuffled

DRAWS = 3
LARGEST = 1e7  # larger values say little in double precision


def bounded(examples: int) -> settings:
    """The same few examples in every run."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )


class Skip(Exception):
    """The function has no moderate value at the points that were tried."""


def sizeable(problem: Problem, seed: int) -> tuple[dict[str, Array], Array, float]:
    """Arrays, the oracle's gradient and the function's value; Skip where they are not finite and moderate."""
    arrays = problem.arrays(seed)
    try:
        f = value(problem.tree, arrays, problem.sizes)[0, 0]
        g = gradient(problem.tree, problem.variable, arrays, problem.sizes)
    except np.linalg.LinAlgError as singular:
        raise Skip from singular
    if not np.isfinite(g).all() or not np.isfinite(f) or max(np.abs(g).max(), abs(f)) > LARGEST:
        raise Skip
    if problem.assume.get(problem.variable) in ("symmetric", "spd"):
        g = (g + g.T) / 2
    return arrays, g, float(abs(f))


def difference(problem: Problem, derivative: matcalc.Derivative) -> str:
    """How the answer differs from the oracle, at each of three points; nothing if it agrees at one."""
    said = ""
    tried = 0
    for seed in range(DRAWS):
        try:
            arrays, truth, f = sizeable(problem, seed)
        except Skip:
            continue
        tried += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            got = np.asarray(derivative.evaluate(problem.given(arrays), functions=given_functions()))
        wanted = truth[0, 0] if got.ndim == 0 else truth[:, 0] if got.ndim == 1 else truth
        if got.shape != wanted.shape:
            return f"shapes {got.shape} and {wanted.shape}"
        if np.abs(got - wanted).max(initial=0) <= 1e-6 * max(np.abs(wanted).max(initial=0), 1e-3 * f, 1e-3):
            return ""
        said = f"{got} and {wanted}"
    if not tried:
        raise Skip
    return said


def derivative_of(problem: Problem) -> matcalc.Derivative:
    """The derivative; that nothing but an answer comes is part of the property."""
    return matcalc.differentiate(problem.text, problem.variable, where=problem.where, **problem.declared())


def function_of(problem: Problem) -> matcalc.Expr:
    """The function, a structured variable having its structure."""
    return matcalc.parse(problem.text, where=problem.where, **problem.declared())


def gradient_is_right(problem: Problem) -> None:
    """The gradient agrees with the oracle's."""
    said = difference(problem, derivative_of(problem))
    assert not said, f"d/d{problem.variable} {problem.text}: {said}"


def prints_and_reads_back(problem: Problem) -> None:
    """Normal forms are read back as they are printed, in ASCII and in Unicode."""
    d = derivative_of(problem)
    for e in (function_of(problem), d.normal):
        known = problem.declared()["shapes"]
        sizes = {x.name: () for x in symbols(e) if x.shape == SCALAR and x.name not in known}  # n as a number
        declared = {**problem.declared(), "shapes": {**known, **sizes}}
        reads_back(e, lambda text, declared=declared: matcalc.parse(text, where=problem.where, **declared))


def reads_back(e: matcalc.Expr, parse: Callable[[str], matcalc.Expr]) -> None:
    """An expression is read back from its ASCII, and from its Unicode if that can be read.

    Unicode leaves out the sizes of an identity that stands alone; ASCII tells all.
    """
    assert parse(e.ascii()) is e, f"{e.ascii()} is read as {parse(e.ascii())}"
    try:
        back = parse(str(e))
    except matcalc.ShapeError as refused:
        assert "cannot be told" in refused.message, f"{e}: {refused}"
    else:
        assert back is e, f"{e} is read as {back}"


def normal_form_is_stable(problem: Problem) -> None:
    """Building a normal form again gives the same object."""
    d = derivative_of(problem)
    algebra = Algebra(default())
    for e in (d.function, d.normal):
        assert algebra.substitute(e, {}) is e, f"{e} becomes {algebra.substitute(e, {})}"


def order_does_not_matter(problem: Problem, pick: Pick) -> None:
    """The order of terms and of commuting factors does not change the normal form, nor the answer."""
    other = written(shuffled(problem.tree, pick), pick)
    first = matcalc.parse(problem.text, where=problem.where, **problem.declared())
    second = matcalc.parse(other, where=problem.where, **problem.declared())
    assert first is second, f"{problem.text}\nand {other}\nare {first}\nand {second}"
    again = matcalc.differentiate(other, problem.variable, where=problem.where, **problem.declared())
    assert str(again) == str(derivative_of(problem)), f"{problem.text}\nand {other}"


def pleasant_is_equal(problem: Problem) -> None:
    """What is shown has the value of the normal form, and is its own pleasant form."""
    d = derivative_of(problem)
    arrays = problem.given(problem.arrays(0))
    a, b = (np.asarray(e.evaluate(arrays, given_functions())) for e in (d.normal, d.expression))
    if np.isfinite(a).all() and np.isfinite(b).all() and np.abs(a).max(initial=0) < LARGEST:
        close = 1e-6 * max(1e-3, np.abs(a).max(initial=0))
        assert np.allclose(a, b, rtol=1e-6, atol=close), f"{d.normal} and {d.expression}"
    assert d.expression.size <= d.normal.size, f"{d.expression} is longer than {d.normal}"
    assert pleasant(Algebra(default()), d.normal) is d.expression, "it depends on what was simplified before"


def lines_are_true(problem: Problem) -> None:
    """Every differential line of the derivation has the slope of the function."""
    try:
        check(derivative_of(problem))
    except VerificationError as said:
        assert "could not be checked" in said.message, f"d/d{problem.variable} {problem.text}: {said}"


PROPERTIES = (
    gradient_is_right,
    prints_and_reads_back,
    normal_form_is_stable,
    order_does_not_matter,
    pleasant_is_equal,
    lines_are_true,
)


def hold_for_seeds(prop: Callable[[Problem], None], seeds: Iterable[int]) -> None:
    """State a property of larger problems than hypothesis likes; all that fail are shown with their seeds."""
    failed = []
    for seed in seeds:
        problem = seeded(seed)
        if problem is not None:
            try:
                prop(problem)
            except Skip:
                continue
            except (AssertionError, matcalc.MatcalcError) as failure:
                failed.append(f"seed {seed}: {failure}")
    assert not failed, "\n".join(failed)


# --- by hand --------------------------------------------------------------------------------------------------------


def main() -> None:
    """Run every property on seeded problems and print what fails."""
    import argparse
    import random
    import time
    import traceback
    from collections import Counter

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--depth", type=int, default=8)
    parser.add_argument("--only", nargs="*", help="names of properties")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    begun = time.time()
    for seed in range(options.seed, options.seed + options.count):
        problem = seeded(seed, options.depth)
        if problem is None:
            continue
        counts["problems"] += 1
        for prop in PROPERTIES:
            if options.only and prop.__name__ not in options.only:
                continue
            try:
                if prop is order_does_not_matter:
                    prop(problem, random.Random(seed).choice)
                else:
                    prop(problem)
            except Skip:
                counts["skipped"] += 1
            except Exception as failure:  # every failure is a finding, whatever its kind
                counts[prop.__name__] += 1
                where = "" if isinstance(failure, AssertionError) else traceback.format_exc(limit=-2).strip()
                said = f"seed {seed} {prop.__name__}: {type(failure).__name__}: {str(failure)[:1500]} {where}"
                print(f"{said}\n  {problem.text} | {problem.variable} | {problem.shapes} {problem.assume}", flush=True)
        if seed % 500 == 499:
            print(f"# {seed + 1}: {dict(counts)} {time.time() - begun:.0f} s", flush=True)
    print(f"# done: {dict(counts)} {time.time() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
