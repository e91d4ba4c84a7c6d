"""The numbers in a type of a random source, each by its name, as a program in C reaches them.

A type is taken apart as it is written; where something stands, only a compiler says.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, NamedTuple

from tests.changes.program import Composite, Constant, Enum, Map, Typedef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.changes.program import Member, Program


INTEGER, CHAR, BOOL, FLOATING, ENUM, POINTER, KERNEL = (
    *("integer", "char", "bool", "floating", "enum", "pointer", "kernel"),
)
"""What a number may be; `kernel` is a field that the kernel looks after."""

BITS = {
    **{f"__{sign}{bits}": bits for sign in ("u", "s", "be", "le") for bits in (8, 16, 32, 64)},
    "char": 8,
    "signed char": 8,
    "unsigned char": 8,
    "bool": 8,
    "short": 16,
    "unsigned short": 16,
    "int": 32,
    "unsigned int": 32,
    "float": 32,
    "long": 64,
    "unsigned long": 64,
    "long long": 64,
    "unsigned long long": 64,
    "double": 64,
    "__int128": 128,
    "unsigned __int128": 128,
}
FLEXIBLE = 2
"""Elements of a flexible array that are tried."""

_UNSIGNED = re.compile(r"__u\d|__[bl]e\d|unsigned |bool$")
_RESERVED = re.compile(r"_*(reserved|pad)")


class Leaf(NamedTuple):
    """One number.

    Attributes:
        path: From the type: `.key.words[1]`; empty for the type itself.
        kind: One of the above.
        bits: As many as it has.
        is_signed: Of an integer or an enum.
        order: `be`, `le` or empty.
        field: Of one of the kernel's: its type and what it points to.
        values: Of an enum: what its enumerators are.
        is_reserved: It, or what it is in, is called so.
        is_promised: Of one that is reserved: its bytes are for later members.
        is_bitfield: C can't take its address.
        name: *path* without the indices of arrays that have one element.
        alternatives: Of each union that it is in, which one and which of its members, by name.
    """

    path: str
    kind: str
    bits: int
    is_signed: bool = False
    order: str = ""
    field: str = ""
    values: tuple[tuple[str, int], ...] = ()
    is_reserved: bool = False
    is_promised: bool = False
    is_bitfield: bool = False
    name: str = ""
    alternatives: tuple[tuple[str, str], ...] = ()

    @property
    def form(self) -> tuple[object, ...]:
        """What a number that only has another name has as well; its enumerators are compared."""
        indices = tuple(one for one in re.findall(r"\[\d+\]", self.name) if one != "[0]")
        is_signed = self.is_signed and self.kind != ENUM
        return self.kind, self.bits, is_signed, self.order, self.field, indices


class Types:
    """The declarations of a source, by name."""

    def __init__(self, program: Program, *, is_complete: bool = False) -> None:
        """Prepare; of long arrays some numbers are left out unless *is_complete*."""
        self._sampled = range if is_complete else _sampled
        self._known: dict[str, Composite | Enum | Typedef] = {}
        self._constants: dict[str, int] = {}
        for one in program.declarations:
            match one:
                case Composite():
                    self._known[f"{one.kind} {one.tag}"] = one
                case Enum():
                    self._known[f"enum {one.tag}"] = one
                case Typedef():
                    self._known[one.name] = one
                case Constant():
                    self._constants[one.name] = one.value
                case Map():
                    pass

    def leaves(self, text: str) -> list[Leaf]:
        """Return the numbers in the type that *text* names, an argument of a map."""
        name, *lengths = re.split(r"[\[\]]+", text.rstrip("]"))
        return list(self._of(name.strip(), tuple(map(int, lengths)), Leaf("", INTEGER, 0)))

    def count(self, text: str) -> int:
        """Return how many numbers are in the type that *text* names, none left out."""
        name, *lengths = re.split(r"[\[\]]+", text.rstrip("]"))
        return self._count(name.strip(), tuple(map(int, lengths)))

    def _count(self, type: str | Composite, lengths: tuple[int | str, ...]) -> int:
        count = math.prod(map(self._number, lengths))
        found = self._known.get(type) if isinstance(type, str) else type
        if isinstance(found, Typedef):
            return count * self._count(found.type, found.lengths)
        if isinstance(found, Composite):
            return count * sum(self._count(member.type, member.lengths) for member in found.members)
        return count

    def _of(
        self,
        type: str | Composite,
        lengths: tuple[int | str, ...],
        around: Leaf,
        width: int | None = None,
    ) -> Iterator[Leaf]:
        """Yield the numbers in *type*; *around* says where it is, and in what."""
        while isinstance(type, str) and isinstance(self._known.get(type), Typedef):
            typedef = self._known[type]
            assert isinstance(typedef, Typedef)
            type, lengths = typedef.type, (*lengths, *typedef.lengths)
        numbers = [self._number(length) for length in lengths]
        ranges = map(range if around.is_reserved else self._sampled, numbers)
        for indices in itertools.product(*ranges):
            parts = [f"[{index}]" for index in indices]
            named = [part for part, number in zip(parts, numbers, strict=True) if number > 1]
            at = around._replace(
                path=around.path + "".join(parts), name=around.name + "".join(named)
            )
            found = self._known.get(type) if isinstance(type, str) else type
            if isinstance(found, Composite):
                yield from self._members(found, at)
            else:
                assert isinstance(type, str)
                leaf = self._number_of(type, found if isinstance(found, Enum) else None)
                yield leaf._replace(
                    path=at.path,
                    name=at.name,
                    alternatives=at.alternatives,
                    is_reserved=at.is_reserved,
                    is_promised=at.is_promised,
                    bits=leaf.bits if width is None else width,
                    is_bitfield=width is not None,
                )

    def _members(self, body: Composite, at: Leaf) -> Iterator[Leaf]:
        for index, member in enumerate(body.members):
            if not member.name and isinstance(member.type, str):
                continue  # bits without a name
            below = f".{member.name}" if member.name else ""
            kept = None if at.is_reserved else _RESERVED.match(member.name)
            inside = at._replace(
                path=at.path + below,
                name=at.name + below,
                is_reserved=at.is_reserved or kept is not None,
                is_promised=at.is_promised if kept is None else kept[1] == "reserved",
            )
            if body.kind == "union":
                union = f"{at.path} {len(at.alternatives)}"
                called = member.name or _first_name(member) or str(index)
                inside = inside._replace(alternatives=(*at.alternatives, (union, called)))
            yield from self._of(member.type, member.lengths, inside, member.width)

    def _number(self, length: int | str) -> int:
        """Return the elements that *length* stands for; of a flexible array the first ones."""
        number = self._constants.get(length) or int(length) if isinstance(length, str) else length
        return FLEXIBLE if number == -1 else number

    @staticmethod
    def _number_of(type: str, enum: Enum | None) -> Leaf:
        if enum is not None:
            is_signed = enum.base.startswith("__s") or min(v for _, v in enum.values) < 0
            return Leaf("", ENUM, enum_bits(enum), is_signed, values=enum.values)
        if type.startswith("struct bpf_"):
            return Leaf("", KERNEL, 0, field=type)
        if "*" in type:
            is_kernels = "__kptr" in type
            return Leaf("", KERNEL if is_kernels else POINTER, 64, field=type if is_kernels else "")
        if type in {"float", "double"}:
            return Leaf("", FLOATING, BITS[type])
        kind = {"char": CHAR, "bool": BOOL}.get(type, INTEGER)
        order = type[2:4] if type.startswith(("__be", "__le")) else ""
        return Leaf("", kind, BITS[type], not _UNSIGNED.match(type), order)


def _first_name(member: Member) -> str:
    """Return the name of the first member in an anonymous one that has a name, or nothing."""
    if isinstance(member.type, Composite):
        for inner in member.type.members:
            if name := inner.name or _first_name(inner):
                return name
    return ""


def enum_bits(enum: Enum) -> int:
    """Return how many bits an enum has for clang."""
    if enum.base:
        return BITS[enum.base]
    values = [value for _, value in enum.values]
    small = max(values) < 2**31 if min(values) < 0 else max(values) < 2**32
    return 32 if small and min(values) >= -(2**31) else 64


def _sampled(length: int) -> tuple[int, ...]:
    """Return the indices of an array that are tried: all of a short one, else first and last."""
    return tuple(range(length)) if length <= 3 else (0, 1, length - 1)
