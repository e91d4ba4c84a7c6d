"""`bpfgen breaking` in a repository whose pyproject.toml says what is compared with what."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.changes.conftest import Outcome
    from tests.git.repositories import Git

    Run = Callable[..., Outcome]

TABLE = """\
[tool.bpfgen]
inputs = ["maps/*.dsl"]

[tool.bpfgen.breaking]
categories = ["pin", "layout"]
pinned = ["hits"]
against = "git:main"

[tool.bpfgen.breaking.ignore]
"maps/lax.dsl" = ["break-layout-width"]
"""
HITS = "map hits: percpu_array<__u32, __u64>[4];\n"
STATS = "struct stats { __u64 packets; };\nmap stats: hash<__u32, stats>[8];\n"
LAX = "struct lax { __u64 packets; };\nmap lax: hash<__u32, lax>[8];\n"


@pytest.fixture
def project(repository: Git) -> Git:
    """Return a repository with sources, in which the test runs."""
    git = repository
    git.put("pyproject.toml", TABLE)
    git.put("maps/hits.dsl", HITS)
    git.put("maps/stats.dsl", STATS)
    git.put("maps/lax.dsl", LAX)
    git.put("elsewhere/other.dsl", STATS)
    git.commit()
    return git


def found(outcome: Outcome) -> dict[str, list[str]]:
    """Return the codes of the JSON's findings, by the path of the source."""
    record = json.loads(outcome.output)
    return {
        one["path"]: [finding["code"] for finding in one["findings"]] for one in record["sources"]
    }


def test_the_project_says_it_all(bpfgen: Run, project: Git) -> None:
    """Without operands its sources are compared with what it names, a file that is gone too."""
    assert bpfgen("breaking").status == 0
    for name, text in (("stats", STATS), ("lax", LAX)):
        project.put(f"maps/{name}.dsl", text.replace("__u64 packets", "__u32 packets"))
    project.put("elsewhere/other.dsl", "map other: queue<__u64>[8];\n")
    os.unlink("maps/hits.dsl")
    outcome = bpfgen("breaking", "--format", "json")
    assert outcome.status == 1
    assert found(outcome) == {
        "git:main:maps/hits.dsl": ["break-pin-gone"],
        "maps/lax.dsl": [],
        "maps/stats.dsl": ["break-layout-width"],
    }
    ignored = [len(one["ignored"]) for one in json.loads(outcome.output)["sources"]]
    assert ignored == [0, 1, 0]
    assert bpfgen("breaking").output.splitlines() == [
        "git:main:maps/hits.dsl (gone): 1 finding of pin; none of layout",
        "maps/stats.dsl against git:main:maps/stats.dsl: 1 finding of layout; none of pin",
        "3 sources: 2 findings, 1 of pin, 1 of layout; 1 ignored",
    ]


def test_two_operands_are_old_and_new(bpfgen: Run, project: Git) -> None:
    """Whatever the project has to say of others; three are files of now."""
    project.put("maps/lax.dsl", LAX.replace("__u64", "__u16"))
    two = bpfgen("breaking", "maps/stats.dsl", "elsewhere/other.dsl", "--format", "json")
    assert found(two) == {"elsewhere/other.dsl": []}
    three = ["maps/lax.dsl", "maps/stats.dsl", "elsewhere/other.dsl"]
    outcome = bpfgen("breaking", *three, "--categories", "layout", "--format", "json")
    assert list(found(outcome)) == three
    assert outcome.status == 0  # ignored


def test_the_command_line_wins(bpfgen: Run, project: Git) -> None:
    """Another revision and other categories; --all asks for each."""
    project.put("maps/stats.dsl", STATS.replace("packets", "frames"))
    project.commit()
    words = ("--against", "git:main~1", "--format", "json")
    assert json.loads(bpfgen("breaking", *words).output)["categories"] == ["pin", "layout"]
    assert bpfgen("breaking", *words).status == 0
    outcome = bpfgen("breaking", *words, "--categories", "source")
    assert found(outcome)["maps/stats.dsl"] != []
    outcome = bpfgen("breaking", *words, "--all")
    assert json.loads(outcome.output)["categories"] == ["pin", "layout", "inner", "link", "source"]


def test_annotations_are_in_files_that_there_are(bpfgen: Run, project: Git) -> None:
    """A revision is no part of the path that a program is given, whichever side it is of."""
    project.put("maps/stats.dsl", STATS.replace("__u64", "__u32"))
    os.unlink("maps/hits.dsl")
    project.commit()
    words = ("git:main:maps", "--against", "git:main~1", "--diagnostics", "github")
    outcome = bpfgen("breaking", *words)
    files = [line.partition("file=")[2].partition(",")[0] for line in outcome.errors.splitlines()]
    assert files == ["maps/hits.dsl", "maps/stats.dsl"]
