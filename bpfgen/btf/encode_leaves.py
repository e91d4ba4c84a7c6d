"""Types that nothing is inside of -> their records, and which record a type has that is there.

Below :mod:`bpfgen.btf.encode`, which goes through types, and above
:mod:`bpfgen.btf.encode_records`.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.btf.encode_forms import enum_form, tags_of
from bpfgen.btf.encode_records import ALL_BITS, Records
from bpfgen.ctype.integers import bits_of
from bpfgen.ctype.layout import BTF_MEMBERS
from bpfgen.ctype.types import Named
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.ctype.types import Composite, Enum, Int, Member, Type

_MOST_ELEMENTS = 0xFFFFFF
"""What 24 bits of vlen count (BTF_MAX_VLEN since Linux 7.1, LONG_VLEN_SINCE in btf_limits)."""


class Leaves(Records):
    """Collects types that nothing is inside of, each once.

    Attributes:
        members: For each struct or union by its id, the members that BTF has.
        left_out: Enums of which nothing is written, since they have too many enumerators.
    """

    __slots__ = ("_deduplicated", "_ids", "_kept", "_twins", "left_out", "members")

    def __init__(self, *, deduplicated: bool) -> None:
        super().__init__()
        self.members: dict[int, list[Member]] = {}
        self.left_out: list[Enum] = []
        self._deduplicated = deduplicated
        self._ids: dict[object, int] = {}
        self._kept: list[Type] = []  # types are known by their id(), which must stay theirs
        self._twins: dict[int, tuple[Composite | Enum, int]] = {}  # by where they are declared

    def _leaf(
        self, type: Type, kind: int, name: str, size: int, words: tuple[int, ...] = ()
    ) -> int:
        key = (kind, name, size, *words)
        if key not in self._ids:
            self._ids[key], record = self.begin(type, kind, name, size)
            record += words
        return self._ids[key]

    def _integer(self, type: Int) -> int:
        encoding = kinds.BTF_INT_SIGNED * type.signed | kinds.BTF_INT_BOOL * type.bool
        name, offset, bits = bits_of(type)
        words = (encoding << 24 | offset << 16 | bits,)
        return self._leaf(type, kinds.BTF_KIND_INT, name, type.size, words)

    def _forward(self, kind: str, tag: str) -> int:
        key = ("forward", kind, tag)
        if key not in self._ids:
            origin = Named(kind, tag, forward=True)
            self._ids[key], record = self.begin(origin, kinds.BTF_KIND_FWD, tag, 0)
            record[1] |= (kind == "union") << 31
        return self._ids[key]

    def _enum(self, type: Enum) -> int:
        key: object = ("enum", type.tag) if type.tag else id(type)
        if key in self._ids:
            return self._ids[key]
        vlen = len(type.enumerators)
        if vlen > (_MOST_ELEMENTS if self._deduplicated else BTF_MEMBERS):
            self.left_out.append(type)
            return 0
        kind, is_signed = enum_form(type)
        type_id, record = self.begin(type, kind, type.tag or "", type.size, vlen)
        record[1] |= is_signed << 31
        for enumerator in type.enumerators:
            record += (self.string(enumerator.name), enumerator.value & ALL_BITS)
            if kind == kinds.BTF_KIND_ENUM64:
                record.append(enumerator.value >> 32 & ALL_BITS)
        return self._known_as(key, type, type_id, tuple(record))

    def _known_as(
        self, key: object, type: Composite | Enum, type_id: int, content: tuple[object, ...]
    ) -> int:
        """Return the id of *type*, now that its record is whole, and remember it."""
        if type.tag:
            self._ids[key] = type_id
        else:
            self._kept.append(type)
            self._ids[key] = self._shared(type_id, content)
            self._twins.setdefault(id(type.span), (type, self._ids[key]))
        return self._ids[key]

    def _shared(self, type_id: int, content: tuple[object, ...]) -> int:
        """Return the id of a record that is whole: that of an equal one, where those are shared."""
        if not self._deduplicated:
            return type_id
        shared_id = self.shared(type_id, content)
        if shared_id != type_id:
            self.members.pop(type_id, None)
        return shared_id

    def _twin(self, type: Composite) -> int | None:
        """Return the id of another copy of *type*, which has no name: of a second declarator.

        To clang the two are one, so that the second brings nothing.
        """
        twin = self._twins.get(id(type.span)) if self._deduplicated and type.span else None
        return twin[1] if twin is not None and twin[0] == type else None

    def _add_tag(
        self, origin: Type, type_id: int, component: int, tag: str, *, is_attribute: bool
    ) -> None:
        """Add a DECL_TAG of a struct, a union or a member."""
        _id, record = self.begin(origin, kinds.BTF_KIND_DECL_TAG, tag, type_id)
        record[1] |= is_attribute << 31
        record.append(component & ALL_BITS)


def tags_inside(type: Composite, members: Sequence[Member]) -> list[tuple[int, str, bool]]:
    """Return the DECL_TAGs of *type*, component -1, and of its *members*, by their places."""
    tagged = [(-1, type.attributes)] if type.attributes is not None else []
    tagged += [(i, m.attributes) for i, m in enumerate(members) if m.attributes is not None]
    return [(component, *tag) for component, attributes in tagged for tag in tags_of(attributes)]
