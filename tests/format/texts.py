"""The texts that the formatter is tried on: all that the repository has, and random ones."""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

from bpfgen.rules.manual import explanations
from tests.fuzz.conditional import Conditional
from tests.fuzz.programs import program
from tests.rulebook.test_rulebook import programs as rulebook
from tests.test_docs import DOCUMENTS, FENCE
from tests.tools import CHECKOUT
from tests.unit.mistakes import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = sorted(
    path
    for folder in ("samples", "bpfgen", "tests/rulebook")
    for path in (CHECKOUT / folder).rglob("*.dsl")
)
"""Every source in the repository."""


@cache
def texts() -> dict[str, str]:
    """Return every text of the language in the repository, by a name for it, broken ones too."""
    found = {str(path.relative_to(CHECKOUT)): path.read_text(encoding="utf-8") for path in FILES}
    found |= {name: text.lstrip("\n") for name, text in rulebook()}
    for document in DOCUMENTS:
        text = (CHECKOUT / document).read_text(encoding="utf-8")
        for block in FENCE.finditer(text):
            found[f"{document}:{text.count(chr(10), 0, block.start()) + 2}"] = block["text"]
    for code, entry in explanations().items():
        examples = {"wrong": entry.wrong, "right": entry.right, "old": entry.old}
        found |= {f"{code}, {what}": text for what, text in examples.items() if text}
    found |= {f"mistake: {name}": case.fixed for name, case in CASES.items() if case.fixed}
    return found


def random_texts(first: int, count: int) -> Iterator[tuple[str, str]]:
    """Yield *count* random programs, each with its name, of the seeds from *first* on."""
    for seed in range(first, first + count):
        if seed % 4:
            made = program(seed)
            yield f"program {seed}", made.text
            if made.imported:
                yield f"imported by program {seed}", made.imported
        else:
            draw = random.Random(seed)  # noqa: S311 -- test data
            yield f"conditional {seed}", Conditional(draw, 12).ours
