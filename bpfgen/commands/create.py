"""`bpfgen create FILE`: the maps of a source in the running kernel, with no object and no C.

What is to be done is `creation_wanted`'s affair, asking the kernel for it `live.creating`'s; what
is said of the answer, `creation_report`'s and `creation_output`'s.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager

from bpfgen.commands import DONE, MISSING, WRONG, UsageError
from bpfgen.commands.arguments import parsed, terminal_of
from bpfgen.commands.creation_wanted import BPFFS, Stopped, wanted_of
from bpfgen.commands.signals import hold_to_the_end
from bpfgen.commands.terminal import output_page, write_output
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import ERROR

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from bpfgen.commands.creation_wanted import Wanted
    from bpfgen.commands.terminal import Terminal
    from bpfgen.live.creating import Creation
    from bpfgen.text.diagnostics import Diagnostic


def run(words: list[str]) -> int:
    """Make the maps of the source that *words* name; return the exit status."""
    arguments = parsed("create", words)
    if len(arguments.inputs) != 1:
        what = "there is no source" if not arguments.inputs else "it takes one source"
        raise UsageError(what, "bpfgen create maps.dsl --dry-run")
    if arguments.pin_dir == "":
        raise UsageError("--pin-dir wants a directory", f"--pin-dir {BPFFS}/app")
    terminal = terminal_of(arguments)
    try:
        status = _run(arguments, terminal)
    except Stopped as stopped:
        status = stopped.status
        if arguments.format == "json":
            from bpfgen.commands.creation_output import stopped_json

            path = arguments.inputs[0]
            write_output(stopped_json(path, terminal.errors, is_trial=arguments.dry_run))
    terminal.finish()
    return status


def _run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do it and say so; return the exit status.

    What is pinned stays only once all of that is done: nobody is left with maps whose ids were
    never written. Maps that were there before are frozen after that: it has no way back. A signal
    ends it before the first word is written, and all is undone, or not at all.
    """
    wanted = wanted_of(arguments, terminal)
    from bpfgen.commands.creation_report import not_frozen, report_on, verdict_on

    try:
        with _alone(wanted, terminal), _created(wanted, terminal) as creation:
            diagnostics = report_on(creation, wanted)
            if not _fails(diagnostics, terminal):
                act = creation.try_freezing if wanted.is_trial else creation.pin
                refusal = act(wanted.freeze)
                if refusal is not None:
                    creation.refusals = (refusal,)
                    diagnostics += verdict_on(refusal, wanted)
            said, status = _written(arguments, terminal, creation, wanted, diagnostics)
            if status == DONE and not wanted.is_trial:
                hold_to_the_end()
            write_output(said)
            if status != DONE or wanted.is_trial:
                return status
            refusal = creation.keep(wanted.freeze)
            if refusal is None:
                return DONE
            terminal.report(not_frozen(refusal, creation, wanted))
            return WRONG
    except PermissionError as error:
        reason = error.strerror or str(error)
        terminal.error("no-right", f"cannot make the maps of `{wanted.path}`: {reason}")
        raise Stopped(MISSING) from error


@contextmanager
def _alone(wanted: Wanted, terminal: Terminal) -> Iterator[None]:
    """Keep other runs from pinning to the end of a `with` block, where this one does."""
    pin = next(iter(wanted.pins.values()), "")
    if not pin or wanted.is_trial:
        yield
        return
    from bpfgen.live.pin_lock import PinsLockedError, pins_locked

    with ExitStack() as stack:
        try:
            stack.enter_context(pins_locked(pin))
        except PinsLockedError as error:
            message = f"somebody else is pinning below `{error.mount}`, and comes to no end"
            advice = "`fuser -v` of that directory says who has locked it (flock)"
            terminal.error("pin-refused", message, help=advice)
            raise Stopped(WRONG) from error
        yield


def _fails(diagnostics: Sequence[Diagnostic], terminal: Terminal) -> bool:
    return any(one.severity == ERROR for one in terminal.warnings.applied(diagnostics))


def _written(
    arguments: argparse.Namespace,
    terminal: Terminal,
    creation: Creation,
    wanted: Wanted,
    diagnostics: Sequence[Diagnostic],
) -> tuple[str, int]:
    """Return what is written of *creation*, and the exit status; *diagnostics* are reported."""
    from bpfgen.commands.creation_output import as_json, as_text

    failed = _fails(diagnostics, terminal)
    missing = any(one.code == "no-right" for one in diagnostics)
    status = MISSING if missing else WRONG if failed else DONE
    if arguments.format == "json":
        shown = terminal.warnings.applied(diagnostics)
        return as_json(creation, wanted, shown, is_done=status == DONE), status
    terminal.report(diagnostics)
    if status != DONE and not wanted.is_trial:
        return "", status
    return as_text(creation, wanted, output_page(arguments.color)), status


def _created(wanted: Wanted, terminal: Terminal) -> Creation:
    """Ask the kernel for what is *wanted*.

    Raises:
        PermissionError: A right is missing.
    """
    from bpfgen.live.creating import create
    from bpfgen.text.diagnostics import FormatError

    try:
        return create(wanted.model, wanted.planned, kernel=wanted.machine.kernel, pins=wanted.pins)
    except PermissionError:
        raise
    except (OSError, NotImplementedError, FormatError) as error:
        terminal.error("map-refused", f"cannot make the maps of `{wanted.path}`: {error}")
        raise Stopped(WRONG) from error
