"""`bpfgen explain`: every code has an entry, and every example is what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.clang import ToolMissing
from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options, compile
from bpfgen.rules import RULES
from bpfgen.rules.manual import explanations, page_of
from bpfgen.text.codes import CODES
from bpfgen.text.diagnostics import STYLE
from bpfgen.text.explanations import EXPLANATIONS as WORDS
from bpfgen.text.source import Source
from tests.tools import missing

if TYPE_CHECKING:
    from bpfgen.rules import Rule

EXPLANATIONS = explanations()
ALONE = [code for code, entry in EXPLANATIONS.items() if not entry.old]
"""The codes whose examples are a source each; tests/changes has those of two."""


def codes_of(text: str) -> set[str]:
    """Return the codes that *text* is told, warnings and errors."""
    try:
        compilation = compile(Source("maps.dsl", text), Options(clang=Finder()))
    except ToolMissing:
        missing("clang")
    return {diagnostic.code for diagnostic in compilation.diagnostics}


@pytest.mark.parametrize("code", [code for code in ALONE if EXPLANATIONS[code].wrong])
def test_the_wrong_example_is_wrong(code: str) -> None:
    """It gets the diagnostic that it is the example of."""
    assert code in codes_of(EXPLANATIONS[code].wrong)


@pytest.mark.parametrize("code", [code for code in ALONE if EXPLANATIONS[code].right])
def test_the_right_example_is_right(code: str) -> None:
    """It gets no diagnostic at all, the style of other matters apart."""
    said = codes_of(EXPLANATIONS[code].right)
    assert {
        other for other in said if other == code or CODES[other].severities != (STYLE,)
    } == set()


def test_every_code_is_explained() -> None:
    """Each row of the table of codes has an entry, in its order, and nothing else has one."""
    assert list(EXPLANATIONS) == list(CODES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_docstring_of_a_rule_is_shown(rule: Rule) -> None:
    """What a rule says of itself stands whole in the explanation of each code that it owns."""
    page = page_of(rule)
    paragraph = " ".join((rule.__doc__ or "").partition("\n\n")[2].partition("\n\n")[0].split())
    assert paragraph in " ".join(page.meaning.split())
    for code in RULES[rule]:
        assert page.meaning in EXPLANATIONS[code].meaning, code
        assert page.wrong in EXPLANATIONS[code].wrong or page.wrong == "" or len(RULES[rule]) > 1


def test_words_are_in_one_place() -> None:
    """A rule with examples in its docstring explains a code that has no words elsewhere."""
    for rule, codes in RULES.items():
        if page_of(rule).wrong:
            assert [code for code in codes if code not in WORDS], rule.__name__


def test_entries_have_a_form() -> None:
    """Lines fit a terminal, a right example goes with a wrong one."""
    for code, entry in EXPLANATIONS.items():
        assert entry.meaning.endswith("\n"), code
        assert max(map(len, entry.meaning.splitlines())) <= 100, code
        assert entry.wrong or not entry.right, code
