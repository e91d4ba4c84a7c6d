"""Kernel versions: what a file is checked against and when a thing arrived."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

KernelVersion: TypeAlias = "tuple[int, int]"
"""(major, minor); the patch level never decides what a map may be."""

KERNEL = "kernel"
"""What the kernel is called where a file says what it aims at."""

LOADER_NAMES = ("libbpf", "cilium", "aya")
"""The loaders that a file can aim at; bpfgen/kernel/targets.py has the rest."""

BASELINE: KernelVersion = (5, 15)
"""Names of the kernel's headers that are no newer than this are used as they are in generated C."""

NEWEST: KernelVersion = (7, 2)
"""The newest kernel that the tables know; it is the target where none is named."""

FIRST: KernelVersion = (3, 19)
"""The first kernel with maps of today's form."""

LAST_MINORS = {3: 19, 4: 20, 5: 19, 6: 19, 7: NEWEST[1]}
"""The last minor version of each major one that had maps; of the newest, the last that we know."""


def parse_version(text: str) -> KernelVersion | None:
    """Return the version that *text* names (`5.15`, `6.1.192`, `v6.18-rc1`), or None."""
    numbers = text.strip().removeprefix("v").split("-")[0].split(".")
    if not 2 <= len(numbers) <= 3 or not all(n.isascii() and n.isdigit() for n in numbers):
        return None
    if any(len(n) > 4 for n in numbers):
        return None
    return int(numbers[0]), int(numbers[1])


def format_version(version: KernelVersion) -> str:
    """Return *version* as `5.15`."""
    return f"{version[0]}.{version[1]}"
