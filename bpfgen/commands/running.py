"""Why a map of the running kernel can't be had, and the exit status of that."""

from __future__ import annotations

from errno import EACCES, EPERM

from bpfgen.commands import MISSING, USAGE, WRONG
from bpfgen.files.reading import STDIN
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.commands.terminal import Terminal
    from bpfgen.object.running import RunningMap
    from bpfgen.text.diagnostics import Diagnostic


class Refusal(Record):
    """Why a source can't be read: a running map, or a file.

    Attributes:
        status: The exit status: 3 where a right is missing.
        code: `no-right`, `running-map`, `usage` where no map could be named so; `file` of a file.
        name: As the user calls it.
        reason: Without the name.
        help: What to type instead; empty where nothing helps.
    """

    status: int
    code: str
    name: str
    reason: str
    help: str

    @property
    def message(self) -> str:
        """The reason, in a sentence of its own."""
        return f"cannot read `{self.name}`: {self.reason}"


def refused(error: OSError, name: str) -> Refusal:
    """Return what *error* of the running map that the user calls *name* means.

    A missing right is EPERM and EACCES, and nothing else; who hasn't it needn't try again.
    """
    from bpfgen.files.pins import has_dot
    from bpfgen.files.reasons import failure
    from bpfgen.live.places import PlaceError
    from bpfgen.sources import is_file

    if isinstance(error, PlaceError):
        code = "usage" if error.is_usage else "running-map"
        status = USAGE if error.is_usage else WRONG
        return Refusal(status, code, name, error.strerror or str(error), error.advice)
    reason, advice = error.strerror or str(error), ""
    if is_file(name):
        reason, advice = failure(name, error)  # it may be wrong as any path is
    is_no_pin = is_file(name) and has_dot(name)  # EPERM, whoever asks
    if error.errno in (EPERM, EACCES) and not is_no_pin:
        return Refusal(MISSING, "no-right", name, reason, advice)
    return Refusal(WRONG, "running-map", name, reason, advice)


def unread(error: OSError, path: str) -> Refusal:
    """Return why the source *path*, a file or running maps, can't be read: *error*."""
    from bpfgen.git import GitError
    from bpfgen.sources import names_running

    if isinstance(error, GitError):
        return Refusal(WRONG, "file", path, error.strerror or str(error), error.advice)
    if names_running(path):
        # Of a directory, one of the pins in it, as a rule.
        pin = error.filename if isinstance(error.filename, str) else path
        return refused(error, pin)
    from bpfgen.files.reasons import failure

    reason, advice = failure(path, error)
    return Refusal(WRONG, "file", STDIN if path == "-" else path, reason, advice)


def unreadable(terminal: Terminal, path: str, error: OSError) -> int:
    """Say why the source *path*, a file or a running map, can't be read; return the status."""
    refusal = unread(error, path)
    terminal.error(refusal.code, refusal.message, help=refusal.help)
    return refusal.status


def hidden_types(maps: Iterable[RunningMap], what: str) -> list[Diagnostic]:
    """Return the note that types of *maps* aren't *what*, where one may not read some of them.

    Nothing where one may. *what* is `shown`, `compared`.
    """
    hidden = [running for running in maps if running.hides_types]
    if not hidden:
        return []
    from bpfgen.text.diagnostics import NOTE, Diagnostic

    subject = str(hidden[0]) if len(hidden) == 1 else "maps"
    message = f"types of {subject} aren't {what}: to read them takes CAP_SYS_ADMIN"
    return [Diagnostic("no-right", message, None, severity=NOTE)]


def is_running(path: str) -> bool:
    """Return whether *path* names one running map, of which there may be none."""
    from bpfgen.files.pins import is_pin
    from bpfgen.sources import is_file

    return path != "-" and (not is_file(path) or is_pin(path))
