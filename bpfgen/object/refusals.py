"""What libbpf refuses in an object before it looks at a single map.

Source: tools/lib/bpf/libbpf.c (1.0 and later), bpf_object_open and what it calls, in that order:
bpf_object__elf_init, bpf_object__elf_collect, bpf_object__collect_externs, btf_fixup_datasec. Of
what it finds wrong in the relocations of programs, the maps that it can't find are told.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.elf.constants import (
    ELFCLASS64,
    EM_BPF,
    EM_NONE,
    ET_REL,
    SHF_EXECINSTR,
    SHT_PROGBITS,
    STB_LOCAL,
    STB_WEAK,
)
from bpfgen.object.records import Extern
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.btf.decode import Btf
    from bpfgen.elf.read import ElfFile, Section
    from bpfgen.object.records import DatasecEntry
    from bpfgen.object.symbols import Symbols

INSN_SIZE = 8
"""Bytes of an instruction: struct bpf_insn."""

_EXTERN_SECTIONS = (".kconfig", ".ksyms")


def of_file(elf: ElfFile) -> Iterator[str]:
    """Yield why the file can't be a BPF object (bpf_object__elf_init)."""
    if elf.elf_class != ELFCLASS64:
        yield "a 32-bit ELF file; BPF objects are 64-bit"
    if elf.type != ET_REL:
        yield f"ELF type {elf.type} instead of a relocatable file (ET_REL)"
    if elf.machine not in (EM_NONE, EM_BPF):
        yield f"made for machine {elf.machine}, not for BPF ({EM_BPF})"


def of_sections(elf: ElfFile, btf: Btf | None, symbols: Symbols) -> Iterator[str]:
    """Yield what is wrong with the sections as such (bpf_object__elf_collect)."""
    if elf.section_named("maps") is not None:
        yield (
            "section `maps` holds legacy map definitions, which libbpf has not supported since 1.0"
        )
    if not elf.has_symbols:
        yield "there is no symbol table; the object was stripped"
    yield from _of_programs(elf, symbols)
    if elf.section_named(".maps") is None:
        return
    if btf is None:
        yield "section `.maps` needs BTF, and there is none"
    elif btf.datasec(".maps") is None:
        yield "BTF says nothing about section `.maps` (no DATASEC)"


def _of_programs(elf: ElfFile, symbols: Symbols) -> Iterator[str]:
    """Yield the functions that are no programs and no subprograms (bpf_object__add_programs)."""
    for symbol in symbols.programs:
        section = elf.section(symbol.shndx)
        if section.type != SHT_PROGBITS or not section.size:
            continue
        if symbol.value + symbol.size > section.size:
            yield f"program `{symbol.name}` goes past the end of section `{section.name}`"
        elif symbol.bind == STB_LOCAL and section.name != ".text":
            yield (
                f"program `{symbol.name}` of section `{section.name}` is static; libbpf takes "
                "static functions in `.text` only"
            )
        elif not symbol.size or symbol.size % INSN_SIZE or symbol.value % INSN_SIZE:
            yield (
                f"program `{symbol.name}` has {symbol.size} bytes from byte {symbol.value} of "
                f"section `{section.name}` on, and an instruction has {INSN_SIZE}"
            )


def externs(btf: Btf | None, symbols: Symbols) -> tuple[Extern, ...]:
    """Return the undefined symbols and what BTF knows about them (collect_externs)."""
    if not symbols.undefined:
        return ()
    declared: dict[str, int] = {}
    sections: dict[int, str] = {}
    if btf is not None:
        declared = btf.externs()
        for datasec_id, name in btf.datasecs().items():
            for var_id, _offset, _size in btf.variables(datasec_id):
                sections.setdefault(var_id, name)
    found = []
    for symbol in symbols.undefined:
        type_id = declared.get(symbol.name, 0)
        section = sections.get(type_id, "")
        found.append(Extern(symbol.name, section, type_id, weak=symbol.bind == STB_WEAK))
    return tuple(found)


def of_externs(found: tuple[Extern, ...], btf: Btf | None) -> Iterator[str]:
    """Yield the undefined symbols that libbpf can't supply."""
    if btf is None:
        # Without BTF libbpf collects no externs; it fails where a program uses one.
        return
    for extern in found:
        if not extern.type_id:
            yield f"extern `{extern.name}` has no type information"
        elif extern.section == ".maps":
            yield f"extern map `{extern.name}` is defined in another object: link them first"
        elif not extern.section:
            yield f"extern `{extern.name}` is defined in another object: link them first"
        elif extern.section not in _EXTERN_SECTIONS:
            yield f"libbpf can't supply extern `{extern.name}` of section `{extern.section}`"


def of_datasecs(elf: ElfFile, btf: Btf | None, symbols: Symbols) -> Iterator[str]:
    """Yield the sections whose variables libbpf can't place (btf_fixup_datasec)."""
    if btf is None:
        return
    for datasec_id, name in btf.datasecs().items():
        if name in _EXTERN_SECTIONS:
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


def of_references(
    elf: ElfFile, section: Section | None, entries: tuple[DatasecEntry, ...], *, is_linked: bool
) -> Iterator[str]:
    """Yield the map that a program uses and libbpf doesn't find (bpf_program__record_reloc).

    libbpf finds a map by its place in the DATASEC. The linker of libbpf 1.1 leaves 0 there for a
    map that was extern in the first object that mentions it.
    """
    if section is None or not is_linked:
        return
    astray = {
        entry.symbol_offset: entry
        for entry in entries
        if entry.symbol_offset is not None and entry.symbol_offset != entry.offset
    }
    for entry in entries:
        astray.pop(entry.offset, None)
    if not astray:
        return
    for user in elf.sections:
        if not user.flags & SHF_EXECINSTR:
            continue
        for relocation in elf.relocations(user):
            symbol = elf.symbol(relocation.symbol)
            if symbol.shndx == section.index and symbol.value in astray:
                lost = astray[symbol.value]
                yield (
                    f"map `{lost.name}` is at byte {symbol.value} of section `.maps`, where a "
                    f"program looks for it, and at byte {lost.offset} in the DATASEC"
                )
                return
