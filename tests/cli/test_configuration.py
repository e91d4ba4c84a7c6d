"""`[tool.bpfgen]` of pyproject.toml: what it says, who wins, and what is wrong with it."""

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
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome, Pipeline

    Run = Callable[..., Outcome]

EVERYTHING = """\
[project]
name = "edge"

[tool.bpfgen]
include-directories = ["include", "../shared"]
kernel = "5.15.3"
libbpf = "1.1"
warnings = ["error", "no-stub-warn"]
style = "initializer"
target = "bpfeb"
relax-compat = true
cpus = 16
memory-limit = "64 MiB"
definitions = { MAX = 8, MASK = "1 << 4" }
clang = "tools/clang"
"""


def source(name: str = "maps.dsl", text: str = "map m;") -> str:
    """Write a source, with the directories that it needs, and return its name."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)
    return name


def test_everything_reaches_the_pipeline(bpfgen: Run, pipeline: Pipeline) -> None:
    """Each key is the option of its name; paths are relative to the file."""
    Path("pyproject.toml").write_text(EVERYTHING)
    assert bpfgen(source("src/deep/maps.dsl", "warn"), "-o", "maps.h").status == 0
    options = pipeline.options
    assert options is not None
    assert options.include_directories == ("include", "../shared")
    assert (options.kernel, options.loaders) == ((5, 15), {"libbpf": (1, 1)})
    assert (options.style, options.target, options.relax_compat) == ("initializer", "bpfeb", True)
    assert (options.machine.cpus, options.machine.limit) == (16, 64 << 20)
    assert options.definitions == {"MAX": "8", "MASK": "1 << 4"}
    assert (options.clang.path, options.clang.directory) == ("tools/clang", "")
    os.chdir("src/deep")
    assert bpfgen("maps.dsl", "-o", "maps.h").status == 0
    options = pipeline.options
    assert options is not None
    assert options.include_directories == ("../../include", "../../../shared")
    assert (options.clang.path, options.clang.directory) == ("tools/clang", "../..")
    assert bpfgen(os.path.abspath("maps.dsl"), "-o", "maps.h").status == 0
    assert pipeline.options is not None
    assert pipeline.options.include_directories[0] == os.path.abspath("../../include")


def test_the_command_line_wins(bpfgen: Run, pipeline: Pipeline) -> None:
    """Its directories come first, its warnings last, its values instead."""
    Path("pyproject.toml").write_text(EVERYTHING)
    words = "-I own -D MAX=1 -D NEW=2 --kernel 6.1 --libbpf 1.4.2 --style modern"
    words += " --target bpfel --clang cc"
    source(text="warn")
    run = bpfgen("maps.dsl", "-o", "m.h", *words.split(), "--no-relax-compat", "-W", "stub-warn")
    assert run.status == 1
    assert "error[stub-warn]" in run.errors
    assert bpfgen("maps.dsl", "-o", "m.h", "-W", "stub-warn", "-Wno-error").status == 0
    bpfgen("maps.dsl", "-o", "m.h", *words.split(), "--no-relax-compat")
    options = pipeline.options
    assert options is not None
    assert options.include_directories == ("own", "include", "../shared")
    assert options.definitions == {"MAX": "1", "MASK": "1 << 4", "NEW": "2"}
    assert options.loaders == {"libbpf": (1, 4)}
    assert (options.kernel, options.style, options.target) == ((6, 1), "modern", "bpfel")
    assert not options.relax_compat
    assert options.clang.path == "cc"


def test_flags_for_clang(bpfgen: Run, pipeline: Pipeline) -> None:
    """Those of the command line come last; paths of the file are relative to it."""
    Path("pyproject.toml").write_text(
        '[tool.bpfgen]\nclang-args = ["-isystem", "inc", "-DA=1", "--target=bpfeb"]\n'
    )
    source("deep/maps.dsl")
    words = "-o m.h --clang-arg -isystem --clang-arg own --clang-arg=-DA=2"
    assert bpfgen("deep/maps.dsl", *words.split()).status == 0
    options = pipeline.options
    assert options is not None
    assert options.clang.arguments == ("-isystem", "inc", "-DA=1", "-isystem", "own", "-DA=2")
    assert options.target == "bpfeb"
    os.chdir("deep")
    assert bpfgen("maps.dsl", "-o", "m.h", "--target", "bpf").status == 0
    options = pipeline.options
    assert options is not None
    assert options.clang.arguments == ("-isystem", "../inc", "-DA=1")
    assert options.target == "bpf"
    run = bpfgen("maps.dsl", "--clang-arg", "-Xclang", "--clang-arg", "-load")
    assert run.status == 2
    assert "`-Xclang` isn't given to clang: it hands words to the inside" in run.errors


def test_the_nearest_table_counts(bpfgen: Run, pipeline: Pipeline) -> None:
    """Upwards from each input; a pyproject.toml without the table is passed over."""
    Path("pyproject.toml").write_text('[tool.bpfgen]\nstyle = "initializer"\n')
    source("a/b/maps.dsl")
    Path("a/b/pyproject.toml").write_text('[project]\nname = "bpfgen-user"\n')
    source("a/maps.dsl")
    source("c/maps.dsl")
    Path("c/pyproject.toml").write_text('[tool.bpfgen]\nstyle = "modern"\n')
    names = ["a/b/maps.dsl", "c/maps.dsl", "a/maps.dsl"]
    assert bpfgen(*names, "--out-dir", "gen").status == 0
    styles = [Path("gen", name).with_suffix(".h").read_text().split()[1] for name in names]
    assert styles == ["initializer:", "modern:", "initializer:"]
    assert bpfgen("a/maps.dsl", "-o", "m.h", "--config", "c/pyproject.toml").status == 0
    assert Path("m.h").read_text().startswith("header modern")
    assert bpfgen("a/maps.dsl", "-o", "m.h", "--no-config").status == 0
    assert Path("m.h").read_text().startswith("header modern")
    assert pipeline.options is not None


def test_warnings_hold_for_their_own_files(bpfgen: Run) -> None:
    """One project's choice of warnings says nothing about the next input's."""
    for name in ("a", "b", "c"):
        source(f"{name}/maps.dsl", "warn")
    Path("a/pyproject.toml").write_text('[tool.bpfgen]\nwarnings = ["error=stub-warn"]\n')
    Path("c/pyproject.toml").write_text('[tool.bpfgen]\nwarnings = ["no-stub-warn"]\n')
    run = bpfgen("a/maps.dsl", "b/maps.dsl", "c/maps.dsl", "--out-dir", "gen")
    assert run.status == 1
    assert [line for line in run.errors.splitlines() if "[stub-warn]" in line] == [
        "error[stub-warn]: `warn`",
        "warning[stub-warn]: `warn`",
    ]
    assert "made an error by -Werror=stub-warn" in run.errors


@pytest.mark.parametrize(
    "spelling",
    [
        '[tool.bpfgen]\nstyle = "initializer"\n',
        '[ tool . bpfgen ]\nstyle = "initializer"\n',
        '["tool".\'bpfgen\']\nstyle = "initializer"\n',
        '[tool]\nbpfgen = { style = "initializer" }\n',
        '[tool]\nbpfgen.style = "initializer"\n',
        'tool.bpfgen.style = "initializer"\n',
        'tool = { bpfgen = { style = "initializer" } }\n',
        '\ufeff[tool.bpfgen]\r\nstyle = "initializer"\r\n',
    ],
)
def test_every_spelling_of_the_table(bpfgen: Run, spelling: str) -> None:
    """TOML has many; all mean the same."""
    Path("pyproject.toml").write_bytes(spelling.encode())
    assert bpfgen(source(), "-o", "m.h").status == 0
    assert Path("m.h").read_text().startswith("header initializer")


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ('[tool.bpfgen]\n\nkernal = "5.15"\n', "3:1", "did you mean `kernel`?"),
        ('[tool.bpfgen]\nstyle = "modren"\n', "2:1", "did you mean `modern`?"),
        ("[tool.bpfgen]\nstyle = 1\n", "2:1", '`style` is one of "modern", "initializer"'),
        ('[tool.bpfgen]\ntarget = "x86"\n', "2:1", "`target` is one of"),
        ("[tool.bpfgen]\nkernel = 5.15\n", "2:1", "`kernel` is a version in quotes"),
        ('[tool.bpfgen]\nlibbpf = "0.9"\n', "2:1", "is `0.9`: there is no libbpf 0.9"),
        ("[tool.bpfgen]\nlibbpf = 1.1\n", "2:1", "`libbpf` is a version in quotes"),
        ('[tool.bpfgen]\ncpus = "8"\n', "2:1", "`cpus` is a number of CPUs"),
        ("[tool.bpfgen]\ncpus = 0\n", "2:1", "`cpus` is a number of CPUs"),
        ("[tool.bpfgen]\nmemory-limit = 64\n", "2:1", "is an amount of memory in quotes"),
        ('[tool.bpfgen]\nmemory-limit = "much"\n', "2:1", "is an amount of memory in quotes"),
        ('[tool.bpfgen]\nkernel = "new"\n', "2:1", "`new`, which is no version of Linux"),
        ('[tool.bpfgen]\nwarnings = "error"\n', "2:1", "`warnings` is a list of words"),
        ('[tool.bpfgen]\nwarnings = ["no-paddin"]\n', "2:1", "there is no diagnostic `paddin`"),
        ('[tool.bpfgen]\nrelax-compat = "yes"\n', "2:1", "`relax-compat` is true or false"),
        ('[tool.bpfgen]\n"include-directories" = [1]\n', "2:1", "is a list of directories"),
        ('[tool.bpfgen]\ninclude-directories = [""]\n', "2:1", "is a list of directories"),
        ('[tool.bpfgen]\nclang = "a\\u0000b"\n', "2:1", "`clang` is the path of a compiler"),
        ('[tool.bpfgen]\ncache = "no"\n', "2:1", "`cache` is true or false"),
        ('[tool.bpfgen]\nclang-args = "-g"\n', "2:1", "`clang-args` is a list of flags"),
        ('[tool.bpfgen]\nclang-args = ["-fplugin=./x.so"]\n', "2:1", "isn't given to clang"),
        ("[tool.bpfgen]\ndefinitions = [1]\n", "2:1", "is a table of names and values"),
        ("[tool.bpfgen.definitions]\nA = true\n", "1:14", "gives `A` a value that is no number"),
        ('[tool.bpfgen]\ndefinitions = { "1" = 1 }\n', "2:1", "has `1`, which is no name"),
        ('[tool.bpfgen]\ndefinitions = { A = " " }\n', "2:1", "gives `A` no value"),
        ("[tool]\nbpfgen = 1\n", "2:1", "[tool.bpfgen] is a table"),
        ("[tool]\nbpfgen = { kernal = 1 }\n", "2:12", "no key `kernal`"),
        ('[tool.bpfgen]\nkernel = "5.15\n', "2:15", "this is no TOML"),
        ("[tool.bpfgen]\nkernel = ", "2:10", "this is no TOML"),
        (f"[tool.bpfgen]\nx = {'[' * 5000}\n", "", "error[configuration]"),
        (f"[tool.bpfgen]\nx = {'9' * 5000}\n", "", "error[configuration]"),
        ("[tool.bpfgen]\nstyle = '\udcff'\n", "2:10", "error[encoding]"),
    ],
)
def test_what_is_wrong_with_it(bpfgen: Run, text: str, place: str, said: str) -> None:
    """Status 2, file and line, what is wanted; nothing is compiled."""
    Path("pyproject.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    run = bpfgen(source("a.dsl"), source("b.dsl"), "--out-dir", "gen")
    assert run.status == 2
    assert said in run.errors
    assert f"--> pyproject.toml:{place}" in run.errors
    assert run.errors.count("error[") == 1
    assert not Path("gen").exists()
    assert bpfgen("a.dsl", "-o", "a.h", "--no-config").status == 0


def test_all_mistakes_at_once_and_as_json(bpfgen: Run) -> None:
    """Every wrong key is told in one run, in the form that was asked for."""
    Path("pyproject.toml").write_text('[tool.bpfgen]\nsytle = "x"\ntarget = "x"\nkernel = "x"\n')
    run = bpfgen(source(), "-o", "m.h", "--diagnostics", "json")
    told = [json.loads(line) for line in run.errors.splitlines()]
    assert [(each["code"], each["line"]) for each in told] == [
        ("configuration", 2),
        ("configuration", 3),
        ("configuration", 4),
    ]


def test_a_file_without_the_table_is_not_read_as_toml(bpfgen: Run) -> None:
    """It may be broken: it is none of our business."""
    Path("pyproject.toml").write_text('[project\nname = "bpfgen"\n# the tool\n')
    assert bpfgen(source(), "-o", "m.h").status == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--config", "nope.toml"], "cannot read `nope.toml`: no such file"),
        (["--config", "."], "cannot read `.`: is a directory"),
        (["--config", "empty.toml"], "`empty.toml` has no table [tool.bpfgen]"),
        (["--config", "empty.toml", "--no-config"], "exclude each other"),
    ],
)
def test_a_file_that_is_named(bpfgen: Run, words: list[str], said: str) -> None:
    """--config FILE has to be there, and to be what it is said to be."""
    Path("empty.toml").write_text("")
    for command in (["-o", "m.h"], ["-o", "m.h", "--watch"]):
        run = bpfgen(source(), *command, *words)
        assert run.status == 2
        assert said in run.errors


def test_standard_input_has_the_working_directory_s(
    bpfgen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the text lay there."""
    Path("pyproject.toml").write_text('[tool.bpfgen]\nstyle = "initializer"\n')
    stdin: Any = io.TextIOWrapper(io.BytesIO(b"map m;"))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert bpfgen("-", "-o", "-", "--emit", "header").output == "header initializer: map m;\n"


def test_the_depfile_lists_it(bpfgen: Run) -> None:
    """What was used, once; not what was passed over."""
    Path("pyproject.toml").write_text('[tool.bpfgen]\nstyle = "initializer"\n')
    source("a/maps.dsl")
    source("a/b.dsl")
    Path("a/pyproject.toml").write_text("[project]\n")
    bpfgen("a/maps.dsl", "a/b.dsl", "--out-dir", "gen", "--depfile", "d")
    rule, *others = Path("d").read_text().split("\n\n")
    assert rule.replace("\\\n", "").split() == [
        *("gen/a/maps.h", "gen/a/b.h:", "a/maps.dsl", "a/b.dsl", "pyproject.toml"),
    ]
    assert "pyproject.toml: \n" in others
    os.chdir("a")
    bpfgen("maps.dsl", "-o", "m.h", "--depfile", "d")
    assert "\n../pyproject.toml: \n" in Path("d").read_text()


def test_a_project_s_definitions_are_for_whom_they_concern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file without such a constant gets no warning; one with it gets the value."""
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text('[tool.bpfgen]\ndefinitions = { MAX = 77, B = "1 << 3" }\n')
    source("a.dsl", "const MAX = 1;\nconst B = 1;\nmap a: array<int, int>[MAX + B];\n")
    source("b.dsl", "map b: array<int, int>[1];\n")
    assert main(["a.dsl", "b.dsl", "--out-dir", "gen", "--no-verify", "-Werror"]) == 0
    assert main(["b.dsl", "-o", "b.h", "--no-verify", "-Werror"]) == 0
    assert capfd.readouterr().err == ""
    assert main(["a.dsl", "-o", "a.json"]) == 0
    (map_,) = json.loads(Path("a.json").read_text())["maps"]
    assert "85" in json.dumps(map_)
    assert main(["b.dsl", "-o", "b.h", "--no-verify", "-DMAX=2"]) == 0
    assert "`-D MAX` replaces no constant" in capfd.readouterr().err


def test_other_commands_ask_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """kinds --needs finds what the project's directories have; a wrong table stops it."""
    monkeypatch.chdir(tmp_path)
    source("include/common.dsl", "struct k { __u32 id; };\n")
    source("src/a.dsl", 'import "common.dsl";\nmap m: hash<k, int>[4];\n')
    assert main(["kinds", "--needs", "src/a.dsl"]) == 1
    Path("pyproject.toml").write_text('[tool.bpfgen]\ninclude-directories = ["include"]\n')
    capfd.readouterr()
    assert main(["kinds", "--needs", "src/a.dsl"]) == 0
    assert main(["kinds", "--needs", "src/a.dsl", "--no-config"]) == 1
    Path("pyproject.toml").write_text("[tool.bpfgen]\nincludes = 1\n")
    for words in (
        ["kinds", "--needs", "src/a.dsl"],
        ["verify", "x.o", "src/a.dsl"],
        ["import", "x.o", "-o", "x.dsl"],
    ):
        capfd.readouterr()
        assert main(words) == 2
        assert "pyproject.toml:2:1" in capfd.readouterr().err


def test_a_run_without_one_reads_no_toml(tmp_path: Path) -> None:
    """tomllib is loaded for the table alone, not for a pyproject.toml that names us otherwise."""
    (tmp_path / "maps.dsl").write_text("map m: array<int, int>[1];\n")
    project = tmp_path / "pyproject.toml"
    script = (
        "import sys; sys.modules.pop('tomllib', None)\n"  # coverage loads it for itself
        "from bpfgen.cli import main\n"
        "assert main(['maps.dsl', '-o', 'm.h', '--no-verify']) == 0\n"
        "print('tomllib' in sys.modules)\n"
    )
    for text, loaded in (
        ('[project]\ndependencies = ["bpfgen"]\n[tool.ruff]\n', "False"),
        ("[tool.bpfgen]\n", "True"),
    ):
        project.write_text(text)
        run = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == loaded
