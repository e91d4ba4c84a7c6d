"""Types that a loader has put into BTF for others that the kernel doesn't know.

After :mod:`decode`: whoever compares what a running kernel has with a source has to know.
"""

from __future__ import annotations

from bpfgen.btf.kinds import BTF_KIND_INT, BTF_KIND_STRUCT
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.btf.decode import Btf


def is_rewritten(btf: Btf) -> bool:
    """Return whether libbpf has put other types into *btf* than an object had.

    For a kernel that doesn't know a kind of type it replaces the type: a float by a struct without
    members (before Linux 5.13), an enum of 64 bits by a union (before 6.0).

    Source: tools/lib/bpf/libbpf.c, bpf_object__sanitize_btf.
    """
    if btf.find("enum64_placeholder", BTF_KIND_INT) is not None:
        return True
    structs = btf.ids_of_kind(BTF_KIND_STRUCT)
    return any(not btf.vlen(id) and btf.size(id) and not btf.name(id) for id in structs)
