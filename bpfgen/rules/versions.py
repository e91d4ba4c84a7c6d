"""What a file needs of the kernel: held against its target, and listed by `bpfgen kinds --needs`."""

from __future__ import annotations

from bpfgen.diagnostics import Diagnostic
from bpfgen.model.kernel import format_version
from bpfgen.model.map_flags import MAP_FLAGS
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.subject import a

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.kernel import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.rules.subject import Subject
    from bpfgen.rules.target import Target
    from bpfgen.source import Span


class Need(Record):
    """One thing that a file needs of the kernel.

    Attributes:
        since: The first kernel that has it.
        what: What needs it: `BPF_F_MMAPABLE`, `a `ringbuf``.
        span: Where it is written.
        map: The name of the map, or None.
        help: What serves on older kernels, or empty.
    """

    since: KernelVersion
    what: str
    span: Span | None
    map: str | None
    help: str = ""


def needs(target: Target) -> Iterator[Need]:
    """Yield what the maps of *target* need of the kernel, in the order of the source."""
    for subject in target.subjects:
        yield from _subject_needs(subject)


def _subject_needs(subject: Subject) -> Iterator[Need]:
    kind = subject.kind
    name = subject.map
    yield Need(kind.since, a(kind), subject.shape.span or subject.holder, name)
    flags = subject.map_flags
    if flags:
        for flag in MAP_FLAGS.values():
            if flags & flag.value and flag.since > kind.since:
                yield Need(flag.since, f"`{flag.name}`", subject.place("map_flags"), name)
    for role, sizes, size in (
        ("key", kind.key_sizes, subject.key_size),
        ("value", kind.value_sizes, subject.value_size),
    ):
        if size is None:
            continue
        for newer, since in sizes.since:
            if size == newer:
                what = f"a {role} of {size} bytes in {a(kind)}"
                yield Need(since, what, subject.place(f"{role}_size"), name)
        if sizes.before is not None and size > sizes.before[1]:
            since, most = sizes.before
            what = f"a {role} of more than {most} bytes in {a(kind)}"
            yield Need(since, what, subject.place(f"{role}_size"), name)


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
    for need in needs(target):
        if need.since > target.kernel:
            since = format_version(need.since)
            yield Diagnostic(
                "kernel-version",
                f"{need.what} needs Linux {since}, and the target is "
                f"{format_version(target.kernel)}",
                need.span,
                notes=("older kernels refuse it with EINVAL",),
                help=need.help or f"write `target kernel >= {since};` if that will do",
                map=need.map,
            )
