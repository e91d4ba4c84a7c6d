"""The one vocabulary of C types: the model is made of it, the BTF decoder gives it back.

Types are trees. A struct, union, enum or typedef that is held by value is the definition itself;
behind a pointer (and inside a function prototype) it is a :class:`Named`, a name and no more, so a
struct that points to itself is a finite value. Two types are compared by
:mod:`bpfgen.ctype.compare`, which knows what BTF can tell apart and what it can't.

Whoever adds a kind of type here teaches it to every function that ends in `assert_never`; mypy
lists them.

Units: `size` and `align` count bytes, `length` counts elements, names with `bit` count bits.
Spelling a type as C is :mod:`bpfgen.emit.c.declarators`'s business; computing sizes is
:mod:`bpfgen.ctype.layout`'s.

Source: Documentation/bpf/btf.rst; include/uapi/linux/btf.h.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

POINTER_SIZE = 8
"""Bytes of a pointer and of `long` on the BPF target, whatever machine compiles."""


class Void(Record):
    """`void`: no size; BTF's type id 0."""


class Int(Record):
    """An integer type (BTF_KIND_INT).

    Attributes:
        name: As clang spells it: `int`, `unsigned long long`, `_Bool`, `unsigned __int128`.
        size: In bytes.
        signed: BTF_INT_SIGNED. Clang marks plain `char` as signed.
        bool: BTF_INT_BOOL.
    """

    name: str
    size: int
    signed: bool
    bool: bool = False


class Float(Record):
    """A floating type (BTF_KIND_FLOAT): `float`, `double`, `long double`; *size* in bytes."""

    name: str
    size: int


class Enumerator(Record):
    """One constant of an enum; not a type. *expression* is how the source wrote the value."""

    name: str
    value: int
    expression: Expression | None = None
    doc: str = ""
    span: Uncompared[Span | None] = None


class Enum(Record):
    """An enum (BTF_KIND_ENUM, or ENUM64 where *size* is 8 and a value needs it).

    Attributes:
        tag: None for an anonymous enum.
        size: In bytes: 4, or that of the base type, or 8 where a value needs it.
        signed: Whether the enumerators are read as signed.
        base: The type written after the colon (C23), or None.
    """

    tag: str | None
    size: int
    signed: bool
    enumerators: tuple[Enumerator, ...]
    base: Type | None = None
    attributes: Attributes | None = None
    span: Uncompared[Span | None] = None


class Pointer(Record):
    """A pointer; tagged types below it are :class:`Named`."""

    pointee: Type


class Array(Record):
    """An array of *length* elements.

    Attributes:
        flexible: Written `[]`; BTF says 0 elements for it, as for `[0]`.
        expression: How the source wrote the length; None where there is no source.
    """

    element: Type
    length: int
    flexible: bool = False
    expression: Expression | None = None


class Member(Record):
    """A member of a struct or union; not a type.

    Attributes:
        name: None for an anonymous struct or union, or a padding bit-field.
        bit_offset: From the start of the composite that holds it.
        bitfield_size: Width in bits; 0 for an ordinary member (as in BTF) *and* for `:0`, whose
            `is_bitfield` is true.
        is_bitfield: Whether a width was written.
        width: How the source wrote the width.
        defines: The body of the member's struct, union or enum is written here, tag and all.
    """

    name: str | None
    type: Type
    bit_offset: int
    bitfield_size: int = 0
    is_bitfield: bool = False
    width: Expression | None = None
    attributes: Attributes | None = None
    defines: bool = False
    doc: str = ""
    span: Uncompared[Span | None] = None


class Composite(Record):
    """A struct or a union (BTF_KIND_STRUCT, BTF_KIND_UNION), laid out.

    Attributes:
        kind: `struct` or `union`.
        tag: None for an anonymous one.
        size: In bytes, tail padding included.
        align: In bytes; BTF doesn't hold it, so the decoder says 0: unknown.
    """

    kind: str
    tag: str | None
    members: tuple[Member, ...]
    size: int
    align: int = 0
    attributes: Attributes | None = None
    doc: str = ""
    span: Uncompared[Span | None] = None


class Typedef(Record):
    """A typedef. *align* is nonzero where an `aligned` attribute changes that of *underlying*."""

    name: str
    underlying: Type
    align: int = 0


class Const(Record):
    """A `const` type."""

    underlying: Type


class Volatile(Record):
    """A `volatile` type."""

    underlying: Type


class Restrict(Record):
    """A `restrict` pointer."""

    underlying: Type


class TypeTag(Record):
    """A type below `__attribute__((btf_type_tag("tag")))`; `__kptr` is the tag `kptr`.

    BTF puts the tag between a pointer and its pointee. *macro* is the spelling of libbpf's headers
    that the source used (`__kptr`), or empty. *attribute* says that *tag* is the text of any other
    attribute, `address_space(1)` (BTF's kind_flag since Linux 6.15); only the decoder sets it.
    """

    underlying: Type
    tag: str
    macro: str = ""
    attribute: bool = False


class Parameter(Record):
    """A parameter of a function type; not a type. *name* may be None."""

    name: str | None
    type: Type


class FuncProto(Record):
    """A function type."""

    returns: Type
    parameters: tuple[Parameter, ...]
    variadic: bool = False


class Named(Record):
    """A struct, union, enum or typedef that is only named.

    Attributes:
        kind: `struct`, `union`, `enum` or `typedef`.
        name: The tag or the typedef's name.
        forward: BTF holds a forward declaration (BTF_KIND_FWD) and no definition.
        type_id: Where the decoder met it; None in the model.
    """

    kind: str
    name: str
    forward: bool = False
    type_id: int | None = None


class Unknown(Record):
    """What stands in for a type that was reported as wrong; whatever meets it is silent."""


class Attributes(Record):
    """The `__attribute__`s of one declaration.

    Attributes:
        packed: `__packed`, `__attribute__((packed))`.
        aligned: The arguments of `aligned(n)` and `_Alignas(n)`; None for `aligned` without one.
        decl_tags: The strings of `btf_decl_tag`, `contains:type:member` among them.
        preserve_access_index: As in vmlinux.h.
        others: The text of any other attribute, where BTF tells (a DECL_TAG with kind_flag, Linux
            6.15); only the decoder sets it.
        mode: Of an enum, `byte` in `mode(byte)`: its size, see :mod:`bpfgen.ctype.modes`; or empty.
    """

    packed: bool = False
    aligned: tuple[Expression | None, ...] = ()
    decl_tags: tuple[str, ...] = ()
    preserve_access_index: bool = False
    others: tuple[str, ...] = ()
    mode: str = ""


class Constant(Record):
    """A named integer constant.

    Attributes:
        value: The number, in the range of *type*.
        origin: `declared` (a `const` or an enumerator of this file), `imported`, `prelude` or
            `included` (a C header defines it).
        expression: How it was written; None for `included` and for an enumerator without `=`.
        is_macro: C has it as a macro (`const`), not as an enumerator.
        since: The (major, minor) of the kernel whose headers brought it; None for the user's own.
    """

    name: str
    value: int
    type: Int
    origin: str
    expression: Expression | None = None
    is_macro: bool = False
    since: tuple[int, int] | None = None
    doc: str = ""
    span: Uncompared[Span | None] = None


class TypeOperand(Record):
    """A type in an expression: `sizeof(T)`, or a cast `(T)`; *operator* is `sizeof` or empty."""

    operator: str
    type: Type


class Expression(Record):
    """An integer constant expression with what it comes to.

    Attributes:
        parts: The tokens in order, parentheses included: C text, or a named constant, or a type.
        value: The number, in the range of *type*.
        type: The C type of the result on the BPF target.
    """

    parts: tuple[str | Constant | TypeOperand, ...]
    value: int
    type: Int
    span: Uncompared[Span | None] = None


if TYPE_CHECKING:
    Type: TypeAlias = (
        Void
        | Int
        | Float
        | Enum
        | Pointer
        | Array
        | Composite
        | Typedef
        | Const
        | Volatile
        | Restrict
        | TypeTag
        | FuncProto
        | Named
        | Unknown
    )
    Modifier: TypeAlias = Const | Volatile | Restrict | TypeTag
    Order: TypeAlias = Literal["little", "big"]

MODIFIERS = (Const, Volatile, Restrict, TypeTag)
"""Qualifiers and tags, for `isinstance`; `Modifier` for type checkers (libbpf: btf_is_mod)."""

WRAPPERS = (Typedef, *MODIFIERS)
"""What has an underlying type, likewise."""

_ORDERS: tuple[Order, ...] = ("little", "big")

BYTE_ORDERS: dict[str, Order] = {
    f"__{order[0]}e{bits}": order for order in _ORDERS for bits in (16, 32, 64)
}
"""Typedefs that say the order of their bytes, whatever the machine's (uapi/linux/types.h)."""


def _int(name: str, size: int, *, signed: bool) -> Int:
    return Int(name, size, signed)


VOID = Void()
CHAR = _int("char", 1, signed=True)
SCHAR = _int("signed char", 1, signed=True)
UCHAR = _int("unsigned char", 1, signed=False)
SHORT = _int("short", 2, signed=True)
USHORT = _int("unsigned short", 2, signed=False)
INT = _int("int", 4, signed=True)
UINT = _int("unsigned int", 4, signed=False)
LONG = _int("long", 8, signed=True)
ULONG = _int("unsigned long", 8, signed=False)
LLONG = _int("long long", 8, signed=True)
ULLONG = _int("unsigned long long", 8, signed=False)
INT128 = _int("__int128", 16, signed=True)
UINT128 = _int("unsigned __int128", 16, signed=False)
BOOL = Int("_Bool", 1, signed=False, bool=True)
INTEGERS = (
    *(CHAR, SCHAR, UCHAR, SHORT, USHORT, INT, UINT, LONG, ULONG, LLONG, ULLONG, INT128, UINT128),
    BOOL,
)
"""All integer types of C on the BPF target, by their names in clang's order."""

FLOAT = Float("float", 4)
DOUBLE = Float("double", 8)
LONG_DOUBLE = Float("long double", 8)


def without_const(type: Type) -> Type:
    """Return *type* without a const of its own; that of an array is its elements'."""
    return type.underlying if isinstance(type, Const) else type


def unqualified(type: Type) -> Type:
    """Return *type* without the qualifiers and type tags around it; a typedef stays."""
    while isinstance(type, MODIFIERS):
        type = type.underlying
    return type


def underlying(type: Type) -> Type:
    """Return *type* without the typedefs, qualifiers and type tags around it."""
    while not isinstance(type, Int) and isinstance(type, WRAPPERS):  # most are typedefs of an Int
        type = type.underlying
    return type


def order_of(type: Type) -> Order | None:
    """Return the byte order that the outermost name of *type* with one says; None if none does."""
    while isinstance(type, WRAPPERS):
        if isinstance(type, Typedef) and type.name in BYTE_ORDERS:
            return BYTE_ORDERS[type.name]
        type = type.underlying
    return None
