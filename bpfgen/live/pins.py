"""What is pinned in the BPF filesystems of this mount namespace.

The kernel keeps no list: every file is opened, and asked what it is. One that is a link may be
opened for both directions only; nothing is ever read or written.

Source: kernel/bpf/inode.c, bpf_obj_get_user and bpf_lookup.
"""

from __future__ import annotations

import os
import struct
from errno import EACCES, EINVAL, EPERM

from bpfgen.files.pins import bpf_filesystems
from bpfgen.live.descriptor import Descriptor
from bpfgen.live.fdinfo import fdinfo_of
from bpfgen.live.syscall import OBJ_GET
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.live.syscall import Bpf

_RDONLY = 1 << 3


class Pins(Record):
    """What is pinned.

    Attributes:
        paths: By what it is and its id (`("map", 42)`): where it is pinned, in order.
        unread: Files and directories that one may not read, in order.
    """

    paths: dict[tuple[str, int], tuple[str, ...]]
    unread: tuple[str, ...]


def pins(bpf: Bpf, step: Callable[[str], object] | None = None) -> Pins:
    """Return what is pinned, by the first mount of each filesystem that shows it.

    Args:
        step: Called with what is looked at next.
    """
    return _pins(bpf, bpf_filesystems(), step)


def pins_below(bpf: Bpf, directory: str) -> Pins:
    """Return what is pinned in the *directory* of a BPF filesystem, and below it.

    Raises:
        OSError: There is no such directory, or one may not look.
    """
    return _pins(bpf, [(directory, os.stat(directory).st_dev)], None)


def _pins(bpf: Bpf, roots: list[tuple[str, int]], step: Callable[[str], object] | None) -> Pins:
    paths: dict[tuple[str, int], list[str]] = {}
    unread: list[str] = []
    seen: set[tuple[int, int]] = set()
    for root, device in roots:
        there = [(path, inode) for path, inode in _files(root, device, unread) if inode not in seen]
        for path, _ in there:
            if step is not None:
                step(path)
            key, error = _pinned(bpf, path)
            if key is not None:
                paths.setdefault(key, []).append(path)
            elif error in (EACCES, EPERM):
                unread.append(path)
        seen.update(inode for _, inode in there)
    return Pins({key: tuple(sorted(those)) for key, those in paths.items()}, tuple(sorted(unread)))


def _files(root: str, device: int, unread: list[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the files below *root* in order, and what each is to the kernel.

    Neither links are followed nor what is mounted on top. What one may not read is added to
    *unread*.
    """
    pending = [root]
    while pending:
        directory = pending.pop()
        try:
            if os.stat(directory).st_dev != device:
                continue
            with os.scandir(directory) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except PermissionError:
            unread.append(directory)
            continue
        except OSError:  # it is gone
            continue
        below = []
        for entry in found:
            if "." in entry.name:  # the kernel's own lists; nobody can pin by such a name
                continue
            if entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry.path, (device, entry.inode())
        pending += below[::-1]


def _pinned(bpf: Bpf, path: str) -> tuple[tuple[str, int] | None, int]:
    """Return what is pinned at *path*, or None, and the errno."""
    name = bpf.path(path)
    error = 0
    for flags in (_RDONLY, 0):
        fd, error = bpf.attempt(OBJ_GET, struct.pack("=QII", bpf.address(name), 0, flags))
        if not error:
            with Descriptor(fd) as opened:
                info = fdinfo_of(opened)
            return ((info.what, info.id) if info.what else None), 0
        if error != EINVAL:  # of a link, which takes no flags
            break
    return None, error
