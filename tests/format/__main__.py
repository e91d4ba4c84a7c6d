"""The proof at length: `python -m tests.format --first 0 --count 2000 [FILE.dsl …]`.

Random programs of the seeds from the first on, or the files: as they are, with comments and blanks
of every kind between their tokens, with other blanks, and compiled before and after.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from os import chdir
from pathlib import Path
from typing import TYPE_CHECKING

from tests.format.dressing import PLAIN, dressed, rumpled
from tests.format.formatter import formatted
from tests.format.properties import faults, meaning, other_meaning, written_blanks
from tests.format.texts import random_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ENOUGH = 20
"""Texts with faults, after which nobody reads on."""


def main(words: Sequence[str]) -> int:
    """Try what *words* ask for; return 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.format", description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--meaning", action="store_true", help="compile, too")
    parser.add_argument("files", nargs="*", type=Path)
    asked = parser.parse_args(words)
    read = ((str(path), path.read_text(encoding="utf-8")) for path in asked.files)
    texts = read if asked.files else random_texts(asked.first, asked.count)
    wrong = tried = 0
    with tempfile.TemporaryDirectory() as directory:
        chdir(directory)
        for name, text in texts:
            tried += 1
            for found in found_in(f"{asked.first} {name}", text, is_compiled=asked.meaning):
                print(f"{name}: {found}")
                wrong += 1
                break
            if wrong >= _ENOUGH:
                break
    print(f"{tried} texts, {wrong} with faults")
    return 1 if wrong else 0


def found_in(name: str, text: str, *, is_compiled: bool) -> Iterator[str]:
    """Yield what is wrong with *text*, formatted, and with other texts made of it."""
    draw = random.Random(name)  # noqa: S311 -- test data
    others = [text, *(dressed(text, draw, often) for often in (1.0, 0.3, 0.1, 0.03))]
    for other in others:
        for found in faults(other, formatted):
            yield f"{found}\n{other if len(other) < 3000 else ''}"
    canonical = formatted(text)
    if canonical is not None:
        fixed = written_blanks(canonical)
        for _ in range(3):
            again = formatted(rumpled(canonical, draw, fixed))
            if again != canonical:
                yield f"another form: {first_difference(canonical, again)}"
    if is_compiled:
        for other in (text, dressed(text, draw, 0.1, PLAIN), dressed(text, draw, 0.03, PLAIN)):
            after = formatted(other)
            if after is not None:
                difference = other_meaning(meaning(other), meaning(after))
                if difference:
                    yield difference


def first_difference(one: str, other: str | None) -> str:
    """Return the first line of *one* that *other* has otherwise."""
    lines = zip(one.split("\n"), (other or "").split("\n"), strict=False)
    return next((f"{mine!r} became {theirs!r}" for mine, theirs in lines if mine != theirs), "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
