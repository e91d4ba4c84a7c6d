"""What libbpf can't open isn't delivered as verified, and libbpf itself is the witness."""

from __future__ import annotations

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.object import read_object
from bpfgen.text.source import Source
from bpfgen.verify import verify
from tests import compiled
from tests.conformance import libbpf
from tests.samples import built
from tests.samples import compiled as compiled_sample


def _typedefs(count: int) -> str:
    """Return a map whose value is *count* typedefs on top of each other."""
    chain = "".join(f"typedef t{n - 1} t{n};\n" for n in range(1, count))
    return f"typedef unsigned int t0;\n{chain}map m: hash<__u32, t{count - 1}>[4];\n"


@pytest.mark.parametrize(("count", "opens"), [(30, True), (31, True), (32, False)])
def test_typedefs_that_libbpf_does_not_follow(count: int, opens: bool) -> None:
    """Libbpf follows 32 types to a size: the object is refused if and only if libbpf does."""
    compilation = compile(Source("t.dsl", _typedefs(count)), Options())
    data, diagnostics = build_object(compilation)
    errors = [said for said in diagnostics if said.severity == "error"]
    assert (data is not None) == opens
    assert [said.code for said in errors] == ([] if opens else ["libbpf-refuses"])
    c = "typedef unsigned int t0;\n"
    c += "".join(f"typedef t{n - 1} t{n};\n" for n in range(1, count))
    c += "struct { __uint(type, 1); __type(key, int); __uint(max_entries, 4);"
    c += f' __type(value, t{count - 1}); }} m SEC(".maps");'
    try:
        with libbpf.open_object(compiled.compile_c(compiled.MACROS + c)):
            libbpf_opens = True
    except libbpf.LibbpfError:
        libbpf_opens = False
    assert libbpf_opens == opens


def test_a_program_with_another_map_that_libbpf_refuses() -> None:
    """A whole program isn't verified if libbpf opens it for none of its maps."""
    good = "__uint(type, 2); __type(key, int); __type(value, int); __uint(max_entries, 1);"
    text = f'struct {{ {good} }} m SEC(".maps");\nstruct {{ {good} int colour; }} n SEC(".maps");'
    compilation = compile(Source("m.dsl", "map m: array<int, int>[1];\n"), Options())
    read = read_object(compiled.compile_c(compiled.MACROS + text))
    (said,) = verify(compilation.model, read, exact=False, foreign=True)
    assert said.code == "libbpf-refuses"
    assert "map `n`" in said.message


@pytest.mark.parametrize("name", ["legacy.dsl", "linkage.dsl", "tail_calls.dsl"])
def test_what_is_for_a_linker_or_another_loader(name: str) -> None:
    """Legacy and extern maps, and slots that another object fills, are no faults."""
    read = read_object(built(name))
    assert read.error is not None
    assert verify(compiled_sample(name).model, read) == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("key-size-conflict", "map m: hash<__u32, __u64>[8] { key_size = 8; };"),
        ("pinning", "map m: array<__u32, __u64>[8] { pinning = 2; };"),
        ("arena-twice", "map one: arena[1]; map m: arena[1];"),
        (
            "inner-map-pinning",
            "map m: array_of_maps<__u32, array<__u32, __u64>[4] { pinning = by_name; }>[2];",
        ),
    ],
)
def test_what_is_allowed_is_built(code: str, text: str) -> None:
    """A loader of one's own takes what libbpf refuses; the source has said so."""
    source = f"// bpfgen: allow {code} because our loader knows\n{text}\n"
    compilation = compile(Source("m.dsl", source), Options())
    assert not compilation.failed, compilation.diagnostics
    data, diagnostics = build_object(compilation)
    assert data is not None, diagnostics
    assert read_object(data).error is not None
