"""Programs and links in the running kernel, of a few instructions each: no compiler, no loader.

Each uses maps and returns a number that does nothing. Source: include/uapi/linux/bpf.h, union
bpf_attr, and the instruction set.
"""

from __future__ import annotations

import ctypes
import os
import struct
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from bpfgen.btf.decode import Btf
from bpfgen.btf.kinds import BTF_KIND_FUNC, BTF_KIND_STRUCT
from tests.kernel.bpf_syscall import Descriptor, bpf, load_btf, update_element
from tests.kernel.random_maps import btf as own_btf
from tests.tools import require_file, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MAP_CREATE, _PROG_LOAD, _LINK_CREATE = 0, 5, 28

SOCKET_FILTER, TRACING, STRUCT_OPS, SK_LOOKUP = 1, 26, 27, 30
_SK_LOOKUP_ATTACH, _ITER_ATTACH, _STRUCT_OPS_ATTACH = 36, 28, 44
_SK_PASS = 1
_STRUCT_OPS_MAP, _LINK_FLAG = 26, 1 << 13
"""BPF_MAP_TYPE_STRUCT_OPS and BPF_F_LINK."""


def id_of(descriptor: Descriptor) -> int:
    """Return the id of a map, a program or a link of ours, by its fdinfo."""
    with open(f"/proc/self/fdinfo/{descriptor.fd}", encoding="ascii") as file:
        members = dict(line.split(":", 1) for line in file.read().splitlines())
    # A link has the ids of what it holds, too.
    return next(int(members[name]) for name in ("link_id", "prog_id", "map_id") if name in members)


def load_program(
    maps: Sequence[Descriptor] = (),
    *,
    name: str = "",
    type: int = SOCKET_FILTER,
    attach_type: int = 0,
    attach_btf_id: int = 0,
    result: int = 0,
) -> Descriptor:
    """Load a program that uses *maps* and returns *result* (BPF_PROG_LOAD)."""
    require_root()
    instructions = b""
    for map in maps:
        # r1 = map (two slots), of which nothing is made
        instructions += struct.pack("=BBhiBBhi", 0x18, 1 << 4 | 1, 0, map.fd, 0, 0, 0, 0)
    instructions += struct.pack("=BBhi", 0xB7, 0, 0, result) + struct.pack("=BBhi", 0x95, 0, 0, 0)
    code = ctypes.create_string_buffer(instructions, len(instructions))
    license = ctypes.create_string_buffer(b"GPL")
    attributes = struct.pack(
        "=IIQQIIQII16sIIIIQIIQII",
        type,
        len(instructions) // 8,
        ctypes.addressof(code),
        ctypes.addressof(license),
        *(0, 0, 0, 0, 0),  # log_level, log_size, log_buf, kern_version, prog_flags
        name.encode()[:15],
        0,  # prog_ifindex
        attach_type,
        *(0, 0, 0, 0),  # prog_btf_fd, func_info_rec_size, func_info, func_info_cnt
        *(0, 0, 0),  # line_info_rec_size, line_info, line_info_cnt
        attach_btf_id,
    )
    return Descriptor(bpf(_PROG_LOAD, attributes))


def link_to_netns(map: Descriptor, name: str = "") -> tuple[Descriptor, Descriptor]:
    """Return a program that uses *map*, and the link that attaches it to this network namespace.

    It lets every socket be looked up as ever (BPF_SK_LOOKUP).
    """
    program = load_program(
        [map], name=name, type=SK_LOOKUP, attach_type=_SK_LOOKUP_ATTACH, result=_SK_PASS
    )
    namespace = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        link = bpf(_LINK_CREATE, struct.pack("=4I", program.fd, namespace, _SK_LOOKUP_ATTACH, 0))
    finally:
        os.close(namespace)
    return program, Descriptor(link)


def iterator_over(map: Descriptor) -> tuple[Descriptor, Descriptor]:
    """Return a program that uses no map, and the link that has it iterate over *map*."""
    vmlinux = require_file("/sys/kernel/btf/vmlinux", "the kernel's BTF")
    function = Btf(vmlinux.read_bytes()).find("bpf_iter_bpf_map_elem", BTF_KIND_FUNC)
    program = load_program(type=TRACING, attach_type=_ITER_ATTACH, attach_btf_id=function or 0)
    info = ctypes.create_string_buffer(struct.pack("=I", map.fd), 4)  # union bpf_iter_link_info
    attributes = struct.pack(
        "=4IQI", program.fd, 0, _ITER_ATTACH, 0, ctypes.addressof(info), len(info)
    )
    return program, Descriptor(bpf(_LINK_CREATE, attributes))


@contextmanager
def linked_struct_ops(name: str) -> Iterator[tuple[Descriptor, Descriptor]]:
    """Yield a struct_ops map, a congestion control called *name*, and the link that registers it.

    No socket ever asks for it. Source: kernel/bpf/bpf_struct_ops.c; net/ipv4/tcp_cong.c.
    """
    vmlinux = require_file("/sys/kernel/btf/vmlinux", "the kernel's BTF")
    btf = Btf(vmlinux.read_bytes())
    outer = btf.find("bpf_struct_ops_tcp_congestion_ops", BTF_KIND_STRUCT) or 0
    inner = btf.find("tcp_congestion_ops", BTF_KIND_STRUCT) or 0
    start = next(at // 8 for member, _type, at, _bits in btf.members(outer) if member == "data")
    value = bytearray(btf.size(outer))
    with ExitStack() as stack:
        types = stack.enter_context(load_btf(own_btf())).fd  # any will do
        sizes = (_STRUCT_OPS_MAP, 4, len(value), 1, _LINK_FLAG)
        attributes = struct.pack("=5I8x16s4x4IQ", *sizes, name.encode(), types, 0, 0, outer, 0)
        map = stack.enter_context(Descriptor(bpf(_MAP_CREATE, attributes)))
        for index, (member, _type, at, _bits) in enumerate(btf.members(inner)):
            offset = start + at // 8
            if member in {"ssthresh", "undo_cwnd", "cong_avoid"}:
                program = load_program(
                    type=STRUCT_OPS, attach_type=index, attach_btf_id=inner, result=2, name=member
                )
                stack.enter_context(program)
                struct.pack_into("=Q", value, offset, program.fd)
            elif member == "name":
                struct.pack_into("=16s", value, offset, name.encode())
        update_element(map.fd, bytes(4), bytes(value))
        link = bpf(_LINK_CREATE, struct.pack("=4I", map.fd, 0, _STRUCT_OPS_ATTACH, 0))
        yield map, stack.enter_context(Descriptor(link))
