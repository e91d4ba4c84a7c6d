"""What /proc says of a descriptor of bpf(2): memory, frozen, the owner, and what it is.

`memlock` and `frozen` are nowhere else. What `memlock` counts depends on the kernel: up to 5.10
what was charged at creation, in pages; up to 6.3 an estimate by max_entries, in pages; from 6.4 on
the bytes that there are now.

Source: kernel/bpf/syscall.c, bpf_map_show_fdinfo, bpf_prog_show_fdinfo and bpf_link_show_fdinfo.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

MAP, PROGRAM, LINK = "map", "program", "link"
"""What a descriptor may be."""


class FdInfo(Record):
    """What /proc says of a descriptor.

    Attributes:
        what: `map`, `program` or `link`; empty for something else.
        id: Of that.
        map_id: Of the map that a link of struct_ops holds; else 0, or `id` of a map.
        program_id: Of the program that a link holds; else 0, or `id` of a program.
        memlock: Bytes that the kernel counts for a map; None where it doesn't say.
        frozen: Whether nobody in user space may write to a map; None where the kernel doesn't say.
        owner_program_type: The type of programs that alone may use a prog_array, a number of enum
            bpf_prog_type; None while any may.
        owner_is_jited: Whether these are compiled by the kernel; None likewise.
    """

    what: str = ""
    id: int = 0
    map_id: int = 0
    program_id: int = 0
    memlock: int | None = None
    frozen: bool | None = None
    owner_program_type: int | None = None
    owner_is_jited: bool | None = None


def fdinfo_of(fd: int) -> FdInfo:
    """Return what /proc says of *fd*, a descriptor of this process; nothing without a procfs."""
    try:
        return read_fdinfo(f"/proc/self/fdinfo/{fd}")
    except OSError:
        return FdInfo()


def read_fdinfo(path: str) -> FdInfo:
    """Return what the fdinfo file *path* says.

    Raises:
        OSError: It can't be read: the process is gone, or somebody else's.
    """
    with open(path, "rb", buffering=0) as file:
        data = file.read(1 << 16)
    return parsed(data)


def parsed(data: bytes) -> FdInfo:
    """Return what the lines *data* of an fdinfo file say."""
    members: dict[bytes, bytes] = {}
    for line in data.splitlines():
        name, colon, value = line.partition(b":")
        if colon:
            members.setdefault(name, value.strip())
    number = {name: _number(members, name) for name in _NUMBERS}
    map_id, program_id, link_id = number[b"map_id"], number[b"prog_id"], number[b"link_id"]
    # A link has the ids of what it holds, too; a struct_ops that is a map has none of a program.
    what, id = LINK, link_id
    if id is None:
        what, id = (PROGRAM, program_id) if program_id is not None else (MAP, map_id)
    if id is None:
        return FdInfo()
    frozen, is_jited = number[b"frozen"], number[b"owner_jited"]
    return FdInfo(
        what,
        id,
        map_id or 0,
        program_id or 0,
        number[b"memlock"] if what == MAP else None,
        None if frozen is None else bool(frozen),
        number[b"owner_prog_type"],
        None if is_jited is None else bool(is_jited),
    )


_NUMBERS = (
    b"map_id",
    b"prog_id",
    b"link_id",
    b"memlock",
    b"frozen",
    b"owner_prog_type",
    b"owner_jited",
)


def _number(members: Mapping[bytes, bytes], name: bytes) -> int | None:
    value = members.get(name, b"")
    return int(value) if value.isdigit() else None
