"""BTF as its words say it, read by nothing of bpfgen: a second opinion on what is in a section.

:func:`differences` walks two types side by side. What C can't tell apart is one: the order of
qualifiers, an ENUM of 8 bytes and an ENUM64, a bit-field by kind_flag and by a narrow integer.

Source: Documentation/bpf/btf.rst.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT = range(1, 12)
FUNC, FUNC_PROTO, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64 = range(12, 20)

_FIXED = {INT: 1, ARRAY: 3, VAR: 1, DECL_TAG: 1}
_EACH = {STRUCT: 3, UNION: 3, ENUM: 2, FUNC_PROTO: 2, DATASEC: 3, ENUM64: 3}
_QUALIFIERS = {VOLATILE, CONST, RESTRICT}


class Type(NamedTuple):
    """One record; *words* are those after struct btf_type."""

    kind: int
    flag: bool
    vlen: int
    name: str
    third: int
    words: tuple[int, ...]

    def elements(self) -> Iterator[tuple[int, ...]]:
        """Yield the words of each member, enumerator, parameter or variable."""
        step = _EACH[self.kind]
        for at in range(0, self.vlen * step, step):
            yield self.words[at : at + step]


class RawBtf:
    """All types of a section, by id, `void` included, and the tags of each."""

    def __init__(self, data: bytes) -> None:
        order = "<" if data[:2] == b"\x9f\xeb" else ">"
        header, _types_at, types_size, strings_at, strings_size = struct.unpack_from(
            f"{order}5I", data, 4
        )
        self._strings = data[header + strings_at : header + strings_at + strings_size]
        words = struct.unpack_from(f"{order}{types_size // 4}I", data, header)
        self.types = [Type(0, flag=False, vlen=0, name="", third=0, words=())]
        at = 0
        while at < len(words):
            name, info, third = words[at : at + 3]
            kind, vlen = info >> 24 & 0x7F, info & 0xFFFFFF
            more = _FIXED.get(kind, 0) + vlen * _EACH.get(kind, 0)
            rest = words[at + 3 : at + 3 + more]
            self.types.append(Type(kind, bool(info >> 31), vlen, self.string(name), third, rest))
            at += 3 + more
        self.tags: dict[tuple[int, int], set[tuple[str, bool]]] = {}
        for one in self.types:
            if one.kind == DECL_TAG:
                self.tags.setdefault((one.third, one.words[0]), set()).add((one.name, one.flag))

    def string(self, offset: int) -> str:
        """Return the string at *offset*."""
        end = self._strings.index(b"\0", offset)
        return self._strings[offset:end].decode("utf-8", "surrogateescape")

    def modified(self, type_id: int) -> tuple[list[object], int]:
        """Return the tags and the qualifiers around a type, sorted, and its id without them."""
        tags: list[object] = []
        qualifiers = set()
        while (one := self.types[type_id]).kind in {*_QUALIFIERS, TYPE_TAG}:
            if one.kind == TYPE_TAG:
                tags.append((one.name, one.flag))
            else:
                qualifiers.add(one.kind)
            type_id = one.third
        return [*tags, *sorted(qualifiers)], type_id

    def member(self, owner: Type, words: tuple[int, ...]) -> tuple[str, int, int, int]:
        """Return a member's name, type, place and width in bits, 0 for no bit-field."""
        name, type_id, place = words
        if owner.flag:
            return self.string(name), type_id, place & 0xFFFFFF, place >> 24
        bare = self.types[type_id]
        while bare.kind in {*_QUALIFIERS, TYPE_TAG, TYPEDEF}:
            bare = self.types[bare.third]
        if bare.kind == INT:
            bits, offset = bare.words[0] & 0xFF, bare.words[0] >> 16 & 0xFF
            if offset or bits != bare.third * 8:
                return self.string(name), type_id, place + offset, bits
        return self.string(name), type_id, place, 0

    def value(self, owner: Type, words: tuple[int, ...]) -> tuple[str, int]:
        """Return an enumerator's name and value."""
        bits = 64 if owner.kind == ENUM64 else 32
        value = words[1] | (words[2] << 32 if owner.kind == ENUM64 else 0)
        if owner.flag and value >> bits - 1:
            value -= 1 << bits
        return self.string(words[0]), value


class Walk:
    """Compares types of two sections; a pair that was equal isn't walked again."""

    def __init__(self, one: RawBtf, other: RawBtf, *, names: bool = False) -> None:
        """Prepare; *names* says whether prototypes have the names of parameters."""
        self._one, self._other, self._names = one, other, names
        self._seen: set[tuple[int, int, bool]] = set()

    def difference(self, one_id: int, other_id: int) -> str | None:
        """Return in what two types held by value differ first, or None."""
        pending = [(one_id, other_id, False, "")]
        while pending:
            one_id, other_id, is_behind, path = pending.pop()
            if (one_id, other_id, is_behind) in self._seen:
                continue
            self._seen.add((one_id, other_id, is_behind))
            why = self._compare(one_id, other_id, pending, path, is_behind=is_behind)
            if why is not None:
                self._seen.discard((one_id, other_id, is_behind))
                return f"{path or '.'}: {why}"
        return None

    def _compare(
        self,
        one_id: int,
        other_id: int,
        pending: list[tuple[int, int, bool, str]],
        path: str,
        *,
        is_behind: bool,
    ) -> str | None:
        modifiers, one_id = self._one.modified(one_id)
        others, other_id = self._other.modified(other_id)
        if modifiers != others:
            return f"{modifiers} against {others}"
        one, other = self._one.types[one_id], self._other.types[other_id]
        if is_behind and one.name and _class(one) is not None:
            return _unless(
                (_class(one), one.name) == (_class(other), other.name), one.name, other.name
            )
        if one.kind != other.kind and {one.kind, other.kind} != {ENUM, ENUM64}:
            return f"kind {one.kind} against {other.kind}"
        if one.name != other.name:
            return f"`{one.name}` against `{other.name}`"
        if self._own_tags(one_id) != self._other_tags(other_id):
            return f"{self._own_tags(one_id)} against {self._other_tags(other_id)}"
        if one.kind in (STRUCT, UNION):
            return self._members((one_id, one), (other_id, other), pending, path)
        if one.kind in (ENUM, ENUM64):
            values = [self._one.value(one, words) for words in _elements(one)]
            theirs = [self._other.value(other, words) for words in _elements(other)]
            sizes = (one.third, other.third) if values else (0, 0)
            return _unless(sizes[0] == sizes[1] and values == theirs, values, theirs)
        if one.kind == FUNC_PROTO:
            return self._prototypes(one, other, pending, path)
        if one.kind == ARRAY:
            pending.append((one.words[0], other.words[0], is_behind, f"{path}[]"))
            return _unless(one.words[2] == other.words[2], one.words[2], other.words[2])
        if one.kind == INT:  # whether it is a BTF_INT_CHAR says nothing
            words = one.words[0] & ~(2 << 24), other.words[0] & ~(2 << 24)
            return _unless((one.third, words[0]) == (other.third, words[1]), *words)
        if one.kind == FLOAT:
            return _unless(one.third == other.third, one.third, other.third)
        if one.kind == FWD:
            return _unless(one.flag == other.flag, one.flag, other.flag)
        if one.kind in (PTR, TYPEDEF):
            pending.append((one.third, other.third, is_behind or one.kind == PTR, f"{path}*"))
        return None

    def _own_tags(self, type_id: int) -> set[tuple[str, bool]]:
        return self._one.tags.get((type_id, 0xFFFFFFFF), set())

    def _other_tags(self, type_id: int) -> set[tuple[str, bool]]:
        return self._other.tags.get((type_id, 0xFFFFFFFF), set())

    def _members(
        self,
        first: tuple[int, Type],
        second: tuple[int, Type],
        pending: list[tuple[int, int, bool, str]],
        path: str,
    ) -> str | None:
        (own_id, one), (other_id, other) = first, second
        if (one.third, one.vlen) != (other.third, other.vlen):
            return f"{one.third} bytes, {one.vlen} members against {other.third}, {other.vlen}"
        for number, (own, theirs) in enumerate(zip(one.elements(), other.elements(), strict=True)):
            name, type_id, *place = self._one.member(one, own)
            their_name, their_id, *their_place = self._other.member(other, theirs)
            if (name, place) != (their_name, their_place):
                return f"`{name}` at {place} against `{their_name}` at {their_place}"
            tags = self._one.tags.get((own_id, number)), self._other.tags.get((other_id, number))
            if tags[0] != tags[1]:
                return f"`{name}`: {tags[0]} against {tags[1]}"
            is_narrow = bool(place[1]) and one.flag != other.flag
            if not is_narrow:
                pending.append((type_id, their_id, False, f"{path}.{name}"))
        return None

    def _prototypes(
        self, one: Type, other: Type, pending: list[tuple[int, int, bool, str]], path: str
    ) -> str | None:
        if one.vlen != other.vlen:
            return f"{one.vlen} parameters against {other.vlen}"
        pending.append((one.third, other.third, True, f"{path}()"))
        for own, theirs in zip(one.elements(), other.elements(), strict=True):
            names = self._one.string(own[0]), self._other.string(theirs[0])
            if self._names and names[0] != names[1]:
                return f"the parameter `{names[0]}` against `{names[1]}`"
            pending.append((own[1], theirs[1], True, f"{path}({names[0]})"))
        return None


def _class(type: Type) -> str | None:
    """Return what *type* is where its name is all that counts."""
    if type.kind == FWD:
        return "union" if type.flag else "struct"
    names = {STRUCT: "struct", UNION: "union", ENUM: "enum", ENUM64: "enum", TYPEDEF: "typedef"}
    return names.get(type.kind)


def _elements(type: Type) -> Iterator[tuple[int, ...]]:
    return type.elements() if type.vlen else iter(())


def _unless(equal: bool, one: object, other: object) -> str | None:
    return None if equal else f"{one} against {other}"
