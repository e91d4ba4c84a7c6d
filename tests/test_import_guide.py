"""docs/import.md is true: its commands run, in order, and write the files that it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.tools import CHECKOUT, require_clang, require_file

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = CHECKOUT / "docs" / "import.md"
FENCE = re.compile(r"^```(?P<words>\w[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a directory with an object, and `bpfgen` and `clang` on its path."""
    first = next(block for block in FENCE.finditer(GUIDE.read_text()) if block["words"] == "dsl")
    compilation = compile(Source("edge.dsl", first["text"]))
    data, _diagnostics = build_object(compilation, Options())
    assert data is not None
    (tmp_path / "prog.o").write_bytes(data)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "bpfgen").write_text(f'#!/bin/sh\nexec {sys.executable} -m bpfgen "$@"\n')
    (programs / "bpfgen").chmod(0o755)
    (programs / "clang").symlink_to(require_clang())
    return tmp_path


def test_every_command_does_what_the_page_says(place: Path) -> None:
    """C files are inputs; sources are what the commands before them have written."""
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    blocks = [
        (words[0], dict(word.split("=") for word in words[1:] if "=" in word), block["text"])
        for block in FENCE.finditer(GUIDE.read_text())
        for words in [block["words"].split()]
    ]
    for language, words, text in blocks:
        if language == "c":
            (place / words["file"]).write_text(text)
    commands = 0
    for language, words, text in blocks:
        if language == "sh":
            for line in text.splitlines():
                done = subprocess.run(
                    ["/bin/sh", "-euc", line],
                    cwd=place,
                    env=environment,
                    check=False,
                    capture_output=True,
                    text=True,
                )
                assert done.returncode == 0, line + done.stdout + done.stderr
                assert "warning" not in done.stderr, done.stderr
                assert "doesn't compile" not in done.stderr, done.stderr
                commands += 1
        elif language == "dsl" and "file" in words:
            assert (place / words["file"]).read_text() == text
    assert commands >= 8
