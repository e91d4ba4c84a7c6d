"""Key and value types as C, each member with its offset, each hole with its size.

Structs and unions with names come first that are held by others, so that the text reads in the
order in which C would want it. What is only pointed to isn't laid out.
"""

from __future__ import annotations

from bpfgen.ctype.describe import counted
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Composite, Enum, FuncProto, Pointer, Typedef
from bpfgen.emit.c.declarators import base_of
from bpfgen.inspection.declaration import REST, Declarations, attributes_of
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.render import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.ctype.types import Member, Type
    from bpfgen.object.records import Definition, ObjectFile

INDENT = "    "

MOST_LINES = 20_000
"""Lines for one object, behind which the rest is `/* ... */`."""


MOST_USES = 6
"""Keys and values that are named above the type that they are of."""

COMMENT_COLUMN = 60
"""The last column where comments begin, longer lines excepted."""


def object_types(object: ObjectFile) -> str:
    """Return the definitions of the types that keys, values and records of *object* are made of.

    Empty where none of them has members: a plain integer is told by the table already.
    """
    layout = _Layout()
    for found in object.maps:
        layout.add_definition(found.name, found.definition)
        if found.record is not None:
            layout.add(found.record, f"records of {found.name}")
    return layout.text()


class _Layout:
    """The text of one object's types; a type that several maps use is laid out once."""

    def __init__(self) -> None:
        self._uses: dict[int, list[str]] = {}
        self._types: dict[int, Type] = {}
        self._lines = 0
        self._declarations = Declarations()

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
                stack += [(held, False) for held in reversed(list(_held(current)))]
                continue
            self._types[id(current)] = current
            self._lines += 2
            if isinstance(current, Composite):
                self._lines += len(current.members)

    def text(self) -> str:
        """Return everything, at most so many lines."""
        lines: list[str] = []
        for each in self._types.values():
            uses = self._uses.get(id(each), [])
            if isinstance(each, Typedef):
                text = self._typedef(each)
            elif isinstance(each, (Composite, Enum)) and (each.tag or uses):
                text = self._defined(each, "", "")
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

    def _typedef(self, typedef: Typedef) -> Iterable[str]:
        base = base_of(typedef.target)
        if base is typedef.target and isinstance(base, (Composite, Enum)) and not base.tag:
            return self._defined(base, "typedef ", f" {typedef.name}")
        return [f"typedef {self._declaration(typedef.target, typedef.name)};"]

    def _declaration(self, type: Type, name: str, specifiers: str = "") -> str:
        self._declarations.begin()
        return printable(self._declarations.declaration(type, name, specifiers))

    def _defined(self, type: Composite | Enum, before: str, behind: str) -> Iterator[str]:
        """Yield the lines of a definition, from its keyword to its semicolon."""
        if isinstance(type, Enum):
            yield f"{before}{_head(type)} {{"
            for enumerator in type.enumerators[:MOST_LINES]:
                yield f"{INDENT}{printable(enumerator.name)} = {enumerator.value},"
            yield f"}}{behind};  /* {counted(type.size, 'byte')} */"
            return
        rows = list(self._body(type, 0, 1))
        width = min(max((len(text) for text, _comment in rows), default=0), COMMENT_COLUMN)
        yield f"{before}{_head(type)} {{"
        for text, comment in rows:
            yield f"{text:{width}}  /* {comment} */" if comment else text
        attributes = printable(attributes_of(type.attributes))
        yield f"}}{behind}{attributes};  /* {counted(type.size, 'byte')} */"

    def _body(self, type: Composite, base: int, depth: int) -> Iterator[tuple[str, str]]:
        """Yield (text, comment) of each line inside *type*, which begins at bit *base*."""
        indent = INDENT * depth
        end = 0
        for count, member in enumerate(type.members):
            if count > MOST_LINES:
                yield f"{indent}{REST}", ""
                return
            if type.kind == "struct" and member.bit_offset > end:
                yield indent, f"hole: {_bits(member.bit_offset - end)}"
            end = max(end, member.bit_offset + _width(member))
            yield from self._member(member, base + member.bit_offset, depth)
        if end < type.size * 8:
            yield indent, f"padding: {_bits(type.size * 8 - end)}"

    def _member(self, member: Member, place: int, depth: int) -> Iterator[tuple[str, str]]:
        indent = INDENT * depth
        body = base_of(member.type)
        where = f"at {place // 8}"
        if member.bitfield_size:
            where = f"at bit {place}"
        comment = f"{where}: {_bits(_width(member))}"
        width = f" : {member.bitfield_size}" if member.bitfield_size else ""
        width += printable(attributes_of(member.attributes))
        if isinstance(body, Composite) and not body.tag and not _behind_pointer(member.type):
            yield f"{indent}{body.kind} {{", ""
            yield from self._body(body, place, depth + 1)
            # `}` and what follows it: the declarator, array bounds and qualifiers included.
            text = self._declaration(member.type, member.name or "", "}")
            yield f"{indent}{text}{width};", comment
            return
        text = self._declaration(member.type, member.name or "")
        yield f"{indent}{text}{width};", comment


def _defined_by(type: Type) -> Typedef | Composite | Enum | None:
    """Return the definition that *type* is made of by value; None for integers and pointers."""
    if _behind_pointer(type):
        return None
    base = base_of(type)
    if isinstance(base, Typedef):
        return None if _defined_by(base.target) is None else base
    return base if isinstance(base, (Composite, Enum)) else None


def _held(type: Type) -> Iterator[Type]:
    """Yield the definitions that *type*, itself a definition, holds by value."""
    held: Iterable[Type] = ()
    if isinstance(type, Composite):
        held = (member.type for member in type.members)
    elif isinstance(type, Typedef):
        held = (type.target,)
    for each in held:
        defined = _defined_by(each)
        if defined is not None:
            yield defined


def _behind_pointer(type: Type) -> bool:
    """Whether a pointer or function stands between *type* and its base."""
    base: Type = type
    while not isinstance(base, (Pointer, FuncProto)):
        deeper = getattr(base, "target", None) if not isinstance(base, Typedef) else None
        deeper = deeper or getattr(base, "element", None)
        if deeper is None:
            return False
        base = deeper
    return True


def _head(type: Composite | Enum) -> str:
    keyword = type.kind if isinstance(type, Composite) else "enum"
    return f"{keyword} {printable(type.tag)}" if type.tag else keyword


def _width(member: Member) -> int:
    """Return the bits of *member*; 0 for one without a size, such as a flexible array."""
    return member.bitfield_size or (sizeof(member.type) or 0) * 8


def _bits(bits: int) -> str:
    """Return a length in bytes where it is whole: `3 bytes`, `13 bits`."""
    return counted(bits // 8, "byte") if bits % 8 == 0 else counted(bits, "bit")
