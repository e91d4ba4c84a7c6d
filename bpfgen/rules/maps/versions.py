"""What kinds, flags and sizes need of the kernel, held against the target of the file."""

from __future__ import annotations

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import with_article
from bpfgen.rules.target import lacking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Diagnostic


PINNING_SINCE: KernelVersion = (4, 4)
"""The first kernel with a file system for maps (BPF_OBJ_PIN)."""


def _needs(attr: BpfAttr) -> Iterator[tuple[KernelVersion, str, str, str, str]]:
    """Yield what *attr* needs: the first kernel with it, what that is, in words, the attribute.

    Last come what of the attribute it is, if not all of it, and what older kernels answer.
    """
    kind = attr.kind
    yield kind.since, with_article(kind), "", "", "EINVAL (map_create)"
    if "pinning" in attr.shape.attributes and attr.shape.attributes["pinning"].value:
        yield PINNING_SINCE, "pinning", "pinning", "", "EINVAL (bpf(2), BPF_OBJ_PIN)"
    flags = attr.map_flags
    if flags:
        for flag in MAP_FLAGS.values():
            if flags & flag.value and flag.since > kind.since:
                refusal = f"EINVAL ({_check(kind)})"
                yield flag.since, f"`{flag.name}`", "map_flags", flag.name, refusal
    for role, sizes, size in (
        ("key", kind.key_sizes, attr.key_size),
        ("value", kind.value_sizes, attr.value_size),
    ):
        if size is None:
            continue
        name = f"{role}_size"
        for newer, since in sizes.since:
            if size == newer:
                what = f"a {role} of {size} bytes in {with_article(kind)}"
                yield since, what, name, "", f"EINVAL ({_check(kind)})"
        if sizes.before is not None and size > sizes.before[1]:
            since, most = sizes.before
            what = f"a {role} of more than {most} bytes in {with_article(kind)}"
            yield since, what, name, "", f"{sizes.over} ({_check(kind)})"


def _check(kind: MapKind) -> str:
    """Return the kernel function that looks at the sizes and flags of *kind*."""
    return kind.source.partition(",")[0]


def kernel_version(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """The maps need a newer kernel than the file aims at.

    What it does: compares the kinds, flags and sizes with what `target kernel >= X;` or --kernel
    names. Without either the target is the newest kernel that bpfgen knows.
    Why: an older kernel refuses what it doesn't know with EINVAL, the same errno as for any other
    mistake (map_create, and the map_alloc_check of each kind). `bpfgen kinds --needs FILE` says the
    oldest kernel that a file works on.

    Wrong:
        target kernel >= 5.4;
        map events: ringbuf[256 KiB];
    Right:
        target kernel >= 5.8;
        map events: ringbuf[256 KiB];
    """
    for attr in target.attrs:
        for since, what, name, part, refusal in _needs(attr):
            if since <= target.kernel:
                continue
            first = format_version(since)
            complaint = attr.diagnostic(
                "kernel-version",
                f"{what} needs Linux {first}, and the target is {format_version(target.kernel)}",
                name,
                part=part,
                notes=(f"older kernels refuse it with {refusal}",),
                help=f"write `target kernel >= {first};` if that will do",
            )
            yield lacking(complaint, what)
