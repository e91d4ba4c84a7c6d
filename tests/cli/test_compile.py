"""The compile command: what is written where, and with which status it ends."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome, Pipeline

    Run = Callable[..., Outcome]


def source(text: str = "map m;", name: str = "maps.dsl") -> str:
    """Write a source into the working directory and return its name."""
    Path(name).write_bytes(text.encode("utf-8", "surrogateescape"))
    return name


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("maps.h", b"header modern: map m;\n"),
        ("maps.json", b"json modern: map m;\n"),
        ("maps.o", b"\x7fELF\0map m;"),
    ],
)
def test_the_suffix_says_what_to_write(bpfgen: Run, name: str, data: bytes) -> None:
    """.h, .json and .o; nothing is said, and nothing else is left in the directory."""
    outcome = bpfgen(source(), "-o", name)
    assert (outcome.status, outcome.output, outcome.errors) == (0, "", "")
    assert Path(name).read_bytes() == data
    assert sorted(os.listdir()) == sorted(["maps.dsl", name])


def test_emit_wins_over_the_suffix(bpfgen: Run) -> None:
    """What is said outright counts."""
    assert bpfgen(source(), "-o", "maps.h", "--emit", "json").status == 0
    assert Path("maps.h").read_text() == "json modern: map m;\n"


def test_standard_output(bpfgen: Run) -> None:
    """`-o -` prints, objects as bytes too, and no file is made."""
    assert bpfgen(source(), "-o", "-", "--emit", "header").output == "header modern: map m;\n"
    assert bpfgen(source(), "-o-", "--emit=object").output == "\x7fELF\0map m;"
    assert os.listdir() == ["maps.dsl"]


def test_standard_input(bpfgen: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads it; messages call it <stdin>."""
    stdin: Any = io.TextIOWrapper(io.BytesIO(b"map bad;"))
    monkeypatch.setattr(sys, "stdin", stdin)
    outcome = bpfgen("-", "-o", "maps.h")
    assert outcome.status == 1
    assert "--> <stdin>:1:5" in outcome.errors
    assert os.listdir() == []


def test_many_files(bpfgen: Run) -> None:
    """--out-dir is made if need be; below it is the tree of the inputs."""
    Path("sub").mkdir()
    names = [source("a", "a.dsl"), source("b", "sub/b.dsl")]
    assert bpfgen(*names, "--out-dir", "gen/x").status == 0
    assert Path("gen/x/a.h").read_text() == "header modern: a\n"
    assert Path("gen/x/sub/b.h").read_text() == "header modern: b\n"
    assert bpfgen("--emit", "object", *names, "--out-dir", "gen").status == 0
    assert sorted(os.listdir("gen")) == ["a.o", "sub", "x"]


def test_one_bad_file_of_many(bpfgen: Run) -> None:
    """The others are written nevertheless, all messages come out, the worst status counts."""
    names = [source("bad", "a.dsl"), source("b", "b.dsl"), source("bad", "c.dsl"), "missing.dsl"]
    outcome = bpfgen(*names, "--out-dir", "gen")
    assert outcome.status == 1
    assert "a.dsl:1:1" in outcome.errors
    assert "c.dsl:1:1" in outcome.errors
    assert "missing.dsl" in outcome.errors
    assert os.listdir("gen") == ["b.h"]


def test_options_reach_the_pipeline(bpfgen: Run, pipeline: Pipeline) -> None:
    """-I, -D, --kernel, --target, --style, --relax-compat and --clang, attached or not."""
    words = "-Ia -I b -DA=1 -D B=x=y -D C --kernel 5.15.3 --target bpfeb --style initializer"
    outcome = bpfgen(source(), "-o", "maps.h", *words.split(), "--relax-compat", "--clang", "cc")
    assert outcome.status == 0
    assert Path("maps.h").read_text().startswith("header initializer")
    options = pipeline.options
    assert options is not None
    assert options.include_directories == ("a", "b")
    assert options.definitions == {"A": "1", "B": "x=y", "C": "1"}
    assert options.kernel == (5, 15)
    assert options.target == "bpfeb"
    assert options.relax_compat
    assert options.clang.path == "cc"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--no-verify"], "nothing to compile"),
        (["maps.dsl", "--emit", "header"], "where to write is missing"),
        (["maps.dsl", "-o", "maps.txt"], "`maps.txt` doesn't say what to write"),
        (["maps.dsl", "-o", "-"], "-o - doesn't say what to write"),
        (["maps.dsl", "-o", "maps.dsl", "--emit", "header"], "it would be written over"),
        (["maps.dsl", "-o", "./maps.dsl", "--emit", "header"], "it would be written over"),
        (["maps.dsl", "b.dsl", "-o", "maps.h"], "several inputs need --out-dir"),
        (["maps.dsl", "maps.dsl", "--out-dir", "x"], "`maps.dsl` is given twice"),
        (["maps.dsl", "./maps.dsl", "--out-dir", "x"], "twice, as `maps.dsl` and `./maps.dsl`"),
        (["maps.dsl", "maps.map", "--out-dir", "x"], "both be written to `x/maps.h`"),
        (["maps.dsl", "-o", "maps.h", "--base", "x"], "--base is for --out-dir"),
        (["maps.dsl", "--base", "x", "--out-dir", "y"], "`maps.dsl` is not below `x`"),
        (["", "--out-dir", "y"], "the name of an input is empty"),
        (["maps.dsl", "--out-dir", ""], "the name of --out-dir is empty"),
        (["maps.dsl", "-o", "-", "--emit", "json", "--depfile", "d"], "and -o - is none"),
        (["maps.dsl", "-o", "maps.h", "--depfile", "maps.dsl"], "it would be written over"),
        (["maps.dsl", "-o", "maps.h", "--depfile", "./maps.h"], "both an output and the depfile"),
        (["-", "--out-dir", "x"], "standard input has no name"),
        (["maps.dsl", "-o", "maps.h", "--out-dir", "x"], "exclude each other"),
        (["maps.dsl", "-o", "-", "--emit", "json", "--check"], "--check compares with a file"),
        (["maps.dsl", "-o", "maps.h", "-D", "1=2"], "`1` is no name"),
        (["maps.dsl", "-o", "maps.h", "-D", "A="], "has no value"),
        (["maps.dsl", "-o", "maps.h", "-U", "1"], "`1` is none"),
        (["maps.dsl", "-o", "maps.h", "-U", "A", "-D", "A=2"], "-D defines `A`, and -U"),
        (["maps.dsl", "-o", "maps.h", "--libbpf", "0.9"], "there is no libbpf 0.9: 0.8 was"),
        (["maps.dsl", "-o", "maps.h", "--kernel", "new"], "`new` is no version of Linux"),
        (["maps.dsl", "-o", "maps.h", "--target", "x86"], "invalid choice: 'x86'"),
        (["maps.dsl", "-o"], "expected one argument"),
        (["maps.dsl", "--no-such-option"], "--no-such-option"),
        (["maps.dsl", "-o", "maps.h", "--dep-file=x"], "did you mean `--depfile`?"),
        (["maps.dsl", "-o", "maps.h", "--ver"], "--ver"),
        (["maps.dsl", "-fix"], "did you mean `--fix`?"),
        (["maps.dsl", "-fix-all"], "did you mean `--fix-all`?"),
        (["maps.dsl", "--fix=all"], "--fix takes no value, and `all` is given"),
        (["maps.dsl", "--fix=all"], "did you mean `--fix-all`?"),
        (["maps.dsl", "--check="], "--check takes no value\n"),
    ],
)
def test_wrong_usage(bpfgen: Run, words: list[str], said: str) -> None:
    """Status 2, one error that says what is wrong, nothing written."""
    source()
    outcome = bpfgen(*words)
    assert outcome.status == 2
    assert outcome.errors.startswith("error[usage]: ")
    assert said in outcome.errors
    assert len(outcome.errors.splitlines()) <= 2
    assert os.listdir() == ["maps.dsl"]


@pytest.mark.parametrize("name", ["inspect", "explain", "kinds", "verify", "import"])
def test_a_file_named_like_a_command(bpfgen: Run, name: str) -> None:
    """`./inspect` is a file."""
    source(name=name)
    assert bpfgen(f"./{name}", "-o", "maps.h").status == 0


def test_options_and_inputs_in_any_order(bpfgen: Run) -> None:
    """Inputs may stand between options; `--` ends the options."""
    names = [source("a", "a.dsl"), source("b", "-b.dsl")]
    assert bpfgen("a.dsl", "--out-dir", "x", "--style", "modern", "./-b.dsl").status == 0
    assert bpfgen("--out-dir", "y", "--", *names).status == 0
    assert sorted(os.listdir("y")) == ["-b.h", "a.h"]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("int a;\n\t\udcff", "maps.dsl:2:2", "the byte 0xff is not valid UTF-8"),
        ("/* é */ \udcc3(", "maps.dsl:1:9", "the byte 0xc3 is not valid UTF-8"),
        ("\udced\udca0\udc80", "maps.dsl:1:1", "the byte 0xed is not valid UTF-8"),
        ("\udcff\udcfem\0", "maps.dsl:1:1", "looks like UTF-16"),
        ("int\n \0;", "maps.dsl:2:2", "NUL byte"),
    ],
)
def test_what_is_no_text(bpfgen: Run, text: str, place: str, said: str) -> None:
    """Bytes that are no UTF-8 text have a diagnostic at their place."""
    outcome = bpfgen(source(text), "-o", "maps.h")
    assert outcome.status == 1
    assert "error[encoding]" in outcome.errors
    assert f"--> {place}" in outcome.errors
    assert said in outcome.errors
    assert os.listdir() == ["maps.dsl"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("BC\udcc0\udcde\0", "is a file of LLVM bitcode, and a source is wanted"),
        ("\udcff\0\0", "is a binary file, and a source is wanted"),
    ],
)
def test_a_binary_file_is_named_and_not_shown(bpfgen: Run, text: str, said: str) -> None:
    """Its bytes say nothing to anybody."""
    outcome = bpfgen(source(text), "-o", "maps.h")
    assert outcome.status == 1
    assert f"error[encoding]: `maps.dsl` {said}" in outcome.errors
    assert "-->" not in outcome.errors


def test_a_byte_order_mark_is_no_part_of_the_text(bpfgen: Run) -> None:
    """Editors of another system put it there."""
    assert bpfgen(source("\ufeffmap m;"), "-o", "maps.h").status == 0
    assert Path("maps.h").read_text() == "header modern: map m;\n"


def test_files_that_cannot_be_read_or_written(bpfgen: Run) -> None:
    """One line each, with the operating system's reason, and status 1."""
    Path("directory.h").mkdir()
    source()
    for words, said in (
        (["missing.dsl", "-o", "x.h"], "cannot read `missing.dsl`: no such file or directory"),
        (["directory.h", "-o", "x.h"], "cannot read `directory.h`: is a directory"),
        (["maps.dsl", "-o", "directory.h"], "cannot write `directory.h`: is a directory"),
        (["maps.dsl", "-o", "no/x.h"], "cannot write `no/x.h`: there is no directory `no`"),
        (
            ["maps.dsl", "-o", "maps.dsl/x.h"],
            "cannot write `maps.dsl/x.h`: `maps.dsl` is no directory",
        ),
        (["maps.dsl", "--out-dir", "maps.dsl"], "cannot write `maps.dsl`: file exists"),
        (
            ["maps.dsl", "-o", "x.h", "--depfile", "no/d"],
            "cannot write `no/d`: there is no directory",
        ),
    ):
        outcome = bpfgen(*words)
        assert outcome.status == 1
        assert outcome.errors.startswith(f"error[file]: {said}")
        assert outcome.errors.count("\n") == 1 + outcome.errors.count("= help: `mkdir")


def test_check(bpfgen: Run) -> None:
    """Nothing is written; a diff and status 1 where something differs, silence where not."""
    source()
    missing = bpfgen("maps.dsl", "-o", "maps.h", "--check")
    assert missing.status == 1
    assert missing.output.startswith("--- /dev/null\n+++ maps.h\n")
    assert os.listdir() == ["maps.dsl"]
    bpfgen("maps.dsl", "-o", "maps.h")
    same = bpfgen("maps.dsl", "-o", "maps.h", "--check")
    assert (same.status, same.output, same.errors) == (0, "", "")
    Path("maps.h").write_text("old\n")
    words = ("maps.dsl", "-o", "maps.h", "--check", "--depfile", "deps")
    differs = bpfgen(*words)
    assert differs.status == 1
    assert "-old\n+header modern: map m;\n" in differs.output
    assert Path("maps.h").read_text() == "old\n"
    assert not Path("deps").exists()
    assert bpfgen("maps.dsl", "--out-dir", "gen", "--check").status == 1
    assert not Path("gen").exists()


def test_depfile(bpfgen: Run) -> None:
    """One rule for all outputs, dependencies behind inputs; not written for a failing run."""
    source("import", "a.dsl")
    source("b", "b.dsl")
    bpfgen("a.dsl", "b.dsl", "--out-dir", "gen", "--depfile", "deps.d")
    assert Path("deps.d").read_text() == (
        "gen/a.h gen/b.h: a.dsl \\\n  b.dsl \\\n  common.dsl \\\n  a\\ b.h\n"
        "\na.dsl: \n\nb.dsl: \n\ncommon.dsl: \n\na\\ b.h: \n"
    )
    source("bad", "b.dsl")
    Path("deps.d").unlink()
    bpfgen("a.dsl", "b.dsl", "--out-dir", "gen", "--depfile", "deps.d")
    assert not Path("deps.d").exists()


def test_an_unchanged_output_is_left_alone(bpfgen: Run) -> None:
    """The second run keeps file and time."""
    bpfgen(source(), "-o", "maps.h")
    os.utime("maps.h", (1, 1))
    bpfgen("maps.dsl", "-o", "maps.h")
    assert Path("maps.h").stat().st_mtime == 1


@pytest.mark.parametrize("name", ["maps.h", "maps.o"])
def test_a_failing_verification_writes_nothing(bpfgen: Run, pipeline: Pipeline, name: str) -> None:
    """Status 1, the difference is told, and the name on disk is not taken."""
    pipeline.mismatch = True
    outcome = bpfgen(source(), "-o", name)
    assert outcome.status == 1
    assert "error[verify]" in outcome.errors
    assert os.listdir() == ["maps.dsl"]


def test_verification_on_request(bpfgen: Run, pipeline: Pipeline) -> None:
    """A header is verified unless --no-verify; JSON never; an object always."""
    source()
    for words, built in (
        (["-o", "maps.h"], 1),
        (["-o", "maps.h", "--verify"], 1),
        (["-o", "maps.h", "--no-verify"], 0),
        (["-o", "maps.json"], 0),
        (["-o", "maps.o", "--no-verify"], 1),
    ):
        pipeline.built = 0
        assert bpfgen("maps.dsl", *words).status == 0
        assert pipeline.built == built
    assert pipeline.shipped


def test_without_a_clang(bpfgen: Run, pipeline: Pipeline) -> None:
    """A header is written with a warning; all that needs the compiler ends with status 3."""
    pipeline.clang = False
    outcome = bpfgen(source(), "-o", "maps.h")
    assert outcome.status == 0
    assert outcome.errors.startswith("warning[unverified]: ")
    assert "apt install clang" in outcome.errors
    assert Path("maps.h").exists()
    Path("maps.h").unlink()
    for words in (
        ["maps.dsl", "-o", "maps.h", "--verify"],
        ["maps.dsl", "-o", "maps.o", "--assembler", "clang"],
        ["maps.dsl", "-o", "maps.h", "--clang", "no-such"],
        [source("include", "i.dsl"), "-o", "i.h", "--no-verify"],
    ):
        outcome = bpfgen(*words)
        assert outcome.status == 3
        assert outcome.errors == "error[tool-missing]: no clang: `apt install clang`\n"
        assert sorted(os.listdir()) in (["maps.dsl"], ["i.dsl", "maps.dsl"])
    quiet = bpfgen("maps.dsl", "-o", "maps.h", "--no-verify")
    assert (quiet.status, quiet.errors) == (0, "")


def test_the_unverified_warning_is_a_warning_like_others(bpfgen: Run, pipeline: Pipeline) -> None:
    """-W no-unverified silences it, -Werror makes it fatal, many files have one."""
    pipeline.clang = False
    source()
    assert bpfgen("maps.dsl", "-o", "maps.h", "-W", "no-unverified").errors == ""
    Path("maps.h").unlink()
    assert bpfgen("maps.dsl", "-o", "maps.h", "-Werror").status == 1
    assert not Path("maps.h").exists()
    outcome = bpfgen("maps.dsl", source("b", "b.dsl"), "--out-dir", "gen")
    assert outcome.errors.count("warning[unverified]") == 1
    assert sorted(os.listdir("gen")) == ["b.h", "maps.h"]


def test_warnings(bpfgen: Run) -> None:
    """A warning doesn't keep the file from being written; -Werror does; -W no-CODE hides it."""
    source("warn")
    plain = bpfgen("maps.dsl", "-o", "a.h")
    assert (plain.status, Path("a.h").exists()) == (0, True)
    assert "warning[stub-warn]" in plain.errors
    strict = bpfgen("maps.dsl", "-o", "b.h", "-Werror")
    assert (strict.status, Path("b.h").exists()) == (1, False)
    assert "error[stub-warn]" in strict.errors
    assert "made an error by -Werror" in strict.errors
    assert bpfgen("maps.dsl", "-o", "c.h", "-Wno-stub-warn").errors == ""
    assert bpfgen("maps.dsl", "-o", "c.h", "-Wno-stub-warn", "-Werror").status == 0
    again = bpfgen("maps.dsl", "-o", "c.h", "-W", "no-stub-warn", "-W", "stub-warn")
    assert "warning[stub-warn]" in again.errors
    source("bad")
    assert bpfgen("maps.dsl", "-o", "d.h", "-Wno-stub-bad").status == 1


def test_the_form_of_diagnostics(bpfgen: Run) -> None:
    """Each form comes out on standard error, errors without a place and of no file too."""
    source("bad warn")
    words = ("maps.dsl", "missing.dsl", "--out-dir", "gen", "--diagnostics")
    lines = bpfgen(*words, "json").errors.splitlines()
    assert [json.loads(line)["code"] for line in lines] == ["stub-bad", "stub-warn", "file"]
    commands = bpfgen(*words, "github").errors.splitlines()
    assert [line.split()[0] for line in commands] == ["::error", "::warning", "::error"]
    (run,) = json.loads(bpfgen(*words, "sarif").errors)["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["stub-bad", "stub-warn"]
    (invocation,) = run["invocations"]
    told = [each["descriptor"]["id"] for each in invocation["toolExecutionNotifications"]]
    assert told == ["file"]
    clean = bpfgen(source("m", "m.dsl"), "-o", "m.h", "--diagnostics", "sarif")
    assert json.loads(clean.errors)["runs"][0]["results"] == []


@pytest.mark.parametrize(
    ("environment", "words", "colored"),
    [
        ({}, [], False),
        ({}, ["--color", "always"], True),
        ({"NO_COLOR": "1"}, ["--color=always"], True),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, [], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({"FORCE_COLOR": "1"}, ["--diagnostics", "json"], False),
    ],
)
def test_colours(
    bpfgen: Run,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    words: list[str],
    colored: bool,
) -> None:
    """Only where they are wanted: --color, then NO_COLOR, then FORCE_COLOR, then the terminal."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in bpfgen(source("bad"), "-o", "maps.h", *words).errors) == colored


def test_our_own_mistakes(bpfgen: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An internal error is one line that asks for a report, with a status of its own."""
    outcome = bpfgen(source("crash"), "-o", "maps.h")
    assert outcome.status == 70
    assert outcome.errors.count("\n") == 1
    assert "KeyError: 'a mistake of\\nours' (conftest.py:" in outcome.errors
    assert "please report" in outcome.errors
    monkeypatch.setenv("BPFGEN_TRACEBACK", "1")
    with pytest.raises(KeyError):
        bpfgen("maps.dsl", "-o", "maps.h")


def test_help_and_version(bpfgen: Run) -> None:
    """Help begins with examples and names every option; both end with status 0."""
    shown = bpfgen("--help")
    assert shown.status == 0
    assert shown.output.startswith("usage: bpfgen maps.dsl -o maps.h ")
    options = ["-o", "--out-dir", "--emit", "-I", "-D", "--kernel", "--target", "--style", "-W"]
    options += ["--relax-compat", "--verify", "--no-verify", "--clang", "--check", "--depfile"]
    for option in [*options, "--diagnostics", "--color", "--version"]:
        assert option in shown.output
    assert bpfgen("-h").output == shown.output
    assert max(map(len, shown.output.splitlines())) <= 100
    version = bpfgen("--version")
    assert (version.status, version.output) == (0, "bpfgen 0.1.0\n")
