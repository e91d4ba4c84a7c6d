"""`[[tool.bpfgen.outputs]]`: what a project has made of its sources, as values.

Beside `configuration`. Nothing is looked for on the disk here, since every run in the project reads
its file; `project` does that for the run that makes the outputs.
"""

from __future__ import annotations

import os

from bpfgen.commands.configuration_values import (
    WrongValueError,
    patterns_of,
    setting_of,
    types_of,
    unknown_key,
)
from bpfgen.commands.forms import (
    OBJECT,
    alternatives,
    form_of,
    main_suffixes,
    options_of_form,
    written_forms,
)
from bpfgen.commands.toml_places import wrong
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Any

    from bpfgen.commands.toml_places import Places
    from bpfgen.emit.backend import BackendOption, Settings
    from bpfgen.record import Uncompared
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Span

TABLE = "outputs"

STEM, DIRECTORY = "{stem}", "{dir}"
"""What stands in a path for the name of the input and for its directory."""

_EXAMPLE = 'path = "gen/{stem}.h"'
_OWN = ("inputs", "path", "emit", "types")


class ConfiguredOutput(Record):
    """One entry of the list.

    Attributes:
        inputs: Patterns of sources, relative to the file.
        path: Of the output, relative to the file, with :data:`STEM` and :data:`DIRECTORY` in it.
        form: As `--emit` has it.
        types: As after `--types`.
        settings: What this output is asked for.
        inputs_place: Where *inputs* stands.
        path_place: Where *path* stands.
        types_place: Where *types* stands.
    """

    inputs: tuple[str, ...]
    path: str
    form: str
    types: tuple[str, ...]
    settings: Settings
    inputs_place: Uncompared[Span]
    path_place: Uncompared[Span]
    types_place: Uncompared[Span]


def read_outputs(
    value: object, inputs: object, places: Places, diagnostics: list[Diagnostic]
) -> tuple[ConfiguredOutput, ...]:
    """Return the entries of *value*; what is wrong with one is appended to *diagnostics*.

    Args:
        value: What `outputs` is.
        inputs: The `inputs` of the whole table, patterns as they are read; an entry without its own
            has these.
        places: Where keys stand.
        diagnostics: Where mistakes go.
    """
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        message = "`outputs` is a list of tables, each headed [[tool.bpfgen.outputs]]"
        diagnostics.append(wrong(message, places.key(TABLE)))
        return ()
    outputs = []
    for number, entry in enumerate(value):
        known = len(diagnostics)
        output = _read_entry(number, entry, inputs, places, diagnostics)
        if output is not None and len(diagnostics) == known:
            outputs.append(output)
    return tuple(outputs)


def _read_entry(
    number: int,
    entry: dict[str, Any],
    inputs: object,
    places: Places,
    diagnostics: list[Diagnostic],
) -> ConfiguredOutput | None:
    def refuse(key: str, what: str, advice: str = "") -> None:
        place = places.entry(TABLE, number, key)
        diagnostics.append(wrong(f"`{key}` {what}", place, advice))

    for key, example in (("path", _EXAMPLE), ("inputs", 'inputs = ["maps.dsl"]')):
        if key not in entry and (key != "inputs" or inputs is None):
            place = places.entry(TABLE, number)
            diagnostics.append(wrong(f"this output has no `{key}`", place, example))
            return None
    path = entry["path"]
    fault = _fault_of(path)
    if fault:
        refuse("path", fault, _EXAMPLE)
        return None
    form = entry.get("emit", form_of(path))
    if form not in written_forms():
        key = "emit" if "emit" in entry else "path"
        what = "is no form" if key == "emit" else f"is `{path}`, which doesn't say what to write"
        names = f"emit is one of {', '.join(written_forms())}"
        advice = names if key == "emit" else f"end it in {alternatives(main_suffixes())}; {names}"
        refuse(key, what, advice)
        return None
    options = _options_of(form)
    settings: dict[str, tuple[str, ...]] = {}
    types: tuple[str, ...] = ()
    for key, value in entry.items():
        if key not in _OWN and key not in options:
            place = places.entry(TABLE, number, key)
            title = f"an output of the form `{form}`"
            diagnostics.append(unknown_key(title, key, [*_OWN, *options], place))
            continue
        try:
            if key in options:
                settings[key] = setting_of(options[key], [options[key]], value)
            elif key == "inputs":
                inputs = patterns_of("", value)
            elif key == "types":
                types = types_of(value)
        except WrongValueError as mistake:
            refuse(key, mistake.what, mistake.advice)
    return ConfiguredOutput(
        inputs if isinstance(inputs, tuple) else (),
        path,
        form,
        types,
        settings,
        places.entry(TABLE, number, "inputs") if "inputs" in entry else places.key("inputs"),
        places.entry(TABLE, number, "path"),
        places.entry(TABLE, number, "types"),
    )


def _options_of(form: str) -> dict[str, BackendOption]:
    """Return what an output of *form* can be asked for: of any, the style that rules look at."""
    return {option.name: option for f in (OBJECT, form) for option in options_of_form(f)}


def _fault_of(path: object) -> str:
    """Return what is wrong with the path of an output, or nothing."""
    if not isinstance(path, str) or not path or "\0" in path:
        return "is the path of a file"
    plain = path.replace(STEM, "").replace(DIRECTORY, "")
    if "{" in plain or "}" in plain:
        return f"has braces around something else than {STEM[1:-1]} and {DIRECTORY[1:-1]}"
    if is_outside(path.replace(STEM, "x").replace(DIRECTORY, "x")):
        return f"is `{path}`, and outputs of a project are below the directory of its file"
    return ""


def is_outside(path: str) -> bool:
    """Return whether *path*, seen from a directory, isn't below it."""
    return os.path.isabs(path) or os.path.normpath(path).split("/")[0] == ".."


def leads_outside(path: str, root: str) -> bool:
    """Return whether *path* is outside the directory *root* once symbolic links are followed."""
    return is_outside(os.path.relpath(os.path.realpath(path), os.path.realpath(root or ".")))
