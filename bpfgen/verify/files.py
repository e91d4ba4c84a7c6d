"""The object as a whole, and what BTF and symbols say about each variable of a section of maps."""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.describe import counted
from bpfgen.elf.constants import (
    EM_BPF,
    EM_NONE,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHN_COMMON,
    SHN_UNDEF,
    SHT_NULL,
    SHT_PROGBITS,
    SHT_REL,
    SHT_RELA,
    SHT_STRTAB,
    SHT_SYMTAB,
    SHT_SYMTAB_SHNDX,
    STT_FUNC,
    STT_NOTYPE,
    STT_OBJECT,
)
from bpfgen.model import anchors
from bpfgen.model.model import ProgramDeclaration
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from bpfgen.btf.decode import Btf
    from bpfgen.elf.tables import Section, Symbol
    from bpfgen.model.maps import Map
    from bpfgen.model.model import Model
    from bpfgen.verify.findings import Findings


def verify_file(findings: Findings, model: Model, byteorder: str | None, *, own: bool) -> None:
    """Report what is wrong with the file before a single map is looked at.

    A file without maps leaves nothing in an object, BTF included. With *own* the object was made
    from the model alone.
    """
    object = findings.object
    if object.machine not in (EM_NONE, EM_BPF):  # old LLVM wrote none
        findings.add(
            "verify-object",
            f"the object is for machine {object.machine}, not for BPF ({EM_BPF})",
            subject=Subject("object", "", "machine"),
        )
    if object.is_windows:
        findings.add(
            "verify-object",
            "the object is for eBPF for Windows, whose map kinds have other numbers than Linux's "
            "and aren't compared",
            subject=Subject("object", "", "platform"),
        )
    if byteorder is not None and object.byteorder != byteorder:
        findings.add(
            "verify-byteorder",
            f"the object is {object.byteorder}-endian, and {byteorder}-endian was asked for",
            subject=Subject("object", "", "byteorder"),
        )
    btf = object.btf
    if btf is None:
        if object.file.section_named(".maps") is not None or (own and model.maps):
            message = "the object has no BTF; was it compiled without `-g`, or stripped?"
            findings.add("verify-object", message, subject=Subject("section", ".BTF"))
    elif btf.byteorder != object.byteorder:
        findings.add(
            "verify-byteorder",
            f"the object is {object.byteorder}-endian, and its BTF is {btf.byteorder}-endian",
            subject=Subject("section", ".BTF", "byteorder"),
        )
    if own and not includes_headers(model):
        for internal in object.internal_maps:
            findings.add(
                "verify-extra-map",
                f"the object has {counted(internal.size, 'byte')} of data in section "
                f"`{internal.section}`, which libbpf makes a map of, and none are declared",
                subject=Subject("section", internal.section),
            )


def includes_headers(model: Model) -> bool:
    """Whether C headers are part of what *model* is compiled to: what they define is theirs.

    That may be variables, which libbpf makes maps of, maps, and code.
    """
    return any(file.includes for file in model.with_imports())


_TABLES = frozenset((SHT_NULL, SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_REL, SHT_SYMTAB_SHNDX))
"""Types of sections that describe others."""

_OF_TABLES = (".strtab", ".shstrtab", ".symtab", ".rel")
"""How the names of such sections begin."""

_OF_THE_COMPILER = (".debug_", ".llvm", ".comment", ".GCC.command.line", ".note.GNU-stack")
"""How the names of sections begin that a compiler adds, and that no loader looks at."""


def verify_contents(findings: Findings, model: Model) -> None:
    """Report code, sections and symbols that no declaration asks for, in an object of our own.

    Whatever made them, it is none of what the source declares. What the headers that a source
    includes define is theirs, and not for us to judge.
    """
    if includes_headers(model):
        return
    findings.begin(None, None)
    object = findings.object
    symbols: dict[int, list[Symbol]] = {}
    for symbol in object.file.symbols():
        if symbol.name:
            symbols.setdefault(symbol.shndx, []).append(symbol)
    expected = {".maps", ".BTF", ".BTF.ext"} | {
        internal.section for internal in object.internal_maps
    }
    if any(declared.legacy for declared in model.maps):
        expected.add("maps")
    for section in object.file.sections:
        inside = symbols.get(section.index, [])
        what = _code(section, inside)
        if not what:
            if section.name in expected:
                expected.remove(section.name)  # a second one is none of ours
                continue
            what = _contents(section, inside)
        if what:
            message = f"the object has {what} in section `{section.name}`, and nothing declares it"
            subject = Subject("section", section.name)
            findings.add("verify-extra-section", message, subject=subject)
    declared_names = {declared.name for file in model.with_imports() for declared in file.maps}
    declared_names |= {
        declaration.name
        for file in model.with_imports()
        for declaration in file.declarations
        if isinstance(declaration, ProgramDeclaration)
    }
    for symbol in (*symbols.get(SHN_COMMON, ()), *symbols.get(SHN_UNDEF, ())):
        if symbol.name not in declared_names:
            message = f"the object has a symbol `{symbol.name}`, and nothing declares it"
            subject = Subject("symbol", symbol.name)
            findings.add("verify-extra-section", message, subject=subject)


def _code(section: Section, inside: list[Symbol]) -> str:
    """Return what code there is in *section*, with the symbols *inside*, in words; or nothing."""
    functions = [f"`{symbol.name}`" for symbol in inside if symbol.type == STT_FUNC]
    if functions:
        return f"code ({', '.join(functions)})"
    return "code" if section.size and section.flags & SHF_EXECINSTR else ""


def _contents(section: Section, inside: list[Symbol]) -> str:
    """Return what *section* has that the compiler or our header didn't put there; or nothing.

    Names are looked at whatever the type is: that is what libbpf does with most of them.
    """
    if not section.size:
        return ""
    if section.type in _TABLES and section.name.startswith(_OF_TABLES):
        return ""
    if section.name.startswith(_OF_THE_COMPILER) and not section.flags & SHF_ALLOC:
        return ""
    if section.name == anchors.SECTION and section.type == SHT_PROGBITS:
        strangers = (
            symbol.name for symbol in inside if not symbol.name.startswith(anchors.PREFIXES)
        )
        return ", ".join(f"`{name}`" for name in strangers)
    return counted(section.size, "byte")


def verify_section(findings: Findings, model: Model, name: str) -> None:
    """Compare the DATASEC of section *name* with the section and its symbols.

    Before linking, clang leaves offsets and the section's size 0, and libbpf takes them from the
    symbols (btf_fixup_datasec); `bpftool gen object` fills them in.
    """
    btf, elf = findings.object.btf, findings.object.file
    section = elf.section_named(name)
    datasec_id = None if btf is None else btf.find(name, kinds.BTF_KIND_DATASEC)
    maps = {declared.name: declared for declared in model.maps if declared.section == name}
    symbols = [] if section is None else _symbols(findings, section)
    _overlaps(findings, maps, symbols, section)
    if btf is None or datasec_id is None:
        if btf is not None and symbols:
            findings.begin(None, None)
            message = f"BTF has no DATASEC for section `{name}`"
            findings.add("verify-datasec", message, subject=Subject("section", name))
        return
    is_linked = btf.size(datasec_id) != 0
    if is_linked and section is not None and btf.size(datasec_id) != section.size:
        findings.begin(None, None)
        findings.add(
            "verify-datasec",
            f"section `{name}` has {counted(section.size, 'byte')}, and the DATASEC says "
            f"{btf.size(datasec_id)}",
            type_id=datasec_id,
            subject=Subject("section", name, "size"),
        )
    by_name = {symbol.name: symbol for symbol in symbols}
    known = set()
    for var_id, offset, size in btf.variables(datasec_id):
        variable = btf.name(var_id)
        known.add(variable)
        if btf.kind(var_id) == kinds.BTF_KIND_VAR:
            _begin(findings, maps, variable)
            listed = _Listed(name, var_id, variable, offset, size, is_linked)
            _verify_variable(findings, btf, listed, by_name.get(variable))
        else:
            findings.begin(None, None)
            message = f"the DATASEC of section `{name}` lists a {btf.kind_name(var_id)}"
            subject = Subject("section", name, variable)
            findings.add("verify-datasec", message, type_id=var_id, subject=subject)
    for symbol in symbols:
        if symbol.name not in known:
            _begin(findings, maps, symbol.name)
            findings.add(
                "verify-datasec",
                f"symbol `{symbol.name}` of section `{name}` has no variable in the DATASEC",
                type_id=datasec_id,
                subject=Subject("symbol", symbol.name),
            )


class _Listed(Record):
    """A variable as the DATASEC of *section* lists it; offset and size are in bytes."""

    section: str
    var_id: int
    name: str
    offset: int
    size: int
    is_linked: bool


def _verify_variable(findings: Findings, btf: Btf, listed: _Listed, symbol: Symbol | None) -> None:
    """Compare a variable of a DATASEC with its symbol."""

    def add(message: str) -> None:
        subject = Subject("variable", listed.name)
        findings.add("verify-datasec", message, type_id=listed.var_id, subject=subject)

    if btf.linkage(listed.var_id) == kinds.BTF_VAR_GLOBAL_EXTERN:
        own_size = btf.size_of(listed.var_id)
        if listed.offset or listed.size != own_size:
            add(
                f"extern `{listed.name}` is at byte {listed.offset} in the DATASEC and has "
                f"{listed.size} bytes; it should be at 0 and have {own_size}"
            )
        return
    if symbol is None:
        add(f"variable `{listed.name}` of BTF has no symbol in section `{listed.section}`")
        return
    if listed.size != symbol.size:
        add(
            f"`{listed.name}` has {counted(listed.size, 'byte')} in the DATASEC, and its symbol "
            f"has {symbol.size}"
        )
    # Some compilers fill in the places that clang leaves to the linker.
    if listed.offset != symbol.value and (listed.is_linked or listed.offset):
        where = "" if listed.is_linked else " of a section not yet linked"
        add(
            f"`{listed.name}` is at byte {listed.offset} in the DATASEC, and its symbol at byte "
            f"{symbol.value}{where}"
        )


def _begin(findings: Findings, maps: dict[str, Map], name: str) -> None:
    declared = maps.get(name)
    findings.begin(declared, findings.maps.get(name) if declared is not None else None)


def _symbols(findings: Findings, section: Section) -> list[Symbol]:
    """Return the variables of *section*, by place."""
    symbols = [
        symbol
        for symbol in findings.object.file.symbols()
        if symbol.shndx == section.index and symbol.name and symbol.type in {STT_OBJECT, STT_NOTYPE}
    ]
    symbols.sort(key=lambda symbol: (symbol.value, symbol.index))
    return symbols


def _overlaps(
    findings: Findings, maps: dict[str, Map], symbols: list[Symbol], section: Section | None
) -> None:
    """Report which variables share bytes, or go past the end of *section*."""
    end, last = 0, ""
    for symbol in symbols:
        if not symbol.size:
            # libbpf's linker gives an extern map that it hasn't found a place in the section.
            continue
        if symbol.value < end:
            _begin(findings, maps, symbol.name)
            findings.add(
                "verify-datasec",
                f"`{symbol.name}` starts at byte {symbol.value} of section `{_called(section)}`, "
                f"inside `{last}`, which ends at byte {end}",
                subject=Subject("symbol", symbol.name),
            )
        if symbol.value + symbol.size >= end:
            end, last = symbol.value + symbol.size, symbol.name
    if section is not None and end > section.size:
        _begin(findings, maps, last)
        findings.add(
            "verify-datasec",
            f"`{last}` ends at byte {end} of section `{section.name}`, which has {section.size}",
            subject=Subject("symbol", last),
        )


def _called(section: Section | None) -> str:
    return "" if section is None else section.name
