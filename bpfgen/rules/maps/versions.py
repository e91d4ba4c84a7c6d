"""What kinds, flags and sizes need of the kernel, held against the target of the file."""

from __future__ import annotations

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import a
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import Subject
    from bpfgen.rules.target import Target
    from bpfgen.text.source import Span


PINNING_SINCE: KernelVersion = (4, 4)
"""The first kernel with a file system for maps (BPF_OBJ_PIN)."""


def _needs(subject: Subject) -> Iterator[tuple[KernelVersion, str, Span | None, str]]:
    """Yield the kernels that *subject* needs: what needs each, where, what older ones answer."""
    kind = subject.kind
    yield kind.since, a(kind), subject.shape.span or subject.holder, "EINVAL (map_create)"
    if "pinning" in subject.shape.attributes and subject.shape.attributes["pinning"].value:
        yield PINNING_SINCE, "pinning", subject.place("pinning"), "EINVAL (bpf(2), BPF_OBJ_PIN)"
    flags = subject.map_flags
    if flags:
        for flag in MAP_FLAGS.values():
            if flags & flag.value and flag.since > kind.since:
                refusal = f"EINVAL ({_check(kind)})"
                yield flag.since, f"`{flag.name}`", subject.place("map_flags"), refusal
    for role, sizes, size in (
        ("key", kind.key_sizes, subject.key_size),
        ("value", kind.value_sizes, subject.value_size),
    ):
        if size is None:
            continue
        for newer, since in sizes.since:
            if size == newer:
                what = f"a {role} of {size} bytes in {a(kind)}"
                yield since, what, subject.place(f"{role}_size"), f"EINVAL ({_check(kind)})"
        if sizes.before is not None and size > sizes.before[1]:
            since, most = sizes.before
            what = f"a {role} of more than {most} bytes in {a(kind)}"
            yield since, what, subject.place(f"{role}_size"), f"{sizes.over} ({_check(kind)})"


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
    for subject in target.subjects:
        for since, what, span, refusal in _needs(subject):
            if since <= target.kernel:
                continue
            first = format_version(since)
            yield Diagnostic(
                "kernel-version",
                f"{what} needs Linux {first}, and the target is {format_version(target.kernel)}",
                span,
                notes=(f"older kernels refuse it with {refusal}",),
                help=f"write `target kernel >= {first};` if that will do",
                map=subject.map,
            )
