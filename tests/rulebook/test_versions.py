"""Each kind, flag and special field one kernel too early, and on the first kernel that has it."""

from __future__ import annotations

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.kernel.version import format_version
from bpfgen.rules.oldest import needs
from bpfgen.text.source import Source
from tests.kernel.random_maps import NUMBERS, plain
from tests.rulebook.dates import FIELDS_SINCE, FLAGS_SINCE, SINCE, dates

LAST_MINORS = {3: 19, 4: 20, 5: 19, 6: 19}
"""The last minor version of each major one."""

WITH_FLAG = {
    "NO_PREALLOC": "hash<__u32, __u64>[8]",
    "NO_COMMON_LRU": "lru_hash<__u32, __u64>[8]",
    "NUMA_NODE": "hash<__u32, __u64>[8]",
    "RDONLY": "hash<__u32, __u64>[8]",
    "WRONLY": "array<__u32, __u64>[8]",
    "STACK_BUILD_ID": "stack_trace[8] { key_size = 4; value_size = 32; }",
    "ZERO_SEED": "hash<__u32, __u64>[8]",
    "RDONLY_PROG": "array<__u32, __u64>[8]",
    "WRONLY_PROG": "hash<__u32, __u64>[8]",
    "CLONE": "sk_storage<int, __u64>",
    "MMAPABLE": "array<__u32, __u64>[8]",
    "PRESERVE_ELEMS": "perf_event_array",
    "INNER_MAP": "array<__u32, __u64>[8]",
    "SEGV_ON_FAULT": "arena[8]",
    "NO_USER_CONV": "arena[8]",
    "RB_OVERWRITE": "ringbuf[64 KiB]",
}
"""A map that takes each flag; kinds that are as new as the flag need the same kernel."""

NEEDED_WITH = {"CLONE": "NO_PREALLOC", "SEGV_ON_FAULT": "MMAPABLE", "NO_USER_CONV": "MMAPABLE"}

SIZES_SINCE = (
    ((5, 7), "value", (8,), "sockmap sockhash"),
    ((5, 8), "value", (8,), "devmap devmap_hash"),
    ((5, 9), "value", (8,), "cpumap"),
    ((5, 9), "key", (8,), "cgroup_storage percpu_cgroup_storage"),
    ((5, 11), "key", (512, 513), "hash percpu_hash lru_hash lru_percpu_hash hash_of_maps"),
    ((5, 11), "value", (4193743, 4193744), "hash lru_hash"),
    ((5, 15), "value", (4096, 4097), "cgroup_storage percpu_cgroup_storage"),
    ((6, 0), "value", (4194304, 4194305), "array"),
)
"""Sizes that came later than the kind: of what, the last that was taken before, the first new one.

Where a size between others came, or below them, there is the new one only. The functions are
sock_map_alloc, dev_map_alloc_check, cpu_map_alloc, cgroup_storage_map_alloc, htab_map_alloc_check
and array_map_alloc_check.
"""

KPTRS_SINCE = """
    5.19 hash array lru_hash percpu_array
    6.4 percpu_hash lru_percpu_hash sk_storage inode_storage task_storage cgrp_storage
"""
"""The first kernel with pointers with a kptr tag in values of each kind (map_check_btf)."""

FIELDS = {
    "bpf_list_head": "struct bpf_list_head f __contains(item, node); struct bpf_spin_lock lock;",
    "bpf_rb_root": "struct bpf_rb_root f __contains(leaf, node); struct bpf_spin_lock lock;",
    "kptr": "struct task_struct __kptr *f;",
    "kptr_untrusted": "struct task_struct __kptr_untrusted *f;",
    "percpu_kptr": "struct own __percpu_kptr *f;",
    "uptr": "struct own __uptr *f;",
}
"""A member of each special field that is not written `struct NAME f;`."""

OBJECTS = """
struct task_struct;
struct own { __u64 x; };
struct item { struct bpf_list_node node; };
struct leaf { struct bpf_rb_node node; };
"""


def _before(version: tuple[int, int]) -> tuple[int, int]:
    major, minor = version
    return (major, minor - 1) if minor else (major - 1, LAST_MINORS[major - 1])


def _told(text: str, kernel: tuple[int, int], code: str) -> list[str]:
    """Return the messages with *code* that *text* gets for *kernel*."""
    diagnostics = compile(Source("maps.dsl", text), Options(kernel=kernel)).diagnostics
    return [diagnostic.message for diagnostic in diagnostics if diagnostic.code == code]


@pytest.mark.parametrize("kind", NUMBERS)
def test_kinds(kind: str) -> None:
    """A plain map of each kind is refused one version too early, and then no more."""
    since = dates(SINCE)[kind]
    definition = plain(kind)
    if kind.endswith("cgroup_storage"):
        definition = definition._replace(key_size=16)  # 8 came later
    text = f"map m: {definition.shape()}\n"
    assert _told(text, since, "kernel-version") == []
    if since == (3, 19):
        return
    told = [m for m in _told(text, _before(since), "kernel-version") if f"`{kind}`" in m]
    assert len(told) == 1
    assert f"needs Linux {format_version(since)}, and the target is" in told[0]


@pytest.mark.parametrize("flag", WITH_FLAG)
def test_flags(flag: str) -> None:
    """So is each flag on a kind that takes it."""
    since = dates(FLAGS_SINCE)[flag]
    flags = " | ".join(f"BPF_F_{name}" for name in (flag, NEEDED_WITH.get(flag)) if name)
    shape = WITH_FLAG[flag].rstrip("}")
    text = f"map m: {shape}{'' if '{' in shape else ' {'} map_flags = {flags}; }}\n"
    assert _told(text, since, "kernel-version") == []
    kind = shape.partition("<")[0].partition("[")[0].partition(" ")[0]
    kind_since = dates(SINCE)[kind]
    told = _told(text, _before(since), "kernel-version")
    newer_kind = kind_since > _before(since)  # then the flag needs no word of its own
    assert any(f"BPF_F_{flag}`" in m for m in told) != (newer_kind and since <= kind_since)
    assert told
    assert all(f"needs Linux {format_version(since)}" in m for m in told if flag in m)


def test_every_kind_that_can_be_declared_is_tried() -> None:
    """A struct_ops map can't be."""
    assert dates(SINCE).keys() - NUMBERS.keys() == {"struct_ops"}


def test_every_flag_that_a_map_can_have_is_tried() -> None:
    """Those that are left belong to struct_ops maps, to pinning or to the loader."""
    rest = dates(FLAGS_SINCE).keys() - WITH_FLAG.keys()
    assert rest == {"LINK", "PATH_FD", "VTYPE_BTF_OBJ_FD", "TOKEN_FD"}


@pytest.mark.parametrize(
    ("since", "role", "sizes", "kind"),
    [
        (since, role, sizes, kind)
        for since, role, sizes, kinds in SIZES_SINCE
        for kind in kinds.split()
    ],
)
def test_sizes(since: tuple[int, int], role: str, sizes: tuple[int, ...], kind: str) -> None:
    """So is each size that came later; the one next to it is taken by both kernels."""
    for size, is_new in zip(sizes, (len(sizes) == 1, True), strict=False):
        definition = plain(kind)
        if role == "key":
            definition = definition._replace(key_size=size)
        else:
            definition = definition._replace(value_size=size)
        if kind.endswith("cgroup_storage") and role == "value":
            definition = definition._replace(key_size=16)
        text = f"map m: {definition.shape()}\n"
        assert _told(text, since, "kernel-version") == []
        told = _told(text, _before(since), "kernel-version")
        assert len([m for m in told if f"a {role} of" in m]) == is_new, told


@pytest.mark.parametrize(("kind", "since"), dates(KPTRS_SINCE).items(), ids=dates(KPTRS_SINCE))
def test_kptrs(kind: str, since: tuple[int, int]) -> None:
    """So are kptrs in the values of each kind."""
    entries = "" if kind.endswith("_storage") else "[1]"
    for kernel in (since, _before(since)):
        tag = "__kptr" if kernel >= (6, 4) else "__kptr_ref"
        text = (
            f"struct prog_test_ref_kfunc;\nstruct v {{ struct prog_test_ref_kfunc {tag} *p; }};\n"
            f"map m: {kind}<__u32, v>{entries};\n"
        )
        told = _told(text, kernel, "special-field-version")
        assert len(told) == (kernel < since), told


@pytest.mark.parametrize(("field", "since"), dates(FIELDS_SINCE).items(), ids=dates(FIELDS_SINCE))
def test_special_fields(field: str, since: tuple[int, int]) -> None:
    """So is each special field in a value."""
    member = FIELDS.get(field, f"struct {field} f;")
    kind = "task_storage<int, v>" if field == "uptr" else "hash<__u32, v>[1]"
    text = f"{OBJECTS if field in FIELDS else ''}struct v {{ {member} }};\nmap m: {kind};\n"
    said = [
        [m for m in _told(text, kernel, "special-field-version") if field in m and "node" not in m]
        for kernel in (since, _before(since))
    ]
    assert said[0] == []
    assert len(said[1]) == 1
    assert f"needs Linux {format_version(since)}, and the target is" in said[1][0]


def test_types_of_inner_maps() -> None:
    """Linux 5.15 to 6.1 want types in all of them, or in none; a target means what follows it."""
    text = (
        "struct v { __u64 x; };\nmap a: hash<__u32, __u64>[4];\n"
        "map m: array_of_maps<__u32, hash<__u32, v>[4]>[2] = { a };\n"
    )
    for code in ("slot-map", "inner-map-types"):
        assert _told(text, (6, 2), code) == []
        for kernel in ((6, 1), (5, 15), (5, 10)):
            assert len(_told(text, kernel, code)) == 1
    needed = needs(compile(Source("m.dsl", text)).model)
    assert [need.since for need in needed if "type" in need.what] == [(6, 2)]


def test_what_the_newest_kernel_refuses_is_no_need() -> None:
    """Limits differ between kernels, and so do the messages: the complaint is the same one."""
    text = "struct task_struct;\nstruct v { struct task_struct __kptr *tasks[12]; };\n"
    source = Source("m.dsl", f"{text}map m: hash<__u32, v>[1];\n")
    needed = [need.what for need in needs(compile(source).model)]
    assert needed
    assert not [what for what in needed if "12" in what]
