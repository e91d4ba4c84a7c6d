"""What a source needs of the kernel and of loaders, as text and JSON: `bpfgen kinds --needs`."""

from __future__ import annotations

import json

from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import FIRST, format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import ERROR, WARNING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bpfgen.rules.oldest import Need


def needs_text(path: str, kernels: Sequence[Need], loaders: Mapping[str, Sequence[Need]]) -> str:
    """Return what the source *path* needs of the kernel and of *loaders*, for people.

    Of each the oldest that will do, then who asks for it.
    """
    from bpfgen.text.render import printable

    path = printable(path)
    lines = [] if kernels else [f"{path} works on every kernel since Linux 3.19"]
    titled = [("Linux", kernels), *((TARGETS[name].title, n) for name, n in loaders.items())]
    for what, needs in titled:
        if needs:
            lines.append(f"{path} {_summary(what, needs)}")
        for need in needs:
            place = f"map `{printable(need.map)}`: " if need.map else ""
            if need.span:
                place = f"{printable(need.span.source.name)}:{need.span.line}: "
            lines.append(f"  {_version(need):>5}  {place}{need.what}")
    return "\n".join(lines) + "\n"


def _summary(what: str, needs: Sequence[Need]) -> str:
    """Return what *needs* come to of what is called *what*."""
    if any(need.since is None and need.is_fatal for need in needs):
        return f"works with no {what}"
    oldest = max((need.since for need in needs if need.since is not None), default=None)
    until = [need.until for need in needs if need.until is not None]
    words = [format_version(oldest)] if oldest is not None and any(oldest) else []
    words += [f"before {format_version(min(until))}"] if until else []
    if not words:
        return f"works with {what}, but for:"
    return f"needs {what} {', '.join(words)}"


def _oldest(needs: Sequence[Need]) -> str | None:
    """Return the oldest version that satisfies *needs*; None if any does."""
    since = [need.since for need in needs if need.since is not None]
    return format_version(max(since)) if since else None


def _version(need: Need) -> str:
    if need.since is None:
        return "none"
    return f"<{format_version(need.until)}" if need.until else format_version(need.since)


def needs_json(path: str, kernels: Sequence[Need], loaders: Mapping[str, Sequence[Need]]) -> str:
    """Return what the source *path* needs of the kernel and of *loaders* as JSON."""
    refused = [
        name
        for name, needs in loaders.items()
        if any(need.since is None and need.is_fatal for need in needs)
    ]
    document = {
        "format": 1,
        "file": path,
        "kernel": format_version(max((need.since or FIRST for need in kernels), default=FIRST)),
        **{name: None if name in refused else _oldest(needs) for name, needs in loaders.items()},
        "refused_by": refused,
        "needs": [
            {
                what: format_version(need.since) if need.since else None,
                "until": format_version(need.until) if need.until else None,
                "what": need.what,
                "file": need.span.source.name if need.span else None,
                "line": need.span.line if need.span else None,
                "map": need.map,
                "severity": ERROR if need.is_fatal else WARNING,
            }
            for what, needs in (("kernel", kernels), *loaders.items())
            for need in needs
        ],
    }
    return json.dumps(document, indent=2) + "\n"
