"""The fingerprint of a map: 64 bits over its kind and the layout of what it holds.

Two programs that were built apart compare it before they share a map, so it is the same number
whatever it is computed from: a model, an object of any clang in either byte order, the BTF of a
running kernel. What counts is therefore what every one of them has, and means:

- the kind of the map; of keys, values, records and inner maps the layout, or where they have no
  type (or one of 0 bytes) the size; of a map that holds maps or programs no value, since that is an
  id;
- of a struct or union its size and its members: name, bit offset, bit-field width, type; in
  whatever order they are written;
- of an integer its size and sign, whether it is a truth value, a `char`, or big- or little-endian
  by the name of a typedef (`__be32`); of a bit-field no size but its own;
- of an enum its size and its enumerators: names, and the lower 32 bits of the values (clang 14 has
  no more, and no sign either);
- of an array its length; of a pointer that it is one; of what the kernel keeps for itself in a
  value (`struct bpf_spin_lock`) its name and size.

Names of types, qualifiers, typedefs, tags, comments, alignment, `max_entries`, flags and pins don't
count. A legacy map has sizes only, as its definition does.

The number is the first 8 bytes, as a big-endian one, of the SHA-256 of the text of a map; that has
the SHA-256 of a type where it has a type. docs/fingerprint.md spells the texts out. They are a
promise: another text would be another number for maps that are the same.
"""

from __future__ import annotations

from bpfgen.ctype.children import held
from bpfgen.ctype.identity import canonical
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import (
    BYTE_ORDERS,
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
    underlying,
)
from bpfgen.kernel.special_fields import OPAQUE_STRUCTS
from bpfgen.record import TYPE_CHECKING, Record, assert_never

if TYPE_CHECKING:
    from typing import Any

    from bpfgen.ctype.types import Member, Type
    from bpfgen.kernel.map_kind import MapKind

_VERSION = "bpfgen map 1"

_ID_SIZE = 4
"""Bytes of the id of a map or program."""

_LOWER = 0xFFFFFFFF


class MapLayout(Record):
    """What a fingerprint is of.

    Attributes:
        number: Of the kind, in enum bpf_map_type.
        kind: The kind's row, or None for a number that has none.
        key: The type, or None where there is none.
        value: Likewise.
        key_size: In bytes, where there is no type; 0 where it isn't known.
        value_size: Likewise.
        record: The type of the records, or None.
        inner: Of the maps in the map, or None.
    """

    number: int
    kind: MapKind | None
    key: Type | None
    value: Type | None
    key_size: int
    value_size: int
    record: Type | None = None
    inner: MapLayout | None = None


def has_all_types(
    kind: MapKind | None, key_size: int, key_type_id: int, value_type_id: int
) -> bool:
    """Return whether a running map has the types of all that its fingerprint is of.

    The kernel keeps those of some kinds only, and never those of records and inner maps. An id is
    0 where it has no type.
    """
    if kind is None or kind.has_record or kind.of_maps or not value_type_id:
        return False
    return bool(key_type_id) or not key_size


def hexadecimal(fingerprint: int) -> str:
    """Return *fingerprint* as it is written everywhere: `0x` and 16 digits."""
    return f"{fingerprint:#018x}"


def _sha256() -> Any:
    """Return SHA-256 of a C module of Python's: hashlib would load OpenSSL and take 3 ms."""
    for name in ("_sha2", "_sha256"):  # Python 3.12 and later; 3.11
        try:
            return __import__(name).sha256
        except ImportError:
            continue
    return __import__("hashlib").sha256


class Fingerprints:
    """The fingerprints of many maps; a type that several share is gone through once."""

    __slots__ = ("_digest", "_digests")

    def __init__(self) -> None:
        sha256 = _sha256()

        def digest(text: str) -> str:
            return str(sha256(text.encode("utf-8", "backslashreplace")).hexdigest())

        self._digest = digest
        # By identity, since to compare two types is a walk of its own. The types live as long.
        self._digests: dict[int, tuple[Type, str]] = {}

    def of_map(self, layout: MapLayout) -> int:
        """Return the fingerprint of a map: 64 bits."""
        return int(self._digest(self._map_text(layout))[:16], 16)

    def of_type(self, type: Type) -> str:
        """Return what stands for the layout of *type*: a SHA-256, in hexadecimal."""
        digests = self._digests
        stack = [type]
        while stack:
            current = stack[-1]
            if id(current) in digests:
                stack.pop()
                continue
            missing = [inner for inner in held(current) if id(inner) not in digests]
            if missing:
                stack += missing
            else:
                digests[id(current)] = (current, self._type_digest(current))
        return digests[id(type)][1]

    def _map_text(self, layout: MapLayout) -> str:
        kind = layout.kind
        holds_ids = kind is not None and (kind.of_maps or kind.of_programs)
        value = _ID_SIZE if holds_ids else self._argument(layout.value, layout.value_size)
        lines = [
            _VERSION,
            f"kind {layout.number}",
            f"key {self._argument(layout.key, layout.key_size)}",
            f"value {value}",
        ]
        if layout.record is not None:
            lines.append(f"record {self.of_type(layout.record)}")
        if layout.inner is not None:  # two levels are all that there are
            lines.append(f"inner {self._digest(self._map_text(layout.inner))}")
        return "\n".join(lines)

    def _argument(self, type: Type | None, size: int) -> int | str:
        """Return what stands for a key or value: the digest of its type, or its size."""
        return self.of_type(type) if type is not None and sizeof(type) else size

    def _type_digest(self, type: Type) -> str:
        """Return the digest of *type*; those of what it holds are there."""
        match type:
            case Typedef():
                bottom = underlying(type)
                if type.name in BYTE_ORDERS and isinstance(bottom, Int):
                    return self._digest(f"int {bottom.size} {BYTE_ORDERS[type.name]}")
                return self._held_digest(type.underlying)
            case Const() | Volatile() | Restrict() | TypeTag():
                return self._held_digest(type.underlying)
            case Int():
                return self._digest(f"int {type.size} {_values(type)}")
            case Float():
                return self._digest(f"float {type.size}")
            case Enum():
                return self._digest(_enum_text(type))
            case Pointer():
                return self._digest("pointer")
            case Array():
                return self._digest(f"array {type.length} {self._held_digest(type.element)}")
            case Composite():
                return self._digest(self._composite_text(type))
            case Void() | FuncProto() | Named() | Unknown():
                return self._digest("incomplete")  # no value is of such a type
            case _:
                assert_never(type)

    def _held_digest(self, type: Type) -> str:
        return self._digests[id(type)][1]

    def _composite_text(self, type: Composite) -> str:
        if type.tag in OPAQUE_STRUCTS:
            return f"kernel {type.size} {type.tag}"
        # A nameless bit-field is padding, and in no BTF.
        members = [m for m in type.members if m.name is not None or not m.is_bitfield]
        lines = sorted(self._member_line(member) for member in members)
        return "\n".join((f"{type.kind} {type.size}", *lines))

    def _member_line(self, member: Member) -> str:
        bottom = underlying(member.type)
        if member.is_bitfield and isinstance(bottom, Int):
            what = _values(bottom)  # whatever it is a part of
        else:
            what = self._held_digest(member.type)
        return f"{member.bit_offset} {member.bitfield_size} {what} {member.name or ''}"


def _values(type: Int) -> str:
    """Return which values *type* has, in a word."""
    if type.bool:
        return "bool"
    name = canonical(type.name)
    if name == "char":
        return name  # signed or not: compilers and their options differ
    sign = "signed" if type.signed else "unsigned"
    _name, narrow, bits = type.name.partition(":")
    return f"{sign} {bits}" if narrow else sign


def _enum_text(type: Enum) -> str:
    lines = sorted(f"{e.value & _LOWER} {e.name}" for e in type.enumerators)
    return "\n".join((f"enum {type.size}", *lines))
