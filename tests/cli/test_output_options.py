"""What outputs can be asked for: options of every kind, shared by backends that differ in values.

The two outputs here are made up, so that the command line is tested and no language.
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
from bpfgen.emit import BACKENDS, Backend, BackendOption
from bpfgen.emit.backend import COMMAS, OPTIONAL, OUTPUT_NAME, REPEATED, OutputRefused
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from bpfgen.emit.backend import Settings
    from bpfgen.model.model import Model

_ACCESS = ("access", "typed access too", "LIB")
_NAMES = ("renamed", "what to call what is imported", "FILE=NAME")

FIRST = Backend(
    "first",
    (".first",),
    "made_up_output",
    (
        BackendOption(*_ACCESS, choices=("ours", "theirs"), kind=OPTIONAL),
        BackendOption(*_NAMES, kind=REPEATED, check="made_up_output:fault"),
        BackendOption("also", "add these", "NAME,...", ("a", "b", "c"), kind=COMMAS),
    ),
)
SECOND = Backend(
    "second",
    (".second",),
    "made_up_output",
    (
        BackendOption(*_ACCESS, kind=OPTIONAL),
        BackendOption(*_NAMES, kind=REPEATED),
        BackendOption(
            "word",
            "the word",
            "WORD",
            default=("none",),
            check="made_up_output:fault",
            environment="MADE_UP_WORD",
        ),
    ),
)


@pytest.fixture(autouse=True)
def outputs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two backends that write what they are asked for, in a directory with a source."""

    def write(model: Model, settings: Settings) -> list[str]:
        if any(declared.name == "unspeakable" for declared in model.maps):
            raise OutputRefused(
                [Diagnostic(OUTPUT_NAME, "no such name", model.maps[0].span, help="another one")]
            )
        return [f"{dict(settings)}\n"]

    def fault(value: str) -> tuple[str, str] | None:
        return (f"`{value}` shouts", "speak softly") if value.isupper() else None

    module: Any = ModuleType("made_up_output")
    module.emit, module.fault = write, fault
    monkeypatch.setitem(sys.modules, "made_up_output", module)
    monkeypatch.setitem(BACKENDS, "first", FIRST)
    monkeypatch.setitem(BACKENDS, "second", SECOND)
    monkeypatch.delenv("MADE_UP_WORD", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("maps.dsl").write_text("map m: hash<int, int>[4];\n")


def asked(*words: str) -> dict[str, tuple[str, ...]]:
    """Return what the output of `bpfgen maps.dsl WORDS` was asked for."""
    assert main(["maps.dsl", *words]) == 0
    output = Path(words[words.index("-o") + 1])
    settings: dict[str, tuple[str, ...]] = eval(output.read_text())  # noqa: S307 -- ours
    return settings


def test_values_come_as_they_are_given() -> None:
    """Lists of every kind are whole and in order, other options have what was said last."""
    assert asked("-o", "x.first") == {"access": (), "renamed": (), "also": ()}
    settings = asked(
        *("-o", "x.first", "--also", "b,a", "--also=c", "--renamed", "a.dsl=x,y"),
        *("--access", "--access=theirs", "--renamed", "b.dsl=z"),
    )
    assert settings["also"] == ("b", "a", "c")
    assert settings["renamed"] == ("a.dsl=x,y", "b.dsl=z")
    assert settings["access"][-1] == "theirs"
    assert asked("-o", "x.second")["word"] == ("none",)
    assert asked("-o", "x.second", "--word", "a", "--word", "b")["word"] == ("b",)


def test_an_option_alone_takes_no_input_for_its_value() -> None:
    """`--access maps.dsl` is the option and an input."""
    assert main(["--access", "maps.dsl", "-o", "x.second"]) == 0
    assert "'access': ('',)" in Path("x.second").read_text()


def test_the_environment_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable stands where neither the command line nor the project says anything."""
    monkeypatch.setenv("MADE_UP_WORD", "heard")
    assert asked("-o", "x.second")["word"] == ("heard",)
    Path("pyproject.toml").write_text('[tool.bpfgen]\nword = "written"\n')
    assert asked("-o", "x.second")["word"] == ("written",)
    assert asked("-o", "x.second", "--word", "said")["word"] == ("said",)


def test_the_environment_is_checked(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What stands in the variable may be wrong, too; whoever doesn't write that output is fine."""
    monkeypatch.setenv("MADE_UP_WORD", "LOUD")
    assert main(["maps.dsl", "-o", "x.second"]) == 2
    assert capfd.readouterr().err == (
        "error[usage]: $MADE_UP_WORD: `LOUD` shouts\n  = help: speak softly\n"
    )
    assert main(["maps.dsl", "-o", "x.first"]) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "x.first", "--also", "a,d"], "`--also` has no value `d`\n  = help: there are a, b"),
        (
            ["-o", "x.first", "--access=thiers"],
            "no value `thiers`\n  = help: did you mean `theirs`",
        ),
        (
            ["-o", "x.second", "--access=ours"],
            "--access=ours is for first, and that is not written",
        ),
        (["-o", "x.second", "--word", "LOUD"], "`LOUD` shouts\n  = help: speak softly"),
        (["-o", "x.second", "--word", ""], "`--word` has an empty value\n  = help: --word WORD"),
        (["-o", "x.first", "--renamed", ""], "`--renamed` has an empty value"),
        (["-o", "x.first", "--word", "a"], "--word is for second, and that is not written"),
        (["-o", "x.json", "--access"], "--access is for first and second, and none of them is"),
        (["--word", "LOUD"], "`LOUD` shouts"),
    ],
)
def test_a_wrong_value_is_a_usage_error(
    words: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """One error that says what there is, status 2, and nothing written."""
    assert main(["maps.dsl", *words]) == 2
    shown = capfd.readouterr().err
    assert message in shown
    assert shown.count("error[") == 1
    assert [path.name for path in Path().iterdir()] == ["maps.dsl"]


def test_a_project_says_it_too(capfd: pytest.CaptureFixture[str]) -> None:
    """Lists of the project stand before those of the command line; `true` is an option alone."""
    Path("pyproject.toml").write_text(
        '[tool.bpfgen]\naccess = true\nalso = ["a"]\nrenamed = { "a.dsl" = "x" }\n'
    )
    assert asked("-o", "x.first", "--also", "b") == {
        "access": ("",),
        "also": ("a", "b"),
        "renamed": ("a.dsl=x",),
    }
    assert asked("-o", "x.second") == {
        "access": ("",),
        "renamed": ("a.dsl=x",),
        "word": ("none",),
    }
    capfd.readouterr()
    for line, message in (
        ("access = 3", "`access` is one of"),
        ('also = "a"', "`also` is a list of texts"),
        ('also = ["a", "d"]', "`also` is wrong: `--also` has no value `d`"),
        ('renamed = ["a=b"]', "`renamed` is a table"),
        ("renamed = { a = 1 }", "`renamed` has a value that is no text"),
        ('word = "LOUD"', "`word` is wrong: `LOUD` shouts"),
    ):
        Path("pyproject.toml").write_text(f"[tool.bpfgen]\n{line}\n")
        assert main(["maps.dsl", "-o", "x.second"]) == 2
        shown = capfd.readouterr().err
        assert message in shown
        assert "pyproject.toml:2:1" in shown


def test_a_refused_output_is_not_written(capfd: pytest.CaptureFixture[str]) -> None:
    """The diagnostics of the backend are shown at their places, and nothing is written."""
    Path("maps.dsl").write_text("map unspeakable: hash<int, int>[4];\n")
    assert main(["maps.dsl", "-o", "x.first"]) == 1
    shown = capfd.readouterr().err
    assert "error[output-name]: no such name\n --> maps.dsl:1:5" in shown
    assert not Path("x.first").exists()


def test_a_refusal_keeps_all_outputs_back(capfd: pytest.CaptureFixture[str]) -> None:
    """None of the run is written, and what several of them refuse is said once."""
    Path("maps.dsl").write_text("map unspeakable: hash<int, int>[4];\n")
    words = ["-o", "x.json", "-o", "x.first", "-o", "x.second"]
    assert main(["maps.dsl", *words]) == 1
    assert capfd.readouterr().err.count("error[output-name]") == 1
    assert [path.name for path in Path().iterdir()] == ["maps.dsl"]


def test_help_and_completions_have_it(capfd: pytest.CaptureFixture[str]) -> None:
    """An option that may do without a value is shown so; what shells offer is all there is."""
    assert main(["--help"]) == 0
    shown = capfd.readouterr().out
    assert "--access[={ours,theirs}]" in shown
    assert "--also {a,b,c}" in shown
    assert "\\-\\-access[=\\fILIB\\fP]" in manual()
    assert "--access) _bpfgen_words ours theirs; return ;;" in script("bash")
    assert "*--access=-[typed access too]::LIB:(ours theirs)" in script("zsh")
    assert "-l access -f -a 'ours theirs'" in script("fish")
