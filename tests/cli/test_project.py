"""`[[tool.bpfgen.outputs]]`: what `bpfgen` without inputs makes of a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.commands import UsageError
from bpfgen.commands.arguments import parsed
from bpfgen.commands.configuration import Configurations
from bpfgen.commands.settings import settings_of
from bpfgen.commands.watch import watch
from bpfgen.files.patterns import Disk, found

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome, Pipeline

    Run = Callable[..., Outcome]

SOURCE = "map m: hash<int, int>[4];\n"

PROJECT = """\
[tool.bpfgen]
inputs = ["maps/*.dsl"]
style = "modern"

[[tool.bpfgen.outputs]]
path = "gen/{stem}.h"

[[tool.bpfgen.outputs]]
path = "agent/{dir}/{stem}_maps.json"

[[tool.bpfgen.outputs]]
inputs = ["maps/a.dsl"]
path = "a.txt"
emit = "json"
style = "initializer"
"""

MADE = ["a.txt", "agent/maps/a_maps.json", "agent/maps/b_maps.json", "gen/a.h", "gen/b.h"]


@pytest.fixture(autouse=True)
def project(bpfgen: Run) -> None:  # noqa: ARG001 -- it makes the directory
    """Put a project with two sources where the runs are."""
    Path("maps").mkdir()
    for name in ("a", "b"):
        Path(f"maps/{name}.dsl").write_text(SOURCE)
    Path("pyproject.toml").write_text(PROJECT)


def made() -> list[str]:
    """Return the files that are none of the project's own."""
    paths = (str(path) for path in Path().rglob("*") if path.is_file())
    return sorted(path for path in paths if not path.endswith((".dsl", ".toml", ".d")))


def test_all_outputs_are_made(bpfgen: Run, pipeline: Pipeline) -> None:
    """Those of one source and style by one compilation, verified once."""
    outcome = bpfgen()
    assert (outcome.status, outcome.errors) == (0, "")
    assert made() == MADE
    assert Path("gen/a.h").read_text().startswith("header modern: ")
    assert Path("a.txt").read_text().startswith("json initializer: ")
    assert (pipeline.compiled, pipeline.built) == (3, 2)


def test_from_any_directory_of_the_project(bpfgen: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are relative to the file, wherever the command is called."""
    monkeypatch.chdir("maps")
    assert bpfgen("-v").errors.splitlines()[0] == "../gen/a.h: written"
    monkeypatch.chdir("..")
    assert made() == MADE


def test_another_file_names_other_outputs(bpfgen: Run) -> None:
    """`--config FILE` is the project then; `--no-config` has none."""
    Path("sub").mkdir()
    Path("sub/other.toml").write_text(
        '[tool.bpfgen]\noutputs = [{ inputs = ["../maps/a.dsl"], path = "x.h" }]\n'
    )
    assert bpfgen("--config", "sub/other.toml").status == 0
    assert made() == ["sub/x.h"]
    outcome = bpfgen("--no-config")
    assert outcome.status == 2
    assert "there is nothing to compile" in outcome.errors


def test_check_and_depfile_know_all_of_them(bpfgen: Run) -> None:
    """`--check` compares each, `--depfile` has one rule for all."""
    assert bpfgen("--depfile", "gen/all.d").status == 0
    rule = Path("gen/all.d").read_text().replace("\\\n ", "").partition("\n")[0]
    outputs, _, needed = rule.partition(": ")
    assert sorted(outputs.split()) == MADE
    assert set(needed.split()) == {"maps/a.dsl", "maps/b.dsl", "pyproject.toml"}
    assert bpfgen("--check").status == 0
    Path("gen/b.h").unlink()
    Path("a.txt").write_text("old\n")
    outcome = bpfgen("--check")
    assert outcome.status == 1
    assert "+++ gen/b.h" in outcome.output
    assert "+++ a.txt" in outcome.output


def test_one_source_that_is_wrong(bpfgen: Run) -> None:
    """Of it nothing is written; the others are."""
    Path("maps/b.dsl").write_text("bad\n")
    assert bpfgen().status == 1
    assert made() == [name for name in MADE if "b" not in name.rpartition("/")[2].partition(".")[0]]


def test_named_inputs_are_as_ever(bpfgen: Run) -> None:
    """The list is for runs without inputs."""
    assert bpfgen("maps/a.dsl", "-o", "own.h").status == 0
    assert made() == ["own.h"]
    outcome = bpfgen("-o", "own.h")
    assert outcome.status == 2
    assert "-o is for inputs, and none is named" in outcome.errors


def test_watching_a_project(bpfgen: Run, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A new source that a pattern finds is made, too; a list that is wrong ends nothing."""

    class Ended(BaseException):
        """The script is at its end."""

    changes = iter(
        (
            ("maps/c.dsl", SOURCE),
            ("pyproject.toml", "[[tool.bpfgen.outputs]]\n"),
            ("pyproject.toml", PROJECT.replace("gen/", "out/")),
        )
    )

    def wait() -> None:
        change = next(changes, None)
        if change is None:
            raise Ended
        Path(change[0]).write_text(change[1])

    with pytest.raises(Ended):
        watch(parsed("compile", []), None, wait)
    assert {"gen/c.h", "out/c.h"} <= set(made())
    assert b"this output has no `path`" in capfdbinary.readouterr().err
    Path("pyproject.toml").unlink()
    with pytest.raises(UsageError):
        watch(parsed("compile", []), None, wait)
    assert bpfgen().status == 2


@pytest.mark.parametrize(
    ("entry", "line", "message", "advice"),
    [
        ("", 3, "this output has no `path`", 'path = "gen/{stem}.h"'),
        ('path = "x.h"', 3, "this output has no `inputs`", "inputs = "),
        ('inputs = []\npath = "x.h"', 4, "`inputs` is a list of sources", "inputs = "),
        ('inputs = ["a"]\npath = 3', 5, "`path` is the path of a file", "path = "),
        ('inputs = ["a"]\npath = "x.foo"', 5, "doesn't say what to write", "end it in .h"),
        ('inputs = ["a"]\npath = "{name}.h"', 5, "has braces around something else", "path = "),
        ('inputs = ["a"]\npath = "../x.h"', 5, "below the directory of its file", "path = "),
        ('inputs = ["a"]\npath = "a/../../x.h"', 5, "below the directory of its file", ""),
        ('inputs = ["a"]\npath = "/tmp/x.h"', 5, "below the directory of its file", ""),
        ('inputs = ["a"]\npath = "x"\nemit = "jsn"', 6, "`emit` is no form", "header, object"),
        ('inputs = ["a"]\npath = "x.h"\nstlye = 1', 6, "`header` has no key `stlye`", "`style`"),
        ('inputs = ["a"]\npath = "x.h"\nstyle = "new"', 6, "`style` is one of", ""),
        ('inputs = ["a"]\npath = "x.h"\ntypes = "a"', 6, "`types` is a list of types", "types = "),
    ],
)
def test_a_mistake_in_the_list(
    entry: str, line: int, message: str, advice: str, bpfgen: Run
) -> None:
    """One error at its line, status 2, for every run of the project."""
    Path("pyproject.toml").write_text(
        f"[project]\n\n[[tool.bpfgen.outputs]]\n{entry}\n\n"
        '[[tool.bpfgen.outputs]]\ninputs = ["maps/a.dsl"]\npath = "y.h"\n'
    )
    for words in ((), ("maps/a.dsl",)):
        outcome = bpfgen(*words)
        assert outcome.status == 2
        assert outcome.errors.count("error[configuration]") == 1, outcome.errors
        assert message in outcome.errors
        assert advice in outcome.errors
        assert f"pyproject.toml:{line}:" in outcome.errors
        assert made() == []


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('inputs = ["no/*.dsl"]\npath = "{stem}.h"', "`no/*.dsl`, which finds nothing"),
        ('inputs = ["maps/*.dsl"]\npath = "x.h"', "`maps/a.dsl` and `maps/b.dsl` would both be"),
        ('inputs = ["../*.dsl"]\npath = "{dir}/x.h"', "which finds nothing"),
        ('inputs = ["maps/a.dsl"]\npath = "x.h"\ntypes = ["a"]', "`types` is for objects and C"),
    ],
)
def test_a_list_that_does_not_fit_the_files(entry: str, message: str, bpfgen: Run) -> None:
    """It is an error at its line, and only where the outputs are made."""
    Path("pyproject.toml").write_text(f"[[tool.bpfgen.outputs]]\n{entry}\n")
    outcome = bpfgen()
    assert outcome.status == 2
    assert message in outcome.errors
    assert "pyproject.toml:" in outcome.errors
    assert made() == []
    assert bpfgen("maps/a.dsl").status == 0


def test_outputs_that_clash(bpfgen: Run) -> None:
    """Two entries for one file, and an output that is a source, are refused before any is made."""
    two = '[[tool.bpfgen.outputs]]\ninputs = ["maps/a.dsl"]\npath = "x.h"\n'
    Path("pyproject.toml").write_text(two * 2)
    outcome = bpfgen()
    assert "would be one file" in outcome.errors
    assert "pyproject.toml:6:" in outcome.errors
    Path("pyproject.toml").write_text(two.replace("x.h", "maps/b.dsl") + 'emit = "header"\n')
    Path("pyproject.toml").write_text(
        Path("pyproject.toml").read_text().replace("maps/a.dsl", "maps/*.dsl")
    )
    assert bpfgen().status == 2
    assert Path("maps/b.dsl").read_text() == SOURCE


@pytest.mark.parametrize("path", ["lnk/x.h", "x.h", "lnk/{dir}/x.h"])
def test_a_symbolic_link_that_the_tree_brings(
    bpfgen: Run, tmp_path_factory: pytest.TempPathFactory, path: str
) -> None:
    """Nothing is written outside through one; one that stays inside is followed."""
    outside = tmp_path_factory.mktemp("outside")
    entry = f'[[tool.bpfgen.outputs]]\ninputs = ["maps/a.dsl"]\npath = "{path}"\n'
    Path("pyproject.toml").write_text(entry)
    link = Path(path.split("/", maxsplit=1)[0])
    link.symlink_to(outside if link.name == "lnk" else outside / "x.h")
    outcome = bpfgen()
    assert outcome.status == 2
    assert "`path` leads out of the project for `maps/a.dsl`" in outcome.errors
    assert "pyproject.toml:3:" in outcome.errors
    assert list(outside.iterdir()) == []
    link.unlink()
    Path("inside").mkdir()
    link.symlink_to("inside" if link.name == "lnk" else "inside/x.h")
    assert bpfgen().status == 0
    assert [each.name for each in Path("inside").rglob("*.h")] == ["x.h"]


def test_an_output_below_another(bpfgen: Run) -> None:
    """The one can't be a file while it is the other's directory."""
    entry = '[[tool.bpfgen.outputs]]\ninputs = ["maps/a.dsl"]\npath = "out/{}"\n'
    Path("pyproject.toml").write_text(entry.format("a.h") + entry.format("a.h/b.json"))
    outcome = bpfgen()
    assert outcome.status == 2
    assert "would be both an output and the directory of" in outcome.errors
    assert not Path("out").exists()


def test_what_patterns_find(bpfgen: Run) -> None:  # noqa: ARG001 -- it makes the directory
    """As in a shell, but for links to directories, and however often `**` is repeated."""
    for name in ("x.dsl", "maps/deep/er/c.dsl", ".hidden/d.dsl", "maps/.e.dsl", "maps/[f].dsl"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(SOURCE)
    Path("maps/loop").symlink_to("..")
    Path("maps/deep/loop").symlink_to(".")
    Path("maps/g.dsl").symlink_to("../x.dsl")
    visible = ["maps/[f].dsl", "maps/a.dsl", "maps/b.dsl", "maps/deep/er/c.dsl", "maps/g.dsl"]
    assert found("**/*.dsl", Disk(".")) == [*visible, "x.dsl"]
    assert found("**/" * 40 + "*.dsl", Disk(".")) == [*visible, "x.dsl"]
    assert found("**/*/" * 2 + "**/*.dsl", Disk(".")) == ["maps/deep/er/c.dsl"]
    assert found("./maps//**", Disk(".")) == visible
    assert found("*/*.dsl", Disk(".")) == [name for name in visible if "deep" not in name]
    assert found("maps/loop/*.dsl", Disk(".")) == ["maps/loop/x.dsl"]
    assert found("maps/[[]?].dsl", Disk(".")) == ["maps/[f].dsl"]
    assert found("[!a-m]aps/*.dsl", Disk(".")) == []
    assert found("maps/.*.dsl", Disk(".")) == ["maps/.e.dsl"]
    assert found(".*/*.dsl", Disk(".")) == [".hidden/d.dsl"]
    assert found("../*.dsl", Disk("maps")) == ["../x.dsl"]
    assert found(f"{Path.cwd()}/*.dsl", Disk("maps")) == [f"{Path.cwd()}/x.dsl"]


def test_names_that_are_like_something_else(bpfgen: Run) -> None:
    """A file that is called `-`, or like an option, is a file."""
    Path("maps/a.dsl").rename("-")
    Path("maps/b.dsl").rename("-o.dsl")
    Path("pyproject.toml").write_text(
        '[[tool.bpfgen.outputs]]\ninputs = ["-*"]\npath = "gen/{stem}.h"\n'
    )
    assert bpfgen().status == 0
    assert made() == ["-", "gen/-.h", "gen/-o.h"]


def test_an_output_takes_back_what_the_project_says(bpfgen: Run) -> None:
    """`false` and an empty list are as if nothing had been said."""
    Path("pyproject.toml").write_text(
        '[tool.bpfgen]\naccessors = true\nrust-derive = ["zerocopy"]\ninputs = ["maps/a.dsl"]\n'
        '[[tool.bpfgen.outputs]]\npath = "a.rs"\n'
        '[[tool.bpfgen.outputs]]\npath = "b.rs"\naccessors = false\nrust-derive = []\n'
    )
    configuration = Configurations().of_project()
    assert configuration is not None
    asked = [
        settings_of("rust", {}, (configuration.settings, output.settings))
        for output in configuration.outputs
    ]
    assert asked == [{"accessors": ("",), "rust-derive": ("zerocopy",)}, {}]
    assert settings_of("rust", {"rust-derive": ("aya",)}, (configuration.settings,)) == {
        "accessors": ("",),
        "rust-derive": ("zerocopy", "aya"),
    }
    assert bpfgen().status == 0


def test_a_warning_is_said_once_for_one_source(bpfgen: Run) -> None:
    """Compiled in two styles it is one source; an error of one is an error of both."""
    Path("maps/a.dsl").write_text("warn\n")
    outcome = bpfgen()
    assert outcome.status == 0
    assert outcome.errors.count("stub-warn") == 1
    Path("gen/a.h").unlink()
    Path("a.txt").unlink()
    outcome = bpfgen("-Werror")
    assert outcome.status == 1
    assert outcome.errors.count("stub-warn") == 1
    assert "a.txt" not in made()
    assert "gen/a.h" not in made()


def test_a_project_without_a_list(bpfgen: Run) -> None:
    """The advice names the list, and the file that could have it."""
    Path("pyproject.toml").write_text("[tool.bpfgen]\ncpus = 2\n")
    outcome = bpfgen()
    assert outcome.status == 2
    assert "list outputs in pyproject.toml: [[tool.bpfgen.outputs]]" in outcome.errors
