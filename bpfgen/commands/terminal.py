"""The standard streams: diagnostics in the form that was asked for, and text for people.

With `output` (files) the only place that writes anything; `commands` call it.
"""

from __future__ import annotations

import errno
import os
import sys

from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import ERROR, STYLE, WARNING, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TextIO

    from bpfgen.commands.progress import Progress
    from bpfgen.text.grouping import Groups
    from bpfgen.text.table import Page

FORMS = ("text", "json", "github", "sarif")
COLORS = ("auto", "always", "never")


class Warnings:
    """What `-W` says: which warnings are wanted, and which of them are errors.

    Attributes:
        wanted: By code: True for `-W CODE`, False for `-W no-CODE`; the last one counts.
        style: `-W all`: style is wanted too, but for codes that are named.
        are_errors: `-Werror`.
        errors: By code: True for `-Werror=CODE`, False for `-Wno-error=CODE`.
    """

    __slots__ = ("are_errors", "errors", "style", "wanted")

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.wanted: dict[str, bool] = {}
        self.errors: dict[str, bool] = {}
        self.style = self.are_errors = False
        for word in words:
            name = word.removeprefix("no-")
            positive = name == word
            if name == "error":
                self.are_errors = positive
            elif name == "all":
                self.style = positive
            elif name.startswith("error="):
                code = name.removeprefix("error=")
                self.errors[code] = positive
                if positive:  # as in other compilers, an error is a wanted warning
                    self.wanted[code] = True
            else:
                self.wanted[name] = positive

    def applied(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return *diagnostics* without unwanted warnings, and as errors where they are to be.

        Style is a warning from here on. An error that `-W no-CODE` asks to be silent about says
        that this can't be.
        """
        kept: list[Diagnostic] = []
        for diagnostic in diagnostics:
            code, severity = diagnostic.code, diagnostic.severity
            wanted = self.wanted.get(code, self.style if severity == STYLE else True)
            if severity == ERROR:
                stays = "`-W no-{}` hides warnings only, and this is an error"
                kept.append(diagnostic if wanted else _with_note(diagnostic, stays.format(code)))
            elif not wanted:
                continue
            elif severity in (WARNING, STYLE) and self.errors.get(code, self.are_errors):
                option = "-Werror" + f"={code}" * (code in self.errors)
                kept.append(_with_note(diagnostic, f"a warning, made an error by {option}"))
            elif severity == STYLE:
                kept.append(replace(diagnostic, severity=WARNING))
            else:
                kept.append(diagnostic)
        return kept

    @property
    def named(self) -> frozenset[str]:
        """The codes that `-W CODE` asks for by name."""
        return frozenset(code for code, wanted in self.wanted.items() if wanted)


def _with_note(diagnostic: Diagnostic, note: str) -> Diagnostic:
    """Return *diagnostic* as an error with one more note."""
    return replace(diagnostic, notes=(*diagnostic.notes, note), severity=ERROR)


def wrong_warning(word: str) -> tuple[str, str] | None:
    """Return what is wrong with the word *word* after `-W`, and advice; None if nothing is."""
    code = word.removeprefix("no-").removeprefix("error=")
    if word in {"error", "no-error", "all", "no-all"}:
        return None
    # Only a run with -W CODE pays for these imports.
    from bpfgen.text.codes import CODES

    if code in CODES:
        return None
    from bpfgen.text.spelling import did_you_mean

    advice = did_you_mean(code, [*CODES, "error", "all"]) or "`bpfgen explain` lists the codes"
    # As it is typed: what follows `error=` is glued to the option.
    option = f"-W {word}" if word.removeprefix("no-") == code else f"-W{word}"
    return f"{option}: there is no diagnostic `{code}`", advice


class Terminal:
    """Standard error, as diagnostics see it.

    Attributes:
        form: One of :data:`FORMS`.
        color: Whether text has ANSI escapes.
        warnings: What `-W` says.
        errors: Those that were reported.
        inputs: The names of the texts that `--fix` would change; none where nothing can be fixed.
        progress: What shows how far the run is, and gives way to messages; None where nothing does.
        held: Where what is to be shown waits for its turn; None where nothing does.
    """

    __slots__ = (
        "_counts",
        "_groups",
        "_has_places",
        "_kept",
        "_repairable",
        "color",
        "errors",
        "form",
        "held",
        "inputs",
        "progress",
        "warnings",
    )

    def __init__(
        self, form: str = "text", color: str = "auto", warnings: Warnings | None = None
    ) -> None:
        self.form = form
        self.color = form == "text" and wants_color(color, os.environ)
        self.warnings = warnings or Warnings()
        self.progress: Progress | None = None
        self.held: list[Callable[[], object]] | None = None
        self.errors: list[Diagnostic] = []
        self.inputs: frozenset[str] = frozenset()
        self._kept: list[Diagnostic] = []
        self._groups: Groups | None = None
        self._counts: dict[str, int] = {}
        self._repairable = [0, 0]
        self._has_places = False

    def report(self, diagnostics: Iterable[Diagnostic]) -> bool:
        """Show *diagnostics*; return whether there is an error among them."""
        warnings = self.warnings
        shown = warnings.applied(diagnostics)
        self._show(lambda: self._show_all(shown, warnings.named))
        return any(diagnostic.severity == ERROR for diagnostic in shown)

    def _show(self, show: Callable[[], object]) -> None:
        """Call *show* now, or in its turn."""
        if self.held is None:
            show()
        else:
            self.held.append(show)

    def _show_all(self, shown: list[Diagnostic], named: frozenset[str]) -> None:
        for diagnostic in shown:
            self._count(diagnostic)
        if self.form == "sarif":
            self._kept += shown  # one log for the whole run
        elif shown and self.form == "text":
            # A run without diagnostics doesn't load the renderer.
            from bpfgen.text.grouping import Groups
            from bpfgen.text.render import render_all

            self._groups = self._groups or Groups()
            first = self._groups.first(shown, named)
            self._write(render_all(first, color=self.color))
        elif shown:
            from bpfgen.text.machine_formats import FORMATS

            self._write(FORMATS[self.form](shown))

    def error(self, code: str, message: str, *, help: str = "") -> None:
        """Show one error that has no place in a text."""
        diagnostic = Diagnostic(code, message, None, help=help)
        if self.form == "text":
            self._show(lambda: self._show_alone(diagnostic))
        else:
            self.report([diagnostic])

    def _show_alone(self, diagnostic: Diagnostic) -> None:
        from bpfgen.text.render import render

        self._count(diagnostic)
        self._write(render(diagnostic, color=self.color))

    def say(self, line: str) -> None:
        """Show one line to a person who asked for it; programs that read diagnostics get none."""
        if self.form == "text":
            from bpfgen.text.render import printable

            self._write(f"{printable(line)}\n")

    def _count(self, diagnostic: Diagnostic) -> None:
        severity = diagnostic.severity
        self._counts[severity] = self._counts.get(severity, 0) + 1
        self._has_places = self._has_places or diagnostic.span is not None
        if severity == ERROR:
            self.errors.append(diagnostic)
        if diagnostic.edits and self.inputs.issuperset(
            edit.span.source.name for edit in diagnostic.edits
        ):
            self._repairable[diagnostic.changes_meaning] += 1

    def _write(self, text: str) -> None:
        if self.progress is not None:
            self.progress.clear()
        write_error(text)

    def finish(self, *, is_counted: bool = False) -> None:
        """Write what had to wait for the end of the run; *is_counted*: how much there was, too."""
        if self._groups is not None and (others := self._groups.others()):
            from bpfgen.text.render import render_all

            self._write(render_all(others, color=self.color))
        self._groups = None
        # A single line needs no other that counts it.
        is_worth_it = is_counted or self._has_places or sum(self._counts.values()) > 1
        if self.form == "text" and is_worth_it and self._counts.keys() & {ERROR, WARNING}:
            from bpfgen.text.render import summary

            fixes, more = self._repairable
            self._write(summary(self._counts, fixes, fixes + more, color=self.color))
        self._counts = {}
        self._repairable = [0, 0]
        if self.form == "sarif":
            from bpfgen.rules.manual import explanations
            from bpfgen.text.sarif import sarif

            self._write(sarif(self._kept, explanations() if self._kept else {}))
            self._kept = []


def asked_for(words: Sequence[str]) -> Terminal:
    """Return standard error as *words* want it, which may make no sense otherwise.

    What reads JSON or SARIF is to get it also where the command line is wrong.
    """
    end = words.index("--") if "--" in words else len(words)
    found = {"--diagnostics": "text", "--color": "auto"}
    known = {"--diagnostics": FORMS, "--color": COLORS}
    for at, word in enumerate(words[:end]):
        name, given, value = word.partition("=")
        if name in found:
            value = value if given else "".join(words[at + 1 : at + 2])
            found[name] = value if value in known[name] else found[name]
    return Terminal(found["--diagnostics"], found["--color"])


def output_page(mode: str = "auto") -> Page:
    """Return what standard output is to people: its width, and whether it takes colours.

    A terminal has as many columns as COLUMNS says, or as it says itself; a file has no edge.
    """
    from bpfgen.text.table import Page

    width: int | None = None
    if sys.stdout is not None and sys.stdout.isatty():
        given = os.environ.get("COLUMNS", "")
        try:
            width = int(given) if given.isdecimal() else os.get_terminal_size(1).columns
        except OSError:
            width = None
    return Page(width or None, wants_color(mode, os.environ, sys.stdout))


def wants_color(mode: str, environment: Mapping[str, str], stream: TextIO | None = None) -> bool:
    """Return whether *stream*, or standard error, gets colours: *mode* is one of :data:`COLORS`.

    For `auto`, NO_COLOR and FORCE_COLOR (no-color.org, force-color.org; empty means unset) decide
    in this order, else whether it is a terminal that knows escapes.
    """
    stream = stream or sys.stderr
    if mode != "auto":
        return mode == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream is not None and stream.isatty() and environment.get("TERM") != "dumb"


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
