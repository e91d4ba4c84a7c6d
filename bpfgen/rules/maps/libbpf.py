"""Which libbpf the maps of a file need; what `bpfgen kinds --needs` says beside the kernel."""

from __future__ import annotations

from bpfgen.ctype.types import Enum
from bpfgen.kernel.btf_features import LIBBPF_FEATURES
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import with_article
from bpfgen.rules.types.btf_versions import is_64_bit
from bpfgen.rules.types.leaves import leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.text.source import Span


def libbpf_needs(
    model: Model, attrs: Iterable[BpfAttr]
) -> Iterator[tuple[tuple[int, int], str, Span | None, str | None]]:
    """Yield the libbpf that each thing of *model* needs: version, what, where, name of the map.

    Only what came after the first releases (:data:`LIBBPF_FEATURES`). A kind that libbpf has no
    name for would do, since it passes the number on; what it does for a kind is what counts.
    """
    for attr in attrs:
        feature = LIBBPF_FEATURES.get(attr.kind.name)
        if feature is not None:
            yield feature.since, with_article(attr.kind), attr.shape.span, attr.map
        if "map_extra" in attr.shape.attributes:
            is_long = (attr.map_extra or 0) >> 32 != 0
            feature = LIBBPF_FEATURES["map_extra of more than 32 bits" if is_long else "map_extra"]
            yield feature.since, feature.name, attr.place("map_extra"), attr.map
    for declared in model.maps:
        if declared.slots and declared.shape.kind.of_programs:
            feature = LIBBPF_FEATURES["initial programs of a prog_array"]
            yield feature.since, feature.name, declared.slots[0].span, declared.name
    for leaf in leaves(model):
        if isinstance(leaf.type, Enum) and is_64_bit(leaf.type):
            span = leaf.member.span if leaf.member is not None else leaf.argument.span
            since = LIBBPF_FEATURES["enums of 64 bits"].since
            yield since, f"{leaf.name}, an enum of 64 bits", span, leaf.map
