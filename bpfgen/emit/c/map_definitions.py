"""Maps and templates as C: modern, initializer and legacy definitions, slots, `extern`.

Source: libbpf's bpf_helpers.h for the macros, parse_btf_map_def in libbpf.c for the members.
"""

from __future__ import annotations

from bpfgen.ctype.types import Attributes, Pointer
from bpfgen.emit.c import literals
from bpfgen.emit.c.assertions import assertion
from bpfgen.emit.c.comments import comment, trailing
from bpfgen.emit.c.expressions import is_plain, sole_constant
from bpfgen.emit.c.options import INITIALIZER
from bpfgen.emit.definitions import (
    CHARS,
    ENUMERATOR,
    ENUMERATOR_PREFIX,
    LOADER,
    KindMember,
    NumberMember,
    TypeMember,
    ValuesMember,
    definition_members,
    has_room,
    inner_name,
)
from bpfgen.model.maps import FILLED_IN, PINNING
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.emit.c.declarators import Speller
    from bpfgen.model.maps import Attribute, Map, Shape, Template

PIN_TYPES = {number: f"LIBBPF_PIN_{name.upper()}" for name, number in PINNING.items()}
"""The enumerators of enum libbpf_pin_type, which libbpf's bpf_helpers.h defines."""

MAP_PREFIX = "BPFGEN_MAP"
"""The header's own macro before its maps: nothing, or `extern` with BPFGEN_EXTERN_MAPS."""

MACROS = {
    "__uint": "__uint(name, val) int (*name)[val]",
    "__type": "__type(name, val) __typeof__(val) *name",
    "__array": "__array(name, val) __typeof__(val) *name[]",
    "__weak": "__weak __attribute__((weak))",
}
"""libbpf's macros apart from SEC, for where they are missing; `typeof` is no word of strict C."""

LEGACY_ATTRIBUTES = ("max_entries", "map_flags")


class MapSpeller:
    """Spells the maps of one header and remembers which of libbpf's macros they need.

    *alone* says that the header has no more than one map.

    Attributes:
        macros: Names of the macros used, `SEC` apart.
        legacy: Whether `struct bpf_map_def` is used.
        pins: The values of :data:`PIN_TYPES` that are used, by name.
    """

    __slots__ = ("_alone", "_speller", "_style", "legacy", "macros", "pins")

    def __init__(self, speller: Speller, style: str, *, alone: bool = False) -> None:
        self._speller = speller
        self._style = style
        self._alone = alone
        self.macros: set[str] = set()
        self.legacy = False
        self.pins: dict[str, int] = {}

    def template(self, template: Template) -> str:
        """Return the named struct that maps of the template's shape share."""
        body = self._body(template.shape, template.name, "", programs=True)
        asserted = self._assertions(template.shape, template.name)
        return f"{comment(template.doc)}struct {template.name} {body};\n{asserted}"

    def map(self, map: Map) -> str:
        """Return the definition of *map*, or its declaration where it is extern."""
        doc = comment(map.doc)
        asserted = "" if map.shape.template else self._assertions(map.shape, map.name)
        if map.legacy:
            return f"{doc}{self._legacy(map)}{asserted}"
        prefix = "extern" if map.linkage == "extern" else MAP_PREFIX
        weak = ""
        if map.linkage == "weak":
            self.macros.add("__weak")
            weak = " __weak"
        if map.shape.template:
            definition = f"struct {map.shape.template}"
        else:
            body = self._body(map.shape, map.name, "", programs=has_room(map))
            definition = f"struct {body}"
        value = self._initializer(map) if map.linkage != "extern" else ""
        section = f'SEC(".maps"){self._tags(map)}'
        return f"{doc}{prefix} {definition} {map.name}{weak} {section}{value};\n{asserted}"

    def _tags(self, map: Map) -> str:
        """Return the attribute of the declaration tags of *map*, with a space before it, if any."""
        if not map.decl_tags:
            return ""
        tags = Attributes(decl_tags=map.decl_tags)
        return self._speller.dialect.attributes(tags, self._speller.expression)

    def _body(self, shape: Shape, name: str, indent: str, *, programs: bool = False) -> str:
        """Return the braces of the definition struct and what is in them.

        With *programs* a prog_array has `values`, so that its slots can be initialised.
        """
        if self._style == INITIALIZER:
            lines = self._fields(shape)
        else:
            lines = self._macros(shape, name, indent, programs=programs)
        inside = "".join(f"{indent}\t{line}\n" for line in lines)
        gap = self._gap(shape) if self._style == INITIALIZER else ""
        return f"{{\n{inside}{indent}}}{gap}"

    def _macros(self, shape: Shape, name: str, indent: str, *, programs: bool) -> Iterator[str]:
        self.macros.add("__uint")
        for member in definition_members(shape, has_room=programs):
            match member:
                case KindMember():
                    kind = self._speller.map_kind(member.kind)
                    if member.element is None:
                        yield f"__uint(type, {kind});"
                    else:
                        yield f"{self._speller.declaration(member.element, f'(*type)[{kind}]')};"
                case NumberMember():
                    yield self._number(shape, name, member)
                case TypeMember():
                    self.macros.add("__type")
                    yield f"__type({member.name}, {self._speller.type_name(member.type)});"
                case ValuesMember():
                    self.macros.add("__array")
                    pointee = self._values(member, name, indent)
                    yield f"__array(values, {pointee});"
                case _:
                    assert_never(member)

    def _values(self, member: ValuesMember, name: str, indent: str) -> str:
        """Return what the values of the definition called *name* point to."""
        if member.inner is None:
            return "int (void *)"
        if member.inner.template:
            return f"struct {member.inner.template}"
        body = self._body(member.inner, inner_name(name), f"{indent}\t")
        return f"struct {body}"

    def _number(self, shape: Shape, name: str, member: NumberMember) -> str:
        """Return the line of one number in the definition called *name*."""
        attribute = member.attribute
        if member.form == LOADER:
            return f"/* {attribute.name} is set by the loader */"
        value = self.value(shape, attribute)
        if member.form == ENUMERATOR:
            return f"__extension__ enum {{ {ENUMERATOR_PREFIX}{name} = {value} }} map_extra;"
        if member.form == CHARS:
            return f"char (*{attribute.name})[{value}];"
        reason = trailing(attribute.reason) if attribute.origin == FILLED_IN else ""
        return f"__uint({attribute.name}, {value});{reason}"

    def value(self, shape: Shape, attribute: Attribute) -> str:
        """Return the value of *attribute* as the source wrote it, or as the reason for it asks."""
        number = attribute.value or 0
        if attribute.name == "pinning" and number in PIN_TYPES:
            self.pins[PIN_TYPES[number]] = number
            return PIN_TYPES[number]
        if attribute.expression is not None:
            return self._speller.expression(attribute.expression)
        flags = shape.kind.required_flags
        if attribute.name == "map_flags" and len(flags) == 1:
            self._speller.kernel_names[flags[0]] = number
            return flags[0]
        return literals.integer(number)

    def _gap(self, shape: Shape) -> str:
        """Return the attribute that makes the struct of *shape* a multiple of 8 bytes long.

        clang 16 ends with "unable to write nop sequence of 4 bytes" where it has to fill a gap of
        4 bytes between two initialised variables of a BPF object. A pointer member does as well.
        """
        ints = 1 + len(_numbers(shape))
        pointers = shape.key is not None or shape.value is not None
        wanted = not self._alone and ints % 2 == 1 and not pointers
        return " __attribute__((aligned(8)))" if wanted else ""

    def _fields(self, shape: Shape) -> Iterator[str]:
        yield "int type;"
        for attribute in _numbers(shape):
            fits = -literals.INT_MAX - 1 <= (attribute.value or 0) <= literals.INT_MAX
            yield f"{'int' if fits else 'unsigned int'} {attribute.name};"
        for name, argument in (("key", shape.key), ("value", shape.value)):
            if argument is not None:
                yield f"{self._speller.declaration(Pointer(argument.type), name)};"

    def _initializer(self, map: Map) -> str:
        """Return what follows the section of *map*: ` = { … }`, left out where it is extern."""
        if self._style == INITIALIZER:
            lines = [f".type = {self._speller.map_kind(map.shape.kind)},"]
            for attribute in _numbers(map.shape):
                reason = trailing(attribute.reason) if attribute.origin == FILLED_IN else ""
                lines.append(f".{attribute.name} = {self.value(map.shape, attribute)},{reason}")
            lines.extend(
                f"/* {name} is set by the loader */"
                for name, attribute in map.shape.attributes.items()
                if attribute.value is None
            )
        elif map.slots:
            lines = [".values = {"]
            for slot in map.slots:
                index = self._speller.value(slot.index, slot.expression)
                lines.append(f"\t[{index}] = (void *)&{slot.name},")
            lines.append("},")
        else:
            return ""
        inside = "".join(f"\t{line}\n" for line in lines)
        return f"\n#ifndef BPFGEN_EXTERN_MAPS\n= {{\n{inside}}}\n#endif\n"

    def _legacy(self, map: Map) -> str:
        self.legacy = True
        declared = f'struct bpf_map_def SEC("maps") {map.name}'
        if map.linkage == "weak":
            self.macros.add("__weak")
            declared += " __weak"
        declared += self._tags(map)
        if map.linkage == "extern":
            return f"extern {declared};\n"
        shape = map.shape
        members = [f".type = {self._speller.map_kind(shape.kind)},"]
        for name, argument in (("key_size", shape.key), ("value_size", shape.value)):
            attribute = shape.attributes.get(name)
            if attribute is not None and attribute.value is not None:
                members.append(f".{name} = {self.value(shape, attribute)},")
            elif argument is not None:
                members.append(f".{name} = sizeof({self._speller.type_name(argument.type)}),")
        for name in LEGACY_ATTRIBUTES:
            attribute = shape.attributes.get(name)
            if attribute is not None and attribute.value is not None:
                reason = trailing(attribute.reason) if attribute.origin == FILLED_IN else ""
                members.append(f".{name} = {self.value(shape, attribute)},{reason}")
        inside = "".join(f"\t{member}\n" for member in members)
        return (
            f"#ifdef BPFGEN_EXTERN_MAPS\nextern {declared};\n#else\n"
            f"{declared} = {{\n{inside}}};\n#endif\n"
        )

    def _assertions(self, shape: Shape, name: str) -> str:
        """Return the assertions about the attributes of *shape* whose values are computed."""
        lines = []
        for attribute in shape.attributes.values():
            expression = attribute.expression
            if attribute.value is None or expression is None or is_plain(expression):
                continue
            if attribute.name == "pinning":
                continue
            constant = sole_constant(expression)
            if constant is not None and constant.origin != "included":
                continue  # asserted where it is declared, or the kernel's own number
            flags = attribute.name == "map_flags"
            number = literals.number(attribute.value, hexadecimal=flags)
            computed = self._speller.expression(expression)
            if " " in computed:
                computed = f"({computed})"
            lines.append(assertion(f"{computed} == {number}", f"{name}, {attribute.name}"))
        if shape.inner is not None and not shape.inner.template:
            lines.append(self._assertions(shape.inner, name))
        return "".join(lines)


def _numbers(shape: Shape) -> list[Attribute]:
    """Return the attributes that the initializer style has members for, in its order."""
    order = ("max_entries", "map_flags", "numa_node", "key_size", "value_size")
    attributes = (shape.attributes.get(name) for name in order)
    return [
        attribute
        for attribute in attributes
        if attribute is not None and attribute.value is not None
    ]
