"""Every sample, with every clang and in both byte orders: the object says what the source says."""

from __future__ import annotations

import pytest

from bpfgen.building import build_object
from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests import samples
from tests.compiled import COMPILERS, TARGETS
from tests.tools import require_clang
from tests.verify.program import told

KNOWN = {
    ("clang-14", "arena.dsl"): (
        "verify-attribute: `map_extra` of map `arena` is declared as 17592186044416 and "
        "emitted as 0"
    )
}
"""What a compiler can't do: clang 14 keeps 32 bits of an enumerator."""


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", samples.GOOD)
def test_sample_is_as_declared(name: str, compiler: str) -> None:
    """What each clang makes of a sample's header is, in both byte orders, what the sample says."""
    path = samples.SAMPLES / name
    for target in TARGETS:
        options = Options(target=target, clang=Finder(require_clang(compiler)))
        compilation = compile(Source(str(path), path.read_text(encoding="utf-8")), options)
        data, diagnostics = build_object(compilation, options)
        errors = told([found for found in diagnostics if found.severity == "error"])
        assert errors == KNOWN.get((compiler, name), "")
        assert (data is None) == bool(errors)


@pytest.mark.parametrize("name", ["btf_map.dsl", "stackmap.dsl", "legacy.dsl", "linkage.dsl"])
def test_sample_in_the_initializer_style(name: str) -> None:
    """Numbers that stand in the section's data are compared as well as those in the types."""
    path = samples.SAMPLES / name
    options = Options(style="initializer")
    compilation = compile(Source(str(path), path.read_text(encoding="utf-8")), options)
    data, diagnostics = build_object(compilation, options)
    assert (data is not None, told(diagnostics)) == (True, "")
