"""What runs leave for later ones: whole or not at all, and nobody else's."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfgen.files.digests import Digests, digest_of, now
from bpfgen.files.kept import Kept, packed, unpacked

if TYPE_CHECKING:
    from pathlib import Path

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(WORDS, max_size=4), min_size=1, max_size=6))
def test_lists_come_back(lists: list[list[str]]) -> None:
    """Empty ones, and names that are no UTF-8, too."""
    assert unpacked(packed(lists)) == lists


def test_names_that_are_no_text_come_back() -> None:
    """As the system has them."""
    name = os.fsdecode(b"\xff\xfe.h")
    assert unpacked(packed([[name], []])) == [[name], []]


@pytest.mark.parametrize("data", [b"", b"x", b"-1", b"1.5\0a", b"\0"])
def test_what_is_no_list(data: bytes) -> None:
    """It is one exception, whatever it is."""
    with pytest.raises(ValueError, match=r".*"):
        unpacked(data)


def test_parts_are_told_apart() -> None:
    """A digest is of the parts, not of what they are together."""
    assert len({digest_of(b"ab", b"c"), digest_of(b"a", b"bc"), digest_of(b"abc")}) == 3


def test_what_is_kept_comes_back_under_its_name_alone(tmp_path: Path) -> None:
    """A file that was put in the place of another is none."""
    kept = Kept(str(tmp_path / "x/y"))
    assert kept.read("a") is None
    kept.keep("a", b"one")
    kept.keep("b", b"two")
    assert (kept.read("a"), kept.read("b")) == (b"one", b"two")
    (tmp_path / "x/y/a").write_bytes((tmp_path / "x/y/b").read_bytes())
    assert kept.read("a") is None
    (tmp_path / "x/y/a").unlink()
    (tmp_path / "x/y/a").symlink_to("b")
    assert kept.read("a") is None
    os.mkfifo(tmp_path / "x/y/pipe")
    assert kept.read("pipe") is None


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what was there before stays."""
    kept = Kept(str(tmp_path))
    kept.keep("a", b"one")

    def full(*_words: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("bpfgen.files.kept.os.replace", full)
    kept.keep("a", b"two")
    assert kept.read("a") == b"one"
    assert os.listdir(tmp_path) == ["a"]


def test_times_of_whole_seconds(tmp_path: Path) -> None:
    """A file that has them may have changed for two of them, and looks the same."""
    path = tmp_path / "file"
    path.write_bytes(b"one")
    second = now() // 10**9 + 100
    for nanoseconds, began, is_known in (
        (second * 10**9, second * 10**9 + 1, False),
        (second * 10**9, (second + 2) * 10**9, False),
        (second * 10**9, (second + 2) * 10**9 + 1, True),
        (second * 10**9 + 5, second * 10**9 + 5, False),
        (second * 10**9 + 5, second * 10**9 + 6, True),
    ):
        os.utime(path, ns=(nanoseconds, nanoseconds))
        assert (Digests().unchanged(str(path), began) is not None) == is_known


def test_a_file_is_read_again_when_it_may_be_another(tmp_path: Path) -> None:
    """By its times, its size and its number; one without end isn't read."""
    path = tmp_path / "file"
    digests = Digests()
    assert digests.digest(str(path)) is None
    path.write_bytes(b"one")
    assert digests.digest(str(path)) == digest_of(b"one")
    path.write_bytes(b"two")
    assert digests.digest(str(path)) == digest_of(b"two")
    assert digests.unchanged(str(path), now() + 10**9) == digest_of(b"two")
    assert digests.unchanged(str(path), 0) is None
    os.mkfifo(tmp_path / "pipe")
    for other in (str(tmp_path), str(tmp_path / "pipe"), "/dev/zero", "a\0b"):
        assert digests.digest(other) is None
