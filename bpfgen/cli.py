"""The command `bpfgen`: which sub-command is meant, exit status, and what no command may leak.

Everything a command needs is loaded by its own module in `commands`, when it is called.
"""

from __future__ import annotations

import gc
import os
import signal
import sys

from bpfgen.commands import DONE, INTERNAL, INTERRUPTED, MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.signals import Ended, Signals
from bpfgen.commands.table import COMMANDS
from bpfgen.commands.terminal import asked_for, write_error, write_output
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType


_HELP = frozenset({"-h", "--help"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with the words *argv* (those of the process if None) and return its status.

    0 done; 1 the input is wrong, the check differs or verification fails; 2 wrong usage; 3 a tool
    that is needed is missing; 70 a mistake of bpfgen itself; 128 + n ended by signal n.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if argv is None:
        # The process is ours and ends soon. What a compilation builds lives to its end, so that
        # looking for garbage among it finds none and doubles the time of large inputs.
        gc.disable()
    signals = Signals()
    try:
        signals.take()
        status = _status(words)
        signals.settle()
    except KeyboardInterrupt:
        signals.settle()
        status = INTERRUPTED
    except Ended as ended:
        signals.settle()
        status = 128 + ended.number
    finally:
        signals.give_back(keeps_held=argv is None)
        if argv is None:
            gc.freeze()  # nor does the interpreter look for garbage on its way out
    return 128 + signals.lost if signals.lost else status


def _status(words: list[str]) -> int:
    """Do what *words* ask for and report what ends that; return the status."""
    try:
        return _run(words)
    except UsageError as error:
        _report(words, "usage", str(error), error.help)
        return USAGE
    except BrokenPipeError:
        # Whoever read our output has seen enough. The interpreter must not flush it once more.
        _discard_output()
        return 128 + signal.SIGPIPE
    except MemoryError:
        _report(words, "memory", "out of memory")
        return WRONG
    except OSError as error:
        _discard_output()
        name = f"{error.filename}: " if error.filename else ""
        _report(words, "file", f"{name}{error.strerror or error}")
        return WRONG
    except Exception as error:  # noqa: BLE001 -- the last line of defence: one line, no traceback
        return _internal_error(words, error)


def _run(words: list[str]) -> int:
    """Do what *words* ask for; return the status."""
    if any(word.startswith("@") for word in words):
        from bpfgen.commands.response_files import expanded

        words[:] = expanded(words)
    name, words = _command(words)
    if not _HELP.isdisjoint(words):
        from bpfgen.commands.arguments import wants_help

        if wants_help(words):
            from bpfgen.commands.parser import help_text

            write_output(help_text(name))
            return DONE
    run: Callable[[list[str]], int]
    if name == "compile":
        from bpfgen.commands.compile import run
    else:
        from importlib import import_module

        run = import_module(COMMANDS[name].module).run
    return run(words)


def _command(words: list[str]) -> tuple[str, list[str]]:
    """Return the command that *words* begin with, and the words after it.

    Raises:
        UsageError: What stands there was meant for a command, and is no file either.
    """
    name = words[0] if words else ""
    if name in COMMANDS and name != "compile":
        return name, words[1:]
    if name.replace("-", "").isalpha() and not name.startswith("-") and not os.path.lexists(name):
        # Only what is no source pays for this import.
        from bpfgen.commands.unknown import unknown_command

        error = unknown_command(name)
        if error is not None:
            raise error
    if name.startswith("-") and not COMMANDS.keys().isdisjoint(words):
        # Only what looks wrong pays for this import.
        from bpfgen.commands.unknown import misplaced_command

        error = misplaced_command(words)
        if error is not None:
            raise error
    return "compile", words


def _discard_output() -> None:
    """Point standard output to nowhere, so that nothing is flushed to it at exit."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)
    except OSError:
        pass


def _report(words: Sequence[str], code: str, message: str, help: str = "") -> None:
    """Report what ended the run, in the form that *words* ask for."""
    terminal = asked_for(words)
    terminal.error(code, message, help=help)
    if terminal.form == "sarif":  # a log for the whole run; text has no need of a summary
        terminal.finish()


def _internal_error(words: Sequence[str], error: Exception) -> int:
    """Say in one line that this is our mistake; with BPFGEN_TRACEBACK set, show where it is."""
    if os.environ.get("BPFGEN_TRACEBACK"):
        raise error
    trace: TracebackType | None = error.__traceback__
    where = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        where = f"{os.path.basename(code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    said = " ".join(str(error).split())[:200]
    message = (
        f"bpfgen itself is wrong: {type(error).__name__}: {said} ({where}); "
        "please report it with the input (BPFGEN_TRACEBACK=1 shows more)"
    )
    try:
        _report(words, "internal", message)
    except Exception:  # noqa: BLE001 -- what reports may be what is wrong
        write_error(f"error[internal]: {message}\n")
    return INTERNAL


__all__ = ["COMMANDS", "DONE", "INTERNAL", "INTERRUPTED", "MISSING", "USAGE", "WRONG", "main"]
