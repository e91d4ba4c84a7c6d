"""Git repositories that tests make: nothing of the user's or the machine's configuration counts."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tests.tools import require

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


class Git:
    """A repository whose working tree is *directory*, made empty unless it is there already."""

    def __init__(self, directory: Path, *words: str) -> None:
        self.directory = directory
        if not directory.exists():
            directory.mkdir(parents=True)
            self.run("init", "-q", "-b", "main", *words)

    def run(self, *words: str) -> str:
        """Run git with *words* in the repository; return what it writes."""
        run = subprocess.run(
            [require("git"), "-C", str(self.directory), *words],
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout.strip()

    def write(self, **files: str) -> None:
        """Have files of these names hold these texts; `maps__flows_dsl` is `maps/flows.dsl`."""
        for name, text in files.items():
            self.put(name.replace("__", "/").replace("_", "."), text)

    def put(self, path: str, text: str | bytes) -> Path:
        """Have the file *path* hold *text*."""
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def commit(self, message: str = "change") -> str:
        """Commit all that there is; return the id of the commit."""
        self.run("add", "-A", "-f")
        self.run("commit", "-q", "--allow-empty", "-m", message)
        return self.run("rev-parse", "HEAD")
