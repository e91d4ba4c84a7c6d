"""What ARCHITECTURE.md promises to whoever adds an output or a command: a module and a row.

Nothing else is touched here, and everything has to know the new one: the library, the command line,
its help, its completions, the manual, the configuration and the golden files of projects.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.commands.completions import script
from bpfgen.commands.manual import manual
from bpfgen.commands.table import COMMANDS, OBJECT, SHELLS, Command
from bpfgen.commands.terminal import write_output
from bpfgen.compiler import compile, emit, emit_files
from bpfgen.emit import BACKENDS, Backend, BackendOption
from bpfgen.testing.sources import golden_suffixes
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from bpfgen.emit.backend import Settings
    from bpfgen.model.model import Model

TOY = Backend(
    "toy",
    (".toy", "_types.toy", ".bin"),
    "toy_backend",
    (BackendOption("toy-mood", "how the toy feels", "MOOD", ("glad", "sad"), default=("glad",)),),
)

FORMS = ("header", "object", *(name for name in BACKENDS if name != "header"), "toy")
"""What can be asked for once the toy is there."""

STALE = (".bin", ".toy", "_types.toy")
"""How the toy's files end, in the order in which they are listed."""

_ENDS = [".o" if form == "object" else {**BACKENDS, "toy": TOY}[form].suffixes[0] for form in FORMS]
SUFFIXES = f"{', '.join(_ENDS[:-1])} or {_ENDS[-1]}"
"""What the name of an output may end in then."""


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A backend of three files, one of them bytes: a module and a row. We are where a source is."""

    def write(model: Model, settings: Settings) -> list[str | bytes]:
        names = [declared.name for declared in model.maps]
        return [f"{settings['toy-mood'][-1]} {names}\n", f"{len(names)} types\n", b"\0\xff\x80"]

    module: Any = ModuleType("toy_backend")
    module.emit = write
    monkeypatch.setitem(sys.modules, "toy_backend", module)
    monkeypatch.setitem(BACKENDS, "toy", TOY)
    monkeypatch.chdir(tmp_path)
    Path("maps.dsl").write_text("map m: hash<int, int>[4];\n")


@pytest.mark.usefixtures("toy")
def test_the_library_knows_a_new_output() -> None:
    """`emit` returns its main file and `emit_files` all of them, with names and defaults."""
    compilation = compile(Source("maps.dsl", "map m: hash<int, int>[4];\n"))
    assert emit(compilation, form="toy") == "glad ['m']\n"
    files = emit_files(
        compilation, form="toy", settings={"toy-mood": ("sad",), "style": ("modern",)}
    )
    assert [file.name for file in files] == ["maps.toy", "maps_types.toy", "maps.bin"]
    assert [file.data for file in files] == [b"sad ['m']\n", b"1 types\n", b"\0\xff\x80"]
    wrong: Any = {"toy-mood": "sad"}
    with pytest.raises(TypeError, match="tuple of texts"):
        emit_files(compilation, form="toy", settings=wrong)
    with pytest.raises(TypeError, match="no text"):
        _ = files[2].text


@pytest.mark.usefixtures("toy")
def test_the_suffix_chooses_a_new_output(capfd: pytest.CaptureFixture[str]) -> None:
    """`-o` writes all its files beside the main one, and the depfile lists them."""
    assert main(["maps.dsl", "-o", "gen.toy", "--depfile", "gen.d", "-v"]) == 0
    assert Path("gen.toy").read_text() == "glad ['m']\n"
    assert Path("gen_types.toy").read_text() == "1 types\n"
    assert Path("gen.bin").read_bytes() == b"\0\xff\x80"
    assert Path("gen.d").read_text().startswith("gen.toy gen_types.toy gen.bin: maps.dsl\n")
    # What a build looks at is there only when the others are.
    assert capfd.readouterr().err.split()[::2] == ["gen_types.toy:", "gen.bin:", "gen.toy:"]


@pytest.mark.usefixtures("toy")
def test_a_new_output_below_a_directory() -> None:
    """`--out-dir` and `--emit` with its own option, from the command line and the project."""
    assert main(["maps.dsl", "--emit", "toy", "--out-dir", "gen", "--toy-mood", "sad"]) == 0
    assert sorted(path.name for path in Path("gen").iterdir()) == [
        "maps.bin",
        "maps.toy",
        "maps_types.toy",
    ]
    assert Path("gen/maps.toy").read_text() == "sad ['m']\n"
    Path("pyproject.toml").write_text('[tool.bpfgen]\ntoy-mood = "sad"\n')
    assert main(["maps.dsl", "-o", "x.toy"]) == 0
    assert Path("x.toy").read_text() == "sad ['m']\n"
    Path("pyproject.toml").write_text('[tool.bpfgen]\ntoy-mood = "mad"\n')
    assert main(["maps.dsl", "-o", "x.toy"]) == 2


@pytest.mark.usefixtures("toy")
def test_a_new_output_is_checked(capfd: pytest.CaptureFixture[str]) -> None:
    """`--check` compares every file, bytes too."""
    assert main(["maps.dsl", "-o", "gen.toy"]) == 0
    assert main(["maps.dsl", "-o", "gen.toy", "--check"]) == 0
    Path("gen.bin").write_bytes(b"\0")
    Path("gen_types.toy").unlink()
    capfd.readouterr()
    assert main(["maps.dsl", "-o", "gen.toy", "--check"]) == 1
    shown = capfd.readouterr().out
    assert "+++ gen_types.toy\n" in shown
    assert "Binary file gen.bin differs" in shown
    assert "gen.toy\n" not in shown.replace("+++ gen_types.toy\n", "")


@pytest.mark.usefixtures("toy")
def test_what_several_files_cannot_do(capfd: pytest.CaptureFixture[str]) -> None:
    """They don't go to standard output, nor over each other, the source or what it reads."""
    for words, message in (
        (["-o", "-", "--emit", "toy"], "`toy` is several files (.toy, _types.toy, .bin)"),
        (["-o", "x.bin", "--emit", "toy"], "two outputs of `maps.dsl` would be one file"),
        (["-o", "x.foo"], f"end it in {SUFFIXES}, or say --emit {FORMS[0]}, {FORMS[1]}"),
    ):
        assert main(["maps.dsl", *words]) == 2
        assert message in capfd.readouterr().err
    Path("own.bin").write_text("map m: hash<int, int>[4];\n")
    assert main(["own.bin", "-o", "own.toy"]) == 2
    assert "`own.bin` is the input" in capfd.readouterr().err


@pytest.mark.usefixtures("toy")
def test_a_new_output_is_documented(capfd: pytest.CaptureFixture[str]) -> None:
    """Help, manual and completions have the form, its suffix and its option."""
    assert main(["--help"]) == 0
    shown = capfd.readouterr().out
    assert f"{{{','.join((*FORMS, 'none'))}}}" in shown
    assert SUFFIXES in shown
    assert "--toy-mood {glad,sad}" in shown
    assert "how the toy feels" in shown
    page = manual()
    assert f"One of {', '.join((*FORMS, 'none'))}." in page
    assert "toy\\-mood" in page
    for shell in SHELLS:
        assert "toy-mood" in script(shell)
        assert " ".join((*FORMS, "none")) in script(shell)


@pytest.mark.usefixtures("toy")
def test_golden_files_know_a_new_output(pytester: pytest.Pytester) -> None:
    """A project's tests compare each of its files, those that are bytes as such."""
    assert golden_suffixes()["toy"] == TOY.suffixes
    pytester.makefile(".dsl", maps="map m: hash<int, int>[4];\n")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.bpfgen("*.dsl", emit="toy")
        def test_golden(bpfgen_golden):
            bpfgen_golden()
        """
    )
    words = ("-p", "no:cacheprovider", "-p", "no:xdist")
    pytester.runpytest_inprocess("--bpfgen-update", *words).assert_outcomes(failed=1)
    assert (pytester.path / "maps.bin").read_bytes() == b"\0\xff\x80"
    assert (pytester.path / "maps_types.toy").read_text() == "1 types\n"
    pytester.runpytest_inprocess(*words).assert_outcomes(passed=1)
    (pytester.path / "maps.bin").write_bytes(b"\0")
    failed = pytester.runpytest_inprocess(*words)
    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines(["*maps.bin (-) is not what bpfgen makes*", "*the bytes differ*"])


@pytest.mark.usefixtures("toy")
def test_golden_files_of_a_new_output_have_their_source(pytester: pytest.Pytester) -> None:
    """`maps_types.toy` is that of maps.dsl, and is stale when maps.dsl is gone."""
    for name in ("maps", "others"):
        pytester.makefile(".dsl", **{name: "map m: hash<int, int>[4];\n"})
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.bpfgen("*.dsl", emit="toy", golden="expected")
        def test_golden(bpfgen_golden):
            bpfgen_golden()
        """
    )
    words = ("-p", "no:cacheprovider", "-p", "no:xdist")
    pytester.runpytest_inprocess("--bpfgen-update", *words).assert_outcomes(failed=2)
    pytester.runpytest_inprocess(*words).assert_outcomes(passed=2)
    (pytester.path / "others.dsl").unlink()
    failed = pytester.runpytest_inprocess(*words)
    failed.assert_outcomes(passed=1, failed=1)
    failed.stdout.fnmatch_lines(["*source is gone:", *(f"*others{end}" for end in STALE)])


@pytest.fixture
def frob(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new command: a module and a row."""

    def run(words: list[str]) -> int:
        write_output(f"frobbed {' '.join(words)}\n")
        return 7

    module: Any = ModuleType("frob_command")
    module.run = run
    monkeypatch.setitem(sys.modules, "frob_command", module)
    row = Command(
        "frob",
        "frob_command",
        "frob an object",
        (("bpfgen frob prog.o", "frobs it"),),
        "OBJ",
        "what to frob",
        OBJECT,
        ("bpfgen frob prog.o", "an object, frobbed"),
    )
    monkeypatch.setitem(COMMANDS, "frob", row)


@pytest.mark.usefixtures("frob")
def test_a_new_command_runs(capfd: pytest.CaptureFixture[str]) -> None:
    """Its words reach it, and its status goes out."""
    assert main(["frob", "a.o", "-x"]) == 7
    assert capfd.readouterr().out == "frobbed a.o -x\n"


@pytest.mark.usefixtures("frob")
def test_a_new_command_is_documented(capfd: pytest.CaptureFixture[str]) -> None:
    """The compiler's help mentions it; it has a help of its own, a part of the manual, Tab."""
    assert main(["--help"]) == 0
    assert "bpfgen frob prog.o" in capfd.readouterr().out
    for words in (["frob", "--help"], ["help", "frob"]):
        assert main(words) == 0
        shown = capfd.readouterr().out
        assert shown.startswith("usage: bpfgen frob prog.o   frobs it")
        assert "what to frob" in shown
        assert "-h, --help" in shown
    assert "bpfgen frob prog.o" in manual()
    assert ".SS bpfgen frob\nFrob an object.\n" in manual()
    assert main(["help", "frop"]) == 2
    assert "did you mean `frob`?" in capfd.readouterr().err
    for shell in SHELLS:
        assert "frob" in script(shell)
        assert script(shell).count("frob") >= 3, shell
