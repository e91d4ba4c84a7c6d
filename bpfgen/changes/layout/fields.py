"""The members of a struct or union as code names them, each with its bits; and sets of bits.

First part of comparing layouts: an anonymous struct or union is taken apart, since its members are
named as those of what holds it, and unnamed bit-fields are left out, since nothing names them.
"""

from __future__ import annotations

import re

from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Composite, underlying
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.ctype.overlaps import Bits
    from bpfgen.ctype.types import Type
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

_RESERVED = re.compile(r"_*(reserved|padding|pad(?![a-z]))")


def is_reserved(name: str) -> bool:
    """Return whether a member called *name* only keeps bytes free: `reserved…`, `pad…`.

    `paddr` and `padlock` don't.
    """
    return _RESERVED.match(name) is not None


def is_promised(name: str) -> bool:
    """Return whether the bytes of a member called *name* are for later members: `reserved…`."""
    return name.lstrip("_").startswith("reserved")


class Field(Record):
    """A member that can be named, or a part of one.

    Attributes:
        path: How it is named from what holds it: `saddr`, `ports.source`, `words[3]`.
        offset: In bits, from the start of what holds it.
        bits: How many it has; 0 for a flexible array.
        is_bitfield: Its width was written.
        decl_tags: Its declaration tags.
        span: Where it is declared.
        is_alternative: A union has it, beside others.
    """

    path: str
    type: Type
    offset: int
    bits: int
    is_bitfield: bool = False
    decl_tags: tuple[str, ...] = ()
    span: Uncompared[Span | None] = None
    is_alternative: bool = False

    @property
    def end(self) -> int:
        """The bit after its last one."""
        return self.offset + self.bits

    @property
    def is_reserved(self) -> bool:
        """Whether it, or what it is in, only keeps bytes free."""
        return any(map(is_reserved, self.path.split(".")))

    @property
    def is_promised(self) -> bool:
        """Whether its bytes are for later members, so that they have to be zero until then."""
        kept = (name for name in self.path.split(".") if is_reserved(name))
        return is_promised(next(kept, ""))


def spread(composite: Composite) -> list[Field]:
    """Return the members of *composite* that have a name, anonymous ones taken apart, in order."""
    fields: list[Field] = []
    pending = [(composite, 0, False)]
    while pending:
        current, base, is_alternative = pending.pop()
        is_alternative = is_alternative or current.kind == "union"
        inner: list[tuple[Composite, int, bool]] = []
        for member in current.members:
            offset = base + member.bit_offset
            if member.name is None:
                held = underlying(member.type)
                if not member.is_bitfield and isinstance(held, Composite):
                    inner.append((held, offset, is_alternative))
                continue
            is_bitfield = member.is_bitfield or bool(member.bitfield_size)
            bits = member.bitfield_size if is_bitfield else 8 * (sizeof(member.type) or 0)
            tags = () if member.attributes is None else member.attributes.decl_tags
            what = member.name, member.type, offset, bits, is_bitfield, tags, member.span
            fields.append(Field(*what, is_alternative))
        pending += reversed(inner)
    return sorted(fields, key=lambda field: field.offset)


def united(bits: Iterable[Bits]) -> list[Bits]:
    """Return *bits*, ranges that may overlap, as ranges that don't, in order."""
    ranges: list[Bits] = []
    for start, end in sorted(bits):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = ranges[-1][0], max(end, ranges[-1][1])
        elif start < end:
            ranges.append((start, end))
    return ranges


def without(bits: Bits, taken: Iterable[Bits]) -> list[Bits]:
    """Return what is left of *bits* where *taken* isn't; *taken* are ranges in order."""
    left = []
    start, end = bits
    for from_, to in taken:
        if to <= start:
            continue
        if from_ >= end:
            break
        if from_ > start:
            left.append((start, from_))
        start = to
    if start < end:
        left.append((start, end))
    return left
