"""A type that was read, as a C declaration on one line: `struct flow_key`, `__u32[4]`.

What has a name is named; an anonymous struct, union or enum is written out. The length is bounded,
since a small file can describe an endless type: structs in structs in structs, two of each.
"""

from __future__ import annotations

from bpfgen.emit import literals
from bpfgen.emit.declarators import Speller
from bpfgen.model.types import Composite, Enum
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.emit.declarators import Base
    from bpfgen.model.types import Attributes, Type

LONGEST = 1 << 14
"""Characters of a declaration, more or less, behind which the rest is `/* ... */`."""

REST = "/* ... */"

DECLARATOR = 8
"""Characters that a declaration takes from the room beside its name."""


class Declarations(Speller):
    """Spells the types of one object, each once."""

    __slots__ = ("_room", "_spelled")

    def __init__(self) -> None:
        super().__init__()
        self._room = 0
        self._spelled: dict[int, tuple[Type, str]] = {}

    def one_line(self, type: Type) -> str:
        """Return *type* as a C type name, at most some :data:`LONGEST` characters long."""
        known = self._spelled.get(id(type))  # the converter makes one value of each BTF type
        if known is None:
            self.begin()
            known = self._spelled[id(type)] = (type, self.declaration(type, ""))
        return known[1]

    def begin(self) -> None:
        """Make room for another declaration."""
        self._room = LONGEST

    def declaration(self, type: Type, name: str, specifiers: str = "") -> str:
        """Return the declaration of *name* as a *type*; the rest where there is no room left."""
        self._room -= len(name) + DECLARATOR
        if self._room <= 0:
            return REST
        return super().declaration(type, name, specifiers)

    def specifiers(self, base: Base) -> str:
        """Return the name of *base*, or its whole body where it has none."""
        if not isinstance(base, (Composite, Enum)) or base.tag:
            return super().specifiers(base)
        if isinstance(base, Enum):
            return f"enum {{ {self._joined(self._enumerators(base), ', ')} }}"
        attributes = attributes_of(base.attributes)
        if not base.members:
            return f"{base.kind} {{}}{attributes}"
        return f"{base.kind} {{ {self._joined(self._members(base), ' ')} }}{attributes}"

    def _joined(self, pieces: Iterator[tuple[str, int]], between: str) -> str:
        """Return *pieces*, each with what it takes from the room, until there is no room left."""
        texts = []
        for text, length in pieces:
            texts.append(text)
            self._room -= length
            if self._room <= 0:
                texts.append(REST)
                break
        return between.join(texts)

    def _enumerators(self, enum: Enum) -> Iterator[tuple[str, int]]:
        for enumerator in enum.enumerators:
            text = f"{enumerator.name} = {enumerator.value}"
            yield text, len(text)

    def _members(self, composite: Composite) -> Iterator[tuple[str, int]]:
        for member in composite.members:
            before = self._room
            text = self.declaration(member.type, member.name or "")
            if member.bitfield_size:
                text += f" : {member.bitfield_size}"
            text += f"{attributes_of(member.attributes)};"
            # What a body inside has taken already isn't taken twice.
            yield text, max(len(text) - (before - self._room), 1)


def attributes_of(attributes: Attributes | None) -> str:
    """Return the attributes that BTF knows, a space before each; empty if there are none."""
    if attributes is None:
        return ""
    spelled = [f"btf_decl_tag({literals.string(tag)})" for tag in attributes.decl_tags]
    spelled += attributes.others
    return "".join(f" __attribute__(({each}))" for each in spelled)
