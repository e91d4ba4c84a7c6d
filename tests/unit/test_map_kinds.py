"""The table of map kinds: what no kernel at hand can try, written down a second time."""

from __future__ import annotations

import pytest

from bpfgen.model.map_flags import EXCLUSIVE_FLAGS, MAP_FLAGS, flag_names
from bpfgen.model.map_kinds import MAP_KINDS, Sizes
from bpfgen.model.special_fields import SPECIAL_FIELDS

SINCE = """
    3.19 hash array
    4.2 prog_array
    4.3 perf_event_array
    4.6 percpu_hash percpu_array stack_trace
    4.8 cgroup_array
    4.10 lru_hash lru_percpu_hash
    4.11 lpm_trie
    4.12 array_of_maps hash_of_maps
    4.14 devmap sockmap
    4.15 cpumap
    4.18 xskmap sockhash
    4.19 cgroup_storage reuseport_sockarray
    4.20 percpu_cgroup_storage queue stack
    5.2 sk_storage
    5.4 devmap_hash
    5.6 struct_ops
    5.8 ringbuf
    5.10 inode_storage
    5.11 task_storage
    5.16 bloom_filter
    6.1 user_ringbuf
    6.2 cgrp_storage
    6.9 arena
    6.19 insn_array
    7.2 rhash
"""
"""The first kernel of each kind."""

FLAGS_SINCE = """
    4.6 NO_PREALLOC
    4.10 NO_COMMON_LRU
    4.14 NUMA_NODE
    4.15 RDONLY WRONLY
    4.17 STACK_BUILD_ID
    5.0 ZERO_SEED
    5.2 RDONLY_PROG WRONLY_PROG
    5.4 CLONE
    5.5 MMAPABLE
    5.10 PRESERVE_ELEMS INNER_MAP
    6.4 LINK
    6.5 PATH_FD
    6.9 VTYPE_BTF_OBJ_FD TOKEN_FD SEGV_ON_FAULT NO_USER_CONV
    6.19 RB_OVERWRITE
"""

FIELDS_SINCE = """
    5.1 bpf_spin_lock
    5.15 bpf_timer
    5.19 kptr kptr_untrusted
    6.2 bpf_list_head
    6.3 bpf_rb_root
    6.4 bpf_refcount
    6.7 percpu_kptr
    6.10 bpf_wq
    6.13 uptr
    6.15 bpf_res_spin_lock
    6.18 bpf_task_work
"""

CAPABILITIES = {
    "CAP_NET_ADMIN": "devmap devmap_hash sockmap sockhash xskmap",
    "": "hash array prog_array perf_event_array percpu_hash percpu_array cgroup_array "
    "array_of_maps hash_of_maps cgroup_storage percpu_cgroup_storage ringbuf user_ringbuf rhash",
}
"""What creating a map asks for; CAP_BPF where the kind isn't listed (map_create)."""


def _dates(text: str) -> dict[str, tuple[int, int]]:
    found = {}
    for line in text.split("\n"):
        version, *names = line.split() or [""]
        for name in names:
            major, minor = version.split(".")
            found[name] = int(major), int(minor)
    return found


def test_the_first_kernel_of_each_thing() -> None:
    """Kinds, flags and special fields have the dates of the kernel's history."""
    assert {kind.name: kind.since for kind in MAP_KINDS.values()} == _dates(SINCE)
    assert {f.name.removeprefix("BPF_F_"): f.since for f in MAP_FLAGS.values()} == _dates(
        FLAGS_SINCE
    )
    assert {field.name: field.since for field in SPECIAL_FIELDS.values()} == _dates(FIELDS_SINCE)


@pytest.mark.parametrize("kind", MAP_KINDS.values(), ids=MAP_KINDS)
def test_capabilities(kind: object) -> None:
    """A kind asks for CAP_BPF, CAP_NET_ADMIN, or for nothing."""
    assert isinstance(kind, type(MAP_KINDS["hash"]))
    expected = next(
        (c for c, names in CAPABILITIES.items() if kind.name in names.split()), "CAP_BPF"
    )
    assert kind.capability == expected


def test_rows_hold_together() -> None:
    """What is filled in is what the kernel takes; required flags are flags that it takes."""
    for kind in MAP_KINDS.values():
        assert set(kind.required_flags) <= set(kind.flags) <= set(MAP_FLAGS), kind.name
        assert kind.key_size is None or kind.key_sizes == Sizes(kind.key_size, kind.key_size)
        assert kind.value_size is None or kind.value_sizes == Sizes(
            kind.value_size, kind.value_size
        )
        assert set(kind.special_fields) <= set(SPECIAL_FIELDS), kind.name
        assert kind.btf in {"optional", "required", "dropped", "none"}
        assert kind.keyless <= (kind.key_sizes == Sizes(0, 0))
        assert not kind.of_maps or not kind.may_be_inner
    for one, other, _ in EXCLUSIVE_FLAGS:
        assert any({one, other} <= set(kind.flags) for kind in MAP_KINDS.values())


def test_kinds_that_no_kernel_at_hand_has() -> None:
    """insn_array and rhash as their sources have them (bpf_insn_array.c, hashtab.c)."""
    insn_array = MAP_KINDS["insn_array"]
    assert insn_array.key_sizes == Sizes(4, 4)
    assert insn_array.value_sizes == Sizes(16, 16)
    assert insn_array.flags == ()
    assert insn_array.key_type == "int32"
    assert not insn_array.may_be_inner
    assert (insn_array.entries.least, insn_array.entries.most) == (1, 0xFFFFFFFF)
    rhash = MAP_KINDS["rhash"]
    assert (rhash.key_sizes.least, rhash.key_sizes.most) == (1, 65535)
    assert (rhash.value_sizes.least, rhash.value_sizes.most) == (1, 4194254)
    assert (rhash.entries.least, rhash.entries.most) == (1, 1 << 31)
    assert rhash.required_flags == ("BPF_F_NO_PREALLOC",)
    assert [name.removeprefix("BPF_F_") for name in rhash.flags] == [
        *("NO_PREALLOC", "NUMA_NODE", "RDONLY", "WRONLY", "RDONLY_PROG", "WRONLY_PROG")
    ]
    assert rhash.may_be_inner
    assert rhash.key_type == "any"
    assert "bpf_list_head" not in rhash.special_fields
    assert "BPF_F_RB_OVERWRITE" in MAP_KINDS["ringbuf"].flags
    assert "BPF_F_RB_OVERWRITE" not in MAP_KINDS["user_ringbuf"].flags
    assert MAP_KINDS["struct_ops"].flags == ("BPF_F_LINK", "BPF_F_VTYPE_BTF_OBJ_FD")


def test_how_user_space_can_map_a_map() -> None:
    """Ring buffers and arenas can always be mapped, an array with a flag, nothing else."""
    mapped = {
        kind.name: kind.mmap.split()[0].rstrip(",") for kind in MAP_KINDS.values() if kind.mmap
    }
    assert mapped == {
        "array": "with",
        "ringbuf": "always",
        "user_ringbuf": "always",
        "arena": "always",
    }


def test_flag_names() -> None:
    """Bits get their names, and a bit without one its number."""
    assert flag_names(0) == []
    assert flag_names(0x401) == ["BPF_F_NO_PREALLOC", "BPF_F_MMAPABLE"]
    assert flag_names(1 << 31) == ["bit 31"]
