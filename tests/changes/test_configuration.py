"""`[tool.bpfgen.breaking]`: what is compared, and what isn't reported of which files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.finding import Finding, Side
from bpfgen.changes.rules import RULES, Rule
from bpfgen.commands.configuration import Configurations
from bpfgen.commands.configured_breaking import ConfiguredBreaking
from bpfgen.files.patterns import Disk, fits_path, found
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.changes.conftest import Outcome

    Run = Callable[..., Outcome]

TABLE = """\
[tool.bpfgen.breaking]
categories = ["layout", "pin"]
pinned = ["flows", "by_*"]
against = "../before"

[tool.bpfgen.breaking.ignore]
"experimental/**" = ["layout"]
"""


def configured(text: str, directory: Path) -> ConfiguredBreaking | None:
    """Return what a project that says *text* has compared."""
    (directory / "pyproject.toml").write_text(text, encoding="utf-8")
    configuration = Configurations().of("maps/maps.dsl")
    assert configuration is not None
    assert configuration.diagnostics == ()
    return configuration.breaking


def test_what_the_table_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each key; a directory is relative to the file, and a revision is none."""
    (tmp_path / "project/maps").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project/maps")
    assert configured(TABLE, tmp_path / "project") == ConfiguredBreaking(
        ("layout", "pin"),
        ("flows", "by_*"),
        "../../before",
        (("experimental/**", ("layout",)),),
    )
    revision = '[tool.bpfgen]\nbreaking = { against = "git:main..." }\n'
    assert configured(revision, tmp_path / "project") == ConfiguredBreaking(against="git:main...")


@pytest.mark.parametrize(
    ("line", "culprit", "said"),
    [
        ('categories = ["pan"]', "categories", "did you mean `pin`?"),
        ("categories = []", "categories", '= help: categories = ["pin", "layout"], or'),
        ('categories = "pin"', "categories", '= help: categories = ["pin", "layout"]'),
        ("pinned = [1]", "pinned", '= help: pinned = ["flows", "*"]'),
        ("against = 3", "against", '= help: against = "git:main..."'),
        ('agianst = "git:main"', "agianst", "did you mean `against`?"),
        ('ignore = ["layout"]', "ignore", "is a table of patterns"),
        ('ignore = { "*.dsl" = "layout" }', "ignore", "no list of codes"),
        ('ignore = { "*.dsl" = ["layuot"] }', "ignore", "did you mean `layout`?"),
    ],
)
def test_what_is_wrong_with_it(bpfgen: Run, line: str, culprit: str, said: str) -> None:
    """The key is underlined, and the advice is what to type."""
    text = f"[tool.bpfgen]\n\n[tool.bpfgen.breaking]\n{line}\n"
    Path("pyproject.toml").write_text(text, encoding="utf-8")
    outcome = bpfgen("breaking", "a.dsl", "b.dsl")
    assert outcome.status == 2
    assert "error[configuration]" in outcome.errors
    assert f"4 | {line}" in outcome.errors
    assert f"| {'^' * len(culprit)}" in outcome.errors
    assert said in outcome.errors


def test_it_is_a_table(bpfgen: Run) -> None:
    """Anything else under its name is refused."""
    Path("pyproject.toml").write_text('[tool.bpfgen]\nbreaking = "git:main"\n', encoding="utf-8")
    outcome = bpfgen("breaking", "a.dsl", "b.dsl")
    assert outcome.status == 2
    assert "headed [tool.bpfgen.breaking]" in outcome.errors


def test_what_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its code or its category, in the files that the pattern finds."""
    monkeypatch.setitem(RULES, "break-pin-gone", Rule("break-pin-gone", "pin", "the map"))
    monkeypatch.setitem(RULES, "break-pin-kind", Rule("break-pin-kind", "pin", "the kind"))
    gone, kind = (
        Finding(code, "", Side(), Side(), Subject("map", "flows"))
        for code in ("break-pin-gone", "break-pin-kind")
    )
    ignore = (("maps/*.dsl", ("break-pin-gone",)), ("old/**", ("pin",)))
    table = ConfiguredBreaking(ignore=ignore)
    assert table.ignores(gone, ["maps/a.dsl"])
    assert not table.ignores(kind, ["maps/a.dsl"])
    assert not table.ignores(gone, ["maps/deep/a.dsl"])
    assert table.ignores(kind, ["main.dsl", "old/deep/a.dsl"])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.dsl", {"a.dsl"}),
        ("**", {"a.dsl", "x/b.dsl", "x/y/c.dsl", "x/y/z/d.h"}),
        ("**/*.dsl", {"a.dsl", "x/b.dsl", "x/y/c.dsl"}),
        ("x/**/*.dsl", {"x/b.dsl", "x/y/c.dsl"}),
        ("x/**/y/*", {"x/y/c.dsl"}),
        ("**/y/**/[cd].*", {"x/y/c.dsl", "x/y/z/d.h"}),
        ("x/**/**/d.h", {"x/y/z/d.h"}),
        ("x", set()),
        ("**/.hidden/*", {"x/.hidden/e.dsl"}),
        ("x/?/c.dsl", {"x/y/c.dsl"}),
    ],
)
def test_a_path_fits_a_pattern_that_finds_it(
    tmp_path: Path, pattern: str, expected: set[str]
) -> None:
    """What is looked for on the disk and what is asked of a path are one thing."""
    paths = ["a.dsl", "x/b.dsl", "x/y/c.dsl", "x/y/z/d.h", "x/.hidden/e.dsl"]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert set(found(pattern, Disk(str(tmp_path)))) == expected
    assert {path for path in paths if fits_path(path, pattern)} == expected
