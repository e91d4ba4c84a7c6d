"""`bpfgen create`: what is refused, by whom, and what is said of it; nothing is left then."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.live.syscall import Bpf
from tests.kernel.creations import runner, since
from tests.tools import require, require_root

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kernel.creations import Outcome

pytestmark = pytest.mark.kernel


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_root()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def create(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Give a function that runs the command in an empty directory."""
    return runner(capfd)


@pytest.mark.parametrize(
    ("declared", "what"),
    [
        ("hash<__u32, __u64>[9]", "max_entries is 8, and 9 here"),
        ("hash<__u64, __u64>[8]", "key_size is 4, and 8 here"),
        ("lru_hash<__u32, __u64>[8]", "type is 1, and 9 here"),
        ("hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; }", "map_flags is 0, and 1 here"),
    ],
)
def test_another_map_is_pinned_there(
    create: Callable[..., Outcome], pins: Path, declared: str, what: str
) -> None:
    """It says in what it is another, and nothing is made or pinned."""
    place = ("--pin-dir", str(pins))
    assert create("map create_m: hash<__u32, __u64>[8];\n", *place).status == 0
    more = "map create_first: array<__u32, __u32>[1];\n"
    done = create(f"{more}map create_m: {declared};\n", *place)
    assert (done.status, done.output) == (1, "")
    assert "error[pin-refused]" in done.errors
    assert what in done.errors
    assert {path.name for path in pins.iterdir()} >= {"create_m"}
    assert not (pins / "create_first").exists()


def test_something_else_is_pinned_there(create: Callable[..., Outcome], pins: Path) -> None:
    """A directory isn't a map, and stays."""
    (pins / "create_m").mkdir()
    done = create("map create_m: hash<__u32, __u64>[8];\n", "--pin-dir", str(pins))
    assert done.status in (1, 3)
    assert done.errors.startswith("error[")
    assert (pins / "create_m").is_dir()


def test_all_or_nothing(create: Callable[..., Outcome], pins: Path) -> None:
    """The last map is refused: no other is pinned, nor is there the directory for them."""
    text = """\
    map create_fine: array<__u32, __u32>[1];
    // bpfgen: allow max-entries because the kernel is asked
    map create_large: hash<__u32, __u32>[0x40000000];
    """
    done = create(text, "--pin-dir", str(pins / "new"))
    assert (done.status, done.output) == (1, "")
    assert "error[map-refused]: the kernel refuses map `create_large`" in done.errors
    assert "(E2BIG)" in done.errors
    assert "what the rules say of it: max-entries" in done.errors
    assert "error[max-entries]" in done.errors
    assert not (pins / "new").exists()
    record = create(text, "--dry-run", "--format", "json").record
    assert not record["done"]
    assert [one["map"] for one in record["refused"]] == ["create_large"]
    assert record["refused"][0]["errno"] == errno.E2BIG


def test_what_set_says_is_wrong(create: Callable[..., Outcome]) -> None:
    """The rule that knows it is heard once, and advises what to say instead."""
    text = "map create_m: array<__u32, __u32>[runtime];\n"
    done = create(text, "--dry-run", "--set", "create_m.max_entries=0")
    assert done.status == 1
    assert done.errors.count("warning[max-entries]") == 1
    assert "what the rules say of it: max-entries" in done.errors
    assert "`--set create_m.max_entries=0` says this one" in done.errors
    assert "write `[runtime]`" not in done.errors


def test_what_no_rule_knew(create: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and asks for a report."""
    attempt = Bpf.attempt

    def refusing(bpf: Bpf, command: Any, attributes: Any) -> tuple[int, int]:
        if command.name == "MAP_CREATE":
            return 0, errno.EINVAL
        return attempt(bpf, command, attributes)

    monkeypatch.setattr(Bpf, "attempt", refusing)
    done = create("map create_m: hash<__u32, __u64>[8];\n", "--dry-run")
    assert done.status == 1
    assert "no rule of bpfgen's knows why" in done.errors
    assert "htab_map_alloc_check" in done.errors


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "map m: hash<__u32, __u32>[4] { map_flags = BPF_F_NUMA_NODE; numa_node = 1023; };\n",
            "this machine has no NUMA node 1023: /sys/devices/system/node/online says ",
        ),
        ("map m: cpumap<__u32, __u32>[8192];\n", "/sys/devices/system/cpu/kernel_max says "),
    ],
)
def test_what_the_machine_alone_decides(
    create: Callable[..., Outcome], text: str, said: str
) -> None:
    """No rule could know it: the machine says it itself, and no report is asked for."""
    done = create(text, "--dry-run")
    if done.status == 0:
        pytest.skip("this kernel is built for as many")
    assert done.status == 1
    assert said in done.errors
    assert "report" not in done.errors


def test_types_that_the_kernel_refuses(create: Callable[..., Outcome]) -> None:
    """The map is made without, as libbpf does, and it is said; -Werror keeps it from being made."""
    text = """\
    enum create_place { FIRST, SECOND };
    map create_counters: array<enum create_place, __u64>[2];
    """
    done = create(text, "--dry-run", "--format", "json")
    (made,) = done.record["maps"]
    assert (done.status, made["types"], made["btf_id"]) == (0, "refused", None)
    (said,) = done.record["diagnostics"]
    assert said["code"] == "types-refused"
    strict = create(text, "--dry-run", "-Werror=types-refused")
    assert strict.status == 1


def test_types_without_end_are_kept_from_the_kernel(create: Callable[..., Outcome]) -> None:
    """Two members of each struct in the next: the kernel would walk through all 2**28 of them."""

    def source(levels: int) -> str:
        nested = "".join(f"struct s{n + 1} {{ struct s{n} a, b; }};\n" for n in range(levels))
        value = f"struct {{ struct s{levels} nothing; __u32 number; }}"
        return f"struct s0 {{ }};\n{nested}map create_deep: array<__u32, {value}>[1];\n"

    kept = create(source(28), "--dry-run")
    assert (kept.status, kept.errors.count("error[")) == (1, 1)
    assert "is made of too many types" in kept.errors
    assert create(source(8), "--dry-run").status == 0


@since(6, 2)
def test_types_that_the_kernel_refuses_for_all_maps(create: Callable[..., Outcome]) -> None:
    """It says why in the kernel's words, and the rule that knew it follows."""
    text = """\
    // bpfgen: allow special-field-twice because the kernel is asked
    struct create_two { struct bpf_spin_lock one; struct bpf_spin_lock two; };
    map create_locks: array<__u32, struct create_two>[1];
    map create_plain: array<__u32, __u32>[1];
    """
    done = create(text, "--dry-run")
    assert done.status == 0, done.errors
    assert "the kernel refuses the types, and no map has any: E2BIG" in done.errors
    assert "the kernel's log: " in done.errors
    record = create(text, "--dry-run", "--format", "json").record
    assert [one["types"] for one in record["maps"]] == ["refused", "refused"]


@pytest.mark.parametrize(
    ("text", "words", "status", "said"),
    [
        ("map m: hash<__u32, __u64>[runtime];\n", (), 2, "--set m.max_entries=N"),
        ("struct s { int x; };\n", (), 1, "defines no map"),
        ("extern map m: hash<__u32, __u64>[8];\n", (), 1, "defines no map"),
        ("legacy map m: hash<__u32, __u64>[8];\n", (), 1, "libbpf since 1.0"),
        ("map m: hash<__u32, __u64>[0];\n", ("--dry-run",), 1, "(EINVAL)"),
        ("map m: hash_of_maps<__u32>[8];\n", ("--dry-run",), 1, "write the kind of the maps in it"),
        ("map m: hash<__u32, __u64>[8];\n", ("--pin-dir", "here"), 1, "in no BPF filesystem"),
        ("map m: hash<__u32, __u64>[8];\n", ("--pin-dir", ""), 2, "wants a directory"),
        ("map m: hash<__u32, __u64>[8];\n", ("other.dsl",), 2, "takes one source"),
        ("map m: hash<;\n", (), 1, "error[syntax]"),
        ("nothing.dsl", (), 1, "cannot read `nothing.dsl`"),
        ("id:4294967295", (), 1, "error[running-map]"),
        ("id:x", (), 2, "error[usage]"),
    ],
)
def test_what_is_wrong_before_the_kernel_is_asked(
    create: Callable[..., Outcome], text: str, words: tuple[str, ...], status: int, said: str
) -> None:
    """One sentence that says what to type, in text and in JSON."""
    done = create(text, *words)
    assert (done.status, done.output.partition("\n")[0][:9]) == (status, done.output[:9])
    assert said in done.errors
    as_json = create(text, *words, "--diagnostics", "json")
    assert as_json.status == status
    assert all(json.loads(line)["code"] for line in as_json.errors.splitlines())
    recorded = create(text, *words, "--format", "json")
    assert recorded.status == status
    if status == 1:
        assert recorded.record["done"] is False
        messages = [f"{one['code']}: {one}" for one in recorded.record["diagnostics"]]
        assert any(said.removeprefix("error").strip("[]") in one for one in messages)
        assert recorded.record["dry_run"] == ("--dry-run" in words)


def test_without_the_right(tmp_path: Path) -> None:
    """One sentence, exit status 3, and the kernel is asked once."""
    (tmp_path / "m.dsl").write_text("map create_m: hash<__u32, __u64>[8];\n")
    words = [require("setpriv"), "--bounding-set=-all", "--inh-caps=-all", sys.executable, "-m"]
    ran = subprocess.run(
        [*words, "bpfgen", "create", "m.dsl", "--dry-run"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    if ran.returncode == 0:  # where sysctl kernel.unprivileged_bpf_disabled is 0
        pytest.skip("anybody may create maps here")
    assert (ran.returncode, ran.stdout) == (3, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("error[no-right]: cannot make the maps of `m.dsl`: BPF_")
    assert "CAP_BPF" in line
    ran = subprocess.run(
        [*words, "bpfgen", "create", "m.dsl", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 3
    record = json.loads(ran.stdout)
    assert (record["format"], record["done"], record["maps"]) == (1, False, [])
    assert [one["code"] for one in record["diagnostics"]] == ["no-right"]


def test_nobody_reads_the_output(tmp_path: Path) -> None:
    """A closed pipe ends it without a traceback."""
    (tmp_path / "m.dsl").write_text("map create_m: hash<__u32, __u64>[8];\n")
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "bpfgen", "create", "m.dsl", "--dry-run"]
    ran = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (141, b"")


def test_places_where_nothing_can_be_pinned(create: Callable[..., Outcome], pins: Path) -> None:
    """A dot, a link to nothing, a directory: each is said before a map is made, as an error."""
    (pins / "refused_one").symlink_to("nowhere")
    (pins / "taken" / "refused_one").mkdir(parents=True)
    (pins.parent / "link").symlink_to(pins)
    text = "map refused_one: array<__u32, __u32>[1];\n"
    dot = "no name below a BPF filesystem has a dot"
    for place, reason in (
        (pins / "a.b", dot),
        (pins.parent / "link" / "a.b", dot),
        (pins, "is a symbolic link to `nowhere`, where nothing is pinned"),
        (pins / "taken", "is no map: it is a directory"),
    ):
        for trial in ((), ("--dry-run",)):
            done = create(text, "--pin-dir", str(place), *trial)
            assert done.status == 1
            assert done.errors.startswith("error[pin-refused]: ")
            assert reason in done.errors
    assert sorted(os.listdir(pins / "taken")) == ["refused_one"]


def test_a_link_out_of_the_filesystem(pins: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is no directory of pins, whatever its own place; nobody lacks a right."""
    (pins / "up").symlink_to("..")
    (pins / "here").symlink_to(".")
    assert main(["live", str(pins / "up")]) == 1
    said = capfd.readouterr().err
    assert f"it leads to `{pins.parent}`, which is in no BPF filesystem" in said
    assert main(["live", str(pins / "here")]) == 1
    assert "no map is pinned below it" in capfd.readouterr().err
