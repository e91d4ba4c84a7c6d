"""Types as declared against types as every clang emits them: random ones, by the hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.btf import kinds
from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.ctype.compare import Comparison
from bpfgen.ctype.types import (
    Array,
    Composite,
    Const,
    Enum,
    Enumerator,
    Member,
    Pointer,
    Typedef,
    Volatile,
)
from bpfgen.elf.read import ElfFile
from bpfgen.verify.types import has_old_enums
from tests.compiled import COMPILERS, TARGETS, compile_c
from tests.strategies import CText, many_composites

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type

COUNT = 400


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_random_declarations_are_as_compiled(compiler: str, target: str) -> None:
    """Whatever a struct is made of, what clang emits for it is what was declared."""
    lines, declared = [], []
    for number, composite in enumerate(many_composites(7, COUNT)):
        spelling = CText(f"s{number}_")
        text = spelling.definition(composite, f"s{number}")
        lines += [*spelling.lines, f"{text} {composite.kind} s{number} *v{number};"]
        declared.append(
            Composite(
                composite.kind,
                f"s{number}",
                as_spelled(composite).members,
                composite.size,
                composite.align,
                composite.attributes,
            )
        )
    section = ElfFile(compile_c("\n".join(lines), compiler, target)).section_named(".BTF")
    assert section is not None
    btf = Btf(bytes(section.data))
    types = BtfTypes(btf)
    comparison = Comparison(old_enums=has_old_enums(btf))
    for composite in declared:
        assert composite.tag is not None
        type_id = btf.find(composite.tag, kinds.BTF_KIND_STRUCT, kinds.BTF_KIND_UNION)
        assert type_id is not None
        emitted = unprefixed(types.type(type_id))
        found = comparison.differences(composite, emitted, composite.tag)
        assert [each.message for each in found] == []


def as_spelled(type_: Composite) -> Composite:
    """Return *type_* as C understands it: an array is as qualified as what it is made of.

    All typedefs are called `t`, as in :func:`unprefixed`.
    """
    members = tuple(
        Member(
            member.name,
            _spelled(member.type),
            member.bit_offset,
            member.bitfield_size,
            member.is_bitfield,
            attributes=member.attributes,
        )
        for member in type_.members
    )
    return Composite(type_.kind, type_.tag, members, type_.size, type_.align, type_.attributes)


def _spelled(type_: Type) -> Type:
    if isinstance(type_, Composite):
        return as_spelled(type_)
    if isinstance(type_, (Const, Volatile)) and isinstance(type_.underlying, Array):
        return _qualified(type(type_), type_.underlying)
    if isinstance(type_, (Const, Volatile)):
        return type(type_)(_spelled(type_.underlying))
    if isinstance(type_, Array):
        return Array(_spelled(type_.element), type_.length, type_.flexible)
    if isinstance(type_, Typedef):
        return Typedef("t", _spelled(type_.underlying), type_.align)  # C text has other names
    return type_


def _qualified(qualifier: type[Const | Volatile], type_: Type) -> Type:
    if isinstance(type_, Array):
        return Array(_qualified(qualifier, type_.element), type_.length)
    if isinstance(type_, Pointer):
        return Pointer(_qualified(qualifier, type_.pointee))
    return qualifier(_spelled(type_))


def unprefixed(type_: Type) -> Type:
    """Return *type_* with the names of the strategies' declarations, which C needs to be unique."""
    if isinstance(type_, Pointer):
        return Pointer(unprefixed(type_.pointee))
    if isinstance(type_, (Const, Volatile)):
        return type(type_)(unprefixed(type_.underlying))
    if isinstance(type_, Array):
        return Array(unprefixed(type_.element), type_.length)
    if isinstance(type_, Typedef):
        return Typedef("t", unprefixed(type_.underlying))
    if isinstance(type_, Enum):
        enumerators = tuple(Enumerator(e.name.split("_")[-1], e.value) for e in type_.enumerators)
        return Enum(type_.tag, type_.size, type_.signed, enumerators)
    if isinstance(type_, Composite):
        members = tuple(
            Member(m.name, unprefixed(m.type), m.bit_offset, m.bitfield_size, m.is_bitfield)
            for m in type_.members
        )
        return Composite(type_.kind, type_.tag, members, type_.size)
    return type_
