"""`bpfgen inspect OBJ...`: the maps of any BPF object, as libbpf's open step understands them."""

from __future__ import annotations

from bpfgen.commands import DONE, WRONG, UsageError
from bpfgen.commands.arguments import parsed, terminal_of
from bpfgen.commands.terminal import output_page, write_output
from bpfgen.files.reading import STDIN
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.commands.terminal import Terminal
    from bpfgen.object.records import ObjectFile
    from bpfgen.text.table import Page

_PIECES = 1 << 16
"""Characters that are gathered before they are written."""


class _Read(Record):
    """What came of one input.

    Attributes:
        object: What was read; None where nothing could be.
        error: As in the JSON: why libbpf would refuse the object, or why it couldn't be read.
        advice: What to do about it; empty where nothing helps.
        code: Of the diagnostic, where there is no object.
        status: The exit status, where there is an error.
    """

    object: ObjectFile | None
    error: str | None
    advice: str = ""
    code: str = "object-format"
    status: int = WRONG


def run(words: list[str]) -> int:
    """Show the maps of the objects that *words* name; return the exit status."""
    arguments = parsed("inspect", words)
    inputs: list[str] = arguments.inputs
    if not inputs:
        raise UsageError("there is nothing to inspect", "bpfgen inspect prog.o")
    if arguments.types and arguments.format == "json":
        raise UsageError("--types is for people; JSON has every type in `key` and `value`")
    if arguments.seen_as is not None:
        # Only who asks for another loader's view pays for this import.
        from bpfgen.commands.inspect_as import run_as

        return run_as(arguments)
    terminal = terminal_of(arguments)
    status = DONE
    lines = _Lines()
    for index, path in enumerate(inputs):
        read = _read(path, relax_compat=bool(arguments.relax_compat))
        if read.error is not None:
            status = max(status, read.status)
        if arguments.format == "json":
            lines.add(path, read)
        else:
            page = output_page(arguments.color)
            _write_text(path, read, terminal, page, is_first=index == 0, types=arguments.types)
        if read.object is not None and read.object.running:
            from bpfgen.commands.running import hidden_types

            terminal.report(hidden_types(read.object.running, "shown"))
    lines.write()
    terminal.finish()
    return status


def _read(path: str, *, relax_compat: bool) -> _Read:
    """Return what the file *path* is."""
    from bpfgen.commands.objects import Unreadable, opened

    try:
        object = opened(path, "inspect", relax_compat=relax_compat)
    except OSError as error:
        # Only a run that fails pays for this import.
        from bpfgen.commands.running import unread

        refusal = unread(error, path)
        why = f"cannot read: {refusal.reason}"
        return _Read(None, why, refusal.help, refusal.code, refusal.status)
    if isinstance(object, Unreadable):
        return _Read(None, object.why, object.advice)
    return _Read(object, object.error)


class _Lines:
    """JSON on its way to standard output, some thousand characters at a time."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    def add(self, path: str, read: _Read) -> None:
        """Add the line of one object."""
        from bpfgen.inspection.json import object_line

        for piece in object_line(path, read.object, read.error):
            self._pieces.append(piece)
            self._length += len(piece)
            if self._length > _PIECES:
                self.write()

    def write(self) -> None:
        """Write what there is."""
        write_output("".join(self._pieces))
        self._pieces.clear()
        self._length = 0


def _write_text(
    path: str, read: _Read, terminal: Terminal, page: Page, *, is_first: bool, types: bool
) -> None:
    """Write the table to standard output, and what is wrong to standard error."""
    name = STDIN if path == "-" else path
    object = read.object
    if object is not None:
        from bpfgen.inspection.table import object_table

        write_output(("" if is_first else "\n") + object_table(name, object, page))
        if types:
            from bpfgen.inspection.types import object_types

            text = object_types(object)
            write_output(f"\n{text}" if text else "")
    if object is not None:
        from bpfgen.object.refused_btf import refused_btf

        terminal.report(refused_btf(object, f"{name}: "))
    if read.error is None:
        return
    if object is None:
        terminal.error(read.code, f"{name}: {read.error}", help=read.advice)
        return
    terminal.error("libbpf-refuses", f"{name}: {read.error}")
    for map in object.maps:
        if map.error is not None and read.error != f"map `{map.name}`: {map.error}":
            terminal.error("libbpf-refuses", f"{name}: map `{map.name}`: {map.error}")
