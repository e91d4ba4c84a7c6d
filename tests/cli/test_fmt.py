"""`bpfgen fmt`: files, directories, standard input, exit status, what is left as it is."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.files import writing
from bpfgen.syntax.formatting.format import format_edits, format_source, parse_whole
from bpfgen.syntax.lexer import LONGEST_LINE
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source
from tests.tools import require

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.files.janitor import Janitor
WRITTEN = "map  m: hash<__u32,__u64>[8];\n"
STYLED = "map m: hash<__u32, __u64>[8];\n"
BROKEN = "map  m hash;\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Let standard input hold *data*."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_file_is_written_in_place(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is said, and the second run has nothing to write."""
    path = tmp_path / "maps.dsl"
    path.write_text(WRITTEN)
    assert main(["fmt", "maps.dsl"]) == 0
    assert path.read_text() == STYLED
    os.utime(path, ns=(1, 1))
    assert main(["fmt", "maps.dsl"]) == 0
    assert path.stat().st_mtime_ns == 1
    assert capfd.readouterr() == ("", "")
    assert main(["fmt", "-v", "maps.dsl"]) == 0
    assert capfd.readouterr() == ("", "maps.dsl: unchanged\n")


def test_standard_input_goes_to_standard_output(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole text, also where nothing changes; nothing where it can't be formatted."""
    for text in (WRITTEN, STYLED):
        standard_input(monkeypatch, text.encode())
        assert main(["fmt", "-"]) == 0
        assert capfd.readouterr() == (STYLED, "")
    standard_input(monkeypatch, BROKEN.encode())
    assert main(["fmt", "-"]) == 1
    output, errors = capfd.readouterr()
    assert output == ""
    assert "<stdin>:1:8" in errors
    standard_input(monkeypatch, WRITTEN.encode())
    assert main(["fmt", "--check", "-"]) == 1
    assert capfd.readouterr() == ("<stdin>\n", "")
    standard_input(monkeypatch, WRITTEN.encode())
    assert main(["fmt", "-", "maps.dsl"]) == 2
    assert main(["fmt"]) == 2


def test_a_file_with_errors_of_syntax_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is left as it is, with the error shown; the others are formatted."""
    (tmp_path / "a.dsl").write_text(BROKEN)
    (tmp_path / "b.dsl").write_text(WRITTEN)
    (tmp_path / "c.dsl").write_text("map  m: nothing<nowhere>;\n")
    assert main(["fmt", "a.dsl", "b.dsl", "c.dsl"]) == 1
    assert "a.dsl:1:8" in capfd.readouterr().err
    assert (tmp_path / "a.dsl").read_text() == BROKEN
    assert (tmp_path / "b.dsl").read_text() == STYLED
    assert (tmp_path / "c.dsl").read_text() == "map m: nothing<nowhere>;\n"


def test_check_names_what_would_be_changed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file a line on standard output, and status 1; nothing is written."""
    for name, text in (("a.dsl", WRITTEN), ("b.dsl", STYLED), ("c.dsl", WRITTEN)):
        (tmp_path / name).write_text(text)
    assert main(["fmt", "--check", "a.dsl", "b.dsl", "c.dsl"]) == 1
    assert capfd.readouterr() == ("a.dsl\nc.dsl\n", "")
    assert main(["fmt", "--check", "-v", "b.dsl"]) == 0
    assert capfd.readouterr() == ("", "b.dsl: formatted\n")
    assert (tmp_path / "a.dsl").read_text() == WRITTEN


def test_diff_is_one_that_patch_takes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It shows what would be written, which patch then makes of the file."""
    path = tmp_path / "maps.dsl"
    path.write_text(WRITTEN.rstrip())
    assert main(["fmt", "--diff", "maps.dsl"]) == 1
    shown = capfd.readouterr().out
    assert path.read_text() == WRITTEN.rstrip()
    assert main(["fmt", "--diff", "--check", "maps.dsl"]) == 1
    assert capfd.readouterr().out == shown
    subprocess.run([require("patch"), "--quiet", "-p0"], input=shown, text=True, check=True)
    assert path.read_text() == STYLED
    assert main(["fmt", "--diff", "maps.dsl"]) == 0
    assert capfd.readouterr() == ("", "")


def test_json_has_the_difference(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One object a line for each file that would be changed, as `--check` of a build has it."""
    (tmp_path / "maps.dsl").write_text(WRITTEN)
    assert main(["fmt", "--check", "--diagnostics", "json", "maps.dsl"]) == 1
    said = json.loads(capfd.readouterr().out)
    assert (said["format"], said["path"], said["status"]) == (1, "maps.dsl", "different")
    assert f"+{STYLED}" in said["diff"]


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_an_unformatted_file_is_a_result(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    """Programs that read diagnostics get one, at the first difference; none of other files."""
    (tmp_path / "maps.dsl").write_text(f"const A = 1;\n{WRITTEN}")
    (tmp_path / "other.dsl").write_text(STYLED)
    assert main(["fmt", "--check", "--diagnostics", form, "maps.dsl", "other.dsl"]) == 1
    said = capfd.readouterr().err
    if form == "github":
        assert said.startswith("::error file=maps.dsl,line=2,")
        assert said.count("::error") == 1
    elif form == "json":
        (one,) = map(json.loads, said.splitlines())
        assert (one["code"], one["file"]) == ("unformatted", "maps.dsl")
        assert (one["line"], one["column"]) == (2, 5)
    else:
        (one,) = json.loads(said)["runs"][0]["results"]
        assert one["ruleId"] == "unformatted"
    assert main(["fmt", "--diff", "--diagnostics", form, "other.dsl"]) == 0
    assert "unformatted" not in capfd.readouterr().err


def test_a_directory_is_every_source_below_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """By suffix; not what is hidden, and not through links to directories."""
    for name in ("a.dsl", "deep/b.bpfmap", "notes.txt", ".hidden/c.dsl", "elsewhere/d.dsl"):
        path = tmp_path / "maps" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(WRITTEN)
    (tmp_path / "maps" / "elsewhere").rename(tmp_path / "elsewhere")
    (tmp_path / "maps" / "link").symlink_to(tmp_path / "elsewhere")
    assert main(["fmt", "--check", "maps", "maps/a.dsl"]) == 1
    assert capfd.readouterr().out == "maps/a.dsl\nmaps/deep/b.bpfmap\n"
    (tmp_path / "empty").mkdir()
    assert main(["fmt", "empty"]) == 1
    assert "there is no source in the directory `empty`" in capfd.readouterr().err


def test_a_link_stays_one_and_a_mode_is_kept(tmp_path: Path) -> None:
    """What the link names is rewritten, once, by whatever names it is given."""
    target = tmp_path / "target.dsl"
    target.write_text(WRITTEN)
    target.chmod(0o640)
    (tmp_path / "maps.dsl").symlink_to("target.dsl")
    assert main(["fmt", "maps.dsl", "target.dsl", "./target.dsl"]) == 0
    assert (tmp_path / "maps.dsl").is_symlink()
    assert target.read_text() == STYLED
    assert target.stat().st_mode & 0o777 == 0o640


def test_bytes_around_the_text_are_kept(tmp_path: Path) -> None:
    """A byte order mark and line ends stay what they are; an end is added where there is none."""
    path = tmp_path / "maps.dsl"
    path.write_bytes(b"\xef\xbb\xbfconst  A = 1;\r\nconst  B = 2;")
    assert main(["fmt", "maps.dsl"]) == 0
    assert path.read_bytes() == b"\xef\xbb\xbfconst A = 1;\r\nconst B = 2;\r\n"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("latin.dsl", b"// \xe4\nmap  m: t;\n", "not valid UTF-8"),
        ("nul.dsl", b"map  m: t;\0\n", "NUL"),
        ("prog.bpf.c", b"int main(void) { return 0; }\n", "is C"),
        ("maps.h", b"struct s { int a;};\n", "is C"),
        ("a b.txt", b"map  m: t;\n", "`bpfgen fmt - <'a b.txt'` formats any text"),
        ("prog.o", b"\x7fELF" + bytes(60), "ELF"),
    ],
)
def test_what_is_no_source_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, data: bytes, said: str
) -> None:
    """The message says what it is."""
    (tmp_path / name).write_bytes(data)
    assert main(["fmt", name]) == 1
    assert said in capfd.readouterr().err
    assert (tmp_path / name).read_bytes() == data


def test_what_is_no_file_is_not_written_to(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A pipe isn't waited for, a file that isn't there isn't made."""
    os.mkfifo(tmp_path / "pipe.dsl")
    assert main(["fmt", "pipe.dsl", "nowhere.dsl"]) == 1
    errors = capfd.readouterr().err
    assert "`pipe.dsl` is no regular file" in errors
    assert "cannot read `nowhere.dsl`" in errors
    assert sorted(os.listdir(tmp_path)) == ["pipe.dsl"]


def test_a_name_like_an_option(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What to type is said where there is such a file; `--` does, too."""
    path = tmp_path / "-x.dsl"
    assert main(["fmt", path.name]) == 2
    assert "./-x.dsl" not in capfd.readouterr().err
    path.write_text(WRITTEN)
    assert main(["fmt", path.name]) == 2
    assert "help: ./-x.dsl is the file of that name" in capfd.readouterr().err
    assert main(["fmt", "--", path.name]) == 0
    assert path.read_text() == STYLED


def test_a_line_that_would_be_too_long(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The file stays as it is: bpfgen couldn't read what would be written."""
    path = tmp_path / "maps.dsl"
    names = ",".join(f"NAME_{number:0>86}=1" for number in range(10_500))
    text = f"const A = 1;\nenum e {{{names}}};\n"
    assert len(names) < LONGEST_LINE
    path.write_text(text)
    assert main(["fmt", "maps.dsl"]) == 1
    said = capfd.readouterr().err
    assert "maps.dsl:2:1" in said
    assert "formatted, this line has 1,0" in said
    assert path.read_text() == text
    tree = parse_whole(Source("maps.dsl", text), Report())
    assert tree is not None
    assert format_edits(tree) == ()


def test_a_mistake_of_ours_writes_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a comment would be lost, the message says whose fault that is, and the file stays."""
    path = tmp_path / "maps.dsl"
    path.write_text(f"// comment\n{WRITTEN}")
    monkeypatch.setattr("bpfgen.syntax.formatting.layout.written", lambda *_: "")
    assert main(["fmt", "maps.dsl"]) == 70
    assert "bpfgen itself is wrong" in capfd.readouterr().err
    assert path.read_text() == f"// comment\n{WRITTEN}"


def test_a_file_that_changes_meanwhile_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody else wrote after it was read isn't overwritten."""
    path = tmp_path / "maps.dsl"
    path.write_text(WRITTEN)

    def slowly(source: Source, report: Report) -> str | None:
        path.write_text("const  OTHER = 1;\n")
        return format_source(source, report)

    monkeypatch.setattr("bpfgen.commands.fmt.format_source", slowly)
    assert main(["fmt", "maps.dsl"]) == 1
    assert "changed meanwhile" in capfd.readouterr().err
    assert path.read_text() == "const  OTHER = 1;\n"


def test_a_file_that_changes_at_the_last_moment_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also once the new text lies ready beside it, with a name or without one."""
    path = tmp_path / "maps.dsl"
    other = "const  OTHER = 1;\n"

    def late(directory: str) -> Janitor:
        path.unlink()
        if is_left:
            path.write_text(other)
        return janitor_in(directory)

    janitor_in = writing._janitor_in
    monkeypatch.setattr(writing, "_janitor_in", late)
    for is_nameless, is_left in ((True, True), (True, False), (False, True), (False, False)):
        if not is_nameless:
            monkeypatch.setattr(writing, "_open_nameless", lambda _directory: -1)
        path.write_text(WRITTEN)
        assert main(["fmt", "maps.dsl"]) == 1
        assert "`maps.dsl` has changed meanwhile; it is left as it is" in capfd.readouterr().err
        assert os.listdir(tmp_path) == (["maps.dsl"] if is_left else [])
        assert not is_left or path.read_text() == other
