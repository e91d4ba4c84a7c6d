"""What aya makes of what a definition of maps can say, and since which version.

Read in its sources, and each row tried on aya 0.11, 0.12, 0.13 and 0.14, built from them, with
Linux 6.18 (tests/loader_programs.py has the programs). A column of
:data:`bpfgen.kernel.loaders.LOADERS`.
"""

from __future__ import annotations

from bpfgen.kernel.support import Support
from bpfgen.text.diagnostics import NOTE, WARNING

_PARSE = "parse_btf_map_def, aya-obj/src/obj.rs"
_KINDS = "parse_map, aya/src/bpf.rs"
_UNSUPPORTED = "refuse the map as unsupported, unless `allow_unsupported_maps` was called"
_CALL = "call `EbpfLoader::allow_unsupported_maps`, and allow this here"
_NO_KIND = "refuse the map: its type is none that they know"

AYA: dict[str, Support] = {
    "maps in section .maps": Support(
        (0, 12),
        "pass over the section, and refuse programs that use its maps",
        "Object::parse_section, aya/src/obj/mod.rs",
    ),
    "ENUM64": Support(
        (0, 12),
        "can't read the BTF of the object, and so none of its maps",
        "BtfKind::try_from, aya-obj/src/btf/types.rs",
    ),
    "cgroup_array": Support((0, 14), _UNSUPPORTED, _KINDS),
    "cgroup_storage": Support((0, 14), _UNSUPPORTED, _KINDS),
    "percpu_cgroup_storage": Support((0, 14), _UNSUPPORTED, _KINDS),
    "reuseport_sockarray": Support((0, 14), _UNSUPPORTED, _KINDS),
    "sk_storage": Support((0, 14), _UNSUPPORTED, _KINDS),
    "inode_storage": Support((0, 14), _UNSUPPORTED, _KINDS),
    "cgrp_storage": Support((0, 14), _UNSUPPORTED, _KINDS),
    "inner definitions": Support(
        (0, 14),
        "pass over it, and make the map without one, which the kernel refuses with EINVAL",
        _PARSE,
    ),
    "map_extra": Support((0, 14), "pass over it, so that it is 0", _PARSE, severity=WARNING),
    "map_extra of more than 32 bits": Support(
        None,
        "refuse the object, or before 0.14 pass over it: their numbers have 32 bits",
        "get_map_field, aya-obj/src/obj.rs",
        advice="leave it out",
    ),
    "task_storage": Support(None, _UNSUPPORTED, _KINDS, advice=_CALL),
    "user_ringbuf": Support(None, _UNSUPPORTED, _KINDS, advice=_CALL),
    "arena": Support(None, _UNSUPPORTED, _KINDS, advice=_CALL),
    "insn_array": Support(None, _NO_KIND, "bpf_map_type::try_from, aya-obj/src/maps.rs"),
    "rhash": Support(None, _NO_KIND, "bpf_map_type::try_from, aya-obj/src/maps.rs"),
    "maps of maps without an inner definition": Support(
        None,
        "refuse the map, and have nothing to set one with",
        "EbpfLoader::load, aya/src/bpf.rs",
        advice="write the inner definition: `array_of_maps<__u32, hash<K, V>[n]>`",
    ),
    "initial programs of a prog_array": Support(
        None,
        "refuse the object; before 0.14 they left the slots empty",
        _PARSE,
        advice="leave them out, and fill the slots with `ProgramArray::set`",
    ),
    "initial maps": Support(
        None,
        "leave the slots empty",
        "MapData::finalize, aya/src/maps/mod.rs",
        severity=WARNING,
        advice="fill the slots after loading",
    ),
    "inner ring buffers are rounded up": Support(
        None,
        "pass its size on, which the kernel refuses with EINVAL",
        "MapData::create, aya/src/maps/mod.rs",
        advice="write a power of two of whole pages, `64 KiB`",
    ),
    "user ring buffers are rounded up": Support(
        None,
        "pass its size on, which the kernel refuses with EINVAL",
        "max_entries_override, aya/src/bpf.rs",
        advice="write a power of two of whole pages, `64 KiB`",
    ),
    "numa_node": Support(None, "pass over it, which does for node 0", _PARSE, severity=NOTE),
    "a numa_node other than 0": Support(
        None,
        "pass over it, so that node 0 has the memory",
        _PARSE,
        severity=WARNING,
        advice="leave it out",
    ),
    "devices and CPUs in 4 bytes": Support(
        None,
        "make the values 8 bytes long where the kernel takes that (5.8, cpumap 5.9), "
        "whatever the definition says",
        "value_size_override, aya/src/bpf.rs",
        severity=WARNING,
        advice="use `bpf_devmap_val` or `bpf_cpumap_val`, which have 8",
    ),
    "attributes at run time": Support(
        None,
        "have nothing to set it with: only max_entries can be set",
        "EbpfLoader::set_max_entries, aya/src/bpf.rs",
        advice="write its value here",
    ),
    "pinned maps are compared": Support(
        None,
        "take whatever is pinned under that name, without a comparison",
        "MapData::create_pinned_by_name, aya/src/maps/mod.rs",
        severity=NOTE,
    ),
    "extern maps": Support(
        None,
        "don't link objects: `bpftool gen object` does it before",
        "Object::parse_btf_maps, aya-obj/src/obj.rs",
        severity=NOTE,
    ),
    "initializer style": Support(
        None,
        "refuse the object: its members aren't pointers",
        "get_map_field, aya-obj/src/obj.rs",
        advice="use `--style modern`",
    ),
}
"""By feature, the oldest first; what isn't here every version does."""
