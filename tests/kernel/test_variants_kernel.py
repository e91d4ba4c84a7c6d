"""A program that is built in several ways with one header: the kernel has the maps of each."""

from __future__ import annotations

import os
import subprocess
from itertools import product
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile, emit_files
from bpfgen.conditions.macros import macro_flags
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import map_info
from tests.samples import SAMPLES
from tests.tools import clang_program, require_file, require_root

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.conditions import Assignment

pytestmark = pytest.mark.kernel

PROGRAM = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "filter.h"

SEC("xdp") int count(struct xdp_md *context)
{
	struct flow_event event = {};
	__u64 *packets = bpf_map_lookup_elem(&flows, &event.flow), one = 1;

	if (packets)
		__sync_fetch_and_add(packets, 1);
	else
		bpf_map_update_elem(&flows, &event.flow, &one, BPF_ANY);
#if FILTER
	struct rule_key key = {};
	enum verdict *verdict = bpf_map_lookup_elem(&rules, &key);

	if (verdict)
		event.verdict = *verdict;
#endif
#if HAVE_RINGBUF
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
#else
	bpf_perf_event_output(context, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
#endif
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
"""


WAYS = [
    (("FILTER", filter), ("HAVE_RINGBUF", ringbuf), ("KEEP_FLOWS", keep), ("SMALL", small))
    for (filter, ringbuf), (keep, small) in zip(
        product((None, 1, 2), (None, 1)), 3 * ((None, 1), (1, None)), strict=True
    )
]
"""What a program may be built with."""


@pytest.mark.parametrize("way", WAYS)
def test_each_variant_loads_and_is_what_its_model_says(way: Assignment, tmp_path: Path) -> None:
    """One header, included by a program with other macros each time, and loaded by libbpf."""
    require_root()
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    path = SAMPLES / "conditions" / "filter.dsl"
    source = Source(str(path), path.read_text(encoding="utf-8"))
    (header,) = emit_files(compile(source))
    (tmp_path / "filter.h").write_bytes(header.data)
    (tmp_path / "filter.bpf.c").write_text(PROGRAM)
    command = [clang_program(), "-target", "bpf", "-g", "-O2", "-Wall", "-Werror"]
    command += [f"-I/usr/include/{os.uname().machine}-linux-gnu", *macro_flags(way)]
    subprocess.run([*command, "-c", "filter.bpf.c", "-o", "filter.o"], cwd=tmp_path, check=True)
    options = Options(
        definitions={name: str(value) for name, value in way if value is not None},
        undefined=tuple(name for name, value in way if value is None),
    )
    maps = compile(source, options).model.maps
    with libbpf.open_object((tmp_path / "filter.o").read_bytes()) as opened:
        paths = [map.name for map in opened.maps() if map.pin_path is not None]
        assert paths == ["flows"] * (dict(way)["KEEP_FLOWS"] is not None)
        opened.forget_pin_path("flows")
        descriptors = opened.load()
        assert set(descriptors) == {map.name for map in maps}
        for map in maps:
            info = map_info(descriptors[map.name])
            entries = map.shape.attributes.get("max_entries")
            assert info.type == map.shape.kind.number
            assert entries is None or info.max_entries == entries.value
