"""Gradients of random expressions against an oracle that shares no code with the calculus."""

from hypothesis import assume, given

from tests.fuzz.properties import Skip, bounded, gradient_is_right, hold_for_seeds
from tests.fuzz.strategies import problems


@bounded(150)
@given(problems())
def test_gradient_is_the_oracles(problem):
    try:
        gradient_is_right(problem)
    except Skip:
        assume(False)


@bounded(100)
@given(problems(depth=3))
def test_small_gradients_are_the_oracles(problem):
    try:
        gradient_is_right(problem)
    except Skip:
        assume(False)


def test_large_gradients_are_the_oracles():
    hold_for_seeds(gradient_is_right, range(300))
