"""The tables of flags, special fields and BTF kinds, and the limits they rest on, against headers.

The numbers and names of the map kinds themselves are held in test_kernel_headers.py. Witnesses are
the BTF of the running kernel, linux/bpf.h of the machine, and that of the package
linux-source-6.12; bpftool and clang read them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from functools import cache
from typing import Any

import pytest

from bpfgen.btf.kinds import KIND_NAMES
from bpfgen.kernel import map_kind
from bpfgen.kernel.btf_features import BTF_FEATURES
from bpfgen.kernel.map_flags import MAP_FLAGS, flags_value
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.special_fields import MAX_SPECIAL_FIELDS, SPECIAL_FIELDS
from bpfgen.providers.prelude import Prelude
from tests.conformance.kernel_sources import HEADERS, SOURCES, SOURCES_VERSION, bpf_header
from tests.tools import require, require_file

NOT_OF_MAPS = {
    *("BPF_F_RECOMPUTE_CSUM", "BPF_F_INVALIDATE_HASH", "BPF_F_HDR_FIELD_MASK", "BPF_F_PSEUDO_HDR"),
    *("BPF_F_LOCK", "BPF_F_CPU", "BPF_F_ALL_CPUS"),
}
"""Names that begin alike and are flags of other calls."""


@cache
def _vmlinux() -> dict[str, int]:
    """Return every enumerator of the running kernel's BTF."""
    types = _dump()
    return {
        value["name"]: int(value["val"])
        for type in types
        if type["kind"] in {"ENUM", "ENUM64"}
        for value in type["values"]
    }


@cache
def _sizes() -> dict[str, int]:
    """Return the sizes of the running kernel's structs by tag."""
    return {type["name"]: type["size"] for type in _dump() if type["kind"] == "STRUCT"}


@cache
def _dump() -> list[dict[str, Any]]:
    path = require_file("/sys/kernel/btf/vmlinux", "vmlinux-btf")
    done = subprocess.run(
        [require("bpftool"), "--json", "btf", "dump", "file", str(path)],
        check=True,
        capture_output=True,
    )
    types: list[dict[str, Any]] = json.loads(done.stdout)["types"]
    return types


def _kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


def test_flags_are_those_of_the_running_kernel() -> None:
    """Each flag of the kernel's age has the kernel's number, and none that is newer is there."""
    theirs = _vmlinux()
    for flag in MAP_FLAGS.values():
        if flag.since <= _kernel():
            assert theirs[flag.name] == flag.value, flag.name
        else:
            assert flag.name not in theirs


def test_no_flag_of_the_running_kernel_is_missing() -> None:
    """The enum that has BPF_F_NO_PREALLOC has no enumerator that the table lacks."""
    for type in _dump():
        values = type.get("values")
        names = {value["name"] for value in values} if isinstance(values, list) else set()
        if "BPF_F_NO_PREALLOC" in names:
            assert names - NOT_OF_MAPS <= set(MAP_FLAGS)
            return
    pytest.fail("the kernel's BTF has no BPF_F_NO_PREALLOC")


@pytest.mark.parametrize("package", HEADERS)
def test_flags_are_those_of_the_headers(
    package: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """linux/bpf.h defines the flags of its age with the same bits."""
    text = bpf_header(package, tmp_path_factory).read_text()
    defined = re.findall(r"^\s*(BPF_F_\w+)\s*=\s*\(1U << (\d+)\)", text, re.MULTILINE)
    found = {name: int(bit) for name, bit in defined if name in MAP_FLAGS}
    assert len(found) >= 13
    assert found == {name: MAP_FLAGS[name].bit for name in found}
    last = max(found.values())
    assert {f.name for f in MAP_FLAGS.values() if f.bit <= last} == set(found)
    if package == SOURCES:
        assert {f.name for f in MAP_FLAGS.values() if f.since <= SOURCES_VERSION} == set(found)


def test_the_prelude_has_every_flag() -> None:
    """What the table calls a flag can be written in a source, with the same value and age."""
    prelude = Prelude.shared()
    for flag in MAP_FLAGS.values():
        constant = prelude.find_constant(flag.name)
        assert constant is not None
        assert (constant.value, constant.since) == (flag.value, flag.since)
    assert flags_value(("BPF_F_NO_PREALLOC", "BPF_F_MMAPABLE")) == 0x401


KERNEL_FIELDS = {
    "bpf_spin_lock": "BPF_SPIN_LOCK",
    "bpf_res_spin_lock": "BPF_RES_SPIN_LOCK",
    "bpf_timer": "BPF_TIMER",
    "bpf_wq": "BPF_WORKQUEUE",
    "bpf_task_work": "BPF_TASK_WORK",
    "bpf_refcount": "BPF_REFCOUNT",
    "bpf_list_head": "BPF_LIST_HEAD",
    "bpf_rb_root": "BPF_RB_ROOT",
    "kptr": "BPF_KPTR_REF",
    "kptr_untrusted": "BPF_KPTR_UNREF",
    "percpu_kptr": "BPF_KPTR_PERCPU",
    "uptr": "BPF_UPTR",
}
"""Special fields by the kernel's enum btf_field_type."""


def test_special_fields_are_those_of_the_running_kernel() -> None:
    """Those of its age are in enum btf_field_type, with the sizes of their structs."""
    theirs = _vmlinux()
    assert set(KERNEL_FIELDS) == set(SPECIAL_FIELDS)
    for field in SPECIAL_FIELDS.values():
        assert (KERNEL_FIELDS[field.name] in theirs) == (field.since <= _kernel()), field.name
        if not field.pointer and field.since <= _kernel():
            assert _sizes()[field.name] == field.size
    assert theirs["BTF_FIELDS_MAX"] == MAX_SPECIAL_FIELDS


def test_limits_rest_on_the_kernels_structs() -> None:
    """The sizes that the limits subtract are those of the running kernel's structs."""
    assert map_kind.KMALLOC_MAX - _sizes()["htab_elem"] - 1 == map_kind.HASH_ELEMENT
    assert 0xFFFF - _sizes()["bpf_local_storage_elem"] == map_kind.STORAGE_VALUE
    assert _sizes()["bpf_stack_build_id"] == map_kind.BUILD_ID_SIZE
    trie = MAP_KINDS["lpm_trie"].value_sizes.most
    assert trie == map_kind.KMALLOC_MAX - _sizes()["lpm_trie_node"] - 256


def test_btf_kinds_are_those_of_the_running_kernel() -> None:
    """Each kind that the table of versions dates is one, and has the number the decoder knows."""
    theirs = _vmlinux()
    dated = [name for name in BTF_FEATURES if name in KIND_NAMES]
    assert dated == [
        "FUNC",
        "FUNC_PROTO",
        "VAR",
        "DATASEC",
        "FLOAT",
        "DECL_TAG",
        "TYPE_TAG",
        "ENUM64",
    ]
    for name in dated:
        assert theirs[f"BTF_KIND_{name}"] == KIND_NAMES.index(name)
        assert BTF_FEATURES[name].since <= _kernel()
