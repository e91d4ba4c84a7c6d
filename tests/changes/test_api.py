"""`bpfgen.breaking`: what a caller from Python gives and gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import bpfgen
from tests.git.repositories import Git

if TYPE_CHECKING:
    from pathlib import Path

OLD = "struct v { __u64 bytes; };\nmap flows: hash<__u32, v>[64] { pinning = by_name; };\n"
NEW = OLD.replace("__u64 bytes", "__u32 bytes").replace("[64]", "[128]")


def codes(broken: bpfgen.Broken) -> list[str]:
    """Return the codes of the findings."""
    return [finding.code for finding in broken.findings]


def test_texts() -> None:
    """Two sources in memory, and what is asked of them."""
    old, new = bpfgen.Source("old.dsl", OLD), bpfgen.Source("new.dsl", NEW)
    broken = bpfgen.breaking(old, new)
    assert codes(broken) == [
        "break-pin-value-size",
        "break-pin-max-entries",
        "break-layout-width",
    ]
    assert broken.findings[2].maps == ("flows",)
    assert codes(bpfgen.breaking(old, new, categories=["layout"])) == ["break-layout-width"]
    before, after = (
        bpfgen.Source(one.name, one.text.replace("by_name", "none")) for one in (old, new)
    )
    assert codes(bpfgen.breaking(before, after)) == ["break-layout-width"]
    assert codes(bpfgen.breaking(before, after, pinned=["f*"])) == codes(broken)
    assert codes(bpfgen.breaking(before, after, everything=True)) == codes(broken)
    assert bpfgen.breaking(old, old, everything=True) == bpfgen.Broken()


def test_what_was_opened_and_what_is_named(tmp_path: Path) -> None:
    """A path, a revision's file, and what the caller has opened, mixed."""
    git = Git(tmp_path / "repository")
    file = git.put("maps.dsl", OLD)
    git.commit()
    file.write_text(NEW, encoding="utf-8")
    opened = bpfgen.open_source("new.dsl", NEW.encode())
    for old in (bpfgen.Source("old.dsl", OLD), f"git:HEAD:{file}"):
        for new in (opened, str(file)):
            assert len(codes(bpfgen.breaking(old, new))) == 3
    with pytest.raises(FileNotFoundError):
        bpfgen.breaking(opened, str(tmp_path / "missing.dsl"))


def test_what_cannot_be_compared() -> None:
    """Rules are asked of NEW alone; what isn't resolved on either side is an error."""
    refused = bpfgen.Source("refused.dsl", OLD.replace("by_name;", "by_name; map_flags = 1 << 30;"))
    old = bpfgen.Source("old.dsl", OLD)
    assert codes(bpfgen.breaking(refused, old)) == ["break-pin-map-flags"]
    broken = bpfgen.breaking(old, refused)
    assert codes(broken) == ["break-pin-map-flags"]
    assert [error.code for error in broken.errors] == ["map-flags"]
    unresolved = bpfgen.Source("new.dsl", OLD.replace("__u32", "nothing"))
    for sides in ((old, unresolved), (unresolved, old)):
        broken = bpfgen.breaking(*sides)
        assert not broken.is_compared
        assert [error.code for error in broken.errors] == ["unknown-type"]
    with pytest.raises(ValueError, match="no category `layuot`: there are pin, layout, inner"):
        bpfgen.breaking(old, old, categories=["layuot"])
