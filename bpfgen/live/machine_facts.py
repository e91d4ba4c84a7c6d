"""What this machine alone decides of a map: its NUMA nodes, its CPUs, how deep its stacks are.

No rule can know it of a machine that it doesn't run on; whoever made the map is told here.

Source: map_create and cpu_map_alloc in kernel/bpf, stack_map_alloc; the files of sysfs and procfs
that say the same numbers.
"""

from __future__ import annotations

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import BUILD_ID_SIZE
from bpfgen.live.info import cpus_in
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.live.planned import PlannedMap

NODES = "/sys/devices/system/node/online"
MOST_CPUS = "/sys/devices/system/cpu/kernel_max"
MOST_FRAMES = "/proc/sys/kernel/perf_event_max_stack"

_NUMA_NODE = MAP_FLAGS["BPF_F_NUMA_NODE"].value
_BUILD_ID = MAP_FLAGS["BPF_F_STACK_BUILD_ID"].value
_ANY_NODE = 0xFFFFFFFF
_ADDRESS = 8


def facts_against(planned: PlannedMap) -> tuple[str, ...]:
    """Return in sentences which facts of this machine are against *planned*."""
    facts = []
    nodes, node = _read(NODES), planned.numa_node
    is_one = planned.map_flags & _NUMA_NODE and node != _ANY_NODE
    if is_one and nodes and node not in cpus_in(nodes):
        facts.append(f"this machine has no NUMA node {node}: {NODES} says {nodes}")
    if planned.kind.name == "cpumap":
        most = _number(MOST_CPUS)
        if most is not None and planned.max_entries > most + 1:
            facts.append(f"this kernel has room for {most + 1} CPUs: {MOST_CPUS} says {most}")
    if planned.kind.name == "stack_trace":
        most = _number(MOST_FRAMES)
        frame = BUILD_ID_SIZE if planned.map_flags & _BUILD_ID else _ADDRESS
        if most is not None and planned.value_size > most * frame:
            facts.append(f"stacks have {most} frames here: {MOST_FRAMES} says so")
    return tuple(facts)


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _number(path: str) -> int | None:
    text = _read(path)
    return int(text) if text.isdigit() else None
