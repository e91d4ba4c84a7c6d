"""Offsets -> the attributes and padding that give them: what BTF doesn't record is found again.

BTF has the offset of each member and the size of the whole. `packed`, `aligned(n)` and bit-fields
without a name leave no other trace, so several declarations may have the same layout. Here the
plainest is looked for: as few attributes and padding members as possible, each attempt laid out by
:func:`bpfgen.ctype.layout.lay_out`, which the compiler uses too, and held against the offsets.

Three ways are tried: nothing packed, single members packed, all packed. In each, members are placed
one after the other; where the natural place is too early, the gap is closed by padding or by an
alignment, and where it is too late, the way is a dead end.

What a struct is aligned to inside of others is decided with it, and BTF doesn't have that either.
Where another tool decides for the same BTF, what it holds has to come out as there: a program
includes the vmlinux.h of `bpftool btf dump file … format c`, which writes no `aligned`, and packs a
struct only where a member or the end would be in the wrong place.

Source: btf_is_struct_packed and btf_dump_emit_bit_padding in libbpf's btf_dump.c.
"""

from __future__ import annotations

from bpfgen.ctype.layout import LayoutError, MemberSpec, alignof, lay_out, sizeof
from bpfgen.ctype.types import (
    INT,
    UCHAR,
    UINT,
    UINT128,
    ULLONG,
    USHORT,
    Attributes,
    Expression,
    Typedef,
)
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.ctype.types import Composite, Type

_PADDING = tuple(
    Typedef(name, target)
    for name, target in (("__u8", UCHAR), ("__u16", USHORT), ("__u32", UINT), ("__u64", ULLONG))
)
"""What bit-fields without a name are made of."""

_MOST_PADDING = 256
"""Bit-fields without a name that close one gap; a wider one is reported as inexpressible."""

_MOST_DUMPED_PADDING = 1 << 13
"""The same as vmlinux.h has it, where those of 64 bits fill what is aligned to a page."""

_CACHE_LINE = 16
"""From this alignment on, a gap was rather made by `aligned` than by padding."""

_MOST_ALIGNED = 1 << 16

NOTHING, MEMBERS, ALL = range(3)
"""What is packed."""


class InexpressibleError(Exception):
    """A type for which there is no declaration in C; the message says which and why."""


class Placed(Record):
    """A member with its place; *type* is as the source will have it."""

    name: str | None
    type: Type
    bit_offset: int
    bitfield_size: int
    attributes: Attributes | None


def restored(
    kind: str,
    tag: str | None,
    members: Sequence[Placed],
    size: int,
    attributes: Attributes | None,
    *,
    as_dumped: bool = False,
) -> Composite | None:
    """Return the struct or union (*kind*) that has *members* where they are, and *size* bytes.

    None where C has no such declaration: members overlap in a struct, or a gap is too wide. With
    *as_dumped* it has the alignment that vmlinux.h gives it.
    """
    best: Composite | None = None
    best_cost = 0.0
    for packed in (NOTHING, ALL) if as_dumped else (NOTHING, MEMBERS, ALL):
        attempt = _Attempt(kind, packed, size, as_dumped=as_dumped)
        composite = attempt.composite(tag, members, attributes)
        if composite is not None and (best is None or attempt.cost < best_cost):
            best, best_cost = composite, attempt.cost
        if best is not None and (best_cost == 0 or as_dumped):
            break
    return best


class _Attempt:
    """One way to declare the members; *cost* says how far it is from a plain declaration."""

    __slots__ = (
        "_as_dumped",
        "_is_union",
        "_kind",
        "_packed",
        "_size",
        "align",
        "attributes",
        "cost",
        "end",
        "specs",
    )

    def __init__(self, kind: str, packed: int, size: int, *, as_dumped: bool) -> None:
        self._as_dumped = as_dumped
        self._kind = kind
        self._is_union = kind == "union"
        self._packed = packed
        self._size = size
        self.cost = 1.0 if packed == ALL else 0.0
        self.end = 0
        self.align = 1
        self.specs: list[MemberSpec] = []
        self.attributes: Attributes | None = None

    def composite(
        self, tag: str | None, members: Sequence[Placed], attributes: Attributes | None
    ) -> Composite | None:
        """Return what comes out, or None where this is no way to place *members*."""
        if not all(self._add(member) for member in members):
            return None
        if not self._close(attributes):
            return None
        try:
            composite = lay_out(self._kind, tag, self.specs, self.attributes)
        except LayoutError:
            return None
        named = [m for m in composite.members if m.name is not None or not m.is_bitfield]
        is_right = composite.size == self._size and [
            (m.bit_offset, m.bitfield_size) for m in named
        ] == [(m.bit_offset, m.bitfield_size) for m in members]
        return composite if is_right else None

    def _add(self, member: Placed) -> bool:
        """Place *member*; return False where it can't be."""
        bits = member.bitfield_size or 8 * (sizeof(member.type) or 0)
        align = 1 if self._packed == ALL else alignof(member.type)
        packed = False
        natural = self._natural(member, align)
        if natural > member.bit_offset and self._packed == MEMBERS and align > 1:
            packed, align = True, 1
            self.cost += 1.2
            natural = self._natural(member, align, packed=True)
        if natural > member.bit_offset:
            return False
        aligned = 0
        if natural < member.bit_offset:
            if self._is_union:
                return False
            aligned = self._alignment(member, align)
            padding = _padding(self.end, member.bit_offset, self._most_padding)
            if padding is None or (aligned and _alignment_cost(aligned) < len(padding)):
                if not aligned:
                    return False
                self.cost += _alignment_cost(aligned)
            else:
                aligned = 0
                self.cost += len(padding)
                self.specs += padding
        self.specs.append(
            MemberSpec(
                member.name,
                member.type,
                member.bitfield_size or None,
                _with(member.attributes, packed=packed, aligned=aligned),
            )
        )
        self.align = max(self.align, align, aligned)
        self.end = max(self.end, member.bit_offset + bits)
        return True

    @property
    def _most_padding(self) -> int:
        return _MOST_DUMPED_PADDING if self._as_dumped else _MOST_PADDING

    def _natural(self, member: Placed, align: int, *, packed: bool = False) -> int:
        """Return the bit at which C puts *member* by itself."""
        if self._is_union:
            return 0
        if not member.bitfield_size:
            return _rounded(self.end, 8 * align)
        if packed or self._packed == ALL:
            return self.end
        if self.end % (8 * align) + member.bitfield_size > 8 * (sizeof(member.type) or 0):
            return _rounded(self.end, 8 * align)
        return self.end

    def _alignment(self, member: Placed, align: int) -> int:
        """Return the least `aligned(n)` that puts *member* in its place; 0 if none does."""
        if member.bitfield_size or self._as_dumped:
            return 0
        wanted = 2 * align
        while wanted <= _MOST_ALIGNED:
            if _rounded(self.end, 8 * wanted) == member.bit_offset and self._size % wanted == 0:
                return wanted
            wanted *= 2
        return 0

    def _close(self, attributes: Attributes | None) -> bool:
        """Close the gap at the end and settle the attributes of the whole, if that can be done."""
        end = 8 * self._size
        natural = _rounded(self.end, 8 * self.align)
        aligned = 0
        if natural > end:
            return False
        if natural < end:
            if self._is_union and not self.end:
                # Nothing is aligned where there is nothing.
                self.specs.append(MemberSpec(None, _PADDING[0], 8))
                self.end = 8
            wanted = self.align
            while wanted <= _MOST_ALIGNED and _rounded(self.end, 8 * wanted) != end:
                wanted *= 2
            aligned = wanted if wanted <= _MOST_ALIGNED and not self._as_dumped else 0
            padding = self._padding_after(end)
            cost = _alignment_cost(aligned) if self._packed == NOTHING else 1.0
            if aligned and (padding is None or cost <= len(padding)):
                self.cost += cost
            elif padding is not None:
                aligned = 0
                self.cost += len(padding)
                self.specs += padding
            else:
                return False
        self.attributes = _with(attributes, packed=self._packed == ALL, aligned=aligned)
        return True

    def _padding_after(self, end: int) -> list[MemberSpec] | None:
        """Return the bit-fields that make the whole *end* bits long, None if none can."""
        if not self._is_union:
            return _padding(self.end, end, self._most_padding)
        # In a union each starts anew.
        padding = _padding(0, end, self._most_padding)
        if padding is None or len(padding) == 1:
            return padding
        return [MemberSpec(None, UINT128, end)] if end <= 8 * UINT128.size else None


def _alignment_cost(aligned: int) -> float:
    return 0.9 if aligned >= _CACHE_LINE else 1.5


def _rounded(bits: int, multiple: int) -> int:
    return -(-bits // multiple) * multiple


def _padding(start: int, end: int, most: int) -> list[MemberSpec] | None:
    """Return bit-fields without a name that fill the bits from *start* to *end*; None if too many.

    No more than *most* are made. None crosses a boundary of its type. The last is of the narrowest
    type that reaches the end.
    """
    specs: list[MemberSpec] = []
    while start < end:
        if len(specs) == most:
            return None
        width = 0
        for type_ in _PADDING:
            bits = 8 * (sizeof(type_) or 0)
            width = min(end - start, bits - start % bits)
            if start + width == end:
                break
        specs.append(MemberSpec(None, type_, width))
        start += width
    return specs


def _with(attributes: Attributes | None, *, packed: bool, aligned: int) -> Attributes | None:
    """Return *attributes* with those two added, None where there are none at all."""
    if not packed and not aligned:
        return attributes
    number = (Expression((str(aligned),), aligned, INT),) if aligned else ()
    tags = attributes.decl_tags if attributes is not None else ()
    return Attributes(packed, number, tags)
