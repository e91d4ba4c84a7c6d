"""The symbols that matter for maps, gathered in one pass over the symbol table."""

from __future__ import annotations

from bpfgen.elf.constants import (
    SHF_EXECINSTR,
    SHN_UNDEF,
    SHT_PROGBITS,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_FUNC,
    STT_NOTYPE,
    STT_OBJECT,
)
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.elf.read import ElfFile
    from bpfgen.elf.tables import Section, Symbol


class Symbols:
    """What the symbol table of *elf* says about variables, map sections, functions and externs.

    Attributes:
        variables: Global and weak objects by name, the first of each: those that libbpf's
            find_elf_var_sym can find.
        in_maps: The symbols in each of *sections*, by section index; section symbols are left out.
        undefined: Global and weak symbols without type and section (libbpf's sym_is_extern).
        functions: Functions in executable sections, by name; the first of each.
        programs: All of them, in the order of the table. Those in `.text` are subprograms as soon
            as there is another.
    """

    __slots__ = (
        "functions",
        "in_maps",
        "programs",
        "text",
        "undefined",
        "variables",
    )

    def __init__(self, elf: ElfFile, sections: tuple[Section | None, ...]) -> None:
        self.variables: dict[str, Symbol] = {}
        self.in_maps: dict[int, list[Symbol]] = {
            section.index: [] for section in sections if section is not None
        }
        self.undefined: list[Symbol] = []
        self.functions: dict[str, Symbol] = {}
        self.programs: list[Symbol] = []
        text = elf.section_named(".text")
        is_code = text is not None and text.type == SHT_PROGBITS and text.size
        self.text = text.index if text is not None and is_code else 0
        executable = {section.index for section in elf.sections if section.flags & SHF_EXECINSTR}
        for symbol in elf.symbols(local_in=self.in_maps):
            if not symbol.name:
                continue
            if symbol.shndx in self.in_maps:
                self.in_maps[symbol.shndx].append(symbol)
            if symbol.bind in (STB_GLOBAL, STB_WEAK):
                if symbol.type == STT_OBJECT:
                    self.variables.setdefault(symbol.name, symbol)
                elif symbol.type == STT_NOTYPE and symbol.shndx == SHN_UNDEF:
                    self.undefined.append(symbol)
            if symbol.type == STT_FUNC and symbol.shndx in executable:
                self.programs.append(symbol)
                self.functions.setdefault(symbol.name, symbol)

    def by_name(self, section: Section) -> dict[str, Symbol]:
        """Return the symbols in *section* by name; a global one goes before a local one."""
        variables: dict[str, Symbol] = {}
        for symbol in self.in_maps[section.index]:
            known = variables.get(symbol.name)
            if known is None or (known.bind == STB_LOCAL and symbol.bind != STB_LOCAL):
                variables[symbol.name] = symbol
        return variables
