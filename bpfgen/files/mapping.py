"""The bytes of an object, which may be far larger than what anybody asks of it."""

from __future__ import annotations

import os
import stat
from mmap import ACCESS_READ, mmap

from bpfgen.files import ELFMAG
from bpfgen.files.reading import read_bytes, read_stdin

MOST_UNMAPPED = 1 << 30
"""Bytes of an object that can't be mapped, since it comes out of a pipe."""


def mapped(path: str) -> bytes | mmap:
    """Return the bytes of the file *path*, for `-` those of standard input.

    Those of a regular file are mapped, not read: of an object of 400 MB nearly all is debug
    information, which costs no memory then. Of what is no ELF file it may be the beginning alone.

    Raises:
        OSError: It can't be read.
    """
    if path == "-":
        return read_stdin(MOST_UNMAPPED, ELFMAG)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_size:
            return mmap(descriptor, 0, access=ACCESS_READ)
    except OSError:  # no file system has to support it
        pass
    finally:
        os.close(descriptor)
    return read_bytes(path, MOST_UNMAPPED, ELFMAG)
