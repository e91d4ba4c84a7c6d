"""Types as a kernel's BTF has them -> types as its vmlinux.h has them, sizes and alignments alike.

BTF of a kernel is made of DWARF: its integers have other names than C's, and it records neither
alignments nor `packed`. A program sees those types in the vmlinux.h that `bpftool btf dump file …
format c` writes, and what holds one of them has the layout that it has there.

Source: btf_dump_emit_struct_def and btf__align_of in libbpf.
"""

from __future__ import annotations

import re

from bpfgen.ctype.c_numbers import c_float, c_integer, enum_base, reread
from bpfgen.ctype.children import children
from bpfgen.ctype.enums import enum_size
from bpfgen.ctype.restore import InexpressibleError, Placed, restored
from bpfgen.ctype.sizes import LayoutError, sizeof
from bpfgen.ctype.types import (
    Array,
    Attributes,
    Composite,
    Const,
    Enum,
    Float,
    FuncProto,
    Int,
    Named,
    Parameter,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Void,
    Volatile,
)
from bpfgen.record import TYPE_CHECKING, assert_never, replace

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from bpfgen.ctype.types import Type

    Body: TypeAlias = Composite | Enum

_MODES = {1: "byte", 2: "HI", 8: "word"}
"""The modes that give an enum so many bytes (btf_dump_emit_enum_def; it has none for two)."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class DumpedTypes:
    """The types of one BTF as vmlinux.h declares them, each worked out once.

    They are told apart by identity, which :class:`bpfgen.btf.convert.BtfTypes` keeps.
    """

    __slots__ = ("_called", "_done", "_failed")

    def __init__(self, called: Callable[[Body | Typedef | Named], str]) -> None:
        """Prepare; *called* says what a type with a name is called."""
        self._called = called
        # What a type came to, and the type, which is kept alive so that no other gets its id.
        self._done: dict[int, tuple[Type, Type]] = {}
        self._failed: dict[int, tuple[Type, str]] = {}

    def type(self, type: Type) -> Type:
        """Return *type*, of BTF, as C has it: the same one, and not only an equal one, each time.

        Raises:
            InexpressibleError: C has no declaration for it.
        """
        done = self._done
        pending = [type]
        while pending:  # on a stack of its own: how deep types are nested is the file's to choose
            current = pending[-1]
            if id(current) in done:
                pending.pop()
                continue
            inside = children(current)
            missing = [child for child in inside if id(child) not in done]
            failed = next((self._failed[id(c)] for c in missing if id(c) in self._failed), None)
            if failed is not None:
                self._failed[id(type)] = (type, failed[1])
                raise InexpressibleError(failed[1])
            if missing:
                pending += missing
                continue
            pending.pop()
            try:
                done[id(current)] = (current, self._built(current))
            except InexpressibleError as error:
                self._failed[id(current)] = (current, str(error))
                raise
        return done[id(type)][1]

    def _of(self, type: Type) -> Type:
        return self._done[id(type)][1]

    def _name(self, type: Body | Typedef | Named) -> str:
        return _checked(self._called(type))

    def _built(self, type: Type) -> Type:
        """Return what *type* comes to; what is inside it has been done."""
        match type:
            case Int():
                integer = c_integer(type)
                if integer is None:
                    raise InexpressibleError(f"C for BPF has no integer `{type.name}`")
                return integer
            case Float():
                number = c_float(type)
                if number is None:
                    raise InexpressibleError(f"C for BPF has no number `{type.name}`")
                return number
            case Pointer():
                return Pointer(self._of(type.pointee))
            case Array():
                return Array(self._of(type.element), type.length)
            case Const() | Volatile() | Restrict():
                inner = self._of(type.underlying)  # DWARF may say it twice, and C can't
                return inner if isinstance(inner, type.__class__) else type.__class__(inner)
            case TypeTag():
                # `bpftool` writes the tags of btf_type_tag alone.
                inner = self._of(type.underlying)
                return inner if type.attribute else TypeTag(inner, type.tag)
            case Typedef():
                return Typedef(self._name(type), self._of(type.underlying))
            case FuncProto():
                parameters = [
                    Parameter(None if one.name is None else _checked(one.name), self._of(one.type))
                    for one in type.parameters
                ]
                return FuncProto(self._of(type.returns), tuple(parameters), type.variadic)
            case Composite():
                return self._composite(type)
            case Enum():
                return self._enum(type)
            case Named():
                return replace(type, name=self._name(type))
            case Void() | Unknown():
                return type
            case _:
                assert_never(type)

    def _enum(self, type: Enum) -> Enum:
        """Return *type* with what gives it its size; a `mode` makes it signed."""
        label = f"`enum {type.tag}`" if type.tag else "an enum without a name"
        tag = None if type.tag is None else self._name(type)
        type = reread(type)
        values = [enumerator.value for enumerator in type.enumerators]
        for enumerator in type.enumerators:
            _checked(enumerator.name)
        try:
            size, signed = enum_size(values)
            if size == type.size:
                return Enum(tag, size, signed, type.enumerators)
            mode = _MODES.get(type.size)
            if mode is not None:
                size, signed = enum_size(values, mode=mode)
                return Enum(tag, size, signed, type.enumerators, None, Attributes(mode=mode))
        except LayoutError:
            pass  # a value that only an unsigned enum of this size has
        base = enum_base(type)
        if not base:
            raise InexpressibleError(f"{label} has no size or no values that C can give it")
        return Enum(tag, type.size, type.signed, type.enumerators, base)

    def _composite(self, type: Composite) -> Composite:
        label = f"`{type.kind} {type.tag}`" if type.tag else f"a {type.kind} without a name"
        placed = []
        for member in type.members:
            held = self._of(member.type)
            name = None if member.name is None else _checked(member.name)
            if not member.bitfield_size and sizeof(held) is None:
                raise InexpressibleError(f"member `{name or ''}` of {label} is of no known size")
            placed.append(Placed(name, held, member.bit_offset, member.bitfield_size, None))
        tag = None if type.tag is None else self._name(type)
        own = restored(type.kind, tag, placed, type.size, None, as_dumped=True)
        if own is None:
            raise InexpressibleError(f"no declaration of C gives {label} the layout that it has")
        return own


def _checked(name: str) -> str:
    """Return *name*, which becomes part of a C text, if C can have it.

    Raises:
        InexpressibleError: It can't, as those of Rust.
    """
    if not _NAME.fullmatch(name):
        raise InexpressibleError(f"`{name}` is no name of C")
    return name
