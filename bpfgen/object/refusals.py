"""What libbpf refuses in an object before it looks at a single map.

Source: tools/lib/bpf/libbpf.c (1.0 and later), bpf_object_open and what it calls, in that order:
bpf_object__elf_init, bpf_object__elf_collect, bpf_object__init_btf, bpf_object__collect_externs
(:mod:`externs`), btf_fixup_datasec. What it finds wrong after the maps, in the relocations of
programs, is in :mod:`references`.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.elf.constants import (
    ELFCLASS64,
    EM_BPF,
    EM_NONE,
    ET_REL,
    SHT_LLVM_ADDRSIG,
    SHT_NOBITS,
    SHT_PROGBITS,
    SHT_REL,
    SHT_STRTAB,
    SHT_SYMTAB,
    STB_LOCAL,
)
from bpfgen.object.externs import EXTERN_SECTIONS
from bpfgen.object.internal import STRUCT_OPS_SECTIONS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.btf.decode import Btf
    from bpfgen.elf.read import ElfFile
    from bpfgen.elf.tables import Section, Symbol
    from bpfgen.object.symbols import Symbols

INSN_SIZE = 8
"""Bytes of an instruction: struct bpf_insn."""

VERSION_SIZE = 4
"""Bytes of section `version`: LINUX_VERSION_CODE."""


def of_file(elf: ElfFile) -> Iterator[str]:
    """Yield why the file can't be a BPF object (bpf_object__elf_init)."""
    if elf.elf_class != ELFCLASS64:
        yield "a 32-bit ELF file; BPF objects are 64-bit"
    if elf.type != ET_REL:
        yield f"ELF type {elf.type} instead of a relocatable file (ET_REL)"
    if elf.machine not in (EM_NONE, EM_BPF):
        yield f"made for machine {elf.machine}, not for BPF ({EM_BPF})"


def of_sections(elf: ElfFile, symbols: Symbols) -> Iterator[str]:
    """Yield what is wrong with the sections as such, in their order (bpf_object__elf_collect)."""
    tables = elf.tables(SHT_SYMTAB)
    if not tables:
        yield "there is no symbol table; the object was stripped"
        return
    if len(tables) > 1:
        yield "there is more than one symbol table"
    wrong = [(section.index, why) for section, why in _of_each(elf)]
    wrong += _of_programs(elf, symbols)
    wrong.sort(key=lambda fault: fault[0])
    for _index, why in wrong:
        yield why
    if not 0 < tables[0].link < len(elf.sections):
        yield "the symbol table has no strings"


def _of_each(elf: ElfFile) -> Iterator[tuple[Section, str]]:
    """Yield the sections that libbpf doesn't take, and why."""
    for cut_off in elf.cut_off:
        if not _is_ignored(cut_off):
            yield cut_off, f"section `{cut_off.name}` goes past the end of the file"
    section = elf.section_named("maps")
    if section is not None:
        yield (
            section,
            "section `maps` holds legacy map definitions, which libbpf has not supported since 1.0",
        )
    for name in (".BTF", ".BTF.ext"):
        for section in elf.sections_named(name):
            if section.type != SHT_PROGBITS:
                yield section, f"section `{name}` is of type {section.type}, not SHT_PROGBITS"
    for section in elf.sections_named("license"):
        if not section.size or section.type == SHT_NOBITS:
            yield section, "section `license` is empty"
    for section in elf.sections_named("version"):
        if section.size != VERSION_SIZE or section.type == SHT_NOBITS:
            yield section, f"section `version` has {section.size} bytes, and a version has 4"
    size = 16 if elf.elf_class == ELFCLASS64 else 8
    for table in elf.tables(SHT_REL):
        if (table.entsize != size or table.info >= len(elf.sections)) and not _is_ignored(table):
            yield table, f"section `{table.name}` is no table of relocations for a section"


def _is_ignored(section: Section) -> bool:
    """Whether libbpf never looks at the contents of *section* (ignore_elf_section)."""
    if section.type in (SHT_STRTAB, SHT_LLVM_ADDRSIG):
        return True
    name = section.name
    return name.startswith((".debug_", ".rel.debug_")) or name in (".rel.BTF", ".rel.BTF.ext")


def of_btf(elf: ElfFile, btf: Btf | None) -> Iterator[str]:
    """Yield what needs types where there are none (bpf_object__init_btf)."""
    needed = next(
        (name for name in (".maps", *STRUCT_OPS_SECTIONS) if elf.section_named(name) is not None),
        None,
    )
    if needed is not None and btf is None:
        yield f"section `{needed}` needs BTF, and there is none"


def of_maps_datasec(elf: ElfFile, btf: Btf | None) -> Iterator[str]:
    """Yield what is missing where maps begin (bpf_object__init_user_btf_maps)."""
    if elf.section_named(".maps") is not None and btf is not None and not btf.datasec(".maps"):
        yield "BTF says nothing about section `.maps` (no DATASEC)"


def _of_programs(elf: ElfFile, symbols: Symbols) -> Iterator[tuple[int, str]]:
    """Yield the functions that are no programs and no subprograms, with their sections' indexes.

    libbpf's bpf_object__add_programs.
    """
    for symbol in symbols.programs:
        section = elf.section(symbol.shndx)
        if section.type != SHT_PROGBITS or not section.size:
            continue
        why = _not_a_program(symbol, section)
        if why is not None:
            yield section.index, f"program `{symbol.name}` {why}"


def _not_a_program(symbol: Symbol, section: Section) -> str | None:
    if symbol.value + symbol.size > section.size:
        return f"goes past the end of section `{section.name}`"
    if symbol.bind == STB_LOCAL and section.name != ".text":
        return (
            f"of section `{section.name}` is static; libbpf takes static functions in `.text` only"
        )
    if not symbol.size or symbol.size % INSN_SIZE or symbol.value % INSN_SIZE:
        return (
            f"has {symbol.size} bytes from byte {symbol.value} of section `{section.name}` on, and "
            f"an instruction has {INSN_SIZE}"
        )
    return None


def of_datasecs(elf: ElfFile, btf: Btf | None, symbols: Symbols) -> Iterator[str]:
    """Yield the sections whose variables libbpf can't place (btf_fixup_datasec)."""
    if btf is None:
        return
    for datasec_id, name in btf.datasecs().items():
        if name in EXTERN_SECTIONS:
            continue
        if btf.size(datasec_id) == 0:
            section = elf.section_named(name)
            if section is None:
                yield f"BTF describes a section `{name}` that isn't there"
                continue
            if section.size == 0:
                yield f"section `{name}` is empty: none of its variables has a size"
                continue
        for var_id, variable, linkage in btf.variables_of(datasec_id):
            if linkage < 0:
                yield f"section `{name}` lists type {var_id}, which isn't a variable"
            elif (
                linkage not in (kinds.BTF_VAR_STATIC, kinds.BTF_VAR_GLOBAL_EXTERN)
                and variable not in symbols.variables
            ):
                yield f"variable `{variable}` of section `{name}` has no symbol"
