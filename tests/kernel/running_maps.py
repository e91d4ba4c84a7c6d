"""Maps that libbpf has loaded, as values: what the kernel says of them, read by bpfgen.live."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import create_map
from tests.kernel.running import running
from tests.kernel.test_samples_kernel import running_kernel
from tests.tools import require_clang, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.compiler import Compilation
    from bpfgen.model.model import Model
    from bpfgen.object.running import RunningMap

RUNTIME_ENTRIES = 10
"""What a map declared `[runtime]` gets."""


def compiled(text: str, name: str = "maps.dsl") -> Compilation:
    """Return the compilation of *text*, which has no errors."""
    compilation = compile(Source(name, text), Options())
    assert [d for d in compilation.diagnostics if d.severity == "error"] == []
    return compilation


def built(compilation: Compilation) -> bytes:
    """Return the object; skip where there is no clang."""
    require_clang()
    data, diagnostics = build_object(compilation, Options())
    assert data is not None, diagnostics
    return data


@contextmanager
def loaded(model: Model, data: bytes) -> Iterator[dict[str, int]]:
    """Give the descriptors of the maps of *data*, the object of *model*, loaded by libbpf.

    Those of kinds that this kernel hasn't are left out, and nothing is pinned. A map of maps whose
    definition leaves the inner maps to the loader gets an array.
    """
    require_root()
    with (
        libbpf.open_object(data) as opened,
        create_map(2, key_size=4, value_size=8, max_entries=1) as inner,
    ):
        for map in model.maps:
            if map.shape.kind.since > running_kernel():
                opened.set_autocreate(map.name, autocreate=False)
            if map.shape.kind.of_maps and map.shape.inner is None:
                opened.set_inner_map_fd(map.name, inner.fd)
            entries = map.shape.attributes.get("max_entries")
            if entries is not None and entries.value is None:
                opened.set_max_entries(map.name, RUNTIME_ENTRIES)
            if "pinning" in map.shape.attributes:
                opened.forget_pin_path(map.name)
        own = {map.name for map in model.maps}
        yield {name: fd for name, fd in opened.load().items() if name in own}


@contextmanager
def loaded_source(text: str) -> Iterator[tuple[Model, dict[str, RunningMap]]]:
    """Give the model of *text* and its maps, loaded by libbpf, as the kernel says them."""
    compilation = compiled(text)
    with loaded(compilation.model, built(compilation)) as descriptors:
        yield compilation.model, {name: running(fd) for name, fd in descriptors.items()}
