"""Types of the model -> the records of BTF that clang writes for them, in clang's order.

The order counts: how deep the kernel goes into a type depends on which types come first. clang
numbers a struct before its members, a pointer before its target, an array after its element, and
doesn't follow a pointer from a struct's member to a struct with a name, which stays a forward
declaration unless something else needs it whole.

Source: Documentation/bpf/btf.rst; clang's BTFDebug.cpp (visitStructType, visitDerivedType).
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.children import children
from bpfgen.ctype.layout import BTF_MEMBERS
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bpfgen.ctype.types import Member, Modifier, Type

_INDEX = Int("__ARRAY_SIZE_TYPE__", 4, signed=False)
_WHOLE_TYPE = 0xFFFFFFFF
_DEEPEST = 150
"""Types inside each other that are looked at: the walk is on Python's own stack, and what is deeper
and holds other types is replaced by a `char`, which no kernel refuses anywhere. No kernel takes as
many unless pointers are in between."""

_CHAR = Int("char", 1, signed=True)


class BtfEncoder:
    """Collects types.

    Attributes:
        records: The words of each type: name offset, info, size or type, and what follows.
        strings: The string section.
        origins: What each record was made of: None for what clang adds of its own.
        members: For each struct or union by its id, the members that BTF has.
        left_out: Enums of which clang writes nothing, since they have too many enumerators.
    """

    __slots__ = (
        "_depth",
        "_enum_bytes",
        "_fixups",
        "_ids",
        "_known",
        "_offsets",
        "left_out",
        "members",
        "origins",
        "records",
        "strings",
    )

    def __init__(self, known: Mapping[tuple[str, str], Type], *, has_more: bool = False) -> None:
        """Prepare for types whose names mean those of *known*, by kind and name.

        With *has_more* a header defines others: an enum of which only the name is known has the
        size of most.
        """
        self.records: list[list[int]] = []
        self.strings = bytearray(b"\0")
        self.origins: list[Type | None] = []
        self.members: dict[int, list[Member]] = {}
        self.left_out: list[Enum] = []
        self._known = known
        # Nothing in BTF declares an enum: clang says that one which nobody defines has no bytes.
        self._enum_bytes = 4 if has_more else 0
        self._depth = 0
        self._ids: dict[object, int] = {}
        self._offsets: dict[str, int] = {"": 0}
        self._fixups: list[tuple[list[int], str, str]] = []

    def add(self, type: Type) -> int:
        """Add *type* as the definition of a map has it: behind a pointer, which comes first.

        Its id comes back, which is 0 for what has no record: `void`, what isn't known.
        """
        pointer_id = self.add_type(Pointer(type))
        self.origins[pointer_id - 1] = type
        # The pointer may have come up in a struct, and wait for its target; all else is there now.
        return self.add_type(type)

    def add_type(self, type: Type) -> int:
        """Add *type*, which belongs to no member, and return its id: 0 for what has no record."""
        return self._visit(type, inside=False, behind=False)

    def add_prototype(self, type: FuncProto, *, is_named: bool) -> int:
        """Add the prototype of a function, and return its id.

        With *is_named* its parameters keep their names, as those of one that is defined do.
        """
        return self._prototype(type, is_named=is_named)

    def append(
        self, kind: int, name: str, third: int, vlen: int = 0, words: Iterable[int] = ()
    ) -> int:
        """Add a record that is no type, with the *words* that follow it, and return its id."""
        type_id, record = self._append(None, kind, name, third, vlen)
        record += words
        return type_id

    def typedef_id(self, name: str) -> int | None:
        """Return the id of the typedef called *name*; None where nothing has brought it."""
        return self._ids.get(("typedef", name))

    def finish(self) -> None:
        """Let pointers out of structs find the structs that are there, or declarations of them."""
        for record, kind, tag in self._fixups:
            record[2] = self._ids.get((kind, tag)) or self._forward(kind, tag)
        self._fixups.clear()

    def _visit(self, type: Type, *, inside: bool, behind: bool) -> int:
        """Return the id of *type*.

        Args:
            type: The type.
            inside: It belongs to a member of a struct (clang's CheckPointer).
            behind: A pointer of that member is in front of it (clang's SeenPointer).
        """
        self._depth += 1
        if self._depth > _DEEPEST and children(type):
            type = _CHAR
        type_id = self._add(type, inside=inside, behind=behind)
        self._depth -= 1
        return type_id

    def _add(self, type: Type, *, inside: bool, behind: bool) -> int:
        if isinstance(type, _DERIVED) and (known := self._ids.get(_key(type))) is not None:
            if not (inside and behind):
                self._complete(type, inside=inside)
            return known
        match type:
            case Void() | Unknown():
                return 0
            case Named():
                return self._named(type, inside=inside, behind=behind)
            case Int():
                encoding = kinds.BTF_INT_SIGNED * type.signed | kinds.BTF_INT_BOOL * type.bool
                words = (encoding << 24 | 8 * type.size,)
                return self._leaf(type, kinds.BTF_KIND_INT, type.name, type.size, words)
            case Float():
                return self._leaf(type, kinds.BTF_KIND_FLOAT, type.name, type.size)
            case Enum():
                return self._enum(type)
            case Array():
                return self._array(type)
            case Composite():
                return self._composite(type)
            case FuncProto():
                return self._prototype(type)
            case Pointer():
                tagged = isinstance(type.pointee, TypeTag)
                behind = behind or (inside and not tagged)
                return self._derived(type, "", type.pointee, inside=inside, behind=behind)
            case Typedef():
                return self._derived(type, type.name, type.underlying, inside=inside, behind=behind)
            case Const() | Volatile() | Restrict():
                return self._derived(type, "", type.underlying, inside=inside, behind=behind)
            case TypeTag():
                return self._derived(type, type.tag, type.underlying, inside=inside, behind=behind)
            case _:
                assert_never(type)

    def _append(
        self, origin: Type | None, kind: int, name: str, third: int, vlen: int = 0
    ) -> tuple[int, list[int]]:
        """Add a record without what follows; return its id and its words."""
        record = [self._string(name), kind << 24 | vlen, third]
        self.records.append(record)
        self.origins.append(origin)
        return len(self.records), record

    def _leaf(
        self, type: Type, kind: int, name: str, size: int, words: tuple[int, ...] = ()
    ) -> int:
        key = (kind, name, size)
        if key not in self._ids:
            self._ids[key], record = self._append(type, kind, name, size)
            record += words
        return self._ids[key]

    def _named(self, type: Named, *, inside: bool, behind: bool) -> int:
        """Return the id of what *type* names: its definition, a declaration, or a place for it."""
        definition = None if type.forward else self._known.get((type.kind, type.name))
        if isinstance(definition, Named):
            definition = None
        enum = type.kind == "enum"
        if enum or type.kind == "typedef":
            if definition is None:
                size = self._enum_bytes
                return self._leaf(type, kinds.BTF_KIND_ENUM, type.name, size) if enum else 0
            return self._visit(definition, inside=inside, behind=behind)
        if isinstance(definition, Composite):
            return self._composite(definition)
        return self._forward(type.kind, type.name)

    def _forward(self, kind: str, tag: str) -> int:
        key = ("forward", kind, tag)
        if key not in self._ids:
            origin = Named(kind, tag, forward=True)
            self._ids[key], record = self._append(origin, kinds.BTF_KIND_FWD, tag, 0)
            record[1] |= (kind == "union") << 31
        return self._ids[key]

    def _derived(self, type: Type, name: str, target: Type, *, inside: bool, behind: bool) -> int:
        type_id, record = self._append(type, _KINDS[type.__class__], name, 0)
        self._ids[_key(type)] = type_id
        if inside and behind:
            named = self._later(target)
            if named is not None:
                self._fixups.append((record, *named))
                return type_id
        record[2] = self._visit(target, inside=inside, behind=behind)
        return type_id

    def _complete(self, type: Pointer | Typedef | Modifier, *, inside: bool) -> None:
        """Add the struct at the end of *type*, which is there, if only a declaration of it is.

        So clang's visitTypeEntry does with what it knows already, where no pointer of a member's
        is in front of it. An object may have a typedef that comes back to itself.
        """
        met: set[object] = set()
        while True:
            target = type.pointee if isinstance(type, Pointer) else type.underlying
            if isinstance(target, Named) and target.kind == "typedef" and not target.forward:
                target = self._known.get((target.kind, target.name), target)
            key = _key(target) if isinstance(target, _DERIVED) else None
            if isinstance(target, _DERIVED) and key in self._ids and key not in met:
                met.add(key)
                type = target
                continue
            named = self._later(target)
            if named is None or named in self._ids or (inside and isinstance(type, Pointer)):
                return  # nothing to complete, or a circle
            self._visit(target, inside=inside, behind=False)
            return

    def _later(self, target: Type) -> tuple[str, str] | None:
        """Return the kind and tag of the struct or union that *target* is, if it is one."""
        if isinstance(target, Composite) and target.tag:
            return target.kind, target.tag
        if isinstance(target, Named) and target.kind in ("struct", "union"):
            return target.kind, target.name
        return None

    def _array(self, type: Array) -> int:
        # What is in an array is no longer what is in the member (visitArrayType).
        element = self._visit(type.element, inside=False, behind=False)
        index = self._visit(_INDEX, inside=False, behind=False)
        key = ("array", element, type.length)
        if key not in self._ids:
            self._ids[key], record = self._append(type, kinds.BTF_KIND_ARRAY, "", 0)
            record += (element, index, 0 if type.flexible else type.length & 0xFFFFFFFF)
        return self._ids[key]

    def _enum(self, type: Enum) -> int:
        key: object = ("enum", type.tag) if type.tag else id(type)
        if key in self._ids:
            return self._ids[key]
        vlen = len(type.enumerators)
        if vlen > BTF_MEMBERS:
            self.left_out.append(type)
            return 0
        wide = any(not -(1 << 31) <= e.value < 1 << 32 for e in type.enumerators)
        kind = kinds.BTF_KIND_ENUM64 if wide else kinds.BTF_KIND_ENUM
        self._ids[key], record = self._append(type, kind, type.tag or "", type.size, vlen)
        record[1] |= type.signed << 31
        for enumerator in type.enumerators:
            record += (self._string(enumerator.name), enumerator.value & 0xFFFFFFFF)
            if wide:
                record.append(enumerator.value >> 32 & 0xFFFFFFFF)
        return self._ids[key]

    def _composite(self, type: Composite) -> int:
        key: object = (type.kind, type.tag) if type.tag else id(type)
        if key in self._ids:
            return self._ids[key]
        # Of a bit-field without a name debug information says nothing.
        members = [m for m in type.members if m.name is not None or not m.is_bitfield]
        kind = kinds.BTF_KIND_STRUCT if type.kind == "struct" else kinds.BTF_KIND_UNION
        type_id, record = self._append(type, kind, type.tag or "", type.size, len(members))
        self._ids[key] = type_id
        self.members[type_id] = members
        flag = any(member.is_bitfield for member in members)
        record[1] |= flag << 31
        for member in members:
            member_id = self._visit(member.type, inside=True, behind=False)
            width = member.bitfield_size << 24 if flag else 0
            record += (self._string(member.name or ""), member_id, width | member.bit_offset)
        self._tags(type, type_id, _WHOLE_TYPE)
        for index, member in enumerate(members):
            self._tags(member, type_id, index)
        return type_id

    def _tags(self, tagged: Composite | Member, type_id: int, component: int) -> None:
        """Add the DECL_TAGs of a struct, a union or a member."""
        for tag in tagged.attributes.decl_tags if tagged.attributes else ():
            origin = self.origins[type_id - 1]
            _id, record = self._append(origin, kinds.BTF_KIND_DECL_TAG, tag, type_id)
            record.append(component)

    def _prototype(self, type: FuncProto, *, is_named: bool = False) -> int:
        names = [p.name or "" for p in type.parameters] if is_named else []
        if any(names):
            key: object = (_key(type), *names)
        else:  # the prototype of a type, unlike that of a function, has no names
            names, key = [""] * len(type.parameters), _key(type)
        if key in self._ids:
            return self._ids[key]
        vlen = len(type.parameters) + type.variadic
        type_id, record = self._append(type, kinds.BTF_KIND_FUNC_PROTO, "", 0, vlen)
        self._ids[key] = type_id
        record[2] = self._visit(type.returns, inside=False, behind=False)
        for name, parameter in zip(names, type.parameters, strict=True):
            record += (self._string(name), self._visit(parameter.type, inside=False, behind=False))
        record += (0, 0) * type.variadic
        return type_id

    def _string(self, text: str) -> int:
        offset = self._offsets.get(text)
        if offset is None:
            offset = self._offsets[text] = len(self.strings)
            self.strings += text.encode("utf-8", "surrogateescape") + b"\0"
        return offset


_DERIVED = (Pointer, Typedef, *MODIFIERS)
"""The types that are another one with something around it."""

_KINDS: dict[type, int] = {
    Pointer: kinds.BTF_KIND_PTR,
    Typedef: kinds.BTF_KIND_TYPEDEF,
    Const: kinds.BTF_KIND_CONST,
    Volatile: kinds.BTF_KIND_VOLATILE,
    Restrict: kinds.BTF_KIND_RESTRICT,
    TypeTag: kinds.BTF_KIND_TYPE_TAG,
}


def _key(type: Type) -> object:
    """Return what is the same for two types that clang has one record for."""
    match type:
        case Typedef():
            return ("typedef", type.name)
        case Composite() | Enum():
            return (type.kind if isinstance(type, Composite) else "enum", type.tag or id(type))
        case Pointer():
            return ("pointer", _key(type.pointee))
        case Array():
            return ("array", _key(type.element), type.length)
        case Const() | Volatile() | Restrict():
            return (type.__class__, _key(type.underlying))
        case TypeTag():
            return ("tag", type.tag, _key(type.underlying))
        case FuncProto():
            return (
                "function",
                _key(type.returns),
                *(_key(parameter.type) for parameter in type.parameters),
                type.variadic,
            )
        case Named():
            return (type.kind, type.name)
        case Int() | Float():
            return (type.name, type.size)
        case Void() | Unknown():
            return None
        case _:
            assert_never(type)
