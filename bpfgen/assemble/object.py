"""A model -> the bytes of its object: the one that clang makes of the generated C, without clang.

    variables    model -> variables and functions, in order; their definitions as types
    btf.encode   types, variables and sections -> records -> the section .BTF
    elf.write    sections, symbols and relocations -> the file

The offsets of variables stand in BTF outright, where clang leaves them to whoever loads the object.
What is written is read back by :mod:`bpfgen.building`, with readers that share nothing with this.
"""

from __future__ import annotations

from bpfgen.assemble.variables import MAPS, Program, Variable, items_of
from bpfgen.btf.encode import BtfEncoder
from bpfgen.btf.encode_variables import (
    add_definition,
    add_function,
    add_section,
    add_typedef_tags,
    add_variable,
)
from bpfgen.btf.kinds import BTF_FUNC_EXTERN, BTF_VAR_STATIC
from bpfgen.btf.write import btf_bytes
from bpfgen.ctype.types import POINTER_SIZE, Composite, Pointer
from bpfgen.elf.constants import (
    R_BPF_64_ABS64,
    SHF_ALLOC,
    SHF_WRITE,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_NOTYPE,
    STT_OBJECT,
)
from bpfgen.elf.write import NewRelocation, NewSection, NewSymbol, elf_bytes
from bpfgen.model.anchors import SECTION
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.assemble.variables import Item
    from bpfgen.ctype.types import Order
    from bpfgen.model.model import Model

_BTF_ALIGN = 4


def assemble(model: Model, byteorder: Order) -> bytes:
    """Return the object of *model*, which has no errors and nothing that is left to clang.

    What that is, :func:`bpfgen.assemble.refusals.refusals` says.
    """
    items = items_of(model)
    laid = [_Laid(name, items) for name in (MAPS, SECTION)]
    places = {item.name: place for place, item in enumerate(items)}
    sections = [_section(one, places) for one in laid if one.offsets]
    if items:
        types = btf_bytes(*_types(model, items, laid), byteorder)
        sections.append(NewSection(".BTF", types, align=_BTF_ALIGN))
    offsets = {name: offset for one in laid for name, offset in one.offsets.items()}
    return elf_bytes(sections, [_symbol(item, offsets) for item in items], byteorder)


class _Laid:
    """A section, laid out.

    Attributes:
        name: Its name.
        variables: Those that it has in BTF, the ones that other objects define among them.
        offsets: Where those are that it has indeed, by name, in bytes.
        size: In bytes.
    """

    __slots__ = ("name", "offsets", "size", "variables")

    def __init__(self, name: str, items: list[Item]) -> None:
        self.name = name
        self.variables = [i for i in items if isinstance(i, Variable) and i.section == name]
        self.offsets: dict[str, int] = {}
        self.size = 0
        for variable in self.variables:
            if not variable.is_extern:
                self.offsets[variable.name] = self.size
                self.size += variable.size  # which keeps the next one aligned


def _section(laid: _Laid, places: dict[str, int]) -> NewSection:
    """Return a section of zeros: what its pointers point to is said by relocations."""
    relocations = [
        NewRelocation(laid.offsets[variable.name] + place, R_BPF_64_ABS64, places[target])
        for variable in laid.variables
        for place, target in variable.pointers
    ]
    flags = SHF_WRITE | SHF_ALLOC
    return NewSection(laid.name, bytes(laid.size), flags, POINTER_SIZE, relocations)


def _symbol(item: Item, offsets: dict[str, int]) -> NewSymbol:
    bind = STB_GLOBAL
    if isinstance(item, Variable) and item.is_weak:
        bind = STB_WEAK
    offset = offsets.get(item.name)
    if offset is None or not isinstance(item, Variable):
        return NewSymbol(item.name, bind=bind, type=STT_NOTYPE)
    if item.linkage == BTF_VAR_STATIC:
        bind = STB_LOCAL
    return NewSymbol(item.name, item.section, offset, item.size, bind, STT_OBJECT)


def _types(
    model: Model, items: list[Item], sections: list[_Laid]
) -> tuple[list[list[int]], bytearray]:
    """Return the records of BTF and their strings."""
    encoder = BtfEncoder(model.named_types, deduplicated=True)
    ids: dict[str, int] = {}
    # What maps hold comes before the anchors that keep what else there is of it.
    for item in sorted(items, key=lambda item: isinstance(item.type, Pointer)):
        if isinstance(item, Program):
            add_function(encoder, item.name, item.type, BTF_FUNC_EXTERN)
        else:
            if isinstance(item.type, Composite):
                type_id = add_definition(encoder, item.type)
            else:
                type_id = encoder.add_type(item.type)
            ids[item.name] = add_variable(encoder, item.name, type_id, item.linkage, item.decl_tags)
    for section in sections:
        if section.variables:
            entries = [
                (ids[variable.name], section.offsets.get(variable.name, 0), variable.size)
                for variable in section.variables
            ]
            add_section(encoder, section.name, entries, section.size)
    for one in model.with_imports():
        for declaration in one.declarations:
            if isinstance(declaration, TypeDeclaration) and declaration.decl_tags:
                for typedef, tags in zip(declaration.typedefs, declaration.decl_tags, strict=True):
                    add_typedef_tags(encoder, typedef.name, tags)
    encoder.finish()
    return encoder.records, encoder.strings
