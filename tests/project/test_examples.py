"""Each example prints what its docstring says.

With MATCALC_REWRITE=1 in the environment the docstrings are rewritten, to be read in the diff.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
STATED = re.compile(r'Prints:\n\n(.*?)"""', re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example(example: Path, tmp_path: Path) -> None:
    """Run it from another directory."""
    environment = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(example.parent.parent)}
    done = subprocess.run(
        [sys.executable, example], capture_output=True, encoding="utf-8", cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr
    text = example.read_text(encoding="utf-8")
    printed = "".join(f"    {line}\n" if line else "\n" for line in done.stdout.splitlines())
    if os.environ.get("MATCALC_REWRITE"):
        text = STATED.sub(lambda _: f'Prints:\n\n{printed}"""', text, count=1)
        example.write_text(text, encoding="utf-8")
    stated = STATED.search(text)
    assert stated and printed == stated[1]
