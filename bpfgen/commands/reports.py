"""What is said of the sources of a run: once each, and what is known only when all are read.

Beside `build`.
"""

from __future__ import annotations

from bpfgen.commands import DONE, WRONG
from bpfgen.commands.terminal import Warnings
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import NOTE

if TYPE_CHECKING:
    import argparse
    from typing import TypeAlias

    from bpfgen.commands.terminal import Terminal
    from bpfgen.commands.unused_definitions import UnusedDefinitions
    from bpfgen.text.diagnostics import Diagnostic

    Told: TypeAlias = tuple[str, str, str, int]


class Reports:
    """What was said of the sources of one run."""

    __slots__ = ("_arguments", "_compiled", "_said", "_terminal", "_unused")

    def __init__(self, arguments: argparse.Namespace, terminal: Terminal) -> None:
        self._arguments = arguments
        self._terminal = terminal
        self._said: dict[str, tuple[frozenset[Told], bool]] = {}
        self._compiled = 0
        self._unused: UnusedDefinitions | None = None

    def wanted(self, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
        """Return *diagnostics* without notes, unless all is wanted.

        What an object has besides its maps is no news in a build.
        """
        if self._arguments.verbose:
            return diagnostics
        return [said for said in diagnostics if said.severity != NOTE]

    def refuses(self, path: str, diagnostics: list[Diagnostic], *, is_configured: bool) -> bool:
        """Report *diagnostics* of the source *path*; return whether there is an error among them.

        A project may have several jobs for one input: what was said for one isn't said again.
        """
        self._compiled += 1
        if any(said.code == "unknown-definition" for said in diagnostics):
            if self._unused is None:
                # Only what has such a warning pays for this import.
                from bpfgen.commands.unused_definitions import UnusedDefinitions

                self._unused = UnusedDefinitions(self._arguments)
            diagnostics = self._unused.kept_back(diagnostics, is_configured=is_configured)
        known, was_refused = self._said.get(path, (frozenset(), False))
        fresh = [said for said in diagnostics if _told(said) not in known]
        is_refused = self._terminal.report(fresh) or was_refused
        self._said[path] = known | set(map(_told, fresh)), is_refused
        return is_refused

    def report_unused(self) -> int:
        """Warn of the definitions that no input had a constant for; return the status."""
        unused = [] if self._unused is None else self._unused.everywhere(self._compiled)
        if not unused:
            return DONE
        self._terminal.warnings = Warnings(self._arguments.warnings)
        return WRONG if self._terminal.report(unused) else DONE


def _told(diagnostic: Diagnostic) -> Told:
    """Return what tells *diagnostic* from others, whichever compilation of a text it is from."""
    span = diagnostic.span
    place = ("", 0) if span is None else (span.source.name, span.start)
    return diagnostic.code, diagnostic.message, *place
