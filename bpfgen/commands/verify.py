"""`bpfgen verify OBJ FILE.dsl`: whether an object defines the maps as declared.

It is usually a whole program that was compiled with the generated header: what else is in
it is its own business, unless `--exact` says that there be nothing else.
"""

from __future__ import annotations

from bpfgen.commands import DONE, MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import configured_options, parsed, terminal_of
from bpfgen.commands.terminal import write_output
from bpfgen.files import ELFMAG
from bpfgen.files.reading import STDIN
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.commands.terminal import Terminal, Warnings
    from bpfgen.compiler import Options
    from bpfgen.conditions import Assignment
    from bpfgen.object.records import ObjectFile, ObjectMap
    from bpfgen.text.diagnostics import Diagnostic


class _Verified(Record):
    """What came of a run.

    Attributes:
        status: The exit status, as far as it is settled.
        declared: Names of the maps that the source declares.
        extra: The maps of the object that it doesn't.
        diagnostics: All that is to be said, in order.
        variants: What the macros are in each variant of the source that the object is; where it is
            none, in the nearest, or as the command line has it. Empty where there are none.
        where: The same in words; empty where the object is any of those in question.
        error: What kept us from comparing, where it has no place in the source: its code, what is
            wrong, and advice or nothing.
    """

    status: int
    declared: tuple[str, ...] = ()
    extra: tuple[ObjectMap, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    error: tuple[str, str, str] | None = None
    variants: tuple[Assignment, ...] = ()
    where: str = ""


def run(words: list[str]) -> int:
    """Compare the object with the source that *words* name; return the exit status."""
    arguments = parsed("verify", words)
    inputs: list[str] = arguments.inputs
    if len(inputs) != 2:
        raise UsageError("an object and a source are compared", "bpfgen verify prog.o maps.dsl")
    object_path, source_path = inputs
    if inputs == ["-", "-"]:
        raise UsageError("only one of the two can be standard input")
    terminal = terminal_of(arguments)
    options = configured_options(arguments, source_path, terminal)
    if options is None:
        terminal.finish()
        return USAGE
    verified = _verified(object_path, source_path, options, exact=arguments.exact)
    if arguments.format == "json":
        return _as_json(object_path, source_path, verified, terminal.warnings)
    status = _as_text(object_path, source_path, verified, terminal, exact=arguments.exact)
    terminal.finish()
    return status


def _as_text(
    object_path: str, source_path: str, verified: _Verified, terminal: Terminal, *, exact: bool
) -> int:
    """Write the result for people; return the exit status."""
    if terminal.report(verified.diagnostics) or verified.error is not None:
        if verified.error is not None:
            code, message, advice = verified.error
            terminal.error(code, message, help=advice)
        _list_extra(object_path, verified, exact=exact)
        return max(verified.status, WRONG)
    from bpfgen.ctype.describe import counted
    from bpfgen.text.render import printable

    many = len(verified.declared) != 1
    where = f", {verified.where}" if verified.where else ""
    write_output(
        f"{printable(object_path)}: {counted(len(verified.declared), 'map')} "
        f"{'are' if many else 'is'} as {printable(source_path)} declares "
        f"{'them' if many else 'it'}{where}\n"
    )
    _list_extra(object_path, verified, exact=exact)
    return verified.status


def _list_extra(path: str, verified: _Verified, *, exact: bool) -> None:
    """List the maps that aren't declared; with --exact each has been reported as an error."""
    if exact or not verified.extra:
        return
    from bpfgen.inspection.table import shape
    from bpfgen.text.render import printable

    write_output(
        "".join(
            f"{printable(path)}: not declared: {printable(extra.name)}: {shape(extra.definition)}\n"
            for extra in verified.extra
        )
    )


def _verified(object_path: str, source_path: str, options: Options, *, exact: bool) -> _Verified:
    """Compile the source, read the object, and compare the two."""
    from bpfgen.clang import ToolMissing
    from bpfgen.commands.objects import Unreadable, read
    from bpfgen.files.mapping import mapped
    from bpfgen.object.records import ObjectFile
    from bpfgen.sources import LANGUAGE, contents_of, open_source, without_places
    from bpfgen.text.diagnostics import NOTE, FormatError
    from bpfgen.verify import extra_maps, verify

    try:
        data = mapped(object_path)
        text = contents_of(source_path)
    except OSError as error:
        # Only a run that fails pays for this import.
        from bpfgen.files.reasons import failure

        name = error.filename if isinstance(error.filename, str) else STDIN
        reason, advice = failure(name, error)
        return _Verified(WRONG, error=("file", f"cannot read `{name}`: {reason}", advice))
    if not isinstance(text, ObjectFile) and text[:4] == ELFMAG and data[:4] != ELFMAG:
        message = f"`{source_path}` is an object, and `{object_path}` isn't: the object comes first"
        advice = f"bpfgen verify {source_path} {object_path}"
        return _Verified(USAGE, error=("usage", message, advice))
    try:
        opened = open_source(source_path, text, options)
    except ToolMissing as missing:
        return _Verified(MISSING, error=("tool-missing", str(missing), ""))
    except FormatError as error:
        return _Verified(WRONG, error=("object-format", f"{source_path}: {error}", ""))
    reported = tuple(said for said in opened.diagnostics if said.severity != NOTE)
    if opened.compilation is None or opened.failed:
        return _Verified(WRONG, diagnostics=reported)
    model = opened.compilation.model
    declared = tuple(map.name for map in model.maps)
    object = read(object_path, data, "verify", relax_compat=options.relax_compat)
    if isinstance(object, Unreadable):
        message = f"{object_path}: {object.why}"
        unreadable = "object-format", message, object.advice
        return _Verified(WRONG, declared, diagnostics=reported, error=unreadable)
    if object.error is not None and not object.maps:
        # It has no BTF, say: that each of the maps is missing would hide why.
        refused = "libbpf-refuses", f"{object_path}: {object.error}", ""
        return _Verified(WRONG, declared, diagnostics=reported, error=refused)
    unlike: tuple[str, str, str] | None = None
    variants: tuple[Assignment, ...] = ()
    where = ""
    if opened.compilation.variants:
        variants = (opened.compilation.variants[0].assignment,)
    if opened.compilation.undecided:
        from bpfgen.commands.variants import nearest

        found = nearest(opened.compilation, object, options, style=_style(object), exact=exact)
        model, variants, where = found.model, found.assignments, found.where
        unlike = found.error(object_path, source_path)
    differences = verify(model, object, style=_style(object), exact=exact, foreign=True)
    if opened.kind != LANGUAGE:
        differences = without_places(differences, source_path)
    return _Verified(
        WRONG if differences or unlike else DONE,
        tuple(map.name for map in model.maps),
        tuple(extra_maps(model, object)),
        (*reported, *differences),
        unlike,
        variants,
        where,
    )


def _style(read: ObjectFile) -> str:
    """Return the style that the object is written in; the source doesn't choose one."""
    from bpfgen.object.records import INITIALIZER, MODERN

    for map in read.maps:
        if map.definition.style == INITIALIZER:
            return INITIALIZER
    return MODERN


def _as_json(object_path: str, source_path: str, verified: _Verified, warnings: Warnings) -> int:
    """Write the result as one line of JSON; return the exit status."""
    from json import dumps

    from bpfgen.ctype.fingerprint import Fingerprints
    from bpfgen.inspection.declaration import Declarations
    from bpfgen.inspection.json import map_record
    from bpfgen.text.diagnostics import ERROR
    from bpfgen.text.machine_formats import json_object

    shown = warnings.applied(verified.diagnostics)
    status = verified.status
    if any(diagnostic.severity == ERROR for diagnostic in shown):
        status = max(status, WRONG)
    declarations, fingerprints = Declarations(), Fingerprints()
    record = {
        "object": object_path,
        "source": source_path,
        "verified": status == DONE,
        "error": None if verified.error is None else verified.error[1],
        "variants": [dict(assignment) for assignment in verified.variants],
        "maps": list(verified.declared),
        "extra": [map_record(extra, declarations, fingerprints) for extra in verified.extra],
        "diagnostics": [json_object(diagnostic) for diagnostic in shown],
    }
    write_output(f"{dumps(record)}\n")
    return status
