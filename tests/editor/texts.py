"""Texts for tests of what an editor asks: by themselves, and with a cursor in them."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

from bpfgen.compiler import Options
from bpfgen.editor.analysis import analyse
from bpfgen.files.reading import FILES
from bpfgen.record import replace
from tests.fuzz.conditional import Conditional
from tests.fuzz.programs import program
from tests.samples import GOOD, SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.editor.analysis import Analysis


SEED, COUNT = (int(part) for part in os.environ.get("BPFGEN_NAMES", "0:4").split(":"))
"""Where the random programs and damages of tests of names start, and how many there are."""


class Texts:
    """An opener of texts that are no files, by their paths; other paths are those of files."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def read(self, path: str) -> bytes:
        """Return the text *path* as bytes."""
        text = self.texts.get(path)
        return FILES.read(path) if text is None else text.encode()

    def is_file(self, path: str) -> bool:
        """Return whether there is a text *path*."""
        return path in self.texts or FILES.is_file(path)


def analysed(texts: dict[str, str], options: Options = Options()) -> dict[str, Analysis]:  # noqa: B008 -- a value
    """Return the analysis of each of *texts*, which may import one another."""
    chosen = replace(options, opener=Texts(texts))
    return {path: analyse(path, text, chosen) for path, text in texts.items()}


def one(text: str, options: Options = Options()) -> Analysis:  # noqa: B008 -- a value
    """Return the analysis of *text* alone."""
    return analysed({"/t/maps.dsl": text}, options)["/t/maps.dsl"]


def good_texts(seed: int, count: int) -> Iterator[dict[str, str]]:
    """Yield samples, and *count* random programs: each a text by its path, and what it imports."""
    for name in GOOD:
        path = SAMPLES / name
        yield {str(path): path.read_text(encoding="utf-8")}
    for number in range(seed, seed + count):
        made = program(number)
        texts = {"/t/maps.dsl": made.text}
        if made.imported:
            texts["/t/common.dsl"] = made.imported
        yield texts


def conditional_texts(seed: int, count: int) -> Iterator[str]:
    """Yield *count* random texts with conditions, right in some cases and wrong in others."""
    for number in range(seed, seed + count):
        yield Conditional(random.Random(number), 6).ours  # noqa: S311 -- test data
