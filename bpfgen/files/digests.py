"""Whether a file is what it was: by its bytes, for later runs, or by its stamp, within one.

Beside the pipeline; whoever keeps something of files uses it.
"""

from __future__ import annotations

import os
import stat
import time

try:
    from _blake2 import blake2b  # hashlib loads OpenSSL, which takes longer than most digests
except ImportError:
    from hashlib import blake2b

Stamp = tuple[int, int, int] | None
"""The time of a file's last change in nanoseconds, its size in bytes, its inode."""

_SECOND = 10**9
"""In nanoseconds."""


def digest_of(*parts: bytes) -> str:
    """Return 160 bits that tell *parts*, and where each ends, from any others."""
    digest = blake2b(digest_size=20)
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def stamp_of(path: str) -> Stamp:
    """Return what changes with the file *path*, its time of change first; None if there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def now() -> int:
    """Return the time as files have it, in nanoseconds: that of the last tick."""
    clock = getattr(time, "CLOCK_REALTIME_COARSE", 5)  # linux/time.h; Python has no name for it
    return time.clock_gettime_ns(clock)


class Digests:
    """The digests of files: each is read once as long as it has the same times."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, ...], str]] = {}

    def digest(self, path: str) -> str | None:
        """Return the digest of the regular file *path*, or None if there is none."""
        found = self._read(path)
        return None if found is None else found[1]

    def unchanged(self, path: str, began: int) -> str | None:
        """Return the digest of the file *path*, if it is what it was at the time *began*.

        That is in nanoseconds, by the clock that files have their times from (:func:`now`).
        """
        found = self._read(path)
        return None if found is None or _latest(found[0]) >= began else found[1]

    def _read(self, path: str) -> tuple[tuple[int, ...], str] | None:
        """Return the times, size and number of the file *path*, and its digest."""
        try:
            # A pipe that nobody writes to would have us wait.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except (OSError, ValueError):
            return None
        try:
            status = os.fstat(descriptor)
            stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
            known = self._known.get(path)
            if known is not None and known[0] == stamp:
                return known
            if not stat.S_ISREG(status.st_mode):
                return None
            data = rest_of(descriptor, status.st_size)
        except OSError:
            return None
        finally:
            os.close(descriptor)
        found = stamp, digest_of(data)
        if _latest(stamp) < now():  # in the same tick it could change without a trace
            self._known[path] = found
        return found


def _latest(stamp: tuple[int, ...]) -> int:
    """Return until when a file with the times *stamp* may have changed, in nanoseconds."""
    latest = max(stamp[:2])
    # Whole seconds are of a file system that knows no others; FAT has every second one.
    return latest if latest % _SECOND else latest + 2 * _SECOND


def rest_of(descriptor: int, size: int) -> bytes:
    """Return what is left of an open file that has *size* bytes, or had."""
    pieces = []
    while piece := os.read(descriptor, max(size + 1, 1 << 16)):
        pieces.append(piece)
    return b"".join(pieces)
