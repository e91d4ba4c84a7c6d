"""Maps, templates and programs in the language: one line where that says it all.

`<K, V>` and `[N]` where they can be used, braces for the rest.
"""

from __future__ import annotations

from bpfgen.ctype.describe import in_bytes
from bpfgen.ctype.types import Attributes, Composite, Enum, Named
from bpfgen.emit.c import literals
from bpfgen.emit.dsl.dialect import INDENT
from bpfgen.model.maps import FILLED_IN, MAP_KINDS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.ctype.types import Type
    from bpfgen.emit.c.declarators import Speller
    from bpfgen.model.maps import Attribute, Map, Shape, Template
    from bpfgen.model.model import ProgramDeclaration

PIN_NAMES = {0: "none", 1: "by_name"}


class MapWriter:
    """Writes the maps of one file.

    *bare* says whether a tag alone, without its `struct`, names the type that it is the tag of.
    """

    __slots__ = ("_bare", "_speller")

    def __init__(self, speller: Speller, bare: Callable[[str], bool]) -> None:
        self._speller = speller
        self._bare = bare

    def program(self, declared: ProgramDeclaration) -> str:
        """Return `int name(struct ctx *ctx);` with its newline."""
        return f"{self._speller.declaration(declared.type, declared.name)};\n"

    def template(self, template: Template) -> str:
        """Return `template name: shape;` with its newline."""
        return f"template {template.name}: {self._own_shape(template.shape, '')};\n"

    def map(self, declared: Map) -> str:
        """Return `map name: shape;` with its newline."""
        linkage = "" if declared.linkage == "global" else f"{declared.linkage} "
        if declared.legacy:
            linkage = "legacy "
        shape = declared.shape.template or self._own_shape(declared.shape, "")
        tags = ""
        if declared.decl_tags:
            attributes = Attributes(decl_tags=declared.decl_tags)
            tags = self._speller.dialect.attributes(attributes, self._speller.expression)
        return f"{linkage}map {declared.name}{tags}: {shape}{self._slots(declared)};\n"

    def _slots(self, declared: Map) -> str:
        if not declared.slots:
            return " = {}" if declared.has_room else ""
        texts = []
        for slot in declared.slots:
            index = self._speller.value(slot.index, slot.expression)
            texts.append(f"[{index}] = {slot.name}")
        if len(texts) <= 2:
            return f" = {{ {', '.join(texts)} }}"
        inside = "".join(f"{INDENT}{text},\n" for text in texts)
        return f" = {{\n{inside}}}"

    def _shape(self, shape: Shape, indent: str) -> str:
        """Return the shape of an inner map: the name of its template, or what it is."""
        return shape.template or self._own_shape(shape, indent)

    def _own_shape(self, shape: Shape, indent: str) -> str:
        """Return `kind<K, V>[N] { attributes }`, those parts that there are."""
        arguments, in_braces = self._arguments(shape, indent)
        entries = ""
        lines = [f"{name} = {text};" for name, text in in_braces]
        for name, attribute in shape.attributes.items():
            if attribute.origin == FILLED_IN:
                continue
            if name == "max_entries":
                entries = f"[{self._number(shape, attribute)}]"
            else:
                lines.append(f"{name} = {self._number(shape, attribute)};")
        braces = ""
        if lines:
            inside = "".join(f"{indent}{INDENT}{line}\n" for line in lines)
            braces = f" {{\n{inside}{indent}}}"
        return f"{shape.kind.name}{arguments}{entries}{braces}"

    def _arguments(self, shape: Shape, indent: str) -> tuple[str, list[tuple[str, str]]]:
        """Return the part in angle brackets, and what has to be an attribute instead."""
        kind = shape.kind
        given: dict[str, str] = {}
        deeper = f"{indent}{INDENT}"
        for role, argument in (("key", shape.key), ("value", shape.value)):
            if argument is not None:
                given[role] = self._type(argument.type)
        short: list[str] = []
        if shape.record is not None:
            short = [self._type(shape.record.type)]
        elif kind.of_maps and "key" in given:
            short = [given.pop("key")]
            if shape.inner is not None:
                short.append(self._shape(shape.inner, indent))
        elif shape.inner is not None:
            given["value"] = self._shape(shape.inner, deeper)
        elif kind.keyless and not kind.has_record and list(given) == ["value"]:
            short = [given.pop("value")]
        elif not kind.keyless and not kind.of_maps and len(given) == 2:
            short = [given.pop("key"), given.pop("value")]
        return (f"<{', '.join(short)}>" if short else ""), list(given.items())

    def _type(self, type: Type) -> str:
        """Return *type* as a map's argument: a tag alone where it can't be misunderstood."""
        name = None
        if isinstance(type, (Composite, Enum)):
            name = type.tag
        elif isinstance(type, Named) and type.kind != "typedef":
            name = type.name
        if name is not None and name not in MAP_KINDS and self._bare(name):
            return name
        return self._speller.type_name(type)

    def _number(self, shape: Shape, attribute: Attribute) -> str:
        """Return the value of *attribute* as a person writes it."""
        if attribute.value is None:
            return "runtime"
        if attribute.name == "pinning" and attribute.value in PIN_NAMES:
            return PIN_NAMES[attribute.value]
        if attribute.expression is not None:
            return self._speller.expression(attribute.expression)
        if attribute.name == "max_entries" and shape.kind.entries.pages:
            return in_bytes(attribute.value)
        if attribute.name == "map_extra" and attribute.value >= 1 << 32:
            return f"{attribute.value:#x}"  # an address, of an arena
        return literals.number(attribute.value)
