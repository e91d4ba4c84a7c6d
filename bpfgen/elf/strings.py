"""String tables: NUL-terminated names, found by their offset. ELF has them, and BTF took the form.

Source: System V gABI, "String Table"; Documentation/bpf/btf.rst, "String Encoding".
"""

from __future__ import annotations

from itertools import accumulate
from operator import add

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from mmap import mmap

_SHARED = 8
"""How often, on average, each byte of a table may be part of a name that is asked for.

Linkers let names share their tails, so a byte may belong to several names. A table without NULs, in
which each offset starts a name that goes on to the end, is an attack: its names together are as
long as the square of the file."""

_ALLOWANCE = 1 << 16


class StringTable:
    """The strings in *size* bytes of *data* that begin at *start*.

    Attributes:
        start: Where the table begins in *data*.
        size: In bytes.
    """

    __slots__ = ("_budget", "_data", "_names", "_text", "size", "start")

    def __init__(self, data: bytes | mmap, start: int, size: int) -> None:
        table = data[start : start + size]
        self._data = table
        # Nearly every table is ASCII, where a byte is a character: names are slices of one text.
        self._text = table.decode("ascii") if table.isascii() else None
        self._names: dict[int, str] = {0: ""} if size == 0 else {}
        self._budget = size * _SHARED + _ALLOWANCE
        self.start = start
        self.size = size

    def __getitem__(self, offset: int) -> str:
        """Return the string at *offset*; bytes that aren't UTF-8 become escapes.

        Raises:
            FormatError: *offset* is past the end, the string has no end, or too many strings lie
                on top of each other.
        """
        name = self._names.get(offset)
        if name is not None:
            return name
        text = self._text
        if not 0 <= offset < self.size:
            raise FormatError(f"string offset {offset:#x} is past the table's {self.size:#x} bytes")
        end = self._data.find(b"\0", offset) if text is None else text.find("\0", offset)
        if end < 0:
            raise FormatError("a string runs past the end of its table", self.start + offset)
        self._budget -= end - offset
        if self._budget < 0:
            what = "the names in a string table overlap without end"
            raise FormatError(what, self.start + offset)
        if text is None:
            name = self._data[offset:end].decode("utf-8", "backslashreplace")
        else:
            name = text[offset:end]
        self._names[offset] = name
        return name

    @property
    def table(self) -> bytes:
        """The bytes of all of it."""
        return self._data

    def raw(self, offset: int, most: int) -> bytes:
        """Return the bytes of the string at *offset*, of a longer one the first *most*."""
        return self._data[offset : offset + most].partition(b"\0")[0]

    def all_at(self, offsets: Iterable[int]) -> list[str]:
        """Return the string at each of *offsets*; as `[]`, for many that are asked for once."""
        text, budget = self._text, self._budget
        names = []
        for offset in offsets:
            end = text.find("\0", offset) if text is not None and offset < self.size else -1
            if text is None or end < 0 or end - offset > budget:
                names.append(self[offset])  # which says what is wrong with it
                continue
            budget -= end - offset
            names.append(text[offset:end])
        self._budget = min(self._budget, budget)
        return names

    def places(self) -> dict[str, int] | None:
        """Return the offset of each string; None where one stands twice, or isn't ASCII.

        For whoever looks for hundreds: all are found in the time of some twenty searches.
        """
        if self._text is None:
            return None
        names = self._text.split("\0")
        # A NUL comes after each: all of it runs in C.
        starts = map(add, accumulate(map(len, names), initial=0), range(len(names)))
        places = dict(zip(names, starts, strict=True))
        places[""] = 0  # and not after the last NUL
        return places if len(places) == len(names) - 1 else None

    def offsets_of(self, name: str) -> set[int]:
        """Return every offset at which *name* stands, as a string of its own or another's tail."""
        wanted = name.encode("utf-8", "surrogatepass") + b"\0"
        starts: set[int] = set()
        position = self._data.find(wanted)
        while position >= 0:
            starts.add(position)
            position = self._data.find(wanted, position + 1)
        return starts
