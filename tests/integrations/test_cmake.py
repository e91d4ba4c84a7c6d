"""CMake's functions beyond the sample project: other ways to use them, and wrong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tools import CHECKOUT, clang_program, require

if TYPE_CHECKING:
    import subprocess

    from tests.integrations.workplace import Workplace

MODULE = CHECKOUT / "bpfgen" / "cmake"
MAPS = "map counts: array<__u32, __u64>[16];\n"
PROGRAM = '#include "{header}"\nvoid *user(void) {{ return &{map}; }}\n'


def _configure(
    place: Workplace, text: str, *words: str, languages: str = "NONE"
) -> subprocess.CompletedProcess[str]:
    """Write a project that finds bpfgen and goes on with *text*, and configure it."""
    (place.directory / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\n"
        f"project(test LANGUAGES {languages})\n"
        f"find_package(bpfgen REQUIRED)\n{text}\n"
    )
    command = [require("cmake"), "-G", "Ninja", "-S", ".", "-B", "out", f"-Dbpfgen_DIR={MODULE}"]
    return place.run(*command, *words)


def _build(place: Workplace) -> str:
    done = place.run(require("cmake"), "--build", "out")
    assert done.returncode == 0, done.stdout
    return done.stdout


def _as_one_line(text: str) -> str:
    """Return CMake's message without the places where CMake breaks its lines."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("bpfgen_add_maps(m)", "bpfgen_add_maps(m): SOURCES names no file."),
        ("bpfgen_add_maps(m SOURCES)", "bpfgen_add_maps(m): nothing follows SOURCES."),
        ("bpfgen_add_maps(m a.dsl)", "bpfgen_add_maps(m): it isn't clear what a.dsl is for."),
        ("bpfgen_add_maps(m SOURCES b.dsl)", "bpfgen_add_maps: there is no b.dsl in"),
        ("bpfgen_add_maps(m SOURCES a.h)", "bpfgen_add_maps: a.h doesn't end in .dsl or .bpfmap."),
        (
            "bpfgen_add_maps(m SOURCES $<1:a.dsl>)",
            "SOURCES takes no generator expressions; $<1:a.dsl> is one.",
        ),
        (
            "bpfgen_add_maps(m SOURCES a.dsl BASE_DIR x)",
            "bpfgen_add_maps(m): a.dsl lies outside of",
        ),
        (
            "bpfgen_add_maps(bpfgen::bpfgen SOURCES a.dsl)",
            "an alias or imported target can't be added to.",
        ),
        ("bpfgen_verify(v SOURCES a.dsl)", "bpfgen_verify(v): OBJECT names no file."),
        (
            "bpfgen_verify(v OBJECT o)",
            "bpfgen_verify(v): SOURCES names no file, and MAPS no target.",
        ),
        ("bpfgen_verify(v OBJECT o MAPS m)", "bpfgen_verify(v): MAPS m is no target."),
        (
            "add_custom_target(t)\nbpfgen_verify(v OBJECT o MAPS t)",
            "bpfgen_verify(v): t has no maps of bpfgen_add_maps.",
        ),
        (
            "bpfgen_verify(v OBJECT o EXACT SOURCES a.dsl x/c.dsl)",
            "bpfgen_verify(v): EXACT holds the object against one source.",
        ),
    ],
    ids=lambda value: "" if " is " in value or "." in value[-1] else value,
)
def test_wrong_use_is_told_when_cmake_runs(workplace: Workplace, call: str, message: str) -> None:
    """Each mistake is an error of the configuration, in a sentence that names it."""
    (workplace.directory / "a.dsl").write_text(MAPS)
    (workplace.directory / "x").mkdir()
    (workplace.directory / "x" / "c.dsl").write_text(MAPS)
    done = _configure(workplace, call)
    assert done.returncode != 0
    assert message in _as_one_line(done.stdout)


def test_without_the_program_the_package_is_not_found(workplace: Workplace) -> None:
    """CMake says what is missing and how to name it."""
    # CMake looks below /usr/local too, whatever the PATH.
    empty = (
        "-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF",
        "-DCMAKE_FIND_USE_CMAKE_ENVIRONMENT_PATH=OFF",
    )
    workplace.environment["PATH"] = "/nonexistent"
    done = _configure(workplace, "", f"-DCMAKE_MAKE_PROGRAM={require('ninja')}", *empty)
    assert done.returncode != 0
    said = _as_one_line(done.stdout)
    assert "The program bpfgen isn't on the PATH" in said
    assert "-DBPFGEN_EXECUTABLE=" in said


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("", True), ("0.0.1", True), ("99", False), ("0.0.1...99", True), ("98...99", False)],
)
def test_the_version_is_that_of_the_program(
    workplace: Workplace, wanted: str, *, found: bool
) -> None:
    """An older wish is granted, a newer one isn't; ranges count."""
    from bpfgen import __version__

    text = (
        f'find_package(bpfgen {wanted} QUIET)\nmessage("v=${{bpfgen_VERSION}} ${{bpfgen_FOUND}}")'
    )
    done = _configure(workplace, text)
    assert done.returncode == 0, done.stdout
    assert (f"v={__version__} 1" in done.stdout) == found, done.stdout


def test_a_target_of_bpf_objects_gets_the_headers(workplace: Workplace) -> None:
    """An object library that clang compiles for BPF: headers, order, and `bpfgen_verify` of it.

    Another directory links to maps of its own and is built after them.
    """
    directory = workplace.directory
    (directory / "a.dsl").write_text(MAPS)
    (directory / "prog.c").write_text(PROGRAM.format(header="a.h", map="counts"))
    (directory / "sub").mkdir()
    (directory / "sub" / "b.dsl").write_text(
        'import "../a.dsl";\nmap more: array<__u32, int>[1];\n'
    )
    (directory / "sub" / "CMakeLists.txt").write_text(
        "bpfgen_add_maps(more SOURCES b.dsl ../a.dsl BASE_DIR ${CMAKE_SOURCE_DIR}"
        " OUT_DIR ${CMAKE_BINARY_DIR}/headers)\n"
    )
    (directory / "other.c").write_text(PROGRAM.format(header="sub/b.h", map="more"))
    done = _configure(
        workplace,
        """
set(CMAKE_C_FLAGS "--target=bpf -g -O2")
add_library(prog OBJECT prog.c)
bpfgen_add_maps(prog SOURCES a.dsl)
bpfgen_verify(prog.verified OBJECT $<TARGET_OBJECTS:prog> MAPS prog EXACT)
add_subdirectory(sub)
add_library(other OBJECT other.c)
target_link_libraries(other PRIVATE more)
bpfgen_verify(other.verified OBJECT $<TARGET_OBJECTS:other> SOURCES sub/b.dsl)
""",
        f"-DCMAKE_C_COMPILER={clang_program()}",
        "-DCMAKE_C_COMPILER_WORKS=1",
        languages="C",
    )
    assert done.returncode == 0, done.stdout
    said = _build(workplace)
    assert "1 map is as" in said
    assert (directory / "out" / "headers" / "sub" / "b.h").exists()
    assert (directory / "out" / "bpfgen" / "prog" / "a.h").exists()
    assert "no work to do" in _build(workplace)


def test_options_reach_the_program(workplace: Workplace) -> None:
    """Directories, definitions, kernel and other options; generator expressions come to words."""
    directory = workplace.directory
    (directory / "types" / "x").mkdir(parents=True)
    (directory / "types" / "x" / "key.dsl").write_text("struct key { __u32 a; };\n")
    (directory / "a.dsl").write_text(
        'import "x/key.dsl";\nconst N = 1;\nconst M = 1;\nmap counts: hash<key, __u64>[N * M];\n'
    )
    done = _configure(
        workplace,
        """
bpfgen_add_maps(maps SOURCES a.dsl
  INCLUDE_DIRECTORIES $<1:${CMAKE_SOURCE_DIR}/types> $<0:none>
  DEFINITIONS N=8 $<1:M=4> KERNEL 6.1 OPTIONS --no-verify --style initializer)
add_custom_target(all_maps ALL DEPENDS maps)
message("headers=${maps_HEADERS} in=${maps_INCLUDE_DIR}")
""",
    )
    assert done.returncode == 0, done.stdout
    out = directory / "out" / "bpfgen" / "maps"
    assert f"headers={out}/a.h in={out}" in done.stdout
    _build(workplace)
    header = (out / "a.h").read_text()
    assert ".max_entries = N * M" in header
    assert "#define N 8\n" in header
    assert "#define M 4\n" in header


def test_what_is_not_wanted_of_headers_is_not_wanted_of_objects(workplace: Workplace) -> None:
    """`MAPS` hands on what `verify` has of `OPTIONS`, and nothing else; without it, it warns."""
    directory = workplace.directory
    text = "struct v { __u8 a; __u32 b; };\nmap counts: hash<v, __u64>[16];\n"
    (directory / "a.dsl").write_text(text)
    (directory / "prog.c").write_text(PROGRAM.format(header="a.h", map="counts"))
    project = """
set(CMAKE_C_FLAGS "--target=bpf -g -O2")
add_library(prog OBJECT prog.c)
bpfgen_add_maps(prog SOURCES a.dsl OPTIONS --style modern {options} --accessors)
bpfgen_verify(verified OBJECT $<TARGET_OBJECTS:prog> MAPS prog)
"""
    words = (f"-DCMAKE_C_COMPILER={clang_program()}", "-DCMAKE_C_COMPILER_WORKS=1")
    for options, count in (
        ("", 2),
        ("-W no-key-padding", 0),
        ("-Wno-key-padding --no-config", 0),
    ):
        done = _configure(workplace, project.format(options=options), *words, languages="C")
        assert done.returncode == 0, done.stdout
        said = _build(workplace)
        assert said.count("warning[key-padding]") == count, said


def test_a_source_may_be_made_by_the_build(workplace: Workplace) -> None:
    """A source that a command writes is compiled after it, and once more when it changes."""
    (workplace.directory / "template").write_text(MAPS)
    done = _configure(
        workplace,
        """
add_custom_command(OUTPUT made.dsl DEPENDS template
  COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_SOURCE_DIR}/template made.dsl)
bpfgen_add_maps(maps SOURCES made.dsl)
add_custom_target(all_maps ALL DEPENDS maps)
""",
    )
    assert done.returncode == 0, done.stdout
    _build(workplace)
    header = workplace.directory / "out" / "bpfgen" / "maps" / "made.h"
    assert "counts SEC" in header.read_text()
    (workplace.directory / "template").write_text(MAPS.replace("counts", "others"))
    _build(workplace)
    assert "others SEC" in header.read_text()
    assert "no work to do" in _build(workplace)


def test_two_calls_add_to_one_target(workplace: Workplace) -> None:
    """The second call adds its headers, with options of its own.

    A definition is for those of its sources that have the constant; the others don't complain.
    """
    (workplace.directory / "a.dsl").write_text(MAPS)
    (workplace.directory / "c.dsl").write_text(MAPS)
    (workplace.directory / "b.dsl").write_text("const N = 1;\nmap more: array<__u32, __u64>[N];\n")
    done = _configure(
        workplace,
        """
bpfgen_add_maps(maps SOURCES a.dsl)
bpfgen_add_maps(maps SOURCES b.dsl c.dsl DEFINITIONS N=32)
add_custom_target(all_maps ALL DEPENDS maps)
""",
    )
    assert done.returncode == 0, done.stdout
    assert "warning" not in _build(workplace)
    out = workplace.directory / "out" / "bpfgen" / "maps"
    assert (out / "a.h").exists()
    assert (out / "c.h").exists()
    assert "#define N 32\n" in (out / "b.h").read_text()
