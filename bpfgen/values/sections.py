"""The type of a map that holds a program's variables: a struct with a member for each.

libbpf makes a map of `.data`, `.bss`, `.rodata` and their like, and its value type is a DATASEC,
which C has no type for.

Source: Documentation/bpf/btf.rst, BTF_KIND_DATASEC and BTF_KIND_VAR.
"""

from __future__ import annotations

from bpfgen.btf.kinds import BTF_KIND_DATASEC
from bpfgen.ctype.types import Composite, Member
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from bpfgen.btf.convert import BtfTypes
    from bpfgen.ctype.types import Type


def type_of(types: BtfTypes, type_id: int, size: int) -> Type | None:
    """Return the type of keys or values that have *size* bytes; None where there is none.

    A section of variables is a struct, in the order of their places; a variable whose type can't be
    told is left out.
    """
    if not type_id:
        return None
    try:
        if types.btf.kind(type_id) != BTF_KIND_DATASEC:
            return types.type(type_id)
        members = []
        for variable, offset, _size in types.btf.variables(type_id):
            try:
                type = types.type(types.btf.target(variable))
            except FormatError:
                continue
            members.append(Member(types.btf.name(variable), type, 8 * offset))
        name = types.btf.name(type_id)
    except FormatError:
        return None
    members.sort(key=lambda member: member.bit_offset)
    return Composite("struct", name, tuple(members), size)
