"""What the codes `break-link-…` mean; the examples are OLD and NEW."""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

_LINKER = """\
A program may be linked from several objects (`bpftool gen object`). A map is defined in one of them
and declared `extern` in the others, each with the whole definition, and the linker wants the two to
be equal. An object that isn't compiled again after the change still has the old one.

Compile all objects again, with the new header.
"""


def _explained(meaning: str, old: str, new: str, right: str = "") -> Explanation:
    return Explanation(f"{meaning}\n{_LINKER}", new, right, old)


_FLOWS = "map flows: hash<__u32, __u64>[1024];\n"
_TENANTS = "map tenants: hash_of_maps<__u32, hash<__u32, __u64>[64]>[8];\n"

EXPLANATIONS: dict[str, Explanation] = {
    "break-link-gone": _explained(
        """\
A map that other objects may declare `extern` isn't defined any more. The linker links them all the
same, and libbpf refuses to open the result (ENOTSUP).
""",
        f"{_FLOWS}map peers: hash<__u32, __u32>[16];\n",
        _FLOWS,
    ),
    "break-link-renamed": _explained(
        """\
A map that other objects may declare `extern` has another name: nothing defines the old one. Or a
map that is declared `extern` here is looked for under another name, which no object defines.
""",
        _FLOWS,
        "map streams: hash<__u32, __u64>[1024];\n",
    ),
    "break-link-linkage": _explained(
        """\
A map was defined and is only declared; or it was declared or `weak`, so that another object defines
it, and is now defined here as well, which makes two definitions.
""",
        f"weak {_FLOWS}",
        _FLOWS,
        f"weak {_FLOWS}",
    ),
    "break-link-section": _explained(
        "A map was BTF-defined and is a legacy one now, or the reverse.\n",
        _FLOWS,
        f"legacy {_FLOWS}",
    ),
    "break-link-kind": _explained(
        "A map, or the maps in a map of maps, are of another kind.\n",
        _FLOWS,
        "map flows: lru_hash<__u32, __u64>[1024];\n",
    ),
    "break-link-key-type": _explained(
        """\
The key of a map is of another type: one of another kind, size or name. Or it has a type on one side
only. Typedefs and signs don't count, nor do lengths of arrays.
""",
        _FLOWS,
        "map flows: hash<__u64, __u64>[1024];\n",
        "map flows: hash<int, __u64>[1024];\n",
    ),
    "break-link-key-size": _explained(
        "The key of a map has another size; its type, if any, is the same to the linker.\n",
        "map flows: hash<__u8[4], __u64>[1024];\n",
        "map flows: hash<__u8[16], __u64>[1024];\n",
    ),
    "break-link-value-type": _explained(
        """\
The value of a map is of another type: one of another kind, size or name. Or it has a type on one
side only. Typedefs and signs don't count, nor do lengths of arrays.
""",
        "struct stats { __u64 bytes; };\nmap flows: hash<__u32, stats>[1024];\n",
        "map flows: hash<__u32, __u64>[1024];\n",
        "struct stats { __s64 bytes; };\nmap flows: hash<__u32, stats>[1024];\n",
    ),
    "break-link-value-size": _explained(
        "The value of a map has another size; its type, if any, is the same to the linker.\n",
        "map flows: hash<__u32, __u8[4]>[1024];\n",
        "map flows: hash<__u32, __u8[16]>[1024];\n",
    ),
    "break-link-type": _explained(
        """\
In a type of a key or value there are other members, or they have other names, places or types.
Typedefs, signs of integers and names and values of enumerators don't count; nor does what is in a
struct that a pointer points to.
""",
        "struct stats { __u64 bytes; };\nmap flows: hash<__u32, stats>[1024];\n",
        "struct stats { __u64 octets; };\nmap flows: hash<__u32, stats>[1024];\n",
    ),
    "break-link-max-entries": _explained(
        """\
`max_entries` of a map, or of the maps in a map of maps, is another number. What a loader sets
(`runtime`) isn't in the object, and is 0 to the linker.
""",
        _FLOWS,
        "map flows: hash<__u32, __u64>[2048];\n",
    ),
    "break-link-map-flags": _explained(
        "The flags of a map, or of the maps in a map of maps, are others.\n",
        _FLOWS,
        "map flows: hash<__u32, __u64>[1024] { map_flags = BPF_F_NO_PREALLOC; };\n",
    ),
    "break-link-numa-node": _explained(
        "`numa_node` of a map, or of the maps in a map of maps, is another number.\n",
        "map flows: hash<__u32, __u64>[64] { map_flags = BPF_F_NUMA_NODE; numa_node = 0; };\n",
        "map flows: hash<__u32, __u64>[64] { map_flags = BPF_F_NUMA_NODE; numa_node = 1; };\n",
    ),
    "break-link-pinning": _explained(
        "A map is pinned by its name and wasn't, or the reverse.\n",
        _FLOWS,
        "map flows: hash<__u32, __u64>[1024] { pinning = by_name; };\n",
    ),
    "break-link-inner": _explained(
        "A map of maps said what is in it and doesn't any more, or the reverse.\n",
        "map tenants: hash_of_maps<__u32>[8];\n",
        _TENANTS,
    ),
    "break-link-program": _explained(
        """\
A program that an initial value of a map names is declared with other parameters. The object that
defines it still has the old ones.
""",
        "struct xdp_md;\nint tail(struct xdp_md *context);\n"
        "map jumps: prog_array[4] = { [0] = tail };\n",
        "struct __sk_buff;\nint tail(struct __sk_buff *context);\n"
        "map jumps: prog_array[4] = { [0] = tail };\n",
    ),
}
