"""`bpfgen verify MAP FILE`: whether a map of the running kernel is as declared.

A directory of a BPF filesystem stands for the maps that are pinned in it: each is compared with the
map of the source that it is, and what the source pins by name has to be there.
"""

from __future__ import annotations

import os
from errno import EINVAL, ENOENT

from bpfgen.commands import DONE, WRONG
from bpfgen.commands.running import refused
from bpfgen.commands.terminal import write_output
from bpfgen.commands.verified import Held, Verified
from bpfgen.files.pins import is_pin_directory
from bpfgen.kernel.made import kept_name
from bpfgen.live.machine import this_machine
from bpfgen.live.map import open_map
from bpfgen.live.places import pins_in
from bpfgen.live.running import LoadedTypes, running_map
from bpfgen.live.source import object_of
from bpfgen.live.syscall import Bpf
from bpfgen.model.maps import PINNING
from bpfgen.record import TYPE_CHECKING
from bpfgen.sources import is_file, running_at
from bpfgen.text.diagnostics import Diagnostic, Subject
from bpfgen.text.render import printable
from bpfgen.verify.findings import LIMIT
from bpfgen.verify.maps import imported_maps
from bpfgen.verify.running import verify_running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from bpfgen.commands.running import Refusal
    from bpfgen.compiler import Compilation
    from bpfgen.model.model import Model
    from bpfgen.object.running import RunningMap, Unknown


class RunningMaps:
    """The running maps that a word names, and how to hold them against a source.

    Attributes:
        word: As the user typed it.
        maps: With the path of each; one, or those that are pinned in a directory.
        is_directory: Which of the two.
        unread: What else is pinned in it, and can't be read, with the reasons.
    """

    def __init__(self, word: str) -> None:
        """Ask the kernel for the maps that *word* names.

        Raises:
            OSError: There is none, or one may not read it; of those in a directory, one may not
                list them.
        """
        self.word = word
        self.is_directory = is_pin_directory(word)
        self.maps: list[tuple[str, RunningMap]] = []
        self.unread: list[Refusal] = []
        self._machine = this_machine()
        if self.is_directory:
            for path, found in _pinned_in(word):
                if isinstance(found, OSError):
                    self.unread.append(refused(found, path))
                else:
                    self.maps.append((path, found))
        else:
            object = running_at(word)
            if object is None:  # the pin has gone since it was looked at
                raise FileNotFoundError(ENOENT, os.strerror(ENOENT), word)
            self.maps.append((word, object.running[0]))

    def held(self, model: Model, map_name: str | None, *, exact: bool) -> list[Held]:
        """Return what comes of each map, held against *model*.

        Args:
            model: What was declared.
            map_name: The map of the source that the one running map is; None to go by names.
            exact: In a directory, a map that isn't declared is wrong.
        """
        found = []
        for path, running in self.maps:
            # Loaders call a pin as the source calls the map.
            pin = os.path.basename(path) if is_file(path) else ""
            result = verify_running(model, running, map_name, self._machine, pin=pin)
            codes = {said.code for said in result.differences}
            extra = self.is_directory and not exact and codes == {"verify-extra-map"}
            found.append(Held(path, running, result, extra and result.map is None))
        return found

    def distance_from(
        self, compilation: Compilation, map_name: str | None, *, exact: bool
    ) -> Callable[[Model], tuple[int, int]]:
        """Return a function that says how far the maps are from a model of *compilation*.

        In how many ways they differ, and how many aren't declared. One that isn't declared, and
        should be or is in another variant, counts more than all that can be wrong with one that is.
        """
        names = {kept_name(map.name) for one in compilation.variants for map in one.model.maps}

        def distance(model: Model) -> tuple[int, int]:
            held = self.held(model, map_name, exact=exact)
            number, unknown = len(list(self.missing(model, held))), 0
            for one in held:
                if one.result.map is not None:
                    number += len(one.result.differences)
                elif not one.extra or one.running.name in names:
                    number += LIMIT + 2
                    unknown += 1
            return number, unknown

        return distance

    def missing(self, model: Model, held: Sequence[Held]) -> Iterator[Diagnostic]:
        """Yield which maps of *model* are to be pinned by name and aren't in the directory."""
        if not self.is_directory:
            return
        unpinned = self.unpinned(model, held)
        for declared in model.maps:
            pinning = declared.shape.attributes.get("pinning")
            if pinning is None or pinning.value != PINNING["by_name"]:
                continue
            if declared.name not in unpinned:
                continue
            yield Diagnostic(
                "verify-missing-map",
                f"map `{declared.name}` is declared to be pinned by its name, and isn't in"
                f" `{self.word}`",
                declared.span,
                label="declared here",
                map=declared.name,
                subject=Subject("map", declared.name, "pinning"),
            )

    def unpinned(self, model: Model, held: Sequence[Held]) -> tuple[str, ...]:
        """Return which maps of *model* no pin in the directory is of, by its name if it is unread.

        Where one map was named, there are none: where the others are, isn't asked.
        """
        if not self.is_directory:
            return ()
        found = {one.result.map for one in held}
        found.update(os.path.basename(refusal.name) for refusal in self.unread)
        declared = dict.fromkeys(map.name for map in (*model.maps, *imported_maps(model)))
        return tuple(name for name in declared if name not in found)


def _pinned_in(directory: str) -> Iterator[tuple[str, RunningMap | OSError]]:
    """Yield the maps that are pinned in *directory*, in the order of names, with their paths.

    For one that can't be read comes the reason.

    Programs and links are passed over, what goes meanwhile, and what loaders make of variables: no
    source declares that.
    """
    loaded = LoadedTypes(Bpf())
    for path in pins_in(directory):
        try:
            with open_map(path, access="r") as map:
                running = running_map(map, loaded)
        except OSError as error:
            if error.errno not in (EINVAL, ENOENT):
                yield path, error
            continue
        if object_of(running).maps:
            yield path, running


def against_running(
    maps: RunningMaps, model: Model, map_name: str | None, *, exact: bool
) -> Verified:
    """Return what comes of *maps*, held against *model*."""
    held = maps.held(model, map_name, exact=exact)
    said = [
        Diagnostic(one.code, one.message, None, help=one.help, subject=Subject("pin", one.name))
        for one in maps.unread
    ]
    error = None
    if not held and not maps.unread:
        error = "running-map", f"no map is pinned in `{maps.word}`", "`bpfgen live` lists pins"
    elif all(one.extra for one in held) and not maps.unread:
        message = f"none of the maps that are pinned in `{maps.word}` is declared"
        error = "verify-missing-map", message, ""
    else:
        said += (diff for one in held if not one.extra for diff in one.result.differences)
        said += maps.missing(model, held)
    status = WRONG if said or error else DONE
    said += (warning for one in held for warning in one.result.warnings)
    return Verified(
        max(status, *(one.status for one in maps.unread), DONE),
        tuple(one.result.map for one in held if one.result.map is not None),
        diagnostics=tuple(said),
        error=error,
        held=tuple(held),
        unread=tuple(maps.unread),
        unpinned=maps.unpinned(model, held),
    )


def write_held(verified: Verified, word: str, source: str) -> None:
    """Write for people what came of each running map, and what couldn't be compared.

    *word* is what names them.
    """
    lines = []
    compared = [one for one in verified.held if one.result.map is not None]
    parts = [set(one.result.uncompared) for one in compared]
    # What no running map shows is said once.
    of_all = parts[0].intersection(*parts[1:]) if len(parts) > 1 else set()
    for one in verified.held:
        path = printable(one.path)
        lines.append(f"{path}: {_outcome(one, printable(source), verified.where)}")
        own = [part for part in one.result.uncompared if part not in of_all]
        lines += (f"{path}: not compared: {line}" for line in _reasons(own))
    lines += (
        f"{printable(one.name)}: not compared, since it can't be read" for one in verified.unread
    )
    if verified.unpinned:
        lines.append(f"{printable(word)}: not pinned there: {', '.join(verified.unpinned)}")
    if of_all:
        left = [part for part in compared[0].result.uncompared if part in of_all]
        lines += (f"not compared of any map: {line}" for line in _reasons(left))
    write_output("".join(f"{line}\n" for line in lines))


def _outcome(held: Held, source: str, where: str) -> str:
    """Return what came of a running map, in half a sentence; no more than is known."""
    result = held.result
    if result.map is None:
        unknown = {said.code for said in result.differences} == {"verify-extra-map"}
        what = (
            "not declared" if unknown else "not compared, since its map of the source isn't known"
        )
        return f"{what}: {printable(str(held.running))}"
    where = f", {where}" if where else ""
    if result.differences:
        return f"map `{result.map}` differs from {source}{where}"
    but = ""
    if result.missed:
        but = f", but for {' and '.join(result.missed)}, which couldn't be compared"
    return f"map `{result.map}` is as {source} declares it{but}{where}"


def _reasons(parts: Sequence[Unknown]) -> Iterator[str]:
    """Yield what couldn't be compared, a line for each reason."""
    reasons: dict[str, list[str]] = {}
    for one in parts:
        reasons.setdefault(one.why, []).append(one.what)
    for why, names in reasons.items():
        yield printable(f"{', '.join(names)}: {why}")


def held_record(one: Held) -> dict[str, Any]:
    """Return what came of a running map, as JSON has it."""
    return {
        "path": one.path,
        "id": one.running.id,
        "name": one.running.name,
        "type": None if one.running.kind is None else one.running.kind.name,
        "type_id": one.running.number,
        "map": one.result.map,
        "verified": one.result.map is not None and not one.result.differences,
        "complete": one.result.map is not None and not one.result.missed,
        "uncompared": [{"what": part.what, "why": part.why} for part in one.result.uncompared],
    }
