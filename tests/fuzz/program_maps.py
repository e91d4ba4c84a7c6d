"""What the kernel accepts of each kind of map, as far as the random programs need it.

The numbers are those that a kernel was seen to accept; bpfgen's table has no part in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random

BITS = {
    "BPF_F_NO_PREALLOC": 0,
    "BPF_F_NO_COMMON_LRU": 1,
    "BPF_F_NUMA_NODE": 2,
    "BPF_F_RDONLY": 3,
    "BPF_F_WRONLY": 4,
    "BPF_F_ZERO_SEED": 6,
    "BPF_F_RDONLY_PROG": 7,
    "BPF_F_WRONLY_PROG": 8,
    "BPF_F_CLONE": 9,
    "BPF_F_MMAPABLE": 10,
    "BPF_F_PRESERVE_ELEMS": 11,
    "BPF_F_SEGV_ON_FAULT": 17,
}
"""The bits of map_flags by name (include/uapi/linux/bpf.h)."""

_NODE = ("BPF_F_NUMA_NODE",)
_USER = ("BPF_F_RDONLY", "BPF_F_WRONLY")
_PROG = ("BPF_F_RDONLY_PROG", "BPF_F_WRONLY_PROG")


class Kind(NamedTuple):
    """A kind of map, and how the random programs use it.

    Attributes:
        name: libbpf's name.
        flag_names: The flags that it accepts.
        key: `any`, `u32`, `lpm` or `none`.
        untyped: It has neither key nor value types.
        value_size: The size that its value has to have, or 0.
        largest: The bytes that a value may have at most.
        special: Members that the kernel looks after are allowed in its value.
        typed_only: It can't do without types.
        sized: `max_entries` may be given.
        pages: `max_entries` is bytes in powers of two.
        record: `<T>` may name the record.
        required: The flag without which the kernel refuses it.
        extra: `map_extra` means something.
        hashes_value: Its value must have no padding.
        most: The entries that it may have at most.
    """

    name: str
    flag_names: tuple[str, ...] = ()
    key: str = "any"
    untyped: bool = False
    value_size: int = 0
    largest: int = 60_000
    special: bool = False
    typed_only: bool = False
    sized: bool = True
    pages: bool = False
    record: bool = False
    required: str = ""
    extra: bool = False
    hashes_value: bool = False
    most: int = 1 << 20

    @property
    def flags(self) -> dict[str, int]:
        """The bits of its flags by their names."""
        return {name: BITS[name] for name in self.flag_names}


class MapMeaning(NamedTuple):
    """What a map of a random program means; None where libbpf has to report 0.

    *key_size* and *value_size* are None also where types give them; *entries_open* says that a use
    of the template may still give `max_entries`.
    """

    kind: str
    max_entries: int | None = None
    map_flags: int | None = None
    key_size: int | None = None
    value_size: int | None = None
    numa_node: int | None = None
    map_extra: int | None = None
    pinning: int | None = None
    linkage: str = ""
    inner: MapMeaning | None = None
    slots: bool = False
    entries_open: bool = False

    @property
    def may_be_inner(self) -> bool:
        """Whether maps of this shape may be in a map."""
        return self.pinning is None and self.kind in KINDS


_NO_PREALLOC = "BPF_F_NO_PREALLOC"
_STORAGE = (_NO_PREALLOC, "BPF_F_CLONE")

KINDS = {
    kind.name: kind
    for kind in (
        Kind("hash", (_NO_PREALLOC, *_NODE, *_USER, "BPF_F_ZERO_SEED", *_PROG), special=True),
        Kind("array", (*_NODE, *_USER, *_PROG, "BPF_F_MMAPABLE"), key="u32", special=True),
        Kind(
            "perf_event_array",
            (*_NODE, *_USER, "BPF_F_PRESERVE_ELEMS"),
            untyped=True,
            record=True,
        ),
        Kind("percpu_hash", (_NO_PREALLOC, *_USER, *_PROG), largest=30_000),
        Kind("percpu_array", (*_USER, *_PROG), key="u32", largest=30_000),
        Kind("stack_trace", (*_NODE, *_USER), untyped=True, value_size=1016),
        Kind("cgroup_array", (*_NODE, *_USER), untyped=True),
        Kind("lru_hash", ("BPF_F_NO_COMMON_LRU", *_USER, *_PROG)),
        Kind("lru_percpu_hash", ("BPF_F_NO_COMMON_LRU", *_USER, *_PROG), largest=30_000),
        Kind("lpm_trie", (_NO_PREALLOC, *_NODE, *_PROG), key="lpm", required=_NO_PREALLOC),
        Kind("devmap", _NODE, key="u32", value_size=4),
        Kind("sockmap", (*_NODE, *_USER), key="u32", value_size=4),
        Kind("cpumap", _NODE, key="u32", value_size=4, most=256),
        Kind("xskmap", (*_NODE, *_USER), untyped=True),
        Kind("sockhash", (*_NODE, *_USER), value_size=4),
        Kind("reuseport_sockarray", _NODE, key="u32", value_size=4),
        Kind("queue", (*_NODE, *_PROG), key="none"),
        Kind("stack", (*_NODE, *_PROG), key="none"),
        Kind(
            *("sk_storage", _STORAGE, "u32"),
            typed_only=True,
            sized=False,
            required=_NO_PREALLOC,
        ),
        Kind("devmap_hash", _NODE, key="u32", value_size=4),
        Kind("ringbuf", _NODE, untyped=True, pages=True, record=True),
        Kind(
            *("task_storage", _STORAGE, "u32"),
            typed_only=True,
            sized=False,
            required=_NO_PREALLOC,
        ),
        Kind("bloom_filter", (*_NODE, *_PROG), key="none", extra=True, hashes_value=True),
        Kind("user_ringbuf", _NODE, untyped=True, pages=True, record=True),
        Kind(
            "arena",
            ("BPF_F_MMAPABLE", "BPF_F_SEGV_ON_FAULT"),
            untyped=True,
            required="BPF_F_MMAPABLE",
            extra=True,
        ),
    )
}
"""The kinds that the random programs use, maps of maps and of programs apart."""


def flags_of(kind: Kind, chance: random.Random) -> dict[str, int]:
    """Return flags that go together, by name, mostly none; the required one is among them."""
    if chance.random() < 0.5:
        return {}
    names = {name for name in kind.flag_names if chance.random() < 0.4}
    for one, other in (_USER, _PROG, ("BPF_F_NO_COMMON_LRU", "BPF_F_NUMA_NODE")):
        if one in names:
            names.discard(other)
    if names and kind.required:
        names.add(kind.required)
    return {name: BITS[name] for name in kind.flag_names if name in names}
