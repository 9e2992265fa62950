"""Compile the grammars of `grammar/` to the tables that `Parser` follows.

Lark does it, when a grammar changes and never when something is read:

    python -m matcalc.language.tables

Each ``NAME.lark`` is written to ``NAME.json`` beside it.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterable
from typing import Any

from ..resources import folder, names, read

_START = re.compile(r"^\??start:", re.MULTILINE)


def grammars() -> list[str]:
    """The names of the grammars that have tables: those with a rule to start from."""
    found = (file.removesuffix(".lark") for file in names("grammar", ".lark"))
    return [name for name in found if _START.search(read(f"grammar/{name}.lark"))]


def tables(grammar: str) -> str:
    """The tables of a grammar, a rule or a state in a line; states in the order in which they are reached.

    A state has for each symbol the state to go to, or -1 - n for rule n.  A rule has the number of values that it makes
    one, the method that makes it (null where the one value stays as it is), and the symbol that it is.
    """
    from lark import Lark
    from lark.tools.serialize import serialize

    lark = Lark(
        read(f"grammar/{grammar}.lark"),
        parser="lalr",
        lexer="basic",
        maybe_placeholders=False,
        import_paths=[folder("grammar")],
    )
    written = io.StringIO()
    serialize(lark, written)  # type: ignore[no-untyped-call]
    saved = json.loads(written.getvalue())
    table, memo = saved["data"]["parser"]["parser"], saved["memo"]
    known = [rule["@"] for rule in saved["data"]["rules"]]
    reached = [table["start_states"]["start"]]
    states = []
    for state in reached:
        row = {}
        actions = table["states"][str(state)]
        for symbol, (reduces, to) in sorted((table["tokens"][key], action) for key, action in actions.items()):
            if not reduces and to not in reached:
                reached.append(to)
            row[symbol] = -1 - known.index(to["@"]) if reduces else reached.index(to)
        states.append(row)
    ordered = sorted(lark.terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    parts = {
        "terminals": _block("{}", (f"{_text(t.name)}: {_text(t.pattern.to_regexp())}" for t in ordered)),
        "rules": _block("[]", (_text(_made(memo[str(key)])) for key in known)),
        "states": _block("[]", map(_text, states)),
        "end": _text(reached.index(table["end_states"]["start"])),
    }
    return _block("{}", (f"{_text(name)}: {part}" for name, part in parts.items())) + "\n"


def _made(rule: dict[str, Any]) -> tuple[int, str | None, str]:
    """What the parser needs to know of a rule."""
    size, name = len(rule["expansion"]), rule["origin"]["name"]
    stays = rule["options"]["expand1"] and size == 1
    if any(symbol.get("filter_out") for symbol in rule["expansion"]):
        raise ValueError(f"Name every terminal of {name}: all values are used.")
    return size, rule["alias"] or (None if stays else name), name


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _block(brackets: str, lines: Iterable[str]) -> str:
    return brackets[0] + "\n" + ",\n".join(lines) + "\n" + brackets[1]


def main() -> None:
    """Write the tables of every grammar."""
    for grammar, made in [(grammar, tables(grammar)) for grammar in grammars()]:  # all are made before one is written
        with open(os.path.join(folder("grammar"), f"{grammar}.json"), "w", encoding="utf-8") as file:
            file.write(made)


if __name__ == "__main__":
    main()
