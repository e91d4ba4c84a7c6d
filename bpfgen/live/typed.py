"""Maps of the running kernel with the types of a source: what generated Python opens.

Each class opens some kinds of maps, and refuses a map whose kind, sizes or layout isn't that of the
source; :func:`bpfgen.live.opening.class_of` says which kinds.

Generated code has a class with the facts of each map, and imports this room when a map is first
opened::

    from bpfgen.live import TypedMap

    return TypedMap[flow_key, flow_stats].of(flows_map, path)

Errors: a missing key is a KeyError, a map that isn't the source's a :class:`MapMismatchError`, and
what the kernel refuses an OSError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.live.closing import Closing
from bpfgen.live.codec import codec_of, numbers
from bpfgen.live.elements import ANY
from bpfgen.live.map import Map, open_map
from bpfgen.live.own import check
from bpfgen.values.wanted import items_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self, TypeAlias

    from bpfgen.live.codec import Codec, Form
    from bpfgen.live.kernel_codecs import KernelCodecs
    from bpfgen.live.map import Access
    from bpfgen.live.map import Source as Untyped

    Source: TypeAlias = Untyped | Map

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class OwnMap(Closing):
    """A map that is one of a source: what all the classes here have.

    Attributes:
        map: The map, with its elements as bytes.
        name: Its name in the source.
        has_fingerprint: Whether its layout was compared, and is the source's. Where the kernel has
            no types of the map, or one may not read them, kind and sizes alone are the source's.
        has_types: Of a map that was opened by the kernel's types: whether it has those of all that
            isn't a number by its kind. Where it hasn't, keys or values are bytes.
    """

    has_types: bool = True

    def __init__(  # noqa: PLR0913 -- the facts of a map, by name
        self,
        map: Map,
        *,
        name: str,
        kind: str,
        key: Codec[Any],
        value: Codec[Any],
        record: Codec[Any],
        fingerprint: int | None,
    ) -> None:
        """Take over *map*, which is closed with this object, or now if it isn't the source's."""
        self.map = map
        self.name = name
        self._key = key
        self._value = value
        self._record = record
        try:
            self.has_fingerprint: bool = check(
                map,
                name=name,
                kind=kind,
                key_size=key.size,
                value_size=value.size,
                fingerprint=fingerprint,
            )
        except BaseException:
            map.close()
            raise

    @classmethod
    def open(  # noqa: PLR0913 -- the facts of a map, by name
        cls,
        source: Source,
        *,
        name: str,
        kind: str,
        key: Form[Any] = None,
        value: Form[Any] = None,
        record: Form[Any] = None,
        fingerprint: int | None = None,
        access: Access = "rw",
    ) -> Self:
        """Return the map at a path, with an id, or an open one, if it is the source's.

        Args:
            source: Where it is, see :func:`bpfgen.live.open_map`; an open map is closed with this
                object.
            name: Its name in the source.
            kind: libbpf's name of its kind.
            key: The ctypes type of its keys, or their size, or a codec; None where there are none,
                or a loader decides. Indices and descriptors are numbers without a type.
            value: Of its values, likewise; of one CPU's in a per-CPU map. Ids and descriptors are
                numbers without a type.
            record: Of its records, likewise.
            fingerprint: That of the source; None to compare kind and sizes alone.
            access: See :func:`bpfgen.live.open_map`.

        Raises:
            MapMismatchError: It is another map.
            OSError: There is none, or one may not open it.
        """
        map = source if isinstance(source, Map) else open_map(source, access=access)
        return cls(
            map,
            name=name,
            kind=kind,
            key=_codec(key, is_number=_has_numbers(kind)[0]),
            value=_codec(value, is_number=_has_numbers(kind)[1]),
            record=codec_of(record),
            fingerprint=fingerprint,
        )

    @classmethod
    def of(cls, facts: Any, source: Source, *, access: Access = "rw") -> Self:
        """Return the map at a path, with an id, or an open one, if it is as *facts* say.

        Args:
            facts: A class of generated Python, `flows_map`: `name`, `kind` and, as far as it has
                them, `key` or `key_size`, `value` or `value_size`, `record`, `fingerprint`.
            source: Where it is, see :meth:`open`.
            access: See :func:`bpfgen.live.open_map`.
        """
        return cls.open(
            source,
            name=facts.name,
            kind=facts.kind,
            key=getattr(facts, "key", getattr(facts, "key_size", None)),
            value=getattr(facts, "value", getattr(facts, "value_size", None)),
            record=getattr(facts, "record", None),
            fingerprint=getattr(facts, "fingerprint", None),
            access=access,
        )

    @classmethod
    def by_kernel(cls, map: Map, codecs: KernelCodecs) -> Self:
        """Return *map* with the types that the kernel has of it; it is closed with this object."""
        info = map.info
        opened = cls.open(
            map,
            name=info.name or str(info.id),
            kind=info.kind_name,
            key=codecs.key or info.key_size or None,
            value=codecs.value or info.value_size or None,
        )
        has_numbers = _has_numbers(info.kind_name)
        opened.has_types = all(
            codec is not None or is_number or not size
            for codec, is_number, size in zip(
                (codecs.key, codecs.value),
                has_numbers,
                (info.key_size, info.value_size),
                strict=True,
            )
        )
        return opened

    def __enter__(self) -> Self:
        """Give it to a `with` block, at whose end it is closed.

        Raises:
            ValueError: It was closed.
        """
        self.map.in_use()
        return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.map!r}>"

    def close(self) -> None:
        """Close it; the map lives on where something else holds it."""
        self.map.close()

    def fileno(self) -> int:
        """Return the descriptor, which stays this object's."""
        return self.map.fileno()


def _has_numbers(kind: str) -> tuple[bool, bool]:
    """Return whether keys and values of *kind* are numbers that need no type."""
    row = MAP_OPERATIONS[kind]
    return MAP_KINDS[kind].indexed or bool(row.key_of), bool(row.value_of)


def _codec(form: Form[Any], *, is_number: bool) -> Codec[Any]:
    if is_number and (form is None or isinstance(form, int)):
        return numbers(form)
    return codec_of(form)


class TypedMap(OwnMap, Generic[K, V]):
    """A map with keys. How many elements it has, the kernel doesn't say: there is no `len`.

    What is read is a copy, and what is changed in it is written by an assignment::

        flow = flows[key]
        flow.packets = 0
        flows[key] = flow
    """

    def __getitem__(self, key: K) -> V:
        data = self.map.lookup(self._key.encode(key))
        if data is None:
            raise KeyError(key)
        return self._decoded(data)

    def __setitem__(self, key: K, value: V) -> None:
        self.update(key, value)

    def __delitem__(self, key: K) -> None:
        if not self.map.delete(self._key.encode(key)):
            raise KeyError(key)

    def __contains__(self, key: K) -> bool:
        return self.map.lookup(self._key.encode(key)) is not None

    def __iter__(self) -> Iterator[K]:
        return self.keys()

    @overload
    def get(self, key: K) -> V | None: ...
    @overload
    def get(self, key: K, default: V | D) -> V | D: ...
    def get(self, key: K, default: Any = None) -> Any:
        """Return the value under *key*, or *default*."""
        data = self.map.lookup(self._key.encode(key))
        return default if data is None else self._decoded(data)

    def update(self, key: K, value: V, flags: int = ANY) -> None:
        """Put *value* under *key*, as the *flags* say: ANY, NOEXIST, EXIST, LOCK.

        Raises:
            FileExistsError: With NOEXIST, where there is one.
            KeyError: With EXIST, where there is none.
            OSError: E2BIG where the map is full.
        """
        try:
            self.map.update(self._key.encode(key), self._encoded(value), flags)
        except FileNotFoundError as error:
            raise KeyError(key) from error

    def put(self, key: K, value: V) -> None:
        """Put *value* under *key*, whether there is one or not: the same as `map[key] = value`."""
        self[key] = value

    def delete(self, key: K) -> bool:
        """Remove what is under *key*; return whether there was something."""
        return self.map.delete(self._key.encode(key))

    def take(self, key: K) -> V:
        """Remove what is under *key* and return it, in one step.

        Raises:
            KeyError: There is nothing.
            OSError: The kind, or a kernel before 5.14, doesn't have that.
        """
        data = self.map.take(self._key.encode(key))
        if data is None:
            raise KeyError(key)
        return self._decoded(data)

    def keys(self) -> Iterator[K]:
        """Yield the keys; see :meth:`bpfgen.live.Map.keys`."""
        return (self._key.decode(key) for key in self.map)

    def values(self) -> Iterator[V]:
        """Yield the values."""
        return (self._decoded(value) for _, value in self.map.items())

    def items(self) -> Iterator[tuple[K, V]]:
        """Yield keys with their values; see :meth:`bpfgen.live.Map.items`."""
        return ((self._key.decode(key), self._decoded(value)) for key, value in self.map.items())

    def update_many(self, items: Iterable[tuple[K, V]]) -> None:
        """Put each value under its key: many at once where the kernel knows how."""
        self.map.update_many((self._key.encode(k), self._encoded(v)) for k, v in items)

    def delete_many(self, keys: Iterable[K]) -> int:
        """Remove what is under each of *keys*; return how many of them were there."""
        return self.map.delete_many(self._key.encode(key) for key in keys)

    def _decoded(self, data: bytes) -> V:
        value: V = self._value.decode(data)
        return value

    def _encoded(self, value: V) -> bytes:
        return self._value.encode(value)


class PerCpuMap(TypedMap[K, list[V]], Generic[K, V]):
    """A map with a value for each CPU under each key: a list, in the order of :attr:`cpus`."""

    @property
    def cpus(self) -> tuple[int, ...]:
        """The numbers of the CPUs, those that are offline too."""
        return self.map.cpus

    def _decoded(self, data: bytes) -> list[V]:
        return [self._value.decode(part) for part in self.map.parts(data)]

    def _encoded(self, value: list[V]) -> bytes:
        parts = items_of(value, f"a list of {len(self.cpus)} values, one for each CPU,")
        return self.map.joined(map(self._value.encode, parts))


class MapOfMaps(TypedMap[K, int], Generic[K]):
    """A map that holds maps: an id is read, and a descriptor is written.

    A map that has `fileno` may be assigned as it is. A write takes some ten milliseconds.
    """

    def __setitem__(self, key: K, value: int | Map | OwnMap) -> None:
        self.update(key, value if isinstance(value, int) else value.fileno())

    def inner(self, key: K, *, access: Access = "rw") -> Map:
        """Return the map under *key*, opened: to be closed, or given to the class of its kind.

        Raises:
            KeyError: There is none.
            OSError: One may not open it: it takes CAP_SYS_ADMIN.
        """
        try:
            return open_map(self[key], access=access)
        except FileNotFoundError as error:  # it went between the two steps
            raise KeyError(key) from error


class Queue(OwnMap, Generic[V]):
    """A `queue` or a `stack`: values without keys."""

    def push(self, value: V, flags: int = ANY) -> None:
        """Add *value*; with the flag EXIST, the oldest one goes where there is no room.

        Raises:
            OSError: E2BIG where it is full.
        """
        self.map.update(b"", self._value.encode(value), flags)

    def pop(self) -> V | None:
        """Remove the next value and return it; None if there is none."""
        return self._decoded(self.map.take())

    def peek(self) -> V | None:
        """Return the next value, which stays; None if there is none."""
        return self._decoded(self.map.lookup())

    def drain(self) -> Iterator[V]:
        """Yield and remove values until there are none."""
        while (data := self.map.take()) is not None:
            yield self._value.decode(data)

    def _decoded(self, data: bytes | None) -> V | None:
        return None if data is None else self._value.decode(data)


class BloomFilter(OwnMap, Generic[V]):
    """A `bloom_filter`: says of a value that it may have been added, or certainly was not."""

    def add(self, value: V) -> None:
        """Add *value*; it can't be removed."""
        self.map.update(b"", self._value.encode(value))

    def __contains__(self, value: V) -> bool:
        return self.map.may_contain(self._value.encode(value))
