"""The tests' own tools keep their word: a missing witness is named."""

from __future__ import annotations

import pytest

from tests import tools


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
