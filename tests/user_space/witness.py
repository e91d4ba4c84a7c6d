"""What C compilers say of types: sizes, offsets, and the bytes that a value in a member makes.

The C of this module names types and members and says what a member holds. Nothing is run: a
compiler writes initialised objects, and their bytes are read from the file that it made. So the
witness can be one for any machine, in either byte order.
"""

from __future__ import annotations

import random
import struct
import sys
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.elf.read import ElfFile
from bpfgen.emit.user_space.types import (
    ADDRESS,
    BIG,
    BOOLEAN,
    FLOATING,
    LITTLE,
    NATIVE,
    Enumeration,
    Number,
    Sequence,
    Structure,
    resolved,
    size_of,
)
from tests.user_space.commands import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence as Listed
    from pathlib import Path

    from bpfgen.emit.user_space.types import UserMember, UserType
    from bpfgen.emit.user_space.view import View

SHT_NOBITS = 8

MOST_FLOAT = (2 - 2.0**-23) * 2.0**127
LEAST_FLOAT = 2.0**-149
"""Of 32 bits; the least is denormal."""


class Leaf(NamedTuple):
    """One number that can be read and written: a member, or one element of an array.

    Attributes:
        member: Of the struct.
        indices: Which element; empty for a member that is no array.
        type: Of the number, without aliases.
        bits: As many as it has.
        values: What it is given, as programs see it, with the byte order of `__be32` undone.
    """

    member: UserMember
    indices: tuple[int, ...]
    type: Number | Enumeration
    bits: int
    values: tuple[int | float, ...]

    @property
    def designator(self) -> str:
        """How C's initialisers name it."""
        return f".{self.member.name}{''.join(f'[{index}]' for index in self.indices)}"

    @property
    def byte_order(self) -> str:
        """`native`, `big` or `little`; a bit-field has none of its own."""
        if self.member.bit_width is not None or isinstance(self.type, Enumeration):
            return NATIVE
        return self.type.byte_order


class Subject(NamedTuple):
    """A struct or union whose members are tried.

    Attributes:
        type: As user space sees it.
        c_type: An expression of C for the type.
        leaves: The numbers in it.
    """

    type: Structure
    c_type: str
    leaves: tuple[Leaf, ...]


def subjects_of(view: View, seed: int) -> list[Subject]:
    """Return every struct and union of *view* that C can name, with values for its numbers.

    What is written inside another struct is named by the member that has its type.
    """
    choices = random.Random(seed)  # noqa: S311 -- test data
    found: dict[int, Subject] = {}
    pending = [
        (type, type.c_name)
        for type in view.types
        if isinstance(type, Structure) and type.c_name and type.origin == "own"
    ]
    while pending:
        structure, c_type = pending.pop()
        if id(structure) in found:
            continue
        leaves = tuple(leaf for m in structure.members for leaf in _leaves(m, choices))
        found[id(structure)] = Subject(structure, c_type, leaves)
        for member in structure.members:
            bare, indices = resolved(member.type), ""
            while isinstance(bare, Sequence) and bare.length:
                bare, indices = resolved(bare.element), f"{indices}[0]"
            if isinstance(bare, Structure) and not bare.c_name:
                inner = f"__typeof__((({c_type} *)0)->{member.name}{indices})"
                pending.append((bare, inner))
    order = {id(type): index for index, type in enumerate(view.types)}
    return sorted(found.values(), key=lambda subject: order[id(subject.type)])


def _leaves(member: UserMember, choices: random.Random) -> Iterator[Leaf]:
    type: UserType = resolved(member.type)
    shape: list[int] = []
    while isinstance(type, Sequence):
        shape.append(type.length)
        type = resolved(type.element)
    if not isinstance(type, (Number, Enumeration)) or 0 in shape:
        return
    bits = member.bit_width if member.bit_width is not None else 8 * type.size
    last = tuple(length - 1 for length in shape)
    for indices in {tuple(0 for _ in shape), last}:
        yield Leaf(member, indices, type, bits, tuple(_values(type, bits, choices)))


def _values(type: Number | Enumeration, bits: int, choices: random.Random) -> list[int | float]:
    if isinstance(type, Number) and type.kind == FLOATING:
        most = MOST_FLOAT if type.size == 4 else sys.float_info.max
        return [most, -0.0, 1.5, choices.randrange(1 << 20) / 1024, LEAST_FLOAT]
    if isinstance(type, Number) and type.kind == BOOLEAN:
        return [0, 1]
    if isinstance(type, Enumeration) and is_boolean(type):
        return [0, 1]
    least, most = 0, (1 << bits) - 1
    if type.signed:
        least, most = -(1 << bits - 1), (1 << bits - 1) - 1
    return [least, most, most // 3, choices.randint(least, most), choices.randint(least, most)]


def is_boolean(type: Enumeration) -> bool:
    """Whether *type* may be an enum with the base `_Bool`, which holds nothing but 0 and 1."""
    return type.size == 1 and not type.signed and all(e.value in {0, 1} for e in type.enumerators)


class Facts(NamedTuple):
    """What a compiler says of one struct.

    Attributes:
        places: (offset, size) of each member in bytes, in order; of a bit-field of the bytes that
            have something of it.
        masks: For each leaf the bits that are its own.
        contents: For each leaf the bytes of the struct with each of its values; all other members
            are 0.
    """

    size: int
    align: int
    places: tuple[tuple[int, int], ...]
    masks: tuple[bytes, ...]
    contents: tuple[tuple[bytes, ...], ...]


def witness_text(subjects: Listed[Subject], *, pointers: bool = True) -> str:
    """Return C that has objects for all that :class:`Facts` holds; it follows the types.

    Without *pointers* those are numbers of 64 bits.
    """
    lines = [
        "#define C128(high, low) (((unsigned __int128)high << 64) | low)",
        "#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__",
        "#define BIG(bits, value) __builtin_bswap##bits(value)",
        "#define LITTLE(bits, value) value",
        "#else",
        "#define BIG(bits, value) value",
        "#define LITTLE(bits, value) __builtin_bswap##bits(value)",
        "#endif",
        f"#define ADDRESS(value) {'(void *)' if pointers else ''}value",
    ]
    for number, subject in enumerate(subjects):
        lines.append(f"typedef {subject.c_type} T{number};")
        facts = [f"sizeof(T{number})", f"_Alignof(T{number})"]
        for member in subject.type.members:
            if member.bit_width is None:
                name = member.name
                facts.append(f"__builtin_offsetof(T{number}, {name})")
                # An object doesn't say whether an array without elements is a flexible one.
                is_sized = size_of(member.type) or not isinstance(resolved(member.type), Sequence)
                facts.append(f"sizeof(((T{number} *)0)->{name})" if is_sized else "0")
        lines.append(f"unsigned long long facts{number}[] = {{ {', '.join(facts)} }};")
        if subject.leaves:
            rows = ", ".join(row for leaf in subject.leaves for row in _rows(leaf))
            lines.append(f"struct {{ T{number} v; }} values{number}[] = {{ {rows} }};")
    return "\n".join(lines) + "\n"


def _rows(leaf: Leaf) -> Iterator[str]:
    """Yield one initialiser for each value; of bit-fields first one with all its bits."""
    if leaf.member.bit_width is not None:
        yield f"{{ {{ {leaf.designator} = {'1' if leaf.bits == 1 else '-1'} }} }}"
    for value in leaf.values:
        yield f"{{ {{ {leaf.designator} = {_literal(leaf, value)} }} }}"


def _literal(leaf: Leaf, value: int | float) -> str:  # noqa: PYI041 -- they are told apart
    if isinstance(value, float):
        return value.hex()
    pattern = value % (1 << 128)
    if leaf.byte_order in {BIG, LITTLE}:
        return f"{leaf.byte_order.upper()}({leaf.bits}, {hex(pattern)}ULL)"
    low = pattern % (1 << 64)
    if isinstance(leaf.type, Number) and leaf.type.kind == ADDRESS:
        return f"ADDRESS({hex(low)}ULL)"
    if leaf.type.size <= 8:
        return f"(long long){hex(low)}ULL"
    return f"C128({hex(pattern >> 64)}ULL, {hex(low)}ULL)"


def compiled(command: Listed[str], text: str, folder: Path) -> ElfFile:
    """Return the object that the compiler *command* makes of *text*."""
    source, output = folder / "witness.c", folder / "witness.o"
    source.write_text(text)
    run([*command, "-w", "-g0", "-fno-zero-initialized-in-bss", "-c", source, "-o", output])
    return ElfFile(output.read_bytes())


def facts_of(elf: ElfFile, subjects: Listed[Subject]) -> list[Facts]:
    """Return what the object *elf*, compiled of :func:`witness_text`, says of *subjects*."""
    order = "<" if elf.byteorder == "little" else ">"
    objects = {}
    for symbol in elf.symbols():
        if symbol.name.startswith(("facts", "values")):
            section = elf.section(symbol.shndx)
            start = symbol.value
            data = bytes(section.size) if section.type == SHT_NOBITS else section.data
            objects[symbol.name] = bytes(data[start : start + symbol.size])
    found = []
    for number, subject in enumerate(subjects):
        data = objects[f"facts{number}"]
        size, align, *places = struct.unpack(f"{order}{len(data) // 8}Q", data)
        rows = objects.get(f"values{number}", b"")
        total = sum(1 for leaf in subject.leaves for _ in _rows(leaf))
        stride = len(rows) // total if total else 0
        each = iter([rows[stride * i : stride * i + size] for i in range(total)])
        ordinary = iter(zip(places[::2], places[1::2], strict=True))
        where = {m.name: next(ordinary) for m in subject.type.members if m.bit_width is None}
        masks, contents = [], []
        for leaf in subject.leaves:
            name = leaf.member.name
            mask = (
                next(each) if leaf.member.bit_width is not None else _mask(leaf, where[name], size)
            )
            if leaf.member.bit_width is not None:
                own = [index for index, byte in enumerate(mask) if byte]
                where[name] = (own[0], own[-1] + 1 - own[0])
            masks.append(mask)
            contents.append(tuple(next(each) for _ in leaf.values))
        in_order = tuple(where[member.name] for member in subject.type.members)
        found.append(Facts(size, align, in_order, tuple(masks), tuple(contents)))
    return found


def _mask(leaf: Leaf, place: tuple[int, int], size: int) -> bytes:
    """Return the bits of an ordinary member, or of an element of one, which is at *place*."""
    start, unit = place
    type: UserType = resolved(leaf.member.type)
    for index in leaf.indices:
        assert isinstance(type, Sequence)
        unit //= type.length
        start += unit * index
        type = resolved(type.element)
    return bytes(start) + b"\xff" * unit + bytes(size - start - unit)
