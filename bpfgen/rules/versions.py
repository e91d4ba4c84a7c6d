"""What kinds, flags and sizes need of the kernel, held against the target of the file."""

from __future__ import annotations

from bpfgen.diagnostics import Diagnostic
from bpfgen.model.kernel import format_version
from bpfgen.model.map_flags import MAP_FLAGS
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.subject import a

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.kernel import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.rules.subject import Subject
    from bpfgen.rules.target import Target
    from bpfgen.source import Span


def _needs(subject: Subject) -> Iterator[tuple[KernelVersion, str, Span | None]]:
    """Yield the kernels that *subject* needs, each with what needs it and where that is."""
    kind = subject.kind
    yield kind.since, a(kind), subject.shape.span or subject.holder
    flags = subject.map_flags
    if flags:
        for flag in MAP_FLAGS.values():
            if flags & flag.value and flag.since > kind.since:
                yield flag.since, f"`{flag.name}`", subject.place("map_flags")
    for role, sizes, size in (
        ("key", kind.key_sizes, subject.key_size),
        ("value", kind.value_sizes, subject.value_size),
    ):
        if size is None:
            continue
        for newer, since in sizes.since:
            if size == newer:
                what = f"a {role} of {size} bytes in {a(kind)}"
                yield since, what, subject.place(f"{role}_size")
        if sizes.before is not None and size > sizes.before[1]:
            since, most = sizes.before
            what = f"a {role} of more than {most} bytes in {a(kind)}"
            yield since, what, subject.place(f"{role}_size")


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
        for since, what, span in _needs(subject):
            if since <= target.kernel:
                continue
            first = format_version(since)
            yield Diagnostic(
                "kernel-version",
                f"{what} needs Linux {first}, and the target is {format_version(target.kernel)}",
                span,
                notes=("older kernels refuse it with EINVAL or E2BIG",),
                help=f"write `target kernel >= {first};` if that will do",
                map=subject.map,
            )
