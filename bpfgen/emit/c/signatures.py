"""Types of C as far as programs depend on them: by what they are, whatever they are called.

Used where two versions of a header are compared. A program that reads and writes a member compiles
for any number (6.3.1.4 of C11); through a pointer, as an accessor takes one, for one type alone.
"""

from __future__ import annotations

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
    from bpfgen.ctype.types import Type
    from bpfgen.emit.c.type_bodies import Known

NUMBER = "number"
"""What stands for every type that C converts into every other of them without a word."""

ANYTHING = "void *"
"""A pointer that C takes for a pointer to any object, and the other way (6.3.2.3)."""


def pointed_to(type: Type, known: Known, words: tuple[str, ...] = ()) -> str:
    """Return what is one text for those types to which pointers are of one type.

    Args:
        type: Any.
        known: The types of the model, by kind and name.
        words: What names a struct, union or enum without a name.
    """
    suffix = ""
    while True:
        match type:
            case Typedef():
                type = type.underlying
            case Named() if type.kind == "typedef":
                named = known.get(("typedef", type.name))
                if not isinstance(named, Typedef):
                    return f"{type.name}{suffix}"
                type = named.underlying
            case Named():
                return f"{type.kind} {type.name}{suffix}"
            case Composite():
                return f"{type.kind} {type.tag or '.'.join(words)}{suffix}"
            case Enum():
                # An enum is one type with the integer that it is made of (6.7.2.2).
                return f"{_ENUMS[type.signed].get(type.size, 'enum')}{suffix}"
            case Int():
                # Headers don't agree on which of the two a 64-bit type is, so neither counts.
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
                parameters = ", ".join(pointed_to(one.type, known) for one in type.parameters)
                dots = ", ..." if type.variadic else ""
                return f"{pointed_to(type.returns, known)} ({parameters}{dots}){suffix}"
            case Void():
                return f"void{suffix}"
            case Unknown():
                return f"unknown{suffix}"
            case _ if isinstance(type, MODIFIERS):
                type = type.underlying
            case _:
                assert_never(type)


_ENUMS = {
    False: {1: "unsigned char", 2: "unsigned short", 4: "unsigned int", 8: "unsigned long"},
    True: {1: "signed char", 2: "short", 4: "int", 8: "long"},
}


def held(type: Type, known: Known, words: tuple[str, ...] = ()) -> str:
    """Return what is one text for those types of a member that the same code reads and writes."""
    dimensions = ""
    constant = ""
    while True:
        if isinstance(type, Const):
            constant = "const "
        if isinstance(type, (Typedef, *MODIFIERS)):
            type = type.underlying
        elif isinstance(type, Array):
            dimensions += "[]"
            type = type.element
        else:
            break
    if isinstance(type, (Int, Float, Enum)):
        return f"{constant}{NUMBER}{dimensions}"
    return f"{constant}{pointed_to(type, known, words)}{dimensions}"


def does_agree(old: str, new: str) -> bool:
    """Return whether code for the type *old* compiles for *new*, each as one of the above."""
    if old in {new, f"const {new}"}:
        return True
    old = old.removeprefix("const ")
    return ANYTHING in {old, new} and old.endswith("*") and new.endswith("*")
