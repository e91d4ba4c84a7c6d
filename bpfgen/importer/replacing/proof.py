"""A program compiled before and after: the proof of a replacement.

Fifth of a replacement. The flags are the same both times, with debug information, since maps are
in it; what comes out is held against each other by :mod:`programs`.
"""

from __future__ import annotations

from bpfgen.importer.replacing.programs import differences
from bpfgen.object import read_object
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.clang.compiler import CompileResult
    from bpfgen.compiler import Options
    from bpfgen.object.records import ObjectFile


class Unproved(Record):
    """Why there is no object: what clang says first, in one line."""

    why: str


def compiled_program(
    text: str, path: str, options: Options, headers: Mapping[str, str] | None = None
) -> ObjectFile | Unproved:
    """Return the object of the program *path* with *text*, compiled as it is.

    *headers* are found before those of the disk, by their paths relative to the program's.

    Raises:
        ToolMissing: There is no clang with the bpf target.
    """
    result = options.clang.find().compile_object(
        text,
        target=options.target,
        include_directories=options.include_directories,
        name=path,
        headers=headers,
        flags=(
            "-Wno-everything",
            *(f"-D{name}={value}" for name, value in options.definitions.items()),
        ),
    )
    if result.object is None:
        return Unproved(_why(result))
    try:
        return read_object(result.object)
    except FormatError as error:
        return Unproved(f"the object that clang wrote can't be read: {error}")


def _why(result: CompileResult) -> str:
    error = next((message for message in result.messages if message.is_error), None)
    if error is None:
        return "clang ended without an object"
    if error.file:
        return f"{error.file}:{error.file_line}: {error.text}"
    return f"line {error.line}: {error.text}" if error.line else error.text


def program_differences(before: ObjectFile, after: ObjectFile | Unproved) -> list[str]:
    """Return in what *after* isn't the program *before*: sentences, none if they are the same."""
    if isinstance(after, Unproved):
        return [f"the program doesn't compile with the header: {after.why}"]
    try:
        return differences(before, after)
    except FormatError as error:
        return [f"the objects can't be compared: {error}"]
