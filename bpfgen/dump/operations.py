"""The value of a struct_ops map: a struct of the kernel's, in which functions are programs.

LOOKUP gives a struct of a count, a state and the kernel's own struct, whose function pointers are
the ids of the programs that were put there (or 0, where there are none).

Source: kernel/bpf/bpf_struct_ops.c, bpf_struct_ops_map_sys_lookup_elem.
"""

from __future__ import annotations

import sys

from bpfgen.ctype.types import Composite, FuncProto, Pointer, underlying
from bpfgen.record import TYPE_CHECKING
from bpfgen.values.printer import Printer
from bpfgen.values.shapes import Group, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.dump.references import References
    from bpfgen.values.shapes import Field

_DATA = "data"
"""The member that is the kernel's own struct (struct bpf_struct_ops_value)."""


class Operations:
    """A column of such values.

    Attributes:
        group: All of a value.
    """

    def __init__(self, group: Group, functions: frozenset[str], programs: References) -> None:
        self.group = group
        self._functions = functions
        self._programs = programs

    def jsons(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the values as JSON."""
        for at in range(0, count * stride, stride):
            yield self._value(data[at : at + stride], is_json=True)

    def texts(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the values for people."""
        for at in range(0, count * stride, stride):
            yield self._value(data[at : at + stride], is_json=False)

    def _value(self, data: bytes, *, is_json: bool) -> str:
        members = []
        for field in self.group.fields:
            if field.name != _DATA or not isinstance(field.shape, Group):
                members.append(_member(field, data, self.group.size, is_json=is_json))
                continue
            inner = self._inner(field.shape, data[field.bit_offset // 8 :], is_json=is_json)
            members.append(_named(field.name, inner, is_json=is_json))
        return _braced(members, is_json=is_json)

    def _inner(self, group: Group, data: bytes, *, is_json: bool) -> str:
        members = []
        for field in group.fields:
            if field.name not in self._functions:
                members.append(_member(field, data, group.size, is_json=is_json))
                continue
            at = field.bit_offset // 8
            # The kernel writes an unsigned long, and an id has 32 bits of it.
            id = int.from_bytes(data[at : at + field.shape.size], sys.byteorder)
            if is_json:
                text = self._programs.json(id) if id else "null"
            else:
                text = f"program {self._programs.text(id)}" if id else "none"
            members.append(_named(field.name, text, is_json=is_json))
        return _braced(members, is_json=is_json)


def _member(field: Field, data: bytes, size: int, *, is_json: bool) -> str:
    """Return one member with its name, as it stands between the braces."""
    printer = Printer(Group((field,), size), sys.byteorder, size)
    return printer.json(data)[1:-1] if is_json else printer.text(data)[2:-2]


def _named(name: str, text: str, *, is_json: bool) -> str:
    return f'"{name}": {text}' if is_json else f".{name} = {text}"


def _braced(members: list[str], *, is_json: bool) -> str:
    inside = ", ".join(members)
    return f"{{{inside}}}" if is_json else f"{{ {inside} }}"


def operations(type: Type | None, size: int, programs: References) -> Operations | None:
    """Return the column for values of *type*, *size* bytes long; None where it isn't known."""
    shape = shape_of(type, size)
    whole = None if type is None else underlying(type)
    if not isinstance(whole, Composite) or not isinstance(shape, Group):
        return None
    own = next((member.type for member in whole.members if member.name == _DATA), None)
    kernels = None if own is None else underlying(own)
    if not isinstance(kernels, Composite):
        return None
    functions = frozenset(
        member.name for member in kernels.members if member.name and _is_function(member.type)
    )
    return Operations(shape, functions, programs)


def _is_function(type: Type) -> bool:
    pointer = underlying(type)
    return isinstance(pointer, Pointer) and isinstance(underlying(pointer.pointee), FuncProto)
