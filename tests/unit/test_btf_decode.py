"""The BTF decoder against bpftool's dump, and against bytes that no compiler writes."""

from __future__ import annotations

import json
import struct
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.btf import kinds
from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.elf.read import ElfFile
from bpfgen.text.diagnostics import FormatError
from tests import compiled
from tests.tools import require, require_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PROGRAMS = {
    "modern": compiled.MODERN,
    "initializer": compiled.INITIALIZER,
    "extern": compiled.EXTERN,
    "types": compiled.TYPES,
    "tags": compiled.TAGS,
}


def btf_of(data: bytes) -> Btf:
    """Return the types of the object *data*."""
    section = ElfFile(data).section_named(".BTF")
    assert section is not None
    return Btf(bytes(section.data))


def blob(
    types: Iterable[int], strings: bytes = b"\0", order: str = "<", header: bytes = b""
) -> bytes:
    """Return BTF of the words *types*; *header* follows the usual header."""
    words = tuple(types)
    packed = struct.pack(f"{order}{len(words)}I", *words)
    hdr_len = 24 + len(header)
    start = struct.pack(
        order + "HBBIIIII", 0xEB9F, 1, 0, hdr_len, 0, len(packed), len(packed), len(strings)
    )
    return start + header + packed + strings


def info(kind: int, vlen: int = 0, *, flag: bool = False) -> int:
    """Return the second word of struct btf_type."""
    return flag << 31 | kind << 24 | vlen


def bpftool_types(path: Path) -> list[dict[str, Any]]:
    """Return bpftool's list of the types in *path*."""
    program = [require("bpftool"), "-j", "btf", "dump", "file", str(path)]
    done = subprocess.run(program, capture_output=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)["types"]
    return found


def as_bpftool(btf: Btf, type_id: int) -> dict[str, Any]:
    """Return a type with the names that bpftool gives its members in JSON."""

    def named(name: str) -> str:
        return name or "(anon)"

    kind = btf.kind_name(type_id)
    told: dict[str, Any] = {"id": type_id, "kind": kind, "name": named(btf.name(type_id))}
    match kind:
        case "INT":
            encoding, offset, bits = btf.int_encoding(type_id)
            words = {0: "(none)", 1: "SIGNED", 2: "CHAR", 4: "BOOL"}
            told |= {"size": btf.size(type_id), "bits_offset": offset, "nr_bits": bits}
            told["encoding"] = words[encoding]
        case "FLOAT":
            told["size"] = btf.size(type_id)
        case "ARRAY":
            names = ("type_id", "index_type_id", "nr_elems")
            told |= dict(zip(names, btf.array(type_id), strict=True))
        case "STRUCT" | "UNION":
            told |= {"size": btf.size(type_id), "vlen": btf.vlen(type_id)}
            told["members"] = [
                {"name": named(name), "type_id": member, "bits_offset": offset}
                | ({"bitfield_size": width} if width else {})
                for name, member, offset, width in btf.members(type_id)
            ]
        case "ENUM" | "ENUM64":
            told |= {"size": btf.size(type_id), "vlen": btf.vlen(type_id)}
            told["encoding"] = "SIGNED" if btf.kind_flag(type_id) else "UNSIGNED"
            told["values"] = [
                {"name": name, "val": value} for name, value in btf.enumerators(type_id)
            ]
        case "FWD":
            told["fwd_kind"] = "union" if btf.kind_flag(type_id) else "struct"
        case "FUNC_PROTO":
            told |= {"ret_type_id": btf.target(type_id), "vlen": btf.vlen(type_id)}
            told["params"] = [
                {"name": named(name), "type_id": parameter}
                for name, parameter in btf.parameters(type_id)
            ]
        case "FUNC" | "VAR":
            told["type_id"] = btf.target(type_id)
            told["linkage"] = kinds.LINKAGE_NAMES[btf.linkage(type_id)]
        case "DATASEC":
            told |= {"size": btf.size(type_id), "vlen": btf.vlen(type_id)}
            told["vars"] = [
                {"type_id": var_id, "offset": offset, "size": size}
                for var_id, offset, size in btf.variables(type_id)
            ]
        case "DECL_TAG":
            told["type_id"] = btf.target(type_id)
            told["component_idx"] = btf.component_index(type_id)
        case _:
            told["type_id"] = btf.target(type_id)
    return told


def corrected(told: dict[str, Any]) -> dict[str, Any]:
    """Undo what bpftool 7.1 does to unsigned enumerators: it prints them extended by a sign."""
    if told["kind"] == "ENUM" and told["encoding"] == "UNSIGNED":
        told["values"] = [value | {"val": value["val"] & 0xFFFFFFFF} for value in told["values"]]
    return told


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("compiler", compiled.COMPILERS)
@pytest.mark.parametrize("target", compiled.TARGETS)
def test_every_field_is_what_bpftool_prints(
    program: str, compiler: str, target: str, tmp_path: Path
) -> None:
    """All types of objects of four clangs and both byte orders are decoded as bpftool does."""
    data = compiled.compile_c(PROGRAMS[program], compiler, target)
    path = tmp_path / "program.o"
    path.write_bytes(data)
    btf = btf_of(data)
    told = [corrected(type) for type in bpftool_types(path)]
    assert [as_bpftool(btf, type_id) for type_id in range(1, len(btf))] == told
    assert btf.byteorder == ("little" if target == "bpfel" else "big")


def test_the_programs_have_types_of_every_kind() -> None:
    """The comparison with bpftool leaves out no kind of BTF."""
    seen: set[str] = set()
    for program in PROGRAMS.values():
        btf = btf_of(compiled.compile_c(program, compiled.newest()))
        seen.update(btf.kind_name(type_id) for type_id in range(len(btf)))
    assert seen == set(kinds.KIND_NAMES)


@pytest.mark.slow
def test_the_kernel_is_what_bpftool_prints() -> None:
    """Each of the running kernel's types is decoded as bpftool does."""
    path = require_file("/sys/kernel/btf/vmlinux", "the kernel's BTF")
    btf = Btf(path.read_bytes())
    told = bpftool_types(path)
    assert len(told) == len(btf) - 1
    for type in told:
        assert as_bpftool(btf, type["id"]) == corrected(type)


def test_finds_types_by_name() -> None:
    """`find` is the first type of that name and kind, and None where there is none."""
    btf = btf_of(compiled.compile_c(compiled.TYPES, compiled.newest()))
    outer = btf.find("outer", kinds.BTF_KIND_STRUCT)
    assert outer is not None
    assert btf.kind_name(outer) == "STRUCT"
    assert btf.find("outer", kinds.BTF_KIND_UNION) is None
    assert btf.find("oute") is None
    assert btf.find("uter") is None
    assert btf.find("") is None
    assert btf.find_all("__u64") == [btf.find("__u64", kinds.BTF_KIND_TYPEDEF)]


def test_a_name_may_be_the_tail_of_another() -> None:
    """Names that share bytes, as linkers merge them, are found too."""
    btf = Btf(blob([4, info(1), 4, 32], b"\0barfoo\0"))
    assert btf.find("foo") == 1
    assert btf.find("barfoo") is None


SIZES = b"\0int\0"


def sized(*types: int) -> Btf:
    """Return BTF whose type 1 is a 4 byte INT and whose others are *types*."""
    return Btf(blob([1, info(1), 4, 32, *types], SIZES))


def test_sizes_are_those_of_libbpf() -> None:
    """Arrays multiply; pointers are 8; functions, `void` and declarations have none."""
    btf = sized(
        *(0, info(3), 0, 1, 1, 5),  # 2: int[5]
        *(0, info(3), 0, 2, 1, 7),  # 3: int[7][5]
        *(0, info(2), 3),  # 4: pointer
        *(1, info(7), 0),  # 5: FWD
        *(0, info(13), 1),  # 6: FUNC_PROTO
        *(0, info(10), 3),  # 7: const
        *(0, info(3), 0, 1, 1, 0xFFFFFFFF),  # 8: too large
        *(0, info(3), 0, 1, 1, 0),  # 9: int[0]
        *(0, info(3), 0, 8, 1, 0xFFFFFFFF),  # 10: beyond 64 bits
        *(0, info(3), 0, 9, 1, 0xFFFFFFFF),  # 11: nothing, often
    )
    assert [btf.size_of(type_id) for type_id in range(12)] == [
        *(None, 4, 20, 140, 8, None, None, 140, None, 0, None, 0)
    ]


def test_sizes_of_circles_end() -> None:
    """A typedef of itself has no size, and skip_modifiers says what is wrong."""
    btf = sized(1, info(8), 2)
    assert btf.size_of(2) is None
    with pytest.raises(FormatError, match="circle"):
        btf.skip_modifiers(2)


def test_old_bit_fields_are_normalised() -> None:
    """A narrow INT in a struct without kind_flag comes back as a bit-field."""
    # struct { int a : 3; int b : 5; int whole; }, as pahole wrote it before Linux 5.1
    btf = sized(
        *(0, info(1), 4, 3),  # 2: 3 bits
        *(0, info(1), 4, 3 << 16 | 5),  # 3: 5 bits from bit 3
        *(1, info(8), 3),  # 4: a typedef of it
        *(0, info(4, 3), 8, 1, 2, 0, 1, 4, 0, 1, 1, 32),
    )
    assert btf.members(5) == [("int", 2, 0, 3), ("int", 4, 3, 5), ("int", 1, 32, 0)]


def test_the_wide_vlen_and_the_layout_section_are_understood() -> None:
    """vlen has 24 bits, and kinds that a layout section describes are stepped over."""
    layout = b"".join(
        struct.pack("<BBH", 4 * once, 4 * each, 0)
        for once, each in [*zip(kinds.INFO_WORDS, kinds.ELEMENT_WORDS, strict=True), (2, 1)]
    )
    types = [1, info(1), 4, 32, 0, info(20, 3), 0, 11, 12, 21, 22, 23, 0, info(2), 1]
    strings = b"\0int\0\0\0\0" + layout
    header = struct.pack("<II", len(types) * 4 + 8, len(layout))
    btf = Btf(blob(types, strings[:8] + layout + b"\0", header=header))
    assert [btf.kind_name(type_id) for type_id in range(4)] == ["VOID", "INT", "KIND_20", "PTR"]
    with pytest.raises(FormatError, match="KIND_20, not a C type"):
        BtfTypes(btf).type(2)
    many = 0x10000
    members = [word for n in range(many) for word in (0, 1, n * 32)]
    wide = sized(0, info(4, many), many * 4, *members)
    assert wide.vlen(2) == many
    assert len(wide.members(2)) == many


INT = (1, info(1), 4, 32)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "too short"),
        (b"\x9f\xeb\1\0\x18\0\0", "too short"),
        (b"\x9f\xeb\1\0\x18\0\0\0", "a BTF header of 24 bytes"),
        (b"\x9f\xea" + bytes(30), "magic"),
        (b"\x9f\xeb\2\0" + bytes(30), "version 2"),
        (b"\x9f\xeb\1\1" + bytes(30), "flags"),
        (b"\x9f\xeb\1\0\x10\0\0\0" + bytes(30), "header of 16"),
        (blob(INT)[:-1], "strings go past"),
        (blob(INT)[:-2], "types go past"),
        (blob(INT, b""), "begin and end with a NUL"),
        (blob(INT, b"\0a"), "begin and end with a NUL"),
        (blob(INT, b"a\0"), "begin and end with a NUL"),
        (blob((1, info(25), 4)), "kind 25 is not known"),
        (blob((1, info(0), 4)), "kind 0 is not known"),
        (blob(INT[:3]), "cut off"),
        (blob((1, info(4, 0xFFFF), 4)), "cut off"),
        (blob((*INT, 0)), "cut off"),
        (blob((*INT, 0, 0)), "cut off"),
    ],
)
def test_lying_bytes_are_refused(data: bytes, why: str) -> None:
    """What is wrong with the header or the row of types is named."""
    with pytest.raises(FormatError, match=why):
        Btf(data)


def test_asking_for_the_wrong_thing_is_an_error() -> None:
    """Ids out of range, names past the strings and members of an INT are FormatErrors."""
    btf = Btf(blob((9, info(1), 4, 32)))
    for type_id in (-1, 2, 1 << 32):
        with pytest.raises(FormatError, match="out of range"):
            btf.kind(type_id)
    with pytest.raises(FormatError, match="past the table"):
        btf.name(1)
    for ask in (btf.members, btf.enumerators, btf.parameters, btf.variables, btf.array, btf.target):
        with pytest.raises(FormatError, match="is a INT, not a"):
            ask(1)
    with pytest.raises(FormatError, match="out of range"):
        btf.array(0)


def test_both_byte_orders_say_the_same() -> None:
    """The byte order follows from the magic number."""
    types = (*INT, 1, info(4, 1, flag=True), 4, 1, 1, 3 << 24 | 5)
    little, big = (Btf(blob(types, SIZES, order)) for order in "<>")
    assert (little.byteorder, big.byteorder) == ("little", "big")
    assert little.members(2) == big.members(2) == [("int", 1, 5, 3)]


def test_enumerators_are_read_by_size_and_sign() -> None:
    """kind_flag makes ENUM and ENUM64 signed; without it they are not."""
    btf = sized(
        *(0, info(6, 1), 4, 1, 0xFFFFFFFF),
        *(0, info(6, 1, flag=True), 4, 1, 0xFFFFFFFF),
        *(0, info(19, 1), 8, 1, 0xFFFFFFFE, 0xFFFFFFFF),
        *(0, info(19, 1, flag=True), 8, 1, 0xFFFFFFFE, 0xFFFFFFFF),
    )
    values = [btf.enumerators(type_id)[0][1] for type_id in range(2, 6)]
    assert values == [0xFFFFFFFF, -1, (1 << 64) - 2, -2]
