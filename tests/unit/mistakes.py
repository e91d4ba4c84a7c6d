"""Mistakes that people make, and what is to be said of each: the table of test_mistakes.py."""

from __future__ import annotations

from bpfgen.record import Record

MAP = "map other: hash<__u32, __u64>[8];\n"
"""Comes after each mistake: it must be read as if nothing had happened."""


class Case(Record):
    """One mistake in a text.

    Attributes:
        text: The source; the culprit stands between guillemets, which aren't part of it.
        typed: What to type instead, as the help has it.
        fixed: The text after the edits; empty where no machine can decide.
        code: The code.
    """

    text: str
    typed: str
    fixed: str = ""
    code: str = "syntax"


C_MAP = """\
«struct {»
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct { __u64 a, b; });
	__uint(max_entries, 1 << 4);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} counters SEC(".maps");
"""
C_MAP_FIXED = (
    "map counters: hash<__u32, struct { __u64 a, b; }>[1 << 4] "
    "{ map_flags = BPF_F_NO_PREALLOC; pinning = by_name; };\n"
)
RUST = """\
pub struct s {
    «pub packets»: u64,
    data: [[u8; 4]; 2]
}
map m: array<u32, s>[4];
"""
RUST_FIXED = """\
struct s {
    __u64 packets;
    __u8 data[2][4];
};
map m: array<u32, s>[4];
"""

CASES: dict[str, Case] = {
    # Maps in C.
    "C map": Case(C_MAP, "map counters: hash<__u32", C_MAP_FIXED),
    "C ring buffer": Case(
        "«struct {»\n\t__uint(type, BPF_MAP_TYPE_RINGBUF);\n\t__uint(max_entries, 4 * 65536);\n"
        '} events SEC(".maps");\n',
        "map events: ringbuf[4 * 65536];",
        "map events: ringbuf[4 * 65536];\n",
    ),
    "C map with a value": Case(
        "«struct {» __uint(type, BPF_MAP_TYPE_QUEUE); __type(value, int); __uint(max_entries, 4);"
        ' } q SEC(".maps");\n',
        "map q: queue[4] { value = int; };",
        "map q: queue[4] { value = int; };\n",
    ),
    "C map of maps": Case(
        "«struct {»\n\t__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);\n"
        '\t__array(values, struct { __uint(type, BPF_MAP_TYPE_HASH); });\n} m SEC(".maps");\n',
        "bpfgen import",
    ),
    "C maps of one struct": Case(
        '«struct inner {»\n\t__uint(type, BPF_MAP_TYPE_HASH);\n} a SEC(".maps"), b SEC(".maps");\n',
        "bpfgen import",
    ),
    "C map without macros": Case(
        '«struct {» int (*type)[BPF_MAP_TYPE_HASH]; } m SEC(".maps");\n', "bpfgen import"
    ),
    "legacy C map": Case(
        '«struct bpf_map_def SEC("maps") m = {»\n\t.type = BPF_MAP_TYPE_HASH,\n'
        "\t.key_size = 4,\n};\n",
        "bpfgen import",
    ),
    "BCC": Case("«BPF_HASH»(counters, u32, u64, 16);\n", "map counters: kind<key, value>"),
    # Other things of C.
    "program": Case(
        '«SEC("xdp")\nint program(struct xdp_md *ctx)»\n{\n\tif (ctx->data) { return XDP_DROP; }\n'
        "\treturn XDP_PASS;\n}\n",
        "write its prototype",
    ),
    "function": Case(
        "«static __always_inline __u32 hash(const struct key *k)» { return k->a % '\"'; }\n",
        "leave it in the C file",
    ),
    "BPF_PROG": Case(
        '«SEC("fentry/x")\nint BPF_PROG(on_x, struct file *file)»\n{\n\treturn 0;\n}\n',
        "write its prototype",
    ),
    "licence": Case('«char LICENSE[] SEC("license") = "GPL";»\n', "leave it in the C file"),
    "licence without section": Case('«const char license[] = "GPL";»\n', "leave it in the C file"),
    "table": Case("«int table[2] = { 1, 2 };»\n", "leave it in the C file"),
    "variable that a loader sets": Case(
        "«const volatile int» debug = 0;\n", "leave it in the C file"
    ),
    "static variable": Case("«static int counter;»\n", "leave it in the C file"),
    "static program": Case(
        "«static» int program(struct xdp_md *ctx);\n",
        "remove it",
        "int program(struct xdp_md *ctx);\n",
    ),
    "section of a prototype": Case(
        '«SEC("xdp")» int program(struct xdp_md *ctx);\n',
        "remove it",
        "int program(struct xdp_md *ctx);\n",
    ),
    "section of a map": Case(
        'map m: hash<__u32, __u64>[8] «SEC(".maps")»;\n',
        "remove it",
        "map m: hash<__u32, __u64>[8];\n",
    ),
    # Semicolons.
    "member without semicolon": Case(
        "struct s {\n\t__u64 packets«»\n\t__u64 bytes;\n};\nmap m: hash<__u32, s>[8];\n",
        "",
        "struct s {\n\t__u64 packets;\n\t__u64 bytes;\n};\nmap m: hash<__u32, s>[8];\n",
    ),
    "constant without semicolon": Case(
        "const A = 4«»\nconst B = A;\n", "", "const A = 4;\nconst B = A;\n"
    ),
    "commas between members": Case(
        "struct s { __u64 a«,» __u64 b; };\n", "write `;`", "struct s { __u64 a; __u64 b; };\n"
    ),
    "semicolons between enumerators": Case(
        "enum e { A = 1«;» B = 2; };\n", "end in `,`", "enum e { A = 1, B = 2, };\n"
    ),
    # Attributes.
    "attribute with a colon": Case(
        "map m: hash<__u32, __u64>[8] { map_flags«:» BPF_F_NO_PREALLOC };\n",
        "name = value;",
        "map m: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };\n",
    ),
    "attributes with commas": Case(
        "map m: hash<__u32, __u64>[8] { map_flags = 1«,» pinning: by_name, };\n",
        "name = value;",
        "map m: hash<__u32, __u64>[8] { map_flags = 1; pinning = by_name; };\n",
    ),
    "attribute without a sign": Case(
        "map m: hash<__u32, __u64>[8] { map_flags «BPF_F_NO_PREALLOC»; };\n",
        "name = value;",
        "map m: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };\n",
    ),
    "attributes with dots": Case(
        "map m: hash<__u32, __u64>[8] { «.»map_flags = 1, .pinning = by_name };\n",
        "name = value;",
        "map m: hash<__u32, __u64>[8] { map_flags = 1; pinning = by_name; };\n",
    ),
    "flags": Case(
        "map m: hash<__u32, __u64>[8] { «flags» = 1; };\n",
        "`map_flags`",
        "map m: hash<__u32, __u64>[8] { map_flags = 1; };\n",
        "unknown-attribute",
    ),
    "pinned": Case(
        "map m: hash<__u32, __u64>[8] { «pinned» = true; };\n",
        "`pinning = by_name`",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
        "unknown-attribute",
    ),
    "entries in the singular": Case(
        "map m: hash<__u32, __u64> { «max_entry» = 8; };\n",
        "`max_entries`",
        "map m: hash<__u32, __u64> { max_entries = 8; };\n",
        "unknown-attribute",
    ),
    "pin": Case(
        "map m: hash<__u32, __u64>[8] { «pin» = by_name; };\n",
        "`pinning`",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
        "unknown-attribute",
    ),
    "entries as an attribute": Case(
        "map m: hash<__u32, __u64> { «size» = 8; };\n",
        "`max_entries`",
        "map m: hash<__u32, __u64> { max_entries = 8; };\n",
        "unknown-attribute",
    ),
    "pinning by a truth": Case(
        "map m: hash<__u32, __u64>[8] { pinning = «true»; };\n",
        "`pinning = by_name;`",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
        "pinning",
    ),
    "pinning by path": Case(
        'map m: hash<__u32, __u64>[8] { pinning = «"/sys/fs/bpf/x"»; };\n',
        "`pinning = by_name;`",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
    ),
    "pin by path": Case(
        'map m: hash<__u32, __u64>[8] { pin_path = «"/sys/fs/bpf/x"»; };\n',
        "`pinning = by_name;`",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
    ),
    "flag as a string": Case(
        'map m: hash<__u32, __u64>[8] { map_flags = «"BPF_F_NO_PREALLOC"»; };\n',
        "`BPF_F_NO_PREALLOC`",
        "map m: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };\n",
    ),
    # Attributes without their braces.
    "pinned after a map": Case(
        "map m: hash<__u32, __u64>[8] «pinned»;\n",
        "`{ pinning = by_name; }`",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
    ),
    "pinning after a map": Case(
        "map m: queue<__u32>[4] «pinning = by_name»;\n",
        "`{ pinning = by_name; }`",
        "map m: queue<__u32>[4] { pinning = by_name; };\n",
    ),
    "flag after a map": Case(
        "template m: hash<__u32, __u64>[8] «BPF_F_NO_PREALLOC»;\n",
        "`{ map_flags = BPF_F_NO_PREALLOC; }`",
        "template m: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };\n",
    ),
    "flags after a map": Case(
        "map m: hash<__u32, __u64>[8]\n\t«map_flags = BPF_F_NO_PREALLOC | BPF_F_RDONLY»;\n",
        "`{ map_flags = BPF_F_NO_PREALLOC | BPF_F_RDONLY; }`",
        "map m: hash<__u32, __u64>[8]\n\t{ map_flags = BPF_F_NO_PREALLOC | BPF_F_RDONLY; };\n",
    ),
    "several after a map": Case(
        "map m: hash<__u32, __u64>[8] «by_name, no_prealloc, map_extra 0»;\n",
        "`{ pinning = by_name; map_extra = 0; map_flags = BPF_F_NO_PREALLOC; }`",
        "map m: hash<__u32, __u64>[8] "
        "{ pinning = by_name; map_extra = 0; map_flags = BPF_F_NO_PREALLOC; };\n",
    ),
    "attribute after the attributes": Case(
        "map m: hash<__u32, __u64>[8] { map_flags = 1; } «pin»;\n",
        "`{ pinning = by_name; }`",
        "map m: hash<__u32, __u64>[8] { map_flags = 1; pinning = by_name; };\n",
    ),
    "attribute after the slots": Case(
        "int f(struct xdp_md *ctx);\nmap m: prog_array[2] = { f } «pinned»;\n",
        "`{ pinning = by_name; }`",
        "int f(struct xdp_md *ctx);\nmap m: prog_array[2] { pinning = by_name; } = { f };\n",
    ),
    "entries twice": Case(
        "map m: hash<__u32, __u64>[8] «max_entries = 9»;\n", "`{ max_entries = 9; }`"
    ),
    "stray word after a map": Case("map m: hash<__u32, __u64>[8] «foo»;\n", "`{ name = value; }`"),
    "stray value after a map": Case(
        "map m: hash<__u32, __u64>[8] «foo = 3»;\n", "`{ name = value; }`"
    ),
    "attribute after a comma": Case(
        "map m: hash<__u32, __u64>[8]«, pinned»;\n",
        "`{ pinning = by_name; }`",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
    ),
    "attribute after a colon": Case(
        "map m: hash<__u32, __u64>[8] «: flags = BPF_F_NO_PREALLOC»;\n",
        "`{ map_flags = BPF_F_NO_PREALLOC; }`",
        "map m: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };\n",
    ),
    "attribute in parentheses": Case(
        "map m: hash<__u32, __u64>[8] «(pinned)»;\n",
        "`{ pinning = by_name; }`",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
    ),
    "flags alone among attributes": Case(
        "map m: hash<__u32, __u64>[8] «{ pinning = by_name, BPF_F_NO_PREALLOC }»;\n",
        "map_flags = BPF_F_NO_PREALLOC;",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; map_flags = BPF_F_NO_PREALLOC; };\n",
    ),
    "pinned among attributes": Case(
        "map m: hash<__u32, __u64>[8] «{ pinned; }»;\n",
        "`{ pinning = by_name; }`",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
    ),
    "attribute after the end": Case(
        "map m: hash<__u32, __u64>[8]; «pinned»;\n",
        "in braces",
        "map m: hash<__u32, __u64>[8];\n",
        "declaration",
    ),
    "attribute with a value after the end": Case(
        "map m: hash<__u32, __u64>[8]; «map_flags = BPF_F_NO_PREALLOC»;\n",
        "`{ map_flags = BPF_F_NO_PREALLOC; }`",
        "map m: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };;\n",
    ),
    "attribute before the first map": Case(
        "«map_flags» = BPF_F_NO_PREALLOC;\n", "`{ map_flags = BPF_F_NO_PREALLOC; }`"
    ),
    "constant after a map": Case(
        "map m: hash<__u32, __u64>[8];\n«size» = 5;\n",
        "`const size = 5;`",
        "map m: hash<__u32, __u64>[8];\nconst size = 5;\n",
    ),
    "attribute before a map": Case(
        "«pinned» map m: hash<__u32, __u64>[8];\n", "`{ pinning = by_name; }` after the map"
    ),
    "weak after a map": Case(
        "map m: hash<__u32, __u64>[8] «weak»;\n",
        "`weak map m: …`",
        "weak map m: hash<__u32, __u64>[8];\n",
    ),
    "stray word": Case("«foo»;\n// later\n", "remove it", "// later\n", "declaration"),
    "stray type": Case(
        "// first\n«const unsigned int»;\n", "remove it", "// first\n", "declaration"
    ),
    "stray struct": Case(
        "struct s { int x; };\n«s»;\n", "remove it", "struct s { int x; };\n", "declaration"
    ),
    # The form of a map.
    "map forgotten": Case(
        "«counters»: hash<__u32, __u64>[16];\n",
        "`map counters: hash<__u32, __u64>[16]`",
        "map counters: hash<__u32, __u64>[16];\n",
    ),
    "map forgotten after weak": Case(
        "weak «counters»: hash<__u32, __u64>[16];\n",
        "`map counters: hash<__u32, __u64>[16]`",
        "weak map counters: hash<__u32, __u64>[16];\n",
    ),
    "map and colon forgotten": Case(
        "«counters» ringbuf[64 KiB];\n",
        "`map counters: ringbuf[64 KiB]`",
        "map counters: ringbuf[64 KiB];\n",
        "declaration",
    ),
    "colon forgotten": Case(
        "map counters«» hash<__u32, __u64>[16];\n",
        "`map NAME: kind<key, value>[max_entries]`",
        "map counters: hash<__u32, __u64>[16];\n",
    ),
    "equals for a colon": Case(
        "map counters«» = hash<__u32, __u64>[16];\n",
        "`map NAME: kind<key, value>[max_entries]`",
        "map counters: hash<__u32, __u64>[16];\n",
    ),
    "kind before the name": Case(
        "map hash<__u32, __u64> «counters»[16];\n",
        "`map counters: hash<__u32, __u64>[16]`",
        "map counters: hash<__u32, __u64>[16];\n",
    ),
    "kind alone before the name": Case(
        "hash<__u32, __u64>[16] «counters»;\n",
        "`map counters: hash<__u32, __u64>[16]`",
        "map counters: hash<__u32, __u64>[16];\n",
    ),
    "map without a name": Case("map «»hash<__u32, __u64>[16];\n", "`map NAME: hash<…`"),
    "map with a colon for a name": Case("map«»: hash<__u32, __u64>[16];\n", "`map NAME: hash…`"),
    "entries in parentheses": Case(
        "map m: hash<__u32, __u64>«(16)»;\n",
        "`[16]`",
        "map m: hash<__u32, __u64>[16];\n",
    ),
    "entries bare": Case("map m: ringbuf «65536»;\n", "`[65536]`", "map m: ringbuf [65536];\n"),
    "entries before types": Case(
        "map m: hash[16]«<__u32, __u64>»;\n",
        "`hash<__u32, __u64>[16]`",
        "map m: hash<__u32, __u64>[16];\n",
    ),
    "types without a comma": Case(
        "map m: hash<__u32«» __u64>[16];\n", "`,`", "map m: hash<__u32, __u64>[16];\n"
    ),
    "types with a semicolon": Case(
        "map m: hash<__u32«;» __u64>[16];\n", "`,`", "map m: hash<__u32, __u64>[16];\n"
    ),
    "types with names": Case(
        "map m: hash<__u32 «id», struct s count>[16];\nstruct s { int x; };\n",
        "`<__u32, struct s>`",
        "map m: hash<__u32, struct s>[16];\nstruct s { int x; };\n",
    ),
    "struct with a name in a map": Case(
        "map m: hash<__u32, struct { int x, y; } «v»>[16];\n",
        "struct { int x, y; }>`",
        "map m: hash<__u32, struct { int x, y; }>[16];\n",
    ),
    "record with a name": Case(
        "map m: queue<__u32 «id»>[16];\n", "`<__u32>`", "map m: queue<__u32>[16];\n"
    ),
    "types after their names": Case(
        "map m: hash<value«=»__u64, key=__u32>[16];\n",
        "`<__u32, __u64>`",
        "map m: hash<__u32, __u64>[16];\n",
    ),
    "types after colons": Case(
        "map m: hash<key«:» __u32, value: __u64>[16];\n",
        "`<__u32, __u64>`",
        "map m: hash<__u32, __u64>[16];\n",
    ),
    "entries after a comma": Case(
        "map m: hash<__u32, __u64>«, 16»;\n", "`[16]`", "map m: hash<__u32, __u64>[16];\n"
    ),
    "inner map alone": Case(
        "map m: array_of_maps<«hash<__u32, __u32>[1]»>[4];\n",
        "`array_of_maps<__u32, hash<__u32, __u32>[1]>`",
        "map m: array_of_maps<__u32, hash<__u32, __u32>[1]>[4];\n",
        "type-arguments",
    ),
    "kind alone as an inner map": Case(
        "map m: array_of_maps<«perf_event_array»>[4];\n",
        "`array_of_maps<__u32, perf_event_array>`",
        "map m: array_of_maps<__u32, perf_event_array>[4];\n",
        "type-arguments",
    ),
    "template alone as an inner map": Case(
        "template t: hash<__u32, __u32>[1];\nmap m: array_of_maps<«t»>[4];\n",
        "`array_of_maps<__u32, t>`",
        "template t: hash<__u32, __u32>[1];\nmap m: array_of_maps<__u32, t>[4];\n",
        "type-arguments",
    ),
    "inner map before its key": Case(
        "map m: array_of_maps<«hash<__u32, __u32>[1]», u32>[4];\n",
        "`array_of_maps<u32, hash<__u32, __u32>[1]>`",
        "map m: array_of_maps<u32, hash<__u32, __u32>[1]>[4];\n",
        "type-arguments",
    ),
    "inner map alone in a hash": Case(
        "map m: hash_of_maps<«hash<__u32, __u32>[1]»>[4];\n",
        "`hash_of_maps<key, hash<__u32, __u32>[1]>`",
        code="type-arguments",
    ),
    "type for an inner map": Case(
        "map m: array_of_maps<__u32, «u32»>[4];\n",
        "`hash<key, value>[max_entries]`",
        code="inner-map",
    ),
    "struct with a body in a map": Case(
        "map m: hash<__u32, struct «flow» { __u64 a; }>[4];\n",
        "declare it by itself",
        "map m: hash<__u32, struct flow>[4];\nstruct flow { __u64 a; };\n",
        "declaration",
    ),
    "flag without its prefix": Case(
        "map m: hash<__u32, __u64>[4] { map_flags = «NO_PREALLOC»; };\n",
        "`BPF_F_NO_PREALLOC`",
        "map m: hash<__u32, __u64>[4] { map_flags = BPF_F_NO_PREALLOC; };\n",
        "unknown-constant",
    ),
    "types in parentheses": Case(
        "map m: hash«(__u32, __u64)»[16];\n",
        "`<__u32, __u64>`",
        "map m: hash<__u32, __u64>[16];\n",
    ),
    "value of an array alone": Case(
        "map m: «array<__u64>[16]»;\n",
        "`array<__u32, __u64>`",
        "map m: array<__u32, __u64>[16];\n",
        "type-arguments",
    ),
    "entries in braces": Case(
        "map m: hash<__u32, __u64>«{16}»;\n", "`[16]`", "map m: hash<__u32, __u64>[16];\n"
    ),
    "name with a dash": Case(
        "map «my-map-2»: hash<__u32, __u64>[16];\n",
        "`my_map_2`",
        "map my_map_2: hash<__u32, __u64>[16];\n",
    ),
    "entries never closed": Case(
        "map m: hash<__u32, __u64>«[»16\n", "`]`", "map m: hash<__u32, __u64>[16]\n"
    ),
    "slots with colons": Case(
        "int f(struct xdp_md *ctx);\nmap m: prog_array[2] = { [0]«:» f, [1]: f };\n",
        "write `=`",
        "int f(struct xdp_md *ctx);\nmap m: prog_array[2] = { [0] = f, [1] = f };\n",
    ),
    "types never closed": Case(
        "map m: hash«<»__u32, __u64[16];\n", "`>`", "map m: hash<__u32, __u64>[16];\n"
    ),
    "outer types never closed": Case(
        "map m: hash_of_maps«<»__u32, hash<__u32, __u64>[8][16];\n",
        "`>`",
        "map m: hash_of_maps<__u32, hash<__u32, __u64>[8]>[16];\n",
    ),
    "types never closed before attributes": Case(
        "map m: queue«<»__u64 { max_entries = 4; };\n",
        "`>`",
        "map m: queue<__u64> { max_entries = 4; };\n",
    ),
    "slots in brackets": Case(
        "int f(struct xdp_md *ctx);\nmap m: prog_array[2] = «[f, f]»;\n",
        "`= { f, f }`",
        "int f(struct xdp_md *ctx);\nmap m: prog_array[2] = { f, f };\n",
    ),
    "word before a map": Case(
        "«static» map m: hash<__u32, __u64>[8];\n", "remove it", "map m: hash<__u32, __u64>[8];\n"
    ),
    "kind by its constant": Case(
        "map m: «BPF_MAP_TYPE_HASH»<__u32, __u64>[8];\n",
        "`hash`",
        "map m: hash<__u32, __u64>[8];\n",
        "map-kind",
    ),
    "map for a template": Case(
        "map a: hash<__u32, __u64>[8];\nmap b: «a»;\n",
        "template a_shape: hash<__u32, __u64>[8];",
        "map a: a_shape;\ntemplate a_shape: hash<__u32, __u64>[8];\nmap b: a_shape;\n",
        "map-kind",
    ),
    "map for an inner map": Case(
        "map a: hash<__u32, __u64>[8]\nmap b: hash_of_maps<__u32, «a»>[4];\n",
        "template a_shape: hash<__u32, __u64>[8];",
        "map a: a_shape\ntemplate a_shape: hash<__u32, __u64>[8];\n"
        "map b: hash_of_maps<__u32, a_shape>[4];\n",
        "map-kind",
    ),
    "map of a template for an inner map": Case(
        "template t: hash<__u32, __u64>[8];\nmap a: t;\nmap b: hash_of_maps<__u32, «a»>[4];\n",
        "write `t`",
        "template t: hash<__u32, __u64>[8];\nmap a: t;\nmap b: hash_of_maps<__u32, t>[4];\n",
        "map-kind",
    ),
    "later map for an inner map": Case(
        "map b: array_of_maps<__u32, «a»>[1];\nmap a: hash<__u32, __u32>[1];\n",
        "and `a_shape` here",
        "map b: array_of_maps<__u32, a_shape>[1];\n"
        "map a: a_shape;\ntemplate a_shape: hash<__u32, __u32>[1];\n",
        "map-kind",
    ),
    "types of a kind without any": Case(
        "map m: «arena<int>[4]» { map_flags = BPF_F_MMAPABLE; };\n".replace(
            "[4]» { map_flags = BPF_F_MMAPABLE; }", "[4] { map_flags = BPF_F_MMAPABLE; }»"
        ),
        "leave out the angle brackets",
        "map m: arena[4] { map_flags = BPF_F_MMAPABLE; };\n",
        "type-arguments",
    ),
    "types of sockets": Case(
        "map m: «xskmap<__u32>[4]»;\n",
        "leave out the angle brackets",
        "map m: xskmap[4];\n",
        "type-arguments",
    ),
    "types of devices": Case(
        "map m: «devmap<__u32>[4]»;\n",
        "`devmap<__u32, __u32>`",
        "map m: devmap<__u32, __u32>[4];\n",
        "type-arguments",
    ),
    "types of stacks": Case(
        "map m: «stack_trace<__u32>[4]»;\n",
        "`stack_trace<__u32, __u64[127]>`",
        "map m: stack_trace<__u32, __u64[127]>[4];\n",
        "type-arguments",
    ),
    "prefix of 4 bytes": Case(
        "map m: lpm_trie<«__be32», __u64>[8];\n",
        "`struct { __u32 prefixlen; __be32 data; }`",
        "map m: lpm_trie<struct { __u32 prefixlen; __be32 data; }, __u64>[8];\n",
        "map-key-size",
    ),
    "prefix of 8 bytes": Case(
        "map m: lpm_trie<«__u64», __u64>[8];\n",
        "`struct { __u32 prefixlen; __u8 data[8]; }`",
        "map m: lpm_trie<struct { __u32 prefixlen; __u8 data[8]; }, __u64>[8];\n",
        "map-key-type",
    ),
    "map of aya": Case(
        "«static mut FLOWS: HashMap»<u32, u64> = HashMap::with_max_entries(1024, 0);\n",
        "`map FLOWS: hash<u32, u64>[1024];`",
        "map FLOWS: hash<u32, u64>[1024];\n",
    ),
    "array of aya": Case(
        "«pub static A: PerCpuArray»<u64> = PerCpuArray::with_max_entries(4, 0);\n",
        "`map A: percpu_array<u32, u64>[4];`",
        "map A: percpu_array<u32, u64>[4];\n",
    ),
    "map of Go": Case("map m: map[u32]«u64»;\n", "`hash<u32, u64>[max_entries]`"),
    "kind by its short name": Case(
        "map m: «hash_map»<u32, u64>[8];\n",
        "`hash`",
        "map m: hash<u32, u64>[8];\n",
        "map-kind",
    ),
    "numbers in the slots": Case(
        "map m: array<__u32, __u64>[2] = { «1», 2 };\n",
        "remove them",
        "map m: array<__u32, __u64>[2];\n",
    ),
    "number in a slot": Case(
        "map m: array<__u32, __u64>[2] = { [0] = «5» };\n",
        "remove them",
        "map m: array<__u32, __u64>[2];\n",
    ),
    "name as an attribute": Case(
        'map m: hash<__u32, __u64>[8] { «name» = "x"; };\n',
        "stands after `map`",
        "map m: hash<__u32, __u64>[8] { };\n",
    ),
    "entries of 33 bits": Case(
        "map m: hash<u32, u64>[1 «<<» 32];\n", "at most 4294967295", code="shift-range"
    ),
    "target of another kind": Case(
        "target «bcc» >= 1.0;\n", "`target kernel >= 5.15;`", code="target"
    ),
    "value without a length": Case(
        "map m: hash<u32, «u8[]»>[4];\n", "how many elements", code="incomplete-type"
    ),
    # Structs and types.
    "misspelt struct": Case("«strct» c { u32 x; };\n", "`struct`", "struct c { u32 x; };\n"),
    "length before the name": Case(
        "struct s { char«[16] comm»; };\n", "`comm[16]`", "struct s { char comm[16]; };\n"
    ),
    "length before the name of a variable": Case("«char[16] comm»;\n", "`char comm[16];`"),
    "length before the name of a typedef": Case(
        "typedef char«[16] comm»;\n", "`comm[16]`", "typedef char comm[16];\n"
    ),
    "array of Go": Case(
        "map m: hash<u32, «[16]byte»>[4];\n", "`__u8[16]`", "map m: hash<u32, __u8[16]>[4];\n"
    ),
    "default value": Case(
        "struct a { __u64 x «=» 5; __u64 y = 6; };\n",
        "remove it",
        "struct a { __u64 x; __u64 y; };\n",
    ),
    "struct of Rust": Case(RUST, "`__u64 packets;`", RUST_FIXED),
    "array of Rust": Case(
        "map m: array<__u32, «[u64; 4]»>[4];\n", "`__u64[4]`", "map m: array<__u32, __u64[4]>[4];\n"
    ),
    "attribute of Rust": Case(
        "«#[repr(C)]»\nstruct s { __u64 x; };\n",
        "remove it",
        "\nstruct s { __u64 x; };\n",
        "preprocessor",
    ),
    "struct of Go": Case("«type s struct» {\n\tPackets uint64\n}\n", "struct s { __u64 member; };"),
    "member of Rust with a semicolon": Case(
        "struct s { «packets»: u64; __u64 bytes; };\n",
        "`u64 packets;`",
        "struct s { u64 packets; __u64 bytes; };\n",
    ),
    "members of Go": Case(
        "struct s {\n\t«packets u64»\n\tid uint32\n}\n",
        "`__u64 packets;`",
        "struct s {\n\t__u64 packets;\n\t__u32 id;\n};\n",
    ),
    "class": Case("«class» s { __u64 a; };\n", "`struct`", "struct s { __u64 a; };\n"),
    "misspelt tag": Case(
        "struct v { struct task_struct «__ktpr» *t; };\nmap m: hash<__u32, v>[8];\n",
        "`__kptr`",
        "struct v { struct task_struct __kptr *t; };\nmap m: hash<__u32, v>[8];\n",
    ),
    "misspelt attribute": Case(
        "struct v { __u32 x «__algined»(8); };\n",
        "`__aligned`",
        "struct v { __u32 x __aligned(8); };\n",
    ),
    "struct of a header": Case(
        "struct s { struct «iphdr» h; };\n",
        "`include <linux/ip.h>;`",
        "include <linux/ip.h>;\nstruct s { struct iphdr h; };\n",
        "unknown-type",
    ),
    "struct of a header without struct": Case(
        "struct s { «ethhdr» h; };\n",
        "`include <linux/if_ether.h>;`",
        "include <linux/if_ether.h>;\nstruct s { struct ethhdr h; };\n",
        "unknown-type",
    ),
    "constant of a header": Case(
        "struct s { __u8 address[«UNIX_PATH_MAX»]; };\n",
        "`include <linux/un.h>;`",
        "include <linux/un.h>;\nstruct s { __u8 address[UNIX_PATH_MAX]; };\n",
        "unknown-constant",
    ),
    "struct of the kernel": Case(
        "struct s { struct «task_struct» t; };\n", "hold a pointer", code="unknown-type"
    ),
    "type of Go": Case(
        "struct s { «uint64» x; };\n", "`__u64`", "struct s { __u64 x; };\n", "unknown-type"
    ),
    "text": Case("struct s { «string» x; };\n", "`char name[16]`", code="unknown-type"),
    # Constants and numbers.
    "constant without equals": Case(
        "const MAX «16»;\nmap m: hash<__u32, __u64>[MAX];\n",
        "`const MAX = 16;`",
        "const MAX = 16;\nmap m: hash<__u32, __u64>[MAX];\n",
    ),
    "constant in parentheses": Case(
        "const MAX «(»1 << 4);\n", "`const MAX = (1 << 4);`", "const MAX = (1 << 4);\n"
    ),
    "constant of Rust": Case(
        "«const MAX: u32» = 16;\nmap m: hash<__u32, __u64>[MAX];\n",
        "`const MAX = 16;`",
        "const MAX = 16;\nmap m: hash<__u32, __u64>[MAX];\n",
    ),
    "atomic member": Case("struct s { «_Atomic» int x; };\n", "write the plain type"),
    "atomic member in brackets": Case("struct s { «_Atomic»(__u64) x; };\n", "the plain type"),
    "atomic typedef": Case("typedef «_Atomic» __u64 x;\n", "the plain type"),
    "complex member": Case("struct s { int a; float «_Complex» x; };\n", "plain numbers"),
    "constant of C": Case("«static const int x» = 5;\n", "`const x = 5;`", "const x = 5;\n"),
    "constant with a type": Case("«const int» x = 5;\n", "`const x = 5;`", "const x = 5;\n"),
    "constant without const": Case("«MAX» = 16;\n", "`const MAX = 16;`", "const MAX = 16;\n"),
    "variable": Case("«static __u64 seen» = 0;\n", "leave it in the program"),
    "macro": Case(
        "«#define MAX 16»\n#define MORE (MAX * 2) /* twice */\nmap m: hash<__u32, __u64>[MORE];\n",
        "`const MAX = 16;`",
        "const MAX = 16;\nconst MORE = (MAX * 2); /* twice */\nmap m: hash<__u32, __u64>[MORE];\n",
        "preprocessor",
    ),
    "condition of C": Case(
        "«#ifdef SMALL»\n#define MAX 16\n#else // more\n#define MAX 64\n#endif\n"
        "map m: hash<__u32, __u64>[MAX];\n",
        "write `when (defined(SMALL)) {`, `}` at its end, and `macro SMALL;` before it",
        "macro SMALL;\nwhen (defined(SMALL)) {\nconst MAX = 16;\n"
        "} else { // more\nconst MAX = 64;\n}\n"
        "map m: hash<__u32, __u64>[MAX];\n",
        "preprocessor",
    ),
    "conditions of C": Case(
        "const MAX = 16;\n«#if A > MAX»\nmap m: hash<__u32, __u64>[MAX];\n#elif B /* or */\n"
        "map n: hash<__u32, __u64>[MAX] {\n#ifndef A\nmap_flags = 0;\n#endif\n};\n#endif\n",
        "`when (A > MAX) {`",
        code="preprocessor",
    ),
    "conditions of C around maps": Case(
        "const MAX = 16;\n«#if A > MAX»\nmap m: hash<__u32, __u64>[MAX];\n#elif B /* or */\n"
        "map n: hash<__u32, __u64>[MAX];\n#endif\n",
        "`when (A > MAX) {`",
        "const MAX = 16;\nmacro A, B;\nwhen (A > MAX) {\nmap m: hash<__u32, __u64>[MAX];\n"
        "} else when (B) { /* or */\nmap n: hash<__u32, __u64>[MAX];\n}\n",
        "preprocessor",
    ),
    "condition of C among members": Case(
        "struct s {\n__u32 a;\n«#ifdef WIDE»\n__u32 b;\n#endif\n};\n",
        "declare the whole type in each branch",
        code="preprocessor",
    ),
    "condition among members": Case(
        "macro A;\nstruct s { int a; «when (A)» { int b; } };\n", "declare the whole struct"
    ),
    "condition among enumerators": Case(
        "macro A;\nenum e { B, «when (A)» { C } };\n", "declare the whole enum"
    ),
    "if": Case(
        "macro A, B;\nwhen (A) { const X = 1; } else «if» (B) { const X = 2; }\n",
        "`when`",
        "macro A, B;\nwhen (A) { const X = 1; } else when (B) { const X = 2; }\n",
    ),
    "if alone": Case(
        "macro A;\n«if» (A) { const X = 1; } else { const X = 2; }\n",
        "`when`",
        "macro A;\nwhen (A) { const X = 1; } else { const X = 2; }\n",
    ),
    "elif": Case(
        "macro A, B;\nwhen (A) { const X = 1; } «elif» (B) { const X = 2; }\n",
        "`} else when (…) {`",
    ),
    "condition without parentheses": Case(
        "macro A;\nwhen «A > 1» { const X = 1; } else { const X = 2; }\n",
        "`when (A > 1)`",
        "macro A;\nwhen (A > 1) { const X = 1; } else { const X = 2; }\n",
    ),
    "else with a condition without parentheses": Case(
        "macro A, B;\nwhen (A) { const X = 1; } else when «B» { const X = 2; }\n",
        "`when (B)`",
        "macro A, B;\nwhen (A) { const X = 1; } else when (B) { const X = 2; }\n",
    ),
    "condition without braces": Case(
        "macro A;\nwhen (A) «map» m: hash<__u32, __u64>[4];\n", "write `{` before it"
    ),
    "else after a semicolon": Case(
        "macro A;\nwhen (A) { const X = 1; }; «else» { const X = 2; }\n",
        "remove the `;`",
        "macro A;\nwhen (A) { const X = 1; } else { const X = 2; }\n",
    ),
    "else alone": Case("const X = 1;\n«else» { const Y = 2; }\n", "right after a branch"),
    "macro with a value": Case("macro A «=» 1;\n", "const A = …;"),
    "macro with arguments": Case("macro A«(»x);\n", "list it without them"),
    "comment of a shell": Case(
        "«# a comment»\nconst A = 1;\n", "`//`", "// a comment\nconst A = 1;\n", "preprocessor"
    ),
    "number times a unit": Case(
        "const A = 2 + 64 * «KiB»;\n", "`64 KiB`", "const A = 2 + 64 KiB;\n", "unknown-constant"
    ),
    "division times a unit": Case(
        "const A = 64 / 2 * «KiB»;\n", "`64 KiB`", code="unknown-constant"
    ),
    # Slips of one token.
    "misspelt keyword": Case("«cosnt» A = 4;\n", "`const`", "const A = 4;\n"),
    "map of two letters": Case(
        "«mp» m: hash<__u32, __u64>[4];\n", "`map`", "map m: hash<__u32, __u64>[4];\n"
    ),
    "misspelt typedef of a struct": Case(
        "«typedf» struct { int a; } t;\nmap m: hash<__u32, t>[4];\n",
        "`typedef`",
        "typedef struct { int a; } t;\nmap m: hash<__u32, t>[4];\n",
    ),
    "macro of a header after a member": Case(
        "struct s { int a «__some_macro»; };\n", "a macro of a header"
    ),
    "misspelt linkage": Case(
        "«weka» map m: hash<__u32, __u64>[4];\n", "`weak`", "weak map m: hash<__u32, __u64>[4];\n"
    ),
    "misspelt word of a type": Case(
        "struct s { unsigned «cahr» c; };\n", "`char`", "struct s { unsigned char c; };\n"
    ),
    "misspelt sizeof": Case("const A = «sizof»(int);\n", "`sizeof`", "const A = sizeof(int);\n"),
    "members on two lines without a semicolon": Case(
        "struct s {\n    u32 a, b«» // both\n    u8 c;\n};\n",
        "",
        "struct s {\n    u32 a, b; // both\n    u8 c;\n};\n",
    ),
    "members on one line without a semicolon": Case(
        "struct s { u32 a «u8» b; };\n", "write `;`", "struct s { u32 a; u8 b; };\n"
    ),
    "attributes on one line without a semicolon": Case(
        "map m: hash<u32, u32>[4] { map_flags = BPF_F_NO_PREALLOC «pinning» = by_name; };\n",
        "write `;`",
        "map m: hash<u32, u32>[4] { map_flags = BPF_F_NO_PREALLOC; pinning = by_name; };\n",
    ),
    "enumerators without a comma": Case(
        "enum e { A, B «C» };\n", "write `,`", "enum e { A, B, C };\n"
    ),
    "enumerator with a colon": Case(
        "enum e { A «:» 4, B };\n", "write `=`", "enum e { A = 4, B };\n"
    ),
    "semicolon for a colon": Case(
        "map m«;» hash<u32, u32>[4];\n", "write `:`", "map m: hash<u32, u32>[4];\n"
    ),
    "colon twice": Case(
        "map m: «:» hash<u32, u32>[4];\n", "`:` once", "map m: hash<u32, u32>[4];\n"
    ),
    "word twice": Case(
        "map m: hash<u32, u32>[4 «4»];\n", "`4` once", "map m: hash<u32, u32>[4];\n"
    ),
    "struct without the word": Case("s «{» u32 a; };\n", "`struct s {`", "struct s { u32 a; };\n"),
    "enum without the word": Case("e «{» A, B };\n", "`enum e {`", "enum e { A, B };\n"),
    "target without the word": Case(
        "kernel «>=» 5.15;\n", "`target kernel >=`", "target kernel >= 5.15;\n"
    ),
    "target with an arrow": Case(
        "target kernel =«>» 5.15;\n", "write `>=`", "target kernel >= 5.15;\n"
    ),
    "types of a map with a colon": Case(
        "map m: hash<u32«:» u32>[4];\n", "write `,`", "map m: hash<u32, u32>[4];\n"
    ),
    "types in the wrong brackets": Case(
        "map m: hash<u32, u32«]»[4];\n", "write `>`", "map m: hash<u32, u32>[4];\n"
    ),
    "entries without their first bracket": Case(
        "map m: hash<u32, u32>«16]»;\n",
        "`[16]`",
        "map m: hash<u32, u32>[16];\n",
    ),
    "type before a constant without a semicolon": Case(
        "struct s { u32 a; }«»\nconst A = 4;\n", "", "struct s { u32 a; };\nconst A = 4;\n"
    ),
    "template without the word": Case(
        "«t»: hash<u32, u32>[4];\nmap m: t;\n",
        "`template t: hash<u32, u32>[4]`",
        "template t: hash<u32, u32>[4];\nmap m: t;\n",
    ),
    "types never closed before attributes and another map": Case(
        "map m: hash«<»u32, u32[4] {\n    map_flags = 1;\n}\n",
        "`>`",
        "map m: hash<u32, u32>[4] {\n    map_flags = 1;\n}\n",
    ),
    "pinning for slots": Case(
        "map m: hash<u32, u32>[4] = «by_name»;\n",
        "`{ pinning = by_name; }`",
        "map m: hash<u32, u32>[4] { pinning = by_name; };\n",
    ),
    "bracket of an expression never closed": Case("const A = (1 + 2«;»\n", ""),
    "name of a member missing": Case("struct s { u32 «,» a; };\n", ""),
    "unit": Case("map m: ringbuf[256 «KB»];\n", "`KiB`", "map m: ringbuf[256 KiB];\n"),
    "unit without a blank": Case(
        "map m: ringbuf[«256K»];\n", "`256 KiB`", "map m: ringbuf[256 KiB];\n", "integer-literal"
    ),
    "underscores": Case(
        "map m: hash<__u32, __u64>[«1_000»];\n",
        "`1'000`",
        "map m: hash<__u32, __u64>[1'000];\n",
        "integer-literal",
    ),
    "thousands": Case(
        "map m: hash<__u32, __u64>[«1,000»];\n", "`1000`", "map m: hash<__u32, __u64>[1000];\n"
    ),
    # Files and quotes.
    "import without quotes": Case("import «common.dsl»;\n", '`import "common.dsl";`'),
    "import in angle brackets": Case("import «<common.dsl>»;\n", '`import "common.dsl";`'),
    "import in printed quotes": Case("import «“common.dsl”»;\n", '`import "common.dsl";`'),
    "include on two lines": Case(
        'include\n«"linux/ip.h"»;\n', '`include "linux/ip.h";`', 'include "linux/ip.h";\n'
    ),
    "no target without the word": Case('foo «"a"»;\n', ""),
    "include without brackets": Case(
        "include «linux/ip.h»;\n", "`include <linux/ip.h>;`", "include <linux/ip.h>;\n"
    ),
    "import of a header": Case(
        "import «<linux/ip.h>»;\n", "`include <linux/ip.h>;`", "include <linux/ip.h>;\n"
    ),
    "printed quotes": Case(
        "const A = «\u2018»a\u2019;\nmap m: hash<__u32, __u64>[A];\n",
        "`'`",
        "const A = 'a';\nmap m: hash<__u32, __u64>[A];\n",
    ),
    "no-break space": Case(
        "const A =«\u00a0»1;\nmap m: hash<__u32, __u64>[A];\n",
        "write a blank",
        "const A = 1;\nmap m: hash<__u32, __u64>[A];\n",
    ),
}
"""By what the mistake is."""
