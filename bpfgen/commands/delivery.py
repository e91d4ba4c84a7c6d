"""The last step of a command that makes a file: it is written, printed, or compared."""

from __future__ import annotations

import os

from bpfgen.commands import DONE, WRONG
from bpfgen.commands.terminal import write_output
from bpfgen.files.reading import STDIN
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import TypeVar

    from bpfgen.commands.destinations import Output
    from bpfgen.commands.terminal import Terminal

    File = TypeVar("File")


def deliver(
    terminal: Terminal, files: Sequence[tuple[str, bytes]], arguments: argparse.Namespace
) -> int:
    """Write *files*, print the one that is `-`, or compare for `--check`; return the status."""
    if arguments.check:
        is_verbose = arguments.verbose
        return max(_check(terminal, path, data, is_verbose=is_verbose) for path, data in files)
    if files[0][0] == "-":
        write_output(files[0][1])
        return DONE
    return put(terminal, files, is_verbose=arguments.verbose)


def in_writing_order(files: Sequence[File]) -> list[File]:
    """Return the *files* of one output, the main one first, as they are written.

    It comes last, and only where the others are: a build looks at its time.
    """
    return [*files[1:], *files[:1]]


def say_current(
    terminal: Terminal, outputs: Sequence[Output], arguments: argparse.Namespace
) -> None:
    """Say to who asked for it that the files of *outputs* are as they are to be."""
    if not arguments.verbose:
        return
    word = "current" if arguments.check else "unchanged"
    for output in outputs:
        for path in in_writing_order(output.files):
            terminal.say(f"{path}: {word}")


def has_made_directory(terminal: Terminal, path: str) -> bool:
    """Make the directory of *path* where there is none; return False if we can't."""
    directory = os.path.dirname(path)
    if directory:
        try:
            os.makedirs(directory, exist_ok=True)
        except OSError as error:
            cannot(terminal, "write", directory, error)
            return False
    return True


def put(
    terminal: Terminal,
    files: Sequence[tuple[str, bytes]],
    *,
    over: bytes | None = None,
    is_verbose: bool,
) -> int:
    """Write *files* in this order, all of them or none; return the status.

    One that doesn't hold *over*, unless that is None, is left as it is, with an error.
    """
    from bpfgen.files.writing import Changed, Pending

    pending: list[Pending] = []
    path = ""
    try:
        for path, data in files:
            pending.append(Pending(path, data, over))
        # A device or a pipe may still refuse its bytes, while no file has changed.
        for file in sorted(pending, key=lambda file: not file.is_stream):
            path = file.path
            is_new = file.commit()
            if is_verbose:
                terminal.say(f"{path}: {'written' if is_new else 'unchanged'}")
    except BrokenPipeError:  # `-o /dev/stdout`: as with `-o -`
        raise
    except Changed:
        terminal.error("file", f"`{path}` has changed meanwhile; it is left as it is")
        return WRONG
    except OSError as error:
        cannot(terminal, "write", path, error)
        return WRONG
    finally:
        for file in reversed(pending):
            file.close()
    return DONE


def put_over(terminal: Terminal, path: str, before: bytes, data: bytes, *, is_verbose: bool) -> int:
    """Write *data* to the file *path*, if that still holds *before*; return the status."""
    return put(terminal, [(path, data)], over=before, is_verbose=is_verbose)


def _check(terminal: Terminal, path: str, data: bytes, *, is_verbose: bool) -> int:
    """Show how *path* differs from *data*, as a diff or as JSON; return the status."""
    from bpfgen.files.writing import check

    try:
        difference = check(path, data)
    except OSError as error:
        cannot(terminal, "read", path, error)
        return WRONG
    if not difference:
        if is_verbose:
            terminal.say(f"{path}: current")
        return DONE
    show_difference(terminal, path, difference, is_missing=not os.path.exists(path))
    return WRONG


def show_difference(
    terminal: Terminal, path: str, difference: bytes, *, is_missing: bool = False
) -> None:
    """Show how *path* differs from what it is to be: *difference*, as it is or as JSON."""
    if terminal.form != "json":
        write_output(difference)
        return
    from json import dumps

    text = difference.decode("utf-8", "surrogateescape")
    record = {
        "format": 1,
        "path": path,
        "status": "missing" if is_missing else "different",
        "diff": text if text.startswith("--- ") else None,
    }
    write_output(f"{dumps(record)}\n")


def cannot(terminal: Terminal, what: str, path: str, error: OSError) -> None:
    """Say in one line that *path* can't be read or written, with the system's reason."""
    # Only a run that fails pays for this import.
    from bpfgen.files.reasons import failure

    name = STDIN if path == "-" else path
    reason, help_ = failure(path, error, writing=what == "write")
    terminal.error("file", f"cannot {what} `{name}`: {reason}", help=help_)
