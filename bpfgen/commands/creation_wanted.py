"""What `bpfgen create` is to do: the words of the command line and the source → :class:`Wanted`.

Before `create`, which does it; nothing here asks the kernel for anything.
"""

from __future__ import annotations

import os

from bpfgen.commands import MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import configured_options
from bpfgen.files.reading import STDIN
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.codes import ANYWHERE, MAPS, MEMORY
from bpfgen.text.diagnostics import Diagnostic, Subject

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bpfgen.commands.decided_source import DecidedSource
    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.kernel.memory import Machine
    from bpfgen.live.planned import PlannedMap
    from bpfgen.model.model import Model

_CONCERNS = frozenset((ANYWHERE, MEMORY, MAPS))
"""What warnings of a source are shown: what is compiled with it isn't made here."""

BPFFS = "/sys/fs/bpf"
"""Where libbpf pins what is pinned by name."""


class Stopped(Exception):  # noqa: N818 -- no error: all is said
    """The end of a run before anything was asked of the kernel; all is said."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Wanted(Record):
    """What a run is to do.

    Attributes:
        source: What the maps are of.
        model: What it comes to, with what `--set` says.
        planned: The maps.
        pins: Where they are pinned, by name.
        freeze: Those to freeze.
        machine: This one, with the version of its kernel.
        is_trial: `--dry-run`.
        values: What `--set` says.
    """

    source: DecidedSource
    model: Model
    planned: tuple[PlannedMap, ...]
    pins: dict[str, str]
    freeze: tuple[str, ...]
    machine: Machine
    is_trial: bool
    values: dict[str, int]

    @property
    def path(self) -> str:
        """The source, as the user calls it."""
        return self.source.name

    def rules(self) -> list[Diagnostic]:
        """Return what the rules say where this very machine is what is aimed at."""
        from bpfgen.commands.runtime_values import with_option

        machine = replace(self.machine, limit=self.source.options.machine.limit)
        said = self.source.rules(self.model, self.machine.kernel, machine)
        return [with_option(one, self.values) for one in said]


def wanted_of(arguments: argparse.Namespace, terminal: Terminal) -> Wanted:
    """Return what *arguments* ask for.

    Raises:
        UsageError: They make no sense.
        Stopped: Something else is wrong, and said.
    """
    from bpfgen.commands.runtime_values import values_of, with_set
    from bpfgen.live.machine import this_machine
    from bpfgen.live.planned import planned_maps
    from bpfgen.model.runtime import missing_values

    (path,) = arguments.inputs
    values = values_of(arguments.runtime_values)
    options = configured_options(arguments, path, terminal)
    if options is None:
        raise Stopped(USAGE)
    source = _source(path, options, terminal)
    model = with_set(source.model, values)
    missing = missing_values(model)
    if missing:
        raise UsageError(
            f"`{missing[0]}` is `runtime`: `{source.name}` leaves it to the loader",
            " ".join(f"--set {place}=N" for place in missing),
        )
    machine = this_machine()
    planned = planned_maps(model, machine)
    wanted = Wanted(
        source,
        model,
        planned,
        _pins(planned, arguments.pin_dir),
        _frozen(planned, arguments.freeze, source.name),
        machine,
        arguments.dry_run,
        values,
    )
    wrong = _faults(wanted)
    if values:
        wrong += source.caused(model, values)
    if terminal.report(wrong):
        raise Stopped(WRONG)
    return replace(wanted, source=replace(source, said=(*source.said, *wrong)))


def _faults(wanted: Wanted) -> list[Diagnostic]:
    """Return why *wanted* can't be had, whatever the kernel."""
    from bpfgen.live.pinning import mount_for

    faults = [
        Diagnostic(
            "libbpf-refuses",
            f"`{map.name}` is a legacy map, and libbpf since 1.0 makes none of those",
            map.span,
            help="leave out `legacy`",
            map=map.name,
            subject=Subject("map", map.name),
        )
        for map in wanted.model.maps
        if map.legacy
    ]
    faults = wanted.source.placed(faults)
    if not wanted.planned:
        advice = (
            "a map is `map counters: array<__u32, __u64>[4];`" if wanted.source.is_placed else ""
        )
        message = f"`{wanted.path}` defines no map that could be made"
        faults.append(Diagnostic("not-made", message, None, help=advice))
    pin = next(iter(wanted.pins.values()), "")
    if pin and mount_for(pin) is None:
        message = f"`{os.path.dirname(pin)}` is in no BPF filesystem, where alone maps are pinned"
        advice = f"--pin-dir {BPFFS}/app; `mount -t bpf bpf {BPFFS}` where there is none yet"
        faults.append(Diagnostic("pin-refused", message, None, help=advice))
    faults += _unusable_pins(wanted)
    return faults


def _unusable_pins(wanted: Wanted) -> list[Diagnostic]:
    """Return where nothing can be pinned by what can be seen of the place."""
    from bpfgen.files.pins import has_dot

    for pin in wanted.pins.values():
        if has_dot(os.path.join(os.path.realpath(os.path.dirname(pin)), os.path.basename(pin))):
            message = f"nothing can be pinned at `{pin}`: no name below a BPF filesystem has a dot"
            note = "Linux refuses it to anybody, with EPERM in bpf_lookup"
            return [Diagnostic("pin-refused", message, None, notes=(note,))]
    return [
        Diagnostic(
            "pin-refused",
            f"`{pin}` is a symbolic link to `{os.readlink(pin)}`, where nothing is pinned",
            None,
            help="a link is made after what it leads to; remove it",
        )
        for pin in wanted.pins.values()
        if os.path.islink(pin) and not os.path.exists(pin)
    ]


def _source(path: str, options: Options, terminal: Terminal) -> DecidedSource:
    """Return the source *path*; what is to be said of it was reported."""
    from bpfgen.clang import ToolMissing
    from bpfgen.commands.decided_source import decided
    from bpfgen.sources import contents_of, open_source
    from bpfgen.text.diagnostics import FormatError

    name = STDIN if path == "-" else path
    try:
        opened = open_source(path, contents_of(path), options)
    except OSError as error:
        from bpfgen.commands.running import unreadable

        raise Stopped(unreadable(terminal, path, error)) from error
    except FormatError as error:
        terminal.error("object-format", f"{name}: {error}")
        raise Stopped(WRONG) from error
    except ToolMissing as missing:
        terminal.error("tool-missing", str(missing))
        raise Stopped(MISSING) from missing
    source = decided(opened, name, options, terminal, concerns=_CONCERNS, purpose="making maps")
    if source is None:
        raise Stopped(WRONG)
    return source


def _frozen(planned: Sequence[PlannedMap], names: Sequence[str], path: str) -> tuple[str, ...]:
    """Return *names*, after `--freeze`.

    Raises:
        UsageError: One is of no map that is made.
    """
    known = [one.name for one in planned]
    for name in names:
        if name not in known:
            from bpfgen.text.spelling import did_you_mean

            advice = did_you_mean(name, known) or f"the maps are {', '.join(known)}"
            raise UsageError(f"--freeze: `{path}` defines no map `{name}`", advice)
    return tuple(names)


def _pins(planned: Sequence[PlannedMap], directory: str | None) -> dict[str, str]:
    """Return where each map is pinned.

    Below a directory that is given all of them are, since what isn't pinned is gone with the run;
    else those of which the source says so.
    """
    return {
        one.name: os.path.join(directory or BPFFS, one.name)
        for one in planned
        if directory is not None or one.is_pinned
    }
