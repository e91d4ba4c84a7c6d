"""Initializers of maps in C: numbers of older styles, and slots.

Used by :mod:`definitions` in the fourth step of the import of C.
"""

from __future__ import annotations

from bpfgen.importer.from_c.declarators import DeclarationReader
from bpfgen.importer.from_c.errors import CError
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_SLOTS = 4096


class InitializerReader(DeclarationReader):
    """Reads the initializers of a declaration."""

    def initializer(
        self, first: int, after: int
    ) -> tuple[dict[str, str], list[tuple[str, str]], bool]:
        """Return numbers and slots of an initializer, and whether it has `values`."""
        numbers: dict[str, str] = {}
        slots: list[tuple[str, str]] = []
        has_values = False
        if self.word(first) != "{" or first >= after:
            return numbers, slots, has_values
        for place, (start, end) in enumerate(self.split(",", *self.inside(first))):
            if start == end:
                continue
            equals = self.find("=", start, end)
            if equals == end:
                numbers[str(place)] = self.slice(start, end)
                continue
            name = self.word(start + 1)
            if self.word(start) != "." or not name.isidentifier():
                raise CError(f"this C can't be read (at `{self.slice(start, end)[:40]}`)")
            if name != "values":
                numbers[name] = self.slice(equals + 1, end)
                continue
            has_values = True
            if equals > start + 2:  # `.values[0] = x`
                slots += self._slots([(start + 2, end)])
            elif self.word(equals + 1) == "{":
                slots += self._slots(self.split(",", *self.inside(equals + 1)))
        return numbers, slots, has_values

    def _slots(self, items: Iterable[tuple[int, int]]) -> list[tuple[str, str]]:
        """Return (index, target) of each slot of *items* that isn't empty."""
        slots: list[tuple[str, str]] = []
        base, offset = "", 0
        for start, end in items:
            if start == end:
                continue
            count = 1
            equals = self.find("=", start, end)
            if equals < end:
                if self.word(start) != "[" or self.inside(start)[1] + 1 != equals:
                    raise CError(f"this C can't be read (at `{self.slice(start, end)[:40]}`)")
                base, count = self._designated(*self.inside(start))
                offset = 0
                start = equals + 1  # noqa: PLW2901 -- the target's
            target = self._target(start, end)
            for _ in range(count):
                index = _index(base, offset)
                offset += 1
                if target is None:
                    raise CError(f"slot {index} holds no name")
                if target:
                    slots.append((index, target))
        return slots

    def _target(self, start: int, end: int) -> str | None:
        """Return the name that a slot holds, without casts; empty for an empty slot."""
        while start < end and self.word(start) in ("&", "("):
            if self.word(start) == "(":
                after = self.inside(start)[1] + 1
                if after == end:
                    end -= 1
                else:
                    start = after - 1
            start += 1
        if end - start != 1:
            return None
        token = self._tokens[start]
        if token.kind == "name":
            return "" if token.text == "NULL" else token.text
        return "" if token.kind == "number" else None

    def _designated(self, first: int, after: int) -> tuple[str, int]:
        """Return the first index that a designator means, and how many: `[1]`, `[0 ... 3]`."""
        dots = self.find(".", first, after)
        if dots == after:
            return self.slice(first, after), 1
        low, high = self.slice(first, dots), self.slice(dots + 3, after)
        try:
            count = int(high, 0) - int(low, 0) + 1
        except ValueError:
            raise CError(f"the slots `{low} ... {high}` are no plain numbers") from None
        if not 0 < count <= _MOST_SLOTS:
            raise CError(f"the slots `{low} ... {high}` are {count}")
        return low, count


def _index(base: str, offset: int) -> str:
    """Return the index of the slot that is *offset* after *base*."""
    if not base:
        return str(offset)
    if not offset:
        return base
    return str(int(base) + offset) if base.isdecimal() else f"{base} + {offset}"
