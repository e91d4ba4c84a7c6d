"""cilium/ebpf and aya make of an object of bpfgen's what they make of clang's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.assemble.made import WHOLE, made
from tests.tools import require_library, require_root, witnessed
from tests.user_space.loaders import outcomes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.user_space.loaders import Numbers

pytestmark = pytest.mark.kernel

PLAIN = """
enum e : __u8 { A = 3 };
struct v { __u64 x; enum e e; char name[7]; struct { __u32 a : 3, b : 29; }; };
map by_key: hash<__be32, v>[16] { map_flags = BPF_F_NO_PREALLOC; };
map by_index: array<__u32, v>[4];
map of_each_cpu: percpu_hash<__u32, v>[8];
map used: lru_hash<__u32, __s64>[64];
map records: ringbuf<v>[8 KiB];
map waiting: queue<v>[4];
weak map tuning: array<__u32, __u64>[1];
"""
"""What both loaders load."""

SOURCES = {
    "cilium": {"whole": WHOLE.replace("[runtime]", "[16]"), "plain": PLAIN},
    "aya": {"plain": PLAIN},
}
LIBRARIES = {"cilium": "cilium-ebpf", "aya": "crates"}


@pytest.mark.parametrize("loader", witnessed(SOURCES, "cilium-ebpf", "crates"))
def test_a_loader_makes_the_same_of_both(loader: str, tmp_path: Path) -> None:
    """It reads the same maps in them, and the kernel has the same after it has loaded them."""
    require_root()
    require_library(LIBRARIES[loader])
    paths: dict[tuple[str, str], Path] = {}
    for name, text in SOURCES[loader].items():
        for assembler in ("builtin", "clang"):
            path = paths[name, assembler] = tmp_path / f"{name}.{assembler}.o"
            path.write_bytes(made(text, assembler))
    found = outcomes(loader, list(paths.values()), {})
    for name in SOURCES[loader]:
        ours, clangs = (found[paths[name, assembler]] for assembler in ("builtin", "clang"))
        assert (ours.stage, ours.why) == ("", "")
        assert ours.seen == clangs.seen
        assert sorted(map(_key, ours.made)) == sorted(map(_key, clangs.made))


def _key(numbers: Numbers) -> tuple[int, ...]:
    return tuple(-1 if number is None else number for number in numbers)
