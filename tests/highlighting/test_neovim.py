"""Neovim's own client drives `bpfgen lsp`: type, see the message, fix, complete, rename, format."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.highlighting.vim import run
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

COMMON = "struct flow_key { __be32 saddr, daddr; };\n"
MAPS = """\
import "common.bpfmap";

map flows: hash<flow_key, __u64>[1024];
"""


def test_an_afternoon(tmp_path: Path) -> None:
    """Each step has its effect on the text, or on what is shown, as its user means it."""
    (tmp_path / "common.bpfmap").write_text(COMMON)
    (tmp_path / "maps.bpfmap").write_text(MAPS)
    (tmp_path / "pyproject.toml").write_text("[tool.bpfgen]\n")
    story = CHECKOUT / "tests/highlighting/neovim_story.lua"
    code = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); from bpfgen.cli import main; "
    command = [sys.executable, "-c", f"{code}sys.exit(main(['lsp', *sys.argv[1:]]))"]
    answer = run("nvim", f"luafile {story}", tmp_path, command)
    assert answer["filetype"] == "bpfmap"
    assert answer["opened"] == []
    assert answer["typed"] == [["map-kind", 5, 15]]
    assert "hash" in answer["fix"]
    assert answer["fixed"] == "map   broken: hash<flow_key,__u64>[ 16 ];"
    assert "struct flow_key" in answer["hover"]
    assert "8 bytes" in answer["hover"]
    assert {"lru_hash", "lru_percpu_hash"} <= set(answer["completed"])
    assert answer["renamed"] == "map flows: hash<flow_id, __u64>[1024];"
    assert answer["elsewhere"] == "struct flow_id { __be32 saddr, daddr; };"
    assert answer["formatted"] == [
        'import "common.bpfmap";',
        "",
        "map flows: hash<flow_id, __u64>[1024];",
        "",
        "map broken: hash<flow_id, __u64>[16];",
    ]
    assert answer["definition"] == "common.bpfmap"
    assert (tmp_path / "maps.bpfmap").read_text() == MAPS, "the text was edited, not the file"
