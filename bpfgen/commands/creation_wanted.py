"""What `bpfgen create` is to do: the words of the command line and the source → :class:`Wanted`.

Before `create`, which does it; nothing here asks the kernel for anything.
"""

from __future__ import annotations

import os

from bpfgen.commands import MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import configured_options
from bpfgen.files.reading import STDIN
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.diagnostics import Diagnostic, Subject

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.kernel.memory import Machine
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.live.planned import PlannedMap
    from bpfgen.model.model import Model
    from bpfgen.sources import Opened

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
        path: The source, as the user calls it.
        is_placed: Its text is in the file, so that diagnostics may point at it.
        model: What it comes to, with what `--set` says.
        options: What it was opened with.
        planned: The maps.
        pins: Where they are pinned, by name.
        freeze: Those to freeze.
        kernel: The version of this kernel.
        is_trial: `--dry-run`.
        said: What was reported of the source.
    """

    path: str
    is_placed: bool
    model: Model
    options: Options
    planned: tuple[PlannedMap, ...]
    pins: dict[str, str]
    freeze: tuple[str, ...]
    machine: Machine
    is_trial: bool
    said: tuple[Diagnostic, ...] = ()

    def placed(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return *diagnostics* of the model, for people who see the file alone."""
        if self.is_placed:
            return list(diagnostics)
        from bpfgen.sources import without_places

        return without_places(diagnostics, self.path)

    def rules(self, model: Model | None = None) -> list[Diagnostic]:
        """Return what the rules say of *model*, or of what is to be made, as of any source."""
        return self._checked(model or self.model, self.options.kernel, self.options.machine)

    def rules_here(self) -> list[Diagnostic]:
        """Return what they say where this very machine is what is aimed at."""
        machine = replace(self.machine, limit=self.options.machine.limit)
        return self._checked(self.model, self.machine.kernel, machine)

    def _checked(
        self, model: Model, kernel: KernelVersion | None, machine: Machine
    ) -> list[Diagnostic]:
        from bpfgen.rules import check

        options = self.options
        return list(check(model, kernel, options.style, options.loaders, machine))


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
    from bpfgen.sources import LANGUAGE

    (path,) = arguments.inputs
    name = STDIN if path == "-" else path
    values = values_of(arguments.runtime_values)
    options = configured_options(arguments, path, terminal)
    if options is None:
        raise Stopped(USAGE)
    opened, said = _opened(path, options, terminal)
    assert opened.compilation is not None
    model = with_set(opened.compilation.model, values)
    missing = missing_values(model)
    if missing:
        raise UsageError(
            f"`{missing[0]}` is `runtime`: `{name}` leaves it to the loader",
            " ".join(f"--set {place}=N" for place in missing),
        )
    machine = this_machine()
    planned = planned_maps(model, machine)
    wanted = Wanted(
        name,
        opened.kind == LANGUAGE,
        model,
        options,
        planned,
        _pins(planned, arguments.pin_dir),
        _frozen(planned, arguments.freeze, name),
        machine,
        arguments.dry_run,
        tuple(said),
    )
    wrong = _faults(wanted)
    if values:
        known = wanted.rules(opened.compilation.model)
        wrong += wanted.placed(one for one in wanted.rules() if one not in known)
    if terminal.report(wrong):
        raise Stopped(WRONG)
    return wanted


def _faults(wanted: Wanted) -> list[Diagnostic]:
    """Return why *wanted* can't be had, whatever the kernel."""
    from bpfgen.live.pinning import is_on_bpffs

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
    faults = wanted.placed(faults)
    if not wanted.planned:
        advice = "a map is `map counters: array<__u32, __u64>[4];`" if wanted.is_placed else ""
        message = f"`{wanted.path}` defines no map that could be made"
        faults.append(Diagnostic("not-made", message, None, help=advice))
    pin = next(iter(wanted.pins.values()), "")
    if pin and not is_on_bpffs(pin):
        message = f"`{os.path.dirname(pin)}` is in no BPF filesystem, where alone maps are pinned"
        advice = f"--pin-dir {BPFFS}/app; `mount -t bpf bpf {BPFFS}` where there is none yet"
        faults.append(Diagnostic("pin-refused", message, None, help=advice))
    return faults


def _opened(path: str, options: Options, terminal: Terminal) -> tuple[Opened, Sequence[Diagnostic]]:
    """Return the source, decided and without errors, and what was said of it."""
    from bpfgen.clang import ToolMissing
    from bpfgen.sources import LANGUAGE, contents_of, open_source, without_places
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
    said = opened.diagnostics
    said = said if opened.kind == LANGUAGE else without_places(said, name)
    if terminal.report(said) or opened.failed or opened.compilation is None:
        raise Stopped(WRONG)
    if opened.compilation.undecided:
        from bpfgen.emit.undecided import undecided

        terminal.report([undecided(opened.compilation.undecided, "making maps")])
        raise Stopped(WRONG)
    return opened, said


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
