"""The parser of all our languages: it follows tables.

Lark makes them from a grammar when that changes: `tables` does it, and says what they hold.  To do so at every start,
and to load Lark for it, would take a third of the time to a first answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from ..errors import MatcalcError
from ..resources import read
from .scanner import Scanner, Token

END = "$END"

Complaint = Callable[[str, Token], MatcalcError]
"""Why a token cannot stand where it does; its kind is `END` where the text ends too soon, empty where it is none."""

Row = dict[str, Any]  # a state, or (how many values, what makes one of them or None, its name)


class Parser:
    """Reads text by the tables of a grammar; `build` has a method for each of its alternatives, by its name there.

    A row says for a token the state to go to, or how many values make which other one.  Most values rise through all
    the levels of precedence unchanged; where they arrive is remembered by the two states and the token.
    """

    def __init__(self, grammar: str, build: object, complain: Complaint) -> None:
        tables = json.loads(read(f"grammar/{grammar}.json"))
        rules = [(size, making and getattr(build, making), name) for size, making, name in tables["rules"]]
        self.rows: list[Row] = [
            {symbol: to if to >= 0 else rules[~to] for symbol, to in row.items()} for row in tables["states"]
        ]
        self.end: int = tables["end"]
        self.tokens = Scanner(tables["terminals"]).tokens
        self.complain = complain
        self.risen: dict[tuple[int, int, str], int] = {}

    def parse(self, text: str, start: int = 0, end: int | None = None) -> Any:
        """What is built of a text, or of a part of it; places are places in the whole."""
        stop = len(text) if end is None else end
        return self.follow(self.tokens(text, start, stop), text, stop, start)

    def follow(self, tokens: Iterable[Token], text: str, stop: int, start: int = 0) -> Any:
        """What is built of the tokens of a part of a text."""
        rows, risen, final = self.rows, self.risen, self.end
        state = 0
        states = [state]
        values: list[Any] = []
        for token in chain(tokens, [Token(END, "", stop, stop)]):
            kind = token.kind
            while state != final and (action := rows[state].get(kind)).__class__ is tuple:
                size, make, name = action
                if make is None:
                    place = (states[-2], state, kind)
                    state = risen.get(place) or self._rise(place)
                    states[-1] = state
                else:
                    values[-size:] = [make(values[-size:])]
                    del states[-size:]
                    state = rows[states[-1]][name]
                    states.append(state)
            if state == final:
                break
            if action is None:
                raise self.complain(" " * start + text[start:stop], token)
            state = action
            states.append(state)
            values.append(token)
        return values[-1]

    def _rise(self, place: tuple[int, int, str]) -> int:
        """The state to which a value rises through the levels of precedence before a token."""
        below, state, kind = place
        action = self.rows[state].get(kind)
        while action.__class__ is tuple and action[1] is None and state != self.end:
            state = self.rows[below][action[2]]
            action = self.rows[state].get(kind)
        self.risen[place] = state
        return state
