"""The maps of an object -> maps, templates and programs of a source.

A definition struct with a name that several maps share, or maps and the `values` of another, is a
template.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.restore import InexpressibleError
from bpfgen.ctype.types import (
    INT,
    VOID,
    Composite,
    Enum,
    FuncProto,
    Parameter,
    Pointer,
)
from bpfgen.emit.c.declarators import base_of
from bpfgen.importer.from_object import loaders
from bpfgen.importer.from_object.attributes import Given, attributes_of
from bpfgen.model.maps import Map, Shape, Slot, Template, TypeArgument
from bpfgen.model.model import ProgramDeclaration
from bpfgen.object import record_values
from bpfgen.object.legacy import MEMBERS as LEGACY_MEMBERS
from bpfgen.object.records import LEGACY, MODERN
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.resolve.possible_names import is_name
from bpfgen.text.diagnostics import NOTE, WARNING, Diagnostic, FormatError

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.importer.from_object.types import ObjectTypes
    from bpfgen.importer.names import Names
    from bpfgen.object.records import Definition, ObjectFile, ObjectMap

_ANY_PROGRAM = FuncProto(INT, (Parameter("ctx", Pointer(VOID)),))
"""The prototype of a program that BTF doesn't know."""

_LEGACY_SIZE = 4 * len(LEGACY_MEMBERS)


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
        for emitted in wanted:
            try:
                self.maps.append(self._map(emitted))
            except (InexpressibleError, FormatError) as error:
                why = error.what if isinstance(error, FormatError) else str(error)
                self._leave_out(emitted, why)
        self._slots_of_missing_maps()

    def _report(
        self, code: str, message: str, name: str | None, *, severity: str = WARNING
    ) -> None:
        self.diagnostics.append(Diagnostic(code, message, None, severity=severity, map=name))

    def _leave_out(self, emitted: ObjectMap, why: str) -> None:
        self._report("import-map", f"map `{emitted.name}` is left out: {why}", emitted.name)

    def _wanted(self) -> list[ObjectMap]:
        """Return the maps that can be declared at all, and take their names."""
        wanted = []
        for emitted in self._object.maps:
            why = self._unfit(emitted)
            if why:
                self._leave_out(emitted, why)
                continue
            self._names.take(emitted.name, "map")
            wanted.append(emitted)
        for emitted in wanted:
            if emitted.definition.values == "programs":
                for _index, target in emitted.slots:
                    if is_name(target) and self._names.is_free(target, "program"):
                        self._program_names.add(self._names.take(target, "program"))
        return wanted

    def _unfit(self, emitted: ObjectMap) -> str:
        """Return why *emitted* can't be declared whatever its types, or nothing."""
        definition = emitted.definition
        if not is_name(emitted.name):
            return "its name is none that C, or this language, can give to a variable"
        if not self._names.is_free(emitted.name, "map"):
            return "the object has another map of that name, or the kernel's headers a constant"
        if definition.kind is None:
            number = definition.type
            if number:
                return f"{number} is no number of a map kind that bpfgen knows"
            return emitted.error or "it has no type"
        if definition.kind.from_variable:
            return "a struct_ops map is no map definition"
        return ""

    def _find_templates(self, wanted: list[ObjectMap]) -> None:
        """Name the definition structs that are used several times."""
        uses: dict[int, int] = {}
        names: dict[int, str] = {}
        btf = self._object.btf
        for emitted in wanted:
            definition: Definition | None = emitted.definition
            var_type = emitted.var_type_id
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

    def _map(self, emitted: ObjectMap) -> Map:
        as_written = emitted
        emitted = record_values.with_record(as_written)
        if emitted is not as_written:
            message = record_values.MESSAGE.format(emitted.name)
            self._report(
                "import-style",
                message,
                emitted.name,
                severity=NOTE,
            )
        definition = emitted.definition
        is_legacy = definition.style == LEGACY
        if emitted.record is None or emitted.record_type_id == definition.record_type_id:
            shape = self._shape(definition, is_legacy=is_legacy)
        else:
            # No template's: what these records are isn't in the definition struct.
            record = TypeArgument(self._types.of(emitted.record))
            shape = replace(self._own_shape(definition, is_legacy=is_legacy), record=record)
        linkage = emitted.linkage
        if linkage == "static" or (linkage == "weak" and definition.style == LEGACY):
            self._report(
                "import-lost",
                f"map `{emitted.name}` is {linkage}; the source makes it global",
                emitted.name,
            )
            linkage = "global"
        slots = self._slots(emitted, shape)
        has_room = definition.values == "programs" and not slots and not shape.template
        if definition.style == LEGACY:
            self._legacy(emitted)
        elif definition.style == MODERN and emitted.error is not None and linkage != "extern":
            self._report(
                "import-refused",
                f"libbpf refuses map `{emitted.name}` as it is in the object: {emitted.error}",
                emitted.name,
                severity=NOTE,
            )
        legacy = definition.style == LEGACY
        attributes = self._types.losses.attributes(emitted.attributes)
        self._report_tags_of_definition(emitted)
        return Map(
            emitted.name,
            shape,
            linkage,
            legacy,
            tuple(slots),
            has_room=has_room,
            decl_tags=() if attributes is None else attributes.decl_tags,
        )

    def _report_tags_of_definition(self, emitted: ObjectMap) -> None:
        """Report the declaration tags at the definition struct and its members: no loader asks."""
        btf, struct_id = self._object.btf, emitted.definition.struct_id
        if btf is None or not struct_id:
            return
        for place in range(-1, btf.vlen(struct_id)):
            for tag in btf.decl_tags(struct_id, place):
                at = "the definition struct" if place < 0 else f"member {place} of the definition"
                message = f"the decl tag `{tag}` at {at} of map `{emitted.name}` is left out"
                self._report("import-type", message, emitted.name)

    def _legacy(self, emitted: ObjectMap) -> None:
        if emitted.section != "maps":
            self._report(
                "import-lost",
                f"map `{emitted.name}` moves from section `{emitted.section}`, which libbpf passes "
                "over, to `maps`",
                emitted.name,
            )
        rest = bytes(emitted.data[_LEGACY_SIZE:])
        legacy = [other for other in self._object.maps if other.definition.style == LEGACY]
        told = loaders.rest_of(emitted, self._object.byteorder, legacy)
        loader = loaders.loader_of(emitted)
        if told and loader is not None:
            self._report(
                "import-lost",
                f"legacy map `{emitted.name}` is {loader.name}; not kept: {', '.join(told)}",
                emitted.name,
            )
        elif any(rest):
            self._report(
                "import-lost",
                f"legacy map `{emitted.name}` has {emitted.size} bytes; what its loader finds "
                f"after `map_flags` ({rest.hex(' ', 4)}) is not kept",
                emitted.name,
            )
        elif emitted.size > _LEGACY_SIZE:
            self._report(
                "import-lost",
                f"legacy map `{emitted.name}` has {emitted.size} bytes, and `struct bpf_map_def` "
                f"{_LEGACY_SIZE}; the rest is 0",
                emitted.name,
                severity=NOTE,
            )

    def _shape(self, definition: Definition, *, is_legacy: bool = False) -> Shape:
        """Return what *definition* says; the template's shape where it is one."""
        name = self._template_names.get(definition.struct_id)
        if name is None or definition.style != MODERN:
            return self._own_shape(definition, is_legacy=is_legacy)
        template = self.templates.get(str(definition.struct_id))
        if template is None:
            shape = self._own_shape(definition)
            own_name = self._names.take(name, "template")
            if own_name != name:
                self._report(
                    "import-name",
                    f"`struct {name}` of a map's definition is the template `{own_name}` "
                    "here: a type or a map kind has that name, or C has no such name",
                    None,
                )
            template = Template(own_name, replace(shape, template=own_name))
            self.templates[str(definition.struct_id)] = template
        return template.shape

    def _own_shape(self, definition: Definition, *, is_legacy: bool = False) -> Shape:
        kind = definition.kind
        if kind is None:
            known = f"{definition.type} is no number of a map kind that bpfgen knows"
            raise InexpressibleError(known if definition.type else "its inner maps have no type")
        key = self._argument(definition, "key", is_legacy=is_legacy)
        value = self._argument(definition, "value", is_legacy=is_legacy)
        if definition.inner is not None and not kind.of_maps:
            raise InexpressibleError(f"it has an inner map, and a `{kind.name}` holds none")
        inner = None
        if definition.inner is not None:
            inner = self._shape(definition.inner)
        elif kind.of_maps and definition.values:
            raise InexpressibleError("what its `values` point to is no definition of a map")
        has_value = value is not None or inner is not None
        given = Given(kind, key is not None, has_value, legacy=is_legacy)
        attributes = attributes_of(definition, given)
        template = "" if inner is None else inner.template
        records = definition.record
        record = None if records is None else TypeArgument(self._types.of(records))
        return Shape(kind, key, value, attributes, inner, template, record)

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

    def _slots(self, emitted: ObjectMap, shape: Shape) -> list[Slot]:
        """Return the initial values that can be declared; the others are reported."""
        slots = []
        taken: dict[int, str] = {}
        for index, target in emitted.slots:
            wants_program = emitted.definition.values == "programs"
            is_possible = target in self._program_names if wants_program else is_name(target)
            entries = shape.attributes.get("max_entries")
            if entries is not None and entries.value is not None and shape.kind.key_size:
                is_possible = is_possible and index < entries.value
            if taken.setdefault(index, target) != target or not is_possible:
                self._report(
                    "import-slot",
                    f"slot {index} of map `{emitted.name}` holds `{target}`, which a source can't "
                    "put there",
                    emitted.name,
                )
                continue
            if wants_program:
                self._program(target)
            slots.append(Slot(index, target))
        return slots

    def _slots_of_missing_maps(self) -> None:
        """Empty the slots for maps that were left out."""
        known = {declared.name for declared in self.maps} | set(self.programs)
        for place, declared in enumerate(self.maps):
            for slot in declared.slots:
                if slot.name not in known:
                    self._report(
                        "import-slot",
                        f"slot {slot.index} of map `{declared.name}` is empty: `{slot.name}` "
                        "isn't declared here",
                        declared.name,
                    )
            slots = tuple(slot for slot in declared.slots if slot.name in known)
            if slots != declared.slots:
                self.maps[place] = replace(declared, slots=slots)

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
                self._report(
                    "import-type",
                    f"program `{name}` gets a prototype that isn't its own: {why}",
                    None,
                )
        self.programs[name] = ProgramDeclaration(name, type)


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
