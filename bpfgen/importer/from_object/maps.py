"""The maps of an object -> maps, templates and programs of a source.

A definition struct with a name that several maps share, or maps and the `values` of another, is a
template. What the compiler fills in is left out again; what it would fill in and the object doesn't
have is `runtime`, which emits nothing.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.types import (
    INT,
    UINT,
    VOID,
    Composite,
    Enum,
    Expression,
    FuncProto,
    Parameter,
    Pointer,
)
from bpfgen.emit.c.declarators import base_of
from bpfgen.importer.from_object.types import InexpressibleError
from bpfgen.importer.names import is_name
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import NO_ENTRIES
from bpfgen.model.maps import Attribute, Map, Shape, Slot, Template, TypeArgument
from bpfgen.model.model import ProgramDeclaration
from bpfgen.object.legacy import MEMBERS as LEGACY_MEMBERS
from bpfgen.object.records import LEGACY, MODERN
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import NOTE, WARNING, Diagnostic, FormatError

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.importer.from_object.types import ObjectTypes
    from bpfgen.importer.names import Names
    from bpfgen.object.records import Definition, ObjectFile, ObjectMap

_ANY_PROGRAM = FuncProto(INT, (Parameter("ctx", Pointer(VOID)),))
"""The prototype of a program that BTF doesn't know."""

_NUMBERS = ("key_size", "value_size", "max_entries", "map_flags", "numa_node", "map_extra")
_LEGACY_SIZE = 4 * len(LEGACY_MEMBERS)
_STACK_FRAMES = 127


class ObjectMaps:
    """Walks over the maps of one object.

    Attributes:
        templates: What several maps share, in the order of first use.
        programs: The programs in slots, in the order of first use.
        maps: What could be expressed, in the order of the object.
        diagnostics: What could not, and what is to be known.
    """

    def __init__(self, object: ObjectFile, types: ObjectTypes, names: Names) -> None:
        self._object = object
        self._types = types
        self._names = names
        self.templates: dict[str, Template] = {}
        self.programs: dict[str, ProgramDeclaration] = {}
        self.maps: list[Map] = []
        self.diagnostics: list[Diagnostic] = []
        self._template_names: dict[int, str] = {}
        self._program_names: set[str] = set()

    def walk(self) -> None:
        """Make source of every map."""
        wanted = self._wanted()
        self._find_templates(wanted)
        for found in wanted:
            try:
                self.maps.append(self._map(found))
            except (InexpressibleError, FormatError) as error:
                why = error.what if isinstance(error, FormatError) else str(error)
                self._leave_out(found, why)
        self._slots_of_missing_maps()

    def _tell(self, code: str, message: str, name: str | None, severity: str = WARNING) -> None:
        self.diagnostics.append(Diagnostic(code, message, None, severity=severity, map=name))

    def _leave_out(self, found: ObjectMap, why: str) -> None:
        self._tell("import-map", f"map `{found.name}` is left out: {why}", found.name)

    def _wanted(self) -> list[ObjectMap]:
        """Return the maps that can be declared at all, and take their names."""
        wanted = []
        for found in self._object.maps:
            why = self._unfit(found)
            if why:
                self._leave_out(found, why)
                continue
            self._names.take(found.name, "map")
            wanted.append(found)
        for found in wanted:
            if found.definition.values == "programs":
                for _index, target in found.slots:
                    if is_name(target) and self._names.is_free(target, "program"):
                        self._program_names.add(self._names.take(target, "program"))
        return wanted

    def _unfit(self, found: ObjectMap) -> str:
        """Return why *found* can't be declared whatever its types, or nothing."""
        definition = found.definition
        if not is_name(found.name):
            return "its name is none that C, or this language, can give to a variable"
        if not self._names.is_free(found.name, "map"):
            return "the object has another map of that name, or the kernel's headers a constant"
        if definition.kind is None:
            number = definition.type
            if number:
                return f"{number} is no number of a map kind that bpfgen knows"
            return found.error or "it has no type"
        if definition.kind.name == "struct_ops":
            return "a struct_ops map is no map definition"
        return ""

    def _find_templates(self, wanted: list[ObjectMap]) -> None:
        """Name the definition structs that are used several times."""
        uses: dict[int, int] = {}
        names: dict[int, str] = {}
        btf = self._object.btf
        for found in wanted:
            definition: Definition | None = found.definition
            var_type = found.var_type_id
            while definition is not None:
                if definition.style == MODERN and definition.struct_id and btf is not None:
                    uses[definition.struct_id] = uses.get(definition.struct_id, 0) + 1
                    name = definition.struct_name
                    if not name and var_type and btf.kind(var_type) == kinds.BTF_KIND_TYPEDEF:
                        name = btf.name(var_type)
                    if name:
                        names.setdefault(definition.struct_id, name)
                definition, var_type = definition.inner, 0
        for struct_id, name in names.items():
            if uses[struct_id] > 1:
                self._template_names[struct_id] = name

    def _map(self, found: ObjectMap) -> Map:
        definition = found.definition
        shape = self._shape(definition, is_legacy=definition.style == LEGACY)
        if found.record is not None:
            shape = _copy(shape)
            shape.record = TypeArgument(self._types.of(found.record))
        linkage = found.linkage
        if linkage == "static" or (linkage == "weak" and definition.style == LEGACY):
            self._tell(
                "import-lost",
                f"map `{found.name}` is {linkage}; the source makes it global",
                found.name,
            )
            linkage = "global"
        slots = self._slots(found, shape)
        has_room = definition.values == "programs" and not slots and not shape.template
        if definition.style == LEGACY:
            self._legacy(found)
        elif definition.style == MODERN and found.error is not None and linkage != "extern":
            self._tell(
                "import-refused",
                f"libbpf refuses map `{found.name}` as it is in the object: {found.error}",
                found.name,
                NOTE,
            )
        legacy = definition.style == LEGACY
        return Map(found.name, shape, linkage, legacy, tuple(slots), has_room=has_room)

    def _legacy(self, found: ObjectMap) -> None:
        behind = bytes(found.data[_LEGACY_SIZE:])
        if any(behind):
            self._tell(
                "import-lost",
                f"legacy map `{found.name}` has {found.size} bytes; what its loader finds behind "
                f"`map_flags` ({behind.hex(' ', 4)}) is not kept",
                found.name,
            )
        elif found.size > _LEGACY_SIZE:
            self._tell(
                "import-lost",
                f"legacy map `{found.name}` has {found.size} bytes, and `struct bpf_map_def` "
                f"{_LEGACY_SIZE}; the rest is 0",
                found.name,
                NOTE,
            )

    def _shape(self, definition: Definition, *, is_legacy: bool = False) -> Shape:
        """Return what *definition* says; the template's shape where it is one."""
        name = self._template_names.get(definition.struct_id)
        if name is None or definition.style != MODERN:
            return self._own_shape(definition, is_legacy=is_legacy)
        template = self.templates.get(str(definition.struct_id))
        if template is None:
            shape = self._own_shape(definition)
            shape.template = self._names.take(name, "template")
            if shape.template != name:
                self._tell(
                    "import-name",
                    f"`struct {name}` of a map's definition is the template `{shape.template}` "
                    "here: a type or a map kind has that name, or C has no such name",
                    None,
                )
            template = Template(shape.template, shape)
            self.templates[str(definition.struct_id)] = template
        return template.shape

    def _own_shape(self, definition: Definition, *, is_legacy: bool = False) -> Shape:
        kind = definition.kind
        if kind is None:
            known = f"{definition.type} is no number of a map kind that bpfgen knows"
            raise InexpressibleError(known if definition.type else "its inner maps have no type")
        shape = Shape(kind, None, None, {})
        shape.key = self._argument(definition, "key", is_legacy=is_legacy)
        shape.value = self._argument(definition, "value", is_legacy=is_legacy)
        if definition.inner is not None and not kind.of_maps:
            raise InexpressibleError(f"it has an inner map, and a `{kind.name}` holds none")
        if definition.inner is not None:
            shape.inner = self._shape(definition.inner)
            shape.inner_template = shape.inner.template
        elif kind.of_maps and definition.values:
            raise InexpressibleError("what its `values` point to is no definition of a map")
        for name in definition.declared:
            if name in _NUMBERS and name in definition.numbers:
                self._number(shape, name, definition.numbers[name], is_legacy=is_legacy)
        pinning = definition.numbers.get("pinning")
        if pinning is not None:
            shape.attributes["pinning"] = Attribute("pinning", pinning)
        self._absent(shape, definition, is_legacy=is_legacy)
        return shape

    def _argument(
        self, definition: Definition, role: str, *, is_legacy: bool
    ) -> TypeArgument | None:
        type: Type | None = getattr(definition, role)
        type_id: int = getattr(definition, f"{role}_type_id")
        if type is None:
            if type_id:
                raise InexpressibleError(f"the type of its {role} can't be read")
            return None
        if role == "value" and definition.inner is not None and definition.key is None:
            return None  # the one `value` that a source can have is the inner definition
        if is_legacy:
            btf = self._object.btf
            size = definition.numbers.get(f"{role}_size")
            if btf is None or btf.size_of(type_id) != size:
                return None
        if _has_nameless_enum(type):
            raise InexpressibleError(
                f"its {role} has an enum without a name, which a map's arguments can't declare"
            )
        return TypeArgument(self._types.of(type))

    @staticmethod
    def _number(shape: Shape, name: str, value: int, *, is_legacy: bool) -> None:
        """Enter a number that the object has, unless the compiler comes to it by itself."""
        kind = shape.kind
        expression: Expression | None = None
        if name in ("key_size", "value_size"):
            role = name.removesuffix("_size")
            typed = getattr(shape, role) is not None
            if role == "value" and shape.inner is not None:
                typed = True
            if not typed and value == getattr(kind, name):
                return
            if is_legacy and (typed or value == 0):
                return
            if name == "value_size" and kind.name == "stack_trace":
                expression = _stack(value)
        elif name == "map_flags":
            required = sum(MAP_FLAGS[flag].value for flag in kind.required_flags)
            if (required and value == required) or (is_legacy and not value and not required):
                return
            expression = _flags(value)
        elif is_legacy and name == "max_entries" and not value:
            return
        shape.attributes[name] = Attribute(name, value, expression)

    @staticmethod
    def _absent(shape: Shape, definition: Definition, *, is_legacy: bool) -> None:
        """Say `runtime` where the compiler would fill in, or ask for, what the object lacks."""
        kind = shape.kind
        there = definition.numbers
        for role, sizes in (("key", kind.key_sizes), ("value", kind.value_sizes)):
            name = f"{role}_size"
            typed = getattr(shape, role) is not None
            if role == "value" and shape.inner is not None:
                typed = True
            missing = not there.get(name) if is_legacy else name not in there
            if sizes.most and not typed and missing:
                shape.attributes[name] = Attribute(name, None)
        if not is_legacy and kind.required_flags and "map_flags" not in there:
            shape.attributes["map_flags"] = Attribute("map_flags", None)
        entries = kind.entries
        missing = not there.get("max_entries") if is_legacy else "max_entries" not in there
        if missing and entries != NO_ENTRIES and not entries.filled_by_loader:
            shape.attributes["max_entries"] = Attribute("max_entries", None)

    def _slots(self, found: ObjectMap, shape: Shape) -> list[Slot]:
        """Return the initial values that can be declared; the others are told."""
        slots = []
        taken: dict[int, str] = {}
        for index, target in found.slots:
            wants_program = found.definition.values == "programs"
            is_possible = target in self._program_names if wants_program else is_name(target)
            entries = shape.attributes.get("max_entries")
            if entries is not None and entries.value is not None and shape.kind.key_size:
                is_possible = is_possible and index < entries.value
            if taken.setdefault(index, target) != target or not is_possible:
                self._tell(
                    "import-slot",
                    f"slot {index} of map `{found.name}` holds `{target}`, which a source can't "
                    "put there",
                    found.name,
                )
                continue
            if wants_program:
                self._program(target)
            slots.append(Slot(index, target))
        return slots

    def _slots_of_missing_maps(self) -> None:
        """Empty the slots for maps that were left out."""
        known = {declared.name for declared in self.maps} | set(self.programs)
        for declared in self.maps:
            for slot in declared.slots:
                if slot.target not in known:
                    self._tell(
                        "import-slot",
                        f"slot {slot.index} of map `{declared.name}` is empty: `{slot.target}` "
                        "isn't declared here",
                        declared.name,
                    )
            declared.slots = tuple(slot for slot in declared.slots if slot.target in known)

    def _program(self, name: str) -> None:
        """Declare the program *name*, by what BTF knows of it."""
        if name in self.programs:
            return
        btf = self._object.btf
        type = _ANY_PROGRAM
        function_id = None if btf is None else btf.find(name, kinds.BTF_KIND_FUNC)
        if btf is not None and function_id is not None:
            try:
                type = self._types.prototype(btf.target(function_id))
            except (InexpressibleError, FormatError) as error:
                why = error.what if isinstance(error, FormatError) else str(error)
                self._tell(
                    "import-type",
                    f"program `{name}` gets a prototype that isn't its own: {why}",
                    None,
                )
        self.programs[name] = ProgramDeclaration(name, type)


def _copy(shape: Shape) -> Shape:
    """Return *shape* as that of one map, no template's."""
    return Shape(
        shape.kind, shape.key, shape.value, shape.attributes, shape.inner, shape.inner_template
    )


def _has_nameless_enum(type: Type) -> bool:
    """Whether the spelling of *type* as an argument has the body of an enum in it."""
    pending = [type]
    while pending:
        base = base_of(pending.pop())
        if isinstance(base, Enum) and base.tag is None:
            return True
        if isinstance(base, Composite) and base.tag is None:
            pending.extend(member.type for member in base.members)
    return False


def _flags(value: int) -> Expression:
    """Return *value* as flags by name; bits that no flag has are one number behind them."""
    parts: list[str] = []
    rest = value
    for flag in MAP_FLAGS.values():
        if rest & flag.value:
            rest &= ~flag.value
            parts += ["|", flag.name] if parts else [flag.name]
    if rest or not parts:
        number = f"{rest:#x}" if rest else "0"
        parts += ["|", number] if parts else [number]
    return Expression(tuple(parts), value, UINT)


def _stack(value: int) -> Expression | None:
    """Return the size of a whole stack as everybody writes it, None for any other size."""
    frames = {8: "__u64", 32: "struct bpf_stack_build_id"}
    frame = frames.get(value // _STACK_FRAMES)
    if frame is None or value % _STACK_FRAMES:
        return None
    return Expression(("PERF_MAX_STACK_DEPTH", "*", f"sizeof({frame})"), value, UINT)
