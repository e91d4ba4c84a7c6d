"""A plugin of pytest: a run that leaves maps, pins or mounts in the kernel fails, at its end.

So does one whose maps take more than :data:`MEMORY_LIMIT` at once, as far as they were seen. The
process that collects and reports has it, not those of xdist; a user without rights makes no maps.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.leaks.watcher import Seen

MEMORY_LIMIT = 256 << 20
"""Bytes that the maps of a run may take at once, as the kernel counts them."""


class LeakCheck:
    """The check of one run."""

    def __init__(self) -> None:
        self.watcher: subprocess.Popen[str] | None = None
        self.seen: Seen | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Start to watch."""
        factory: Any = getattr(session.config, "_tmp_path_factory")  # noqa: B009 -- no public name
        command = [sys.executable, "-m", "tests.leaks.watcher", str(os.getpid())]
        self.watcher = subprocess.Popen(
            [*command, str(factory.getbasetemp())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert self.watcher.stdout
        if self.watcher.stdout.readline() != "ready\n":
            self.watcher.communicate()
            self.watcher = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Ask what was seen, once the processes of the run have ended."""
        if self.watcher is None:
            return
        answer, _ = self.watcher.communicate()
        if self.watcher.returncode:  # somebody has killed it
            return
        self.seen = Seen(**json.loads(answer))
        if self._reproaches() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _reproaches(self) -> list[str]:
        if self.seen is None:
            return []
        memory = f"maps of {self.seen.memory / (1 << 20):.1f} MB at once: too much for tests"
        return [
            *(f"a mount: {path}" for path in self.seen.mounts),
            *(f"a pin: {path}" for path in self.seen.pins),
            *(f"a map: {name}" for name in self.seen.maps),
            *([memory] if self.seen.memory > MEMORY_LIMIT else []),
        ]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was left, or what the run took where it made maps."""
        reproaches = self._reproaches()
        if reproaches:
            terminalreporter.section("left in the kernel", red=True, bold=True)
            for line in reproaches:
                terminalreporter.line(line)
        elif self.seen and self.seen.memory:
            memory = self.seen.memory / (1 << 20)
            terminalreporter.line(f"maps took up to {memory:.1f} MB at once; none is left")


def pytest_configure(config: pytest.Config) -> None:
    """Watch a run that may make maps."""
    is_worker = hasattr(config, "workerinput")
    if os.geteuid() == 0 and not is_worker and not config.option.collectonly:
        config.pluginmanager.register(LeakCheck(), "bpfgen-leaks")
