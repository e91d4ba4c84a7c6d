"""What the codes `break-source-…` mean; the examples are OLD and NEW."""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

_ASKED = """\
This is asked for with `--categories source`. The outputs for C, Go, Rust and Python are compared by
the names that programs use of them, with `--accessors` and without, and by the types of these;
nothing is written. The finding lists the languages whose code needs a change, and the names.
"""


def _explained(meaning: str, old: str, new: str, right: str = "") -> Explanation:
    return Explanation(f"{meaning}\n{_ASKED}", new, right, old)


_TRAFFIC = """\
struct traffic { __u64 packets, bytes; };
map flows: hash<__be32, traffic>[1024];
"""

EXPLANATIONS: dict[str, Explanation] = {
    "break-source-file": _explained(
        """\
The source declared something that code uses, and declares nothing any more, or isn't there: no
output of it has those names.

Remove the code that uses them first.
""",
        _TRAFFIC,
        "target kernel >= 5.15;\n",
    ),
    "break-source-clash": _explained(
        """\
Two names of the new source become one in an output, or one can't be had there, so that there is no
such output (`output-name`); of the old source there is one. What code in that language uses is
gone as a whole.

Give one of the two another name.
""",
        "struct flow { __u32 flow_id; };\nmap flows: hash<__u64, flow>[1024];\n",
        "struct flow { __u32 flow_id; __u32 flowId; };\nmap flows: hash<__u64, flow>[1024];\n",
        "struct flow { __u32 flow_id; __u32 next_id; };\nmap flows: hash<__u64, flow>[1024];\n",
    ),
    "break-source-map": _explained(
        """\
A map is gone, has another name, or another file declares it. All that the outputs say of a map has
its name: the variable, the facts, the functions.

Keep the old map until no code uses it, or change the code in the same step.
""",
        _TRAFFIC,
        _TRAFFIC.replace("flows", "streams"),
    ),
    "break-source-type": _explained(
        """\
A struct, union, enum or typedef is gone, has another name, or another file declares it; what its
members are called doesn't matter then. In a language where the name stays the same, as `FlowKey` in
Go of `flow_key` and `flowKey`, nothing is broken.

A typedef of the old name serves Go, Rust and Python: `typedef struct traffic counts;`.
""",
        _TRAFFIC.replace("traffic", "counts"),
        _TRAFFIC,
        "struct traffic { __u64 packets, bytes; };\n"
        "struct counts { __u64 packets, bytes; };\n"
        "map flows: hash<__be32, counts>[1024];\n"
        "map more: hash<__be32, traffic>[1024];\n",
    ),
    "break-source-member": _explained(
        """\
A member is gone, or has another name. Code that reads or writes it doesn't compile; whether the
bytes mean the same, the category `layout` says.

Keep the name until no code uses it, or change the code in the same step.
""",
        _TRAFFIC,
        _TRAFFIC.replace("bytes", "octets"),
    ),
    "break-source-enumerator": _explained(
        """\
An enumerator is gone, has another name, or is one of another enum. Another value is no finding
here, since code compiles as before.

Several enumerators may have one value: keep the old name beside the new one.
""",
        "enum verdict { FLOW_PASS, FLOW_DROP };\nmap verdicts: array<__u32, enum verdict>[16];\n",
        "enum verdict { FLOW_PASS, FLOW_DENY };\nmap verdicts: array<__u32, enum verdict>[16];\n",
        "enum verdict { FLOW_PASS, FLOW_DROP, FLOW_DENY = FLOW_DROP };\n"
        "map verdicts: array<__u32, enum verdict>[16];\n",
    ),
    "break-source-constant": _explained(
        """\
A constant is gone, or has another name. Another value is no finding: code compiles as before. Where
it decides about bytes, as the length of an array does, the category `layout` says what changes for
code that was built with the old value.

Keep the old constant beside the new one.
""",
        "const MAX_FLOWS = 1024;\nmap flows: hash<__be32, __u64>[MAX_FLOWS];\n",
        "const FLOWS = 1024;\nmap flows: hash<__be32, __u64>[FLOWS];\n",
        "const FLOWS = 1024;\nconst MAX_FLOWS = FLOWS;\nmap flows: hash<__be32, __u64>[FLOWS];\n",
    ),
    "break-source-template": _explained(
        """\
A template is gone, or has another name. In C it is a struct that maps share, and programs may use
it for maps of their own.

Keep the old template beside the new one.
""",
        "template counters: array<__u32, __u64>[8];\nmap received: counters;\n",
        "template tallies: array<__u32, __u64>[8];\nmap received: tallies;\n",
    ),
    "break-source-program": _explained(
        """\
The prototype of a program is gone, or another one. In C its definition, which the header precedes,
has another type than the prototype then.

Change the definition in the same step.
""",
        "int tail(struct __sk_buff *skb);\nmap jumps: prog_array[4] = { [0] = tail };\n",
        "int tail(struct xdp_md *ctx);\nmap jumps: prog_array[4] = { [0] = tail };\n",
    ),
    "break-source-underlying": _explained(
        """\
A typedef stands for another type, or an enum is an integer of another size or sign. Whatever has
that type goes with it, and isn't reported once more.

Give the new type a name of its own.
""",
        "typedef __u32 flow_id;\nmap flows: hash<flow_id, __u64>[1024];\n",
        "typedef __u64 flow_id;\nmap flows: hash<flow_id, __u64>[1024];\n",
    ),
    "break-source-member-type": _explained(
        """\
A member has another type. In Go and Rust that is one for each size and sign of a number; in C and
Python a number may become another number, but no array, pointer or struct.

Give the member of another type another name, and keep the old one where there is room.
""",
        _TRAFFIC,
        _TRAFFIC.replace("bytes", "bytes[2]"),
    ),
    "break-source-member-form": _explained(
        """\
A member has kept its name and its type, and an output has it in another way: what was a field is
read and written by functions, because the member isn't where the language would put it (a packed
struct, a union), or shares its bytes with others.

Keep the layout of the struct as it is, and add members at its end.
""",
        "struct entry { __u8 kind, level; __u16 length; };\nmap entries: hash<__u32, entry>[64];\n",
        "struct entry { __u8 kind; __u16 length; __u8 level; } __attribute__((packed));\n"
        "map entries: hash<__u32, entry>[64];\n",
    ),
    "break-source-constant-type": _explained(
        """\
A constant has another type, which is that of C: its value doesn't fit into an `int` any more, or an
enum has a name now. Rust has no conversion from one integer to another, where C and Go have one for
constants.

Give the constant a value of the same type, by a cast or a suffix.
""",
        "const TIMEOUT = 1000;\nmap flows: hash<__be32, __u64>[1024];\n",
        "const TIMEOUT = 1000000000000;\nmap flows: hash<__be32, __u64>[1024];\n",
    ),
    "break-source-map-type": _explained(
        """\
The keys, the values or the records of a map have another type. Where that is a struct whose members
have changed, the finding is about the members instead.

Give the map of another type another name.
""",
        _TRAFFIC,
        "struct traffic { __u64 packets, bytes; };\nmap flows: hash<__be64, traffic>[1024];\n",
    ),
    "break-source-map-use": _explained(
        """\
Something can't be done with a map any more, or isn't known of it: another kind has other
operations, what is `runtime` in the source has no constant, and a map that another object defines
is in no collection.

Give the map of another kind another name.
""",
        _TRAFFIC,
        _TRAFFIC.replace("[1024]", "[runtime]"),
    ),
}
