"""What the codes of rules that own several mean, for `bpfgen explain`: types, special fields.

Each rule's docstring comes after these words and says who refuses what and where.
"""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "special-field-kind": Explanation(
        """\
The kernel takes each special field of a value (bpf_spin_lock, bpf_timer, ...) on some kinds of map
only, and answers EOPNOTSUPP on others (map_check_btf in kernel/bpf/syscall.c). libbpf then creates
the map again without its types: it loads, and the verifier refuses the first program that takes the
lock. A local storage can't do without its types, so that libbpf's second try fails as well, and
nothing is loaded. `bpfgen kinds` has the table. Types of legacy maps never reach the kernel.
""",
        ("struct v { struct bpf_spin_lock lock; };\nmap m: lru_hash<__u32, v>[1];\n"),
        ("struct v { struct bpf_spin_lock lock; };\nmap m: hash<__u32, v>[1];\n"),
    ),
    "special-field-untyped": Explanation(
        """\
The size of a value says that it is a struct with a special field, and nothing tells the kernel its
type: `value_size = sizeof(struct entry)` is a number in the object, and a type of the value without
one of the key is refused (map_check_btf in kernel/bpf/syscall.c). The map loads, its lock or timer
is plain bytes, and the verifier refuses the first program that uses it. Write the types; a map that
was a legacy one wants them too.
""",
        (
            "struct entry { __u64 seen; struct bpf_timer expire; };\n"
            "map m: hash[16] { key_size = 4; value_size = sizeof(struct entry); };\n"
        ),
        (
            "struct entry { __u64 seen; struct bpf_timer expire; };\n"
            "map m: hash<__u32, struct entry>[16];\n"
        ),
    ),
    "special-field-access": Explanation(
        """\
A map that programs may only read, or only write, can't hold a special field: they could not take
the lock or start the timer. Linux answers EACCES (map_check_btf in kernel/bpf/syscall.c; up to 6.1
for BPF_F_RDONLY_PROG alone), and libbpf creates the map again without its types.
""",
        (
            "struct v { struct bpf_spin_lock lock; };\n"
            "map m: hash<__u32, v>[1] { map_flags = BPF_F_RDONLY_PROG; };\n"
        ),
        ("struct v { struct bpf_spin_lock lock; };\nmap m: hash<__u32, v>[1];\n"),
    ),
    "special-field-mmap": Explanation(
        """\
The kernel makes such an array, but mmap() of it answers ENOTSUPP: user space must not write to a
lock or a kernel pointer (bpf_map_mmap in kernel/bpf/syscall.c). A warning, since the map works
otherwise.
""",
        (
            "struct v { struct bpf_spin_lock lock; };\n"
            "map m: array<__u32, v>[1] { map_flags = BPF_F_MMAPABLE; };\n"
        ),
        ("struct v { struct bpf_spin_lock lock; };\nmap m: array<__u32, v>[1];\n"),
    ),
    "special-field-twice": Explanation(
        """\
A value has at most one bpf_spin_lock, bpf_res_spin_lock, bpf_timer, bpf_wq, bpf_task_work and
bpf_refcount, nested structs and elements of arrays counted (btf_get_field_type in
kernel/bpf/btf.c). For two locks Linux refuses the types of the whole object with E2BIG; for two
timers it makes the map and forgets both. Two counts of references make Linux 6.18 print a warning,
and so do two of any kind if they are in different nested structs.
""",
        ("struct v { struct bpf_spin_lock a, b; };\nmap m: hash<__u32, v>[1];\n"),
        ("struct v { struct bpf_spin_lock a; };\nmap m: hash<__u32, v>[1];\n"),
    ),
    "special-field-locks": Explanation(
        """\
A value has one kind of lock. Linux refuses both in one struct when it loads the types of the
object, and prints a warning with a stack trace (btf_parse_fields in kernel/bpf/btf.c).
""",
        (
            "struct v { struct bpf_spin_lock a; struct bpf_res_spin_lock b; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
        ("struct v { struct bpf_res_spin_lock b; };\nmap m: hash<__u32, v>[1];\n"),
    ),
    "special-field-lock": Explanation(
        """\
A list or tree in a value is guarded by a bpf_spin_lock in the same struct; without one Linux
refuses the types of the whole object with EINVAL (btf_parse_fields in kernel/bpf/btf.c). Linux 6.18
takes a bpf_res_spin_lock for it, and prints a warning when the map is freed.
""",
        (
            "struct item { struct bpf_list_node node; __u64 x; };\n"
            "struct v {\n"
            "    struct bpf_list_head head __contains(item, node);\n"
            "};\n"
            "map m: hash<__u32, v>[1];\n"
        ),
        (
            "struct item { struct bpf_list_node node; __u64 x; };\n"
            "struct v {\n"
            "    struct bpf_spin_lock lock;\n"
            "    __u32 pad;\n"
            "    struct bpf_list_head head __contains(item, node);\n"
            "};\n"
            "map m: hash<__u32, v>[1];\n"
        ),
    ),
    "special-field-contains": Explanation(
        """\
A list or tree says what it holds: the struct, and the member of that struct by which an element
hangs in it, a bpf_list_node or bpf_rb_node. Else Linux refuses the types of the whole object with
EINVAL or ENOENT (btf_find_graph_root, btf_parse_graph_root in kernel/bpf/btf.c).
""",
        (
            "struct item { struct bpf_list_node node; __u64 x; };\n"
            "struct v {\n"
            "    struct bpf_spin_lock lock;\n"
            "    __u32 pad;\n"
            "    struct bpf_list_head head;\n"
            "};\n"
            "map m: hash<__u32, v>[1];\n"
        ),
        (
            "struct item { struct bpf_list_node node; __u64 x; };\n"
            "struct v {\n"
            "    struct bpf_spin_lock lock;\n"
            "    __u32 pad;\n"
            "    struct bpf_list_head head __contains(item, node);\n"
            "};\n"
            "map m: hash<__u32, v>[1];\n"
        ),
    ),
    "special-field-nodes": Explanation(
        """\
An object that can hang in a list and in a tree at once may have two owners, so that it needs a
bpf_refcount. Without one Linux refuses the types of the whole object with EINVAL (btf_parse_fields
in kernel/bpf/btf.c).
An array of two or more nodes is refused as well, if the struct has another field that makes Linux
look at it: fields of which an object has one can't be repeated (btf_repeat_fields, since 6.11).
""",
        (
            "struct item { struct bpf_list_node l; struct bpf_rb_node r; };\n"
            "map m: hash<__u32, __u32>[1];\n"
        ),
        (
            "struct item {\n"
            "    struct bpf_list_node l;\n"
            "    struct bpf_rb_node r;\n"
            "    struct bpf_refcount c;\n"
            "    __u32 x;\n"
            "};\n"
            "map m: hash<__u32, __u32>[1];\n"
        ),
    ),
    "special-field-cycle": Explanation(
        """\
An object that hangs in a list and has a list itself may hold objects that have none: the kernel
frees what is owned by recursion and allows no chain that might be a cycle. It refuses the types of
the whole object with ELOOP (btf_check_and_fixup_fields in kernel/bpf/btf.c). Newer kernels allow
longer chains; bpfgen takes what all do.
""",
        (
            "struct leaf { struct bpf_list_node node; };\n"
            "struct twig {\n"
            "    struct bpf_list_node node;\n"
            "    struct bpf_spin_lock lock;\n"
            "    __u32 pad;\n"
            "    struct bpf_list_head leaves __contains(leaf, node);\n"
            "};\n"
            "struct branch {\n"
            "    struct bpf_list_node node;\n"
            "    struct bpf_spin_lock lock;\n"
            "    __u32 pad;\n"
            "    struct bpf_list_head twigs __contains(twig, node);\n"
            "};\n"
        ),
        (
            "struct leaf { struct bpf_list_node node; };\n"
            "struct twig {\n"
            "    struct bpf_list_node node;\n"
            "    struct bpf_spin_lock lock;\n"
            "    __u32 pad;\n"
            "    struct bpf_list_head leaves __contains(leaf, node);\n"
            "};\n"
            "struct branch {\n"
            "    struct bpf_spin_lock lock;\n"
            "    __u32 pad;\n"
            "    struct bpf_list_head twigs __contains(twig, node);\n"
            "};\n"
        ),
    ),
    "special-field-alignment": Explanation(
        """\
A special field stands where its type is aligned. In a packed struct it may not, and Linux then
doesn't see it, or refuses the types of the whole object with EFAULT (btf_find_field_one,
btf_parse_struct_metas in kernel/bpf/btf.c). Of a nested struct it looks at offsets within that
struct alone; where only the struct itself stands in an odd place, it is a warning.
""",
        (
            "struct v { __u8 x; struct bpf_timer t; } __attribute__((packed));\n"
            "map m: hash<__u32, v>[1];\n"
        ),
        (
            "struct v { struct bpf_timer t; __u8 x; __u8 pad[7]; } __attribute__((packed));\n"
            "map m: hash<__u32, v>[1];\n"
        ),
    ),
    "special-field-bitfield": Explanation(
        """\
Looking for special fields, the kernel walks all members of the struct, nested ones too, and gives
up at a bit-field that doesn't begin at a byte. It refuses the types of the whole object with
EINVAL, or forgets the fields (btf_find_struct_field in kernel/bpf/btf.c). Without special fields
bit-fields may be anywhere.
""",
        (
            "struct v { struct bpf_spin_lock lock; __u32 a : 4, b : 28; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
        (
            "struct v { struct bpf_spin_lock lock; __u32 a : 8, b : 24; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
    ),
    "special-field-hidden": Explanation(
        """\
The kernel knows a special field by the type that the member itself has. A typedef, `const` or a
union around it hides it, and so does a value that is no struct: an array, a union, the lock itself.
The map is made, its lock is plain bytes, and the verifier refuses the first program that takes it
(btf_find_field, btf_find_field_one in kernel/bpf/btf.c). A typedef of the whole value is fine.
""",
        (
            "typedef struct bpf_spin_lock lock_t;\n"
            "struct v { lock_t lock; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
        ("typedef struct { struct bpf_spin_lock lock; } v;\nmap m: hash<__u32, v>[1];\n"),
    ),
    "special-field-count": Explanation(
        """\
A value has at most 11 special fields, elements of arrays counted (BTF_FIELDS_MAX in
include/linux/bpf.h; 10 before Linux 6.10, 8 before 6.2). More are E2BIG, which the kernel doesn't
report: it makes the map and forgets them all.
""",
        (
            "struct task_struct;\n"
            "struct v { struct task_struct __kptr *tasks[12]; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
        (
            "struct task_struct;\n"
            "struct v { struct task_struct __kptr *tasks[11]; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
    ),
    "special-field-version": Explanation(
        """\
The target kernel doesn't know this special field, doesn't look for it in arrays and nested structs
(before 6.11), or doesn't take it on this kind of map yet. It sees plain bytes, or refuses the map.
""",
        ("target kernel >= 5.15;\nstruct v { struct bpf_wq work; };\nmap m: hash<__u32, v>[1];\n"),
        ("target kernel >= 6.10;\nstruct v { struct bpf_wq work; };\nmap m: hash<__u32, v>[1];\n"),
    ),
    "kptr-tag": Explanation(
        """\
A pointer in a value has one type tag, one that the kernel knows: kptr, kptr_untrusted, percpu_kptr
or uptr. Up to Linux 6.3 there were `kptr` and `kptr_ref`, which are `kptr_untrusted` and `kptr`
since. At any other tag the kernel gives up and forgets all special fields of the value
(btf_find_kptr in kernel/bpf/btf.c).
""",
        (
            "struct task_struct;\n"
            "struct v { struct task_struct __kptr_ref *task; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
        (
            "struct task_struct;\n"
            "struct v { struct task_struct __kptr *task; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
    ),
    "kptr-meaning": Explanation(
        """\
Linux 6.4 renamed the type tags: before, `kptr` made a pointer without a reference, which programs
may only read through, and since it makes a reference, which they exchange with bpf_kptr_xchg. A
file that aims at an older kernel gets the first there and the second on a newer one.
""",
        (
            "target kernel >= 6.1;\n"
            "struct task_struct;\n"
            "struct v { struct task_struct __kptr *task; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
        (
            "target kernel >= 6.4;\n"
            "struct task_struct;\n"
            "struct v { struct task_struct __kptr *task; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
    ),
    "kptr-target": Explanation(
        """\
A tagged pointer in a value points to a struct. One that is a uptr points to a struct of the
program's own, of 1 byte to a page, since it is memory of user space. The kernel forgets all special
fields of the value otherwise (btf_find_kptr, btf_parse_kptr in kernel/bpf/btf.c).
""",
        ("struct v { int __kptr *number; };\nmap m: hash<__u32, v>[1];\n"),
        (
            "struct number { int x; };\n"
            "struct v { struct number __kptr *number; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
    ),
    "kptr-destructor": Explanation(
        """\
A reference to a struct of the kernel's in a map needs a destructor, which the kernel calls when the
map goes: task_struct, cgroup, bpf_cpumask and bpf_crypto_ctx have one. For others Linux refuses the
types of the whole object with ENOENT (btf_find_dtor_kfunc in kernel/bpf/btf.c). It is a warning,
since modules may register more.
""",
        (
            "struct sk_buff_head;\n"
            "struct v { struct sk_buff_head __kptr *queue; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
        (
            "struct sk_buff_head;\n"
            "struct v { struct sk_buff_head __kptr_untrusted *queue; };\n"
            "map m: hash<__u32, v>[1];\n"
        ),
    ),
    "special-field-size": Explanation("""\
The kernel knows a special field by its name and its size. A struct of that name with another size,
out of a header of your own, is plain bytes to it (btf_find_struct in kernel/bpf/btf.c). Leave its
definition to bpfgen, which has the kernel's, or include vmlinux.h.
"""),
    "pointer-in-key": Explanation(
        """\
A key holds a pointer, so that elements are found by an address. User space can't know it, it
differs after each boot, it shows where the kernel is, and another object may have it next.
""",
        "struct file;\nmap m: hash<struct file *, __u64>[8];\n",
        "map m: hash<__u64, __u64>[8];\n",
    ),
    "pointer-in-value": Explanation(
        """\
A value or a record holds a pointer. User space can't follow it, it shows where the kernel is, and
what it points to may be gone when somebody reads it. Between two programs it may be just right,
which is why this is off unless it is wanted.
""",
        "struct file;\nmap m: hash<__u64, struct file *>[8];\n",
        (
            "struct file;\n"
            "struct v { struct file __kptr_untrusted *file; };\n"
            "map m: hash<__u64, v>[8];\n"
        ),
    ),
    "flexible-key": Explanation(
        """\
A key ends in an array without a length, and a key has one size: the elements are neither hashed nor
compared, so that all keys with the same beginning are one.
""",
        "struct name { __u32 length; __u8 text[]; };\nmap m: hash<name, __u64>[8];\n",
        "struct name { __u32 length; __u8 text[60]; };\nmap m: hash<name, __u64>[8];\n",
    ),
    "long-in-shared-type": Explanation(
        """\
`long` has 8 bytes in a BPF program and 4 in a 32-bit user space, which then reads the members
after it at wrong places. Typedefs of `long` whose name has 64 in it (uint64_t) are what they say.
""",
        "struct v { long total; };\nmap m: array<__u32, v>[8];\n",
        "struct v { __s64 total; };\nmap m: array<__u32, v>[8];\n",
    ),
    "char-in-shared-type": Explanation(
        """\
A `char` by itself has a sign in BPF programs and on x86, and none on arm64, arm, riscv, s390x and
powerpc: -1 is read as 255 there. Arrays of `char` are text, and nothing is said of them.
""",
        "struct v { char level; };\nmap m: array<__u32, v>[8];\n",
        "struct v { __s8 level; };\nmap m: array<__u32, v>[8];\n",
    ),
    "long-double-in-shared-type": Explanation(
        """\
`long double` is a `double` of 8 bytes in a BPF program, and has 16 on x86-64 and arm64. What bpfgen
writes for user space has a `double` there; a copy by hand reads what comes after it.
""",
        "struct v { long double share; };\nmap m: array<__u32, v>[8];\n",
        "struct v { double share; };\nmap m: array<__u32, v>[8];\n",
    ),
    "int128-in-shared-type": Explanation(
        """\
`__int128` is aligned to 16 bytes in a BPF program that clang compiles, to 8 on s390x and in gcc's,
and 32-bit machines have no such type. Packed, it begins at the same place everywhere. Go has no
number of that size.
""",
        "struct v { __int128 total; };\nmap m: ringbuf<v>[4096];\n",
        "struct v { __u64 total[2]; };\nmap m: ringbuf<v>[4096];\n",
    ),
    "bit-field-version": Explanation(
        """\
Linux before 5.0 doesn't know how BTF says that a member is a bit-field (kind_flag of a STRUCT), and
refuses the types of the whole object (btf_struct_check_meta in kernel/bpf/btf.c). libbpf then makes
the maps without types.
""",
        "target kernel >= 4.20;\nstruct v { __u32 a : 32; };\nmap m: array<__u32, v>[8];\n",
        "target kernel >= 5.0;\nstruct v { __u32 a : 32; };\nmap m: array<__u32, v>[8];\n",
    ),
    "enum64-version": Explanation(
        """\
Linux before 6.0 doesn't know enums whose values need 64 bits (BTF_KIND_ENUM64). libbpf makes a
union of the type before it loads it there, and the names are lost; other loaders may give up.
""",
        (
            "target kernel >= 5.15;\nenum e { BIG = 0x100000000 };\n"
            "map m: array<__u32, enum e>[8];\n"
        ),
        ("target kernel >= 6.0;\nenum e { BIG = 0x100000000 };\nmap m: array<__u32, enum e>[8];\n"),
    ),
}
"""By code."""
