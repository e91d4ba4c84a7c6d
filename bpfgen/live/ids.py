"""Every map, program and link of the running kernel, by id.

Below :mod:`programs` and :mod:`links`. Ids count up, and what they are of may go at any time: what
is gone is passed over.

Source: kernel/bpf/syscall.c, bpf_obj_get_next_id and bpf_map_get_fd_by_id with its neighbours.
"""

from __future__ import annotations

import struct
from errno import EAGAIN, ENOENT

from bpfgen.live.syscall import MAP_GET_NEXT_ID, OBJ_GET_INFO_BY_FD, failure
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.live.syscall import Bpf, Command

_GONE = frozenset((ENOENT, EAGAIN))
"""The second of a link that is being made: it has no id that anybody could know yet."""


def ids_of(bpf: Bpf, following: Command = MAP_GET_NEXT_ID) -> Iterator[int]:
    """Yield the ids of all maps, or of what else *following* goes through, in order.

    Raises:
        OSError: One may not ask: it takes CAP_SYS_ADMIN.
    """
    id = 0
    while True:
        attributes = bpf.buffer(struct.pack("=III", id, 0, 0))
        _, error = bpf.attempt(following, attributes)
        if error == ENOENT:
            return
        if error:
            raise failure(following, error, f"what comes after id {id}")
        id = struct.unpack_from("=I", attributes.raw, 4)[0]
        yield id


def opened_by_id(bpf: Bpf, command: Command, id: int, flags: int = 0) -> int | None:
    """Return a descriptor of what has the *id*, to be closed; None where it is gone.

    Args:
        command: MAP_GET_FD_BY_ID and the like.
        flags: Of the descriptor; only a map has some.

    Raises:
        OSError: One may not open it: it takes CAP_SYS_ADMIN.
    """
    fd, error = bpf.attempt(command, struct.pack("=III", id, 0, flags))
    if error in _GONE:
        return None
    if error:
        raise failure(command, error, f"id {id}")
    return fd


def info_bytes(bpf: Bpf, fd: int, asked: bytes, subject: str) -> bytes:
    """Return what the kernel says of what *fd* is (BPF_OBJ_GET_INFO_BY_FD).

    *asked* is the struct of its kind of object, with the members that are read too. An older kernel
    fills in less of it.

    Raises:
        OSError: The kernel refuses it; *subject* is what was asked about.
    """
    room = bpf.buffer(asked)
    attributes = struct.pack("=IIQ", fd, len(asked), bpf.address(room))
    bpf.call(OBJ_GET_INFO_BY_FD, attributes, subject)
    return bytes(room.raw[: len(asked)])
