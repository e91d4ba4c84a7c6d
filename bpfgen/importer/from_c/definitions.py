"""Declarations of maps in C -> their parts.

Fourth of the import of C: after macros are expanded, before :mod:`map_texts` writes the maps. A map
is a struct of libbpf's attributes. Those are members whose types carry the information, and so this
reads specifiers and declarators as C has them, and GNU's `typeof`; libbpf's macros (`__uint`,
`__type`, `__array`), where no header defines them, are read as the members that they stand for.
Expressions and types stay as they are written.
"""

from __future__ import annotations

import re

from bpfgen.importer.from_c.attributes import section_of_maps, without_attributes
from bpfgen.importer.from_c.declarators import (
    ARRAY,
    FUNCTION,
    POINTER,
    TYPEOF,
    DeclarationReader,
    abstract_declarator,
)
from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.initializers import InitializerReader
from bpfgen.model.anchors import NUMBER_ELEMENTS, RECORD_PREFIX
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.importer.from_c.declarators import Declarator, Specifiers

TYPE_OF = "typeof "
"""Before a name that isn't a tag: of a map that has the definition, or of a typedef."""

_PAIR = re.compile(
    r"struct\s+____btf_map_(\w+)\s*\{\s*([^;]*?)\bkey\s*;\s*([^;]*?)\bvalue\s*;\s*\}", re.DOTALL
)
"""What libbpf had until 1.0, bpf_helpers.h; its arguments are types before a name."""

_NUMBER_MACROS = ("__uint", "__ulong")
_MACROS = (*_NUMBER_MACROS, "__type", "__array")
_WORDS = ("type", "pinning")
"""Attributes whose numbers the language has words for."""

_MOST_LEVELS = 50


RECORD = "record"
"""The key of the type of records among the types of a definition."""


class CDefinition(Record):
    """What a definition struct says, as C text.

    Attributes:
        numbers: The integer attributes; empty texts where the initializer has them.
        types: `key`, `value` and :data:`RECORD`.
        inner: The definition in `values`, the tag of a struct, :data:`TYPE_OF` and another name,
            or None.
        programs: `values` are functions.
        declared: Types that are declared inside of it.
    """

    numbers: dict[str, str]
    types: dict[str, str]
    inner: CDefinition | str | None
    programs: bool
    declared: list[str]


class CMap(Record):
    """A map in C.

    Attributes:
        linkage: `global`, `weak`, `static` or `extern`.
        definition: Its struct, or the tag or typedef of it, or :data:`TYPE_OF` and another name.
        legacy: In section `maps`.
        section: The name of the section.
        hidden: It is `__hidden`.
        struct: The tag or typedef of its type, or empty.
        numbers: What its initializer says, by member; those without a designator by place.
        values: The same, preprocessed.
        slots: (index as C text, target).
        has_values: Its initializer has `values`.
        decl_tags: The arguments of its `btf_decl_tag`s, as written.
    """

    name: str
    linkage: str
    definition: CDefinition | str
    legacy: bool
    section: str
    hidden: bool
    struct: str
    numbers: dict[str, str]
    values: dict[str, str]
    slots: list[tuple[str, str]]
    has_values: bool
    decl_tags: tuple[str, ...]


def read_maps(text: str, plain: Callable[[str], str]) -> list[CMap]:
    """Return the maps that the declaration *text* defines; *plain* expands what has a name in it.

    Raises:
        CError: It can't be read.
    """
    bare, attributes = without_attributes(text)
    section = section_of_maps(attributes.section)
    if section is None:
        raise CError(f"section `{attributes.section}` is none of maps")
    reader = _Reader(bare, plain)
    specifiers = reader.specifiers(0, reader.count)
    linkage = "weak" if "weak" in attributes.names else "global"
    linkage = next((word for word in ("extern", "static") if word in specifiers.storage), linkage)
    maps: list[CMap] = []
    definition: CDefinition | str | None = None
    for first, after in reader.declarators(specifiers.after):
        equals = reader.find("=", first, after)
        declarator = reader.declarator(first, equals)
        if ARRAY in declarator.kinds:
            raise CError(f"`{declarator.name}` is an array of maps, which libbpf refuses")
        if declarator.kinds:
            raise CError(f"`{declarator.name}` is no struct")
        if definition is None:
            definition = reader.definition_of(specifiers)
        numbers, slots, has_values = reader.initializer(equals + 1, after)
        maps.append(
            CMap(
                name=declarator.name,
                linkage=linkage,
                definition=definition,
                legacy=section[0] == "maps",
                section=attributes.section,
                hidden="hidden" in attributes.names,
                struct=specifiers.name if specifiers.word != TYPEOF else "",
                numbers=numbers,
                values={name: plain(number) for name, number in numbers.items()},
                slots=slots,
                has_values=has_values,
                decl_tags=attributes.decl_tags,
            )
        )
    if not maps:
        raise CError("there is no variable in this declaration")
    return maps


def names_of(text: str) -> list[str]:
    """Return the tag and the typedefs of the struct that *text* declares; none of other types."""
    plain, _attributes = without_attributes(text)
    reader = DeclarationReader(plain)
    try:
        specifiers = reader.specifiers(0, reader.count)
        if specifiers.body is None or specifiers.word != "struct":
            return []
        return _names(reader, specifiers)
    except CError:
        return []


def _names(reader: DeclarationReader, specifiers: Specifiers) -> list[str]:
    """Return the tag and the typedefs of what *specifiers* declare."""
    names = [specifiers.name] if specifiers.name else []
    return names + reader.names(specifiers) if "typedef" in specifiers.storage else names


def read_definition(text: str, plain: Callable[[str], str]) -> tuple[list[str], CDefinition]:
    """Return the names and contents of a named definition struct, or of a typedef of one.

    As in :func:`read_maps`, *plain* expands what has a name in *text*.

    Raises:
        CError: It can't be read.
    """
    bare, _attributes = without_attributes(text)
    reader = _Reader(bare, plain)
    specifiers = reader.specifiers(0, reader.count)
    if specifiers.body is None:
        raise CError("there is no struct in this declaration")
    return _names(reader, specifiers), reader.definition(specifiers.body)


def read_record(text: str) -> tuple[str, str]:
    """Return the map and the type of its records that the anchor *text* of our own headers keeps.

    Raises:
        CError: It is no anchor.
    """
    plain, _attributes = without_attributes(text)
    reader = DeclarationReader(plain)
    specifiers = reader.specifiers(0, reader.count)
    for stretch in reader.declarators(specifiers.after):
        declarator = reader.declarator(*stretch)
        if declarator.kinds[:1] == [POINTER] and declarator.name.startswith(RECORD_PREFIX):
            base = reader.slice(specifiers.first, specifiers.after)
            abstract = abstract_declarator(declarator.operators[1:])
            if not abstract:
                base = base.removeprefix("const ")  # the anchor's own
            return declarator.name.removeprefix(RECORD_PREFIX), f"{base} {abstract}".rstrip()
    raise CError("this is no anchor of records")


def annotated_pair(text: str) -> tuple[str, str, str] | None:
    """Return map, key and value, where *text* is what BPF_ANNOTATE_KV_PAIR defines; else None."""
    pair = _PAIR.match(text.strip())
    return None if pair is None else (pair[1], pair[2].strip(), pair[3].strip())


def is_definition(text: str) -> bool:
    """Return whether the type declaration *text* is a definition struct of maps."""
    return (
        "type" in text
        and re.search(r"\b__uint\s*\(\s*type\b|\(\s*\*\s*type\s*\)\s*\[", text) is not None
    )


class _Reader(InitializerReader):
    """Reads a declaration of maps, or of their struct."""

    def __init__(self, text: str, plain: Callable[[str], str]) -> None:
        super().__init__(text)
        self._plain = plain
        self._level = 0

    def definition_of(self, specifiers: Specifiers) -> CDefinition | str:
        """Return the definition that a variable with *specifiers* has, or the name of it."""
        if specifiers.inside is not None:
            inner = self._whole(specifiers.inside)
            if inner is None or (not inner.word and not inner.name):
                raise CError("a map is a struct of attributes")
            is_struct = inner.body is not None or inner.word
            return self.definition_of(inner) if is_struct else f"{TYPE_OF}{inner.name}"
        if specifiers.body is not None and specifiers.word == "struct":
            return self.definition(specifiers.body)
        if not specifiers.name or specifiers.word in ("enum", "union"):
            raise CError("a map is a struct of attributes")
        return specifiers.name

    def _whole(self, stretch: tuple[int, int]) -> Specifiers | None:
        """Return the specifiers that a stretch is, or None where there is more in it."""
        specifiers = self.specifiers(*stretch)
        return specifiers if specifiers.after == stretch[1] else None

    def definition(self, opening: int) -> CDefinition:
        """Return what the struct says whose brace is *opening*."""
        if self._level > _MOST_LEVELS:
            raise CError("maps are nested too deep")
        self._level += 1
        definition = CDefinition({}, {}, None, programs=False, declared=[])
        first, after = self.inside(opening)
        for start, end in self.split(";", first, after):
            if start == end:
                continue
            if self.word(start) in _MACROS and self.word(start + 1) == "(":
                definition = self._macro(definition, start, end)
            else:
                definition = self._members(definition, start, end)
            if end == after:
                raise CError(f"this C can't be read (no `;` after `{self.slice(start, end)[:40]}`)")
        self._level -= 1
        return definition

    def _macro(self, definition: CDefinition, start: int, after: int) -> CDefinition:
        """Return *definition* with the member that one of libbpf's macros stands for."""
        macro, opening = self.word(start), start + 1
        end = min(self.closing[opening], after)
        comma = self.find(",", opening + 1, end)
        name = self.word(opening + 1)
        if comma != opening + 2 or not name.isidentifier() or comma >= end:
            raise CError(f"`{macro}` takes two arguments")
        if self.inside(opening)[1] + 1 != after:
            raise CError(f"this C can't be read (at `{self.slice(end + 1, after)[:40]}`)")
        if macro in _NUMBER_MACROS:
            return self._number(definition, name, "int", self.slice(comma + 1, end))
        if macro == "__type":
            return self._type(definition, name, self.specifiers(comma + 1, end), end)
        if name != "values":
            raise CError(f"attribute `{name}` can't be read")
        return self._values(definition, comma + 1, end)

    def _members(self, definition: CDefinition, start: int, after: int) -> CDefinition:
        """Return *definition* with the members of one declaration."""
        specifiers = self.specifiers(start, after)
        for stretch in self.split(",", specifiers.after, after):
            definition = self._member(definition, specifiers, self.declarator(*stretch))
        return definition

    def _member(
        self, definition: CDefinition, specifiers: Specifiers, declarator: Declarator
    ) -> CDefinition:
        """Return *definition* with a member that is spelled without libbpf's macros."""
        name = declarator.name
        kinds = declarator.kinds
        base = self.slice(specifiers.first, specifiers.after)
        if name == "type" and kinds[:2] == [POINTER, ARRAY]:
            definition = self._record(definition, specifiers, base, declarator.operators[2:])
            return self._number(definition, name, base, declarator.operators[1][1])
        if kinds == [POINTER, ARRAY]:
            return self._number(definition, name, base, declarator.operators[1][1])
        if name == "values" and kinds == [ARRAY, POINTER, FUNCTION]:
            return replace(definition, programs=True)
        if name == "values" and kinds == [ARRAY, POINTER]:
            return self._values(definition, specifiers.first, specifiers.after)
        if name == "values" and kinds[:1] == [ARRAY]:
            raise CError("`values` holds neither maps nor programs")
        if kinds[:1] == [POINTER]:
            abstract = abstract_declarator(declarator.operators[1:])
            return self._type(definition, name, specifiers, specifiers.after, abstract)
        if kinds:
            raise CError(f"attribute `{name}` can't be read")
        text = ""  # the initializer has its value
        if specifiers.word == "enum" and specifiers.body is not None:
            first, after = self.inside(specifiers.body)
            equals = self.find("=", first, after)
            comma = self.find(",", first, after)
            if equals >= comma or comma < after - 1:
                raise CError(f"attribute `{name}` is an enum without the one value that it needs")
            text = self.slice(equals + 1, comma)
        return self._with_number(definition, name, text)

    def _record(
        self,
        definition: CDefinition,
        specifiers: Specifiers,
        base: str,
        operators: list[tuple[str, str]],
    ) -> CDefinition:
        """Return *definition* with the type of its records, which `type` is an array of in ours.

        libbpf's `__uint` has int there, and records that are an int or char are const.
        """
        if not operators and base.removeprefix("const ") in NUMBER_ELEMENTS:
            if base.startswith("const "):
                types = {**definition.types, RECORD: base.removeprefix("const ")}
                return replace(definition, types=types)
            return definition
        abstract = abstract_declarator(operators)
        return self._type(definition, RECORD, specifiers, specifiers.after, abstract)

    def _number(self, definition: CDefinition, name: str, element: str, text: str) -> CDefinition:
        """Return *definition* with an integer; for a key or value it is the length of an array."""
        if name in ("key", "value"):
            return replace(definition, types={**definition.types, name: f"{element}[{text}]"})
        if not text:
            raise CError(f"attribute `{name}` can't be read")
        return self._with_number(definition, name, text)

    def _with_number(self, definition: CDefinition, name: str, text: str) -> CDefinition:
        if name in _WORDS:
            text = self._plain(text)
        return replace(definition, numbers={**definition.numbers, name: text})

    def _type(
        self,
        definition: CDefinition,
        name: str,
        specifiers: Specifiers,
        after: int,
        abstract: str = "",
    ) -> CDefinition:
        """Return *definition* with a type; one that is declared there, with a tag, is by its tag.

        Its text ends before *after*, and *abstract* follows.
        """
        first = specifiers.first
        declared = definition.declared
        if specifiers.inside is not None and specifiers.after == after:
            inside, after = specifiers.inside, specifiers.inside[1]
            try:
                inner = self.specifiers(*inside)
            except CError:  # of an expression, which the compiler alone can tell
                text = self.slice(first, specifiers.after)
                return replace(definition, types={**definition.types, name: text + abstract})
            if abstract and inner.after < after:
                raise CError(f"attribute `{name}` can't be read")
            return self._type(definition, name, inner, after, abstract)
        if specifiers.body is not None and specifiers.name:
            end = self.after_attributes(self.closing[specifiers.body] + 1)
            tag = self.find(specifiers.word, first, end)
            declared = [*declared, self.slice(tag, end)]
            named = f"{specifiers.word} {specifiers.name}"
            text = f"{self.slice(first, tag)} {named} {self.slice(end, after)}".strip()
        else:
            text = self.slice(first, after)
        if abstract:
            text = f"{text} {abstract}"
        return replace(definition, types={**definition.types, name: text}, declared=declared)

    def _values(self, definition: CDefinition, first: int, after: int) -> CDefinition:
        """Return *definition* with the inner maps, or the programs, whose type a stretch is."""
        specifiers = self.specifiers(first, after)
        if specifiers.inside is not None and specifiers.after == after:
            return self._values(definition, *specifiers.inside)
        if specifiers.after < after:
            if self.word(after - 1) != ")" or specifiers.body is not None:
                raise CError("`values` holds neither maps nor programs")
            return replace(definition, programs=True)
        if specifiers.word not in ("", "struct") or (not specifiers.name and not specifiers.word):
            raise CError("`values` holds neither maps nor programs")
        if not specifiers.word:
            return replace(definition, inner=f"{TYPE_OF}{specifiers.name}")
        inner = self.definition_of(specifiers)
        declared = [] if isinstance(inner, str) else inner.declared
        return replace(definition, inner=inner, declared=[*definition.declared, *declared])
