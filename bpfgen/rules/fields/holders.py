"""The structs of a model that have special fields: values of maps, and objects that those own.

Each struct is looked at once, however many maps have it as their value; what depends on the map is
:mod:`bpfgen.rules.fields.places`'s.
"""

from __future__ import annotations

from bpfgen.ctype.children import children
from bpfgen.ctype.types import Array, Composite, Named, Pointer, underlying
from bpfgen.kernel.special_fields import (
    KPTRS_CHECKED_SINCE,
    METAS_SINCE,
    NODE_ALIGN,
    SPECIAL_FIELDS,
)
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.model.maps import Map
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
    from collections.abc import Iterable, Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.maps import TypeArgument
    from bpfgen.model.model import Model
    from bpfgen.rules.fields.uses import (
        FieldFinder,
        Fields,
        FieldUse,
    )
    from bpfgen.text.diagnostics import Edit
    from bpfgen.text.source import Span

DROPPED = "Linux makes the map and forgets its special fields without a word (btf_parse_fields)"
"""What becomes of a mistake that BPF_BTF_LOAD doesn't see."""


class Holder(Record):
    """A struct with special fields.

    Attributes:
        composite: The struct.
        fields: What it holds.
        argument: Where the first map that has it as its value names it; None for an object, which
            is in a list or tree, pointed to, in a key or a record, nested, or only declared.
        map: The name of that map; None for a template and for an object.
        runs_at_load: BPF_BTF_LOAD looks for fields in it, and refuses all types for a mistake.
    """

    composite: Composite
    fields: Fields
    argument: TypeArgument | None = None
    map: str | None = None
    runs_at_load: bool = True

    @property
    def is_value(self) -> bool:
        """Whether a map has it as its value."""
        return self.argument is not None

    @property
    def name(self) -> str:
        """The struct, for a message."""
        return spelled(self.composite)

    def seen(self) -> list[FieldUse]:
        """Return what the kernel finds, when it loads BTF or makes a map of it."""
        found = {id(use) for uses in (self.at_load(), self.at_creation()) for use in uses}
        return [use for use in self.fields.uses if id(use) in found]

    def at_load(self) -> list[FieldUse]:
        """Return what BPF_BTF_LOAD finds (btf_parse_struct_metas)."""
        if not self.runs_at_load:
            return []
        return [
            use
            for use in self.fields.uses
            if not use.hidden and (_at_load(use.name) or use.name == "bpf_res_spin_lock")
        ]

    def at_creation(self) -> list[FieldUse]:
        """Return what BPF_MAP_CREATE finds (map_check_btf): of an object nothing."""
        if not self.is_value:
            return []
        return [use for use in self.fields.uses if not use.hidden and use.name not in NODES]

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
        edits: tuple[Edit, ...] = (),
        is_certain: bool = False,
    ) -> Diagnostic:
        """Return a diagnostic that points at the member of *use*; an error by default.

        *is_certain* says that *edits* choose nothing.
        """
        span, labels = place(use.member.span, self.argument)
        subject = Subject(self.composite.kind, self.composite.tag or "", use.path)
        return Diagnostic(
            code,
            message,
            span,
            label,
            labels,
            (note,),
            help,
            severity,
            self.map,
            subject,
            edits,
            changes_meaning=bool(edits) and not is_certain,
        )

    def with_member(self, use: FieldUse, declaration: str) -> tuple[Edit, ...]:
        """Return the edits that add the member *declaration* after that of *use*.

        Nothing where that isn't a member of the struct itself, or where the name is taken.
        """
        name = declaration.rpartition(" ")[2].rstrip(";")
        if use.owner is not self.composite or use.member.span is None:
            return ()
        if any(member.name == name for member in self.composite.members):
            return ()
        # Only a mistake pays for this import.
        from bpfgen.text.statements import after_statement, end_of_statement

        end = end_of_statement(use.member.span)
        return () if end is None else (after_statement(end, use.member.span.source, [declaration]),)


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


def holders(model: Model, finder: FieldFinder, kernel: KernelVersion) -> Iterator[Holder]:
    """Yield the structs of *model* with special fields that *kernel* looks at: values, then others.

    The others are those that clang writes with their members into BTF, with a name or without, and
    those that nothing in the file leads to: they are for programs, which write them in turn. Of a
    struct behind a plain pointer there is only the name, and it is left out.
    """
    visited: set[int] = set()  # by identity
    for shape, declared in shapes(model):
        composite = value_struct(shape.value.type) if shape.value is not None else None
        if composite is None or id(composite) in visited:
            continue
        visited.add(id(composite))
        fields = finder.of(composite)
        legacy = isinstance(declared, Map) and declared.legacy
        if fields.uses:
            runs = not legacy and _runs_at_load(fields, kernel)
            yield Holder(composite, fields, shape.value, map_name(declared), runs)
    if not any(finder.of(composite).uses for composite in _structs(model, model.types.values())):
        return
    # Most files have no special fields, and needn't load what writes BTF.
    from bpfgen.rules.maps.written_types import WrittenTypes

    for composite in (*WrittenTypes(model).structs(), *_declared_only(model)):
        if id(composite) in visited:
            continue
        visited.add(id(composite))
        fields = finder.of(composite)
        if composite.kind == "struct" and _runs_at_load(fields, max(kernel, KPTRS_CHECKED_SINCE)):
            yield Holder(composite, fields, runs_at_load=True)


def _structs(model: Model, roots: Iterable[Type]) -> Iterator[Composite]:
    """Yield the structs and unions that *model*'s maps, and *roots* beside them, lead to."""
    arguments = [a for shape, _ in shapes(model) for a in (shape.key, shape.value, shape.record)]
    pending: list[Type] = [*roots, *(a.type for a in arguments if a is not None)]
    walked: set[int] = set()  # by identity
    while pending:
        type_ = pending.pop()
        if isinstance(type_, Named):
            type_ = model.types.get((type_.kind, type_.name), type_)
        if id(type_) in walked:
            continue
        walked.add(id(type_))
        if isinstance(type_, Composite):
            yield type_
        pending += children(type_)


def _declared_only(model: Model) -> Iterator[Composite]:
    """Yield the structs and unions that *model* declares and that no map of it leads to."""
    reached = {id(composite) for composite in _structs(model, ())}  # by identity
    for declaration in model.declarations:
        composite = declaration.defines if isinstance(declaration, TypeDeclaration) else None
        if isinstance(composite, Composite) and id(composite) not in reached:
            yield composite


def _runs_at_load(fields: Fields, kernel: KernelVersion) -> bool:
    """Return whether *kernel* looks for *fields* when BTF is loaded.

    BPF_BTF_LOAD looks at a struct that has such a member itself, not in an array or a nested one.
    """
    if kernel < METAS_SINCE:
        return False
    return any(
        _at_load(use.name)
        and not use.hidden
        and not use.nested
        and (not use.tags or kernel >= KPTRS_CHECKED_SINCE)
        for use in fields.uses
    )


def _at_load(name: str) -> bool:
    field = SPECIAL_FIELDS.get(row_name(name))
    return name in NODES or (field is not None and field.runs_at_load)


def alignment(use: FieldUse) -> int:
    """Return what the offset of *use* must be a multiple of."""
    field = SPECIAL_FIELDS.get(row_name(use.name))
    return field.align if field is not None else NODE_ALIGN


def is_aligned(use: FieldUse) -> bool:
    """Return whether the kernel finds *use* where it is: it asks within the nested struct alone."""
    return use.member.bit_offset // 8 % alignment(use) == 0
