"""`--fix`, `--fix-all`, `--diff`: files, standard input, exit status, what is left as it is."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.files import reading
from tests.tools import require

if TYPE_CHECKING:
    from pathlib import Path

WRONG = """\
// Both directions.
const MAX 16;
struct s {
    __u64 packets   // no end
    __u64 bytes;
};
counters: hash<__u32, s>[MXA] { flags = BPF_F_NO_PREALOC; }
"""
RIGHT = """\
// Both directions.
const MAX = 16;
struct s {
    __u64 packets;   // no end
    __u64 bytes;
};
map counters: hash<__u32, s>[MAX] { map_flags = BPF_F_NO_PREALLOC; }
"""
"""After the edits; layout and comments stay."""
FIXES = 6
HOPELESS = "map m: hash<__u32, nothing_like_it>[4];\n"
CHANGES_MEANING = "map m: array<__u32, __u64>[4] { pinning = by_name; } = { 1, 2 };\n"
"""The numbers in the slots can only be dropped."""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def bpfgen(*words: str) -> int:
    """Run the command without a compiler; return its status."""
    return main([*words, "--no-verify"])


def standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Let standard input hold *data*."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_file_is_fixed_and_compiled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One run writes the source, and the outputs of what it is then."""
    source = tmp_path / "maps.dsl"
    source.write_text(WRONG)
    assert bpfgen("maps.dsl", "--fix", "-o", "maps.h") == 0
    assert source.read_text() == RIGHT
    assert capsys.readouterr().err == f"fixed {FIXES} in maps.dsl\n"
    made = (tmp_path / "maps.h").read_text()
    assert bpfgen("maps.dsl", "-o", "again.h") == 0
    assert (tmp_path / "again.h").read_text().replace("AGAIN", "MAPS") == made


def test_nothing_to_fix_is_nothing_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even the time of the file changes, and nobody is told."""
    source = tmp_path / "maps.dsl"
    source.write_text(RIGHT)
    before = os.stat(source)
    assert bpfgen("maps.dsl", "--fix") == 0
    assert (os.stat(source).st_mtime_ns, os.stat(source).st_ino) == (
        before.st_mtime_ns,
        before.st_ino,
    )
    assert capsys.readouterr() == ("", "")


def test_what_remains_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At its place in the text as it is by now; what can be fixed is, whatever else is wrong."""
    source = tmp_path / "maps.dsl"
    source.write_text("const MAX 16;\n" + HOPELESS)
    assert bpfgen("maps.dsl", "--fix", "-o", "maps.h") == 1
    said = capsys.readouterr().err
    assert said.startswith("fixed 1 in maps.dsl\nerror[unknown-type]")
    assert "--> maps.dsl:2:20" in said
    assert said.endswith("\n1 error\n")
    assert source.read_text() == "const MAX = 16;\n" + HOPELESS
    assert not (tmp_path / "maps.h").exists()


def test_a_run_without_says_how_much_could_be_fixed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By which of the two options, of the inputs alone."""
    texts = {
        "maps.dsl": (WRONG, "3 errors (--fix repairs 3)"),
        "slots.dsl": (CHANGES_MEANING, "1 error (--fix-all repairs 1)"),
        "both.dsl": ("const A 1;\n" + CHANGES_MEANING, "2 errors (--fix repairs 1, --fix-all 2)"),
        "none.dsl": (HOPELESS, "1 error"),
        "import.dsl": ('import "maps.dsl";\n', "3 errors"),
    }
    for name, (text, _summary) in texts.items():
        (tmp_path / name).write_text(text)
    for name, (_text, summary) in texts.items():
        assert bpfgen(name) == 1
        assert capsys.readouterr().err.splitlines()[-1] == summary


def test_what_changes_the_meaning_is_for_fix_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--fix` says that there is more."""
    source = tmp_path / "maps.dsl"
    source.write_text("const A 1;\n" + CHANGES_MEANING)
    assert bpfgen("maps.dsl", "--fix") == 1
    assert source.read_text() == "const A = 1;\n" + CHANGES_MEANING
    assert capsys.readouterr().err.endswith("\n1 error (--fix-all repairs 1)\n")
    assert bpfgen("maps.dsl", "--fix-all") == 0
    assert source.read_text().splitlines()[1].endswith("{ pinning = by_name; };")


def test_the_difference_is_shown_and_nothing_written(tmp_path: Path) -> None:
    """`patch` makes of it what is written otherwise; outputs aren't made."""
    source = tmp_path / "maps.dsl"
    source.write_text(WRONG)
    words = [sys.executable, "-m", "bpfgen", "maps.dsl", "--fix", "--diff", "-o", "maps.h"]
    done = subprocess.run(words, capture_output=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, f"would fix {FIXES} in maps.dsl\n".encode())
    assert [path.name for path in tmp_path.iterdir()] == ["maps.dsl"]
    assert source.read_text() == WRONG
    patch = [require("patch"), "-p0", "-s"]
    subprocess.run(patch, cwd=tmp_path, input=done.stdout, check=True)
    assert source.read_text() == RIGHT
    done = subprocess.run(words, capture_output=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_difference_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A record a file, as of `--check`; what can't be fixed fails, too."""
    (tmp_path / "a.dsl").write_text(WRONG)
    (tmp_path / "b.dsl").write_text(HOPELESS)
    assert bpfgen("a.dsl", "b.dsl", "--fix", "--diff", "--diagnostics", "json") == 1
    printed = capsys.readouterr()
    record = json.loads(printed.out)
    assert list(record) == ["format", "path", "status", "diff"]
    assert (record["path"], record["status"]) == ("a.dsl", "different")
    assert bpfgen("b.dsl", "--fix", "--diff") == 1
    assert capsys.readouterr() == ("", "would leave 1 error in b.dsl\n")


def test_standard_input_comes_out(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    """Fixed or not, whole; the run goes on with what came out."""
    for text in (WRONG, RIGHT, HOPELESS):
        standard_input(monkeypatch, text.encode())
        status = bpfgen("-", "--fix", "-o", "maps.h")
        out = capfdbinary.readouterr().out.decode()
        assert (status, out) == ((1, HOPELESS) if text == HOPELESS else (0, RIGHT))
    assert "counters" in (tmp_path / "maps.h").read_text()
    standard_input(monkeypatch, WRONG.encode())
    assert bpfgen("-", "--fix", "--diff") == 1
    assert capfdbinary.readouterr().out.startswith(b"--- <stdin>\n+++ <stdin>\n@@ ")


def test_bytes_that_are_no_text_stay(tmp_path: Path) -> None:
    """A byte order mark, CR LF, no line end at the end."""
    source = tmp_path / "maps.dsl"
    before = WRONG.replace("\n", "\r\n").removesuffix("\r\n")
    source.write_bytes(b"\xef\xbb\xbf" + before.encode())
    assert bpfgen("maps.dsl", "--fix") == 0
    after = RIGHT.replace("\n", "\r\n").removesuffix("\r\n")
    assert source.read_bytes() == b"\xef\xbb\xbf" + after.encode()
    broken = b"const A 1;\n// \xff\n"
    source.write_bytes(broken)
    assert bpfgen("maps.dsl", "--fix") == 1
    assert source.read_bytes() == broken


def test_links_and_modes_stay(tmp_path: Path) -> None:
    """A symbolic link is one afterwards; named twice, a file is fixed once."""
    source = tmp_path / "real.dsl"
    source.write_text(WRONG)
    source.chmod(0o640)
    (tmp_path / "link.dsl").symlink_to("real.dsl")
    assert bpfgen("link.dsl", "real.dsl", "--fix", "--emit", "none") == 0
    assert (tmp_path / "link.dsl").is_symlink()
    assert source.read_text() == RIGHT
    assert source.stat().st_mode & 0o777 == 0o640


def test_a_file_that_has_changed_meanwhile_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody saved it while it was compiled: that counts."""
    source = tmp_path / "maps.dsl"
    source.write_text(WRONG)
    read = reading.Files.read

    def changing(self: reading.Files, path: str) -> bytes:
        data = read(self, path)
        source.write_text(HOPELESS)
        return data

    monkeypatch.setattr(reading.Files, "read", changing)
    assert bpfgen("maps.dsl", "--fix") == 1
    assert source.read_text() == HOPELESS
    said = capsys.readouterr().err
    assert "`maps.dsl` has changed meanwhile; it is left as it is" in said
    assert "fixed" not in said


def test_a_file_that_can_not_be_written_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is reported, as what is wrong with it is; nothing lies beside it."""
    for name in "ab":
        (tmp_path / f"{name}.dsl").write_text(WRONG)
    (tmp_path / "a.dsl").chmod(0o444)
    access = os.access
    monkeypatch.setattr(  # root may write everything
        os, "access", lambda path, mode: not str(path).endswith("a.dsl") and access(path, mode)
    )
    assert bpfgen("a.dsl", "b.dsl", "--fix", "--emit", "none") == 1
    assert (tmp_path / "a.dsl").read_text() == WRONG
    assert (tmp_path / "b.dsl").read_text() == RIGHT
    said = capsys.readouterr().err
    assert said.startswith("error[file]: cannot write `a.dsl`: permission denied")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.dsl", "b.dsl"]


def test_only_inputs_are_fixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An import stays as it is unless it is an input, too; then both are, in any order."""
    (tmp_path / "common.dsl").write_text("const MAXIMUM 4;\n")
    user = 'import "common.dsl";\nmap m: hash<__u32, __u32>[MAXIMUN];\n'
    (tmp_path / "maps.dsl").write_text(user)
    assert bpfgen("maps.dsl", "--fix") == 1
    assert (tmp_path / "common.dsl").read_text() == "const MAXIMUM 4;\n"
    assert (tmp_path / "maps.dsl").read_text() == user
    capsys.readouterr()
    for names in (["maps.dsl", "common.dsl"], ["common.dsl", "maps.dsl"]):
        (tmp_path / "common.dsl").write_text("const MAXIMUM 4;\n")
        (tmp_path / "maps.dsl").write_text(user)
        assert bpfgen(*names, "--fix", "--diff") == 1
        patch = capsys.readouterr().out
        assert patch.count("\n+++ ") == 2
        assert bpfgen(*names, "--fix", "--emit", "none") == 0
        assert (tmp_path / "maps.dsl").read_text() == user.replace("MAXIMUN", "MAXIMUM")


def test_branches_are_fixed(tmp_path: Path) -> None:
    """Also those that no case of this run has."""
    source = tmp_path / "maps.dsl"
    text = (
        "macro BIG;\nwhen (BIG) {{\n    const MAX{} 16;\n}} else {{\n"
        "    map m: hash<__u32, {}>[4];\n}}\n"
    )
    source.write_text(text.format("", "uint64"))
    assert bpfgen("maps.dsl", "--fix", "-D", "BIG=1") == 0
    assert source.read_text() == text.format(" =", "__u64")


def test_projects_are_fixed(tmp_path: Path) -> None:
    """The sources of its outputs are inputs."""
    (tmp_path / "pyproject.toml").write_text(
        '[[tool.bpfgen.outputs]]\ninputs = ["*.dsl"]\npath = "{stem}.h"\n'
    )
    (tmp_path / "maps.dsl").write_text(WRONG)
    assert bpfgen("--fix") == 0
    assert (tmp_path / "maps.dsl").read_text() == RIGHT
    assert (tmp_path / "maps.h").exists()


def test_warnings_that_nobody_wants_are_not_fixed(tmp_path: Path) -> None:
    """What isn't reported is left, and what `-W` asks for isn't."""
    source = tmp_path / "maps.dsl"
    text = (
        "// bpfgen: allow map-key-size because it was wrong once\nmap m: hash<__u32, __u32>[4];\n"
    )
    source.write_text(text)
    assert bpfgen("maps.dsl", "--fix-all", "-W", "no-unused-allowance") == 0
    assert source.read_text() == text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["maps.dsl", "--diff"], "--diff shows what --fix or --fix-all would change"),
        (["maps.dsl", "--fix", "--check", "-o", "a.h"], "--fix and --check exclude each other"),
        (["maps.dsl", "--fix-all", "--watch"], "--fix-all and --watch exclude each other"),
        (["-", "--fix", "--emit", "header", "-o", "-"], "standard output gets the source"),
        (["maps.dsl", "prog.o", "--fix", "--emit", "none"], "sources in files, and `prog.o` is"),
        (["prog.c", "--fix"], "--fix changes sources in files, and `prog.c` is none"),
        (["id:1", "--fix"], "--fix changes files, and `id:1` is none"),
        (["/dev/null", "--fix"], "--fix changes files, and `/dev/null` is none"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    """Before anything is changed."""
    (tmp_path / "maps.dsl").write_text(WRONG)
    (tmp_path / "prog.o").write_bytes(b"\x7fELF")
    (tmp_path / "prog.c").write_text("int x;\n")
    assert main(words) == 2
    assert message in capsys.readouterr().err
    assert (tmp_path / "maps.dsl").read_text() == WRONG


@pytest.mark.parametrize("option", ["--fix", "--fix-all"])
def test_no_declaration_is_lost_in_a_comment(option: str, tmp_path: Path) -> None:
    """Attributes after a comment are left out, and what stands after them on their line stays."""
    path = tmp_path / "maps.dsl"
    path.write_text(
        "map a: hsah<__u32, __u64>[8];\n"
        "when (A) { map p: hash<__u32, __u64>[8] // eight\n{ max_entries = 8; } } macro A;\n"
    )
    assert bpfgen(option, str(path), "--emit", "none") == 0
    assert path.read_text() == (
        "map a: hash<__u32, __u64>[8];\n"
        "when (A) { map p: hash<__u32, __u64>[8] // eight\n } macro A;\n"
    )


def test_what_would_lose_a_comment_is_not_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The attribute can't go without it; what else there is to do is done."""
    path = tmp_path / "maps.dsl"
    kept = "map m: hash<__u32, __u64>[1] { key_size // note\n= 8; };\n"
    path.write_text(kept + "map n: hsah<__u32, __u64>[1];\n")
    assert bpfgen("--fix-all", str(path), "--emit", "none") == 1
    assert path.read_text() == kept + "map n: hash<__u32, __u64>[1];\n"
    assert "repairs" not in capsys.readouterr().err


def test_a_name_is_mended_wherever_it_stands(tmp_path: Path) -> None:
    """It is reported once, however often it occurs, and no place takes a turn of its own."""
    path = tmp_path / "maps.dsl"
    right = "struct flow { __u32 a; };\nconst MAX = 16;\n" + "".join(
        f"map m{i}: hash<__u32, struct flow>[MAX];\nmap p{i}: prog_array[1] = {{ run }};\n"
        for i in range(120)
    )
    right += "int run(struct __sk_buff *skb);\n"
    wrong = right.replace("[MAX]", "[MXA]").replace("struct flow>", "struct folw>")
    wrong = wrong.replace(": hash", ": hsah").replace("{ run }", "{ runn }")
    path.write_text(wrong)
    assert bpfgen("--fix", str(path), "--emit", "none") == 0
    assert path.read_text() == right


def test_a_name_is_not_mended_where_it_means_another_thing(tmp_path: Path) -> None:
    """What a constant is called by mistake says nothing about a type."""
    path = tmp_path / "maps.dsl"
    path.write_text("const LIMIT = 4;\nmap m: hash<__u32, LIMIR>[LIMIR];\n")
    assert bpfgen("--fix", str(path), "--emit", "none") == 1
    assert "<__u32, LIMIT>" not in path.read_text()


def test_a_broken_import_hides_no_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its errors are its own, by its name, and given to programs; a kind comes from no import."""
    (tmp_path / "lib.dsl").write_text("const A 1;\n")
    path = tmp_path / "maps.dsl"
    text = 'import "lib.dsl";\nmap n: hsah<__u32, __u64>[1];\n'
    path.write_text(text)
    assert bpfgen("maps.dsl", "--fix", "--diff") == 1
    assert capsys.readouterr().err.splitlines() == [
        "would fix 1 in maps.dsl",
        "would leave 1 error in lib.dsl, which it imports",
    ]
    assert bpfgen("maps.dsl", "--fix", "--diff", "--diagnostics", "github") == 1
    assert capsys.readouterr().err.count("::error file=lib.dsl") == 1
    assert bpfgen("maps.dsl", "--fix", "--emit", "none") == 1
    assert path.read_text() == text.replace("hsah", "hash")
