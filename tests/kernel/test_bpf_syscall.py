"""The kernel tests' own way to the kernel works: a map comes back as it was asked for."""

from __future__ import annotations

import errno

import pytest

from tests.kernel.bpf_syscall import create_map, map_info, update_element

pytestmark = pytest.mark.kernel


def test_a_map_comes_back_as_it_was_created() -> None:
    """Every attribute that bpf(2) takes is where struct bpf_map_info reads it."""
    with create_map(
        1, key_size=8, value_size=24, max_entries=77, map_flags=1, map_name="plain_hash"
    ) as map:
        info = map_info(map.fd)
        update_element(map.fd, bytes(8), bytes(24))
    assert (info.type, info.key_size, info.value_size) == (1, 8, 24)
    assert (info.max_entries, info.map_flags, info.name) == (77, 1, "plain_hash")


def test_map_extra_reaches_the_kernel() -> None:
    """`map_extra` stands at its place in union bpf_attr: a bloom filter of three hashes."""
    with create_map(30, value_size=4, max_entries=100, map_extra=3) as map:
        assert map_info(map.fd).map_extra == 3


def test_a_refusal_carries_the_errno_of_the_kernel() -> None:
    """An lpm_trie without BPF_F_NO_PREALLOC is EINVAL."""
    with pytest.raises(OSError) as refusal:  # noqa: PT011 -- the errno is what is asserted
        create_map(11, key_size=8, value_size=4, max_entries=16)
    assert refusal.value.errno == errno.EINVAL
