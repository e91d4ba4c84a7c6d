"""What came of one pair of sources of `bpfgen breaking`: what its outputs are written from."""

from __future__ import annotations

from bpfgen.commands import DONE, WRONG
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.changes.finding import Finding
    from bpfgen.sides.operands import Compared
    from bpfgen.sources import Opened
    from bpfgen.text.diagnostics import Diagnostic


class Result(Record):
    """What came of one pair of sources.

    Attributes:
        pair: What was compared.
        status: The exit status that it asks for.
        findings: What breaks.
        errors: Those of NEW, and why a side can't be had.
        uncompared: What isn't known of a side.
        ignored: What the project has ignored.
        sides: OLD and NEW, as they were opened; None of a file that isn't there.
        allowed: What comments of NEW allow.
        warnings: Comments that allow nothing.
    """

    pair: Compared
    status: int
    findings: tuple[Finding, ...] = ()
    errors: tuple[Diagnostic, ...] = ()
    uncompared: tuple[Finding, ...] = ()
    ignored: tuple[Finding, ...] = ()
    sides: tuple[Opened | None, Opened | None] = (None, None)
    allowed: tuple[Finding, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def is_compared(self) -> bool:
        """Whether both sides could be had."""
        return self.status in (DONE, WRONG)

    @property
    def found(self) -> tuple[Finding, ...]:
        """What breaks, and what couldn't be compared."""
        return (*self.findings, *self.uncompared)
