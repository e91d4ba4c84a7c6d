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


def test_a_missing_witness_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One case stays where a witness is missing, all of them where it is here or required."""
    monkeypatch.delenv("BPFGEN_REQUIRE", raising=False)
    assert tools.witnessed(range(9), "no-such-tool") == [0]
    assert tools.witnessed(range(9), "sh", "no-such-tool") == [0]
    assert tools.witnessed(range(3), "sh") == [0, 1, 2]
    assert tools.witnessed(range(3), "libc.so.6") == [0, 1, 2]
    assert tools.witnessed(range(3), "libno_such.so.1") == [0]
    monkeypatch.setenv("BPFGEN_REQUIRE", "all")
    assert tools.witnessed(range(3), "no-such-tool") == [0, 1, 2]


def test_a_compiler_that_is_required_is_among_the_compilers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where none of Debian's is, ziglang's alone; where all are required, all of them."""
    monkeypatch.setattr(tools, "find", lambda _name: None)
    monkeypatch.delenv("BPFGEN_REQUIRE", raising=False)
    assert tools.clangs.__wrapped__() == ()
    assert tools.newest() == tools.ZIGLANG
    monkeypatch.setenv("BPFGEN_REQUIRE", "all")
    assert tools.clangs.__wrapped__() == tools.CLANGS
