"""Packages that are used where they are there: without them derivatives are found all the same."""

from __future__ import annotations

from functools import cache
from importlib import import_module

OPTIONAL = {
    "numpy": "NumPy",
    "mpmath": "mpmath",
    "sympy": "SymPy",
    "prompt_toolkit": "prompt_toolkit",
    "lark": "Lark",
}
"""What each is called, by the name under which it is imported."""


@cache
def available(*packages: str) -> bool:
    """Whether all of these can be imported.

    >>> available("json"), available("json", "no_such_package")
    (True, False)
    """
    try:
        for package in packages:
            import_module(package)
    except ImportError:
        return False
    return True


def missing(problem: ImportError) -> str | None:
    """The optional package that an import failed for; None where it failed for something else."""
    named = (problem.name or "").partition(".")[0]
    if named in OPTIONAL:
        return named
    # SymPy says in words that it misses mpmath, and an import may be forbidden without a name.
    return next((package for package in OPTIONAL if not available(package)), None)
