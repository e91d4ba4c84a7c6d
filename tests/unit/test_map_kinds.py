"""The table of map kinds: what no kernel at hand can try, written down a second time."""

from __future__ import annotations

import pytest

from bpfgen.kernel.map_flags import EXCLUSIVE_FLAGS, MAP_FLAGS, flag_names
from bpfgen.kernel.map_kind import Entries, Sizes
from bpfgen.kernel.map_kinds import KINDS_BY_NUMBER, MAP_KINDS
from bpfgen.kernel.special_fields import NODE_SIZES, SPECIAL_FIELDS
from tests.rulebook.dates import FIELDS_SINCE, FLAGS_SINCE, SINCE, dates

CAPABILITIES = {
    "CAP_NET_ADMIN": "devmap devmap_hash sockmap sockhash xskmap",
    "": "hash array prog_array perf_event_array percpu_hash percpu_array cgroup_array "
    "array_of_maps hash_of_maps cgroup_storage percpu_cgroup_storage ringbuf user_ringbuf rhash",
}
"""What creating a map asks for; CAP_BPF where the kind isn't listed (map_create)."""


def test_the_first_kernel_of_each_thing() -> None:
    """Kinds, flags and special fields have the dates of the kernel's history."""
    assert {kind.name: kind.since for kind in MAP_KINDS.values()} == dates(SINCE)
    assert {f.name.removeprefix("BPF_F_"): f.since for f in MAP_FLAGS.values()} == dates(
        FLAGS_SINCE
    )
    assert {field.name: field.since for field in SPECIAL_FIELDS.values()} == dates(FIELDS_SINCE)


IN_ORDER = """
    hash array prog_array perf_event_array percpu_hash percpu_array stack_trace cgroup_array
    lru_hash lru_percpu_hash lpm_trie array_of_maps hash_of_maps devmap sockmap cpumap xskmap
    sockhash cgroup_storage reuseport_sockarray percpu_cgroup_storage queue stack sk_storage
    devmap_hash struct_ops ringbuf inode_storage task_storage bloom_filter user_ringbuf
    cgrp_storage arena insn_array rhash
"""
"""enum bpf_map_type, from 1 on; no headers at hand have the last two."""


def test_kinds_have_the_numbers_of_the_enum() -> None:
    """The kinds count from 1, and the table has them in that order."""
    assert list(MAP_KINDS) == IN_ORDER.split()
    assert [kind.number for kind in MAP_KINDS.values()] == list(range(1, len(MAP_KINDS) + 1))


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
    assert insn_array.entries == Entries(1, 0xFFFFFFFF, over="E2BIG")
    assert insn_array.map_extra == ""
    assert insn_array.btf == "optional"
    rhash = MAP_KINDS["rhash"]
    assert rhash.key_sizes == Sizes(1, 65535, over="E2BIG")
    assert rhash.value_sizes == Sizes(1, 4194254, over="E2BIG")
    assert rhash.entries == Entries(1, 1 << 31, over="E2BIG")
    assert rhash.map_extra
    assert rhash.btf == "optional"
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


def test_nodes_of_lists_and_trees() -> None:
    """They grew by a pointer to their owner (struct bpf_list_node_kern, bpf_rb_node_kern)."""
    assert NODE_SIZES == {
        "bpf_list_node": (((6, 2), 16), ((6, 6), 24)),
        "bpf_rb_node": (((6, 3), 24), ((6, 6), 32)),
    }


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


def test_numbers_and_names_are_those_of_the_table() -> None:
    """A row is found by its number as by its name."""
    assert list(KINDS_BY_NUMBER.values()) == list(MAP_KINDS.values())
    assert all(kind.number == number for number, kind in KINDS_BY_NUMBER.items())


def test_what_single_kinds_have_of_their_own() -> None:
    """The columns that few kinds fill in say what their names say of each kind."""
    kinds = MAP_KINDS.values()
    assert [kind.name for kind in kinds if kind.per_cpu] == [
        kind.name for kind in kinds if "percpu" in kind.name
    ]
    assert [kind.name for kind in kinds if kind.from_variable] == ["struct_ops"]
    assert [kind.name for kind in kinds if kind.slots_by_key] == ["hash_of_maps"]


def test_columns_that_only_some_kinds_have_go_with_the_others() -> None:
    """Indexes are 4 bytes, compared bytes exist, and `map_extra` has limits only with a meaning."""
    for kind in MAP_KINDS.values():
        assert not kind.indexed or kind.key_sizes == Sizes(4, 4), kind.name
        compared = kind.value_sizes if kind.keyless else kind.key_sizes
        assert not kind.compared_by or compared.most > 4, kind.name
        assert kind.map_extra or (kind.extra_most, kind.extra_is_address) == (None, False)
        assert kind.extra_most is not None or not kind.extra_within_entries, kind.name
        assert not (kind.entries.pages and kind.entries.counts_pages), kind.name
