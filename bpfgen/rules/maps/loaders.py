"""Which features of :data:`bpfgen.kernel.loaders.LOADERS` a model uses, whoever loads it.

Beside the other rules: `loader_version` loads it where a file aims at a loader, and
`bpfgen kinds --needs` asks it for the oldest libbpf.
"""

from __future__ import annotations

from bpfgen.ctype.types import Enum, Float, Pointer
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.fields.uses import pointer_tags
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of, with_article
from bpfgen.rules.maps.entries import PAGE
from bpfgen.rules.types.btf_versions import is_64_bit
from bpfgen.rules.types.leaves import leaves
from bpfgen.text.diagnostics import ERROR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.maps import Map
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.types.leaves import Leaf
    from bpfgen.text.diagnostics import Diagnostic

INITIALIZER = "initializer"


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
    for declared in model.maps:
        attrs = bpf_attrs_of(declared)
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
    if declared.has_room and declared.shape.kind.of_programs:
        slot = declared.slots[0].span if declared.slots else declared.span
        place = attr.diagnostic("", "", "", part="values", span=slot, notes=(), help="")
        feature = "initial programs of a prog_array"
        yield Use(feature, feature, place)


def _of_shape(attr: BpfAttr) -> Iterator[Use]:
    """Yield what a shape asks for: its kind, its attributes, and what it leaves to the loader."""
    kind = attr.kind

    def use(feature: str, what: str, name: str) -> Use:
        return Use(feature, what, attr.diagnostic("", "", name, notes=(), help=""))

    if attr.is_inner:
        yield use("inner definitions and initial maps", "an inner definition", "")
    yield use(kind.name, with_article(kind), "")
    if "numa_node" in attr.shape.attributes:
        yield use("numa_node", "numa_node", "numa_node")
    if "map_extra" in attr.shape.attributes:
        is_long = (attr.map_extra or 0) >> 32 != 0
        feature = "map_extra of more than 32 bits" if is_long else "map_extra"
        yield use(feature, feature, "map_extra")
    pinning = attr.shape.attributes.get("pinning")
    is_pinned = pinning is not None and pinning.value != 0
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


def _of_leaf(leaf: Leaf) -> Iterator[tuple[str, str]]:
    """Yield the kinds of BTF that *leaf* needs, and what needs them, in words."""
    tags = leaf.member.attributes.decl_tags if leaf.member and leaf.member.attributes else ()
    if tags:
        yield "DECL_TAG", f'btf_decl_tag("{tags[0]}") ({leaf.name})'
    if isinstance(leaf.type, Float):
        yield "FLOAT", f"a `{leaf.type.name}` ({leaf.name})"
    elif isinstance(leaf.type, Pointer):
        type_tags = pointer_tags(leaf.type)
        if type_tags:
            yield "TYPE_TAG", f'btf_type_tag("{type_tags[0]}") ({leaf.name})'
    elif isinstance(leaf.type, Enum):
        if is_64_bit(leaf.type):
            yield "ENUM64", f"an enum of 64 bits ({leaf.name})"
        elif any(enumerator.value < 0 for enumerator in leaf.type.enumerators):
            yield "sign of an ENUM", f"an enum with negative values ({leaf.name})"
