"""The model's layouts against pahole (on our objects) and against clang (on vmlinux.h)."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.ctype.layout import sizeof
from bpfgen.ctype.types import Composite
from bpfgen.text.source import Source
from tests.samples import GOOD, built, compiled
from tests.tools import clang_program, require, require_file, witnessed

if TYPE_CHECKING:
    from pathlib import Path

_MEMBER = re.compile(r"^\t(?!\t).*?(\w+)(?:\[\d*\])*;\s+/\* +(\d+)\s+(\d+) \*/", re.MULTILINE)
_SIZE = re.compile(r"/\* size: (\d+)")


def composites(name: str) -> dict[str, Composite]:
    """Return the tagged structs and unions that the sample *name* declares, by tag."""
    return {
        tag: type
        for (kind, tag), type in compiled(name).model.types.items()
        if kind in ("struct", "union") and isinstance(type, Composite)
    }


@pytest.mark.parametrize("name", witnessed(GOOD, "pahole"))
def test_pahole_sees_the_sizes_and_offsets_of_the_model(name: str, tmp_path: Path) -> None:
    """pahole's sizes, and its offsets of plain members, are those that the model computed."""
    declared = composites(name)
    if not declared:
        return
    path = tmp_path / "sample.o"
    path.write_bytes(built(name))
    words = [require("pahole"), "-F", "btf", "-C", ",".join(declared), str(path)]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    seen = 0
    for part in re.split(r"(?m)^(?=(?:struct|union) \w+ \{)", text):
        found = re.match(r"(?:struct|union) (\w+) \{", part)
        if found is None:
            continue
        seen += 1
        model = declared[found[1]]
        size = _SIZE.search(part)
        if size is not None:  # pahole leaves it out for an empty struct
            assert int(size[1]) == model.size, part
        offsets = {member.name: member.bit_offset for member in model.members if member.name}
        for member, offset, _ in _MEMBER.findall(part):
            if member in offsets and model.kind == "struct":
                assert 8 * int(offset) == offsets[member], (part, member)
    assert seen or name == "legacy.dsl", text  # a legacy map leaves no types in BTF


NAMES = (
    "list_head hlist_head iphdr ipv6hdr tcphdr udphdr ethhdr sockaddr_in sockaddr_in6 in6_addr "
    "timespec64 qstr path rb_node rb_root kref work_struct timer_list hrtimer mutex spinlock "
    "task_cputime sched_entity load_weight bpf_insn sk_buff net_device task_struct file inode "
    "dentry super_block vm_area_struct mm_struct pid upid"
).split()
"""Structs of the kernel, odd ones among them; those that vmlinux.h lacks are left out."""


@pytest.fixture(scope="module")
def vmlinux_h(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a vmlinux.h of the running kernel."""
    vmlinux = require_file("/sys/kernel/btf/vmlinux", "the kernel's BTF")
    words = [require("bpftool"), "btf", "dump", "file", str(vmlinux), "format", "c"]
    directory = tmp_path_factory.mktemp("vmlinux")
    text = subprocess.run(words, capture_output=True, check=True).stdout
    (directory / "vmlinux.h").write_bytes(text)
    return directory


def test_kernel_types_through_vmlinux_h_have_the_compiler_s_layout(vmlinux_h: Path) -> None:
    """One run of clang over 3 MB answers for all names; another one asserts what came back."""
    clang = clang_program()
    header = (vmlinux_h / "vmlinux.h").read_text()
    names = [name for name in NAMES if f"\nstruct {name} {{" in header]
    assert len(names) > 20
    members = "".join(f"char c{i}; struct {name} m{i};\n" for i, name in enumerate(names))
    text = (
        f'include "vmlinux.h";\nstruct everything {{ {members} }};\n'
        "map one: array<__u32, everything>[BPF_MAP_TYPE_ARRAY];\n"
        "map two: hash<pid_t, sockaddr_in6>[sizeof(struct list_head) * IPPROTO_TCP];\n"
    )
    compilation = compile(Source(str(vmlinux_h / "main.dsl"), text), Options())
    assert [d.message for d in compilation.diagnostics if d.severity == "error"] == []
    everything = compilation.model.types["struct", "everything"]
    assert isinstance(everything, Composite)
    asserted = ['#include "vmlinux.h"', f"struct everything {{ {members} }};"]
    for member in everything.members:
        offset = f"__builtin_offsetof(struct everything, {member.name})"
        asserted.append(f'_Static_assert({offset} == {member.bit_offset // 8}, "");')
    for i, name in enumerate(names):
        type = next(m.type for m in everything.members if m.name == f"m{i}")
        asserted.append(f'_Static_assert(sizeof(struct {name}) == {sizeof(type)}, "");')
    unit = vmlinux_h / "assert.c"
    unit.write_text("\n".join(asserted))
    words = [clang, "-target", "bpf", "-fsyntax-only", "-Wno-everything", str(unit)]
    assert subprocess.run(words, capture_output=True, text=True, check=False).stderr == ""
    assert compilation.model.maps[1].shape.attributes["max_entries"].value == 16 * 6
    data, diagnostics = build_object(compilation)
    assert [d.message for d in diagnostics if d.severity == "error"] == []
    assert data is not None
