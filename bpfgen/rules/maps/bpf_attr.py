"""A map definition as the rules see it: the numbers that the kernel will be given.

Each shape of a model becomes one :class:`Subject`, made once and asked by every rule: of a map, of
a template, of an inner map.
"""

from __future__ import annotations

from bpfgen.ctype.sizes import sizeof
from bpfgen.model.maps import FILLED_IN, Map, Template
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.model.maps import Attribute, Shape, TypeArgument
    from bpfgen.model.model import Model
    from bpfgen.text.source import Span


class Subject(Record):
    """One shape, measured. A number is None where a loader sets it or where the type is unknown.

    Attributes:
        shape: What is measured.
        kind: Its kind.
        map: The name of the map, or None in a template.
        key_size: What `key_size` of union bpf_attr will be; 0 where there is no key.
        value_size: The same for the value.
        max_entries: The same; 0 where none is given.
        map_flags: The same.
        numa_node: The same.
        map_extra: The same.
        is_inner: It is the inner definition of a map-in-map.
        is_template: It is a template, which a map may complete.
        legacy: It becomes a `struct bpf_map_def`, which has no types.
        holder: Where the map or template is declared.
    """

    shape: Shape
    kind: MapKind
    map: str | None
    key_size: int | None
    value_size: int | None
    max_entries: int | None
    map_flags: int | None
    numa_node: int | None
    map_extra: int | None
    is_inner: bool
    is_template: bool
    legacy: bool
    holder: Span | None

    def place(self, name: str) -> Span | None:
        """Return where attribute *name* is written, else where the kind stands.

        `key_size` and `value_size` are also where the type of the key or value is written.
        """
        attribute = self.shape.attributes.get(name)
        if attribute is not None and attribute.span is not None and attribute.origin != FILLED_IN:
            return attribute.span
        if name in ("key_size", "value_size"):
            argument = self.shape.key if name == "key_size" else self.shape.value
            if argument is not None and argument.span is not None:
                return argument.span
        return self.shape.span or self.holder

    def given(self, name: str) -> bool:
        """Return whether anything says what *name* is, `runtime` and types included."""
        if name in self.shape.attributes:
            return True
        if name == "key_size":
            return self.shape.key is not None
        if name == "value_size":
            return self.shape.value is not None
        return False


def subjects(model: Model) -> Iterator[Subject]:
    """Yield the shapes that *model* declares, in order: of maps and templates, then what is inside.

    A template comes up once for itself and again for each use, since a use may be where something
    is missing; what is wrong at one place is told once (:func:`bpfgen.rules.check`). struct_ops
    maps are left out: they can't be defined, and nothing else about them matters.
    """
    for declaration in model.declarations:
        if isinstance(declaration, (Map, Template)) and declaration.shape.kind.name != "struct_ops":
            yield from subjects_of(declaration)


def subjects_of(declared: Map | Template) -> tuple[Subject, ...]:
    """Return the shape of *declared*, measured, and behind it that of its inner map, if any."""
    name = declared.name if isinstance(declared, Map) else None
    inner = declared.shape.inner
    outer = _subject(declared.shape, declared, name)
    if inner is None:
        return (outer,)
    found = [outer]
    while inner is not None:
        found.append(_subject(inner, declared, name, is_inner=True))
        inner = inner.inner
    return tuple(found)


def _subject(
    shape: Shape, holder: Map | Template, name: str | None, *, is_inner: bool = False
) -> Subject:
    attributes = shape.attributes
    is_map = isinstance(holder, Map)
    return Subject(
        shape,
        shape.kind,
        name,
        _size(shape, shape.key, "key_size"),
        4
        if shape.inner is not None and "value_size" not in attributes
        else _size(shape, shape.value, "value_size"),
        _number(attributes, "max_entries"),
        _number(attributes, "map_flags"),
        _number(attributes, "numa_node"),
        _number(attributes, "map_extra"),
        is_inner,
        not is_map and not is_inner,
        isinstance(holder, Map) and holder.legacy,
        holder.span,
    )


def _number(attributes: dict[str, Attribute], name: str) -> int | None:
    attribute = attributes.get(name)
    return 0 if attribute is None else attribute.value


def _size(shape: Shape, argument: TypeArgument | None, name: str) -> int | None:
    if argument is not None:
        return sizeof(argument.type)
    attribute = shape.attributes.get(name)
    return 0 if attribute is None else attribute.value


def a(kind: MapKind) -> str:
    """Return *kind*'s name with the article that it is read with."""
    name = kind.name
    spelled_out = name.startswith(("lru", "lpm", "sk_", "xsk", "rhash"))
    vowel = name[0] in "aio" or spelled_out
    return f"{'an' if vowel else 'a'} `{name}`"


def refused(errno: str, kind: MapKind) -> str:
    """Return the note that Linux refuses a map of *kind* with *errno*, and where it does."""
    return f"Linux refuses it with {errno} ({kind.source.partition(',')[0]})"
