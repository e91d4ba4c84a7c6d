"""Changes of types with what they break; a bare list of members is that of a map's value."""

from __future__ import annotations

SAME = [
    # names
    ("__u64 packets, bytes;", "__u64 frames, octets;"),
    ("struct { __u32 a, b; } x;", "__u32 a, b;"),
    ("__u32 x_a, x_b;", "struct { __u32 a, b; } x;"),
    ("__u32 a; __u64 b;", "struct { __u32 a; __u64 b; };"),
    ("__u8 address[16];", "struct { __u8 bytes[16]; } address;"),
    ("__u32 grid[8];", "__u32 grid[4][2];"),
    ("__u32 one;", "__u32 one[1];"),
    (
        "struct p { __u32 a, b; }; struct s { struct p k; }; map m: hash<__u32, s>[1];",
        "struct q { __u32 a, b; }; struct s { struct q kk; }; map m: hash<__u32, s>[1];",
    ),
    (
        "struct p { __u32 a, b; }; map m: hash<p, p>[1];",
        "struct p { __u32 a, b; }; struct q { __u32 x, y; }; map m: hash<q, q>[1];",
    ),
    (
        "struct p { __u32 a, b; }; struct q { __u32 a, b; }; map m: hash<p, q>[1];",
        "struct p { __u32 a, b; }; struct q { __u32 a, b; }; map m: hash<p, p>[1];",
    ),
    ("struct { __u32 a, b; } k[2];", "struct { struct { __u32 a, b; } x; } kk[2];"),
    # what is reserved
    ("__u64 a; __u32 reserved;", "__u64 a; __u32 b;"),
    ("__u64 a; __u8 reserved[8];", "__u64 a; __u16 b; __u8 reserved[6];"),
    ("__u64 a; __u8 __pad1[8];", "__u64 a; __u32 b[2];"),
    ("__u64 a; struct { __u32 x, y; } reserved;", "__u64 a; __u8 b, c; __u16 d;  __u32 e;"),
    ("__u32 a; __u32 list[4]; __u32 reserved[4];", "__u32 a; __u32 list[8];"),
    ("__u32 a : 3, reserved : 29;", "__u32 a : 3, b : 5, reserved : 24;"),
    ("union { __u32 a; __u8 reserved[16]; };", "union { __u32 a; __u64 b[2]; };"),
    ("__u64 a; __u32 b;", "__u64 a; __u32 b; __u8 pad[4];"),
    (
        "struct in { __u32 a; }; struct o { struct in i; int pad, t; }; map m: hash<__u32, o>[1];",
        "struct in { __u32 a, n; }; struct o { struct in i; int t; }; map m: hash<__u32, o>[1];",
    ),
    (
        "struct in { __u32 a; }; struct o { in i; int pad; __u64 t; }; map m: hash<__u32, o>[1];",
        "struct in { __u32 a, reserved; }; struct o { in i; __u64 t; }; map m: hash<__u32, o>[1];",
    ),
    ("__u8 a; __u8 pad[7]; __u64 b;", "__u8 a; __u8 reserved[7]; __u64 b;"),
    # types of the same numbers
    ("int a; unsigned int b;", "__s32 a; __u32 b;"),
    ("char name[16];", "__u8 name[16];"),
    ("void *where;", "__u64 where;"),
    ("__u32 kind;", "enum kind { KIND_A, KIND_B } kind;"),
    ("__u32 on : 1;", "bool on : 1; __u32 pad : 31;"),
    ("__u32 ip;", "union { __u32 ip; __u8 octets[4]; };"),
    ("__u8 a; __u32 b;", "__u8 a; __u8 pad[3]; __u32 b;"),
    ("__u32 a; __u8 data[];", "__u32 a; __u8 data[0];"),
    ("struct { __u32 a; __u8 b; } x;", "struct { struct { __u32 a; __u8 b; } x; } y;"),
    ("enum { A, B } x : 3;", "enum { A, B, C, D = 300 } x : 3;"),
    (
        "enum e : __s8 { A }; struct s { enum e x : 6; int : 0; }; map m: hash<__u32, s>[1];",
        "enum e : __u16 { A }; struct s { enum e x : 6; int : 0; }; map m: hash<__u32, s>[1];",
    ),
    (
        "typedef struct { __u32 a; } one; map m: hash<__u32, one>[1];",
        "struct one { __u32 a; }; map m: hash<__u32, one>[1];",
    ),
    # enumerators
    (
        "enum e { A, B, NR_E }; struct s { enum e x; }; map m: hash<s, s>[1];",
        "enum e { A, B, C, NR_E }; struct s { enum e x; }; map m: hash<s, s>[1];",
    ),
    (
        "enum e { A, B }; map m: hash<__u32, enum e>[1];",
        "enum f { ONE, TWO, MINUS = -1 }; map m: hash<__u32, enum f>[1];",
    ),
    (
        "enum e { A, B, __E_MAX, E_MAX = __E_MAX - 1 }; map m: hash<__u32, enum e>[1];",
        "enum e { A, B, C, __E_MAX, E_MAX = __E_MAX - 1 }; map m: hash<__u32, enum e>[1];",
    ),
    # of no bytes
    ("__u32 a; __u32 z[0]; __u32 b;", "__u32 a, b;"),
    ("__u32 a; struct {} e; __u32 b;", "__u32 a, b;"),
    # maps
    ("map m: array<__u32, __u64>[8];", "map m: hash<__u32, __u64>[16];"),
    (
        "map m: hash<__u32, __u64>[8];",
        "map m: hash<__u32, __u64>[8] { key_size = 4; value_size = 8; };",
    ),
    ("map m: hash[8] { key_size = 4; value_size = 8; };", "map m: hash<__u32, __u64>[8];"),
    ("map m: hash[8] { key_size = runtime; value_size = 8; };", "map m: hash<__u64, __u64>[8];"),
]
"""OLD and NEW, of which no finding is right."""

BREAKS = [
    # places
    ("__u64 packets, bytes;", "__u64 bytes, packets;", ["offset s.packets"]),
    ("__u64 a, b, c;", "__u64 c, a, b;", ["offset s.c"]),
    ("__u64 a, b;", "__u32 n; __u64 a, b;", ["offset s.a"]),
    ("__u64 a, b;", "__u64 a; __u32 m, n; __u64 b;", ["offset s.b"]),
    ("__u8 a; __u64 b;", "__u8 n; __u8 a; __u64 b;", ["offset s.a"]),
    ("__u32 a; __u32 b; __u32 c;", "__u32 a; __u32 c;", ["gone s.b"]),
    ("__u64 a; __u8 reserved[8]; __u64 b;", "__u64 a; __u8 reserved[16]; __u64 b;", ["offset s.b"]),
    (
        "__u8 a; __u32 b, c;",
        "struct { __u8 a; __u32 b, c; } __attribute__((packed));",
        ["offset s.b"],
    ),
    ("__u32 a, b;", "union { __u32 a, b; };", ["union s.b"]),
    ("union { __u32 a, b; }; __u32 c;", "__u32 a, b, c;", ["union s.b"]),
    ("__u64 a; __u32 b;", "__u64 a; __u32 b, n;", ["padding s.n"]),
    ("__u64 a; __u16 b;", "__u64 a; __u16 b, n, o;", ["padding s.n"]),
    ("__u8 a; __u64 b;", "__u8 a; __u8 reserved[7]; __u64 b;", ["padding s.reserved"]),
    (
        "__u8 a; __u64 b;",
        "struct { __u8 a; __u8 reserved[7]; __u64 b; } x;",
        ["padding s.x.reserved"],
    ),
    ("__u8 a; __u64 b;", "__u8 a, n; __u8 reserved[6]; __u64 b;", ["padding s.n"]),
    ("__u64 a; __u32 __reserved;", "__u64 a; __u32 __reserved[2];", ["padding s.__reserved"]),
    ("__u32 on : 1;", "__u32 on : 1, reserved : 31;", ["padding s.reserved"]),
    (
        "struct in { __u32 a; }; struct o { struct in i; __u64 t; }; map m: hash<__u32, o>[1];",
        "struct in { __u32 a, reserved; }; struct o { in i; __u64 t; }; map m: hash<__u32, o>[1];",
        ["size in."],
    ),
    ("__u64 a;", "__u64 a, n, o;", ["size s.n"]),
    ("__u64 a;", "__u64 a; __u64 reserved;", ["size s."]),
    ("__u64 a;", "__u64 a __attribute__((aligned(16)));", ["size s."]),
    ("__u64 a, b;", "__u64 a; __u64 reserved;", ["gone s.b"]),
    ("__u64 a, b;", "__u64 a; __u32 x; float y;", ["gone s.b"]),
    ("__u64 a; __u8 ip[8];", "__u64 a; __u8 peer; __u32 reserved;", ["gone s.ip"]),
    ("__u64 a; __u8 peer; __u32 reserved;", "__u64 a; __u8 ip[8];", ["gone s.peer"]),
    ("__u8 n; __u64 a;", "__u8 n; union { __u64 a; unsigned __int128 b; };", ["offset s.a"]),
    ("union { __u32 a; __u8 b[4]; };", "__u32 a; __u8 b[4]; __u32 c;", ["union s.b", "size s.c"]),
    ("__u32 a, reserved, b; __u64 c;", "__u32 a, b, reserved; __u64 c;", ["offset s.b"]),
    ("__u32 a; __u8 reserved[4]; __u32 b;", "__u32 b; __u8 reserved[4]; __u32 a;", ["offset s.a"]),
    ("__u64 a; __u32 b, c;", "__u64 a; struct { __u32 reserved; } n; __u32 c;", ["gone s.b"]),
    (
        "__u8 a, b; __u32 c; __u64 d;",
        "__u8 a; struct { __u8 b; __u32 c; __u64 d; } x;",
        ["offset s.b"],
    ),
    ("__u8 a, b[3];", "__u8 a; struct { __u32 n; __u8 b[3]; } x;", ["offset s.b"]),
    # names in what has another name, or in another struct
    (
        "struct p { __u32 a, b; }; struct s { struct p k; }; map m: hash<__u32, s>[1];",
        "struct p { __u32 b, a; }; struct s { struct p kk; }; map m: hash<__u32, s>[1];",
        ["offset p.a"],
    ),
    ("struct { __u32 a, b; } k;", "struct { __u32 b, a; } kk;", ["offset s.k.a"]),
    ("struct { __u32 a, b; } k[2];", "struct { __u32 b, a; } kk[2];", ["offset s.k.a"]),
    ("__u32 src, dst;", "struct { __u32 dst, src; } k;", ["offset s.src"]),
    ("struct { __u32 dst, src; } k;", "__u32 src, dst;", ["offset s.k.dst"]),
    (
        "__u32 a; __u8 reserved[12];",
        "struct { __u32 b, a; } k; __u8 reserved[8];",
        ["offset s.a"],
    ),
    ("struct { __be32 ip; } k;", "struct { __u32 ip; } kk;", ["byte-order s.k.ip"]),
    ("__be32 ip[4];", "struct { __u32 ip[4]; } kk;", ["byte-order s.ip"]),
    (
        "enum e { A, B }; struct s { struct { enum e x; } k; }; map m: hash<__u32, s>[1];",
        "enum e { B, A }; struct s { struct { enum e x; } kk; }; map m: hash<__u32, s>[1];",
        ["enumerator e.A"],
    ),
    (
        "enum e { A, B }; struct s { enum e x; }; map m: hash<__u32, s>[1];",
        "enum e { B, A }; struct s { struct { enum e x; } k; }; map m: hash<__u32, s>[1];",
        ["enumerator e.A"],
    ),
    (
        "enum e { A, B }; struct s { enum e x; __u32 y; }; map m: hash<__u32, s>[1];",
        "enum e { B, A }; struct s { struct { enum e z; __u32 t; } k; }; map m: hash<__u32, s>[1];",
        ["enumerator e.A"],
    ),
    (
        "enum e { A, B }; struct s { enum e x; }; map m: hash<__u32, s>[1];",
        "enum e { B, A }; struct s { enum e y; }; map m: hash<__u32, s>[1];",
        ["enumerator e.A"],
    ),
    (
        "enum e { A, B }; map m: hash<enum e, __u32>[1];",
        "enum e { B, A }; struct k { enum e x; }; map m: hash<k, __u32>[1];",
        ["enumerator e.A"],
    ),
    # names that begin as those of others do
    ("__u32 a, paddr;", "__u32 a; __u16 key, n;", ["gone s.paddr"]),
    (
        "enum e { SYN, LAST_ACK }; map m: hash<__u32, enum e>[1];",
        "enum e { SYN, X, LAST_ACK }; map m: hash<__u32, enum e>[1];",
        ["enumerator e.LAST_ACK"],
    ),
    # a type that is another one, and both are there
    (
        "enum t { T, U }; enum v { P, D }; struct s { enum t a; enum v b; }; map m: hash<s, s>[1];",
        "enum t { T, U }; enum v { P, D }; struct s { enum v a; enum t b; }; map m: hash<s, s>[1];",
        ["kind s.a", "kind s.b"],
    ),
    (
        "struct p { __u32 a, b; }; struct q { __u32 x, y; }; map m: hash<p, q>[1];",
        "struct p { __u32 a, b; }; struct q { __u32 x, y; }; map m: hash<q, p>[1];",
        ["kind m.key", "kind m.value"],
    ),
    (
        "typedef struct { __u32 a; } p; typedef struct { __u32 x; } q; map m: hash<p, q>[1];",
        "typedef struct { __u32 a; } p; typedef struct { __u32 x; } q; map m: hash<q, p>[1];",
        ["kind m.key", "kind m.value"],
    ),
    (
        "struct p { __u32 a; }; struct q { __u64 x, y; }; map m: hash<p, q>[1];",
        "struct p { __u32 a; }; struct q { __u64 x, y; }; map m: hash<q, p>[1];",
        ["kind m.key", "kind m.value"],
    ),
    # numbers
    ("__u64 a; __u32 b; __u8 c;", "__u64 a, b; __u8 c;", ["width s.b"]),
    ("__u16 a[3]; __u16 b; __u32 c;", "__u16 a[3]; __u64 b; __u32 c;", ["width s.b"]),
    ("__u16 a; __le16 b;", "__u16 a; double b;", ["kind s.b"]),
    ("__u32 a; __u8 data[];", "__u32 a; __u32 data[];", ["width s.data"]),
    ("__u32 a; __u8 data[];", "__u32 a; __u8 data[16];", ["array s.data"]),
    ("__u32 a; __u32 reserved;", "__u64 a;", ["width s.a"]),
    ("__u32 a;", "__s32 a;", ["sign s.a"]),
    ("__be32 a;", "__u32 a;", ["byte-order s.a"]),
    ("__be32 a;", "__le32 a;", ["byte-order s.a"]),
    ("__u32 a;", "float a;", ["kind s.a"]),
    ("__u8 a;", "bool a;", ["kind s.a"]),
    ("__u8 a[4];", "__u32 a;", ["kind s.a"]),
    ("__u32 a : 3, b : 5;", "__u32 a : 4, b : 4;", ["width s.a", "width s.b"]),
    ("__u32 a[4]; __u32 b;", "__u32 a[5]; __u32 b;", ["array s.a"]),
    ("__u32 a[4]; __u32 b;", "__u32 a[3]; __u32 b;", ["array s.a"]),
    ("__u32 a[4][2];", "__u32 a[2][4];", ["array s.a"]),
    ("__u32 a[4];", "__u16 a[4];", ["width s.a"]),
    # one cause in several places
    (
        "typedef __u16 port; struct s { port x, y; }; map m: hash<port, s>[1];",
        "typedef __u32 port; struct s { port x, y; }; map m: hash<port, s>[1];",
        ["width port."],
    ),
    (
        "typedef __be32 ip; struct s { ip x, y; }; map m: hash<ip, s>[1];",
        "typedef __u32 ip; struct s { ip x, y; }; map m: hash<ip, s>[1];",
        ["byte-order ip."],
    ),
    (
        "struct in { __u32 a; }; struct o { struct in i, j[3]; }; map m: hash<in, o>[1];",
        "struct in { __u32 a, n; }; struct o { struct in i, j[3]; }; map m: hash<in, o>[1];",
        ["size in.n"],
    ),
    (
        "enum e { A, B, C }; struct s { enum e x, y; }; map m: hash<s, s>[1];",
        "enum e { A, N, B, C }; struct s { enum e x, y; }; map m: hash<s, s>[1];",
        ["enumerator e.B"],
    ),
    (
        "enum e { A, B, C }; struct s { enum e x, y; }; map m: hash<s, s>[1];",
        "enum e { A, B }; struct s { enum e x, y; }; map m: hash<s, s>[1];",
        ["enumerator-gone e.C"],
    ),
    (
        "enum e : __u8 { A, B }; struct s { enum e x, y; }; map m: hash<s, s>[1];",
        "enum e : __u16 { A, B }; struct s { enum e x, y; }; map m: hash<s, s>[1];",
        ["width e."],
    ),
    (
        "enum e { A = 1, B = 2 }; map m: hash<__u32, enum e>[1];",
        "enum e { A = 2, B = 1 }; map m: hash<__u32, enum e>[1];",
        ["enumerator e.A"],
    ),
    (
        "typedef __u8 id[6]; struct s { id x, y[2]; }; map m: hash<id, s>[1];",
        "typedef __u8 id[8]; struct s { id x, y[2]; }; map m: hash<id, s>[1];",
        ["array id."],
    ),
    (
        "enum e : __u8 { A }; typedef enum e t; struct s { t x; }; map m: hash<t, s>[1];",
        "enum e : __u16 { A }; typedef enum e t; struct s { t x; }; map m: hash<t, s>[1];",
        ["width e."],
    ),
    (
        "struct in { __u64 a; }; struct s { in x; __u8 reserved[8]; }; map m: hash<__u32, s>[1];",
        "struct in { __u64 n, a; }; struct s { in x; __u64 b; }; map m: hash<__u32, s>[1];",
        ["offset in.a"],
    ),
    # maps
    ("map m: hash<__u32, __u64>[8];", "map m: hash<__u64, __u64>[8];", ["width m.key"]),
    ("map m: array<__u32, __u64>[8];", "map m: percpu_array<__u32, __u64>[8];", ["form m.type"]),
    (
        "map m: hash[8] { key_size = 4; value_size = 8; };",
        "map m: hash<__u32, __u64[2]>[8];",
        ["size m.value"],
    ),
    (
        "map m: array_of_maps<__u32, hash<__u32, __u64>[8]>[2];",
        "map m: array_of_maps<__u32, hash<__u32, __s64>[8]>[2];",
        ["sign m.inner.value"],
    ),
    (
        "struct r { __u64 a; }; map m: ringbuf<r>[4096];",
        "struct r { __u32 a; }; map m: ringbuf<r>[4096];",
        ["width r.a"],
    ),
    # what the kernel looks after
    (
        "struct bpf_spin_lock lock; __u32 a;",
        "__u32 a; struct bpf_spin_lock lock;",
        ["offset s.lock"],
    ),
    ("__u32 reserved; __u32 a;", "struct bpf_spin_lock lock; __u32 a;", ["special-field s.lock"]),
    ("struct t *p; __u64 a;", "struct t __kptr *p; __u64 a;", ["special-field s.p"]),
    ("struct t __kptr *p;", "struct u __kptr *p;", ["special-field s.p"]),
    (
        (
            "struct t { __u32 a, b; }; struct s { struct t __uptr *p; };"
            " map m: task_storage<__u32, s>[0];"
        ),
        (
            "struct t { __u32 b, a; }; struct s { struct t __uptr *p; };"
            " map m: task_storage<__u32, s>[0];"
        ),
        ["offset t.a"],
    ),
    (
        (
            "struct t { __u32 a; struct t *n; }; struct s { struct t __uptr *p; };"
            " map m: task_storage<__u32, s>[0];"
        ),
        (
            "struct t { __u64 a; struct t *n; }; struct s { struct t __uptr *p; };"
            " map m: task_storage<__u32, s>[0];"
        ),
        ["width t.a"],
    ),
]
"""OLD, NEW, and what is found: the rule, and what it is about."""
