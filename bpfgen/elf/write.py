"""Sections, symbols and relocations -> the bytes of a relocatable ELF file, of either byte order.

What :mod:`bpfgen.assemble` makes an object with. It knows nothing of maps or types, and shares the
numbers of ELF with :mod:`bpfgen.elf.read`, and nothing else.

Source: System V gABI, chapter 4 ("Object Files"); the formats are those of <elf.h>.
"""

from __future__ import annotations

from itertools import accumulate
from struct import Struct

from bpfgen.elf.constants import (
    ELFCLASS64,
    ELFDATA2LSB,
    ELFDATA2MSB,
    EM_BPF,
    ET_REL,
    EV_CURRENT,
    SHF_INFO_LINK,
    SHN_UNDEF,
    SHT_NULL,
    SHT_PROGBITS,
    SHT_REL,
    SHT_STRTAB,
    SHT_SYMTAB,
    STB_GLOBAL,
    STB_LOCAL,
    STT_NOTYPE,
)
from bpfgen.files import ELFMAG
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_EHDR = "4s5B7xHHIQQQIHHHHHH"
"""e_ident, then e_type, e_machine, e_version, e_entry, e_phoff, e_shoff, e_flags, e_ehsize,
e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx."""

_SHDR = "IIQQQQIIQQ"
"""sh_name, sh_type, sh_flags, sh_addr, sh_offset, sh_size, sh_link, sh_info, sh_addralign,
sh_entsize."""

_SYM = "IBBHQQ"
"""st_name, st_info, st_other, st_shndx, st_value, st_size."""

_REL = "QQ"
"""r_offset, r_info."""

_TABLE_ALIGN = 8
_STRTAB = ".strtab"
_SYMTAB = ".symtab"


class NewSymbol(Record):
    """A symbol to write.

    Attributes:
        section: The name of the section that it is in; empty where another file defines it.
        value: In that section, in bytes.
        size: In bytes.
    """

    name: str
    section: str = ""
    value: int = 0
    size: int = 0
    bind: int = STB_GLOBAL
    type: int = STT_NOTYPE


class NewRelocation(Record):
    """A relocation to write; *symbol* is a place among the symbols, as they are given."""

    offset: int
    type: int
    symbol: int


class NewSection(Record):
    """A section to write; *align* is in bytes."""

    name: str
    data: bytes
    flags: int = 0
    align: int = 1
    relocations: Sequence[NewRelocation] = ()


class _Laid(Record):
    """A section with the rest of its header: what its links mean is said by its type."""

    name: str
    type: int
    data: bytes
    flags: int = 0
    link: int = 0
    info: int = 0
    align: int = 1
    entry_size: int = 0


def elf_bytes(
    sections: Sequence[NewSection],
    symbols: Sequence[NewSymbol],
    byteorder: str,
    machine: int = EM_BPF,
) -> bytes:
    """Return a file of class 64 with *sections*, which have different names, and *symbols*.

    Symbols stay in their order, but that local ones come first, as the gABI wants. Beside each
    section with relocations stands its table of them, of the form without addends: those of BPF are
    in the place itself.
    """
    order = "<" if byteorder == "little" else ">"
    indexes: dict[str, int] = {"": SHN_UNDEF}
    following = 2  # after the null section and the strings
    for section in sections:
        indexes[section.name] = following
        following += 2 if section.relocations else 1
    symtab = following
    ordered = sorted(range(len(symbols)), key=lambda given: symbols[given].bind != STB_LOCAL)
    places = {given: place for place, given in enumerate(ordered, 1)}
    laid = []
    for section in sections:
        laid.append(_contents(section))
        if section.relocations:
            laid.append(_relocations(section, places, order, symtab, indexes[section.name]))
    names = (_STRTAB, _SYMTAB, *(one.name for one in laid), *(symbol.name for symbol in symbols))
    table, offsets = _strings(names)
    laid.insert(0, _Laid(_STRTAB, SHT_STRTAB, table))
    laid.append(_symbols([symbols[given] for given in ordered], indexes, offsets, order))
    return _file(laid, offsets, order, machine)


def _contents(section: NewSection) -> _Laid:
    data, flags, align = section.data, section.flags, section.align
    return _Laid(section.name, SHT_PROGBITS, data, flags=flags, align=align)


def _symbols(
    symbols: Sequence[NewSymbol], indexes: dict[str, int], names: dict[str, int], order: str
) -> _Laid:
    """Return the table of *symbols*, of which the local ones come first."""
    form = Struct(order + _SYM)
    entries = [form.pack(0, 0, 0, SHN_UNDEF, 0, 0)]
    entries += [
        form.pack(
            names[symbol.name],
            symbol.bind << 4 | symbol.type,
            0,  # st_other: default visibility
            indexes[symbol.section],
            symbol.value,
            symbol.size,
        )
        for symbol in symbols
    ]
    return _Laid(
        _SYMTAB,
        SHT_SYMTAB,
        b"".join(entries),
        link=1,
        info=1 + sum(symbol.bind == STB_LOCAL for symbol in symbols),
        align=_TABLE_ALIGN,
        entry_size=form.size,
    )


def _relocations(
    section: NewSection, places: dict[int, int], order: str, symtab: int, index: int
) -> _Laid:
    """Return the table of the relocations of *section*, which has *index*."""
    form = Struct(order + _REL)
    data = b"".join(
        [form.pack(one.offset, places[one.symbol] << 32 | one.type) for one in section.relocations]
    )
    return _Laid(
        f".rel{section.name}",
        SHT_REL,
        data,
        flags=SHF_INFO_LINK,
        link=symtab,
        info=index,
        align=_TABLE_ALIGN,
        entry_size=form.size,
    )


def _strings(names: Iterable[str]) -> tuple[bytes, dict[str, int]]:
    """Return a string table of *names*, and where in it each begins."""
    encoded = {"": b""} | {name: name.encode("utf-8", "surrogateescape") for name in names}
    starts = accumulate((len(one) + 1 for one in encoded.values()), initial=0)
    return b"\0".join(encoded.values()) + b"\0", dict(zip(encoded, starts, strict=False))


def _file(sections: Sequence[_Laid], names: dict[str, int], order: str, machine: int) -> bytes:
    """Return the header, *sections* after each other, and their headers."""
    header, entry = Struct(order + _EHDR), Struct(order + _SHDR)
    headers = [entry.pack(0, SHT_NULL, 0, 0, 0, 0, 0, 0, 0, 0)]
    parts: list[bytes] = []
    offset = header.size
    for section in sections:
        gap = -offset % section.align
        offset += gap
        parts += (bytes(gap), section.data)
        headers.append(
            entry.pack(
                names[section.name],
                section.type,
                section.flags,
                0,
                offset,
                len(section.data),
                section.link,
                section.info,
                section.align,
                section.entry_size,
            )
        )
        offset += len(section.data)
    gap = -offset % _TABLE_ALIGN
    beginning = header.pack(
        ELFMAG,
        ELFCLASS64,
        ELFDATA2LSB if order == "<" else ELFDATA2MSB,
        EV_CURRENT,
        0,
        0,
        ET_REL,
        machine,
        EV_CURRENT,
        0,
        0,
        offset + gap,
        0,
        header.size,
        0,
        0,
        entry.size,
        len(headers),
        1,
    )
    return b"".join([beginning, *parts, bytes(gap), *headers])
