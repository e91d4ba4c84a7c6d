"""Numbers of maps from 2^30 on: the kernel takes the object's types along."""

from __future__ import annotations

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import compile
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import map_info
from tests.tools import require_clang, require_root

pytestmark = pytest.mark.kernel

LARGE = """\
struct prefix { __u32 prefixlen; __be32 address; };
const MANY = 1U << 31;
map routes: lpm_trie<prefix, __u32>[MANY];
map edge: lpm_trie<prefix, __u32>[0x40000000];
map below: lpm_trie<prefix, __u32>[0x3fffffff];
map anywhere: array<__u32, __u64>[1] { map_flags = BPF_F_NUMA_NODE; numa_node = 0xffffffff; };
"""
"""No map takes memory before it has elements."""


def test_the_types_of_maps_with_large_numbers_are_kept() -> None:
    """`__uint` would be an array of more bytes than BTF can have, and cost every map its types."""
    require_root()
    require_clang()
    compilation = compile(Source("large.dsl", LARGE))
    data, diagnostics = build_object(compilation)
    assert data is not None, diagnostics
    with libbpf.open_object(data) as opened:
        assert {map.name: map.max_entries for map in opened.maps()}["routes"] == 1 << 31
        descriptors = opened.load()
        for declared in compilation.model.maps:
            info = map_info(descriptors[declared.name])
            assert info.btf_value_type_id, (declared.name, opened.messages)
