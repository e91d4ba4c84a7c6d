"""The pytest plugin: sources of the language held against golden files. See docs/testing.md.

pytest finds it by the entry point `bpfgen` of the group pytest11, in every run of every project
that has bpfgen installed. So it loads nothing until a test asks for :func:`bpfgen_golden`; what
that does is in `bpfgen.testing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from bpfgen.testing.golden import Golden

_MARKER = (
    "bpfgen(*patterns, base=DIR, golden=DIR, emit='header', options='', variant='', refused=False, "
    "verify=True): run the test once for each source that the patterns find, and let its "
    "bpfgen_golden() compare what bpfgen makes of it with golden files"
)

REWRITTEN = "bpfgen_rewritten"
"""The user property of a report that names a golden file; it reaches the controller of xdist."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("bpfgen", "golden files of bpfgen")
    group.addoption(
        "--bpfgen-update",
        action="store_true",
        help="rewrite golden files with what bpfgen makes now; the run fails nevertheless",
    )
    group.addoption(
        "--bpfgen-verify",
        choices=("auto", "always", "never"),
        default="auto",
        help="read headers back through clang: without one skip (auto, the default) or fail "
        "(always), or never do",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Tell of the marker; what `--bpfgen-update` needs is there only with it."""
    config.addinivalue_line("markers", _MARKER)
    if config.getoption("--bpfgen-update"):
        config.pluginmanager.register(_Update(), "bpfgen-update")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a marked test once for each source that the marker's patterns find."""
    marker = metafunc.definition.get_closest_marker("bpfgen")
    if marker is None or not marker.args or "bpfgen_source" not in metafunc.fixturenames:
        return
    from bpfgen.testing.sources import Selection

    selection = Selection(metafunc.definition.path, marker)
    sources = selection.sources()
    stale = selection.stale(sources)
    metafunc.parametrize(
        "bpfgen_source", [*sources, *[stale] * bool(stale)], indirect=True, ids=_identifier
    )


def _identifier(source: str | tuple[str, ...]) -> str:
    return source if isinstance(source, str) else "stale golden files"


@pytest.fixture
def bpfgen_source(request: pytest.FixtureRequest) -> str | tuple[str, ...] | None:
    """The source that the marker `bpfgen` runs this test for, as a path relative to its base.

    None where the marker has no patterns. A tuple of names instead of a path are golden files
    whose source is gone.
    """
    parameter: str | tuple[str, ...] | None = getattr(request, "param", None)
    return parameter


@pytest.fixture
def bpfgen_golden(
    request: pytest.FixtureRequest,
    bpfgen_source: str | tuple[str, ...] | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Golden:
    """What compares with golden files: call it, without arguments where the marker has patterns."""
    from bpfgen.testing.golden import Golden

    def note_rewritten(name: str) -> None:
        request.node.user_properties.append((REWRITTEN, name))

    return Golden(request, bpfgen_source, tmp_path_factory, note_rewritten)


class _Update:
    """The part of the plugin that is there with `--bpfgen-update` alone."""

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Fail a test that rewrote its own expectations, when it has ended well."""
        result = yield
        rewritten = [name for key, name in pyfuncitem.user_properties if key == REWRITTEN]
        if rewritten:
            names = "\n".join(f"  {name}" for name in rewritten)
            pytest.fail(f"rewritten by --bpfgen-update:\n{names}", pytrace=False)
        return result

    def pytest_report_header(self) -> str:
        """Say why the run can't pass."""
        return "--bpfgen-update: golden files are rewritten, so this run fails; review the diff"

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run, whatever its tests say: it has nothing left to hold anything against."""
        if session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name what was rewritten, in every process of xdist."""
        names = sorted(set(_rewritten(terminalreporter)))
        terminalreporter.section("bpfgen golden files")
        for name in names:
            terminalreporter.line(f"rewritten: {name}")
        if not names:
            terminalreporter.line("nothing was rewritten")
        terminalreporter.line("A run with --bpfgen-update fails: review the diff, and run without.")


def _rewritten(terminalreporter: pytest.TerminalReporter) -> Iterator[str]:
    for reports in terminalreporter.stats.values():
        for report in reports:
            for key, name in getattr(report, "user_properties", ()):
                if key == REWRITTEN:
                    yield str(name)
