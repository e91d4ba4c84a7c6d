"""Columns of a batch: the texts of all keys, or of all values, one after the other.

:class:`bpfgen.values.printer.Printer` is a column of values of a type; here are what surrounds it
and what has no type of its own.
"""

from __future__ import annotations

import sys

from bpfgen.record import TYPE_CHECKING
from bpfgen.values.printer import Printer
from bpfgen.values.shapes import Field, Group, Number, Raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class Column(Protocol):
        """What renders keys or values that are *stride* bytes apart in *data*."""

        def jsons(self, data: bytes, count: int, stride: int) -> Iterator[str]:
            """Yield the JSON texts."""

        def texts(self, data: bytes, count: int, stride: int) -> Iterator[str]:
            """Yield the texts for people."""


class Sums:
    """A column of sums over CPUs: the values of one element are *apart* bytes from each other."""

    def __init__(self, printer: Printer, cpus: int, apart: int) -> None:
        self._printer = printer
        self._cpus = cpus
        self._apart = apart

    def jsons(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the JSON texts of the sums."""
        for at in range(0, count * stride, stride):
            yield self._printer.json_sum(data[at : at + stride], self._cpus, self._apart)

    def texts(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the sums for people."""
        for at in range(0, count * stride, stride):
            yield self._printer.text_sum(data[at : at + stride], self._cpus, self._apart)


def number(size: int) -> Printer:
    """Return the column of unsigned integers of *size* bytes."""
    return Printer(Number(size, signed=False), sys.byteorder, size)


def unknown(size: int) -> Printer:
    """Return the column of bytes that nothing is known of."""
    return Printer(Raw(size), sys.byteorder, size)


def structure(*members: tuple[str, int]) -> Printer:
    """Return the column of structs whose members are unsigned integers: a name and a size each."""
    fields, at = [], 0
    for name, size in members:
        at = -(-at // size) * size
        fields.append(Field(name, 8 * at, 0, Number(size, signed=False)))
        at += size
    return Printer(Group(tuple(fields), at), sys.byteorder, at)
