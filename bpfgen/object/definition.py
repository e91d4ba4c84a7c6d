"""The struct of a map in `.maps` -> its definition. libbpf's parse_btf_map_def, in our words.

Each member of the struct is an attribute. In the modern style a number is the length of an array
that the member points to, and a type is what it points to, so that the struct has no contents at
all. In the initializer style, that of the first proposal, numbers are members with a value, which
stands in the section.

libbpf stops at the first thing it doesn't like. Here that thing is noted, and reading goes on as
far as there is a plausible meaning, since `import` and `verify` want to know all the rest.

Source: tools/lib/bpf/libbpf.c, parse_btf_map_def, get_map_field_int and get_map_field_long.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.kernel.map_kinds import KINDS_BY_NUMBER, MAP_KINDS, PROG_ARRAY
from bpfgen.model.anchors import NUMBER_ELEMENTS
from bpfgen.model.maps import ATTRIBUTES
from bpfgen.object.records import INITIALIZER, MODERN, Definition
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from typing import Literal

    from bpfgen.btf.convert import BtfTypes
    from bpfgen.btf.decode import Btf

MAPS_OF_MAPS = frozenset(kind.number for kind in MAP_KINDS.values() if kind.of_maps)

EMPTY = Definition(MODERN, None, None, (), {}, 0, 0)
"""Of a map that can't be read."""

_INTEGER_KINDS = (kinds.BTF_KIND_INT, kinds.BTF_KIND_ENUM, kinds.BTF_KIND_ENUM64)
_TYPES = ("key", "value")
_NUMBERS = tuple(name for name in ATTRIBUTES if name not in (*_TYPES, "values"))


class Initialized(Record):
    """Where the value of a member of the initializer style stands in the variable, in bytes."""

    offset: int
    size: int


class Parsed(Record):
    """A definition struct, read; shared by all maps of that struct.

    Attributes:
        definition: Without the numbers that stand in the section's data.
        initialized: Where those stand, by attribute.
        error: The first thing that libbpf refuses, or None.
    """

    definition: Definition
    initialized: dict[str, Initialized]
    error: str | None


def initialized(
    parsed: Parsed, data: memoryview, byteorder: Literal["little", "big"]
) -> Definition:
    """Return a definition of the initializer style with the numbers that *data* has for it.

    *data* is the variable's. Past the end of the file (SHT_NOBITS) all bytes are 0, and an extern
    map has none.
    """
    template = parsed.definition
    numbers = dict(template.numbers)
    for name, place in parsed.initialized.items():
        numbers[name] = int.from_bytes(data[place.offset : place.offset + place.size], byteorder)
    number = numbers.get("type")
    return replace(
        template,
        type=number,
        kind=None if number is None else KINDS_BY_NUMBER.get(number),
        numbers=numbers,
        key_size=numbers.get("key_size", 0) or template.key_size,
        value_size=numbers.get("value_size", 0) or template.value_size,
    )


class Definitions:
    """The definition structs of one object, each read once."""

    __slots__ = ("_parsed", "_relax_compat", "_types")

    def __init__(self, types: BtfTypes, *, relax_compat: bool) -> None:
        self._types = types
        self._relax_compat = relax_compat
        self._parsed: dict[tuple[int, bool], Parsed] = {}

    def of_struct(self, struct_id: int, *, is_inner: bool = False) -> Parsed:
        """Return what the struct *struct_id* says; *is_inner* where `values` points to it."""
        key = (struct_id, is_inner)
        parsed = self._parsed.get(key)
        if parsed is None:
            try:
                parser = _Parser(self, self._types, struct_id, is_inner)
                parsed = parser.parse(relax_compat=self._relax_compat)
            except FormatError as error:
                # Remembered like any other: many maps may share a broken definition.
                parsed = Parsed(EMPTY, {}, error.what)
            self._parsed[key] = parsed
        return parsed


class _Parser:
    """Reads one struct; the state is libbpf's struct btf_map_def."""

    __slots__ = (
        "_btf",
        "_definitions",
        "_is_inner",
        "_struct_id",
        "_types",
        "elements",
        "error",
        "initialized",
        "inner",
        "numbers",
        "sizes",
        "type_ids",
        "values",
        "values_offset",
    )

    def __init__(
        self, definitions: Definitions, types: BtfTypes, struct_id: int, is_inner: bool, /
    ) -> None:
        self._definitions = definitions
        self._types = types
        self._btf = types.btf
        self._struct_id = struct_id
        self._is_inner = is_inner
        self.error: str | None = None
        self.numbers: dict[str, int] = {}
        self.initialized: dict[str, Initialized] = {}
        self.type_ids: dict[str, int] = {}
        self.elements: dict[str, int] = {}
        self.sizes = {"key": 0, "value": 0}
        self.values = ""
        self.values_offset = -1
        self.inner: Definition | None = None

    def refuse(self, why: str) -> None:
        """Note *why* libbpf refuses the definition, unless there was a reason before."""
        if self.error is None:
            self.error = why

    def parse(self, *, relax_compat: bool) -> Parsed:
        btf = self._btf
        members = btf.members(self._struct_id)
        for index, (name, type_id, bit_offset, _width) in enumerate(members):
            try:
                if name in _TYPES:
                    self._type_attribute(name, type_id)
                elif name == "values":
                    self._values(type_id, bit_offset // 8, is_last=index == len(members) - 1)
                elif name in _NUMBERS:
                    self._number_attribute(name, type_id, bit_offset // 8)
                elif not name:
                    self.refuse(f"member {index} of the definition has no name")
                elif not relax_compat:
                    self.refuse(f"unknown attribute `{name}`")
            except FormatError as error:
                self.refuse(f"attribute `{name}`: {error.what}")
        style = INITIALIZER if self.initialized else MODERN
        if not self.numbers.get("type") and style == MODERN:
            self.refuse("the map type isn't specified")
        number = self.numbers.get("type")
        definition = Definition(
            style,
            number,
            None if number is None else KINDS_BY_NUMBER.get(number),
            tuple(name for name, _type_id, _offset, _width in members),
            self.numbers,
            self.sizes["key"],
            self.sizes["value"],
            self.type_ids.get("key", 0),
            self.type_ids.get("value", 0),
            self.values,
            self.values_offset,
            self.inner,
            self._struct_id,
            btf.name(self._struct_id),
            self._record_type_id(),
            self._types,
        )
        return Parsed(definition, self.initialized, self.error)

    def _number_attribute(self, name: str, type_id: int, offset: int) -> None:
        btf = self._btf
        plain = btf.skip_modifiers(type_id)
        kind = btf.kind(plain)
        if name == "map_extra" and kind in (kinds.BTF_KIND_ENUM, kinds.BTF_KIND_ENUM64):
            self._one_enumerator(plain)
            return
        if kind in _INTEGER_KINDS:
            self.initialized[name] = Initialized(offset, btf.size(plain))
            self.refuse(
                f"attribute `{name}` is a number in the section's data; libbpf looks for it in the "
                "types (`__uint`)"
            )
            return
        if kind != kinds.BTF_KIND_PTR:
            self.refuse(
                f"attribute `{name}` should point to an array (`__uint`), and is of kind "
                f"{btf.kind_name(plain)}"
            )
            return
        pointee = btf.target(plain)
        array = btf.skip_modifiers(pointee)
        if btf.kind(array) != kinds.BTF_KIND_ARRAY:
            self.refuse(
                f"attribute `{name}` should point to an array (`__uint`), and points to "
                f"{_described(btf, pointee)}"
            )
            return
        if array != pointee:
            self.refuse(
                f"attribute `{name}` points to {_described(btf, pointee)}; libbpf takes no typedef "
                "or qualifier around the array"
            )
        self.elements[name] = btf.array(array)[0]
        self._set_number(name, btf.array(array)[2])

    def _record_type_id(self) -> int:
        """Return the id of the type of the records, 0 where the definition names none.

        Nobody looks at the element of the array whose length is the number, so that our own
        headers put the type of the records there, in `type`: `struct event (*type)[27]`. The int
        that libbpf's `__uint` has there is none, nor is whatever else other attributes have;
        records of such a type are const.
        """
        btf = self._btf
        element = self.elements.pop("type", 0)
        if element == 0 or element in self.elements.values() or _is_number_element(btf, element):
            return 0
        if btf.kind(element) == kinds.BTF_KIND_CONST:
            target = btf.target(element)
            return target if _is_number_element(btf, target) else element
        return element

    def _one_enumerator(self, enum_id: int) -> None:
        """Read `map_extra` in its 64-bit form, `__ulong`: an enum of one value (libbpf 1.4)."""
        enumerators = self._btf.enumerators(enum_id)
        if len(enumerators) != 1:
            self.refuse(
                f"attribute `map_extra` is an enum of {len(enumerators)} values instead of one"
            )
            return
        value = enumerators[0][1]
        if self._btf.kind(enum_id) == kinds.BTF_KIND_ENUM and value >> 31 == 1:
            # libbpf reads the 32 bits of an ENUM as signed, whatever kind_flag says.
            value -= 1 << 32
        self._set_number("map_extra", value & 0xFFFFFFFFFFFFFFFF)

    def _set_number(self, name: str, number: int) -> None:
        if name in ("key_size", "value_size"):
            self._set_size(name.removesuffix("_size"), number, f"`{name}`")
        elif name == "pinning":
            if self._is_inner:
                self.refuse("an inner map can't be pinned, and its definition says `pinning`")
            elif number > 1:
                self.refuse(f"`pinning` is {number}, and libbpf knows 0 (none) and 1 (by name)")
        self.numbers[name] = number

    def _set_size(self, which: str, size: int, said_by: str) -> None:
        earlier = self.sizes[which]
        if earlier and earlier != size:
            self.refuse(f"{said_by} makes the {which} {size} bytes, and before it was {earlier}")
        self.sizes[which] = size

    def _type_attribute(self, name: str, type_id: int) -> None:
        btf = self._btf
        pointer = btf.skip_modifiers(type_id)
        if btf.kind(pointer) != kinds.BTF_KIND_PTR:
            self.refuse(
                f"attribute `{name}` should be a pointer to the type, and is of kind "
                f"{btf.kind_name(pointer)}"
            )
            return
        if pointer != type_id:
            self.refuse(
                f"attribute `{name}` is {_described(btf, type_id)}; libbpf takes a plain pointer, "
                "no typedef and no qualifier"
            )
        pointee = btf.target(pointer)
        size = btf.size_of(pointee)
        if size is None:
            self.refuse(f"`{name}` is {_described(btf, pointee)}, which has no size")
        else:
            self._set_size(name, size, f"`{name}`")
        self.type_ids[name] = pointee

    def _values(self, type_id: int, offset: int, *, is_last: bool) -> None:
        btf = self._btf
        map_type = self.numbers.get("type", 0)
        if self._is_inner:
            self.refuse("an inner map can't have `values` of its own: two levels are the limit")
        elif not is_last:
            self.refuse("`values` should be the last attribute")
        elif map_type not in MAPS_OF_MAPS and map_type != PROG_ARRAY.number:
            self.refuse("`values` belongs to a map of maps or a prog_array, after its `type`")
        if self.sizes["value"] and self.sizes["value"] != 4:
            self.refuse(f"`values` are 4 bytes each, and before it was {self.sizes['value']}")
        self.sizes["value"] = 4
        self.values_offset = offset
        array = btf.skip_modifiers(type_id)
        if btf.kind(array) != kinds.BTF_KIND_ARRAY or array != type_id or btf.array(array)[2]:
            self.refuse(
                f"`values` should be an array without a length, and is {_described(btf, type_id)}"
            )
        if btf.kind(array) != kinds.BTF_KIND_ARRAY:
            return
        pointer = btf.skip_modifiers(btf.array(array)[0])
        if btf.kind(pointer) != kinds.BTF_KIND_PTR:
            self.refuse(f"`values` should hold pointers, and holds {_described(btf, pointer)}")
            return
        self._values_pointee(btf.skip_modifiers(btf.target(pointer)), map_type)

    def _values_pointee(self, pointee: int, map_type: int) -> None:
        btf = self._btf
        kind = btf.kind(pointee)
        if kind == kinds.BTF_KIND_FUNC_PROTO:
            self.values = "programs"
            if map_type in MAPS_OF_MAPS:
                self.refuse("`values` of a map of maps should point to map definitions")
        elif kind == kinds.BTF_KIND_STRUCT:
            self.values = "maps"
            if map_type == PROG_ARRAY.number:
                self.refuse("`values` of a prog_array should point to functions")
            if not self._is_inner:
                inner = self._definitions.of_struct(pointee, is_inner=True)
                self.inner = inner.definition
                if inner.error is not None:
                    self.refuse(f"the inner map: {inner.error}")
        else:
            wanted = "functions" if map_type == PROG_ARRAY.number else "map definitions"
            self.values = "programs" if map_type == PROG_ARRAY.number else "maps"
            self.refuse(
                f"`values` should point to {wanted}, and points to {_described(btf, pointee)}"
            )


def _described(btf: Btf, type_id: int) -> str:
    """Return a type in a few words for a message: `FWD foo (a declaration without a body)`."""
    kind = btf.kind(type_id)
    if kind == kinds.BTF_KIND_VOID:
        return "`void`"
    name = btf.name(type_id)
    words = f"{btf.kind_name(type_id)} `{name}`" if name else btf.kind_name(type_id)
    if kind == kinds.BTF_KIND_FWD:
        words += " (a declaration without a body)"
    return f"{words} [{type_id}]"


def _is_number_element(btf: Btf, type_id: int) -> bool:
    """Return whether numbers are lengths of arrays of the type, by no other name."""
    return btf.kind(type_id) == kinds.BTF_KIND_INT and btf.name(type_id) in NUMBER_ELEMENTS
