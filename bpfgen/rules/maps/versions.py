"""What maps need of the kernel and of their loader, held against the targets of the file."""

from __future__ import annotations

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.version import KERNEL, NEWEST, format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import with_article
from bpfgen.rules.target import Unmet, lacking
from bpfgen.text.diagnostics import ERROR, WARNING, Diagnostic, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Edit


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
            yield lacking(complaint, what, target, since)


def loader_version(model: Model, target: Target) -> Iterator[Diagnostic]:
    """The maps need another version of what loads them than the file aims at.

    What it does: compares what the maps use with what `target libbpf >= X;`, `target cilium >= X;`
    (cilium/ebpf, for Go), `target aya >= X;` (for Rust), or --libbpf, --cilium and --aya name.
    Without any nothing is asked of a loader.
    Why: each loader reads the definitions with a parser of its own. What it doesn't know it refuses
    (libbpf: parse_btf_map_def, with ENOTSUP or EINVAL; cilium/ebpf: mapSpecFromBTF) or passes over
    (aya: parse_btf_map_def), so that less is done than is meant, which is a warning.
    libbpf 1.0 and later refuse what it gave up: legacy maps (bpf_object__elf_collect).
    `bpfgen kinds --needs FILE` says the oldest version of each that a file works with, and
    `bpfgen kinds --format markdown` lists what each loader makes of what.

    Wrong:
        target libbpf >= 0.8;
        enum big { HUGE = 1ULL << 40 };
        map m: array<__u32, enum big>[1];
    Right:
        target libbpf >= 1.0;
        enum big { HUGE = 1ULL << 40 };
        map m: array<__u32, enum big>[1];
    """
    if not target.loaders:
        return
    # Only who aims at a loader pays for these imports.
    from bpfgen.kernel.loaders import LOADERS
    from bpfgen.kernel.targets import TARGETS
    from bpfgen.rules.maps.loaders import uses

    found = list(uses(model, target.style))
    for loader, version in target.loaders.items():
        title = TARGETS[loader].title
        for use in found:
            support = LOADERS[loader].get(use.feature)
            if support is None or support.holds(version, target.kernel):
                continue
            verb = "takes" if support.severity == ERROR else "keeps to"
            edits: tuple[Edit, ...] = ()
            message, who, help = f"no {title} {verb} {use.what}", "all versions", support.advice
            if support.until is not None:
                until = format_version(support.until)
                message = f"{use.what} needs {title} before {until}"
                who = f"{title} {until} and later"
            elif support.since is not None:
                since = format_version(support.since)
                message = f"{use.what} needs {title} {since}, and the target is "
                message += format_version(version)
                who = "older versions"
                help = f"write `target {loader} >= {since};` if that will do"
                edits = target.raised(loader, support.since)
            members = {name: getattr(use.place, name) for name in Diagnostic.__match_args__}
            members |= {
                "code": "loader-version",
                "message": message,
                "notes": (f"{who} {support.otherwise} ({support.source})",),
                "help": help,
                "severity": support.severity,
                "edits": edits,
                "changes_meaning": bool(edits),
            }
            yield Unmet(**members, loader=loader, feature=use.feature)


def future_version(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """The file aims at a version that is newer than what bpfgen knows.

    What it does: warns of a kernel or loader that is newer than the tables of `bpfgen kinds`.
    Why: what it brought isn't known, so that the maps are checked as for the newest that is.

    Wrong:
        target kernel >= 99.0;
        map m: array<__u32, __u64>[1];
    Right:
        target kernel >= 7.2;
        map m: array<__u32, __u64>[1];
    """
    if target.kernel <= NEWEST and not target.loaders:
        return
    from bpfgen.kernel.targets import TARGETS

    for name, version in {KERNEL: target.kernel, **target.loaders}.items():
        kind = TARGETS[name]
        if version > kind.newest:
            newest = format_version(kind.newest)
            yield Diagnostic(
                "future-version",
                f"bpfgen knows {kind.title} up to {newest}, and {format_version(version)} is newer",
                target.spans.get(name),
                notes=(f"the maps are checked as for {newest}",),
                help=f"write `target {name} >= {newest};`, or an older one that they must work on",
                severity=WARNING,
                subject=Subject("target", name),
                edits=(edits := target.raised(name, kind.newest)),
                changes_meaning=bool(edits),
            )
