"""What becomes of special fields without types: the kernel and libbpf are asked."""

from __future__ import annotations

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import has_special_fields
from tests.tools import require_clang, require_root

pytestmark = pytest.mark.kernel

ENTRY = "struct entry { __u64 seen; struct bpf_timer expire; };\n"
ALLOWED = "// bpfgen: allow special-field-untyped because it is tried here\n"


def _object(text: str) -> bytes:
    compilation = compile(Source("m.dsl", text), Options())
    assert not compilation.failed, compilation.diagnostics
    data, diagnostics = build_object(compilation)
    assert data is not None, diagnostics
    return data


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ("hash<__u32, entry>[4]", True),
        ("hash[4] { key_size = 4; value_size = sizeof(struct entry); }", False),
        ("hash[4] { key_size = 4; value = struct entry; }", False),
        ("hash[4] { key = __u32; value_size = sizeof(struct entry); }", False),
    ],
)
def test_the_kernel_finds_fields_by_types_alone(shape: str, found: bool) -> None:
    """A map without both types loads, and its timer is plain bytes: what bpfgen warns of."""
    require_root()
    require_clang()
    bare = compile(Source("m.dsl", f"{ENTRY}map m: {shape};\n"))
    codes = {diagnostic.code for diagnostic in bare.diagnostics}
    assert ("special-field-untyped" in codes) != found
    allowed = "" if found else ALLOWED
    with libbpf.open_object(_object(f"{ENTRY}{allowed}map m: {shape};\n")) as opened:
        assert has_special_fields(opened.load()["m"]) == found


def test_a_storage_with_a_field_that_it_does_not_take_is_not_created_at_all() -> None:
    """libbpf's second try, without types, fails as well: EOPNOTSUPP, then EINVAL."""
    require_root()
    require_clang()
    allowed = "// bpfgen: allow special-field-kind because it is tried here\n"
    text = f"{ENTRY}{allowed}map m: task_storage<int, entry>;\n"
    with (
        libbpf.open_object(_object(text)) as opened,
        pytest.raises(libbpf.LibbpfError) as refusal,
    ):
        opened.load()
    said = "".join(refusal.value.messages)
    assert "Retrying without BTF" in said
    assert refusal.value.number == 22
    (diagnostic,) = compile(Source("m.dsl", text.replace(allowed, ""))).diagnostics
    assert "libbpf loads nothing" in "".join(diagnostic.notes)
