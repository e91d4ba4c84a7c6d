"""What each command says to whoever lacks a right: one sentence, status 3, nothing tried twice.

Capabilities and permissions of files are all that decides, as section "Rights" of docs/running.md
has it; here each is given alone.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.kernel.bpf_syscall import create_map, load_btf, pin
from tests.kernel.random_maps import btf
from tests.kernel.rights import run_with
from tests.kernel.running import id_of
from tests.kernel.test_samples_kernel import running_kernel
from tests.tools import require, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kernel.rights import Ended

pytestmark = pytest.mark.kernel

NAME = f"rights_{os.getpid()}"

SOURCE = f"map {NAME}: hash<unsigned int, unsigned int>[8];\n"
"""What the map of these tests is."""

COMMANDS = {
    "live": ("live", "PLACE"),
    "inspect": ("inspect", "PLACE"),
    "verify": ("verify", "PLACE", "SOURCE"),
    "import": ("import", "PLACE", "-o", "-"),
    "dump": ("dump", "PLACE"),
    "dump of a source": ("dump", "PLACE", "SOURCE"),
    "size": ("size", "PLACE"),
    "a header": ("PLACE", "--emit", "header", "-o", "-"),
    "create": ("create", "PLACE", "--dry-run"),
}
"""The commands that take a running map."""


def words_of(command: str, place: str, source: str) -> tuple[str, ...]:
    """Return the words of one of :data:`COMMANDS` for the map at *place* and a source's file."""
    return tuple({"PLACE": place, "SOURCE": source}.get(word, word) for word in COMMANDS[command])


class Shown(NamedTuple):
    """A map that is there, a source that declares it, and a folder that all may read."""

    id: int
    folder: Path
    pins: Path
    source: str


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    """Yield the map: pinned as `closed`, for root alone, and as `open`, for all to read."""
    require_root()
    with tempfile.TemporaryDirectory(prefix="bpfgen-rights-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "maps.dsl").write_text(SOURCE)
        (folder / "devmap.dsl").write_text("map rights_devices: devmap<__u32, __u32>[8];\n")
        pins = folder / "pins"
        pins.mkdir()
        mount = [require("mount"), "-t", "bpf", "-o", "mode=755", "bpfgen-test", str(pins)]
        subprocess.run(mount, check=True)
        try:
            with (
                load_btf(btf()) as types,
                create_map(
                    *(1,),
                    key_size=4,
                    value_size=4,
                    max_entries=8,
                    map_name=NAME,
                    btf_fd=types.fd,
                    btf_key_type_id=1,
                    btf_value_type_id=1,
                ) as made,
            ):
                for path, mode in ((pins / "closed", 0o600), (pins / "open", 0o444)):
                    pin(made.fd, str(path))
                    path.chmod(mode)
                yield Shown(id_of(made), folder, pins, str(folder / "maps.dsl"))
        finally:
            subprocess.run([require("umount"), str(pins)], check=True)


def assert_refused(ended: Ended, capability: str) -> None:
    """One error says what is missing, with status 3; the kernel was asked for it once."""
    assert ended.status == 3, ended
    assert ended.output == ""
    line, *others = ended.errors.splitlines()
    assert all(other.startswith("  = help: ") for other in others), others
    assert line.startswith("error[no-right]: "), line
    assert capability in line
    assert len(ended.refused) == len(set(ended.refused)) <= 1, ended.refused


@pytest.mark.parametrize(
    ("command", "capabilities"),
    [("inspect", ()), *itertools.product(COMMANDS, [("bpf",), ("sys_admin",)])],
)
def test_a_map_by_its_id(
    shown: Shown, command: str, capabilities: tuple[str, ...], tmp_path: Path
) -> None:
    """It takes CAP_SYS_ADMIN, and nothing else; CAP_BPF is no part of that."""
    words = words_of(command, f"id:{shown.id}", shown.source)
    ended = run_with(capabilities, words, tmp_path / "trace")
    if "sys_admin" in capabilities:
        assert ended.status == 0, ended
    else:
        assert_refused(ended, "CAP_SYS_ADMIN")


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("words", [("live",), ("live", f"name:{NAME}"), ("dump", f"name:{NAME}")])
def test_all_maps(words: tuple[str, ...], tmp_path: Path) -> None:
    """To look for a map among all takes CAP_SYS_ADMIN as well."""
    assert_refused(run_with(("bpf",), words, tmp_path / "trace"), "CAP_SYS_ADMIN")
    ended = run_with(("sys_admin",), words, tmp_path / "trace")
    assert (ended.status, NAME in ended.output) == (0, True)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pin_of_others(shown: Shown, command: str, tmp_path: Path) -> None:
    """The permissions of the file decide, and no capability of BPF stands in for them."""
    words = words_of(command, str(shown.pins / "closed"), shown.source)
    assert_refused(run_with(("bpf", "sys_admin"), words, tmp_path / "trace"), "permission")


def test_pins_of_others_in_a_directory(shown: Shown, tmp_path: Path) -> None:
    """Each is reported, the others are compared all the same, and the status is 3."""
    kernel_asks = ("bpf",) if running_kernel() < (5, 11) else ()
    words = ("verify", str(shown.pins), shown.source, "--format", "json")
    ended = run_with(kernel_asks, words, tmp_path / "trace")
    assert ended.status == 3, ended
    record = json.loads(ended.output)
    closed, readable = str(shown.pins / "closed"), str(shown.pins / "open")
    assert [one["path"] for one in record["running"]] == [readable]
    assert [one["path"] for one in record["unread"]] == [closed]
    (error,) = (one for one in record["diagnostics"] if one["severity"] == "error")
    assert (error["code"], error["help"]) == (
        "no-right",
        f"run it as root, or let it be read: `chmod o+r {closed}`",
    )
    text = run_with(kernel_asks, words[:3], tmp_path / "trace")
    assert text.status == 3
    assert f"{readable}: map `{NAME}` is as {shown.source} declares it" in text.output
    assert f"{closed}: not compared, since it can't be read\n" in text.output


def test_what_would_help(shown: Shown, tmp_path: Path) -> None:
    """The pin's own permissions, those of a directory, and names of no pin are kept apart."""
    closed = shown.pins / "closed"
    ended = run_with((), ("inspect", str(closed)), tmp_path / "trace")
    assert f"let it be read: `chmod o+r {closed}`" in ended.errors
    folder = shown.pins / "folder"
    folder.mkdir(mode=0o700)
    ended = run_with((), ("inspect", str(folder / "flows")), tmp_path / "trace")
    assert (ended.status, "let its directories be read" in ended.errors) == (3, True)
    for capabilities in ((), ("dac_override", "sys_admin")):
        for command in ("inspect", "import", "a header"):
            words = words_of(command, str(shown.pins / "flows.old"), shown.source)
            ended = run_with(capabilities, words, tmp_path / "trace")
            assert (ended.status, "have no dot" in ended.errors) == (1, True)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "create"])
def test_a_pin_for_all(shown: Shown, command: str, tmp_path: Path) -> None:
    """To read is enough, but for the types; up to Linux 5.10 it takes CAP_BPF."""
    words = words_of(command, str(shown.pins / "open"), shown.source)
    if running_kernel() <= (5, 10):
        assert_refused(run_with((), words, tmp_path / "trace"), "CAP_BPF")
    capabilities = ("bpf",) if running_kernel() <= (5, 10) else ()
    ended = run_with(capabilities, words, tmp_path / "trace")
    assert ended.status == 0, ended
    assert "error" not in ended.errors
    made = ("import", "a header")  # of which something will be made without the types
    pattern = r"^(\w+)\[no-right\]: .*\btypes\b.* takes CAP_SYS_ADMIN"
    said = re.findall(pattern, ended.errors, re.MULTILINE)
    assert said == ([] if command == "size" else ["warning" if command in made else "note"])
    assert ended.refused.count("BPF_BTF_GET_FD_BY_ID") <= 1


@pytest.mark.parametrize("capabilities", [(), ("sys_ptrace",), ("dac_read_search",)])
def test_processes_of_others(shown: Shown, capabilities: tuple[str, ...], tmp_path: Path) -> None:
    """Who may trace a process sees what it has open; up to Linux 5.13 its files have to be read."""
    words = ("live", str(shown.pins / "open"), "--format", "json", "--diagnostics", "json")
    bpf = ("bpf",) if running_kernel() <= (5, 10) else ()
    ended = run_with((*bpf, *capabilities), words, tmp_path / "trace")
    assert ended.status == 0, ended
    holders = {one["pid"] for one in json.loads(ended.output)["processes"]}
    messages = [json.loads(line)["message"] for line in ended.errors.splitlines()]
    wanted = "it takes CAP_SYS_PTRACE", "it takes CAP_DAC_READ_SEARCH"
    said = [one for one in messages if any(words in one for words in wanted)]
    is_closed = running_kernel() < (5, 14)
    if "sys_ptrace" in capabilities and not is_closed:
        assert (os.getpid() in holders, said) == (True, [])
        return
    assert os.getpid() not in holders
    (message,) = said
    assert ("it takes CAP_SYS_PTRACE" in message) is ("sys_ptrace" not in capabilities)
    has_search = "dac_read_search" in capabilities
    assert ("CAP_DAC_READ_SEARCH" in message) is (is_closed and not has_search)
    ended = run_with((*bpf, "sys_ptrace", "dac_read_search"), words, tmp_path / "trace")
    assert os.getpid() in {one["pid"] for one in json.loads(ended.output)["processes"]}


@pytest.mark.parametrize(
    ("source", "capabilities", "missing"),
    [
        ("maps.dsl", (), "CAP_BPF"),
        ("maps.dsl", ("net_admin",), "CAP_BPF"),
        ("maps.dsl", ("bpf",), ""),
        ("maps.dsl", ("sys_admin",), ""),
        ("devmap.dsl", ("bpf",), "CAP_NET_ADMIN"),
        ("devmap.dsl", ("bpf", "net_admin"), ""),
    ],
)
def test_maps_are_made(
    shown: Shown, source: str, capabilities: tuple[str, ...], missing: str, tmp_path: Path
) -> None:
    """CAP_BPF makes maps, some kinds take CAP_NET_ADMIN as well."""
    words = ("create", str(shown.folder / source), "--dry-run", "--format", "json")
    ended = run_with(capabilities, words, tmp_path / "trace")
    if missing:
        assert ended.status == 3, ended
        assert "error[no-right]" in ended.errors
        assert missing in ended.errors
        assert len(ended.refused) == ended.traced
    else:
        assert ended.status == 0, ended
        assert json.loads(ended.output)["done"]
