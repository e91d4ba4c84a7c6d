"""A type that was read, as a C declaration on one line: `struct flow_key`, `__u32[4]`.

What has a name is named; an anonymous struct, union or enum is written out. The length is bounded,
since a small file can describe an endless type: structs in structs in structs, two of each.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.ctype.types import Composite, Enum
from bpfgen.emit.c import literals
from bpfgen.emit.c.declarators import Speller
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.btf.convert import BtfTypes
    from bpfgen.ctype.types import Attributes, Type
    from bpfgen.emit.c.declarators import Base

LONGEST = 1 << 14
"""Characters of a declaration, more or less, behind which the rest is `/* ... */`."""

REST = "/* ... */"

_KEYWORDS = {
    kinds.BTF_KIND_INT: "",
    kinds.BTF_KIND_FLOAT: "",
    kinds.BTF_KIND_TYPEDEF: "",
    kinds.BTF_KIND_STRUCT: "struct ",
    kinds.BTF_KIND_UNION: "union ",
    kinds.BTF_KIND_ENUM: "enum ",
    kinds.BTF_KIND_ENUM64: "enum ",
    kinds.BTF_KIND_FWD: "struct ",
}
"""What stands before the name of a type of each kind that may have one."""

DECLARATOR = 8
"""Characters that a declaration takes from the room beside its name."""


class Declarations(Speller):
    """Spells the types of one object, each once."""

    __slots__ = ("_room", "_spelled", "_spelled_ids")

    def __init__(self) -> None:
        super().__init__()
        self._room = 0
        self._spelled: dict[int, tuple[Type, str]] = {}
        self._spelled_ids: dict[int, str | None] = {}

    def one_line(self, type: Type) -> str:
        """Return *type* as a C type name, at most some :data:`LONGEST` characters long."""
        known = self._spelled.get(id(type))  # the converter makes one value of each BTF type
        if known is None:
            self.begin()
            known = self._spelled[id(type)] = (type, self.declaration(type, ""))
        return known[1]

    def of_id(self, types: BtfTypes | None, type_id: int) -> str | None:
        """Return BTF type *type_id* as a C type name; None for 0, and for what is no C type.

        What has a name is spelled without a look at what it is made of.
        """
        if types is None or not type_id:
            return None
        if type_id not in self._spelled_ids:
            try:
                text: str | None = self._of_id(types, type_id)
            except FormatError:
                text = None
            self._spelled_ids[type_id] = text
        return self._spelled_ids[type_id]

    def _of_id(self, types: BtfTypes, type_id: int) -> str:
        btf = types.btf
        keyword = _KEYWORDS.get(btf.kind(type_id))
        name = btf.name(type_id)
        if keyword is None or not name:
            return self.one_line(types.type(type_id))
        if btf.kind(type_id) == kinds.BTF_KIND_FWD and btf.kind_flag(type_id):
            keyword = "union "
        return f"{keyword}{name}"

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
