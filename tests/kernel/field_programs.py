"""Random programs of one map whose value may hold special fields, right and wrong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

KINDS = {
    "hash": "hash<__u32, {}>[1]",
    "array": "array<__u32, {}>[1]",
    "percpu_hash": "percpu_hash<__u32, {}>[1]",
    "percpu_array": "percpu_array<__u32, {}>[1]",
    "lru_hash": "lru_hash<__u32, {}>[1]",
    "lru_percpu_hash": "lru_percpu_hash<__u32, {}>[1]",
    "lpm_trie": "lpm_trie<prefix, {}>[1]",
    "bloom_filter": "bloom_filter<{}>[1]",
    "sk_storage": "sk_storage<int, {}>",
    "inode_storage": "inode_storage<int, {}>",
    "task_storage": "task_storage<int, {}>",
    "cgrp_storage": "cgrp_storage<int, {}>",
    "cgroup_storage": "cgroup_storage<struct bpf_cgroup_storage_key, {}>",
    "percpu_cgroup_storage": "percpu_cgroup_storage<struct bpf_cgroup_storage_key, {}>",
}

PRELUDE = """
struct prefix { __u32 prefixlen; __u8 data[4]; };
struct task_struct;
struct sk_buff_head;
struct own { __u64 x; };
struct page_sized { __u8 x[4096]; };
struct too_large { __u8 x[4097]; };
struct nothing { };
union either { int x; };
struct in_list { struct bpf_list_node node; __u64 x; };
struct in_tree { struct bpf_rb_node node; __u64 x; };
typedef struct own own_t;
typedef struct bpf_spin_lock lock_t;
typedef struct bpf_list_node node_t;
struct hidden_node { node_t node; };
struct branch {
    struct bpf_list_node node;
    struct bpf_spin_lock lock;
    struct bpf_list_head leaves __contains(in_list, node);
};
"""

_PLAIN = (
    "__u8 {};",
    "__u32 {};",
    "__u64 {};",
    "__u64 {}[3];",
    "const char *{};",
    "__u32 {} : 4;",
    "__u32 {} : 8;",
    "__u64 {} : 40;",
    "struct own {};",
    "union either {};",
    "struct own *{};",
    "volatile __u32 {};",
)
_BIT_FIELDS = ("__u32 {} : 4;", "__u32 {} : 28;", "__u64 {} : 36;")
_STRUCTS = ("bpf_spin_lock", "bpf_timer", "bpf_wq", "bpf_task_work", "bpf_refcount")
_POINTERS = (
    "struct task_struct __kptr *{};",
    "struct task_struct __kptr_untrusted *{};",
    "struct own __kptr *{};",
    "const struct own __kptr *{};",
    "own_t __kptr *{};",
    "struct own __percpu_kptr *{};",
    "struct own __percpu_kptr *{}[2];",
    "struct task_struct __percpu_kptr *{};",
    "struct sk_buff_head __percpu_kptr *{};",
    "own_t __kptr_untrusted *{};",
    "struct own __kptr *{}[2];",
    "struct own __kptr *{}[2][3];",
    "struct own __kptr *{}[0];",
    "struct own __kptr * volatile {};",
    "struct own __kptr * const {};",
    "struct own __kptr_ref *{};",
    "struct sk_buff_head __kptr *{};",
    "struct sk_buff_head __kptr_untrusted *{};",
    "int __kptr *{};",
    "void __kptr_untrusted *{};",
    "union either __kptr *{};",
    'struct own __kptr __attribute__((btf_type_tag("user"))) *{};',
    'const char __attribute__((btf_type_tag("user"))) *{};',
    "struct own __uptr *{};",
    "struct page_sized __uptr *{};",
    "struct too_large __uptr *{};",
    "struct nothing __uptr *{};",
    "struct task_struct __uptr *{};",
)
_ROOTS = (
    "struct bpf_list_head {} __contains(in_list, node);",
    "struct bpf_rb_root {} __contains(in_tree, node);",
    "struct bpf_list_head {}[2] __contains(in_list, node);",
    "struct bpf_list_head {};",
    "struct bpf_list_head {} __contains(in_tree, node);",
    "struct bpf_list_head {} __contains(in_list, nodes);",
    "struct bpf_list_head {} __contains(nowhere, node);",
    "struct bpf_list_head {} __contains(branch, node);",
    "struct bpf_list_head {} __contains(object, node);",
    "struct bpf_list_head {} __contains(hidden_node, node);",
    'struct bpf_rb_root {} __attribute__((btf_decl_tag("contains:in_tree")));',
    "struct bpf_rb_root {} __contains(in_tree, node) __contains(in_tree, node);",
)
_NODES = ("struct bpf_list_node {};", "struct bpf_rb_node {};")


def program(random: Random) -> str:
    """Return the text of a file with the map `m`."""
    kind = random.choice(list(KINDS))
    names = (f"m{number}" for number in range(1000))
    parts = [PRELUDE]
    nested = []
    for number in range(random.choice((0, 0, 0, 1, 2))):
        keyword = random.choice(("struct", "struct", "struct", "union"))
        nested.append(f"{keyword} nested{number}")
        parts.append(_composite(random, names, nested[-1], ()))
    if random.random() < 0.1:
        nested.append("hidden_t")
        parts.append(
            _composite(random, names, "struct hidden", ()) + "typedef struct hidden hidden_t;\n"
        )
    if random.random() < 0.1:
        parts.append(_composite(random, names, "struct object", (), extra=_NODES))
        parts[-1] = parts[-1].replace("{", "{ struct bpf_list_node node;", 1)
    value = random.choice(("struct v", "struct v", "struct v", "struct v", "union v"))
    if random.random() < 0.8:
        value = "struct v"
    parts.append(_composite(random, names, value, nested))
    wrapped = value
    if random.random() < 0.05:
        parts.append(f"typedef {value} v_t;\n")
        wrapped = "v_t"
    if random.random() < 0.03:
        wrapped += "[2]"
    flags = random.choice(("", "", "", "", "", " { map_flags = BPF_F_RDONLY_PROG; }"))
    if kind.endswith("storage") or kind == "lpm_trie":
        flags = ""
    parts.append(f"map m: {KINDS[kind].format(wrapped)}{flags};\n")
    return "".join(parts)


def _composite(
    random: Random,
    names: Iterator[str],
    head: str,
    nested: Sequence[str],
    extra: tuple[str, ...] = (),
) -> str:
    members = []
    for _ in range(random.randint(1, 4)):
        chosen = random.random()
        if nested and chosen < 0.3:
            form = f"{random.choice(nested)} {{}}{random.choice(('', '', '', '[2]', '[1]'))};"
        elif chosen < 0.55:
            form = random.choice(_PLAIN if random.random() < 0.8 else _BIT_FIELDS)
        elif chosen < 0.75:
            form = _struct(random)
        elif chosen < 0.9:
            form = random.choice(_POINTERS)
        elif extra and random.random() < 0.5:
            form = random.choice(extra)
        else:
            form = random.choice(_ROOTS)
            if random.random() < 0.8:
                members.append("struct bpf_spin_lock {};")
        members.append(form)
    members.extend(random.choice(extra) for _ in extra)
    random.shuffle(members)
    body = " ".join(member.format(next(names)) for member in members)
    packed = " __attribute__((packed))" if random.random() < 0.06 else ""
    return f"{head} {{ {body} }}{packed};\n"


def _struct(random: Random) -> str:
    name = random.choice((*_STRUCTS, *_STRUCTS, "bpf_res_spin_lock"))
    chosen = random.random()
    if chosen < 0.05:
        return f"const struct {name} {{}};"
    if chosen < 0.08:
        return "lock_t {};"
    if chosen < 0.14:
        return f"struct {name} {{}}[{random.choice((0, 1, 2))}];"
    return f"struct {name} {{}};"
