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
    from bpfgen.btf.decode import Btf
    from bpfgen.live.elements import Elements
    from bpfgen.live.info import MapInfo
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
    from bpfgen.ctype.fingerprint import Fingerprints, MapLayout
    from bpfgen.text.diagnostics import FormatError

    info = map.info
    if not _is_whole(info):
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


def _is_whole(info: MapInfo) -> bool:
    """Return whether the kernel knows the types of all that a fingerprint is of."""
    kind = info.kind
    if kind is None or kind.has_record or kind.of_maps or not info.btf_id:
        return False
    has_key = bool(info.key_type_id) or not info.key_size
    return has_key and bool(info.value_type_id)


def is_rewritten(btf: Btf) -> bool:
    """Return whether libbpf has put other types into *btf* than an object had.

    For a kernel that doesn't know a kind of type it replaces the type: a float by a struct without
    members (before Linux 5.13), an enum of 64 bits by a union (before 6.0).

    Source: tools/lib/bpf/libbpf.c, bpf_object__sanitize_btf.
    """
    from bpfgen.btf.kinds import BTF_KIND_INT, BTF_KIND_STRUCT

    if btf.find("enum64_placeholder", BTF_KIND_INT) is not None:
        return True
    structs = btf.ids_of_kind(BTF_KIND_STRUCT)
    return any(not btf.vlen(id) and btf.size(id) and not btf.name(id) for id in structs)


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
