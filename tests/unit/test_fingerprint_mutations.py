"""Random types with one thing changed: a fingerprint sees every change of layout, and no other."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.ctype.types import (
    CHAR,
    INT,
    MODIFIERS,
    ULONG,
    Array,
    Attributes,
    Composite,
    Const,
    Enum,
    Enumerator,
    Float,
    Int,
    Member,
    Pointer,
    Typedef,
    TypeTag,
    Volatile,
)
from bpfgen.record import replace
from tests.strategies import many_composites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type

COUNT = 150


def layouts_changed(type: Type, *, of_bits: bool = False) -> Iterator[Type]:
    """Yield *type* with one change of layout each; *of_bits* where it is that of a bit-field."""
    if isinstance(type, (Typedef, *MODIFIERS)):
        for changed in layouts_changed(type.underlying, of_bits=of_bits):
            yield replace(type, underlying=changed)
    elif isinstance(type, Int):
        if type.name != "char" and not type.bool:
            yield replace(type, signed=not type.signed)
        yield replace(type, bool=not type.bool)
        if not of_bits:
            yield replace(type, size=2 * type.size)
            yield Float("float", type.size)
            yield CHAR if type.name != "char" else INT
    elif isinstance(type, Float):
        yield replace(type, size=type.size * 2)
    elif isinstance(type, Pointer):
        yield ULONG
    elif isinstance(type, Array):
        yield replace(type, length=type.length + 1)
        for changed in layouts_changed(type.element):
            yield replace(type, element=changed)
    elif isinstance(type, Enum):
        first, *rest = type.enumerators
        yield replace(type, enumerators=(replace(first, value=first.value ^ 1), *rest))
        yield replace(type, enumerators=(replace(first, name=f"{first.name}_"), *rest))
        yield replace(type, enumerators=(*type.enumerators, Enumerator("more", 77)))
        yield replace(type, size=2 * type.size)
    elif isinstance(type, Composite):
        yield from composites_changed(type)


def composites_changed(type: Composite) -> Iterator[Composite]:
    """Yield a struct or union with one change of layout each, its own or one further in."""
    yield replace(type, size=type.size + 1)
    yield replace(type, kind="union" if type.kind == "struct" else "struct")
    yield replace(type, members=(*type.members, Member("more", INT, 8 * type.size)))
    for index, member in enumerate(type.members):
        if member.name is None and member.is_bitfield:
            continue  # padding
        before, after = type.members[:index], type.members[index + 1 :]
        yield replace(type, members=before + after)
        changes = [
            replace(member, name=f"{member.name or 'named'}_"),
            replace(member, bit_offset=member.bit_offset + 1),
            replace(member, bitfield_size=member.bitfield_size + 1, is_bitfield=True),
        ]
        of_bits = member.is_bitfield
        changes += [
            replace(member, type=changed)
            for changed in layouts_changed(member.type, of_bits=of_bits)
        ]
        for changed_member in changes:
            yield replace(type, members=(*before, changed_member, *after))


def without_consequence(type: Type, choose: random.Random) -> Type:
    """Return *type* with everything changed that is no layout."""
    match type:
        case Composite():
            members = [
                replace(
                    member,
                    type=without_consequence(member.type, choose),
                    attributes=Attributes(decl_tags=("x",)),
                    doc="Changed.",
                    defines=not member.defines,
                )
                for member in type.members
            ]
            members.append(Member(None, INT, 8 * type.size, 3, is_bitfield=True))
            choose.shuffle(members)
            named = f"tag{choose.randrange(100)}"
            return replace(type, tag=named, members=tuple(members), align=0, doc="Changed.")
        case Enum():
            enumerators = tuple(
                replace(e, value=e.value + (choose.randrange(3) << 32)) for e in type.enumerators
            )
            return replace(
                type, tag="other", signed=not type.signed, enumerators=enumerators[::-1], base=None
            )
        case Array():
            return replace(type, element=without_consequence(type.element, choose), flexible=False)
        case Pointer():
            return Pointer(TypeTag(CHAR, "kptr"))
        case Int() if type.name == "char":
            return Volatile(replace(type, signed=not type.signed))
        case Int():
            return Typedef("number_t", replace(type, name="u7"), 16)
        case Typedef():
            return Const(without_consequence(type.underlying, choose))
        case Const() | Volatile():
            return without_consequence(type.underlying, choose)
        case _:
            return Typedef("t", Const(type))


@pytest.mark.parametrize("seed", range(2))
def test_one_change_of_layout(seed: int) -> None:
    """Whatever is changed in the layout of a random type, at whatever depth, is seen."""
    fingerprints = Fingerprints()
    tried = 0
    for composite in many_composites(seed + 100, COUNT):
        own = fingerprints.of_type(composite)
        for changed in composites_changed(composite):
            assert fingerprints.of_type(changed) != own, (composite, changed)
            tried += 1
    assert tried > 20 * COUNT


def test_all_changes_but_those_of_layout() -> None:
    """Names of types, order, qualifiers, typedefs, tags, signs of enums: none is seen."""
    choose = random.Random(5)  # noqa: S311 -- test data
    fingerprints = Fingerprints()
    for composite in many_composites(200, 3 * COUNT):
        changed = without_consequence(composite, choose)
        assert fingerprints.of_type(changed) == fingerprints.of_type(composite), composite
