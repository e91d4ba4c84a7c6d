"""Methods for members that have no field of their own: those in shared bytes, and bit-fields.

All of them copy, so that no alignment is asked of the bytes, and they are right on machines of
either byte order.
"""

from __future__ import annotations

from bpfgen.emit.go.conversions import Place, convert
from bpfgen.emit.go.methods import Method, halves
from bpfgen.emit.go.package import BINARY, MATH, UNSAFE
from bpfgen.emit.go.spelling import integer, number
from bpfgen.emit.user_space.storage import bit_shifts
from bpfgen.emit.user_space.types import (
    BOOLEAN,
    CHARACTER,
    FLOATING,
    INTEGER,
    Alias,
    Enumeration,
    Number,
    Opaque,
    Sequence,
    Structure,
    resolved,
    size_of,
)
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from bpfgen.emit.go.methods import Methods
    from bpfgen.emit.user_space.storage import Storage
    from bpfgen.emit.user_space.types import UserMember, UserType

WORD_BITS = 64


def access_shared(
    methods: Methods, member: UserMember, name: str, field: str, piece: Storage
) -> None:
    """Write the methods of *member*, called *name*, whose bytes are in *field*, all of *piece*."""
    start, end = member.offset - piece.offset, member.end - piece.offset
    bytes = f"v.{field}[{start or ''}:{end if end != piece.size else ''}]"
    if member.bit_width is None:
        setter = _access_bytes(methods, member, name, f"v.{field}[{start}]", bytes)
        convert(methods, member, Place(name, setter))
    elif member.bit_width > WORD_BITS:
        _access_wide_bits(methods, member, member.bit_width, name, bytes)
    else:
        _access_bits(methods, member, member.bit_width, name, bytes)


def _access_bytes(methods: Methods, member: UserMember, name: str, byte: str, bytes: str) -> str:
    """Write the methods of an ordinary *member*: *byte* is its first, *bytes* all of them.

    Returns the name of the one that writes.
    """
    type = methods.package.spell.type(member.type)
    results, read, write = _copies(methods, member.type, byte, bytes)
    methods.write(Method(name, f"returns {member.name}", "", results, read, member.doc))
    setter = methods.scope.free(f"Set{name}")
    methods.write(Method(setter, f"sets {member.name}", f"value {type}", "", (write,)))
    return setter


def _copies(
    methods: Methods, member_type: UserType, byte: str, bytes: str
) -> tuple[str, tuple[str, ...], str]:
    """Return the result and the body of what reads, and the body of what writes."""
    type = methods.package.spell.type(member_type)
    bare = resolved(member_type)
    if isinstance(bare, Enumeration):
        bare = Number(INTEGER, bare.size, bare.signed)
    if isinstance(bare, Number) and not number(bare).startswith("["):
        return (type, *_copies_of_number(methods, bare, type, byte, bytes))
    if _is_bytes(bare):
        return type, (f"return {type}({bytes})",), f"copy({bytes}, value[:])"
    methods.package.use(UNSAFE)
    whole = "unsafe.Slice((*byte)(unsafe.Pointer(&value)), unsafe.Sizeof(value))"
    read = (f"copy({whole}, {bytes})", "return value")
    return f"(value {type})", read, f"copy({bytes}, {whole})"


def _copies_of_number(
    methods: Methods, bare: Number, type: str, byte: str, bytes: str
) -> tuple[tuple[str, ...], str]:
    """Return the bodies of what reads and writes *bare*, which Go has a number for."""
    bits = 8 * bare.size
    value, read = "value", byte
    if bare.size > 1:
        methods.package.use(BINARY)
        read = f"binary.NativeEndian.Uint{bits}({bytes})"
    if bare.kind == FLOATING:
        methods.package.use(MATH)
        value, read = f"math.Float{bits}bits(value)", f"math.Float{bits}frombits({read})"
    elif type != integer(bare.size, signed=False):
        value, read = f"uint{bits}(value)", f"{type}({read})"
    write = f"binary.NativeEndian.PutUint{bits}({bytes}, {value})"
    return (f"return {read}",), write if bare.size > 1 else f"{byte} = {value}"


def _access_bits(methods: Methods, member: UserMember, width: int, name: str, bytes: str) -> None:
    little, big = bit_shifts(member)
    bare = resolved(member.type)
    type = methods.package.spell.type(member.type)
    signed = isinstance(bare, (Number, Enumeration)) and bare.signed
    if isinstance(bare, Number):
        # A byte order is no matter of a bit-field: C reads it as the number it is.
        type = integer(min(bare.size, 8), signed=signed)
    read = f"{methods.package.bits}({bytes}, {little}, {big}, {width})"
    value = "uint64(value)" if type != "uint64" else "value"
    body: tuple[str, ...] = ()
    about = f"sets {member.name}, of which {width} bits are kept"
    if isinstance(bare, Number) and bare.kind == BOOLEAN:
        type, read, value = "bool", f"{read} != 0", "bits"
        body = ("var bits uint64", "if value {", "\tbits = 1", "}")
        about = f"sets {member.name}"
    elif signed:
        read = _signed(read, width)
        read = f"{type}({read})" if type != "int64" else read
    elif type != "uint64":
        read = f"{type}({read})"
    methods.write(Method(name, f"returns {member.name}", "", type, (f"return {read}",), member.doc))
    setter = methods.scope.free(f"Set{name}")
    write = f"{methods.package.set_bits}({bytes}, {little}, {big}, {width}, {value})"
    methods.write(Method(setter, about, f"value {type}", "", (*body, write)))


def _access_wide_bits(
    methods: Methods, member: UserMember, width: int, name: str, bytes: str
) -> None:
    """Write the methods of a bit-field of more than 64 bits, a member of type `__int128`."""
    little, big = bit_shifts(member)
    bare = resolved(member.type)
    signed = isinstance(bare, Number) and bare.signed
    lower = f"{bytes}, {little}, {big}, {WORD_BITS}"
    upper = f"{bytes}, {little + WORD_BITS}, {big + WORD_BITS}, {width - WORD_BITS}"
    read, write = methods.package.bits, methods.package.set_bits
    high = _signed(f"{read}({upper})", width - WORD_BITS) if signed else f"{read}({upper})"
    type = integer(8, signed=signed)
    methods.write(
        Method(
            name,
            f"returns the upper and the lower 64 bits of {member.name}",
            "",
            f"({halves(type)})",
            (f"return {high}, {read}({lower})",),
            member.doc,
        )
    )
    setter = methods.scope.free(f"Set{name}")
    value = "uint64(hi)" if signed else "hi"
    methods.write(
        Method(
            setter,
            f"sets {member.name}, of which {width} bits are kept",
            halves(type),
            "",
            (f"{write}({lower}, lo)", f"{write}({upper}, {value})"),
        )
    )


def _signed(bits: str, width: int) -> str:
    """Return *bits*, a uint64 with *width* bits, as an int64 of the same sign."""
    unused = WORD_BITS - width
    return f"int64({bits}<<{unused}) >> {unused}" if unused else f"int64({bits})"


def access_flexible(methods: Methods, member: UserMember, name: str) -> None:
    """Write the method that returns the elements of *member*, an array without a length."""
    sequence = resolved(member.type)
    assert isinstance(sequence, Sequence), sequence
    size = size_of(sequence.element)
    if size == 0:
        return
    type = methods.package.spell.type(sequence).removeprefix("[0]")
    start = member.offset
    rest = f"record[{start}:]" if start else "record"
    body: tuple[str, ...]
    if type in {"byte", "uint8"}:
        body = (f"return append([]{type}(nil), {rest}...)",)
    else:
        methods.package.use(UNSAFE)
        count = f"len(record)-{start}" if start else "len(record)"
        taken = "len(elements)"
        if size > 1:
            count = f"({count})/{size}" if start else f"{count}/{size}"
            taken = f"{size}*{taken}"
        body = (
            f"elements := make([]{type}, {count})",
            "data := (*byte)(unsafe.Pointer(unsafe.SliceData(elements)))",
            f"copy(unsafe.Slice(data, {taken}), {rest})",
            "return elements",
        )
    if start:
        body = (f"if len(record) < {start} {{", "\treturn nil", "}", *body)
    about = f"returns the elements of {member.name} in record, which begins with the bytes of v"
    methods.write(
        Method(name, about, "record []byte", f"[]{type}", body, member.doc, needs_receiver=False)
    )


def _is_bytes(type: UserType) -> bool:
    """Return whether *type* is spelled as one array of bytes."""
    match type:
        case Number():
            return number(type).startswith("[")
        case Opaque():
            return True
        case Sequence():
            element = resolved(type.element)
            return (
                isinstance(element, Number)
                and element.size == 1
                and (element.kind == CHARACTER or not element.signed)
            )
        case Structure() | Enumeration() | Alias():
            return False
        case _:
            assert_never(type)
