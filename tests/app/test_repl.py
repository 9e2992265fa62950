"""The REPL's language, its use through a pipe, and the terminal itself."""

import json
import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matcalc import MatcalcError, NameProblem, RuleError
from matcalc.app.answers import in_ascii
from matcalc.app.help import COMMANDS, TOPICS, help_text
from matcalc.app.repl import PROMPT, completions, history, history_file, prompt_of, run_lines
from matcalc.app.session import DECLARING, Quit, Session
from matcalc.app.statements import open_ended, statements
from matcalc.derivatives.choices import FORMS
from matcalc.language.requests import asked_for

ROOT = Path(__file__).parents[2]


@pytest.fixture
def session() -> Session:
    return Session()


def said(session: Session, *typed: str) -> list[str]:
    """The last answer's lines."""
    text = ""
    for line in typed:
        text = session.run(line)
    return text.splitlines()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("simplify A x + A' x", "(A + Aᵀ) x"),
        ("expand (A + B)' (A - B)", "Aᵀ A - Aᵀ B + Bᵀ A - Bᵀ B"),
        ("factor A (B x + C x)", "A (B + C) x"),
        ("equal A B + A C = A (B + C)", "equal (exactly, at 13 random points modulo 2^61 - 1)"),
        ("equal S' == S", "equal (one normal form)"),
        ("alternatives tr(A' B)", "A : B   [trace-of-product: tr(Xᵀ Y) = X : Y]"),
        ("alternatives A x", "No identity applies."),
    ],
)
def test_commands_that_take_expressions(session, typed, answer):
    session.run("symmetric matrix S(n, n)")
    assert said(session, typed) == [answer]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("simplify", "needs something"), ("equal A", "two expressions"), ("expand A +", "missing"), ("equal A = 1", "1")],
)
def test_commands_that_take_expressions_refuse(session, typed, reason):
    with pytest.raises(MatcalcError, match=reason):
        session.run(typed)


# --- statements -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names", "order", "rest"),
    [
        ("d/dA tr(A B)", ("A",), 1, "tr(A B)"),
        ("∂/∂x_1 x_1'x_1", ("x_1",), 1, "x_1'x_1"),
        ("d/dW,b norm(W x + b)^2", ("W", "b"), 1, "norm(W x + b)^2"),
        ("d/dW , b tr(W)", ("W", "b"), 1, "tr(W)"),
        ("  d / dlambda lambda^2", ("λ",), 1, "lambda^2"),
        ("d/dA(tr(A))", ("A",), 1, "(tr(A))"),
        ("d/dx₁‖x₁‖", ("x_1",), 1, "‖x₁‖"),
        ("d/dx2 x2'x2", ("x2",), 1, "x2'x2"),
        ("d²/dx² x'x", ("x",), 2, "x'x"),
        ("d2/dx2 x'x", ("x",), 2, "x'x"),
        ("d^2/dx^2 x'x", ("x",), 2, "x'x"),
        ("d^{2}/dx^{2} x'x", ("x",), 2, "x'x"),
        ("∂²/∂x ∂y x'y", ("x", "y"), 2, "x'y"),
        ("d2/dx dx x'x", ("x",), 2, "x'x"),
        ("d3/dt3 t^4", ("t",), 3, "t^4"),
        ("d2/dx12 x1'x1", ("x1",), 2, "x1'x1"),
        ("d(A B)/dA", ("A",), 1, "A B"),
        ("∂(A B)/∂A", ("A",), 1, "A B"),
        ("d tr(A B)/dB", ("B",), 1, "tr(A B)"),
        ("d²(x'x)/dx²", ("x",), 2, "(x'x)"),
        ("∂²(x'x)/∂x∂xᵀ", ("x",), 2, "(x'x)"),
        ("∂f/∂x", ("x",), 1, "f"),
        ("df(x)/dx", ("x",), 1, "f(x)"),
        ("∇_A tr(A B)", ("A",), 1, "tr(A B)"),
        ("∇_{A} tr(A B)", ("A",), 1, "tr(A B)"),
        ("∇²_x x'x", ("x",), 2, "x'x"),
        ("∇_x² x'x", ("x",), 2, "x'x"),
        ("grad_A tr(A B)", ("A",), 1, "tr(A B)"),
        ("hessian_x x'x", ("x",), 2, "x'x"),
        ("gradient of tr(A B) with respect to A, B", ("A", "B"), 1, "tr(A B)"),
        ("the Hessian of x'x wrt x", ("x",), 2, "x'x"),
        ("tr(A B) wrt B", ("B",), 1, "tr(A B)"),
        ("diff(tr(A*B), A)", ("A",), 1, "tr(A*B)"),
        ("diff(sin(t), t, 2)", ("t",), 2, "sin(t)"),
        ("hessian(x' A x, x)", ("x",), 2, "x' A x"),
        ("gradient(norm(A x - b)^2, x)", ("x",), 1, "norm(A x - b)^2"),
        ("tr(A*B).diff(A)", ("A",), 1, "tr(A*B)"),
        ("f(X) = tr(A X)", ("X",), 1, "f(X) = tr(A X)"),
    ],
)
def test_requests(text: str, names: tuple[str, ...], order: int, rest: str) -> None:
    request = asked_for(text)
    assert request is not None
    assert (request.names, request.order, text[request.start : request.end]) == (names, order, rest)


@pytest.mark.parametrize("text", ["det(A)", "d x", "d/(n x)", "diag(x)", "norm(x)^2/dx", "a/(dx dy)", "d/n", "D = W X"])
def test_what_is_no_request(text: str) -> None:
    assert asked_for(text) is None


@pytest.mark.parametrize(
    "text", ["d2/dx x", "d²/dx³ x", "d0/dx x", "d(x)/dx²", "∂²(x)/∂x", "d(x) x/dx", "∇ x", "grad(x)"]
)
def test_orders_must_agree(text: str) -> None:
    with pytest.raises(MatcalcError):
        asked_for(text)


def test_statements_go_on_in_open_brackets() -> None:
    lines = ["tr(A", "B)", "", "A + \\", "B", "# (", "let z = (x", "", "y"]
    assert list(statements(lines)) == [
        (1, "tr(A\nB)"),
        (3, ""),
        (4, "A + \\\nB"),
        (6, "# ("),
        (7, "let z = (x\n"),
        (9, "y"),
    ]
    assert not open_ended("A)(") or open_ended("A)(")
    assert not open_ended("A))")


def test_answers(session: Session) -> None:
    assert said(session, "d/dA tr(A B Aᵀ C)") == ["∂f/∂A = Cᵀ A Bᵀ + C A B", "A: m×n, B: n×n, C: m×m"]
    assert said(session, "steps")[-1] == "∂f/∂A = Cᵀ A Bᵀ + C A B"
    assert said(session, "latex")[0].startswith(r"\frac{\partial f}{\partial A} = ")
    assert said(session, "ascii")[0] == "df/dA = C' A B' + C A B"
    assert said(session, "steps latex")[0] == r"\begin{aligned}"
    assert said(session, "steps ascii")[-1] == "df/dA = C' A B' + C A B"
    assert said(session, "shapes") == ["A: m×n, B: n×n, C: m×m"]
    assert said(session, "(A B)' + B' A'  # a comment")[0] == "2 Bᵀ Aᵀ"
    assert said(session, "ascii")[0] == "df/dA = C' A B' + C A B"
    assert said(session, "tr(A \\\n B)")[0] == "tr(A B)"
    assert said(session, "  # nothing") == []


def test_forms(session: Session) -> None:
    session.run("d/dA A'B")
    assert said(session, "form pullback")[0] == "B Gᵀ"
    lines = said(session, "forms")
    assert [line.partition(":")[0] for line in lines[: len(FORMS)]] == list(FORMS)
    session.run("d/dA,B A'B")
    assert said(session, "form pullback")[:4] == ["by A:", "B Gᵀ", "by B:", "A G"]


def test_second_order(session: Session) -> None:
    assert said(session, "d²/dx² x'A x")[0] == "∂²f/∂x∂xᵀ = A + Aᵀ"
    assert said(session, "d2/dx dy x'A y") == ["∂²f/∂x∂yᵀ = A", "A: m×n, y: n"]
    assert said(session, "steps")[-1] == "∂²f/∂x∂yᵀ = A"


def test_declarations_stay(session: Session) -> None:
    said(session, "symmetric matrix S(n, n); vector x(n)")
    assert said(session, "d/dx x'S x") == ["∂f/∂x = 2 S x", "x: n, S: n×n symmetric"]
    assert said(session, "matrix S(n, n)", "d/dx x'S x")[0] == "∂f/∂x = (S + Sᵀ) x"
    assert said(session, "forget S, x", "show") == ["Nothing is declared."]


def test_named_parts_in_any_order(session: Session) -> None:
    said(session, "let r = z - y", "let z = W x")
    assert said(session, "d/dW norm(r)^2")[0] == "∂f/∂W = 2 (W x - y) xᵀ"
    assert said(session, "let z = W x + b", "d/dW norm(r)^2")[0] == "∂f/∂W = 2 (W x + b - y) xᵀ"
    assert said(session, "show") == ["let z = W x + b", "let r = z - y"]
    with pytest.raises(MatcalcError, match="circle"):
        session.run("let z = r + y")
    assert said(session, "show") == ["let z = W x + b", "let r = z - y"]


def test_a_refusal_changes_nothing(session: Session) -> None:
    said(session, "matrix A(m, n)", "let z = A x", "d/dx norm(z)^2")
    before = said(session, "show"), said(session, "ascii")
    for wrong in (
        "matrix A(m, n",
        "let z = A A",
        "vector z(n); matrix B(1, 2, 3)",
        "let I = A",
        "forget Q",
        "rules /no/such/file.rules",
        "d/dx norm(q",
        "form short",
        "functions nonsense",
        "help nonsense",
        "form",
    ):
        with pytest.raises(MatcalcError):
            session.run(wrong)
        assert (said(session, "show"), said(session, "ascii")) == before, wrong


def test_the_place_is_one_in_the_line(session: Session) -> None:
    for typed, place in (("d/dA tr(A ⊙ )", ")"), ("d/dA,B tr(A\n B ⊙ )", ")"), ("let z = A ⊙ ", "⊙")):
        with pytest.raises(MatcalcError) as refusal:
            session.run(typed)
        line, carets = refusal.value.lines()[:2]
        assert abs(carets.index("^") - line.index(place)) <= 1


def test_rules_of_the_session(session: Session, tmp_path: Path) -> None:
    file = ROOT / "examples" / "my_function.rules"
    assert "operator swish" in said(session, f"rules {file}")
    other = tmp_path / "other.rules"
    other.write_text(
        "operator double : m×n -> m×n   linear\nadjoint double: W : double(X) = double(W) : X\n"
        "definition double: double(X) = 2 X\n",
        encoding="utf-8",
    )
    said(session, f"rules {other}", f"rules {other}")
    assert said(session, "d/dX norm_F(center(double(X)))^2")[0].count("center") == 1
    assert said(session, "show") == ["rules my_function.rules", "rules other.rules"]
    assert "swish" in session.run("functions")
    with pytest.raises(NameProblem, match="swish"):
        said(Session(), "d/dX sum(swish.(X))")
    session.run("clear")
    assert "swish" not in session.run("functions")


def linear(name: str, factor: str, value: str) -> str:
    """A rule file with one linear operator."""
    return (
        f"operator {name} : m×n -> m×n   linear\nadjoint {name}: W : {name}(X) = {factor} W : X\n"
        f"definition {name}: {name}(X) = {value}\n"
    )


def test_an_edited_rule_file_replaces_what_it_was(session: Session, tmp_path: Path) -> None:
    """A file may use the operators of another, and bear the name of one that comes with matcalc."""
    file, resting = tmp_path / "trace.rules", tmp_path / "resting.rules"
    file.write_text(linear("twice", "2", "2 X"), encoding="utf-8")
    resting.write_text(linear("tripled", "3", "twice(X) + X"), encoding="utf-8")
    said(session, f"rules {file}", f"rules {resting}")
    assert said(session, "d/dX tr(A twice(X) + A tripled(X))")[0] == "∂f/∂X = 5 Aᵀ"
    for refused in (
        linear("twice", "4", "4 X"),
        linear("other", "2", "2 X"),
        linear("tripled", "2", "2 X"),
        "nonsense",
    ):
        file.write_text(refused, encoding="utf-8")
        with pytest.raises(RuleError):
            session.run(f"rules {file}")
        assert said(session, "d/dX tr(A twice(X) + A tripled(X))")[0] == "∂f/∂X = 5 Aᵀ"
    file.write_text(linear("twice", "2", "X + X") + linear("other", "7", "7 X"), encoding="utf-8")
    said(session, f"rules {file}")
    assert said(session, "d/dX tr(A other(X) + A tripled(X))")[0] == "∂f/∂X = 10 Aᵀ"
    assert said(session, "show") == ["rules resting.rules", "rules trace.rules"]


def test_functions_says_how_each_is_differentiated(session: Session) -> None:
    text = session.run("functions")
    assert "d(det(X)) = det(X) tr(X⁻¹ dX)" in text
    assert "inv(X) = X⁻¹; d(X⁻¹) = -X⁻¹ dX X⁻¹" in text
    assert "linear, its own differential" in text
    for name in session.book.operators:
        assert session.run(f"functions {name}").startswith(f"{name} : ")


def test_help(session: Session) -> None:
    assert "d/dA" in session.run("help")
    for topic in (*TOPICS, *COMMANDS, "forms", "commands", "logdet"):
        assert help_text(topic, session.book)
    for example in re.findall(r"^(d\S+ .*?)(?:\s{2,}|$)", TOPICS["derivatives"], re.MULTILINE):
        assert asked_for(example), example


def test_leaving(session: Session) -> None:
    for word in ("quit", "exit", " quit "):
        with pytest.raises(Quit):
            session.run(word)


# --- through a pipe -------------------------------------------------------------------------------------------------


def test_lines(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_lines(session, ["let z = A x", "", "d/dx norm(z)^2", "quit", "tr("]) == 0
    assert capsys.readouterr().out.startswith("∂f/∂x = 2 Aᵀ A x")


def test_the_first_refusal_ends_the_run(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_lines(session, ["d/dA tr(A B)", "", "symetric matrix S(n, n)", "d/dS tr(S B)"]) == 1
    out, err = capsys.readouterr()
    assert out.count("∂f/∂") == 1
    assert err.startswith("line 3:\n  symetric")


@pytest.mark.parametrize("junk", ["(" * 3000, "tr(" * 3000, "∂", "d/", "let", "let x", "\x00", "\x1b[31m", "'" * 2000])
def test_no_traceback(session: Session, junk: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_lines(session, [junk]) == 1
    assert capsys.readouterr().err


def test_readme_session(session: Session) -> None:
    """The README's session is what a session says."""
    shown = re.search(r"```\n(> .*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    lines: list[str] = []
    for line in shown[1].splitlines():
        if line.startswith(PROMPT):
            lines += [line, *session.run(line.removeprefix(PROMPT)).splitlines()]
    assert lines == shown[1].splitlines()


# --- the terminal ---------------------------------------------------------------------------------------------------


def test_completions(session: Session) -> None:
    said(session, "let residual = A x", "d/dx norm(residual)^2")

    def offered(typed: str, first: bool = False) -> list[str]:
        return [text for text, _ in completions(session, typed, first)]

    assert offered("logd") == ["logdet("]
    assert "tanh.(" in offered("tan")
    assert offered("resid") == ["residual"]
    assert offered("\\lam") == ["λ"] and offered("\\otim") == ["⊗"]
    assert "λ" in offered("lamb")
    assert "steps" in offered("st", first=True) and "steps" not in offered("st")
    assert "symmetric" in offered("symm", first=True)
    assert "I" not in offered("\\")


def test_history_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    history().append_string("d/dA tr(A)")
    assert "d/dA tr(A)" in history_file().read_text(encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert history_file() == tmp_path / ".local" / "state" / "matcalc" / "history"
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    history().append_string("kept for the session only")


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal of POSIX")
def test_a_terminal(tmp_path: Path) -> None:
    """Type into a real terminal: an answer, a cancelled line, completion, a continued line, and leave with Ctrl-D."""
    import pty

    master, slave = pty.openpty()
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "TERM": "xterm",
        "XDG_STATE_HOME": str(tmp_path),
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "matcalc"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        start_new_session=True,
    )
    os.close(slave)
    seen = b""

    def wait_for(text: str) -> None:
        nonlocal seen
        until = time.monotonic() + 30
        while text.encode() not in seen:
            ready = select.select([master], [], [], max(0, until - time.monotonic()))[0]
            assert ready, f"{text!r} did not come after {seen.decode(errors='replace')!r}"
            seen += os.read(master, 4096)
        seen = seen.split(text.encode(), 1)[1]

    try:
        wait_for("help.")
        wait_for(">")
        os.write(master, "d/dA tr(A B Aᵀ C)\r".encode())
        wait_for("∂f/∂A = Cᵀ A Bᵀ + C A B")
        wait_for(">")
        os.write(master, b"nonsense(\x03")
        wait_for(">")
        os.write(master, b"d/dX logd\t")
        wait_for("et(")
        os.write(master, b"X)\r")
        wait_for("∂f/∂X = X⁻ᵀ")
        wait_for(">")
        os.write(master, b"d/dX tr(X\rB)\r")
        wait_for("∂f/∂X = Bᵀ")
        wait_for(">")
        os.write(master, b"\x04")
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert "tr(A B Aᵀ C)" in (tmp_path / "matcalc" / "history").read_text(encoding="utf-8")


def test_words_that_declare() -> None:
    """They are the keywords of the grammar of declarations."""
    terminals = json.loads((ROOT / "grammar" / "declarations.json").read_text(encoding="utf-8"))["terminals"]
    keywords = [terminals[name] for name in ("KIND", "PROPERTY", "LET", "FUNCTION")]
    assert {word for pattern in keywords for word in re.findall(r"[a-z]{2,}", pattern)} == DECLARING


def test_in_ascii() -> None:
    assert in_ascii("∂f/∂A = ‖x‖ Aᵀ, A: m×n").isascii()


@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        ("tr(A B)\r", "tr(A B)"),
        ("tr(A\rB)\r", "tr(A\nB)"),
        ("\x12let\r\r", "let z = A x"),  # Ctrl-R finds, Enter takes what was found, Enter runs it
        ("\x12norm\r\x05'\r", "d/dx norm(z)^2'"),  # Ctrl-E goes to the end
        ("x\x12\x12\x07'\r", "x'"),  # Ctrl-G gives up the search
    ],
)
def test_keys(session: Session, keys: str, typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output import DummyOutput

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for line in ("let z = A x", "d/dx norm(z)^2"):
        history().append_string(line)
    with create_pipe_input() as given, create_app_session(input=given, output=DummyOutput()):
        given.send_text(keys)
        assert prompt_of(session).prompt(PROMPT) == typed
