"""Types of two objects, held against each other in BTF itself.

Used by :mod:`programs`. Both objects come from the same C with the same flags, so that a type is
the same if all of it is, names and tags too; ids and the order of types are what a compiler likes.
"""

from __future__ import annotations

from bpfgen.btf.kinds import (
    BTF_KIND_ARRAY,
    BTF_KIND_DECL_TAG,
    BTF_KIND_ENUM,
    BTF_KIND_ENUM64,
    BTF_KIND_FLOAT,
    BTF_KIND_FUNC,
    BTF_KIND_FUNC_PROTO,
    BTF_KIND_FWD,
    BTF_KIND_INT,
    BTF_KIND_STRUCT,
    BTF_KIND_TYPEDEF,
    BTF_KIND_UNION,
    BTF_KIND_VAR,
    BTF_KIND_VOID,
    REFERRING,
)
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.btf.decode import Btf

_COMPOSITES = (BTF_KIND_STRUCT, BTF_KIND_UNION)
_WORDS = {BTF_KIND_STRUCT: "struct", BTF_KIND_UNION: "union", BTF_KIND_ENUM: "enum"}
_LINKED = (BTF_KIND_FUNC, BTF_KIND_VAR)


class SameTypes:
    """Compares types of *one* BTF with those of *other*; what it has seen it remembers."""

    def __init__(self, one: Btf, other: Btf) -> None:
        self._one = one
        self._other = other
        self._known: set[tuple[int, int]] = set()

    def difference(self, one: int, other: int) -> str:
        """Return in what the type *one* isn't *other*, for messages; empty where they are equal."""
        seen = {(one, other)}
        pending = [(one, other)]
        while pending:
            pair = pending.pop()
            if pair in self._known:
                continue
            why = self._own_difference(*pair)
            if why:
                return why
            for following in self._following(*pair):
                if following not in seen:
                    seen.add(following)
                    pending.append(following)
        self._known |= seen
        return ""

    def _own_difference(self, one: int, other: int) -> str:
        """Return in what the records of two types differ, but for the types that they refer to."""
        btf, with_ = self._one, self._other
        kind, other_kind = btf.kind(one), with_.kind(other)
        if self._is_forward(one, other) or self._is_same_integer(one, other):
            return ""
        before, after = self._called(btf, one), self._called(with_, other)
        if kind != other_kind or btf.name(one) != with_.name(other):
            return f"{before} is {after}"
        what = ""
        if kind in _LINKED and btf.linkage(one) != with_.linkage(other):
            what = "linkage"
        elif kind == BTF_KIND_INT and btf.int_encoding(one) != with_.int_encoding(other):
            what = "encoding"
        elif kind in (*_COMPOSITES, BTF_KIND_ENUM, BTF_KIND_ENUM64, BTF_KIND_INT, BTF_KIND_FLOAT):
            what = "" if btf.size(one) == with_.size(other) else "size"
        elif kind == BTF_KIND_ARRAY and btf.array(one)[2] != with_.array(other)[2]:
            what = "length"
        elif kind == BTF_KIND_DECL_TAG:
            what = "" if btf.component_index(one) == with_.component_index(other) else "place"
        if not what and kind != BTF_KIND_VOID and _parts(btf, one) != _parts(with_, other):
            what = "parts"
        if not what and _tags(btf, one) != _tags(with_, other):
            what = "tags"
        return f"the {what} of {before}" if what else ""

    def _is_forward(self, one: int, other: int) -> bool:
        """Whether one of them is only announced, and the other is what it announces.

        clang writes a struct that it meets behind a pointer in full or not, depending on what it
        has met before.
        """
        btf, with_ = self._one, self._other
        kind, other_kind = btf.kind(one), with_.kind(other)
        if btf.name(one) != with_.name(other) or not btf.name(one):
            return False
        if kind == BTF_KIND_FWD and other_kind in _COMPOSITES:
            return btf.kind_flag(one) == (other_kind == BTF_KIND_UNION)
        if other_kind == BTF_KIND_FWD and kind in _COMPOSITES:
            return with_.kind_flag(other) == (kind == BTF_KIND_UNION)
        return False

    def _is_same_integer(self, one: int, other: int) -> bool:
        """Whether both are typedefs of one name that come to the same integer.

        A typedef that the program declares itself may have been declared by way of another.
        """
        btf, with_ = self._one, self._other
        if not btf.kind(one) == with_.kind(other) == BTF_KIND_TYPEDEF:
            return False
        ends = btf.skip_modifiers(one), with_.skip_modifiers(other)
        return (
            btf.name(one) == with_.name(other)
            and btf.kind(ends[0]) == with_.kind(ends[1]) == BTF_KIND_INT
            and not self._own_difference(*ends)
        )

    def _following(self, one: int, other: int) -> list[tuple[int, int]]:
        """Return the pairs of types that two equal records refer to."""
        if self._one.kind(one) != self._other.kind(other) or self._is_same_integer(one, other):
            return []
        return list(zip(_references(self._one, one), _references(self._other, other), strict=False))

    @staticmethod
    def _called(btf: Btf, type_id: int) -> str:
        name = btf.name(type_id)
        kind = btf.kind(type_id)
        if kind == BTF_KIND_VOID:
            return "`void`"
        word = _WORDS.get(kind, "")
        if name:
            return f"`{word} {name}`" if word else f"`{name}`"
        return f"a {word or btf.kind_name(type_id)} without a name"


def _references(btf: Btf, type_id: int) -> list[int]:
    """Return the types that a record refers to, in order."""
    kind = btf.kind(type_id)
    if kind in _COMPOSITES:
        return [member[1] for member in btf.members(type_id)]
    if kind == BTF_KIND_ARRAY:
        return list(btf.array(type_id)[:1])
    if kind == BTF_KIND_FUNC_PROTO:
        return [btf.target(type_id), *(each[1] for each in btf.parameters(type_id))]
    return [btf.target(type_id)] if kind in REFERRING else []


def _parts(btf: Btf, type_id: int) -> object:
    """Return what a record has as a list, without types."""
    kind = btf.kind(type_id)
    if kind in _COMPOSITES:
        return [(name, offset, width) for name, _type, offset, width in btf.members(type_id)]
    if kind in (BTF_KIND_ENUM, BTF_KIND_ENUM64):
        return btf.kind_flag(type_id), btf.enumerators(type_id)
    if kind == BTF_KIND_FUNC_PROTO:
        return [(name, not type_) for name, type_ in btf.parameters(type_id)]
    if kind == BTF_KIND_FWD:
        return btf.kind_flag(type_id)
    return None


def _tags(btf: Btf, type_id: int) -> list[list[str]]:
    """Return the declaration tags of a type, and of each of its members or parameters."""
    kind = btf.kind(type_id)
    count = btf.vlen(type_id) if kind in _COMPOSITES else 0
    if kind == BTF_KIND_FUNC:
        count = btf.vlen(btf.target(type_id))
    return [sorted(btf.decl_tags(type_id, index)) for index in range(-1, count)]
