"""A person can paste a struct out of a C file: every one of the running kernel's, at once.

The types are those of `bpftool btf dump … format c`, renamed so that no header has them too. The
witness is clang, which proves the assertions of the header: the size of each struct, and alignment
and offsets where attributes move them.
"""

from __future__ import annotations

import re
import subprocess

import pytest

from bpfgen.building import build_object
from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.tools import require, require_clang, require_file

KEPT = frozenset(
    "struct union enum typedef int long short char unsigned signed float double void const volatile"
    " restrict _Bool bool __int128 __attribute__ packed aligned preserve_access_index"
    " address_space btf_type_tag btf_decl_tag __u8 __u16 __u32 __u64 __s8 __s16 __s32 __s64".split()
)
"""Words that keep their names: those of C, and typedefs that are built in."""


@pytest.mark.slow
def test_every_type_of_the_kernel_can_be_pasted() -> None:
    """All of vmlinux.h goes through parser, layout and emitter, and clang agrees on each size."""
    btf = require_file("/sys/kernel/btf/vmlinux", "BTF of the running kernel")
    clang = require_clang()
    dump = subprocess.run(
        [require("bpftool"), "btf", "dump", "file", str(btf), "format", "c"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    text = re.sub(r"(?m)^#.*", "", dump)
    text = re.sub(r"enum \{\s*false = 0,\s*true = 1,\s*\};", "", text)
    text = text.replace("__builtin_va_list", "void *")
    text = re.sub(
        r"\b[A-Za-z_]\w*\b", lambda word: word[0] if word[0] in KEPT else f"{word[0]}_k", text
    )
    structs = re.findall(r"(?m)^struct (\w+) \{", text)
    assert len(structs) > 1000
    text += f"map pasted: array<__u32, {structs[0]}>[4];\n"
    compilation = compile(Source("vmlinux.dsl", text))
    errors = [d for d in compilation.diagnostics if d.severity == "error"]
    assert not errors, [(str(d.span), d.message) for d in errors[:10]]
    data, diagnostics = build_object(compilation, Options(clang=Finder(clang)))
    assert data is not None, [(str(d.span), d.message) for d in diagnostics[:10]]
