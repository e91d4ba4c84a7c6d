"""Maps in C as declarations of the language: attributes, templates, slots, legacy members.

What has no place in the language is reported.
"""

from __future__ import annotations

from bpfgen.importer.from_c.definitions import RECORD, TYPE_OF, CDefinition
from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.map_shapes import (
    IN_ORDER,
    LEGACY_MEMBERS,
    LEGACY_ORDER,
    NOTHING,
    known_members,
    map_kind,
    shape,
)
from bpfgen.importer.names import FLAVOR
from bpfgen.model.maps import MAP_KINDS
from bpfgen.object import record_values
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from bpfgen.importer.from_c.definitions import CMap
    from bpfgen.importer.from_c.reading import FileReader, FoundMap

_DEEPEST = 20


class Written(Record):
    """A map, or a template, as text.

    Attributes:
        start: Its place in the text of the unit.
        place: The index of its line.
    """

    name: str
    text: str
    start: int
    place: int


class MapTexts:
    """Writes the maps of one file.

    Attributes:
        templates: The templates that the maps came to use.
        elsewhere: Headers that have definition structs which the file hasn't.
    """

    def __init__(self, file: FileReader) -> None:
        self._file = file
        self.templates: dict[str, Written] = {}
        self._open: set[str] = set()
        self._has_record_value = False
        self.elsewhere: set[str] = set()

    def written(self, defined: FoundMap) -> Written | None:
        """Return the map *each* as text, or None where that can't be."""
        place, c_map = defined.place, defined.map
        self._has_record_value = False
        try:
            text = self._legacy(place, c_map) if c_map.legacy else self._modern(c_map)
        except CError as error:
            message = f"map `{c_map.name}` is left out: {error}"
            self._file.warn("import-map", place, message, c_map.name)
            return None
        if self._has_record_value:
            message = record_values.MESSAGE.format(c_map.name)
            self._file.note(place, message, code="import-style")
        linkage = c_map.linkage
        if linkage == "static":
            self._file.note(place, f"`{c_map.name}` is `static`, which maps of a source aren't")
            linkage = "global"
        if c_map.hidden:
            self._file.note(place, f"`{c_map.name}` is `__hidden`, which libbpf refuses")
        if c_map.section not in (".maps", "maps"):
            section = "maps" if c_map.legacy else ".maps"
            self._file.note(
                place, f"`{c_map.name}` stands in section `{c_map.section}`, now `{section}`"
            )
        word = "legacy " if c_map.legacy else "" if linkage == "global" else f"{linkage} "
        if c_map.legacy and linkage != "global":
            self._file.note(
                place, f"`{c_map.name}` is `{linkage}`, which legacy maps of a source aren't"
            )
        tags = ", ".join(f"btf_decl_tag({tag})" for tag in c_map.decl_tags)
        name = f"{c_map.name} __attribute__(({tags}))" if tags else c_map.name
        whole = f"{defined.doc}{word}map {name}: {text}{self._slots(c_map)};\n"
        return Written(c_map.name, whole, defined.start, place)

    @staticmethod
    def _slots(c_map: CMap) -> str:
        if not c_map.slots:
            definition = c_map.definition
            is_room = isinstance(definition, CDefinition) and definition.programs
            return " = {}" if is_room else ""
        slots = [f"[{index}] = {target}" for index, target in c_map.slots]
        line = f" = {{ {', '.join(slots)} }}"
        if len(line) <= 60:
            return line
        return " = {\n" + "".join(f"    {slot},\n" for slot in slots) + "}"

    def _modern(self, c_map: CMap) -> str:
        definition = c_map.definition
        if isinstance(definition, str) and definition.startswith(TYPE_OF):
            return self._like(definition.removeprefix(TYPE_OF), 0)
        kept = self._file.records.get(c_map.name, "")
        if isinstance(definition, str):
            definition = self._file.needs.struct_of(definition)
            named = self._file.definition_of(definition)
            if named is None:
                self._look_elsewhere(definition)
                raise CError(f"its struct `{definition}` isn't defined in this file")
            if "" not in named.definition.numbers.values() and not kept:
                return self._template(definition)
            definition = named.definition
        elif c_map.struct and not kept and self._file.uses.get(c_map.struct, 0) > 1:
            return self._template(c_map.struct)
        if "" in definition.numbers.values():
            given = {**definition.numbers}
            for name, text in c_map.numbers.items():
                if name.isdigit():
                    raise CError("its initializer names no members")
                given[name] = c_map.values[name] if name in ("type", "pinning") else text
            numbers = {name: text for name, text in given.items() if text}
            definition = replace(definition, numbers=numbers)
        return self._shape(definition, 0, kept)

    def _template(self, name: str, depth: int = 0) -> str:
        """Return the name of the template that the struct *name* becomes."""
        name = self._file.needs.struct_of(name)
        named = self._file.definition_of(name)
        if named is None:
            self._look_elsewhere(name)
            raise CError(f"the struct `{name}` isn't defined in this file")
        # A kind of maps goes before a template of its name.
        called = f"{named.name}{FLAVOR}2" if named.name in MAP_KINDS else named.name
        if called not in self.templates and called not in self._open:
            self._open.add(called)  # a struct may hold itself
            try:
                shape = self._shape(named.definition, depth + 1)
            finally:
                self._open.discard(called)
            text = f"{named.doc}template {called}: {shape};\n"
            self.templates[called] = Written(called, text, named.start, named.place)
        return called

    def _shape(self, definition: CDefinition, depth: int, record: str = "") -> str:
        """Return the shape of *definition*; *record* is the type of its records, if known."""
        if depth > _DEEPEST:
            raise CError("its definitions are nested too deep")
        known_members(name for name in (*definition.numbers, *definition.types) if name != RECORD)
        numbers = dict(definition.numbers)
        kind = map_kind(numbers.pop("type", ""))
        types = dict(definition.types)
        for tag in filter(None, map(self._file.needs.lone_tag, types.values())):
            raise CError(f"`{tag}` is no type in C without its word, and nothing tells what it is")
        in_definition = types.pop(RECORD, "")
        if kind.has_record:
            record = record or in_definition
        inner = ""
        if isinstance(definition.inner, str) and definition.inner.startswith(TYPE_OF):
            inner = self._like(definition.inner.removeprefix(TYPE_OF), depth)
        elif isinstance(definition.inner, str):
            inner = self._template(definition.inner, depth)
        elif definition.inner is not None:
            inner = self._shape(definition.inner, depth + 1)
        if record:  # by our own header, in which these sizes are filled in
            filled_in = {"key_size": f"{kind.key_size}", "value_size": f"{kind.value_size}"}
            numbers = {n: text for n, text in numbers.items() if text != filled_in.get(n)}
        elif kind.has_record and "value" in types and "value_size" not in numbers:
            integer = self._file.needs.integer(types["value"])
            if integer is None or integer[0] not in kind.value_sizes:
                record = types.pop("value")
                self._has_record_value = True
        return shape(kind, types, numbers, inner, record=record)

    def _like(self, name: str, depth: int) -> str:
        """Return the shape of the map *name*, or what the typedef *name* becomes."""
        found = next((each for each in self._file.maps if each.map.name == name), None)
        if found is None:
            return self._template(name, depth)
        if depth > _DEEPEST:
            raise CError("its definitions are nested too deep")
        definition = found.map.definition
        if not isinstance(definition, str):
            return self._shape(definition, depth + 1)
        if definition.startswith(TYPE_OF):
            return self._like(definition.removeprefix(TYPE_OF), depth + 1)
        return self._template(definition, depth)

    def _legacy(self, place: int, c_map: CMap) -> str:
        numbers: dict[str, str] = {}
        kind_text = ""
        order = LEGACY_ORDER.get(c_map.struct, IN_ORDER)
        for member, text in c_map.numbers.items():
            name = member
            if member.isdigit():
                name = order[int(member)] if int(member) < len(order) else member
            plain = c_map.values[member].strip("() ")
            known = LEGACY_MEMBERS.get(name)
            if known == "type":
                kind_text = plain
            elif known is not None:
                if known != "map_flags" or plain not in NOTHING:
                    numbers[known] = text
            elif plain not in NOTHING and not (name == "pinning" and text in NOTHING):
                message = (
                    f"`{name}` of legacy map `{c_map.name}` is {text}, which `struct bpf_map_def` "
                    "has no place for"
                )
                self._file.warn("import-lost", place, message)
        kind = map_kind(kind_text)
        pair = self._file.pairs.get(c_map.name)
        types: dict[str, str] = {}
        if pair is not None and not kind.of_maps and not kind.keyless:
            types = {"key": pair[0], "value": pair[1]}
            numbers.pop("key_size", None)
            numbers.pop("value_size", None)
        return shape(kind, types, numbers, legacy=True)

    def _look_elsewhere(self, name: str) -> None:
        """Note which header has the definition struct *name*."""
        header = self._file.needs.header_of(name)
        if header is not None:
            self.elsewhere.add(header)
