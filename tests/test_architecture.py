"""The house is as ARCHITECTURE.md says: the order of its rooms, and no circle anywhere.

Every import counts, also one inside a function and one for annotations alone: what a module takes
from another it can't be read, moved or tested without.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

import pytest

from bpfgen.emit import BACKENDS
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = CHECKOUT / "bpfgen"


@cache
def modules() -> dict[str, Path]:
    """Return the file of every module of the package, by its dotted name."""
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(CHECKOUT).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax tree of every module; each test looks at them in its own way."""
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in modules().items()}


def imports_of(importer: str) -> dict[str, int]:
    """Return the modules of the package that *importer* names in an import, with the line."""
    found: dict[str, int] = {}
    for node in ast.walk(trees()[importer]):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{importer}:{node.lineno}: a relative import"
            module = node.module or ""
            names = [
                full if (full := f"{module}.{alias.name}") in modules() else module
                for alias in node.names
            ]
        else:
            continue
        for name in names:
            if name in modules():
                found.setdefault(name, node.lineno)
    return found


@cache
def arrows() -> dict[str, dict[str, int]]:
    """Return what each module imports; the package's own front is nobody's to import."""
    return {name: imports_of(name) for name in modules()}


def circles(graph: dict[str, dict[str, int]]) -> list[list[str]]:
    """Return the groups of modules that reach each other: Tarjan's, with a stack of its own."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    on_stack: list[str] = []
    groups = []
    for root, first in graph.items():
        work = [(root, iter(first))] if root not in index else []
        if work:
            index[root] = low[root] = len(index)
            on_stack.append(root)
        while work:
            name, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    on_stack.append(other)
                    work.append((other, iter(graph[other])))
                    break
                if other in on_stack:
                    low[name] = min(low[name], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    start = on_stack.index(name)
                    group = on_stack[start:]
                    del on_stack[start:]
                    if len(group) > 1 or name in graph[name]:
                        groups.append(sorted(group))
    return groups


def rooms() -> list[str]:
    """Return the rooms in the order of ARCHITECTURE.md's table, the lowest first."""
    text = (CHECKOUT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.split("## The rooms", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return [name.strip(" `/").removesuffix(".py") for row in rows for name in row.split(",")]


def room_of(module: str) -> str:
    """Return the room of a module: the folder, or the file on top, that it is in."""
    return module.split(".")[1] if "." in module else "__init__"


def test_no_circle_of_imports() -> None:
    """No module imports itself through others, lazy and typing imports counted."""
    assert circles(arrows()) == []


def test_a_circle_is_found() -> None:
    """The search sees a circle of three, a module that imports itself, and nothing else."""
    graph: dict[str, dict[str, int]] = {
        "a": {"b": 1},
        "b": {"c": 1, "d": 2},
        "c": {"a": 1},
        "d": {},
        "e": {"e": 1},
    }
    assert circles(graph) == [["a", "b", "c"], ["e"]]


def test_the_table_names_every_room() -> None:
    """ARCHITECTURE.md's table and the folder have the same rooms."""
    there = {room_of(name) for name in modules()} - {"__main__"}
    assert sorted(rooms()) == sorted(there)


@pytest.mark.parametrize("room", rooms())
def test_imports_run_one_way(room: str) -> None:
    """A room imports from rooms that stand above it in the table, and from no other."""
    allowed = set(rooms()[: rooms().index(room) + 1])
    wrong = [
        f"{modules()[name].relative_to(CHECKOUT)}:{line} imports {other}"
        for name, others in arrows().items()
        if room_of(name) == room
        for other, line in others.items()
        if room_of(other) not in allowed
    ]
    assert wrong == []


def attributes_of(tree: ast.AST, name: str) -> list[ast.Attribute]:
    """Return the places below *tree* that ask for the attribute *name*."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return [node for node in nodes if node.attr == name]


def is_decision(node: ast.AST) -> bool:
    """Whether *node* decides by what it holds: a comparison, a search, a cut at some words."""
    if isinstance(node, ast.Compare):
        return True
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return node.func.attr in {"partition", "split", "startswith", "search", "match", "findall"}


def decisions_by_words(tree: ast.AST) -> list[int]:
    """Return the lines below *tree* that decide by the words of a message."""
    nodes = (node for node in ast.walk(tree) if is_decision(node))
    return [node.lineno for node in nodes if attributes_of(node, "message")]  # type: ignore[attr-defined] # they are expressions


def test_nothing_is_decided_by_the_words_of_a_message() -> None:
    """A diagnostic's code, subject and severity decide; its message is for people."""
    lines = {name: decisions_by_words(tree) for name, tree in trees().items()}
    assert {name: where for name, where in lines.items() if where} == {}


@pytest.mark.parametrize(
    "code",
    [
        "'nothing is imported' in each.message",
        "each.message.partition(', and the target')[0]",
        "FAILED.search(each.message)",
        "one.message == other.message",
    ],
)
def test_a_decision_by_words_is_seen(code: str) -> None:
    """The search sees the ways in which it was done once."""
    assert decisions_by_words(ast.parse(code)) == [1]


def test_the_library_leaves_the_interpreter_alone() -> None:
    """No module raises the limit of recursion, or keeps what changes in a global."""
    for name, tree in trees().items():
        assert attributes_of(tree, "setrecursionlimit") == [], name
        assert [node.names for node in ast.walk(tree) if isinstance(node, ast.Global)] == [], name


def test_rows_of_one_option_agree() -> None:
    """What several backends have by one name is one option: kind, help and value are the same."""
    rows: dict[str, set[tuple[str, ...]]] = {}
    for backend in BACKENDS.values():
        for option in backend.options:
            said = (option.kind, option.help, option.metavar, option.environment)
            rows.setdefault(option.name, set()).add(said)
    assert {name: said for name, said in rows.items() if len(said) > 1} == {}
