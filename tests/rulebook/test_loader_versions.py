"""Each feature of loaders one version too early, and with the first version that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.kernel.loaders import LOADERS
from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import LOADER_NAMES, format_version
from bpfgen.rules.oldest import loader_needs
from bpfgen.text.diagnostics import ERROR, NOTE
from bpfgen.text.source import Source
from tests.loader_programs import LIBBPF, NEVER, NOT_TRIED

if TYPE_CHECKING:
    from bpfgen.text.diagnostics import Diagnostic

LAST_OF_0 = 8
"""0.8 was the last libbpf before 1.0."""

FAILING = {"pinned devmap", "pinned perf_event_array without entries"}
"""What fails only the second time is a warning."""


def _before(version: tuple[int, int]) -> tuple[int, int]:
    major, minor = version
    return (major, minor - 1) if minor else (major - 1, LAST_OF_0)


def _reported(
    text: str, libbpf: tuple[int, int], *, style: str = "modern", kernel: tuple[int, int] = (6, 18)
) -> list[Diagnostic]:
    """Return what *text* gets for the age of *libbpf*."""
    options = Options(kernel=kernel, loaders={"libbpf": libbpf}, style=style)
    diagnostics = compile(Source("maps.dsl", text), options).diagnostics
    return [one for one in diagnostics if one.code == "loader-version"]


@pytest.mark.parametrize("feature", LIBBPF)
def test_a_feature_is_refused_one_version_too_early(feature: str) -> None:
    """The version before gets one complaint that names the first that will do; that one gets none.

    What libbpf gave up gets one whatever the version: a target is that version and all newer ones.
    """
    program = LIBBPF[feature]
    assert program.since is not None
    if program.until is not None:
        for version in (_before(program.until), program.until):
            (given_up,) = _reported(program.text, version)
            assert f"before {format_version(program.until)}" in given_up.message
        return
    kernel = program.kernel or (6, 18)
    assert _reported(program.text, program.since, kernel=kernel) == []
    others = list(_reported(program.text, _before(program.since), kernel=kernel))
    since = format_version(program.since)
    reported = [one for one in others if f"libbpf {since}," in one.message]
    assert all(f"target libbpf >= {since};" in one.help for one in reported)
    is_error = program.fails != NEVER and feature not in FAILING
    assert reported
    assert any(one.severity == ERROR for one in reported) == is_error
    if program.kernel is not None:
        assert _reported(program.text, _before(program.since)) == []


@pytest.mark.parametrize("feature", LIBBPF)
def test_needs_tells_the_same_versions(feature: str) -> None:
    """`bpfgen kinds --needs` reads the same table; what only old kernels ask for it leaves out."""
    program = LIBBPF[feature]
    model = compile(Source("maps.dsl", program.text)).model
    needs = {(need.since, need.until) for need in loader_needs(model, "libbpf")}
    assert ((program.since, program.until) in needs) == (program.kernel is None)


def test_every_row_is_tried() -> None:
    """A row that is added gets a program, unless nothing depends on it."""
    assert LOADERS["libbpf"].keys() == LIBBPF.keys() | NOT_TRIED
    assert {name for name, row in LOADERS["libbpf"].items() if row.severity == NOTE} <= NOT_TRIED
    assert tuple(LOADERS) == LOADER_NAMES == tuple(TARGETS)[1:]


def test_no_libbpf_reads_the_initializer_style() -> None:
    """Its values are in the section's data."""
    text = "map m: hash<__u32, __u64>[16];"
    (reported,) = _reported(text, (1, 8), style="initializer")
    assert reported.message.startswith("no libbpf takes")
    assert _reported(text, (1, 8)) == []


def test_the_command_line_decides() -> None:
    """A file's own target counts where nothing overrides it, and None turns it off."""
    source = Source("maps.dsl", "target libbpf >= 0.7;\nweak map m: hash<__u32, __u64>[16];\n")

    def codes(**given: tuple[int, int] | None) -> list[str]:
        return [d.code for d in compile(source, Options(loaders=given)).diagnostics]

    assert codes() == ["loader-version"]
    assert codes(libbpf=(0, 8)) == []
    assert codes(libbpf=None) == []
    assert codes(libbpf=(0, 6)) == ["loader-version"]


def test_a_version_to_come_is_said() -> None:
    """It is no error: the tables are older than the world. The option has no place in the file."""
    source = Source("maps.dsl", "target libbpf >= 1.8;\nmap m: hash<__u32, __u64>[16];\n")
    assert compile(source).diagnostics == []
    options = Options(kernel=(99, 0), loaders={"libbpf": (1, 9)})
    diagnostics = compile(source, options).diagnostics
    assert [(d.code, d.span) for d in diagnostics] == [("future-version", None)] * 2
