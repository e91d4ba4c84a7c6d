"""Definitions that no source has a constant for: of a run of several, one of them may have it.

Beside `build`.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING

if TYPE_CHECKING:
    import argparse

    from bpfgen.text.diagnostics import Diagnostic


class UnusedDefinitions:
    """The warnings of `-D` options that one input has no constant for, and others may.

    What a project defines is for those of its files that have such a constant; what is defined on a
    command line of many inputs is for one of them at least.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._given = {word.partition("=")[0] for word in arguments.definitions}
        self._has_one_input = len(arguments.inputs) == 1
        self._unused: dict[str, tuple[Diagnostic, int]] = {}

    def kept_back(self, diagnostics: list[Diagnostic], *, is_configured: bool) -> list[Diagnostic]:
        """Return *diagnostics* of one more input, without those that others may settle."""
        reported: list[Diagnostic] = []
        for diagnostic in diagnostics:
            subject = diagnostic.subject
            if (
                diagnostic.code != "unknown-definition"
                or diagnostic.severity != WARNING
                or subject is None
            ):
                reported.append(diagnostic)
            elif subject.name in self._given or not is_configured:
                if self._has_one_input:
                    reported.append(diagnostic)
                else:
                    first, count = self._unused.get(subject.name, (diagnostic, 0))
                    self._unused[subject.name] = (first, count + 1)
        return reported

    def everywhere(self, compiled: int) -> list[Diagnostic]:
        """Return the warnings that hold for all inputs, of which so many were *compiled*."""
        return [first for first, count in self._unused.values() if count == compiled]
