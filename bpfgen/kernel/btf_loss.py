"""What becomes of the maps of an object whose BTF the kernel refuses.

libbpf says `BTF is optional, ignoring`, and creates maps without types; the kernel doesn't create
the kinds that need them (:attr:`MapKind.btf` is `required`), nor does libbpf go on where struct_ops
need them. Programs lose their func_info, without which the kernel takes no function as a callback.

Source: libbpf's bpf_object__sanitize_and_load_btf, kernel_needs_btf, bpf_object__create_map and
bpf_object_load_prog; bpf_local_storage_map_alloc_check and check_ld_imm ("missing btf func_info")
in the kernel. Tried with libbpf 1.1 on 6.18.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


_CALLBACKS = (
    "a program with a callback, as for bpf_for_each_map_elem, doesn't load, since its func_info is"
    " missing"
)


def loss(
    needing: Sequence[str], with_fields: Sequence[str] = (), *, struct_ops: bool = False
) -> str:
    """Return the sentence that says it.

    Args:
        needing: The maps of kinds that need types.
        with_fields: The maps with special fields in their values.
        struct_ops: The object has a struct_ops map.
    """
    if struct_ops:
        return "libbpf then doesn't load the object: its struct_ops need BTF"
    if needing:
        return (
            "libbpf then goes on without any types, and the kernel doesn't create"
            f" {_names(needing)}, of a kind that needs them: the object doesn't load"
        )
    if with_fields:
        return (
            "libbpf then creates all maps without types, no program can use the special fields of"
            f" {_names(with_fields)}, and {_CALLBACKS}"
        )
    return f"libbpf then creates all maps without types, bpftool shows bytes, and {_CALLBACKS}"


def _names(maps: Sequence[str]) -> str:
    return f"`{maps[0]}`" + (f" and {len(maps) - 1} more" if len(maps) > 1 else "")
