"""The records of a BTF section that is being made, and its strings.

Below :mod:`bpfgen.btf.encode`, which makes them of types; :mod:`bpfgen.btf.write` makes bytes of
them.
"""

from __future__ import annotations

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
    """

    __slots__ = ("_contents", "_offsets", "origins", "records", "strings")

    def __init__(self) -> None:
        self.records: list[list[int]] = []
        self.strings = bytearray(b"\0")
        self.origins: list[Type | None] = []
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

        *content* is all of it. Where there is an equal one, all that this one refers to was there,
        so that it is still the last, and goes; unless it has waited.
        """
        first = self._contents.setdefault(content, type_id)
        if first == type_id or type_id != len(self.records):
            return type_id
        del self.records[-1], self.origins[-1]
        return first

    def string(self, text: str) -> int:
        """Return where *text* stands among the strings."""
        offset = self._offsets.get(text)
        if offset is None:
            offset = self._offsets[text] = len(self.strings)
            self.strings += text.encode("utf-8", "surrogateescape") + b"\0"
        return offset
