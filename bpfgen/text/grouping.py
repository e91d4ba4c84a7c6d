"""Which diagnostics of a run a person is shown, and what is said of the others of their kind.

Between the diagnostics and `render`: programs get each of them, from `machine_formats`.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from bpfgen.text.source import Span

SHOWN_OF_A_CODE = 3
"""Warnings of one code that are shown whole in a run; what the next one means is known by then."""

PLACES_SHOWN = 8
"""Places that the line about the others names."""


class Groups:
    """The warnings of a run, by code: the first ones are shown, the others counted.

    Errors are always shown, and so is what has no place in a text: its words are all that it says.
    """

    __slots__ = ("_others", "_shown")

    def __init__(self) -> None:
        self._shown: dict[str, int] = {}
        self._others: dict[str, list[Span]] = {}

    def first(
        self, diagnostics: Iterable[Diagnostic], named: Container[str] = ()
    ) -> list[Diagnostic]:
        """Return those of *diagnostics* that are to be shown now.

        All of a code in *named* are, since somebody asked for it.
        """
        shown: list[Diagnostic] = []
        for diagnostic in diagnostics:
            code, span = diagnostic.code, diagnostic.span
            if diagnostic.severity != WARNING or span is None or code in named:
                shown.append(diagnostic)
                continue
            number = self._shown[code] = self._shown.get(code, 0) + 1
            if number <= SHOWN_OF_A_CODE:
                shown.append(diagnostic)
            else:
                self._others.setdefault(code, []).append(span)
        return shown

    def others(self) -> list[Diagnostic]:
        """Return a warning for each code of which some were not shown: how many, and where."""
        return [_summary(code, spans) for code, spans in self._others.items()]


def _summary(code: str, spans: list[Span]) -> Diagnostic:
    listed = ", ".join(f"{span.source.name}:{span.line}" for span in spans[:PLACES_SHOWN])
    more = " …" if len(spans) > PLACES_SHOWN else ""
    return Diagnostic(
        code,
        f"and {len(spans)} more, at {listed}{more}",
        None,
        help=f"`-W {code}` shows each",
        severity=WARNING,
    )
