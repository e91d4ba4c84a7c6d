"""Each feature of loaders one version too early, and with the first version that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.kernel.loaders import LOADERS
from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import LOADER_NAMES, NEWEST, format_version
from bpfgen.rules.oldest import loader_needs
from bpfgen.text.diagnostics import ERROR, NOTE
from bpfgen.text.source import Source
from tests.loader_programs import NEVER, NOT_TRIED, PROGRAMS

if TYPE_CHECKING:
    from bpfgen.text.diagnostics import Diagnostic

LAST_OF_0 = {"libbpf": 8}
"""0.8 was the last libbpf before 1.0."""

WARNED = {
    "libbpf": {"pinned devmap", "pinned perf_event_array without entries"},
    "cilium": {"pinned devmap", "pinned perf_event_array without entries"},
    "aya": set[str](),
}
"""What fails only the second time is a warning."""

REFUSED_UNSEEN = {("aya", "maps in section .maps"), ("aya", "attributes at run time")}
"""What loads and is an error all the same: the maps aren't there, or can't be completed."""

CASES = [(loader, feature) for loader, programs in PROGRAMS.items() for feature in programs]


def _before(loader: str, version: tuple[int, int]) -> tuple[int, int]:
    major, minor = version
    return (major, minor - 1) if minor else (major - 1, LAST_OF_0[loader])


def _reported(
    text: str,
    loader: str,
    version: tuple[int, int],
    *,
    style: str = "modern",
    kernel: tuple[int, int] = NEWEST,
) -> list[Diagnostic]:
    """Return what *text* gets for the age of *loader*."""
    options = Options(kernel=kernel, loaders={loader: version}, style=style)
    diagnostics = compile(Source("maps.dsl", text), options).diagnostics
    return [one for one in diagnostics if one.code == "loader-version"]


@pytest.mark.parametrize(("loader", "feature"), CASES)
def test_a_feature_is_refused_one_version_too_early(loader: str, feature: str) -> None:
    """The version before gets one complaint that names the first that will do; that one gets none.

    What a loader gave up gets one whatever the version: a target is that version and all newer
    ones. What no version does, gets one with the newest.
    """
    program = PROGRAMS[loader][feature]
    row = LOADERS[loader][feature]
    title = TARGETS[loader].title
    kernel = program.kernel or NEWEST
    if program.until is not None:
        for version in (_before(loader, program.until), program.until):
            (given_up,) = _reported(program.text, loader, version)
            assert f"before {format_version(program.until)}" in given_up.message
        return
    if program.since is None:
        version = TARGETS[loader].newest
        reported = _reported(program.text, loader, version, kernel=kernel)
        reported = [one for one in reported if row.otherwise in one.notes[0]]
        assert all(one.message.startswith(f"no {title} ") for one in reported)
    else:
        others = _reported(program.text, loader, program.since, kernel=kernel)
        since = format_version(program.since)
        assert all(row.otherwise not in one.notes[0] for one in others)
        version = _before(loader, program.since)
        others = _reported(program.text, loader, version, kernel=kernel)
        reported = [one for one in others if f"{title} {since}," in one.message]
        assert all(f"target {loader} >= {since};" in one.help for one in reported)
    is_error = program.fails != NEVER and feature not in WARNED[loader]
    is_error |= (loader, feature) in REFUSED_UNSEEN
    assert reported
    assert any(one.severity == ERROR for one in reported) == is_error
    if program.kernel is not None:
        newer = _reported(program.text, loader, version)
        assert all(row.otherwise not in one.notes[0] for one in newer)


@pytest.mark.parametrize(("loader", "feature"), CASES)
def test_needs_tells_the_same_versions(loader: str, feature: str) -> None:
    """`bpfgen kinds --needs` reads the same table; what only old kernels ask for it leaves out."""
    program = PROGRAMS[loader][feature]
    model = compile(Source("maps.dsl", program.text)).model
    needs = {(need.since, need.until) for need in loader_needs(model, loader)}
    assert ((program.since, program.until) in needs) == (program.kernel is None)


@pytest.mark.parametrize("loader", LOADERS)
def test_every_row_is_tried(loader: str) -> None:
    """A row that is added gets a program, unless nothing depends on it."""
    assert LOADERS[loader].keys() == PROGRAMS[loader].keys() | NOT_TRIED[loader]
    rows = LOADERS[loader].items()
    assert {name for name, row in rows if row.severity == NOTE} <= NOT_TRIED[loader]
    assert tuple(LOADERS) == LOADER_NAMES == tuple(TARGETS)[1:]


@pytest.mark.parametrize("loader", LOADERS)
def test_no_loader_reads_the_initializer_style(loader: str) -> None:
    """Its values are in the section's data."""
    text = "map m: hash<__u32, __u64>[16];"
    newest = TARGETS[loader].newest
    (reported,) = _reported(text, loader, newest, style="initializer")
    assert reported.message.startswith(f"no {TARGETS[loader].title} takes")
    assert _reported(text, loader, newest) == []


def test_the_command_line_decides() -> None:
    """A file's own target counts where nothing overrides it, and None turns it off."""
    source = Source("maps.dsl", "target libbpf >= 0.7;\nweak map m: hash<__u32, __u64>[16];\n")

    def codes(**given: tuple[int, int] | None) -> list[str]:
        return [d.code for d in compile(source, Options(loaders=given)).diagnostics]

    assert codes() == ["loader-version"]
    assert codes(libbpf=(0, 8)) == []
    assert codes(libbpf=None) == []
    assert codes(libbpf=(0, 6)) == ["loader-version"]


def test_a_file_aims_at_several() -> None:
    """Each says what it makes of the same map; a target without a version is the newest known."""
    text = "target libbpf >= 1.1;\ntarget cilium;\ntarget aya >= 0.13;\n"
    text += "map m: hash<__u32, __u64>[16] { map_flags = BPF_F_NUMA_NODE; numa_node = 1; }\n"
    compilation = compile(Source("maps.dsl", text))
    assert compilation.model.targets["cilium"].version == TARGETS["cilium"].newest
    said = [one for one in compilation.diagnostics if one.code == "loader-version"]
    assert {(one.message, one.help) for one in said} == {
        (
            "no cilium/ebpf takes numa_node",
            "leave it out, and set `NumaNode` of the MapSpec before loading",
        ),
        ("no aya keeps to numa_node 1", "leave it out"),
    }


def test_a_version_to_come_is_said() -> None:
    """It is no error: the tables are older than the world. The option has no place in the file."""
    source = Source("maps.dsl", "target libbpf >= 1.8;\nmap m: hash<__u32, __u64>[16];\n")
    assert compile(source).diagnostics == []
    options = Options(kernel=(99, 0), loaders={"libbpf": (1, 9), "cilium": (0, 99), "aya": (1, 0)})
    diagnostics = compile(source, options).diagnostics
    assert [(d.code, d.span) for d in diagnostics] == [("future-version", None)] * 4
