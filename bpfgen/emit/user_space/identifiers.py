"""What a program may name of an output: each identifier with its type, and whose it is.

A backend that has a function `identifiers` writes its output as ever, and what it declares on the
way is kept here. Whoever compares two versions of a source compares these; the text stays unread.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import TypeAlias

    from bpfgen.emit.user_space.types import Declared

    Origin: TypeAlias = tuple[str, ...]
    """What of the source has an identifier: its kind, then names, those of what it is in first."""

CONSTANT, TYPE, MEMBER, ENUMERATOR, MAP, TEMPLATE, PROGRAM, FILE = (
    "constant",
    "type",
    "member",
    "enumerator",
    "map",
    "template",
    "program",
    "file",
)
"""The kinds of origins."""


class Identifier(Record):
    """One name of an output.

    Attributes:
        origin: What of the source has it.
        role: Which of the names that this has: empty for its own name, `SetText` for a method of a
            member, `KeySize` for a fact of a map. One origin has each role once.
        path: How a program gets at it: `FlowKey.Saddr`.
        type: How the language spells its type, as far as programs depend on it; or what it is,
            `struct`.
        stands_for: What it is another name for, so that either may be written; empty for what is a
            type of its own, or none.
    """

    origin: Origin
    role: str
    path: str
    type: str
    stands_for: str = ""


class Surface:
    """All that programs may name of one output.

    Attributes:
        identifiers: In the order of the output.
    """

    __slots__ = ("identifiers",)

    def __init__(self) -> None:
        self.identifiers: list[Identifier] = []

    def add(
        self, origin: Origin, path: str, type: str, role: str = "", *, stands_for: str = ""
    ) -> None:
        """Add an identifier."""
        self.identifiers.append(Identifier(origin, role, path, type, stands_for))

    def add_alias(self, origin: Origin, path: str, type: str, role: str = "") -> None:
        """Add an identifier that is another name for *type*."""
        self.add(origin, path, type, role, stands_for=type)


def type_key(type: Declared) -> str:
    """Return what names *type* in an origin: C's name, or the words that stand for one."""
    return type.c_name or ".".join(type.words)


def origin_of_type(type: Declared) -> Origin:
    """Return the origin of the names of *type*."""
    return (TYPE, type_key(type))
