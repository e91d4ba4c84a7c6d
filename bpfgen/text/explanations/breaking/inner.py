"""What the codes `break-inner-…` mean; the examples are OLD and NEW."""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

_MEETING = """\
A map of maps takes inner maps that are like the definition it was created with. In a running system
an inner map of the old version of a program meets an outer map of the new one, or the reverse: the
outer one is pinned, or an agent that was built apart makes the inner ones. The kernel refuses with
EINVAL to store the one in the other (bpf_map_meta_equal).

Give the outer map another name, so that the two never meet; or unpin it, and load everything that
makes inner maps together with the new version.
"""


def _explained(meaning: str, old: str, new: str, right: str = "") -> Explanation:
    return Explanation(f"{meaning}\n{_MEETING}", new, right, old)


_LOCKED = """\
struct session { struct bpf_spin_lock lock; __u32 packets; };
map tenants: hash_of_maps<__u32, hash<__u32, session>[64]>[8];
"""

_SESSIONS = "map tenants: hash_of_maps<__u32, hash<__u32, __u64>[64]>[8];\n"

EXPLANATIONS: dict[str, Explanation] = {
    "break-inner-outer": _explained(
        "A map held maps, and now it is of a kind that doesn't.\n",
        _SESSIONS,
        "map tenants: hash<__u32, __u64>[8];\n",
        f"{_SESSIONS}map totals: hash<__u32, __u64>[8];\n",
    ),
    "break-inner-kind": _explained(
        "The maps in a map of maps are of another kind.\n",
        _SESSIONS,
        "map tenants: hash_of_maps<__u32, lru_hash<__u32, __u64>[64]>[8];\n",
        "map tenants_lru: hash_of_maps<__u32, lru_hash<__u32, __u64>[64]>[8];\n",
    ),
    "break-inner-key-size": _explained(
        "The keys of the maps in a map of maps have another size.\n",
        _SESSIONS,
        "map tenants: hash_of_maps<__u32, hash<__u64, __u64>[64]>[8];\n",
        "map tenants_2: hash_of_maps<__u32, hash<__u64, __u64>[64]>[8];\n",
    ),
    "break-inner-value-size": _explained(
        "The values of the maps in a map of maps have another size.\n",
        "struct session { __u64 bytes; };\n"
        "map tenants: hash_of_maps<__u32, hash<__u32, session>[64]>[8];\n",
        "struct session { __u64 bytes; __u64 packets; };\n"
        "map tenants: hash_of_maps<__u32, hash<__u32, session>[64]>[8];\n",
        "struct session { __u64 bytes; __u64 packets; };\n"
        "map tenants_2: hash_of_maps<__u32, hash<__u32, session>[64]>[8];\n",
    ),
    "break-inner-map-flags": _explained(
        """\
The maps in a map of maps have other flags. BPF_F_RDONLY and BPF_F_WRONLY don't count: they restrict
the descriptor of whoever creates a map, and the map doesn't keep them.
""",
        _SESSIONS,
        "map tenants: hash_of_maps<__u32, hash<__u32, __u64>[64] {\n"
        "    map_flags = BPF_F_NO_PREALLOC;\n"
        "}>[8];\n",
        "map tenants: hash_of_maps<__u32, hash<__u32, __u64>[64] {\n"
        "    map_flags = BPF_F_RDONLY;\n"
        "}>[8];\n",
    ),
    "break-inner-max-entries": _explained(
        """\
The maps in a map of maps are arrays without BPF_F_INNER_MAP, or xskmaps, and have another number of
entries: programs read them with the bounds of the definition. Of other kinds Linux compares it
before 5.10 only, which matters where `target kernel` says so.

With BPF_F_INNER_MAP in the flags of all of them, arrays may have any number of entries; to set the
flag later is a change of flags.
""",
        "map rows: array_of_maps<__u32, array<__u32, __u64>[16]>[8];\n",
        "map rows: array_of_maps<__u32, array<__u32, __u64>[32]>[8];\n",
        "map rows_2: array_of_maps<__u32, array<__u32, __u64>[32] {\n"
        "    map_flags = BPF_F_INNER_MAP;\n"
        "}>[8];\n",
    ),
    "break-inner-fields": _explained(
        """\
The kernel manages other things in the values of the maps in a map of maps, or has them at other
places: locks, timers, pointers to its objects, lists and trees. From 6.2 on it compares all of them
(btf_record_equal). Linux 5.15 to 6.1 compare timer_off alone, which also differs between a struct
and any other type: that counts where `target kernel` is so old.

What a list, a tree or a pointer to a struct of the program is of belongs to the BTF of one object:
an inner map with such a value fits no map of maps of another object, before the change or after it,
and nothing is said of that.
""",
        _LOCKED,
        "struct session { __u32 packets; struct bpf_spin_lock lock; };\n"
        "map tenants: hash_of_maps<__u32, hash<__u32, session>[64]>[8];\n",
        "struct session { struct bpf_spin_lock lock; __s32 balance; };\n"
        "map tenants: hash_of_maps<__u32, hash<__u32, session>[64]>[8];\n",
    ),
}
