"""Where the grammar and the rule files are: in the installed package, or at the top level of a checkout."""

from __future__ import annotations

import os  # pathlib would cost the first answer four milliseconds

_PACKAGE = os.path.dirname(os.path.realpath(__file__))


def folder(name: str) -> str:
    """The folder ``grammar`` or ``rules``."""
    installed = os.path.join(_PACKAGE, name)
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(_PACKAGE), name)


def read(path: str) -> str:
    """The text of ``grammar/…`` or ``rules/…``."""
    name, _, rest = path.partition("/")
    with open(os.path.join(folder(name), rest), encoding="utf-8") as file:
        return file.read()


def names(name: str, ending: str) -> list[str]:
    """The files of a folder that end so, sorted."""
    return sorted(f for f in os.listdir(folder(name)) if f.endswith(ending))
