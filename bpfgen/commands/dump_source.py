"""The types that a source has for a running map: `bpfgen dump MAP FILE`."""

from __future__ import annotations

import os

from bpfgen.commands import MISSING, USAGE, WRONG
from bpfgen.commands.arguments import configured_options
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.dump.view import Types
    from bpfgen.model.model import Model
    from bpfgen.object.running import RunningMap


def source_types(
    running: RunningMap, arguments: argparse.Namespace, terminal: Terminal
) -> Types | int:
    """Return the types that the source, the second operand, has for *running*, the first one.

    Where it has none that fit, that is reported, and the exit status comes back.
    """
    word, path = arguments.inputs
    options = configured_options(arguments, path, terminal)
    if options is None:
        return USAGE
    opened = _opened(path, options, terminal)
    if isinstance(opened, int):
        return opened
    kind, model = opened
    from bpfgen.commands.running import hidden_types
    from bpfgen.dump.view import SOURCE, Types, kernel_types
    from bpfgen.sources import LANGUAGE, without_places
    from bpfgen.verify.fits import fits
    from bpfgen.verify.sought import Sought, sought

    pin = os.path.basename(word)
    found = sought(model, running, arguments.map, pin)
    misfits = fits(model, running, arguments.map, pin=pin)
    failed = terminal.report(misfits if kind == LANGUAGE else without_places(misfits, path))
    if not isinstance(found, Sought) or failed:
        return WRONG
    terminal.report(hidden_types([running], "compared"))
    # What the source has no type of, but a size, the kernel may know.
    known, shape = kernel_types(running), found.shape
    return Types(
        known.key if shape.key is None else shape.key.type,
        known.value if shape.value is None else shape.value.type,
        SOURCE,
    )


def _opened(path: str, options: Options, terminal: Terminal) -> tuple[str, Model] | int:
    """Return what the source *path* is, and its model; the exit status where it has none.

    What is wrong with it is said.
    """
    from bpfgen.clang import ToolMissing
    from bpfgen.commands.running import unreadable
    from bpfgen.sources import LANGUAGE, contents_of, open_source, without_places
    from bpfgen.text.diagnostics import ERROR, FormatError

    try:
        opened = open_source(path, contents_of(path), options)
    except OSError as error:
        return unreadable(terminal, path, error)
    except ToolMissing as missing:
        terminal.error("tool-missing", str(missing))
        return MISSING
    except FormatError as error:
        terminal.error("object-format", f"{path}: {error}")
        return WRONG
    # It is about to be read with, and not to be built: what is only warned of is of no interest.
    said = [one for one in opened.diagnostics if one.severity == ERROR]
    terminal.report(said if opened.kind == LANGUAGE else without_places(said, path))
    if opened.compilation is None or opened.failed:
        return WRONG
    if opened.compilation.undecided:
        from bpfgen.emit.undecided import undecided

        terminal.report([undecided(opened.compilation.undecided, "a dump")])
        return WRONG
    return opened.kind, opened.compilation.model
