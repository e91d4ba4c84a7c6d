"""Maps made in the running kernel as libbpf makes them of an object: all of them, or none.

After :mod:`planned`, which says what is asked for, and :mod:`type_loading`, whose BTF the maps
refer to; :mod:`pinning` knows what is there already. All maps are made before the first is pinned,
so that there is little to undo: a map goes with its last descriptor unless a pin or another map
holds it.

Source: bpf_object__create_maps, bpf_object__create_map and init_map_in_map_slots in libbpf;
map_create and map_freeze in kernel/bpf/syscall.c.
"""

from __future__ import annotations

import struct
from errno import EINVAL, EPERM

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import NAME_BYTES
from bpfgen.kernel.memory import CHARGED_BEFORE
from bpfgen.live.closing import Closing
from bpfgen.live.fdinfo import fdinfo_of
from bpfgen.live.map import Map
from bpfgen.live.pinning import Pins, close_all, mismatches, pinned_at
from bpfgen.live.syscall import MAP_CREATE, Bpf, failure
from bpfgen.live.type_loading import LoadedTypes
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bpfgen.ctype.types import Type
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.live.planned import PlannedMap
    from bpfgen.live.syscall import Command
    from bpfgen.model.model import Model

CREATE, INNER, REUSE, SLOT, PIN, FREEZE = "create", "inner", "reuse", "slot", "pin", "freeze"
"""The steps at which a map may be refused."""

KEPT, NONE, REFUSED = "kept", "none", "refused"
"""What became of the types of a map: the kernel has them; there are none that libbpf passes on; the
kernel refuses them, and has the map without."""

_ATTRIBUTES = struct.Struct("=7I16s5IQ")
"""Union bpf_attr for BPF_MAP_CREATE, up to `map_extra`."""

_NO_FD = 0xFFFFFFFF
_ATTEMPTS = 4
"""How often a map is pinned where somebody else's pin comes and goes."""

_ZERO_SEED = MAP_FLAGS["BPF_F_ZERO_SEED"].value


class Refusal(Record):
    """One thing that can't be had.

    Attributes:
        step: `create`, `inner`, `reuse`, `slot`, `pin` or `freeze`.
        map: The map that it is about; of `inner` the one whose description is refused.
        error: What the kernel says; of `reuse` EINVAL, as libbpf does.
        subject: The target of the slot, the path of the pin; empty for others.
        differences: Of `reuse`: in what the map there differs, each with its number and ours.
    """

    step: str
    map: PlannedMap
    error: OSError
    subject: str = ""
    differences: tuple[tuple[str, int, int], ...] = ()


class MadeMap(Record):
    """A map that is there.

    Attributes:
        planned: What was asked for.
        map: The map, open.
        types: `kept`, `none` or `refused`.
        why: What the kernel says of types that it refuses for this map; else None.
        pin: Where it is pinned, or was to be; empty where it isn't.
        is_reused: It was pinned there before, and is left as it was.
        is_frozen: Nobody in user space can write to it.
        empty_slots: Those that name something that isn't there: programs, another object's maps.
    """

    planned: PlannedMap
    map: Map
    types: str
    why: OSError | None = None
    pin: str = ""
    is_reused: bool = False
    is_frozen: bool = False
    empty_slots: tuple[tuple[int, str], ...] = ()


class Creation(Closing):
    """What came of it. The maps are open until it is closed, and nothing is pinned at first.

    Attributes:
        maps: Those that are there, in the order of the source.
        refusals: What can't be had. Who wants all or nothing closes it where there are any.
        types: The types in the kernel.
    """

    __slots__ = ("_pins", "maps", "refusals", "types")

    def __init__(
        self, maps: Sequence[MadeMap], refusals: Sequence[Refusal], types: LoadedTypes
    ) -> None:
        self.maps = tuple(maps)
        self.refusals = tuple(refusals)
        self.types = types
        self._pins = Pins()

    def close(self) -> None:
        """Take pins away that aren't kept, and close the maps; what nothing holds is gone."""
        self._pins.undo()
        close_all(made.map for made in self.maps)

    def pin(self, freeze: Collection[str] = ()) -> Refusal | None:
        """Pin what is to be pinned, then freeze; return what was refused, with no pin left then.

        Args:
            freeze: Names of maps that nobody in user space may write to any more.
        """
        refusal = self._pin() or self.freeze(freeze)
        if refusal is not None:
            self._pins.undo()
        return refusal

    def keep(self) -> None:
        """Let the pins stay: without this, and with an exception before it, none does."""
        self._pins.keep()

    def freeze(self, names: Collection[str]) -> Refusal | None:
        """Freeze the maps called *names*, those that others have last; return what was refused."""
        maps = list(self.maps)
        for at in sorted(range(len(maps)), key=lambda at: maps[at].is_reused):
            made = maps[at]
            if made.planned.name not in names or made.is_frozen:
                continue
            try:
                made.map.freeze()
            except OSError as error:
                return Refusal(FREEZE, made.planned, error)
            maps[at] = replace(made, is_frozen=True)
        self.maps = tuple(maps)
        return None

    def _pin(self) -> Refusal | None:
        """Pin the maps, those that hold others last: whoever finds one finds its slots filled."""
        for made in sorted(self.maps, key=lambda made: made.planned.kind.of_maps):
            if made.pin and not made.is_reused:
                refusal = self._pin_one(made)
                if refusal is not None:
                    return refusal
        return None

    def _pin_one(self, made: MadeMap) -> Refusal | None:
        """Pin one map, or take what somebody else has pinned there meanwhile, as libbpf does."""
        for attempts_left in reversed(range(_ATTEMPTS)):
            try:
                self._pins.add(made.map, made.pin)
            except FileExistsError as error:
                there = _taken(made.planned, made.pin) if attempts_left else None
                if isinstance(there, Refusal):
                    return there
                if there is not None:
                    return self._replace(made, there)
                if not attempts_left:
                    return Refusal(PIN, made.planned, error, made.pin)
            except OSError as error:
                return Refusal(PIN, made.planned, error, made.pin)
            else:
                return None
        raise AssertionError("the last attempt returns")

    def _replace(self, made: MadeMap, there: MadeMap) -> Refusal | None:
        """Have *there* instead of *made*, in slots as well."""
        self.maps = tuple(there if one is made else one for one in self.maps)
        close_all([made.map])
        maps = {there.planned.name: there.map}
        for outer in self.maps:
            if outer.planned.kind.of_maps and not outer.is_reused:
                refusal = next(_filled(outer, maps), None)
                if refusal is not None:
                    return refusal
        return None


def create(
    model: Model,
    planned: Sequence[PlannedMap],
    *,
    kernel: KernelVersion,
    pins: Mapping[str, str] | None = None,
) -> Creation:
    """Make the maps *planned* of *model* and fill their slots; return what came of it.

    Args:
        model: Where their types are from.
        planned: What is asked for.
        kernel: The version of this one.
        pins: Where maps are going to be pinned, by name. What is pinned there already is taken
            instead of a new map if libbpf would take it, and refused if not.

    Raises:
        PermissionError: A right is missing.
        OSError: The call itself fails.
    """
    bpf = Bpf()
    if kernel < CHARGED_BEFORE:
        _lift_limit()
    types = LoadedTypes(bpf, model, list(_types_of(planned)))
    maker = _Maker(bpf, types, planned, pins or {})
    return Creation(maker.maps, maker.refusals, types)


def _types_of(planned: Sequence[PlannedMap]) -> Iterator[Type]:
    for one in planned:
        each: PlannedMap | None = one
        while each is not None:
            yield from (type for type in (each.key, each.value) if type is not None)
            each = each.inner


def _lift_limit() -> None:
    """Let maps be charged that are larger than RLIMIT_MEMLOCK, as libbpf does, where one may."""
    import resource

    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, unlimited)
    except (OSError, ValueError):
        return  # the kernel refuses what is too large


class _Maker:
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
            made = None if path is None else _taken(one, path)
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
            self.refusals += _filled(made, targets)
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


def _taken(planned: PlannedMap, path: str) -> MadeMap | Refusal | None:
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
    info = there.info
    differences = mismatches(planned, info)
    if differences:
        close_all([there])
        return Refusal(REUSE, planned, OSError(EINVAL, "another map"), path, differences)
    with there.in_use() as fd:
        is_frozen = bool(fdinfo_of(fd).frozen)
    types = KEPT if info.btf_id else NONE
    return MadeMap(planned, there, types, None, path, is_reused=True, is_frozen=is_frozen)


def _filled(made: MadeMap, targets: Mapping[str, Map]) -> Iterator[Refusal]:
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
