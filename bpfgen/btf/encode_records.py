"""The records of a BTF section that is being made, and its strings.

Below :mod:`bpfgen.btf.encode_leaves` and :mod:`bpfgen.btf.encode`, which make them of types;
:mod:`bpfgen.btf.write` makes bytes of them.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.ctype.types import Type

ALL_BITS = 0xFFFFFFFF


class Records:
    """Collects records and strings.

    Attributes:
        records: The words of each type: name offset, info, size or type, and what follows.
        strings: The string section.
        origins: What each record was made of: None for what clang adds of its own.
        replaced: For the id of each record that is too much, that of the one that stands for it.
    """

    __slots__ = ("_contents", "_offsets", "origins", "records", "replaced", "strings")

    def __init__(self) -> None:
        self.records: list[list[int]] = []
        self.strings = bytearray(b"\0")
        self.origins: list[Type | None] = []
        self.replaced: dict[int, int] = {}
        self._contents: dict[object, int] = {}
        self._offsets: dict[str, int] = {"": 0}

    def append(
        self, kind: int, name: str, third: int, vlen: int = 0, words: Iterable[int] = ()
    ) -> int:
        """Add a record that is no type, with the *words* that follow it, and return its id."""
        type_id, record = self.begin(None, kind, name, third, vlen)
        record += words
        return type_id

    def begin(
        self, origin: Type | None, kind: int, name: str, third: int, vlen: int = 0
    ) -> tuple[int, list[int]]:
        """Add a record without what follows; return its id and its words."""
        record = [self.string(name), kind << 24 | vlen, third & ALL_BITS]
        self.records.append(record)
        self.origins.append(origin)
        return len(self.records), record

    def shared(self, type_id: int, content: object) -> int:
        """Return the id of a record that is whole: that of an equal one, if there is one.

        *content* is all of it. The other one goes: at once where it is the last, as nearly always,
        since all that it refers to was there.
        """
        first = self._contents.setdefault(content, type_id)
        if first != type_id:
            if type_id == len(self.records):
                del self.records[-1], self.origins[-1]
            else:
                self.replaced[type_id] = first
        return first

    def drop_replaced(self) -> dict[int, int]:
        """Take out what is too much, and return the ids of all others by those they had before.

        Empty where nothing is too much.
        """
        if not self.replaced:
            return {}
        kept = [i for i in range(1, len(self.records) + 1) if i not in self.replaced]
        ids = {0: 0} | {type_id: place for place, type_id in enumerate(kept, 1)}
        ids |= {type_id: ids[first] for type_id, first in self.replaced.items()}
        self.records = [self.records[type_id - 1] for type_id in kept]
        self.origins = [self.origins[type_id - 1] for type_id in kept]
        for record in self.records:
            for word in _references(record):
                record[word] = ids[record[word]]
        self.replaced = {}
        return ids

    def string(self, text: str) -> int:
        """Return where *text* stands among the strings."""
        offset = self._offsets.get(text)
        if offset is None:
            offset = self._offsets[text] = len(self.strings)
            self.strings += text.encode("utf-8", "surrogateescape") + b"\0"
        return offset


def _references(record: list[int]) -> Iterable[int]:
    """Return which words of *record* are ids of types."""
    kind = record[1] >> 24 & 0x7F
    if kind in kinds.TYPED_ELEMENTS:
        first = 3 + kinds.TYPED_ELEMENTS[kind]
        elements = range(first, len(record), kinds.ELEMENT_WORDS[kind])
        return (2, *elements) if kind in kinds.REFERRING else elements
    if kind == kinds.BTF_KIND_ARRAY:
        return (3, 4)
    return (2,) if kind in kinds.REFERRING else ()
