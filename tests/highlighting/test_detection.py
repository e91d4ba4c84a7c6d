"""Whose a `.dsl` is: what decides it, here and in the files of editors."""

from __future__ import annotations

import time

import pytest

from bpfgen.files.formats import is_source_text
from bpfgen.kernel.targets import TARGETS
from tests.highlighting.detected import DETECTED
from tests.highlighting.texts import texts


@pytest.mark.parametrize(("text", "is_ours"), DETECTED)
def test_what_a_file_begins_with(text: str, *, is_ours: bool) -> None:
    """The first declaration says it."""
    assert is_source_text(text) == is_ours


def test_every_program_is_one() -> None:
    """What the language has is known, in whatever clothes; each target by its name."""
    for name, text in texts().items():
        assert is_source_text(text), name
    for name in TARGETS:
        assert is_source_text(f"target {name} >= 1;")


def test_a_long_file_of_somebody_else() -> None:
    """The work grows with the length, however much looks like a comment."""
    for text in ("/* " * 20_000, "//\n" * 20_000 + "x", "*" * 60_000, "/**/" * 15_000 + "/*"):
        begun = time.process_time()
        assert not is_source_text(text)
        assert time.process_time() - begun < 5
