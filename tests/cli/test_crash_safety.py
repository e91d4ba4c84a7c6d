"""Whatever happens to a run, a file is the old one or the new one, and nothing else is left."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.crashes import BPFGEN, Processes, killed_at, system_calls
from tests.tools import CHECKOUT, missing, require, require_clang

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = "map m: array<__u32, __u64>[{}];\n"
LONG = "".join(f"struct s{n} {{ __u64 a[{n}]; }};\n" for n in range(1, 400))
WRITE = (sys.executable, "-ESs", "-c")
"""A Python that starts fast, for scripts that only write."""

ENOUGH = 60.0
"""Seconds in which a killed process is gone, on the slowest machine."""

WAYS = {
    "files without a name": "",
    "no files without a name": "output._open_nameless = lambda directory: -1",
    "no links": "output._name = lambda descriptor, path: False",
}
"""What a filesystem has, and what makes every filesystem such."""


def script(way: str, text: str) -> tuple[str, ...]:
    """Return the command that writes *text* to `maps.h` on a filesystem of that sort."""
    path = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})"
    modules = "from bpfgen.files import janitor, writing as output"
    return (
        *WRITE,
        f"{path}\n{modules}\n{WAYS[way]}\noutput.write('maps.h', {text!r}.encode() * 9999)",
    )


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    """Two empty directories to work in."""
    for name in ("work", "temporary"):
        (tmp_path / name).mkdir()
    return Processes(tmp_path / "work", tmp_path / "temporary", BPFGEN_CLANG=require_clang())


@pytest.mark.parametrize("old", [None, b"old"], ids=["new", "replaced"])
@pytest.mark.parametrize("way", WAYS)
def test_killed_before_every_system_call(
    processes: Processes, tmp_path: Path, way: str, old: bytes | None
) -> None:
    """From the first look at the file to the end of the process, no kill shows in the directory."""
    strace = require("strace")
    path = processes.directory / "maps.h"
    command = script(way, "new")
    new = b"new" * 9999

    def prepare() -> None:
        path.unlink(missing_ok=True)
        if old is not None:
            path.write_bytes(old)

    prepare()
    processes.run(command)  # a first run may write bytecode, and has other calls then
    prepare()
    points = list(system_calls(strace, processes, command, tmp_path / "log", r'"maps\.h"'))
    seen = set()
    for call, occurrence in points:
        prepare()
        status, errors = processes.run(killed_at(strace, command, call, occurrence))
        assert status == -signal.SIGKILL, (call, occurrence, errors)
        names, temporary = processes.found()
        assert names <= {"maps.h"}, (call, occurrence)
        assert temporary == set()
        data = path.read_bytes() if names else None
        assert data in {old, new}, (call, occurrence)
        seen.add(data)
    assert seen == {old, new}
    assert {call for call, _ in points} & {"linkat", "rename"}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SIGTERM"])
@pytest.mark.parametrize("name", ["maps.h", "maps.o"])
def test_killed_at_random(processes: Processes, name: str, number: signal.Signals) -> None:
    """A real run, killed at 60 points of its time: no file but the old or the new output.

    The compiler that it started has ended too, and its directory is gone.
    """
    source, path = processes.directory / "maps.dsl", processes.directory / name
    command = (*BPFGEN, "maps.dsl", "-o", name, "--depfile", "maps.d")
    expected = []
    longest = 0.0
    for entries in (4, 8):
        source.write_text(SOURCE.format(entries))
        before = time.monotonic()
        assert processes.run(command) == (0, b"")
        longest = max(longest, time.monotonic() - before)
        expected.append(path.read_bytes())
    rules = (processes.directory / "maps.d").read_bytes()
    chooser = random.Random(f"{name} {number}")  # noqa: S311 -- points for a test
    for turn in range(60):
        path.write_bytes(expected[turn % 2])
        source.write_text(SOURCE.format((8, 4)[turn % 2]))
        status, errors = processes.run(command, chooser.uniform(0, longest), number)
        assert status in {0, -number, 128 + number}, errors
        names, temporary = processes.found()
        assert names <= {"maps.dsl", "maps.d", name}
        assert temporary == set()
        assert path.read_bytes() in expected
        assert path.read_bytes() != expected[turn % 2] or status != 0
        assert (processes.directory / "maps.d").read_bytes() == rules


def test_a_group_that_is_killed(processes: Processes) -> None:
    """As `timeout` and terminals do, with the compiler at work: nothing is left of it either."""
    compiler = processes.directory / "clang"
    compiler.write_text(
        "#!/bin/sh\necho $$ >fifo\nwhile :; do echo x >$(echo $TMPDIR/bpfgen-*)/more; done\n"
    )
    compiler.chmod(0o755)
    (processes.directory / "maps.dsl").write_text(SOURCE.format(1))
    os.mkfifo(processes.directory / "fifo")
    reader, writer = os.pipe()
    process = processes.start(
        (*BPFGEN, "maps.dsl", "-o", "maps.o", "--clang", str(compiler)), writer
    )
    os.close(writer)
    compiling = os.pidfd_open(int((processes.directory / "fifo").read_text()))
    while state_of(process.pid) != "S":  # until it does nothing but wait for the compiler
        assert process.poll() is None
    assert len(os.listdir(processes.temporary)) == 1
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert os.read(reader, 1) == b""
    os.close(reader)
    assert os.listdir(processes.temporary) == []
    # A killed process that runs takes a moment to notice; of one that lives on nothing comes.
    assert select.select([compiling], [], [], ENOUGH)[0] == [compiling]
    os.close(compiling)


def state_of(number: int) -> str:
    """Return the letter of proc(5) for what a process does; empty where it is gone."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def test_several_write_the_same_file(processes: Processes) -> None:
    """Real processes write the same file again and again; every reader sees a whole one."""
    path = processes.directory / "maps.h"
    path.write_bytes(b"start")
    running = []
    for way in WAYS:
        for text in ("a", "b"):
            loop = script(way, text)[-1].replace(
                f"output.write('maps.h', {text!r}.encode() * 9999)",
                f"for n in range(200): output.write('maps.h', b'{text}%d' % (n % 9) * 9999)",
            )
            running.append(
                subprocess.Popen([*WRITE, loop], cwd=processes.directory, stderr=subprocess.PIPE)
            )
    seen = set()
    while any(process.poll() is None for process in running):
        data = path.read_bytes()
        assert data == b"start" or (len(data) == 2 * 9999 and data == data[:2] * 9999)
        seen.add(data)
    for process in running:
        assert (process.communicate()[1], process.returncode) == (b"", 0)
    assert processes.found() == ({"maps.h"}, set())
    assert len(seen) > 10


def test_two_bpfgens_at_once(processes: Processes) -> None:
    """Two whole runs with different sources and one output leave the one or the other."""
    path = processes.directory / "maps.h"
    expected = []
    for entries in (4, 8):
        (processes.directory / f"{entries}.dsl").write_text(SOURCE.format(entries) + LONG)
        command = (*BPFGEN, f"{entries}.dsl", "-o", "maps.h", "--no-verify")
        assert processes.run(command) == (0, b"")
        expected.append(path.read_bytes())
    reader, writer = os.pipe()
    for _ in range(5):
        both = [
            processes.start((*BPFGEN, f"{entries}.dsl", "-o", "maps.h", "--no-verify"), writer)
            for entries in (4, 8)
        ]
        assert [(each.communicate()[1], each.returncode) for each in both] == [(b"", 0)] * 2
        assert path.read_bytes() in expected
    os.close(reader)
    os.close(writer)
    assert processes.found() == ({"4.dsl", "8.dsl", "maps.h"}, set())


@pytest.fixture
def small_disk(processes: Processes) -> Iterator[Path]:
    """A filesystem of 16 KiB, where we may mount one."""
    if os.geteuid() != 0:
        missing("root", "rights are needed to mount a small filesystem")
    place = processes.directory / "disk"
    place.mkdir()
    mount = [require("mount"), "-t", "tmpfs", "-o", "size=16k", "bpfgen-test", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    yield place
    subprocess.run([require("umount"), str(place)], check=True)


@pytest.mark.parametrize("old", [None, b"old\n"], ids=["new", "replaced"])
def test_a_full_disk(processes: Processes, small_disk: Path, old: bytes | None) -> None:
    """One line, status 1; the old file is still there, and nothing beside it."""
    path = small_disk / "maps.h"
    if old is not None:
        path.write_bytes(old)
    (processes.directory / "maps.dsl").write_text(SOURCE.format(1) + LONG)
    status, errors = processes.run((*BPFGEN, "maps.dsl", "-o", "disk/maps.h", "--no-verify"))
    said = b"error[file]: cannot write `disk/maps.h`: no space left on device\n"
    assert (status, errors) == (1, said)
    assert os.listdir(small_disk) == ["maps.h"] * (old is not None)
    assert old is None or path.read_bytes() == old


@pytest.mark.parametrize("way", WAYS)
def test_a_limit_of_file_sizes(processes: Processes, way: str) -> None:
    """The same on every sort of filesystem, with the limit that anybody may set."""
    (processes.directory / "maps.h").write_bytes(b"old")
    write = script(way, "new")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
    status, errors = processes.run((*write[:-1], limit + write[-1]))
    assert status == 1
    assert b"OSError: [Errno 27] File too large" in errors
    assert processes.found() == ({"maps.h"}, set())
    assert (processes.directory / "maps.h").read_bytes() == b"old"


NO_PLACE = """\
error[file]: 1.dsl: {reason} in `{place}`, where the compiler's files are while it runs; \
TMPDIR names another directory
error[map-kind]: there is no map kind or template `none`
 --> 2.dsl:1:8
  |
1 | map m: none;
  |        ^^^^
  |
  = help: `bpfgen kinds` lists them all

2 errors
"""
"""What is said of two sources, the second of them wrong, where a compiler has no room."""


def check_without_room(processes: Processes, place: Path, reason: str, *limit: str) -> None:
    """Check that a run whose TMPDIR is *place* names that, and goes on with the next source."""
    (processes.directory / "1.dsl").write_text(SOURCE.format(1))
    (processes.directory / "2.dsl").write_text("map m: none;\n")
    processes.environment["TMPDIR"] = str(place)
    status, errors = processes.run((*limit, *BPFGEN, "1.dsl", "2.dsl"))
    assert (status, errors.decode()) == (1, NO_PLACE.format(reason=reason, place=place))
    status, errors = processes.run((*limit, *BPFGEN, "1.dsl", "-o", "maps.h"))
    assert status == 1
    assert f"{reason} in `{place}`, where".encode() in errors
    assert "maps.h" not in os.listdir(processes.directory)


def test_a_full_temporary_directory(processes: Processes, small_disk: Path) -> None:
    """Each source is reported, and nothing is left that would fill it more."""
    with (small_disk / "full").open("wb", buffering=0) as full:
        full.write(b"x" * 16384)
    check_without_room(processes, small_disk, "No space left on device")
    assert os.listdir(small_disk) == ["full"]


def test_no_temporary_directory(processes: Processes, tmp_path: Path) -> None:
    """The same where TMPDIR doesn't exist."""
    check_without_room(processes, tmp_path / "none", "No such file or directory")


def test_a_compiler_under_a_limit_of_file_sizes(processes: Processes, tmp_path: Path) -> None:
    """The same where the compiler's text is longer than a file may be."""
    place = tmp_path / "place"
    place.mkdir()
    limited = (require("prlimit"), "--fsize=1024")
    check_without_room(processes, place, "File too large", *limited)
    assert os.listdir(place) == []


def refusals(directory: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the words of a command that can't do what it is told to, and the reason in its line."""
    (directory / "maps.dsl").write_text(SOURCE.format(1))
    (directory / "folder").mkdir()
    (directory / "loop").symlink_to("loop")
    output = ("maps.dsl", "--no-verify", "-o")
    yield (*output, "folder", "--emit", "header"), "cannot write `folder`: is a directory"
    yield (*output, "folder/", "--emit", "header"), "cannot write `folder/`: is a directory"
    missing = "there is no directory `none`\n  = help: `mkdir -p none` makes it"
    yield (*output, "none/maps.h"), f"cannot write `none/maps.h`: {missing}"
    yield (*output, "maps.dsl/maps.h"), "cannot write `maps.dsl/maps.h`: `maps.dsl` is no directory"
    yield (
        (*output, "loop", "--emit", "header"),
        "cannot write `loop`: too many levels of symbolic links",
    )
    long = "m" * 256 + ".h"
    yield (*output, long), f"cannot write `{long}`: file name too long"
    yield (
        (*output, "/dev/full", "--emit", "header"),
        "cannot write `/dev/full`: no space left on device",
    )
    yield ("nowhere.dsl", "-o", "m.h"), "cannot read `nowhere.dsl`: no such file or directory"
    yield ("folder", "-o", "m.h"), "cannot read `folder`: is a directory"
    yield ("loop", "-o", "m.h"), "cannot read `loop`: too many levels of symbolic links"


def test_what_cannot_be_read_or_written(processes: Processes) -> None:
    """One line with the name and the reason, status 1, and no file."""
    for words, said in list(refusals(processes.directory)):
        assert processes.run((*BPFGEN, *words)) == (1, f"error[file]: {said}\n".encode()), words
    assert processes.found() == ({"maps.dsl", "folder", "loop"}, set())


def test_without_rights(processes: Processes) -> None:
    """Directories and files that we may not write, files that we may not read."""
    directory = processes.directory
    (directory / "maps.dsl").write_text(SOURCE.format(1))
    (directory / "secret.dsl").write_text(SOURCE.format(1))
    (directory / "secret.dsl").chmod(0)
    (directory / "folder").mkdir()
    for name in ("folder/maps.h", "kept.h"):
        (directory / name).write_text("old")
    (directory / "kept.h").chmod(0o444)
    (directory / "folder").chmod(0o555)
    drop: tuple[str, ...] = ()
    if os.geteuid() == 0:  # as root, but without the right to overlook modes
        drop = (require("setpriv"), "--bounding-set=-dac_override,-dac_read_search")
    for words, said in (
        (("maps.dsl", "-o", "folder/new.h"), "write `folder/new.h`"),
        (("maps.dsl", "-o", "folder/maps.h"), "write `folder/maps.h`"),
        (("maps.dsl", "-o", "kept.h"), "write `kept.h`"),
        (("secret.dsl", "-o", "new.h"), "read `secret.dsl`"),
    ):
        status, errors = processes.run((*drop, *BPFGEN, *words, "--no-verify"))
        reason = "permission denied"
        if "folder" in said:
            reason += " to make files in its directory"
        assert (status, errors.decode()) == (1, f"error[file]: cannot {said}: {reason}\n")
    assert (directory / "folder" / "maps.h").read_text() == "old"
    assert os.listdir(directory / "folder") == ["maps.h"]
    assert (directory / "kept.h").read_text() == "old"
    (directory / "folder").chmod(0o755)


def test_streams_as_files(processes: Processes) -> None:
    """Devices, pipes and our own streams are written to, and read from, as cc does it."""
    (processes.directory / "maps.dsl").write_text(SOURCE.format(1))
    os.mkfifo(processes.directory / "fifo")
    words = "--no-verify --emit header"
    bpfgen = f"'{sys.executable}' -m bpfgen {words}"
    shell = (
        f"{bpfgen} maps.dsl -o maps.h\n"
        f"{bpfgen} maps.dsl -o /dev/stdout | cmp - maps.h\n"
        f"{bpfgen} maps.dsl -o /dev/stdout >to.h; cmp to.h maps.h\n"
        f"{bpfgen} maps.dsl -o /dev/fd/7 7>seven.h; cmp seven.h maps.h\n"
        f"{bpfgen} maps.dsl -o fifo & cmp fifo maps.h; wait\n"
        f"cat maps.dsl >fifo & {bpfgen} fifo -o piped.h; wait; tail -n +2 piped.h >piped\n"
        f"{bpfgen} /dev/stdin -o stdin.h <maps.dsl\n"
        "grep -c . stdin.h piped.h maps.h\n"
    )
    status, errors = processes.run(("/bin/sh", "-euc", shell))
    assert (status, errors) == (0, b"")
    assert (processes.directory / "fifo").is_fifo()


def test_a_reader_that_goes_away(processes: Processes) -> None:
    """`bpfgen … -o - | head` ends as a process that SIGPIPE ended, without a word."""
    (processes.directory / "maps.dsl").write_text(SOURCE.format(1) + LONG)
    for words in ("-o - --emit header", "-o /dev/stdout --emit header", "-o none.h --check"):
        reader, writer = os.pipe()
        os.close(reader)
        run = subprocess.run(
            [*BPFGEN, "maps.dsl", *words.split(), "--no-verify"],
            cwd=processes.directory,
            env=processes.environment,
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(writer)
        assert (run.returncode, run.stderr) == (128 + signal.SIGPIPE, b""), words


def test_closed_streams(processes: Processes) -> None:
    """Files come out right, whichever standard streams are closed: no file takes their place."""
    (processes.directory / "maps.dsl").write_text(SOURCE.format(1))
    (processes.directory / "bad.dsl").write_text("map m: arra<__u32, __u64>[1];\n")
    bpfgen = f"'{sys.executable}' -m bpfgen"
    assert processes.run(("/bin/sh", "-c", f"{bpfgen} maps.dsl -o whole.h")) == (0, b"")
    expected = (processes.directory / "whole.h").read_bytes()
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        for old in (None, "old"):
            path = processes.directory / "maps.h"
            path.unlink(missing_ok=True)
            if old:
                path.write_text(old)
            command = f"{bpfgen} maps.dsl -o maps.h {closed}"
            assert processes.run(("/bin/sh", "-c", command)) == (0, b"")
            assert path.read_bytes() == expected
            command = f"{bpfgen} bad.dsl -o maps.h {closed}"
            status, errors = processes.run(("/bin/sh", "-c", command))
            assert status == 1
            assert b"Traceback" not in errors
            assert path.read_bytes() == expected
    assert processes.found() == ({"maps.dsl", "bad.dsl", "whole.h", "maps.h"}, set())
