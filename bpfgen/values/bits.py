"""Where the bits of a bit-field are, in either byte order.

BTF counts bits from the start of the struct: on a little-endian machine from the least significant
bit of the first byte, on a big-endian one from the most significant.

Source: include/uapi/linux/btf.h, BTF_MEMBER_BIT_OFFSET; kernel/bpf/btf.c,
__btf_struct_show and btf_bitfield_show.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.ctype.types import Order


class BitField(Record):
    """Bits in a number that is read of bytes.

    Attributes:
        offset: Of the first byte that holds some of them, in bytes.
        size: How many bytes do; up to 17 for 128 bits.
        shift: Bits of the number, in the map's byte order, that are less significant.
        width: How many bits it has.
        signed: Whether the most significant one is a sign.
    """

    offset: int
    size: int
    shift: int
    width: int
    signed: bool

    def reader(self) -> Callable[[int], int]:
        """Return a function that makes the value of the number that its bytes are."""
        shift, mask = self.shift, (1 << self.width) - 1
        if not self.signed:
            return lambda number: number >> shift & mask
        sign = 1 << self.width - 1
        return lambda number: ((number >> shift & mask) ^ sign) - sign


def bit_field(bit_offset: int, width: int, *, signed: bool, order: Order) -> BitField:
    """Return the bit-field of *width* bits, at least 1, at *bit_offset* from the start of a value.

    *order* is `little` or `big`.
    """
    first, end = bit_offset // 8, -(-(bit_offset + width) // 8)
    before = bit_offset - 8 * first
    shift = before if order == "little" else 8 * (end - first) - before - width
    return BitField(first, end - first, shift, width, signed)
