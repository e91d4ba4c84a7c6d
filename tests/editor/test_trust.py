"""Whose compiler the server runs: a project that anybody may have made doesn't decide that."""

from __future__ import annotations

import os
from select import select
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from bpfgen.commands.configuration import Configuration
from bpfgen.commands.trust import without_programs
from tests.editor.client import Editor

if TYPE_CHECKING:
    from pathlib import Path


def compiler(path: Path, started: Path) -> str:
    """Make a compiler at *path* that says in the pipe *started* that it runs, and fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {path} >{started}\nexit 1\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def first_run(
    place: Path, named: str, *words: str, options: object = None, settings: object = None
) -> tuple[str, list[str]]:
    """Return which compiler the server runs first if the project names *named*, and what it shows.

    The compilers are tools/clang and bin/clang-77 of the project, bin/clang-78 and clang of the
    user; the last is that of BPFGEN_CLANG.
    """
    started = place / "started"
    os.mkfifo(started)
    project, own = place / "project", place / "bin"
    compiler(project / "tools" / "clang", started)
    compiler(project / "bin" / "clang-77", started)
    compiler(own / "clang-78", started)
    environment = {
        "PATH": f"{project / 'bin'}{os.pathsep}{own}{os.pathsep}{os.environ['PATH']}",
        "BPFGEN_CLANG": compiler(own / "clang", started),
    }
    text = f'[tool.bpfgen]\ncache = false\nclang = "{named}"\n'
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    pipe = os.open(started, os.O_RDWR)
    try:
        with Editor(project, *words, options=options, environment=environment) as editor:
            if settings is not None:
                changed = types.DidChangeConfigurationParams(settings)
                editor.client.workspace_did_change_configuration(changed)
            for name in ("a.bpfmap", "b.bpfmap"):
                editor.open(name, "include <linux/in.h>;\nmap m: array<__u32, in_addr>[4];\n")
            assert select([pipe], [], [], 60)[0]
            program = os.read(pipe, 4096).decode().splitlines()[0]
            editor.diagnostics("a.bpfmap")
            editor.diagnostics("b.bpfmap")
    finally:
        os.close(pipe)
    return os.path.relpath(program, place), editor.shown


TRUSTED = {"trustProject": True}


@pytest.mark.parametrize("settings", [None, {"bpfgen": TRUSTED}])
def test_a_project_brings_no_compiler_along(tmp_path: Path, settings: object) -> None:
    """It is said once what isn't run, and how it would be; settings may be the project's, too."""
    program, shown = first_run(tmp_path, "tools/clang", settings=settings)
    assert program == "bin/clang"
    (said,) = shown
    assert said.startswith(f"{tmp_path}/project/pyproject.toml:3: `clang` is `tools/clang`, which ")
    assert "--trust-project" in said
    assert "`trustProject`" in said


@pytest.mark.parametrize(
    ("words", "options"),
    [(["--trust-project"], None), ([], TRUSTED), (["--config", "pyproject.toml"], None)],
)
def test_whoever_trusts_it_says_so(tmp_path: Path, words: list[str], options: object) -> None:
    """On the command line, or in what the editor begins with; a file that is named is trusted."""
    assert first_run(tmp_path, "tools/clang", *words, options=options) == (
        "project/tools/clang",
        [],
    )


def test_a_name_on_the_path_is_no_matter_of_trust(tmp_path: Path) -> None:
    """It says which of the user's compilers is meant."""
    assert first_run(tmp_path, "clang-78") == ("bin/clang-78", [])


@pytest.mark.parametrize(
    "named",
    [
        *("./clang", "/bin/clang", "clang-78 -v", "sh", "make", "clang-78;sh", "../bin/clang-78"),
        *("clang-77", "clang-76", "clang-75"),
    ],
)
def test_only_the_name_of_a_compiler_is_obeyed(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a path, not words, no other program; nor one that the PATH has in the project itself."""
    own, project = tmp_path / "own", tmp_path / "project"
    program = compiler(own / "clang-78", tmp_path / "started")
    compiler(project / "bin" / "clang-77", tmp_path / "started")
    compiler(project / "clang-75", tmp_path / "started")
    (own / "clang-76").symlink_to(project / "bin" / "clang-77")
    (tmp_path / "linked").symlink_to(project / "bin")
    monkeypatch.chdir(project)
    places = [str(project / "bin"), str(tmp_path / "linked"), ".", str(own), "/usr/bin", "/bin"]
    monkeypatch.setenv("PATH", os.pathsep.join(places))
    configuration = Configuration("pyproject.toml", clang=named, clang_line=7, kernel=(5, 4))
    obeyed, said = without_programs(configuration)
    assert (obeyed.clang, obeyed.kernel) == (None, (5, 4))
    assert f"pyproject.toml:7: `clang` is `{named}`, which is not run" in said
    right = Configuration("pyproject.toml", clang="clang-78", clang_line=7)
    assert without_programs(right) == (
        Configuration("pyproject.toml", clang=program, clang_line=7),
        "",
    )
    missing = Configuration("pyproject.toml", clang="clang-74", clang_line=7)
    assert without_programs(missing) == (missing, "")
