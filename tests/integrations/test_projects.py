"""The sample projects, built by the real tools: everything once, then only what has to be.

What was run is known from the programs' own record, so that no tool is taken at its word.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integrations.build_tools import BUILD_TOOLS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integrations.build_tools import BuildTool
    from tests.integrations.workplace import Workplace

WRONG = "map wrong: array<__u64, __u32>[16];\n"


@pytest.fixture(params=BUILD_TOOLS, ids=lambda tool: tool.name)
def tool(request: pytest.FixtureRequest, workplace: Workplace) -> BuildTool:
    """One of the build tools, with its project ready to be built."""
    made: Callable[[Workplace], BuildTool] = request.param
    ready = made(workplace)
    ready.prepare()
    workplace.ran()
    return ready


def _steps(program: str) -> list[str]:
    """Return what comes behind the header of a program."""
    made = f"{program}.bpf.o"
    return [f"clang {made}", f"verify {made}", f"skeleton {program}"]


def test_a_project_is_built_once(tool: BuildTool) -> None:
    """A wrong source fails the build with our words, and leaves no header; mended, it builds.

    Everything is then made once, though steps run side by side; after that there is nothing to do.
    """
    source = tool.dsl(tool.importing)
    right = source.read_text()
    source.write_text(right + WRONG)
    failed = tool.build()
    assert failed.returncode != 0
    assert "error[map-key-size]" in failed.stdout
    assert tool.made(f"{tool.importing}.h") is None
    assert tool.made(f"{tool.importing}.bpf.o") is None
    assert not tool.is_done()

    source.write_text(right)
    made = tool.build()
    assert made.returncode == 0, made.stdout
    again = [step for step in tool.place.ran() if step != f"bpfgen {tool.importing}.h"]
    once = [f"bpfgen {name}.h" for name in (tool.imported, tool.other)]
    assert again == sorted([*once, *_steps(tool.importing), *_steps(tool.other)])

    assert tool.is_done()
    assert tool.build().returncode == 0
    assert tool.place.ran() == []


def test_only_what_depends_on_a_change_is_built(tool: BuildTool) -> None:
    """A change of an import reaches its importer and that one's program, and no other.

    A time alone, or a comment, reaches the header; what includes it is left alone by every tool
    that looks at a file again after making it.
    """
    first = tool.build()
    assert first.returncode == 0, first.stdout
    tool.place.ran()
    imported = tool.dsl(tool.imported)
    headers = [f"bpfgen {name}.h" for name in (tool.imported, tool.importing)]
    all_steps = sorted([*headers, *_steps(tool.importing)])
    same_bytes = sorted(headers) if tool.restat else all_steps

    os.utime(imported)
    assert tool.build().returncode == 0
    assert tool.place.ran() == same_bytes
    assert tool.is_done()

    imported.write_text(f"{imported.read_text()}\n// Nothing that the header would show.\n")
    assert tool.build().returncode == 0
    assert tool.place.ran() == same_bytes
    assert tool.is_done()

    imported.write_text(f"{imported.read_text()}\nstruct added {{ __u32 member; }};\n")
    assert tool.build().returncode == 0
    assert tool.place.ran() == all_steps
    assert tool.is_done()


def test_an_object_without_its_maps_ends_the_build(tool: BuildTool) -> None:
    """A program that doesn't define the maps as declared is told of; nothing is made from it."""
    program = tool.source / f"{tool.other}.bpf.c"
    right = program.read_text()
    program.write_text('#include <linux/bpf.h>\nint LICENSE __attribute__((section("license")));\n')
    failed = tool.build()
    assert failed.returncode != 0
    assert "error[" in failed.stdout
    assert f"verify {tool.other}.bpf.o" in tool.place.ran()
    assert tool.made(f"{tool.other}.skel.h") is None

    program.write_text(right)
    mended = tool.build()
    assert mended.returncode == 0, mended.stdout
    assert tool.made(f"{tool.other}.skel.h") is not None
    assert tool.is_done()


def test_a_header_that_was_deleted_is_made_again(tool: BuildTool) -> None:
    """So is what needs it, if the header differs; no tool is left with a hole."""
    assert tool.build().returncode == 0
    tool.place.ran()
    header = tool.made(f"{tool.other}.h")
    assert header is not None
    text = header.read_text()
    header.unlink()
    assert tool.build().returncode == 0
    assert f"bpfgen {tool.other}.h" in tool.place.ran()
    assert header.read_text() == text
    assert tool.is_done()


@pytest.mark.parametrize("made", BUILD_TOOLS, ids=lambda tool: tool.name)
def test_clang_is_found_as_debian_names_it(
    made: Callable[[Workplace], BuildTool], workplace: Workplace
) -> None:
    """Where only a `clang-19` is on the PATH, or its like, a project is built with that."""
    if shutil.which("clang"):
        pytest.skip("the PATH has a `clang`, which comes first")
    programs = Path(workplace.environment["PATH"].split(os.pathsep)[0])
    (programs / "clang").rename(programs / "clang-22")
    tool = made(workplace)
    tool.prepare()
    built = tool.build()
    assert built.returncode == 0, built.stdout
    assert f"clang {tool.other}.bpf.o" in workplace.ran()
