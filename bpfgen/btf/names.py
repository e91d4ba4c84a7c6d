"""Names -> the types and enumerators of BTF that have them, without reading the others.

A kernel has 130,000 types, of which a source names ten. The names of all types are gathered as
numbers, places in the table of strings; a text has a place there, which is looked for among those.
Nothing is decoded but what is found.
"""

from __future__ import annotations

from array import array

from bpfgen.btf import kinds
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from collections.abc import Set as AbstractSet

    from bpfgen.btf.decode import Btf

TYPES_OF = {
    "struct": (kinds.BTF_KIND_STRUCT,),
    "union": (kinds.BTF_KIND_UNION,),
    "enum": (kinds.BTF_KIND_ENUM, kinds.BTF_KIND_ENUM64),
    "typedef": (kinds.BTF_KIND_TYPEDEF,),
}
"""The kinds of BTF that define what a word of C names."""

_WORD = 4


class BtfNames:
    """The names of one BTF; each half of the index is made when it is first asked for.

    Attributes:
        btf: Where the names are.
    """

    __slots__ = ("_begins", "_enumerators", "_offsets", "_places", "_types", "btf")

    def __init__(self, btf: Btf) -> None:
        self.btf = btf
        self._offsets: bytes | None = None
        self._types: frozenset[int] = frozenset()
        self._places = btf.strings.places()
        self._begins = frozenset(() if self._places is None else self._places.values())
        self._enumerators: dict[int, int] | None = None

    def types(self, name: str, *kinds: int) -> list[int]:
        """Return the ids of the types called *name* of one of *kinds*, in order."""
        if self._offsets is None:
            words, begins = self.btf.records
            offsets = array("I", map(words.__getitem__, begins))
            offsets[0] = 0  # `void`, which begins nowhere
            self._offsets, self._types = offsets.tobytes(), frozenset(offsets)
            self._check_places(self._types)
        if not name:
            return []
        found = [
            type_id
            for offset in self._offsets_of(name)
            if offset in self._types
            for type_id in _where(self._offsets, offset)
            if self.btf.kind(type_id) in kinds
        ]
        found.sort()
        return found

    def enumerator(self, name: str) -> tuple[int, int] | None:
        """Return the id of the first enum with an enumerator *name*, and its value; or None."""
        if self._enumerators is None:
            self._enumerators = self._index_enumerators()
        owners = [
            self._enumerators[offset]
            for offset in self._offsets_of(name)
            if offset in self._enumerators
        ]
        if not owners or not name:
            return None
        owner = min(owners)
        return owner, dict(reversed(self.btf.enumerators(owner)))[name]

    def _index_enumerators(self) -> dict[int, int]:
        """Return the first enum that has each enumerator, by the place of its name."""
        words, begins = self.btf.records
        owners: dict[int, int] = {}
        for enum in reversed(self.btf.ids_of_kind(*TYPES_OF["enum"])):
            at = begins[enum]
            step = 2 if self.btf.kind(enum) == kinds.BTF_KIND_ENUM else 3
            names = words[at + 3 : at + 3 + self.btf.vlen(enum) * step : step]
            owners.update(dict.fromkeys(names, enum))
        self._check_places(owners.keys())
        return owners

    def _check_places(self, used: AbstractSet[int]) -> None:
        """Do without the index of the strings where one of *used* is the tail of another."""
        if not used <= self._begins:
            self._places = None

    def _offsets_of(self, name: str) -> Collection[int]:
        """Return the places at which *name* stands among the strings."""
        if self._places is None:
            return self.btf.strings.offsets_of(name)
        place = self._places.get(name)
        return () if place is None else (place,)

    def type_names(self, *kinds: int) -> Iterator[str]:
        """Yield the names of all types of one of *kinds*."""
        btf = self.btf
        for type_id in btf.ids_of_kind(*kinds):
            name = btf.name(type_id)
            if name:
                yield name

    def enumerator_names(self) -> Iterator[str]:
        """Yield the names of all enumerators."""
        for enum in self.btf.ids_of_kind(*TYPES_OF["enum"]):
            for name, _value in self.btf.enumerators(enum):
                yield name


def _where(words: bytes, wanted: int) -> Iterator[int]:
    """Yield the index of each word in *words*, in the machine's order, that is *wanted*."""
    pattern = array("I", (wanted,)).tobytes()
    at = words.find(pattern)
    while at >= 0:
        if at % _WORD == 0:
            yield at // _WORD
        at = words.find(pattern, at + 1)
