"""Names of maps, as the kernel keeps them: 15 bytes."""

from __future__ import annotations

from bpfgen.kernel.map_kind import NAME_BYTES
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import subject_of
from bpfgen.text.diagnostics import STYLE, WARNING, Diagnostic, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.maps import Map
    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target


def map_name_length(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """The kernel keeps 15 bytes of a map's name.

    What it does: says of a longer one what is left of it.
    Why: union bpf_attr has room for 15 bytes and a NUL (BPF_OBJ_NAME_LEN); libbpf cuts the name
    without a word. bpftool and other tools that look at the kernel show the short name; libbpf and
    the path of a pinned map keep the long one.

    Wrong:
        map connections_by_address: hash<__u32, __u64>[16];
    Right:
        map connections: hash<__u32, __u64>[16];
    """
    for declared in model.maps:
        if len(declared.name) > NAME_BYTES and len(declared.name.encode()) > NAME_BYTES:
            yield Diagnostic(
                "map-name-length",
                f"the kernel will call it `{kernel_name(declared)}`: names have "
                f"{NAME_BYTES} bytes, and this one has {len(declared.name.encode())}",
                declared.span,
                notes=("libbpf cuts it (bpf_object__create_map); pin paths keep the whole",),
                help=f"give it a name of {NAME_BYTES} bytes at most, or let it be",
                severity=STYLE,
                map=declared.name,
                subject=subject_of(declared),
            )


def map_name_clash(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """Two maps whose names begin with the same 15 bytes look the same in the kernel.

    What it does: warns of a second map that the kernel would call as an earlier one.
    Why: the kernel keeps 15 bytes of a name (BPF_OBJ_NAME_LEN) and doesn't ask for unique ones:
    both maps are created, and whoever looks for one by its name finds the other.

    Wrong:
        map connections_by_source: hash<__u32, __u64>[16];
        map connections_by_target: hash<__u32, __u64>[16];
    Right:
        map conns_by_source: hash<__u32, __u64>[16];
        map conns_by_target: hash<__u32, __u64>[16];
    """
    first: dict[str, Map] = {}
    for declared in model.maps:
        name = kernel_name(declared)
        earlier = first.setdefault(name, declared)
        if earlier is not declared and earlier.name != declared.name:
            yield Diagnostic(
                "map-name-clash",
                f"the kernel will call `{declared.name}` and `{earlier.name}` both `{name}`",
                declared.span,
                labels=(Label(earlier.span, "the other one"),) if earlier.span else (),
                notes=(f"the kernel keeps {NAME_BYTES} bytes of a name (BPF_OBJ_NAME_LEN)",),
                help="let their first 15 bytes differ",
                severity=WARNING,
                map=declared.name,
                subject=subject_of(declared),
            )


def kernel_name(declared: Map) -> str:
    """Return the name that the kernel gives the map *declared*."""
    return declared.name.encode()[:NAME_BYTES].decode(errors="replace")
