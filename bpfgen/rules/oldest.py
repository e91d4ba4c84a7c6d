"""The oldest kernel and loaders that a file works with, and what asks: `kinds --needs FILE`.

The rules know it already: the file is checked against one kernel after another, from the newest
backwards, and what is reported of one and not of the next newer needs that newer one.
"""

from __future__ import annotations

from bpfgen.kernel.loaders import LOADERS
from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import FIRST, LAST_MINORS, NEWEST
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules import check
from bpfgen.rules.allowances import allowed
from bpfgen.rules.maps.loaders import OF_DEFINITIONS, uses
from bpfgen.rules.target import Lacking
from bpfgen.text.diagnostics import ERROR, WARNING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.syntax.tree import File
    from bpfgen.text.diagnostics import Diagnostic, Subject
    from bpfgen.text.source import Span

MODERN = "modern"


class Need(Record):
    """One thing that a file needs of the kernel, or of a loader.

    Attributes:
        since: The first kernel with which it is not complained about, or the first version of the
            loader that does it; None if none does.
        what: What needs it, in words.
        span: Where it is written.
        map: The name of the map, or None.
        until: The first version that no longer has it, or None.
        is_fatal: Without it nothing is loaded; else something is lost.
    """

    since: KernelVersion | None
    what: str
    span: Uncompared[Span | None]
    map: str | None
    until: KernelVersion | None = None
    is_fatal: bool = True


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

    What is reported of the newest kernel too is no matter of age, and left out. So are warnings
    that the file works, but user space has to see to something, and what an allowance of *trees*
    excuses: those of the file itself, then of the files that it imports.
    """

    def reported(kernel: KernelVersion) -> list[Diagnostic]:
        diagnostics = check(model, kernel, MODERN)
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
            if diagnostic.severity == WARNING and not isinstance(diagnostic, Lacking):
                continue
            if complaint not in seen:
                seen.add(complaint)
                what = diagnostic.message
                if isinstance(diagnostic, Lacking):
                    what = diagnostic.what
                needed.append(Need(newer, what, diagnostic.span, diagnostic.map))
        newer = kernel
    return needed


def loader_needs(model: Model, loader: str, *, is_running: bool = False) -> list[Need]:
    """Return what *model* needs of *loader* beyond its first releases, the newest first.

    What none does comes before that. What works all the same with older ones isn't there, nor what
    only old kernels ask for.

    Args:
        model: What is to be loaded.
        loader: One of LOADERS.
        is_running: It was made of a running map: in which form an object has it, nobody knows.
    """
    needed = []
    for use in uses(model, MODERN):
        support = LOADERS[loader].get(use.feature)
        if is_running and use.feature in OF_DEFINITIONS:
            continue
        if support is None or support.holds((0, 0), NEWEST):
            continue
        place, is_fatal = use.place, support.severity == ERROR
        span, name = place.span, place.map
        needed.append(Need(support.since, use.what, span, name, support.until, is_fatal))
    newest = TARGETS[loader].newest
    never = (newest[0] + 1, 0)
    return sorted(dict.fromkeys(needed), key=lambda need: need.since or never, reverse=True)


def _complaint(diagnostic: Diagnostic) -> tuple[str, Subject | None, object, str | None]:
    """Return what makes two diagnostics the same complaint, whatever kernel they are about."""
    span = diagnostic.span
    place = span and (span.source.name, span.start)
    return (diagnostic.code, diagnostic.subject, place, diagnostic.map)
