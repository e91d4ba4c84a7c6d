"""What is said of a map in user space: its kind, sizes and limits, as a loader would find them.

Comes with the view. What is `runtime` in the source is left out (None), so that it can't be used
before a loader has decided it.
"""

from __future__ import annotations

from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.ctype.sizes import sizeof
from bpfgen.kernel.map_kind import NAME_BYTES
from bpfgen.model.fingerprint import fingerprint_of_map, fingerprint_of_shape
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.ctype.types import Type
    from bpfgen.emit.user_space.types import UserType
    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.model.maps import Map, Shape, TypeArgument
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

PER_CPU_STRIDE = 8
"""Bytes to whose multiples the kernel rounds each CPU's value up (bpf_percpu_array_copy)."""


class MapFacts(Record):
    """What holds of a map, and of every map that its loader makes of it.

    Attributes:
        name: As the source has it, and libbpf finds it.
        kernel_name: The same as the kernel cuts it, to 15 bytes.
        key: The type of the keys; None where there is none, or only its size is known.
        value: The same of the values; of a map of maps that of their ids, if it was written.
        record: The type of the records of a ring buffer or perf_event_array.
        key_size: In bytes; 0 where the kind has no key, None where it isn't known before load.
        value_size: The same of one value, that of one CPU for a per-CPU map.
        stride: Bytes from one CPU's value to the next in what bpf(2) reads and writes; None where
            there is one value under each key, or its size isn't known.
        max_entries: None where a loader decides; 0 where the source says nothing.
        map_flags: 0 where the source says nothing.
        map_extra: 0 where the source says nothing.
        pinned: Whether libbpf pins it by its name.
        fingerprint: 64 bits over kind and layout, see :mod:`bpfgen.ctype.fingerprint`; None where
            the layout isn't known, which may be so of a running map.
        inner: The maps in a map of maps, where the source defines them; their name is empty.
    """

    name: str
    kernel_name: str
    kind: MapKind
    key: UserType | None
    value: UserType | None
    record: UserType | None
    key_size: int | None
    value_size: int | None
    stride: int | None
    max_entries: int | None
    map_flags: int | None
    map_extra: int | None
    pinned: bool
    fingerprint: int | None
    linkage: str = "global"
    inner: MapFacts | None = None
    doc: str = ""
    span: Uncompared[Span | None] = None


def facts_of(
    map: Map,
    type: Callable[[Type, tuple[str, ...]], UserType] | None = None,
    fingerprints: Fingerprints | None = None,
) -> MapFacts:
    """Return the facts of *map*.

    Args:
        map: One of the model.
        type: Makes a type one of user space; it is given the words for one without a name, as
            (`flows`, `map`, `value`), and (`by_id`, `map`, `inner`, `value`) in a map of
            maps. C needs none.
        fingerprints: For whoever asks for the facts of many maps.
    """
    words = (map.name, "map")
    return _facts(map.shape, map.name, words, type, fingerprints or Fingerprints(), map)


def _facts(
    shape: Shape,
    name: str,
    words: tuple[str, ...],
    user_type: Callable[[Type, tuple[str, ...]], UserType] | None,
    fingerprints: Fingerprints,
    map: Map | None = None,
) -> MapFacts:
    key_size, value_size, stride = sizes_of(shape)
    pinning = _attribute(shape, "pinning")

    def typed(argument: TypeArgument | None, word: str) -> UserType | None:
        if argument is None or user_type is None:
            return None
        return user_type(argument.type, (*words, word))

    return MapFacts(
        name,
        name[:NAME_BYTES],
        shape.kind,
        typed(shape.key, "key"),
        typed(shape.value, "value"),
        typed(shape.record, "record"),
        key_size,
        value_size,
        stride,
        _entries(shape),
        _attribute(shape, "map_flags"),
        _attribute(shape, "map_extra"),
        bool(pinning),
        fingerprint_of_map(map, fingerprints)
        if map is not None
        else fingerprint_of_shape(shape, fingerprints),
        map.linkage if map is not None else "global",
        _facts(shape.inner, "", (*words, "inner"), user_type, fingerprints)
        if shape.inner is not None
        else None,
        map.doc if map is not None else "",
        map.span if map is not None else None,
    )


def sizes_of(shape: Shape) -> tuple[int | None, int | None, int | None]:
    """Return `key_size`, `value_size` and `stride` of a map of *shape*, as in :class:`MapFacts`."""
    value_size = _size(shape, "value_size", shape.value, shape.kind.value_size)
    stride = None
    if shape.kind.per_cpu and value_size:
        stride = -(-value_size // PER_CPU_STRIDE) * PER_CPU_STRIDE
    return _size(shape, "key_size", shape.key, shape.kind.key_size), value_size, stride


def _attribute(shape: Shape, name: str) -> int | None:
    """Return the value of an attribute, 0 where there is none; None where a loader sets it."""
    attribute = shape.attributes.get(name)
    return 0 if attribute is None else attribute.value


def _entries(shape: Shape) -> int | None:
    """Return `max_entries`; None where a loader sets it, or fills in the number of CPUs."""
    entries = _attribute(shape, "max_entries")
    return None if entries == 0 and shape.kind.entries.filled_by_loader else entries


def _size(
    shape: Shape, name: str, argument: TypeArgument | None, of_kind: int | None
) -> int | None:
    """Return the size of a key or value: its type's, that of the attribute *name*, or the kind's.

    libbpf fills in the kind's for a map of maps with an inner definition (parse_btf_map_def).
    """
    attribute = shape.attributes.get(name)
    if attribute is not None:
        return attribute.value
    return sizeof(argument.type) if argument is not None else of_kind or 0
