"""What builds lean on: --check, --depfile in make and ninja, -v, -W, and odd outputs."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from tests.tools import CHECKOUT, require, require_clang

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

COMMAND = f"{sys.executable} -m bpfgen"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
NAMES = ["maps", "a b", "$x", "#h", "a:b", "[x]", "a'b", "ä"]


def source(name: str = "maps.dsl", text: str = "map m;") -> str:
    """Write a source, with the directories that it needs, and return its name."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)
    return name


def test_check_as_json(bpfgen: Run) -> None:
    """One object for each file that differs: path, status and diff; objects have no diff."""
    names = [source("a.dsl"), source("x/b.dsl"), source("c.dsl")]
    bpfgen("a.dsl", "c.dsl", "--out-dir", "gen")
    Path("gen/a.h").write_text("old\n")
    run = bpfgen(*names, "--out-dir", "gen", "--check", "--diagnostics", "json")
    assert (run.status, run.errors) == (1, "")
    first, second = [json.loads(line) for line in run.output.splitlines()]
    assert (first["path"], first["status"]) == ("gen/a.h", "different")
    assert "-old\n+header modern: map m;\n" in first["diff"]
    assert (second["path"], second["status"]) == ("gen/x/b.h", "missing")
    assert second["diff"].startswith("--- /dev/null\n")
    assert not Path("gen/x").exists()
    run = bpfgen("a.dsl", "-o", "a.o", "--check", "--diagnostics", "json")
    assert json.loads(run.output) == {
        "format": 1,
        "path": "a.o",
        "status": "missing",
        "diff": None,
    }
    assert bpfgen("c.dsl", "--out-dir", "gen", "--check", "--diagnostics", "json").output == ""


def test_the_diff_can_be_applied(bpfgen: Run) -> None:
    """`patch` makes of the file on disk what would be written."""
    patch = require("patch")
    source(text="map m;\n" * 3)
    bpfgen("maps.dsl", "-o", "maps.h")
    wanted = Path("maps.h").read_bytes()
    Path("maps.h").write_bytes(b"before\n" + wanted.replace(b"map m;\nmap m;\n", b"map n;\n"))
    diff = bpfgen("maps.dsl", "-o", "maps.h", "--check").output
    subprocess.run([patch, "-s", "maps.h"], input=diff.encode(), check=True)
    assert Path("maps.h").read_bytes() == wanted


def test_verbose(bpfgen: Run) -> None:
    """-v says in a line what became of each file; without it success is silent."""
    names = [source("a.dsl"), source("b.dsl")]
    assert bpfgen("a.dsl", "--out-dir", "gen").errors == ""
    run = bpfgen(*names, "--out-dir", "gen", "-v")
    assert (run.output, run.errors) == ("", "gen/a.h: unchanged\ngen/b.h: written\n")
    run = bpfgen(*names, "--out-dir", "gen", "--check", "--verbose")
    assert run.errors == "gen/a.h: current\ngen/b.h: current\n"
    assert bpfgen("a.dsl", "-o", "-", "--emit", "json", "-v").errors == ""
    for line in bpfgen(*names, "--out-dir", "g", "-v", "--diagnostics", "json").errors.splitlines():
        json.loads(line)


def test_a_depfile_that_cannot_be_written_stops_the_run_first(bpfgen: Run) -> None:
    """Else make would take the output for current, with no dependencies known."""
    run = bpfgen(source(), "-o", "maps.h", "--depfile", "no/d")
    assert run.status == 1
    assert run.errors.startswith("error[file]: cannot write `no/d`: there is no directory `no`\n")
    assert not Path("maps.h").exists()
    assert bpfgen("maps.dsl", "--out-dir", "new/gen", "--depfile", "new/gen/d").status == 0
    assert Path("new/gen/d").read_text().startswith("new/gen/maps.h: maps.dsl\n")


def test_a_failing_run_leaves_the_depfile_as_it_was(bpfgen: Run) -> None:
    """What a file with errors reads isn't all known; its output is out of date anyway."""
    Path("d").write_text("a.h: a.dsl new.dsl\n")
    for words in (["-o", "a.h"], ["-o", "a.h", "--check"], ["--out-dir", "."]):
        names = [source("a.dsl", "bad"), *[source("b.dsl")] * (words[0] == "--out-dir")]
        assert bpfgen(*names, *words, "--depfile", "d").status == 1
        assert Path("d").read_text() == "a.h: a.dsl new.dsl\n"


def test_the_depfile_is_there_before_the_outputs(bpfgen: Run) -> None:
    """Killed in between, a run leaves an output that is out of date, and is made again."""
    Path("maps.h").mkdir()
    assert bpfgen(source(), "-o", "maps.h", "--depfile", "d").status == 1
    assert Path("d").read_text().startswith("maps.h: maps.dsl\n")
    Path("e").mkdir()
    assert bpfgen("maps.dsl", "-o", "new.h", "--depfile", "e").status == 1
    assert not Path("new.h").exists()


def test_a_name_that_no_depfile_can_hold(bpfgen: Run) -> None:
    """A line end: an error and no output, since make can't be told what it depends on."""
    run = bpfgen(source("a\nb.dsl"), "-o", "maps.h", "--depfile", "d")
    assert run.status == 1
    assert "no depfile can hold `a␊b.dsl`: its name has a line end" in run.errors
    assert not Path("d").exists()
    assert not Path("maps.h").exists()


@pytest.mark.parametrize("tool", ["make", "ninja"])
def test_builds_follow_the_depfile(tool: str, tmp_path: Path) -> None:
    """Touching an import rebuilds, touching nothing doesn't, a deleted import is no deadlock.

    The same holds for an input; its name may have a backslash, which that of an import can't.
    """
    program = require(tool)
    names = [name for name in NAMES if tool == "make" or "'" not in name]  # ninja's have no quotes
    imports = []
    for number, name in enumerate(names):
        (tmp_path / f"{name}.dsl").write_text(f"struct s{number} {{ __u32 id; }};\n")
        imports.append(f'import "{name}.dsl";')
    (tmp_path / "user.dsl").write_text("\n".join([*imports, "map m: hash<s0, int>[4];\n"]))
    (tmp_path / "b\\c.dsl").write_text("map other: hash<int, int>[4];\n")
    words = r"user.dsl 'b\c.dsl' --out-dir . --no-verify --depfile user.d --depfile-target user.h"
    command = f"{COMMAND} {words}; echo >>runs"
    (tmp_path / "Makefile").write_text(
        f"user.h: user.dsl\n\t{command}; touch user.h\n-include user.d\n"
    )
    (tmp_path / "build.ninja").write_text(
        f"rule maps\n  command = {command}; touch user.h\n  depfile = user.d\n"
        "build user.h: maps user.dsl\n"
    )

    def runs() -> int:
        done = subprocess.run(
            [program, "user.h"], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return (tmp_path / "runs").read_text().count("\n")

    def age() -> None:
        for path in tmp_path.glob("*.dsl"):
            os.utime(path, (1, 1))

    assert runs() == 1
    age()
    assert runs() == 1
    for number, name in enumerate([*names, "b\\c"]):
        future = (tmp_path / "user.h").stat().st_mtime + 10
        os.utime(tmp_path / f"{name}.dsl", (future, future))
        assert runs() == 2 + number, name
        age()
        assert runs() == 2 + number, name
    for name in names[1:]:
        (tmp_path / f"{name}.dsl").unlink()
    (tmp_path / "user.dsl").write_text(f"{imports[0]}\nmap m: hash<s0, int>[4];\n")
    assert runs() == 3 + len(names)


def test_out_dir_in_ninja(tmp_path: Path) -> None:
    """One rule with several outputs: ninja finds all of them in the depfile."""
    ninja = require("ninja")
    (tmp_path / "x").mkdir()
    (tmp_path / "c.dsl").write_text("struct k { __u32 id; };\n")
    for name in ("a", "x/b"):
        (tmp_path / f"{name}.dsl").write_text('import "c.dsl";\nmap m: hash<k, int>[4];\n')
    words = "a.dsl x/b.dsl -I . --out-dir gen --depfile gen/d --no-verify"
    (tmp_path / "build.ninja").write_text(
        f"rule maps\n  command = {COMMAND} {words}\n  depfile = gen/d\n"
        "build gen/a.h gen/x/b.h: maps a.dsl x/b.dsl\n"
    )

    def said() -> str:
        run = subprocess.run(
            [ninja], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, check=True
        )
        return run.stdout.decode()

    assert "no work to do" not in said()
    assert "no work to do" in said()
    (tmp_path / "c.dsl").write_text("struct k { __u64 id; };\n")
    future = (tmp_path / "gen/a.h").stat().st_mtime + 10
    os.utime(tmp_path / "c.dsl", (future, future))
    assert "no work to do" not in said()


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("unverifed", "-W unverifed: there is no diagnostic `unverifed`"),
        ("no-unverifed", "did you mean `unverified`?"),
        ("error=unverifed", "did you mean `unverified`?"),
        ("eror", "did you mean `error`?"),
        ("error=bogus", "-Werror=bogus: there is no diagnostic `bogus`"),
        ("no-error=bogus", "-Wno-error=bogus: there is no diagnostic `bogus`"),
        ("extra", "`bpfgen explain` lists the codes"),
        ("", "there is no diagnostic ``"),
        ("no-", "there is no diagnostic ``"),
    ],
)
def test_unknown_warnings(bpfgen: Run, word: str, said: str) -> None:
    """-W with a code that there isn't is wrong usage, with a suggestion."""
    run = bpfgen(source(), "-o", "m.h", f"-W{word}" if word else "-W=", *[""] * (not word))
    if word:
        assert run.status == 2
        assert said in run.errors
    assert not Path("m.h").exists()


def test_style_is_off_by_default(bpfgen: Run) -> None:
    """-W all wants it, -W CODE one of it, as a warning; what names a code wins over -W all."""
    source(text="style")

    def said(*words: str) -> tuple[int, bool]:
        run = bpfgen("maps.dsl", "-o", "m.h", *words)
        return run.status, "[stub-style]" in run.errors

    assert said() == said("-Werror") == said("-Wall", "-Wno-all") == (0, False)
    assert said("-Wno-stub-style", "-Wall") == (0, False)
    assert "warning[stub-style]" in bpfgen("maps.dsl", "-o", "m.h", "-W", "all").errors
    assert said("-Wall") == said("-Wstub-style") == said("-Wstub-style", "-Wno-all") == (0, True)
    assert said("-Wall", "-Werror") == said("-Werror=stub-style") == (1, True)
    assert said("-Wall", "-Werror", "-Wno-error=stub-style") == (0, True)
    lines = bpfgen("maps.dsl", "-o", "m.h", "-Wall", "--diagnostics", "json").errors.splitlines()
    assert [json.loads(line)["severity"] for line in lines] == ["warning"]


def test_many_of_a_code_are_grouped(bpfgen: Run) -> None:
    """A person sees the first of the run and where the others are; programs get each."""
    names = [source(f"{letter}.dsl", "warn warn") for letter in "abcd"]
    words = (*names, "--emit", "none")
    text = bpfgen(*words).errors
    assert text.count("warning[stub-warn]: `warn`") == 3
    assert "warning[stub-warn]: and 5 more, at b.dsl:1, c.dsl:1, c.dsl:1, d.dsl:1, d.dsl:1" in text
    assert "help: `-W stub-warn` shows each" in text
    assert bpfgen(*words, "-W", "stub-warn").errors.count("warning[stub-warn]: `warn`") == 8
    assert bpfgen(*words, "-Werror").errors.count("error[stub-warn]: `warn`") == 8
    assert len(bpfgen(*words, "--diagnostics", "json").errors.splitlines()) == 8


def test_warnings_as_errors_one_by_one(bpfgen: Run) -> None:
    """-Werror=CODE makes one an error and wants it; -Wno-error=CODE excepts one."""
    source(text="warn")
    assert bpfgen("maps.dsl", "-o", "m.h", "-Werror=stub-warn").status == 1
    assert bpfgen("maps.dsl", "-o", "m.h", "-Werror=unverified").status == 0
    run = bpfgen("maps.dsl", "-o", "m.h", "-Werror", "-Wno-error=stub-warn")
    assert (run.status, "warning[stub-warn]" in run.errors) == (0, True)
    assert bpfgen("maps.dsl", "-o", "m.h", "-Wno-stub-warn", "-Werror=stub-warn").status == 1


def test_an_error_that_no_warning_option_turns_off(bpfgen: Run) -> None:
    """It says so, instead of leaving the reader to wonder."""
    run = bpfgen(source(text="bad"), "-o", "m.h", "-Wno-stub-bad")
    assert run.status == 1
    assert "note: `-W no-stub-bad` hides warnings only, and this is an error" in run.errors


def test_outputs_that_are_no_files(tmp_path: Path) -> None:
    """/dev/stdout, a pipe with a name, /dev/null: written to, and not replaced."""
    (tmp_path / "maps.dsl").write_text("map m: array<int, int>[1];\n")
    words = [*COMMAND.split(), "maps.dsl", "--no-verify", "--emit", "header", "-o"]

    def run(*more: str, **streams: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*words, *more], cwd=tmp_path, env=ENVIRONMENT, check=True, **streams)

    wanted = run("-", stdout=subprocess.PIPE).stdout
    assert b'SEC(".maps")' in wanted
    assert run("/dev/stdout", stdout=subprocess.PIPE).stdout == wanted
    with (tmp_path / "file").open("wb") as file:
        run("/dev/stdout", stdout=file)
    assert (tmp_path / "file").read_bytes() == wanted
    run("/dev/null")
    assert not Path("/dev/null").is_file()
    os.mkfifo(tmp_path / "pipe.h")
    with subprocess.Popen([*words, "pipe.h"], cwd=tmp_path, env=ENVIRONMENT):
        assert (tmp_path / "pipe.h").read_bytes() == wanted
    assert (tmp_path / "pipe.h").is_fifo()


def test_standard_input_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """`-` is standard input for every command that reads a file."""
    require_clang()
    monkeypatch.chdir(tmp_path)
    text = b"map m: hash<__u32, __u64>[4];\n"
    Path("m.dsl").write_bytes(text)
    assert main(["m.dsl", "-o", "m.o"]) == 0
    object = Path("m.o").read_bytes()

    def run(data: bytes, *words: str) -> tuple[int, bytes, bytes]:
        stdin: Any = io.TextIOWrapper(io.BytesIO(data))
        monkeypatch.setattr(sys, "stdin", stdin)
        capfdbinary.readouterr()
        return main(words), *capfdbinary.readouterr()

    status, output, _ = run(text, "-", "-o", "-", "--emit", "object")
    assert (status, output[:4]) == (0, b"\x7fELF")
    status, output, _ = run(object, "inspect", "-")
    assert (status, b"hash" in output) == (0, True)
    assert run(object, "verify", "-", "m.dsl")[0] == 0
    assert run(text, "verify", "m.o", "-")[0] == 0
    assert run(text, "verify", "-", "-")[0] == 2
    status, output, _ = run(object, "import", "-", "-o", "-")
    assert (status, b"map m: hash<" in output) == (0, True)
    status, output, _ = run(text, "kinds", "--needs", "-")
    assert (status, output.startswith(b"<stdin> ")) == (0, True)
    status, _, errors = run(b"map m: hsah<int, int>[1];", "kinds", "--needs", "-")
    assert (status, b"--> <stdin>:1:8" in errors) == (1, True)


def test_needs_under_definitions_and_allowances(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """-D may change what is needed; what an allowance excuses isn't, here or in an import."""
    monkeypatch.chdir(tmp_path)
    Path("m.dsl").write_text(
        "const FLAGS = 0;\nmap m: array<__u32, __u64>[1] { map_flags = FLAGS; };\n"
    )

    def needs(*words: str) -> str:
        assert main(["kinds", "--needs", "m.dsl", *words]) == 0
        return capfd.readouterr().out.partition("\n")[0]

    assert "3.19" in needs()
    assert needs("-D", "FLAGS=BPF_F_MMAPABLE") == "m.dsl needs Linux 5.5"
    Path("m.dsl").write_text("map m: ringbuf[64 KiB];\n")
    assert needs() == "m.dsl needs Linux 5.8"
    Path("m.dsl").write_text(
        "macro NEW;\nwhen (NEW) { map m: ringbuf[64 KiB]; } else { map m: perf_event_array; }\n"
    )
    assert needs() == needs("-D", "NEW=2") == "m.dsl needs Linux 5.8"
    assert "Linux 4.3" in needs("-U", "NEW")
    Path("m.dsl").write_text(
        "// bpfgen: allow kernel-version because ours has it\nmap m: ringbuf[64 KiB];\n"
    )
    assert "every kernel" in needs()
