"""New maps as libbpf asks the kernel for them, and those that it would take for them.

Between :mod:`planned`, which says what is asked for, and :mod:`creating`, which pins them; the maps
refer to the BTF of :mod:`type_loading`, and :mod:`pinning` knows what is there already.

Source: bpf_object__create_maps, bpf_object__create_map and init_map_in_map_slots in libbpf;
map_create in kernel/bpf/syscall.c.
"""

from __future__ import annotations

import struct
from errno import EINVAL, EPERM

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import NAME_BYTES
from bpfgen.live.made_maps import CREATE, INNER, KEPT, NONE, REFUSED, REUSE, SLOT, MadeMap, Refusal
from bpfgen.live.map import Map
from bpfgen.live.pinning import close_all, mismatches, pinned_at
from bpfgen.live.running import running_map
from bpfgen.live.syscall import MAP_CREATE, failure
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bpfgen.live.planned import PlannedMap
    from bpfgen.live.syscall import Bpf, Command
    from bpfgen.live.type_loading import LoadedTypes

_ATTRIBUTES = struct.Struct("=7I16s5IQ")
"""Union bpf_attr for BPF_MAP_CREATE, up to `map_extra`."""

_NO_FD = 0xFFFFFFFF

_ZERO_SEED = MAP_FLAGS["BPF_F_ZERO_SEED"].value


class Maker:
    """Makes the maps and fills their slots.

    Attributes:
        maps: Those that could be made, or taken.
        refusals: Of the others, and of slots.
    """

    __slots__ = ("_bpf", "_pins", "_types", "maps", "refusals")

    def __init__(
        self,
        bpf: Bpf,
        types: LoadedTypes,
        planned: Sequence[PlannedMap],
        pins: Mapping[str, str],
    ) -> None:
        self._bpf = bpf
        self._types = types
        self._pins = pins
        self.maps: list[MadeMap] = []
        self.refusals: list[Refusal] = []
        for one in planned:
            path = pins.get(one.name)
            made = None if path is None else taken(one, path)
            made = made or self._made(one, CREATE)
            if isinstance(made, Refusal):
                self.refusals.append(made)
            else:
                self.maps.append(made)
        if not self.refusals:  # else the targets may be missing
            self._fill()

    def _fill(self) -> None:
        there = {made.planned.name: made.map for made in self.maps}
        for at, made in enumerate(self.maps):
            if made.is_reused or not made.planned.slots:
                continue
            targets = there if made.planned.kind.of_maps else {}
            self.refusals += filled(made, targets)
            empty = tuple(slot for slot in made.planned.slots if slot[1] not in targets)
            self.maps[at] = replace(made, empty_slots=empty)

    def _made(self, planned: PlannedMap, step: str) -> MadeMap | Refusal:
        """Return a new map, or why there is none."""
        inner: Map | None = None
        if planned.inner is not None:
            described = self._made(planned.inner, INNER)
            if isinstance(described, Refusal):
                return described
            inner = described.map
        try:
            return self._asked(planned, step, inner)
        finally:
            if inner is not None:
                close_all([inner])

    def _asked(self, planned: PlannedMap, step: str, inner: Map | None) -> MadeMap | Refusal:
        """Ask the kernel; as libbpf does, once more without the types where it refuses them."""
        types = NONE
        fd, number, refused_types = 0, 0, 0
        if planned.value is not None:
            types = REFUSED
            if self._types.is_there:
                fd, number = self._attempt(planned, inner, has_types=True)
                types, refused_types = (REFUSED, number) if number else (KEPT, 0)
        command = _command(planned)
        subject = f"`{planned.name}`"
        if types != KEPT and refused_types != EPERM:
            fd, number = self._attempt(planned, inner, has_types=False)
        if number:
            error = failure(command, refused_types or number, subject)
            if error.errno == EPERM:
                raise error
            return Refusal(step, planned, error)
        why = failure(command, refused_types, subject) if refused_types else None
        pin = "" if step == INNER else self._pins.get(planned.name, "")
        return MadeMap(planned, Map(fd, self._bpf), types, why, pin)

    def _attempt(
        self, planned: PlannedMap, inner: Map | None, *, has_types: bool
    ) -> tuple[int, int]:
        """Return the descriptor of a new map, or the errno."""
        inner_fd = _NO_FD if planned.kind.of_maps else 0
        if inner is not None:
            inner_fd = inner.fileno()
        if not has_types:
            return self._bpf.attempt(MAP_CREATE, _attributes(planned, inner_fd, (0, 0, 0)))
        ids = self._types.id_of(planned.key), self._types.id_of(planned.value)
        with self._types.in_use() as btf_fd:
            attributes = _attributes(planned, inner_fd, (btf_fd, *ids))
            return self._bpf.attempt(MAP_CREATE, attributes)


def taken(planned: PlannedMap, path: str) -> MadeMap | Refusal | None:
    """Return the map that is pinned at *path*, where *planned* is to be; None if nothing is.

    Raises:
        PermissionError: One may not open it.
    """
    try:
        there = pinned_at(path)
    except PermissionError:
        raise
    except OSError as error:
        return Refusal(REUSE, planned, error, path)
    if there is None:
        return None
    differences = mismatches(planned, there.info)
    if differences:
        close_all([there])
        return Refusal(REUSE, planned, OSError(EINVAL, "another map"), path, differences)
    running = running_map(there)
    types = KEPT if there.info.btf_id else NONE
    is_frozen = bool(running.frozen)
    return MadeMap(planned, there, types, None, path, running, is_frozen=is_frozen)


def filled(made: MadeMap, targets: Mapping[str, Map]) -> Iterator[Refusal]:
    """Fill the slots of *made* that name one of *targets*; yield those that are refused."""
    for index, name in made.planned.slots:
        if name not in targets:
            continue
        try:
            with targets[name].in_use() as fd:
                made.map.update(struct.pack("=I", index), struct.pack("=I", fd))
        except ValueError:  # a key that isn't 4 bytes long
            error = OSError(EINVAL, "the key of a map with initial values has 4 bytes")
            yield Refusal(SLOT, made.planned, error, name)
        except OSError as refused:
            yield Refusal(SLOT, made.planned, refused, name)


def _attributes(planned: PlannedMap, inner_fd: int, types: tuple[int, int, int]) -> bytes:
    """Return union bpf_attr; *types* are the BTF and the ids of key and value in it."""
    return _ATTRIBUTES.pack(
        planned.kind.number,
        planned.key_size,
        planned.value_size,
        planned.max_entries,
        planned.map_flags,
        inner_fd,
        planned.numa_node,
        planned.name.encode("utf-8", "surrogateescape")[:NAME_BYTES],
        0,
        *types,
        0,
        planned.map_extra,
    )


def _command(planned: PlannedMap) -> Command:
    """Return BPF_MAP_CREATE with the right that *planned* takes."""
    capability = planned.kind.capability or "CAP_BPF"
    rights = f"it takes {capability}"
    if capability == "CAP_NET_ADMIN":
        rights += ", and CAP_BPF where kernel.unprivileged_bpf_disabled is set"
    if planned.map_flags & _ZERO_SEED:
        rights = "BPF_F_ZERO_SEED takes CAP_SYS_ADMIN"
    return replace(MAP_CREATE, rights=rights)
