"""The command line: answers, styles, declarations, refusals, exit codes, streams that break."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import matcalc
from matcalc.app.cli import main

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
TRACE = "tr(A B Aᵀ C)"


def run(*arguments: str, given: bytes = b"", **environment: str) -> tuple[int, str, str]:
    """The command in a process of its own, from another directory."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, "-m", "matcalc", *arguments],
        input=given,
        capture_output=True,
        cwd="/",
        env={**kept, "PYTHONPATH": str(ROOT), **({} if environment else {"PYTHONUTF8": "1"}), **environment},
        timeout=60,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


Captured = pytest.CaptureFixture[str]


def printed(capsys: Captured, *arguments: str) -> list[str]:
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert not err
    return out.splitlines()


def refused(capsys: Captured, *arguments: str) -> str:
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert not out
    return err


# --- answers --------------------------------------------------------------------------------------------------------


def test_answer_with_its_label_and_shapes(capsys: Captured) -> None:
    assert printed(capsys, TRACE, "A") == ["∂f/∂A = Cᵀ A Bᵀ + C A B", "A: m×n, B: n×n, C: m×m"]


def test_several_variables_share_what_is_said(capsys: Captured) -> None:
    lines = printed(capsys, "phi(W X)", "W", "X")
    assert lines[:3] == ["∂f/∂W = G Xᵀ", "∂f/∂X = Wᵀ G", "where G = ∂φ/∂(W X)"]
    assert printed(capsys, "phi(W X)", "W,X") == lines


def test_ascii(capsys: Captured) -> None:
    lines = printed(capsys, "--ascii", TRACE, "A", "--steps")
    assert "df/dA = C' A B' + C A B" in lines
    assert all(line.isascii() for line in lines)


def test_latex(capsys: Captured) -> None:
    first, *rest = printed(capsys, "--latex", TRACE, "A")
    assert first.startswith(r"\frac{\partial f}{\partial A} = C^{\top} A B^{\top}")
    assert all(line.startswith("% ") for line in rest)


@pytest.mark.parametrize("style", [[], ["--latex"], ["--ascii"]])
def test_steps_end_with_the_answer_once(capsys: Captured, style: list[str]) -> None:
    lines = printed(capsys, "tr(A B)", "A", "--steps", *style)
    answers = [line for line in lines if line.startswith(("∂f/∂A", "df/dA", r"\frac{\partial f}"))]
    assert len(answers) == 1


def test_options_may_stand_anywhere(capsys: Captured) -> None:
    assert printed(capsys, "tr(A B)", "--steps", "A", "B") == printed(capsys, "--steps", "tr(A B)", "A", "B")


def test_declarations(capsys: Captured) -> None:
    for options in (
        ["--where", "symmetric matrix S(n, n)"],
        ["--assume", "S=symmetric", "--shape", "x=n"],
        ["--shape", "S=n,n", "--assume", "S=symmetric"],
    ):
        assert printed(capsys, "x' S x", "x", *options)[0] == "∂f/∂x = 2 S x"
    assert printed(capsys, "x' S x", "x", "--shape", "S=3,3")[-1] == "x: 3, S: 3×3"
    assert printed(capsys, "t A", "t", "--shape", "t=", "--shape", "A=m×2")[-1] == "t: scalar, A: m×2"


def test_rules(capsys: Captured) -> None:
    rules = ROOT / "examples" / "my_function.rules"
    assert printed(capsys, "1/2 norm_F(center(X))^2", "X", "--rules", str(rules))[0] == "∂f/∂X = center(X)"


def test_structure(capsys: Captured) -> None:
    options = ["--assume", "S=symmetric", "--structure", "independent-entries"]
    assert "independent entries" in "\n".join(printed(capsys, "tr(A S)", "S", *options))


def test_form(capsys: Captured) -> None:
    assert printed(capsys, "A X B", "X", "--form", "kronecker")[0] == "Bᵀ ⊗ A"
    several = printed(capsys, "A X B", "X", "--form", "kronecker", "--form", "pullback")
    assert several[:2] == ["kronecker: Bᵀ ⊗ A", "pullback:  Aᵀ G Bᵀ"]


def test_one_word_is_a_statement(capsys: Captured) -> None:
    assert printed(capsys, "d/dA tr(A B)") == printed(capsys, "tr(A B)", "A")
    assert printed(capsys, "(A B)'") == ["Bᵀ Aᵀ", "A: m×n, B: n×p; result: p×m"]
    assert printed(capsys, "functions", "det")[0] == "det : n×n → scalar"
    assert printed(capsys, "quit") == []


def test_minus_signs(capsys: Captured) -> None:
    assert printed(capsys, "-x^2", "x")[0] == "∂f/∂x = -2 x"
    assert printed(capsys, "-tr(A B)", "A", "--ascii")[0] == "df/dA = -B'"
    assert printed(capsys, "--ascii", "--", "--tr(A B)", "A")[0] == "df/dA = B'"


def test_standard_input() -> None:
    assert run("-", "A", given=f"{TRACE}\n".encode())[:2] == run(TRACE, "A")[:2]
    assert run("-", "A", given="\ufefftr(A\n B)\r\n".encode())[1].startswith("∂f/∂A = Bᵀ")


def test_version(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["--version"])
    assert leaving.value.code == 0
    assert capsys.readouterr().out == f"matcalc {matcalc.__version__}\n"


# --- refusals -------------------------------------------------------------------------------------------------------


def test_the_caret_stands_under_the_place(capsys: Captured) -> None:
    err = refused(capsys, "tr(Aᵀ B ⊙ )", "A").splitlines()
    assert err[0] == "  tr(Aᵀ B ⊙ )"
    assert err[1].index("^") == err[0].index(")")
    err = refused(capsys, "d/dA tr(A ⊙)").splitlines()
    assert err[1].index("^") == err[0].index("⊙)") + 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["tr(A B", "A"],
        ["", "A"],
        ["tr(A B)", "1"],
        ["tr(A B)", "A", "--where", "matrix A(m n)"],
        ["A B", "A", "--structure", "stiefel"],
        ["form"],
        ["steps"],
    ],
)
def test_refusals(capsys: Captured, arguments: list[str]) -> None:
    assert refused(capsys, *arguments).strip()


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--form", "short", "kronecker"),
        ("--form", "", "kronecker"),
        ("--structure", "none", "independent-entries"),
        ("--layout", "rows", "denominator"),
        ("--order", "0", "1, 2, …"),
        ("--order", "two", "1, 2, …"),
        ("--order", "1000000", "at most 100"),
        ("--shape", "A=m,n,k", "a matrix has two"),
        ("--shape", "A=m,n/2", "a size is a name"),
        ("--shape", "2=m,n", "not a name"),
        ("--shape", "A", "NAME="),
        ("--assume", "A=pretty", "symmetric"),
        ("--assume", "A", "NAME="),
        ("--rules", "/no/such/file.rules", "no file"),
    ],
)
def test_wrong_values_of_options_say_what_is_expected(capsys: Captured, option: str, value: str, expected: str) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["tr(A B)", "A", option, value])
    out, err = capsys.readouterr()
    assert leaving.value.code == 2
    assert not out and expected in err.partition("error: ")[2]


@pytest.mark.parametrize(
    "arguments",
    [["--steps"], ["tr(A)", "--steps"], ["tr(A)", "A", "--shape", "A"], ["tr(A)", "A", "--wrong"], ["a\udcff", "a"]],
)
def test_wrong_usage(capsys: Captured, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    out, err = capsys.readouterr()
    assert leaving.value.code == 2
    assert not out and "matcalc: error: " in err


def test_bytes_that_are_no_text() -> None:
    code, out, err = run("-", "A", given=b"tr(\xff)")
    assert (code, out) == (2, "") and "UTF-8" in err


# --- streams --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environment",
    [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}],
)
def test_ascii_where_nothing_else_can_be_shown(environment: dict[str, str]) -> None:
    code, out, err = run("-", "A", "--steps", given=f"{TRACE} + λ".encode(), **environment)
    assert (code, err) == (0, "") and out.isascii() and "df/dA = C' A B' + C A B" in out
    code, out, err = run("-", "A", given="tr(Aᵀ ⊙ )".encode(), **environment)
    assert (code, out) == (1, "") and err.isascii()
    first, second = err.splitlines()[:2]
    assert second.index("^") == first.index(")")


def test_utf8_without_a_locale() -> None:
    assert run(TRACE, "A", LANG="")[1].startswith("∂f/∂A = Cᵀ A Bᵀ")
    assert run(TRACE, "A", LC_ALL="C", PYTHONIOENCODING="utf-8")[1].startswith("∂f/∂A = Cᵀ A Bᵀ")


@pytest.mark.skipif(os.name != "posix", reason="pipes and signals of POSIX")
def test_a_reader_that_leaves() -> None:
    shell = f"{shlex.quote(sys.executable)} -m matcalc functions | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", shell], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.stderr == ""
    assert done.stdout.strip() in ("0", "141")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "matcalc", "tr(A)", "A"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
    assert done.returncode == 1
    assert done.stderr.startswith("matcalc: the output cannot be written") and "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="pipes and signals of POSIX")
def test_interrupted() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "matcalc"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdin and process.stdout
    process.stdin.write(b"d/dA tr(A B)\n")
    process.stdin.flush()
    process.stdout.readline()  # it is at work now
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, b"")


def test_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys; from matcalc.app.cli import main; main(['tr(A B)', 'A', '--steps']);"
        "print(sorted({'sympy', 'numpy', 'prompt_toolkit', 'asyncio'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


# --- the README -----------------------------------------------------------------------------------------------------

CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


def test_readme_console(tmp_path: Path) -> None:
    """What the README shows is what the commands print; MATCALC_REWRITE=1 rewrites it."""
    command = tmp_path / "matcalc"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m matcalc "$@"\n')
    command.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    text = README.read_text(encoding="utf-8")

    def played(block: re.Match[str]) -> str:
        lines = []
        for line in block[1].splitlines():
            if line.startswith("$ "):
                done = subprocess.run(["bash", "-c", line[2:]], capture_output=True, encoding="utf-8", env=environment)
                lines += [line, *done.stdout.splitlines()]
        return "```console\n" + "\n".join(lines) + "\n```"

    shown = CONSOLE.sub(played, text)
    if os.environ.get("MATCALC_REWRITE"):
        README.write_text(shown, encoding="utf-8")
        text = shown
    assert shown == text


def test_readme_first_answer(capsys: Captured) -> None:
    """The first command of the README prints the block below it."""
    text = README.read_text(encoding="utf-8")
    command = re.search(r"```sh\n(.*?)\n```", text, re.DOTALL)
    answer = re.search(r"prints\n\n```\n(.*?)```", text, re.DOTALL)
    assert command and answer
    words = shlex.split(command[1].split("&&")[-1])
    assert words[0] == ".venv/bin/matcalc"
    assert main(words[1:]) == 0
    assert capsys.readouterr().out == answer[1]
