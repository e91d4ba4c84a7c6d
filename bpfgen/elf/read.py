"""Bytes of an ELF file -> sections, symbols, relocations. The first step of reading an object.

Only the headers are looked at when a file is opened; names, symbols and contents are taken when
they are asked for. Nothing is allocated by a count of the file before the count was held against
the number of bytes that are there.

Source: System V gABI, chapters 4 ("Object Files") and 5; the formats are those of <elf.h>.
"""

from __future__ import annotations

from struct import Struct

from bpfgen.diagnostics import FormatError
from bpfgen.elf.constants import (
    ELFCLASS32,
    ELFCLASS64,
    ELFDATA2LSB,
    ELFDATA2MSB,
    ELFMAG,
    SHN_LORESERVE,
    SHN_UNDEF,
    SHN_XINDEX,
    SHT_NOBITS,
    SHT_NULL,
    SHT_REL,
    SHT_RELA,
    SHT_STRTAB,
    SHT_SYMTAB,
    SHT_SYMTAB_SHNDX,
    STB_LOCAL,
    STT_FILE,
    STT_FUNC,
    STT_SECTION,
)
from bpfgen.elf.strings import StringTable
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from mmap import mmap
    from typing import Literal


def _forms(form64: str, form32: str) -> dict[tuple[str, int], Struct]:
    """Return how a table's entries are laid out, by byte order and class."""
    forms = {ELFCLASS64: form64, ELFCLASS32: form32}
    return {
        (order, elf_class): Struct(order + form)
        for order in "<>"
        for elf_class, form in forms.items()
    }


_EHDR = _forms("HHIQQQIHHHHHH", "HHIIIIIHHHHHH")
_SHDR = _forms("IIQQQQIIQQ", "IIIIIIIIII")
_SYM = _forms("IBBHQQ", "IIIBBH")
_REL = _forms("QQ", "II")
_RELA = _forms("QQq", "IIi")


_STANDING_FOR_OTHERS = (STT_SECTION, STT_FILE)
"""Types of symbols that are names of nothing that a program defines."""

_WITHOUT_BYTES = (SHT_NOBITS, SHT_NULL)
"""Types of sections that take no place in the file."""


class _SectionNames:
    """Where the sections of one file find their names, once it is known."""

    __slots__ = ("table",)

    def __init__(self) -> None:
        self.table: StringTable | None = None


class Section:
    """One section.

    Attributes:
        index: Its place in the section header table.
        name_offset: Where its name stands in the table of names.
        type: SHT_*.
        flags: SHF_*, or'ed.
        offset: Where its bytes begin in the file.
        size: In bytes; an SHT_NOBITS section has none of them in the file.
        link: The index of another section, as the type says (the string table, the symbol table).
        info: As the type says: the section that relocations are for.
        entsize: Bytes of an entry, where the section is a table.
    """

    __slots__ = (
        "_data",
        "_name",
        "_names",
        "entsize",
        "flags",
        "index",
        "info",
        "link",
        "name_offset",
        "offset",
        "size",
        "type",
    )

    def __init__(
        self, data: bytes | mmap, names: _SectionNames, index: int, header: tuple[int, ...]
    ) -> None:
        # Not the file itself: without references in circles it is gone when nobody needs it.
        self._data = data
        self._names = names
        self._name: str | None = None
        self.index = index
        (
            self.name_offset,  # sh_name
            self.type,  # sh_type
            self.flags,  # sh_flags
            _address,  # sh_addr
            self.offset,  # sh_offset
            self.size,  # sh_size
            self.link,  # sh_link
            self.info,  # sh_info
            _alignment,  # sh_addralign
            self.entsize,  # sh_entsize
        ) = header

    def __repr__(self) -> str:
        return f"Section({self.index}, type={self.type}, size={self.size})"

    @property
    def name(self) -> str:
        """The name; empty in a file without section names. FormatError if it is no string."""
        name = self._name
        if name is None:
            table = self._names.table
            name = self._name = "" if table is None else table[self.name_offset]
        return name

    @property
    def data(self) -> memoryview:
        """The bytes, not copied; none for SHT_NOBITS."""
        if self.type in _WITHOUT_BYTES:
            return memoryview(b"")
        return memoryview(self._data)[self.offset : self.offset + self.size]


class Symbol(Record):
    """One symbol.

    Attributes:
        index: Its place in the symbol table.
        value: In a relocatable file its offset in the section.
        size: In bytes.
        bind: STB_*.
        type: STT_*.
        visibility: STV_*.
        shndx: The index of its section, or one of SHN_*.
    """

    index: int
    name: str
    value: int
    size: int
    bind: int
    type: int
    visibility: int
    shndx: int


class Relocation(Record):
    """One relocation.

    Attributes:
        offset: The byte in the section that it is for.
        type: R_BPF_*.
        symbol: Index into the symbol table.
        addend: None where the place itself holds it (SHT_REL, as clang writes for BPF).
    """

    offset: int
    type: int
    symbol: int
    addend: int | None


class ElfFile:
    """An ELF file of either class and byte order.

    Attributes:
        data: The whole file.
        byteorder: `little` or `big`.
        elf_class: ELFCLASS64 or ELFCLASS32.
        type: ET_*.
        machine: EM_*.
        sections: All of them, the null section included, so that an index is an index.
    """

    __slots__ = (
        "_by_name",
        "_named",
        "_names",
        "_order",
        "_shndx_table",
        "_strings",
        "_symtab",
        "byteorder",
        "data",
        "elf_class",
        "machine",
        "sections",
        "type",
    )

    def __init__(self, data: bytes | mmap) -> None:
        """Read the headers of *data*, which may be a file mapped into memory.

        Raises:
            FormatError: No ELF file, or one whose sections aren't all there.
        """
        self.data = data
        if data[:4] != ELFMAG:
            raise FormatError("not an ELF file", 0)
        if len(data) < 16:
            raise FormatError("an ELF header that ends too soon", len(data))
        self.elf_class = data[4]
        if self.elf_class not in (ELFCLASS32, ELFCLASS64):
            raise FormatError(f"ELF class {self.elf_class} is neither 32-bit nor 64-bit", 4)
        if data[5] not in (ELFDATA2LSB, ELFDATA2MSB):
            raise FormatError(f"ELF data encoding {data[5]} is no byte order", 5)
        self._order = "<" if data[5] == ELFDATA2LSB else ">"
        self.byteorder: Literal["little", "big"] = "little" if data[5] == ELFDATA2LSB else "big"
        ehdr = _EHDR[self._order, self.elf_class]
        if len(data) < 16 + ehdr.size:
            raise FormatError("an ELF header that ends too soon", len(data))
        (
            self.type,  # e_type
            self.machine,  # e_machine
            _version,  # e_version
            _entry,  # e_entry
            _phoff,  # e_phoff
            shoff,  # e_shoff
            _flags,  # e_flags
            _ehsize,  # e_ehsize
            _phentsize,  # e_phentsize
            _phnum,  # e_phnum
            shentsize,  # e_shentsize
            shnum,  # e_shnum
            shstrndx,  # e_shstrndx
        ) = ehdr.unpack_from(data, 16)
        self._names = _SectionNames()
        self.sections: tuple[Section, ...] = self._read_sections(shoff, shentsize, shnum)
        if shstrndx == SHN_XINDEX and self.sections:
            shstrndx = self.sections[0].link
        self._by_name: dict[str, Section] | None = None
        self._named: list[tuple[str, Section]] | None = None
        if shstrndx != SHN_UNDEF:
            self._names.table = self.string_table(shstrndx)
        self._symtab = next((s for s in self.sections if s.type == SHT_SYMTAB), None)
        self._strings: StringTable | None = None
        self._shndx_table: memoryview | None = None
        if self._symtab is not None:
            self._read_symtab_header(self._symtab)

    def _read_sections(self, shoff: int, shentsize: int, shnum: int) -> tuple[Section, ...]:
        if shoff == 0:
            return ()
        data = self.data
        shdr = _SHDR[self._order, self.elf_class]
        if shentsize != shdr.size:
            raise FormatError(f"section headers of {shentsize} bytes instead of {shdr.size}", 16)
        if shoff + shdr.size > len(data):
            raise FormatError("the section headers are past the end of the file", shoff)
        if shnum == 0:
            # gABI: 0xff00 sections and more; the first header's sh_size counts them.
            shnum = shdr.unpack_from(data, shoff)[5]
        if shnum > (len(data) - shoff) // shdr.size:
            raise FormatError(f"{shnum} section headers don't fit into the file", shoff)
        table = memoryview(data)[shoff : shoff + shnum * shdr.size]
        names, length = self._names, len(data)
        sections = []
        for index, header in enumerate(shdr.iter_unpack(table)):
            section = Section(data, names, index, header)
            sections.append(section)
            if section.offset + section.size > length and section.type not in _WITHOUT_BYTES:
                raise FormatError(
                    f"section {index} goes past the end of the file", shoff + index * shdr.size
                )
        return tuple(sections)

    def _read_symtab_header(self, symtab: Section) -> None:
        size = _SYM[self._order, self.elf_class].size
        if symtab.entsize not in (0, size) or symtab.size % size:
            raise FormatError(
                f"the symbol table isn't a table of {size} byte entries", symtab.offset
            )
        self._strings = self.string_table(symtab.link)
        for section in self.sections:
            if section.type == SHT_SYMTAB_SHNDX and section.link == symtab.index:
                self._shndx_table = section.data

    def string_table(self, index: int) -> StringTable:
        """Return the strings of section *index*; FormatError if it isn't a string table."""
        section = self.section(index)
        if section.type != SHT_STRTAB:
            raise FormatError(f"section {index} should be a string table", section.offset)
        return StringTable(self.data, section.offset, section.size)

    def section(self, index: int) -> Section:
        """Return section *index*; FormatError if there is none."""
        if not 0 <= index < len(self.sections):
            raise FormatError(f"there is no section {index}")
        return self.sections[index]

    def named_sections(self) -> list[tuple[str, Section]]:
        """Return the sections with their names, in order, the null section left out.

        Raises:
            FormatError: A name is no string.
        """
        if self._named is None:
            sections = self.sections[1:]
            table = self._names.table
            names = [""] * len(sections)
            if table is not None:
                names = table.all_at([section.name_offset for section in sections])
            self._named = list(zip(names, sections, strict=True))
        return self._named

    def section_named(self, name: str) -> Section | None:
        """Return the first section called *name*, or None; FormatError if a name is no string."""
        if self._by_name is None:
            self._by_name = dict(reversed(self.named_sections()))
        return self._by_name.get(name)

    @property
    def has_symbols(self) -> bool:
        """Whether there is a symbol table; `strip` removes it."""
        return self._symtab is not None

    def symbols(self, *, local_in: Container[int] | None = None) -> Iterator[Symbol]:
        """Yield the symbols in order, the null symbol first; nothing if there is no table.

        With *local_in*, local symbols are left out but functions and those of the sections of these
        indexes; and so are symbols that stand for a section or a file. Most are local labels.
        """
        if self._symtab is None:
            return
        form = _SYM[self._order, self.elf_class]
        info_at, shndx_at = (1, 3) if self.elf_class == ELFCLASS64 else (3, 5)
        for index, entry in enumerate(form.iter_unpack(self._symtab.data)):
            if local_in is not None:
                type, shndx = entry[info_at] & 15, entry[shndx_at]
                if type in _STANDING_FOR_OTHERS:
                    continue
                if entry[info_at] >> 4 == STB_LOCAL and not (
                    type == STT_FUNC or shndx in local_in or shndx == SHN_XINDEX
                ):
                    continue
            yield self._symbol(index, entry)

    def symbol(self, index: int) -> Symbol:
        """Return symbol *index*; FormatError if there is none."""
        form = _SYM[self._order, self.elf_class]
        if self._symtab is None or not 0 <= index < self._symtab.size // form.size:
            raise FormatError(f"there is no symbol {index}")
        return self._symbol(index, form.unpack_from(self._symtab.data, index * form.size))

    def _symbol(self, index: int, entry: tuple[int, ...]) -> Symbol:
        if self.elf_class == ELFCLASS64:
            name, info, other, shndx, value, size = entry
        else:
            name, value, size, info, other, shndx = entry
        if shndx == SHN_XINDEX and self._shndx_table is not None:
            place = slice(index * 4, index * 4 + 4)
            wide = bytes(self._shndx_table[place])
            if len(wide) != 4:
                raise FormatError(f"symbol {index} has no extended section index")
            shndx = int.from_bytes(wide, self.byteorder)
        return Symbol(
            index,
            "" if self._strings is None else self._strings[name],
            value,
            size,
            info >> 4,
            info & 15,
            other & 3,
            shndx,
        )

    def in_section(self, symbol: Symbol) -> bool:
        """Whether *symbol* is defined in a section of this file."""
        reserved = symbol.shndx >= SHN_LORESERVE and self._shndx_table is None
        return symbol.shndx != SHN_UNDEF and not reserved and symbol.shndx < len(self.sections)

    def relocations(self, section: Section) -> Iterator[Relocation]:
        """Yield the relocations for *section*, in the order of the file, of SHT_REL and SHT_RELA.

        Raises:
            FormatError: A table of broken size, or more relocations than the file could hold.
        """
        room = len(self.data)
        for table in self.sections:
            if table.type not in (SHT_REL, SHT_RELA) or table.info != section.index:
                continue
            forms = _RELA if table.type == SHT_RELA else _REL
            form = forms[self._order, self.elf_class]
            if table.entsize not in (0, form.size) or table.size % form.size:
                raise FormatError(
                    f"section {table.index} isn't a table of {form.size} byte relocations",
                    table.offset,
                )
            # Tables that lie on top of each other would be read again and again.
            room -= table.size
            if room < 0:
                raise FormatError("the relocation tables overlap", table.offset)
            for entry in form.iter_unpack(table.data):
                yield self._relocation(entry)

    def _relocation(self, entry: tuple[int, ...]) -> Relocation:
        offset, info = entry[:2]
        addend = entry[2] if len(entry) == 3 else None
        if self.elf_class == ELFCLASS64:
            return Relocation(offset, info & 0xFFFFFFFF, info >> 32, addend)
        return Relocation(offset, info & 0xFF, info >> 8, addend)
