"""What cilium/ebpf makes of what a definition of maps can say, and since which version.

Read in its sources, and each row tried on cilium/ebpf 0.4 to 0.22, built from them, with
Linux 6.18 (tests/loader_programs.py has the programs). What only an older kernel refuses is from
the sources alone. A column of :data:`bpfgen.kernel.loaders.LOADERS`.
"""

from __future__ import annotations

from bpfgen.kernel.support import Support
from bpfgen.text.diagnostics import NOTE, WARNING

_FIELD = "mapSpecFromBTF, elf_reader.go"
_UNKNOWN_FIELD = "refuse the object, since the field is unknown to them"
_BTF = "can't read the BTF of the object, and so none of its maps"
_READER = "readTypes, btf/btf_types.go"
_MARSHAL = "KernelMarshalOptions, btf/marshal.go"

CILIUM: dict[str, Support] = {
    "FLOAT": Support((0, 7), _BTF, _READER),
    "initial programs of a prog_array": Support((0, 7), "refuse the object", _FIELD),
    "types of kinds that take none": Support(
        (0, 8),
        "pass them to the kernel, which refuses the map with ENOTSUPP or EINVAL",
        "MapSpec.createMap, map.go",
    ),
    "DECL_TAG": Support((0, 10), _BTF, _READER),
    "TYPE_TAG": Support((0, 10), _BTF, _READER),
    "ENUM64": Support((0, 10), _BTF, _READER),
    "pinned perf_event_array without entries": Support(
        (0, 10),
        "don't take the pinned map up again, since it has another max_entries",
        "MapSpec.checkCompatibility, map.go",
        severity=WARNING,
    ),
    "pinned devmap": Support(
        (0, 11),
        "don't take the pinned map up again, since the kernel adds BPF_F_RDONLY_PROG to its flags",
        "MapSpec.Compatible, map.go",
        severity=WARNING,
    ),
    "sign of an ENUM": Support(
        (0, 12),
        "leave it in the BTF, which kernels before 6.0 refuse, and the map with it",
        _MARSHAL,
        before_kernel=(6, 0),
    ),
    "ENUM64 for older kernels": Support(
        (0, 12),
        "leave it in the BTF, which kernels before 6.0 refuse, and the map with it",
        _MARSHAL,
        before_kernel=(6, 0),
    ),
    "DECL_TAG for older kernels": Support(
        (0, 17),
        "leave it in the BTF, which kernels before 5.16 refuse, and the map with it",
        _MARSHAL,
        before_kernel=(5, 16),
    ),
    "TYPE_TAG for older kernels": Support(
        (0, 17),
        "leave it in the BTF, which kernels before 5.17 refuse, and the map with it",
        _MARSHAL,
        before_kernel=(5, 17),
    ),
    "FLOAT for older kernels": Support(
        None,
        "leave it in the BTF, which kernels before 5.13 refuse, and the map with it",
        _MARSHAL,
        before_kernel=(5, 13),
    ),
    "arena": Support(
        (0, 17),
        "make the map, but can't map its pages",
        "Map.Memory, map.go",
        severity=WARNING,
    ),
    "map_extra": Support((0, 20), _UNKNOWN_FIELD, _FIELD),
    "map_extra of more than 32 bits": Support((0, 20), _UNKNOWN_FIELD, _FIELD),
    "numa_node": Support(
        None,
        _UNKNOWN_FIELD,
        _FIELD,
        advice="leave it out, and set `NumaNode` of the MapSpec before loading",
    ),
    "both a type and a size": Support(
        None,
        "refuse the object, which gives both",
        _FIELD,
        advice="leave out the size: the type has it",
    ),
    "ring buffers are rounded up": Support(
        None,
        "pass its size on, which the kernel refuses with EINVAL",
        "MapSpec.fixupMagicFields, map.go",
        advice="write a power of two of whole pages, `64 KiB`",
    ),
    "user ring buffers are rounded up": Support(
        None,
        "pass its size on, which the kernel refuses with EINVAL",
        "MapSpec.fixupMagicFields, map.go",
        advice="write a power of two of whole pages, `64 KiB`",
    ),
    "fields that contain nodes": Support(
        None,
        "load the types of one map alone, without that of the node, "
        "so that the kernel refuses them with ENOENT, and the map with them",
        "MarshalMapKV, btf/marshal.go",
        advice="load such maps with libbpf",
    ),
    "maps of maps without an inner definition": Support(
        None,
        "refuse the map, unless the program sets its InnerMap before it loads it",
        "newMapWithOptions, map.go",
        severity=NOTE,
    ),
    "extern maps": Support(
        None,
        "don't link objects: `bpftool gen object` does it before",
        "elfCode.loadBTFMaps, elf_reader.go",
        severity=NOTE,
    ),
    "initializer style": Support(
        None,
        "refuse the object: its definitions aren't zero",
        "elfCode.loadBTFMaps, elf_reader.go",
        advice="use `--style modern`",
    ),
}
"""By feature, the oldest first; what isn't here every version does."""
