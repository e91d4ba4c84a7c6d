"""Maps made in the running kernel as libbpf makes them of an object: all of them, or none.

After :mod:`making`, which asks the kernel for them. All maps are made before the first is pinned,
so that there is little to undo: a map goes with its last descriptor unless a pin or another map
holds it. Maps that were there before are changed in one way alone, and last of all: they are frozen
where that is asked for.
"""

from __future__ import annotations

from errno import EBUSY, EPERM

from bpfgen.kernel.memory import CHARGED_BEFORE
from bpfgen.live.closing import Closing
from bpfgen.live.fdinfo import fdinfo_of
from bpfgen.live.freezing import refusal_to_freeze
from bpfgen.live.made_maps import FREEZE, PIN, Refusal
from bpfgen.live.making import Maker, filled, taken
from bpfgen.live.pinning import Pins, close_all, signals_held
from bpfgen.live.syscall import Bpf
from bpfgen.live.type_loading import LoadedTypes
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bpfgen.ctype.types import Type
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.live.made_maps import MadeMap
    from bpfgen.live.planned import PlannedMap
    from bpfgen.model.model import Model

_ATTEMPTS = 4
"""How often a map is pinned where somebody else's pin comes and goes."""


class Creation(Closing):
    """What came of it. The maps are open until it is closed, and nothing is pinned at first.

    Attributes:
        maps: Those that are there, in the order of the source.
        refusals: What can't be had. Who wants all or nothing closes it where there are any.
        types: The types in the kernel.
    """

    __slots__ = ("_kernel", "_pins", "maps", "refusals", "types")

    def __init__(
        self,
        maps: Sequence[MadeMap],
        refusals: Sequence[Refusal],
        types: LoadedTypes,
        kernel: KernelVersion,
    ) -> None:
        self._kernel = kernel
        self.maps = tuple(maps)
        self.refusals = tuple(refusals)
        self.types = types
        self._pins = Pins()

    def close(self) -> None:
        """Take pins away that aren't kept, and close the maps; what nothing holds is gone."""
        self._pins.undo()
        close_all(made.map for made in self.maps)

    def pin(self, freeze: Collection[str] = ()) -> Refusal | None:
        """Pin what is to be pinned; return what was refused, with no pin left then.

        Args:
            freeze: Names of maps that nobody in user space may write to any more. Those that are
                new are frozen before they are pinned; :meth:`keep` is for the others, of which only
                what the kernel is known to refuse is found here.
        """
        refusal = self._unfreezable(freeze) or self._pin(freeze) or self._unfreezable(freeze)
        if refusal is not None:
            self._pins.undo()
        return refusal

    def keep(self, freeze: Collection[str] = ()) -> Refusal | None:
        """Let the pins stay: without this, and with an exception before it, none does.

        Args:
            freeze: As for :meth:`pin`: the maps of these names that were there before are frozen
                now, when nothing else can fail any more. Where one is refused, no pin stays; those
                that were frozen before it can't be undone.
        """
        with signals_held():
            refusal = self._freeze(freeze, [made for made in self.maps if made.is_reused])
            if refusal is None:
                self._pins.keep()
            else:
                self._pins.undo()
        return refusal

    def try_freezing(self, names: Collection[str]) -> Refusal | None:
        """Freeze the maps called *names* that are new; return what was refused, or would be."""
        new = [made for made in self.maps if not made.is_reused]
        return self._unfreezable(names) or self._freeze(names, new)

    def _unfreezable(self, names: Collection[str]) -> Refusal | None:
        """Return which of the maps that were there before the kernel is known not to freeze."""
        for made in self.maps:
            if made.there is None or made.planned.name not in names or made.is_frozen:
                continue
            error = refusal_to_freeze(made.there, self._kernel)
            if error is not None:
                return Refusal(FREEZE, made.planned, error, is_foreseen=True)
        return None

    def _freeze(self, names: Collection[str], maps: Iterable[MadeMap]) -> Refusal | None:
        """Freeze those of *maps* that are called *names*; return what was refused."""
        for made in maps:
            if made.planned.name not in names or made.is_frozen:
                continue
            try:
                made.map.freeze()
            except OSError as error:
                with made.map.in_use() as fd:  # somebody else may have done it since
                    is_frozen = error.errno in (EBUSY, EPERM) and fdinfo_of(fd).frozen
                if not is_frozen:
                    return Refusal(FREEZE, made.planned, error)
            frozen = replace(made, is_frozen=True)
            self.maps = tuple(frozen if one is made else one for one in self.maps)
        return None

    def _pin(self, freeze: Collection[str]) -> Refusal | None:
        """Freeze and pin new maps, those that hold others last.

        Whoever finds one finds its slots filled, and itself frozen. In a slot there may be another
        map than before until that is pinned.
        """
        for of_maps in (False, True):
            new = [
                made
                for made in self.maps
                if made.planned.kind.of_maps == of_maps and not made.is_reused
            ]
            refusal = self._freeze(freeze, new)
            for name in (made.planned.name for made in new if made.pin):
                made = next(made for made in self.maps if made.planned.name == name)
                refusal = refusal or self._pin_one(made)
            if refusal is not None:
                return refusal
        return None

    def _pin_one(self, made: MadeMap) -> Refusal | None:
        """Pin one map, or take what somebody else has pinned there meanwhile, as libbpf does."""
        for attempts_left in reversed(range(_ATTEMPTS)):
            try:
                self._pins.add(made.map, made.pin)
            except FileExistsError as error:
                there = taken(made.planned, made.pin) if attempts_left else None
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
                refusal = next(filled(outer, maps), None)
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
        FormatError: A type holds more types than the kernel should be made to walk through.
        OSError: The call itself fails.
    """
    bpf = Bpf()
    if kernel < CHARGED_BEFORE:
        _lift_limit()
    types = LoadedTypes(bpf, model, list(_types_of(planned)))
    maker = Maker(bpf, types, planned, pins or {})
    return Creation(maker.maps, maker.refusals, types, kernel)


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
