"""A map of the running kernel: opened by path or id, all of its elements, pins.

Source: kernel/bpf/syscall.c, bpf_obj_get, bpf_map_get_fd_by_id, map_freeze and bpf_obj_pin.
"""

from __future__ import annotations

import os
import struct
from errno import EBUSY, EINVAL, EPERM

from bpfgen.live.batches import delete_many, update_many
from bpfgen.live.elements import Elements
from bpfgen.live.fdinfo import fdinfo_of
from bpfgen.live.syscall import FREEZE, MAP_GET_FD_BY_ID, OBJ_GET, OBJ_PIN, Bpf, failure
from bpfgen.live.walk import items_of, keys_of
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Literal, TypeAlias

    Source: TypeAlias = str | os.PathLike[str] | int
    Access: TypeAlias = Literal["r", "w", "rw"]

_ACCESS_FLAGS = {"rw": 0, "r": 1 << 3, "w": 1 << 4}
"""BPF_F_RDONLY and BPF_F_WRONLY, by what is left."""

_PERMISSIONS = {"rw": "read and write", "r": "read", "w": "write"}
"""What OBJ_GET asks of the file, and search permission for the directories above it."""

_A_MAP = "anon_inode:bpf-map"
_OTHERS = {
    "anon_inode:bpf-prog": "a program",
    "anon_inode:bpf-link": "a link",
    "anon_inode:bpf_link": "a link",
}
"""What a link in /proc/self/fd says (kernel/bpf/syscall.c, bpf_prog_new_fd, bpf_link_new_fd)."""


def open_map(source: Source, *, access: Access = "rw") -> Map:
    """Return the map that is pinned at the path *source*, or has the id *source*.

    Args:
        source: A path below a BPF filesystem, or an id, which takes CAP_SYS_ADMIN.
        access: `r` or `w` for a descriptor that can do no more. A pin that one may read and not
            write can only be opened with `r`.

    Raises:
        OSError: There is no such map (FileNotFoundError), or one may not open it (PermissionError).
            EISDIR and EINVAL where a directory or something else is there, and no map.
        ValueError: *access* is something else, or the id isn't a number of 32 bits.
        TypeError: *source* is neither a path nor an id.
    """
    bpf = Bpf()
    flags = _ACCESS_FLAGS.get(access)
    if flags is None:
        raise ValueError(
            f"`access` is one of {', '.join(repr(one) for one in _ACCESS_FLAGS)}: not {access!r}"
        )
    if isinstance(source, bool):  # a number to Python, and the id of a map to nobody
        raise TypeError(f"a map is named by a path or an id: not by {source}")
    if isinstance(source, int):
        if not 0 <= source < 1 << 32:
            raise ValueError(f"the id of a map is a number of 32 bits, and {source} is none")
        subject = f"id {source}"
        fd = bpf.call(MAP_GET_FD_BY_ID, struct.pack("=III", source, 0, flags), subject)
    else:
        path = os.fspath(source)
        subject = f"`{path}`"
        name = bpf.path(path)
        attributes = struct.pack("=QII", bpf.address(name), 0, flags)
        fd, number = bpf.attempt(OBJ_GET, attributes)
        if number == EINVAL and flags:  # bpf_obj_get_user() opens a link for both directions alone
            raise OSError(EINVAL, f"{subject} is no map: a link is pinned there")
        if number:
            from bpfgen.live.unopened import unopened

            raise unopened(path, number, _PERMISSIONS[access])
    other = _other_than_a_map(fd)
    if other is not None:
        os.close(fd)
        raise OSError(EINVAL, f"{subject} is no map: {other} is pinned there")
    return Map(fd, bpf)


def _other_than_a_map(fd: int) -> str | None:
    """Return what *fd* is where it is no map: a program or a link may be pinned as well."""
    try:
        target = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:  # no procfs: asking for the info will tell
        return None
    return None if target == _A_MAP else _OTHERS.get(target, "something else")


class Map(Elements):
    """An open map, whose keys and values are bytes."""

    __slots__ = ()

    def __iter__(self) -> Iterator[bytes]:
        return self.keys()

    def keys(self) -> Iterator[bytes]:
        """Yield the keys, each once, while they may come and go.

        Those of an array are its indices, whatever is there.

        Raises:
            OSError: The kind has no keys that could be listed (a local storage, a queue).
            RuntimeError: Keys went faster than they were read.
        """
        return keys_of(self)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield key and value of the elements, each once, while they may come and go.

        It is no snapshot. Empty slots of an array of descriptors are left out. Many elements are
        read at once where the kernel knows how.

        Raises:
            OSError: The kind has no keys that could be listed, or no values that could be read.
            RuntimeError: Keys went faster than they were read.
        """
        return items_of(self)

    def update_many(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Put each value under its key: many at once where the kernel knows how.

        What came before the one that is refused, is there.
        """
        update_many(self, items)

    def delete_many(self, keys: Iterable[bytes]) -> int:
        """Remove what is under each of *keys*; return how many of them were there."""
        return delete_many(self, keys)

    def freeze(self) -> None:
        """Let nobody in user space write to the map any more. There is no way back.

        Raises:
            OSError: It is frozen already, which is EPERM to most kernels; EBUSY where somebody
                writes to it, or may, by a mapping.
        """
        with self.in_use() as fd:
            _result, number = self.bpf.attempt(FREEZE, struct.pack("=I", fd))
            if number in (EBUSY, EPERM) and fdinfo_of(fd).frozen:
                raise OSError(number, f"BPF_MAP_FREEZE of {self.info}: it is frozen already")
            if number:
                raise failure(FREEZE, number, str(self.info))

    def pin(self, path: str | os.PathLike[str]) -> None:
        """Pin the map at *path*, below a BPF filesystem; `os.unlink` takes the pin away.

        Raises:
            OSError: EEXIST where something is pinned there; EINVAL on another filesystem; EPERM for
                a name with a dot.
        """
        bpf = self.bpf
        name = bpf.path(path)
        with self.in_use() as fd:
            attributes = struct.pack("=QII", bpf.address(name), fd, 0)
            bpf.call(OBJ_PIN, attributes, f"{self.info} at `{os.fspath(path)}`")
