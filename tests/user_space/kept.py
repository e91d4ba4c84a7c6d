"""Where what the compilers of Go and Rust made of libraries is kept for the next run."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.tools import TOOLCHAINS

if TYPE_CHECKING:
    from collections.abc import Iterator


@functools.cache
def kept_directory(name: str) -> Path:
    """Return the directory *name* beside the toolchains, made if need be.

    Where nothing can be written there, one that ends with this process.
    """
    if os.access(TOOLCHAINS, os.W_OK):
        path = TOOLCHAINS / name
        path.mkdir(exist_ok=True)
        return path
    folder = tempfile.mkdtemp(prefix="bpfgen-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold *folder* alone: other tests and other runs wait."""
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
