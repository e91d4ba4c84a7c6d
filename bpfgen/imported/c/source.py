"""The maps of a C file, with all that they need, as a source that compiles.

What a map's declaration names is looked up in the file: types, enumerators, macros and functions,
and in turn what those name. What the file doesn't declare comes from its headers, which stay
`include`s; libbpf's own, and those whose types are built in, aren't needed.
"""

from __future__ import annotations

import re

from bpfgen.diagnostics import NOTE, WARNING, Diagnostic
from bpfgen.emit.backend import base_name
from bpfgen.imported.c.definitions import (
    CDefinition,
    CError,
    is_definition,
    read_definition,
    read_map,
)
from bpfgen.imported.c.text import CALL, FUNCTION, MAP, TYPE, read_c
from bpfgen.imported.names import FLAVOR
from bpfgen.imported.sound import (
    CONSTANTS,
    INCLUDES,
    MAPS,
    PROGRAMS,
    TEMPLATES,
    TYPES,
    Imported,
    Item,
    made_sound,
)
from bpfgen.model.map_kinds import NO_ENTRIES
from bpfgen.model.maps import MAP_KINDS, RUNTIME_ATTRIBUTES
from bpfgen.model.prelude import Prelude
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.compiler import Options
    from bpfgen.imported.c.definitions import CMap
    from bpfgen.imported.c.text import CFile, Chunk
    from bpfgen.model.maps import MapKind

_UNNEEDED = re.compile(
    r"[<\"](?:bpf/.*|.*bpf_helpers\.h|linux/(?:bpf|types|stddef)\.h|std(?:int|def|bool)\.h)[>\"]"
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_RETURNS = r"((?:\b(?:const|unsigned|signed|long|struct|enum|union)\s+)*\b\w+[\s*]+)"
_BODY_NAMES = re.compile(r"\b([A-Za-z_]\w*)\s*(?==[^=]|,|\}|$)")

_LEGACY = {
    "type": "type",
    "key_size": "key_size",
    "size_key": "key_size",
    "value_size": "value_size",
    "size_value": "value_size",
    "max_entries": "max_entries",
    "max_elem": "max_entries",
    "map_flags": "map_flags",
    "flags": "map_flags",
}
"""Members of struct bpf_map_def, and of iproute2's struct bpf_elf_map."""

_IN_ORDER = ("type", "key_size", "value_size", "max_entries", "map_flags")
_PINNING = {"LIBBPF_PIN_BY_NAME": "by_name", "1": "by_name", "LIBBPF_PIN_NONE": "none", "0": "none"}


def import_c(text: str, path: str, options: Options | None = None) -> Imported:
    """Return the source of the maps that the C file *path*, with *text*, defines.

    What can't be translated is told with its line. The diagnostics are warnings and notes.

    Raises:
        ToolMissing: The file includes headers, and there is no clang.
    """
    from bpfgen.compiler import Options as DefaultOptions

    return _Importer(text, path).imported(options or DefaultOptions())


class _Importer:
    """Goes through one file."""

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        self.file: CFile = read_c(text)
        self.diagnostics: list[Diagnostic] = []
        self.types: dict[str, Chunk] = {}
        self.functions: dict[str, Chunk] = {}
        self.definitions: dict[str, CDefinition] = {}
        self.pairs: dict[str, tuple[str, str]] = {}
        self.maps: list[tuple[Chunk, CMap]] = []
        self.uses: dict[str, int] = {}
        self.templates: dict[str, str] = {}
        self.prelude = Prelude.shared()

    def tell(self, code: str, line: int, message: str, severity: str = WARNING) -> None:
        """Add a diagnostic about *line* of the file."""
        where = f"{base_name(self.path)}:{line}: "
        self.diagnostics.append(Diagnostic(code, where + message, None, severity=severity))

    def imported(self, options: Options) -> Imported:
        """Read the declarations, write those of maps, then what they need before them."""
        for chunk in self.file.chunks:
            self._enter(chunk)
        for line in self.file.skipped:
            self.tell(
                "import-lost",
                line,
                "what this conditional leaves out is not imported; names that the file doesn't "
                "define count as not defined",
                NOTE,
            )
        for header, line in self.file.includes.items():
            if header.startswith('"') and _UNNEEDED.fullmatch(header) is None:
                message = f"maps that {header} defines aren't imported with this file"
                self.tell("import-lost", line, message, NOTE)
        maps = [item for chunk, found in self.maps if (item := self._map(chunk, found))]
        items = [*self._needed(maps), *maps]
        if not maps:
            return Imported("", self.diagnostics)
        name = "".join(c if c.isprintable() else "?" for c in base_name(self.path))
        compilation = made_sound(items, name, options, self.diagnostics)
        if compilation is None or not compilation.model.maps:
            return Imported("", self.diagnostics)
        return Imported(compilation.source.text, self.diagnostics)

    def _enter(self, chunk: Chunk) -> None:
        """Note what *chunk* declares, by its names."""
        if chunk.kind == MAP:
            try:
                for found in read_map(chunk.text):
                    self.maps.append((chunk, found))
                    if isinstance(found.definition, CDefinition) and found.struct:
                        self.definitions.setdefault(found.struct, found.definition)
                    self.uses[found.struct] = self.uses.get(found.struct, 0) + 1
                for name in re.findall(r"\b__array\s*\(\s*values\s*,\s*struct\s+(\w+)", chunk.text):
                    self.uses[name] = self.uses.get(name, 0) + 1
            except CError as error:
                self.tell("import-map", chunk.line, f"no map is imported from here: {error}")
        elif chunk.kind == TYPE and is_definition(chunk.text):
            try:
                name, definition = read_definition(chunk.text)
                self.definitions[name] = definition
            except CError as error:
                self.tell("import-map", chunk.line, f"this definition can't be read: {error}")
        elif chunk.kind == TYPE:
            for name in _declared_names(chunk.text):
                self.types.setdefault(name, chunk)
        elif chunk.kind == FUNCTION:
            head = re.sub(r"\bSEC\s*\([^)]*\)", " ", chunk.text)
            name_ = re.search(r"([A-Za-z_]\w*)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*$", head)
            if name_ is not None:
                self.functions[name_[1]] = chunk
        elif chunk.kind == CALL:
            self._call(chunk)

    def _call(self, chunk: Chunk) -> None:
        pair = re.fullmatch(r"BPF_ANNOTATE_KV_PAIR\s*\(([^,]+),([^,]+),([^,]+)\)", chunk.text)
        if pair is not None:
            self.pairs[pair[1].strip()] = (pair[2].strip(), pair[3].strip())
            return
        name = chunk.text.partition("(")[0].strip()
        body = self.file.function_macros.get(name)
        if body is None:
            message = f"`{name}` is a macro of some header; if it makes a map, that isn't imported"
            self.tell("import-lost", chunk.line, message, NOTE)
        elif re.search(r"maps\"|\b__uint\b", body[0]):
            message = f"the map that the macro `{name}` makes isn't imported: write it out, or "
            self.tell("import-map", chunk.line, message + "import the object")

    def _map(self, chunk: Chunk, found: CMap) -> Item | None:
        try:
            text = self._legacy(chunk, found) if found.legacy else self._modern(chunk, found)
        except CError as error:
            self.tell("import-map", chunk.line, f"map `{found.name}` is left out: {error}")
            return None
        slots = ", ".join(f"[{index}] = {target}" for index, target in found.slots)
        behind = f" = {{ {slots} }}" if slots else ""
        word = "legacy " if found.legacy else ""
        if not found.legacy and found.linkage != "global":
            word = f"{found.linkage} "
        whole = f"{word}map {found.name}: {text}{behind};\n"
        return Item(whole, found.name, f"map `{found.name}`", MAPS, {})

    def _modern(self, chunk: Chunk, found: CMap) -> str:
        definition = found.definition
        if isinstance(definition, str):
            if definition not in self.definitions:
                raise CError(f"its struct `{definition}` isn't defined in this file")
            return self._template(definition)
        if found.struct and self.uses.get(found.struct, 0) > 1:
            return self._template(found.struct)
        if any(text == "" for text in definition.numbers.values()):
            definition.numbers.update(
                {name: text for name, text in found.numbers.items() if name in definition.numbers}
            )
            definition.numbers = {n: text for n, text in definition.numbers.items() if text}
        return self._shape(chunk, definition)

    def _template(self, name: str) -> str:
        """Return the name of the template that the struct *name* becomes."""
        # A kind of maps goes before a template of its name.
        called = f"{name}{FLAVOR}2" if name in MAP_KINDS else name
        if called not in self.templates:
            self.templates[called] = ""  # against a struct that holds itself
            shape = self._shape(None, self.definitions[name])
            self.templates[called] = f"template {called}: {shape};\n"
        return called

    def _shape(self, chunk: Chunk | None, definition: CDefinition) -> str:
        numbers = dict(definition.numbers)
        kind = _kind(numbers.pop("type", ""))
        types = dict(definition.types)
        for name in types:
            if name not in ("key", "value"):
                raise CError(f"a map has no attribute `{name}`")
        inner = ""
        if isinstance(definition.inner, str):
            if definition.inner not in self.definitions:
                raise CError(f"the struct `{definition.inner}` isn't defined in this file")
            inner = self._template(definition.inner)
        elif definition.inner is not None:
            inner = self._shape(chunk, definition.inner)
        arguments: list[str] = []
        if kind.of_maps and "key" in types:
            arguments = [types.pop("key")] + ([inner] if inner else [])
        elif kind.keyless and not kind.has_record and list(types) == ["value"]:
            arguments = [types.pop("value")]
        elif not kind.keyless and len(types) == 2:
            arguments = [types.pop("key"), types.pop("value")]
        elif inner:
            types["value"] = inner
        has_key = "key" in definition.types
        has_value = "value" in definition.types or bool(inner)
        return _written(kind, arguments, types, numbers, has_key=has_key, has_value=has_value)

    def _legacy(self, chunk: Chunk, found: CMap) -> str:
        numbers: dict[str, str] = {}
        for member, text in found.numbers.items():
            name = _LEGACY.get(member)
            if name is None and member.isdigit() and int(member) < len(_IN_ORDER):
                name = _IN_ORDER[int(member)]
            if name is None:
                self.tell(
                    "import-lost",
                    chunk.line,
                    f"`{member}` of legacy map `{found.name}` is {text}, which `struct "
                    "bpf_map_def` has no place for",
                )
            else:
                numbers[name] = text
        kind = _kind(numbers.pop("type", ""))
        pair = self.pairs.get(found.name)
        arguments: list[str] = []
        if pair is not None and not kind.of_maps and not kind.keyless:
            arguments = list(pair)
            numbers.pop("key_size", None)
            numbers.pop("value_size", None)
        return _written(kind, arguments, {}, numbers, has_key=True, has_value=True)

    def _needed(self, maps: list[Item]) -> list[Item]:
        """Return what the maps need before them, in the order of the file."""
        pending = [item.text for item in maps] + list(self.templates.values())
        seen: set[str] = set()
        types: dict[int, Chunk] = {}
        constants: dict[str, None] = {}
        maps_ = {found.name for _chunk, found in self.maps}
        slots = [target for _chunk, found in self.maps for _index, target in found.slots]
        programs = [name for name in dict.fromkeys(slots) if name not in maps_]
        pending += (self._prototype(name) for name in programs)
        while pending:
            for name in _NAME.findall(pending.pop()):
                if name in seen:
                    continue
                seen.add(name)
                chunk = self.types.get(name)
                if chunk is not None:
                    types[id(chunk)] = chunk
                    pending.append(chunk.text)
                if name in self.file.defines and self.prelude.find_constant(name) is None:
                    constants[name] = None
                    pending.append(self.file.defines[name][0])
        items = [
            Item(f"include {header};\n", "", f"`include {header}`", INCLUDES, {})
            for header in self.file.includes
            if _UNNEEDED.fullmatch(header) is None
        ]
        for name in sorted(constants, key=lambda each: self.file.defines[each][1]):
            body = self.file.defines[name][0]
            if body:
                text = f"const {name} = {body};\n"
                items.append(Item(text, "", f"`const {name}`", CONSTANTS, {}))
        items += (
            Item(f"{_tidy(chunk.text)};\n", "", "a type", TYPES, {})
            for chunk in self.file.chunks
            if id(chunk) in types and not self._is_built_in(chunk)
        )
        items += (
            Item(text, "", f"template `{name}`", TEMPLATES, {})
            for name, text in self.templates.items()
        )
        items += (
            Item(f"{self._prototype(name)};\n", "", f"program `{name}`", PROGRAMS, {})
            for name in programs
        )
        return items

    def _prototype(self, name: str) -> str:
        """Return the prototype of the program *name*, as far as the file has it in plain C."""
        chunk = self.functions.get(name)
        if chunk is not None:
            found = re.search(
                rf"{_RETURNS}{name}\s*(\([^()]*(?:\([^()]*\)[^()]*)*\))\s*$", chunk.text
            )
            if found is not None:
                return " ".join(f"{found[1]}{name}{found[2]}".split())
        return f"int {name}(void *ctx)"

    def _is_built_in(self, chunk: Chunk) -> bool:
        """Whether all that *chunk* declares is in the prelude."""
        tagged = re.match(r"(struct|union|enum)\s+(\w+)\s*\{", chunk.text)
        return tagged is not None and self.prelude.find_type(tagged[1], tagged[2]) is not None


def _kind(text: str) -> MapKind:
    """Return the map kind that *text*, the value of `type`, names."""
    name = text.removeprefix("BPF_MAP_TYPE_").lower()
    kind = MAP_KINDS.get(name)
    if kind is None and text.isdigit():
        kind = next((each for each in MAP_KINDS.values() if each.number == int(text)), None)
    if kind is None:
        raise CError(f"its type is {f'`{text}`' if text else 'missing'}, which is no map kind")
    return kind


def _written(
    kind: MapKind,
    arguments: list[str],
    types: dict[str, str],
    numbers: dict[str, str],
    *,
    has_key: bool,
    has_value: bool,
) -> str:
    """Return the shape as text; what the compiler would fill in, or ask for, is `runtime`.

    *has_key* and *has_value* say that a type, or an inner definition, gives the size.
    """
    entries = numbers.pop("max_entries", "")
    if not entries and kind.entries != NO_ENTRIES and not kind.entries.filled_by_loader:
        entries = "runtime"
    lines = [f"{name} = {text};" for name, text in types.items()]
    for name, text in numbers.items():
        if name == "pinning":
            pin = _PINNING.get(text)
            if pin is None:
                raise CError(f"its `pinning` is `{text}`, which nobody knows")
            lines.append(f"pinning = {pin};")
        elif name in RUNTIME_ATTRIBUTES:
            lines.append(f"{name} = {text};")
        else:
            raise CError(f"a map has no attribute `{name}`")
    if kind.required_flags and "map_flags" not in numbers:
        lines.append("map_flags = runtime;")
    for role, typed in (("key", has_key), ("value", has_value)):
        name = f"{role}_size"
        if getattr(kind, name) is not None and not typed and name not in numbers:
            lines.append(f"{name} = runtime;")
    brackets = f"<{', '.join(arguments)}>" if arguments else ""
    number = f"[{entries}]" if entries else ""
    braces = "".join(f"    {line}\n" for line in lines)
    return f"{kind.name}{brackets}{number}" + (f" {{\n{braces}}}" if braces else "")


def _declared_names(text: str) -> list[str]:
    """Return the tags, typedef names and enumerators that a declaration of types declares."""
    names = re.findall(
        r"\b(?:struct|union|enum)\s+(?:__attribute__\s*\(\(.*?\)\)\s*)?(\w+)\s*[:{]", text
    )
    for body in re.findall(r"\benum\b[^{};]*\{([^}]*)\}", text):
        names += _BODY_NAMES.findall(body)
    if text.startswith("typedef"):
        plain = re.sub(r"__attribute__\s*\(\(.*?\)\)", " ", text)
        pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", plain)
        last = re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$", plain)
        names += [found[1] for found in (pointer, last) if found is not None]
    return names


def _tidy(text: str) -> str:
    """Return a declaration with the indentation of the rest, and without blanks at line ends."""
    lines = [line.rstrip().replace("\t", "    ") for line in text.split("\n")]
    return "\n".join(line for line in lines if line)
