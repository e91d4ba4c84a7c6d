"""What docs/builds.md shows is what the tests build; what no project has is tried here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.integrations.workplace import copy_project
from tests.tools import CHECKOUT, require

if TYPE_CHECKING:
    from tests.integrations.workplace import Workplace

PAGE = (CHECKOUT / "docs" / "builds.md").read_text()
FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(block["language"], block["text"]) for block in FENCE.finditer(PAGE)]

PROJECT_FILES = {
    "cmake": ("cmake/CMakeLists.txt",),
    "go": ("agents/go/main.go",),
    "make": ("make/Makefile", "agents/c/Makefile"),
    "meson": ("meson/meson.build",),
    "ninja": ("ninja/build.ninja",),
    "python": ("agents/python/hatch_build.py",),
    "rust": ("agents/rust/build.rs", "agents/rust/src/main.rs"),
    "toml": ("agents/python/pyproject.toml",),
}


@pytest.mark.parametrize("language", sorted(PROJECT_FILES))
def test_the_page_shows_pieces_of_the_projects(language: str) -> None:
    """Each block of a build language is in its project to the letter, but for make's short form."""
    shown = [text for found, text in BLOCKS if found == language]
    if language == "make":
        del shown[0]
    projects = CHECKOUT / "samples" / "projects"
    files = [(projects / name).read_text() for name in PROJECT_FILES[language]]
    assert shown
    for text in shown:
        assert any(text in file for file in files), text


def test_the_short_form_for_make(workplace: Workplace) -> None:
    """It builds, sees changes of imports, and is done after each build."""
    make = require("make")
    source = workplace.directory / "source"
    copy_project("make", source)
    short = next(text for language, text in BLOCKS if language == "make")
    everything = "all: build/execs.bpf.o build/exits.bpf.o\n\n"
    (source / "Makefile").write_text(everything + short)
    built = workplace.run(make, "-j4", directory="source")
    assert built.returncode == 0, built.stdout
    assert len(workplace.ran()) == len(["task.h", "execs.h", "exits.h", "execs", "exits"])
    assert workplace.run(make, "-q", directory="source").returncode == 0

    imported = source / "task.dsl"
    imported.write_text(f"{imported.read_text()}struct added {{ __u32 member; }};\n")
    assert workplace.run(make, directory="source").returncode == 0
    assert workplace.ran() == ["bpfgen execs.h", "bpfgen task.h", "clang execs.bpf.o"]
    assert workplace.run(make, "-q", directory="source").returncode == 0

    text = (source / "execs.dsl").read_text().replace('import "task.dsl";', "")
    (source / "execs.dsl").write_text(text.replace("struct task who;", "__u32 pid, uid;"))
    imported.unlink()
    again = workplace.run(make, "build/execs.h", directory="source")
    assert again.returncode == 0, again.stdout
