"""A type that was read, as a C declaration on one line: `struct flow_key`, `__u32[4]`.

What has a name is named; an anonymous struct, union or enum is written out. The length is bounded,
since a small file can describe an endless type: structs in structs in structs, two of each.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.emit.c import literals
from bpfgen.emit.c.declarators import Dialect, Speller
from bpfgen.emit.c.type_bodies import rows, type_tag
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.btf.convert import BtfTypes
    from bpfgen.ctype.types import Attributes, Expression, Type
    from bpfgen.emit.c.declarators import Body

INDENT = "    "

LONGEST = 1 << 14
"""Characters of a declaration, more or less, after which the rest is `/* ... */`."""

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


def _attributes(attributes: Attributes, _spell: Callable[[Expression], str]) -> str:
    """Return the attributes that BTF knows, a space before each."""
    words = [f"btf_decl_tag({literals.string(tag)})" for tag in attributes.decl_tags]
    words += attributes.others
    return "".join(f" __attribute__(({word}))" for word in words)


def _on_one_line(speller: Speller, type: Body) -> str:
    """Return the definition of *type* on one line, and take its length from the room."""
    texts: list[str] = []
    room = speller.room
    for _, text, _ in rows(speller, type, after=""):
        # What a declaration in the line has taken isn't taken twice.
        room = min(speller.room - 1, room - len(text))
        speller.room = room
        texts.append(text)
    if len(texts) > 2:
        texts[-2] = texts[-2].removesuffix(",")  # of the last enumerator
    return " ".join(texts)


LISTING = Dialect(INDENT, type_tag, _attributes, _on_one_line, listing=True)
"""C as BTF has it: for a reader, not for a compiler."""


class Declarations:
    """The types of one object, each spelled once."""

    __slots__ = ("_spelled", "_spelled_ids", "_speller")

    def __init__(self) -> None:
        self._speller = Speller(LISTING)
        # By identity: the converter makes one value of each type in BTF, and comparing is slow.
        self._spelled: dict[int, tuple[Type, str]] = {}
        self._spelled_ids: dict[int, str | None] = {}

    def one_line(self, type: Type) -> str:
        """Return *type* as a C type name, at most some :data:`LONGEST` characters long."""
        known = self._spelled.get(id(type))
        if known is None:
            self._speller.room = LONGEST
            known = self._spelled[id(type)] = (type, self._speller.declaration(type, ""))
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
