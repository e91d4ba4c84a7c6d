"""Whether two types are one for libbpf's linker.

It wants the types of an `extern` and of its definition to be the same but for what it skips:
typedefs, qualifiers and type tags; names and signs of integers, what is in an enum, lengths of
arrays; below a pointer, all of a struct but its name. So it can't be asked what a change means,
only whether two objects still go together.

Below :mod:`bpfgen.changes.linked_differences`, which says where two types differ.

Source: glob_sym_btf_matches in tools/lib/bpf/linker.c.
"""

from __future__ import annotations

from bpfgen.ctype.identity import name_of
from bpfgen.ctype.types import (
    MODIFIERS,
    VOID,
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
from bpfgen.kernel.special_fields import OPAQUE_STRUCTS
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from bpfgen.ctype.types import Member, Type

    Name: TypeAlias = tuple[str, str]
    Compared: TypeAlias = tuple[Type, Type, bool]

_WIDTH_BIT = 24
"""Where the width of a bit-field begins in what BTF says of a member's place."""


def visible_members(composite: Composite) -> list[Member]:
    """Return the members that BTF has: a bit-field without a name is none."""
    return [m for m in composite.members if m.name is not None or not m.is_bitfield]


def btf_place(member: Member) -> int:
    """Return the number by which BTF says where *member* is, and how wide a bit-field."""
    return member.bit_offset | member.bitfield_size << _WIDTH_BIT


class LinkedTypes:
    """Compares types of two models as the linker would those of their objects."""

    __slots__ = ("_agreed", "_new", "_old", "_renamed")

    def __init__(
        self, old: Mapping[Name, Type], new: Mapping[Name, Type], renamed: Mapping[Name, Name]
    ) -> None:
        """Prepare a comparison.

        Args:
            old: The types of OLD by (kind, name), for what is only named.
            new: Those of NEW.
            renamed: Which type of OLD is which of NEW under another name.
        """
        self._old, self._new, self._renamed = old, new, renamed
        # Structs that agree, by identity, since to compare two of them is a walk of its own; the
        # models keep them alive.
        self._agreed: set[tuple[int, int]] = set()

    def bare_old(self, type: Type) -> tuple[Type, str]:
        """Return the type of OLD that *type* is to the linker, and the typedef that names it."""
        return _bare(type, self._old)

    def bare_new(self, type: Type) -> tuple[Type, str]:
        """Return the type of NEW that *type* is to the linker, and the typedef that names it."""
        return _bare(type, self._new)

    def are_renamed(self, old: Name, new: Name) -> bool:
        """Return whether the type *old* is called *new* now."""
        return self._renamed.get(old) == new

    def agree(self, old: Type, new: Type) -> bool:
        """Return whether the linker takes the two for the same."""
        return self._agree([(old, new, True)], None)

    def members_agree(self, old: Composite, new: Composite) -> bool:
        """Return whether the members do, whatever the two are called."""
        pending: list[Compared] = []
        return _placed_alike(old, new, pending) and self._agree(pending, None)

    def renames(self, old: Type, new: Type) -> list[tuple[Name, Name]]:
        """Return the types that have another name now, where nothing else keeps the two apart."""
        found: list[tuple[Name, Name]] = []
        return list(dict.fromkeys(found)) if self._agree([(old, new, True)], found) else []

    def _agree(self, pending: list[Compared], renamed: list[tuple[Name, Name]] | None) -> bool:
        """Return whether all pairs do; of each also whether the members of structs count.

        Into *renamed* go the names that differ where a type has another one now, which is no
        difference then. None: it is one.
        """
        seen: set[tuple[int, int]] = set()
        while pending:
            old, new, exact = pending.pop()
            (old, _), (new, _) = _bare(old, self._old), _bare(new, self._new)
            if isinstance(new, Unknown) or _is_unknown(old) or _is_unknown(new):
                continue
            match old:
                case Void():
                    agree = isinstance(new, Void)
                case Int():
                    agree = isinstance(new, Int) and new.size == old.size
                case Float():
                    agree = isinstance(new, Float) and new.size == old.size
                case Pointer():
                    agree = isinstance(new, Pointer)
                    if isinstance(new, Pointer):
                        pending.append((old.pointee, new.pointee, False))
                case Array():
                    agree = isinstance(new, Array)
                    if isinstance(new, Array):
                        pending.append((old.element, new.element, exact))
                case FuncProto():
                    agree = isinstance(new, FuncProto) and _called_alike(old, new, exact, pending)
                case Enum() | Composite() | Named():
                    agree = self._tags_agree(old, new, renamed)
                    if exact and isinstance(old, Composite) and isinstance(new, Composite):
                        pair = id(old), id(new)
                        if agree and pair not in self._agreed and pair not in seen:
                            seen.add(pair)
                            agree = old.tag in OPAQUE_STRUCTS or _placed_alike(old, new, pending)
                case Typedef() | Const() | Volatile() | Restrict() | TypeTag() | Unknown():
                    raise AssertionError(old)  # it was taken off
                case _:
                    assert_never(old)
            if not agree:
                return False
        if not renamed:
            self._agreed |= seen
        return True

    def _tags_agree(
        self, old: Enum | Composite | Named, new: Type, renamed: list[tuple[Name, Name]] | None
    ) -> bool:
        own, other = name_of(old), name_of(new)
        if own is None or other is None or own[0] != other[0]:
            return False
        if isinstance(old, Enum) and isinstance(new, Enum) and old.size != new.size:
            return False
        if own == other:
            return True
        if renamed is None or not self.are_renamed(own, other):
            return False
        renamed.append((own, other))
        return True


def _bare(type: Type, types: Mapping[Name, Type]) -> tuple[Type, str]:
    """Return *type* without what the linker skips, and the last typedef that was skipped.

    What is only named is what *types* has, where that counts: a typedef stands for something else,
    and of an enum the size is compared.
    """
    name = ""
    while True:
        if isinstance(type, Typedef):
            name = type.name
            type = type.underlying
        elif isinstance(type, MODIFIERS):
            type = type.underlying
        elif isinstance(type, Named) and type.kind in ("typedef", "enum"):
            whole = types.get((type.kind, type.name))
            if whole is None or isinstance(whole, Named):
                return type, name
            type = whole
        else:
            return type, name


def _is_unknown(type: Type) -> bool:
    """Return whether nothing is known of *type*: it was reported, or a typedef of nobody's."""
    return isinstance(type, Unknown) or (isinstance(type, Named) and type.kind == "typedef")


def _placed_alike(old: Composite, new: Composite, pending: list[Compared]) -> bool:
    """Return whether the members have the same names and places; their types go to *pending*."""
    own, other = visible_members(old), visible_members(new)
    if [(m.name, btf_place(m)) for m in own] != [(m.name, btf_place(m)) for m in other]:
        return False
    pending += [(one.type, that.type, True) for one, that in zip(own, other, strict=True)][::-1]
    return True


def _called_alike(old: FuncProto, new: FuncProto, exact: bool, pending: list[Compared]) -> bool:
    """Return whether there are as many parameters; the types of a call go to *pending*."""
    own, other = ([one.type for one in proto.parameters] for proto in (old, new))
    own += [VOID] * old.variadic  # BTF has a nameless parameter of type void for `...`
    other += [VOID] * new.variadic
    if len(own) != len(other):
        return False
    own.append(old.returns)
    other.append(new.returns)
    pending += [(one, that, exact) for one, that in zip(own, other, strict=True)][::-1]
    return True
