"""Layouts that are easy to check by hand; clang itself is asked in tests/conformance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from bpfgen.ctype.layout import (
    Hole,
    LayoutError,
    MemberSpec,
    alignof,
    check_array,
    enum_size,
    has_padding,
    holes,
    lay_out,
    paddings,
    sizeof,
)
from bpfgen.ctype.padding import Padding
from bpfgen.ctype.types import (
    BOOL,
    CHAR,
    INT,
    INT128,
    LONG_DOUBLE,
    SCHAR,
    SHORT,
    UCHAR,
    UINT,
    ULLONG,
    VOID,
    Array,
    Attributes,
    Const,
    Enum,
    Enumerator,
    FuncProto,
    Named,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Volatile,
)
from tests.strategies import aligned, composites

if TYPE_CHECKING:
    from bpfgen.ctype.types import Composite, Type

FLEXIBLE = Array(CHAR, 0, flexible=True)


def struct(*specs: MemberSpec, attributes: Attributes | None = None) -> Composite:
    """Return the anonymous struct of *specs*."""
    return lay_out("struct", None, specs, attributes)


def offsets(composite: Composite) -> list[int]:
    """Return the bit offset of each member."""
    return [member.bit_offset for member in composite.members]


def test_sizes_and_alignments() -> None:
    """Each kind of type has its size and alignment on the BPF target; what has none says so."""
    inner = struct(MemberSpec("a", CHAR), MemberSpec("b", INT))
    verdict = Enum("verdict", 1, signed=False, enumerators=(Enumerator("PASS", 0),), base=UCHAR)
    assert (sizeof(INT128), alignof(INT128)) == (16, 16)
    assert (sizeof(LONG_DOUBLE), alignof(LONG_DOUBLE)) == (8, 8)
    assert (sizeof(Pointer(VOID)), alignof(Pointer(VOID))) == (8, 8)
    assert (sizeof(Array(Array(SHORT, 3), 2)), alignof(Array(SHORT, 3))) == (12, 2)
    assert (sizeof(inner), alignof(inner)) == (8, 4)
    assert (sizeof(verdict), alignof(verdict)) == (1, 1)
    assert sizeof(Const(Volatile(Restrict(TypeTag(Pointer(INT), "kptr"))))) == 8
    for alignment, expected in ((1, 1), (8, 8), (3, 4)):
        attributes = Attributes(aligned=aligned(alignment))
        enum = Enum("e", 4, signed=False, enumerators=(), attributes=attributes)
        assert alignof(enum) == expected
    for incomplete in (VOID, Unknown(), Named("struct", "s"), FuncProto(INT, ()), FLEXIBLE):
        assert sizeof(incomplete) is None
        assert sizeof(Typedef("t", incomplete)) is None
        assert alignof(incomplete) == 1


def test_typedef_replaces_the_alignment() -> None:
    """`aligned` on a typedef lowers the alignment as well as raising it; the outermost counts."""
    assert alignof(Typedef("t", INT, 1)) == 1
    assert alignof(Typedef("t", INT, 32)) == 32
    assert alignof(Typedef("t", Typedef("u", INT, 32), 2)) == 2
    assert alignof(Typedef("t", Typedef("u", INT, 32))) == 32
    assert offsets(struct(MemberSpec("c", CHAR), MemberSpec("x", Typedef("t", INT, 1)))) == [0, 8]


def test_long_chains_of_typedefs() -> None:
    """A type may be as deep as it likes: nothing recurses."""
    type: Type = Typedef("t", INT)
    for _ in range(50_000):
        type = Typedef("t", type)
    assert sizeof(type) == 4
    assert alignof(type) == 4
    composite = struct(MemberSpec("c", CHAR), MemberSpec("x", type))
    for _ in range(20_000):
        composite = struct(MemberSpec("s", composite))
    (found,) = paddings(composite)
    assert found.holes[0].bit_offset == 8


def test_shared_members_are_looked_at_once() -> None:
    """A struct of two structs of two structs … is no more work than its definitions."""
    composite = struct(MemberSpec("x", INT))
    for _ in range(200):
        composite = struct(MemberSpec("a", composite), MemberSpec("b", CHAR, 8))
        composite = lay_out("union", None, [MemberSpec("a", composite), MemberSpec("b", composite)])
        if composite.size > 1 << 20:
            composite = struct(MemberSpec("x", INT))
    assert has_padding(composite) in {True, False}


def test_bitfields_share_units() -> None:
    """Bit-fields follow each other bit by bit, and don't cross a boundary of their type."""
    composite = struct(
        MemberSpec("a", INT, 3),
        MemberSpec("b", INT, 30),
        MemberSpec("c", CHAR, 2),
        MemberSpec("d", BOOL, 1),
        MemberSpec("e", ULLONG, 40),
        MemberSpec("f", SHORT),
    )
    assert offsets(composite) == [0, 32, 62, 64, 65, 112]
    assert (composite.size, composite.align) == (16, 8)


def test_zero_width_closes_the_unit() -> None:
    """`:0` starts the next unit of its type and leaves the alignment of the struct alone."""
    composite = struct(
        MemberSpec("a", CHAR, 3), MemberSpec(None, ULLONG, 0), MemberSpec("b", CHAR, 3)
    )
    assert offsets(composite) == [0, 64, 64]
    assert (composite.size, composite.align) == (9, 1)
    zero = composite.members[1]
    assert zero.is_bitfield
    assert zero.bitfield_size == 0


def test_packed_and_aligned() -> None:
    """`packed` drops alignments, of bit-fields down to the bit; `aligned` raises them again."""
    packed = Attributes(packed=True)
    specs = [MemberSpec("a", CHAR, 3), MemberSpec("b", INT, 30), MemberSpec("c", ULLONG)]
    composite = struct(*specs, attributes=packed)
    assert offsets(composite) == [0, 3, 40]
    assert (composite.size, composite.align) == (13, 1)
    composite = struct(*specs, attributes=Attributes(packed=True, aligned=aligned(4)))
    assert (composite.size, composite.align) == (16, 4)
    both = Attributes(packed=True, aligned=aligned(2))
    composite = struct(MemberSpec("a", CHAR), MemberSpec("b", INT, None, both))
    assert offsets(composite) == [0, 16]
    assert (composite.size, composite.align) == (6, 2)
    largest = Attributes(aligned=aligned(None))
    assert struct(MemberSpec("a", CHAR, None, largest)).align == 16


def test_empty_and_flexible() -> None:
    """An empty struct has no size, a flexible tail takes none, a union is its longest member."""
    assert (struct().size, struct().align) == (0, 1)
    composite = struct(MemberSpec("n", INT), MemberSpec("tail", FLEXIBLE))
    assert (composite.size, offsets(composite)) == (4, [0, 32])
    union = lay_out("union", "u", [MemberSpec("a", Array(CHAR, 5)), MemberSpec("b", SHORT)])
    assert (union.size, union.align, offsets(union)) == (6, 2, [0, 0])


def test_all_errors_of_a_declaration() -> None:
    """One attempt tells every mistake, with the member and the part of it; Unknown is silent."""
    with pytest.raises(LayoutError) as caught:
        struct(
            MemberSpec("a", INT, 33),
            MemberSpec("b", Unknown()),
            MemberSpec("c", Array(Unknown(), 3)),
            MemberSpec("d", Unknown(), 3),
            MemberSpec("e", Named("struct", "nowhere")),
            MemberSpec("f", FLEXIBLE),
            MemberSpec("g", INT, None, Attributes(aligned=aligned(12))),
        )
    found = [(error.index, error.code, error.about) for error in caught.value.errors]
    assert found == [
        (0, "bit-field-width", "width"),
        (4, "incomplete-type", "type"),
        (5, "flexible-array", "type"),
        (6, "alignment", "aligned"),
    ]
    assert caught.value is caught.value.errors[0]
    assert caught.value.message == "`a` is 33 bits wide, and `int` has 32 bits"
    assert caught.value.errors[3].help == "use 8 or 16"


@pytest.mark.parametrize(
    ("code", "element", "length"),
    [
        ("array-length", INT, -1),
        ("array-length", INT, 1 << 32),
        ("array-element", FLEXIBLE, 2),
        ("array-element", FuncProto(INT, ()), 2),
        ("array-element", Typedef("t", INT, 16), 2),
        ("incomplete-type", VOID, 2),
        ("incomplete-type", Named("union", "u"), None),
        ("type-size", Array(INT128, (1 << 32) - 1), (1 << 32) - 1),
    ],
)
def test_arrays_without_layout(code: str, element: Type, length: int | None) -> None:
    """Each array that C or BTF doesn't have is refused under its own code."""
    with pytest.raises(LayoutError) as caught:
        check_array(element, length)
    assert caught.value.code == code


def test_enum_sizes() -> None:
    """An enum is as large as its base type, or as its values need."""
    assert enum_size([0, 1]) == (4, False)
    assert enum_size([-1, 1]) == (4, True)
    assert enum_size([0xFFFFFFFF]) == (4, False)
    assert enum_size([-1, 0x80000000]) == (8, True)
    assert enum_size([1 << 63]) == (8, False)
    assert enum_size([200], packed=True) == (1, False)
    assert enum_size([-1, 200], packed=True) == (2, True)
    assert enum_size([4], Typedef("__u8", UCHAR)) == (1, False)
    assert enum_size([-1], SCHAR) == (1, True)
    assert enum_size([-1], Unknown()) == (4, True)


def test_enum_errors() -> None:
    """Every enumerator out of range is named; a base that is no integer type is refused."""
    with pytest.raises(LayoutError) as caught:
        enum_size([0, 256, -1, 255], Typedef("__u8", UCHAR))
    assert [error.index for error in caught.value.errors] == [1, 2]
    assert caught.value.help == "the range is 0 to 255"
    with pytest.raises(LayoutError) as caught:
        enum_size([-1, 1 << 63])
    assert [error.index for error in caught.value.errors] == [1]
    for base in (Pointer(INT), LONG_DOUBLE, struct()):
        with pytest.raises(LayoutError) as caught:
            enum_size([1], base)
        assert caught.value.code == "enum-base"
    with pytest.raises(LayoutError):
        enum_size([2], BOOL)


def test_holes() -> None:
    """Gaps are found between members, at the end, and behind bit-fields, with what is before."""
    composite = struct(
        MemberSpec("a", CHAR),
        MemberSpec("b", INT),
        MemberSpec("c", UINT, 3),
        MemberSpec(None, UINT, 5),
        MemberSpec("d", ULLONG),
        MemberSpec("e", CHAR),
    )
    a, _, c, unnamed, _, e = composite.members
    expected = [Hole(8, 24, a), Hole(67, 61, c, (unnamed,)), Hole(200, 56, e)]
    assert list(holes(composite)) == expected
    assert list(holes(struct(MemberSpec("x", INT)))) == []
    assert list(holes(struct())) == []
    union = lay_out("union", None, [MemberSpec("a", Array(CHAR, 5)), MemberSpec("b", INT)])
    assert list(holes(union)) == [Hole(40, 24, union.members[0])]


def test_padding_inside_members() -> None:
    """Padding is found in members and elements; a union has none if a member fills it."""
    inner = struct(MemberSpec("a", CHAR), MemberSpec("b", INT))
    outer = struct(MemberSpec("x", Const(Array(Typedef("t", inner), 2))))
    (found,) = paddings(Typedef("t", outer))
    assert found == Padding(inner, (Hole(8, 24, inner.members[0]),))
    assert not has_padding(struct(MemberSpec("x", Array(inner, 0))))
    assert not has_padding(struct(MemberSpec("x", Pointer(Named("struct", "s")))))
    whole = MemberSpec("raw", Array(CHAR, 8))
    assert not has_padding(lay_out("union", None, [MemberSpec("x", inner), whole]))
    assert has_padding(lay_out("union", None, [MemberSpec("x", inner), MemberSpec("y", INT)]))
    assert not has_padding(INT)


@settings(max_examples=60, derandomize=True)
@given(composites())
def test_layouts_are_sane(composite: Composite) -> None:
    """Members lie inside their composite, in order, each at a multiple of what it asks for."""
    assert composite.size % composite.align == 0
    end = 0
    for member in composite.members:
        bits = member.bitfield_size if member.is_bitfield else 8 * (sizeof(member.type) or 0)
        assert member.bit_offset + bits <= 8 * composite.size
        if composite.kind == "struct":
            assert member.bit_offset >= end
            end = member.bit_offset + bits
        else:
            assert member.bit_offset == 0
        if not member.is_bitfield:
            assert member.bit_offset % 8 == 0
