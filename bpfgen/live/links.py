"""The links of the running kernel: what keeps programs attached, and some maps alive.

A link of struct_ops holds a map and no program; one of an iterator over the elements of a map
holds both. All others hold a program, which holds its maps.

Source: include/uapi/linux/bpf.h, struct bpf_link_info; kernel/bpf/bpf_struct_ops.c,
bpf_struct_ops_map_link_fill_link_info; kernel/bpf/map_iter.c, bpf_iter_map_fill_link_info.
"""

from __future__ import annotations

import struct

from bpfgen.kernel.program_types import LINK_TYPES, link_type_name
from bpfgen.live.descriptor import Descriptor
from bpfgen.live.ids import ids_of, info_bytes, opened_by_id
from bpfgen.live.syscall import LINK_GET_FD_BY_ID, LINK_GET_NEXT_ID
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.live.syscall import Bpf

_SIZE = 32
"""Bytes of the struct that hold the ids."""

_MAP_ID = {LINK_TYPES.index("struct_ops"): 16, LINK_TYPES.index("iter"): 28}
"""Where the id of a map is, by the type of the link; 0 there where an iterator is over no map."""


class Link(Record):
    """A link of the running kernel.

    Attributes:
        id: Of this link and no other, until the machine is started anew.
        number: Of the type, in enum bpf_link_type.
        program_id: Of the program that it holds; 0 where it holds none.
        map_id: Of the map that it holds itself; 0 where it holds none.
    """

    id: int
    number: int
    program_id: int
    map_id: int

    @property
    def type(self) -> str:
        """libbpf's name of the type, or the number of one that is newer than the table."""
        return link_type_name(self.number)


def links(bpf: Bpf) -> Iterator[Link]:
    """Yield the links that there are, by id; none on a kernel before 5.8.

    Raises:
        OSError: One may not ask: it takes CAP_SYS_ADMIN.
    """
    for id in ids_of(bpf, LINK_GET_NEXT_ID):
        opened = opened_by_id(bpf, LINK_GET_FD_BY_ID, id)
        if opened is not None:
            with Descriptor(opened) as fd:
                link = link_info(bpf, fd)
            yield link


def link_info(bpf: Bpf, fd: int) -> Link:
    """Return what the kernel says of the link that *fd* is.

    Raises:
        OSError: It doesn't.
    """
    info = info_bytes(bpf, fd, bytes(_SIZE), "a link")
    number, id, program_id = struct.unpack_from("=3I", info)
    at = _MAP_ID.get(number)
    map_id = 0 if at is None else struct.unpack_from("=I", info, at)[0]
    return Link(id, number, program_id, map_id)
