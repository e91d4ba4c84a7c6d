"""What is pinned in the BPF filesystems of this mount namespace.

The kernel keeps no list: every file is opened, and asked what it is. One that is a link may be
opened for both directions only; nothing is ever read or written.

Source: kernel/bpf/inode.c, bpf_obj_get_user and bpf_lookup.
"""

from __future__ import annotations

import os
import struct
from errno import EACCES, EINVAL, ENAMETOOLONG, EPERM

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
        too_long: Those whose paths are longer than the kernel takes (PATH_MAX): they were made from
            a directory on the way, and what is in them was not looked at.
    """

    paths: dict[tuple[str, int], tuple[str, ...]]
    unread: tuple[str, ...]
    too_long: tuple[str, ...]


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
    too_long: list[str] = []
    seen: set[tuple[int, int]] = set()
    for root, device in roots:
        files = _files(root, device, unread, too_long)
        there = [(path, inode) for path, inode in files if inode not in seen]
        for path, _ in there:
            if step is not None:
                step(path)
            key, error = _pinned(bpf, path)
            if key is not None:
                paths.setdefault(key, []).append(path)
            elif error in (EACCES, EPERM):
                unread.append(path)
            elif error == ENAMETOOLONG:
                too_long.append(path)
        seen.update(inode for _, inode in there)
    by_id = {key: tuple(sorted(those)) for key, those in paths.items()}
    return Pins(by_id, tuple(sorted(unread)), tuple(sorted(too_long)))


def _files(
    root: str, device: int, unread: list[str], too_long: list[str]
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the files below *root* in order, and what each is to the kernel.

    Neither links are followed nor what is mounted on top. What one may not read is added to
    *unread*, and to *too_long* what has too long a path.
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
        except OSError as error:
            if error.errno == ENAMETOOLONG:
                too_long.append(directory)
            continue  # it is gone, else
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
