"""Values as JSON and as text, one by one; C is their witness in tests/user_space."""

from __future__ import annotations

import json
import math
import random
import struct
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.ctype.describe import described
from bpfgen.ctype.layout import MemberSpec, lay_out
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import (
    BOOL,
    CHAR,
    DOUBLE,
    FLOAT,
    INT,
    INT128,
    LONG,
    SCHAR,
    UCHAR,
    UINT,
    UINT128,
    ULONG,
    USHORT,
    VOID,
    Array,
    Composite,
    Const,
    Enum,
    Enumerator,
    Float,
    FuncProto,
    Int,
    Member,
    Named,
    Pointer,
    Typedef,
    TypeTag,
)
from bpfgen.values.access import access_of
from bpfgen.values.printer import lines_of, printer_of
from bpfgen.values.shapes import Raw
from bpfgen.values.views import View

if TYPE_CHECKING:
    from bpfgen.ctype.types import (
        Order,
        Type,
    )

BE16, BE32, BE64 = Typedef("__be16", USHORT), Typedef("__be32", UINT), Typedef("__be64", ULONG)
LE32 = Typedef("__le32", UINT)
VERDICT = Enum(
    "verdict", 4, signed=False, enumerators=(Enumerator("PASS", 0), Enumerator("DROP", 4))
)


def composite(kind: str, *members: tuple[Any, ...], tag: str | None = "s") -> Composite:
    """Return a struct or union of (name, type) or (name, type, width)."""
    return lay_out(kind, tag, [MemberSpec(*member) for member in members])


def values(type: Type | None, data: bytes, order: Order = "little") -> tuple[Any, str]:
    """Return what the JSON of *data* says, and the text."""
    printer = printer_of(type, order, len(data))
    text = printer.json(data)
    assert text.isascii()
    assert "\n" not in text
    return json.loads(text), printer.text(data)


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("type", [SCHAR, UCHAR, USHORT, INT, UINT, LONG, ULONG, INT128, UINT128])
def test_integers(type: Int, order: Order) -> None:
    """Each integer is a number, exact, in the order of the map."""
    bits = 8 * type.size
    least = -(1 << bits - 1) if type.signed else 0
    for number in (least, least + 1, 0, 1, 0x71, least + (1 << bits) - 1):
        data = number.to_bytes(type.size, order, signed=type.signed)
        assert values(type, data, order) == (number, str(number))


@pytest.mark.parametrize("order", ["little", "big"])
def test_named_byte_orders(order: Order) -> None:
    """`__be32` is read as such on every machine, under other names too."""
    address = bytes((10, 0, 0, 1))
    for type in (BE32, Const(BE32), Typedef("ip4", BE32)):
        assert values(type, address, order)[0] == 0x0A000001
    assert values(LE32, address, order)[0] == 0x0100000A
    assert values(Array(BE16, 2), address, order)[0] == [0x0A00, 1]
    assert values(Array(BE16, 20), address * 10, order)[0] == [0x0A00, 1] * 10
    assert values(BE64, address + bytes(4), order)[0] == 0x0A00000100000000


def test_bools() -> None:
    """What isn't zero is true."""
    for byte in (0, 1, 2, 255):
        assert values(BOOL, bytes((byte,))) == (bool(byte), "true" if byte else "false")
    assert values(composite("struct", ("a", BOOL, 1), ("b", BOOL, 1)), b"\2")[0] == {
        "a": False,
        "b": True,
    }


def test_enums() -> None:
    """A name, or the number as a string: never a number."""
    for number, text in ((0, "PASS"), (4, "DROP"), (5, "5"), (2**32 - 1, "4294967295")):
        assert values(VERDICT, struct.pack("<I", number)) == (text, text)
    signed = Enum("e", 1, signed=True, enumerators=(Enumerator("LOW", -1), Enumerator("SAME", -1)))
    assert values(signed, b"\xff")[0] == "LOW"
    assert values(signed, b"\x80")[0] == "-128"
    # As clang before 16 has it.
    unsigned = Enum("e", 4, signed=False, enumerators=(Enumerator("LOW", -1),))
    assert values(unsigned, b"\xff" * 4)[0] == "LOW"


def test_strings() -> None:
    """`char[N]` ends at the NUL or at its end; each byte is told from each other."""
    name = Array(Const(Typedef("letter", CHAR)), 8)
    assert values(name, b"eth0\0abc") == ("eth0", '"eth0"')
    assert values(name, b"12345678") == ("12345678", '"12345678"')
    assert values(name, bytes(8)) == ("", '""')
    assert values(name, b'"\\\n\x01%s\0\0') == ('"\\\n\x01%s', r'"\"\\\n\001%s"')
    assert values(name, "hä%\0x..".encode()) == ("h\xc3\xa4%", r'"h\303\244%"')
    assert values(name, b"\xff\xfea\x7f\0\0\0\0") == ("\xff\xfea\x7f", r'"\377\376a\177"')
    assert values(Array(name, 2), b"one\0\0\0\0\0two\0\0\0\0\0")[0] == ["one", "two"]
    assert values(Array(UCHAR, 4), b"eth0")[0] == [101, 116, 104, 48]
    every = bytes(range(1, 256))
    assert values(Array(CHAR, 255), every)[0] == every.decode("latin-1")


def test_floats() -> None:
    """Numbers that read back the same; what JSON has no number for is a string."""
    for number in (0.0, -1.5, 1e300, 0.1, 5e-324):
        assert values(DOUBLE, struct.pack("<d", number))[0] == number
    assert (
        values(FLOAT, struct.pack(">f", 0.1), "big")[0]
        == struct.unpack("f", struct.pack("f", 0.1))[0]
    )
    assert values(DOUBLE, struct.pack("<d", math.nan)) == ("NaN", "nan")
    assert values(DOUBLE, struct.pack("<d", math.inf))[0] == "Infinity"
    assert values(DOUBLE, struct.pack("<d", -math.inf))[0] == "-Infinity"


def test_pointers_and_what_the_kernel_keeps() -> None:
    """A pointer is a string; a lock, a timer and a kptr are null."""
    assert values(Pointer(VOID), struct.pack("<Q", 0xFFFF0000)) == ("0xffff0000", "0xffff0000")
    kptr = Pointer(TypeTag(Named("struct", "task_struct"), "kptr"))
    lock = Composite("struct", "bpf_spin_lock", (Member("val", UINT, 0),), 4, 4)
    value = composite("struct", ("lock", lock), ("n", INT), ("task", kptr))
    data = struct.pack("<IiQ", 7, 1, 9)
    assert values(value, data) == (
        {"lock": None, "n": 1, "task": None},
        "{ .lock = <kernel>, .n = 1, .task = <kernel> }",
    )


def test_anonymous_members() -> None:
    """They are in the value as C names them; padding isn't there at all."""
    inner = composite("union", ("low", USHORT), ("all", UINT), tag=None)
    value = composite("struct", ("a", UCHAR), (None, inner), (None, INT, 3), ("z", Array(inner, 1)))
    data = struct.pack("<BxxxIII", 1, 0x20003, 0xFF, 0x50006)
    assert values(value, data) == (
        {"a": 1, "low": 3, "all": 0x20003, "z": [{"low": 6, "all": 0x50006}]},
        "{ .a = 1, .low = 3, .all = 131075, .z = { { .low = 6, .all = 327686 } } }",
    )
    assert values(composite("struct"), b"") == ({}, "{}")


def test_members_of_one_name() -> None:
    """Two variables of one name, static in two functions, are both there."""
    section = Composite("struct", ".bss", (Member("n", UINT, 0), Member("n", UINT, 32)), 8)
    assert values(section, struct.pack("<II", 1, 2))[0] == {"n": 1, "n@4": 2}


def test_members_without_a_name() -> None:
    """C has none but structs and unions; BTF may, and what is there isn't lost."""
    inner = Composite("struct", None, (Member(None, UINT, 0), Member("b", UINT, 32)), 8)
    members = (Member(None, INT, 0), Member(None, inner, 32), Member("z", Array(UINT, 1), 96))
    value = Composite("struct", "s", members, 16)
    assert values(value, struct.pack("<iIII", -1, 2, 3, 4)) == (
        {"@0": -1, "@4": 2, "b": 3, "z": [4]},
        "{ .@0 = -1, .@4 = 2, .b = 3, .z = { 4 } }",
    )
    several = Composite("union", "u", tuple(Member(None, UINT, 0) for _ in range(3)), 4)
    assert values(several, struct.pack("<I", 5))[0] == {"@0": 5, "@0@0": 5, "@0@0@0": 5}


def test_flexible_arrays() -> None:
    """The last member has what is left of the value."""
    for last in (Array(UCHAR, 0, flexible=True), Array(UCHAR, 0)):
        prefix = composite("struct", ("prefixlen", UINT), ("data", last))
        assert values(prefix, bytes((8, 0, 0, 0, 10, 0, 0, 1)))[0] == {
            "prefixlen": 8,
            "data": [10, 0, 0, 1],
        }
        assert values(prefix, bytes((8, 0, 0, 0)))[0] == {"prefixlen": 8, "data": []}
    name = composite("struct", ("n", UCHAR), ("name", Array(CHAR, 0, flexible=True)))
    assert values(composite("struct", ("x", UCHAR), ("y", name)), b"\1\2ab\0c")[0] == {
        "x": 1,
        "y": {"n": 2, "name": "ab"},
    }
    # An array of length 0 in the middle has no room.
    marked = composite("struct", ("start", Array(UINT, 0)), ("a", UINT))
    assert values(marked, b"\1\0\0\0")[0] == {"start": [], "a": 1}


def test_long_arrays_look_like_short_ones() -> None:
    """An array has one look, however it is rendered."""
    pair = composite("struct", ("a", BE16), ("b", BOOL))
    for count in (1, 2, 31, 32, 33, 64, 65, 100, 4097):
        data = b"".join(struct.pack(">H?x", n, n % 2) for n in range(count))
        rows, text = values(Array(pair, count), data)
        assert rows == [{"a": n, "b": bool(n % 2)} for n in range(count)]
        assert text.startswith("{ { .a = 0, .b = false }")
        assert text.endswith("} }")
        assert len(text.split("}, {")) == count
        for type, code in ((SCHAR, "b"), (USHORT, "H"), (LONG, "q")):
            numbers = [n % 100 for n in range(count)]
            packed = struct.pack(f">{count}{code}", *numbers)
            expected = "{ " + ", ".join(map(str, numbers)) + " }"
            assert values(Array(type, count), packed, "big") == (numbers, expected)


@pytest.mark.parametrize(
    "type",
    [
        None,
        VOID,
        Named("struct", "unknown"),
        INT,
        composite("struct", ("a", UCHAR)),
        Composite("struct", "damaged", (Member("a", LONG, 8000),), 6),
        Array(UCHAR, 0xFFFFFFFF),
    ],
)
def test_what_has_no_layout_is_bytes(type: Type | None) -> None:
    """Without a type, or with one of another size, a value is its bytes."""
    assert values(type, b"\x00\x0a%\xff%\x01") == ("000a25ff2501", "00 0a 25 ff 25 01")


def test_endless_types() -> None:
    """A type that would take for ever is bytes, or nothing where it has none."""
    type = composite("struct", ("a", UCHAR))
    for _ in range(30):
        type = Composite("struct", "t", (Member("a", type, 0), Member("b", type, 0)), 1)
    assert values(type, b"\x07")[0] == "07"
    union = composite("union", ("a", UCHAR), ("b", Array(UCHAR, 0)))
    for _ in range(30):
        union = Composite("union", "t", (Member("a", union, 0), Member("b", union, 0)), 1)
    assert values(union, b"\x07")[0] == "07"
    deep: Type = UCHAR
    for _ in range(390):
        deep = Array(deep, 1)
    assert values(deep, b"\x07")[0] == "07"
    for _ in range(390):
        deep = Typedef("t", deep)
    assert values(deep, b"\x07")[0] == "07"
    named: Type = BE16
    for _ in range(5000):
        named = Typedef("t", named)
    assert values(named, b"\x01\x00")[0] == 256
    empty = composite("struct")
    assert values(Array(empty, 0xFFFFFFFF), b"")[0] == []


def test_sums() -> None:
    """Numbers are added and don't wrap; what is no number isn't."""
    value = composite(
        "struct",
        ("n", ULONG),
        ("verdict", VERDICT),
        ("x", INT, 5),
        ("ok", BOOL),
        ("net", BE16),
        ("few", Array(UINT, 2)),
        ("many", Array(UINT, 20)),
        ("pairs", Array(composite("struct", ("a", USHORT), ("p", BOOL)), 20)),
        ("name", Array(CHAR, 4)),
        ("big", INT128),
        ("f", DOUBLE),
    )
    size = value.size
    printer = printer_of(value, "little", size)
    data = bytearray(size * 2)
    one = memoryview(data)
    at = {member.name: member.bit_offset // 8 for member in value.members}
    for start in (0, size):
        struct.pack_into("<Q", data, start, 2**64 - 1)
        one[start + at["x"]] = 0x1F
        struct.pack_into(">H", data, start + at["net"], 300)
        struct.pack_into("<2I", data, start + at["few"], 1, 2)
        struct.pack_into("<20I", data, start + at["many"], *range(20))
        for n in range(20):
            struct.pack_into("<H", data, start + at["pairs"] + 4 * n, n)
        struct.pack_into("<qq", data, start + at["big"], -3, -1)
        struct.pack_into("<d", data, start + at["f"], 0.5)
    assert json.loads(printer.json_sum(data, 2, size)) == {
        "n": 2 * (2**64 - 1),
        "verdict": None,
        "x": -2,
        "ok": None,
        "net": 600,
        "few": [2, 4],
        "many": [2 * n for n in range(20)],
        "pairs": [{"a": 2 * n, "p": None} for n in range(20)],
        "name": None,
        "big": -6,
        "f": 1.0,
    }
    assert ".verdict = -, .x = -2" in printer.text_sum(data, 2, size)


def test_lines() -> None:
    """A batch of elements is a line of JSON for each, with padding between the values."""
    key = printer_of(composite("struct", ("ip", BE32), ("port", USHORT)), "little", 8)
    value = printer_of(composite("struct", ("n", UINT), ("v", VERDICT)), "little", 8)
    count = 10_000  # more than are rendered in one go
    keys = b"".join(struct.pack(">IHxx", n, 0x100) for n in range(count))
    data = b"".join(struct.pack("<II8x", n, n % 5) for n in range(count))
    lines = lines_of(key, value)(keys, data, count, 8, 16).splitlines()
    assert len(lines) == count
    assert lines[4] == '{"key": {"ip": 4, "port": 1}, "value": {"n": 4, "v": "DROP"}}'
    for n, line in enumerate(lines):
        assert json.loads(line)["key"]["ip"] == n
    assert list(value.jsons(data, 2, 16)) == ['{"n": 0, "v": "PASS"}', '{"n": 1, "v": "1"}']
    nothing = printer_of(None, "little", 0)
    assert lines_of(nothing, value)(b"", data, 2, 0, 16) == (
        '{"key": "", "value": {"n": 0, "v": "PASS"}}\n{"key": "", "value": {"n": 1, "v": "1"}}\n'
    )


def test_too_few_bytes() -> None:
    """Less than a value is refused; more is cut."""
    printer = printer_of(UINT, "little", 4)
    assert printer.json(b"\1\0\0\0\2") == "1"
    with pytest.raises(ValueError, match="4 bytes"):
        printer.json(b"\1")


def damaged(choices: random.Random, depth: int = 3) -> Type:
    """Return a type as a broken table of types might have it: sizes and places are anything."""
    what = choices.randrange(9 if depth else 6)
    size = choices.choice((0, 1, 2, 3, 4, 5, 8, 16, 17, 255))
    if what == 0:
        return Int("x", size, signed=bool(choices.randrange(2)), bool=choices.randrange(4) == 0)
    if what == 1:
        return Float("f", size)
    if what == 2:
        names = tuple(Enumerator(f"E{n}", choices.randint(-(2**33), 2**33)) for n in range(3))
        return Enum(None, size, signed=bool(choices.randrange(2)), enumerators=names)
    if what == 3:
        return choices.choice((VOID, Named("struct", "x"), Pointer(VOID), FuncProto(VOID, ())))
    if what == 4:
        return Composite("struct", "bpf_timer", (), size)
    if what == 5:
        return Int("char", size, signed=True)
    if what == 6:
        length = choices.choice((0, 1, 2, 17, 70, 2**32 - 1))
        return Array(damaged(choices, depth - 1), length, flexible=choices.randrange(5) == 0)
    members = tuple(
        Member(
            choices.choice(("a", "b", "b", None)),
            damaged(choices, depth - 1),
            choices.choice((0, 8, 64, choices.randrange(300), 2**24)),
            width := choices.choice((0, 0, 0, 1, 7, 64, 255)),
            is_bitfield=width > 0,
        )
        for _ in range(choices.randrange(5))
    )
    return Composite(choices.choice(("struct", "union")), None, members, size)


def test_damaged_types() -> None:
    """Whatever a table of types says, a value is printed and read, or is its bytes."""
    choices = random.Random(5)  # noqa: S311 -- test data
    shown = 0
    for _ in range(4000):
        type = damaged(choices)
        size = choices.choice((sizeof(type) or 0, choices.randrange(300)))
        if size > 1 << 16:
            continue
        data = choices.randbytes(size)
        printer = printer_of(type, "big", size)
        json.loads(printer.json(data))
        json.loads(printer.json_sum(data * 2, 2, size))
        assert printer.text(data).isascii()
        access = access_of(printer.shape, "big")
        buffer = bytearray(data)
        value = access.get(buffer, 0)
        if not isinstance(printer.shape, Raw):
            shown += 1
        if isinstance(value, View):
            for name, member in value:
                assert value[name] == member or member != member  # noqa: PLR0124 -- a NaN
            assert buffer == data
    assert shown > 1000


@pytest.mark.parametrize(
    ("type", "text"),
    [
        (Int("", 4, signed=True), "int of 4 bytes"),
        (Pointer(Int("", 1, signed=False)), "unsigned int of 1 byte *"),
        (Array(Float("", 8), 2), "float of 8 bytes[2]"),
    ],
)
def test_types_without_a_name(type: Type, text: str) -> None:
    """BTF may have them; they are said by size and sign, and not as nothing."""
    assert described(type) == text
