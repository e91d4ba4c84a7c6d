"""The types of a declared map against those that the kernel has of a running one.

Where libbpf has kept something back from a kernel that doesn't know all kinds of BTF
(bpf_object__sanitize_btf), types are compared by their layout alone.
"""

from __future__ import annotations

from itertools import zip_longest

from bpfgen.btf import kinds
from bpfgen.ctype.agreement import disagreements
from bpfgen.ctype.children import walk_once
from bpfgen.ctype.compare import Comparison
from bpfgen.ctype.describe import described
from bpfgen.ctype.identity import changed_tags
from bpfgen.ctype.types import Attributes, Composite, Enum, Typedef, TypeTag
from bpfgen.kernel.btf_features import BTF_FEATURES
from bpfgen.kernel.version import format_version
from bpfgen.model.model import TypeDeclaration
from bpfgen.object.running import NO_BTF, why_untyped
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.fields.places import found_fields
from bpfgen.rules.fields.uses import FieldFinder
from bpfgen.text.diagnostics import FormatError, Subject
from bpfgen.verify.types import has_old_enums, kernel_types, type_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.btf.convert import BtfTypes
    from bpfgen.btf.decode import Btf
    from bpfgen.ctype.types import Type
    from bpfgen.kernel.memory import Machine
    from bpfgen.model.maps import Shape, TypeArgument
    from bpfgen.model.model import Model
    from bpfgen.object.running import RunningMap
    from bpfgen.verify.running_findings import RunningFindings
    from bpfgen.verify.sought import Sought

LOADED = "loaded"
"""What was done with the types of a running map."""


class Side(Record):
    """A declared shape and the running map that it is held against.

    Attributes:
        sought: The map of the source.
        shape: What is declared: its own, or that of the maps in it.
        running: What runs.
        is_held: It is a map that is in another one.
    """

    sought: Sought
    shape: Shape
    running: RunningMap
    is_held: bool = False

    @property
    def is_inner(self) -> bool:
        """Whether the shape is that of the maps in a map."""
        return self.is_held or self.sought.is_inner

    @property
    def label(self) -> str:
        """It in words, for messages."""
        name = self.sought.map.name
        return f"the inner map of map `{name}`" if self.is_inner else f"map `{name}`"

    def code(self, code: str) -> str:
        """Return the code of a difference, *code* where it isn't about an inner map."""
        return "verify-inner" if self.is_inner else code

    def part(self, name: str) -> Subject:
        """Return the attribute *name* of the map, by name."""
        return Subject("map", self.sought.map.name, f"inner.{name}" if self.is_inner else name)

    def where(self, name: str) -> str:
        """Return what the attribute *name* is called among what wasn't compared."""
        return f"inner.{name}" if self.is_held else name


class RunningTypes:
    """Compares the types of one model with those of running maps."""

    __slots__ = ("_finder", "_findings", "_machine", "_model", "_tags")

    def __init__(self, findings: RunningFindings, model: Model, machine: Machine) -> None:
        self._findings = findings
        self._model = model
        self._machine = machine
        self._finder = FieldFinder()
        self._tags = _tags_of_typedefs(model)

    def key_and_value(self, side: Side) -> None:
        """Compare the types of keys and values, as far as the kernel has them."""
        shape, running = side.shape, side.running
        if running.types is None:
            self._without_types(side)
            return
        types = running.types
        for name, argument, type_id in (
            ("key", shape.key, running.key_type_id),
            ("value", shape.value, running.value_type_id),
        ):
            if argument is None:
                if type_id and types.btf.size_of(type_id):
                    self._undeclared(side, name, types, type_id)
            elif type_id:
                self._compare(side, name, argument, types, type_id)
            else:
                self._findings.miss(side.where(name), why_untyped("", running.kind))

    def _without_types(self, side: Side) -> None:
        """List the types that the kernel should have, or report what that means for its fields."""
        shape, running = side.shape, side.running
        if running.untyped == NO_BTF and shape.value is not None and shape.kind.special_fields:
            fields = found_fields(shape, self._finder)
            if fields:
                self._findings.add(
                    side.code("verify-value-type"),
                    f"the value of {side.label} has a `{fields[0].name}`, and the running map"
                    " has no types: the kernel takes it for plain bytes",
                    shape.value.span,
                    running=running,
                    help="load it with BTF; `BTF is optional, ignoring` in libbpf's output says"
                    " that the kernel refused it",
                    subject=side.part("value"),
                )
        why = why_untyped(running.untyped, running.kind)
        leave = self._findings.miss
        if running.untyped == NO_BTF and shape.kind.btf in ("dropped", "none"):
            leave = self._findings.leave  # of no such map are there any
        for name, argument, type_id in (
            ("key", shape.key, running.key_type_id),
            ("value", shape.value, running.value_type_id),
        ):
            if argument is not None or type_id:
                leave(side.where(name), why)

    def _undeclared(self, side: Side, name: str, types: BtfTypes, type_id: int) -> None:
        message = f"{side.label} is loaded with a {name} type, and none is declared"
        try:
            type = described(types.type(type_id))
            message = f"{side.label} is loaded with the {name} type `{type}`, and none is declared"
        except FormatError:
            if side.running.section is not None:
                held = _variables(side.running)
                message = f"{side.label} is declared as a map, and the running one holds {held}"
        self._findings.add(
            side.code(f"verify-{name}-type"),
            message,
            None,
            running=side.running,
            type_id=type_id,
            subject=side.part(name),
        )

    def _compare(
        self, side: Side, name: str, argument: TypeArgument, types: BtfTypes, type_id: int
    ) -> None:
        code, label = side.code(f"verify-{name}-type"), f"the {name} of {side.label}"
        span, subject = argument.span or side.sought.span, side.part(name)
        running = side.running
        try:
            loaded = types.type(type_id)
        except FormatError as error:
            what = f"has no such type: {error.what}"
            if running.section is not None:
                what = f"holds {_variables(running)}"
            self._findings.add(
                code,
                f"{label} is declared as `{described(argument.type)}`, and the running map {what}",
                span,
                running=running,
                type_id=type_id,
                subject=subject,
            )
            return
        lost = self._lost(running, argument.type)
        if lost:
            self._findings.leave(side.where(f"{name}.names"), lost)
            for one in disagreements(argument.type, loaded, label, "running"):
                self._findings.add(
                    code,
                    one.message,
                    one.span or span,
                    running=running,
                    type_id=type_id,
                    subject=one.subject or subject,
                )
            return
        for typedef, sides, place in self._typedef_tags(argument.type, types.btf):
            self._findings.add(
                code,
                f"`{typedef}` is {sides}",
                span,
                running=running,
                type_id=place,
                subject=Subject("typedef", typedef),
            )
        comparison = Comparison(
            self._model.types,
            kernel_types(self._model),
            old_enums=has_old_enums(types.btf),
            flavors=True,
            verb=LOADED,
        )
        for difference in comparison.differences(argument.type, loaded, label, span, subject):
            self._findings.add(
                "verify-forward" if difference.forward else code,
                difference.message,
                difference.span,
                running=running,
                type_id=type_at(types.btf, type_id, difference.path),
                help=difference.help,
                subject=difference.subject or subject,
            )

    def _typedef_tags(self, declared: Type, btf: Btf) -> Iterator[tuple[str, str, int]]:
        """Yield which decl tags of typedefs in *declared* differ: name, both sides, BTF id."""
        seen: set[str] = set()
        for inner in walk_once(declared):
            if not isinstance(inner, Typedef) or inner.name in seen or inner.name not in self._tags:
                continue
            seen.add(inner.name)
            type_id = btf.find(inner.name, kinds.BTF_KIND_TYPEDEF)
            if type_id is None:
                continue
            own = Attributes(decl_tags=self._tags[inner.name])
            loaded = Attributes(decl_tags=btf.decl_tags(type_id))
            for sides in changed_tags(own, loaded, LOADED):
                yield inner.name, sides, type_id

    def _lost(self, running: RunningMap, declared: Type) -> str:
        """Return why only layouts can be compared with *declared*; empty where all of it can."""
        if running.rewritten:
            before = BTF_FEATURES["ENUM64"].since
            return f"for kernels before {format_version(before)} libbpf replaces types"
        assert running.types is not None
        btf = running.types.btf
        for name, kind in (
            ("DECL_TAG", kinds.BTF_KIND_DECL_TAG),
            ("TYPE_TAG", kinds.BTF_KIND_TYPE_TAG),
        ):
            feature = BTF_FEATURES[name]
            if self._machine.kernel >= feature.since or btf.ids_of_kind(kind):
                continue
            if any(_has(name, inner) for inner in walk_once(declared)):
                since = format_version(feature.since)
                return f"for kernels before {since} libbpf makes {feature.before} of a {name}"
        return ""


def _variables(running: RunningMap) -> str:
    """Return what is in a map that a loader has made of variables, in words."""
    return f"the variables of section `{running.section}`"


def _tags_of_typedefs(model: Model) -> dict[str, tuple[str, ...]]:
    """Return the decl tags of all typedefs that *model* and its imports declare, by name."""
    tags: dict[str, tuple[str, ...]] = {}
    for file in model.with_imports():
        for one in file.declarations:
            if isinstance(one, TypeDeclaration):
                for typedef, own in zip_longest(one.typedefs, one.decl_tags, fillvalue=()):
                    if isinstance(typedef, Typedef):
                        tags[typedef.name] = own
    return tags


def _has(feature: str, type: Type) -> bool:
    """Return whether *type* itself needs the kind of BTF that *feature* is."""
    if feature == "TYPE_TAG":
        return isinstance(type, TypeTag)
    parts = []
    if isinstance(type, (Composite, Enum)):
        parts.append(type.attributes)
    if isinstance(type, Composite):
        parts += (member.attributes for member in type.members)
    return any(one is not None and one.decl_tags for one in parts)
