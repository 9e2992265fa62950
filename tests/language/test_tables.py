"""The tables by which expressions are read, which Lark makes from the grammar.

After a change of the grammar, to renew them:

    MATCALC_REWRITE=1 python -m pytest tests/language/test_tables.py
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable
from typing import Any

from lark import Lark
from lark.tools.serialize import serialize

from matcalc.resources import folder, read

GRAMMAR, TABLES = "expression.lark", "expression.json"


def tables() -> str:
    """The tables, a rule or a state in a line; states in the order in which they are reached from the first.

    A state has for each symbol the state to go to, or -1 - n for rule n.  A rule has the number of values that it makes
    one, the method that makes it (null where the one value stays as it is), and the symbol that it is.
    """
    lark = Lark(read(f"grammar/{GRAMMAR}"), parser="lalr", lexer="basic", maybe_placeholders=False)
    written = io.StringIO()
    serialize(lark, written)
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
        "terminals": block("{}", (f"{text(t.name)}: {text(t.pattern.to_regexp())}" for t in ordered)),
        "rules": block("[]", (text(made(memo[str(key)])) for key in known)),
        "states": block("[]", map(text, states)),
        "end": text(reached.index(table["end_states"]["start"])),
    }
    return block("{}", (f"{text(name)}: {part}" for name, part in parts.items())) + "\n"


def made(rule: dict[str, Any]) -> tuple[int, str | None, str]:
    """What the parser needs to know of a rule."""
    size, name = len(rule["expansion"]), rule["origin"]["name"]
    stays = rule["options"]["expand1"] and size == 1
    assert not any(symbol.get("filter_out") for symbol in rule["expansion"]), "name every terminal: all values are used"
    return size, rule["alias"] or (None if stays else name), name


def text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def block(brackets: str, lines: Iterable[str]) -> str:
    return brackets[0] + "\n" + ",\n".join(lines) + "\n" + brackets[1]


def test_the_tables_are_those_of_the_grammar() -> None:
    wanted = tables()
    if os.environ.get("MATCALC_REWRITE"):
        with open(os.path.join(folder("grammar"), TABLES), "w", encoding="utf-8") as file:
            file.write(wanted)
    assert read(f"grammar/{TABLES}") == wanted, "run: MATCALC_REWRITE=1 python -m pytest tests/language/test_tables.py"
