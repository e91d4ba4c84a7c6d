"""Ring buffers and perf event arrays whose value is the type of their records.

After an object is read, for whoever holds it against a source. cilium/ebpf lets C say so with
`__type(value, struct event)`: it takes no size of such a value (mapSpecFromBTF in elf_reader.go,
MapType.canHaveValueSize in types.go) and gives a perf_event_array the sizes that the kernel wants
(MapSpec.fixupMagicFields in map.go). libbpf hands the size on, and the kernel refuses the map.
"""

from __future__ import annotations

from bpfgen.ctype.types import Enum, Int, underlying
from bpfgen.object.records import LEGACY
from bpfgen.record import TYPE_CHECKING, replace

MESSAGE = "the value of map `{}` is the type of its records here, as cilium/ebpf takes it"
"""What import says of such a map, by name."""

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.object.records import ObjectMap


def is_record(kind: MapKind, value: Type, size: int) -> bool:
    """Return whether the type *value*, of *size* bytes, can only be that of records of *kind*.

    An integer of 4 bytes in a perf_event_array is what the kernel keeps there, a file descriptor.
    """
    is_kept = size in kind.value_sizes and isinstance(underlying(value), (Int, Enum))
    return kind.has_record and not is_kept


def with_record(emitted: ObjectMap) -> ObjectMap:
    """Return *emitted* with its value as the type of its records, if it can be nothing else.

    Sizes that the kernel accepts no others for are then what cilium/ebpf fills in.
    """
    definition = emitted.definition
    kind, value = definition.kind, definition.value
    if (
        kind is None
        or value is None
        or definition.style == LEGACY
        or emitted.record_type_id
        or "value_size" in definition.numbers
        or not is_record(kind, value, definition.value_size)
    ):
        return emitted
    filled_in = {"value_size": kind.value_size}
    if not definition.key_type_id and "key_size" not in definition.numbers:
        filled_in["key_size"] = kind.key_size
    numbers = {name: size for name, size in filled_in.items() if size is not None}
    declared = tuple(name for name in definition.declared if name != "value")
    own = replace(
        definition,
        declared=(*declared, *numbers),
        numbers={**definition.numbers, **numbers},
        value_size=kind.value_size or 0,
        value_type_id=0,
    )
    return replace(emitted, definition=own, record=value, record_type_id=definition.value_type_id)
