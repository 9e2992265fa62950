"""The wheel: built, installed into an empty environment, and used from another directory."""

import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import matcalc

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OFFLINE = (
    "No matching distribution",
    "Connection",
    "Failed to establish",
    "Temporary failure",
    "Network is unreachable",
)


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment = {**kept, "PYTHONUTF8": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(
        [str(word) for word in command], capture_output=True, encoding="utf-8", cwd=cwd, env=environment, timeout=400
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that has the wheel, and what it depends on, only."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    commands = folder / ("Scripts" if os.name == "nt" else "bin")
    done = run(commands / "python", "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    if done.returncode and not in_ci() and any(sign in done.stderr for sign in OFFLINE):
        pytest.skip("pip reaches no index")
    assert done.returncode == 0, done.stderr
    return commands


def test_the_wheel_has_grammar_and_rules(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("grammar", "rules", "matcalc"):
        for path in (ROOT / folder).glob("*.*"):
            if path.suffix in (".lark", ".json", ".rules", ".txt", ".py"):
                assert (f"{folder}/" if folder == "matcalc" else f"matcalc/{folder}/") + path.name in names
    assert "matcalc/py.typed" in names
    assert not any("test" in name.split("/")[0] for name in names)


def test_the_command_from_another_directory(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "matcalc", "tr(A B Aᵀ C)", "A", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "∂f/∂A = Cᵀ A Bᵀ + C A B\nA: m×n, B: n×n, C: m×m\n"


def test_the_package_from_another_directory(installed: Path, tmp_path: Path) -> None:
    code = (
        "import matcalc, numpy, pathlib; print(pathlib.Path(matcalc.__file__).parent.name);"
        "d = matcalc.differentiate('logdet(X)', 'X');"
        "print(d, d.latex(), d.evaluate({'X': 2 * numpy.eye(2)}).tolist());"
        "print(len(matcalc.rules.default().all_rules()) > 50)"
    )
    done = run(installed / "python", "-c", code, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "matcalc\nX⁻ᵀ X^{-\\top} [[0.5, 0.0], [0.0, 0.5]]\nTrue\n"


def test_the_names() -> None:
    """The index has another package that is called matcalc."""
    assert PROJECT["name"] == "matcalc-engine"
    for path in (ROOT / "README.md", *ROOT.glob("examples/*"), *ROOT.glob("matcalc/*.py")):
        assert "pip install matcalc" not in path.read_text(encoding="utf-8")


def test_the_version() -> None:
    assert matcalc.__version__.count(".") == 2
