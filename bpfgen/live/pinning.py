"""What is pinned already, whether libbpf would take it for a map of a source, and pins to undo.

Below :mod:`creating`, which pins what it has made, all or nothing.

Source: make_parent_dir and check_path in libbpf; bpf_obj_do_pin in
kernel/bpf/inode.c.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress

from bpfgen.files.pins import mount_of
from bpfgen.kernel.reuse import Parameters, refused_by_libbpf
from bpfgen.live.map import open_map
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.live.info import MapInfo
    from bpfgen.live.map import Map
    from bpfgen.live.planned import PlannedMap

_DIRECTORY_MODE = 0o700


def mount_for(path: str) -> str | None:
    """Return the BPF filesystem in which *path* would be pinned; None where it is in none.

    Directories that are missing on the way are made.
    """
    return mount_of(os.path.realpath(_missing_directories(path)[0]))


def _missing_directories(path: str) -> tuple[str, list[str]]:
    """Return the directory above *path* that is there, and those missing below it, from the top."""
    directory = os.path.dirname(os.path.abspath(path))
    missing: list[str] = []
    while not os.path.isdir(directory) and directory != os.path.dirname(directory):
        missing.insert(0, directory)
        directory = os.path.dirname(directory)
    return directory, missing


def pinned_at(path: str) -> Map | None:
    """Return the map that is pinned at *path*; None if nothing is.

    Raises:
        OSError: Something else is, or one may not open it for reading and writing.
    """
    try:
        return open_map(path)
    except FileNotFoundError:
        return None


def mismatches(planned: PlannedMap, info: MapInfo) -> tuple[tuple[str, int, int], ...]:
    """Return in what a map with *info* isn't *planned*: name, number there, number wanted.

    Where that is nothing, libbpf takes the one for the other. Types and `numa_node` don't count.
    """
    there = Parameters(
        info.number,
        info.key_size,
        info.value_size,
        info.max_entries,
        info.map_flags,
        info.map_extra,
    )
    wanted = Parameters(
        planned.kind.number,
        planned.key_size,
        planned.value_size,
        planned.max_entries,
        planned.map_flags,
        planned.map_extra,
    )
    return refused_by_libbpf(planned.kind, there, wanted)


class Pins:
    """Pins of maps, and the directories made for them, which can be undone until they are kept."""

    __slots__ = ("_directories", "_pins")

    def __init__(self) -> None:
        self._pins: list[tuple[Map, str]] = []
        self._directories: list[str] = []

    def add(self, map: Map, path: str) -> None:
        """Pin *map* at *path*; directories that are missing on the way are made.

        Raises:
            OSError: EEXIST where something is pinned there, and as :meth:`Map.pin`.
        """
        for directory in _missing_directories(path)[1]:
            with signals_held():
                os.mkdir(directory, _DIRECTORY_MODE)
                self._directories.append(directory)
        self._pins.append((map, path))
        try:
            map.pin(path)
        except OSError:
            self._pins.pop()
            raise

    def keep(self) -> None:
        """Let everything stay."""
        self._pins, self._directories = [], []

    def undo(self) -> None:
        """Take everything away again that isn't kept."""
        with signals_held():
            for map, path in reversed(self._pins):
                # What somebody else has pinned there, before or since, isn't ours to remove.
                with suppress(OSError), open_map(path, access="r") as there:
                    if there.info.id == map.info.id:
                        os.unlink(path)
            for directory in reversed(self._directories):
                with suppress(OSError):
                    os.rmdir(directory)
            self.keep()


@contextmanager
def signals_held() -> Iterator[None]:
    """Let signals wait until the end of a `with` block: for what one mustn't end in the middle.

    Where an exception would be lost, too: the interpreter drops one that a signal raises while a
    descriptor is given back.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def close_all(maps: Iterable[Map]) -> None:
    """Close *maps*; a signal waits for the end of it."""
    with signals_held():
        for map in maps:
            map.close()
