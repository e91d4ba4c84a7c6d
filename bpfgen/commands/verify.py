"""`bpfgen verify OBJ FILE.dsl`: whether an object defines the maps as declared.

It is usually a whole program that was compiled with the generated header: what else is in
it is its own business, unless `--exact` says that there be nothing else.
"""

from __future__ import annotations

import argparse

from bpfgen.commands import DONE, MISSING, WRONG, UsageError
from bpfgen.commands.compile import Parser, pipeline_options
from bpfgen.reading import read_source
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.terminal import COLORS, Terminal, Warnings, write_output

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation, Options
    from bpfgen.diagnostics import Diagnostic
    from bpfgen.object.records import ObjectFile, ObjectMap

_USAGE = "bpfgen verify OBJ FILE.dsl [--exact] [--format json]"

_EPILOG = """\
exit status: 0 the object defines the maps as declared; 1 it doesn't, or one of the files is wrong;
2 wrong usage; 3 a tool that is needed is missing.
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    made = Parser(
        prog="bpfgen verify",
        usage=_USAGE,
        epilog=_EPILOG,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=100),
        allow_abbrev=False,
    )
    add = made.add_argument
    add("inputs", nargs="*", metavar="OBJ FILE", help="a BPF object, and the source of its maps")
    add("--exact", action="store_true", help="maps that aren't declared are errors")
    add("--format", choices=("text", "json"), default="text", help="json: one object, for programs")
    add("-I", dest="include_directories", metavar="DIR", action="append", default=[])
    add(
        "-D",
        dest="definitions",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="replace the value of a const",
    )
    add("--kernel", metavar="VERSION", help="check against this kernel, not `target kernel`")
    add("--relax-compat", action="store_true", help="unknown attributes are only warned of")
    add("--clang", metavar="PATH", help="the compiler, which reads C headers that FILE includes")
    add("--color", choices=COLORS, default="auto", help="colours in messages")
    add(
        "-W",
        dest="warnings",
        metavar="CODE",
        action="append",
        default=[],
        help="want the warning CODE; -W no-CODE: don't; -Werror: warnings are errors",
    )
    made.set_defaults(target="bpf", style="modern")
    return made


class _Verified(Record):
    """What came of a run.

    Attributes:
        status: The exit status, as far as it is settled.
        declared: Names of the maps that the source declares.
        extra: The maps of the object that it doesn't.
        diagnostics: All that is to be said, in order.
        error: What kept us from comparing, with its code, where it has no place in the source.
    """

    status: int
    declared: tuple[str, ...] = ()
    extra: tuple[ObjectMap, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    error: tuple[str, str] | None = None


def run(words: list[str]) -> int:
    """Compare the object with the source that *words* name; return the exit status."""
    if words in (["-h"], ["--help"]):
        write_output(parser().format_help())
        return DONE
    end = words.index("--") if "--" in words else len(words)
    arguments = parser().parse_intermixed_args(words[:end])
    inputs: list[str] = arguments.inputs + words[end + 1 :]
    if len(inputs) != 2:
        raise UsageError("an object and a source are compared", "bpfgen verify prog.o maps.dsl")
    object_path, source_path = inputs
    options = pipeline_options(arguments)
    found = _verified(object_path, source_path, options, exact=arguments.exact)
    warnings = Warnings(arguments.warnings)
    if arguments.format == "json":
        return _as_json(object_path, source_path, found, warnings)
    terminal = Terminal("text", arguments.color, warnings)
    if terminal.report(found.diagnostics) or found.error is not None:
        if found.error is not None:
            terminal.error(*found.error)
        _list_extra(object_path, found, exact=arguments.exact)
        return max(found.status, WRONG)
    from bpfgen.model.describe import counted

    many = len(found.declared) != 1
    write_output(
        f"{object_path}: {counted(len(found.declared), 'map')} {'are' if many else 'is'} as "
        f"{source_path} declares {'them' if many else 'it'}\n"
    )
    _list_extra(object_path, found, exact=arguments.exact)
    return found.status


def _list_extra(path: str, found: _Verified, *, exact: bool) -> None:
    """List the maps that aren't declared; with --exact each of them has been told as an error."""
    if exact or not found.extra:
        return
    from bpfgen.inspect.table import shape
    from bpfgen.render import printable

    write_output(
        "".join(
            f"{path}: not declared: {printable(extra.name)}: {shape(extra.definition)}\n"
            for extra in found.extra
        )
    )


def _verified(object_path: str, source_path: str, options: Options, *, exact: bool) -> _Verified:
    """Compile the source, read the object, and compare the two."""
    from bpfgen.clang import ToolMissing
    from bpfgen.compiler import compile
    from bpfgen.diagnostics import FormatError
    from bpfgen.object import read_object
    from bpfgen.verify import extra_maps, verify

    try:
        source, wrong = read_source(source_path)
        with open(object_path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"cannot read `{error.filename}`: {reason[:1].lower()}{reason[1:]}"
        return _Verified(WRONG, error=("file", message))
    if wrong is not None:
        return _Verified(WRONG, diagnostics=(wrong,))
    try:
        compilation: Compilation = compile(source, options)
    except ToolMissing as missing:
        return _Verified(MISSING, error=("tool-missing", str(missing)))
    told = tuple(compilation.diagnostics)
    if compilation.failed:
        return _Verified(WRONG, diagnostics=told)
    model = compilation.model
    declared = tuple(each.name for each in model.maps)
    try:
        read = read_object(data, relax_compat=options.relax_compat)
    except FormatError as error:
        message = f"{object_path}: {error}"
        return _Verified(WRONG, declared, diagnostics=told, error=("object-format", message))
    differences = verify(model, read, style=_style(read), exact=exact)
    return _Verified(
        WRONG if differences else DONE,
        declared,
        tuple(extra_maps(model, read)),
        (*told, *differences),
    )


def _style(read: ObjectFile) -> str:
    """Return the style that the object is written in; the source doesn't choose one."""
    from bpfgen.object.records import INITIALIZER, MODERN

    for found in read.maps:
        if found.definition.style == INITIALIZER:
            return INITIALIZER
    return MODERN


def _as_json(object_path: str, source_path: str, found: _Verified, warnings: Warnings) -> int:
    """Write the result as one line of JSON; return the exit status."""
    from json import dumps

    from bpfgen.diagnostics import ERROR
    from bpfgen.inspect.declaration import Declarations
    from bpfgen.inspect.json import map_record
    from bpfgen.machine_formats import json_object

    shown = warnings.applied(found.diagnostics)
    status = found.status
    if any(diagnostic.severity == ERROR for diagnostic in shown):
        status = max(status, WRONG)
    declarations = Declarations()
    record = {
        "object": object_path,
        "source": source_path,
        "verified": status == DONE,
        "error": None if found.error is None else found.error[1],
        "maps": list(found.declared),
        "extra": [map_record(extra, declarations) for extra in found.extra],
        "diagnostics": [json_object(diagnostic) for diagnostic in shown],
    }
    write_output(f"{dumps(record)}\n")
    return status
