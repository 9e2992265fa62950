"""What a session keeps of declarations, and that each costs what it needs and not what there is."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.app import session as sessions
from matcalc.app.declarations import MOST_CHECKED
from matcalc.app.session import Session


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines of declarations were read, each time that something was."""
    lines: list[int] = []
    original = sessions.read

    def counted(text, shapes, assume, where, book):
        lines.append(where.count("\n") + bool(where))
        return original(text, shapes, assume, where, book)

    monkeypatch.setattr(sessions, "read", counted)
    return lines


@pytest.mark.parametrize("text", ["let a{i} = x + {i}", "let a{i} = sin(a{j}) + {i}", "let a{j} = sin(a{i}) + {i}"])
def test_one_by_one(read: list[int], text: str) -> None:
    """Independent ones, a chain, and a chain from its end: each is read with what it needs, up to a bound."""
    n = 3 * MOST_CHECKED
    session = Session()
    session.declare("scalar x; scalar a0")
    for i in range(1, n):
        session.declare(text.format(i=i, j=i - 1))
    assert sum(read) <= 4 * n * MOST_CHECKED
    assert max(read) <= MOST_CHECKED + 1
    assert session.where.count("let") == n - 1


def test_one_variable_of_many(read: list[int]) -> None:
    session = Session()
    session.declare("\n".join(f"matrix A{i}(n, n)" for i in range(500)))
    read.clear()
    session.declare("vector x(n)")
    assert sum(read) == 1


def test_what_is_refused_leaves_everything_as_it_was() -> None:
    session = Session()
    session.declare("matrix A(m, n); vector x(n); let y = A x; let z = y + y")
    before = session.where
    for wrong in ("let w = A' A'", "vector x(m); vector u(k)", "let y = z", "vector b(m); let y = b y"):
        with pytest.raises(matcalc.MatcalcError):
            session.declare(wrong)
        assert session.where == before
    assert session.run("d/dx sum(z)").startswith("∂f/∂x = 2 Aᵀ")


def test_an_interrupted_declaration_leaves_everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    session.declare("let y = A x")
    before = session.where

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sessions, "read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            session.declare("let y = B x; let z = y y'")
    assert session.where == before


@pytest.mark.parametrize(
    ("text", "circle"),
    [
        ("let a = a + 1", "a → a"),
        ("let a = b; let b = a", "b → a → b"),
        ("let a = b; let b = c; let c = a b", "c → a → b → c|c → b → c"),
    ],
)
def test_circles(text: str, circle: str) -> None:
    with pytest.raises(matcalc.MatcalcError, match=f"go round in a circle: ({circle})[.]"):
        Session().declare(text)


def test_a_variable_becomes_a_subexpression() -> None:
    """What mentions it is read again."""
    session = Session()
    session.declare("let y = A x")
    session.declare("let A = B C")
    with pytest.raises(matcalc.MatcalcError, match=r"differ|inner|product|columns"):
        session.declare("matrix B(3, 4); matrix C(5, 6)")
    assert "let y" in session.where.splitlines()[-1]
