"""Initial values of maps of maps: what bpfgen refuses of them doesn't load, and what it takes does.

libbpf stores them when it loads the object; that is asked of the running kernel.
"""

from __future__ import annotations

import errno

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.record import replace
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.tools import require_clang, require_root

pytestmark = pytest.mark.kernel

INNER = "array<__u32, __u64>[8]"


@pytest.mark.parametrize(
    ("declared", "code", "error"),
    [
        (f"hash_of_maps<__u32, {INNER}>[2] = {{ [7] = a, [9] = a }}", "", 0),
        (f"hash_of_maps<__u32, {INNER}>[1] = {{ [7] = a, [9] = a }}", "slot-range", errno.E2BIG),
        (f"hash_of_maps<__u32, {INNER}>[1] {{ map_flags = BPF_F_RDONLY; }}", "", 0),
        (
            f"hash_of_maps<__u32, {INNER}>[1] {{ map_flags = BPF_F_RDONLY; }} = {{ a }}",
            "slot-access",
            errno.EPERM,
        ),
        (
            f"array_of_maps<__u32, {INNER}>[1] {{ map_flags = BPF_F_RDONLY; }} = {{ a }}",
            "slot-access",
            errno.EPERM,
        ),
        (f"array_of_maps<__u32, {INNER}>[1] {{ map_flags = BPF_F_WRONLY; }} = {{ a }}", "", 0),
    ],
)
def test_what_is_refused_of_slots_does_not_load(declared: str, code: str, error: int) -> None:
    """An object loads exactly if bpfgen takes its initial values; else that errno comes."""
    require_root()
    require_clang()
    text = f"map a: {INNER};\nmap m: {declared};\n"
    compilation = compile(Source("m.dsl", text), Options(kernel=(6, 18)))
    assert [d.code for d in compilation.diagnostics] == [code] * bool(code)
    # A slot that is refused isn't in the model: the object is made with room, which is taken away.
    roomy = compile(Source("m.dsl", text.replace("[1] =", "[2] =")), Options(kernel=(6, 18)))
    data, diagnostics = build_object(replace(roomy, diagnostics=[]))
    assert data is not None, diagnostics
    with libbpf.open_object(data) as opened:
        if "[1]" in declared:
            opened.set_max_entries("m", 1)
        if not error:
            assert opened.load()["m"] >= 0
            return
        with pytest.raises(libbpf.LibbpfError) as refused:
            opened.load()
    assert refused.value.number == error
