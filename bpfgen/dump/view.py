"""Which column renders the keys of a map, and which its values.

What the kind says comes first where the kernel gives something of its own (an id, a cookie, a
stack); else the types of the source or of the kernel; else what every map of the kind has; else
bytes.
"""

from __future__ import annotations

import sys

from bpfgen.ctype.describe import described
from bpfgen.ctype.types import Composite
from bpfgen.dump.columns import Sums, number, structure, unknown
from bpfgen.dump.frames import frames
from bpfgen.dump.operations import operations
from bpfgen.dump.prefixes import Prefixes
from bpfgen.dump.references import Ids, WithProgram, maps, programs
from bpfgen.kernel.map_operations import COOKIE, MAP_OPERATIONS
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.values.printer import Printer, printer_of
from bpfgen.values.sections import type_of

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.dump.columns import Column
    from bpfgen.dump.references import References
    from bpfgen.live.elements import Elements
    from bpfgen.object.running import RunningMap

KERNEL, SOURCE = "kernel", "source"
"""Where types are from."""

_INDEX_SIZE = 4


class Types(Record):
    """The types of a map.

    Attributes:
        key: None where there is none, or it isn't known.
        value: Likewise; of one CPU's in a per-CPU map.
        origin: `kernel`, `source`, or None where there are none.
    """

    key: Type | None
    value: Type | None
    origin: str | None


class View(Record):
    """How the elements of a map are shown.

    Attributes:
        types: The types behind it.
        key: None for a map without keys.
        prefix: The keys once more, as prefixes; None but for an `lpm_trie`.
        value: Of one CPU's value in a per-CPU map.
        cpus: The CPUs whose values are shown one by one; empty where a key has one value.
        stride: From one CPU's value to the next, in bytes.
        is_sum: Whether `value` shows the sum over all CPUs.
        references: What the ids in it are asked of.
    """

    types: Types
    key: Column | None
    prefix: Prefixes | None
    value: Column
    cpus: tuple[int, ...]
    stride: int
    is_sum: bool
    references: tuple[References, ...]


def kernel_types(running: RunningMap) -> Types:
    """Return the types that the kernel has of a map."""
    if running.types is None:
        return Types(None, None, None)
    key = type_of(running.types, running.key_type_id, running.key_size)
    value = type_of(running.types, running.value_type_id, running.value_size)
    return Types(key, value, None if key is None and value is None else KERNEL)


def view_of(map: Elements, types: Types, *, is_sum: bool = False) -> View | None:
    """Return how the elements of *map* are shown; None where a sum is asked of what has no numbers.

    Args:
        map: Of a kind that is known here.
        types: Of its keys and values.
        is_sum: Of a per-CPU map: whether the values of all CPUs are added.
    """
    info = map.info
    assert info.kind is not None
    value, references = _value(map, types)
    cpus = map.cpus
    if is_sum:
        assert isinstance(value, Printer)
        if all(leaf.add is None for leaf in value.table(is_json=True, adding=True).leaves):
            return None
        value, cpus = Sums(value, len(cpus), map.stride), ()
    prefix = Prefixes() if info.kind.compared_by == "longest_prefix_match" else None
    return View(types, _key(map, types), prefix, value, cpus, map.stride, is_sum, references)


def _key(map: Elements, types: Types) -> Column | None:
    info = map.info
    size = info.key_size
    if not size:
        return None
    if types.key is not None:
        return printer_of(types.key, sys.byteorder, size)
    assert info.kind is not None
    if info.kind.indexed or info.kind.name in ("devmap_hash", "stack_trace", "struct_ops"):
        return number(size)
    if info.kind.name in ("cgroup_storage", "percpu_cgroup_storage"):
        # Source: include/uapi/linux/bpf.h, struct bpf_cgroup_storage_key.
        if size == 8:
            return number(size)
        return structure(("cgroup_inode_id", 8), ("attach_type", 4))
    return unknown(size)


def _value(map: Elements, types: Types) -> tuple[Column, tuple[References, ...]]:
    info = map.info
    kind = info.kind
    assert kind is not None
    name = kind.name
    if kind.of_maps:
        held = maps()
        return Ids(held), (held,)
    if kind.of_programs:
        held = programs(map.bpf)
        return Ids(held), (held,)
    if name in ("devmap", "devmap_hash", "cpumap"):
        held = programs(map.bpf)
        return WithProgram("qsize" if name == "cpumap" else "ifindex", held), (held,)
    if MAP_OPERATIONS[name].lookup_gives == COOKIE:
        return structure(("cookie", 8)), ()
    if name == "stack_trace":
        return frames(info.map_flags), ()
    if name == "insn_array":
        # Source: include/uapi/linux/bpf.h, struct bpf_insn_array_value.
        members = (("orig_off", 4), ("xlated_off", 4), ("jitted_off", 4))
        return structure(*members), ()
    if kind.from_variable:
        held = programs(map.bpf)
        column = operations(types.value, info.value_size, held)
        if column is not None:
            return column, (held,)
    return printer_of(types.value, sys.byteorder, info.value_size), ()


def described_type(type: Type | None) -> str | None:
    """Return *type* on one line, the name of a section of variables; None where there is none."""
    if isinstance(type, Composite) and type.tag is not None and type.tag.startswith("."):
        return type.tag  # no struct of C's
    return None if type is None else described(type)
