"""Options, markers and fixtures that all tests share."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING, Protocol

import hypothesis
import pytest

from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Examples are the same on every run of continuous integration: a red run is then about the change.
# Deadlines are off: a test that starts clang is as slow as the machine is busy.
hypothesis.settings.register_profile("bpfgen", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("bpfgen")


class Golden(Protocol):
    """What the fixture :func:`golden` gives."""

    def __call__(self, path: Path, text: str) -> None:
        """Compare *text* with what the file *path* holds; a missing file means: expected empty."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-golden`."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite golden files with what the tests see now; the run fails nevertheless",
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that rewrites its own expectations, whatever its tests say."""
    if session.config.getoption("--update-golden") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say why a run with `--update-golden` can't pass."""
    if config.getoption("--update-golden"):
        return ["--update-golden: golden files are rewritten, so this run fails; review the diff"]
    return []


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Iterator[Golden]:
    """Give a function `golden(path, text)` that fails the test, with a diff, where they differ."""
    update = bool(request.config.getoption("--update-golden"))
    rewritten: list[str] = []

    def compare(path: Path, text: str) -> None:
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        if text == expected:
            return
        name = str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)
        if update:
            rewritten.append(name)
            if text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            else:
                path.unlink()
            return
        diff = difflib.unified_diff(
            expected.splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"{name} (expected)",
            f"{name} (now)",
        )
        pytest.fail("".join(diff) + "\n(pytest --update-golden rewrites it)", pytrace=False)

    yield compare
    if rewritten:
        pytest.fail(f"rewritten: {', '.join(rewritten)}", pytrace=False)
