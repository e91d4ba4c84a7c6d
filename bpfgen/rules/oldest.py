"""The oldest kernel that a file works on, and what asks for it: `bpfgen kinds --needs FILE`.

The rules know it already: the file is checked against one kernel after another, from the newest
backwards, and what is told of one and not of the next newer needs that newer one.
"""

from __future__ import annotations

from bpfgen.kernel.version import NEWEST, format_version
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules import check
from bpfgen.rules.allowances import allowed
from bpfgen.rules.maps.libbpf import libbpf_needs
from bpfgen.rules.target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.syntax.tree import File
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Span

LAST_MINORS = {3: 19, 4: 20, 5: 19, 6: 19, 7: NEWEST[1]}
"""The last minor version of each major one; 3.19 was the first with maps of today's form."""

FIRST: KernelVersion = (3, 19)


class Need(Record):
    """One thing that a file needs of the kernel, or of libbpf.

    Attributes:
        since: The first kernel with which it is not complained about, or the first libbpf.
        what: What needs it, in words.
        span: Where it is written.
        map: The name of the map, or None.
    """

    since: KernelVersion
    what: str
    span: Uncompared[Span | None]
    map: str | None


def kernels() -> list[KernelVersion]:
    """Return all kernels from the newest known to :data:`FIRST`."""
    return [
        (major, minor)
        for major in sorted(LAST_MINORS, reverse=True)
        for minor in range(LAST_MINORS[major], -1, -1)
        if (major, minor) >= FIRST
    ]


def needs(model: Model, trees: Sequence[File] = ()) -> list[Need]:
    """Return what *model* needs that not every kernel has, the newest first.

    What is told of the newest kernel too is no matter of age, and left out. So is what an
    allowance of *trees* excuses: those of the file itself, then of the files that it imports.
    """

    def told(kernel: KernelVersion) -> list[Diagnostic]:
        diagnostics = check(model, kernel, "modern")
        if not any(tree.allowances for tree in trees):
            return list(diagnostics)
        kept = allowed(diagnostics, trees)
        return [each for each in kept if each.code != "unused-allowance"]

    candidates = kernels()
    newest = candidates[0]
    seen = {_key(diagnostic) for diagnostic in told(newest)}
    found: list[Need] = []
    newer = newest
    for kernel in candidates[1:]:
        for diagnostic in told(kernel):
            key = _key(diagnostic)
            if key not in seen:
                seen.add(key)
                what = diagnostic.message.partition(", and the target")[0]
                what = what.removesuffix(f" needs Linux {format_version(newer)}")
                found.append(Need(newer, what, diagnostic.span, diagnostic.map))
        newer = kernel
    return found


def libbpf(model: Model) -> list[Need]:
    """Return what *model* needs of libbpf beyond its first releases, the newest first."""
    subjects = Target.of(model, None, "modern").subjects
    found = [Need(*one) for one in dict.fromkeys(libbpf_needs(model, subjects))]
    return sorted(found, key=lambda need: need.since, reverse=True)


def _key(diagnostic: Diagnostic) -> tuple[str, str, object, str | None]:
    """Return what makes two diagnostics the same complaint, whatever kernel they are about."""
    what = diagnostic.message.partition(", and the target")[0]
    span = diagnostic.span
    return (diagnostic.code, what, span and (span.source.name, span.start), diagnostic.map)
