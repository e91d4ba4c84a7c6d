"""Bytes of an ELF file -> sections, symbols, relocations. The first step of reading an object.

Only the headers are looked at when a file is opened; names, symbols and contents are taken when
they are asked for. Nothing is allocated by a count of the file before the count was held against
the number of bytes that are there.

Source: System V gABI, chapters 4 ("Object Files") and 5; the formats are those of <elf.h>.
"""

from __future__ import annotations

from contextlib import suppress

from bpfgen.elf.constants import (
    ELFCLASS32,
    ELFCLASS64,
    ELFDATA2LSB,
    ELFDATA2MSB,
    EV_CURRENT,
    SHF_COMPRESSED,
    SHN_LORESERVE,
    SHN_UNDEF,
    SHN_XINDEX,
    SHT_REL,
    SHT_RELA,
    SHT_STRTAB,
    SHT_SYMTAB,
    STB_LOCAL,
    STT_FILE,
    STT_FUNC,
    STT_SECTION,
)
from bpfgen.elf.strings import StringTable
from bpfgen.elf.tables import (
    EHDR,
    REL,
    RELA,
    SHDR,
    SYM,
    WITHOUT_BYTES,
    Relocation,
    Section,
    SectionNames,
    Symbol,
    forms,
)
from bpfgen.files import ELFMAG
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from mmap import mmap
    from typing import Literal


_REL_SYMBOL = forms("QII", "II")
"""Of a relocation of 64 bits the two halves of r_info apart, the symbol's and the type's."""

_TABLES = (SHT_SYMTAB, SHT_REL, SHT_RELA)
"""Types of sections that are looked for by their type."""

_STANDING_FOR_OTHERS = (STT_SECTION, STT_FILE)
"""Types of symbols that are names of nothing that a program defines."""


class ElfFile:
    """An ELF file of either class and byte order.

    The index of a symbol's section is what st_shndx says: libbpf reads no SHT_SYMTAB_SHNDX, which
    holds the indexes from 0xff00 on.

    Attributes:
        data: The whole file.
        byteorder: `little` or `big`.
        elf_class: ELFCLASS64 or ELFCLASS32.
        type: ET_*.
        machine: EM_*.
        sections: All of them, the null section included, so that an index is an index.
        cut_off: Those that the file ends before.
    """

    __slots__ = (
        "_by_name",
        "_named",
        "_names",
        "_of_type",
        "_order",
        "_strings",
        "_symtab",
        "byteorder",
        "cut_off",
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
        if data[6] != EV_CURRENT:
            raise FormatError(f"ELF version {data[6]} is not known", 6)
        self._order = "<" if data[5] == ELFDATA2LSB else ">"
        self.byteorder: Literal["little", "big"] = "little" if data[5] == ELFDATA2LSB else "big"
        ehdr = EHDR[self._order, self.elf_class]
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
            _shentsize,  # e_shentsize; as in libelf, the class decides
            shnum,  # e_shnum
            shstrndx,  # e_shstrndx
        ) = ehdr.unpack_from(data, 16)
        self._names = SectionNames()
        self.cut_off: list[Section] = []
        self._of_type: dict[int, list[Section]] = {type: [] for type in _TABLES}
        self.sections: tuple[Section, ...] = self._read_sections(shoff, shnum)
        if shstrndx == SHN_XINDEX and self.sections:
            shstrndx = self.sections[0].link
        self._by_name: dict[str, Section] | None = None
        self._named: list[tuple[str, Section]] | None = None
        if shstrndx != SHN_UNDEF:
            self._names.table = self.string_table(shstrndx)
        self._symtab = next(iter(self._of_type[SHT_SYMTAB]), None)
        self._strings: StringTable | None = None
        if self._symtab is not None:
            self._read_symtab_header(self._symtab)

    def _read_sections(self, shoff: int, shnum: int) -> tuple[Section, ...]:
        if shoff == 0:
            return ()
        data = self.data
        shdr = SHDR[self._order, self.elf_class]
        if shoff + shdr.size > len(data):
            raise FormatError("the section headers are past the end of the file", shoff)
        if shnum == 0:
            # gABI: 0xff00 sections and more; the first header's sh_size counts them.
            shnum = shdr.unpack_from(data, shoff)[5]
        if shnum > (len(data) - shoff) // shdr.size:
            raise FormatError(f"{shnum} section headers don't fit into the file", shoff)
        table = memoryview(data)[shoff : shoff + shnum * shdr.size]
        names, length, of_type = self._names, len(data), self._of_type
        sections = []
        for index, header in enumerate(shdr.iter_unpack(table)):
            section = Section(data, names, index, header)
            sections.append(section)
            without_bytes = header[1] in WITHOUT_BYTES
            if header[1] in of_type and index:  # nothing is in the null section
                of_type[header[1]].append(section)
            if section.size and section.offset + section.size > length and not without_bytes:
                # Nobody may ask for it: debug information that was cut off.
                self.cut_off.append(section)
        return tuple(sections)

    def _read_symtab_header(self, symtab: Section) -> None:
        size = SYM[self._order, self.elf_class].size
        if symtab.entsize not in (0, size) or symtab.size % size:
            raise FormatError(
                f"the symbol table isn't a table of {size} byte entries", symtab.offset
            )
        with suppress(FormatError):  # symbols have no names then; who needs one says so
            self._strings = self.string_table(symtab.link)

    def string_table(self, index: int) -> StringTable:
        """Return the strings of section *index*; FormatError if it isn't a string table."""
        section = self.section(index)
        if section.type != SHT_STRTAB or section.flags & SHF_COMPRESSED:
            raise FormatError(f"section {index} should be a string table", section.offset)
        if section in self.cut_off:
            raise FormatError(f"section {index} goes past the end of the file", section.offset)
        return StringTable(self.data, section.offset, section.size)

    def section(self, index: int) -> Section:
        """Return section *index*; FormatError if there is none."""
        if not 0 <= index < len(self.sections):
            raise FormatError(f"there is no section {index}")
        return self.sections[index]

    @property
    def has_symbol_names(self) -> bool:
        """Whether the symbols have names."""
        return self._strings is not None

    @property
    def has_names(self) -> bool:
        """Whether the sections have names."""
        return self._names.table is not None

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

    def sections_named(self, name: str) -> list[Section]:
        """Return every section called *name*, in order; FormatError if a name is no string."""
        return [section for own, section in self.named_sections() if own == name]

    def tables(self, type: int) -> list[Section]:
        """Return the sections of *type*, one of SHT_SYMTAB, SHT_REL and SHT_RELA, in order."""
        return self._of_type[type]

    def symbols(self, *, local_in: Container[int] | None = None) -> Iterator[Symbol]:
        """Yield the symbols in order, the null symbol first; nothing if there is no table.

        With *local_in*, local symbols are left out but functions and those of the sections of these
        indexes; and so are symbols that stand for a section or a file. Most are local labels.
        """
        if self._symtab is None:
            return
        form = SYM[self._order, self.elf_class]
        info_at, shndx_at = (1, 3) if self.elf_class == ELFCLASS64 else (3, 5)
        for index, entry in enumerate(form.iter_unpack(self._symtab.data)):
            if local_in is not None:
                type, shndx = entry[info_at] & 15, entry[shndx_at]
                if type in _STANDING_FOR_OTHERS:
                    continue
                if entry[info_at] >> 4 == STB_LOCAL and not (type == STT_FUNC or shndx in local_in):
                    continue
            yield self._symbol(index, entry)

    @property
    def symbol_count(self) -> int:
        """How many symbols there are, the null symbol included."""
        if self._symtab is None:
            return 0
        return self._symtab.size // SYM[self._order, self.elf_class].size

    def symbol(self, index: int) -> Symbol:
        """Return symbol *index*; FormatError if there is none."""
        form = SYM[self._order, self.elf_class]
        if self._symtab is None or not 0 <= index < self.symbol_count:
            raise FormatError(f"there is no symbol {index}")
        return self._symbol(index, form.unpack_from(self._symtab.data, index * form.size))

    def _symbol(self, index: int, entry: tuple[int, ...]) -> Symbol:
        if self.elf_class == ELFCLASS64:
            name, info, other, shndx, value, size = entry
        else:
            name, value, size, info, other, shndx = entry
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
        return SHN_UNDEF < symbol.shndx < min(len(self.sections), SHN_LORESERVE)

    def relocations(
        self, section: Section, tables_read: Container[int] | None = None
    ) -> Iterator[Relocation]:
        """Yield the relocations for *section*, in the order of the file, of SHT_REL and SHT_RELA.

        With *tables_read*, of the tables of these indexes only.

        Raises:
            FormatError: A table of broken size, or more relocations than the file could hold.
        """
        room = len(self.data)
        tables = [
            table
            for table in (*self._of_type[SHT_REL], *self._of_type[SHT_RELA])
            if table.info == section.index and (tables_read is None or table.index in tables_read)
        ]
        for table in sorted(tables, key=lambda table: table.index):
            form = (RELA if table.type == SHT_RELA else REL)[self._order, self.elf_class]
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

    def relocation_pairs(self, table: Section) -> Iterator[tuple[int, int]]:
        """Yield (r_offset, index of the symbol) of the relocations in *table*, an SHT_REL.

        As :meth:`relocations`, for those that are very many. Nothing for a table of broken size.
        """
        form = _REL_SYMBOL[self._order, self.elf_class]
        data = table.data
        if len(data) % form.size:
            return
        if self.elf_class == ELFCLASS32:
            yield from ((offset, info >> 8) for offset, info in form.iter_unpack(data))
        elif self.byteorder == "little":
            yield from ((offset, symbol) for offset, _type, symbol in form.iter_unpack(data))
        else:
            yield from ((offset, symbol) for offset, symbol, _type in form.iter_unpack(data))

    def symbol_place(self, index: int) -> tuple[int, int, int] | None:
        """Return (st_info, st_shndx, st_value) of symbol *index*; None if it isn't there."""
        if not 0 <= index < self.symbol_count or self._symtab is None:
            return None
        form = SYM[self._order, self.elf_class]
        entry = form.unpack_from(self._symtab.data, index * form.size)
        if self.elf_class == ELFCLASS64:
            return entry[1], entry[3], entry[4]
        return entry[3], entry[5], entry[1]

    def _relocation(self, entry: tuple[int, ...]) -> Relocation:
        offset, info = entry[:2]
        addend = entry[2] if len(entry) == 3 else None
        if self.elf_class == ELFCLASS64:
            return Relocation(offset, info & 0xFFFFFFFF, info >> 32, addend)
        return Relocation(offset, info & 0xFF, info >> 8, addend)
