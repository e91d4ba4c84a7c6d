"""In which form user space has what is in a map of a kind: elements, values alone, records, maps.

Typed access in Python is made of it: `bpfgen.live` has a class for each form, and generated code
names it.
"""

from __future__ import annotations

from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.kernel.map_kind import MapKind

ELEMENTS = "elements"
"""Values under keys."""

PER_CPU = "per CPU"
"""As many values as CPUs under each key."""

MAPS = "maps"
"""Maps under keys."""

QUEUE = "queue"
"""Values in a row, without keys."""

FILTER = "filter"
"""Values that are there or not, without keys."""

RINGBUF = "ringbuf"
"""Records in one buffer."""

PERF = "perf"
"""Records in a buffer for each CPU."""

USER_RINGBUF = "user_ringbuf"
"""Records that user space writes."""

NOTHING = ""
"""Nothing that bpf(2) or a buffer would show: an arena."""


def form_of(kind: MapKind) -> str:
    """Return the form that a map of *kind* has."""
    row = MAP_OPERATIONS[kind.name]
    if row.records:
        return row.records
    if not row.operations:
        return NOTHING
    if kind.keyless:
        return QUEUE if row.take else FILTER
    if kind.of_maps:
        return MAPS
    return PER_CPU if kind.per_cpu else ELEMENTS
