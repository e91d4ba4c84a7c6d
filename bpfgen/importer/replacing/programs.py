"""Two objects of one program, held against each other: maps, instructions, data, types.

Fifth of a replacement. What differs between them must not be anything that a loader or the kernel
looks at: instructions are equal byte for byte, but for what stands there for a map or a type,
which is compared by what it means; so are relocations, CO-RE's too. Line numbers and debug
information are left out, and so is where a map lies in its section.

Source: Documentation/bpf/llvm_reloc.rst and btf.rst (.BTF.ext); tools/lib/bpf/libbpf_internal.h.
"""

from __future__ import annotations

from struct import unpack_from

from bpfgen.elf.constants import (
    R_BPF_64_64,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHN_UNDEF,
    STB_LOCAL,
    STT_FILE,
    STT_FUNC,
    STT_SECTION,
)
from bpfgen.importer.replacing.same_maps import map_differences
from bpfgen.importer.replacing.same_types import SameTypes
from bpfgen.model.anchors import SECTION
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.elf.read import ElfFile
    from bpfgen.elf.tables import Section, Symbol
    from bpfgen.object.records import ObjectFile

_INSTRUCTION = 8
_LD_IMM64 = 0x18
_TYPE_IDS = (6, 7)
"""BPF_CORE_TYPE_ID_LOCAL and _TARGET: the instruction has the number of a type."""


class _Relocated(Record):
    """A relocation by what it means.

    Attributes:
        offset: In its section.
        type: R_BPF_*.
        target: What it points to: `map flows`, a symbol or a section.
    """

    offset: int
    type: int
    target: str


class _Content(Record):
    """A section without what depends on the compiler's numbering.

    Attributes:
        shape: Type, flags and size.
        data: Its bytes, with zeros for places of maps and ids of types.
    """

    shape: tuple[int, int, int]
    data: bytes
    relocations: list[_Relocated]
    is_code: bool


class _CoreRelocation(Record):
    """struct bpf_core_relo."""

    offset: int
    type_id: int
    access: str
    kind: int


def differences(one: ObjectFile, other: ObjectFile) -> list[str]:
    """Return in what the program *other* isn't *one*: sentences, none where they are the same."""
    found = [*map_differences(one, other)]
    before, after = _Program(one), _Program(other)
    found += _section_differences(before, after)
    if before.symbols != after.symbols:
        names = sorted({each[0] for each in before.symbols ^ after.symbols})
        found.append(f"the symbols {', '.join(f'`{name}`' for name in names[:5])} differ")
    if one.btf is not None and other.btf is not None:
        found += _type_differences(before, after, SameTypes(one.btf, other.btf))
    elif (one.btf is None) != (other.btf is None):
        found.append("only one of the two has BTF")
    return found


class _Program:
    """One object, as it is compared.

    Attributes:
        contents: Its sections but those of maps, by name; a number tells those of one name apart.
        symbols: (name, section, value, size, binding, type, visibility) of those that others see.
        core: CO-RE's relocations by section.
        functions: BTF ids of functions by section and offset.
    """

    def __init__(self, object: ObjectFile) -> None:
        self.object = object
        elf = object.file
        self._maps = {
            index: {one.offset: one.name for one in object.maps if one.section == name}
            for index, name in _map_sections(elf, object).items()
        }
        self._symbols = list(elf.symbols())
        self.core: dict[str, list[_CoreRelocation]] = {}
        self.functions: dict[tuple[str, int], int] = {}
        self._read_ext()
        self.contents: dict[str, _Content] = {}
        names: dict[str, int] = {}
        for name, section in elf.named_sections():
            if not section.flags & SHF_ALLOC or section.index in self._maps or name == SECTION:
                continue  # anchors of a header keep types whole, and no loader looks at them
            number = names[name] = names.get(name, 0) + 1
            self.contents[name if number == 1 else f"{name} ({number})"] = self._content(
                name, section
            )
        self.symbols = {
            self._seen(symbol)
            for symbol in self._symbols
            if symbol.bind != STB_LOCAL and symbol.shndx not in self._maps
        } | {
            (symbol.name, "map", 0, 0, symbol.bind, symbol.type, symbol.visibility)
            for symbol in self._symbols
            if symbol.bind != STB_LOCAL and symbol.shndx in self._maps
        }

    def function_at(self, name: str, offset: int) -> str:
        """Return the function that the byte *offset* of section *name* is in, or an empty text."""
        functions = (
            symbol.name
            for symbol in self._symbols
            if symbol.type == STT_FUNC
            and symbol.value <= offset < symbol.value + symbol.size
            and self._section(symbol) == name
        )
        return next(functions, "")

    def _seen(self, symbol: Symbol) -> tuple[str, str, int, int, int, int, int]:
        section = self._section(symbol)
        placed = (symbol.value, symbol.size)
        return (symbol.name, section, *placed, symbol.bind, symbol.type, symbol.visibility)

    def _section(self, symbol: Symbol) -> str:
        elf = self.object.file
        if symbol.shndx == SHN_UNDEF:
            return ""
        return elf.section(symbol.shndx).name if elf.in_section(symbol) else f"{symbol.shndx}"

    def _content(self, name: str, section: Section) -> _Content:
        data = bytearray(section.data)
        is_code = bool(section.flags & SHF_EXECINSTR)
        relocations: list[_Relocated] = []
        for each in self.object.file.relocations(section):
            symbol = self._symbols[each.symbol] if each.symbol < len(self._symbols) else None
            if symbol is None:
                continue
            target = f"{self._section(symbol)} {symbol.name}"
            if symbol.type in (STT_SECTION, STT_FILE):
                target = self._section(symbol)
            if symbol.shndx in self._maps:
                at = each.offset + 4 if each.type == R_BPF_64_64 else each.offset
                width = 4 if each.type == R_BPF_64_64 else 8
                addend = int.from_bytes(data[at : at + width], self.object.byteorder)
                place = addend + symbol.value
                called = self._maps[symbol.shndx].get(place)
                target = f"map {called}" if called is not None else f"{target} + {place}"
                data[at : at + width] = bytes(width)
            relocations.append(_Relocated(each.offset, each.type, target))
        for core in self.core.get(name, ()) if is_code else ():
            if core.kind in _TYPE_IDS:
                is_wide = data[core.offset : core.offset + 1] == bytes((_LD_IMM64,))
                data[core.offset + 4 : core.offset + 8] = bytes(4)
                if is_wide:
                    data[core.offset + 12 : core.offset + 16] = bytes(4)
        relocations.sort(key=lambda each: (each.offset, each.type, each.target))
        shape = (section.type, section.flags, section.size)
        return _Content(shape, bytes(data), relocations, is_code)

    def _read_ext(self) -> None:
        """Read the functions and CO-RE's relocations of .BTF.ext, which has been found sound."""
        section = self.object.file.section_named(".BTF.ext")
        btf = self.object.btf
        if section is None or btf is None:
            return
        data = bytes(section.data)
        order = "<" if self.object.byteorder == "little" else ">"
        (length,) = unpack_from(order + "I", data, 4)
        parts = [(8, self._enter_function)]
        if length >= 32:
            parts.append((24, self._enter_core))
        for place, enter in parts:
            offset, size = unpack_from(order + "II", data, place)
            at, end = length + offset, length + offset + size
            if not size:
                continue
            (step,) = unpack_from(order + "I", data, at)
            at += 4
            while at + 8 <= end:
                name, count = unpack_from(order + "II", data, at)
                at += 8
                for _ in range(count):
                    enter(btf.strings[name], unpack_from(f"{order}{step // 4}I", data, at))
                    at += step

    def _enter_function(self, section: str, words: tuple[int, ...]) -> None:
        self.functions[section, words[0]] = words[1]

    def _enter_core(self, section: str, words: tuple[int, ...]) -> None:
        btf = self.object.btf
        access = "" if btf is None else btf.strings[words[2]]
        relocation = _CoreRelocation(words[0], words[1], access, words[3])
        self.core.setdefault(section, []).append(relocation)


def _map_sections(elf: ElfFile, object: ObjectFile) -> dict[int, str]:
    """Return the sections of maps, by index, with their names."""
    names = {one.section for one in object.maps} | {".maps", "maps"}
    return {section.index: name for name, section in elf.named_sections() if name in names}


def _section_differences(one: _Program, other: _Program) -> list[str]:
    found: list[str] = []
    for name in [*one.contents, *(n for n in other.contents if n not in one.contents)]:
        before, after = one.contents.get(name), other.contents.get(name)
        if before is None or after is None:
            verb = "is gone" if after is None else "is new"
            found.append(f"the section `{name}` {verb}")
        elif before != after:
            found.append(_difference(name, before, after, one))
    return found


def _difference(name: str, before: _Content, after: _Content, one: _Program) -> str:
    """Return in what a section differs: the first place, with the function that it is in."""
    shortest = min(len(before.data), len(after.data))
    at = next((i for i in range(shortest) if before.data[i] != after.data[i]), shortest)
    is_same = before.data == after.data
    if is_same:
        changed = [
            (a, b) for a, b in zip(before.relocations, after.relocations, strict=False) if a != b
        ]
        if changed:
            at = min(changed[0][0].offset, changed[0][1].offset)
    if not before.is_code:
        return f"the data in section `{name}` differ"
    number = at // _INSTRUCTION
    function = one.function_at(name, at)
    where = f"function `{function}`" if function else f"the code in section `{name}`"
    if is_same and changed:
        was, is_ = changed[0]
        return f"{where} differs: instruction {number} refers to {was.target}, then to {is_.target}"
    stretch = slice(number * _INSTRUCTION, (number + 1) * _INSTRUCTION)
    was_bytes, is_bytes = before.data[stretch].hex(), after.data[stretch].hex()
    return f"{where} differs: instruction {number} of its section is {was_bytes}, then {is_bytes}"


def _type_differences(one: _Program, other: _Program, types: SameTypes) -> list[str]:
    found: list[str] = []
    for place, type_id in one.functions.items():
        after = other.functions.get(place)
        name = one.function_at(*place)
        why = "it has none" if after is None else types.difference(type_id, after)
        if why:
            found.append(f"the type of function `{name}` differs: {why}")
    found += _variable_differences(one, other, types)
    for section in one.core.keys() | other.core.keys():
        before, now = one.core.get(section, []), other.core.get(section, [])
        if len(before) != len(now):
            found.append(f"CO-RE relocations of section `{section}` differ")
            continue
        for was, is_ in zip(before, now, strict=True):
            is_same = (was.offset, was.access, was.kind) == (is_.offset, is_.access, is_.kind)
            why = types.difference(was.type_id, is_.type_id) if is_same else "another relocation"
            if why:
                function = one.function_at(section, was.offset)
                found.append(f"a CO-RE relocation of function `{function}` differs: {why}")
                break
    return found


def _variable_differences(one: _Program, other: _Program, types: SameTypes) -> list[str]:
    """Return in what variables, and functions of the kernel, have other types."""
    before, after = one.object.btf, other.object.btf
    if before is None or after is None:
        return []
    found: list[str] = []
    sections = {name: id for id, name in after.datasecs().items()}
    of_maps = {each.section for each in one.object.maps} | {".maps"}
    for id, name in before.datasecs().items():
        if name in of_maps:
            continue
        if name not in sections:
            found.append(f"BTF has no section `{name}` any more")
            continue
        now = {called: (id, size) for id, called, size in after.variables_of(sections[name])}
        for var_id, called, linkage in before.variables_of(id):
            if called not in now or now[called][1] != linkage:
                found.append(f"`{called}` isn't in section `{name}` of BTF any more, or otherwise")
                continue
            why = types.difference(var_id, now[called][0])
            if why:
                found.append(f"the type of `{called}` differs: {why}")
    return found
