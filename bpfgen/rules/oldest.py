"""The oldest kernel that a file works on, and what asks for it: `bpfgen kinds --needs FILE`.

The rules know it already: the file is checked against one kernel after another, from the newest
backwards, and what is reported of one and not of the next newer needs that newer one.
"""

from __future__ import annotations

from bpfgen.kernel.version import NEWEST
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules import check
from bpfgen.rules.allowances import allowed
from bpfgen.rules.maps.libbpf import libbpf_needs
from bpfgen.rules.target import Lacking, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.syntax.tree import File
    from bpfgen.text.diagnostics import Diagnostic, Subject
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

    What is reported of the newest kernel too is no matter of age, and left out. So is what an
    allowance of *trees* excuses: those of the file itself, then of the files that it imports.
    """

    def reported(kernel: KernelVersion) -> list[Diagnostic]:
        diagnostics = check(model, kernel, "modern")
        if not any(tree.allowances for tree in trees):
            return list(diagnostics)
        kept = allowed(diagnostics, trees)
        return [one for one in kept if one.code != "unused-allowance"]

    candidates = kernels()
    newest = candidates[0]
    seen = {_complaint(diagnostic) for diagnostic in reported(newest)}
    needed: list[Need] = []
    newer = newest
    for kernel in candidates[1:]:
        for diagnostic in reported(kernel):
            complaint = _complaint(diagnostic)
            if complaint not in seen:
                seen.add(complaint)
                what = diagnostic.message
                if isinstance(diagnostic, Lacking):
                    what = diagnostic.what
                needed.append(Need(newer, what, diagnostic.span, diagnostic.map))
        newer = kernel
    return needed


def libbpf(model: Model) -> list[Need]:
    """Return what *model* needs of libbpf beyond its first releases, the newest first."""
    attrs = Target.of(model, None, "modern").attrs
    needed = [Need(*need) for need in dict.fromkeys(libbpf_needs(model, attrs))]
    return sorted(needed, key=lambda need: need.since, reverse=True)


def _complaint(diagnostic: Diagnostic) -> tuple[str, Subject | None, object, str | None]:
    """Return what makes two diagnostics the same complaint, whatever kernel they are about."""
    span = diagnostic.span
    place = span and (span.source.name, span.start)
    return (diagnostic.code, diagnostic.subject, place, diagnostic.map)
