"""One source for all: a BPF program writes, agents in four languages read, and the other way round.

The program is loaded into the running kernel, its maps are pinned in a filesystem of the test's
own, and a process makes the system calls that it counts.
"""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integrations.agents import AGENTS, require_tools
from tests.integrations.workplace import Workplace, copy_project
from tests.tools import CHECKOUT, missing, require, require_root
from tests.user_space.rust import rustc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integrations.agents import Agent

CALLS = {"x86_64": 110, "aarch64": 173, "riscv64": 173, "s390x": 64, "ppc64le": 64}
"""The number of getppid(2) on each machine."""

LOADERS = ("c", "go", "rust")
"""The agents that load the program. Python's works with what another has loaded."""

FIRST_PIDS = "pid:[4026531836]"
"""The namespace whose IDs a BPF program sees (PROC_PID_INIT_INO of include/linux/proc_ns.h)."""

CALLER = """\
import os, sys
for line in sys.stdin:
    for _ in range(int(line)):
        os.getppid()
    print("done", flush=True)
"""


class Caller:
    """A process that makes system calls when it is told to."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", CALLER]
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self.pid = self._process.pid
        self.call(0)
        self.comm = Path(f"/proc/{self.pid}/comm").read_text().strip()

    def call(self, count: int) -> None:
        """Have it call getppid *count* times."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def end(self) -> None:
        """End it."""
        self._process.communicate()


@contextlib.contextmanager
def _bpf_filesystem(folder: Path) -> Iterator[Path]:
    """Mount a filesystem for pins at *folder*; nothing of the test may be left in it."""
    folder.mkdir()
    mount = [require("mount"), "-t", "bpf", "bpfgen-test", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        missing("root", "rights are needed to mount a filesystem for pins")
    try:
        yield folder
        # The kernel's own iterators are there from the beginning.
        assert [path.name for path in folder.iterdir() if path.suffix != ".debug"] == []
    finally:
        subprocess.run([require("umount"), str(folder)], check=True)


@contextlib.contextmanager
def _caller() -> Iterator[Caller]:
    caller = Caller()
    try:
        yield caller
    finally:
        caller.end()


def test_what_one_writes_all_read(tmp_path: Path) -> None:
    """A rule of each agent reaches the program, and what that writes reaches every agent.

    So it is whoever loads the program. One test, since the agents take some time to build.
    """
    require_root()
    require_tools()
    if os.readlink("/proc/self/ns/pid") != FIRST_PIDS:
        pytest.skip("a process has another ID here than for a BPF program")
    place = Workplace(tmp_path)
    project = place.directory / "agents"
    copy_project("agents", project)
    agents = {language: build(place, project) for language, build in AGENTS.items()}
    with _bpf_filesystem(tmp_path / "pins") as pins, _caller() as caller:
        for loader in LOADERS:
            agents[loader](pins, "load")
            writers = agents if loader == LOADERS[0] else [loader]
            for writer in writers:
                _watch(pins, agents, agents[writer], caller)
            agents[loader](pins, "unload")


@pytest.mark.parametrize("name", ["clang", "clang-19", ""])
def test_the_build_script_finds_clang(tmp_path: Path, name: str) -> None:
    """Cargo's script takes a clang with a version, too, and says so where there is none."""
    source = CHECKOUT / "samples" / "projects" / "agents" / "rust" / "build.rs"
    rustc(source, "--edition", "2021", "-o", str(tmp_path / "build"))
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in filter(None, ("bpfgen", name)):
        (programs / program).write_text(f'#!/bin/sh\necho {program} "$@"\n')
        (programs / program).chmod(0o755)
    environment = {"PATH": str(programs), "OUT_DIR": "out", "CARGO_CFG_TARGET_ARCH": "x86_64"}
    done = subprocess.run(
        [tmp_path / "build"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == bool(name), done.stderr
    if name:
        assert f"\n{name} --target=bpf" in done.stdout
    else:
        assert "there is no clang on the PATH" in done.stderr


def _watch(pins: Path, agents: dict[str, Agent], writer: Agent, caller: Caller) -> None:
    """Have *writer* watch the caller, below the bit-field's limits and at them; all must see it."""
    number = CALLS[platform.machine()]
    for level, label in ((99, 0x1234), (127, 0xFFFE)):
        writer(pins, "watch", caller.pid, number, level, label)
        rule = f"action=REPORT urgent={int(level > 99)} level={level} label={label}\n"
        of = f"pid={caller.pid} number={number}"
        calls = 0
        for reader in agents.values():
            caller.call(3)
            calls += 3
            assert reader(pins, "follow") == 3 * f"call {of} comm={caller.comm} {rule}"
            assert reader(pins, "show") == f"rule {of} calls={calls} {rule}"
        writer(pins, "forget", caller.pid, number)
        caller.call(1)
    for reader in agents.values():
        assert reader(pins, "show") == ""
        assert reader(pins, "follow") == ""
