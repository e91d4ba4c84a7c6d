"""`bpfgen import OBJ -o maps.dsl`: source for the maps of an existing object or C file."""

from __future__ import annotations

import argparse
import os
import sys

from bpfgen.commands import DONE, MISSING, WRONG, UsageError
from bpfgen.commands.compile import Parser, pipeline_options
from bpfgen.reading import decode_source
from bpfgen.record import TYPE_CHECKING
from bpfgen.terminal import COLORS, FORMS, Terminal, Warnings, write_output

if TYPE_CHECKING:
    from bpfgen.compiler import Options
    from bpfgen.imported import Imported

_USAGE = "bpfgen import OBJ|FILE.c|FILE.h -o maps.dsl [-I DIR]"

_EPILOG = """\
What can't be expressed is told and left out; the rest is written.

exit status: 0 done; 1 the input can't be read, or none of its maps can be expressed, or the check
differs; 2 wrong usage; 3 a tool that is needed is missing.
"""

C_SUFFIXES = (".c", ".h")
"""Names of C sources end so; everything else is taken for an object."""

_ELF_MAGIC = b"\x7fELF"


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    made = Parser(
        prog="bpfgen import",
        usage=_USAGE,
        epilog=_EPILOG,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=100),
        allow_abbrev=False,
    )
    add = made.add_argument
    add("inputs", nargs="*", metavar="OBJ", help="an object, .c or .h; `-` reads an object")
    add("-o", dest="output", metavar="FILE", help="what to write; `-` is standard output")
    add("-I", dest="include_directories", metavar="DIR", action="append", default=[])
    add("--check", action="store_true", help="write nothing; show what differs on disk, exit 1")
    add("--relax-compat", action="store_true", help="unknown attributes are ignored")
    add("--kernel", metavar="VERSION", help="rules of this kernel decide what is to be allowed")
    add("--clang", metavar="PATH", help="the compiler, which reads C headers that are needed")
    add("--diagnostics", choices=FORMS, default="text", help="form of messages on standard error")
    add("--color", choices=COLORS, default="auto", help="colours in messages")
    add(
        "-W",
        dest="warnings",
        metavar="CODE",
        action="append",
        default=[],
        help="want the warning CODE; -W no-CODE: don't; -Werror: warnings are errors",
    )
    made.set_defaults(target="bpf", style="modern", definitions=[])
    return made


def run(words: list[str]) -> int:
    """Write the source of the object that *words* name; return the exit status."""
    if words in (["-h"], ["--help"]):
        write_output(parser().format_help())
        return DONE
    end = words.index("--") if "--" in words else len(words)
    arguments = parser().parse_intermixed_args(words[:end])
    inputs: list[str] = arguments.inputs + words[end + 1 :]
    if len(inputs) != 1:
        raise UsageError("one object is imported at a time", "bpfgen import prog.o -o maps.dsl")
    path = inputs[0]
    output: str | None = arguments.output
    if output is None:
        raise UsageError("where to write is missing", "-o FILE, or -o - for standard output")
    if output == "-" and arguments.check:
        raise UsageError("--check compares with a file, and -o - is none")
    if "-" not in (path, output) and _is_same_file(path, output):
        raise UsageError(f"`{output}` is the input; it would be written over")
    options = pipeline_options(arguments)
    terminal = Terminal(arguments.diagnostics, arguments.color, Warnings(arguments.warnings))
    status = _import(path, output, options, terminal, check=arguments.check)
    terminal.finish()
    return status


def _is_same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _import(path: str, output: str, options: Options, terminal: Terminal, *, check: bool) -> int:
    """Import the object *path* to the file *output*; return the status."""
    from bpfgen.clang import ToolMissing
    from bpfgen.diagnostics import FormatError

    data = _read(path)
    try:
        if data.startswith(_ELF_MAGIC) or not path.endswith(C_SUFFIXES):
            imported = _imported(data, path, options)
        else:
            source, wrong = decode_source(path, data)
            if wrong is not None:
                terminal.report([wrong])
                return WRONG
            imported = _imported_c(source.text, path, options)
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
    return _deliver(output, imported.text.encode(), check=check)


def _read(path: str) -> bytes:
    if path == "-":
        return b"" if sys.stdin is None else sys.stdin.buffer.read()
    with open(path, "rb") as stream:
        return stream.read()


def _imported(data: bytes, path: str, options: Options) -> Imported:
    from bpfgen.imported import import_object
    from bpfgen.object import read_object

    read = read_object(data, relax_compat=options.relax_compat)
    return import_object(read, "standard input" if path == "-" else path, options)


def _imported_c(text: str, path: str, options: Options) -> Imported:
    from bpfgen.imported.c import import_c

    return import_c(text, path, options)


def _deliver(output: str, data: bytes, *, check: bool) -> int:
    """Write, print or compare *data*; return the status."""
    if output == "-":
        write_output(data)
        return DONE
    from bpfgen import output as files

    if not check:
        files.write(output, data)
        return DONE
    difference = files.check(output, data)
    if difference:
        write_output(difference)
    return WRONG if difference else DONE
