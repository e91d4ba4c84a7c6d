"""`bpfgen breaking` over many files that share types, maps and imports."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from bpfgen.sides.places import file_of
from tests.tools import clang_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.changes.conftest import Outcome
    from tests.git.repositories import Git

    Run = Callable[..., Outcome]

FLOWS = "map flows: hash<__u32, __u64>[16] { pinning = by_name; };\n"
OTHER = "map other: array<__u32, __u64>[4];\n"
COMMON = "struct v { __u32 a, b; };\n"
SWAPPED = "struct v { __u32 b, a; };\n"
C_MAP = """\
struct {{
	int (*type)[1];
	int (*max_entries)[16];
	unsigned int *key;
	{value} *value;
	{pinning}
}} {name} __attribute__((section(".maps"), used));
"""


def found(outcome: Outcome) -> dict[str, list[str]]:
    """Return the codes of the JSON's findings, by the path of the source."""
    record = json.loads(outcome.output)
    return {
        one["path"]: [finding["code"] for finding in one["findings"]]
        for one in record["sources"]
        if one["findings"]
    }


def test_a_map_of_two_files_is_gone_with_the_second(bpfgen: Run, repository: Git) -> None:
    """As long as a file of NEW defines it, its pin is in use."""
    repository.write(a_dsl=FLOWS + OTHER, b_dsl=FLOWS)
    repository.commit()
    words = ("breaking", "--against", "git:HEAD")
    repository.write(a_dsl=OTHER)
    assert bpfgen(*words).status == 0
    repository.write(a_dsl=FLOWS.replace("flows", "flows2") + OTHER)
    assert bpfgen(*words).status == 0
    os.unlink("a.dsl")
    outcome = bpfgen(*words)
    assert outcome.status == 0, outcome.errors
    os.unlink("b.dsl")
    repository.write(c_dsl="map counts: queue<__u64>[4];\n")
    outcome = bpfgen(*words, "--format", "json")
    assert found(outcome) == {
        "git:HEAD:./a.dsl": ["break-pin-gone"],
        "git:HEAD:./b.dsl": ["break-pin-gone"],
    }


def test_what_a_file_without_it_declares_extern_is_no_definition(
    bpfgen: Run, repository: Git
) -> None:
    """It is gone where the others only declare it."""
    repository.write(a_dsl=FLOWS + OTHER, b_dsl=f"extern {FLOWS}")
    repository.commit()
    repository.write(a_dsl=OTHER)
    assert found(bpfgen("breaking", "--against", "git:HEAD", "--format", "json")) == {
        "a.dsl": ["break-pin-gone"]
    }


def shared(git: Git) -> None:
    """Have three sources use the struct of a fourth, also by a way round."""
    git.put("common.dsl", COMMON)
    for name, way in (("a", ""), ("b", "sub/../"), ("sub/c", "../")):
        map = f"map m{name[-1]}: hash<__u32, v>[8];\n"
        git.put(f"{name}.dsl", f'import "{way}common.dsl";\n{map}')
    git.commit()
    git.put("common.dsl", SWAPPED)


def test_what_three_files_import_breaks_once(bpfgen: Run, repository: Git) -> None:
    """With the maps of all, where it stands."""
    shared(repository)
    outcome = bpfgen("breaking", "--against", "git:HEAD")
    assert outcome.status == 1
    assert outcome.errors.count("error[") == 1
    assert "this concerns maps `ma`, `mb`, `mc`" in outcome.errors
    assert "it is the same in `b.dsl`, `sub/c.dsl`" in outcome.errors
    assert outcome.output.splitlines()[-1].startswith("4 sources: 1 finding of layout")
    record = json.loads(bpfgen("breaking", "--against", "git:HEAD", "--format", "json").output)
    (finding,) = [finding for one in record["sources"] for finding in one["findings"]]
    assert finding["maps"] == ["ma", "mb", "mc"]
    assert finding["also_in"] == ["b.dsl", "sub/c.dsl"]


def test_the_same_words_at_other_places_are_two_findings(bpfgen: Run, repository: Git) -> None:
    """Two structs of one name, each in its file: both are to be mended."""
    text = "{}map m{}: hash<__u32, v>[8];\n"
    repository.write(a_dsl=text.format(COMMON, 1), b_dsl=text.format(COMMON, 2))
    repository.commit()
    repository.write(a_dsl=text.format(SWAPPED, 1), b_dsl=text.format(SWAPPED, 2))
    outcome = bpfgen("breaking", "--against", "git:HEAD", "--format", "json")
    assert found(outcome) == {
        "a.dsl": ["break-layout-offset"],
        "b.dsl": ["break-layout-offset"],
    }


def test_what_one_file_has_ignored_is_told_of_the_next(bpfgen: Run, repository: Git) -> None:
    """A pattern of the project speaks of its own files."""
    repository.put(
        "pyproject.toml",
        '[tool.bpfgen]\ninputs = ["a.dsl", "b.dsl"]\n'
        '[tool.bpfgen.breaking.ignore]\n"a.dsl" = ["layout"]\n',
    )
    shared(repository)
    outcome = bpfgen("breaking", "--against", "git:HEAD", "--format", "json")
    assert found(outcome) == {"b.dsl": ["break-layout-offset"]}


def test_files_of_c_share_a_header(bpfgen: Run, repository: Git) -> None:
    """Its struct breaks once; the include that one of them drops takes no pin away."""
    clang_program()
    repository.put("v.h", "struct v { unsigned int a, b; };\n")
    pinned = C_MAP.format(name="flows", value="struct v", pinning="int (*pinning)[1];")
    repository.put("maps.h", f'#include "v.h"\n{pinned}')
    own = C_MAP.format(name="own", value="long", pinning="")
    for name in ("a", "b", "c"):
        repository.put(f"{name}.bpf.c", f'#include "maps.h"\n{own.replace("own", f"m{name}")}')
    repository.commit()
    words = ("breaking", "*.bpf.c", "--against", "git:HEAD")
    repository.put("a.bpf.c", own.replace("own", "ma"))
    assert bpfgen(*words).status == 0
    repository.put("v.h", "struct v { unsigned int b, a; };\n")
    outcome = bpfgen(*words)
    assert outcome.status == 1
    assert outcome.errors.count("error[") == 1
    assert "this concerns map `flows`" in outcome.errors


def test_programs_are_given_paths_of_files(bpfgen: Run, repository: Git) -> None:
    """Without a way round, and without a revision, which the text has."""
    shared(repository)
    words = ("breaking", "b.dsl", "--against", "git:HEAD", "--diagnostics")
    said = bpfgen(*words, "github").errors
    assert "::error file=common.dsl,line=1," in said
    assert "%0Acommon.dsl:1: was `__u32` at byte 0 in HEAD" in said
    (run,) = json.loads(bpfgen(*words, "sarif").errors)["runs"]
    (result,) = run["results"]
    places = [*result["locations"], *result["relatedLocations"]]
    uris = [one["physicalLocation"]["artifactLocation"]["uri"] for one in places]
    assert uris == ["common.dsl", "common.dsl"]
    assert result["relatedLocations"][0]["message"]["text"].endswith(" in HEAD")


@pytest.mark.usefixtures("bpfgen")
def test_the_path_of_a_file() -> None:
    """`..` goes, but not where it leads out of a symbolic link."""
    os.makedirs("elsewhere/deep")
    os.makedirs("sub")
    os.symlink("elsewhere/deep", "link")
    for name, path in (
        ("sub/../common.dsl", "common.dsl"),
        ("./common.dsl", "common.dsl"),
        ("gone/../common.dsl", "common.dsl"),
        ("/a/../b.dsl", "/b.dsl"),
        ("link/../common.dsl", "link/../common.dsl"),
        ("git:HEAD:./a.dsl", "a.dsl"),
        ("git:HEAD^{/fix: it}:maps/sub/../a.dsl", "maps/a.dsl"),
        ("./git:HEAD:a.dsl", "git:HEAD:a.dsl"),
    ):
        assert file_of(name) == path


def test_a_directory_that_has_no_old_side(bpfgen: Run, tmp_path: Path) -> None:
    """The wrong level, or an empty one, is an error; a new file beside old ones is new."""
    for path in ("maps/a.dsl", "base/maps/a.dsl"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(FLOWS)
    (tmp_path / "empty").mkdir()
    outcome = bpfgen("breaking", "maps", "--against", f"{tmp_path}/base/maps")
    assert outcome.status == 2
    assert f"--against {tmp_path}/base\n" in outcome.errors
    assert bpfgen("breaking", "maps", "--against", "base").status == 0
    for words in (
        ("maps", "--against", "empty"),
        ("maps/a.dsl", "--against", "empty"),
        ("maps/*.dsl", "--against", "base/maps"),
        ("empty", "maps"),
    ):
        outcome = bpfgen("breaking", *words)
        assert outcome.status == 2, words
        assert "has nothing that could be OLD" in outcome.errors
    outcome = bpfgen("breaking", "maps", "--against", ".")
    assert outcome.status == 0
    (tmp_path / "maps/new.dsl").write_text(OTHER)
    outcome = bpfgen("breaking", "maps/new.dsl", "--against", "base")
    assert outcome.status == 0
    assert "1 source is new" in outcome.errors


def test_a_directory_below_is_the_right_one(
    bpfgen: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stands in `maps` names the `maps` of the other checkout."""
    for path in ("maps/a.dsl", "base/maps/a.dsl"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(FLOWS)
    monkeypatch.chdir("maps")
    outcome = bpfgen("breaking", "--against", "../base")
    assert outcome.status == 2
    assert "--against ../base/maps\n" in outcome.errors
    assert bpfgen("breaking", "--against", "../base/maps").status == 0


def test_a_revision_without_sources(bpfgen: Run, repository: Git) -> None:
    """The first maps of a repository break nothing, and no maps don't either."""
    words = ("breaking", "--against", "git:HEAD")
    outcome = bpfgen(*words)
    assert outcome.status == 0, outcome.errors
    assert "no source is here, nor was in git:HEAD" in outcome.errors
    repository.put("maps/a.dsl", FLOWS)
    outcome = bpfgen(*words)
    assert (outcome.status, outcome.errors) == (
        0,
        "note: nothing of this was in git:HEAD: 1 source is new\n",
    )
    assert bpfgen("breaking", "maps", "--against", "git:HEAD").status == 0
    assert bpfgen("breaking", "--against", "git:HEAD~1").status == 2
    assert bpfgen("breaking", "git:HEAD:maps/a.dsl", "maps/a.dsl").status == 2
    os.unlink("maps/a.dsl")
    repository.put("readme.md", "")
    repository.commit()
    assert bpfgen(*words).status == 0
    assert bpfgen("breaking", "nowhere", "--against", "git:HEAD").status == 2
    assert bpfgen("breaking", "nowhere/*.dsl", "--against", "git:HEAD").status == 2
    repository.put("pyproject.toml", '[tool.bpfgen]\ninputs = ["maps/*.dsl"]\n')
    assert bpfgen(*words).status == 0
    assert json.loads(bpfgen(*words, "--format", "json").output)["sources"] == []
    repository.put("maps/a.dsl", FLOWS)
    outcome = bpfgen(*words)
    assert outcome.status == 0
    assert "1 source is new" in outcome.errors


def test_the_summary_names_what_could_not_be_compared(bpfgen: Run, repository: Git) -> None:
    """It isn't among those of which nothing breaks."""
    repository.write(a_dsl=FLOWS, b_dsl=OTHER, c_dsl=COMMON)
    repository.commit()
    repository.write(b_dsl="map other: array<__u32, nothing>[4];\n")
    outcome = bpfgen("breaking", "--against", "git:HEAD")
    assert outcome.status == 2
    assert outcome.output.splitlines() == [
        "b.dsl against git:HEAD:./b.dsl: can't be compared",
        "2 of 3 sources: nothing breaks of pin, layout, inner",
    ]


def test_findings_are_counted_wherever_they_are(bpfgen: Run, repository: Git) -> None:
    """One without a place, too."""
    repository.write(a_dsl=FLOWS)
    repository.commit()
    repository.write(a_dsl=OTHER)
    errors = bpfgen("breaking", "--against", "git:HEAD").errors
    assert errors.startswith("error[break-pin-gone]: a.dsl: map `flows`")
    assert errors.endswith("\n1 error\n")


def test_a_name_in_pinned_that_no_map_has(bpfgen: Run, repository: Git) -> None:
    """It is a slip, or of the past; of single files it says nothing."""
    table = '[tool.bpfgen]\ninputs = ["*.dsl"]\n[tool.bpfgen.breaking]\n'
    repository.put("pyproject.toml", f'{table}pinned = ["other", "f*", "flws"]\n')
    repository.write(a_dsl=FLOWS, b_dsl=OTHER)
    repository.commit()
    words = ("breaking", "--against", "git:HEAD")
    outcome = bpfgen(*words)
    assert outcome.status == 0
    assert outcome.errors.count("warning[configuration]") == 1
    assert "has `flws`, and no map is called so" in outcome.errors
    assert "did you mean `flows`?" in outcome.errors
    assert bpfgen(*words, "-W", "no-configuration").errors == ""
    assert bpfgen(*words, "-Werror=configuration").status == 1
    assert bpfgen("breaking", "b.dsl", "--against", "git:HEAD").errors == ""


def test_an_error_of_an_import_is_reported_once(bpfgen: Run, repository: Git) -> None:
    """However many files import it."""
    shared(repository)
    repository.put("common.dsl", "struct v { __u32 a; nothing b; };\n")
    outcome = bpfgen("breaking", "--against", "git:HEAD")
    assert outcome.status == 2
    assert outcome.errors.count("error[unknown-type]") == 1
