"""`bpfgen breaking OLD NEW`: what a change breaks, before it is merged."""

from __future__ import annotations

from bpfgen.clang import ToolMissing
from bpfgen.commands import DONE, MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import configured_options, parsed, terminal_of
from bpfgen.commands.breaking_result import Result
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bpfgen.changes.categories import Asked
    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.sides.operands import Compared
    from bpfgen.sides.places import Place
    from bpfgen.sources import Opened
    from bpfgen.text.diagnostics import Diagnostic


class _UnavailableError(Exception):
    """A side can't be had: *status* is what the run exits with, *why* what is to be said."""

    def __init__(self, status: int, why: Sequence[Diagnostic]) -> None:
        super().__init__(status)
        self.status = status
        self.why = tuple(why)


def run(words: list[str]) -> int:
    """Report what NEW breaks of OLD, which *words* name; return the exit status."""
    from bpfgen.commands.breaking_operands import compared

    arguments = parsed("breaking", words)
    asked = asked_of(arguments)
    terminal = terminal_of(arguments)
    inputs: list[str] = arguments.inputs
    options = configured_options(arguments, inputs[-1] if inputs else "", terminal)
    if options is None:
        terminal.finish()
        return USAGE
    try:
        pairs = compared(inputs, arguments.against)
    except ToolMissing as missing:
        terminal.error("tool-missing", str(missing))
        terminal.finish()
        return MISSING
    results = [_result(pair, options, asked) for pair in pairs]
    if arguments.format == "json":
        from bpfgen.commands.breaking_json import written

        written(results, asked)
    else:
        _report(results, asked, terminal)
    terminal.finish()
    return max((one.status for one in results), default=DONE)


def asked_of(arguments: argparse.Namespace) -> Asked:
    """Return what is to be compared.

    Raises:
        UsageError: There is no such category.
    """
    from bpfgen.changes.categories import CATEGORIES, Asked

    named = [name.strip() for word in arguments.categories for name in word.split(",")]
    for name in named:
        if name not in CATEGORIES:
            from bpfgen.text.spelling import did_you_mean

            advice = did_you_mean(name, CATEGORIES) or f"there are {', '.join(CATEGORIES)}"
            raise UsageError(f"--categories: there is no `{name}`", advice)
    if arguments.everything:
        return Asked(tuple(named or CATEGORIES), everything=True)
    return Asked(tuple(named)) if named else Asked()


def _result(pair: Compared, options: Options, asked: Asked) -> Result:
    """Return what came of *pair*."""
    from bpfgen.changes.finding import UNCOMPARED
    from bpfgen.comparison import compared

    try:
        old = None if pair.old is None else _resolved(pair.old, options)
        new, wrong = (None, ()) if pair.new is None else _checked(pair.new, options)
    except _UnavailableError as unavailable:
        return Result(pair, unavailable.status, errors=unavailable.why)
    found = compared(old, new, asked)
    uncompared = tuple(one for one in found if one.code == UNCOMPARED)
    findings = tuple(one for one in found if one.code != UNCOMPARED)
    return Result(pair, WRONG if findings or wrong else DONE, findings, wrong, uncompared)


def _checked(place: Place, options: Options) -> tuple[Opened, tuple[Diagnostic, ...]]:
    """Return what the source at *place* comes to, and its errors.

    Raises:
        _UnavailableError: It can't be read or resolved.
    """
    from bpfgen.comparison import errors_of

    opened = _opened(place, options)
    if not opened.failed:
        return opened, ()
    # What rules refuse can be compared all the same.
    return _resolved(place, options), tuple(errors_of(opened, place.name))


def _resolved(place: Place, options: Options) -> Opened:
    """Return what the source at *place* comes to, without asking any rule.

    Raises:
        _UnavailableError: It can't be read or resolved.
    """
    from bpfgen.comparison import errors_of

    opened = _opened(place, replace(options, is_ruled=False))
    if opened.failed:
        raise _UnavailableError(USAGE, errors_of(opened, place.name))
    return opened


def _opened(place: Place, options: Options) -> Opened:
    """Return what the source at *place* comes to.

    Raises:
        _UnavailableError: It can't be read.
    """
    from bpfgen.commands.running import unread
    from bpfgen.sides.places import opened
    from bpfgen.text.diagnostics import Diagnostic, FormatError

    try:
        return opened(place, options)
    except OSError as error:
        refusal = unread(error, place.name)
        why = Diagnostic(refusal.code, refusal.message, None, help=refusal.help)
        status = MISSING if refusal.status == MISSING else USAGE
        raise _UnavailableError(status, [why]) from error
    except FormatError as error:
        why = Diagnostic("object-format", f"{place.name}: {error}", None)
        raise _UnavailableError(USAGE, [why]) from error
    except ToolMissing as missing:
        why = Diagnostic("tool-missing", str(missing), None)
        raise _UnavailableError(MISSING, [why]) from missing


def _report(results: Sequence[Result], asked: Asked, terminal: Terminal) -> None:
    """Show *results* to people."""
    from bpfgen.commands.breaking_report import diagnostic_of, summary
    from bpfgen.commands.terminal import write_output

    for one in results:
        terminal.report(one.errors)
        terminal.report(diagnostic_of(found, one.pair) for found in one.found)
    write_output(summary(results, asked))
