"""`bpfgen` without inputs: the jobs that `[[tool.bpfgen.outputs]]` of the project lists.

Outputs of the same source with the same types and style are one job: one compilation, all of them
or none.
"""

from __future__ import annotations

import os
import re

from bpfgen.commands.configuration_values import beside
from bpfgen.commands.configured_outputs import DIRECTORY, STEM, is_outside, leads_outside
from bpfgen.commands.destinations import Job, Output
from bpfgen.commands.forms import STYLE, files_of
from bpfgen.commands.toml_places import wrong
from bpfgen.emit.backend import stem
from bpfgen.files import is_source_name
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.commands.configuration import Configuration
    from bpfgen.commands.configured_outputs import ConfiguredOutput
    from bpfgen.text.diagnostics import Diagnostic


class Plan(Record):
    """What a project wants made.

    Attributes:
        jobs: In the order of the list, each source where it comes first.
        diagnostics: What is wrong with the list, now that the files are there.
        directories: Where the patterns found something: there may be more some other time.
    """

    jobs: list[Job]
    diagnostics: list[Diagnostic]
    directories: tuple[str, ...]


def plan_of(configuration: Configuration) -> Plan:
    """Return what the outputs of *configuration* come to with the files that are there now."""
    diagnostics: list[Diagnostic] = []
    directories: dict[str, None] = {}
    made: dict[str, str] = {}
    jobs: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Output]] = {}
    for output in configuration.outputs:
        for source in _sources(configuration, output, diagnostics, directories):
            path = _path(configuration, output, source)
            if path is None:
                message = f"`path` leads out of the project for `{source}`"
                diagnostics.append(wrong(message, output.path_place))
                continue
            if output.types and is_source_name(source):
                message = f"`types` is for objects and C files, and `{source}` is neither"
                advice = "an output has every type that a source of the language declares"
                diagnostics.append(wrong(message, output.types_place, advice))
                break
            first = made.get(os.path.realpath(path))
            made[os.path.realpath(path)] = source
            if first == source:
                message = f"two outputs of `{source}` would be one file, `{path}`"
                diagnostics.append(wrong(message, output.path_place, "another path"))
                break
            if first is not None:
                message = f"`{first}` and `{source}` would both be `{path}`"
                advice = f"with {STEM} or {DIRECTORY} in the path each has its own"
                diagnostics.append(wrong(message, output.path_place, advice))
                break
            style = tuple(output.settings.get(STYLE, ()))
            files = files_of(path, output.form)
            jobs.setdefault((source, output.types, style), []).append(
                Output(output.form, files, output.settings)
            )
    return Plan(
        [
            Job(source, tuple(outputs), types, has_directories=True)
            for (source, types, _style), outputs in jobs.items()
        ],
        diagnostics,
        tuple(directories),
    )


def _sources(
    configuration: Configuration,
    output: ConfiguredOutput,
    diagnostics: list[Diagnostic],
    directories: dict[str, None],
) -> list[str]:
    """Return the inputs of *output* as paths from here, each once, those of a pattern sorted."""
    from bpfgen.files.patterns import Disk, found, is_pattern

    root = os.path.dirname(configuration.path) or "."
    sources: dict[str, None] = {}
    for pattern in output.inputs:
        names = [pattern]
        if is_pattern(pattern):
            names = found(pattern, Disk(root))
            if not names:
                message = f"`inputs` has `{pattern}`, which finds nothing"
                diagnostics.append(wrong(message, output.inputs_place))
        for name in names:
            path = beside(configuration.path, name)
            path = "./-" if path == "-" else path  # no file's name is standard input
            sources[path] = None
            if is_pattern(pattern):
                directories[os.path.dirname(path) or "."] = None
    return list(sources)


def _path(configuration: Configuration, output: ConfiguredOutput, source: str) -> str | None:
    """Return where *output* of *source* is to be written, from here; None outside the project."""
    root = os.path.dirname(configuration.path)
    directory = os.path.relpath(os.path.dirname(source) or ".", root or ".")
    if DIRECTORY in output.path and is_outside(directory):
        return None
    names = {STEM: stem(source), DIRECTORY: directory}
    path = re.sub(r"\{(?:stem|dir)\}", lambda match: names[match[0]], output.path)
    if is_outside(path):
        return None
    place = beside(configuration.path, path)
    # A tree can bring symbolic links: to a directory, or as the file itself.
    if any(leads_outside(file, root) for file in files_of(place, output.form)):
        return None
    return place
