"""One member of a struct or union, as the check_member functions of kernel/bpf/btf.c look at it."""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.btf.raw import ENUMS
from bpfgen.kernel import btf_limits
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.btf.raw import RawType


def member_fault(owner: RawType, type: RawType, size: int, word: int) -> tuple[str, str] | None:
    """Return what the kernel refuses about a member, in words that go on from its name, and who.

    Args:
        owner: The struct or union.
        type: The member's type, without qualifiers.
        size: The bytes of it.
        word: The third word of the member: its place and, with kind_flag, its width.
    """
    offset = owner.bit_offset(word)
    width = word >> 24 if owner.kind_flag else 0
    if type.kind == kinds.BTF_KIND_INT:
        function = "btf_int_check_kflag_member" if owner.kind_flag else "btf_int_check_member"
        why = _integer(owner, type, offset, width)
    elif type.kind in ENUMS and owner.kind_flag:
        function = "btf_enum_check_kflag_member"
        why = _enum(owner, offset, width)
    elif width:
        function = "btf_generic_check_kflag_member"
        why = f"is a bit-field of {width} bits and no integer"
    else:
        function = _FUNCTIONS.get(type.kind, "btf_struct_check_member")
        why = _whole(owner, type, offset, size)
    return None if why is None else (why, function)


_FUNCTIONS = {
    kinds.BTF_KIND_PTR: "btf_ptr_check_member",
    kinds.BTF_KIND_ARRAY: "btf_array_check_member",
    kinds.BTF_KIND_ENUM: "btf_enum_check_member",
    kinds.BTF_KIND_ENUM64: "btf_enum_check_member",
    kinds.BTF_KIND_FLOAT: "btf_float_check_member",
}


def _integer(owner: RawType, type: RawType, offset: int, width: int) -> str | None:
    """btf_int_check_member, and btf_int_check_kflag_member where *owner* has kind_flag."""
    _encoding, int_offset, bits = type.bits()
    if owner.kind_flag:
        if int_offset or bits % 8 or bits // 8 not in btf_limits.INT_SIZES:
            return f"is an integer of {bits} bits from bit {int_offset} on, beside a bit-field"
        if width > bits:
            return f"has {width} bits of an integer of {bits}"
        if not width and offset % 8:
            return f"is at bit {offset}, within a byte"
        bits = width or bits
    elif offset + int_offset > 0xFFFFFFFF:
        return f"is at bit {offset}, further than 32 bits count"
    begin = offset + (0 if owner.kind_flag else int_offset)
    copied = bits + begin % 8
    if copied > btf_limits.MAX_COPY_BITS:
        return (
            f"reaches to bit {copied} of the bytes that it is in, and the kernel reads "
            f"{btf_limits.MAX_COPY_BITS} at once"
        )
    return _beyond(owner, begin // 8 + (copied + 7) // 8)


def _enum(owner: RawType, offset: int, width: int) -> str | None:
    """btf_enum_check_kflag_member, to which each enum that is no bit-field has 4 bytes."""
    if not width and offset % 8:
        return f"is at bit {offset}, within a byte"
    if width > btf_limits.ENUM_BITS:
        return f"is an enum of {width} bits, and the kernel takes {btf_limits.ENUM_BITS}"
    end = (offset + (width or btf_limits.ENUM_BITS) + 7) // 8
    if width or end <= owner.third:
        return _beyond(owner, end)
    return (
        "is an enum beside a bit-field, where the kernel takes every enum for 4 bytes: it would "
        f"end at byte {end} of {owner.third}"
    )


def _whole(owner: RawType, type: RawType, offset: int, size: int) -> str | None:
    """Check a member that is neither an integer nor, beside bit-fields, an enum."""
    if type.kind == kinds.BTF_KIND_FLOAT:
        align = btf_limits.float_alignment(size)
        if offset % (8 * align):
            where = f"at bit {offset}" if offset % 8 else f"at byte {offset // 8}"
            return f"is a floating number {where}, and must be aligned to {align} bytes"
    elif offset % 8:
        return f"is at bit {offset}, within a byte"
    return _beyond(owner, offset // 8 + size)


def _beyond(owner: RawType, end: int) -> str | None:
    return f"ends at byte {end} of {owner.third}" if end > owner.third else None
