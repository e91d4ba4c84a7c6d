"""Both assemblers over the same models: what differs, by both readers and as maps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.assemble.object import assemble
from bpfgen.object import read_object
from bpfgen.verify import verify
from tests.assemble.batches import compiled, version
from tests.assemble.compare import Lacks, compare
from tests.assemble.readers import duplicates, has_witness, readers
from tests.imported import differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Literal

    from bpfgen.model.model import Model
    from bpfgen.object import ObjectFile
    from tests.assemble.sources import Subject

BYTE_ORDERS: dict[str, Literal["little", "big"]] = {"bpfel": "little", "bpfeb": "big"}


class Proof(NamedTuple):
    """What a proof came to.

    Attributes:
        compared: How many pairs of objects.
        maps: How many maps they have between them, one of each pair.
        types: How many types.
        whole: How many pairs have something whole that clang has as a forward declaration.
        refused: What clang doesn't compile: the name, and what it says.
        differences: The name, and what differs.
    """

    compared: int
    maps: int
    types: int
    whole: int
    refused: list[tuple[str, str]]
    differences: list[tuple[str, str]]

    @property
    def told(self) -> list[str]:
        """Some of the differences, for an assertion's message."""
        return [f"{name}: {what}" for name, what in self.differences[:8]]


def prove(subjects: Sequence[Subject], compiler: str, target: str, directory: Path) -> Proof:
    """Hold bpfgen's object of each of *subjects* against that of *compiler*."""
    lacks = Lacks.of(version(compiler))
    byteorder = BYTE_ORDERS[target]
    compared = maps = types = whole = 0
    refused: list[tuple[str, str]] = []
    found: list[tuple[str, str]] = []
    theirs = compiled([subject.model for subject in subjects], compiler, target, directory)
    for (name, model), clangs in zip(subjects, theirs, strict=True):
        if isinstance(clangs, str):
            refused.append((name, clangs))
            continue
        ours = assemble(model, byteorder)
        compared += 1
        lost: frozenset[tuple[str, str]] = frozenset()
        for read in readers():
            view = read(ours)
            result = compare(read(clangs), view, lacks)
            lost = result.whole
            found += [(name, f"{read.__name__}: {each}") for each in result.differences]
        types += len(view.types)
        whole += bool(lost)
        if has_witness():
            found += [(name, f"{n} types too many") for n in [duplicates(view)] if n]
        one, other = read_object(clangs), read_object(ours)
        maps += len(other.maps)
        if not lacks.enums:  # what is lacking would be a difference of maps, too
            is_told = not lacks.functions  # else libbpf misses the type of what is in a slot
            different = _maps(one, other, lost, is_told=is_told)
            found += [(name, f"maps: {each}") for each in different]
        # What the rules refuse may be what verification refuses, whoever has made the object; and
        # of what is whole there may be more to refuse.
        known = set(_said(model, other if lost else one, byteorder))
        found += [(name, each) for each in _said(model, other, byteorder) if each not in known]
    return Proof(compared, maps, types, whole, refused, found)


def _said(model: Model, object: ObjectFile, byteorder: str) -> list[str]:
    """Return what verification says; ids of types, which it names, are those of one object."""
    said = verify(model, object, byteorder=byteorder)
    return [f"verify: {re.sub('BTF type [0-9]+', 'BTF type', each.message)}" for each in said]


def _maps(
    one: ObjectFile, other: ObjectFile, whole: frozenset[tuple[str, str]], *, is_told: bool
) -> Iterator[str]:
    """Yield in what the maps of *one* are not those of *other*; their order counts.

    With *is_told* so does what libbpf has against the object.
    """
    yield from differences(one, other, whole)
    told = ("error",) if is_told else ()
    for what in ("byteorder", "machine", "internal_maps", "struct_ops", *told):
        if getattr(one, what) != getattr(other, what):
            yield f"{what} {getattr(one, what)} became {getattr(other, what)}"
    for mine, theirs in zip(one.maps, other.maps, strict=False):
        for what in ("name", "offset", "size", "data", "error"):
            if getattr(mine, what) != getattr(theirs, what):
                yield f"{mine.name}: {what} {getattr(mine, what)} became {getattr(theirs, what)}"
    externs = [[(e.name, e.section, e.weak) for e in each.externs] for each in (one, other)]
    if externs[0] != externs[1]:
        yield f"externs {externs[0]} became {externs[1]}"
