"""`max_entries`: how many elements, or bytes, or pages."""

from __future__ import annotations

from bpfgen.ctype.describe import in_bytes
from bpfgen.kernel.map_kind import NO_ENTRIES
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import refused, with_article
from bpfgen.text.diagnostics import ERROR, STYLE, WARNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Diagnostic, Edit

PAGE = 4096
"""The smallest page of any architecture that runs BPF."""

_LEFT_OPEN = "a loader that sets another number before the load gets it made"

LARGEST_PAGE = 64 << 10
"""The largest page that Linux is commonly built with (arm64, powerpc, loongarch)."""


def max_entries(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """Most maps have a number of entries, and the kind has a limit for it.

    What it does: asks for `[N]` where the kind needs it, for none where the kernel refuses it (the
    local storages), and compares it with the limit of the kind. `[runtime]` says that the loader
    sets it before load, and then nothing is asked; `[0]` works with a loader that sets it all the
    same, and is a warning. A perf_event_array is complete without: libbpf takes the number of CPUs.
    Why: a map without entries gets EINVAL, one with too many E2BIG (the map_alloc_check or
    map_alloc of each kind); the buckets of a hash are a power of two of 16 bytes each and must
    fit in 32 bits.

    Wrong:
        map flows: hash<__u32, __u64>;
    Right:
        map flows: hash<__u32, __u64>[1024];
        map sessions: hash<__u32, __u64>[runtime];
    """
    for attr in target.attrs:
        number = attr.max_entries
        entries = attr.kind.entries
        if number is None or entries.least <= number <= entries.most:
            continue
        kind = attr.kind
        given = attr.given("max_entries")
        help_ = replacement = ""
        edits: tuple[Edit, ...] = ()
        errno = "EINVAL"
        if entries == NO_ENTRIES:
            message = f"{with_article(kind)} has no `max_entries`, and it is {number}"
            help_ = "leave it out"
            edits = attr.without("max_entries")
        elif not given:
            if attr.is_template or entries.filled_by_loader:
                continue
            message = f"{with_article(kind)} needs `max_entries`, and there is none"
            help_ = f"write `[{'SIZE' if entries.pages else 'N'}]` after it, or `[runtime]` if the "
            help_ += "loader sets it"
        elif number == 0:
            if entries.filled_by_loader:
                continue
            message = f"`max_entries` is 0, and {with_article(kind)} needs one at least"
            replacement = "runtime"
            help_ = f"write `[{replacement}]` if the loader sets it"
        elif entries.pages:
            continue
        else:
            message = (
                f"`max_entries` is {number}, and {with_article(kind)} has {entries.most} at most"
            )
            replacement = str(entries.most)
            help_ = f"write `[{replacement}]` at most"
            errno = entries.over
        is_zero = given and number == 0
        yield attr.diagnostic(
            "max-entries",
            message,
            "max_entries",
            notes=(refused(errno, kind), *([_LEFT_OPEN] if is_zero else [])),
            help=help_,
            severity=WARNING if is_zero else ERROR,
            replacement=replacement,
            edits=edits,
        )


def ringbuf_size(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """A ring buffer has a power of two of bytes, and whole pages.

    What it does: checks `max_entries` of `ringbuf` and `user_ringbuf`, which counts bytes.
    Why: the kernel refuses any other number with EINVAL (ringbuf_map_alloc). libbpf since 0.8
    rounds it up silently (adjust_ringbuf_sz), other loaders don't: the same object works with one
    and fails with the other, and a pinned map no longer matches its own definition. That is a
    warning; what is too large for libbpf to round is an error.

    Wrong:
        map events: ringbuf[5000];
    Right:
        map events: ringbuf[8 KiB * 8];
    """
    for attr in target.attrs:
        if not attr.kind.entries.pages or not attr.max_entries:
            continue
        size = attr.max_entries
        most = attr.kind.entries.most
        if size & (size - 1) == 0 and attr.kind.entries.least <= size <= most:
            continue
        notes = [refused("EINVAL", attr.kind)]
        if size <= most:
            rounded = max(PAGE, 1 << (size - 1).bit_length())
            notes.append(f"libbpf since 0.8 makes it {rounded}; other loaders don't")
            replacement = in_bytes(rounded)
            help_ = f"write `[{replacement}]`"
        else:
            replacement = in_bytes(most)
            help_ = f"write `[{replacement}]` at most"
        yield attr.diagnostic(
            "ringbuf-size",
            f"the size of a ring buffer is a power of two of whole pages, and this is {size}",
            "max_entries",
            notes=tuple(notes),
            help=help_,
            severity=WARNING if size <= most else ERROR,
            replacement=replacement,
        )


def ringbuf_page_size(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """A ring buffer of less than 64 KiB works only where pages are small.

    What it does: speaks of a ring buffer of 4 to 32 KiB.
    Why: its size must be whole pages (ringbuf_map_alloc), and pages have up to 64 KiB on arm64 and
    powerpc. There the kernel refuses it with EINVAL, unless libbpf since 0.8 has made it larger.

    Wrong:
        map events: ringbuf[4096];
    Right:
        map events: ringbuf[64 KiB];
    """
    for attr in target.attrs:
        size = attr.max_entries
        if not attr.kind.entries.pages or not size:
            continue
        if size & (size - 1) == 0 and PAGE <= size < LARGEST_PAGE:
            yield attr.diagnostic(
                "ringbuf-page-size",
                f"a ring buffer of {in_bytes(size)} works only where pages are no larger",
                "max_entries",
                notes=("pages have up to 64 KiB on arm64 and powerpc",),
                help="write `[64 KiB]`",
                replacement="64 KiB",
                severity=STYLE,
            )
