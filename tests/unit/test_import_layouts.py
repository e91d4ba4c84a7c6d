"""Offsets to attributes: whatever layout clang gave, a declaration with it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfgen.ctype.layout import MemberSpec, lay_out
from bpfgen.ctype.restore import Placed, restored
from bpfgen.ctype.types import INT, UCHAR, UINT, ULLONG, USHORT, Array, Attributes, Expression

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type


def expression(value: int) -> Expression:
    """Return *value* as a source writes it."""
    return Expression((str(value),), value, INT)


ALIGNS = st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128])
ATTRIBUTES = st.builds(
    lambda packed, aligned: Attributes(packed, tuple(map(expression, aligned))),
    st.booleans(),
    st.lists(ALIGNS, max_size=1),
)
TYPES: st.SearchStrategy[Type] = st.sampled_from(
    [UCHAR, USHORT, UINT, ULLONG, Array(UCHAR, 3), Array(USHORT, 5)]
)


@st.composite
def specs(draw: st.DrawFn) -> MemberSpec:
    """Draw a member: ordinary or bit-field, with and without a name and attributes."""
    attributes = draw(st.none() | ATTRIBUTES)
    if draw(st.booleans()):
        return MemberSpec("m", draw(TYPES), None, attributes)
    type_ = draw(st.sampled_from([UCHAR, USHORT, UINT, ULLONG]))
    if draw(st.integers(0, 3)) == 0:
        return MemberSpec(None, type_, draw(st.integers(0, 8 * type_.size)))
    return MemberSpec("m", type_, draw(st.integers(1, 8 * type_.size)), attributes)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(
    kind=st.sampled_from(["struct", "union"]),
    members=st.lists(specs(), max_size=6),
    attributes=st.none() | ATTRIBUTES,
)
def test_every_layout_is_found(
    kind: str, members: list[MemberSpec], attributes: Attributes | None
) -> None:
    """Packed, aligned, padded, bit-fields across boundaries: named members stay where they are.

    What is given is what BTF has of it: named members, their offsets and widths, and the size.
    """
    there = lay_out(kind, "s", members, attributes)
    placed = [
        Placed(member.name, member.type, member.bit_offset, member.bitfield_size, None)
        for member in there.members
        if member.name is not None
    ]
    found = restored(kind, "s", placed, there.size, None)
    assert found is not None
    assert found.size == there.size
    named = [member for member in found.members if member.name is not None]
    assert [(m.bit_offset, m.bitfield_size) for m in named] == [
        (m.bit_offset, m.bitfield_size) for m in placed
    ]


def test_the_plainest_is_chosen() -> None:
    """Nothing where nature does it, one attribute where one does."""

    def attributes_of(placed: list[Placed], size: int) -> tuple[bool, list[int], int]:
        found = restored("struct", "s", placed, size, None)
        assert found is not None
        own = found.attributes
        padding = [member.bitfield_size for member in found.members if member.name is None]
        aligned = [each.value for each in own.aligned if each] if own is not None else []
        return own is not None and own.packed, padding, aligned[0] if aligned else 0

    a = Placed("a", UINT, 0, 0, None)
    assert attributes_of([a, Placed("b", ULLONG, 64, 0, None)], 16) == (False, [], 0)
    assert attributes_of([a, Placed("b", ULLONG, 32, 0, None)], 12) == (True, [], 0)
    assert attributes_of([a], 64) == (False, [], 64)
    assert attributes_of([a, Placed("b", UINT, 64, 0, None)], 12) == (False, [32], 0)
    assert attributes_of([], 16) == (False, [64, 64], 0)


def test_no_declaration() -> None:
    """Members of a struct that overlap, and a struct shorter than its members, are none of C's."""
    overlapping = [Placed("a", UINT, 0, 0, None), Placed("b", UINT, 16, 0, None)]
    assert restored("struct", "s", overlapping, 8, None) is None
    assert restored("struct", "s", [Placed("a", ULLONG, 0, 0, None)], 4, None) is None
    assert restored("struct", "s", [Placed("a", UINT, 0, 0, None)], 1_000_001, None) is None
