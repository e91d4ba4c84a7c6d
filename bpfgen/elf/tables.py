"""What an ELF file has tables of: sections, symbols, relocations; and the forms of their entries.

The values that :mod:`bpfgen.elf.read` makes.

Source: System V gABI, chapter 4 ("Object Files"); the formats are those of <elf.h>.
"""

from __future__ import annotations

from struct import Struct

from bpfgen.elf.constants import (
    ELFCLASS32,
    ELFCLASS64,
    SHT_NOBITS,
    SHT_NULL,
)
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from mmap import mmap

    from bpfgen.elf.strings import StringTable


def forms(form64: str, form32: str) -> dict[tuple[str, int], Struct]:
    """Return how a table's entries are laid out, by byte order and class."""
    return {
        (order, elf_class): Struct(order + form)
        for order in "<>"
        for elf_class, form in ((ELFCLASS64, form64), (ELFCLASS32, form32))
    }


EHDR = forms("HHIQQQIHHHHHH", "HHIIIIIHHHHHH")
SHDR = forms("IIQQQQIIQQ", "IIIIIIIIII")
SYM = forms("IBBHQQ", "IIIBBH")
REL = forms("QQ", "II")
RELA = forms("QQq", "IIi")
"""The ELF header after its first 16 bytes, and an entry of each table, by (order, class)."""


WITHOUT_BYTES = (SHT_NOBITS, SHT_NULL)
"""Types of sections that take no place in the file."""


class SectionNames:
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
        address: 0 in a relocatable file.
        align: What its place in memory is a multiple of, in bytes.
    """

    __slots__ = (
        "_data",
        "_name",
        "_names",
        "address",
        "align",
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
        self, data: bytes | mmap, names: SectionNames, index: int, header: tuple[int, ...]
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
            self.address,  # sh_addr
            self.offset,  # sh_offset
            self.size,  # sh_size
            self.link,  # sh_link
            self.info,  # sh_info
            self.align,  # sh_addralign
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
        """The bytes, not copied; none for SHT_NOBITS. FormatError where the file ends before."""
        if self.type in WITHOUT_BYTES or not self.size:
            return memoryview(b"")
        end = self.offset + self.size
        if end > len(self._data):
            raise FormatError(f"section {self.index} goes past the end of the file", self.offset)
        return memoryview(self._data)[self.offset : end]


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
