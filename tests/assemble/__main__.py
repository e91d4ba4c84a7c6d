"""`python -m tests.assemble`: the proof at length, and its figures.

    python -m tests.assemble --first 0 --count 20000 --objects DIR… --compiler clang-14 …

Each subject is compiled by one of the compilers, in one of the byte orders, in turn; with `--all`,
by all of them in both.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tests.assemble import sources
from tests.assemble.batches import AT_ONCE, version
from tests.assemble.proof import BYTE_ORDERS, prove
from tests.tools import compilers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.assemble.sources import Subject

SHOWN = 40
"""Differences that are printed; the others are counted."""


def main() -> int:
    """Prove what the words of the command line ask for; 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.assemble")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=0, help="random programs")
    parser.add_argument("--texts", action="store_true", help="samples and rule book")
    parser.add_argument("--objects", nargs="*", type=Path, default=[], help="directories of them")
    parser.add_argument("--compiler", nargs="+", default=list(compilers()))
    parser.add_argument("--all", action="store_true", help="each subject by each compiler")
    words = parser.parse_args()
    ways = [(compiler, target) for compiler in words.compiler for target in BYTE_ORDERS]
    figures: dict[tuple[str, str], Counter[str]] = {way: Counter() for way in ways}
    shown = 0
    with tempfile.TemporaryDirectory() as directory:
        subjects = _subjects(words, Path(directory))
        turn = 0
        while batch := list(islice(subjects, AT_ONCE)):
            for way in ways if words.all else [ways[turn % len(ways)]]:
                proof = prove(batch, *way, Path(directory))
                figures[way] += Counter(
                    compared=proof.compared,
                    maps=proof.maps,
                    types=proof.types,
                    whole=proof.whole,
                    refused=len(proof.refused),
                    different=len({name for name, _what in proof.differences}),
                )
                for name, what in [*proof.differences, *proof.refused]:
                    shown += 1
                    if shown <= SHOWN:
                        print(f"{' '.join(way)}: {name}: {what[:600]}")  # noqa: T201 -- a program
            turn += 1
    for (compiler, target), counted in figures.items():
        text = "  ".join(f"{what} {number}" for what, number in counted.items())
        print(f"clang {version(compiler)} {target}: {text}")  # noqa: T201 -- a program
    return any(counted["different"] for counted in figures.values())


def _subjects(words: argparse.Namespace, directory: Path) -> Iterator[Subject]:
    if words.texts:
        yield from sources.samples()
        yield from sources.by_hand()
        yield from sources.rulebook()
    for folder in words.objects:
        yield from sources.objects(sorted(folder.rglob("*.o")))
    step = 50
    for first in range(words.first, words.first + words.count, step):
        count = min(step, words.first + words.count - first)
        # Most are of everything, maps that refer to each other, or types; those with conditions
        # are few, since each of them is many models.
        yield from sources.programs(first, count * 4 // 10, directory)
        yield from sources.linked(first, count * 2 // 10, directory)
        yield from sources.types(first, count * 4 // 10 - count // 50)
        yield from sources.conditions(first, count // 50)


if __name__ == "__main__":
    sys.exit(main())
