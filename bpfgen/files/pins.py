"""Where BPF filesystems are mounted, and whether a path is below one: maps are pinned there.

Whoever reads a file looks here only where it is as a pin is: empty, regular, on a device that no
disk has. A build of files pays for none of it.

Source: Documentation/filesystems/proc.rst, 3.5, /proc/<pid>/mountinfo; kernel/bpf/inode.c.
"""

from __future__ import annotations

import os
import stat

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOUNTS = "/proc/self/mountinfo"


def bpf_mounts() -> list[str]:
    """Return where BPF filesystems are mounted, the deepest first; none where nobody can tell."""
    return sorted((place for place, _device in bpf_filesystems()), key=len, reverse=True)


def is_like_a_pin(status: os.stat_result) -> bool:
    """Return whether *status* is as that of a pin; hardly anything that is compiled is so."""
    return (
        not (status.st_size or not stat.S_ISREG(status.st_mode) or os.major(status.st_dev))
        and status.st_dev in _devices()
    )


def is_pin(path: str) -> bool:
    """Return whether *path* is below a BPF filesystem, and may be a map that is pinned there.

    A program may be pinned as well. Where one may not look, or nothing is, the place decides.
    """
    try:
        return is_like_a_pin(os.stat(path))
    except (OSError, ValueError):
        return mount_of(path) is not None


def is_pin_directory(path: str) -> bool:
    """Return whether *path* is a directory of a BPF filesystem: maps may be pinned in it."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return False
    is_like_one = stat.S_ISDIR(status.st_mode) and not os.major(status.st_dev)
    return is_like_one and status.st_dev in _devices()


def mount_of(path: str) -> str | None:
    """Return the BPF filesystem that *path* is below, by its name alone; None if there is none."""
    real = f"{os.path.abspath(path)}/"
    return next((mount for mount in bpf_mounts() if real.startswith(f"{mount}/")), None)


def has_dot(path: str) -> bool:
    """Return whether *path* has a name with a dot below a BPF filesystem, where there is none.

    Source: bpf_lookup in kernel/bpf/inode.c, which answers EPERM.
    """
    mount = mount_of(path)
    return mount is not None and "." in os.path.abspath(path).removeprefix(mount)


def _devices() -> frozenset[int]:
    return frozenset(device for _place, device in bpf_filesystems())


def bpf_filesystems() -> list[tuple[str, int]]:
    """Return where BPF filesystems are mounted, each with the number of its device, in order."""
    try:
        with open(_MOUNTS, encoding="utf-8", errors="surrogateescape") as stream:
            return filesystems_in(stream)
    except OSError:
        return []


def filesystems_in(lines: Iterable[str]) -> list[tuple[str, int]]:
    """Return the BPF filesystems in *lines* of mountinfo, each with the number of its device."""
    places = []
    for line in lines:
        before, _, after = line.partition(" - ")
        words = before.split(" ")
        if after.startswith("bpf ") and len(words) > 4:
            major, _, minor = words[2].partition(":")
            # Blanks and the like are in octal; other bytes are as they are.
            place = words[4].encode("utf-8", "surrogateescape")
            place = place.decode("unicode_escape").encode("latin-1")
            places.append((os.fsdecode(place), os.makedev(int(major), int(minor))))
    return places
