"""What the codes of map definitions mean, for `bpfgen explain`: what no model can be made of.

What the kernel asks of a map that makes sense is bpfgen/rules'.
"""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "map-kind": Explanation(
        """\
No map kind, and no template, has this name; `bpfgen kinds` lists the kinds, which have libbpf's
names. Or it is a kind that can't be defined as a map in an object.
""",
        "map m: hsah<__u32, __u64>[1];\n",
        "map m: hash<__u32, __u64>[1];\n",
    ),
    "type-arguments": Explanation(
        """\
A map takes the types of its key and its value: `hash<K, V>`. A ring buffer or perf event array
takes the one type of its records, a map of maps the key and the inner map.
""",
        "map m: hash<__u32, __u64, __u64>[1];\n",
        "map m: hash<__u32, __u64>[1];\n",
    ),
    "unknown-attribute": Explanation(
        """\
A map has no attribute of this name. They have libbpf's names: key, value, key_size, value_size,
max_entries, map_flags, numa_node, map_extra, pinning. With --relax-compat it is a warning, and the
attribute is left out, as libbpf does with its option of that name.
""",
        "map m: hash<__u32, __u64>[1] { map_flag = 1; };\n",
        "map m: hash<__u32, __u64>[1] { map_flags = 1; };\n",
    ),
    "attribute-twice": Explanation(
        """\
An attribute is given twice. `<K, V>` and `[N]` are short for `key`, `value` and `max_entries`.
""",
        "map m: hash<__u32, __u64>[1] { max_entries = 2; };\n",
        "map m: hash<__u32, __u64>[1];\n",
    ),
    "attribute-range": Explanation(
        """\
The value doesn't fit: attributes are 32-bit numbers without a sign in union bpf_attr (map_extra has
64 bits). C would cut the value silently: `max_entries = 0x100000000` becomes 0.
""",
        "map m: hash<__u32, __u64>[0x100000000];\n",
        "map m: hash<__u32, __u64>[0x100000];\n",
    ),
    "key-size-conflict": Explanation(
        """\
`key_size` and the type of the key disagree. libbpf refuses such a map. Where a type is given, its
size needn't be said.
""",
        "map m: hash<__u32, __u64>[1] { key_size = 8; };\n",
        "map m: hash<__u32, __u64>[1];\n",
    ),
    "value-size-conflict": Explanation(
        """\
`value_size` and the type of the value disagree. libbpf refuses such a map. Where a type is given,
its size needn't be said.
""",
        "map m: hash<__u32, __u64>[1] { value_size = 4; };\n",
        "map m: hash<__u32, __u64>[1];\n",
    ),
    "pinning": Explanation(
        """\
`pinning` is `by_name` or `none`: LIBBPF_PIN_BY_NAME and LIBBPF_PIN_NONE.
""",
        "map m: hash<__u32, __u64>[1] { pinning = yes; };\n",
        "map m: hash<__u32, __u64>[1] { pinning = by_name; };\n",
    ),
    "runtime": Explanation(
        """\
`runtime` says that a loader sets the attribute between open and load. libbpf has setters for
key_size, value_size, max_entries, map_flags, map_extra and numa_node, and for no other.
""",
        "map m: hash<__u32, __u64>[1] { pinning = runtime; };\n",
        "map m: hash<__u32, __u64>[runtime];\n",
    ),
    "template-attribute": Explanation(
        """\
A use of a template may add attributes and never change one, so that the template says the truth
about all its maps.
""",
        "template t: hash<__u32, __u64>[8];\nmap m: t[16];\n",
        "template t: hash<__u32, __u64>;\nmap m: t[16];\n",
    ),
    "inner-map": Explanation(
        """\
The inner map of `array_of_maps` and `hash_of_maps` is a map kind with its types and sizes, a
template, or left out; it can't be a type, have slots or be a map of maps itself.
""",
        "struct s { int a; };\nmap m: array_of_maps<__u32, s>[4];\n",
        "map m: array_of_maps<__u32, array<__u32, __u64>[1]>[4];\n",
    ),
    "slots": Explanation(
        """\
Only maps of maps and prog_array have initial values.
""",
        "map a: array<__u32, __u64>[1];\nmap m: array<__u32, __u64>[1] = { [0] = a };\n",
        (
            "template t: array<__u32, __u64>[1];\nmap a: t;\n"
            "map m: array_of_maps<__u32, t>[1] = { [0] = a };\n"
        ),
    ),
    "slot-range": Explanation(
        """\
The slot isn't there: slots count from 0 to max_entries - 1. In a hash_of_maps the number is the key
and may be any, but there is room for max_entries of them.
""",
        (
            "template t: array<__u32, __u64>[1];\nmap a: t;\n"
            "map m: array_of_maps<__u32, t>[2] = { [2] = a };\n"
        ),
        (
            "template t: array<__u32, __u64>[1];\nmap a: t;\n"
            "map m: array_of_maps<__u32, t>[3] = { [2] = a };\n"
        ),
    ),
    "slot-twice": Explanation(
        """\
A slot is given twice; C would silently take the last.
""",
        (
            "template t: array<__u32, __u64>[1];\nmap a: t;\n"
            "map m: array_of_maps<__u32, t>[2] = { [0] = a, [0] = a };\n"
        ),
        (
            "template t: array<__u32, __u64>[1];\nmap a: t;\n"
            "map m: array_of_maps<__u32, t>[2] = { [0] = a, [1] = a };\n"
        ),
    ),
    "slot-target": Explanation(
        """\
A slot of a map of maps holds a map, one of prog_array a program that is declared:
`int handle(struct __sk_buff *skb);`.
""",
        "map jumps: prog_array[4] = { [0] = handle };\n",
        "int handle(struct __sk_buff *skb);\nmap jumps: prog_array[4] = { [0] = handle };\n",
    ),
    "legacy-attribute": Explanation(
        """\
`struct bpf_map_def` of section "maps" has type, key_size, value_size, max_entries and map_flags.
What else a map can have needs the BTF-defined form: leave out `legacy`.
""",
        "legacy map m: hash<__u32, __u64>[1] { pinning = by_name; };\n",
        "map m: hash<__u32, __u64>[1] { pinning = by_name; };\n",
    ),
}
"""By code."""
