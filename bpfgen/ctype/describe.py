"""Types in the words of messages: C as a person would say it, short, on one line.

This is for reading. C that compiles is the business of :mod:`bpfgen.emit.c.declarators`, which
verification must not share anything with.
"""

from __future__ import annotations

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
    from bpfgen.ctype.types import Member, Modifier, Type


def is_address_space(tag: str) -> bool:
    """Whether *tag* is the text of the attribute `address_space(1)`, of any number.

    clang leaves it out of BTF; pahole and gcc don't. It alone is C that may be written as it is.
    """
    number = tag.removeprefix("address_space(").removesuffix(")")
    return tag == f"address_space({number})" and number.isascii() and number.isdecimal()


def modifier_word(modifier: Modifier) -> str:
    """Return a qualifier or tag as a word of its own: `const`, `btf_type_tag("kptr")`."""
    if not isinstance(modifier, TypeTag):
        return type(modifier).__name__.lower()
    if modifier.attribute or is_address_space(modifier.tag):
        return modifier.tag
    return f'btf_type_tag("{modifier.tag}")'


def counted(number: int, unit: str) -> str:
    """Return `1 byte`, `2 bytes`."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def in_bytes(size: int) -> str:
    """Return *size* as `256 KiB`, `4 MiB`, `1 GiB`, or in bytes."""
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size and size % unit == 0:
            return f"{size // unit} {name}"
    return str(size)


def signedness(integer: Int) -> str:
    """Return how an integer's bits are read: `signed`, `unsigned` or `as a truth value`."""
    if integer.bool:
        return "as a truth value"
    return "signed" if integer.signed else "unsigned"


def called_member(member: Member, label: str) -> str:
    """Return a member of what *label* names: "member `x` of `struct s`"."""
    if member.name is not None:
        return f"member `{member.name}` of {label}"
    return f"the anonymous member at bit {member.bit_offset} of {label}"


def width_in_words(member: Member) -> str:
    """Return how wide a bit-field is: "3 bits wide", or "as no bit-field"."""
    if not member.bitfield_size:
        return "as no bit-field"
    return f"{counted(member.bitfield_size, 'bit')} wide"


def described(type_: Type) -> str:
    """Return *type_* on one line: `const char *`, `struct key[4]`, `int (*)(void *, …)`.

    Bodies are left out, and so are the parameters of a function that is itself a parameter.
    """
    return _described(type_, parameters=True)


def _described(type_: Type, *, parameters: bool) -> str:
    around = ""
    modifiers: list[str] = []
    base: str | None = None
    while base is None:
        match type_:
            case Const() | Volatile() | Restrict() | TypeTag():
                modifiers.append(modifier_word(type_))
                type_ = type_.underlying
            case Pointer():
                inside = " ".join((*modifiers, around)) if modifiers else around
                around = f"*{inside.rstrip()}"
                modifiers = []
                type_ = type_.pointee
                if isinstance(type_, (Array, FuncProto)):
                    around = f"({around})"
            case Array():
                around += "[]" if type_.flexible else f"[{type_.length}]"
                type_ = type_.element
            case FuncProto():
                around += f"({_parameters(type_) if parameters else '…'})"
                type_ = type_.returns
            case Int() | Float() | Typedef():
                base = type_.name or _nameless(type_)
            case Composite():
                base = f"{type_.kind} {type_.tag or '{…}'}"
            case Enum():
                base = f"enum {type_.tag or '{…}'}"
            case Named():
                base = type_.name if type_.kind == "typedef" else f"{type_.kind} {type_.name}"
            case Void():
                base = "void"
            case Unknown():
                base = "an unknown type"
            case _:
                assert_never(type_)
    words = " ".join((*modifiers, base))
    return f"{words}{around}" if not around or around[0] == "[" else f"{words} {around}"


def _nameless(type_: Int | Float | Typedef) -> str:
    """Return what a type is that damaged or foreign BTF has no name for."""
    if isinstance(type_, Typedef):
        return "typedef {…}"
    word = "float"
    if isinstance(type_, Int):
        word = "bool" if type_.bool else "int" if type_.signed else "unsigned int"
    return f"{word} of {counted(type_.size, 'byte')}"


def _parameters(function: FuncProto) -> str:
    types = [_described(parameter.type, parameters=False) for parameter in function.parameters]
    if function.variadic:
        types.append("...")
    return ", ".join(types) or "void"
