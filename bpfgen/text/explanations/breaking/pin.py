"""What the codes `break-pin-…` mean; the examples are OLD and NEW."""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

_LIBBPF = """\
libbpf refuses to load the new object as long as the old map is pinned (EINVAL, \"couldn't reuse
pinned map: parameter mismatch\"). aya takes whatever is pinned under the name.
"""

_REFUSES = "cilium/ebpf refuses the pinned map with ErrMapIncompatible.\n"

_TAKES = "cilium/ebpf doesn't compare it: it takes the pinned map, which stays as it was.\n"

_WAYS = """\
Give the map another name, remove the pin before the new version is loaded, or leave it as it was.
"""

_STAYS = """\
What the old map holds stays where it is pinned, and no program writes to it any more. Nobody
removes the pin.
"""

_KIND = """\
A pinned map has become one of another kind.
"""

_KEY_SIZE = """\
The keys of a pinned map have another size, said by `key_size` or by their type.
"""

_VALUE_SIZE = """\
The values of a pinned map have another size, said by `value_size` or by their type: a struct in
them has grown, though the program may not even use what is new. New members may take the place of
`reserved` bytes.
"""

_MAX_ENTRIES = """\
A pinned map has another `max_entries`. What counts is what loaders ask for: ring buffers are
rounded up, and a `perf_event_array` without a number has as many entries as there are CPUs.
`max_entries = runtime` leaves it to the loader.
"""

_MAP_FLAGS = """\
A pinned map has other `map_flags`. What counts is what the kernel shows of it: BPF_F_RDONLY and
BPF_F_WRONLY belong to a descriptor, and aren't shown.
"""

_MAP_EXTRA = """\
A pinned map has another `map_extra`.
"""

_GONE = """\
A pinned map isn't declared any more.
"""

_RENAMED = """\
A pinned map has another name, and is otherwise the same. A map is pinned under its name: loaders
don't find it, and make an empty one.
"""

_UNPINNED = """\
A map was pinned by its source (`pinning = by_name`), and isn't any more: each load makes an empty
one.
"""

_REMOVE = """\
Remove it with the old version, when nothing reads it any more.
"""

_RENAME = """\
Keep the name, or rename the pin before the new version is loaded.
"""

_ON_ITS_OWN = """\
Where a loader pins it on its own, the configuration says so: `pinned` in [tool.bpfgen.breaking]
lists names and patterns.
"""

_OLD = """\
struct traffic { __u64 packets; __u64 bytes; };
map flows: hash<__u32, struct traffic>[1024] { pinning = by_name; }
"""

_PINNED = "{ pinning = by_name; }"

_GROWN = "{ __u64 packets; __u64 bytes; __u64 dropped; };"


def _mismatch(meaning: str, map: str, cilium: str = _REFUSES, old: str = _OLD) -> Explanation:
    """Return the page of a parameter; *map* is what the map of *old* has become."""
    wrong = old.replace(old[old.index("map") :], f"map flows: {map}\n")
    right = f"{old}map flows_v2: {map}\n"
    return Explanation(f"{meaning}\n{_LIBBPF}{cilium}\n{_WAYS}", wrong, right, old)


EXPLANATIONS: dict[str, Explanation] = {
    "break-pin-kind": _mismatch(_KIND, f"lru_hash<__u32, struct traffic>[1024] {_PINNED}"),
    "break-pin-key-size": _mismatch(_KEY_SIZE, f"hash<__u64, struct traffic>[1024] {_PINNED}"),
    "break-pin-value-size": Explanation(
        f"{_VALUE_SIZE}\n{_LIBBPF}{_REFUSES}\n{_WAYS}",
        _OLD.replace("{ __u64 packets; __u64 bytes; };", _GROWN),
        f"{_OLD}struct traffic_v2 {_GROWN}\n"
        f"map flows_v2: hash<__u32, struct traffic_v2>[1024] {_PINNED}\n",
        _OLD,
    ),
    "break-pin-max-entries": _mismatch(
        _MAX_ENTRIES, f"hash<__u32, struct traffic>[4096] {_PINNED}"
    ),
    "break-pin-map-flags": _mismatch(
        _MAP_FLAGS,
        "hash<__u32, struct traffic>[1024] { pinning = by_name; map_flags = BPF_F_NO_PREALLOC; }",
    ),
    "break-pin-map-extra": _mismatch(
        _MAP_EXTRA,
        "bloom_filter<__u32>[1024] { pinning = by_name; map_extra = 7; }",
        _TAKES,
        "map flows: bloom_filter<__u32>[1024] { pinning = by_name; map_extra = 3; }\n",
    ),
    "break-pin-gone": Explanation(
        f"{_GONE}\n{_STAYS}\n{_REMOVE}",
        "map other: array<__u32, __u64>[1];\n",
        old=f"map other: array<__u32, __u64>[1];\nmap flows: hash<__u32, __u64>[1024] {_PINNED}\n",
    ),
    "break-pin-renamed": Explanation(
        f"{_RENAMED}\n{_STAYS}\n{_RENAME}",
        _OLD.replace("flows", "seen"),
        old=_OLD,
    ),
    "break-pin-unpinned": Explanation(
        f"{_UNPINNED}\n{_STAYS}\n{_ON_ITS_OWN}",
        _OLD.replace(f" {_PINNED}", ";"),
        old=_OLD,
    ),
}
"""By code, in the order of the rules."""
