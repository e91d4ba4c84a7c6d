"""Key and value types as C, each member with its offset, each hole with its size.

Structs and unions with names come first that are held by others, so that the text reads in the
order in which C would want it. What is only pointed to isn't laid out.
"""

from __future__ import annotations

from bpfgen.emit.declarators import base_of
from bpfgen.inspect.declaration import REST, Declarations, attributes_of
from bpfgen.inspect.table import printable
from bpfgen.model.describe import counted, described
from bpfgen.model.sizes import sizeof
from bpfgen.model.types import Composite, Enum, FuncProto, Pointer, Typedef
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.model.types import Member, Type
    from bpfgen.object.records import Definition, ObjectFile

INDENT = "    "

MOST_LINES = 20_000
"""Lines for one object, behind which the rest is `/* ... */`."""


def object_types(object: ObjectFile) -> str:
    """Return for each map its key and value, and behind all maps the types that they are made of.

    Empty where no map has a type with members.
    """
    layout = _Layout()
    for found in object.maps:
        layout.role(found.name, found.definition)
        if found.record is not None:
            layout.line(f"{found.name}: records", found.record)
    return layout.text()


class _Layout:
    """The text of one object's types; a type that several maps use is laid out once."""

    def __init__(self) -> None:
        self._uses: list[str] = []
        self._lines: list[str] = []
        self._known: dict[int, Type] = {}
        self._declarations = Declarations()

    def role(self, name: str, definition: Definition) -> None:
        """Add the types of *definition*, that of the map *name*."""
        for role, type in (("key", definition.key), ("value", definition.value)):
            if type is not None:
                self.line(f"{name}: {role}", type)
        if definition.inner is not None:
            self.role(f"{name}.inner", definition.inner)

    def line(self, use: str, type: Type) -> None:
        """Add the line that says which type is used how, and that type."""
        size = sizeof(type)
        measure = "of no size" if size is None else counted(size, "byte")
        self._uses.append(printable(f"/* {use}: {described(type)}, {measure} */"))
        self._add(type)

    def text(self) -> str:
        """Return everything, at most so many lines."""
        lines = self._lines
        if len(lines) > MOST_LINES:
            lines = [*lines[:MOST_LINES], REST]
        return "".join(f"{line}\n" for line in (*self._uses, *lines))

    def _add(self, type: Type) -> None:
        """Lay out *type* and what it holds by value, what is held first."""
        # Own stack: (type, whether what it holds has been added).
        stack: list[tuple[Type, bool]] = [(type, False)]
        while stack and len(self._lines) <= MOST_LINES:
            current, ready = stack.pop()
            if id(current) in self._known:
                continue
            if not ready:
                stack.append((current, True))
                stack += [(held, False) for held in reversed(list(_held(current)))]
                continue
            self._known[id(current)] = current
            if isinstance(current, Typedef):
                self._typedef(current)
            elif isinstance(current, (Composite, Enum)) and current.tag:
                self._lines += ["", *self._defined(current, "", "")]

    def _typedef(self, typedef: Typedef) -> None:
        base = base_of(typedef.target)
        if base is typedef.target and isinstance(base, (Composite, Enum)) and not base.tag:
            self._lines += ["", *self._defined(base, "typedef ", f" {typedef.name}")]
        elif isinstance(base, (Composite, Enum, Typedef)):
            text = self._declaration(typedef.target, typedef.name)
            self._lines += ["", f"typedef {text};"]

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
        width = max((len(text) for text, _comment in rows), default=0)
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


def _held(type: Type) -> Iterable[Type]:
    """Return what *type* holds by value, as far as it has a name of its own."""
    if isinstance(type, Composite):
        return [member.type for member in type.members if not _behind_pointer(member.type)]
    if isinstance(type, Enum):
        return ()
    if isinstance(type, Typedef):
        return (type.target,) if not _behind_pointer(type.target) else ()
    base = base_of(type)
    return () if base is type or _behind_pointer(type) else (base,)


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
