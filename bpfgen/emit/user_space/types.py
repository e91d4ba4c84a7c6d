"""Types as user space needs them: numbers, arrays, and declared types, with exact places.

Between the model and the output languages: :mod:`bpfgen.emit.user_space.view` makes these of the
model's types. Qualifiers, tags and the kernel's typedefs are gone; structs and unions without a
name have become members of what holds them, so that members may overlap outside unions too.

Units: `size` and `align` count bytes, `length` counts elements, names with `bit` count bits.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record, assert_never

if TYPE_CHECKING:
    from typing import TypeAlias

    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

INTEGER = "integer"
CHARACTER = "character"
BOOLEAN = "boolean"
FLOATING = "floating"
ADDRESS = "address"

NATIVE = "native"
BIG = "big"
LITTLE = "little"

OWN = "own"
FOREIGN = "foreign"
IMPORTED = "imported"


class Number(Record):
    """A type that is one number.

    Attributes:
        kind: `integer`; `character` for C's plain `char`, arrays of which are text; `boolean` for
            `_Bool`, whose byte should be 0 or 1 and need not be; `floating` (IEEE 754); `address`
            for a pointer, whatever it points to.
        size: 1, 2, 4, 8 or 16.
        byte_order: `native`, or `big` and `little` for `__be32`, `__le32` and the like.
    """

    kind: str
    size: int
    signed: bool
    byte_order: str = NATIVE


class Opaque(Record):
    """Bytes that are the kernel's own business: a lock, a timer, a kptr.

    Attributes:
        name: The tag of the struct, or the type tag of the pointer.
    """

    name: str
    size: int
    align: int


class Sequence(Record):
    """An array. A *flexible* one has the length 0 and goes on to the end of what was read."""

    element: UserType
    length: int
    flexible: bool = False


class UserMember(Record):
    """A named member, with its place in the struct or union that user space sees.

    Attributes:
        bit_offset: From the start of that struct; the number of a bit counts as BTF's does: in a
            little-endian object from the least significant bit of the bytes, in a big-endian one
            from the most significant.
        bit_width: Of a bit-field; None for an ordinary member.
    """

    name: str
    type: UserType
    bit_offset: int
    bit_width: int | None = None
    doc: str = ""
    span: Uncompared[Span | None] = None

    @property
    def offset(self) -> int:
        """The first byte that has something of it."""
        return self.bit_offset // 8

    @property
    def end(self) -> int:
        """The first byte after it."""
        if self.bit_width is None:
            return self.offset + size_of(self.type)
        return -(-(self.bit_offset + self.bit_width) // 8)


class Structure(Record):
    """A struct or a union.

    Attributes:
        words: What its name in another language is made of: its tag, or the typedef's name; for
            what has neither, the words of its parent and the member's name, or `element` where a
            typedef is an array of it; for a type of a C header or of the kernel, the file's stem
            first.
        c_name: How C names it (`struct flow_key`, `my_value`); empty where C can't.
        origin: `own`, `foreign` (of a C header or of the kernel, declared by each output that
            needs it), or `imported`, which is declared by another output.
        file: Of an imported one the path of its source, from this source's directory on.
        members: All that have a name, those of nameless structs and unions in it included, in the
            order of the source; empty for an imported one.
        has_floats: Whether a floating number is in it, however deep; of an imported one, too.
    """

    words: tuple[str, ...]
    c_name: str
    is_union: bool
    size: int
    align: int
    members: tuple[UserMember, ...]
    origin: str = OWN
    file: str = ""
    doc: str = ""
    span: Uncompared[Span | None] = None
    has_floats: bool = False


class UserEnumerator(Record):
    """One constant of an enum."""

    name: str
    value: int
    doc: str = ""
    span: Uncompared[Span | None] = None


class Enumeration(Record):
    """An enum; see :class:`Structure`. *words* are empty where no name can be made for it."""

    words: tuple[str, ...]
    c_name: str
    size: int
    align: int
    signed: bool
    enumerators: tuple[UserEnumerator, ...]
    origin: str = OWN
    file: str = ""
    doc: str = ""
    span: Uncompared[Span | None] = None


class Alias(Record):
    """A typedef that the file (or an imported one) declares; see :class:`Structure`.

    Attributes:
        align: That of the typedef, which may differ from that of *target*.
    """

    words: tuple[str, ...]
    c_name: str
    target: UserType
    align: int
    origin: str = OWN
    file: str = ""
    doc: str = ""
    span: Uncompared[Span | None] = None


if TYPE_CHECKING:
    Declared: TypeAlias = Structure | Enumeration | Alias
    UserType: TypeAlias = Number | Opaque | Sequence | Structure | Enumeration | Alias


def size_of(type: UserType) -> int:
    """Return the bytes of *type*; 0 for a flexible array."""
    count = 1
    while True:
        match type:
            case Number() | Opaque() | Structure() | Enumeration():
                return count * type.size
            case Sequence():
                count *= type.length
                type = type.element
            case Alias():
                type = type.target
            case _:
                assert_never(type)


def align_of(type: UserType) -> int:
    """Return the alignment of *type* in bytes on the BPF target."""
    while True:
        match type:
            case Number():
                return type.size
            case Opaque() | Structure() | Enumeration() | Alias():
                return type.align
            case Sequence():
                type = type.element
            case _:
                assert_never(type)


def resolved(type: UserType) -> UserType:
    """Return *type* without the aliases around it."""
    while isinstance(type, Alias):
        type = type.target
    return type
