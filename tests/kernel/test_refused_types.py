"""What becomes of programs where the kernel refuses an object's types: the kernel is asked.

That it refuses them, and which, tests/kernel/test_differential_btf.py tries.
"""

from __future__ import annotations

import pytest

from bpfgen.object import read_object
from bpfgen.object.refused_btf import refused_btf
from tests import compiled
from tests.conformance import libbpf
from tests.tools import require_clang, require_root

pytestmark = pytest.mark.kernel

PROGRAM = """
struct reading {{ __u8 kind; float mean; }}{packed};
struct {{ __uint(type, 1); __type(key, __u32); __type(value, struct reading);
         __uint(max_entries, 1); }} readings SEC(".maps");
static long (*for_each)(void *, void *, void *, __u64) = (void *)164;
static long each(void *map, __u32 *key, struct reading *value, void *more) {{ return 0; }}
SEC("socket") int program(void *context) {{ {body} return 0; }}
"""
CALL = "for_each(&readings, each, 0, 0);"
PACKED = " __attribute__((packed))"


@pytest.mark.parametrize(
    ("packed", "body", "loads"),
    [("", CALL, True), (PACKED, "", True), (PACKED, CALL, False)],
    ids=["types", "no callback", "callback without types"],
)
def test_a_callback_needs_the_types(packed: str, body: str, *, loads: bool) -> None:
    """Without them a program loads, unless a function of it is a callback: what the note says."""
    require_root()
    require_clang()
    data = compiled.compile_c(compiled.MACROS + PROGRAM.format(packed=packed, body=body))
    warnings = refused_btf(read_object(data))
    assert bool(warnings) == bool(packed)
    assert all("a callback, as for bpf_for_each_map_elem" in one.notes[-1] for one in warnings)
    with libbpf.open_object(data) as opened:
        if loads:
            opened.load()
            return
        with pytest.raises(libbpf.LibbpfError) as refusal:
            opened.load()
    assert refusal.value.number == 22
    assert "missing btf func_info" in "".join(refusal.value.messages)
