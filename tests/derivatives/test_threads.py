"""Threads that share the rule book and the table of nodes get the answers that one alone would get."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from threading import Barrier, Event, Thread
from time import sleep
from typing import Any

import pytest

import matcalc
from matcalc.derivatives.problem import without_collector
from matcalc.expressions import nodes
from matcalc.expressions.nodes import Expr, Symbol, node
from matcalc.rulebook import book as books
from matcalc.rulebook.book import RuleBook, default

from .threads import OFTEN, THREADS, answer, differing, fresh_process, problems

SOME = 12


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads take turns as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(OFTEN)
    yield
    sys.setswitchinterval(before)


def together(work: Any, count: int = THREADS) -> list[Any]:
    """What a function of a number gives in as many threads that start at once."""
    barrier = Barrier(count)
    found: list[Any] = [None] * count

    def run(number: int) -> None:
        barrier.wait()
        found[number] = work(number)

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("seed", range(2))
def test_a_fresh_process_answers_in_threads_as_it_does_alone(seed):
    everything = problems([])
    todo = everything[seed :: len(everything) // SOME][:SOME]
    assert not differing(todo, [answer(problem) for problem in todo], fresh_process(todo, seed))


def test_who_asks_while_another_reads_gets_all_rules(monkeypatch):
    compiled, begun = books.compiled, Event()

    def slowly(*args: Any) -> Any:
        begun.set()
        sleep(0.001)
        return compiled(*args)

    book = RuleBook(default().entries)
    monkeypatch.setattr(books, "compiled", slowly)
    reader = Thread(target=book.operator, args=("det",))
    reader.start()
    begun.wait()
    book.operator("det")
    assert book.differential_rules("det")
    reader.join()
    assert [r.key for r in book.all_rules()] == [r.key for r in default().all_rules()]


def test_a_reading_that_is_broken_off_leaves_no_trace(monkeypatch):
    compiled = books.compiled
    book = RuleBook(default().entries)

    def interrupted(entry: Any, *args: Any) -> Any:
        if entry.key == "differential det":
            raise KeyboardInterrupt
        return compiled(entry, *args)

    with monkeypatch.context() as patched:
        patched.setattr(books, "compiled", interrupted)
        with pytest.raises(KeyboardInterrupt):
            matcalc.differentiate("det(X)", "X", rules=book)
    assert str(matcalc.differentiate("det(X)", "X", rules=book)) == "det(X) X⁻ᵀ\nholds where X is invertible"


def test_there_is_one_default_book(monkeypatch):
    books._default.cache_clear()
    found = together(lambda number: books.default())
    assert len(set(found)) == 1


def test_a_node_that_another_thread_makes_at_the_same_time_is_the_one_node(monkeypatch):
    """As when a thread is stopped after it has looked for the node, and before it has put its own into the table."""
    parts: Any = ("add", (node("symbol", (), Symbol("A", "matrix", frozenset()), ("n", "n")),), (7,), ("n", "n"))
    names, others = nodes._names_in, []

    def overtaken(*given: Any) -> Any:
        monkeypatch.undo()
        others.append(node(*parts))
        return names(*given)

    monkeypatch.setattr(nodes, "_names_in", overtaken)
    mine = node(*parts)
    assert [mine] == others
    assert node(*parts) is mine


def test_a_node_made_while_its_forerunner_is_being_forgotten_is_the_one_node():
    """As when a thread is stopped between the death of a node and its removal from the table."""
    parts: Any = ("symbol", (), Symbol("forgotten", "matrix", frozenset()), ("n", "n"))
    gone = nodes._Kept(Expr.__new__(Expr))
    gone.identity = parts
    assert gone() is None
    nodes._table[parts] = gone
    again = node(*parts)
    nodes._forget(gone)
    assert node(*parts) is again


@pytest.mark.usefixtures("switching")
def test_every_application_is_counted():
    book = RuleBook(default().entries)
    rule = default().all_rules()[0]
    together(lambda number: [book.fired(rule) for _ in range(2_000)])
    assert book.counts[rule.key] == THREADS * 2_000


def test_the_collector_runs_again_after_calls_at_the_same_time_and_inside_one_another():
    assert gc.isenabled()

    def pausing(number: int) -> None:
        for _ in range(50):
            with without_collector(), without_collector():
                sleep(0)

    together(pausing)
    assert gc.isenabled()


def test_a_collector_that_its_user_stopped_stays_so():
    gc.disable()
    try:
        with without_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.usefixtures("switching")
def test_one_derivative_may_be_looked_at_by_many():
    d = matcalc.differentiate("logdet(X' A X) + tr(sigmoid.(X B) C)", "X")
    alone = matcalc.differentiate("logdet(X' A X) + tr(sigmoid.(X B) C)", "X")
    forms = ("pullback", "differential", "index")

    def look(number: int) -> list[str]:
        return [str(d.derivation), *(str(d.form(f)) for f in (*forms[number % 3 :], *forms[: number % 3]))]

    for number, found in enumerate(together(look)):
        wanted = [str(alone.derivation), *(str(alone.form(f)) for f in (*forms[number % 3 :], *forms[: number % 3]))]
        assert found == wanted
