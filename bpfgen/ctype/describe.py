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
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.ctype.types import Member, Type


def is_address_space(tag: str) -> bool:
    """Whether *tag* is the text of the attribute `address_space(1)`, of any number.

    clang leaves it out of BTF; pahole and gcc don't. It alone is C that may be written as it is.
    """
    number = tag.removeprefix("address_space(").removesuffix(")")
    return tag == f"address_space({number})" and number.isascii() and number.isdecimal()


def counted(number: int, unit: str) -> str:
    """Return `1 byte`, `2 bytes`."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


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
    qualifiers: list[str] = []
    while True:
        if isinstance(type_, (Const, Volatile, Restrict)):
            qualifiers.append(type(type_).__name__.lower())
            type_ = type_.target
        elif isinstance(type_, TypeTag):
            is_tag = not type_.attribute and not is_address_space(type_.tag)
            qualifiers.append(f'btf_type_tag("{type_.tag}")' if is_tag else type_.tag)
            type_ = type_.target
        elif isinstance(type_, Pointer):
            inside = " ".join((*qualifiers, around)) if qualifiers else around
            around = f"*{inside.rstrip()}"
            qualifiers = []
            type_ = type_.target
            if isinstance(type_, (Array, FuncProto)):
                around = f"({around})"
        elif isinstance(type_, Array):
            around += "[]" if type_.flexible else f"[{type_.length}]"
            type_ = type_.element
        elif isinstance(type_, FuncProto):
            around += f"({_parameters(type_) if parameters else '…'})"
            type_ = type_.returns
        else:
            break
    words = " ".join((*qualifiers, _base(type_)))
    return f"{words}{around}" if not around or around[0] == "[" else f"{words} {around}"


def _parameters(function: FuncProto) -> str:
    said = [_described(parameter.type, parameters=False) for parameter in function.parameters]
    if function.variadic:
        said.append("...")
    return ", ".join(said) or "void"


def _base(type_: Type) -> str:
    if isinstance(type_, (Int, Float, Typedef)):
        return type_.name
    if isinstance(type_, Composite):
        return f"{type_.kind} {type_.tag}" if type_.tag else f"{type_.kind} {{…}}"
    if isinstance(type_, Enum):
        return f"enum {type_.tag}" if type_.tag else "enum {…}"
    if isinstance(type_, Named):
        return type_.name if type_.kind == "typedef" else f"{type_.kind} {type_.name}"
    if isinstance(type_, (Void, Unknown)):
        return "void" if isinstance(type_, Void) else "an unknown type"
    raise AssertionError(type_)
