"""The category `link`."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.finding import Finding
    from bpfgen.changes.pairs import Pairs


def findings(pairs: Pairs, asked: Asked) -> Iterator[Finding]:  # noqa: ARG001 -- not there yet
    """Yield what `link` finds in *pairs*."""
    yield from ()
