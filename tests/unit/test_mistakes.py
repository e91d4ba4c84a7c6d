"""Mistakes that are recognised: one message each, at its place, with what to type instead."""

from __future__ import annotations

import itertools
import random
import re
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import compile
from bpfgen.ctype.types import ULONG
from bpfgen.model.model import ConstantDeclaration
from bpfgen.syntax import tables
from bpfgen.syntax.mistakes import RECOGNISERS
from bpfgen.syntax.parser import parse
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source
from tests.unit.mistakes import CASES, MAP

if TYPE_CHECKING:
    from bpfgen.syntax.mistakes.place import Mistake, Place
    from bpfgen.text.diagnostics import Diagnostic
    from tests.unit.mistakes import Case

NEEDS_A_FILE = "import"
"""What begins an edit that names a file which no test has."""


def reported(text: str) -> list[Diagnostic]:
    """Return what is reported of *text*."""
    return list(compile(Source("t.dsl", text)).diagnostics)


def edited(text: str, diagnostic: Diagnostic) -> str:
    """Return *text* after the edits of *diagnostic*."""
    for edit in sorted(diagnostic.edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_mistake_is_one_error_that_says_what_to_type(case: Case) -> None:
    """Its code and place are right, and what a machine makes of it compiles."""
    before, culprit, after = case.text.replace("»", "«").split("«")
    text = before + culprit + after + MAP
    found = reported(text)
    assert [d.code for d in found] == [case.code], [d.message for d in found]
    (diagnostic,) = found
    span = diagnostic.span
    assert span is not None
    assert (span.start, span.text) == (len(before), culprit)
    assert case.typed in diagnostic.help
    if case.fixed:
        assert edited(text, diagnostic) == case.fixed + MAP
        assert reported(case.fixed + MAP) == []
    elif before.startswith(NEEDS_A_FILE):
        assert edited(text, diagnostic) == case.typed.strip("`") + "\n" + MAP
    else:
        assert diagnostic.edits == ()


def test_every_recogniser_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them answers for a mistake of the table."""
    answered: set[str] = set()

    def noting(place: Place) -> Mistake | None:
        for recogniser in RECOGNISERS:
            found = recogniser(place)
            if found is not None:
                answered.add(recogniser.__name__)
                return found
        return None

    monkeypatch.setattr("bpfgen.syntax.messages.recognised", noting)
    for case in CASES.values():
        reported(case.text.replace("«", "").replace("»", ""))
    assert answered == {recogniser.__name__ for recogniser in RECOGNISERS}


def test_gibibytes() -> None:
    """`GiB` is a unit, whose products don't overflow an `int`."""
    model = compile(Source("t.dsl", f"const A = 3 GiB; {MAP}")).model
    declared = model.declarations[0]
    assert isinstance(declared, ConstantDeclaration)
    assert (declared.constant.value, declared.constant.type) == (3 << 30, ULONG)


def words() -> list[str]:
    """Return a word of each terminal that the grammar tells apart, and some that recognisers do."""
    spelled: dict[str, str] = {}
    for word, kind in {**tables.HARD_WORDS, **tables.SOFT_WORDS, **tables.PUNCTUATION}.items():
        spelled.setdefault(kind, word)
    alike = "MINUS SLASH PERCENT SHIFT_LEFT LESS_EQUAL GREATER_EQUAL EQUAL NOT_EQUAL AND OR CARET"
    alike += " PIPE BANG ALIGNAS ATTRIBUTE"
    more = ("name", "hash", "SEC", "__uint", "KB", "1", '"s"', "'c'", "include <a.h>", "$", "“")
    return [word for kind, word in spelled.items() if kind not in alike.split()] + list(more)


def test_all_short_rows_of_tokens_give_a_tree_or_diagnostics() -> None:
    """All rows of up to two tokens, and some of three and four; all were tried once."""
    every = words()
    rows = [row for length in (1, 2) for row in itertools.product(every, repeat=length)]
    chosen = random.Random(4)  # noqa: S311 -- rows of tokens, no secrets
    rows += [tuple(chosen.choices(every, k=3 + at % 2)) for at in range(8000)]
    for row in rows:
        text = " ".join(row)
        report = Report()
        parse(Source("t.dsl", text), report)
        for diagnostic in report:
            assert diagnostic.span is not None
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text), text
            for edit in diagnostic.edits:
                assert 0 <= edit.span.start <= edit.span.end <= len(text), text


PIECES = re.compile(r'\s+|\w+|"[^"\n]*"|.', re.DOTALL)


def damaged(chosen: random.Random, texts: list[str], every: list[str]) -> str:
    """Return one of *texts*, or two, with a piece or three lost, doubled, changed or swapped."""
    pieces = PIECES.findall(chosen.choice(texts))
    if chosen.random() < 0.3:
        pieces += PIECES.findall(chosen.choice(texts))
    for _ in range(chosen.randint(1, 3)):
        at, other = chosen.randrange(len(pieces)), chosen.randrange(len(pieces))
        match chosen.randrange(4):
            case 0:
                pieces.insert(at, chosen.choice(every))
            case 1:
                pieces[at] = chosen.choice(every)
            case 2:
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case _:
                pieces[at] = ""
    return "".join(pieces).replace("include", "exclude")  # clang has no part in this


@pytest.mark.parametrize(("seed", "count"), [(1, 2500)])
def test_damaged_mistakes_are_diagnostics_with_edits_that_can_be_applied(
    seed: int, count: int
) -> None:
    """Whatever stands near a mistake, nothing fails, and no two edits are in one place."""
    chosen = random.Random(seed)  # noqa: S311 -- which pieces, no secrets
    texts = [re.sub("[«»]", "", case.text) for case in CASES.values()]
    every = [piece for text in texts for piece in PIECES.findall(text)]
    for _ in range(count):
        text = damaged(chosen, texts, every)
        for diagnostic in compile(Source("t.dsl", text)).diagnostics:
            edits = sorted(diagnostic.edits, key=lambda edit: edit.span.start)
            places = [place for edit in edits for place in (edit.span.start, edit.span.end)]
            assert places == sorted(places), text
            assert all(0 <= place <= len(text) for place in places), text
