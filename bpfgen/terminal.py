"""The standard streams: diagnostics in the form that was asked for, and text for people.

With `output` (files) the only place that writes anything; `commands` call it.
"""

from __future__ import annotations

import errno
import os
import sys

from bpfgen.diagnostics import ERROR, WARNING, Diagnostic
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORMS = ("text", "json", "github", "sarif")
COLORS = ("auto", "always", "never")


class Warnings:
    """What `-W` says: which warnings are wanted, and whether they are errors.

    Attributes:
        wanted: By code: True for `-W CODE`, False for `-W no-CODE`; the last one counts.
        are_errors: `-Werror`.
    """

    __slots__ = ("are_errors", "wanted")

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.wanted: dict[str, bool] = {}
        self.are_errors = False
        for word in words:
            if word in {"error", "no-error"}:
                self.are_errors = word == "error"
            elif word.startswith("no-"):
                self.wanted[word.removeprefix("no-")] = False
            else:
                self.wanted[word] = True

    def applied(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return *diagnostics* without unwanted warnings, and as errors where they are to be."""
        kept: list[Diagnostic] = []
        for diagnostic in diagnostics:
            if diagnostic.severity != ERROR and not self.wanted.get(diagnostic.code, True):
                continue
            if diagnostic.severity == WARNING and self.are_errors:
                kept.append(_as_error(diagnostic))
            else:
                kept.append(diagnostic)
        return kept


def _as_error(diagnostic: Diagnostic) -> Diagnostic:
    return Diagnostic(
        diagnostic.code,
        diagnostic.message,
        diagnostic.span,
        diagnostic.label,
        diagnostic.labels,
        (*diagnostic.notes, "a warning, made an error by -Werror"),
        diagnostic.help,
        ERROR,
        diagnostic.map,
    )


class Terminal:
    """Standard error, as diagnostics see it.

    Attributes:
        form: One of :data:`FORMS`.
        color: Whether text has ANSI escapes.
        warnings: What `-W` says.
    """

    __slots__ = ("_kept", "color", "form", "warnings")

    def __init__(
        self, form: str = "text", color: str = "auto", warnings: Warnings | None = None
    ) -> None:
        self.form = form
        self.color = form == "text" and wants_color(color, os.environ)
        self.warnings = warnings or Warnings()
        self._kept: list[Diagnostic] = []

    def report(self, diagnostics: Iterable[Diagnostic]) -> bool:
        """Show *diagnostics*; return whether there is an error among them."""
        shown = self.warnings.applied(diagnostics)
        if self.form == "sarif":
            self._kept += shown  # one log for the whole run
        elif shown and self.form == "text":
            # A run without diagnostics doesn't load the renderer.
            from bpfgen.render import render_all

            write_error(render_all(shown, color=self.color))
        elif shown:
            from bpfgen.machine_formats import FORMATS

            write_error(FORMATS[self.form](shown))
        return any(diagnostic.severity == ERROR for diagnostic in shown)

    def error(self, code: str, message: str, *, help: str = "") -> None:
        """Show one error that has no place in a text."""
        if self.form == "text":
            from bpfgen.render import render

            write_error(render(Diagnostic(code, message, None, help=help), color=self.color))
        else:
            self.report([Diagnostic(code, message, None, help=help)])

    def finish(self) -> None:
        """Write what had to wait for the end of the run."""
        if self.form == "sarif":
            from bpfgen.machine_formats import sarif

            write_error(sarif(self._kept))


def wants_color(mode: str, environment: Mapping[str, str]) -> bool:
    """Return whether standard error gets colours: *mode* is one of :data:`COLORS`.

    For `auto`, NO_COLOR and FORCE_COLOR (no-color.org, force-color.org; empty means unset) decide
    in this order, else whether standard error is a terminal that knows escapes.
    """
    if mode != "auto":
        return mode == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return sys.stderr is not None and sys.stderr.isatty() and environment.get("TERM") != "dumb"


def write_error(text: str) -> None:
    """Write *text* to standard error, whatever its encoding; nothing if it is closed."""
    if sys.stderr is not None:
        sys.stderr.write(text)  # its error handler is backslashreplace: it never fails to encode
        sys.stderr.flush()


def write_output(data: bytes | str) -> None:
    """Write *data* to standard output, now.

    Raises:
        OSError: It can't be written; BrokenPipeError where nobody reads any more.
    """
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    name = "standard output"
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), name)
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from error
