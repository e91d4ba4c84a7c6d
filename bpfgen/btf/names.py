"""Names -> the types and enumerators of BTF that have them, without reading the others.

A kernel has 130,000 types, of which a source names ten. The names of all types are gathered as
numbers, places in the table of strings; a text has a place there, which is looked for among those.
Nothing is decoded but what is found.
"""

from __future__ import annotations

from array import array

from bpfgen.btf import kinds
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.btf.decode import Btf

TYPES_OF = {
    "struct": (kinds.BTF_KIND_STRUCT,),
    "union": (kinds.BTF_KIND_UNION,),
    "enum": (kinds.BTF_KIND_ENUM, kinds.BTF_KIND_ENUM64),
    "typedef": (kinds.BTF_KIND_TYPEDEF,),
}
"""The kinds of BTF that define what a word of C names."""

_WORD = 4

_SEARCHES = 24
"""So many names are searched for; an index of all strings costs as much, and serves more."""


class BtfNames:
    """The names of one BTF; each part of the index is made when it is first needed.

    Attributes:
        btf: Where the names are.
    """

    __slots__ = ("_by_place", "_enumerators", "_found", "_names", "_places", "_used", "btf")

    def __init__(self, btf: Btf) -> None:
        self.btf = btf
        self._found: dict[str, tuple[int, ...]] = {}
        # The places of the names of types, by id; and of all strings, once many were asked for.
        self._names: bytes | None = None
        self._used: frozenset[int] = frozenset()
        self._places: dict[str, int] | None = None
        self._by_place: dict[int, list[int]] | None = None
        self._enumerators: dict[int, int] | None = None

    def types(self, name: str, *kinds: int) -> list[int]:
        """Return the ids of the types called *name* of one of *kinds*, in order."""
        offsets = self._offsets_of(name)
        if not offsets or not name:
            return []
        names, by_place = self._type_places(), self._by_place
        found = [
            type_id
            for offset in offsets
            if offset in self._used
            for type_id in (_where(names, offset) if by_place is None else by_place[offset])
            if self.btf.kind(type_id) in kinds
        ]
        found.sort()
        return found

    def _type_places(self) -> bytes:
        if self._names is None:
            words, begins = self.btf.records
            places = array("I", map(words.__getitem__, begins))
            places[0] = 0  # `void`, which begins nowhere
            self._names, self._used = places.tobytes(), frozenset(places)
        return self._names

    def enum_with(self, name: str) -> int | None:
        """Return the id of the first enum that has an enumerator *name*, or None."""
        owners = self._owners()
        found = [owners[offset] for offset in self._offsets_of(name) if offset in owners]
        return min(found) if found and name else None

    def _owners(self) -> dict[int, int]:
        """Return the first enum that has each enumerator, by the place of its name."""
        if self._enumerators is None:
            words, begins = self.btf.records
            self._enumerators = {}
            for enum in reversed(self.btf.ids_of_kind(*TYPES_OF["enum"])):
                at = begins[enum]
                step = 2 if self.btf.kind(enum) == kinds.BTF_KIND_ENUM else 3
                names = words[at + 3 : at + 3 + self.btf.vlen(enum) * step : step]
                self._enumerators.update(dict.fromkeys(names, enum))
        return self._enumerators

    def _offsets_of(self, name: str) -> tuple[int, ...]:
        """Return the places at which *name* stands among the strings."""
        found = self._found.get(name)
        if found is None:
            if len(self._found) == _SEARCHES:
                self._places = self._index_strings()
            if self._places is None:
                found = tuple(self.btf.strings.offsets_of(name))
            else:
                place = self._places.get(name)
                found = () if place is None else (place,)
            self._found[name] = found
        return found

    def _index_strings(self) -> dict[str, int] | None:
        """Return the place of each string; None where names of types are the tails of others."""
        places = self.btf.strings.places()
        if places is None:
            return None
        by_place: dict[int, list[int]] = {}
        for type_id, place in enumerate(memoryview(self._type_places()).cast("I")):
            by_place.setdefault(place, []).append(type_id)
        self._by_place = by_place
        begins = frozenset(places.values())
        is_plain = self._used <= begins and self._owners().keys() <= begins
        return places if is_plain else None

    def type_names(self, *kinds: int) -> Iterator[str]:
        """Yield the names of all types of one of *kinds*."""
        words, begins = self.btf.records
        for type_id in self.btf.ids_of_kind(*kinds):
            yield from self._name_at(words[begins[type_id]])

    def enumerator_names(self) -> Iterator[str]:
        """Yield the names of all enumerators."""
        for offset in self._owners():
            yield from self._name_at(offset)

    def _name_at(self, offset: int) -> Iterator[str]:
        """Yield the name at *offset*, if there is one."""
        try:
            name = self.btf.strings[offset]
        except FormatError:
            return
        if name:
            yield name


def _where(words: bytes, wanted: int) -> Iterator[int]:
    """Yield the index of each word in *words*, in the machine's order, that is *wanted*."""
    pattern = array("I", (wanted,)).tobytes()
    at = words.find(pattern)
    while at >= 0:
        if at % _WORD == 0:
            yield at // _WORD
        at = words.find(pattern, at + 1)
