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
from bpfgen.compiler import Options, compile
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
    from bpfgen.model.model import Model
    from tests.changes.what import What

SEED, COUNT = map(int, os.environ.get("BPFGEN_PROOF_CHANGES", "6:600").split(":"))

BATCH = 1000
"""Pairs in one file of C."""


class Place(NamedTuple):
    """Where a map has the type that is compared: a field of its shape, or of its inner maps'."""

    shape: Shape
    field: str
    is_inner: bool = False

    def shape_with(self, type: str) -> Shape:
        """Return the shape that has *type* there."""
        shape = Shape._make(
            type if name == self.field else value
            for name, value in zip(Shape._fields, self.shape, strict=True)
        )
        if self.is_inner:
            return Shape("array_of_maps", "__u32", inner=shape, entries=2)
        return shape

    def type_of(self, shape: Shape) -> str:
        """Return the type that *shape* has there."""
        holder = shape.inner if self.is_inner else shape
        type: str = getattr(holder, self.field)
        return type


PLACES = (
    *(Place(Shape("array", "__u32", entries=4), "value"),) * 4,
    Place(Shape("hash", value="__u32", entries=4), "key"),
    Place(Shape("percpu_hash", "__u64", entries=4), "value"),
    Place(Shape("ringbuf", entries=4096), "record"),
    Place(Shape("queue", entries=4), "value"),
    Place(Shape("array", "__u32", entries=4), "value", is_inner=True),
)


class Case(NamedTuple):
    """A pair, with what `layout` finds in it.

    Attributes:
        seed: For people.
    """

    pair: Pair
    models: tuple[Model, Model]
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
        place = random.choice(PLACES)
        old = _with_a_map(random_program(random, types=4, maps=0), place)
        if old is None:
            continue
        new, what = mutated(random, old, OF_TYPES, random.choice((1, 1, 1, 1, 2, 3)))
        pair = Pair(old, new, *(place.type_of(side.maps[0].shape) for side in (old, new)))
        counts = Types(old).count(pair.old_type), Types(new).count(pair.new_type)
        if max(counts) > MOST or pair.is_the_same_text:
            continue
        unruled = Options(is_ruled=False)  # neither bytes nor C ask whether a kernel takes them
        sides = [compile(Source("maps.dsl", side.text()), unruled) for side in (old, new)]
        if not any(side.failed for side in sides):
            count -= 1
            found = compare(sides[0].model, sides[1].model, Asked((LAYOUT,)))
            yield Case(pair, (sides[0].model, sides[1].model), what, found, own)


def _with_a_map(program: Program, place: Place) -> Program | None:
    """Return *program* with a map that has its last struct or union at *place*."""
    found = [one for one in program.declarations if isinstance(one, Composite)]
    if not found:
        return None
    shape = place.shape_with(f"{found[-1].kind} {found[-1].tag}")
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
    broken = [case for case in every if case.found]
    assert COUNT // 4 < len(broken) < COUNT
    several = [case for case in broken if len(case.what) == 1 and len(case.found) > 1]
    assert len(several) <= COUNT // 100, "\n\n".join(case.told() for case in several)
