"""The hooks of .pre-commit-hooks.yaml do what docs/builds.md says, in a repository of git's.

They are run as pre-commit runs them: the entry, its arguments, then the names of the files.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.tools import CHECKOUT, require

if TYPE_CHECKING:
    import subprocess

    from tests.integrations.workplace import Workplace

HOOKS = (CHECKOUT / ".pre-commit-hooks.yaml").read_text()


def _hook(name: str) -> dict[str, str]:
    """Return what is said of a hook; a member a line is all the YAML that the file has."""
    _, found, rest = HOOKS.partition(f"\n- id: {name}\n")
    assert found
    members = re.findall(r"^  (\w+): (.*)$", rest.partition("\n\n")[0], re.MULTILINE)
    return dict(members)


@pytest.fixture
def repository(workplace: Workplace) -> Workplace:
    """A repository with two sources, in a directory and below it, and their headers."""
    maps = workplace.directory / "maps"
    (maps / "deep").mkdir(parents=True)
    (maps / "common.dsl").write_text("const N = 4;\n")
    (maps / "deep" / "flows.dsl").write_text(
        'import "../common.dsl";\nmap flows: array<__u32, __u64>[N];\n'
    )
    made = workplace.run("bpfgen", "maps/common.dsl", "maps/deep/flows.dsl", "--out-dir", ".")
    assert made.returncode == 0, made.stdout
    for words in (["init", "--quiet"], ["add", "--all"]):
        assert workplace.run(require("git"), *words).returncode == 0
    return workplace


def _run(place: Workplace, name: str, arguments: list[str] | None = None) -> tuple[int, str]:
    """Run a hook over all files that it wants; return its status and what it said."""
    hook = _hook(name)
    assert hook["language"] == "python"
    listed = place.run(require("git"), "ls-files").stdout.splitlines()
    files = [path for path in listed if re.search(hook["files"], path)]
    assert files
    if hook.get("pass_filenames") == "false":
        files = []
    if arguments is None:
        arguments = hook.get("args", "[]").strip("[]").replace(",", "").split()
    done: subprocess.CompletedProcess[str] = place.run(
        *shlex.split(hook["entry"]), *arguments, *files
    )
    return done.returncode, done.stdout


def test_files_of_other_languages_are_left_alone(repository: Workplace) -> None:
    """A `.dsl` that looks like none of ours; one of ours that is broken is an error."""
    other = repository.directory / "maps" / "deep" / "other.dsl"
    other.write_text("workspace {\n    model {}\n}\n")
    own = repository.directory / "maps" / "own.bpfmap"
    own.write_text("const M = 1;\n")
    assert repository.run(require("git"), "add", "--all").returncode == 0
    for name in ("bpfgen", "bpfgen-fmt"):
        assert _run(repository, name) == (0, "")
    assert other.read_text().startswith("workspace {\n    model {}")
    status, said = _run(repository, "bpfgen-check")
    assert status != 0
    assert "own.h" in said
    assert "other" not in said
    other.write_text("stuct s { int a; };\nmap broken: hash<int, int>[1];\n")
    status, said = _run(repository, "bpfgen")
    assert status == 1
    assert "other.dsl:1:1" in said


def test_the_sources_are_checked(repository: Workplace) -> None:
    """Good sources pass; a rule that is broken is told; nothing is written."""
    assert _run(repository, "bpfgen") == (0, "")
    flows = repository.directory / "maps" / "deep" / "flows.dsl"
    flows.write_text("map flows: array<__u64, __u64>[4];\n")
    status, said = _run(repository, "bpfgen")
    assert status == 1
    assert "error[map-key-size]" in said
    assert "maps/deep/flows.dsl:1:18" in said


def test_the_sources_are_formatted(repository: Workplace) -> None:
    """Sources in the style pass and stay; one that isn't is rewritten, or shown."""
    assert _run(repository, "bpfgen-fmt") == (0, "")
    flows = repository.directory / "maps" / "deep" / "flows.dsl"
    right = flows.read_text()
    flows.write_text(right.replace(": array", ":array"))
    status, said = _run(repository, "bpfgen-fmt", ["--diff"])
    assert status == 1
    assert "+map flows: array" in said
    assert _run(repository, "bpfgen-fmt") == (0, "")
    assert flows.read_text() == right


def test_headers_that_are_not_current_are_shown(repository: Workplace) -> None:
    """Headers beside their sources pass; one that was edited, or whose import changed, doesn't."""
    assert _run(repository, "bpfgen-check") == (0, "")
    header = repository.directory / "maps" / "deep" / "flows.h"
    right = header.read_text()
    header.write_text(right.replace("__uint(max_entries, N)", "__uint(max_entries, 5)"))
    status, said = _run(repository, "bpfgen-check")
    assert status != 0
    assert "-\t__uint(max_entries, 5);" in said
    assert "+\t__uint(max_entries, N);" in said
    header.write_text(right)
    (repository.directory / "maps" / "common.dsl").write_text("const N = 8;\n")
    status, said = _run(repository, "bpfgen-check")
    assert status != 0
    assert "+#define N 8" in said


def test_headers_may_have_a_directory_of_their_own(repository: Workplace) -> None:
    """As the page shows it: `args` replaces where the hook looks."""
    arguments = ["--out-dir", "include", "--base", "maps"]
    status, said = _run(repository, "bpfgen-check", arguments)
    assert status != 0
    assert "+++ include/deep/flows.h" in said
    words = ["maps/common.dsl", "maps/deep/flows.dsl", *arguments]
    assert repository.run("bpfgen", *words).returncode == 0
    assert _run(repository, "bpfgen-check", arguments) == (0, "")


def test_what_a_commit_breaks_is_told(repository: Workplace) -> None:
    """What is about to be committed is compared with HEAD; `args` names another revision."""
    git = require("git")
    author = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    assert repository.run(git, *author, "commit", "--quiet", "-m", "first").returncode == 0
    assert _run(repository, "bpfgen-breaking")[0] == 0
    flows = repository.directory / "maps" / "deep" / "flows.dsl"
    flows.write_text("struct v { __u32 a; __u32 b; };\nmap flows: array<__u32, v>[4];\n")
    status, said = _run(repository, "bpfgen-breaking")
    assert status == 1
    assert "error[break-layout-" in said
    assert "git:HEAD:maps/deep/flows.dsl:2:" in said
    assert repository.run(git, *author, "commit", "--quiet", "-am", "second").returncode == 0
    assert _run(repository, "bpfgen-breaking")[0] == 0
    assert _run(repository, "bpfgen-breaking", ["--against", "git:HEAD~1"])[0] == 1


def test_a_repository_that_has_no_maps_yet(workplace: Workplace) -> None:
    """The hook always runs: before the first commit, and before there is a source."""
    git = require("git")
    author = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    assert workplace.run(git, "init", "--quiet").returncode == 0
    hook = shlex.split(f"{_hook('bpfgen-breaking')['entry']} --against git:HEAD")

    def status() -> int:
        assert workplace.run(git, "add", "--all").returncode == 0
        return workplace.run(*hook).returncode

    assert status() == 0
    (workplace.directory / "readme.md").write_text("maps\n")
    assert status() == 0
    assert workplace.run(git, *author, "commit", "--quiet", "-m", "first").returncode == 0
    assert status() == 0
    (workplace.directory / "maps.dsl").write_text("map flows: array<__u32, __u64>[4];\n")
    assert status() == 0
