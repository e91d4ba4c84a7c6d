"""The table of codes and the sources say the same: which codes there are, how severe they are."""

from __future__ import annotations

import ast
import re
from functools import cache

from bpfgen.record import Record
from bpfgen.text.codes import (
    ALLOWABLE,
    ANYWHERE,
    CHANGES,
    CODES,
    TOPICS,
    UNEXPLAINED,
    can_be_allowed,
)
from bpfgen.text.diagnostics import ERROR, NOTE, WARNING
from tests.tools import CHECKOUT

SEVERITIES = {"ERROR": ERROR, "WARNING": WARNING, "NOTE": NOTE}
NAME = re.compile(r"[a-z]+[0-9]*(-[a-z]+)+|[a-z]+")


DECIDED_ELSEWHERE = {"clang", "no-right"}
"""Codes whose severity is that of a message of another program, or that travel in a record."""


class Reporter(Record):
    """What takes a code: a function, or a class.

    Attributes:
        position: Of the code among the arguments.
        severities: With what it reports where no `severity` is given; empty if it reports nothing.
    """

    position: int
    severities: frozenset[str]


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax tree of each module of the package but for the words and the table."""
    package = CHECKOUT / "bpfgen"
    return {
        str(path.relative_to(package)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(package.rglob("*.py"))
        if "explanations" not in path.parts and path.name != "codes.py"
    }


def called_name(call: ast.Call) -> str:
    """Return the last name of what *call* calls."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def severities(node: ast.expr) -> frozenset[str]:
    """Return the severities that the expression *node* can be, as far as it names them."""
    named = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            named.add(SEVERITIES.get(part.id, ""))
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            named.add(part.value)
    return frozenset(named & set(SEVERITIES.values()))


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """Return the argument *name* of *call*, which may also stand at *position*."""
    named = [word.value for word in call.keywords if word.arg == name]
    return next(iter([*named, *call.args[position : position + 1]]), None)


def passed_on(function: ast.FunctionDef, known: dict[str, Reporter]) -> frozenset[str] | None:
    """Return with what severities *function* reports its parameter `code`; None if it doesn't."""
    parameters = function.args
    named = {
        parameter.arg: default
        for parameter, default in zip(
            [
                *parameters.args[len(parameters.args) - len(parameters.defaults) :],
                *parameters.kwonlyargs,
            ],
            [*parameters.defaults, *parameters.kw_defaults],
            strict=True,
        )
    }
    for call in ast.walk(function):
        if not isinstance(call, ast.Call) or called_name(call) not in known:
            continue
        reporter = known[called_name(call)]
        code = argument(call, reporter.position, "code")
        if not isinstance(code, ast.Name) or code.id != "code":
            continue
        given = argument(call, len(call.args), "severity")
        default = named.get("severity")
        return (
            (given is not None and severities(given))
            or (default is not None and severities(default))
            or reporter.severities
        )
    return None


@cache
def reporters() -> dict[str, Reporter]:
    """Return everything that reports its parameter `code`, by its name."""
    known = {
        name: Reporter(0, frozenset({ERROR}))
        for name in ("Diagnostic", "ConstantError", "LayoutError")
    }
    functions = [
        (node, [parameter.arg for parameter in (*node.args.args, *node.args.kwonlyargs)])
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__")
    ]
    while True:
        before = len(known)
        for function, names in functions:
            if "code" not in names or function.name in known:
                continue
            default = passed_on(function, known)
            if default is not None:
                position = names.index("code") - (names[0] in ("self", "cls"))
                known[function.name] = Reporter(position, default)
        if len(known) == before:
            return known


def reported() -> dict[str, frozenset[str]]:
    """Return the codes that the sources name where something is reported, and how severe."""
    found: dict[str, frozenset[str]] = {}
    for tree in trees().values():
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or called_name(call) not in reporters():
                continue
            reporter = reporters()[called_name(call)]
            if len(call.args) + len(call.keywords) == 1:
                continue  # a set's add()
            given = argument(call, len(call.args), "severity")
            severity = reporter.severities if given is None else severities(given)
            node = argument(call, reporter.position, "code")
            # One code, or one of two by a condition.
            for part in (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,):
                code = part.value if isinstance(part, ast.Constant) else None
                if isinstance(code, str) and NAME.fullmatch(code):
                    found[code] = found.get(code, frozenset()) | severity
    return found


def test_reporters_are_found() -> None:
    """The search sees wrappers and what they report with."""
    assert reporters()["error"].severities == {ERROR}
    assert len(reporters()) > 7
    assert {WARNING} in [reporter.severities for reporter in reporters().values()]
    assert len(reported()) > 100


def test_every_code_that_is_reported_is_in_the_table() -> None:
    """A code is a row before anything can report it, with the severities that it comes with."""
    assert sorted(reported().keys() - CODES.keys() - UNEXPLAINED) == []
    wrong = {
        code: severity
        for code, severity in reported().items()
        if not severity <= set(CODES[code].severities)
    }
    assert wrong == {}


def test_every_row_is_used() -> None:
    """Each code of the table stands in the sources, whole or as the parts of an f-string."""
    constants = set()
    patterns = []
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            elif isinstance(node, ast.JoinedStr) and len(node.values) > 1:
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z]+"
                    for part in node.values
                ]
                patterns.append(re.compile("".join(parts)))
    patterns = [pattern for pattern in patterns if "-" in pattern.pattern.replace("[a-z]", "")]
    unused = [
        code
        for code in CODES
        if code not in constants and not any(pattern.fullmatch(code) for pattern in patterns)
    ]
    assert unused == []


def test_no_row_is_severer_than_its_code() -> None:
    """A severity in the table is one that something reports, as far as the sources name it."""
    seen = reported()
    missing = {
        code.name: set(code.severities) - seen[code.name]
        for code in CODES.values()
        if code.name in seen and len(seen[code.name] | set(code.severities)) > 1
    }
    assert {code for code, lacking in missing.items() if lacking} <= DECIDED_ELSEWHERE


def test_what_can_be_allowed() -> None:
    """Warnings can be, and the errors whose row says so; a note is no complaint."""
    assert can_be_allowed("syntax", WARNING)
    assert not can_be_allowed("unused-allowance", WARNING)
    assert not can_be_allowed("syntax", ERROR)
    assert can_be_allowed("map-flags", ERROR)
    assert not can_be_allowed("libbpf-open", NOTE)
    assert all(ERROR in CODES[code].severities for code in ALLOWABLE)


def test_concerns_are_of_what_may_be_a_warning() -> None:
    """An error is said whatever it is about; warnings of rules are about something."""
    concerned = [one for one in CODES.values() if one.concern not in (ANYWHERE, CHANGES)]
    assert all(one.may_be_a_warning for one in concerned)
    rules = [code for topic, codes in TOPICS.items() if topic.startswith("Rules") for code in codes]
    assert [one.name for one in rules if one.may_be_a_warning and one.concern == ANYWHERE] == []
