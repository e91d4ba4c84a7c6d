"""Key and value types as C, each member with its offset, each hole with its size.

Structs and unions with names come first that are held by others, so that the text reads in the
order in which C would want it. What is only pointed to isn't laid out.
"""

from __future__ import annotations

from itertools import islice

from bpfgen.ctype.children import held
from bpfgen.ctype.describe import counted
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Array, Composite, Enum, Typedef, unqualified
from bpfgen.emit.c.declarators import REST, Speller
from bpfgen.emit.c.type_bodies import rows
from bpfgen.inspection.declaration import INDENT, LISTING, LONGEST
from bpfgen.record import TYPE_CHECKING, MutableRecord
from bpfgen.text.render import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Member, Type
    from bpfgen.emit.c.declarators import Body
    from bpfgen.object.records import Definition, ObjectFile

MOST_LINES = 20_000
"""Lines for one object, after which the rest is `/* ... */`."""


MOST_USES = 6
"""Keys and values that are named above the type that they are of."""

COMMENT_COLUMN = 80
"""The last column where comments begin, longer lines excepted."""


def object_types(object: ObjectFile) -> str:
    """Return the definitions of the types that keys, values and records of *object* are made of.

    Empty where none of them has members: a plain integer is in the table already.
    """
    layout = Layout()
    for map in object.maps:
        layout.add_definition(map.name, map.definition)
        if map.record is not None:
            layout.add(map.record, f"records of {map.name}")
    for running in object.running[len(object.maps) :]:
        # What libbpf makes of variables has no definition.
        from bpfgen.inspection.running import value_of

        value = value_of(running)
        if value is not None:
            layout.add(value, f"value of {running.name or running.id}")
    return layout.text()


class Layout:
    """The text of one object's types; a type that several maps use is laid out once.

    Types go by identity: the converter makes one value of each type in BTF, and comparing is slow.
    """

    def __init__(self) -> None:
        self._uses: dict[int, list[str]] = {}
        self._types: dict[int, Type] = {}
        self._lines = 0
        self._speller = Speller(LISTING)

    def add_definition(self, name: str, definition: Definition) -> None:
        """Add the types of *definition*, that of the map *name*."""
        for role, type in (("key", definition.key), ("value", definition.value)):
            if type is not None:
                self.add(type, f"{role} of {name}")
        if definition.inner is not None:
            self.add_definition(f"{name}.inner", definition.inner)

    def add(self, type: Type, use: str) -> None:
        """Add *type* and what it holds by value, what is held first."""
        defined = _defined_by(type)
        if defined is None:
            return
        self._uses.setdefault(id(defined), []).append(use)
        # Own stack: (type, whether what it holds has been added).
        stack: list[tuple[Type, bool]] = [(defined, False)]
        while stack and self._lines <= MOST_LINES:
            current, ready = stack.pop()
            if id(current) in self._types:
                continue
            if not ready:
                stack.append((current, True))
                inside = [_defined_by(type) for type in held(current)]
                stack += [(type, False) for type in reversed(inside) if type is not None]
                continue
            self._types[id(current)] = current
            self._lines += 2
            if isinstance(current, Composite):
                self._lines += len(current.members)

    def text(self) -> str:
        """Return everything, at most so many lines."""
        lines: list[str] = []
        for type in self._types.values():
            uses = self._uses.get(id(type), [])
            if isinstance(type, Typedef):
                text = self._typedef(type)
            elif isinstance(type, (Composite, Enum)) and (type.tag or uses):
                text = definition(self._speller, type)
            else:  # nameless, and laid out where it is held
                continue
            lines += [""] * bool(lines)
            if len(uses) > MOST_USES:
                uses = [*uses[:MOST_USES], f"{len(uses) - MOST_USES} more"]
            if uses:
                lines.append(printable(f"/* {', '.join(uses)} */"))
            lines += text
            if len(lines) > MOST_LINES:
                lines = [*lines[:MOST_LINES], REST]
                break
        return "".join(f"{line}\n" for line in lines)

    def _typedef(self, typedef: Typedef) -> list[str]:
        named = typedef.underlying
        if isinstance(named, (Composite, Enum)) and not named.tag:
            return definition(self._speller, named, "typedef ", f" {typedef.name};")
        self._speller.room = LONGEST
        return [printable(f"typedef {self._speller.declaration(named, typedef.name)};")]


def definition(
    speller: Speller,
    type: Body,
    before: str = "",
    after: str = ";",
    *,
    most: int = MOST_LINES,
    cache_line: int = 0,
) -> list[str]:
    """Return the lines of the definition of *type*, each member with its offset, holes between.

    Args:
        speller: Its dialect has one declaration for each member.
        before: What goes before the keyword.
        after: What follows the attributes.
        most: Lines, after which the rest is left out; it says so.
        cache_line: Bytes of a cache line, whose beginnings are marked; 0 for none.
    """
    lines = list(islice(_places(speller, type, before, after, cache_line), most + 2))
    (first, _), *inside = lines
    last = f"}}{after}"
    if len(lines) <= most + 1:
        last, _ = inside.pop()
    else:
        inside[-1] = f"{INDENT}{REST}", ""
    lengths = (len(text) for text, _ in inside)
    width = max((one for one in lengths if one <= COMMENT_COLUMN), default=0)
    return [
        first,
        *(f"{text:{width}}  /* {note} */" if note else text for text, note in inside),
        f"{last}  /* {counted(type.size, 'byte')} */",
    ]


def _places(
    speller: Speller, type: Body, before: str, after: str, cache_line: int
) -> Iterator[tuple[str, str]]:
    """Yield each line of a definition with what is to be said about it: places, holes."""
    speller.room = LONGEST
    lines = rows(speller, type, _laid_out, before, after, folded=False)
    _, text, _ = next(lines)
    yield printable(text), ""
    bodies = [_Place(type, 0, "")] if isinstance(type, Composite) else []
    line = 0  # the cache line that the last member began in
    for depth, text, member in lines:
        speller.room = LONGEST
        indent = INDENT * depth
        note = ""
        if member is not None:
            outer = bodies[-1]
            if outer.type.kind == "struct" and member.bit_offset > outer.end:
                yield indent, f"hole: {_bits(member.bit_offset - outer.end)}"
            outer.end = max(outer.end, member.bit_offset + _width(member))
            start = outer.start + member.bit_offset
            if cache_line and start // (8 * cache_line) > line:
                line = start // (8 * cache_line)
                yield indent, f"cache line {line}, from {counted(line * cache_line, 'byte')} on"
            where = f"at bit {start}" if _is_bitfield(member) else f"at {start // 8}"
            note = f"{where}: {_bits(_width(member))}"
            inner = _laid_out(member)
            if inner is not None:
                bodies.append(_Place(inner, start, note))
                note = ""
        elif depth < len(bodies):  # it is closed
            closed = bodies.pop()
            if closed.end < closed.type.size * 8:
                padding = closed.type.size * 8 - closed.end
                yield INDENT * (depth + 1), f"padding: {_bits(padding)}"
            note = closed.note
        yield f"{indent}{printable(text)}", note


class _Place(MutableRecord):
    """Where a body lies that is being written, in bits.

    Attributes:
        type: What has the body.
        start: From the start of the outermost one.
        note: What is said where it is closed.
        end: Behind its last member so far, from its own start.
    """

    type: Composite
    start: int
    note: str
    end: int = 0


def _laid_out(member: Member) -> Composite | None:
    """Return the type whose body stands in the declaration of *member*, or None."""
    bottom = _without_arrays(member.type)
    return bottom if isinstance(bottom, Composite) and not bottom.tag else None


def _defined_by(type: Type) -> Typedef | Composite | Enum | None:
    """Return the definition that *type* is made of by value; None for integers and pointers."""
    outermost: Typedef | None = None
    bottom = _without_arrays(type)
    while isinstance(bottom, Typedef):
        outermost = outermost or bottom
        bottom = _without_arrays(bottom.underlying)
    return (outermost or bottom) if isinstance(bottom, (Composite, Enum)) else None


def _without_arrays(type: Type) -> Type:
    """Return *type* without the arrays, qualifiers and tags around it."""
    while isinstance(type := unqualified(type), Array):
        type = type.element
    return type


def _width(member: Member) -> int:
    """Return the bits of *member*; 0 for one without a size, such as a flexible array."""
    if _is_bitfield(member):
        return member.bitfield_size
    return (sizeof(member.type) or 0) * 8


def _is_bitfield(member: Member) -> bool:
    return member.is_bitfield or member.bitfield_size > 0


def _bits(bits: int) -> str:
    """Return a length in bytes where it is whole: `3 bytes`, `13 bits`."""
    return counted(bits // 8, "byte") if bits % 8 == 0 else counted(bits, "bit")
