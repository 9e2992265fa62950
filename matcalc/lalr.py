"""A parser that follows tables.

Lark makes them from a grammar when that changes, in `tests/test_tables.py`, which also says what they hold.  To do so
at every start, and to load Lark for it, would take a third of the time to a first answer.
"""

from __future__ import annotations

import json
from typing import Any

from .complaints import unexpected
from .resources import read
from .scanner import Scanner

END = "$END"

Row = dict[str, Any]  # a state, or (how many values, what makes one of them or None, its name)


class Parser:
    """Reads text by tables; `build` has a method for each alternative of the grammar, by its name there.

    A row says for a token the state to go to, or how many values make which other one.  Most values rise through all
    the levels of precedence unchanged; where they arrive is remembered by the two states and the token.
    """

    def __init__(self, path: str, build: object) -> None:
        tables = json.loads(read(path))
        rules = [(size, making and getattr(build, making), name) for size, making, name in tables["rules"]]
        self.rows: list[Row] = [
            {symbol: to if to >= 0 else rules[~to] for symbol, to in row.items()} for row in tables["states"]
        ]
        self.end: int = tables["end"]
        self.tokens = Scanner(tables["terminals"]).tokens
        self.risen: dict[tuple[int, int, str], int] = {}

    def parse(self, text: str) -> Any:
        """What is built of a text."""
        rows, risen, end = self.rows, self.risen, self.end
        state = 0
        states = [state]
        values: list[Any] = []
        for token in self.tokens(text):
            kind = token.kind
            while (action := rows[state].get(kind)).__class__ is tuple:
                state = self._reduce(action, state, kind, states, values, risen)
            if action is None:
                raise unexpected(text, kind, token.text, token.start)
            state = action
            states.append(state)
            values.append(token)
        while state != end:
            action = rows[state].get(END)
            if action is None:
                raise unexpected(text, END, "", len(text))
            state = self._reduce(action, state, END, states, values, risen)
        return values[-1]

    def _reduce(
        self, action: Any, state: int, kind: str, states: list[int], values: list[Any], risen: dict[Any, int]
    ) -> int:
        """The state after values have become one, or one has risen as far as it does before this token."""
        size, make, name = action
        if make is None:
            below = states[-2]
            place = (below, state, kind)
            found = risen.get(place)
            if found is None:
                rows = self.rows
                found = state
                while action.__class__ is tuple and action[1] is None:
                    found = rows[below][action[2]]
                    if found == self.end:
                        break
                    action = rows[found].get(kind)
                risen[place] = found
            states[-1] = found
            return found
        values[-size:] = [make(values[-size:])]
        del states[-size:]
        following: int = self.rows[states[-1]][name]
        states.append(following)
        return following
