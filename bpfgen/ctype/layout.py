"""Sizes, alignments and offsets, exactly as clang's BPF target has them.

The resolver calls :func:`lay_out` for every struct and union it meets, :func:`enum_size` for every
enum and :func:`check_array` for every array; nothing later computes an offset again. The rules need
to know where padding is: :func:`holes` and :func:`paddings`.

The rules in short. An ordinary member starts at the next multiple of its alignment. A bit-field
starts at the next free *bit*, unless it would then cross a boundary of its declared type: it moves
to the next multiple of that type's alignment. `packed` makes that alignment one byte, and for
bit-fields one bit, so that they cross boundaries freely. `aligned(n)` raises the alignment of a
member, a bit-field, a struct; on a typedef or an enum it replaces it, downwards too. `:0` closes
the current unit of its type. Unnamed bit-fields take room and leave the alignment of their struct
alone.

What clang for BPF has of its own, found by trying 14, 16, 19 and 22, which all agree: `aligned`
without an argument is 16; `__int128` is aligned to 16; `long double` is a double; plain `char` is
signed; an empty struct has size 0 and alignment 1; alignments go up to 2**32.

Source: System V ABI for bit-fields, as clang follows it (ItaniumRecordLayoutBuilder in
clang/lib/AST/RecordLayoutBuilder.cpp); clang/lib/Basic/Targets/BPF.h for the target's numbers.
"""

from __future__ import annotations

from bpfgen.ctype.enums import enum_size
from bpfgen.ctype.padding import Hole, has_padding, holes, paddings
from bpfgen.ctype.sizes import (
    LayoutError,
    alignof,
    check_array,
    incomplete,
    innermost,
    raise_all,
    requested_alignment,
    sizeof,
    spelled,
)
from bpfgen.ctype.types import (
    Array,
    Composite,
    Enum,
    Expression,
    FuncProto,
    Int,
    Member,
    Named,
    Unknown,
    underlying,
)
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpfgen.ctype.types import Attributes, Type
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

__all__ = [
    "Hole",
    "LayoutError",
    "MemberSpec",
    "alignof",
    "check_array",
    "enum_size",
    "has_padding",
    "holes",
    "lay_out",
    "paddings",
    "requested_alignment",
    "sizeof",
]

BTF_BITS = 1 << 32
"""A struct must have fewer bits than this: clang takes BTF's size from a 32-bit count of bits."""

BTF_BITFIELD_OFFSET_BITS = 1 << 24
"""Offsets must be below this in a struct with bit-fields (24 bits: BTF_MEMBER_BIT_OFFSET)."""

BTF_MEMBERS = 0xFFFF
"""The most members (or enumerators) of a type that clang writes to BTF: BTF::MAX_VLEN.

clang 14, 16 and 19 were tried. Linux counts further since 7.1 (BTF_MAX_VLEN); clang leaves a
type of more out, whatever the kernel.
"""


class MemberSpec(Record):
    """A member before it has an offset; see :class:`bpfgen.ctype.types.Member`.

    Attributes:
        width: The width of a bit-field in bits, 0 for `:0`; None for an ordinary member.
    """

    name: str | None
    type: Type
    width: Expression | int | None = None
    attributes: Attributes | None = None
    defines: bool = False
    doc: str = ""
    span: Uncompared[Span | None] = None


def lay_out(
    kind: str,
    tag: str | None,
    members: Sequence[MemberSpec],
    attributes: Attributes | None = None,
    doc: str = "",
    span: Span | None = None,
) -> Composite:
    """Return the struct or union (*kind*) of *members*, laid out.

    A member of :class:`Unknown` type takes no room and gives no error.

    Raises:
        LayoutError: With all errors of the declaration in `errors`. Codes: `incomplete-type`,
            `member-function`, `flexible-array`, `bit-field-type`, `bit-field-width`, `alignment`,
            and `type-size` for what BTF can't describe.
    """
    errors: list[LayoutError] = []
    is_union = kind == "union"
    all_packed = attributes is not None and attributes.packed
    laid_out: list[Member] = []
    composite_align = 1
    try:
        composite_align = max(1, requested_alignment(attributes))
    except LayoutError as error:
        errors.append(error)
    end = 0  # the first free bit of a struct; the end of the longest member of a union
    has_bitfields = False
    last = len(members) - 1
    for index, spec in enumerate(members):
        own = spec.attributes
        packed = all_packed or (own is not None and own.packed)
        try:
            requested = 0 if own is None else requested_alignment(own)
            start = 0 if is_union else end
            if spec.width is None:
                width, expression = 0, None
                bit_size = 8 * _member_size(spec, is_last=is_union or index == last)
                align = 1 if packed else alignof(spec.type)
                align = max(align, requested)
                bit_offset = -(-start // (8 * align)) * 8 * align
            else:
                width, expression = _width(spec)
                has_bitfields = has_bitfields or width > 0
                bit_size = width
                bit_offset, align = _bitfield_place(spec, width, start, requested, packed=packed)
        except LayoutError as error:
            error.index = index
            errors.append(error)
            continue
        composite_align = max(composite_align, align)
        end = max(end, bit_offset + bit_size)
        laid_out.append(
            Member(
                spec.name,
                spec.type,
                bit_offset,
                width,
                spec.width is not None,
                expression,
                own,
                spec.defines,
                spec.doc,
                spec.span,
            )
        )
    size = -(-end // (8 * composite_align)) * composite_align
    errors.extend(_btf_limits(kind, laid_out, size, has_bitfields=has_bitfields))
    raise_all(errors)
    return Composite(kind, tag, tuple(laid_out), size, composite_align, attributes, doc, span)


def _bitfield_place(
    spec: MemberSpec, width: int, start: int, requested: int, *, packed: bool
) -> tuple[int, int]:
    """Return the bit at which a bit-field of *width* bits starts, and its alignment in bytes.

    Args:
        spec: The bit-field.
        width: Its checked width.
        start: The first free bit.
        requested: The bytes of its own `aligned`, or 0.
        packed: Whether it, or what it is in, is `packed`.
    """
    unit = 8 * (sizeof(spec.type) or 0)
    # Alignment in bits: `packed` is finer than a byte here, but spares `:0`.
    align = max(1 if packed and width else 8 * alignof(spec.type), 8 * requested)
    if width == 0 or start % align + width > unit:
        start = -(-start // align) * align
    elif requested:
        start = -(-start // (8 * requested)) * 8 * requested
    return start, 1 if spec.name is None else align // 8


def _member_size(spec: MemberSpec, *, is_last: bool) -> int:
    """Return the bytes of the ordinary member *spec*; 0 for a flexible array and for Unknown."""
    size = sizeof(spec.type)
    if size is not None:
        return size
    bare = underlying(spec.type)
    if isinstance(bare, Array) and bare.flexible:
        if not is_last:
            raise LayoutError(
                "flexible-array",
                f"{_called(spec)} is an array without a length, which only the last member can be",
                "give it a length, or move it to the end",
                about="type",
            )
        return 0
    if isinstance(bare, FuncProto):
        raise LayoutError(
            "member-function",
            f"{_called(spec)} is a function",
            f"use a pointer to a function: `(*{spec.name or ''})(...)`",
            about="type",
            instead=f"(*{spec.name})" if spec.name else "",
        )
    if isinstance(innermost(bare), Unknown):
        return 0
    raise incomplete(f"{_called(spec)} has", spec.type)


def _width(spec: MemberSpec) -> tuple[int, Expression | None]:
    """Return the checked width of the bit-field *spec* in bits, and how it was written."""
    given = spec.width
    width, expression = (
        (given.value, given) if isinstance(given, Expression) else (given or 0, None)
    )
    bare = underlying(spec.type)
    if isinstance(bare, Unknown):
        return 0, expression
    if isinstance(bare, Enum) and bare.base is not None:
        inner = underlying(bare.base)
        is_bool = isinstance(inner, Int) and inner.bool
    else:
        is_bool = isinstance(bare, Int) and bare.bool
    if isinstance(bare, Named) and bare.kind == "enum":
        raise incomplete(f"{_called(spec)} has", spec.type)
    if not isinstance(bare, (Int, Enum)):
        raise LayoutError(
            "bit-field-type",
            f"{_called(spec)} is a bit-field, and {spelled(spec.type)} is no integer type",
            about="type",
        )
    bits = 1 if is_bool else 8 * bare.size
    if width < 0:
        raise LayoutError(
            "bit-field-width", f"{_called(spec)} has a negative width: {width}", about="width"
        )
    if width > bits:
        raise LayoutError(
            "bit-field-width",
            f"{_called(spec)} is {width} bits wide, and {spelled(spec.type)}"
            f" has {bits} {'bit' if bits == 1 else 'bits'}",
            about="width",
            instead=str(bits),
        )
    if width == 0 and spec.name is not None:
        raise LayoutError(
            "bit-field-width",
            f"{_called(spec)} has no bits: a width of 0 is for bit-fields without a name",
            "leave the name out to start a new unit, or give it a width",
            about="width",
        )
    return width, expression


def _btf_limits(
    kind: str, members: Sequence[Member], size: int, *, has_bitfields: bool
) -> Iterator[LayoutError]:
    """Yield why BTF can't describe a composite of *members* and *size* bytes."""
    if len(members) > BTF_MEMBERS:
        yield LayoutError(
            "type-size",
            f"a {kind} has {len(members)} members, and clang leaves types of more than"
            f" {BTF_MEMBERS} out of BTF",
        )
    if 8 * size >= BTF_BITS:
        yield LayoutError(
            "type-size",
            f"a {kind} of {size} bytes can't be described in BTF: the limit is {BTF_BITS // 8 - 1}",
        )
    elif has_bitfields and members[-1].bit_offset >= BTF_BITFIELD_OFFSET_BITS:
        index = next(i for i, m in enumerate(members) if m.bit_offset >= BTF_BITFIELD_OFFSET_BITS)
        yield LayoutError(
            "type-size",
            f"{_called(members[index])} starts at bit {members[index].bit_offset}, and where a"
            f" {kind} has bit-fields BTF counts no further than {BTF_BITFIELD_OFFSET_BITS - 1}",
            "put the bit-fields in a struct of their own",
            index,
        )


def _called(member: MemberSpec | Member) -> str:
    return f"`{member.name}`" if member.name is not None else "a member without a name"
