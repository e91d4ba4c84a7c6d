"""What user space can do with a map of each kind through bpf(2): one row a kind.

Typed access in every output language reads it, and so does whatever else reads running maps. What a
program in the kernel can do is :mod:`bpfgen.kernel.map_helpers`.

Each row was tried on Linux 5.10, 6.1, 6.12, 6.18 and 7.2. An operation that newer kernels alone
have counts as there; the kernel answers ENOTSUPP (524) where it is missing.

Source: map_lookup_elem, map_update_elem, map_delete_elem, map_get_next_key and
map_lookup_and_delete_elem in kernel/bpf/syscall.c, and the struct bpf_map_ops of each kind.
"""

from __future__ import annotations

from bpfgen.record import Record

LOOKUP = "lookup"
UPDATE = "update"
DELETE = "delete"
WALK = "walk"
TAKE = "take"

MAP, PROGRAM, PERF_EVENT, CGROUP, SOCKET, FILE, PROCESS = (
    "map",
    "program",
    "perf event",
    "cgroup",
    "socket",
    "file",
    "process",
)

ID, COOKIE = "id", "cookie"


class MapOperations(Record):
    """One row of :data:`MAP_OPERATIONS`.

    Attributes:
        operations: Those of `lookup`, `update`, `delete`, `walk` (BPF_MAP_GET_NEXT_KEY) and `take`
            (BPF_MAP_LOOKUP_AND_DELETE_ELEM) that the kernel doesn't refuse outright. For a kind
            without keys they are peek, push, (none), (none) and pop.
        key_of: The key is the file descriptor of a `socket`, `file`, `process` (a pidfd) or
            `cgroup`; empty for a key of the user's.
        value_of: UPDATE takes the file descriptor of a `map`, `program`, `perf event`, `cgroup` or
            `socket`; empty for a value of the user's.
        lookup_gives: What LOOKUP writes where UPDATE takes a descriptor: an `id` of 4 bytes, or a
            `cookie` of 8; empty where it writes a value, or nothing can be looked up.
        records: How records come to user space, or from it: `ringbuf`, `perf` or `user_ringbuf`.
    """

    name: str
    operations: frozenset[str]
    key_of: str = ""
    value_of: str = ""
    lookup_gives: str = ""
    records: str = ""

    @property
    def lookup(self) -> bool:
        """Whether a value, an id or a cookie can be read."""
        return LOOKUP in self.operations

    @property
    def update(self) -> bool:
        """Whether something can be written."""
        return UPDATE in self.operations

    @property
    def delete(self) -> bool:
        """Whether an element can be removed."""
        return DELETE in self.operations

    @property
    def walk(self) -> bool:
        """Whether the keys can be walked."""
        return WALK in self.operations

    @property
    def take(self) -> bool:
        """Whether an element can be read and removed at once."""
        return TAKE in self.operations


_HASH = (LOOKUP, UPDATE, DELETE, WALK, TAKE)
_SLOTS = (LOOKUP, UPDATE, DELETE, WALK)
_UNREADABLE = (UPDATE, DELETE, WALK)
_FIXED = (LOOKUP, UPDATE, WALK)
_STORAGE = (LOOKUP, UPDATE, DELETE)
_QUEUE = (LOOKUP, UPDATE, TAKE)


def _row(
    name: str,
    operations: tuple[str, ...] = (),
    *,
    key_of: str = "",
    value_of: str = "",
    lookup_gives: str = "",
    records: str = "",
) -> MapOperations:
    return MapOperations(name, frozenset(operations), key_of, value_of, lookup_gives, records)


MAP_OPERATIONS: dict[str, MapOperations] = {
    row.name: row
    for row in (
        _row("hash", _HASH),
        _row("array", _FIXED),
        _row("prog_array", _SLOTS, value_of=PROGRAM, lookup_gives=ID),
        _row("perf_event_array", _UNREADABLE, value_of=PERF_EVENT, records="perf"),
        _row("percpu_hash", _HASH),
        _row("percpu_array", _FIXED),
        _row("stack_trace", (LOOKUP, DELETE, WALK, TAKE)),
        _row("cgroup_array", _UNREADABLE, value_of=CGROUP),
        _row("lru_hash", _HASH),
        _row("lru_percpu_hash", _HASH),
        _row("lpm_trie", _SLOTS),
        _row("array_of_maps", _SLOTS, value_of=MAP, lookup_gives=ID),
        _row("hash_of_maps", _SLOTS, value_of=MAP, lookup_gives=ID),
        _row("devmap", _SLOTS),
        _row("sockmap", _SLOTS, value_of=SOCKET, lookup_gives=COOKIE),
        _row("cpumap", _SLOTS),
        _row("xskmap", _UNREADABLE, value_of=SOCKET),
        _row("sockhash", _SLOTS, value_of=SOCKET, lookup_gives=COOKIE),
        _row("cgroup_storage", _FIXED),
        _row("reuseport_sockarray", _SLOTS, value_of=SOCKET, lookup_gives=COOKIE),
        _row("percpu_cgroup_storage", _FIXED),
        _row("queue", _QUEUE),
        _row("stack", _QUEUE),
        _row("sk_storage", _STORAGE, key_of=SOCKET),
        _row("devmap_hash", _SLOTS),
        _row("struct_ops", (LOOKUP, UPDATE, DELETE, WALK)),
        _row("ringbuf", records="ringbuf"),
        _row("inode_storage", _STORAGE, key_of=FILE),
        _row("task_storage", _STORAGE, key_of=PROCESS),
        _row("bloom_filter", (LOOKUP, UPDATE)),
        _row("user_ringbuf", records="user_ringbuf"),
        _row("cgrp_storage", _STORAGE, key_of=CGROUP),
        _row("arena"),
        _row("insn_array", _FIXED),
        _row("rhash", _HASH),
    )
}
"""Every kind of map by libbpf's name."""
