"""The fingerprint of a map of the running kernel, from the kernel's own BTF of it.

:mod:`bpfgen.ctype.fingerprint` says what counts. The kernel keeps types of some kinds only, and
never those of records and inner maps. What reads them is imported when it is asked for.

Source: kernel/bpf/btf.c, btf_get_info_by_fd; include/uapi/linux/bpf.h, struct bpf_btf_info.
"""

from __future__ import annotations

import os
import struct

from bpfgen.live.syscall import BTF_GET_FD_BY_ID, OBJ_GET_INFO_BY_FD
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.live.elements import Elements
    from bpfgen.live.syscall import Bpf

_BTF_INFO = struct.Struct("=Q2IQ2I")
"""btf, btf_size, id, name, name_len, kernel_btf."""


def fingerprint_of(map: Elements) -> int | None:
    """Return the fingerprint of *map*; None where the kernel doesn't know all that it is made of.

    Raises:
        OSError: One may not read the types: it takes CAP_SYS_ADMIN.
    """
    from bpfgen.btf.convert import BtfTypes
    from bpfgen.btf.decode import Btf
    from bpfgen.btf.rewritten import is_rewritten
    from bpfgen.ctype.fingerprint import Fingerprints, MapLayout, has_all_types
    from bpfgen.text.diagnostics import FormatError

    info = map.info
    if not info.btf_id or not has_all_types(
        info.kind, info.key_size, info.key_type_id, info.value_type_id
    ):
        return None
    try:
        btf = Btf(btf_of(map.bpf, info.btf_id))
        if is_rewritten(btf):
            return None
        types = BtfTypes(btf)
        key = types.type(info.key_type_id) if info.key_type_id else None
        value = types.type(info.value_type_id) if info.value_type_id else None
    except FormatError:  # of a kernel that knows more kinds of types than are known here
        return None
    layout = MapLayout(info.number, info.kind, key, value, info.key_size, info.value_size)
    return Fingerprints().of_map(layout)


def btf_of(bpf: Bpf, btf_id: int) -> bytes:
    """Return the BTF with the id *btf_id*, as it was loaded."""
    subject = f"BTF {btf_id}"
    fd = bpf.call(BTF_GET_FD_BY_ID, struct.pack("=I", btf_id), subject)
    try:
        size = _btf_info(bpf, fd, 0, 0, subject)
        data = bpf.room(size)
        _btf_info(bpf, fd, bpf.address(data), size, subject)
        return bytes(data.raw[:size])
    finally:
        os.close(fd)


def _btf_info(bpf: Bpf, fd: int, address: int, size: int, subject: str) -> int:
    """Have *size* bytes of BTF written to *address*; return how many there are."""
    info = bpf.buffer(_BTF_INFO.pack(address, size, 0, 0, 0, 0))
    attributes = struct.pack("=IIQ", fd, _BTF_INFO.size, bpf.address(info))
    bpf.call(OBJ_GET_INFO_BY_FD, attributes, subject)
    return int(_BTF_INFO.unpack_from(info.raw)[1])
