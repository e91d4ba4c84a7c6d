"""Order between reads and writes of memory that is shared with the kernel.

Python has no atomic access, but a number that is read or written in one piece; what comes between
two of them is here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_IN_ORDER = ("x86_64", "i386", "i486", "i586", "i686", "s390x")
"""Machines that neither reorder two reads, nor a read with a write after it."""


class Fence:
    """What no access to memory is moved across, in either direction, by this processor.

    Taking a lock keeps what comes after from moving before it, and letting go of it what comes
    before from moving after; between letting go and taking it once more nothing moves at all.
    """

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        from _thread import allocate_lock

        self._lock: Any = None if os.uname().machine in _IN_ORDER else allocate_lock()

    def pass_(self) -> None:
        """Let nothing from before this call happen after it, or the other way round."""
        lock = self._lock
        if lock is not None:
            for _ in range(2):
                lock.acquire()
                lock.release()
