"""Columns of ids: which map is in a map of maps, which program in a `prog_array` or a devmap.

An id is opened to ask what it is, once in a run. What has gone since it was read, and what one may
not open, has no name.
"""

from __future__ import annotations

import struct
from errno import EACCES, EPERM
from json import dumps

from bpfgen.live.map import open_map
from bpfgen.live.programs import program_of
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.live.syscall import Bpf

ID_SIZE = 4


class Named(Record):
    """What an id is of.

    Attributes:
        name: As the kernel has it; None where it isn't known.
        kind: libbpf's name of the kind of map, or the type of program; None likewise.
    """

    name: str | None
    kind: str | None


_GONE = Named(None, None)


class References:
    """What is known of ids of one sort, maps or programs.

    Attributes:
        refused: Why the first one couldn't be opened, after which no other was asked for; None
            where all could.
    """

    def __init__(self, ask: Callable[[int], Named], kind_name: str) -> None:
        self._ask = ask
        self._kind_name = kind_name
        self._known: dict[int, Named] = {}
        self.refused: OSError | None = None

    def __getitem__(self, id: int) -> Named:
        named = self._known.get(id)
        if named is None:
            named = self._known[id] = self._asked(id)
        return named

    def _asked(self, id: int) -> Named:
        if not id or self.refused is not None:
            return _GONE
        try:
            return self._ask(id)
        except FileNotFoundError:
            return _GONE
        except OSError as error:
            if error.errno not in (EPERM, EACCES):
                raise
            self.refused = error
            return _GONE

    def json(self, id: int) -> str:
        """Return the JSON text of what *id* is of."""
        named = self[id]
        return (
            f'{{"id": {id}, "name": {dumps(named.name)}, "{self._kind_name}": {dumps(named.kind)}}}'
        )

    def text(self, id: int) -> str:
        """Return what *id* is of, for people."""
        named = self[id]
        if named.kind is None:
            return f"id {id}" if id else "none"
        return f"id {id} ({named.kind} {named.name})" if named.name else f"id {id} ({named.kind})"


def maps() -> References:
    """Return what is known of maps."""

    def ask(id: int) -> Named:
        with open_map(id, access="r") as map:
            return Named(map.info.name, map.info.kind_name)

    return References(ask, "kind")


def programs(bpf: Bpf) -> References:
    """Return what is known of programs."""

    def ask(id: int) -> Named:
        program = program_of(bpf, id)
        return _GONE if program is None else Named(program.name, program.type)

    return References(ask, "type")


class Ids:
    """A column of ids alone."""

    def __init__(self, references: References) -> None:
        self._references = references

    def jsons(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield what the ids are of, as JSON."""
        return (self._references.json(id) for id in _ids(data[: count * stride], stride))

    def texts(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield what the ids are of, for people."""
        return (self._references.text(id) for id in _ids(data[: count * stride], stride))


def _ids(data: bytes, stride: int) -> Iterator[int]:
    return (id for (id,) in struct.Struct(f"=I{stride - ID_SIZE}x").iter_unpack(data))


class WithProgram:
    """A column of what has a number and, in longer values, the program that runs there.

    Source: include/uapi/linux/bpf.h, struct bpf_devmap_val and struct bpf_cpumap_val.
    """

    def __init__(self, name: str, references: References) -> None:
        self._name = name
        self._references = references

    def jsons(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the values as JSON."""
        for number, id in _numbers_with_programs(data[: count * stride], stride):
            program = self._references.json(id) if id else "null"
            yield f'{{"{self._name}": {number}, "program": {program}}}'

    def texts(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the values for people."""
        for number, id in _numbers_with_programs(data[: count * stride], stride):
            program = f", program {self._references.text(id)}" if id else ""
            yield f"{self._name} {number}{program}"


def _numbers_with_programs(data: bytes, stride: int) -> Iterator[tuple[int, int]]:
    if stride < 2 * ID_SIZE:
        return ((number, 0) for number in _ids(data, stride))
    both = struct.Struct(f"=II{stride - 2 * ID_SIZE}x")
    return ((number, id) for number, id in both.iter_unpack(data))
