"""Methods that convert a member: bytes that are a text, a number of another byte order, 128 bits.

So do they for an element of an array of such. The field itself stays what the kernel sees.
"""

from __future__ import annotations

from bpfgen.emit.go.methods import Method, halves
from bpfgen.emit.go.package import BINARY, BYTES
from bpfgen.emit.go.spelling import integer
from bpfgen.emit.user_space.types import (
    BIG,
    BOOLEAN,
    CHARACTER,
    INTEGER,
    NATIVE,
    Number,
    Sequence,
    resolved,
)
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.emit.go.methods import Methods
    from bpfgen.emit.go.package import Package
    from bpfgen.emit.user_space.types import UserMember

_INDEXES = "ijklmn"
_WIDE = 16


class Place(Record):
    """Where a member is in Go.

    Attributes:
        name: Of its field, or of the method that reads it.
        setter: Of the method that writes it; empty where it has a field.
    """

    name: str
    setter: str = ""


class _Conversion(Record):
    """A pair of methods.

    Attributes:
        suffix: What their names have after that of the member.
        reads: What the comment of the one that reads has after the member.
        writes: The same of the one that writes.
        results: Those of the one that reads.
        parameters: Those of the one that writes.
        read: The body of the one that reads; `{}` is the member, or an element of it.
        write: The body of the other one.
        overwrite: The same for an `{}` of zeros.
    """

    suffix: str
    reads: str
    writes: str
    results: str
    parameters: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    overwrite: tuple[str, ...]


def convert(methods: Methods, member: UserMember, place: Place) -> None:
    """Write the methods that convert *member*, or an element of it, if there is need."""
    element = resolved(member.type)
    dimensions: list[int] = []
    while isinstance(element, Sequence) and element.length:
        dimensions.append(element.length)
        element = resolved(element.element)
    if not isinstance(element, Number):
        return
    is_text = element.kind == CHARACTER and bool(dimensions)
    length = dimensions.pop() if is_text else 0
    if len(dimensions) > len(_INDEXES):
        return
    package = methods.package
    conversion = _text(package, length) if is_text else _of_number(package, element)
    if conversion is not None:
        _write(methods, member, place, conversion, _INDEXES[: len(dimensions)])


def _write(
    methods: Methods, member: UserMember, place: Place, conversion: _Conversion, indexes: str
) -> None:
    numbers = ", ".join(indexes)
    of = f"element {numbers} of {member.name}" if indexes else member.name
    parameters = f"{numbers} int" if indexes else ""
    field = "field" if place.setter else f"v.{place.name}"
    element = field + "".join(f"[{index}]" for index in indexes)
    write = conversion.write
    fetch: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    if place.setter:
        fetch = before = (f"field := v.{place.name}()",)
        after = (f"v.{place.setter}(field)",)
        if not indexes:
            before = (f"var field {methods.package.spell.type(member.type)}",)
            write = conversion.overwrite

    def body(lines: tuple[str, ...]) -> tuple[str, ...]:
        return tuple([line.replace("{}", element) for line in lines])

    methods.write(
        Method(
            methods.scope.free(f"{place.name}{conversion.suffix}"),
            f"returns {of}{conversion.reads}",
            parameters,
            conversion.results,
            (*fetch, *body(conversion.read)),
        )
    )
    methods.write(
        Method(
            methods.scope.free(f"Set{place.name}{conversion.suffix}"),
            f"sets {of}{conversion.writes}",
            f"{parameters}, {conversion.parameters}" if parameters else conversion.parameters,
            "",
            (*before, *body(write), *after),
        )
    )


def _text(package: Package, length: int) -> _Conversion:
    package.use(BYTES)
    write = ("clear({}[copy({}[:], text):])",)
    return _Conversion(
        "Text",
        " as text, up to the first NUL",
        f" to text, of which {length} bytes at most are kept",
        "string",
        "text string",
        ("text, _, _ := bytes.Cut({}[:], []byte{0})", "return string(text)"),
        write,
        ("copy({}[:], text)",),
    )


def _of_number(package: Package, element: Number) -> _Conversion | None:
    if element.byte_order != NATIVE:
        return _ordered(package, element)
    if element.kind == BOOLEAN:
        write = ("if value {", "\t{} = 1", "}")
        return _Conversion(
            "Bool",
            ", which is true unless it is 0",
            " to 1 or 0",
            "bool",
            "value bool",
            ("return {} != 0",),
            ("{} = 0", *write),
            write,
        )
    if element.kind == INTEGER and element.size == _WIDE:
        return _halved(package, signed=element.signed)
    return None


def _ordered(package: Package, element: Number) -> _Conversion:
    package.use(BINARY)
    order = "BigEndian" if element.byte_order == BIG else "LittleEndian"
    bits = 8 * element.size
    type = integer(element.size, signed=element.signed)
    read = f"binary.{order}.Uint{bits}({{}}[:])"
    value = "value"
    if element.signed:
        read, value = f"{type}({read})", f"uint{bits}(value)"
    write = (f"binary.{order}.PutUint{bits}({{}}[:], {value})",)
    return _Conversion(
        type.capitalize(),
        " as a number",
        "",
        type,
        f"value {type}",
        (f"return {read}",),
        write,
        write,
    )


def _halved(package: Package, *, signed: bool) -> _Conversion:
    type = integer(8, signed=signed)
    read_high = f"{package.bits}({{}}[:], 64, 64, 64)"
    read_low = f"{package.bits}({{}}[:], 0, 0, 64)"
    write = (
        f"{package.set_bits}({{}}[:], 64, 64, 64, {'uint64(hi)' if signed else 'hi'})",
        f"{package.set_bits}({{}}[:], 0, 0, 64, lo)",
    )
    return _Conversion(
        "Int128" if signed else "Uint128",
        ", its upper and lower 64 bits",
        "",
        f"({halves(type)})",
        halves(type),
        (f"return {f'int64({read_high})' if signed else read_high}, {read_low}",),
        write,
        write,
    )
