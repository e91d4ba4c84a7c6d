"""What each section of an object is to libbpf, and which it doesn't take.

libbpf goes through the sections once and knows them by type and name from then on: of several
called `.maps` or `.BTF` the last counts, of one that it ignores nothing does, and one whose bytes
libelf can't give stops it.

Source: tools/lib/bpf/libbpf.c, bpf_object__elf_collect and ignore_elf_section; elfutils,
libelf/elf_getdata.c, __libelf_set_rawdata_wrlock, for what libelf can't give.
"""

from __future__ import annotations

from bpfgen.elf.constants import (
    ELFCLASS64,
    SHF_COMPRESSED,
    SHF_EXECINSTR,
    SHT_DYNAMIC,
    SHT_DYNSYM,
    SHT_FINI_ARRAY,
    SHT_GNU_LIBLIST,
    SHT_GNU_VERSYM,
    SHT_GROUP,
    SHT_HASH,
    SHT_INIT_ARRAY,
    SHT_LLVM_ADDRSIG,
    SHT_NOBITS,
    SHT_PREINIT_ARRAY,
    SHT_PROGBITS,
    SHT_REL,
    SHT_RELA,
    SHT_RELR,
    SHT_STRTAB,
    SHT_SUNW_MOVE,
    SHT_SUNW_SYMINFO,
    SHT_SYMTAB,
    SHT_SYMTAB_SHNDX,
)
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.elf.read import ElfFile
    from bpfgen.elf.tables import Section

MAPS = ".maps"

ARENA_SECTION = ".addr_space.1"
"""Where clang puts variables of `__arena`: address space 1."""

STRUCT_OPS_SECTIONS = (
    ".struct_ops",
    ".struct_ops.link",
    "?.struct_ops",
    "?.struct_ops.link",
)
"""With a `?` the map isn't created unless the loader asks for it (libbpf 1.4)."""

_JUMP_TABLES = ".jumptables"

_RELOCATED = tuple(f".rel{name}" for name in (MAPS, *STRUCT_OPS_SECTIONS))
"""Tables that libbpf reads by their name, besides those for code."""

_VERSION_SIZE = 4
"""Bytes of section `version`: LINUX_VERSION_CODE."""

_ENTRY_SIZES = {
    SHT_SYMTAB: 24,
    SHT_RELA: 24,
    SHT_REL: 16,
    SHT_DYNSYM: 24,
    SHT_DYNAMIC: 16,
    SHT_HASH: 4,
    SHT_GROUP: 4,
    SHT_SYMTAB_SHNDX: 4,
    SHT_RELR: 8,
    SHT_INIT_ARRAY: 8,
    SHT_FINI_ARRAY: 8,
    SHT_PREINIT_ARRAY: 8,
    SHT_GNU_LIBLIST: 20,
    SHT_SUNW_MOVE: 32,
    SHT_SUNW_SYMINFO: 4,
    SHT_GNU_VERSYM: 2,
}
"""Bytes of an entry by sh_type, of which libelf wants a whole number; of 64-bit files."""


class Collected:
    """The sections of *elf* by what libbpf does with them.

    Attributes:
        maps: `.maps`, or None.
        legacy: Those of legacy maps, in order: `maps`, which libbpf refuses, and those that it
            passes over, `maps/NAME` (gobpf, cilium/ebpf, aya) and `NAME/maps` (v4l-utils).
        btf: `.BTF`, or None.
        btf_ext: `.BTF.ext`, or None.
        text: The index of `.text` with code in it; 0 if there is none.
        code: Those with programs and subprograms.
        data: Those of global data that aren't empty, in order.
        struct_ops: Those with variables of struct_ops, in order.
        arena: That of an arena's variables, or None.
        jump_tables: The index of that section; 0 if there is none.
        relocations: The tables that libbpf applies, in order.
        wrong: (index, reason) of each section that libbpf doesn't take, in order.
    """

    __slots__ = (
        "arena",
        "btf",
        "btf_ext",
        "code",
        "data",
        "jump_tables",
        "legacy",
        "maps",
        "relocations",
        "struct_ops",
        "text",
        "wrong",
    )

    def __init__(self, elf: ElfFile) -> None:
        self.maps: Section | None = None
        self.legacy: list[Section] = []
        self.btf: Section | None = None
        self.btf_ext: Section | None = None
        self.text = 0
        self.code: list[Section] = []
        self.data: list[Section] = []
        self.struct_ops: list[Section] = []
        self.arena: Section | None = None
        self.jump_tables = 0
        self.relocations: list[Section] = []
        self.wrong: list[tuple[int, str]] = []
        for name, section in elf.named_sections():
            if _is_ignored(name, section):
                continue
            why = why_no_data(elf, section) or _refused(elf, name, section)
            if why is not None:
                self.wrong.append((section.index, why))
            self._collect(elf, name, section)

    def _collect(self, elf: ElfFile, name: str, section: Section) -> None:
        if name == MAPS:
            self.maps = section
        elif name == ".BTF":
            self.btf = section
        elif name == ".BTF.ext":
            self.btf_ext = section
        elif name == "maps" or (is_legacy(name) and section.type == SHT_PROGBITS and section.size):
            self.legacy.append(section)
        elif name in ("license", "version"):
            return
        elif section.type == SHT_PROGBITS and section.size:
            self._collect_contents(name, section)
        elif section.type == SHT_REL:
            target = elf.sections[section.info] if section.info < len(elf.sections) else None
            if target is not None and (target.flags & SHF_EXECINSTR or name in _RELOCATED):
                self.relocations.append(section)
        elif section.type == SHT_NOBITS and section.size and f"{name}.".startswith(".bss."):
            self.data.append(section)

    def _collect_contents(self, name: str, section: Section) -> None:
        if section.flags & SHF_EXECINSTR:
            self.code.append(section)
            if name == ".text":
                self.text = section.index
        elif f"{name}.".startswith((".data.", ".rodata.")):
            self.data.append(section)
        elif name in STRUCT_OPS_SECTIONS:
            self.struct_ops.append(section)
        elif name == ARENA_SECTION:
            self.arena = section
        elif name == _JUMP_TABLES:
            self.jump_tables = section.index


def is_legacy(name: str) -> bool:
    """Whether loaders before BTF took section *name* for one of maps."""
    return name == "maps" or name.startswith("maps/") or name.endswith("/maps")


def why_no_data(elf: ElfFile, section: Section) -> str | None:
    """Return why libelf gives no bytes of *section*, or None if it does."""
    if not section.size or section.type == SHT_NOBITS:
        return None
    size = _ENTRY_SIZES.get(section.type, 1)
    if elf.elf_class == ELFCLASS64 and section.size % size and not section.flags & SHF_COMPRESSED:
        return f"section `{section.name}` has {section.size} bytes, and its entries {size} each"
    if section.offset + section.size > len(elf.data):
        return f"section `{section.name}` goes past the end of the file"
    return None


def _is_ignored(name: str, section: Section) -> bool:
    """Whether libbpf never looks at *section*, whatever it is called (ignore_elf_section)."""
    if section.type in (SHT_STRTAB, SHT_LLVM_ADDRSIG):
        return True
    if section.type == SHT_PROGBITS and not section.size and name == ".text":
        return True
    return name.startswith((".debug_", ".rel.debug_")) or name in (".rel.BTF", ".rel.BTF.ext")


def _refused(elf: ElfFile, name: str, section: Section) -> str | None:
    """Return why libbpf doesn't take *section* as it is, or None."""
    has_bytes = bool(section.size) and section.type != SHT_NOBITS
    if name == "license":
        return None if has_bytes else "section `license` is empty"
    if name == "version":
        if has_bytes and section.size == _VERSION_SIZE:
            return None
        return f"section `version` has {section.size} bytes, and a version has {_VERSION_SIZE}"
    if name == "maps":
        return (
            "section `maps` holds legacy map definitions, which libbpf has not supported since 1.0"
        )
    if name in (".BTF", ".BTF.ext"):
        if section.type == SHT_PROGBITS:
            return None
        return f"section `{name}` is of type {section.type}, not SHT_PROGBITS"
    size = 16 if elf.elf_class == ELFCLASS64 else 8
    if (
        name != MAPS
        and section.type == SHT_REL
        and (section.entsize != size or section.info >= len(elf.sections))
    ):
        return f"section `{name}` is no table of relocations for a section"
    return None
