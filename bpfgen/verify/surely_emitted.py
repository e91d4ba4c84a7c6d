"""Whether a type was emitted as it is declared, without a doubt: what most are, at a small cost.

Asked before :mod:`bpfgen.verify.types` makes a type of the object's BTF and compares the two, which
says in what they differ. What is the same here is the same there; of anything that takes a second
thought (tags, qualifiers in several orders, unnamed bit-fields, functions, another spelling of an
integer) this says no.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.types import (
    MODIFIERS,
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
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Container
    from typing import TypeAlias

    from bpfgen.btf.decode import Btf
    from bpfgen.ctype.types import Attributes, Type

    Pair: TypeAlias = tuple[Type, int]

_COMPOSITES = {"struct": kinds.BTF_KIND_STRUCT, "union": kinds.BTF_KIND_UNION}
_NAMED = {
    **_COMPOSITES,
    "enum": kinds.BTF_KIND_ENUM,
    "typedef": kinds.BTF_KIND_TYPEDEF,
}
_QUALIFIERS = {
    Const: kinds.BTF_KIND_CONST,
    Volatile: kinds.BTF_KIND_VOLATILE,
    Restrict: kinds.BTF_KIND_RESTRICT,
}


class SurelyEmitted:
    """Looks at the types of one object, and remembers which are as declared."""

    __slots__ = ("_are_enums_cut", "_btf", "_kernel", "_same", "_unfolded")

    def __init__(
        self,
        btf: Btf,
        kernel: Container[tuple[str, str]],
        unfolded: Container[str],
        *,
        old_enums: bool,
    ) -> None:
        """*kernel*, *unfolded* and *old_enums* as for :class:`bpfgen.ctype.compare.Comparison`."""
        self._btf = btf
        self._kernel = kernel
        self._unfolded = unfolded
        self._are_enums_cut = old_enums
        # By identity, with the declared type, which has to live as long.
        self._same: dict[tuple[int, int], Type] = {}

    def __call__(self, declared: Type, type_id: int) -> bool:
        """Return whether BTF type *type_id* is *declared*, which is held by value, as it is."""
        same = self._same
        new: dict[tuple[int, int], Type] = {}
        pending = [(declared, type_id)]
        try:
            while pending:
                type, emitted = pending.pop()
                key = id(type), emitted
                if key in same or key in new:
                    continue
                held = self._held(type, emitted)
                if held is None:
                    return False
                new[key] = type
                pending += held
        except FormatError:  # for who says what is wrong
            return False
        same |= new
        return True

    def _held(self, declared: Type, type_id: int) -> list[Pair] | None:
        """Return what both sides hold, and are the same if it is; None where they aren't.

        Raises:
            FormatError: An id of BTF is that of no type.
        """
        btf = self._btf
        kind = btf.kind(type_id)
        match declared:
            case Typedef():
                if kind != kinds.BTF_KIND_TYPEDEF or btf.name(type_id) != declared.name:
                    return None
                if declared.name in self._unfolded:
                    return None
                return [(declared.underlying, btf.target(type_id))]
            case Int():
                return (
                    [] if kind == kinds.BTF_KIND_INT and self._is_int(declared, type_id) else None
                )
            case Array():
                if kind != kinds.BTF_KIND_ARRAY:
                    return None
                element, _index, length = btf.array(type_id)
                return [(declared.element, element)] if length == declared.length else None
            case Composite():
                is_same_kind = kind == _COMPOSITES[declared.kind]
                return self._members(declared, type_id) if is_same_kind else None
            case Const() | Volatile() | Restrict():
                if kind != _QUALIFIERS[type(declared)] or isinstance(
                    declared.underlying, MODIFIERS
                ):
                    return None
                return [(declared.underlying, btf.target(type_id))]
            case Pointer():
                is_pointer = kind == kinds.BTF_KIND_PTR
                return [] if is_pointer and self._is_pointee(declared, type_id) else None
            case Enum():
                is_enum = kind in (kinds.BTF_KIND_ENUM, kinds.BTF_KIND_ENUM64)
                return [] if is_enum and self._is_enum(declared, type_id) else None
            case Float():
                is_float = kind == kinds.BTF_KIND_FLOAT and btf.name(type_id) == declared.name
                return [] if is_float and btf.size(type_id) == declared.size else None
            case Void():
                return None if type_id else []
            case TypeTag() | FuncProto() | Named() | Unknown():
                return None
            case _:
                assert_never(declared)

    def _is_int(self, declared: Int, type_id: int) -> bool:
        btf = self._btf
        encoding, offset, bits = btf.int_encoding(type_id)
        return (
            btf.name(type_id) == declared.name
            and btf.size(type_id) == declared.size
            and (offset, bits) == (0, 8 * declared.size)
            and bool(encoding & kinds.BTF_INT_SIGNED) == declared.signed
            and bool(encoding & kinds.BTF_INT_BOOL) == declared.bool
        )

    def _members(self, declared: Composite, type_id: int) -> list[Pair] | None:
        btf = self._btf
        if btf.name(type_id) != (declared.tag or "") or btf.size(type_id) != declared.size:
            return None
        if declared.tag is not None and (declared.kind, declared.tag) in self._kernel:
            return []
        emitted = btf.members(type_id)
        if len(declared.members) != len(emitted) or btf.has_decl_tags(type_id):
            return None
        if _is_tagged(declared.attributes):
            return None
        same = self._same
        held = []
        for member, (name, held_id, bit_offset, width) in zip(
            declared.members, emitted, strict=True
        ):
            if (
                (member.name or "") != name
                or member.bit_offset != bit_offset
                or member.bitfield_size != width
                or (member.name is None and member.is_bitfield)  # BTF has no such member
                or (member.attributes is not None and _is_tagged(member.attributes))
            ):
                return None
            if (id(member.type), held_id) not in same:
                held.append((member.type, held_id))
        return held

    def _is_enum(self, declared: Enum, type_id: int) -> bool:
        btf = self._btf
        if btf.name(type_id) != (declared.tag or "") or btf.size(type_id) != declared.size:
            return False
        if not btf.vlen(type_id):  # it may be a mere declaration
            return False
        if declared.tag is not None and ("enum", declared.tag) in self._kernel:
            return True
        if self._are_enums_cut or isinstance(declared.base, Typedef):
            return False
        if btf.has_decl_tags(type_id) or _is_tagged(declared.attributes):
            return False
        enumerators = [(one.name, one.value) for one in declared.enumerators]
        is_signed = btf.kind_flag(type_id)
        return is_signed == declared.signed and btf.enumerators(type_id) == enumerators

    def _is_pointee(self, declared: Pointer, pointer_id: int) -> bool:
        """Whether two pointers are to the same, which has a name or is a number."""
        btf = self._btf
        pointee, type_id = declared.pointee, btf.target(pointer_id)
        if isinstance(pointee, Const) and btf.kind(type_id) == kinds.BTF_KIND_CONST:
            pointee, type_id = pointee.underlying, btf.target(type_id)
        if isinstance(pointee, Named):
            is_kind = btf.kind(type_id) == _NAMED[pointee.kind]
            return is_kind and btf.name(type_id) == pointee.name != ""
        if isinstance(pointee, Int):
            is_int = btf.kind(type_id) == kinds.BTF_KIND_INT
            return is_int and self._is_int(pointee, type_id)
        return isinstance(pointee, Void) and not type_id


def _is_tagged(attributes: Attributes | None) -> bool:
    """Whether BTF has anything of *attributes*."""
    return attributes is not None and bool(attributes.decl_tags or attributes.others)
