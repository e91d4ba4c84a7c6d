"""Ways to damage an object: its types, its sections, symbols and relocations, its plain bytes.

:func:`mutant` takes the draft of a sound object and makes one that is damaged in one to three ways.
The same seed gives the same mutant.
"""

from __future__ import annotations

import random
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.fuzz import object_drafts as elf
from tests.fuzz import type_damages
from tests.fuzz.object_drafts import SectionDraft, take_types_apart
from tests.fuzz.type_damages import INTERESTING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fuzz.object_drafts import Draft, TypesDraft

    Damage = Callable[[Draft, random.Random], None]

WIDE = (
    *INTERESTING,
    *(1 << 32, (1 << 32) - 8, 1 << 62, 1 << 63, (1 << 63) - 1, (1 << 64) - 8, (1 << 64) - 1),
)
"""Numbers of 64 bits that break readers."""

SECTION_NAMES = (
    *(".maps", "maps", ".BTF", ".BTF.ext", ".data", ".bss", ".rodata", ".rodata.str1.1", ".data.x"),
    *(".bss.x", ".kconfig", ".ksyms", ".struct_ops", ".struct_ops.link", "?.struct_ops", "license"),
    *(
        "version",
        ".addr_space.1",
        "bpfgen.anchor",
        ".text",
        "xdp",
        ".symtab",
        ".strtab",
        "",
        "\x1b",
    ),
)

SECTION_INDEXES = (0, 1, 2, 3, 4, 5, 0xFF00, 0xFFF1, 0xFFF2, 0xFFFF)
"""Of symbols: real ones, none, SHN_ABS, SHN_COMMON, SHN_XINDEX."""


def _section(draft: Draft, chance: random.Random, *types: int) -> SectionDraft | None:
    found = [
        section for section in draft.sections[1:] if not types or section.header[elf.TYPE] in types
    ]
    return chance.choice(found) if found else None


def types(draft: Draft, chance: random.Random, sound: TypesDraft | None = None) -> None:
    """Damage the BTF, in one to three ways."""
    section = draft.named(".BTF")
    if section is None:
        return
    if sound is None:
        try:
            sound = take_types_apart(section.data, draft.order)
        except (struct.error, IndexError):
            return  # damaged before
    made = sound.copy()
    for _ in range(chance.choice((1, 1, 2, 3))):
        with suppress(IndexError, ValueError):  # an earlier damage left nothing to work on
            chance.choice(type_damages.DAMAGES)(made, chance)
    section.data = made.build()


def symbols(draft: Draft, chance: random.Random) -> None:
    """Change, double, drop or shuffle symbols."""
    section = _section(draft, chance, elf.SYMTAB)
    if section is None:
        return
    form = struct.Struct(draft.order + elf.SYMBOL[draft.elf_class])
    if len(section.data) % form.size:
        return
    table = [list(entry) for entry in form.iter_unpack(section.data)]
    if not table:
        return
    what = chance.randrange(8)
    if what == 0:
        chance.shuffle(table)
    elif what == 1:
        del table[chance.randrange(len(table))]
    elif what == 2:
        table += [list(chance.choice(table)) for _ in range(chance.choice((1, 5, 200)))]
    else:
        name, info, shndx, value, size = (
            (0, 1, 3, 4, 5) if draft.elf_class == 2 else (0, 3, 5, 1, 2)
        )
        for _ in range(chance.randint(1, 4)):
            entry = chance.choice(table)
            place = chance.choice((name, info, info + 1, shndx, value, value, size))
            entry[place] = chance.choice(
                {
                    name: (
                        0,
                        chance.choice(table)[name],
                        1 << 20,
                        0xFFFFFFFF,
                        chance.randrange(200),
                    ),
                    info: (0x10, 0x11, 0x12, 0x01, 0x21, 0x22, 0x03, 0x13, 0xFF, 0x20, 0x1F),
                    info + 1: (0, 1, 2, 3, 0xFF),
                    shndx: (*SECTION_INDEXES, chance.choice(table)[shndx]),
                }.get(place, (*WIDE, 8, 16, 24, 32, 40))
            )
    limit = (1 << 64) - 1 if draft.elf_class == 2 else elf.U32
    section.data = b"".join(form.pack(*(min(word, limit) for word in entry)) for entry in table)


def relocations(draft: Draft, chance: random.Random) -> None:
    """Change, double or drop relocations; make them those of another section or another form."""
    section = _section(draft, chance, elf.REL, elf.RELA)
    if section is None:
        return
    form = draft.order + ("QQ" if draft.elf_class == 2 else "II")
    limit = (1 << 64) - 1 if draft.elf_class == 2 else elf.U32
    what = chance.randrange(6)
    if what == 0:
        section.header[elf.TYPE] ^= elf.REL ^ elf.RELA
    elif what == 1:
        section.header[elf.INFO] = chance.choice((*INTERESTING, *range(len(draft.sections))))
    elif what == 2:
        section.data *= chance.choice((0, 2, 3, 100))
    elif section.data and len(section.data) % struct.calcsize(form) == 0:
        table = [list(entry) for entry in struct.iter_unpack(form, section.data)]
        for _ in range(chance.randint(1, 3)):
            entry = chance.choice(table)
            shift = 32 if draft.elf_class == 2 else 8
            entry[0] = chance.choice((entry[0], *WIDE, entry[0] + 1, entry[0] + 8, entry[0] + 64))
            symbol = chance.choice((entry[1] >> shift, 0, 1, 2, 3, 5, 1 << 20, elf.U32))
            entry[1] = symbol << shift | chance.choice((2, 1, 0, 10, 255))
        section.data = b"".join(
            struct.pack(form, *(min(word, limit) for word in entry)) for entry in table
        )


def section_header(draft: Draft, chance: random.Random) -> None:
    """Put a breaking number into a section header: also no entry size, a link into nowhere."""
    section = chance.choice(draft.sections)
    place = chance.randrange(10)
    count = len(draft.sections)
    value = chance.choice((*WIDE, count, count - 1, chance.randrange(count)))
    if place == elf.TYPE:
        value = chance.choice((0, 1, 2, 3, 4, 8, 9, 11, 18, 0x6FFF4C03, elf.U32))
    if place == elf.FLAGS:
        value = chance.choice((0, 1, 2, 4, 6, 3, 0x800, 0x802, 0x30, (1 << 64) - 1))
    section.lies[place] = value


def section_type(draft: Draft, chance: random.Random) -> None:
    """Make a section one of another type, without bytes, compressed."""
    section = chance.choice((draft.named(".maps"), draft.named(".BTF"), _section(draft, chance)))
    if section is None:
        return
    what = chance.randrange(3)
    if what == 0:
        section.header[elf.SIZE] = chance.choice((len(section.data), *WIDE))
        section.header[elf.TYPE] = elf.NOBITS
    elif what == 1:
        section.header[elf.FLAGS] |= 0x800
        size = chance.choice(WIDE)
        head = struct.pack(draft.order + "IIQQ", 1, 0, size, 8)
        section.data = chance.choice((head, head + section.data, section.data))
    else:
        section.header[elf.TYPE] = chance.choice((1, 2, 3, 4, 9, 18, 0x70000000))


def section_place(draft: Draft, chance: random.Random) -> None:
    """Lay a section over another one, or over the headers, or behind the end."""
    section = _section(draft, chance)
    if section is None:
        return
    section.lies[elf.OFFSET] = chance.choice((0, 1, 24, 64, 72, 100, 200, 1000, *WIDE))
    if chance.random() < 0.5:
        section.lies[elf.SIZE] = chance.choice((0, 1, 8, 24, 64, 100, 1000, *WIDE))


def section_name(draft: Draft, chance: random.Random) -> None:
    """Call a section by another's name, or by one that means something."""
    section = _section(draft, chance)
    if section is None or draft.names >= len(draft.sections):
        return
    names = draft.sections[draft.names]
    text = chance.choice((*SECTION_NAMES, chance.choice(draft.sections).name))
    section.name = text
    section.header[elf.NAME] = len(names.data)
    names.data += text.encode() + b"\0"


def section_data(draft: Draft, chance: random.Random) -> None:
    """Empty, cut, lengthen or fill a section."""
    section = chance.choice((draft.named(".maps"), draft.named(".data"), _section(draft, chance)))
    if section is None:
        return
    size = len(section.data)
    section.data = chance.choice(
        (
            b"",
            section.data[: chance.randrange(size + 1)],
            section.data + bytes(chance.choice((1, 4, 8, 64))),
            b"\xff" * size,
            chance.randbytes(min(size, 4096)),
        )
    )


def more_sections(draft: Draft, chance: random.Random) -> None:
    """Double a section, drop one (what is behind it moves), exchange two."""
    at = chance.randrange(len(draft.sections))
    other = chance.randrange(len(draft.sections))
    what = chance.randrange(4)
    if what == 0:
        draft.sections += [draft.sections[at].copy() for _ in range(chance.choice((1, 2, 2, 60)))]
    elif what == 1 and len(draft.sections) > 1:
        del draft.sections[at]
    elif what == 2:
        draft.sections[at], draft.sections[other] = draft.sections[other], draft.sections[at]
    else:
        # gABI: the numbers that are too large for the ELF header stand in the null section's.
        null = draft.sections[0]
        draft.lies["shnum"] = 0
        null.lies[elf.SIZE] = chance.choice((len(draft.sections), *WIDE))
        if chance.random() < 0.5:
            draft.lies["shstrndx"] = 0xFFFF
            null.lies[elf.LINK] = chance.choice((draft.names, *INTERESTING))


def extended_indexes(draft: Draft, chance: random.Random) -> None:
    """Let symbols take the index of their section from a table of such, as with 65,280 sections."""
    at = next(
        (n for n, each in enumerate(draft.sections) if each.header[elf.TYPE] == elf.SYMTAB), None
    )
    if at is None:
        return
    table = draft.sections[at]
    size = struct.calcsize("=" + elf.SYMBOL[draft.elf_class])
    place = 6 if draft.elf_class == 2 else 14
    data = bytearray(table.data)
    indexes = []
    for start in range(0, len(data) - size + 1, size):
        indexes.append(int.from_bytes(data[start + place : start + place + 2], "little"))
        if draft.order == ">":
            indexes[-1] = int.from_bytes(data[start + place : start + place + 2], "big")
        if indexes[-1] and chance.random() < 0.5:
            data[start + place : start + place + 2] = b"\xff\xff"
    table.data = bytes(data)
    kept = len(indexes) if chance.random() < 0.7 else chance.randrange(len(indexes) + 1)
    wide = b"".join(
        struct.pack(
            draft.order + "I", index if chance.random() < 0.9 else chance.choice(INTERESTING)
        )
        for index in indexes[:kept]
    )
    draft.sections.append(
        SectionDraft("", [0, elf.SYMTAB_SHNDX, 0, 0, 0, 0, at, 0, 4, chance.choice((4, 0))], wide)
    )


def file_header(draft: Draft, chance: random.Random) -> None:
    """Lie in the ELF header; make it a file of another class, machine, type."""
    what = chance.choice(
        (
            *("shoff", "shentsize", "shnum", "shstrndx", "class", "encoding"),
            *("type", "machine", "narrow"),
        )
    )
    if what == "narrow":
        if draft.elf_class == 2 and all(
            len(each.data) % 24 == 0 for each in draft.sections if each.header[1] == elf.SYMTAB
        ):
            try:
                made = elf.narrowed(draft)
            except struct.error:
                return
            draft.elf_class, draft.sections = made.elf_class, made.sections
    elif what == "type":
        draft.head[0] = chance.choice((0, 2, 3, 4, 0xFFFF))
    elif what == "machine":
        draft.head[1] = chance.choice((0, 3, 62, 183, 243, 247, 263, 0xFFFF))
    elif what in ("class", "encoding"):
        draft.lies[what] = chance.choice((0, 1, 2, 3, 255))
    else:
        draft.lies[what] = chance.choice((*WIDE, 40, 64, len(draft.sections)))


DAMAGES: tuple[Damage, ...] = (
    *(symbols, symbols, relocations, relocations, section_header, section_header, section_type),
    *(section_place, section_name, section_data, more_sections, extended_indexes, file_header),
)


def flip(data: bytearray, chance: random.Random) -> None:
    """Change a few bytes anywhere."""
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] = chance.randrange(256)


def cut(data: bytearray, chance: random.Random) -> None:
    """End too soon."""
    del data[chance.randrange(len(data)) :]


def insert(data: bytearray, chance: random.Random) -> None:
    """Shift what follows."""
    at = chance.randrange(len(data))
    data[at:at] = chance.randbytes(chance.choice((1, 2, 4, 8, 24)))


def repeat(data: bytearray, chance: random.Random) -> None:
    """Copy a piece over another one."""
    size = chance.choice((4, 8, 12, 24, 64))
    source, target = (chance.randrange(len(data)) for _ in range(2))
    data[target : target + size] = data[source : source + size]


def word(data: bytearray, chance: random.Random) -> None:
    """Put a breaking number anywhere, in either byte order."""
    size = chance.choice((1, 2, 4, 8))
    at = chance.randrange(len(data))
    value = chance.choice(WIDE) & ((1 << size * 8) - 1)
    order = "little" if chance.random() < 0.5 else "big"
    data[at : at + size] = value.to_bytes(size, order)  # type: ignore[arg-type]


BYTE_DAMAGES = (flip, flip, cut, insert, repeat, word)


class Seed:
    """A sound object, taken apart once."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.data = data
        self.draft = elf.take_apart(data)
        section = self.draft.named(".BTF")
        self.types = None if section is None else take_types_apart(section.data, self.draft.order)


def mutant(seed: Seed, number: int) -> bytes:
    """Return mutant *number* of *seed*: the same number gives the same bytes."""
    chance = random.Random(number)  # noqa: S311 -- test data
    draft = seed.draft.copy()
    how = chance.random()
    if how < 0.65 and seed.types is not None:
        types(draft, chance, seed.types)
    if how > 0.5:
        for _ in range(chance.choice((1, 1, 2, 3))):
            chance.choice(DAMAGES)(draft, chance)
            if not draft.sections:
                break
    data = bytearray(draft.build())
    if chance.random() < 0.15:
        for _ in range(chance.choice((1, 1, 2))):
            if data:
                chance.choice(BYTE_DAMAGES)(data, chance)
    return bytes(data)
