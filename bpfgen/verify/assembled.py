"""Objects that bpfgen has written itself: what no loader looks at is right in them as well.

After the rest of verification, which is for objects of every compiler, and passes over what says
nothing about maps. Here nothing else than bpfgen made the file, so that all of it can be known: its
header, each section and symbol, each anchor, and what BTF says beside types.

Source: System V gABI, chapter 4; Documentation/bpf/btf.rst.
"""

from __future__ import annotations

from struct import Struct

from bpfgen.ctype.describe import counted
from bpfgen.elf.constants import (
    ET_REL,
    EV_CURRENT,
    R_BPF_64_ABS64,
    SHF_ALLOC,
    SHF_INFO_LINK,
    SHF_WRITE,
    SHN_UNDEF,
    SHT_NULL,
    SHT_PROGBITS,
    SHT_REL,
    SHT_STRTAB,
    SHT_SYMTAB,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_NOTYPE,
    STT_OBJECT,
    STV_DEFAULT,
)
from bpfgen.elf.tables import EHDR, REL, SHDR, SYM
from bpfgen.model import anchors
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Subject
from bpfgen.verify.assembled_types import verify_assembled_types
from bpfgen.verify.maps import imported_maps

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from bpfgen.elf.read import ElfFile
    from bpfgen.elf.tables import Section
    from bpfgen.model.model import Model
    from bpfgen.verify.findings import Findings

_MAPS = ".maps"
_OF_VARIABLES = (_MAPS, anchors.SECTION)
_DATA = SHF_WRITE | SHF_ALLOC

_FORMS = {
    "": (SHT_NULL, 0, 0, 0),
    ".strtab": (SHT_STRTAB, 0, 1, 0),
    ".symtab": (SHT_SYMTAB, 0, 8, 24),
    ".BTF": (SHT_PROGBITS, 0, 4, 0),
    **dict.fromkeys(_OF_VARIABLES, (SHT_PROGBITS, _DATA, 8, 0)),
    **dict.fromkeys([f".rel{name}" for name in _OF_VARIABLES], (SHT_REL, SHF_INFO_LINK, 8, 16)),
}
"""The type, flags, alignment and size of an entry of each section, by its name."""


def verify_assembled(findings: Findings, model: Model) -> None:
    """Report what is in the object, written by bpfgen for *model*, that isn't for a reason."""
    findings.begin(None, None)
    elf = findings.object.file
    weak = {one.name for one in imported_maps(model) if one.linkage == "weak"}
    for found in (_in_header(elf), _in_sections(elf), _in_symbols(elf, weak), _in_relocations(elf)):
        for name, what in found:
            subject = Subject("section", name)
            findings.add("verify-object", f"the object {what}", subject=subject)
    verify_assembled_types(findings, model)


def _order(elf: ElfFile) -> tuple[str, int]:
    return "<" if elf.byteorder == "little" else ">", elf.elf_class


def _in_header(elf: ElfFile) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in the header, after the name of no section."""
    form = EHDR[_order(elf)]
    header = form.unpack_from(elf.data, 16)
    end = len(elf.data) - len(elf.sections) * SHDR[_order(elf)].size
    sizes = (16 + form.size, 0, 0, SHDR[_order(elf)].size, len(elf.sections))
    # e_version, e_entry, e_phoff, e_shoff, e_flags; then the sizes and numbers of the tables
    expected = (ET_REL, EV_CURRENT, 0, 0, end, 0, *sizes, 1)
    if (header[0], *header[2:]) != expected or any(elf.data[7:16]):
        yield "", "has a header that bpfgen doesn't write"


def _in_sections(elf: ElfFile) -> Iterator[tuple[str, str]]:
    """Yield the name of each section with something wrong in its header, and what."""
    by_name = {section.name: section for section in elf.sections}
    if len(by_name) != len(elf.sections):
        yield "", "has two sections of one name"
    end = 0
    for section in elf.sections:
        name = section.name
        form = (section.type, section.flags, section.align, section.entsize)
        if _FORMS.get(name) != form or section.address:
            yield name, f"has a section `{name}` of another form than bpfgen gives it"
        elif (section.link, section.info) != _links(elf, section, by_name):
            yield name, f"has a section `{name}` that refers to others than its own"
        if section.type == SHT_NULL:
            if section.index or section.offset or section.size:
                yield name, "has a null section that is something"
            continue
        if section.offset % (section.align or 1) or section.offset < end:
            yield name, f"has section `{name}` at byte {section.offset}, where it can't be"
        end = section.offset + section.size
        if name == ".BTF" and section.size != _size_of_btf(elf, section):
            yield name, "has something in section `.BTF` that is neither types nor strings"
        if name in _OF_VARIABLES and any(section.data):
            yield name, f"has contents in section `{name}`, which says all in types and relocations"


def _size_of_btf(elf: ElfFile, section: Section) -> int:
    """Return how long *section* should be: struct btf_header, then types, then strings."""
    header = Struct(f"{_order(elf)[0]}IIIII").unpack_from(section.data, 4)
    length, types_at, types_size, strings_at, strings_size = header
    return length + types_size + strings_size if (types_at, strings_at) == (0, types_size) else -1


def _links(elf: ElfFile, section: Section, by_name: dict[str, Section]) -> tuple[int, int]:
    """Return the sh_link and sh_info that *section* should have."""

    def index(name: str) -> int:
        return by_name[name].index if name in by_name else -1

    if section.type == SHT_SYMTAB:
        local = sum(symbol.bind == STB_LOCAL for symbol in elf.symbols())
        return index(".strtab"), local
    if section.type == SHT_REL:
        return index(".symtab"), index(section.name.removeprefix(".rel"))
    return 0, 0


def _in_symbols(elf: ElfFile, weak: Container[str]) -> Iterator[tuple[str, str]]:
    """Yield the section of each symbol that isn't of a form that bpfgen gives it, and what is.

    Those that another object defines may do without it where they are *weak*.
    """
    table = elf.section_named(".symtab")
    if table is None:
        return
    sections = {section.index: section.name for section in elf.sections}
    form = SYM[_order(elf)]
    last = STB_LOCAL
    for index, (entry, symbol) in enumerate(
        zip(form.iter_unpack(table.data), elf.symbols(), strict=True)
    ):
        if not index:
            if any(entry):
                yield "", "has a null symbol that is something"
            continue
        section = sections.get(symbol.shndx, "") if symbol.shndx != SHN_UNDEF else ""
        is_local = symbol.bind == STB_LOCAL
        if section:
            is_right = section in _OF_VARIABLES and symbol.type == STT_OBJECT
            binds = (STB_LOCAL,) if section == anchors.SECTION else (STB_GLOBAL, STB_WEAK)
            is_right = is_right and symbol.bind in binds
        else:
            is_right = symbol.shndx == SHN_UNDEF and symbol.type == STT_NOTYPE
            bind = STB_WEAK if symbol.name in weak else STB_GLOBAL
            is_right = is_right and (symbol.bind, symbol.value, symbol.size) == (bind, 0, 0)
        if not is_right or entry[2] != STV_DEFAULT or (is_local and last != STB_LOCAL):
            yield section, f"has a symbol `{symbol.name}` of another form than bpfgen gives it"
        last = symbol.bind


def _in_relocations(elf: ElfFile) -> Iterator[tuple[str, str]]:
    """Yield the section of relocations of another form than bpfgen gives them, and which."""
    form = REL[_order(elf)]
    for name in _OF_VARIABLES:
        table = elf.section_named(f".rel{name}")
        if table is None:
            continue
        places = set()
        for offset, info in form.iter_unpack(table.data):
            if info & 0xFFFFFFFF != R_BPF_64_ABS64 or offset % 8 or offset in places:
                yield (
                    name,
                    f"has a relocation at byte {offset} of `{name}` that bpfgen doesn't write",
                )
            places.add(offset)
        if not places:
            yield name, f"has {counted(0, 'relocation')} in a table for `{name}`"
