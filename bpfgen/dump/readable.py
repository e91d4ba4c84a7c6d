"""Which maps can be dumped: all of what is in them, or what comes next; of others, why not.

Source: the struct bpf_map_ops of each kind; :mod:`bpfgen.kernel.map_operations` has what user space
can do with it.
"""

from __future__ import annotations

from bpfgen.kernel.map_operations import (
    CGROUP,
    COOKIE,
    FILE,
    MAP_OPERATIONS,
    PERF_EVENT,
    PROCESS,
    SOCKET,
)
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.kernel.map_operations import MapOperations
    from bpfgen.live.info import MapInfo

ALL = "all"
"""Every element."""

NEXT = "next"
"""The element that is taken next: whoever reads the others takes them."""

PAGES = "pages"
"""Memory, not elements."""

_COOKIE_SIZE = 8


class Refusal(Record):
    """Why a map can't be dumped.

    Attributes:
        why: A sentence without its full stop.
        advice: What to do instead.
    """

    why: str
    advice: str


def shown_of(info: MapInfo) -> str | Refusal:
    """Return which part of a map can be shown: `all`, `next`, `pages`; else why there is none."""
    kind = info.kind
    if kind is None:
        return Refusal(
            f"{info} is of kind {info.number}, which is newer than this bpfgen: how many bytes its "
            "values have isn't known here",
            "`bpftool map dump` of the kernel's own version may know",
        )
    row = MAP_OPERATIONS[kind.name]
    if row.lookup and row.walk:
        if row.lookup_gives == COOKIE and info.value_size < _COOKIE_SIZE:
            return Refusal(
                f"{info} keeps its sockets to itself: the kernel shows a socket's cookie where "
                f"values have {_COOKIE_SIZE} bytes, and these have {info.value_size}",
                "make the map with `value_size = 8`",
            )
        return ALL
    if row.lookup and row.take:
        return NEXT
    if not row.operations and not row.records:
        return PAGES
    return _refusal(info, kind.name, row)


_OWNERS = {
    SOCKET: "the descriptor of a socket",
    FILE: "the descriptor of a file",
    PROCESS: "a pidfd",
    CGROUP: "the descriptor of a cgroup's directory",
}

_RECORDS = {
    "ringbuf": "`live.RingBuffer` of Python takes them (docs/live.md)",
    "perf": "`live.PerfBuffer` of Python takes them (docs/live.md)",
    "user_ringbuf": "the program in the kernel takes them",
}


def _refusal(info: MapInfo, name: str, row: MapOperations) -> Refusal:
    """Return why *info* can't be dumped, a map of the kind *name*."""
    if row.key_of:
        return Refusal(
            f"{info}: the kernel doesn't list what is in a `{name}`; it is found by object alone, "
            f"with {_OWNERS[row.key_of]} for the key",
            "`live.open_map` of Python looks one up by that (docs/live.md)",
        )
    if row.records:
        return Refusal(
            f"{info}: the records of a `{name}` can't be read without taking them from their "
            "reader",
            _RECORDS[row.records],
        )
    if row.value_of:
        what = {PERF_EVENT: "perf events", CGROUP: "cgroups", SOCKET: "sockets"}[row.value_of]
        return Refusal(
            f"{info}: the kernel doesn't show which {what} are in a `{name}`, nor where there are "
            "some",
            f"`bpfgen live id:{info.id}` shows who holds the map",
        )
    return Refusal(
        f"{info}: a `{name}` doesn't know what was added to it, only whether a value may have been",
        "`value in live.open(…)` asks that in Python (docs/live.md)",
    )
