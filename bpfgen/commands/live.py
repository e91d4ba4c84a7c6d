"""`bpfgen live [MAP...]`: the maps of the running kernel, and who holds each of them."""

from __future__ import annotations

import os
from errno import EACCES, EINVAL, ENAMETOOLONG, ENOENT, EPERM

from bpfgen.commands import DONE, MISSING, WRONG
from bpfgen.commands.arguments import parsed, terminal_of
from bpfgen.commands.running import hidden_types, refused
from bpfgen.commands.shown_progress import progress
from bpfgen.commands.terminal import output_page, write_output
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.live.fdinfo import MAP
from bpfgen.live.holders import Census
from bpfgen.live.map import open_map
from bpfgen.live.pins import pins_below
from bpfgen.live.places import Place, PlaceError, infos, opened, place_of
from bpfgen.live.processes import processes_with_mappings
from bpfgen.live.running import LoadedTypes, running_map, running_maps
from bpfgen.live.syscall import Bpf
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import NOTE, Diagnostic, FormatError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from bpfgen.btf.decode import Btf
    from bpfgen.commands.terminal import Terminal
    from bpfgen.live.holders import Unseen
    from bpfgen.live.map import Map
    from bpfgen.live.processes import Process
    from bpfgen.object.running import RunningMap


def run(words: list[str]) -> int:
    """Show the running maps that *words* name, or all of them; return the exit status."""
    arguments = parsed("live", words)
    terminal = terminal_of(arguments)
    try:
        status = _show(arguments, Bpf(), terminal)
    except NotImplementedError as error:  # a machine whose number of bpf(2) isn't known
        terminal.error("running-map", str(error))
        status = WRONG
    terminal.finish()
    return status


def _show(arguments: argparse.Namespace, bpf: Bpf, terminal: Terminal) -> int:
    """Write what *arguments* ask for; return the exit status."""
    loaded = LoadedTypes(bpf)
    words: list[str] = arguments.inputs
    with progress(terminal, None) as step:
        if words:
            status, found = _named(words, bpf, loaded, terminal)
        else:
            status, found = _all(bpf, loaded, terminal, step)
        if not found and status != DONE:
            return status
        # What this process has open, it has open to look.
        census = Census(bpf, own=False, types=_types_for_names(loaded), step=step)
        mapped = _may_be_mapped(found, census)
    if arguments.format == "json":
        from bpfgen.commands.live_json import live_lines

        for line in live_lines(found, census, mapped):
            write_output(line)
    else:
        from bpfgen.commands.live_table import live_table

        write_output(live_table(found, census, mapped, output_page(arguments.color)))
    notes = [_note(unseen) for unseen in census.unseen]
    terminal.report([*notes, *hidden_types(found, "shown")])
    return status


def _all(
    bpf: Bpf, loaded: LoadedTypes, terminal: Terminal, step: Callable[[str], object]
) -> tuple[int, list[RunningMap]]:
    """Return the exit status, and all maps that there are."""
    found: list[RunningMap] = []
    try:
        for running in running_maps(bpf, loaded):
            step(str(running))
            found.append(running)
    except OSError as error:
        if error.errno not in (EPERM, EACCES):
            terminal.error("running-map", error.strerror or str(error))
            return WRONG, found
        message = "cannot list the maps of this machine: it takes CAP_SYS_ADMIN"
        advice = "a map that one may read is named by its pin: bpfgen live /sys/fs/bpf/flows"
        terminal.error("no-right", message, help=advice)
        return MISSING, found
    return DONE, found


def _named(
    words: list[str], bpf: Bpf, loaded: LoadedTypes, terminal: Terminal
) -> tuple[int, list[RunningMap]]:
    """Return the exit status, and the maps that *words* name, each once."""
    status = DONE
    found: dict[int, RunningMap] = {}
    for word in words:
        try:
            for map in _opened(word, bpf):
                with map:
                    if map.info.id not in found:
                        found[map.info.id] = running_map(map, loaded)
        except OSError as error:
            refusal = refused(error, word)
            terminal.error(refusal.code, refusal.message, help=refusal.help)
            status = max(status, refusal.status)
    return status, [found[id] for id in sorted(found)]


def _opened(word: str, bpf: Bpf) -> Iterator[Map]:
    """Yield the maps that *word* names: all of one name, all that are pinned in a directory.

    Raises:
        OSError: There is none, or one may not open it.
    """
    place = place_of(word)
    if place is None:
        yield from _pinned_below(word, bpf)
    elif place.name:
        yield from _called(place, bpf)
    else:
        yield opened(place)


def _pinned_below(directory: str, bpf: Bpf) -> Iterator[Map]:
    """Yield the maps that are pinned in *directory* and below it; what goes meanwhile isn't."""
    from bpfgen.files.pins import is_pin_directory, mount_of

    if not is_pin_directory(directory):
        if os.path.isdir(directory) and mount_of(directory) is not None:
            real = os.path.realpath(directory)
            raise PlaceError(EINVAL, f"it leads to `{real}`, which is in no BPF filesystem")
        what = "it is no map of this machine"
        advice = "a map is named by its pin, by `id:42` or by `name:flows`; `bpfgen live` lists all"
        raise PlaceError(EINVAL, what, advice, is_usage=True)
    pinned = pins_below(bpf, directory)
    paths = [those[0] for (kind, _id), those in pinned.paths.items() if kind == MAP]
    none = True
    for path in paths:
        try:
            map = open_map(path, access="r")
        except FileNotFoundError:
            continue
        none = False
        yield map
    if none:
        if pinned.unread:
            raise PermissionError(EACCES, os.strerror(EACCES), pinned.unread[0])
        if pinned.too_long:
            what = "what is pinned below it has longer paths than the kernel takes"
            raise PlaceError(ENAMETOOLONG, what, "`bpfgen live` lists all maps")
        raise PlaceError(ENOENT, "no map is pinned below it", "`bpfgen live` lists all")


def _called(place: Place, bpf: Bpf) -> Iterator[Map]:
    """Yield the maps whose name is that of *place*."""
    ids = [info.id for info in infos(bpf) if info.name == place.name]
    for one in [Place(place.word, id=id) for id in ids] or [place]:
        try:
            yield opened(one)
        except PlaceError:
            if not ids:  # none has that name, and the error says which are like it
                raise


def _types_for_names(loaded: LoadedTypes) -> Callable[[int], Btf | None]:
    def btf_of(btf_id: int) -> Btf | None:
        try:
            return loaded.of(btf_id)[0].btf
        except (OSError, FormatError):
            return None

    return btf_of


def _may_be_mapped(found: list[RunningMap], census: Census) -> dict[int, tuple[Process, ...]]:
    """Return who may hold those of *found* that nobody is seen to hold, by their ids.

    A process that has closed a map and still has it in its memory is one of those with mappings:
    which map it is, the kernel doesn't say.
    """
    alone = [one.id for one in found if _is_mappable(one) and census.of(one.id).is_nobody]
    return dict.fromkeys(alone, processes_with_mappings()) if alone else {}


def _is_mappable(running: RunningMap) -> bool:
    kind = running.kind
    if kind is None or not kind.mmap:
        return False
    flag = MAP_FLAGS["BPF_F_MMAPABLE"]
    return flag.name not in kind.flags or bool(running.map_flags & flag.value)


def _note(unseen: Unseen) -> Diagnostic:
    """Return what is to be said of what couldn't be looked at."""
    *first, last = unseen.what
    what = f"{', '.join(first)} and {last}" if first else last
    message = f"{what} that hold a map may be missing: {unseen.why}"
    if unseen.is_right:
        return Diagnostic("no-right", message, None, severity=NOTE)
    return Diagnostic("running-map", message, None, severity=NOTE)
