"""Types that would be lost from BTF, and extern maps that would leave no trace: what keeps them.

clang before 22 (14, 16 and 19 tried) emits only a forward declaration for a struct or union that
nothing but an inner map definition points to as key or value, through typedefs and qualifiers too;
arrays of it, enums, anonymous types and what is held by value inside a whole type stay whole.
libbpf can't size a forward declaration. A pointer in a section that no loader looks at keeps the
type whole in both byte orders and costs no map and no code; libbpf prints one info line for it.

clang 14 does the same to the struct behind a typedef that it met behind a pointer before the map
whose key or value the typedef is.

The same goes for a struct that only a `__kptr` member points to, or that only the string of
`__contains(type, member)` names: the kernel ignores a forward declaration there without a word
(btf_find_kptr, btf_find_graph_root in kernel/bpf/btf.c).
"""

from __future__ import annotations

from bpfgen.model.model import TypeDeclaration
from bpfgen.model.types import (
    Array,
    Composite,
    Const,
    FuncProto,
    Named,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Volatile,
    underlying,
)
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from bpfgen.emit.declarators import Speller
    from bpfgen.model.maps import Shape
    from bpfgen.model.model import Model
    from bpfgen.model.types import Type

    Tag: TypeAlias = tuple[str, str]  # `struct` or `union`, and the tag itself

SECTION = "bpfgen.anchor"
TYPE_PREFIX = "bpfgen_type_"
RECORD_PREFIX = "bpfgen_record_"
EXTERN_PREFIX = "bpfgen_extern_"

KEPT_TAGS = frozenset({"kptr", "percpu_kptr", "uptr"})
"""Tags of pointers whose target the kernel must find whole if the program defines it."""

CONTAINS = "contains:"
"""A decl tag `contains:TYPE:MEMBER` names the struct that a list or tree holds."""


class Anchors(Record):
    """What the end of a header has to keep: declarations, spelled.

    Attributes:
        records: Pointers to the types of records.
        types: Pointers to types that would be lost always.
        extern_types: The same for types that are lost only where the header's maps are extern.
    """

    records: tuple[str, ...]
    types: tuple[str, ...]
    extern_types: tuple[str, ...]


def anchors_of(model: Model, speller: Speller) -> Anchors:
    """Return what the header of *model* has to keep, in the order of the source."""
    whole = _Whole()
    records = []
    inner: list[Shape] = []
    for map in model.maps:
        shape = map.shape
        if shape.inner is not None:
            inner.append(shape.inner)
        if map.legacy:
            continue
        if shape.record is not None:
            whole.add(shape.record.type)
            records.append(_anchor(speller, shape.record.type, f"{RECORD_PREFIX}{map.name}"))
        # The struct of a template may be met as an inner definition first, and an extern map that
        # nothing uses isn't there at all.
        if not shape.template and map.linkage != "extern":
            whole.add_all(_arguments(shape))
    wanted = dict.fromkeys(tag for shape in inner for tag in _pointees(shape))
    held = _Whole()
    for tag in wanted:
        if tag not in whole.complete:
            held.add_members(model.types.get(tag))
    lost = [tag for tag in wanted if tag not in whole.complete and tag not in held.complete]
    for shape in inner:
        for type in _arguments(shape):
            whole.add_pointed(Pointer(type))
    lost.extend(tag for tag in whole.behind_typedefs() if tag not in lost)
    for tag in lost:
        whole.add(model.types.get(tag))
    shared = [tag for tag in wanted if tag not in lost]
    lost.extend(_kernel_targets(model, whole))
    return Anchors(
        tuple(records),
        tuple(_anchor(speller, Named(*tag), f"{TYPE_PREFIX}{tag[1]}") for tag in lost),
        tuple(_anchor(speller, Named(*tag), f"{TYPE_PREFIX}{tag[1]}") for tag in shared),
    )


def extern_references(model: Model) -> list[str]:
    """Return declarations that refer to each extern map of *model*, for compiling it alone."""
    return [
        f"static const void *{EXTERN_PREFIX}{declared.name} "
        f'__attribute__((section("{SECTION}"), used)) = &{declared.name};'
        for declared in model.maps
        if declared.linkage == "extern"
    ]


def _anchor(speller: Speller, type: Type, name: str) -> str:
    # C gives the `const` of an array to its elements, where nobody could tell it from their own.
    target = type if isinstance(type, (Const, Array)) else Const(type)
    pointer = speller.declaration(Pointer(target), name)
    return f'static {pointer} __attribute__((section("{SECTION}"), used));'


def _arguments(shape: Shape) -> Iterable[Type]:
    return (a.type for a in (shape.key, shape.value, shape.record) if a is not None)


def _pointees(shape: Shape) -> Iterable[Tag]:
    """Yield the structs and unions that the definition *shape* points to."""
    for type in _arguments(shape):
        pointee = underlying(type)
        if isinstance(pointee, Composite) and pointee.tag is not None:
            yield pointee.kind, pointee.tag
        elif isinstance(pointee, Named) and pointee.kind in {"struct", "union"}:
            yield pointee.kind, pointee.name


def _kernel_targets(model: Model, whole: _Whole) -> list[Tag]:
    """Return the structs that the kernel looks for by the members of types in *whole*.

    Only those that this file or an imported one defines: a kernel's own struct is for the program
    to bring along with everything it is made of.
    """
    found: list[Tag] = []
    if not whole.targets:
        return found
    defined = set(_defined(model))
    index = 0
    while index < len(whole.targets):
        tag = whole.targets[index]
        index += 1
        if tag in defined and tag not in whole.complete:
            found.append(tag)
            whole.add(model.types.get(tag))
            whole.complete.add(tag)
    return found


def _defined(model: Model) -> Iterable[Tag]:
    models = [model]
    seen = set()
    while models:
        current = models.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        models.extend(imported.model for imported in current.imports)
        for declaration in current.declarations:
            if isinstance(declaration, TypeDeclaration) and declaration.defines is not None:
                nested: list[Type] = [declaration.defines]
                while nested:
                    type = underlying(nested.pop())
                    if isinstance(type, Composite):
                        if type.tag is not None:
                            yield type.kind, type.tag
                        nested.extend(member.type for member in type.members if member.defines)


def _typedefs_around(type: Type | None) -> list[str]:
    """Return the names of the typedefs around what *type* is."""
    names = []
    while isinstance(type, (Typedef, Const, Volatile, Restrict, TypeTag)):
        if isinstance(type, Typedef):
            names.append(type.name)
        type = type.target
    return names


class _Whole:
    """The tagged structs and unions that BTF holds whole, since something holds them by value.

    Attributes:
        complete: Their kinds and tags.
        targets: What members among them tell the kernel to look for, in order of appearance.
    """

    __slots__ = ("_behind_typedef", "_direct", "_pointed", "complete", "targets")

    def __init__(self) -> None:
        self.complete: set[Tag] = set()
        self.targets: list[Tag] = []
        self._direct: set[Tag] = set()
        self._pointed: set[str] = set()
        self._behind_typedef: dict[Tag, list[str]] = {}

    def add_all(self, types: Iterable[Type]) -> None:
        """Add each of *types* and what it holds."""
        for type in types:
            self.add(type)

    def add(self, type: Type | None) -> None:
        """Add *type* and all that it holds by value."""
        pending = [] if type is None else [type]
        typedefs = _typedefs_around(type)
        while pending:
            held = underlying(pending.pop())
            if isinstance(held, Array):
                pending.append(held.element)
                typedefs = []
            elif isinstance(held, Composite):
                if held.tag is not None:
                    tag = held.kind, held.tag
                    if typedefs:
                        self._behind_typedef.setdefault(tag, []).extend(typedefs)
                        typedefs = []
                    else:
                        self._direct.add(tag)
                    if tag in self.complete:
                        continue
                    self.complete.add(tag)
                for member in reversed(held.members):
                    self.add_pointed(member.type)
                    self._look_at(member.type)
                    if member.attributes is not None:
                        self._look_for(member.attributes.decl_tags)
                    pending.append(member.type)

    def add_pointed(self, type: Type | None) -> None:
        """Note the typedefs that are met behind the pointers in *type*."""
        pending = [type]
        while pending:
            type = pending.pop()
            if isinstance(type, Named):
                if type.kind == "typedef":
                    self._pointed.add(type.name)
            elif isinstance(type, Pointer):
                self._pointed.update(_typedefs_around(type.target))
                pending.append(type.target)
            elif isinstance(type, FuncProto):
                pending.append(type.returns)
                pending.extend(parameter.type for parameter in type.parameters)
            elif isinstance(type, Array):
                pending.append(type.element)
            elif isinstance(type, (Typedef, Const, Volatile, Restrict, TypeTag)):
                pending.append(type.target)

    def behind_typedefs(self) -> list[Tag]:
        """Return what only a typedef names, one that was met behind a pointer, too."""
        return [
            tag
            for tag, typedefs in self._behind_typedef.items()
            if tag not in self._direct and not self._pointed.isdisjoint(typedefs)
        ]

    def add_members(self, type: Type | None) -> None:
        """Add what *type* holds, but not itself."""
        if isinstance(type, Composite):
            self.add_all(member.type for member in type.members)

    def _look_at(self, type: Type) -> None:
        while isinstance(type, Array):
            type = type.element
        pointer = underlying(type)
        if not isinstance(pointer, Pointer):
            return
        target = pointer.target
        tagged = False
        while isinstance(target, (TypeTag, Const, Volatile, Restrict)):
            tagged = tagged or (isinstance(target, TypeTag) and target.tag in KEPT_TAGS)
            target = target.target
        if tagged and isinstance(target, Named):
            self.targets.append((target.kind, target.name))

    def _look_for(self, decl_tags: Iterable[str]) -> None:
        for tag in decl_tags:
            if tag.startswith(CONTAINS):
                self.targets.append(("struct", tag.split(":")[1]))
