"""Structs that a header defines for itself, of what BTF says of those in vmlinux.h.

Comes before :mod:`bpfgen.emit.c.host_types`. BTF has offsets and neither attributes nor, inside of
what was asked for, alignments: where the members don't come to their places by themselves, the
struct is packed and its holes are members.
"""

from __future__ import annotations

from bpfgen.ctype.layout import LayoutError, MemberSpec, lay_out
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import (
    UCHAR,
    WRAPPERS,
    Array,
    Attributes,
    Composite,
    Member,
    Pointer,
)
from bpfgen.emit.c.host_attributes import number
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type


def exact(type: Type) -> Type:
    """Return *type*, of BTF, with every struct in it such that a compiler lays it out so."""
    if isinstance(type, Array):
        return replace(type, element=exact(type.element))
    if isinstance(type, WRAPPERS):
        return replace(type, underlying=exact(type.underlying))
    return exact_composite(type) if isinstance(type, Composite) else type


def exact_composite(composite: Composite) -> Composite:
    """Return *composite* with its members, and their alignment or explicit holes."""
    members = [
        member if isinstance(member.type, Pointer) else replace(member, type=exact(member.type))
        for member in composite.members
    ]
    specs = [
        MemberSpec(one.name, one.type, one.bitfield_size if one.is_bitfield else None)
        for one in members
    ]
    # BTF doesn't say what it is aligned to: not more than its size is.
    align = composite.align or (composite.size & -composite.size) or 1
    for attributes in (None, Attributes(aligned=(number(align),))):
        try:
            made = lay_out(composite.kind, composite.tag, specs, attributes)
        except LayoutError:
            break
        if _is_same(made, composite):
            return made
    align = composite.align or 1
    packed = Attributes(packed=True, aligned=(number(align),))
    filled = members if composite.kind == "union" else list(_filled(members, composite.size))
    return Composite(composite.kind, composite.tag, tuple(filled), composite.size, align, packed)


def _offsets(members: tuple[Member, ...] | list[Member]) -> list[int]:
    return [member.bit_offset for member in members]


def _is_same(made: Composite, wanted: Composite) -> bool:
    aligned = not wanted.align or made.align == wanted.align
    return (
        aligned and made.size == wanted.size and _offsets(made.members) == _offsets(wanted.members)
    )


def _filled(members: list[Member], size: int) -> Iterator[Member]:
    """Yield *members* with what is between them, to the end at *size* bytes."""
    end = 0
    for member in members:
        yield from _hole(end, member.bit_offset)
        yield member
        bits = member.bitfield_size if member.is_bitfield else 8 * (sizeof(member.type) or 0)
        end = member.bit_offset + bits
    yield from _hole(end, 8 * size)


def _hole(start: int, end: int) -> Iterator[Member]:
    """Yield what fills the bits from *start* to *end*."""
    partial = min(end, -(-start // 8) * 8)
    if start < partial:
        yield Member(None, UCHAR, start, partial - start, is_bitfield=True)
    if partial + 8 <= end:
        count = (end - partial) // 8
        yield Member(f"bpfgen_hole_{partial // 8}", Array(UCHAR, count), partial)
        partial += 8 * count
    if partial < end:
        yield Member(None, UCHAR, partial, end - partial, is_bitfield=True)
