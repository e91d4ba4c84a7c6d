"""Which features of :data:`bpfgen.kernel.loaders.LOADERS` a model uses, whoever loads it.

Beside the other rules: `loader_version` loads it where a file aims at a loader, and
`bpfgen kinds --needs` asks it for the oldest version of each loader.
"""

from __future__ import annotations

from bpfgen.ctype.enums import is_wide
from bpfgen.ctype.types import Enum, Float, Pointer
from bpfgen.kernel.special_fields import SPECIAL_FIELDS
from bpfgen.model.maps import DECLARED
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.fields.uses import pointer_tags
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of, with_article
from bpfgen.rules.maps.entries import PAGE
from bpfgen.rules.types.leaves import leaves
from bpfgen.text.diagnostics import ERROR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bpfgen.ctype.types import Composite, Type
    from bpfgen.model.maps import Map
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.types.leaves import Leaf
    from bpfgen.text.diagnostics import Diagnostic

INITIALIZER = "initializer"

OF_TARGETS = ("devmap", "devmap_hash", "cpumap")
SHORT = 4
"""Kinds whose values may be a number alone, or that and a program; how long the first is."""


OF_DEFINITIONS = frozenset(
    (
        "maps in section .maps",
        "legacy maps",
        "initializer style",
        "extern maps",
        "weak maps",
        "both a type and a size",
        "types of kinds that take none",
        "attributes at run time",
        "maps of maps without an inner definition",
    )
)
"""Features that are about how an object defines a map, of which a running one shows nothing."""


class Use(Record):
    """A place where a model uses a feature.

    Attributes:
        feature: The row of a loader's table.
        what: What uses it, in words.
        place: A diagnostic without code and message: where it is and what it is about.
    """

    feature: str
    what: str
    place: Diagnostic


def uses(model: Model, style: str) -> Iterator[Use]:
    """Yield what the maps of *model*, written in *style*, use of loaders' features.

    What only a template says is left out: it is no map, and each map that is one comes up itself.
    """
    is_first = True
    for declared in model.maps:
        attrs = bpf_attrs_of(declared)
        if is_first and not declared.legacy:
            # What is wrong with the section is so with all that is in it.
            place = attrs[0].diagnostic("", "", "", span=declared.span, notes=(), help="")
            yield Use("maps in section .maps", "a map in section `.maps`", place)
            is_first = False
        yield from _of_map(declared, attrs[0], style)
        for attr in attrs:
            yield from _of_shape(attr)
    for leaf in leaves(model):
        for feature, what in _of_leaf(leaf):
            yield Use(feature, what, leaf.diagnostic("", "", notes=(), help="", severity=ERROR))


def _of_map(declared: Map, attr: BpfAttr, style: str) -> Iterator[Use]:
    """Yield what a map asks for beside what its shape does."""
    place = attr.diagnostic("", "", "", span=declared.span, notes=(), help="")
    if declared.legacy:
        yield Use("legacy maps", "a legacy map", place)
    elif style == INITIALIZER:
        yield Use("initializer style", "the initializer style", place)
    if declared.decl_tags:
        yield Use("DECL_TAG", f'btf_decl_tag("{declared.decl_tags[0]}")', place)
    if declared.linkage == "weak":
        yield Use("weak maps", "a weak map", place)
    elif declared.linkage == "extern":
        yield Use("extern maps", "an extern map", place)
    of_programs = declared.shape.kind.of_programs
    if declared.slots or (declared.has_room and of_programs):
        slot = declared.slots[0].span if declared.slots else declared.span
        place = attr.diagnostic("", "", "", part="values", span=slot, notes=(), help="")
        feature = "initial programs of a prog_array" if of_programs else "initial maps"
        yield Use(feature, feature, place)


def _of_shape(attr: BpfAttr) -> Iterator[Use]:
    """Yield what a shape asks for: its kind, its attributes, and what it leaves to the loader."""
    kind = attr.kind

    def use(feature: str, what: str, name: str) -> Use:
        return Use(feature, what, attr.diagnostic("", "", name, notes=(), help=""))

    shape = attr.shape
    if attr.is_inner:
        yield use("inner definitions", "an inner definition", "")
    elif kind.of_maps and shape.inner is None:
        what = f"{with_article(kind)} without an inner definition"
        yield use("maps of maps without an inner definition", what, "")
    yield use(kind.name, with_article(kind), "")
    for name, attribute in shape.attributes.items():
        if attribute.value is None and name != "max_entries":
            yield use("attributes at run time", f"`{name} = runtime`", name)
    if "numa_node" in shape.attributes:
        yield use("numa_node", "numa_node", "numa_node")
        if attr.numa_node:
            yield use("a numa_node other than 0", f"numa_node {attr.numa_node}", "numa_node")
    if "map_extra" in shape.attributes:
        is_long = (attr.map_extra or 0) >> 32 != 0
        feature = "map_extra of more than 32 bits" if is_long else "map_extra"
        yield use(feature, feature, "map_extra")
    yield from _of_sizes(attr, use)
    yield from _of_loading(attr, use)


def _of_sizes(attr: BpfAttr, use: Callable[[str, str, str], Use]) -> Iterator[Use]:
    """Yield what a shape asks for by how it says what keys and values are."""
    kind, shape = attr.kind, attr.shape
    for role, argument in (("key", shape.key), ("value", shape.value)):
        size = shape.attributes.get(f"{role}_size")
        if argument is not None and size is not None and size.origin == DECLARED:
            yield use("both a type and a size", f"`{role}` beside `{role}_size`", f"{role}_size")
    if kind.btf == "dropped" and not attr.legacy and (shape.key or shape.value):
        what = f"the type of a key or value of {with_article(kind)}"
        yield use("types of kinds that take none", what, "key_size" if shape.key else "value_size")
    if kind.name in OF_TARGETS and attr.value_size == SHORT:
        what = f"{with_article(kind)} of values of 4 bytes"
        yield use("devices and CPUs in 4 bytes", what, "value_size")


def _of_loading(attr: BpfAttr, use: Callable[[str, str, str], Use]) -> Iterator[Use]:
    """Yield what a shape leaves to the loader: how many entries, and what is done about pins."""
    kind = attr.kind
    pinning = attr.shape.attributes.get("pinning")
    is_pinned = pinning is not None and pinning.value != 0
    if is_pinned:
        yield use("pinned maps are compared", "pinning", "pinning")
    if kind.entries.filled_by_loader and attr.max_entries == 0:
        name = with_article(kind)
        if attr.is_inner:
            feature = "inner perf_event_array without entries"
            yield use(feature, f"{name} without entries as an inner map", "")
        elif is_pinned:
            feature = "pinned perf_event_array without entries"
            yield use(feature, f"pinning {name} without entries", "pinning")
    if is_pinned and kind.name.startswith("devmap"):
        yield use("pinned devmap", f"pinning {with_article(kind)}", "pinning")
    size = attr.max_entries
    if kind.entries.pages and size and (size & (size - 1) != 0 or size < PAGE):
        kinds = "user ring buffers" if kind.name.startswith("user") else "ring buffers"
        yield use(f"{kinds} are rounded up", f"a size of {size} bytes", "max_entries")
        if attr.is_inner:
            what = f"a size of {size} bytes of an inner map"
            yield use("inner ring buffers are rounded up", what, "max_entries")


def _of_leaf(leaf: Leaf) -> Iterator[tuple[str, str]]:
    """Yield the kinds of BTF that *leaf* needs, and what needs them, in words."""
    tags = leaf.member.attributes.decl_tags if leaf.member and leaf.member.attributes else ()
    for feature, what in type_features(leaf.type, tags):
        yield feature, f"{what} ({leaf.name})"
    if leaf.owner is not None:
        yield from field_features(leaf.owner)


def field_features(owner: Composite) -> Iterator[tuple[str, str]]:
    """Yield what the struct *owner* asks of loaders if it is a special field, and what does."""
    field = SPECIAL_FIELDS.get(owner.tag or "")
    if field is not None and field.contains:
        yield "fields that contain nodes", f"a `{field.name}`"
        yield from _and_older("DECL_TAG", f"the tag of a `{field.name}`")


def type_features(type: Type, tags: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the kinds of BTF that a member of *type* with the declaration *tags* needs.

    *type* has no array, typedef or qualifier around it. With each comes what needs it, in words.
    """
    if tags:
        yield from _and_older("DECL_TAG", f'btf_decl_tag("{tags[0]}")')
    if isinstance(type, Float):
        yield from _and_older("FLOAT", f"a `{type.name}`")
    elif isinstance(type, Pointer):
        type_tags = pointer_tags(type)
        if type_tags:
            yield from _and_older("TYPE_TAG", f'btf_type_tag("{type_tags[0]}")')
    elif isinstance(type, Enum):
        if is_wide(type):
            yield from _and_older("ENUM64", "an enum of 64 bits")
        elif any(enumerator.value < 0 for enumerator in type.enumerators):
            yield "sign of an ENUM", "an enum with negative values"


def _and_older(kind: str, what: str) -> Iterator[tuple[str, str]]:
    """Yield that a loader must read this *kind* of BTF, and replace it for kernels without it."""
    yield kind, what
    yield f"{kind} for older kernels", what
