"""A program of clang's that declares its maps `extern`, linked with the object that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import compile, emit
from bpfgen.text.source import Source
from tests.assemble.made import made
from tests.assemble.test_linking import ASSEMBLERS, linked
from tests.compiled import command
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import map_info
from tests.tools import header_flags, newest, require_file, require_root, witnessed
from tests.user_space.commands import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel

MAPS = """
struct flow { __be32 source; __be16 port; __u16 protocol; };
struct traffic { __u64 packets, bytes; };
struct hello { __be32 source; };
map by_flow: hash<flow, traffic>[64];
map hellos: ringbuf<hello>[4 KiB];
template table: array<__u32, __u64>[4];
map first: table;
map tables: array_of_maps<__u32, table>[2] = { [1] = first };
"""

PROGRAM = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define BPFGEN_EXTERN_MAPS
#include "maps.h"

SEC("socket") int count(struct __sk_buff *skb)
{
	struct flow flow = {};
	struct traffic *seen = bpf_map_lookup_elem(&by_flow, &flow);
	__u32 one = 1, zero = 0;

	if (seen) {
		seen->packets++;
		return 0;
	}
	struct hello *hello = bpf_ringbuf_reserve(&hellos, sizeof(*hello), 0);
	if (hello) {
		hello->source = flow.source;
		bpf_ringbuf_submit(hello, 0);
	}
	__u64 *cell = bpf_map_lookup_elem(&first, &zero);
	return cell ? *cell : 0;
}
char LICENSE[] SEC("license") = "GPL";
"""


@pytest.mark.parametrize("assembler", witnessed(ASSEMBLERS, "libbpf.so.1"))
def test_a_program_finds_its_maps(assembler: str, tmp_path: Path) -> None:
    """The types of both agree for the linker, and the kernel takes the program."""
    require_root()
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    (tmp_path / "maps.h").write_text(emit(compile(Source("maps.dsl", MAPS))))
    source = tmp_path / "prog.bpf.c"
    source.write_text(PROGRAM)
    words = [*command(newest()), "-target", "bpf", "-g", "-O2", "-c", *header_flags()]
    run([*words, "-I", str(tmp_path), str(source), "-o", str(tmp_path / "prog.o")])
    objects = [made(MAPS, assembler), (tmp_path / "prog.o").read_bytes()]
    # The owner comes first: bpftool 7.1 leaves the places of extern maps that come before it 0.
    with libbpf.open_object(linked(tmp_path, objects)) as opened:
        assert opened.programs() == ["count"]
        descriptors = opened.load()
        assert set(descriptors) == {"by_flow", "hellos", "first", "tables"}
        assert map_info(descriptors["by_flow"]).btf_value_type_id
