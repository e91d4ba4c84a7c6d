"""Types of the model -> BTF, for the kernel to judge, without a compiler to wait for.

clang's BTF of the same types is laid out alike as far as the kernel's rules about values go; a test
beside the user of this module holds the two together.

Source: Documentation/bpf/btf.rst; include/uapi/linux/btf.h.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from bpfgen.ctype.types import (
    Array,
    Composite,
    Const,
    Enum,
    Int,
    Named,
    Pointer,
    Typedef,
    TypeTag,
    Void,
    Volatile,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.ctype.types import Member, Type

(INT, PTR, ARRAY, STRUCT, UNION, ENUM) = range(1, 7)
(TYPEDEF, VOLATILE, CONST) = range(8, 11)
DECL_TAG, TYPE_TAG = 17, 18

_WRAPPERS = {Volatile: VOLATILE, Const: CONST}


class BtfEncoder:
    """Collects types; :meth:`data` is the BTF that holds them.

    A struct that is only named is looked up in *known*, else it gets a body of one integer, as
    vmlinux.h would give it one: what counts is that it has any.
    """

    def __init__(self, known: Mapping[tuple[str, str], Type]) -> None:
        self._known = known
        self._types: list[bytes] = []
        self._strings = bytearray(b"\0")
        self._offsets: dict[str, int] = {"": 0}
        self._ids: dict[object, int] = {}
        self._kept: list[object] = []

    def add(self, type_: Type) -> int:
        """Return the type id of *type_*; 0 for void."""
        if isinstance(type_, Void):
            return 0
        if isinstance(type_, Named):
            return self._named(type_)
        key = ("tag", type_.kind, type_.tag) if isinstance(type_, Composite) and type_.tag else None
        key = key or (type_ if isinstance(type_, Int) else ("id", id(type_)))  # type: ignore[assignment]
        if key in self._ids:
            return self._ids[key]
        self._kept.append(type_)
        if isinstance(type_, Composite):
            return self._composite(type_, key)
        if isinstance(type_, Int):
            encoding = (1 if type_.signed else 0) | (4 if type_.bool else 0)
            body = struct.pack("=I", encoding << 24 | type_.size * 8)
            return self._append(key, type_.name, INT, type_.size, body)
        if isinstance(type_, Enum):
            values = b"".join(
                struct.pack("=II", self._string(e.name), e.value & 0xFFFFFFFF)
                for e in type_.enumerators
            )
            count = len(type_.enumerators)
            return self._append(key, type_.tag or "", ENUM, type_.size, values, count)
        if isinstance(type_, Array):
            element, index = self.add(type_.element), self.add(Int("int", 4, signed=True))
            body = struct.pack("=III", element, index, type_.length)
            return self._append(key, "", ARRAY, 0, body)
        if isinstance(type_, Pointer):
            return self._pointer(type_, key)
        if isinstance(type_, Typedef):
            return self._append(key, type_.name, TYPEDEF, self.add(type_.underlying), b"")
        if isinstance(type_, (Const, Volatile)):
            return self._append(key, "", _WRAPPERS[type(type_)], self.add(type_.underlying), b"")
        raise AssertionError(type_)

    def data(self) -> bytes:
        """Return the section: header, types, strings."""
        types = b"".join(self._types)
        header = struct.pack(
            "=HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(self._strings)
        )
        return header + types + bytes(self._strings)

    def _pointer(self, type_: Pointer, key: object) -> int:
        """Append a pointer; the kernel wants its target's id to exist, not to come first."""
        target = type_.pointee
        tags: list[str] = []
        wrappers: list[int] = []
        while isinstance(target, (TypeTag, Const, Volatile)):
            if isinstance(target, TypeTag):
                tags.append(target.tag)
            else:
                wrappers.append(_WRAPPERS[type(target)])
            target = target.underlying
        target_id = self.add(target)
        for wrapper in reversed(wrappers):
            target_id = self._append(None, "", wrapper, target_id, b"")
        for tag in reversed(tags):
            target_id = self._append(None, tag, TYPE_TAG, target_id, b"")
        return self._append(key, "", PTR, target_id, b"")

    def _named(self, type_: Named) -> int:
        found = self._known.get((type_.kind, type_.name))
        if found is not None and not isinstance(found, Named):
            return self.add(found)
        key = ("tag", type_.kind, type_.name)
        if key not in self._ids:
            number = self.add(Int("int", 4, signed=True))
            kind = UNION if type_.kind == "union" else STRUCT
            body = struct.pack("=III", self._string("x"), number, 0)
            self._append(key, type_.name, kind, 4, body, 1)
        return self._ids[key]

    def _composite(self, type_: Composite, key: object) -> int:
        """Append a struct; its id is known before its members', which may point to it."""
        kind = STRUCT if type_.kind == "struct" else UNION
        type_id = self._append(key, type_.tag or "", kind, type_.size, b"")
        members = [m for m in type_.members if not (m.name is None and m.is_bitfield)]
        flag = any(m.is_bitfield for m in members)
        body = b"".join(
            struct.pack(
                "=III",
                self._string(m.name or ""),
                self.add(m.type),
                m.bit_offset | (m.bitfield_size << 24 if flag else 0),
            )
            for m in members
        )
        info = kind << 24 | len(members) | (1 << 31 if flag else 0)
        head = struct.pack("=III", self._string(type_.tag or ""), info, type_.size)
        self._types[type_id - 1] = head + body
        for index, member in enumerate(members):
            self._tags(type_id, index, member)
        return type_id

    def _tags(self, type_id: int, index: int, member: Member) -> None:
        for tag in member.attributes.decl_tags if member.attributes else ():
            self._append(None, tag, DECL_TAG, type_id, struct.pack("=i", index))

    def _append(
        self, key: object, name: str, kind: int, size: int, body: bytes, vlen: int = 0
    ) -> int:
        head = struct.pack("=III", self._string(name), kind << 24 | vlen, size)
        self._types.append(head + body)
        if key is not None:
            self._ids[key] = len(self._types)
        return len(self._types)

    def _string(self, text: str) -> int:
        if text not in self._offsets:
            self._offsets[text] = len(self._strings)
            self._strings += text.encode() + b"\0"
        return self._offsets[text]
