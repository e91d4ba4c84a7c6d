"""The category `link` against libbpf's linker: whether objects of OLD go with those of NEW.

Random sources and what became of them, compiled by clang; what links with OLD, and can be opened,
must link with NEW exactly where `link` finds nothing.
"""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from bpfgen.changes.categories import Asked, compare
from bpfgen.compiler import compile
from bpfgen.text.source import Source
from tests.changes.linker import partners, refusal
from tests.changes.mutations import changes
from tests.changes.objects import compiled

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.model.model import Model

SEED = int(os.environ.get("BPFGEN_RANDOM_SEED", "2"))
COUNT = int(os.environ.get("BPFGEN_RANDOM_PAIRS", "40"))
BATCH = 10
"""Pairs that one run of clang compiles."""


def model(text: str) -> Model:
    """Return the model of *text*, whatever the rules say of it."""
    return compile(Source("maps.dsl", text)).model


def test_what_has_no_finding_links(tmp_path: Path) -> None:
    """And what has one is refused, in one order of the objects at least."""
    outcomes = {True: 0, False: 0}
    pairs = enumerate(changes(SEED, COUNT))
    while batch := list(islice(pairs, BATCH)):
        models = {}
        for number, change in batch:
            models[f"old{number}"] = model(change.old_text)
            models[f"new{number}"] = model(change.new_text)
            for at, partner in enumerate(partners(change.old)):
                models[f"partner{number}_{at}"] = model(partner.text())
        objects = compiled(models, tmp_path)
        for number, change in batch:
            old, new = objects[f"old{number}"], objects[f"new{number}"]
            others = [one for name, one in objects.items() if name.startswith(f"partner{number}_")]
            text = f"{change.seed}: {change.what}\n{change.old_text}-----\n{change.new_text}"
            refusals = [
                refusal(tmp_path, new, one) or refusal(tmp_path, one, new) for one in others
            ]
            assert not any(refusal(tmp_path, old, one) for one in others), text
            found = compare(models[f"old{number}"], models[f"new{number}"], Asked(("link",)))
            assert bool(found) == any(refusals), f"{text}\n{found}\n{refusals}"
            outcomes[bool(found)] += 1
    assert min(outcomes.values()) > COUNT // 10, outcomes
