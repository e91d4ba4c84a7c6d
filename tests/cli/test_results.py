"""Jobs of which nothing has changed aren't done again, and never is an old answer given."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.files.digests import now
from bpfgen.files.kept import Kept
from bpfgen.record import Record
from bpfgen.resources import package_files, templates_directory
from bpfgen.sources import open_source
from tests.tools import clang_program, require_clang

if TYPE_CHECKING:
    from collections.abc import Callable

A = """\
include "types.h";
import "common.dsl";
/// What it is.
map a: hash<flow, shared>[LIMIT];
"""
B = "struct v { __u32 x, y; };\nmap b: array<__u32, v>[4];\n"
WARNS = B.replace("__u32 x, y", "__u8 x; __u32 y")
COMMON = 'include "late.h";\nconst LIMIT = 8;\nstruct shared { __u32 n; late_t late; };\n'


class Outcome(Record):
    """What a run came to.

    Attributes:
        status: The exit status.
        output: Standard output.
        errors: Standard error.
        opened: The sources that were opened, without those that were known.
    """

    status: int
    output: str
    errors: str
    opened: list[str]


class Project:
    """A directory with sources, and the command in it."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.patch = patch
        self._capture = capture
        self._opened: list[str] = []

        def noted(path: str, *words: Any, **named: Any) -> Any:
            self._opened.append(path)
            return open_source(path, *words, **named)

        patch.setattr("bpfgen.commands.build.open_source", noted)

    def run(self, *words: str) -> Outcome:
        """Run the command with *words*, once the tick has passed in which files were written."""
        settled()
        self._opened.clear()
        status = main(list(words))
        captured = self._capture.readouterr()
        return Outcome(status, captured.out, captured.err, list(self._opened))

    def opened(self, *words: str) -> list[str]:
        """Return what `--check` of all opens."""
        return self.run(*WORDS, "--check", *words).opened

    def checked(self, *words: str) -> list[str]:
        """Return what `--check` of all opens; it says what it says without the cache, too."""
        found = self.run(*WORDS, "--check", *words)
        plain = self.run(*WORDS, "--check", "--no-cache", *words)
        assert plain.opened == ["src/a.dsl", "src/b.dsl"]
        assert (found.status, found.output, found.errors) == (
            plain.status,
            plain.output,
            plain.errors,
        )
        return found.opened


WORDS = ("src/a.dsl", "src/b.dsl", "-I", "early", "-I", "late", "--out-dir", "gen")


def settled() -> None:
    """Let the tick of the files' clock pass in which a file was written."""
    written = time.time_ns()
    while now() <= written:
        pass


FILES = {
    "src/a.dsl": A,
    "src/b.dsl": B,
    "late/common.dsl": COMMON,
    "late/types.h": "#pragma once\nstruct flow { unsigned int a, b; };\n",
    "late/late.h": "#pragma once\ntypedef unsigned int late_t;\n",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where all projects of this module are, one after the other: below it, in `p`."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture
def root(place: Path) -> Path:
    """Return the directory of the project."""
    return place / "p"


@pytest.fixture
def project(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    """Return a project of two sources whose headers were made, once for all tests."""
    shutil.rmtree(root, ignore_errors=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(root / "home"))
    monkeypatch.setenv("BPFGEN_CLANG", require_clang())
    project = Project(monkeypatch, capsys)
    made = root.with_name("made")
    if made.exists():
        shutil.copytree(made, root)
        monkeypatch.chdir(root)
        return project
    for directory in ("src", "early/bpf", "early/linux", "late"):
        (root / directory).mkdir(parents=True)
    for name, text in FILES.items():
        (root / name).write_text(text)
    monkeypatch.chdir(root)
    first = project.run(*WORDS)
    assert (first.status, first.errors, first.opened) == (0, "", ["src/a.dsl", "src/b.dsl"])
    shutil.copytree(root, made)
    return project


def test_what_is_unchanged_is_not_done_again(project: Project) -> None:
    """Neither to write nor to compare; what is said is said once more."""
    assert project.checked() == []
    assert project.checked("-v", "-W", "all", "-j", "1") == []
    assert project.checked("-Werror", "-W", "all") == []
    assert project.checked("--diagnostics", "json", "-W", "all") == []
    again = project.run(*WORDS, "-v")
    assert (again.status, again.opened) == (0, [])
    assert again.errors == "gen/src/a.h: unchanged\ngen/src/b.h: unchanged\n"
    assert project.run(*WORDS[:-2], "--depfile", "d", "--depfile-target", "x").status == 0


def test_the_depfile_is_the_same(project: Project) -> None:
    """With every header that was read, of what was known as of what was done."""
    for name, more in (("known.d", ()), ("anew.d", ("--no-cache",))):
        assert project.run(*WORDS, "--depfile", name, *more).status == 0
    known, anew = Path("known.d").read_text(), Path("anew.d").read_text()
    assert "late/late.h" in known
    assert known == anew


def write(path: str, text: str) -> Callable[[Project], object]:
    """Return what writes *text* into the file *path*."""

    def change(_project: Project) -> None:
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text(text)

    return change


def link_instead(_project: Project) -> None:
    """Have another file, and a link to it, in the place of a header."""
    Path("other.h").write_text("struct flow { unsigned long long a; };\n")
    Path("late/types.h").unlink()
    Path("late/types.h").symlink_to("../other.h")


def other_compiler(project: Project) -> None:
    """Have a wrapper of the compiler."""
    Path("clang-own").write_text(f'#!/bin/sh\nexec {clang_program()} "$@"\n')
    Path("clang-own").chmod(0o755)
    project.patch.setenv("BPFGEN_CLANG", os.path.abspath("clang-own"))


A_ONLY, B_ONLY, BOTH = ["src/a.dsl"], ["src/b.dsl"], ["src/a.dsl", "src/b.dsl"]

CHANGES: dict[str, tuple[Callable[[Project], object], list[str]]] = {
    "a source": (write("src/b.dsl", B.replace("[4]", "[5]")), B_ONLY),
    "a comment of a source": (write("src/b.dsl", B + "// x\n"), B_ONLY),
    "a source that is wrong now": (write("src/b.dsl", "map b: array<__u64, int>[4];\n"), B_ONLY),
    "a source that warns now": (write("src/b.dsl", WARNS), B_ONLY),
    "an output": (write("gen/src/b.h", "x"), B_ONLY),
    "an output that is gone": (lambda _: Path("gen/src/b.h").unlink(), B_ONLY),
    "an import": (write("late/common.dsl", COMMON.replace("8", "9")), A_ONLY),
    "an import that comes earlier": (write("early/common.dsl", COMMON), A_ONLY),
    "an import beside": (write("src/common.dsl", COMMON), A_ONLY),
    "an import that is gone": (lambda _: Path("late/common.dsl").unlink(), A_ONLY),
    "a header": (write("late/types.h", "struct flow { unsigned int a; };\n"), A_ONLY),
    "a header of an import": (write("late/late.h", "typedef unsigned char late_t;\n"), A_ONLY),
    "a header that comes earlier": (write("early/types.h", "struct flow { char a[4]; };"), A_ONLY),
    "a header beside": (write("src/types.h", "struct flow { char a[4]; };"), A_ONLY),
    "a header that is gone": (lambda _: Path("late/types.h").unlink(), A_ONLY),
    "a header that is a link": (link_instead, A_ONLY),
    "a header that only the output looks for": (
        write("early/vmlinux.h", "#error no\n"),
        # Neither looks for it, so that this is no change.
        [],
    ),
    "libbpf's header": (write("early/bpf/bpf_helpers.h", "#error no\n"), BOTH),
    "the kernel's header": (write("early/linux/types.h", "#error no\n"), BOTH),
    "settings": (write("pyproject.toml", '[tool.bpfgen]\nkernel = "6.1"\n'), BOTH),
    "the compiler": (other_compiler, BOTH),
    "CPATH": (lambda project: project.patch.setenv("CPATH", "early"), BOTH),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_noticed(project: Project, what: str) -> None:
    """And what comes out is what there is without anything kept."""
    change, opened = CHANGES[what]
    change(project)
    assert project.checked() == opened


@pytest.mark.parametrize(
    "words",
    [
        ("-D", "LIMIT=9"),
        ("--kernel", "5.15"),
        ("--libbpf", "0.8"),
        ("--style", "initializer"),
        ("--no-verify",),
        ("--verify",),
        ("--target", "bpfeb"),
        ("--relax-compat",),
        ("--cpus", "4"),
        ("--clang-arg", "-DX"),
        ("-I", "src"),
    ],
)
def test_another_question_has_another_answer(project: Project, words: tuple[str, ...]) -> None:
    """What is asked is part of what is known."""
    assert project.opened(*words) == BOTH


def test_another_bpfgen_knows_nothing(project: Project) -> None:
    """A byte of the package is enough."""
    files = [*package_files(), "bpfgen/new.py 1 2 3 4"]
    project.patch.setattr("bpfgen.commands.results.package_files", lambda: files)
    assert project.opened() == BOTH


def test_what_bpfgen_reads_besides_its_package_counts() -> None:
    """In a checkout the grammar and the templates lie beside it, and may be edited."""
    files = [line.rsplit(" ", 4)[0] for line in package_files()]
    assert f"{templates_directory()}/c/opening.h.j2" in files
    assert any(name.endswith("/grammar/bpfgen.lark") for name in files)
    assert len(set(files)) == len(files)


def test_a_configuration_of_clang_counts(project: Project, root: Path) -> None:
    """clang reads it by itself, and names it nowhere."""
    project.patch.setenv("HOME", str(root))
    assert project.opened() == BOTH
    assert project.opened() == []
    (root / ".config/clang").mkdir(parents=True)
    (root / ".config/clang/bpf.cfg").write_text("-DX\n")
    assert project.opened() == BOTH
    assert project.opened() == []


def test_a_working_directory_that_is_gone(project: Project, root: Path) -> None:
    """Nothing is known there, and all can be done."""
    (root / "gone").mkdir()
    words = (str(root / "src/b.dsl"), "-o", str(root / "gen/src/b.h"), "--no-config")
    assert project.run(*words).status == 0
    project.patch.chdir(root / "gone")
    (root / "gone").rmdir()
    again = project.run(*words, "--check")
    assert (again.status, again.errors, again.opened) == (0, "", [words[0]])


def test_another_directory_knows_nothing(project: Project, root: Path) -> None:
    """Names are relative to the working directory."""
    for name in ("src", "early", "late", "gen"):
        shutil.copytree(name, f"x/{name}")
    project.patch.chdir(root / "x")
    assert project.opened() == BOTH


def test_one_source_that_is_compiled_keeps_nothing(project: Project, root: Path) -> None:
    """Who compiles one has changed it; `--check` may be of anything."""
    shutil.rmtree(root / "home")
    for _ in range(2):
        assert project.run("src/b.dsl", "-o", "b.h").opened == B_ONLY
    assert not (root / "home").exists()
    assert project.run("src/b.dsl", "-o", "b.h", "--check").opened == B_ONLY
    assert project.run("src/b.dsl", "-o", "b.h", "--check").opened == []


def test_sources_are_checked_once(project: Project) -> None:
    """Where nothing is written, too."""
    assert project.run("src/b.dsl", "late/common.dsl").opened == ["src/b.dsl", "late/common.dsl"]
    assert project.run("src/b.dsl", "late/common.dsl").opened == []


def test_outputs_of_every_form(project: Project) -> None:
    """All of them count, and the object is among them."""
    words = ("src/b.dsl", "late/common.dsl", "-I", "late", "--out-dir", "gen")
    for form in ("header,object,json", "python,rust"):
        assert project.run(*words, "--emit", form).opened == ["src/b.dsl", "late/common.dsl"]
        assert project.run(*words, "--emit", form).opened == []
    Path("gen/src/b.o").write_bytes(b"\x7fELF")
    assert project.run(*words, "--emit", "header,object,json").opened == ["src/b.dsl"]


def test_what_cant_be_known_is_done_again(project: Project) -> None:
    """A file of Go depends on others of the run, C is asked of clang, and no output is a pipe."""
    Path("c.c").write_text("#include <linux/bpf.h>\nint x;\n")
    for _ in range(2):
        words = ("src/b.dsl", "late/common.dsl", "--out-dir", "gen", "--emit", "go")
        assert project.run(*words).opened == ["src/b.dsl", "late/common.dsl"]
        assert project.run("c.c", "src/b.dsl").opened[0] == "c.c"


def test_a_file_that_is_written_meanwhile(project: Project) -> None:
    """One that is as new as the run may have been another one when it was read."""
    shutil.rmtree("home")
    later = time.time() + 100
    os.utime("src/b.dsl", (later, later))
    assert project.run(*WORDS).opened == BOTH
    assert project.run(*WORDS).opened == B_ONLY


def test_one_that_an_earlier_source_of_the_run_writes(project: Project) -> None:
    """What was known of it before counts no more."""
    Path("src/c.dsl").write_text('include "gen/src/b.h";\nmap c: array<__u32, v>[1];\n')
    words = ("src/b.dsl", "src/c.dsl", "-I", ".", "--out-dir", "gen")
    assert project.run(*words).status == 0
    assert project.run(*words).opened == []
    Path("src/b.dsl").write_text(B.replace("x, y", "x[9], y"))
    opened = project.run(*words)
    assert (opened.status, opened.opened) == (0, ["src/b.dsl", "src/c.dsl"])
    assert "__u32 x[9]" not in Path("gen/src/c.h").read_text()
    assert project.run(*words, "--check", "--no-cache").status == 0
    shutil.rmtree("gen")
    assert project.run(*words, "--no-cache", "-j", "8").status == 0


def test_damaged_and_foreign_entries(project: Project, root: Path) -> None:
    """Whatever became of them: all is done, and kept anew."""
    kept = root / "home/bpfgen"
    whole = {path: path.read_bytes() for path in kept.iterdir() if path.name.startswith("r")}
    assert len(whole) == 2
    one, other = whole
    for damaged in (b"", b"\n", whole[one][:-1], whole[one] + b"x", whole[other], b"\0" * 99):
        one.write_bytes(damaged)
        assert len(project.opened()) == 1
    one.unlink()
    one.symlink_to(other)
    assert len(project.opened()) == 1
    kept.chmod(0o777)
    assert project.opened() == BOTH
    kept.chmod(0o700)
    assert project.checked() == []


@pytest.mark.parametrize("data", [b"", b"-1", b"99\0a", b"0\0" * 10 + b"0", b"0\0" * 12])
def test_what_makes_no_sense_is_none(project: Project, root: Path, data: bytes) -> None:
    """Also where its digest is right, as of another version that forgot to say so."""
    kept = Kept(str(root / "home/bpfgen"))
    for path in (root / "home/bpfgen").iterdir():
        kept.keep(path.name, data)
    assert project.run(*WORDS, "--check").status == 0


def test_a_directory_that_cant_be_used_is_no_error(project: Project) -> None:
    """Nothing is kept, then."""
    for place in ("src/b.dsl", "/proc/none"):
        project.patch.setenv("XDG_CACHE_HOME", os.path.abspath(place))
        assert project.opened() == BOTH
        assert project.opened() == BOTH


def test_a_project_says_so(project: Project) -> None:
    """`cache = false` is for results, too."""
    Path("pyproject.toml").write_text("[tool.bpfgen]\ncache = false\n")
    for _ in range(2):
        assert project.run(*WORDS).opened == BOTH


def test_an_unused_definition_is_said_once_more(project: Project) -> None:
    """It is one of the run, whether its sources were known or not."""
    words = (*WORDS, "-D", "UNHEARD_OF=1")
    first, again = project.run(*words), project.run(*words)
    assert "UNHEARD_OF" in first.errors
    assert (again.errors, again.opened) == (first.errors, [])


class InTheWay:
    """A file system without files."""

    def read(self, path: str) -> bytes:
        """Read none."""
        raise FileNotFoundError(path)


def test_what_is_said_points_at_the_file(project: Project) -> None:
    """A warning of a known source has its line and its carets."""
    Path("src/b.dsl").write_text(WARNS)
    first, again = project.run(*WORDS), project.run(*WORDS)
    assert "struct v { __u8 x; __u32 y; };" in first.errors
    assert (again.errors, again.opened) == (first.errors, [])
    failed = project.run(*WORDS, "-Werror")
    assert (failed.status, failed.opened) == (1, [])
    # It goes when its bytes have been looked at.
    project.patch.setattr("bpfgen.commands.kept_messages.FILES", InTheWay())
    assert project.run(*WORDS).opened == ["src/b.dsl"]


def test_an_import_of_a_source_that_failed(project: Project) -> None:
    """What the import asked of a header was asked for that source, and is of this one, too."""
    Path("src/0.dsl").write_text('import "common.dsl";\nmap m: array<__u64, shared>[LIMIT];\n')
    Path("src/1.dsl").write_text('import "common.dsl";\nmap n: array<__u32, shared>[LIMIT];\n')
    words = ("src/0.dsl", "src/1.dsl", *WORDS[2:], "--no-verify")
    for _ in range(2):
        assert project.run(*words).status == 1
    assert project.run(*words).opened == ["src/0.dsl"]
    Path("late/late.h").write_text("typedef unsigned char late_t;\n")
    assert project.run(*words).opened == ["src/0.dsl", "src/1.dsl"]


def test_runs_side_by_side(project: Project, root: Path) -> None:
    """All find nothing and keep the same; then all is known."""
    shutil.rmtree(root / "home")
    settled()
    command = [sys.executable, "-m", "bpfgen", *WORDS]
    runs = [subprocess.Popen(command) for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert project.checked() == []
    assert not [name for name in os.listdir(root / "home/bpfgen") if "." in name]
