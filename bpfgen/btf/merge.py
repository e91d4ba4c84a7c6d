"""Several BTF sections -> one that has the types of all: for maps that have come from many objects.

After :mod:`decode`; what asks for types of one section takes it as it takes that of an object which
was linked from several files. Types are put one after the other; which of them are the same is for
others to say.
"""

from __future__ import annotations

from array import array

from bpfgen.btf import kinds
from bpfgen.btf.decode import Btf
from bpfgen.btf.write import btf_bytes
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def can_be_merged(btf: Btf) -> bool:
    """Return whether the kinds of all types of *btf* are known, so that it shows what they name."""
    return not btf.ids_of_kind(*range(len(kinds.KIND_NAMES), 0x80))


def merged(sections: Sequence[Btf]) -> tuple[Btf, list[int]]:
    """Return one section with the types of all *sections*, and what is added to the ids of each.

    They have one byte order and pass :func:`can_be_merged`.
    """
    words, strings = array("I"), bytearray()
    shifts, types = [], 0
    for btf in sections:
        shifts.append(types)
        words += _moved(btf, types, len(strings))
        strings += btf.strings.table
        types += len(btf) - 1
    data = btf_bytes((words,), strings, sections[0].byteorder)
    return Btf(data, sections[0].pointer_size), shifts


def _moved(btf: Btf, types: int, strings: int) -> array[int]:
    """Return the words of *btf*, its ids moved on by *types*, and its names by *strings*."""
    records, offsets = btf.records
    words = array("I", records)
    for places, step in ((_names(btf, offsets), strings), (_ids(btf, offsets), types)):
        for place in places:
            if words[place]:  # neither `void` nor what has no name moves
                words[place] += step
    return words


def _names(btf: Btf, offsets: array[int]) -> Iterator[int]:
    yield from offsets[1:]
    for kind in kinds.NAMED_ELEMENTS:
        yield from _of_elements(btf, offsets, kind, 0)


def _ids(btf: Btf, offsets: array[int]) -> Iterator[int]:
    for type_id in btf.ids_of_kind(*kinds.REFERRING):
        yield offsets[type_id] + 2
    for type_id in btf.ids_of_kind(kinds.BTF_KIND_ARRAY):
        yield offsets[type_id] + 3
        yield offsets[type_id] + 4
    for kind, word in kinds.TYPED_ELEMENTS.items():
        yield from _of_elements(btf, offsets, kind, word)


def _of_elements(btf: Btf, offsets: array[int], kind: int, word: int) -> Iterator[int]:
    step = kinds.ELEMENT_WORDS[kind]
    for type_id in btf.ids_of_kind(kind):
        start = offsets[type_id] + 3 + word
        yield from range(start, start + btf.vlen(type_id) * step, step)
