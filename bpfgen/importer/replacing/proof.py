"""A program compiled before and after: the proof of a replacement.

Sixth of a replacement. The flags are the same both times, with debug information, since maps are
in it. Files that would be written are laid over those of the disk, wherever the program finds them;
what comes out is held against each other by :mod:`programs`.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from json import dumps

from bpfgen.importer.replacing.programs import differences
from bpfgen.object import read_object
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bpfgen.clang.started import CompileResult
    from bpfgen.compiler import Options
    from bpfgen.conditions import Assignment
    from bpfgen.object.records import ObjectFile


class Unproved(Record):
    """Why there is no object: what clang says first, in one line."""

    why: str


def compiled_program(
    text: str, path: str, options: Options, overlay: Mapping[str, str] | None = None
) -> ObjectFile | Unproved:
    """Return the object of the program *path* with *text*, compiled as it is.

    *overlay* has the texts of files that the program finds in the place of those on the disk.

    Raises:
        ToolMissing: There is no clang with the bpf target.
    """
    with _laid_over(overlay or {}) as flags:
        result = options.clang.find().compile_object(
            text,
            target=options.target,
            include_directories=options.include_directories,
            name=path,
            flags=(
                "-Wno-everything",
                *(f"-D{name}={value}" for name, value in options.definitions.items()),
                *(f"-U{name}" for name in options.undefined),
                *flags,
            ),
        )
    if result.object is None:
        return Unproved(_why(result))
    try:
        return read_object(result.object)
    except FormatError as error:
        return Unproved(f"the object that clang wrote can't be read: {error}")


@contextmanager
def _laid_over(overlay: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Give the flags with which clang finds the files of *overlay*, by their paths."""
    if not overlay:
        yield ()
        return
    with tempfile.TemporaryDirectory(prefix="bpfgen-") as directory:
        roots: list[dict[str, str]] = []
        for number, (path, text) in enumerate(overlay.items()):
            file = os.path.join(directory, f"{number}")
            with open(file, "wb") as stream:
                stream.write(text.encode("utf-8", "surrogateescape"))
            roots += (
                {"name": name, "type": "file", "external-contents": file}
                for name in dict.fromkeys((os.path.abspath(path), os.path.realpath(path)))
            )
        # A file is called as the program calls it; `#include "…"` in it looks beside that.
        shape = {"version": 0, "case-sensitive": "true", "use-external-names": "false"}
        table = os.path.join(directory, "overlay")
        with open(table, "wb") as stream:
            stream.write(dumps({**shape, "roots": roots}).encode())
        yield ("-ivfsoverlay", table)


def _why(result: CompileResult) -> str:
    error = next((message for message in result.messages if message.is_error), None)
    if error is None:
        return "clang ended without an object"
    if error.file:
        return f"{error.file}:{error.file_line}: {error.text}"
    return f"line {error.line}: {error.text}" if error.line else error.text


def with_macros(options: Options, assignment: Assignment) -> Options:
    """Return *options* with the macros of *assignment* defined, or undefined."""
    given = {name: f"{value}" for name, value in assignment if value is not None}
    gone = tuple(name for name, value in assignment if value is None)
    kept = {name: text for name, text in options.definitions.items() if name not in gone}
    undefined = tuple(name for name in options.undefined if name not in given)
    return replace(options, definitions={**kept, **given}, undefined=(*undefined, *gone))


def program_differences(before: ObjectFile, after: ObjectFile | Unproved) -> list[str]:
    """Return in what *after* isn't the program *before*: sentences, none if they are the same."""
    if isinstance(after, Unproved):
        return [f"the program doesn't compile with the header: {after.why}"]
    try:
        return differences(before, after)
    except FormatError as error:
        return [f"the objects can't be compared: {error}"]
