"""What tests on the running kernel share: a place for pins, of which nothing is left."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.tools import missing, require, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def pins(tmp_path: Path) -> Iterator[Path]:
    """Yield a BPF filesystem of our own, which goes with all that is in it."""
    require_root()
    place = tmp_path / "pins"
    place.mkdir()
    mount = [require("mount"), "-t", "bpf", "bpfgen-test", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        missing("root", "rights are needed to mount a filesystem for pins")
    try:
        yield place
    finally:
        subprocess.run([require("umount"), str(place)], check=True)
