"""An object as two unrelated readers see it: bpfgen's own, and libelf with libbpf.

What is compared is made from a :class:`View`, so that a defect of one reader can't hide a
difference. Offsets in a DATASEC are those after the relocations that an object carries for them.

Source: System V gABI, chapter 4; Documentation/bpf/btf.rst; include/uapi/linux/btf.h.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

(INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD) = range(1, 8)
(TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO, VAR, DATASEC, FLOAT) = range(8, 17)
(DECL_TAG, TYPE_TAG, ENUM64) = range(17, 20)

KINDS = (
    *("VOID", "INT", "PTR", "ARRAY", "STRUCT", "UNION", "ENUM", "FWD", "TYPEDEF", "VOLATILE"),
    *("CONST", "RESTRICT", "FUNC", "FUNC_PROTO", "VAR", "DATASEC", "FLOAT", "DECL_TAG", "TYPE_TAG"),
    "ENUM64",
)
"""The names of the kinds of types, by number."""

R_BPF_64_ABS64 = 2
R_BPF_64_ABS32 = 3
R_BPF_64_NODYLD32 = 4

SHT_REL = 9
STT_SECTION, STT_FILE = 3, 4


class Symbol(NamedTuple):
    """A symbol with a name; *section* is empty where it is undefined."""

    name: str
    bind: int
    type: int
    visibility: int
    section: str
    value: int
    size: int


class Section(NamedTuple):
    """A section; its relocations are (offset, type, name of the symbol or section)."""

    name: str
    type: int
    flags: int
    alignment: int
    data: bytes
    relocations: tuple[tuple[int, int, str], ...] = ()


class Node(NamedTuple):
    """A type: its name, what else its record says, and the ids that it refers to."""

    kind: int
    name: str
    facts: tuple[object, ...] = ()
    targets: tuple[int, ...] = ()


VOID = Node(0, "")
"""The type of id 0."""


class Elf(NamedTuple):
    """The container.

    Attributes:
        header: Class, byte order, e_type, e_machine and e_flags.
        symbols: Without those of sections and files.
    """

    header: tuple[int, ...]
    sections: tuple[Section, ...]
    symbols: tuple[Symbol, ...]

    @property
    def byteorder(self) -> str:
        """`<` or `>`, as :mod:`struct` has it."""
        return "<" if self.header[1] == 1 else ">"

    def section(self, name: str) -> Section | None:
        """Return the section called *name*, or None."""
        return next((one for one in self.sections if one.name == name), None)


class View(NamedTuple):
    """An object: the container, and its types by id, void first."""

    elf: Elf
    types: tuple[Node, ...]


def nodes(data: bytes, byteorder: str) -> tuple[Node, ...]:
    """Return the types of the BTF *data*, void at 0."""
    magic, version, _flags, length, type_off, type_len, str_off, str_len = struct.unpack_from(
        f"{byteorder}HBBIIIII", data
    )
    assert (magic, version, length) == (0xEB9F, 1, 24)
    strings = data[length + str_off : length + str_off + str_len]
    section = data[length + type_off : length + type_off + type_len]
    assert len(section) == type_len, "the types end too soon"
    assert strings[:1] == b"\0" == strings[-1:], "the strings aren't closed"
    words = struct.unpack(f"{byteorder}{type_len // 4}I", section)
    result = [VOID]
    at = 0
    while at < len(words):
        node, at = _node(words, at, strings)
        result.append(node)
    assert at == len(words)
    return tuple(result)


def _node(words: tuple[int, ...], at: int, strings: bytes) -> tuple[Node, int]:
    def text(offset: int) -> str:
        return strings[offset : strings.index(b"\0", offset)].decode("utf-8", "surrogateescape")

    def rest(size: int) -> list[tuple[int, ...]]:
        return [words[n : n + size] for n in range(at, at + size * vlen, size)]

    name, info, third = text(words[at]), words[at + 1], words[at + 2]
    kind, vlen, flag = info >> 24 & 0x1F, info & 0xFFFF, info >> 31
    assert not info & 0x60FF0000, f"bits of info that mean nothing: {info:#x}"
    at += 3
    if kind in (PTR, TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG, FUNC):
        # That of a FUNC is its linkage.
        return Node(kind, name, (flag, vlen), (third,)), at
    if kind == INT:
        return Node(kind, name, (flag, vlen, third, words[at])), at + 1
    if kind in (FWD, FLOAT):
        return Node(kind, name, (flag, vlen, third)), at
    if kind == ARRAY:
        return Node(kind, name, (flag, vlen, third, words[at + 2]), words[at : at + 2]), at + 3
    if kind in (STRUCT, UNION):
        members = rest(3)
        facts = (flag, third, *((text(n), offset) for n, _type, offset in members))
        return Node(kind, name, facts, tuple(type for _n, type, _o in members)), at + 3 * vlen
    if kind == ENUM:
        facts = (flag, third, *((text(n), value) for n, value in rest(2)))
        return Node(kind, name, facts), at + 2 * vlen
    if kind == ENUM64:
        facts = (flag, third, *((text(n), low | high << 32) for n, low, high in rest(3)))
        return Node(kind, name, facts), at + 3 * vlen
    if kind == FUNC_PROTO:
        parameters = rest(2)
        facts = (flag, *(text(n) for n, _type in parameters))
        return Node(kind, name, facts, (third, *(type for _n, type in parameters))), at + 2 * vlen
    if kind == VAR:
        return Node(kind, name, (flag, vlen, words[at]), (third,)), at + 1
    if kind == DECL_TAG:
        return Node(kind, name, (flag, vlen, words[at]), (third,)), at + 1
    assert kind == DATASEC, f"a type of kind {kind}"
    entries = rest(3)
    facts = (flag, third, *((offset, size) for _type, offset, size in entries))
    return Node(kind, name, facts, tuple(type for type, _o, _s in entries)), at + 3 * vlen


def relocated(btf: Section, elf: Elf) -> bytes:
    """Return the data of *btf* with its relocations done: DATASECs have offsets then."""
    values = {symbol.name: symbol.value for symbol in elf.symbols}
    values |= {section.name: 0 for section in elf.sections if section.name not in values}
    data = bytearray(btf.data)
    word = struct.Struct(f"{elf.byteorder}I")
    for offset, type, name in btf.relocations:
        assert type in (R_BPF_64_NODYLD32, R_BPF_64_ABS32), type
        (addend,) = word.unpack_from(data, offset)
        word.pack_into(data, offset, addend + values[name])
    return bytes(data)
