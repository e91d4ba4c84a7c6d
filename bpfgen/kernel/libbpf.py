"""What libbpf makes of what a definition of maps can say, and since which version.

The dates were found in its history, and each was tried on libbpf 0.0.6 to 1.8, built from its
sources, with Linux 6.18 (tests/loader_programs.py has the programs). A column of
:data:`bpfgen.kernel.loaders.LOADERS`.
"""

from __future__ import annotations

from bpfgen.kernel.support import Support
from bpfgen.text.diagnostics import NOTE, WARNING

_UNKNOWN_FIELD = "refuse the map with ENOTSUP, since the field is unknown to them"
_BTF = "can't read the BTF of the object, and so none of its maps"

LIBBPF: dict[str, Support] = {
    "inner definitions": Support((0, 0), _UNKNOWN_FIELD, "parse_btf_map_def"),
    "initial maps": Support((0, 0), _UNKNOWN_FIELD, "parse_btf_map_def"),
    "numa_node": Support((0, 1), _UNKNOWN_FIELD, "parse_btf_map_def"),
    "extern maps": Support(
        (0, 4), "can't link the object with the one that defines the map", "bpf_linker__add_file"
    ),
    "FLOAT": Support((0, 4), _BTF, "btf_parse_type_sec"),
    "map_extra": Support((0, 6), _UNKNOWN_FIELD, "parse_btf_map_def"),
    "initial programs of a prog_array": Support(
        (0, 6), "refuse the map with ENOTSUP", "parse_btf_map_def"
    ),
    "DECL_TAG": Support((0, 6), _BTF, "btf_parse_type_sec"),
    "TYPE_TAG": Support((0, 6), _BTF, "btf_parse_type_sec"),
    "weak maps": Support(
        (0, 8),
        "don't find the map's symbol, and refuse the object with ENOENT",
        "btf_fixup_datasec",
    ),
    "ring buffers are rounded up": Support(
        (0, 8), "pass its size on, which the kernel refuses with EINVAL", "adjust_ringbuf_sz"
    ),
    "pinned perf_event_array without entries": Support(
        (0, 8),
        "don't take the pinned map up again, since it has another max_entries",
        "map_is_reuse_compat",
        severity=WARNING,
    ),
    "legacy maps": Support(
        (0, 0), "refuse the object with ENOTSUP", "bpf_object__elf_collect", until=(1, 0)
    ),
    "ENUM64": Support((1, 0), _BTF, "btf_parse_type_sec"),
    "sign of an ENUM": Support(
        (1, 0),
        "leave it in the BTF, which kernels before 6.0 refuse: maps lose their types",
        "bpf_object__sanitize_btf",
        severity=WARNING,
        before_kernel=(6, 0),
    ),
    "user ring buffers are rounded up": Support(
        (1, 1), "pass its size on, which the kernel refuses with EINVAL", "map_is_ringbuf"
    ),
    "arena": Support(
        (1, 4),
        "make the map, but don't map its pages, nor fill in what is declared `__arena`",
        "bpf_object__create_map",
        severity=WARNING,
    ),
    "map_extra of more than 32 bits": Support(
        (1, 4), "refuse the map, whose field is an enum for them", "get_map_field_long"
    ),
    "inner perf_event_array without entries": Support(
        (1, 4),
        "make the inner map with 0 entries, which the kernel refuses with EINVAL",
        "map_set_def_max_entries",
    ),
    "pinned devmap": Support(
        (1, 7),
        "don't take the pinned map up again, since the kernel adds BPF_F_RDONLY_PROG to its flags",
        "map_is_reuse_compat",
        severity=WARNING,
    ),
    "insn_array": Support((1, 7), "have no name for it", "libbpf_bpf_map_type_str", severity=NOTE),
    "rhash": Support((1, 8), "have no name for it", "libbpf_bpf_map_type_str", severity=NOTE),
    "initializer style": Support(
        None,
        "refuse the map with EINVAL: its values aren't in BTF",
        "get_map_field_int",
        advice="use `--style modern`",
    ),
}
"""By feature, the oldest first; what isn't here every libbpf does."""
