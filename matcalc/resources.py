"""Where the grammar and the rule files are: in the installed package, or at the top level of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder ``grammar`` or ``rules``."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def read(path: str) -> str:
    """The text of ``grammar/…`` or ``rules/…``."""
    name, _, rest = path.partition("/")
    return (folder(name) / rest).read_text(encoding="utf-8")
