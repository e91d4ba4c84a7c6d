"""Runs that leave something in the kernel fail, and say what; those that don't, pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kernel.bpf_syscall import create_map, pin, update_element
from tests.leaks.watcher import Watch
from tests.tools import CHECKOUT, require, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.kernel

BEGIN = """
import os
import subprocess
from tests.kernel.bpf_syscall import create_map, pin

def mount(place):
    place.mkdir()
    subprocess.run(["mount", "-t", "bpf", "bpfgen-test", str(place)], check=True)
    return place

def make(size=8):
    return create_map(2, key_size=4, value_size=size, max_entries=1, map_name="left_behind")
"""

CLEAN = """
def test_clean(tmp_path):
    place = mount(tmp_path / "pins")
    with make() as made:
        pin(made.fd, str(place / "left_behind"))
    os.unlink(place / "left_behind")
    subprocess.run(["umount", str(place)], check=True)
"""

PINNED = """
def test_pin(tmp_path):
    with make() as made:
        pin(made.fd, str(mount(tmp_path / "pins") / "left_behind"))
"""

LARGE = """
import tests.leaks.plugin

tests.leaks.plugin.MEMORY_LIMIT = 1 << 20
held = []

def test_large():
    held.append(make(2 << 20))
"""


@pytest.fixture(autouse=True)
def _unmounted(pytester: pytest.Pytester) -> Iterator[None]:
    """Clear what the runs leave."""
    require_root()
    yield
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        place = line.split()[4]
        if place.startswith(f"{pytester.path}/"):
            subprocess.run([require("umount"), place], check=True)


def run(pytester: pytest.Pytester, text: str, *words: str) -> pytest.RunResult:
    """Return a run of the tests in *text*, which watches itself."""
    pytester.makepyfile(test_it=BEGIN + text)
    base = pytester.path / "base"
    return pytester.runpytest_subprocess(
        *("-p", "tests.leaks.plugin", "--basetemp", str(base), "-o", f"pythonpath={CHECKOUT}"),
        *words,
    )


@pytest.mark.parametrize("words", [(), ("-n", "2")])
def test_what_is_left_fails_the_run(pytester: pytest.Pytester, words: tuple[str, ...]) -> None:
    """A pin and its mount are named; the tests themselves passed."""
    ended = run(pytester, PINNED, *words)
    ended.stdout.fnmatch_lines(
        [
            "*= left in the kernel =*",
            "a mount: *base/*test_pin0/pins",
            "a pin: *base/*test_pin0/pins/left_behind",
            "*1 passed*",
        ]
    )
    assert ended.ret == pytest.ExitCode.TESTS_FAILED


def test_nothing_is_left(pytester: pytest.Pytester) -> None:
    """A pin that is taken away is none, nor a map that goes with its last descriptor."""
    ended = run(pytester, CLEAN)
    ended.stdout.no_fnmatch_line("*left in the kernel*")
    assert ended.ret == pytest.ExitCode.OK


def test_too_much_memory(pytester: pytest.Pytester) -> None:
    """More than the limit fails the run; here the limit is lower."""
    ended = run(pytester, LARGE)
    ended.stdout.fnmatch_lines(["maps of 2.0 MB at once: too much for tests", "*1 passed*"])
    assert ended.ret == pytest.ExitCode.TESTS_FAILED


def test_a_map_without_holder(pins: Path) -> None:
    """A map that hangs on another map alone is named; it is gone once that one is."""
    path = pins / "outer"
    watch = Watch(os.getpid(), "/nowhere", alone=False)
    with (
        create_map(2, key_size=4, value_size=8, max_entries=1, map_name="left_behind") as inner,
        create_map(12, key_size=4, value_size=4, max_entries=1, inner_map_fd=inner.fd) as outer,
    ):
        update_element(outer.fd, bytes(4), inner.fd.to_bytes(4, sys.byteorder))
        pin(outer.fd, str(path))
        watch.look()
    left = watch.end()
    assert left.pins == [str(path)]
    assert [name.partition(" `")[2] for name in left.maps] == ["left_behind`"]
    path.unlink()
    assert watch.end()[1:] == ([], [], [])
