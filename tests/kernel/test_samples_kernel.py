"""The running kernel creates the samples' maps, loaded from the built objects by libbpf."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.clang import ASSEMBLERS
from bpfgen.compiler import Options, emit
from bpfgen.model.maps import MAP_KINDS
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import create_map, map_info
from tests.samples import SAMPLES, built, compiled
from tests.tools import clang_program, require_file, require_root, witnessed

if TYPE_CHECKING:
    from bpfgen.model.maps import Map

pytestmark = pytest.mark.kernel

RDONLY_PROG = 0x80
ADDED_BY_THE_KERNEL = {"devmap": RDONLY_PROG, "devmap_hash": RDONLY_PROG}
"""Flags that the kernel reports though nobody asked for them (dev_map_init_map)."""

LOADED = (
    "btf_map.dsl",
    "constants.dsl",
    "kinds.dsl",
    "map_in_map.dsl",
    "quickstart.dsl",
    "ringbuf.dsl",
    "special_fields.dsl",
    "stackmap.dsl",
    "types.dsl",
)


def running_kernel() -> tuple[int, int]:
    """Return the (major, minor) of the kernel that runs."""
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


def _possible_cpus() -> int:
    ranges = Path("/sys/devices/system/cpu/possible").read_text().strip().split(",")
    return sum(int(r.split("-")[-1]) - int(r.split("-")[0]) + 1 for r in ranges)


def _number(map: Map, attribute: str) -> int:
    found = map.shape.attributes.get(attribute)
    return found.value or 0 if found else 0


@pytest.mark.parametrize("assembler", witnessed(ASSEMBLERS, "libbpf.so.1"))
@pytest.mark.parametrize("name", LOADED)
def test_the_kernel_has_the_maps_as_declared(name: str, assembler: str) -> None:
    """Every map of the object that this kernel can have is created, with the model's numbers."""
    require_root()
    maps = compiled(name).model.maps
    kernel = running_kernel()
    with (
        libbpf.open_object(built(name, assembler)) as opened,
        create_map(2, key_size=4, value_size=8, max_entries=1) as inner,
    ):
        for map in maps:
            if map.shape.kind.since > kernel:
                opened.set_autocreate(map.name, autocreate=False)
            if map.shape.kind.of_maps and map.shape.inner is None:
                opened.set_inner_map_fd(map.name, inner.fd)
        descriptors = opened.load()
        for map in maps:
            if map.shape.kind.since > kernel:
                continue
            info = map_info(descriptors[map.name])
            expected = _number(map, "max_entries")
            if map.shape.kind.name == "perf_event_array":
                expected = expected or _possible_cpus()
            added = ADDED_BY_THE_KERNEL.get(map.shape.kind.name, 0)
            assert info.type == map.shape.kind.number, map.name
            assert info.max_entries == expected, map.name
            assert info.map_flags == _number(map, "map_flags") | added, map.name
            assert info.map_extra == _number(map, "map_extra"), map.name
            assert info.name == map.name[:15]


def test_every_kind_of_this_kernel_is_tried() -> None:
    """kinds.dsl has a map of every kind but struct_ops, which no map definition can make."""
    tried = {map.shape.kind.name for map in compiled("kinds.dsl").model.maps}
    assert tried == set(MAP_KINDS) - {"struct_ops"}


@pytest.mark.parametrize("assembler", witnessed(ASSEMBLERS, "libbpf.so.1"))
def test_maps_keep_their_types_in_the_kernel(assembler: str) -> None:
    """The types reach the kernel: no map was made by libbpf's silent retry without BTF."""
    require_root()
    with libbpf.open_object(built("special_fields.dsl", assembler)) as opened:
        for name, descriptor in opened.load().items():
            info = map_info(descriptor)
            assert info.btf_id, f"{name}: {''.join(opened.messages)}"
            assert info.btf_key_type_id, name
            assert info.btf_value_type_id, name


def test_the_flow_tracker_loads(tmp_path: Path) -> None:
    """The kernel's verifier accepts the programs that were compiled with the generated header."""
    require_root()
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    (tmp_path / "flows.h").write_text(emit(compiled("flows.dsl"), Options(), "header"))
    path = tmp_path / "flows.o"
    subprocess.run(
        [
            *(clang_program(), "-target", "bpf", "-g", "-O2", "-Wall", "-Werror"),
            *(f"-I/usr/include/{os.uname().machine}-linux-gnu", f"-I{tmp_path}"),
            *("-c", str(SAMPLES / "flows.bpf.c"), "-o", str(path)),
        ],
        check=True,
    )
    with libbpf.open_object(path.read_bytes()) as opened:
        opened.forget_pin_path("flows")
        assert set(opened.load()) >= {map.name for map in compiled("flows.dsl").model.maps}
