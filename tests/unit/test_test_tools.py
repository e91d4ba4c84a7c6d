"""The tests' own tools keep their word: a missing witness is named, golden files can't go green."""

from __future__ import annotations

import pytest

from tests import tools

INNER = """
from pathlib import Path

def test_output(golden):
    golden(Path(__file__).with_name("expected.txt"), "now\\n")

def test_empty(golden):
    golden(Path(__file__).with_name("absent.txt"), "")
"""


def test_a_missing_tool_is_skipped_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without BPFGEN_REQUIRE the test is skipped, and the reason names the tool."""
    monkeypatch.delenv("BPFGEN_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-tool is not on this machine"):
        tools.require("no-such-tool")


@pytest.mark.parametrize("required", ["all", "clang-19, no-such-tool"])
def test_a_required_tool_that_is_missing_fails(
    required: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With BPFGEN_REQUIRE the same is a failure."""
    monkeypatch.setenv("BPFGEN_REQUIRE", required)
    with pytest.raises(pytest.fail.Exception, match="no-such-tool"):
        tools.require("no-such-tool")


@pytest.mark.parametrize("required", ["clang-19", "all, -no-such-tool"])
def test_another_required_tool_makes_no_difference(
    required: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name in BPFGEN_REQUIRE speaks of that tool alone."""
    monkeypatch.setenv("BPFGEN_REQUIRE", required)
    with pytest.raises(pytest.skip.Exception):
        tools.require("no-such-tool")


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with two golden tests, run by a pytest of its own."""
    monkeypatch.setenv("PYTHONPATH", str(tools.CHECKOUT))
    pytester.makeconftest("from tests.conftest import *")
    pytester.makepyfile(INNER)
    return pytester


def test_a_difference_fails_with_a_diff(inner: pytest.Pytester) -> None:
    """What differs from the file is shown, and no file is touched."""
    (inner.path / "expected.txt").write_text("then\n")
    result = inner.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["-then", "+now"])
    assert (inner.path / "expected.txt").read_text() == "then\n"


def test_an_update_rewrites_and_fails(inner: pytest.Pytester) -> None:
    """`--update-golden` takes the new text over and can't pass; the next run does."""
    assert inner.runpytest_subprocess("--update-golden").ret == pytest.ExitCode.TESTS_FAILED
    assert (inner.path / "expected.txt").read_text() == "now\n"
    assert not (inner.path / "absent.txt").exists()
    assert inner.runpytest_subprocess("--update-golden").ret == pytest.ExitCode.TESTS_FAILED
    assert inner.runpytest_subprocess().ret == pytest.ExitCode.OK
