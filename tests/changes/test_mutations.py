"""The random pairs are what they say; and what differs in spelling alone is no change."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.categories import CATEGORIES, Asked, compare
from bpfgen.changes.finding import UNCOMPARED
from bpfgen.changes.rules import INNER, LAYOUT, LINK, PIN
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.changes.mutations import MUTATIONS, changes
from tests.changes.random_program import random_program
from tests.changes.spellings import respelled, respelled_types

if TYPE_CHECKING:
    from bpfgen.model.model import Model

SEED, COUNT = map(int, os.environ.get("BPFGEN_PROOF_CHANGES", "1:60").split(":"))


def model(text: str) -> Model:
    """Return the model of *text*, whatever the rules say of it."""
    return compile(Source("maps.dsl", text), Options(is_ruled=False)).model


def test_a_seed_gives_the_same_pair() -> None:
    """A failure can be had again."""
    first, second = (list(changes(1, 3)) for _ in range(2))
    assert first == second
    assert len({change.old_text for change in (*first, *changes(2, 3))}) == 6


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mutation_changes_the_source(name: str) -> None:
    """Alone, and such that both sides compile."""
    change = next(change for change in changes(1, 50, names=[name], most=1) if change.what)
    assert change.old != change.new
    (what,) = change.what
    assert what.name in {name, name.replace("map-", "inner-")}
    assert what.subject
    for text in (change.old_text, change.new_text):
        assert not compile(Source("maps.dsl", text)).failed


def test_another_spelling_breaks_nothing() -> None:
    """In no category, with everything compared."""
    asked = Asked(tuple(CATEGORIES), everything=True)
    for seed in range(SEED, SEED + COUNT):
        random = Random(seed)  # noqa: S311 -- test data
        program = random_program(random)
        old, text = program.text(), respelled(random, program)
        for new in (old, text):
            found = compare(model(old), model(new), asked)
            assert not found, f"seed {seed}: {found}\n{old}\n----\n{new}"


def test_another_name_of_an_integer_breaks_no_bytes() -> None:
    """Of BTF and generated code it does."""
    asked = Asked((PIN, LAYOUT, INNER, LINK), everything=True)
    for seed in range(SEED, SEED + COUNT):
        random = Random(seed)  # noqa: S311 -- test data
        program = random_program(random)
        new = respelled_types(random, program)
        found = compare(model(program.text()), model(new), asked)
        assert not found, f"seed {seed}: {found}\n{program.text()}\n----\n{new}"


def test_another_spelling_of_new_changes_no_finding() -> None:
    """Whatever the change: rule, subject and maps are the same; what means the same has none."""
    asked = Asked(tuple(CATEGORIES), pinned=("*",), everything=True)
    for change in changes(SEED, COUNT, must_compile=False):
        old, new = change.old.text(), change.new.text()
        random = Random(change.seed)  # noqa: S311 -- test data
        other = respelled(random, change.new)
        found, again = (
            sorted(
                (one.code, one.subject.kind, one.subject.name, one.subject.part, one.maps)
                for one in compare(model(old), model(text), asked)
            )
            for text in (new, other)
        )
        assert found == again, f"{change.seed}: {change.what}\n{old}\n----\n{new}\n----\n{other}"
        assert change.what or not found, f"{change.seed}\n{old}\n----\n{new}"


def test_a_finding_says_where_and_what_happens() -> None:
    """A place is one of its side's text, or of what is built in; a sentence is one."""
    asked = Asked(tuple(CATEGORIES), pinned=("*",), everything=True)
    for change in changes(SEED, COUNT, must_compile=False):
        names = "old.dsl", "new.dsl"
        texts = change.old.text(), change.new.text()
        old, new = (
            compile(Source(name, text), Options(is_ruled=False)).model
            for name, text in zip(names, texts, strict=True)
        )
        for one in compare(old, new, asked):
            about = f"{change.seed}: {one.code}: {one.message}"
            for name, other, side in zip(names, names[::-1], (one.old, one.new), strict=True):
                assert side.span is None or side.span.source.name != other, about
                if side.span is not None and side.span.source.name == name:
                    assert side.span.text.strip(), about
            assert one.happens or one.code == UNCOMPARED, about
            for sentence in (one.message, *one.happens, *one.ways):
                assert sentence.strip(), about
                assert "  " not in sentence, about
