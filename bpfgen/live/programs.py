"""The programs of the running kernel, and which maps each of them uses.

Source: include/uapi/linux/bpf.h, struct bpf_prog_info; kernel/bpf/syscall.c,
bpf_prog_get_info_by_fd.
"""

from __future__ import annotations

import struct

from bpfgen.kernel.program_types import program_type_name
from bpfgen.live.descriptor import Descriptor
from bpfgen.live.ids import ids_of, info_bytes, opened_by_id
from bpfgen.live.syscall import PROG_GET_FD_BY_ID, PROG_GET_NEXT_ID
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.btf.decode import Btf
    from bpfgen.live.syscall import Bpf

_SIZE = 152
"""Bytes of the struct up to `nr_line_info`; an older kernel fills in less, the rest stays zero."""

_MAP_IDS, _NAME, _BTF_ID, _FUNCTIONS = 52, 64, 128, 132
"""Where `nr_map_ids` is, with `map_ids`; `name`; `btf_id`; `func_info_rec_size`, with the rest."""

_ROOM = 64
"""Ids of maps that are asked for at first."""

_FUNCTION = struct.Struct("=2I")
"""struct bpf_func_info: insn_off and type_id."""

_CUT = 15
"""Bytes of a name that may have been longer (BPF_OBJ_NAME_LEN, without its NUL)."""


class Program(Record):
    """A program of the running kernel.

    Attributes:
        id: Of this program and no other, until the machine is started anew.
        name: As the kernel has it: 15 bytes at most. :func:`full_name` may know more.
        number: Of the type, in enum bpf_prog_type.
        tag: The kernel's hash of the instructions, 16 hexadecimal digits.
        map_ids: Of the maps that it uses, in the order of the kernel.
        btf_id: Of the BTF that it was loaded with; 0 where there is none.
    """

    id: int
    name: str
    number: int
    tag: str
    map_ids: tuple[int, ...]
    btf_id: int

    @property
    def type(self) -> str:
        """libbpf's name of the type, or the number of one that is newer than the table."""
        return program_type_name(self.number)

    def __str__(self) -> str:
        return f"program `{self.name}` (id {self.id})" if self.name else f"program {self.id}"


def programs(bpf: Bpf) -> Iterator[Program]:
    """Yield the programs that there are, by id.

    Raises:
        OSError: One may not ask: it takes CAP_SYS_ADMIN.
    """
    for id in ids_of(bpf, PROG_GET_NEXT_ID):
        program = program_of(bpf, id)
        if program is not None:
            yield program


def program_of(bpf: Bpf, id: int) -> Program | None:
    """Return the program with the *id*; None where it is gone.

    Raises:
        OSError: One may not open it: it takes CAP_SYS_ADMIN.
    """
    opened = opened_by_id(bpf, PROG_GET_FD_BY_ID, id)
    if opened is None:
        return None
    with Descriptor(opened) as fd:
        return program_info(bpf, fd)


def program_info(bpf: Bpf, fd: int) -> Program:
    """Return what the kernel says of the program that *fd* is.

    Raises:
        OSError: It doesn't.
    """
    room = _ROOM
    while True:
        ids = bpf.room(4 * room)
        asked = bytearray(_SIZE)
        struct.pack_into("=IQ", asked, _MAP_IDS, room, bpf.address(ids))
        info = info_bytes(bpf, fd, bytes(asked), "a program")
        count = struct.unpack_from("=I", info, _MAP_IDS)[0]
        if count <= room:
            break
        room = count
    number, id, tag = struct.unpack_from("=2I8s", info)
    name = info[_NAME : _NAME + _CUT + 1].split(b"\0", 1)[0]
    btf_id = struct.unpack_from("=I", info, _BTF_ID)[0]
    map_ids = struct.unpack_from(f"={count}I", ids.raw)
    return Program(id, name.decode("utf-8", "backslashreplace"), number, tag.hex(), map_ids, btf_id)


def full_name(bpf: Bpf, program: Program, types: Callable[[int], Btf | None]) -> str:
    """Return the name of the function that *program* is, which its own name may be the start of.

    The name as the kernel has it where that is whole, and where the function isn't known.

    Args:
        types: What gives the BTF with an id, or None where one may not have it.

    Source: tools/bpf/bpftool/common.c, get_prog_full_name.
    """
    name = program.name
    if len(name.encode()) < _CUT or not program.btf_id:
        return name
    function = bpf.room(_FUNCTION.size)
    asked = bytearray(_SIZE)
    struct.pack_into("=IQI", asked, _FUNCTIONS, _FUNCTION.size, bpf.address(function), 1)
    try:
        opened = opened_by_id(bpf, PROG_GET_FD_BY_ID, program.id)
        if opened is None:
            return name
        with Descriptor(opened) as fd:
            info_bytes(bpf, fd, bytes(asked), str(program))
        btf = types(program.btf_id)
        type_id = _FUNCTION.unpack(function.raw)[1]
        full = btf.name(type_id) if btf is not None and type_id else ""
    except (OSError, FormatError):
        return name
    return full if full.startswith(name) else name
