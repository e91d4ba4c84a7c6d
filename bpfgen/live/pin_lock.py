"""One run at a time pins maps in a BPF filesystem: none takes away what another has found there.

Beside :mod:`pinning`. A run that fails removes the pins that it has made; another one that had
found them, and taken them for those of its source, would end well and be left without.

Source: flock(2), of the directory where the filesystem is mounted. It goes with the descriptor,
however the run ends, and leaves no file.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from errno import EWOULDBLOCK

from bpfgen.live.descriptor import Descriptor
from bpfgen.live.pinning import mount_for
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT = 10.0
"""Seconds that a run waits for others, which take a fraction of one."""

_STEP = 0.02


class PinsLockedError(OSError):
    """Another run had the lock all the time.

    Attributes:
        mount: The directory that it has locked.
    """

    def __init__(self, mount: str) -> None:
        super().__init__(EWOULDBLOCK, os.strerror(EWOULDBLOCK), mount)
        self.mount = mount


@contextmanager
def pins_locked(path: str, wait: float = WAIT) -> Iterator[None]:
    """Keep other runs from the filesystem where *path* is to be pinned, to the end of a `with`.

    Where one may not read the directory that is locked, nothing is.

    Raises:
        PinsLockedError: Somebody else has it for longer than *wait*, in seconds.
    """
    mount = mount_for(path)
    opened = None if mount is None else _opened(mount)
    if mount is None or opened is None:
        yield
        return
    with opened as fd:
        end = time.monotonic() + wait
        while not _is_locked(fd):
            if time.monotonic() >= end:
                raise PinsLockedError(mount)
            time.sleep(_STEP)
        yield


def _opened(mount: str) -> Descriptor | None:
    try:
        return Descriptor(os.open(mount, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
    except OSError:
        return None


def _is_locked(fd: int) -> bool:
    """Lock *fd* unless somebody else has; return whether it is."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
