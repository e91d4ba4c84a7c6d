"""`layout` finds something exactly where C reads another value.

Random types and what random changes made of them: C writes numbers through the one and reads them
through the other. BPFGEN_PROOF_CHANGES=SEED:COUNT tries others, or more.
"""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.changes.categories import Asked, compare
from bpfgen.changes.rules import LAYOUT
from bpfgen.compiler import compile
from bpfgen.text.source import Source
from tests.changes.layout_witness import MOST, Pair, verdicts
from tests.changes.leaves import Types
from tests.changes.mutations import OF_TYPES, mutated
from tests.changes.program import Composite, Map, Program, Shape
from tests.changes.random_program import random_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bpfgen.changes.finding import Finding
    from tests.changes.what import What

SEED, COUNT = map(int, os.environ.get("BPFGEN_PROOF_CHANGES", "5:300").split(":"))

BATCH = 1000
"""Pairs in one file of C."""


class Case(NamedTuple):
    """A pair, with what `layout` finds in it.

    Attributes:
        seed: For people.
    """

    pair: Pair
    what: tuple[What, ...]
    found: list[Finding]
    seed: str

    def told(self) -> str:
        """Return it for people."""
        texts = self.pair.old.text(), self.pair.new.text()
        found = "; ".join(f"{one.code}: {one.message}" for one in self.found)
        return f"{self.seed}: {self.what}\n{texts[0]}----\n{texts[1]}layout: {found or 'nothing'}"


def cases(seed: int, count: int) -> Iterator[Case]:
    """Yield *count* pairs of sources with one map, whose types differ somehow."""
    number = 0
    while count:
        number += 1
        own = f"{seed}/{number}"
        random = Random(own)  # noqa: S311 -- test data
        old = _with_a_map(random_program(random, types=4, maps=0))
        if old is None:
            continue
        new, what = mutated(random, old, OF_TYPES, random.choice((1, 1, 1, 1, 2, 3)))
        pair = Pair(old, new, *(side.maps[0].shape.value for side in (old, new)))
        sides = (old, pair.old_type), (new, pair.new_type)
        if any(Types(side).count(type) > MOST for side, type in sides):
            continue
        if pair.is_the_same_text:
            continue
        models = [compile(Source("maps.dsl", side.text())) for side in (old, new)]
        if not any(model.failed for model in models):
            count -= 1
            found = compare(models[0].model, models[1].model, Asked((LAYOUT,)))
            yield Case(pair, what, found, own)


def _with_a_map(program: Program) -> Program | None:
    """Return *program* with a map that has its last struct or union as its value."""
    found = [one for one in program.declarations if isinstance(one, Composite)]
    if not found:
        return None
    shape = Shape("array", "__u32", f"{found[-1].kind} {found[-1].tag}", entries=4)
    return Program((*program.declarations, Map("values", shape)))


def test_a_finding_is_what_c_reads_otherwise(tmp_path: Path) -> None:
    """Both ways: what old writers left to new readers, and new writers to old readers."""
    every = list(cases(SEED, COUNT))
    wrong = []
    for start in range(0, COUNT, BATCH):
        batch = every[start : start + BATCH]
        said = verdicts([case.pair for case in batch], tmp_path)
        wrong += [
            f"{case.told()}\nC: {', '.join(verdict.reasons) or 'the same'}"
            for case, verdict in zip(batch, said, strict=True)
            if (verdict.reasons and not case.found)
            or (case.found and not verdict.reasons and not verdict.doubts)
        ]
    assert not wrong, f"{len(wrong)} of {COUNT}:\n" + "\n\n".join(wrong[:10])
    broken = sum(bool(case.found) for case in every)
    assert COUNT // 4 < broken < COUNT
