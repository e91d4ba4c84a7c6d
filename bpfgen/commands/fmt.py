"""`bpfgen fmt FILE …`: sources in the one form that they have, in place.

A file with errors of syntax stays as it is, and so does one that is as it should be; any other is
written whole, or not at all. No name is looked up: nothing is loaded but the parser.
"""

from __future__ import annotations

import os

from bpfgen.commands import DONE, WRONG, UsageError
from bpfgen.commands.arguments import parsed, terminal_of
from bpfgen.commands.delivery import cannot, put_over, show_difference
from bpfgen.commands.terminal import write_output
from bpfgen.files import SUFFIXES, is_source_name
from bpfgen.files.reading import BYTE_ORDER_MARK, FILES, STDIN, decode_source, identity
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.formatting.format import format_source
from bpfgen.text.diagnostics import Diagnostic, Report
from bpfgen.text.source import Span

if TYPE_CHECKING:
    import argparse

    from bpfgen.commands.terminal import Terminal

_EXAMPLE = "bpfgen fmt maps.dsl"


def run(words: list[str]) -> int:
    """Format what *words* name, or say what isn't formatted; return the exit status."""
    arguments = parsed("fmt", words)
    inputs: list[str] = arguments.inputs
    if not inputs or "" in inputs:
        raise UsageError("what to format is missing", f"{_EXAMPLE}, or `bpfgen fmt .`")
    if "-" in inputs and len(inputs) > 1:
        raise UsageError("`-` is formatted to standard output, and nothing beside it")
    terminal = terminal_of(arguments)
    try:
        if inputs == ["-"]:
            return _Formatting(arguments, terminal).stdin()
        return _Formatting(arguments, terminal).files(inputs)
    finally:
        terminal.finish()


class _Formatting:
    """One run: what it was asked for, and where messages go."""

    __slots__ = ("_is_diff", "_is_dry", "_is_verbose", "_terminal")

    def __init__(self, arguments: argparse.Namespace, terminal: Terminal) -> None:
        self._terminal = terminal
        self._is_diff: bool = arguments.diff
        self._is_dry: bool = arguments.diff or arguments.check
        self._is_verbose: bool = arguments.verbose

    def stdin(self) -> int:
        """Format standard input to standard output; return the status."""
        before = FILES.read("-")
        after = self._formatted(STDIN, before)
        if after is None:
            return WRONG
        if self._is_dry:
            return self._compared(STDIN, before, after)
        write_output(after)
        return DONE

    def files(self, inputs: list[str]) -> int:
        """Format the files that *inputs* name, each once; return the status."""
        status = DONE
        done: set[str] = set()
        for word in inputs:
            if os.path.isdir(word):
                # Only a run with a directory pays for this import.
                from bpfgen.files.formats import is_source_file
                from bpfgen.files.patterns import Disk, found_below

                paths = [
                    path for path in found_below(word, SUFFIXES, Disk()) if is_source_file(path)
                ]
                if not paths:
                    message = f"there is no source in the directory `{word}`"
                    self._terminal.error("file", message)
                    status = WRONG
            else:
                paths = [word]
            for path in paths:
                file = identity(path)
                if file not in done:
                    done.add(file)
                    status = max(status, self._file(path))
        return status

    def _file(self, path: str) -> int:
        """Format the file *path*; return the status."""
        if os.path.exists(path) and not os.path.isfile(path):
            message = f"`{path}` is no regular file, and can't be formatted in place"
            self._terminal.error("file", message, help="`bpfgen fmt -` reads standard input")
            return WRONG
        try:
            before = FILES.read(path)
        except OSError as error:
            cannot(self._terminal, "read", path, error)
            return WRONG
        after = self._formatted(path, before)
        if after is None:
            return WRONG
        if self._is_dry:
            return self._compared(path, before, after)
        return put_over(self._terminal, path, before, after, is_verbose=self._is_verbose)

    def _formatted(self, name: str, data: bytes) -> bytes | None:
        """Return *data* as it should be; None where it can't be read, which has been reported."""
        source, wrong = decode_source(name, data)
        if wrong is not None:
            self._terminal.report([wrong])
            return None
        if name != STDIN and not is_source_name(name):
            self._refuse(name)
            return None
        report = Report()
        text = format_source(source, report)
        if text is None:
            self._terminal.report(report.in_source_order())
            return None
        mark = BYTE_ORDER_MARK if data.startswith(BYTE_ORDER_MARK) else b""
        return mark + text.encode()

    def _refuse(self, name: str) -> None:
        """Say why the text *name*, which isn't named like a source, isn't formatted."""
        if name.endswith((".c", ".h")):
            message = f"`{name}` is C, and sources of maps are formatted here"
            help_ = "`clang-format -i` formats C"
        else:
            from shlex import quote  # only a run that fails pays for it

            message = f"`{name}` isn't named like a source: that ends in {' or '.join(SUFFIXES)}"
            help_ = f"`bpfgen fmt - <{quote(name)}` formats any text"
        self._terminal.error("file", message, help=help_)

    def _compared(self, name: str, before: bytes, after: bytes) -> int:
        """Show how *before* differs from *after*, as far as that is wanted; return the status."""
        if before == after:
            if self._is_verbose:
                self._terminal.say(f"{name}: formatted")
            return DONE
        if self._terminal.form != "text":
            self._report(name, before, after)
        if self._is_diff or self._terminal.form == "json":
            from bpfgen.files.writing import quoted, unified_diff

            difference = unified_diff(quoted(name), before, after)
            show_difference(self._terminal, name, difference)
        else:
            write_output(f"{name}\n")
        return WRONG

    def _report(self, name: str, before: bytes, after: bytes) -> None:
        """Report to a program that *before* isn't *after*, at the first difference."""
        source, _ = decode_source(name, before)
        formatted, _ = decode_source(name, after)
        pairs = zip(source.text, formatted.text, strict=False)
        same = min(len(source.text), len(formatted.text))
        at = next((at for at, (one, other) in enumerate(pairs) if one != other), same)
        self._terminal.report(
            [
                Diagnostic(
                    "unformatted",
                    f"`{name}` isn't formatted",
                    Span(source, at, at),
                    help="" if name == STDIN else f"`bpfgen fmt {name}` formats it",
                )
            ]
        )
