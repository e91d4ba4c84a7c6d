"""The words of BTF as the kernel reads them, before anybody makes sense of them.

:mod:`decode` answers what a type is; here is what stands there, so that checks can be those of the
kernel to the bit.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator

    from bpfgen.btf.decode import Btf

MODIFIERS = kinds.MODIFIERS | {kinds.BTF_KIND_TYPEDEF}
"""Kinds that stand for another type (the kernel's btf_type_is_modifier)."""

COMPOSITES = frozenset((kinds.BTF_KIND_STRUCT, kinds.BTF_KIND_UNION))

ENUMS = frozenset((kinds.BTF_KIND_ENUM, kinds.BTF_KIND_ENUM64))


class RawType:
    """One record: struct btf_type and what follows it.

    Attributes:
        type_id: Its number.
        words: All words of it, in the machine's byte order.
        kind: BTF_KIND_*.
        kind_flag: Bit 31 of info.
        vlen: The lower 24 bits of info.
        name_off: Where the name stands; 0 where there is none.
        third: The size, or the id of another type.
    """

    __slots__ = ("kind", "kind_flag", "name_off", "third", "type_id", "vlen", "words")

    def __init__(self, type_id: int, words: array[int]) -> None:
        self.type_id = type_id
        self.words = words
        self.name_off, info, self.third = words[:3]
        self.kind = info >> 24 & 0x7F
        self.kind_flag = bool(info >> 31)
        self.vlen = info & 0xFFFFFF

    @property
    def info(self) -> int:
        """The second word: kind_flag, kind and vlen."""
        return self.words[1]

    def triples(self) -> Iterator[tuple[int, int, int]]:
        """Return the three words of each member, variable of a section, or 64-bit enumerator."""
        words, end = self.words, 3 + self.vlen * 3
        return zip(words[3:end:3], words[4:end:3], words[5:end:3], strict=True)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Return the two words of each enumerator or parameter."""
        words, end = self.words, 3 + self.vlen * 2
        return zip(words[3:end:2], words[4:end:2], strict=True)

    def bit_offset(self, offset: int) -> int:
        """Return the bit offset that the third word of a member says."""
        return offset & 0xFFFFFF if self.kind_flag else offset

    def bits(self) -> tuple[int, int, int]:
        """Return an INT's (encoding, offset in bits, width in bits), of all bits of the word."""
        word = self.words[3]
        return word >> 24 & 0xF, word >> 16 & 0xFF, word & 0xFF


def raw_types(btf: Btf) -> list[RawType]:
    """Return all types of *btf* but `void`, in order: type N stands at N - 1."""
    return [RawType(type_id, btf.words(type_id)) for type_id in range(1, len(btf))]
