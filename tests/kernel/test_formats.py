"""The JSON of the commands for running maps says its format."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.live import Map
from tests.kernel.bpf_syscall import create_map
from tests.tools import require_root

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel

ARRAY = 2


@pytest.mark.parametrize(
    "words",
    [
        ("create", "maps.dsl", "--dry-run"),
        ("dump", "MAP"),
        ("inspect", "MAP"),
        ("live", "MAP"),
        ("size", "MAP"),
        ("verify", "MAP", "maps.dsl"),
    ],
    ids=lambda words: words[0],
)
def test_the_first_key(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of what is printed for one map: `format` comes first."""
    require_root()
    monkeypatch.chdir(tmp_path)
    source = "map formats: array<__u32, __u64>[4];\n"
    (tmp_path / "maps.dsl").write_text(source, encoding="utf-8")
    numbers = {"key_size": 4, "value_size": 8, "max_entries": 4}
    with create_map(ARRAY, map_name="formats", **numbers) as created:
        with Map(os.dup(created.fd)) as map:
            word = f"id:{map.info.id}"
        main([*(word if w == "MAP" else w for w in words), "--format", "json"])
    first = capsys.readouterr().out.splitlines()[0]
    assert next(iter(json.loads(first).items())) == ("format", 1)
