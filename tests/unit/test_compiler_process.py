"""A compiler as a process: on any kernel, ended by any signal, and given a second try."""

from __future__ import annotations

import errno
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.clang.process import Process
from bpfgen.clang.search import find
from bpfgen.cli import main
from bpfgen.files.janitor import Janitor
from tests.tools import clang_program, require_clang

if TYPE_CHECKING:
    from pathlib import Path

_IS_EARLY = 'for text; do :; done\n[ -p "$text" ] && : >"$0.early"'


def _refused(_process: int) -> int:
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


def _script(directory: Path, text: str) -> str:
    """Make a compiler of the shell's words *text*; return its path."""
    path = directory / "clang"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("is_there", [False, True], ids=["Python", "kernel"])
def test_without_pidfd_open(
    is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Python that was built for an old kernel doesn't have it, and an old kernel refuses it."""
    if is_there:
        monkeypatch.setattr(os, "pidfd_open", _refused)
    else:
        monkeypatch.delattr(os, "pidfd_open")
    assert find(require_clang()).compile_object("int x;").object is not None
    monkeypatch.setattr("bpfgen.clang.started.TIMEOUT_SECONDS", 0.01)
    (said,) = find(_script(tmp_path, "exec sleep 97")).compile_object("int x;").messages
    assert "did not end within" in said.text


def test_a_signal_while_it_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes when the process is there, which is ended."""
    spawned: list[int] = []
    spawn = os.posix_spawn

    def spawn_and_signal(*words: Any, **named: Any) -> int:
        spawned.append(spawn(*words, **named))
        signal.raise_signal(signal.SIGINT)  # to this thread: pytest may have others
        return spawned[-1]

    monkeypatch.setattr(os, "posix_spawn", spawn_and_signal)
    with pytest.raises(KeyboardInterrupt):
        find(_script(tmp_path, "sleep 97")).compile_object("int x;")
    with pytest.raises(ChildProcessError):
        os.waitpid(spawned[0], os.WNOHANG)


def test_what_could_not_be_started_is_closed(tmp_path: Path) -> None:
    """There is nothing to end."""
    with Janitor(str(tmp_path / "work")) as janitor:
        process = Process(str(tmp_path / "said"), janitor)
        with pytest.raises(FileNotFoundError):
            process.start((str(tmp_path / "nothing"),), 1.0)
        process.close()


@pytest.mark.parametrize(
    "script",
    [
        f"{_IS_EARLY} && exec sleep 97",
        f'{_IS_EARLY} && cat "$text" && : >"$text"',
        f'{_IS_EARLY} && cat "$text" && exit',
        f'{_IS_EARLY} && cat "$text" && kill -9 $$',
        f"{_IS_EARLY} && exit 1",
    ],
    ids=["misses it", "reads it twice", "writes nothing", "is killed", "wants a file"],
)
@pytest.mark.parametrize("output", ["m.h", "m.o"])
def test_a_second_try(
    script: str, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes to nothing with a text from a pipe, or to something else, gets it in a file."""
    # A script isn't started early, since it may do all this.
    monkeypatch.setattr("bpfgen.clang.compiler.is_script", lambda _program: False)
    compiler = _script(tmp_path, f'{script}\nexec {clang_program()} "$@"')
    (tmp_path / "m.dsl").write_text("map m: array<__u32, __u64>[1];\n")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    if "sleep" in script:
        monkeypatch.setattr("bpfgen.clang.started._EARLY_SECONDS", 0.1)
    words = [str(tmp_path / "m.dsl"), "-o", str(tmp_path / output), "--verify"]
    assert main([*words, "--clang", compiler]) == 0
    assert (tmp_path / "clang.early").exists()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_where_no_pipe_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every file system of a temporary directory has any."""

    def refused(*_words: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "mkfifo", refused)
    (tmp_path / "m.dsl").write_text("map m: array<__u32, __u64>[1];\n")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    words = [str(tmp_path / "m.dsl"), "-o", str(tmp_path / "m.o"), "--clang", require_clang()]
    assert main(words) == 0
    assert list((tmp_path / "temporary").iterdir()) == []
