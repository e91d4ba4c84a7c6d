"""Running a compiler in a test: its output is what the failure says."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def run(
    words: Sequence[str | Path],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    text: str | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a command in *folder* with *text* as its input, and return what came of it.

    With *check*, an exit status other than 0 fails the test with all that the command printed.
    """
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=environment,
        input=text if text is not None else "",
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode != 0:
        shown = " ".join(done.args)
        pytest.fail(f"{shown}: exit {done.returncode}\n{done.stdout}{done.stderr}", pytrace=False)
    return done


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write each text of *files* to its path below *folder*."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
