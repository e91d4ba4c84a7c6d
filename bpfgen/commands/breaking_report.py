"""Findings of `bpfgen breaking` as diagnostics, and the lines that count them."""

from __future__ import annotations

from bpfgen.changes.finding import UNCOMPARED
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import ERROR, WARNING, Diagnostic, Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.finding import Finding
    from bpfgen.commands.breaking_result import Result
    from bpfgen.sides.operands import Compared


def diagnostic_of(finding: Finding, pair: Compared) -> Diagnostic:
    """Return *finding* as a diagnostic at NEW's place, with a label at that of OLD."""
    old, new = finding.old, finding.new
    message = finding.message if new.span is not None else f"{pair.path}: {finding.message}"
    return Diagnostic(
        finding.code,
        message,
        new.span,
        label=new.value,
        labels=() if old.span is None else (Label(old.span, f"was {old.value}".rstrip()),),
        notes=finding.happens,
        help="; or ".join(finding.ways),
        severity=WARNING if finding.code == UNCOMPARED else ERROR,
        map=finding.maps[0] if finding.maps else None,
        subject=finding.subject,
    )


def summary(results: Sequence[Result], asked: Asked) -> str:
    """Return how many findings there are of each category, a line each source."""
    from bpfgen.changes.rules import RULES
    from bpfgen.ctype.describe import counted
    from bpfgen.text.render import printable

    lines: list[str] = []
    for one in results:
        counts = dict.fromkeys(asked.categories, 0)
        for finding in one.findings:
            counts[RULES[finding.code].category] += 1
        found = ", ".join(f"{number} of {name}" for name, number in counts.items() if number)
        clean = ", ".join(name for name, number in counts.items() if not number)
        name = printable(one.pair.path)
        if found:
            lines.append(f"{name}: {counted(len(one.findings), 'finding')}: {found}")
        if clean and not one.errors:
            lines.append(f"{name}: nothing is broken of {clean}")
    return "".join(f"{line}\n" for line in lines)
