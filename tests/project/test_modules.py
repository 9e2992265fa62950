"""Modules stay small enough to be read at one sitting, and no two in a room need each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import matcalc

ROOT = Path(matcalc.__file__).parent
LONGEST = 400  # lines of a module

KNOWN = {"matcalc.derivatives.derivative": {"matcalc.derivatives.forms"}}
"""An answer is asked for its forms, and a form knows the answer that it is of."""

MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}


def imports(name: str, tree: ast.AST, modules: set[str]) -> set[str]:
    """The modules that one imports where it is loaded or in a function, types too."""
    found: set[str] = set()
    for x in ast.walk(tree):
        if isinstance(x, ast.Import):
            found.update(a.name for a in x.names)
        elif isinstance(x, ast.ImportFrom):
            parts = name.split(".")
            package = parts if MODULES.get(name, Path()).name == "__init__.py" else parts[:-1]
            base = [*package[: len(package) - x.level + 1], *(x.module or "").split(".")] if x.level else [x.module]
            whole = ".".join(p for p in base if p)
            inner = {f"{whole}.{a.name}" for a in x.names} & modules
            found.update(inner or {whole})
    return found & modules - {name}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import one another, if there are any."""
    done: set[str] = set()
    for start in graph:
        path: list[str] = []
        todo = [(start, False)]
        while todo:
            name, leaving = todo.pop()
            if leaving:
                done.add(path.pop())
            elif name in path:
                return [*path[path.index(name) :], name]
            elif name not in done:
                path.append(name)
                todo.append((name, True))
                todo.extend((other, False) for other in sorted(graph[name]))
    return []


@pytest.mark.parametrize("name", MODULES)
def test_no_module_is_long(name: str) -> None:
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


@pytest.mark.parametrize("room", sorted({name.split(".")[1] for name in MODULES if name.count(".") > 1}))
def test_no_modules_of_a_room_need_each_other(room: str) -> None:
    """Imports that wait in a function and those of types count; between rooms the layer contract holds it."""
    inside = {n: p for n, p in MODULES.items() if n.startswith(f"matcalc.{room}.")}
    graph = {n: imports(n, ast.parse(p.read_text(encoding="utf-8")), set(inside)) for n, p in inside.items()}
    for one, others in KNOWN.items():
        if one in graph:
            assert others <= graph[one]
            graph[one] -= others
    assert circle(graph) == []
