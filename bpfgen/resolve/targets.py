"""`target kernel >= 5.15;`: what a file aims at, and help where that is written another way."""

from __future__ import annotations

from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import KERNEL, format_version, parse_version
from bpfgen.model.model import Aim
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Diagnostic, Edit, Label, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.kernel.targets import TargetKind
    from bpfgen.syntax.tree import TargetItem
    from bpfgen.text.diagnostics import Report
    from bpfgen.text.source import Span

CODE = "target"
AT_LEAST = ">="

_SAME = (AT_LEAST, "=", "==", "=>")
"""What stands before the version where no other relation is meant."""

_OTHER_NAMES = {
    "linux": KERNEL,
    "Linux": KERNEL,
    "Kernel": KERNEL,
    "ebpf": "cilium",
}

_IPROUTE2 = (
    "`tc` and `ip` that are built with libbpf (`tc -V` names it) load maps as libbpf does: "
    "write `target libbpf >= 0.4;`; without it they read their own struct in section `maps`, "
    "and `bpfgen import` tells what says the same today"
)

_NO_TARGETS = dict.fromkeys(("iproute2", "tc", "ip"), _IPROUTE2)
"""What loads maps and can't be aimed at: what to do instead."""


def resolved_targets(items: Iterable[TargetItem], report: Report) -> dict[str, Aim]:
    """Return what *items*, the targets of one file, come to, by name; faults are reported."""
    targets: dict[str, Aim] = {}
    for item in items:
        kind = _kind(item, report)
        if kind is None:
            continue
        first = targets.get(kind.name)
        if first is not None and first.span is not None:
            report.error(
                CODE,
                f"a file has one `target {kind.name}`",
                item.span,
                labels=(Label(first.span, "the first is here"),),
                help="keep the newer of the two",
                edits=(edits := _without_older(item, first)),
                changes_meaning=bool(edits),
            )
            continue
        aim = _aim(item, kind, report)
        if aim is not None:
            targets[kind.name] = aim
    return targets


def _without_older(item: TargetItem, first: Aim) -> tuple[Edit, ...]:
    """Return the edits that leave out the older of *item* and *first*, as far as it says one."""
    version = None if item.version is None else parse_version(item.version.text)
    if version is None or first.span is None:
        return ()
    # Only a mistake pays for this import.
    from bpfgen.text.statements import removal

    return (removal(first.span if version > first.version else item.span),)


def _kind(item: TargetItem, report: Report) -> TargetKind | None:
    """Return what *item* names; None, and a report, for what can't be aimed at."""
    name = item.name.text
    if name in TARGETS:
        return TARGETS[name]
    # Only a mistake pays for this import.
    from bpfgen.text.spelling import closest

    meant = _OTHER_NAMES.get(name) or closest(name, TARGETS)
    version = None if item.version is None else parse_version(item.version.text)
    *first, last = (f"`{known}`" for known in TARGETS)
    known = f"{', '.join(first)} and {last}"
    if name in _NO_TARGETS:
        meant, help_ = None, _NO_TARGETS[name]
    elif meant is None:  # the version of something else says nothing
        help_ = f"leave it out, or write `target {KERNEL} >= {TARGETS[KERNEL].example};`"
    else:
        example = TARGETS[meant].example if version is None else format_version(version)
        help_ = f"write `target {meant} >= {example};`"
    report.add(
        Diagnostic(
            CODE,
            f"`{name}` is no target: {known} can be aimed at",
            item.name.span,
            help=help_,
            subject=Subject(CODE, name),
            edits=(Edit(item.name.span, meant),) if meant else (),
        )
    )
    return None


def _aim(item: TargetItem, kind: TargetKind, report: Report) -> Aim | None:
    """Return what *item* asks of *kind*; None, and a report, where it makes no sense."""

    def wrong(
        message: str, span: Span, help: str, edit: Edit | None = None, *, is_certain: bool = True
    ) -> None:
        report.add(
            Diagnostic(
                CODE,
                message,
                span,
                help=help,
                subject=Subject(CODE, kind.name),
                edits=() if edit is None else (edit,),
                changes_meaning=not is_certain,
            )
        )

    example = f"write `target {kind.name} >= {kind.example};`"
    written = item.version
    if written is None:
        if kind.may_be_bare and item.relation is None:
            return Aim(kind.newest, item.span)
        wrong(f"this says no version of {kind.title}", item.span, example)
        return None
    version = parse_version(written.text.strip('"'))
    if version is None:
        wrong(
            f"`{written.text}` is no version of {kind.title}: one is two numbers",
            written.span,
            example,
        )
        return None
    plain = format_version(version)
    form = f"target {kind.name} >= {plain};"
    if item.relation is None or item.relation.text != AT_LEAST or written.kind == "STRING":
        wrong(
            "a target is the oldest version that must do, written with `>=`",
            item.span,
            f"write `{form}`",
            Edit(item.span, form),
            is_certain=item.relation is None or item.relation.text in _SAME,
        )
    fault = kind.fault(version)
    if fault:
        wrong(fault, written.span, example)
        return None
    if written.text.count(".") > 1 and written.kind != "STRING":
        report.add(
            Diagnostic(
                CODE,
                f"only the first two numbers count: this is {kind.title} {plain}",
                written.span,
                notes=("what a map may be never changes within a stable series",),
                help=f"write `{form}`",
                severity=WARNING,
                subject=Subject(CODE, kind.name),
                edits=(Edit(written.span, plain),),
            )
        )
    return Aim(version, item.span)
