"""Processes that are killed, and what is looked at afterwards."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from tests.tools import CHECKOUT, DEFAULT_SIGNALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

BPFGEN = (sys.executable, "-m", "bpfgen")


class Processes:
    """Runs commands in a directory, with a temporary directory of their own.

    Attributes:
        directory: Where they run.
        temporary: Their TMPDIR.
        environment: Their environment.
    """

    def __init__(self, directory: Path, temporary: Path, **environment: str) -> None:
        self.directory = directory
        self.temporary = temporary
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "TMPDIR": str(temporary),
            **environment,
        }

    def start(self, command: Sequence[str], inherited: int) -> subprocess.Popen[bytes]:
        """Start *command*, in a group of its own, with the descriptor *inherited*."""
        return subprocess.Popen(
            [*DEFAULT_SIGNALS, *command],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(inherited,),
            process_group=0,
        )

    def run(
        self, command: Sequence[str], kill_after: float | None = None, number: int = signal.SIGKILL
    ) -> tuple[int, bytes]:
        """Return status and standard error once every process that *command* left has ended.

        With *kill_after* it gets the signal *number* that many seconds after its start.
        """
        reader, writer = os.pipe()
        process = self.start(command, writer)
        os.close(writer)
        if kill_after is not None:
            try:
                process.wait(kill_after)
            except subprocess.TimeoutExpired:
                process.send_signal(number)
        _, errors = process.communicate()
        # All that descend from it have the other end, but for compilers; no clock is needed.
        assert os.read(reader, 1) == b""
        os.close(reader)
        return process.returncode, errors

    def found(self) -> tuple[set[str], set[str]]:
        """Return the names in the directory and in the temporary directory."""
        return set(os.listdir(self.directory)), set(os.listdir(self.temporary))


def system_calls(
    strace: str, processes: Processes, command: Sequence[str], log: Path, since: str
) -> Iterator[tuple[str, int]]:
    """Yield the system calls of *command* from the first that matches *since*: name, occurrence.

    The occurrence counts from 1, from the start of the process, as strace's `when=` does.
    """
    status, errors = processes.run([strace, "-o", str(log), *command])
    assert status == 0, errors
    counted: Counter[str] = Counter()
    begun = False
    for line in log.read_text(errors="replace").splitlines():
        call = re.match(r"(\w+)\(", line)
        if call is None:
            continue
        counted[call[1]] += 1
        begun = begun or re.search(since, line) is not None
        if begun:
            yield call[1], counted[call[1]]


def killed_at(strace: str, command: Sequence[str], call: str, occurrence: int) -> list[str]:
    """Return the command that runs *command* and kills it right before that system call."""
    inject = f"inject={call}:signal=SIGKILL:when={occurrence}"
    return [strace, "-o", "/dev/null", "-e", f"trace={call}", "-e", inject, *command]
