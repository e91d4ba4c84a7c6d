"""Kernel versions: what a file is checked against and when a thing arrived."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

KernelVersion: TypeAlias = "tuple[int, int]"
"""(major, minor); the patch level never decides what a map may be."""

BASELINE: KernelVersion = (5, 15)
"""Names of the kernel's headers that are no newer than this are used as they are in generated C."""

NEWEST: KernelVersion = (7, 2)
"""The newest kernel that the tables know; it is the target where none is named."""


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
