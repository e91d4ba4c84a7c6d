"""What the comparison with a running map found, and what it couldn't look at.

The counterpart of :mod:`findings`, where the other side is an object.
"""

from __future__ import annotations

from bpfgen.object.running import Unknown
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Diagnostic, Subject
from bpfgen.verify.findings import LIMIT, type_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.object.running import RunningMap
    from bpfgen.text.source import Span
    from bpfgen.verify.sought import Sought


class RunningFindings:
    """The differences between a declared map and a running one, in the order in which they come."""

    __slots__ = ("_count", "_diagnostics", "_missed", "_running", "_sought", "_uncompared")

    def __init__(self, sought: Sought, running: RunningMap) -> None:
        self._sought = sought
        self._running = running
        self._diagnostics: list[Diagnostic] = []
        self._uncompared: dict[str, str] = {}
        self._missed: list[str] = []
        self._count = 0

    def add(  # noqa: PLR0913 -- the members of a Diagnostic, by name
        self,
        code: str,
        message: str,
        span: Span | None,
        *,
        running: RunningMap,
        type_id: int = 0,
        help: str = "",
        subject: Subject | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Report one difference from *running*, which is the map or one in it."""
        self._count += 1
        if self._count > LIMIT:
            return
        if span is None or span.source.name.startswith("<prelude>"):
            span = self._sought.span
        place = f"running: {running}"
        if type_id and running.types is not None:
            place = f"{place}, {type_place(running.types.btf, type_id)} of BTF {running.btf_id}"
        declared = () if span is None else (f"declared: {span}",)
        name = self._sought.map.name
        self._diagnostics.append(
            Diagnostic(
                code,
                message,
                span,
                label="declared here" if span is not None else "",
                notes=(*declared, place, *notes),
                help=help,
                map=name,
                subject=subject or Subject("map", name),
            )
        )

    def leave(self, what: str, why: str) -> None:
        """Say that *what* wasn't compared, and *why*; the first reason stays."""
        self._uncompared.setdefault(what, why)

    def miss(self, what: str, why: str) -> None:
        """Say that *what* wasn't compared, though others could: with a right, or had it types."""
        if what not in self._uncompared:
            self._uncompared[what] = why
            self._missed.append(what)

    def finished(self) -> tuple[Diagnostic, ...]:
        """Return all differences; of very many only how many there are more."""
        if self._count > LIMIT:
            name = self._sought.map.name
            message = f"map `{name}` has {self._count - LIMIT} more differences"
            more = Diagnostic(
                "verify-more",
                message,
                self._sought.span,
                map=name,
                subject=Subject("map", name),
            )
            return (*self._diagnostics, more)
        return tuple(self._diagnostics)

    def missed(self) -> tuple[str, ...]:
        """Return what was left and needn't be, in order."""
        return tuple(self._missed)

    def warnings(self) -> Iterator[Diagnostic]:
        """Yield what is to be said of that: one for each reason."""
        reasons: dict[str, list[str]] = {}
        for what in self._missed:
            reasons.setdefault(self._uncompared[what], []).append(what)
        sought = self._sought
        for why, names in reasons.items():
            verb = "weren't" if len(names) > 1 else "wasn't"
            said = " and ".join(f"`{name}`" for name in names)
            declared = () if sought.span is None else (f"declared: {sought.span}",)
            yield Diagnostic(
                "verify-uncompared",
                f"{said} of {sought.label} {verb} compared: {why}",
                sought.span,
                label="declared here" if sought.span is not None else "",
                notes=(*declared, f"running: {self._running}"),
                severity=WARNING,
                map=sought.map.name,
                subject=Subject("map", sought.map.name, names[0]),
            )

    def uncompared(self) -> tuple[Unknown, ...]:
        """Return what was left, in the order in which it was said."""
        return tuple(Unknown(what, why) for what, why in self._uncompared.items())
