"""`bpfgen import OBJ -o maps.dsl`: source for the maps of an existing object or C file."""

from __future__ import annotations

import os

from bpfgen.commands import MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import configured_options, is_same_file, parsed, terminal_of
from bpfgen.commands.delivery import deliver
from bpfgen.commands.forms import main_suffixes
from bpfgen.files import ELFMAG
from bpfgen.files.reading import FILES, c_text
from bpfgen.record import TYPE_CHECKING
from bpfgen.sources import C_SUFFIXES, is_file, names_running, running_of

if TYPE_CHECKING:
    import argparse

    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.importer import Imported
    from bpfgen.object.records import ObjectFile
    from bpfgen.sources import Contents

_MOST_NAMED = 8
"""Running maps that a source of several is said to be of."""


def run(words: list[str]) -> int:
    """Write the source of the object that *words* name; return the exit status."""
    arguments = parsed("import", words)
    if arguments.replace:
        from bpfgen.commands.replace import run as replace

        return replace(arguments)
    if arguments.diff:
        raise UsageError("--diff shows what --replace would change", "bpfgen import --replace")
    inputs: list[str] = arguments.inputs
    are_running = bool(inputs) and all(map(names_running, inputs))
    if arguments.out_dir is not None and are_running:
        raise UsageError(
            "running maps become one source, and --out-dir is for those of many files",
            f"bpfgen import {' '.join(inputs)} -o maps.dsl",
        )
    is_project = len(inputs) > 1 or any(map(os.path.isdir, inputs))
    if arguments.out_dir is not None or (is_project and not are_running):
        from bpfgen.commands.import_project import run as import_project

        return import_project(arguments)
    _refuse_what_is_for_many(arguments)
    if not inputs:
        raise UsageError("what to import is missing", "bpfgen import prog.o -o maps.dsl")
    path = inputs[0]
    output: str | None = arguments.output
    if output is None:
        raise UsageError("where to write is missing", "-o FILE, or -o - for standard output")
    if output.endswith((*C_SUFFIXES, *main_suffixes())):
        raise UsageError(
            f"import writes a source of the language, and `{output}` is named as something else",
            "-o maps.dsl",
        )
    if output == "-" and arguments.check:
        raise UsageError("--check compares with a file, and -o - is none")
    if "-" not in (path, output) and is_same_file(path, output):
        raise UsageError(f"`{output}` is the input; it would be written over")
    terminal = terminal_of(arguments)
    options = configured_options(arguments, path, terminal)
    status = USAGE if options is None else _import(inputs, options, terminal, arguments)
    terminal.finish()
    return status


def _import(
    inputs: list[str], options: Options, terminal: Terminal, arguments: argparse.Namespace
) -> int:
    """Import one file, or running maps, to the file that *arguments* name; return the status."""
    options.clang.remembering()
    from bpfgen.clang import ToolMissing
    from bpfgen.commands.objects import Unreadable, contents_of_object, read
    from bpfgen.commands.running import unreadable
    from bpfgen.text.diagnostics import FormatError

    path = inputs[0]
    try:
        is_c = path.endswith(C_SUFFIXES) and is_file(path)
        if len(inputs) > 1:
            contents: Contents = running_of(inputs)
        else:
            contents = FILES.read(path) if is_c else contents_of_object(path)
    except OSError as error:
        return unreadable(terminal, path, error)
    try:
        if is_c and isinstance(contents, bytes) and contents[:4] != ELFMAG:
            text, wrong = c_text(path, contents)
            if wrong is not None:
                terminal.report([wrong])
                return WRONG
            if arguments.headers:
                message = "--headers is for objects: C includes its headers itself"
                raise UsageError(message, "bpfgen import prog.o --headers types.h -o maps.dsl")
            imported = _imported_c(text, path, arguments.program, options)
        else:
            object = read(path, contents, "import", relax_compat=options.relax_compat)
            if isinstance(object, Unreadable):
                terminal.error("object-format", f"{path}: {object.why}", help=object.advice)
                return WRONG
            imported = _imported(object, _named(inputs), options, arguments)
    except FormatError as error:
        terminal.error("object-format", f"{path}: {error}")
        return WRONG
    except ToolMissing as missing:
        terminal.error("tool-missing", str(missing))
        return MISSING
    if terminal.report(imported.diagnostics):
        return WRONG
    if not imported.text:
        terminal.error("import-map", f"{path}: there is no map that a source could declare")
        return WRONG
    return deliver(terminal, [(arguments.output, imported.text.encode())], arguments)


def _named(inputs: list[str]) -> str:
    """Return what a source of *inputs* is said to be of."""
    if len(inputs) == 1:
        return "standard input" if inputs == ["-"] else inputs[0]
    from bpfgen.emit.backend import base_name

    names = [base_name(path) for path in dict.fromkeys(inputs)]
    more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    return ", ".join([*names[:_MOST_NAMED], *more])


def _imported(
    object: ObjectFile, name: str, options: Options, arguments: argparse.Namespace
) -> Imported:
    from bpfgen.importer import import_object

    directory = os.path.dirname(arguments.output)
    typed = [one.strip() for word in arguments.headers for one in word.split(",") if one.strip()]
    headers: list[str] = []
    if typed:
        # Only who names headers pays for this import.
        from bpfgen.importer.from_object.headers import spelled_header

        places = options.include_directories
        headers = [spelled_header(one, directory, places) for one in typed]
    return import_object(object, name, options, headers=headers, directory=directory)


def _imported_c(text: str, path: str, program: str | None, options: Options) -> Imported:
    if program is not None:
        from bpfgen.importer.from_c.header import import_header

        return import_header(path, program, options)
    from bpfgen.importer.from_c import import_c

    return import_c(text, path, options)


def _refuse_what_is_for_many(arguments: argparse.Namespace) -> None:
    """Refuse options for many files where one is imported, and `--in` where it is no header.

    Raises:
        UsageError: There is such an option.
    """
    if arguments.base is not None or arguments.move_types:
        option = "--base" if arguments.base is not None else "--move-types"
        raise UsageError(f"{option} is for --out-dir", "bpfgen import DIR --out-dir OUT")
    program: str | None = arguments.program
    if program is None:
        return
    typed = "bpfgen import maps.h --in prog.bpf.c -o maps.dsl"
    if arguments.inputs and not arguments.inputs[0].endswith(".h"):
        raise UsageError(f"--in is for a header, and `{arguments.inputs[0]}` is none", typed)
    if not program.endswith(C_SUFFIXES):
        raise UsageError(f"--in names the C file that includes the header, not `{program}`", typed)
