"""A kernel's BTF -> the sizes of the structs that its maps are made of. Only `size` loads it."""

from __future__ import annotations

from bpfgen.btf.kinds import BTF_KIND_STRUCT
from bpfgen.kernel.struct_sizes import STRUCTS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.btf.names import BtfNames


def struct_sizes_in(names: BtfNames) -> dict[str, int]:
    """Return the bytes of the structs of maps that *names* has, by tag; some kernels lack some.

    Where there are several structs of a name, as `bucket` may be in another subsystem, none of them
    is returned: which is the one of maps, BTF doesn't say.
    """
    sizes: dict[str, int] = {}
    for tag in STRUCTS:
        found = {names.btf.size(type_id) for type_id in names.types(tag, BTF_KIND_STRUCT)}
        if len(found) == 1:
            sizes[tag] = found.pop()
    return sizes
