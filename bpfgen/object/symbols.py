"""The symbols that matter for maps, gathered in one pass over the symbol table."""

from __future__ import annotations

from bpfgen.elf.constants import (
    SHN_UNDEF,
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
    from bpfgen.object.collected import Collected


class Symbols:
    """What the symbol table of *elf* says about variables, map sections, functions and externs.

    Attributes:
        variables: Global and weak objects by name, the first of each: those that libbpf's
            find_elf_var_sym can find.
        in_maps: The symbols in each of *sections*, by section index; section symbols are left out.
        undefined: Global and weak symbols without type and section (libbpf's sym_is_extern).
        programs: The functions in sections of code, in the order of the table; those in `.text` are
            subprograms.
        functions: Those that aren't, by name; the first of each.
    """

    __slots__ = (
        "functions",
        "in_maps",
        "programs",
        "undefined",
        "variables",
    )

    def __init__(
        self, elf: ElfFile, sections: tuple[Section | None, ...], collected: Collected
    ) -> None:
        self.variables: dict[str, Symbol] = {}
        self.in_maps: dict[int, list[Symbol]] = {
            section.index: [] for section in sections if section is not None
        }
        self.undefined: list[Symbol] = []
        self.functions: dict[str, Symbol] = {}
        self.programs: list[Symbol] = []
        code = {section.index for section in collected.code}
        for symbol in elf.symbols(local_in=self.in_maps):
            if symbol.type == STT_FUNC and symbol.shndx in code:
                self.programs.append(symbol)
                if symbol.shndx != collected.text:
                    self.functions.setdefault(symbol.name, symbol)
            is_global = symbol.bind in (STB_GLOBAL, STB_WEAK)
            if is_global and symbol.type == STT_OBJECT:
                self.variables.setdefault(symbol.name, symbol)
            if not symbol.name:
                continue
            if symbol.shndx in self.in_maps:
                self.in_maps[symbol.shndx].append(symbol)
            if is_global and symbol.type == STT_NOTYPE and symbol.shndx == SHN_UNDEF:
                self.undefined.append(symbol)

    def by_name(self, section: Section) -> dict[str, Symbol]:
        """Return the symbols in *section* by name; a global one goes before a local one."""
        variables: dict[str, Symbol] = {}
        for symbol in self.in_maps[section.index]:
            known = variables.get(symbol.name)
            if known is None or (known.bind == STB_LOCAL and symbol.bind != STB_LOCAL):
                variables[symbol.name] = symbol
        return variables
