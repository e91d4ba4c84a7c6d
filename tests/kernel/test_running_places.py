"""Words that name running maps: what is there, what isn't, and what one may not look at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from bpfgen import live
from bpfgen.cli import main
from bpfgen.live.places import opened, place_of
from tests.kernel.bpf_programs import link_to_netns
from tests.kernel.bpf_syscall import create_map, load_btf, pin
from tests.kernel.creations import since
from tests.kernel.random_maps import btf
from tests.kernel.rights import environment_for_all
from tests.kernel.running import id_of
from tests.tools import require, require_clang, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kernel.bpf_syscall import Descriptor

pytestmark = pytest.mark.kernel

HASH = 1
NAME = f"place_{os.getpid()}"
"""That of the map, and of no other process's."""

COMMANDS = (
    ("inspect", "PLACE"),
    ("inspect", "PLACE", "--format", "json"),
    ("import", "PLACE", "-o", "-"),
    ("kinds", "--needs", "PLACE"),
    ("PLACE", "--emit", "header", "-o", "-"),
)
"""What takes a running map like any other source."""


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    require_root()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPFGEN_CLANG", require_clang())


@pytest.fixture
def map() -> Iterator[Descriptor]:
    """Yield a map with types."""
    with (
        load_btf(btf()) as types,
        create_map(
            HASH,
            key_size=4,
            value_size=16,
            max_entries=8,
            map_name=NAME,
            btf_fd=types.fd,
            btf_key_type_id=1,
            btf_value_type_id=9,
        ) as made,
    ):
        yield made


class Outcome(NamedTuple):
    """What came of a command."""

    status: int
    output: str
    errors: str


def run(capsys: pytest.CaptureFixture[str], *words: str) -> Outcome:
    """Run the command."""
    status = main(list(words))
    return Outcome(status, *capsys.readouterr())


@pytest.mark.parametrize("words", COMMANDS)
def test_a_map_is_found_by_id_by_name_and_by_pin(
    words: tuple[str, ...], map: Descriptor, pins: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All three are the same to every command."""
    pin(map.fd, str(pins / "pinned"))
    (pins.parent / "link").symlink_to(pins / "pinned")
    for place in (f"id:{id_of(map)}", f"name:{NAME}", str(pins / "pinned"), "link"):
        done = run(capsys, *(place if word == "PLACE" else word for word in words))
        assert done.status == 0, done.errors
        assert "error" not in done.errors.replace("-error", "")
        assert done.output


def test_a_running_map_is_compiled_to_every_output(map: Descriptor) -> None:
    """Types and facts are those that the kernel has."""
    place = f"id:{id_of(map)}"
    for suffix in ("h", "o", "json", "go", "rs", "py"):
        assert main([place, "-o", f"out.{suffix}"]) == 0
        assert main([place, "-o", f"out.{suffix}", "--check"]) == 0
    with open("out.json", encoding="utf-8") as file:
        (declared,) = json.load(file)["maps"]
    assert declared["name"] == NAME
    assert declared["value"] == {"kind": "struct", "name": "pair"}


def test_outputs_below_a_directory_and_depfiles(map: Descriptor, pins: Path) -> None:
    """A word is no file: it has no colon in a name, and is in no rule of make; nor is a pin."""
    place = f"id:{id_of(map)}"
    pin(map.fd, str(pins / "pinned"))
    assert main([str(pins / "pinned"), "-o", "pinned.h", "--depfile", "pinned.d"]) == 0
    with open("pinned.d", encoding="utf-8") as file:
        assert file.read().strip() == "pinned.h:"
    assert main([place, f"name:{NAME}", "--out-dir", "gen", "--depfile", "gen/maps.d"]) == 0
    assert sorted(os.listdir("gen")) == sorted(("maps.d", f"id_{id_of(map)}.h", f"name_{NAME}.h"))
    with open("gen/maps.d", encoding="utf-8") as file:
        assert place not in file.read().replace("\\", "")


def test_several_maps_of_one_name_are_listed(
    map: Descriptor, capsys: pytest.CaptureFixture[str]
) -> None:
    """With their ids and kinds, since the kernel lets a name be given twice."""
    with create_map(2, key_size=4, value_size=8, max_entries=1, map_name=NAME) as other:
        done = run(capsys, "inspect", f"name:{NAME}")
        assert done.status == 1
        assert "error[running-map]" in done.errors
        assert f"id:{id_of(map)} (hash)" in done.errors
        assert f"id:{id_of(other)} (array)" in done.errors


def test_a_map_that_goes_while_it_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was listed, and can't be opened any more."""
    made = create_map(HASH, key_size=4, value_size=8, max_entries=1, map_name=NAME)
    with live.Map(made.fd) as listed:
        info = listed.info
    monkeypatch.setattr("bpfgen.live.places.infos", lambda _bpf: iter([info]))
    done = run(capsys, "inspect", f"name:{NAME}")
    assert (done.status, "went while it was looked for" in done.errors) == (1, True)


def test_names_are_compared_as_the_kernel_cuts_them() -> None:
    """The loader's whole name finds the map."""
    whole = "place_of_a_long_name"
    with create_map(HASH, key_size=4, value_size=8, max_entries=1, map_name=whole) as made:
        place = place_of(f"name:{whole}")
        assert place is not None
        with opened(place) as found:
            assert found.info.id == id_of(made)


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize(
    ("place", "status", "code"),
    [
        ("id:", 2, "usage"),
        ("id:x", 2, "usage"),
        ("id:0", 2, "usage"),
        ("id:-1", 2, "usage"),
        ("id:0x2a", 2, "usage"),
        ("id:٤٢", 2, "usage"),
        ("id:4294967296", 2, "usage"),
        ("id:" + "0" * 5000, 2, "usage"),
        ("id:1" + "0" * 5000, 2, "usage"),
        ("id:" + "0" * 5000 + "4294967295", 1, "running-map"),
        ("id:99999999999999999999999", 2, "usage"),
        ("id:4294967295", 1, "running-map"),
        ("name:", 2, "usage"),
        ("name:no_map_has_it", 1, "running-map"),
        ("name:../../etc/passwd", 1, "running-map"),
        ("name:\udcff", 1, "running-map"),
        ("{pins}/nothing", 1, "running-map"),
        ("{pins}/a/b", 1, "running-map"),
    ],
)
def test_words_that_name_nothing(
    words: tuple[str, ...],
    place: str,
    status: int,
    code: str,
    pins: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One sentence, and what to type instead; nothing is written."""
    place = place.format(pins=pins)
    done = run(capsys, *(place if word == "PLACE" else word for word in words))
    assert done.status == status
    if words[-1] == "json":
        assert json.loads(done.output)["maps"] == []
    else:
        assert done.output == ""
        assert f"error[{code}]" in done.errors
        assert "= help: " in done.errors
    assert "Traceback" not in done.errors


def test_other_things_that_are_pinned(
    map: Descriptor, pins: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Programs and links are pinned beside maps, and are none."""
    program, link = link_to_netns(map)
    with program, link:
        pin(program.fd, str(pins / "program"))
        pin(link.fd, str(pins / "link"))
        done = run(capsys, "inspect", str(pins / "program"))
        assert (done.status, "no map: a program is pinned there" in done.errors) == (1, True)
        done = run(capsys, "inspect", str(pins / "link"))
        assert (done.status, "no map: a link is pinned there" in done.errors) == (1, True)
        done = run(capsys, "inspect", str(pins))
        assert (done.status, "no map is pinned in it" in done.errors) == (1, True)
        with pytest.raises(OSError, match="no map: a link is pinned there"):
            live.open(str(pins / "link"))


def test_a_file_that_is_called_like_a_map_is_a_file(
    map: Descriptor, capsys: pytest.CaptureFixture[str]
) -> None:
    """`./id:42` is a path, and an empty file is no pin."""
    name = f"id:{id_of(map)}"
    with open(name, "w", encoding="utf-8") as file:
        file.write("map other: array<__u32, __u64>[1];\n")
    done = run(capsys, f"./{name}", "--emit", "header", "-o", "-")
    assert "other" in done.output
    open("empty.dsl", "w", encoding="utf-8").close()
    done = run(capsys, "empty.dsl")
    assert (done.status, "declares nothing" in done.errors) == (1, True)


def test_a_loader_has_made_it_already(map: Descriptor, capsys: pytest.CaptureFixture[str]) -> None:
    """What a loader would make of an object is no question to a running map; nor does one wait."""
    place = f"id:{id_of(map)}"
    done = run(capsys, "inspect", place, "--as", "cilium")
    assert (done.status, "--as is for objects" in done.errors) == (2, True)
    done = run(capsys, place, "-o", "out.h", "--watch")
    assert (done.status, "can't be watched" in done.errors) == (2, True)


def import_module_of(text: str) -> Any:
    """Return the class of the one map in a Python output."""
    names: dict[str, Any] = {"__name__": "made"}
    exec(compile(text, "made.py", "exec"), names)  # noqa: S102 -- our own output
    return names[f"{NAME}_map"]


def as_nobody(*words: str, capabilities: str = "") -> Outcome:
    """Run the command in a process that has no rights but *capabilities*."""
    command = [require("setpriv"), "--reuid=65534", "--clear-groups"]
    inherited = f"-all,{capabilities}" if capabilities else "-all"
    command += [f"--inh-caps={inherited}", f"--ambient-caps={inherited}"]
    command += [f"--bounding-set={inherited}", sys.executable, "-m", "bpfgen", *words]
    environment = environment_for_all()
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd="/"
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_without_a_right_it_is_named(map: Descriptor, pins: Path) -> None:
    """Exit status 3 and the capability, in a sentence."""
    for place in (f"id:{id_of(map)}", f"name:{NAME}"):
        for capability in ("", "+bpf"):
            done = as_nobody("inspect", place, capabilities=capability)
            assert done.status == 3, done.errors
            assert "error[no-right]" in done.errors
            assert "it takes CAP_SYS_ADMIN" in done.errors
            assert done.errors.count("error") == 1
        assert as_nobody("inspect", place, capabilities="+sys_admin").status == 0
    pin(map.fd, str(pins / "pinned"))
    done = as_nobody("inspect", str(pins / "pinned"))
    assert (done.status, "error[no-right]" in done.errors) == (3, True)
    done = as_nobody("import", str(pins / "pinned"), "-o", "-")
    assert (done.status, done.output) == (3, "")


@since(5, 11)  # before, it takes CAP_BPF as well
def test_a_pin_that_one_may_read_has_all_but_its_types(map: Descriptor, pins: Path) -> None:
    """Read permission is enough to open it, and the types take CAP_SYS_ADMIN."""
    path = pins / "pinned"
    pin(map.fd, str(path))
    for directory in (pins, *pins.parents):
        if directory.owner() == "root" and directory != directory.parent:
            directory.chmod(directory.stat().st_mode | 0o011)
    done = as_nobody("inspect", str(path))
    assert done.status == 3
    assert "it takes read permission for the file" in done.errors
    path.chmod(0o444)
    done = as_nobody("inspect", str(path))
    assert done.status == 0, done.errors
    assert "to read its types takes CAP_SYS_ADMIN" in done.output
    done = as_nobody("import", str(path), "-o", "-")
    assert done.status == 0
    assert "value_size = 16;" in done.output
    assert "warning[no-right]" in done.errors
    assert "sizes stand for them" in done.errors
    done = as_nobody(str(path), "--emit", "python", "--accessors", "-o", "-")
    assert done.status == 0, done.errors
    made = import_module_of(done.output)
    with made.open(str(path), access="r") as flows:  # as root: the types are there to be compared
        assert (flows.name, flows.has_fingerprint) == (NAME, False)
