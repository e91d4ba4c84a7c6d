"""A place where a build tool can work, with programs that keep a record of being run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.tools import CHECKOUT, clang_program, require

SEPARATOR = "\x1f"

PROGRAM = """\
#!/bin/sh
line=$(printf '%s\\037' {name} "$@")
printf '%s\\n' "$line" >>'{record}'
exec {command} "$@"
"""


class Workplace:
    """A directory with a blank in its name, and bpfgen, clang and bpftool on the PATH.

    Attributes:
        directory: Where commands are run.
        environment: Theirs.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "a place"
        self.directory.mkdir()
        self._record = directory / "record"
        programs = directory / "bin"
        programs.mkdir()
        clang = clang_program()
        commands = {
            "bpfgen": f"'{sys.executable}' -m bpfgen",
            "bpftool": require("bpftool"),
            "clang": clang,
        }
        for name, command in commands.items():
            text = PROGRAM.format(name=name, record=self._record, command=command)
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        python = programs / "python"  # as in the environment of a hook: that of the tests
        python.write_text(f"#!/bin/sh\nexec '{sys.executable}' \"$@\"\n")
        python.chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONPATH": str(CHECKOUT),
            # bpfgen's own runs of clang are no steps of the build.
            "BPFGEN_CLANG": clang,
            "LC_ALL": "C",
        }
        # make test is a make, and tells its children so.
        for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "OUT", "CFLAGS"):
            self.environment.pop(name, None)

    def run(self, *command: str | Path, directory: str = ".") -> subprocess.CompletedProcess[str]:
        """Run a command; its errors are in its output, in their place."""
        return subprocess.run(
            command,
            cwd=self.directory / directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            text=True,
        )

    def ran(self) -> list[str]:
        """Return what was run since the last call, sorted: `bpfgen x.h`, and so on."""
        if not self._record.exists():
            return []
        lines = self._record.read_text().splitlines()
        self._record.unlink()
        return sorted(filter(None, (_step(line.split(SEPARATOR)[:-1]) for line in lines)))


def _step(words: list[str]) -> str:
    """Return which program was run for what; empty for questions as --version."""
    program, *arguments = words
    if program == "bpftool":
        return f"skeleton {arguments[-1]}" if "skeleton" in arguments else ""
    if arguments[:1] == ["verify"]:
        made = next(word for word in arguments if word.endswith(".o"))
        return f"verify {Path(made).name}"
    if "-o" not in arguments:
        return ""
    return f"{program} {Path(arguments[arguments.index('-o') + 1]).name}"


def copy_project(name: str, to: Path) -> None:
    """Copy samples/projects/*name*, without what somebody has built there."""
    ignore = shutil.ignore_patterns("build", "out")
    shutil.copytree(CHECKOUT / "samples" / "projects" / name, to, ignore=ignore)
