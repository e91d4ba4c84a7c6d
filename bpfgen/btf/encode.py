"""Types of the model -> the records of BTF that clang writes for them, in clang's order.

The order counts: how deep the kernel goes into a type depends on which types come first. clang
numbers a struct before its members, a pointer before its target, an array after its element, and
doesn't follow a pointer from a struct's member to a struct with a name, which stays a forward
declaration unless something else needs it whole.

An object of our own has the same types, and each of them once, as libbpf's btf__dedup leaves it:
types with a name have one record anyway, those without are compared when they are whole.

Source: Documentation/bpf/btf.rst; clang's BTFDebug.cpp (visitStructType, visitDerivedType).
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.btf.encode_forms import (
    DERIVED,
    KINDS,
    declared_by,
    key_of,
    target_of,
    untagged,
    written,
)
from bpfgen.btf.encode_leaves import Leaves, tags_inside
from bpfgen.btf.encode_records import ALL_BITS
from bpfgen.ctype.children import children
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
    from collections.abc import Callable, Mapping

    from bpfgen.btf.encode_forms import Derived
    from bpfgen.ctype.types import Type

_INDEX = Int("__ARRAY_SIZE_TYPE__", 4, signed=False)

_DEEPEST = 100
"""Types inside each other that are gone through on Python's own stack; what is inside deeper ones
is added after all that is less deep."""


class BtfEncoder(Leaves):
    """Collects types."""

    __slots__ = ("_depth", "_enum_bytes", "_fixups", "_known", "_settled", "_waiting")

    def __init__(
        self,
        known: Mapping[tuple[str, str], Type],
        *,
        has_more: bool = False,
        deduplicated: bool = False,
    ) -> None:
        """Prepare for types whose names mean those of *known*, by kind and name.

        With *has_more* a header defines others: an enum of which only the name is known has the
        size of most. *deduplicated* is the BTF of an object of our own: types without a name that
        are equal have one record, as have those that clang lets a declaration stand beside, and an
        enum may have more enumerators than clang's vlen counts.
        """
        super().__init__(deduplicated=deduplicated)
        self._known = known
        # Nothing in BTF declares an enum: clang says that one which nobody defines has no bytes.
        self._enum_bytes = 4 if has_more else 0
        self._depth = 0
        self._waiting: list[Callable[[], object]] = []
        # By id(): types that are there with all that they are made of. To come upon one again adds
        # nothing, wherever that is.
        self._settled: dict[int, int] = {}
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
        type_id = self._visit(type, inside=False, behind=False)
        self._add_waiting()
        return type_id

    def add_prototype(self, type: FuncProto, *, is_named: bool) -> int:
        """Add the prototype of a function, and return its id.

        With *is_named* its parameters keep their names, as clang has it where one is defined.
        """
        type_id = self._prototype(type, is_named=is_named)
        self._add_waiting()
        return type_id

    def _add_waiting(self) -> None:
        """Add what is in types that were too deep inside others."""
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            for add in waiting:
                add()

    def typedef_id(self, name: str) -> int | None:
        """Return the id of the typedef called *name*; None where nothing has brought it."""
        return self._ids.get(("typedef", name))

    def finish(self) -> dict[int, int]:
        """Let what waits for structs find those that are there, or declarations of them.

        Where that leaves types that are equal, which is rare, the ids that came back change: the
        new ones are returned by the old. Else nothing is.
        """
        for record, kind, tag in self._fixups:
            record[2] = self._ids.get((kind, tag)) or self._forward(kind, tag)
        self._fixups.clear()
        return self.drop_replaced()

    def _visit(self, type: Type, *, inside: bool, behind: bool) -> int:
        """Return the id of *type*.

        Args:
            type: The type.
            inside: It belongs to a member of a struct (clang's CheckPointer).
            behind: A pointer of that member is in front of it (clang's SeenPointer).
        """
        settled = self._settled.get(id(type))
        if settled is not None:
            return settled
        self._depth += 1
        type_id = self._add(type, inside=inside, behind=behind)
        self._depth -= 1
        if type_id and not self._waiting and self._is_settled(type):
            self._settled[id(type)] = type_id
            self._kept.append(type)
        return type_id

    def _is_settled(self, type: Type) -> bool:
        """Return whether all that *type*, which is there, is made of is there for good."""
        if isinstance(type, (Int, Float, Enum)):
            return True
        settled = self._settled
        return all(id(inner) in settled for inner in children(type))

    def _add(self, type: Type, *, inside: bool, behind: bool) -> int:
        type = written(type)
        match type:
            case Pointer() | Typedef() | Const() | Volatile() | Restrict() | TypeTag():
                return self._derived(type, inside=inside, behind=behind)
            case Array():
                return self._array(type)
            case Composite():
                return self._composite(type)
            case Named():
                return self._named(type, inside=inside, behind=behind)
            case Int():
                return self._integer(type)
            case Float():
                return self._leaf(type, kinds.BTF_KIND_FLOAT, type.name, type.size)
            case Enum():
                return self._enum(type)
            case FuncProto():
                return self._prototype(type)
            case Void() | Unknown():
                return 0
            case _:
                assert_never(type)

    def _named(self, type: Named, *, inside: bool, behind: bool) -> int:
        """Return the id of what *type* names: its definition, a declaration, or a place for it."""
        definition = self._definition(type)
        enum = type.kind == "enum"
        if enum or type.kind == "typedef":
            if definition is None:
                size = self._enum_bytes
                return self._leaf(type, kinds.BTF_KIND_ENUM, type.name, size) if enum else 0
            return self._visit(definition, inside=inside, behind=behind)
        if isinstance(definition, Composite):
            return self._composite(definition)
        return self._forward(type.kind, type.name)

    def _definition(self, type: Named) -> Type | None:
        """Return what *type* names; None where nothing defines it."""
        if type.forward and not self._deduplicated:
            return None
        definition = self._known.get((type.kind, type.name))
        return None if isinstance(definition, Named) else definition

    def _derived(self, type: Derived, *, inside: bool, behind: bool) -> int:
        key = key_of(type)
        known = self._ids.get(key)
        if known is not None:
            if not (inside and behind):
                self._complete(type, inside=inside)
            return known
        target = target_of(type)
        name = ""
        if isinstance(type, Pointer):
            behind = behind or (inside and not isinstance(target, TypeTag))
        elif isinstance(type, Typedef):
            name = type.name
        elif isinstance(type, TypeTag):
            name = type.tag
        type_id, record = self.begin(type, KINDS[type.__class__], name, 0)
        self._ids[key] = type_id
        if isinstance(type, TypeTag):
            record[1] |= type.attribute << 31
        named = declared_by(target)
        is_defined = not isinstance(target, Named) or self._definition(target) is not None
        if named is not None and ((inside and behind) or not is_defined):
            self._fixups.append((record, *named))
            return type_id

        def fill() -> int:
            record[2] = self._visit(target, inside=inside, behind=behind)
            self._ids[key] = self._shared(type_id, tuple(record))
            return self._ids[key]

        return self._filled(type, type_id, fill)

    def _complete(self, type: Derived, *, inside: bool) -> None:
        """Add the struct at the end of *type*, which is there, if only a declaration of it is.

        So clang's visitTypeEntry does with what it knows already, where no pointer of a member's
        is in front of it. An object may have a typedef that comes back to itself.
        """
        met: set[object] = set()
        while True:
            target = target_of(type)
            if isinstance(target, Named) and target.kind == "typedef" and not target.forward:
                target = self._known.get((target.kind, target.name), target)
            key = key_of(target) if isinstance(target, DERIVED) else None
            if isinstance(target, DERIVED) and key in self._ids and key not in met:
                met.add(key)
                type = target
                continue
            named = declared_by(target)
            if named is None or named in self._ids or (inside and isinstance(type, Pointer)):
                return  # nothing to complete, or a circle
            self._visit(target, inside=inside, behind=False)
            return

    def _array(self, type: Array) -> int:
        # Not one in the other: an array has as many dimensions as a source gives it. What is in an
        # array is no longer what is in the member (visitArrayType).
        dimensions = [type]
        while isinstance(inner := dimensions[-1].element, Array):
            dimensions.append(inner)
        element = self._visit(untagged(dimensions[-1].element), inside=False, behind=False)
        index = self._visit(_INDEX, inside=False, behind=False)
        for dimension in reversed(dimensions):
            length = 0 if dimension.flexible else dimension.length & ALL_BITS
            key = ("array", element, length)
            if key not in self._ids:
                self._ids[key], record = self.begin(dimension, kinds.BTF_KIND_ARRAY, "", 0)
                record += (element, index, length)
            element = self._ids[key]
        return element

    def _composite(self, type: Composite) -> int:
        key: object = (type.kind, type.tag) if type.tag else id(type)
        if key in self._ids:
            return self._ids[key]
        if not type.tag and (twin_id := self._twin(type)) is not None:
            self._kept.append(type)
            self._ids[key] = twin_id
            return twin_id
        # Of a bit-field without a name debug information says nothing.
        members = [m for m in type.members if m.name is not None or not m.is_bitfield]
        kind = kinds.BTF_KIND_STRUCT if type.kind == "struct" else kinds.BTF_KIND_UNION
        type_id, record = self.begin(type, kind, type.tag or "", type.size, len(members))
        self._ids[key] = type_id
        self.members[type_id] = members
        flag = any(member.is_bitfield for member in members)
        record[1] |= flag << 31

        def fill() -> int:
            for member in members:
                member_id = self._visit(untagged(member.type), inside=True, behind=False)
                width = member.bitfield_size << 24 if flag else 0
                record.extend(
                    (self.string(member.name or ""), member_id, width | member.bit_offset)
                )
            tags = tags_inside(type, members)
            shared_id = self._known_as(key, type, type_id, (*record, *tags))
            if shared_id == type_id:
                for component, tag, is_attribute in tags:
                    self._add_tag(type, type_id, component, tag, is_attribute=is_attribute)
            return shared_id

        return self._filled(type, type_id, fill)

    def _filled(self, type: Type, type_id: int, fill: Callable[[], int]) -> int:
        """Return the id of *type*, the last record, after *fill* has added what is inside it.

        Where it is deep inside other types that is later, and until then it is one of its own.
        """
        if self._depth <= _DEEPEST or not children(type):
            return fill()
        self._waiting.append(fill)
        return type_id

    def _prototype(self, type: FuncProto, *, is_named: bool = False) -> int:
        names = [p.name or "" for p in type.parameters] if is_named else []
        if any(names):
            key: object = (key_of(type), *names)
        else:  # the prototype of a type, unlike that of a function, has no names
            names, key = [""] * len(type.parameters), key_of(type)
        if key in self._ids:
            return self._ids[key]
        vlen = len(type.parameters) + type.variadic
        type_id, record = self.begin(type, kinds.BTF_KIND_FUNC_PROTO, "", 0, vlen)
        self._ids[key] = type_id

        def fill() -> int:
            record[2] = self._visit(untagged(type.returns), inside=False, behind=False)
            for name, parameter in zip(names, type.parameters, strict=True):
                parameter_id = self._visit(untagged(parameter.type), inside=False, behind=False)
                record.extend((self.string(name), parameter_id))
            record.extend((0, 0) * type.variadic)
            self._ids[key] = self._shared(type_id, tuple(record))
            return self._ids[key]

        return self._filled(type, type_id, fill)
