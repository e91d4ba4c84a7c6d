"""`bpfgen inspect --as LOADER OBJ...`: the maps of an object as a loader would create them."""

from __future__ import annotations

import json

from bpfgen.commands import DONE, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import terminal_of
from bpfgen.commands.objects import Unreadable, opened
from bpfgen.commands.running import Refusal, unread
from bpfgen.commands.terminal import output_page, write_output
from bpfgen.files.reading import STDIN
from bpfgen.inspection.json import FORMAT
from bpfgen.inspection.loaders import loader_named, seen_by
from bpfgen.inspection.seen import seen_record, seen_text
from bpfgen.kernel.loaders import LOADERS
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    import argparse

    from bpfgen.object.records import ObjectFile


def run_as(arguments: argparse.Namespace) -> int:
    """Show the maps of the objects of *arguments* as `--as` asks for; return the exit status.

    Raises:
        UsageError: There is no such loader, or no such version of it.
    """
    word: str = arguments.seen_as
    named = loader_named(word)
    if named is None:
        names = ", ".join(LOADERS)
        raise UsageError(f"`{word}` is no loader: there are {names}", "--as cilium, --as aya=0.13")
    if arguments.types:
        raise UsageError("--types shows types as the object has them, whoever loads it")
    loader, version = named
    terminal = terminal_of(arguments)
    status = DONE
    is_first = True
    for path in arguments.inputs:
        name = STDIN if path == "-" else path
        object = _opened(path, relax_compat=bool(arguments.relax_compat))
        if isinstance(object, Refusal):
            status = max(status, object.status)
            if arguments.format == "json":
                record = {
                    "format": FORMAT,
                    "path": path,
                    "as": loader,
                    "version": None,
                    "error": object.reason,
                }
                write_output(json.dumps({**record, "maps": [], "internal_maps": []}) + "\n")
            else:
                terminal.error(object.code, f"{name}: {object.reason}", help=object.help)
            continue
        seen = seen_by(loader, version, object)
        if seen.error is not None:
            status = max(status, WRONG)
        if arguments.format == "json":
            write_output(json.dumps(seen_record(path, seen)) + "\n")
            continue
        page = output_page(arguments.color)
        write_output(("" if is_first else "\n") + seen_text(name, seen, page))
        is_first = False
        if seen.error is not None:
            terminal.error("loader-refuses", f"{name}: {seen.error}")
        for one in seen.maps:
            said = f"map `{one.name}`: {one.refused}"
            if one.refused and said != seen.error:
                terminal.error("loader-refuses", f"{name}: {said}")
    terminal.finish()
    return status


def _opened(path: str, *, relax_compat: bool) -> ObjectFile | Refusal:
    """Return the object *path*, or why there is none that a loader would look at."""
    try:
        object = opened(path, "inspect", relax_compat=relax_compat)
    except OSError as error:
        refusal = unread(error, path)
        return replace(refusal, reason=f"cannot read: {refusal.reason}")
    if isinstance(object, Unreadable):
        return Refusal(WRONG, "object-format", path, object.why, object.advice)
    if object.running:
        why = "--as is for objects: a loader has made this map already"
        return Refusal(USAGE, "usage", path, why, f"bpfgen inspect {path}")
    return object
