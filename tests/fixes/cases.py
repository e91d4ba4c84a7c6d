"""Sources with a mistake, and what they are after its edits: a row for each way to mend one.

The texts after the edits are what a person would have typed; `test_cases.py` holds them against the
edits. The map `other` comes after each text.
"""

from __future__ import annotations

from bpfgen.record import Record

OTHER = "map other: hash<__u32, __u64>[8];\n"


class Case(Record):
    """One mistake.

    Attributes:
        code: The diagnostic's.
        before: The source with it.
        after: The source after the edits of the first diagnostic with that code.
        chooses: The edits change what is declared.
        wanted: What is off unless `-W` wants it isn't looked for otherwise.
    """

    code: str
    before: str
    after: str
    chooses: bool = False


def chosen(code: str, before: str, after: str) -> Case:
    """Return a case whose edits choose what is declared."""
    return Case(code, before, after, chooses=True)


PREFIX = "struct prefix { __u32 prefixlen; __be32 address; };\n"
TIMER = "struct entry { __u64 seen; struct bpf_timer expire; };\n"
ITEM = "struct item { struct bpf_list_node node; };\n"

CASES: dict[str, Case] = {
    # Names.
    "misspelt type": Case(
        "unknown-type",
        "struct traffic { __u64 packets; };\nmap m: hash<__u32, trafic>[8];\n",
        "struct traffic { __u64 packets; };\nmap m: hash<__u32, traffic>[8];\n",
    ),
    "type of a header": Case(
        "unknown-type",
        "// SPDX-License-Identifier: GPL-2.0\n\nmap m: array<__u32, struct ethhdr>[1];\n",
        "// SPDX-License-Identifier: GPL-2.0\n\ninclude <linux/if_ether.h>;\n"
        "map m: array<__u32, struct ethhdr>[1];\n",
    ),
    "type of a header, by its name alone": Case(
        "unknown-type",
        "/// What we count.\r\n\r\nmap m: array<__u32, ethhdr>[1];\r\n",
        "/// What we count.\r\n\r\ninclude <linux/if_ether.h>;\r\n"
        "map m: array<__u32, struct ethhdr>[1];\r\n",
    ),
    "type of a header, after a licence and the file's own comment": Case(
        "unknown-type",
        "// SPDX-License-Identifier: MIT\n\n/// What we count.\n/// And why.\n\n/// Frames.\n"
        "map m: array<__u32, struct ethhdr>[1];\n",
        "// SPDX-License-Identifier: MIT\n\n/// What we count.\n/// And why.\n\n"
        "include <linux/if_ether.h>;\n/// Frames.\n"
        "map m: array<__u32, struct ethhdr>[1];\n",
    ),
    "type of a header, after a licence and a map's comment": Case(
        "unknown-type",
        "/* MIT */\n\n/// Frames.\nmap m: array<__u32, struct ethhdr>[1];\n",
        "/* MIT */\n\ninclude <linux/if_ether.h>;\n/// Frames.\n"
        "map m: array<__u32, struct ethhdr>[1];\n",
    ),
    "type of a header that is only announced": Case(
        "incomplete-type",
        "struct iphdr;\nmap m: array<__u32, struct iphdr>[1];\n",
        "include <linux/ip.h>;\nstruct iphdr;\nmap m: array<__u32, struct iphdr>[1];\n",
    ),
    "misspelt flag": Case(
        "unknown-constant",
        "map m: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PRELLOC; };\n",
        "map m: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };\n",
    ),
    "flag without its prefix": Case(
        "unknown-constant",
        "map m: hash<__u32, __u64>[8] { map_flags = NO_PREALLOC; };\n",
        "map m: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };\n",
    ),
    "another kind of tag": Case(
        "tag-kind",
        "union both { __u32 one; __u8 four[4]; };\nmap m: hash<__u32, struct both>[8];\n",
        "union both { __u32 one; __u8 four[4]; };\nmap m: hash<__u32, union both>[8];\n",
    ),
    "misspelt kind": Case(
        "map-kind", "map m: hsah<__u32, __u64>[8];\n", "map m: hash<__u32, __u64>[8];\n"
    ),
    "kind of another language": Case(
        "map-kind", "map m: hashmap<__u32, __u64>[8];\n", "map m: hash<__u32, __u64>[8];\n"
    ),
    "map for a kind": chosen(
        "map-kind",
        "map a: array<__u32, __u64>[8];\nmap b: a;\n",
        "map a: a_shape;\ntemplate a_shape: array<__u32, __u64>[8];\nmap b: a_shape;\n",
    ),
    "misspelt map in a slot": Case(
        "slot-target",
        "map first: array<__u32, __u64>[1];\n"
        "map m: array_of_maps<__u32, array<__u32, __u64>[1]>[1] = { frist };\n",
        "map first: array<__u32, __u64>[1];\n"
        "map m: array_of_maps<__u32, array<__u32, __u64>[1]>[1] = { first };\n",
    ),
    "misspelt attribute": Case(
        "unknown-attribute",
        "map m: hash<__u32, __u64> { max_entrys = 8; };\n",
        "map m: hash<__u32, __u64> { max_entries = 8; };\n",
    ),
    "misspelt attribute of C": Case(
        "attribute",
        "struct s { __u32 a; } __attribute__((pakced));\nmap m: hash<__u32, s>[8];\n",
        "struct s { __u32 a; } __attribute__((packed));\nmap m: hash<__u32, s>[8];\n",
    ),
    "misspelt code of an allowance": Case(
        "unused-allowance",
        "struct k { __u64 a; __u8 b; };\n"
        "// bpfgen: allow key-pading because all of it is cleared\n"
        "map m: hash<k, __u64>[8];\n",
        "struct k { __u64 a; __u8 b; };\n"
        "// bpfgen: allow key-padding because all of it is cleared\n"
        "map m: hash<k, __u64>[8];\n",
    ),
    "allowance that nothing needs": chosen(
        "unused-allowance",
        "// bpfgen: allow key-padding because of an older struct\nmap m: hash<__u32, __u64>[8];\n",
        "map m: hash<__u32, __u64>[8];\n",
    ),
    "allowance after a map that nothing needs": chosen(
        "unused-allowance",
        "map m: hash<__u32, __u64>[8];  // bpfgen: allow key-padding because of an older struct\n",
        "map m: hash<__u32, __u64>[8];\n",
    ),
    "keyword as a member": chosen(
        "reserved-word",
        "struct s { __u32 register; };\nmap m: hash<__u32, s>[8];\n",
        "struct s { __u32 register_; };\nmap m: hash<__u32, s>[8];\n",
    ),
    # Targets and conditions.
    "misspelt target": Case("target", "target kernle >= 6.1;\n", "target kernel >= 6.1;\n"),
    "target without a relation": Case("target", "target kernel 6.1;\n", "target kernel >= 6.1;\n"),
    "target with another relation": chosen(
        "target", "target kernel < 6.1;\n", "target kernel >= 6.1;\n"
    ),
    "target with three numbers": Case(
        "target", "target kernel >= 6.1.55;\n", "target kernel >= 6.1;\n"
    ),
    "target twice": chosen(
        "target",
        "target kernel >= 6.1;\ntarget kernel >= 6.6;\n",
        "target kernel >= 6.6;\n",
    ),
    "macro that isn't listed": chosen(
        "condition",
        "when (WIDE) { map m: array<__u32, __u64>[1]; }\n",
        "macro WIDE;\nwhen (WIDE) { map m: array<__u32, __u64>[1]; }\n",
    ),
    "macro that isn't listed, among attributes": chosen(
        "condition",
        "/// Counts.\nmap m: array<__u32, __u64>[1] { when (WIDE) { pinning = by_name; } };\n",
        "macro WIDE;\n/// Counts.\n"
        "map m: array<__u32, __u64>[1] { when (WIDE) { pinning = by_name; } };\n",
    ),
    "macro that isn't listed beside others": chosen(
        "condition",
        "macro OLD, NEWEST;\nwhen (PINNED) { map m: array<__u32, __u64>[1]; }\n",
        "macro OLD, NEWEST, PINNED;\nwhen (PINNED) { map m: array<__u32, __u64>[1]; }\n",
    ),
    "misspelt macro": Case(
        "condition",
        "macro WIDE;\nwhen (WIED) { map m: array<__u32, __u64>[1]; }\n",
        "macro WIDE;\nwhen (WIDE) { map m: array<__u32, __u64>[1]; }\n",
    ),
    # Constants.
    "number with a unit": Case("integer-literal", "const A = 64K;\n", "const A = 64 KiB;\n"),
    "digits with underscores": Case(
        "integer-literal", "const A = 1_000_000;\n", "const A = 1'000'000;\n"
    ),
    "number with leading zeros": Case("integer-literal", "const A = 0089;\n", "const A = 89;\n"),
    "number that needs to be unsigned": Case(
        "integer-literal",
        "const A = 18446744073709551615;\n",
        "const A = 18446744073709551615ULL;\n",
    ),
    "character with a prefix": Case("character-literal", "const A = L'a';\n", "const A = 'a';\n"),
    "shift out of an int": Case("shift-range", "const A = 1 << 40;\n", "const A = 1ULL << 40;\n"),
    "shift into the sign": Case("shift-range", "const A = 1 << 31;\n", "const A = 1U << 31;\n"),
    "product out of an int": Case(
        "constant-overflow",
        "const A = 4 * 1024 * 1024 * 1024;\n",
        "const A = 4 * 1024 * 1024LL * 1024;\n",
    ),
    # Types.
    "function as a member": chosen(
        "member-function",
        "struct s { int done(int status); };\nmap m: hash<__u32, s>[8];\n",
        "struct s { int (*done)(int status); };\nmap m: hash<__u32, s>[8];\n",
    ),
    "bit-field wider than its type": chosen(
        "bit-field-width",
        "struct s { __u8 flags : 9; };\nmap m: hash<__u32, s>[8];\n",
        "struct s { __u8 flags : 8; };\nmap m: hash<__u32, s>[8];\n",
    ),
    "attribute without effect": Case(
        "ignored-attribute",
        "struct s { __u32 a __attribute__((unused)); };\nmap m: hash<__u32, s>[8];\n",
        "struct s { __u32 a; };\nmap m: hash<__u32, s>[8];\n",
    ),
    "attribute without effect before another": Case(
        "ignored-attribute",
        "struct s { __u32 a __attribute__((unused, aligned(8))); };\nmap m: hash<__u32, s>[8];\n",
        "struct s { __u32 a __attribute__((aligned(8))); };\nmap m: hash<__u32, s>[8];\n",
    ),
    "attribute without effect after another": Case(
        "ignored-attribute",
        "struct s { __u32 a __attribute__((aligned(8), unused)); };\nmap m: hash<__u32, s>[8];\n",
        "struct s { __u32 a __attribute__((aligned(8))); };\nmap m: hash<__u32, s>[8];\n",
    ),
    "type before its name": Case(
        "syntax",
        "struct s { packets: __u64; };\nmap m: hash<__u32, s>[8];\n",
        "struct s { __u64 packets; };\nmap m: hash<__u32, s>[8];\n",
    ),
    "map without its word": Case(
        "declaration", "events ringbuf[65536];\n", "map events: ringbuf[65536];\n"
    ),
    "name and no more": chosen("declaration", "counters;  // later\n", "// later\n"),
    "struct within a map": Case(
        "declaration",
        "map m: hash<__u32, struct s { __u64 a; }>[8];\n",
        "map m: hash<__u32, struct s>[8];\nstruct s { __u64 a; };\n",
    ),
    # Definitions of maps.
    "one type of an array": Case(
        "type-arguments", "map m: array<__u64>[8];\n", "map m: array<__u32, __u64>[8];\n"
    ),
    "map before its key": Case(
        "type-arguments",
        "map m: hash_of_maps<array<__u32, __u64>[1], __u32>[8];\n",
        "map m: hash_of_maps<__u32, array<__u32, __u64>[1]>[8];\n",
    ),
    "key of a queue": chosen(
        "type-arguments", "map m: queue<__u32, __u64>[8];\n", "map m: queue<__u64>[8];\n"
    ),
    "types of an arena": chosen(
        "type-arguments", "map m: arena<__u32, __u64>[8];\n", "map m: arena[8];\n"
    ),
    "attribute twice": Case(
        "attribute-twice",
        "map m: hash<__u32, __u64>[8] {\n    max_entries = 8;\n};\n",
        "map m: hash<__u32, __u64>[8];\n",
    ),
    "attribute that the template has": Case(
        "template-attribute",
        "template t: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };\n"
        "map m: t { map_flags = BPF_F_NO_PREALLOC; pinning = by_name; };\n",
        "template t: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; };\n"
        "map m: t { pinning = by_name; };\n",
    ),
    "size beside a type": chosen(
        "key-size-conflict",
        "map m: hash<__u32, __u64>[8] { key_size = 8; };\n",
        "map m: hash<__u32, __u64>[8];\n",
    ),
    "size of a value beside a type": chosen(
        "value-size-conflict",
        "map m: hash<__u32, __u64>[8] {\n"
        "    value_size = 16;  // two\n"
        "    map_flags = BPF_F_NO_PREALLOC;\n};\n",
        "map m: hash<__u32, __u64>[8] {\n    // two\n    map_flags = BPF_F_NO_PREALLOC;\n};\n",
    ),
    "misspelt pinning": Case(
        "pinning",
        "map m: hash<__u32, __u64>[8] { pinning = byname; };\n",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
    ),
    "another pinning": chosen(
        "pinning",
        "map m: hash<__u32, __u64>[8] { pinning = somewhere; };\n",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
    ),
    "initial values of a hash": chosen(
        "slots", "map m: hash<__u32, __u64>[8] = { other };\n", "map m: hash<__u32, __u64>[8];\n"
    ),
    "more programs than entries": chosen(
        "slot-range",
        "int one(struct __sk_buff *skb);\nint two(struct __sk_buff *skb);\n"
        "map m: prog_array[1] = { one, two };\n",
        "int one(struct __sk_buff *skb);\nint two(struct __sk_buff *skb);\n"
        "map m: prog_array[2] = { one, two };\n",
    ),
    "legacy map that is pinned": chosen(
        "legacy-attribute",
        "legacy map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
        "map m: hash<__u32, __u64>[8] { pinning = by_name; };\n",
    ),
    # Versions.
    "future kernel": chosen(
        "future-version", "target kernel >= 99.0;\n", "target kernel >= 7.2;\n"
    ),
    "old kernel": chosen(
        "kernel-version",
        "target kernel >= 5.4;\nmap m: ringbuf[64 KiB];\n",
        "target kernel >= 5.8;\nmap m: ringbuf[64 KiB];\n",
    ),
    "old libbpf": chosen(
        "loader-version",
        "target libbpf >= 0.8;\nenum big { HUGE = 1ULL << 40 };\n"
        "map m: array<__u32, enum big>[1];\n",
        "target libbpf >= 1.0;\nenum big { HUGE = 1ULL << 40 };\n"
        "map m: array<__u32, enum big>[1];\n",
    ),
    "floating numbers on an old kernel": chosen(
        "btf-version",
        "target kernel >= 5.10;\nmap m: array<__u32, double>[8];\n",
        "target kernel >= 5.13;\nmap m: array<__u32, double>[8];\n",
    ),
    "bit-fields on an old kernel": chosen(
        "bit-field-version",
        "target kernel >= 4.19;\nstruct s { __u32 a : 4, b : 28; };\nmap m: array<__u32, s>[8];\n",
        "target kernel >= 5.0;\nstruct s { __u32 a : 4, b : 28; };\nmap m: array<__u32, s>[8];\n",
    ),
    "wide enum on an old kernel": chosen(
        "enum64-version",
        "target kernel >= 5.15;\nenum e { E = 1ULL << 40 };\nmap m: array<__u32, enum e>[8];\n",
        "target kernel >= 6.0;\nenum e { E = 1ULL << 40 };\nmap m: array<__u32, enum e>[8];\n",
    ),
    # Sizes.
    "key of an array": chosen(
        "map-key-size", "map m: array<__u64, __u64>[8];\n", "map m: array<__u32, __u64>[8];\n"
    ),
    "size of an array's key": Case(
        "map-key-size",
        "map m: array[8] { key_size = 8; value_size = 8; };\n",
        "map m: array[8] { key_size = 4; value_size = 8; };\n",
    ),
    "no size of an array's key": Case(
        "map-key-size",
        "map m: array[8] {\n\tvalue_size = 8;  /* eight */\n};\n",
        "map m: array[8] {\n\tvalue_size = 8;  /* eight */\n\tkey_size = 4;\n};\n",
    ),
    "no key of a storage": Case(
        "map-key-size",
        "map m: sk_storage { value = __u64; };\n",
        "map m: sk_storage { value = __u64; key = int; };\n",
    ),
    "size of a prog_array's key": Case(
        "map-key-size",
        "map m: prog_array[8] { key_size = 8; };\n",
        "map m: prog_array[8] { key_size = 4; };\n",
    ),
    "size of a stream's key": chosen(
        "map-key-size",
        "map m: ringbuf[64 KiB] { key_size = 4; };\n",
        "map m: ringbuf[64 KiB];\n",
    ),
    "size of a socket's value": chosen(
        "map-value-size",
        "map m: reuseport_sockarray[8] { key_size = 4; value_size = 12; };\n",
        "map m: reuseport_sockarray[8] { key_size = 4; value_size = 8; };\n",
    ),
    "size of a group's value": Case(
        "map-value-size",
        "map m: cgroup_array[8] { value_size = 8; };\n",
        "map m: cgroup_array[8] { value_size = 4; };\n",
    ),
    "values of a queue": chosen(
        "map-element-size",
        "map m: queue[0xfffffff] { value_size = 16; };\n",
        "map m: queue[268435454] { value_size = 16; };\n",
    ),
    "entries of a storage": chosen(
        "max-entries", "map m: sk_storage<int, __u64>[8];\n", "map m: sk_storage<int, __u64>;\n"
    ),
    "no entries": chosen(
        "max-entries", "map m: array<__u32, __u64>[0];\n", "map m: array<__u32, __u64>[runtime];\n"
    ),
    "memory that old kernels count": chosen(
        "map-memory",
        "target kernel >= 5.10;\nmap m: array<__u32, __u8[4096]>[1 << 20];\n",
        "target kernel >= 5.11;\nmap m: array<__u32, __u8[4096]>[1 << 20];\n",
    ),
    "small LRU": chosen(
        "lru-batches",
        "target kernel >= 5.15;\nmap m: lru_hash<__u32, __u64>[64];\n",
        "target kernel >= 5.15;\nmap m: lru_hash<__u32, __u64>[128];\n",
    ),
    "ring of an odd size": chosen(
        "ringbuf-size", "map m: ringbuf[5000];\n", "map m: ringbuf[8 KiB];\n"
    ),
    "ring of a small page": chosen(
        "ringbuf-page-size", "map m: ringbuf[4096];\n", "map m: ringbuf[64 KiB];\n"
    ),
    # Flags.
    "flag that an array doesn't take": chosen(
        "map-flags",
        "map m: array<__u32, __u64>[8] {\n"
        "    map_flags = BPF_F_MMAPABLE\n              | BPF_F_NO_PREALLOC;\n};\n",
        "map m: array<__u32, __u64>[8] {\n    map_flags = BPF_F_MMAPABLE;\n};\n",
    ),
    "first flag that an array doesn't take": chosen(
        "map-flags",
        "map m: array<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC | BPF_F_MMAPABLE; };\n",
        "map m: array<__u32, __u64>[8] { map_flags = BPF_F_MMAPABLE; };\n",
    ),
    "only flag in a branch": chosen(
        "map-flags",
        "macro A;\n"
        "map m: array<__u32, __u64>[8] {\n"
        "    when (A) {\n        map_flags = BPF_F_NO_PREALLOC;\n    }\n};\n",
        "macro A;\nmap m: array<__u32, __u64>[8] {\n    when (A) {\n    }\n};\n",
    ),
    "flag of a helper": chosen(
        "map-flags-meaning",
        "map m: hash<__u32, __u64>[8] { map_flags = BPF_NOEXIST | BPF_F_RDONLY; };\n",
        "map m: hash<__u32, __u64>[8] { map_flags = BPF_F_RDONLY; };\n",
    ),
    "flag that a trie needs": Case(
        "map-flags-missing",
        f"{PREFIX}map m: lpm_trie<prefix, __u32>[8] {{ map_flags = BPF_F_RDONLY_PROG; }};\n",
        f"{PREFIX}map m: lpm_trie<prefix, __u32>[8] "
        "{ map_flags = BPF_F_RDONLY_PROG | BPF_F_NO_PREALLOC; };\n",
    ),
    "flag that a trie needs, instead of none": Case(
        "map-flags-missing",
        f"{PREFIX}map m: lpm_trie<prefix, __u32>[8] {{ map_flags = 0; }};\n",
        f"{PREFIX}map m: lpm_trie<prefix, __u32>[8] {{ map_flags = BPF_F_NO_PREALLOC; }};\n",
    ),
    "node without its flag": chosen(
        "numa-node",
        "map m: array<__u32, __u64>[8] { numa_node = 1; };\n",
        "map m: array<__u32, __u64>[8] { numa_node = 1; map_flags = BPF_F_NUMA_NODE; };\n",
    ),
    "too many functions": chosen(
        "map-extra",
        "map m: bloom_filter<__u64>[8] { map_extra = 16; };\n",
        "map m: bloom_filter<__u64>[8] { map_extra = 15; };\n",
    ),
    "extra of a hash": chosen(
        "map-extra",
        "map m: hash<__u32, __u64>[8] {\n    map_extra = 3;\n    pinning = by_name;\n};\n",
        "map m: hash<__u32, __u64>[8] {\n    pinning = by_name;\n};\n",
    ),
    # Types of keys and values.
    "enum as an index": chosen(
        "map-key-type",
        "enum place { FIRST };\nmap m: array<enum place, __u64>[1];\n",
        "enum place { FIRST };\nmap m: array<__u32, __u64>[1];\n",
    ),
    "sizes of a storage": chosen(
        "map-types-required",
        "map m: task_storage { key_size = 4; value = __u64; };\n",
        "map m: task_storage { key = __u32; value = __u64; };\n",
    ),
    "half of the types": chosen(
        "half-typed-map",
        "map m: hash[8] { key_size = 16; value = __u64; };\n",
        "map m: hash[8] { key = __u8[16]; value = __u64; };\n",
    ),
    "small value on each CPU": chosen(
        "percpu-value-size",
        "map m: percpu_array<__u32, __s32>[8];\n",
        "map m: percpu_array<__u32, __s64>[8];\n",
    ),
    "struct of 12 bytes on each CPU": chosen(
        "percpu-value-size",
        "struct v {\n    __u32 a, b, c;  // three\n};\nmap m: percpu_array<__u32, v>[8];\n",
        "struct v {\n    __u32 a, b, c;  // three\n    __u32 pad;\n};\n"
        "map m: percpu_array<__u32, v>[8];\n",
    ),
    "struct of 3 bytes on each CPU": chosen(
        "percpu-value-size",
        "struct v { __u8 a[3]; };\nmap m: percpu_array<__u32, v>[8];\n",
        "struct v { __u8 a[3]; __u8 pad[5]; };\nmap m: percpu_array<__u32, v>[8];\n",
    ),
    "long in a value": chosen(
        "long-in-shared-type",
        "struct s { unsigned long count; long int sum; };\nmap m: hash<__u32, s>[8];\n",
        "struct s { __u64 count; long int sum; };\nmap m: hash<__u32, s>[8];\n",
    ),
    "long double in a value": chosen(
        "long-double-in-shared-type",
        "struct s { long double mean; };\nmap m: hash<__u32, s>[8];\n",
        "struct s { double mean; };\nmap m: hash<__u32, s>[8];\n",
    ),
    # Padding.
    "padding of a key": chosen(
        "key-padding",
        "struct k {\n\t__u64 id;\n\t__u8 proto; // TCP, UDP\n};\nmap m: hash<k, __u64>[8];\n",
        "struct k {\n\t__u64 id;\n\t__u8 proto; // TCP, UDP\n\t__u8 pad[7];\n};\n"
        "map m: hash<k, __u64>[8];\n",
    ),
    "padding of a value": chosen(
        "value-padding",
        "struct v { __u8 a; __u32 pad; __u8 b; };\nmap m: hash<__u32, v>[8];\n",
        "struct v { __u8 a; __u8 pad2[3]; __u32 pad; __u8 b; __u8 pad3[3]; };\n"
        "map m: hash<__u32, v>[8];\n",
    ),
    "padding of bits": chosen(
        "value-padding",
        "struct v {\n    __u32 a : 20;\n    __u16 b;\n};\nmap m: hash<__u32, v>[8];\n",
        "struct v {\n    __u32 a : 20;\n    __u8 pad : 4;\n    __u8 pad2;\n    __u16 b;\n"
        "    __u16 pad3;\n};\nmap m: hash<__u32, v>[8];\n",
    ),
    "padding after a struct without a name": chosen(
        "value-padding",
        "struct v {\n    union {\n        __u32 a;\n        __u8 b[4];\n    };\n    __u64 c;\n};\n"
        "map m: hash<__u32, v>[8];\n",
        "struct v {\n    union {\n        __u32 a;\n        __u8 b[4];\n    };\n    __u32 pad;\n"
        "    __u64 c;\n};\nmap m: hash<__u32, v>[8];\n",
    ),
    "padding before a function": chosen(
        "value-padding",
        "struct v { __u32 a; int (*f)(int, long); };\nmap m: hash<__u32, v>[8];\n",
        "struct v { __u32 a; __u32 pad; int (*f)(int, long); };\nmap m: hash<__u32, v>[8];\n",
    ),
    "padding instead of unnamed bits": chosen(
        "value-padding",
        "struct v { __u8 a; __u8 : 8; __u16 b; };\nmap m: hash<__u32, v>[8];\n",
        "struct v { __u8 a; __u8 pad; __u16 b; };\nmap m: hash<__u32, v>[8];\n",
    ),
    "padding instead of unnamed bits, in lines": chosen(
        "value-padding",
        "struct v {\n    __u32 a : 20;\n    __u32 : 3;  // later\n    __u32 : 2;\n};\n"
        "map m: hash<__u32, v>[8];\n",
        "struct v {\n    __u32 a : 20;\n    __u8 pad : 4;\n    __u8 pad2;  // later\n};\n"
        "map m: hash<__u32, v>[8];\n",
    ),
    "padding after a member and its comments": chosen(
        "value-padding",
        "struct v {\n    __u8 a; /* one; two */\n    // three;\n    __u32 b;\n};\n"
        "map m: hash<__u32, v>[8];\n",
        "struct v {\n    __u8 a; /* one; two */\n    __u8 pad[3];\n    // three;\n    __u32 b;\n"
        "};\nmap m: hash<__u32, v>[8];\n",
    ),
    # Maps of maps.
    "pinned inner map": chosen(
        "inner-map-pinning",
        "map m: array_of_maps<__u32, array<__u32, __u64>[4] { pinning = by_name; }>[2];\n",
        "map m: array_of_maps<__u32, array<__u32, __u64>[4]>[2];\n",
    ),
    "legacy map in a slot": chosen(
        "slot-map",
        "legacy map a: array<__u32, __u64>[1];\n"
        "map m: array_of_maps<__u32, array<__u32, __u64>[1]>[1] = { a };\n",
        "map a: array<__u32, __u64>[1];\n"
        "map m: array_of_maps<__u32, array<__u32, __u64>[1]>[1] = { a };\n",
    ),
    "slots by a long key": chosen(
        "slot-key-size",
        "map a: array<__u32, __u64>[1];\n"
        "map m: hash_of_maps<__u64, array<__u32, __u64>[1]>[1] = { a };\n",
        "map a: array<__u32, __u64>[1];\n"
        "map m: hash_of_maps<__u32, array<__u32, __u64>[1]>[1] = { a };\n",
    ),
    "slots that can't be written": chosen(
        "slot-access",
        "map a: array<__u32, __u64>[1];\n"
        "map m: array_of_maps<__u32, array<__u32, __u64>[1]>[1]"
        " { map_flags = BPF_F_RDONLY; } = { a };\n",
        "map a: array<__u32, __u64>[1];\n"
        "map m: array_of_maps<__u32, array<__u32, __u64>[1]>[1] = { a };\n",
    ),
    # Special fields.
    "timer in a legacy map": chosen(
        "special-field-kind",
        f"{TIMER}legacy map m: hash<__u32, entry>[8];\n",
        f"{TIMER}map m: hash<__u32, entry>[8];\n",
    ),
    "timer in a value by its size": chosen(
        "special-field-untyped",
        f"{TIMER}map m: hash[8] {{ key_size = 4; value_size = sizeof(struct entry); }};\n",
        f"{TIMER}map m: hash[8] {{ key = __u32; value = struct entry; }};\n",
    ),
    "timer where programs only read": chosen(
        "special-field-access",
        f"{TIMER}map m: hash<__u32, entry>[8] {{ map_flags = BPF_F_RDONLY_PROG; }};\n",
        f"{TIMER}map m: hash<__u32, entry>[8];\n",
    ),
    "timer where user space maps": chosen(
        "special-field-mmap",
        f"{TIMER}map m: array<__u32, entry>[8] {{ map_flags = BPF_F_MMAPABLE; }};\n",
        f"{TIMER}map m: array<__u32, entry>[8];\n",
    ),
    "list without a lock": chosen(
        "special-field-lock",
        f"{ITEM}struct v {{\n    struct bpf_list_head items __contains(item, node);\n}};\n"
        "map m: hash<__u32, v>[8];\n",
        f"{ITEM}struct v {{\n    struct bpf_list_head items __contains(item, node);\n"
        "    struct bpf_spin_lock lock;\n};\nmap m: hash<__u32, v>[8];\n",
    ),
    "list of another node": Case(
        "special-field-contains",
        f"{ITEM}struct v {{ struct bpf_list_head items __contains(item, nod);"
        " struct bpf_spin_lock lock; __u32 pad; };\nmap m: hash<__u32, v>[8];\n",
        f"{ITEM}struct v {{ struct bpf_list_head items __contains(item, node);"
        " struct bpf_spin_lock lock; __u32 pad; };\nmap m: hash<__u32, v>[8];\n",
    ),
    "nodes without a count": chosen(
        "special-field-nodes",
        "struct item { struct bpf_list_node a; struct bpf_rb_node b; };\n",
        "struct item { struct bpf_list_node a; struct bpf_rb_node b;"
        " struct bpf_refcount refs; };\n",
    ),
    "timer on an old kernel": chosen(
        "special-field-version",
        f"target kernel >= 5.10;\n{TIMER}map m: hash<__u32, entry>[8];\n",
        f"target kernel >= 5.15;\n{TIMER}map m: hash<__u32, entry>[8];\n",
    ),
    "tag that was renamed": Case(
        "kptr-tag",
        "struct v { struct task_struct __kptr_ref *task; };\nmap m: hash<__u32, v>[8];\n",
        "struct v { struct task_struct __kptr *task; };\nmap m: hash<__u32, v>[8];\n",
    ),
    "tag that is too new": chosen(
        "kptr-tag",
        "target kernel >= 6.1;\nstruct v { struct task_struct __kptr_untrusted *task; };\n"
        "map m: hash<__u32, v>[8];\n",
        "target kernel >= 6.4;\nstruct v { struct task_struct __kptr_untrusted *task; };\n"
        "map m: hash<__u32, v>[8];\n",
    ),
    "tag that means another thing": chosen(
        "kptr-meaning",
        "target kernel >= 6.1;\nstruct v { struct task_struct __kptr *task; };\n"
        "map m: hash<__u32, v>[8];\n",
        "target kernel >= 6.4;\nstruct v { struct task_struct __kptr *task; };\n"
        "map m: hash<__u32, v>[8];\n",
    ),
    "reference that nothing gives up": chosen(
        "kptr-destructor",
        "struct v { struct mm_struct __kptr *mm; };\nmap m: hash<__u32, v>[8];\n",
        "struct v { struct mm_struct __kptr_untrusted *mm; };\nmap m: hash<__u32, v>[8];\n",
    ),
}
