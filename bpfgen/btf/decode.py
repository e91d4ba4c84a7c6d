"""Bytes of BTF -> an index of its types, each readable by id. :mod:`convert` makes C types of them.

:mod:`index` notes where each type begins; all else is read when it is asked for, so that the
126,000 types of a kernel cost a fraction of a second and no memory to speak of. Type id 0 is
`void`.

Names in this module are those of struct btf_type and its followers. Any bytes give a value or a
:class:`~bpfgen.text.diagnostics.FormatError`.

Source: Documentation/bpf/btf.rst, include/uapi/linux/btf.h; libbpf's btf.c for what a size is.
"""

from __future__ import annotations

from itertools import compress

from bpfgen.btf.index import TypeSection
from bpfgen.btf.kinds import (
    BTF_KIND_ARRAY,
    BTF_KIND_DATASEC,
    BTF_KIND_DECL_TAG,
    BTF_KIND_ENUM,
    BTF_KIND_ENUM64,
    BTF_KIND_FUNC,
    BTF_KIND_FUNC_PROTO,
    BTF_KIND_INT,
    BTF_KIND_PTR,
    BTF_KIND_STRUCT,
    BTF_KIND_TYPEDEF,
    BTF_KIND_UNION,
    BTF_KIND_VAR,
    KIND_NAMES,
    MODIFIERS,
    REFERRING,
    SIZED,
)
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from array import array
    from collections.abc import Collection
    from typing import Literal

    from bpfgen.elf.strings import StringTable

MAX_RESOLVE_DEPTH = 32
"""Steps from a type to its size, arrays and qualifiers counted: libbpf's btf__resolve_size."""

_MAX_CHAIN = 1000
"""Typedefs and qualifiers on top of each other; more is taken for a circle."""

_U32_MAX = 0xFFFFFFFF
_CIRCLE = -1


class Btf:
    """The types of one BTF section.

    Attributes:
        byteorder: `little` or `big`, as the magic says.
        pointer_size: Bytes of a pointer.
    """

    __slots__ = (
        "_by_name_offset",
        "_datasecs",
        "_decl_tags",
        "_narrow_ints",
        "_offsets",
        "_skipped",
        "_strings",
        "_tops",
        "_variables",
        "_words",
        "byteorder",
        "pointer_size",
    )

    def __init__(self, data: bytes, pointer_size: int = 8) -> None:
        """Index the types of *data*, a .BTF section or /sys/kernel/btf/vmlinux.

        Raises:
            FormatError: The header lies, a kind is unknown, or the last type is cut off.
        """
        self.pointer_size = pointer_size
        self._datasecs: dict[int, str] | None = None
        self._variables: dict[int, list[tuple[int, str, int]]] = {}
        self._decl_tags: dict[int, dict[int, list[int]]] | None = None
        self._by_name_offset: dict[int, list[int]] | None = None
        self._narrow_ints: dict[int, tuple[int, int]] | None = None
        self._skipped: tuple[dict[int, int], dict[int, int]] = ({}, {})
        section = TypeSection(data)
        self.byteorder: Literal["little", "big"] = section.byteorder
        self._strings = section.strings
        self._words = section.words
        self._offsets = section.offsets
        self._tops = section.tops

    def __len__(self) -> int:
        """Return the number of types, `void` included: ids are 0 up to this."""
        return len(self._offsets)

    def _at(self, type_id: int) -> int:
        if not 0 < type_id < len(self._offsets):
            raise FormatError(f"BTF type id {type_id} is out of range")
        return self._offsets[type_id]

    def _of_kind(self, type_id: int, kinds: Collection[int]) -> int:
        tops = self._tops
        if 0 < type_id < len(tops) and tops[type_id] & 0x7F in kinds:
            return self._offsets[type_id]
        self._at(type_id)
        wanted = " or ".join(KIND_NAMES[kind] for kind in sorted(kinds))
        raise FormatError(f"BTF type {type_id} is a {self.kind_name(type_id)}, not a {wanted}")

    def kind(self, type_id: int) -> int:
        """Return the BTF_KIND_* of a type; BTF_KIND_VOID for id 0."""
        if 0 <= type_id < len(self._tops):
            return self._tops[type_id] & 0x7F
        raise FormatError(f"BTF type id {type_id} is out of range")

    def kind_name(self, type_id: int) -> str:
        """Return the name of the kind: `STRUCT`."""
        kind = self.kind(type_id)
        return KIND_NAMES[kind] if kind < len(KIND_NAMES) else f"KIND_{kind}"

    def kind_flag(self, type_id: int) -> bool:
        """Return bit 31 of info: bit-fields, signed enum, union FWD, a tag that is an attribute."""
        if not 0 <= type_id < len(self._tops):
            raise FormatError(f"BTF type id {type_id} is out of range")
        return self._tops[type_id] >= 0x80

    def vlen(self, type_id: int) -> int:
        """Return the number of members, enumerators, parameters or variables."""
        return 0 if type_id == 0 else self._words[self._at(type_id) + 1] & 0xFFFFFF

    @property
    def strings(self) -> StringTable:
        """The names, by their offsets."""
        return self._strings

    @property
    def records(self) -> tuple[array[int], array[int]]:
        """The words of all types, and where in them each begins, by id."""
        return self._words, self._offsets

    def words(self, type_id: int) -> array[int]:
        """Return the words of a type's record as they stand there."""
        at = self._at(type_id)
        last = type_id + 1 == len(self._offsets)
        return self._words[at : None if last else self._offsets[type_id + 1]]

    def name(self, type_id: int) -> str:
        """Return the name; empty for an anonymous type and for those that have none."""
        return "" if type_id == 0 else self._strings[self._words[self._at(type_id)]]

    def size(self, type_id: int) -> int:
        """Return the size word, in bytes, of a kind that has one; see also :meth:`size_of`."""
        return self._words[self._of_kind(type_id, SIZED) + 2]

    def target(self, type_id: int) -> int:
        """Return the id that a PTR, TYPEDEF, qualifier, FUNC(_PROTO), VAR or tag refers to."""
        return self._words[self._of_kind(type_id, REFERRING) + 2]

    def int_encoding(self, type_id: int) -> tuple[int, int, int]:
        """Return an INT's (BTF_INT_* bits, offset in bits, width in bits)."""
        word = self._words[self._of_kind(type_id, (BTF_KIND_INT,)) + 3]
        return word >> 24 & 0xF, word >> 16 & 0xFF, word & 0xFF

    def array(self, type_id: int) -> tuple[int, int, int]:
        """Return an ARRAY's (element type id, index type id, number of elements)."""
        at = self._of_kind(type_id, (BTF_KIND_ARRAY,))
        element, index, nelems = self._words[at + 3 : at + 6]
        return element, index, nelems

    def members(self, type_id: int) -> list[tuple[str, int, int, int]]:
        """Return a STRUCT's or UNION's members: (name, type id, bit offset, bit-field width).

        The width is 0 for an ordinary member. In BTF without kind_flag, a bit-field is an INT that
        is narrower than its size (pahole wrote it so until 2018); that comes back the same way.
        """
        at = self._of_kind(type_id, (BTF_KIND_STRUCT, BTF_KIND_UNION))
        words, strings = self._words, self._strings
        info = words[at + 1]
        end = at + 3 + (info & 0xFFFFFF) * 3
        triples = zip(*(words[at + 3 + i : end : 3] for i in range(3)), strict=True)
        if info >> 31:
            return [(strings[n], t, offset & 0xFFFFFF, offset >> 24) for n, t, offset in triples]
        if self._narrow_ints is None:
            self._narrow_ints = self._find_narrow_ints()
        if not self._narrow_ints:
            return [(strings[n], t, offset, 0) for n, t, offset in triples]
        return [(strings[n], t, *self._old_bit_field(t, offset)) for n, t, offset in triples]

    def _find_narrow_ints(self) -> dict[int, tuple[int, int]]:
        """Return the (offset, width) in bits of each INT that doesn't fill its bytes."""
        members = {}
        for type_id in self.ids_of_kind(BTF_KIND_INT):
            _encoding, offset, bits = self.int_encoding(type_id)
            if offset or bits != self.size(type_id) * 8:
                members[type_id] = offset, bits
        return members

    def _old_bit_field(self, type_id: int, bit_offset: int) -> tuple[int, int]:
        """Return the (bit offset, width) of a member that may be a bit-field of the old form."""
        if self._narrow_ints and 0 < type_id < len(self._offsets):
            narrow = self._narrow_ints.get(self.skip_modifiers(type_id))
            if narrow is not None:
                return bit_offset + narrow[0], narrow[1]
        return bit_offset, 0

    def enumerators(self, type_id: int) -> list[tuple[str, int]]:
        """Return an ENUM's or ENUM64's (name, value) pairs; kind_flag says whether signed."""
        at = self._of_kind(type_id, (BTF_KIND_ENUM, BTF_KIND_ENUM64))
        words, strings = self._words, self._strings
        info = words[at + 1]
        wide = info >> 24 & 0x7F == BTF_KIND_ENUM64
        step = 3 if wide else 2
        limit = 1 << (63 if wide else 31) if info >> 31 else 1 << 64
        enumerators = []
        for place in range(at + 3, at + 3 + (info & 0xFFFFFF) * step, step):
            value = words[place + 1] | (words[place + 2] << 32 if wide else 0)
            enumerators.append(
                (strings[words[place]], value if value < limit else value - 2 * limit)
            )
        return enumerators

    def parameters(self, type_id: int) -> list[tuple[str, int]]:
        """Return a FUNC_PROTO's (name, type id) pairs; a last type of 0 stands for `...`."""
        at = self._of_kind(type_id, (BTF_KIND_FUNC_PROTO,))
        words, strings = self._words, self._strings
        end = at + 3 + (words[at + 1] & 0xFFFFFF) * 2
        return [(strings[words[i]], words[i + 1]) for i in range(at + 3, end, 2)]

    def linkage(self, type_id: int) -> int:
        """Return the BTF_VAR_* of a VAR or the BTF_FUNC_* of a FUNC."""
        at = self._of_kind(type_id, (BTF_KIND_VAR, BTF_KIND_FUNC))
        info = self._words[at + 1]
        return info & 0xFFFFFF if info >> 24 & 0x7F == BTF_KIND_FUNC else self._words[at + 3]

    def variables(self, type_id: int) -> list[tuple[int, int, int]]:
        """Return a DATASEC's entries: (VAR id, offset, size), both in bytes.

        In objects that were never linked the offsets and the section's size are 0; the symbol
        table knows them.
        """
        at = self._of_kind(type_id, (BTF_KIND_DATASEC,))
        end = at + 3 + (self._words[at + 1] & 0xFFFFFF) * 3
        return list(zip(*(self._words[at + 3 + i : end : 3] for i in range(3)), strict=True))

    def component_index(self, type_id: int) -> int:
        """Return what a DECL_TAG is for: a member or parameter by its place, or -1: all of it."""
        index = self._words[self._of_kind(type_id, (BTF_KIND_DECL_TAG,)) + 3]
        return index - (1 << 32) if index >> 31 else index

    def ids_of_kind(self, *kinds: int) -> list[int]:
        """Return the ids of all types of *kinds*, in order."""
        chosen = bytearray(256)
        for kind in kinds:
            chosen[kind] = chosen[kind | 0x80] = 1
        # Both run in C; a loop over the types of a kernel is ten times slower.
        return list(compress(range(len(self._tops)), self._tops.translate(chosen)))

    def datasecs(self) -> dict[int, str]:
        """Return the names of the DATASECs by their ids, in order."""
        if self._datasecs is None:
            ids = self.ids_of_kind(BTF_KIND_DATASEC)
            self._datasecs = {type_id: self.name(type_id) for type_id in ids}
        return self._datasecs

    def datasec(self, name: str) -> int | None:
        """Return the id of the first DATASEC called *name*, or None."""
        return next((i for i, called in self.datasecs().items() if called == name), None)

    def variables_of(self, type_id: int) -> list[tuple[int, str, int]]:
        """Return a DATASEC's variables: (id, name, linkage); -1 for the linkage of no VAR."""
        known = self._variables.get(type_id)
        if known is not None:
            return known
        words, strings, tops, offsets = self._words, self._strings, self._tops, self._offsets
        at = self._of_kind(type_id, (BTF_KIND_DATASEC,))
        variables = []
        for var_id in words[at + 3 : at + 3 + (words[at + 1] & 0xFFFFFF) * 3 : 3]:
            if not 0 < var_id < len(tops):
                raise FormatError(f"BTF type id {var_id} is out of range")
            place = offsets[var_id]
            linkage = words[place + 3] if tops[var_id] & 0x7F == BTF_KIND_VAR else -1
            variables.append((var_id, strings[words[place]], linkage))
        self._variables[type_id] = variables
        return variables

    def find_all(self, name: str, *kinds: int) -> list[int]:
        """Return the ids of the types called *name*, in order; of any kind without *kinds*."""
        by_name_offset = self._by_name_offset
        if by_name_offset is None:
            by_name_offset = self._by_name_offset = {}
            words = self._words
            places = enumerate(self._offsets)
            next(places)
            for type_id, at in places:
                name_off = words[at]
                if name_off:
                    ids = by_name_offset.get(name_off)
                    if ids is None:
                        by_name_offset[name_off] = [type_id]
                    else:
                        ids.append(type_id)
        matches = [
            type_id
            for offset in self._strings.offsets_of(name)
            for type_id in by_name_offset.get(offset, ())
            if not kinds or self.kind(type_id) in kinds
        ]
        matches.sort()
        return matches

    def find(self, name: str, *kinds: int) -> int | None:
        """Return the id of the first type called *name*, or None."""
        ids = self.find_all(name, *kinds)
        return ids[0] if ids else None

    def skip_modifiers(self, type_id: int, *, typedefs: bool = True) -> int:
        """Return the id below the qualifiers, type tags and, unless asked otherwise, typedefs.

        libbpf's skip_mods_and_typedefs; FormatError for a circle.
        """
        kind = self.kind(type_id)
        if kind not in MODIFIERS and (not typedefs or kind != BTF_KIND_TYPEDEF):
            return type_id
        # Remembered for each type on the way: a thousand types on top of one long chain would
        # otherwise walk it a thousand times.
        known = self._skipped[typedefs]
        way: list[int] = []
        current = type_id
        while current not in known and len(way) < _MAX_CHAIN:
            kind = self.kind(current)
            if kind not in MODIFIERS and (not typedefs or kind != BTF_KIND_TYPEDEF):
                break
            way.append(current)
            current = self.target(current)
        else:
            current = known.get(current, _CIRCLE)
        known.update(dict.fromkeys(way, current))
        if current == _CIRCLE:
            raise FormatError(f"BTF type {type_id} is part of a circle of typedefs")
        return current

    def size_of(self, type_id: int) -> int | None:
        """Return the size of any type in bytes, or None where it has none or it's over 32 bits.

        `void`, functions and forward declarations have no size. As libbpf's btf__resolve_size,
        with which key_size and value_size are computed from `key` and `value`.
        """
        count = 1
        for _ in range(MAX_RESOLVE_DEPTH):
            kind = self.kind(type_id)
            if kind in SIZED or kind == BTF_KIND_PTR:
                size = self.pointer_size if kind == BTF_KIND_PTR else self.size(type_id)
                return size * count if size * count <= _U32_MAX else None
            if kind == BTF_KIND_ARRAY:
                type_id, _index_type, nelems = self.array(type_id)
                count *= nelems
                if count > _U32_MAX:
                    return None
            elif kind in MODIFIERS or kind in (BTF_KIND_TYPEDEF, BTF_KIND_VAR, BTF_KIND_DECL_TAG):
                type_id = self.target(type_id)
            else:
                return None
        return None

    def has_decl_tags(self, type_id: int) -> bool:
        """Return whether a type, or one of its members or parameters, has DECL_TAGs."""
        return type_id in self._tagged()

    def decl_tag_ids(self, type_id: int, component_index: int = -1) -> list[int]:
        """Return the ids of the DECL_TAGs of a type, or of one of its members or parameters."""
        return self._tagged().get(type_id, {}).get(component_index, [])

    def _tagged(self) -> dict[int, dict[int, list[int]]]:
        """Return the ids of all DECL_TAGs, by the type and the component that they are of."""
        tags = self._decl_tags
        if tags is None:
            tags = self._decl_tags = {}
            for tag_id in self.ids_of_kind(BTF_KIND_DECL_TAG):
                of_type = tags.setdefault(self.target(tag_id), {})
                of_type.setdefault(self.component_index(tag_id), []).append(tag_id)
        return tags

    def decl_tags(self, type_id: int, component_index: int = -1) -> tuple[str, ...]:
        """Return the `btf_decl_tag` strings of a type, VAR or FUNC (-1) or of one of its members.

        Tags with kind_flag are other attributes (Linux 6.15) and not among them.
        """
        ids = self.decl_tag_ids(type_id, component_index)
        return tuple(self.name(tag_id) for tag_id in ids if not self.kind_flag(tag_id))
