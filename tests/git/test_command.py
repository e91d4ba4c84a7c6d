"""`bpfgen breaking` with revisions, as a user types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from tests.git.repositories import ENVIRONMENT
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.git.repositories import Git

OLD = """\
struct traffic {
    __u64 packets;
    __u64 bytes;
};
map flows: hash<__u32, traffic>[16] { pinning = by_name; };
"""
SWAPPED = OLD.replace("packets", "x").replace("bytes", "packets").replace("x;", "bytes;")


@pytest.fixture
def flows(git: Git) -> Git:
    """Return a repository with one source, whose members have changed places since."""
    git.put("maps/flows.dsl", OLD)
    git.put("maps/other.dsl", "map other: array<__u32, __u64>[4];\n")
    git.commit()
    git.put("maps/flows.dsl", SWAPPED)
    return git


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Return the status of `bpfgen breaking` with *words*, and what it writes to both streams."""
    status = main(["breaking", *words])
    written = capsys.readouterr()
    return status, written.out, written.err


@pytest.mark.usefixtures("flows")
def test_a_finding_shows_both_places(capsys: pytest.CaptureFixture[str]) -> None:
    """OLD's place is one of the revision."""
    for words in (
        ["git:HEAD:maps/flows.dsl", "maps/flows.dsl"],
        ["maps", "--against", "git:HEAD"],
        ["maps/*.dsl", "--against", "git:main..."],
        ["--against", "git:HEAD"],
    ):
        status, out, err = run(capsys, *words)
        assert status == 1, err
        assert "break-layout-offset" in err
        assert " --> maps/flows.dsl:" in err
        revision = "main..." if "main" in words[-1] else "HEAD"
        assert f" ::: git:{revision}:maps/flows.dsl:" in err
        assert "1 finding of layout" in out
    assert run(capsys, "maps/other.dsl", "--against", "git:HEAD")[0] == 0
    assert run(capsys, "git:HEAD:maps", "--against", "git:HEAD")[0] == 0


def test_json_names_both(flows: Git, capsys: pytest.CaptureFixture[str]) -> None:
    """What is gone and what moved is in the JSON, too."""
    flows.put("maps/other.dsl", "")
    flows.run("mv", "maps/flows.dsl", "maps/moved.dsl")
    os.unlink("maps/other.dsl")
    status, out, _err = run(capsys, "maps", "--against", "git:HEAD", "--format", "json")
    assert status == 1
    pairs = json.loads(out)["sources"]
    assert [(pair["old"], pair["new"]) for pair in pairs] == [
        ("git:HEAD:maps/flows.dsl", "maps/moved.dsl"),
        ("git:HEAD:maps/other.dsl", None),
    ]


@pytest.mark.usefixtures("flows")
@pytest.mark.parametrize(
    ("words", "said", "advice"),
    [
        (["maps", "--against", "git:mian"], "no revision `mian`", "did you mean `git:main`?"),
        (["maps/x.dsl", "--against", "git:HEAD"], "nor is there `git:HEAD:maps/x.dsl`", ""),
        (["git:HEAD:maps/flow.dsl", "maps/flows.dsl"], "no file `maps/flow.dsl`", "did you mean"),
        (["git:HEAD", "maps/flows.dsl"], "names no file of the revision", "--against git:HEAD"),
        (["git::maps/flows.dsl", "maps/flows.dsl"], "names no revision", "git:HEAD:"),
        (["-", "--against", "git:HEAD"], "`-` has no path", ""),
        (["maps", "--against", "git:HEAD:maps"], "takes a revision without a path", "git:HEAD"),
    ],
)
def test_what_cannot_be_had(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str, advice: str
) -> None:
    """Status 2, why, and what to type instead."""
    status, out, err = run(capsys, *words)
    assert (status, out) == (2, "")
    assert said in err
    assert advice in err


@pytest.mark.usefixtures("flows")
def test_without_git(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool that is missing is status 3, and nobody else needs it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for words in (["git:HEAD:maps/flows.dsl", "maps/flows.dsl"], ["--against", "git:HEAD"]):
        status, _out, err = run(capsys, *words)
        assert status == 3
        assert "there is no `git` on the PATH" in err
    assert run(capsys, "maps/flows.dsl", "maps/flows.dsl")[0] == 0


def test_killed_while_a_compiler_reads(git: Git, temporary: Path) -> None:
    """What was laid out for it is gone soon after."""
    git.put("flows.dsl", 'include "size.h";\nmap flows: hash<__u32, __u64>[SIZE];\n')
    git.put("size.h", "#define SIZE 16\n")
    git.commit()
    ready, slow = temporary.parent / "ready", temporary.parent / "clang"
    slow.write_text(f"#!/bin/sh\ntouch {ready}\nexec sleep 60\n")
    slow.chmod(0o755)
    words = ["breaking", "--clang", str(slow), "--no-cache", "git:HEAD:flows.dsl", "flows.dsl"]
    process = subprocess.Popen(
        [sys.executable, "-m", "bpfgen", *words],
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(600):
        if ready.exists():
            break
        time.sleep(0.05)
    assert len(list(temporary.glob("bpfgen-*/**/size.h"))) == 1
    process.send_signal(signal.SIGKILL)
    process.wait()
    for _ in range(600):
        if not list(temporary.iterdir()):
            break
        time.sleep(0.05)
