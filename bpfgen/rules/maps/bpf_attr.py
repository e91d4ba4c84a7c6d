"""A map definition as the rules see it: the numbers that the kernel will be given.

Each shape of a model becomes one :class:`BpfAttr`, measured once and asked by every rule: of a map,
of a template, of an inner map.
"""

from __future__ import annotations

from bpfgen.ctype.sizes import sizeof, spelled
from bpfgen.ctype.types import Int, underlying
from bpfgen.kernel.memory import MapNumbers
from bpfgen.model.maps import FILLED_IN, Map, Template
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import ERROR, Diagnostic, Edit, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpfgen.ctype.types import Type
    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.model.maps import Attribute, Shape, TypeArgument
    from bpfgen.model.model import Model
    from bpfgen.text.diagnostics import Label
    from bpfgen.text.source import Span


INNER = "values."
"""What the attributes of an inner definition begin with, as a part of the map: libbpf's member."""


class BpfAttr(Record):
    """What union bpf_attr will hold for one shape, as BPF_MAP_CREATE takes it.

    A number is None where a loader sets it or where the type is unknown.

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
        declared: The map or template that the shape is of.
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
    declared: Map | Template

    def place(self, name: str) -> Span | None:
        """Return where attribute *name* is written, else where the kind stands.

        `key_size` and `value_size` are also where the type of the key or value is written.
        """
        return self.written(name) or self.shape.span or self.declared.span

    def written(self, name: str) -> Span | None:
        """Return where the value of attribute *name* is written, or its type; None if nowhere."""
        attribute = self.shape.attributes.get(name)
        if attribute is not None and attribute.span is not None and attribute.origin != FILLED_IN:
            return attribute.span
        if name in ("key_size", "value_size"):
            argument = self.shape.key if name == "key_size" else self.shape.value
            if argument is not None:
                return argument.span
        return None

    def diagnostic(  # noqa: PLR0913 -- the members of a Diagnostic, by name
        self,
        code: str,
        message: str,
        name: str,
        *,
        part: str = "",
        span: Span | None = None,
        label: str = "",
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...],
        help: str,
        severity: str = ERROR,
        replacement: str = "",
        edits: tuple[Edit, ...] = (),
        is_certain: bool = False,
    ) -> Diagnostic:
        """Return a diagnostic about attribute *name*, or about the kind if that is empty.

        *part* is what of the attribute it is about, if not the whole; *span* where to point
        instead of the attribute. *replacement* is what follows the help, typed instead of the
        attribute's value or type; empty where that takes other *edits*, or a person.
        *is_certain* says that nothing else can be meant, so that the edits choose nothing.
        """
        inner = INNER if self.is_inner else ""
        written = self.written(name) if replacement else None
        if written is not None:
            edits = (Edit(written, replacement),)
        return Diagnostic(
            code,
            message,
            span or self.place(name),
            label,
            labels,
            notes,
            help,
            severity,
            self.map,
            subject_of(self.declared, f"{inner}{part or name}"),
            edits,
            changes_meaning=bool(edits) and not is_certain,
        )

    def without(self, name: str) -> tuple[Edit, ...]:
        """Return the edits that leave out attribute *name*, which may be `key` or `value`."""
        # Only a mistake pays for this import, here and below.
        from bpfgen.rules.maps import edits

        return edits.without(self.shape, name)

    def without_flags(self, names: Sequence[str]) -> tuple[Edit, ...]:
        """Return the edits that take the flags *names* out of `map_flags`."""
        from bpfgen.rules.maps import edits

        return edits.without_flags(self.shape, names)

    def with_flags(self, names: Sequence[str]) -> tuple[Edit, ...]:
        """Return the edits that add the flags *names* to `map_flags`."""
        from bpfgen.rules.maps import edits

        return edits.with_flags(self.shape, names)

    def with_attribute(self, name: str, value: str) -> tuple[Edit, ...]:
        """Return the edits that add attribute *name*, or give it another *value*."""
        from bpfgen.rules.maps import edits

        return edits.with_attribute(self.shape, name, value)

    def typed(self, role: str) -> tuple[Edit, ...]:
        """Return the edits that write a type for the size of the key or value."""
        from bpfgen.rules.maps import edits

        return edits.typed(self.shape, role)

    def types_for_sizes(self) -> tuple[Edit, ...]:
        """Return the edits that write the types for sizes, where the value's is `sizeof(T)`."""
        from bpfgen.rules.maps import edits

        return edits.types_for_sizes(self.shape)

    def modern(self) -> tuple[Edit, ...]:
        """Return the edits that leave out `legacy`."""
        from bpfgen.rules.maps import edits

        return edits.modern(self.declared)

    def given(self, name: str) -> bool:
        """Return whether anything says what *name* is, `runtime` and types included."""
        if name in self.shape.attributes:
            return True
        if name == "key_size":
            return self.shape.key is not None
        if name == "value_size":
            return self.shape.value is not None
        return False


def bpf_attrs(model: Model) -> Iterator[BpfAttr]:
    """Yield the shapes that *model* declares, in order: of maps and templates, then what is inside.

    A template comes up once for itself and again for each use, since a use may be where something
    is missing; what is wrong at one place is reported once (:func:`bpfgen.rules.check`). struct_ops
    maps are left out: they can't be defined, and nothing else about them matters.
    """
    for declaration in model.declarations:
        if isinstance(declaration, (Map, Template)) and not declaration.shape.kind.from_variable:
            yield from bpf_attrs_of(declaration)


def bpf_attrs_of(declared: Map | Template) -> tuple[BpfAttr, ...]:
    """Return the shape of *declared*, measured, followed by that of its inner map, if any."""
    name = map_name(declared)
    inner = declared.shape.inner
    outer = _bpf_attr(declared.shape, declared, name)
    if inner is None:
        return (outer,)
    attrs = [outer]
    while inner is not None:
        attrs.append(_bpf_attr(inner, declared, name, is_inner=True))
        inner = inner.inner
    return tuple(attrs)


def map_name(declared: Map | Template) -> str | None:
    """Return the name of a map, None for a template."""
    return declared.name if isinstance(declared, Map) else None


def subject_of(declared: Map | Template, part: str = "") -> Subject:
    """Return *declared* as what a diagnostic is about, or *part* of it."""
    return Subject("map" if isinstance(declared, Map) else "template", declared.name, part)


def _bpf_attr(
    shape: Shape, declared: Map | Template, name: str | None, *, is_inner: bool = False
) -> BpfAttr:
    attributes = shape.attributes
    is_map = isinstance(declared, Map)
    return BpfAttr(
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
        isinstance(declared, Map) and declared.legacy,
        declared,
    )


def _number(attributes: dict[str, Attribute], name: str) -> int | None:
    attribute = attributes.get(name)
    return 0 if attribute is None else attribute.value


def _size(shape: Shape, argument: TypeArgument | None, name: str) -> int | None:
    if argument is not None:
        return sizeof(argument.type)
    attribute = shape.attributes.get(name)
    return 0 if attribute is None else attribute.value


def numbers_of(attr: BpfAttr) -> MapNumbers | None:
    """Return the numbers of *attr*; None where a loader sets one, or a type is unknown."""
    key, value, entries, flags = attr.key_size, attr.value_size, attr.max_entries, attr.map_flags
    if key is None or value is None or entries is None or flags is None:
        return None
    return MapNumbers(attr.kind, key, value, entries, flags, attr.map_extra or 0)


def with_article(kind: MapKind) -> str:
    """Return *kind*'s name with the article that it is read with."""
    name = kind.name
    spelled_out = name.startswith(("lru", "lpm", "sk_", "xsk", "rhash"))
    vowel = name[0] in "aio" or spelled_out
    return f"{'an' if vowel else 'a'} `{name}`"


def prefix_advice(type: Type) -> str:
    """Return the help for a key of an lpm_trie that is no struct, but has the type *type*."""
    return f"the key holds the length of the prefix, too: write `{prefix_struct(type)}`"


def prefix_struct(type: Type) -> str:
    """Return the struct that the key of an lpm_trie is, around data of the size of *type*.

    Its members have no padding between them.
    """
    size = sizeof(type) or 4
    is_word = size == 4 and isinstance(underlying(type), Int)
    data = f"{spelled(type).strip('`')} data" if is_word else f"__u8 data[{size}]"
    return f"struct {{ __u32 prefixlen; {data}; }}"


def refused(errno: str, kind: MapKind) -> str:
    """Return the note that Linux refuses a map of *kind* with *errno*, and where it does."""
    return f"Linux refuses it with {errno} ({kind.source.partition(',')[0]})"
