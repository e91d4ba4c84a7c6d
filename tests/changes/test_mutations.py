"""The random pairs are what they say; and what differs in spelling alone is no change."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.categories import CATEGORIES, Asked, compare
from bpfgen.changes.rules import INNER, LAYOUT, LINK, PIN
from bpfgen.compiler import compile
from bpfgen.text.source import Source
from tests.changes.mutations import MUTATIONS, changes
from tests.changes.random_program import random_program
from tests.changes.spellings import respelled, respelled_types

if TYPE_CHECKING:
    from bpfgen.model.model import Model

SEED, COUNT = 1, 150


def model(text: str) -> Model:
    """Return the model of *text*, whatever the rules say of it."""
    return compile(Source("maps.dsl", text)).model


def test_a_seed_gives_the_same_pair() -> None:
    """A failure can be had again."""
    first, second = (list(changes(SEED, 3)) for _ in range(2))
    assert first == second
    assert len({change.old_text for change in (*first, *changes(SEED + 1, 3))}) == 6


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mutation_changes_the_source(name: str) -> None:
    """Alone, and such that both sides compile."""
    change = next(change for change in changes(SEED, 50, names=[name], most=1) if change.what)
    assert change.old != change.new
    (what,) = change.what
    assert what.name in {name, name.replace("map-", "inner-")}
    assert what.subject
    for text in (change.old_text, change.new_text):
        assert not compile(Source("maps.dsl", text)).failed


def test_another_spelling_breaks_nothing() -> None:
    """In no category, with everything compared."""
    asked = Asked(tuple(CATEGORIES), everything=True)
    for seed in range(COUNT):
        random = Random(seed)  # noqa: S311 -- test data
        program = random_program(random)
        old, text = program.text(), respelled(random, program)
        for new in (old, text):
            found = compare(model(old), model(new), asked)
            assert not found, f"seed {seed}: {found}\n{old}\n----\n{new}"


def test_another_name_of_an_integer_breaks_no_bytes() -> None:
    """Of BTF and generated code it does."""
    asked = Asked((PIN, LAYOUT, INNER, LINK), everything=True)
    for seed in range(COUNT):
        random = Random(seed)  # noqa: S311 -- test data
        program = random_program(random)
        new = respelled_types(random, program)
        found = compare(model(program.text()), model(new), asked)
        assert not found, f"seed {seed}: {found}\n{program.text()}\n----\n{new}"
