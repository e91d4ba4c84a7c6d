"""The rule book's programs about structs in BTF, as clang writes and the running kernel takes them.

Which structs are written with their members is clang's affair, so that no encoder of our own stands
between them and the kernel here.
"""

from __future__ import annotations

import os
import re
import struct
from array import array
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.object import read_object
from bpfgen.record import replace
from bpfgen.rules.maps.written_types import WrittenTypes
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import load_btf, map_info
from tests.kernel.written_programs import program
from tests.tools import CHECKOUT, require_clang, require_root

if TYPE_CHECKING:
    from bpfgen.btf.encode import BtfEncoder
    from bpfgen.compiler import Compilation

pytestmark = pytest.mark.kernel

PROGRAMS = [
    text
    for text in re.split(
        r"(?m)^---\n", (CHECKOUT / "tests" / "rulebook" / "fields_written.dsl").read_text()
    )
    if not ("bpf_spin_lock" in text and "bpf_res_spin_lock" in text)
]
"""Without those that have both locks: the kernel prints a warning and taints itself."""

RANDOM = int(os.environ.get("BPFGEN_DIFFERENTIAL_WRITTEN", "3000"))


@pytest.mark.parametrize("text", PROGRAMS, ids=range(1, len(PROGRAMS) + 1))
def test_the_kernel_takes_the_types_unless_a_note_denies_it(text: str) -> None:
    """The map has types exactly if no diagnostic says that those of the object are refused."""
    require_root()
    require_clang()
    _require_kernel()
    compilation = compile(Source("m.dsl", text), Options(kernel=(6, 18)))
    refused = _is_refused(compilation)
    data, diagnostics = build_object(replace(compilation, diagnostics=[]))
    assert data is not None, diagnostics
    with libbpf.open_object(data) as opened:
        if "sk_storage" in text:
            assert refused
            with pytest.raises(libbpf.LibbpfError):
                opened.load()
            return
        assert (map_info(opened.load()["m"]).btf_value_type_id == 0) == refused, opened.messages


@pytest.mark.parametrize("seed", range(2))
def test_the_kernel_agrees_about_random_structs(seed: int) -> None:
    """Types that clang would write are refused exactly if a note says so."""
    require_root()
    _require_kernel()
    tainted = Path("/proc/sys/kernel/tainted").read_text()
    random = Random(seed)  # noqa: S311 -- not for secrets
    seen: Counter[bool] = Counter()
    wrong = []
    for _ in range(RANDOM // 2):
        text = program(random)
        compilation = compile(Source("m.dsl", text), Options(kernel=(6, 18)))
        refused, actual = _is_refused(compilation), False
        try:
            load_btf(_data(WrittenTypes(compilation.model).encoder)).close()
        except OSError:
            actual = True
        seen[actual] += 1
        if refused != actual:
            codes = sorted({d.code for d in compilation.diagnostics if d.severity == ERROR})
            wrong.append(f"{codes} against {actual}:\n{text}")
    assert not wrong, f"{len(wrong)} of {RANDOM // 2}\n" + "\n".join(wrong[:5])
    assert min(seen[False], seen[True]) > RANDOM // 20, seen
    assert Path("/proc/sys/kernel/tainted").read_text() == tainted


def test_clang_writes_the_same_structs() -> None:
    """The structs with members are those of clang's BTF, by their tags, sizes and numbers."""
    require_clang()
    random = Random(7)  # noqa: S311 -- not for secrets
    for _ in range(24):
        compilation = compile(Source("m.dsl", program(random)), Options(kernel=(6, 18)))
        data, diagnostics = build_object(replace(compilation, diagnostics=[]))
        assert data is not None, diagnostics
        btf = read_object(data).btf
        assert btf is not None
        theirs = Counter((btf.name(i), btf.size(i)) for i in btf.ids_of_kind(4))
        ours = Counter((s.tag or "", s.size) for s in WrittenTypes(compilation.model).structs())
        extra = theirs - ours
        assert not ours - theirs, compilation.source.text
        # The map's own definition is the one that no type of the model stands for.
        assert sum(extra.values()) == 1, (extra, compilation.source.text)


def _require_kernel() -> None:
    if tuple(map(int, os.uname().release.split(".")[:2])) < (6, 18):
        pytest.skip("the kernel is older than what the programs are made for: 6.18")


def _is_refused(compilation: Compilation) -> bool:
    """Whether a note says that the types of the object are refused."""
    errors = [d for d in compilation.diagnostics if d.severity == ERROR]
    return any("refuses the types" in note for error in errors for note in error.notes)


def _data(encoder: BtfEncoder) -> bytes:
    types = b"".join(array("I", record).tobytes() for record in encoder.records)
    head = struct.pack(
        "=HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(encoder.strings)
    )
    return head + types + bytes(encoder.strings)
