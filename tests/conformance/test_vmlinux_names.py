"""The list of vmlinux.h's names against a vmlinux.h, and clang's word on what clashes."""

from __future__ import annotations

import random
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from bpfgen.kernel.vmlinux import KINDS, ORDINARY, TAGS, VmlinuxNames
from bpfgen.resources import vmlinux_names
from tests.conformance.vmlinux_names import names_of
from tests.tools import clang_program, require, require_file

SEED = 20
COUNT = 300

MOSTLY = 0.6
"""The share of the listed names that even a small kernel has; Debian's has all."""


@cache
def _vmlinux() -> str:
    """Return the vmlinux.h of the running kernel."""
    btf = require_file("/sys/kernel/btf/vmlinux", "the kernel's BTF")
    words = [require("bpftool"), "btf", "dump", "file", str(btf), "format", "c"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def _listed() -> dict[str, list[str]]:
    """Return the names of the list by kind, read as a person reads it."""
    listed: dict[str, list[str]] = {}
    for line in vmlinux_names().splitlines()[1:]:
        if line.startswith("["):
            names = listed.setdefault(line[1:-1], [])
        else:
            names.append(line)
    return listed


def test_every_name_of_the_list_is_found() -> None:
    """By its kind and no other, and nothing near it is."""
    names, listed = VmlinuxNames(), _listed()
    assert tuple(listed) == (*KINDS, "")
    for kind in KINDS:
        assert listed[kind] == sorted(set(listed[kind]))
        for name in listed[kind]:
            assert names.kind_of(name, (kind,)) == kind
            assert names.kind_of(f"{name}\u007f", KINDS) is None
            assert names.kind_of(f"[{name}", KINDS) is None
    assert names.kind_of("", KINDS) is None
    assert names.kind_of("]", KINDS) is None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "function"])
def test_the_running_kernel_has_most_of_them(kind: str) -> None:
    """What is read from its vmlinux.h is what the list has; the list has nothing from elsewhere."""
    listed, here = _listed()[kind], names_of(_vmlinux())[kind]
    assert len(here & set(listed)) > MOSTLY * len(listed)


def test_clang_refuses_what_clashes(tmp_path: Path) -> None:
    """Each name that both have is an error of its own, at its own line; a new name is none."""
    choice = random.Random(SEED)  # noqa: S311 -- nothing is secret here
    here = names_of(_vmlinux())
    listed = _listed()
    both = [(name, kind) for kind in KINDS for name in sorted(here[kind] & set(listed[kind]))]
    lines, expected = ['#include "vmlinux.h"'], set()
    known = {name for names in here.values() for name in names}
    for name, kind in choice.sample(both, COUNT):
        declares = f"struct {name} {{ int x; }};" if kind in TAGS else f"int {name};"
        lines.append(declares)
        expected.add(len(lines))
        mine = f"{name}_of_mine"
        assert mine not in known
        lines.append(f"struct {mine} {{ int x; }}; int {mine}; enum {{ {mine}_too }};")
        # The other name space is free, unless the kernel has the name there as well.
        other = ORDINARY if kind in TAGS else TAGS
        if not any(name in here[kind] for kind in other):
            lines.append(f"int {name};" if kind in TAGS else f"struct {name} {{ int x; }};")
    Path(tmp_path, "vmlinux.h").write_text(_vmlinux())
    Path(tmp_path, "names.c").write_text("\n".join(lines) + "\n")
    words = [clang_program(), "-target", "bpf", "-fsyntax-only", "-ferror-limit=0", "-w"]
    words += ["-fms-extensions", "names.c"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    refused = {
        int(line) for line in re.findall(r"^names\.c:(\d+):\d+: error", done.stderr, re.MULTILINE)
    }
    assert refused == expected, done.stderr[:2000]
