"""Types of C as far as programs depend on them: by what they are, whatever they are called.

Used where two versions of a header are compared. Through a pointer, as an accessor takes one, a
program compiles for one type alone; if it reads and writes a member, for any number (6.3.1.4 of
C11).
"""

from __future__ import annotations

import re

from bpfgen.ctype.identity import canonical
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
    Typedef,
    Unknown,
    Void,
)
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Container

    from bpfgen.ctype.types import Type
    from bpfgen.emit.c.type_bodies import Known

_ANYTHING = "void *"
"""A pointer that C takes for a pointer to any object, and the other way (6.3.2.3)."""

_ENUMS = {
    False: {1: "unsigned char", 2: "unsigned short", 4: "unsigned int", 8: "unsigned long"},
    True: {1: "signed char", 2: "short", 4: "int", 8: "long"},
}
"""Integers by sign and size."""

_NUMBERS = frozenset(
    (
        *_ENUMS[False].values(),
        *_ENUMS[True].values(),
        *("char", "_Bool", "__int128", "unsigned __int128", "float", "double", "long double"),
    )
)


class Signatures:
    """Spells the types of one model."""

    def __init__(self, known: Known, own: Container[str]) -> None:
        """Spell none yet.

        Args:
            known: The types of the model, by kind and name.
            own: The typedefs that are identifiers of the header, and stay what they are called.
        """
        self._known = known
        self._own = own

    def member(self, type: Type, words: tuple[str, ...]) -> str:
        """Return how the type of a member is spelled, which *words* name, qualifiers too."""
        bare = type
        while isinstance(bare, (Array, Typedef, *MODIFIERS)) and not isinstance(bare, Const):
            bare = bare.element if isinstance(bare, Array) else bare.underlying
        constant = "const " if isinstance(bare, Const) else ""
        return f"{constant}{self.spelled(type, words)}"

    def spelled(self, type: Type, words: tuple[str, ...] = ()) -> str:
        """Return what is one text for those types to which pointers are of one type.

        *words* name a struct, union or enum without a name.
        """
        suffix = ""
        while True:
            match type:
                case Typedef() if type.name in self._own:
                    return f"{type.name}{suffix}"
                case Named() if type.kind == "typedef":
                    named = self._known.get(("typedef", type.name))
                    if type.name in self._own or not isinstance(named, Typedef):
                        return f"{type.name}{suffix}"
                    type = named
                case Named():
                    return f"{type.kind} {type.name}{suffix}"
                case Composite():
                    # What has no name can't be written, struct or union.
                    name = ".".join(words) if type.tag is None else f"{type.kind} {type.tag}"
                    return f"{name}{suffix}"
                case Enum():
                    name = integer_of(type) if type.tag is None else f"enum {type.tag}"
                    return f"{name}{suffix}"
                case Int():
                    # Headers don't agree on which of the two a 64-bit type is: neither counts.
                    return f"{canonical(type.name).replace('long long', 'long')}{suffix}"
                case Float():
                    return f"{type.name}{suffix}"
                case Pointer():
                    suffix = f" *{suffix}"
                    type = type.pointee
                case Array():
                    suffix = f"[{'' if type.flexible else type.length}]{suffix}"
                    type = type.element
                case FuncProto():
                    return f"{self.function(type)}{suffix}"
                case Void():
                    return f"void{suffix}"
                case Unknown():
                    return f"unknown{suffix}"
                case Typedef() | Const():
                    type = type.underlying
                case _ if isinstance(type, MODIFIERS):
                    type = type.underlying
                case _:
                    assert_never(type)

    def function(self, type: FuncProto) -> str:
        """Return how *type* is spelled."""
        parameters = [self.spelled(one.type) for one in type.parameters]
        parameters += ["..."] * type.variadic
        return f"{self.spelled(type.returns)} ({', '.join(parameters)})"


def integer_of(enum: Enum) -> str:
    """Return the integer that *enum* is one type with (6.7.2.2)."""
    return _ENUMS[enum.signed].get(enum.size, "int")


def is_assignable(old: str, new: str) -> bool:
    """Return whether code that reads and writes a member of the type *old* compiles for *new*."""
    if old in {new, f"const {new}"}:
        return True
    if new.startswith("const ") and not old.startswith("const "):
        return False
    return _kept(_value(old), _value(new))


def is_compatible(old: str, new: str) -> bool:
    """Return whether code with pointers to the type *old* compiles for *new*."""
    return _kept(old, new)


def _value(text: str) -> str:
    """Return *text* with one word for every number, and without the lengths of arrays."""
    text = _LENGTH.sub("[]", text.removeprefix("const "))
    base = text.rstrip("[]")
    return f"number{text[len(base) :]}" if base in _NUMBERS else text


_LENGTH = re.compile(r"\[\d+\]")


def _kept(old: str, new: str) -> bool:
    if old == new:
        return True
    return _ANYTHING in {old, new} and old.endswith("*") and new.endswith("*")
