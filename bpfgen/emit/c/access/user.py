"""Typed access for user space, over libbpf: what each kind of map can do, with the map's own types.

A map is a `struct bpf_map` of libbpf, or, in the functions that end in `_fd`, a descriptor. What
they return is what libbpf's functions return: 0 or more, or a negative errno.

Source: libbpf's bpf.h and libbpf.h; :mod:`bpfgen.kernel.map_operations`.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    INT,
    UINT,
    ULLONG,
    VOID,
    Array,
    Composite,
    Const,
    Member,
    Named,
    Pointer,
    Typedef,
    Void,
)
from bpfgen.emit.c.access.functions import (
    Accessor,
    Argument,
    called,
    joined,
    pointer_in,
    pointer_out,
)
from bpfgen.emit.user_space.facts import sizes_of
from bpfgen.kernel.map_operations import COOKIE, MAP_OPERATIONS
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.kernel.map_operations import MapOperations
    from bpfgen.model.maps import Map, TypeArgument

FD = Argument("fd", INT)
FLAGS = Argument("flags", ULLONG)
RING = Argument("ring", Pointer(Named("struct", "user_ring_buffer")))
SIZE = Typedef("size_t", ULLONG)

CPU_VALUE = "cpu_value"
"""What the name of the union ends in that is one CPU's value of a per-CPU map."""


class UserMap(Record):
    """What the accessors of one map are made of.

    Attributes:
        name: The map's.
        operations: What the kernel can do with it.
        key: The parameter that is the key to read; None for a kind without keys.
        key_written: The one through which a key is written.
        given: What LOOKUP writes, as a parameter.
        taken: What UPDATE reads, as a parameter.
        taken_setup: A statement that goes before UPDATE, or empty.
        taken_value: C for the pointer that UPDATE is given.
        record: The type of the records, or void.
        union: The definition of one CPU's value, or empty.
    """

    name: str
    operations: MapOperations
    key: Argument | None
    key_written: Argument
    given: Argument
    taken: Argument
    taken_setup: str
    taken_value: str
    record: Type
    union: Composite | None


def user_map(map: Map, held: Callable[[Type], Type]) -> UserMap:
    """Return what the accessors of *map* need; *held* gives a type the form of user space."""
    shape = map.shape
    operations = MAP_OPERATIONS[shape.kind.name]
    key_size, value_size, stride = sizes_of(shape)

    def typed(argument: TypeArgument | None, role: str) -> Type:
        return called(held(argument.type), f"{map.name}__{role}") if argument is not None else VOID

    key_type = typed(shape.key, "key") if shape.key is not None else _number(key_size)
    value_type = typed(shape.value, "value")
    key: Argument | None = None
    if operations.key_of:
        key = Argument(f"{operations.key_of}_fd", INT)
    elif not shape.kind.keyless:
        key = pointer_in(key_type, "key")
    union = None
    setup, value = "", "value"
    if operations.value_of:
        name = f"{operations.value_of.replace(' ', '_')}_fd"
        taken = Argument(name, INT)
        value = f"&{name}"
        if value_size == ULLONG.size:  # sockets: the kernel reads as many bytes as a value has
            setup, value = f"unsigned long long value = (unsigned int){name};", "&value"
        is_cookie = operations.lookup_gives == COOKIE
        given = pointer_out(ULLONG if is_cookie else UINT, "cookie" if is_cookie else "id")
    elif stride is not None and not isinstance(value_type, Void):
        union = _cpu_value(f"{map.name}__{CPU_VALUE}", value_type, stride)
        taken, given = pointer_in(union, "values"), pointer_out(union, "values")
        value = "values"
    else:
        taken, given = pointer_in(value_type, "value"), pointer_out(value_type, "value")
    record = typed(shape.record, "record")
    return UserMap(
        map.name,
        operations,
        key,
        pointer_out(key_type, "next_key"),
        given,
        taken,
        setup,
        value,
        record,
        union,
    )


def accessors_of(map: UserMap, name_of: Callable[[Type], str]) -> Iterator[Accessor]:
    """Yield the accessors of *map*, each with a macro that takes libbpf's map for the descriptor.

    *name_of* spells a type.
    """
    for accessor in _of_descriptor(map):
        names = [argument.name for argument in accessor.arguments[1:]]
        name = accessor.name.removesuffix("_fd")
        head = f"#define {name}({', '.join(['map', *names])})"
        call = f"{accessor.name}({', '.join(['bpf_map__fd(map)', *names])})"
        yield replace(accessor, also=joined(head, call))
    yield from _of_records(map, name_of)


def _of_descriptor(map: UserMap) -> Iterator[Accessor]:
    operations = map.operations
    key = map.key
    keys = () if key is None else (key,)
    pointer = "NULL" if key is None else f"&{key.name}" if operations.key_of else key.name
    is_keyless = key is None
    if operations.lookup and not (operations.value_of and not operations.lookup_gives):
        yield _function(
            map,
            "peek" if is_keyless else "lookup",
            (*keys, map.given),
            f"return bpf_map_lookup_elem(fd, {pointer}, {map.given.name});",
        )
    if operations.update:
        yield _function(
            map,
            "push" if is_keyless else "update",
            (*keys, map.taken, FLAGS),
            *([map.taken_setup] if map.taken_setup else []),
            f"return bpf_map_update_elem(fd, {pointer}, {map.taken_value}, flags);",
        )
    if operations.delete:
        yield _function(map, "delete", keys, f"return bpf_map_delete_elem(fd, {pointer});")
    if operations.take:
        yield _function(
            map,
            "pop" if is_keyless else "lookup_and_delete",
            (*keys, map.given),
            f"return bpf_map_lookup_and_delete_elem(fd, {pointer}, {map.given.name});",
        )
    if operations.walk and key is not None:
        first = Argument(key.name, key.type, key.checked, may_be_null=True)
        yield _function(
            map,
            "get_next_key",
            (first, map.key_written),
            f"return bpf_map_get_next_key(fd, {pointer}, next_key);",
        )


def _function(map: UserMap, name: str, arguments: tuple[Argument, ...], *body: str) -> Accessor:
    return Accessor(f"{map.name}__{name}_fd", INT, (FD, *arguments), body)


def _of_records(map: UserMap, name_of: Callable[[Type], str]) -> Iterator[Accessor]:
    """Yield what makes a record of bytes, and what begins one for a program."""
    if isinstance(map.record, Void):
        return
    size = f"sizeof({name_of(map.record)})"
    if map.operations.records == "user_ringbuf":
        gives = Pointer(map.record)
        call = f"user_ring_buffer__reserve(ring, {size})"
        body = f"return ({name_of(gives)}){call};"
        yield Accessor(f"{map.name}__reserve", gives, (RING,), (body,))
        yield Accessor(
            f"{map.name}__submit",
            VOID,
            (RING, pointer_out(map.record, "record")),
            ("user_ring_buffer__submit(ring, record);",),
        )
        return
    gives = Pointer(Const(map.record))
    data = (Argument("data", Pointer(Const(VOID))), Argument("size", SIZE))
    body = f"return size < {size} ? NULL : ({name_of(gives)})data;"
    yield Accessor(f"{map.name}__decode", gives, data, (body,))


def _cpu_value(tag: str, value: Type, stride: int) -> Composite:
    """Return the union that is as long as what the kernel writes for one CPU."""
    members = (
        Member("value", value, 0),
        Member("stride", Array(ULLONG, stride // ULLONG.size), 0),
    )
    return Composite("union", tag, members, stride, ULLONG.size)


def _number(size: int | None) -> Type:
    return UINT if size == UINT.size else VOID
