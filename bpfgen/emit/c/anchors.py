"""Anchors as C: the variables that keep types whole in BTF, and extern maps in the object.

Spells what :mod:`bpfgen.emit.anchors` has decided.
"""

from __future__ import annotations

from bpfgen.ctype.types import Pointer
from bpfgen.model.anchors import EXTERN_PREFIX, SECTION
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from bpfgen.emit.anchors import Anchor, Anchors
    from bpfgen.emit.c.declarators import Speller
    from bpfgen.model.model import Model

    Tag: TypeAlias = tuple[str, str]  # `struct` or `union`, and the tag itself


class AnchorLines(Record):
    """What the end of a header has to keep: declarations, spelled.

    Attributes:
        records: Pointers to the types of records.
        types: Pointers to types that would be lost always.
        extern_types: The same for types that are lost only where the header's maps are extern.
        tags: What each of *types* and then each of *extern_types* points to.
    """

    records: tuple[str, ...]
    types: tuple[str, ...]
    extern_types: tuple[str, ...]
    tags: tuple[Tag, ...] = ()

    def tags_of(self, line: str) -> Iterator[Tag]:
        """Yield what *line* points to; nothing for that of a record."""
        lines = (*self.types, *self.extern_types)
        return (tag for tag, one in zip(self.tags, lines, strict=True) if one == line)


def spell_anchors(speller: Speller, anchors: Anchors) -> AnchorLines:
    """Return *anchors* as declarations."""
    return AnchorLines(
        tuple(_spell(speller, anchor) for anchor in anchors.records),
        tuple(_spell(speller, anchor) for anchor in anchors.types),
        tuple(_spell(speller, anchor) for anchor in anchors.extern_types),
        anchors.tags,
    )


def _spell(speller: Speller, anchor: Anchor) -> str:
    pointer = speller.declaration(Pointer(anchor.target), anchor.name)
    return f'static {pointer} __attribute__((section("{SECTION}"), used));'


def extern_references(model: Model) -> list[str]:
    """Return declarations that refer to each extern map of *model*, for compiling it alone."""
    return [
        f"static const void *{EXTERN_PREFIX}{declared.name} "
        f'__attribute__((section("{SECTION}"), used)) = &{declared.name};'
        for declared in model.maps
        if declared.linkage == "extern"
    ]
