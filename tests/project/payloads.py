"""Types payloads into every public entrance, while Python reports what is compiled, run, started or written.

    python tests/project/payloads.py FOLDER

Ends with the number of texts that were typed and of those that were refused; the exit code is 1 where anything ran, a
file of the folder was written, or an error came that is no refusal.
"""

from __future__ import annotations

import contextlib
import difflib  # noqa: F401  so that it is not imported while something is watched
import importlib
import io
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sympy  # noqa: F401  likewise

import matcalc
from matcalc.app.cli import main

NAMES = (
    "Symbol N S Q E exec eval print open lambda import class sympify os self None True pi gamma beta O zoo oo".split()
)
"""Names that mean something to Python or to SymPy, and nothing to matcalc."""


def payloads(sentinel: str) -> list[str]:
    """Texts that would write the sentinel, or reach something that runs, if anything ran them."""
    touch = f"__import__('os').system('touch {sentinel}')"
    return [
        touch,
        f"__import__('pathlib').Path('{sentinel}').touch()",
        f"open('{sentinel}', 'w')",
        f"(lambda: open('{sentinel}', 'w'))()",
        f"f\"{{open('{sentinel}', 'w')}}\"",
        f"exec(\"open('{sentinel}', 'w')\")",
        f"eval({touch!r})",
        f"S({touch!r})",
        f"sympify({touch!r})",
        f"Symbol('x').func({touch!r})",
        f"[{touch} for x in (1,)][0]",
        f"A[{touch}]",
        f"os.system('touch {sentinel}')",
        "().__class__.__base__.__subclasses__()",
        "A.__class__.__init__.__globals__",
        "{0.__class__.__init__.__globals__}",
        "%(__class__)s %s %n",
        f"$(touch {sentinel})",
        f"`touch {sentinel}`",
        f"; touch {sentinel} #",
        f"| touch {sentinel}",
        f"!touch {sentinel}",
        f"!!python/object/apply:os.system ['touch {sentinel}']",
        f"cos\nsystem\n(S'touch {sentinel}'\ntR.",
        f"\\write18{{touch {sentinel}}}",
        f"\\immediate\\write18{{touch {sentinel}}}",
        "\\input{/etc/passwd}",
        "\\csname input\\endcsname",
        "import antigravity",
        "__builtins__",
        *NAMES,
    ]


RULES = (
    "{p}",
    "operator {p} : m×n -> m×n\n",
    "operator hh : m×n -> m×n   {p}\n",
    "operator hh : {p} -> m×n\n",
    "operator hh : m×n -> m×n\n    also {p}\n",
    'operator hh : m×n -> m×n\n    notation "{p}({{1}})"\n',
    'operator hh : m×n -> m×n\n    latex "{p}"\n',
    'operator hh : m×n -> m×n\n    latex "{{1}}^{{{p}}}"\n',
    "operator hh : m×n -> m×n\ndefinition hh: hh(X) = {p}\n",
    "operator hh : m×n -> m×n\ndefinition {p}: hh(X) = 2 X\n",
    "simplify {p}: tr(X) = tr(X)\n",
    "simplify h: {p} = X\n",
    "simplify h: tr(X X) = {p}\n",
    'simplify h: tr(X X) = sum(X ⊙ Xᵀ)\n    text "{p}"\n    because "{p}"\n    note "{p}"\n    source "{p}"\n',
    "simplify h: tr(X X) = sum(X ⊙ Xᵀ)\n    given X : {p}\n",
    "simplify h: tr(X X) = sum(X ⊙ Xᵀ)\n    given {p} : n×n\n",
    "simplify h: tr(X X) = sum(X ⊙ Xᵀ)\n    where {p}\n",
    "differential h: d({p}) = dX\n",
    "differential h for {p} in {p}: d({p}(X)) = dX\n",
    "form {p} h: vec(X) = {p} vec(X)\n",
    "property h: X X is {p}\n",
)
COMMANDS = (
    "{p}", "let q = {p}", "matrix {p}(n, n)", "matrix W({p}, n)", "function {p}(matrix) -> scalar", "d/d{p} tr(A)",
    "d/dA {p}", "d({p})/dA", "simplify {p}", "expand {p}", "factor {p}", "alternatives {p}", "equal {p} = {p}",
    "form {p}", "show {p}", "forget {p}", "functions {p}", "rules {p}", "help {p}",
)  # fmt: skip
EXPRESSIONS = ("{p}", "tr({p})", "A {p}", "A^({p})", "{p}(A)", "{p}.(A)", "A[{p}, 1]", "I({p})", "{p}: A", "f(X) = {p}")


def typed(p: str, folder: Path) -> Iterator[Callable[[], object]]:
    """Every way in which a text gets in."""
    context: dict[str, Any]
    for form in EXPRESSIONS:
        text = form.replace("{p}", p)
        yield lambda text=text: matcalc.parse(text)
        yield lambda text=text: shown(matcalc.differentiate(text, "A"))
        yield lambda text=text: matcalc.simplify(text)
        yield lambda text=text: matcalc.equal(text, text)
    yield lambda: (matcalc.expand(p), matcalc.factor(p), matcalc.alternatives(p))
    yield lambda: matcalc.functions(p)
    yield lambda: shown(matcalc.differentiate("tr(A B)", p))
    yield lambda: shown(matcalc.differentiate("tr(A B)", ["A", p]))
    yield lambda: shown(matcalc.differentiate(f"tr({p} B)", p))
    for context in (
        {"shapes": {p: ("n", "n")}},
        {"shapes": {"A": (p, p)}},
        {"shapes": {"A": p}},
        {"shapes": p},
        {"assume": {p: "symmetric"}},
        {"assume": {"A": p}},
        {"assume": p},
        {"where": p},
        {"where": f"let z = {p}"},
        {"where": f"matrix A({p}, n)"},
        {"where": f"function {p}(matrix) -> scalar"},
        {"rules": p},
        {"order": p},
        {"structure": p},
        {"layout": p},
        {"verify": p},
    ):
        yield lambda context=context: shown(matcalc.differentiate("tr(A B)", "A", **context))
    for form in RULES if p not in NAMES else RULES[1:3]:
        text = form.replace("{p}", p).replace("{{", "{").replace("}}", "}")
        yield lambda text=text: matcalc.rules.load(text)
    path = folder / "typed.rules"
    yield lambda: (path.write_bytes(p.encode()), matcalc.rules.load(path))
    d = matcalc.differentiate("phi(A B)", "A")
    yield lambda: d.form(p)
    yield lambda: d.latex(printer=p)
    arrays: dict[str, Any] = {"A": np.eye(2), "B": np.eye(2)}
    yield lambda: matcalc.parse("tr(A B)").evaluate({**arrays, p: np.eye(2)})
    yield lambda: matcalc.parse("tr(A B)").evaluate({**arrays, "B": p})
    yield lambda: matcalc.parse("tr(A B)").evaluate({**arrays, "B": [[p, p], [p, p]]})
    yield lambda: d.evaluate(arrays, {"phi": p})
    yield lambda: d.evaluate(arrays, {p: lambda x: x})
    session = matcalc.Session()
    for form in COMMANDS:
        text = form.replace("{p}", p)
        yield lambda text=text: session.run(text)
        yield lambda text=text: session.run("latex")
    yield lambda: session.declare(p)
    for arguments in (
        [p], [p, "A"], ["tr(A)", p], ["tr(A B)", "A", "--where", p], ["tr(A)", "A", "--shape", p],
        ["tr(A)", "A", "--shape", f"A={p}"], ["tr(A)", "A", "--assume", f"A={p}"], ["tr(A)", "A", "--rules", p],
        ["tr(A)", "A", "--form", p], ["tr(A)", "A", "--order", p], ["tr(A)", "A", "--layout", p], [f"--{p}", "x"],
        [f"tr({p})", "A", "--latex", "--steps"], [f"functions {p}"],
    ) if p not in NAMES else ([p, "A"], ["tr(A)", p]):  # fmt: skip
        yield lambda arguments=arguments: command_line(arguments)
    yield lambda: command_line(["-", "A"], p)
    yield lambda: command_line([], f"{p}\nlet q = {p}\nd/dA tr(A {p})\nlatex\nsteps\n")


def shown(d: Any) -> object:
    """Everything that an answer prints."""
    parts = d.values() if isinstance(d, matcalc.Derivatives) else [d]
    said = [str(d), repr(d)]
    for one in parts:
        said += [str(one.derivation), one.latex(), one.latex(printer="sympy"), str(one.sympy()), one.expression.ascii()]
        for name in ("pullback", "kronecker", "index", "tensor"):
            with contextlib.suppress(matcalc.MatcalcError):
                said += [str(one.form(name)), one.form(name).latex()]
    assert not any(command in text for text in said for command in ("\\write", "\\input", "\\csname"))
    return said


def command_line(arguments: list[str], typed_in: str = "") -> None:
    """The command, with this at its standard input."""
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(typed_in.encode()), encoding="utf-8")
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main(arguments)
    except SystemExit as exit_:
        code = exit_.code  # type: ignore[assignment]
    finally:
        sys.stdin = before
    if code:
        raise matcalc.MatcalcError("refused")


STARTED = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "subprocess.Popen",
    "pty.spawn",
    "os.startfile",
)
OTHER = ("pickle.find_class", "ctypes.dlopen", "socket.connect", "webbrowser.open", "code.__new__")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Watch:
    """What Python reports: nothing is watched before `on` is set, as modules are compiled and run when first used."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.on, self.seen = str(folder), False, list[str]()
        sys.addaudithook(self.report)

    def report(self, event: str, details: tuple[Any, ...]) -> None:
        """Keep an event that says that something ran."""
        if not self.on:
            return
        if event in ("exec", "compile"):
            file = str(details[0].co_filename if event == "exec" else details[1])
            if os.path.exists(file) or file.startswith("<frozen"):  # a module
                return
        elif event == "open":
            path, mode, flags = details
            inside = str(path).startswith(self.folder) and str(path).endswith(".rules")  # what the test itself writes
            if inside or not (isinstance(flags, int) and flags & WRITING or set(str(mode)) & set("wax+")):
                return
        elif event == "import":
            if str(details[0]) != "antigravity":
                return
        elif event not in STARTED and event not in OTHER:
            return
        self.on = False
        self.seen.append(f"{event}: {details!r:.300}")
        self.on = True

    def works(self) -> bool:
        """Whether it sees what it must."""
        self.on = True
        eval("1 + 1")
        (Path(self.folder) / "written").touch()
        self.on = False
        seen, self.seen = {line.partition(":")[0] for line in self.seen}, []
        return seen == {"compile", "exec", "open"}


def run() -> int:
    """Type everything once before and once while it is watched."""
    folder = Path(sys.argv[1])
    sentinel = folder / "sentinel"
    for module in pkgutil.walk_packages(matcalc.__path__, "matcalc."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    watch = Watch(folder)
    assert watch.works()
    count = refused = 0
    wrong: list[str] = []
    for p in ("tr(A)", "B", *payloads(str(sentinel))):
        for act in typed(p, folder):
            watch.on = p not in ("tr(A)", "B")  # first something harmless, by which all is imported that is used
            count += 1
            try:
                act()
            except (matcalc.MatcalcError, matcalc.Session.Quit):
                refused += 1
            except Exception as error:
                wrong.append(f"{p!r:.80}: {type(error).__name__}: {error!s:.200}")
            finally:
                watch.on = False
    for line in (*watch.seen, *wrong):
        print(line)
    if sentinel.exists():
        print("the sentinel was written")
    print(count, refused)
    return int(bool(watch.seen or wrong or sentinel.exists()))


if __name__ == "__main__":
    sys.exit(run())
