"""Nothing that is typed or loaded is executed: one test looks for what could, one tries.

The first reads the syntax tree of every module for what runs text, files or names that somebody else chose.  The second
types payloads into every public entrance while Python itself reports whatever is compiled, run, started or written.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import matcalc

PACKAGE = Path(matcalc.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

RUNS = frozenset("eval exec compile __import__ globals locals vars breakpoint execfile".split())
"""Functions that run a text, or look a name up among what can be run."""
METHODS = frozenset(
    "system popen execv execve execvp execl spawnl spawnv fork startfile eval exec parse_expr parse_latex lambdify "
    "autowrap loads find_class run_path run_module literal_eval fromstring genfromtxt loadtxt format_map".split()
)
"""Methods that run something, or read what may."""
IMPORTS = frozenset(
    "pickle marshal shelve subprocess ctypes code codeop runpy pty multiprocessing dill joblib yaml cffi socket "
    "urllib http webbrowser".split()
)
NAMED = {
    "__init__.py": {"name", "f'.{name}'", "f'.{_LAZY[name]}'"},  # public names: those of one table
    "app/cli.py": {"name"},  # options, written out above it
    "derivatives/problem.py": {"name"},
    "evaluation/code.py": {"function", "MODULES[module]"},  # functions that the lists there allow
    "language/latex_walk.py": {"'_' + piece.kind.lower()"},  # methods of that class, by the kinds of pieces
    "language/parser.py": {"making"},  # actions named in our own grammar
    "normal_form/theory.py": {"f.name"},  # fields of a record
    "printing/sympy_code.py": {"function", "method"},  # functions and methods that the lists there allow
    "printing/sympy_objects.py": {"f'make_{e.head}'"},  # methods of that class, by the head of a node
    "packages.py": {"package"},  # optional packages: those of one table
    "shapes/construction.py": {"'_' + item.op"},  # methods of that class, by what the reader made
}
"""Where an attribute is looked up by a name that is not written there, and that name: no typed text is one as it is."""


def dangers(source: str, file: str) -> list[str]:
    """What in a module could run something that was not written there."""
    return [f"{file}:{n.lineno}: {ast.unparse(n)}" for n in ast.walk(ast.parse(source)) if _is_danger(n, file)]


def _is_danger(n: ast.AST, file: str) -> bool:
    if isinstance(n, ast.Import):
        return any(alias.name.partition(".")[0] in IMPORTS for alias in n.names)
    if isinstance(n, ast.ImportFrom):
        return not n.level and (n.module or "").partition(".")[0] in IMPORTS
    if isinstance(n, ast.Attribute):
        return n.attr in METHODS and ast.unparse(n) != "json.loads"
    if isinstance(n, ast.Name):
        return n.id in RUNS
    if not isinstance(n, ast.Call):
        return False
    called = ast.unparse(n.func).rpartition(".")[2]
    if called in ("getattr", "setattr", "delattr", "import_module", "attrgetter", "methodcaller"):
        name = n.args[0] if called in ("import_module", "attrgetter", "methodcaller") else n.args[1]
        return not isinstance(name, ast.Constant) and ast.unparse(name) not in NAMED.get(file, ())
    if called in ("sympify", "S"):  # of a text SymPy evaluates what it says, unless it is told not to
        return not any(k.arg == "strict" and ast.unparse(k.value) == "True" for k in n.keywords)
    if called in ("symbols", "Symbol", "MatrixSymbol", "Function", "UndefinedFunction"):
        return ast.unparse(n.func) == "sympy.symbols"  # reads a text; the others take a name as it is
    return called == "format" and isinstance(n.func, ast.Attribute) and not isinstance(n.func.value, ast.Constant)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_module_runs_what_it_is_given(path):
    assert not dangers(path.read_text(encoding="utf-8"), path.relative_to(PACKAGE).as_posix())


@pytest.mark.parametrize(
    "source",
    [
        "eval(text)",
        "run = exec",
        "compile(text, '', 'eval')",
        "__import__(name)",
        "import_module(name)",
        "importlib.import_module(f'matcalc.{name}')",
        "import os, pickle",
        "from subprocess import run",
        "os.system(text)",
        "getattr(np, name)",
        "setattr(self, typed, 1)",
        "operator.attrgetter(name)",
        "sympy.sympify(text)",
        "list(map(sympy.sympify, x)) or sympify(x)",
        "parse.parse_expr(text)",
        "sympy.symbols(text)",
        "marshal.loads(text)",
        "np.fromstring(text)",
        "template.format(e)",
    ],
)
def test_what_it_looks_for_is_found(source):
    assert dangers(source, "module.py")


@pytest.mark.parametrize(
    "source", ["re.compile(p)", "getattr(e, 'key', None)", "'{}'.format(e)", "sympify(x, strict=True)", "a.evaluate()"]
)
def test_what_runs_nothing_is_not_complained_of(source):
    assert not dangers(source, "module.py")


def test_nothing_that_is_typed_or_loaded_runs(tmp_path):
    """In a process of its own: what watches Python cannot be taken away again."""
    script = Path(__file__).with_name("payloads.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=PACKAGE.parent,
        env={"PATH": "", "PYTHONPATH": str(PACKAGE.parent), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    typed, refused = map(int, done.stdout.split()[-2:])
    assert typed > 2_000 and 0 < refused < typed
