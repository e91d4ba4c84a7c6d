"""The libbpf of this machine does what the table says of its version, with the running kernel."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.kernel.libbpf import LIBBPF
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.loader_programs import AGAIN, LINK, LOAD, OPEN
from tests.loader_programs import LIBBPF as PROGRAMS
from tests.tools import missing, require, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.kernel

TRIED = [name for name, p in PROGRAMS.items() if p.fails != LINK and p.kernel is None]


@contextmanager
def _pins(place: Path) -> Iterator[Path]:
    """Give a filesystem for pins, which goes with all that is in it."""
    mount = [require("mount"), "-t", "bpf", "bpfgen-test", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        missing("root", "rights are needed to mount a filesystem for pins")
    try:
        yield place
    finally:
        subprocess.run([require("umount"), str(place)], check=True)


def _loads(data: bytes, pins: Path | None) -> str:
    """Return where libbpf fails with the object *data*; nowhere: an empty text."""
    stage = OPEN
    try:
        for again in (False, True):
            with libbpf.open_object(data, pin_root_path=str(pins or "")) as opened:
                stage = AGAIN if again else LOAD
                opened.load()
            stage = AGAIN
    except libbpf.LibbpfError:
        return stage
    return ""


@pytest.mark.parametrize("feature", TRIED)
def test_libbpf_fails_where_the_table_says(feature: str, tmp_path: Path) -> None:
    """It opens, loads, and takes pinned maps up again, unless it is older than the row says."""
    require_root()
    program = PROGRAMS[feature]
    version = libbpf.version()
    compilation = compile(Source("maps.dsl", program.text), Options(kernel=(6, 18)))
    data, diagnostics = build_object(compilation)
    assert data is not None, diagnostics
    with _pins(tmp_path) if program.fails == AGAIN else nullcontext() as pins:
        failed = _loads(data, pins)
    row = LIBBPF[feature]
    works = row.since is not None and row.since <= version < (row.until or (99, 0))
    if works:
        assert failed == ""
    elif program.fails in {OPEN, LOAD, AGAIN}:
        assert failed == program.fails
        assert (row.severity == ERROR) == (program.fails != AGAIN)
