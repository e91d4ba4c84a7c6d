"""`bpfgen verify OBJ FILE.dsl`: whether an object defines the maps as declared.

It is usually a whole program that was compiled with the generated header: what else is in it is its
own business, unless `--exact` says that there be nothing else. A running map, or a directory of
pins, goes to :mod:`verify_running`.
"""

from __future__ import annotations

import os

from bpfgen.commands import DONE, MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import configured_options, parsed, terminal_of
from bpfgen.commands.running import hidden_types, is_running, refused, unread
from bpfgen.commands.terminal import write_output
from bpfgen.commands.verified import Verified
from bpfgen.files import ELFMAG
from bpfgen.files.pins import is_pin_directory
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from bpfgen.commands.terminal import Terminal, Warnings
    from bpfgen.compiler import Compilation, Options
    from bpfgen.conditions import Assignment
    from bpfgen.model.model import Model
    from bpfgen.object.records import ObjectFile
    from bpfgen.text.diagnostics import Diagnostic


def run(words: list[str]) -> int:
    """Compare the object with the source that *words* name; return the exit status."""
    arguments = parsed("verify", words)
    inputs: list[str] = arguments.inputs
    if len(inputs) != 2:
        raise UsageError("an object and a source are compared", "bpfgen verify prog.o maps.dsl")
    object_path, source_path = inputs
    if inputs == ["-", "-"]:
        raise UsageError("only one of the two can be standard input")
    running = is_running(object_path)
    _check_usage(object_path, arguments.map, is_map=running, exact=arguments.exact)
    terminal = terminal_of(arguments)
    options = configured_options(arguments, source_path, terminal)
    if options is None:
        terminal.finish()
        return USAGE
    wanted = _Wanted(object_path, source_path, options, arguments.exact, arguments.map)
    verified = _of_running(wanted) if running or is_pin_directory(object_path) else _of_file(wanted)
    if arguments.format == "json":
        return _as_json(object_path, source_path, verified, terminal.warnings)
    status = _as_text(object_path, source_path, verified, terminal, exact=arguments.exact)
    terminal.finish()
    return status


class _Wanted(Record):
    """What is compared with what.

    Attributes:
        object: The path of the object, or what names a running map.
        source: The path of the source.
        options: How it is compiled.
        exact: No map may be there that isn't declared.
        map: Which map of the source the running one is; None to go by names.
    """

    object: str
    source: str
    options: Options
    exact: bool
    map: str | None


def _check_usage(object: str, map_name: str | None, *, is_map: bool, exact: bool) -> None:
    """Raise UsageError for options that mean nothing here."""
    from bpfgen.sources import is_file

    # What isn't there may be meant for a directory.
    if exact and is_map and (not is_file(object) or os.path.exists(object)):
        raise UsageError("`--exact` is for what may have more maps: an object, a directory of pins")
    if map_name is not None and not is_map:
        what = "a directory of pins" if is_pin_directory(object) else "none"
        raise UsageError(f"`--map` is for one running map, and `{object}` is {what}")


def _as_text(
    object_path: str, source_path: str, verified: Verified, terminal: Terminal, *, exact: bool
) -> int:
    """Write the result for people; return the exit status."""
    if terminal.report(verified.diagnostics) or verified.error is not None:
        if verified.error is not None:
            code, message, advice = verified.error
            terminal.error(code, message, help=advice)
        if verified.held or verified.unread:
            from bpfgen.commands.verify_running import write_held

            write_held(verified, object_path, source_path)
        _list_extra(object_path, verified, exact=exact)
        return max(verified.status, WRONG)
    if verified.held:
        from bpfgen.commands.verify_running import write_held

        write_held(verified, object_path, source_path)
        return verified.status
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


def _list_extra(path: str, verified: Verified, *, exact: bool) -> None:
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


def _of_file(wanted: _Wanted) -> Verified:
    """Compile the source, read the object, and compare the two."""
    from bpfgen.commands.objects import Unreadable, read
    from bpfgen.files.mapping import mapped
    from bpfgen.verify import extra_maps, verify

    object_path = wanted.object
    try:
        data = mapped(object_path)
    except OSError as error:
        return _unreadable(object_path, error)
    opened = _opened(wanted, begins=data[:4])
    if isinstance(opened, Verified):
        return opened
    model = opened.model
    object = read(object_path, data, "verify", relax_compat=wanted.options.relax_compat)
    declared = tuple(map.name for map in model.maps)
    reported = opened.diagnostics
    if isinstance(object, Unreadable):
        message = f"{object_path}: {object.why}"
        unreadable = "object-format", message, object.advice
        return Verified(WRONG, declared, diagnostics=reported, error=unreadable)
    if object.error is not None and not object.maps:
        # It has no BTF, say: that each of the maps is missing would hide why.
        refused = "libbpf-refuses", f"{object_path}: {object.error}", ""
        return Verified(WRONG, declared, diagnostics=reported, error=refused)
    style, exact = _style(object), wanted.exact
    unlike = None
    variants, where = opened.variants, ""
    if opened.compilation.undecided:
        from bpfgen.commands.variants import distance_of, nearest

        distance = distance_of(opened.compilation, object, style=style, exact=exact)
        found = nearest(opened.compilation, wanted.options, distance)
        model, variants, where = found.model, found.assignments, found.where
        unlike = found.error(object_path, wanted.source)
    differences = verify(model, object, style=style, exact=exact, foreign=True)
    return Verified(
        WRONG if differences or unlike else DONE,
        tuple(map.name for map in model.maps),
        tuple(extra_maps(model, object)),
        (*reported, *opened.shown(differences)),
        unlike,
        variants,
        where,
    )


def _of_running(wanted: _Wanted) -> Verified:
    """Compile the source, ask the kernel for the running maps, and compare them."""
    from bpfgen.commands.source_warnings import concerning
    from bpfgen.commands.verify_running import RunningMaps, against_running
    from bpfgen.verify.sought import INNER

    try:
        maps = RunningMaps(wanted.object)
    except OSError as error:
        return _unreadable(wanted.object, error)
    opened = _opened(wanted)
    if isinstance(opened, Verified):
        return opened
    model = opened.model
    unlike = None
    variants, where = opened.variants, ""
    if opened.compilation.undecided:
        from bpfgen.commands.variants import nearest

        distance = maps.distance_from(opened.compilation, wanted.map, exact=wanted.exact)
        found = nearest(opened.compilation, wanted.options, distance)
        model, variants, where = found.model, found.assignments, found.where
        unlike = found.error(wanted.object, wanted.source)
    verified = against_running(maps, model, wanted.map, exact=wanted.exact)
    if any(one.result.map is None and not one.extra for one in verified.held):
        unlike = None  # what isn't declared in any variant is no matter of variants
    names = {name.removesuffix(INNER) for name in verified.declared}
    return replace(
        verified,
        status=max(verified.status, WRONG if unlike else DONE),
        diagnostics=(
            *concerning(opened.diagnostics, model, names),
            *opened.shown(verified.diagnostics),
            *hidden_types((one.running for one in verified.held if not one.extra), "compared"),
        ),
        error=verified.error or unlike,
        variants=variants,
        where=where,
    )


def _unreadable(path: str, error: OSError) -> Verified:
    refusal = refused(error, path) if is_pin_directory(path) else unread(error, path)
    return Verified(refusal.status, error=(refusal.code, refusal.message, refusal.help))


class _Source(Record):
    """The source, compiled.

    Attributes:
        path: Of it.
        kind: What it is: see :class:`bpfgen.sources.Opened`.
        compilation: What it came to.
        diagnostics: What is to be said of it, notes left out.
    """

    path: str
    kind: str
    compilation: Compilation
    diagnostics: tuple[Diagnostic, ...]

    @property
    def model(self) -> Model:
        """The model of it, or of what is nearest to the command line's where there are variants."""
        return self.compilation.model

    @property
    def variants(self) -> tuple[Assignment, ...]:
        """What the macros are, as the command line has them; empty where there are none."""
        return tuple(one.assignment for one in self.compilation.variants[:1])

    def shown(self, differences: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return *differences* for people who see the source."""
        from bpfgen.sources import LANGUAGE, without_places

        if self.kind == LANGUAGE:
            return list(differences)
        return without_places(differences, self.path)


def _opened(wanted: _Wanted, begins: bytes | None = None) -> _Source | Verified:
    """Return the source, or what kept us from compiling it.

    *begins* is how the object begins; None where that is a running map.
    """
    from bpfgen.clang import ToolMissing
    from bpfgen.object.records import ObjectFile
    from bpfgen.sources import contents_of, open_source
    from bpfgen.text.diagnostics import NOTE, FormatError

    path = wanted.source
    try:
        contents = contents_of(path)
    except OSError as error:
        return _unreadable(path, error)
    if begins is not None and begins != ELFMAG:
        what = ""
        if isinstance(contents, ObjectFile):
            what = "running map"
        elif contents[:4] == ELFMAG:
            what = "object"
        if what:
            article = "an" if what == "object" else "a"
            message = f"`{path}` is {article} {what}, and `{wanted.object}` isn't: the {what} comes"
            advice = f"bpfgen verify {path} {wanted.object}"
            return Verified(USAGE, error=("usage", f"{message} first", advice))
    try:
        opened = open_source(path, contents, wanted.options)
    except ToolMissing as missing:
        return Verified(MISSING, error=("tool-missing", str(missing), ""))
    except FormatError as error:
        return Verified(WRONG, error=("object-format", f"{path}: {error}", ""))
    reported = tuple(said for said in opened.diagnostics if said.severity != NOTE)
    if opened.compilation is None or opened.failed:
        return Verified(WRONG, diagnostics=reported)
    return _Source(path, opened.kind, opened.compilation, reported)


def _style(read: ObjectFile) -> str:
    """Return the style that the object is written in; the source doesn't choose one."""
    from bpfgen.object.records import INITIALIZER, MODERN

    for map in read.maps:
        if map.definition.style == INITIALIZER:
            return INITIALIZER
    return MODERN


def _running_records(verified: Verified) -> list[dict[str, Any]]:
    if not verified.held:
        return []
    from bpfgen.commands.verify_running import held_record

    return [held_record(one) for one in verified.held]


def _as_json(object_path: str, source_path: str, verified: Verified, warnings: Warnings) -> int:
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
        "format": 1,
        "object": object_path,
        "source": source_path,
        "verified": status == DONE,
        "error": None if verified.error is None else verified.error[1],
        "variants": [dict(assignment) for assignment in verified.variants],
        "maps": list(verified.declared),
        "extra": [map_record(extra, declarations, fingerprints) for extra in verified.extra],
        "running": _running_records(verified),
        "unpinned": list(verified.unpinned),
        "unread": [{"path": one.name, "why": one.reason} for one in verified.unread],
        "diagnostics": [json_object(diagnostic) for diagnostic in shown],
    }
    write_output(f"{dumps(record)}\n")
    return status
