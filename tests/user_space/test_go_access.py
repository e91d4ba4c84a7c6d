"""Typed access in Go, on the running kernel: programs in Go that use it as users would."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.emit import BACKENDS
from bpfgen.text.source import Source
from tests.samples import SAMPLES, built, compiled
from tests.tools import CHECKOUT, require_clang, require_root
from tests.user_space.commands import run
from tests.user_space.go import go, go_build, go_module

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent / "access"
GOLDEN = CHECKOUT / "tests" / "golden" / "samples"
GUIDE = CHECKOUT / "docs" / "user-space.md"


def test_maps_of_most_kinds(tmp_path: Path) -> None:
    """access_test.go reads and writes maps of each kind, and counts what is allocated."""
    require_root()
    require_clang()
    source = HERE / "access.dsl"
    compilation = compile(Source(str(source), source.read_text()))
    assert not compilation.failed, compilation.diagnostics
    files = {
        "access.go": BACKENDS["go"].emit(compilation.model, {"accessors": ("",)})[0].text,
        "access_test.go": (HERE / "access_test.go").read_text(),
    }
    module = go_module(tmp_path, files, needs_cilium=True)
    data, diagnostics = build_object(compilation, Options())
    assert data is not None, diagnostics
    (module / "access.o").write_bytes(data)
    assert "PASS" in go(module, "test", "-count=1", "-v", ".").stdout


def _guide_blocks() -> Iterator[str]:
    """Yield the blocks of the guide's part about typed access in Go."""
    text = GUIDE.read_text(encoding="utf-8")
    part = text.partition("### Typed access in Go\n")[2].partition("\n## ")[0]
    yield from re.findall(r"(?ms)^```\w*\n(.*?)^```$", part)


def test_the_program_of_the_guide(tmp_path: Path) -> None:
    """The program in docs/user-space.md, over the golden file of the sample, prints what it says.

    The object is that of the sample, loaded by cilium/ebpf.
    """
    require_root()
    program, output = _guide_blocks()
    files = {
        "main.go": program,
        "flows/flows.go": (GOLDEN / "flows.accessors.go").read_text(),
    }
    module = go_module(tmp_path, files, needs_cilium=True, name="example.com/agent")
    (module / "flows.o").write_bytes(built("flows.dsl"))
    assert run([go_build(module)], folder=module).stdout == output


@pytest.mark.parametrize("mapped", [False, True])
def test_imported_files(tmp_path: Path, mapped: bool) -> None:
    """A file and the one that it imports: in one package, or in two by `--map-import`.

    So does a third that has bit-fields, as the first has: nothing is declared twice.
    """
    settings = {"go-package": ("agent",), "accessors": ("",)}
    folder = "."
    user = dict(settings)
    if mapped:
        folder = "common"
        user["map-import"] = ("common.dsl=example.com/maps/common",)
    files = {
        f"{folder}/common.go": BACKENDS["go"]
        .emit(compiled("imports/common.dsl").model, settings)[0]
        .text,
        "user.go": BACKENDS["go"].emit(compiled("imports/user.dsl").model, user)[0].text,
    }
    for name in ("one", "two"):
        text = f"struct {name} {{ __u32 x : 3; }}; map m_{name}: hash<__u32, {name}>[1];"
        model = compile(Source(f"{name}.dsl", text)).model
        files[f"{name}.go"] = BACKENDS["go"].emit(model, settings)[0].text
    module = go_module(tmp_path, files, needs_cilium=True)
    go(module, "vet", "./...")
    assert ("common.TenantId" in files["user.go"]) is mapped


def test_every_golden_file_compiles(tmp_path: Path) -> None:
    """Each golden file of Go as a package of its own."""
    files = {}
    for path in sorted(GOLDEN.glob("*.go")):
        name = path.name.removesuffix(".go").replace(".", "_")
        files[f"{name}/{name}.go"] = path.read_text(encoding="utf-8")
    assert len(files) > len(list(SAMPLES.glob("*.dsl")))
    module = go_module(tmp_path, files, needs_cilium=True)
    go(module, "vet", "./...")
