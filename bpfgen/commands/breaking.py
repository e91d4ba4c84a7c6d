"""`bpfgen breaking OLD NEW`: what a change breaks, before it is merged."""

from __future__ import annotations

import os

from bpfgen.changes.finding import UNCOMPARED
from bpfgen.clang import ToolMissing
from bpfgen.commands import DONE, MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import (
    configurations_of,
    configured_options,
    definitions_of,
    parsed,
    terminal_of,
)
from bpfgen.commands.breaking_result import Result
from bpfgen.commands.configuration_values import beside
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.diagnostics import ERROR

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.finding import Finding
    from bpfgen.commands.configured_breaking import ConfiguredBreaking
    from bpfgen.commands.terminal import Terminal, Warnings
    from bpfgen.comparison import Found
    from bpfgen.compiler import Options
    from bpfgen.sides.operands import Compared
    from bpfgen.sides.places import Imports, Place
    from bpfgen.sources import Opened
    from bpfgen.text.diagnostics import Diagnostic


class _UnavailableError(Exception):
    """A side can't be had: *status* is what the run exits with, *why* what is to be said."""

    def __init__(self, status: int, why: Sequence[Diagnostic]) -> None:
        super().__init__(status)
        self.status = status
        self.why = tuple(why)


def run(words: list[str]) -> int:
    """Report what NEW breaks of OLD, which *words* name; return the exit status."""
    from bpfgen.commands.breaking_operands import compared
    from bpfgen.sides.operands import reading

    arguments = parsed("breaking", words)
    terminal = terminal_of(arguments)
    inputs: list[str] = arguments.inputs
    wanted = _wanted(arguments, terminal)
    if wanted is None:
        terminal.finish()
        return USAGE
    against: str | None = arguments.against
    if against is None and len(inputs) != 2 and wanted.configured is not None:
        against = wanted.configured.against
    try:
        listed = inputs or (wanted.sources if against is not None else ())
        pairs = compared(listed, against, may_be_none=not inputs)
    except ToolMissing as missing:
        terminal.error("tool-missing", str(missing))
        terminal.finish()
        return MISSING
    with reading(pairs):
        results = [_warned(one, terminal.warnings) for one in _results(pairs, wanted, terminal)]
    status = max((one.status for one in results), default=DONE)
    if arguments.format == "json":
        from bpfgen.commands.breaking_json import written

        written(results, wanted.asked)
    else:
        _report(results, wanted.asked, terminal)
        # What a project lists is all that a name can be of.
        whole = wanted.configured if wanted.sources and not inputs else None
        if whole is not None and terminal.report(_unmatched(whole.pinned, results)):
            status = max(status, WRONG)
        if all(one.old is None for one in pairs):
            terminal.say(_nothing_old(len(pairs), against))
        if terminal.report(_unused_definitions(results, arguments)):
            status = max(status, WRONG)
    terminal.finish(is_counted=any(one.findings for one in results))
    return status


def _nothing_old(new: int, against: str | None) -> str:
    """Return that OLD has none of the *new* sources, which is no mistake of a revision."""
    from bpfgen.ctype.describe import counted

    if not new:
        return f"note: no source is here, nor was in {against}: there is nothing to compare"
    verb = "is" if new == 1 else "are"
    return f"note: nothing of this was in {against}: {counted(new, 'source')} {verb} new"


def _wanted(arguments: argparse.Namespace, terminal: Terminal) -> Wanted | None:
    """Return what is asked for; None where the configuration is wrong, and that has been said.

    One configuration is for both sides and all pairs: that of NEW, which OLD is the past of.

    Raises:
        UsageError: The arguments make no sense.
    """
    inputs: list[str] = arguments.inputs
    named = categories_of(arguments)
    path = inputs[-1] if inputs else ""
    path = os.path.join(path, "") if os.path.isdir(path) else path
    # Each file of C has flags of its own.
    build, arguments.compile_commands = arguments.compile_commands, None
    options = configured_options(arguments, path, terminal)
    if options is None:
        return None
    configuration = configurations_of(arguments).of(path)
    if configuration is None:
        return Wanted(options, _asked(named, arguments.everything, None, options), build=build)
    configured = configuration.breaking
    listed = [configuration.inputs, *(output.inputs for output in configuration.outputs)]
    return Wanted(
        options,
        _asked(named, arguments.everything, configured, options),
        configured,
        os.path.dirname(configuration.path),
        tuple(dict.fromkeys(beside(configuration.path, one) for some in listed for one in some)),
        build,
    )


class Wanted(Record):
    """What is asked of each pair.

    Attributes:
        options: How both sides are opened.
        asked: What is compared.
        configured: What a project says; None where nothing does.
        root: The directory of the file that says so.
        sources: The patterns of the project's sources, from here.
        build: Where the compile_commands.json of C files is; None without.
    """

    options: Options
    asked: Asked
    configured: ConfiguredBreaking | None = None
    root: str = ""
    sources: tuple[str, ...] = ()
    build: str | None = None

    def options_of(self, pair: Compared, terminal: Terminal) -> Options | None:
        """Return how both sides of *pair* are opened; None where that was said to be wrong."""
        if self.build is None:
            return self.options
        from bpfgen.commands.build_flags import with_build_flags

        return with_build_flags(self.options, self.build, pair.file, terminal)

    def ignores(self, finding: Finding, pair: Compared) -> bool:
        """Return whether the project has *finding* of *pair* ignored."""
        if self.configured is None or not self.configured.ignore:
            return False
        files = [pair.file]
        if finding.new.span is not None and pair.new is not None:
            files.append(pair.new.path_of(finding.new.span.source.name))
        return self.configured.ignores(
            finding, [os.path.relpath(f, self.root or ".") for f in files]
        )


def categories_of(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return what `--categories` names.

    Raises:
        UsageError: There is no such category.
    """
    from bpfgen.changes.rules import CATEGORY_NAMES

    named = [name.strip() for word in arguments.categories for name in word.split(",")]
    for name in named:
        if name not in CATEGORY_NAMES:
            from bpfgen.text.spelling import did_you_mean

            advice = did_you_mean(name, CATEGORY_NAMES) or f"there are {', '.join(CATEGORY_NAMES)}"
            raise UsageError(f"--categories: there is no `{name}`", advice)
    return tuple(name for name in CATEGORY_NAMES if name in named)


def _asked(
    named: tuple[str, ...],
    everything: bool,
    configured: ConfiguredBreaking | None,
    options: Options,
) -> Asked:
    """Return what is compared: what the command line *named*, else what the project says."""
    from bpfgen.changes.categories import DEFAULT, Asked
    from bpfgen.changes.rules import CATEGORY_NAMES

    pinned, kernel = () if configured is None else configured.pinned, options.kernel
    if everything:
        return Asked(named or CATEGORY_NAMES, pinned, everything=True, kernel=kernel)
    chosen = named or (() if configured is None else configured.categories) or DEFAULT
    return Asked(tuple(n for n in CATEGORY_NAMES if n in chosen), pinned, kernel=kernel)


def _results(pairs: Sequence[Compared], wanted: Wanted, terminal: Terminal) -> list[Result]:
    """Return what came of each of *pairs*, in their order."""
    from bpfgen.comparison import compared_files
    from bpfgen.sides.places import Imports

    imports = Imports()
    results: list[Result] = []
    for pair in pairs:
        old, new = None, None
        wrong: tuple[Diagnostic, ...] = ()
        options = wanted.options_of(pair, terminal)
        if options is None:
            results.append(Result(pair, USAGE))
            continue
        try:
            if pair.old is not None:
                old, _ = _opened(pair.old, options, imports, is_new=False)
            if pair.new is not None:
                new, wrong = _opened(pair.new, options, imports, is_new=True)
        except _UnavailableError as unavailable:
            results.append(Result(pair, unavailable.status, errors=unavailable.why))
        else:
            status = WRONG if wrong else DONE
            results.append(Result(pair, status, errors=wrong, sides=(old, new)))
    sides = [one.sides for one in results if one.is_compared]
    found = iter(compared_files(sides, wanted.asked))
    for number, result in enumerate(results):
        if not result.is_compared:
            continue
        results[number] = _told(result, next(found), wanted)
    return _merged(results)


def _merged(results: Sequence[Result]) -> list[Result]:
    """Return *results*, of what several files share each finding once, in the first that has it."""
    if len(results) < 2:
        return list(results)
    from bpfgen.changes.merging import merged_files
    from bpfgen.sides.places import file_of

    paths = [one.pair.path for one in results]
    sorts = (
        [one.findings for one in results],
        [one.uncompared for one in results],
        [one.ignored for one in results],
        [one.allowed for one in results],
    )
    merged = (merged_files([*zip(paths, sort, strict=True)], file_of) for sort in sorts)
    return [
        replace(one, findings=findings, uncompared=uncompared, ignored=ignored, allowed=allowed)
        for one, findings, uncompared, ignored, allowed in zip(results, *merged, strict=True)
    ]


def _told(result: Result, found: Found, wanted: Wanted) -> Result:
    """Return *result* with what was found of it, as far as the project doesn't ignore that."""
    kept: dict[bool, list[Finding]] = {True: [], False: []}
    ignored: list[Finding] = []
    for one in (*found.findings, *found.uncompared):
        is_ignored = wanted.ignores(one, result.pair)
        (ignored if is_ignored else kept[one.code == UNCOMPARED]).append(one)
    return replace(
        result,
        status=WRONG if kept[False] else result.status,
        findings=tuple(kept[False]),
        uncompared=tuple(kept[True]),
        ignored=tuple(ignored),
        allowed=found.allowed,
        warnings=found.warnings,
    )


def _warned(result: Result, warnings: Warnings) -> Result:
    """Return *result* as `-W` has it: a warning may be unwanted, or an error."""
    if not (result.uncompared or result.warnings):
        return result
    from bpfgen.commands.breaking_report import diagnostic_of

    said = [(one, warnings.applied([diagnostic_of(one, result.pair)])) for one in result.uncompared]
    shown = [*warnings.applied(result.warnings), *(d for _one, found in said for d in found)]
    is_wrong = any(one.severity == ERROR for one in shown)
    return replace(
        result,
        uncompared=tuple(one for one, found in said if found),
        status=max(result.status, WRONG if is_wrong else DONE),
    )


def _unused_definitions(
    results: Sequence[Result], arguments: argparse.Namespace
) -> list[Diagnostic]:
    """Return the warnings of `-D` options of the command line that no side has a constant for."""
    if not arguments.definitions:
        return []
    sides = [side for one in results for side in one.sides if side is not None]
    unused: dict[str, list[Diagnostic]] = {}
    for side in sides:
        for one in side.diagnostics:
            if one.code == "unknown-definition" and one.subject is not None:
                unused.setdefault(one.subject.name, []).append(one)
    given = definitions_of(arguments)
    return [all[0] for name, all in unused.items() if name in given and len(all) == len(sides)]


def _unmatched(patterns: Sequence[str], results: Sequence[Result]) -> list[Diagnostic]:
    """Return warnings of *patterns* of `pinned` that fit no map of the project, then or now."""
    if not patterns or not all(one.is_compared for one in results):
        return []
    from fnmatch import fnmatchcase

    from bpfgen.text.diagnostics import WARNING, Diagnostic, Subject
    from bpfgen.text.spelling import did_you_mean

    compilations = [
        side.compilation for one in results for side in one.sides if side and side.compilation
    ]
    models = [
        model for one in compilations for model in (one.model, *(v.model for v in one.variants))
    ]
    names = dict.fromkeys(map.name for model in models for map in model.maps)
    return [
        Diagnostic(
            "configuration",
            f"`pinned` of [tool.bpfgen.breaking] has `{pattern}`, and no map is called so",
            None,
            help=did_you_mean(pattern, names) or "remove it",
            severity=WARNING,
            subject=Subject("option", "pinned", pattern),
        )
        for pattern in patterns
        if names and not any(fnmatchcase(name, pattern) for name in names)
    ]


def _opened(
    place: Place, options: Options, imports: Imports, *, is_new: bool
) -> tuple[Opened, tuple[Diagnostic, ...]]:
    """Return what the source at *place* comes to, and its errors if it is that of NEW.

    Raises:
        _UnavailableError: It can't be read or resolved.
    """
    from bpfgen.commands.running import unread
    from bpfgen.comparison import checked, unresolved
    from bpfgen.sides.places import opened as opened_at
    from bpfgen.text.diagnostics import Diagnostic, FormatError

    errors: list[Diagnostic] = []
    try:
        if is_new:
            opened, errors = checked(place, options, imports)
        else:
            opened = opened_at(place, replace(options, is_ruled=False), imports)
    except OSError as error:
        refusal = unread(error, place.name)
        why = Diagnostic(refusal.code, refusal.message, None, help=refusal.help)
        status = MISSING if refusal.status == MISSING else USAGE
        raise _UnavailableError(status, [why]) from error
    except FormatError as error:
        why = Diagnostic("object-format", f"{place.name}: {error}", None)
        raise _UnavailableError(USAGE, [why]) from error
    except ToolMissing as missing:
        why = Diagnostic("tool-missing", str(missing), None)
        raise _UnavailableError(MISSING, [why]) from missing
    if wrong := unresolved(opened, place.name):
        raise _UnavailableError(USAGE, wrong)
    return opened, tuple(errors)


def _report(results: Sequence[Result], asked: Asked, terminal: Terminal) -> None:
    """Show *results* to people."""
    from bpfgen.commands.breaking_report import (
        annotation_of,
        by_paths,
        diagnostic_of,
        key_of,
        summary,
    )
    from bpfgen.commands.terminal import write_output

    is_annotated = terminal.form in ("github", "sarif")
    shown = annotation_of if is_annotated else diagnostic_of
    keys: set[object] = set()
    for one in results:
        # What files import is wrong once.
        placed = [(key_of(error), error) for error in (*one.errors, *one.warnings)]
        said = [error for key, error in placed if key is None or key not in keys]
        keys.update(key for key, _error in placed)
        terminal.report(map(by_paths, said) if is_annotated else said)
        terminal.report(shown(found, one.pair) for found in one.found)
    write_output(summary(results, asked))
