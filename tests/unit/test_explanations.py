"""`bpfgen explain`: every code has an entry, and every example is what it says."""

from __future__ import annotations

import ast
import re

import pytest

from bpfgen.clang import Finder, ToolMissing
from bpfgen.compiler import Options, compile
from bpfgen.text.explanations import explanations
from bpfgen.text.source import Source
from tests.tools import CHECKOUT, missing

EXPLANATIONS = explanations()

REPORTERS = {"error", "Diagnostic", "ConstantError", "LayoutError"}
"""What takes a code as its first argument."""

NOT_SHOWN = {"internal", "memory"}
"""Codes of messages that no program of a user can be about."""


def codes_of(text: str) -> set[str]:
    """Return the codes that *text* is told, warnings and errors."""
    try:
        compilation = compile(Source("maps.dsl", text), Options(clang=Finder()))
    except ToolMissing:
        missing("clang")
    return {diagnostic.code for diagnostic in compilation.diagnostics}


@pytest.mark.parametrize("code", [code for code in EXPLANATIONS if EXPLANATIONS[code].wrong])
def test_the_wrong_example_is_wrong(code: str) -> None:
    """It gets the diagnostic that it is the example of."""
    assert code in codes_of(EXPLANATIONS[code].wrong)


@pytest.mark.parametrize("code", [code for code in EXPLANATIONS if EXPLANATIONS[code].right])
def test_the_right_example_is_right(code: str) -> None:
    """It gets no diagnostic at all."""
    assert codes_of(EXPLANATIONS[code].right) == set()


def test_every_code_is_explained() -> None:
    """Each literal code in the sources has an entry."""
    found = set()
    for path in (CHECKOUT / "bpfgen").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            first = node.args[0]
            if (
                name in REPORTERS
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
                and re.fullmatch(r"[a-z]+(-[a-z]+)*", first.value)
            ):
                found.add(first.value)
    assert "unknown-type" in found
    assert found - set(explanations()) - NOT_SHOWN == set()


def test_entries_have_a_form() -> None:
    """Lines fit a terminal, a right example goes with a wrong one."""
    for code, entry in explanations().items():
        assert entry.meaning.endswith("\n"), code
        assert max(map(len, entry.meaning.splitlines())) <= 100, code
        assert entry.wrong or not entry.right, code
