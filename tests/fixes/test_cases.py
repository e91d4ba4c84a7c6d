"""Each row of the table of cases: the edits are what a person would type, and mend the mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import compile
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.edits import applied
from bpfgen.text.source import Source
from tests.fixes.cases import CASES, OTHER

if TYPE_CHECKING:
    from bpfgen.text.diagnostics import Diagnostic
    from tests.fixes.cases import Case


def said_of(text: str) -> list[Diagnostic]:
    """Return what is to be said of *text*, style too, without what needs a compiler."""
    return compile(Source("case.dsl", text)).diagnostics


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_edits_are_what_a_person_would_type(case: Case) -> None:
    """They make the text after of the text before, and say whether they choose what is declared."""
    text = case.before + OTHER
    diagnostic = next(one for one in said_of(text) if one.code == case.code)
    assert all(edit.span.source.text == text for edit in diagnostic.edits)
    assert applied(text, diagnostic.edits) == case.after + OTHER
    assert diagnostic.changes_meaning == case.chooses


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_text_after_has_no_such_mistake(case: Case) -> None:
    """What a person would type is right, or has the next mistake of another map or member."""
    if "include <" in case.after:  # what the header has, a compiler says
        return
    before = [one for one in said_of(case.before + OTHER) if one.code == case.code]
    after = [one for one in said_of(case.after + OTHER) if one.code == case.code]
    after = [one for one in after if one.severity == before[0].severity]
    assert before[0].subject not in [one.subject for one in after if one.subject is not None]
    assert len(after) < len(before)


@pytest.mark.parametrize("text", ["map m: array[4];\n", "map m: task_storage;\n"])
def test_a_map_without_key_and_value_is_for_a_person(text: str) -> None:
    """Neither is given a size or a type alone: that would rule out `<K, V>` for the other."""
    said = [one for one in said_of(text) if one.severity == ERROR]
    assert {one.code for one in said} >= {"map-key-size", "map-value-size"}
    assert not any(one.edits for one in said)
