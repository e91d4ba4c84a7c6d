"""Whether two types are the same without a doubt: what most are, at a tenth of the cost.

Asked before :mod:`bpfgen.ctype.compare`, which knows all that makes two types the same, and says in
what they differ. What is the same here is the same there; of anything that takes a second thought
(tags, qualifiers in several orders, padding, functions, another spelling of an integer) this says
no, and the comparison goes through it.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    Array,
    Composite,
    Const,
    Enum,
    Float,
    FuncProto,
    Int,
    Named,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Void,
    Volatile,
)
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Container
    from typing import TypeAlias

    from bpfgen.ctype.types import Member, Type

    Pair: TypeAlias = tuple[Type, Type]


class SurelySame:
    """Remembers which pairs of types are the same."""

    __slots__ = ("_are_enums_cut", "_kernel", "_same", "_unfolded")

    def __init__(
        self,
        kernel: Container[tuple[str, str]],
        unfolded: Container[str],
        *,
        old_enums: bool,
    ) -> None:
        """*kernel*, *unfolded* and *old_enums* as for :class:`bpfgen.ctype.compare.Comparison`."""
        self._kernel = kernel
        self._unfolded = unfolded
        self._are_enums_cut = old_enums
        # By identity, with the types, which have to live as long.
        self._same: dict[tuple[int, int], Pair] = {}

    def __call__(self, declared: Type, emitted: Type) -> bool:
        """Return whether *declared*, held by value, is *emitted* as it is."""
        same = self._same
        new: dict[tuple[int, int], Pair] = {}
        pending = [(declared, emitted)]
        while pending:
            pair = pending.pop()
            key = id(pair[0]), id(pair[1])
            if key in same or key in new:
                continue
            held = self._held(*pair)
            if held is None:
                return False
            new[key] = pair
            pending += held
        same |= new
        return True

    def _held(self, declared: Type, emitted: Type) -> list[Pair] | None:
        """Return what two types hold, which are the same if that is; None where they aren't."""
        match declared:
            case Typedef():
                if not isinstance(emitted, Typedef) or declared.name != emitted.name:
                    return None
                if emitted.name in self._unfolded:
                    return None
                return [(declared.underlying, emitted.underlying)]
            case Int() | Float() | Void():
                return [] if declared == emitted else None
            case Array():
                if not isinstance(emitted, Array) or declared.length != emitted.length:
                    return None
                return [(declared.element, emitted.element)]
            case Composite():
                return self._held_members(declared, emitted)
            case Pointer():
                is_same = isinstance(emitted, Pointer) and _points_to(declared, emitted)
                return [] if is_same else None
            case Enum():
                return [] if self._is_enum(declared, emitted) else None
            case Const() | Volatile() | Restrict() | TypeTag() | FuncProto() | Named() | Unknown():
                return None
            case _:
                assert_never(declared)

    def _held_members(self, declared: Composite, emitted: Type) -> list[Pair] | None:
        if (
            not isinstance(emitted, Composite)
            or declared.tag != emitted.tag
            or declared.kind != emitted.kind
            or declared.size != emitted.size
        ):
            return None
        if declared.tag is not None and (declared.kind, declared.tag) in self._kernel:
            return []
        if len(declared.members) != len(emitted.members) or _have_tags(declared, emitted):
            return None
        same = self._same
        held = []
        for member, counterpart in zip(declared.members, emitted.members, strict=True):
            if (
                member.name != counterpart.name
                or member.bit_offset != counterpart.bit_offset
                or member.bitfield_size != counterpart.bitfield_size
                or (member.name is None and member.is_bitfield)  # which BTF hasn't
                or (
                    member.attributes is not counterpart.attributes
                    and _have_tags(member, counterpart)
                )
            ):
                return None
            if (id(member.type), id(counterpart.type)) not in same:
                held.append((member.type, counterpart.type))
        return held

    def _is_enum(self, declared: Enum, emitted: Type) -> bool:
        if (
            not isinstance(emitted, Enum)
            or declared.tag != emitted.tag
            or declared.size != emitted.size
        ):
            return False
        if declared.tag is not None and ("enum", declared.tag) in self._kernel:
            return True
        if self._are_enums_cut or isinstance(declared.base, Typedef):
            return False
        return (
            declared.signed == emitted.signed
            and not _have_tags(declared, emitted)
            and [(one.name, one.value) for one in declared.enumerators]
            == [(one.name, one.value) for one in emitted.enumerators]
        )


def _have_tags(one: Composite | Enum | Member, other: Composite | Enum | Member) -> bool:
    """Whether BTF has anything of the attributes of two declarations."""
    return any(
        attributes is not None and (attributes.decl_tags or attributes.others)
        for attributes in (one.attributes, other.attributes)
    )


def _points_to(declared: Pointer, emitted: Pointer) -> bool:
    """Whether two pointers are to the same, which has a name or is a number."""
    pointee, other = declared.pointee, emitted.pointee
    if isinstance(pointee, Const) and isinstance(other, Const):
        pointee, other = pointee.underlying, other.underlying
    if isinstance(pointee, Named):
        if not isinstance(other, Named):
            return False
        return pointee.kind == other.kind and pointee.name == other.name != ""
    return isinstance(pointee, (Int, Void)) and pointee == other
