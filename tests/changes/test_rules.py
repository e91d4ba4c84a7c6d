"""The table of rules: each has its code, its page, and an example that is what it says."""

from __future__ import annotations

import pytest

from bpfgen.changes.categories import CATEGORIES, Asked
from bpfgen.changes.finding import UNCOMPARED
from bpfgen.changes.rules import RULES
from bpfgen.comparison import compared
from bpfgen.compiler import Options, compile
from bpfgen.rules.manual import explanations
from bpfgen.sources import LANGUAGE, Opened
from bpfgen.text.codes import CHANGES, CODES, TOPICS
from bpfgen.text.diagnostics import ERROR, STYLE
from bpfgen.text.source import Source

PAGES = explanations()


def opened(name: str, text: str, *, is_ruled: bool = True) -> Opened:
    """Return the source *text*, which has no error."""
    compilation = compile(Source(name, text), Options(is_ruled=is_ruled))
    assert not compilation.failed, compilation.diagnostics
    return Opened(LANGUAGE, compilation, compilation.diagnostics)


def found(old: str, new: str, category: str) -> list[str]:
    """Return the codes of what *new* breaks of *old* in *category*."""
    sides = opened("old.dsl", old, is_ruled=False), opened("new.dsl", new)
    return [one.code for one in compared(*sides, Asked((category,)))]


def test_the_tables_agree() -> None:
    """A rule is a code of its category, an error that concerns changes, in the same order."""
    codes = [code for code in CODES.values() if code.concern == CHANGES and code.name != UNCOMPARED]
    assert [code.name for code in codes] == list(RULES)
    assert [code for code in TOPICS["What a change breaks"] if code.concern != CHANGES] == []
    for code in codes:
        rule = RULES[code.name]
        assert code.severities == (ERROR,)
        assert rule.category in CATEGORIES
        assert rule.code.startswith(f"break-{rule.category}-")
        assert rule.compares
        assert not rule.compares.endswith(".")


@pytest.mark.parametrize("code", RULES)
def test_the_example_is_what_it_says(code: str) -> None:
    """OLD and NEW have this one finding of the category; a source against itself has none."""
    page, category = PAGES[code], RULES[code].category
    assert page.old
    assert found(page.old, page.wrong, category) == [code]
    for text in (page.old, page.wrong):
        assert found(text, text, category) == []


@pytest.mark.parametrize("code", [code for code in RULES if PAGES[code].right])
def test_the_other_way_breaks_nothing(code: str) -> None:
    """What is shown as the better change has no finding of the category, and no warning."""
    page = PAGES[code]
    assert found(page.old, page.right, RULES[code].category) == []
    said = compile(Source("new.dsl", page.right), Options()).diagnostics
    assert [one.code for one in said if CODES[one.code].severities != (STYLE,)] == []
