"""Types that would be lost from BTF, and extern maps that would leave no trace: what keeps them.

clang before 22 (14, 16 and 19 tried) emits only a forward declaration for a struct or union that
nothing but an inner map definition points to as key or value, through typedefs and qualifiers too;
arrays of it, enums, anonymous types and what is held by value inside a whole type stay whole.
libbpf can't size a forward declaration. A pointer in a section that no loader looks at keeps the
type whole in both byte orders and costs no map and no code; libbpf prints one info line for it.
What is decided here are values: :mod:`bpfgen.emit.c.anchors` spells them, and
:mod:`bpfgen.assemble` writes them outright.

The types of records need none: the definition itself holds them
(:func:`bpfgen.emit.definitions.record_element`).

clang 14 also forgets the struct of a key or value where it met a pointer to the very same type
before, as a member of an earlier map's value, say, or in an inner definition.

The same goes for a struct that only a `__kptr` member points to, or that only the string of
`__contains(type, member)` names: the kernel ignores a forward declaration there without a word
(btf_find_kptr, btf_find_graph_root in kernel/bpf/btf.c).
"""

from __future__ import annotations

from bpfgen.ctype.children import children, held, pointer_in
from bpfgen.ctype.types import (
    MODIFIERS,
    WRAPPERS,
    Array,
    Composite,
    Const,
    FuncProto,
    Int,
    Named,
    Pointer,
    Typedef,
    TypeTag,
    Volatile,
    underlying,
    without_const,
)
from bpfgen.emit.c.options import INITIALIZER
from bpfgen.emit.definitions import record_element
from bpfgen.kernel.tags import WHOLE_POINTEE_TAGS, contained_struct
from bpfgen.model.anchors import OTHER_TYPE_PREFIXES, RECORD_PREFIX, TYPE_PREFIX
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeAlias

    from bpfgen.ctype.types import Type
    from bpfgen.model.maps import Shape
    from bpfgen.model.model import Declaration, Model

    Tag: TypeAlias = tuple[str, str]  # `struct` or `union`, and the tag itself


class Anchor(Record):
    """One variable that keeps something: a pointer called *name* to *target*."""

    name: str
    target: Type


class Anchors(Record):
    """What a file has to keep.

    Attributes:
        records: Pointers to the types of records.
        types: Pointers to types that would be lost always.
        extern_types: The same for types that are lost only where the file's maps are extern.
        tags: What each of *types* and then each of *extern_types* points to.
    """

    records: tuple[Anchor, ...]
    types: tuple[Anchor, ...]
    extern_types: tuple[Anchor, ...]
    tags: tuple[Tag, ...]


def anchors_of(model: Model, style: str) -> Anchors:
    """Return what *model* in *style* has to keep, in the order of the source."""
    element_of = _no_element if style == INITIALIZER else record_element
    whole = _Whole(model.types)
    inner: list[Shape] = []
    templates: set[str] = set()
    kept: list[tuple[Type, str]] = []
    for map in model.maps:
        shape = map.shape
        if map.legacy:
            continue
        if shape.record is not None and element_of(shape) is None:
            kept.append((shape.record.type, f"{RECORD_PREFIX}{map.name}"))
        # The struct of a template may be met as an inner definition first, and an extern map that
        # nothing uses isn't there at all.
        if not shape.template and map.linkage != "extern":
            for argument in (shape.key, shape.value):
                if argument is not None:
                    whole.add_argument(argument.type)
            whole.hold(element_of(shape))
        elif map.linkage != "extern" and shape.template not in templates:
            templates.add(shape.template)
            whole.meet(_arguments(shape), inside=True)
            whole.hold(element_of(shape))
        if shape.inner is not None:
            inner.append(shape.inner)
            whole.meet(_arguments(shape.inner), inside=False)
            whole.hold(element_of(shape.inner))
    whole.add_all(type for type, _ in kept)
    wanted = dict.fromkeys(tag for shape in inner for tag in _pointees(shape))
    held = _Whole(model.types)
    for tag in wanted:
        if tag not in whole.complete:
            held.add_members(model.types.get(tag))
    lost = [tag for tag in wanted if tag not in whole.complete and tag not in held.complete]
    for tag in whole.forgotten:
        if tag not in whole.complete and tag not in lost:
            lost.append(tag)
    for tag in lost:
        whole.add(model.types.get(tag))
    shared = [tag for tag in wanted if tag not in lost]
    lost.extend(_kernel_targets(model, whole))
    return Anchors(
        tuple(_record_anchor(whole, type, name) for type, name in kept),
        tuple(_type_anchor(whole, tag) for tag in lost),
        tuple(_type_anchor(whole, tag) for tag in shared),
        (*lost, *shared),
    )


def _no_element(_shape: Shape) -> None:
    """Return what names the records in the initializer style, which has no array for it."""


def _record_anchor(whole: _Whole, type: Type, name: str) -> Anchor:
    bare = without_const(type)
    # C gives the `const` of an array to its elements, where nobody could tell it from their own.
    target: Type = bare if isinstance(bare, Array) else Const(bare)
    if whole.is_met(target) and not whole.is_met(bare):
        target = bare
    return Anchor(name, target)


def _type_anchor(whole: _Whole, tag: Tag) -> Anchor:
    bare = Named(*tag)
    candidates: tuple[Type, ...] = (Const(bare), bare, Volatile(bare), Const(Volatile(bare)))
    prefixes = (TYPE_PREFIX, *OTHER_TYPE_PREFIXES)
    pairs = zip(prefixes, candidates, strict=True)
    prefix, target = next((p for p in pairs if not whole.is_met(p[1])), (TYPE_PREFIX, Const(bare)))
    return Anchor(f"{prefix}{tag[1]}", target)


def _arguments(shape: Shape) -> Iterable[Type]:
    return (argument.type for argument in (shape.key, shape.value) if argument is not None)


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
    targets: list[Tag] = []
    if not whole.targets:
        return targets
    defined = set(_defined(model))
    index = 0
    while index < len(whole.targets):
        tag = whole.targets[index]
        index += 1
        if tag in defined and tag not in whole.complete:
            targets.append(tag)
            whole.add(model.types.get(tag))
            whole.complete.add(tag)
    return targets


def tags_defined_by(declaration: Declaration) -> Iterator[Tag]:
    """Yield the structs and unions that *declaration* defines by their tags, those inside too."""
    if isinstance(declaration, TypeDeclaration) and declaration.defines is not None:
        nested: list[Type] = [declaration.defines]
        while nested:
            type = underlying(nested.pop())
            if isinstance(type, Composite):
                if type.tag is not None:
                    yield type.kind, type.tag
                nested.extend(member.type for member in type.members if member.defines)


def _defined(model: Model) -> Iterable[Tag]:
    for current in model.with_imports():
        for declaration in current.declarations:
            yield from tags_defined_by(declaration)


def _pointee(type: Type) -> tuple[str, ...]:
    """Return what tells *type* apart where a pointer points to it; empty for what has no tag."""
    words: list[str] = []
    while isinstance(type, MODIFIERS):
        words.append(f"tag {type.tag}" if isinstance(type, TypeTag) else type.__class__.__name__)
        type = type.underlying
    if isinstance(type, Typedef):
        return (*words, "typedef", type.name)
    if isinstance(type, Named):
        return (*words, type.kind, type.name)
    if isinstance(type, Composite) and type.tag is not None:
        return (*words, type.kind, type.tag)
    return ()


def _is_number(type: Type) -> bool:
    """Whether *type* is an integer, or an array of them."""
    bare = underlying(type)
    while isinstance(bare, Array):
        bare = underlying(bare.element)
    return isinstance(bare, Int)


class _Whole:
    """The tagged structs and unions that BTF holds whole, since something holds them by value.

    Attributes:
        complete: Their kinds and tags.
        forgotten: What clang 14 doesn't look at as a key or value, having met a pointer to it.
        targets: What members among them tell the kernel to look for, in order of appearance.
    """

    __slots__ = (
        *("_dull", "_numbers", "_parted", "_pointed", "_to_walk", "_typedefs", "_types", "_walked"),
        *("complete", "forgotten", "targets"),
    )

    def __init__(self, types: Mapping[tuple[str, str], Type]) -> None:
        self._types = types
        # By identity, which the types of a model keep.
        self._dull: set[int] = set()
        self._numbers: dict[int, bool] = {}
        self._parted: dict[int, list[Type]] = {}
        self._typedefs: set[str] = set()
        self.complete: set[Tag] = set()
        self.forgotten: list[Tag] = []
        self.targets: list[Tag] = []
        self._pointed: set[tuple[str, ...]] = set()
        self._walked: set[Tag] = set()
        self._to_walk: list[Type] = []

    def add_all(self, types: Iterable[Type]) -> None:
        """Add each of *types* and what it holds."""
        for type in types:
            self.add(type)

    def add_argument(self, type: Type) -> None:
        """Add the key or value *type* of a map, in the order in which clang meets the maps."""
        if self._forget_if_met(type):
            return
        self._pointed.add(_pointee(type))
        if not self._is_of_numbers(type):
            self.hold(type)

    def _is_of_numbers(self, type: Type) -> bool:
        """Return whether *type* is numbers alone, or a struct of them, which is whole then."""
        bare = underlying(type)
        if not isinstance(bare, Composite):
            return _is_number(bare)
        if bare.tag is None:
            return False
        for member in bare.members:
            if member.attributes is not None or not self._is_number(member.type):
                return False
        self.complete.add((bare.kind, bare.tag))
        self._walked.add((bare.kind, bare.tag))
        return True

    def _is_number(self, type: Type) -> bool:
        """Return what :func:`_is_number` does, once for each type."""
        known = self._numbers.get(id(type))
        if known is None:
            known = self._numbers[id(type)] = _is_number(type)
        return known

    def _parts(self, type: Composite) -> list[Type]:
        """Return the types of the members of *type* in which there may be a pointer, or a tag."""
        parts = self._parted.get(id(type))
        if parts is None:
            parts = [one.type for one in type.members if not self._is_number(one.type)]
            self._parted[id(type)] = parts
        return parts

    def hold(self, type: Type | None) -> None:
        """Add *type*, which a definition has whole, and what it holds and leads to."""
        if type is not None:
            self._note_pointers(type)
            self._to_walk.append(type)
            self.add(type)
            self._walk()

    def _forget_if_met(self, type: Type) -> bool:
        """Note that clang 14 forgets the key or value *type*, and return True, if so it is."""
        argument = underlying(type)
        if not self.is_met(type) or not isinstance(argument, Composite) or argument.tag is None:
            return False
        self.forgotten.append((argument.kind, argument.tag))
        return True

    def meet(self, arguments: Iterable[Type], *, inside: bool) -> None:
        """Note the pointers to *arguments* and in them, and those *inside* what they point to."""
        for type in arguments:
            if inside:
                self._forget_if_met(type)
                self._to_walk.append(type)
            self._pointed.add(_pointee(type))
            self._note_pointers(type)
        self._walk()

    def is_met(self, type: Type) -> bool:
        """Return whether a pointer to *type* was met."""
        return _pointee(type) in self._pointed

    def add(self, type: Type | None) -> None:
        """Add *type* and all that it holds by value."""
        pending = [] if type is None else [type]
        while pending:
            type = underlying(pending.pop())
            if isinstance(type, Int):  # most are
                continue
            if isinstance(type, Composite):
                if type.tag is not None:
                    if (type.kind, type.tag) in self.complete:
                        continue
                    self.complete.add((type.kind, type.tag))
                parts = self._parts(type)
                for part in reversed(parts):
                    self._note_pointers(part)
                self._look_into(type)
                pending.extend(reversed(parts))
            else:
                pending.extend(held(type))

    def _walk(self) -> None:
        """Note the pointers among the members of `_to_walk` and all that they hold by value.

        What a parameter, a key or a value points to is looked into, unlike what a member points to.
        """
        pending = self._to_walk
        while pending:
            type = underlying(pending.pop())
            while isinstance(type, Pointer):
                type = underlying(type.pointee)
            if isinstance(type, Named):
                type = underlying(self._types.get((type.kind, type.name), type))
            if isinstance(type, Array):
                pending.append(type.element)
            elif isinstance(type, Composite):
                if type.tag is not None:
                    if (type.kind, type.tag) in self._walked:
                        continue
                    self._walked.add((type.kind, type.tag))
                self._look_into(type)
                for part in self._parts(type):
                    self._note_pointers(part)
                    if not isinstance(underlying(part), Pointer):
                        pending.append(part)

    def _note_pointers(self, type: Type) -> None:
        """Note the pointers of which *type* is made."""
        pending = [type]
        while pending:
            type = underlying(pending.pop())
            if isinstance(type, Int) or (isinstance(type, Composite) and type.tag is not None):
                continue
            if isinstance(type, FuncProto):
                self._to_walk.extend(children(type))
            elif isinstance(type, Pointer):
                self._pointed.add(_pointee(type.pointee))
            elif isinstance(type, Named) and type.kind == "typedef":
                # What has no tag is looked into even after a pointer.
                definition = self._types.get((type.kind, type.name))
                if definition is not None and type.name not in self._typedefs:
                    self._typedefs.add(type.name)
                    pending.append(definition)
            elif isinstance(type, Composite):
                self._look_into(type)
                pending.extend(self._parts(type))
                continue
            pending.extend(children(type))

    def add_members(self, type: Type | None) -> None:
        """Add what *type* holds, but not itself."""
        if isinstance(type, Composite):
            self.add_all(member.type for member in type.members)

    def _look_at(self, type: Type) -> None:
        pointer = pointer_in(type)
        if pointer is None:
            return
        target = pointer.pointee
        tagged = False
        while True:
            if isinstance(target, WRAPPERS):
                tagged = tagged or (
                    isinstance(target, TypeTag) and target.tag in WHOLE_POINTEE_TAGS
                )
                target = target.underlying
            elif isinstance(target, Named) and target.kind == "typedef":
                definition = self._types.get((target.kind, target.name))
                if definition is None or definition == target:
                    return
                target = definition
            else:
                break
        if tagged and isinstance(target, Named):
            self.targets.append((target.kind, target.name))
        elif tagged and isinstance(target, Composite) and target.tag is not None:
            self.targets.append((target.kind, target.tag))

    def _look_into(self, type: Composite) -> None:
        """Note what lists, trees and pointers of *type*, which clang writes whole, lead to."""
        if id(type) in self._dull:
            return
        known = len(self.targets)
        for member in reversed(type.members):
            if not self._is_number(member.type):
                self._look_at(member.type)
            if member.attributes is not None:
                self._look_for(member.attributes.decl_tags)
        if len(self.targets) == known:
            self._dull.add(id(type))

    def _look_for(self, decl_tags: Iterable[str]) -> None:
        for tag in decl_tags:
            struct = contained_struct(tag)
            if struct is not None:
                self.targets.append(("struct", struct))
