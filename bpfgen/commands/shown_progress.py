"""Whether anybody watches a long run, and what shows how far it is."""

from __future__ import annotations

import sys
from contextlib import contextmanager

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.commands.terminal import Terminal


@contextmanager
def progress(terminal: Terminal, count: int | None) -> Iterator[Callable[[str], None]]:
    """Show how far a long run is, to a person at a terminal; what comes back takes each input.

    Args:
        count: How many there are; None where nobody knows yet.
    """
    if terminal.form != "text" or sys.stderr is None or not sys.stderr.isatty():
        yield lambda _name: None
        return
    from bpfgen.commands.progress import Progress

    with Progress(count) as shown:
        terminal.progress = shown
        yield shown.step
