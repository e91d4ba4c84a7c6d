"""The structs of a model that have special fields: values of maps, and objects that those own.

Each struct is looked at once, however many maps have it as their value; what depends on the map is
:mod:`bpfgen.rules.fields.places`'s.
"""

from __future__ import annotations

from bpfgen.ctype.types import Array, Composite, Pointer, underlying
from bpfgen.kernel.special_fields import SPECIAL_FIELDS
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.fields.uses import (
    NODES,
    STRUCTS,
    pointer_tags,
    row_name,
)
from bpfgen.rules.maps.bpf_attr import map_name
from bpfgen.rules.maps.definitions import shapes
from bpfgen.text.diagnostics import ERROR, Diagnostic, Label, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.model.maps import TypeArgument
    from bpfgen.model.model import Model
    from bpfgen.rules.fields.uses import (
        FieldFinder,
        Fields,
        FieldUse,
    )
    from bpfgen.text.source import Span


class Holder(Record):
    """A struct with special fields.

    Attributes:
        composite: The struct.
        fields: What it holds.
        argument: Where the first map that has it as its value names it; None for an object, which
            is in a list or tree, pointed to, or only declared.
        map: The name of that map; None for a template and for an object.
    """

    composite: Composite
    fields: Fields
    argument: TypeArgument | None = None
    map: str | None = None

    @property
    def is_value(self) -> bool:
        """Whether a map has it as its value."""
        return self.argument is not None

    @property
    def name(self) -> str:
        """The struct, for a message."""
        return spelled(self.composite)

    def seen(self) -> list[FieldUse]:
        """Return what the kernel finds: of an object, only what it looks for when BTF is loaded."""
        return [
            use
            for use in self.fields.uses
            if not use.hidden
            and (
                use.name not in NODES
                if self.is_value
                else _at_load(use.name) or use.name == "bpf_res_spin_lock"
            )
        ]

    def error(  # noqa: PLR0913 -- the members of a Diagnostic, by name
        self,
        code: str,
        message: str,
        use: FieldUse,
        *,
        label: str = "",
        note: str,
        help: str,
        severity: str = ERROR,
    ) -> Diagnostic:
        """Return a diagnostic that points at the member of *use*; an error by default."""
        span, labels = place(use.member.span, self.argument)
        subject = Subject(self.composite.kind, self.composite.tag or "", use.path)
        return Diagnostic(
            code, message, span, label, labels, (note,), help, severity, self.map, subject
        )


def place(
    span: Span | None, argument: TypeArgument | None, use: str = "in the value of a map"
) -> tuple[Span | None, tuple[Label, ...]]:
    """Return where to point for a member at *span*: there if its file is that of the map.

    The label at the map's *argument* says what it is used as there: *use*.
    """
    at_map = argument.span if argument is not None else None
    if span is None:
        return at_map, ()
    if at_map is None:
        return span, ()
    if span.source.name != at_map.source.name:
        return at_map, (Label(span, "declared here"),)
    return span, (Label(at_map, use),)


def spelled(composite: Composite) -> str:
    """Return *composite* as messages name it."""
    return f"`{composite.kind} {composite.tag}`" if composite.tag else f"the {composite.kind}"


def value_struct(type_: Type) -> Composite | None:
    """Return the struct in which the kernel looks for fields if *type_* is a value's, or None."""
    bare = underlying(type_)
    if isinstance(bare, Composite) and bare.kind == "struct" and bare.tag not in STRUCTS:
        return bare
    return None


def element(type_: Type) -> Type:
    """Return *type_* without typedefs, qualifiers, tags and arrays."""
    bare = underlying(type_)
    while isinstance(bare, Array):
        bare = underlying(bare.element)
    return bare


def lost_value(type_: Type, finder: FieldFinder) -> str:
    """Return why the kernel finds no field in a value of *type_* that has one, or empty.

    The kernel looks into a value that is a struct, and into no other (btf_find_field).
    """
    is_array = isinstance(underlying(type_), Array)
    bare = element(type_)
    if isinstance(bare, Pointer):
        return "a pointer" if POINTER_TAGS.keys() & set(pointer_tags(bare)) else ""
    if not isinstance(bare, Composite):
        return ""
    if bare.tag in STRUCTS:
        return f"`struct {bare.tag}` itself"
    if (is_array or bare.kind == "union") and finder.of(bare).uses:
        return "an array" if is_array else "a union"
    return ""


def holders(model: Model, finder: FieldFinder) -> Iterator[Holder]:
    """Yield the structs of *model* that have special fields: values first, then objects."""
    visited: set[int] = set()  # by identity
    for shape, declared in shapes(model):
        composite = value_struct(shape.value.type) if shape.value is not None else None
        if composite is None or id(composite) in visited:
            continue
        visited.add(id(composite))
        fields = finder.of(composite)
        if fields.uses:
            yield Holder(composite, fields, shape.value, map_name(declared))
    for declaration in model.declarations:
        if not isinstance(declaration, TypeDeclaration):
            continue
        composite = declaration.defines if isinstance(declaration.defines, Composite) else None
        if composite is None or composite.kind != "struct" or id(composite) in visited:
            continue
        fields = finder.of(composite)
        # BPF_BTF_LOAD looks at a struct that has such a member itself, not in a nested one.
        if any(_at_load(use.name) and not use.hidden and not use.nested for use in fields.uses):
            yield Holder(composite, fields)


def _at_load(name: str) -> bool:
    field = SPECIAL_FIELDS.get(row_name(name))
    return name in NODES or (field is not None and field.runs_at_load)
