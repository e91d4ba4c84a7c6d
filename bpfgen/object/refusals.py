"""What libbpf refuses in an object before it looks at a single map.

Source: tools/lib/bpf/libbpf.c (1.0 and later), bpf_object_open and what it calls, in that order:
bpf_object__elf_init, bpf_object__elf_collect, bpf_object__init_btf, bpf_object__collect_externs
(:mod:`externs`), btf_fixup_datasec. What it finds wrong after the maps, in the relocations of
programs, is in :mod:`references`.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.btf.ext import ext_fault
from bpfgen.elf.constants import (
    ELFCLASS64,
    EM_BPF,
    EM_NONE,
    ET_REL,
    SHT_SYMTAB,
    STB_LOCAL,
)
from bpfgen.object.externs import EXTERN_SECTIONS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.btf.decode import Btf
    from bpfgen.elf.read import ElfFile
    from bpfgen.elf.tables import Section, Symbol
    from bpfgen.object.collected import Collected
    from bpfgen.object.symbols import Symbols

INSN_SIZE = 8
"""Bytes of an instruction: struct bpf_insn."""

SYMBOL_SIZE = 24
"""Bytes of a symbol: Elf64_Sym."""


def of_file(elf: ElfFile) -> Iterator[str]:
    """Yield why the file can't be a BPF object (bpf_object__elf_init)."""
    if elf.elf_class != ELFCLASS64:
        yield "a 32-bit ELF file; BPF objects are 64-bit"
    if elf.type != ET_REL:
        yield f"ELF type {elf.type} instead of a relocatable file (ET_REL)"
    if elf.machine not in (EM_NONE, EM_BPF):
        yield f"made for machine {elf.machine}, not for BPF ({EM_BPF})"


def of_sections(elf: ElfFile, symbols: Symbols, collected: Collected) -> Iterator[str]:
    """Yield what is wrong with the sections as such, in their order (bpf_object__elf_collect)."""
    tables = elf.tables(SHT_SYMTAB)
    if not tables:
        yield "there is no symbol table; the object was stripped"
        return
    if len(tables) > 1:
        yield "there is more than one symbol table"
    if not elf.has_names:
        yield "the sections have no names"
    wrong = collected.wrong + _of_programs(elf, symbols, collected.text)
    wrong.sort(key=lambda fault: fault[0])
    for _index, why in wrong:
        yield why
    if not 0 < tables[0].link < len(elf.sections) or (
        symbols.programs and not elf.has_symbol_names
    ):
        yield "the symbol table has no strings"
    if tables[0].entsize != SYMBOL_SIZE:
        yield f"the symbol table says that an entry has {tables[0].entsize} bytes"


def of_btf(collected: Collected, btf: Btf | None, broken: str | None) -> Iterator[str]:
    """Yield what needs types where there are none (bpf_object__init_btf).

    *broken* is what is wrong with the BTF of an object that has some.
    """
    sections = (collected.maps, *collected.struct_ops)
    needed = next((section.name for section in sections if section is not None), None)
    if needed is None:
        return
    if collected.btf is None:
        yield (
            f"section `{needed}` needs BTF, and there is none; was it compiled without `-g`, or "
            "stripped?"
        )
    elif broken is not None or btf is None:
        yield f"section `{needed}` needs BTF, and it is broken: {broken}"
    elif collected.btf_ext is not None:
        why = ext_fault(bytes(collected.btf_ext.data), btf.byteorder)
        if why is not None:
            yield f"section `{needed}` needs BTF, and `.BTF.ext` is broken: {why}"


def of_maps_datasec(collected: Collected, btf: Btf | None) -> Iterator[str]:
    """Yield what is missing where maps begin (bpf_object__init_user_btf_maps)."""
    if collected.maps is not None and btf is not None and not btf.datasec(".maps"):
        yield "BTF says nothing about section `.maps` (no DATASEC)"


def _of_programs(elf: ElfFile, symbols: Symbols, text: int) -> list[tuple[int, str]]:
    """Return the functions that are no programs and no subprograms, with their sections' indexes.

    libbpf's bpf_object__add_programs.
    """
    wrong = []
    for symbol in symbols.programs:
        why = _not_a_program(symbol, elf.section(symbol.shndx), text)
        if why is not None:
            wrong.append((symbol.shndx, f"program `{symbol.name}` {why}"))
    return wrong


def _not_a_program(symbol: Symbol, section: Section, text: int) -> str | None:
    if symbol.value + symbol.size > section.size:
        return f"goes past the end of section `{section.name}`"
    if symbol.bind == STB_LOCAL and section.index != text:
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
            if section.size & 0xFFFFFFFF == 0:  # find_elf_sec_sz takes the lower 32 bits
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
