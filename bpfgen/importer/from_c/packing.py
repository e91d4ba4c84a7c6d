"""`#pragma pack`: which types it packs, and the same said by an attribute.

:mod:`unit` follows the pragmas in the second step of the import of C, and :mod:`needs` declares the
types. `pack(1)` is what `packed` is for the type and for all types declared inside of it. Other
numbers have no attribute of the whole, and stay a difference from what clang compiles.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from bpfgen.importer.from_c.declarations import TAG_WORDS
from bpfgen.importer.from_c.declarators import DeclarationReader

_PACK = re.compile(r"pack[ \t]*\(([^()]*)\)")
_PACKED = " __attribute__((packed))"


class Packing:
    """What `#pragma pack` says in which lines; places are indices of lines, and come in order."""

    def __init__(self) -> None:
        self._places: list[int] = []
        self._alignments: list[int] = []
        self._current = 0
        self._before: list[tuple[str, int]] = []

    def enter(self, place: int, pragma: str) -> None:
        """Note the *pragma*, without its first word. Source: clang, Sema::ActOnPragmaPack."""
        self._follow(pragma)
        self._places.append(place)
        self._alignments.append(self._current)

    def is_packed(self, place: int) -> bool:
        """Return whether the types that are declared on the line *place* are packed."""
        before = bisect_right(self._places, place)
        return before > 0 and self._alignments[before - 1] == 1

    def _follow(self, pragma: str) -> None:
        match = _PACK.match(pragma)
        if match is None:
            return
        words = [word.strip() for word in match[1].split(",") if word.strip()]
        numbers = [
            int(word, 0) for word in words if re.fullmatch(r"0x[0-9a-fA-F]+|[1-9]\d*|0", word)
        ]
        labels = [word for word in words[1:] if not word[0].isdecimal()]
        if not words:
            self._current = 0
        elif words[0] == "push":
            self._before.append((labels[0] if labels else "", self._current))
        elif words[0] == "pop":
            self._pop(labels[0] if labels else None)
        if numbers:
            self._current = numbers[0]

    def _pop(self, label: str | None) -> None:
        """Go back to what was before the last `push`, or before the one with a *label*."""
        if label is not None and label not in (name for name, _alignment in self._before):
            return
        while self._before:
            name, self._current = self._before.pop()
            if label in (None, name):
                return


def packed(text: str) -> str:
    """Return the declaration *text* with every struct and union in it packed."""
    reader = DeclarationReader(text)
    ends = set()
    for place in range(reader.count):
        if reader.word(place) in TAG_WORDS and reader.word(place) != "enum":
            brace = reader.after_attributes(place + 1)
            if reader.is_name(brace, reader.count):
                brace += 1
            if reader.word(brace) == "{" and brace in reader.closing:
                end = reader.closing[brace]
                attributes = reader.slice(end + 1, reader.after_attributes(end + 1))
                if "packed" not in attributes:
                    ends.add(end)
    return reader.rewritten(lambda place: (place + 1, "}" + _PACKED) if place in ends else None)
