"""Every sample's outputs are as they were reviewed; so is what is said of each broken one.

The files lie in samples/ and broken/ beside this module. A change of any output shows up here as a
diff; `pytest --bpfgen-update` takes it over, and fails until the run is repeated without it.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from tests.samples import SAMPLES
from tests.tools import missing, require, require_clang, require_file

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.testing.golden import Golden


GOOD = ("*.dsl", "imports/*.dsl")
"""The samples with golden files; those in projects/ are built by real build systems."""

OF_THE_HEADERS = "special_fields.dsl"
"""Its object holds structs as linux/bpf.h has them: the files are those of Linux 6.1's.

Later ones name the members of `struct bpf_timer`; which is in the object is for them to say.
"""


@pytest.fixture(autouse=True)
def _clang(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the newest clang; the files hold nothing that depends on which it is."""
    monkeypatch.setenv("BPFGEN_CLANG", require_clang())


@pytest.fixture
def _headers(bpfgen_source: str) -> None:
    """Skip what depends on the kernel's headers where they are not those of the files."""
    if bpfgen_source == OF_THE_HEADERS:
        header = require_file("/usr/include/linux/bpf.h", "linux-libc-dev of Linux 6.1")
        if "struct bpf_timer {\n\t__u64 :64;" not in header.read_text():
            missing("linux-libc-dev of Linux 6.1", "is not on this machine, but another version")


@pytest.mark.usefixtures("_headers")
@pytest.mark.bpfgen(
    *GOOD,
    base="../../samples",
    golden="samples",
    emit=("header", "json", "object", "go", "python"),
    options="-W no-go-file",  # a file and its import, each in a package of its own name
)
def test_outputs(bpfgen_golden: Golden) -> None:
    """The C header, the model as JSON, and the object as it is read back.

    Nothing is said of a good sample, but for notes (what libbpf can't open by itself).
    """
    bpfgen_golden()


@pytest.mark.bpfgen(
    *GOOD,
    "!legacy.dsl",  # which is clang's
    f"!{OF_THE_HEADERS}",
    base="../../samples",
    golden="samples",
    emit="object",
    options="--assembler builtin -W no-go-file",
)
def test_objects_without_clang(bpfgen_golden: Golden) -> None:
    """What bpfgen's own assembler writes is read back as what clang writes."""
    bpfgen_golden()


@pytest.mark.bpfgen(
    OF_THE_HEADERS,
    base="../../samples",
    golden="samples",
    emit="object",
    options="--assembler builtin",
    variant="builtin",
)
def test_an_object_without_the_headers(bpfgen_golden: Golden) -> None:
    """Structs of the kernel are those of its newest headers, whichever the machine has."""
    bpfgen_golden()


@pytest.mark.bpfgen(
    "btf_map.dsl",
    "stackmap.dsl",
    base="../../samples",
    golden="samples",
    options="--style initializer",
    variant="initializer",
)
def test_header_in_initializer_style(bpfgen_golden: Golden) -> None:
    """The two examples of the seed commit in the form that it wrote them in."""
    bpfgen_golden()


@pytest.mark.bpfgen(
    "flows.dsl",
    "types.dsl",
    "special_fields.dsl",
    "imports/*.dsl",
    base="../../samples",
    golden="samples",
    emit=("rust",),
)
def test_rust(bpfgen_golden: Golden) -> None:
    """The Rust module: every form of a type, and what imports refer to."""
    bpfgen_golden()


@pytest.mark.bpfgen(
    "kinds.dsl",
    base="../../samples",
    golden="samples",
    emit=("rust",),
    options="--accessors",
    variant="libbpf_rs",
)
def test_rust_access(bpfgen_golden: Golden) -> None:
    """Typed access to every kind of map over libbpf-rs."""
    bpfgen_golden()


@pytest.mark.bpfgen(
    "kinds.dsl",
    base="../../samples",
    golden="samples",
    emit=("rust",),
    options="--accessors=aya --rust-derive zerocopy,bytemuck",
    variant="aya",
)
def test_rust_access_over_aya(bpfgen_golden: Golden) -> None:
    """The same over aya, and what is derived."""
    bpfgen_golden()


@pytest.mark.bpfgen(
    "flows.dsl",
    "kinds.dsl",
    base="../../samples",
    golden="samples",
    emit=("go",),
    options="--accessors",
    variant="accessors",
)
def test_go_access(bpfgen_golden: Golden) -> None:
    """Typed access to maps of every kind over cilium/ebpf."""
    bpfgen_golden()


@pytest.mark.bpfgen("conditions/*.dsl", base="../../samples", golden="samples")
def test_header_of_all_variants(bpfgen_golden: Golden) -> None:
    """What `when` comes out as: one header for each way in which a program may be built."""
    bpfgen_golden()


@pytest.mark.bpfgen(
    "conditions/filter.dsl",
    base="../../samples",
    golden="samples",
    emit=("json", "object", "go", "python"),
    options="-D FILTER=2 -D HAVE_RINGBUF -U KEEP_FLOWS -D SMALL",
    variant="ports",
)
def test_outputs_of_one_variant(bpfgen_golden: Golden) -> None:
    """What has no `#if` is what the macros of the command line leave."""
    bpfgen_golden()


@pytest.mark.bpfgen("broken/*.dsl", base="../../samples", golden=".", refused=True)
def test_diagnostics(bpfgen_golden: Golden) -> None:
    """All that is wrong with a broken sample is said in one run."""
    bpfgen_golden()


@pytest.mark.usefixtures("_headers")
@pytest.mark.bpfgen(*GOOD, base="../../samples", golden="samples")
def test_btf(
    bpfgen_golden: Golden,
    bpfgen_source: str | tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The object's BTF as bpftool prints it, a line for each type."""
    if not isinstance(bpfgen_source, str):
        bpfgen_golden()  # the case of golden files whose source is gone
        return
    monkeypatch.chdir(SAMPLES)
    built = tmp_path / "out.o"
    assert main([bpfgen_source, "-o", str(built)]) == 0
    done = subprocess.run(
        [require("bpftool"), "btf", "dump", "file", str(built)],
        check=True,
        capture_output=True,
        text=True,
    )
    lines: list[str] = []
    for line in done.stdout.splitlines():
        if line.startswith("\t"):
            lines[-1] += f" | {line.strip()}"
        else:
            lines.append(line)
    bpfgen_golden.compare(bpfgen_source.replace(".dsl", ".btf"), "\n".join(lines) + "\n")
