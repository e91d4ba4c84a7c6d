"""The rule book's programs about structs in BTF, as clang writes and the running kernel takes them.

Which structs are written with their members is clang's affair, so that no encoder of our own stands
between them and the kernel here.
"""

from __future__ import annotations

import os
import re

import pytest

from bpfgen.compiler import Options, build_object, compile
from bpfgen.record import replace
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import map_info
from tests.tools import CHECKOUT, require_clang, require_root

pytestmark = pytest.mark.kernel

PROGRAMS = re.split(
    r"(?m)^---\n", (CHECKOUT / "tests" / "rulebook" / "fields_written.dsl").read_text()
)


@pytest.mark.parametrize("text", PROGRAMS, ids=range(1, len(PROGRAMS) + 1))
def test_the_kernel_takes_the_types_unless_a_note_denies_it(text: str) -> None:
    """The map has types exactly if no diagnostic says that those of the object are refused."""
    require_root()
    require_clang()
    if tuple(map(int, os.uname().release.split(".")[:2])) < (6, 18):
        pytest.skip("the kernel is older than what the programs are made for: 6.18")
    compilation = compile(Source("m.dsl", text), Options(kernel=(6, 18)))
    errors = [d for d in compilation.diagnostics if d.severity == ERROR]
    if any(error.code == "special-field-locks" for error in errors):
        pytest.skip("the kernel prints a warning and taints itself")
    refused = any("refuses the types" in note for error in errors for note in error.notes)
    data, diagnostics = build_object(replace(compilation, diagnostics=[]))
    assert data is not None, diagnostics
    with libbpf.open_object(data) as opened:
        if "sk_storage" in text:
            assert refused
            with pytest.raises(libbpf.LibbpfError):
                opened.load()
            return
        assert (map_info(opened.load()["m"]).btf_value_type_id == 0) == refused, opened.messages
