"""`bpfgen fmt` keeps every token, every comment and the meaning, whatever the text looks like.

`BPFGEN_FORMAT=7:3000` proves it for other random programs, the seed before the colon, and more of
them; `python -m tests.format` at length, and for sources that are imported.
"""

from __future__ import annotations

import os
import random
import re
from typing import TYPE_CHECKING

import pytest

from tests.format.dressing import PLAIN, damaged, dressed, each_commented, rumpled
from tests.format.formatter import formatted
from tests.format.properties import (
    faults,
    meaning,
    other_meaning,
    written_blanks,
)
from tests.format.texts import random_texts, texts

if TYPE_CHECKING:
    from pathlib import Path

FIRST, COUNT = map(int, os.environ.get("BPFGEN_FORMAT", "0:8").split(":"))
RANDOM = list(random_texts(FIRST, COUNT))


def dice(name: str) -> random.Random:
    """Return the decisions about the text *name*."""
    return random.Random(f"{FIRST} {name}")  # noqa: S311 -- test data


def test_what_the_repository_has() -> None:
    """Every sample, example and program of the rule book that isn't in form, right or wrong.

    Of those that are, nothing is changed: test_canonical.py.
    """
    for name, text in texts().items():
        if formatted(text) != text:
            assert faults(text, formatted) == [], name


def some(share: int, longest: int = 1_000_000) -> list[tuple[str, str]]:
    """Return a part of the repository's texts, one of *share* with the default count."""
    small = [(name, text) for name, text in texts().items() if len(text) <= longest]
    return dice(f"some {share}").sample(small, min(len(small), COUNT * len(small) // share // 8))


def test_in_odd_clothes() -> None:
    """With comments and blanks of every kind between any two tokens, in CRLF and in tabs."""
    for name, text in some(16):
        draw = dice(name)
        for often in (1.0, 0.2, 0.05):
            assert faults(dressed(text, draw, often), formatted) == [], (name, often)


@pytest.mark.parametrize(("name", "text"), RANDOM, ids=[name for name, _ in RANDOM])
def test_random_programs(name: str, text: str) -> None:
    """As they are, and in odd clothes."""
    draw = dice(name)
    for often in (0.0, 1.0, 0.1):
        assert faults(dressed(text, draw, often), formatted) == [], often


def test_damaged_texts() -> None:
    """One with an error of syntax is left alone; one that is still a program is formatted."""
    for name, text in some(12):
        draw = dice(name)
        for _ in range(3):
            other = damaged(text, draw)
            assert faults(other, formatted) == [], (name, other)


def test_a_comment_anywhere() -> None:
    """One comment more, at every token boundary, on its own line or not."""
    for name, text in some(300, 800):
        for other in each_commented(text):
            assert faults(other, formatted) == [], (name, other)


def test_the_form_is_one() -> None:
    """Texts that differ in blanks alone, outside of expressions, are formatted to the same one."""
    for name, text in [*some(6), *RANDOM]:
        canonical = formatted(text)
        if canonical is None:
            continue
        fixed = written_blanks(canonical)
        draw = dice(name)
        for _ in range(2):
            assert formatted(rumpled(canonical, draw, fixed)) == canonical, name


def test_the_meaning_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The C header, the JSON with its docs, and every diagnostic are those of the text before."""
    monkeypatch.chdir(tmp_path)
    for name, text in [*some(12), *RANDOM[:4]]:
        if re.search(r"\binclude\b *[<\"]", text):
            continue  # clang's part of it is what it is
        draw = dice(name)
        for other in (text, dressed(text, draw, 0.1, PLAIN)):
            after = formatted(other)
            if after is not None:
                assert not other_meaning(meaning(other), meaning(after)), name
