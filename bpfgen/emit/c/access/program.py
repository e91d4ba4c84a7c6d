"""Typed access for BPF programs: each helper that a kind of map has, with the map's own types.

The functions come to the same instructions as the helpers: they are inline, and call by number.
"""

from __future__ import annotations

from collections import Counter

from bpfgen.ctype.types import (
    LONG,
    UINT,
    ULLONG,
    VOID,
    FuncProto,
    Named,
    Parameter,
    Pointer,
    Void,
)
from bpfgen.emit.c.access.functions import (
    Accessor,
    Argument,
    called,
    pointer_in,
    pointer_out,
)
from bpfgen.kernel.helpers import HELPERS, MAP_HELPERS
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.emit.c.declarators import Speller
    from bpfgen.model.maps import Map, Shape

CONTEXT = Argument("ctx", Pointer(VOID))
FLAGS = Argument("flags", ULLONG)
INDEX = Argument("index", UINT)
CALLBACK_CONTEXT = Argument("callback_ctx", Pointer(VOID))

INNER = "inner"
"""What the accessors of inner maps call the map, and have in their names."""


class _Subject(Record):
    """The map of one accessor.

    Attributes:
        prefix: What the names of its accessors begin with.
        map: C for a pointer to it.
        before: The parameter that is the map itself, for inner maps.
        key: The type of its keys; void where only the size is known.
        value: The type of its values, or of its records; void likewise.
    """

    prefix: str
    map: str
    before: tuple[Argument, ...]
    key: Type
    value: Type

    def accessor(
        self, name: str, returns: Type, arguments: tuple[Argument, ...], *body: str
    ) -> Accessor:
        return Accessor(f"{self.prefix}__{name}", returns, (*self.before, *arguments), body)


class ProgramAccess:
    """The accessors of a header's maps.

    Attributes:
        helpers: The names of the helpers that they call.
        tags: The structs of the kernel that their parameters point to.
    """

    def __init__(self, speller: Speller) -> None:
        self._speller = speller
        self.helpers: dict[str, None] = {}
        self.tags: dict[str, None] = {}

    def of_map(self, map: Map) -> Iterator[Accessor]:
        """Yield the accessors of *map*."""
        shape = map.shape
        yield from self._of_shape(shape, _subject(shape, map.name, f"&{map.name}"))
        if shape.inner is not None:
            inner = Argument(INNER, Pointer(VOID))
            subject = _subject(shape.inner, f"{map.name}__{INNER}", INNER, (inner,))
            yield from self._of_shape(shape.inner, subject)
        if shape.kind.of_programs:
            subject = _subject(shape, map.name, f"&{map.name}")
            times = Counter(slot.name for slot in map.slots)
            for slot in map.slots:
                call = self._call("tail_call", "ctx", subject.map, str(slot.index))
                # Slots change one by one at run time: which of several is meant has to be said.
                which = f"_{slot.index}" if times[slot.name] > 1 else ""
                yield subject.accessor(
                    f"tail_call_{slot.name}{which}", LONG, (CONTEXT,), f"return {call};"
                )

    def _of_shape(self, shape: Shape, subject: _Subject) -> Iterator[Accessor]:
        for helper in MAP_HELPERS[shape.kind.name]:
            yield from self._of_helper(helper, shape, subject)

    def _call(self, helper: str, *arguments: str) -> str:
        self.helpers.setdefault(helper)
        return f"bpfgen_{helper}({', '.join(arguments)})"

    def _pointer_to(self, tag: str) -> Pointer:
        self.tags.setdefault(tag)
        return Pointer(Named("struct", tag))

    def _of_helper(self, helper: str, shape: Shape, subject: _Subject) -> Iterator[Accessor]:
        """Yield the accessors that call *helper*."""
        map = subject.map
        key = pointer_in(subject.key, "key")
        value = subject.value
        read = pointer_in(value)
        written = pointer_out(value)
        gives = Pointer(value)
        match helper:
            case "map_lookup_elem":
                if shape.kind.of_maps:
                    gives = Pointer(VOID)
                elif shape.kind.name in {"sockmap", "sockhash"}:
                    gives = self._pointer_to("bpf_sock")
                elif shape.kind.name == "xskmap":
                    gives = self._pointer_to("bpf_xdp_sock")
                call = self._call(helper, map, "key")
                yield subject.accessor("lookup", gives, (key,), f"return {call};")
            case "map_lookup_percpu_elem":
                cpu = Argument("cpu", UINT)
                call = self._call(helper, map, "key", "cpu")
                yield subject.accessor("lookup_percpu", gives, (key, cpu), f"return {call};")
            case "map_update_elem":
                call = self._call(helper, map, "key", "value", "flags")
                yield subject.accessor("update", LONG, (key, read, FLAGS), f"return {call};")
            case "map_delete_elem":
                yield subject.accessor(
                    "delete", LONG, (key,), f"return {self._call(helper, map, 'key')};"
                )
            case "for_each_map_elem":
                callback = _callback(self._pointer_to("bpf_map"), key, gives)
                call = self._call(helper, map, "(void *)callback", "callback_ctx", "flags")
                arguments = (callback, CALLBACK_CONTEXT, FLAGS)
                yield subject.accessor("for_each", LONG, arguments, f"return {call};")
            case "map_push_elem":
                call = self._call(helper, map, "value", "flags")
                yield subject.accessor("push", LONG, (read, FLAGS), f"return {call};")
            case "map_pop_elem" | "map_peek_elem":
                name = helper.split("_")[1]
                yield subject.accessor(
                    name, LONG, (written,), f"return {self._call(helper, map, 'value')};"
                )
            case "ringbuf_reserve" | "ringbuf_submit" | "ringbuf_discard" | "ringbuf_output":
                yield from self._of_ring(helper, subject)
            case "ringbuf_query":
                call = self._call(helper, map, "flags")
                yield subject.accessor("query", ULLONG, (FLAGS,), f"return {call};")
            case "perf_event_output":
                yield from self._perf_output(subject)
            case "user_ringbuf_drain":
                dynptr = Parameter("dynptr", self._pointer_to("bpf_dynptr"))
                context = Parameter("callback_ctx", Pointer(VOID))
                callback = Argument("callback", Pointer(FuncProto(LONG, (dynptr, context))))
                call = self._call(helper, map, "(void *)callback", "callback_ctx", "flags")
                arguments = (callback, CALLBACK_CONTEXT, FLAGS)
                yield subject.accessor("drain", LONG, arguments, f"return {call};")
            case "tail_call":
                call = self._call(helper, "ctx", map, "index")
                yield subject.accessor("tail_call", LONG, (CONTEXT, INDEX), f"return {call};")
            case "get_stackid":
                call = self._call(helper, "ctx", map, "flags")
                yield subject.accessor("get_stackid", LONG, (CONTEXT, FLAGS), f"return {call};")
            case "get_local_storage":
                call = self._call(helper, map, "flags")
                yield subject.accessor("get", gives, (FLAGS,), f"return {call};")
            case _:
                if "storage" in helper:
                    yield from self._of_storage(helper, subject)
                else:
                    yield self._of_context(helper, subject)

    def _of_ring(self, helper: str, subject: _Subject) -> Iterator[Accessor]:
        """Yield what a ring buffer has, for its record or, where it has none, for any size."""
        name = helper.removeprefix("ringbuf_")
        record = subject.value
        is_typed = not isinstance(record, Void)
        sizes = () if is_typed else (Argument("size", ULLONG),)
        bytes = "sizeof(*record)" if is_typed else "size"
        if name == "reserve":
            size_of_record = f"sizeof({self._speller.type_name(record)})" if is_typed else "size"
            call = self._call(helper, subject.map, size_of_record, "flags")
            yield subject.accessor(name, Pointer(record), (*sizes, FLAGS), f"return {call};")
        elif name == "output":
            argument = pointer_in(record, "record")
            call = self._call(helper, subject.map, "(void *)record", bytes, "flags")
            yield subject.accessor(name, LONG, (argument, *sizes, FLAGS), f"return {call};")
        else:
            argument = pointer_out(record, "record")
            call = self._call(helper, "record", "flags")
            yield subject.accessor(name, VOID, (argument, FLAGS), f"{call};")

    def _perf_output(self, subject: _Subject) -> Iterator[Accessor]:
        is_typed = not isinstance(subject.value, Void)
        record = pointer_in(subject.value, "record")
        sizes = () if is_typed else (Argument("size", ULLONG),)
        call = self._call(
            "perf_event_output",
            "ctx",
            subject.map,
            "flags",
            "(void *)record",
            "sizeof(*record)" if is_typed else "size",
        )
        arguments = (CONTEXT, record, *sizes, FLAGS)
        yield subject.accessor("output", LONG, arguments, f"return {call};")

    def _of_storage(self, helper: str, subject: _Subject) -> Iterator[Accessor]:
        """Yield `get` or `delete` of what is stored with an object of the kernel."""
        owner = helper.split("_", maxsplit=1)[0]
        name, type = {
            "sk": ("sk", Pointer(VOID)),
            "inode": ("inode", Pointer(VOID)),
            "task": ("task", None),
            "cgrp": ("cgroup", None),
        }[owner]
        if type is None:
            type = self._pointer_to("task_struct" if name == "task" else "cgroup")
        argument = Argument(name, type)
        if helper.endswith("_delete"):
            call = self._call(helper, subject.map, name)
            yield subject.accessor("delete", LONG, (argument,), f"return {call};")
            return
        value = pointer_out(subject.value, may_be_null=True)  # NULL for zeros
        call = self._call(helper, subject.map, name, value.name, "flags")
        gives = Pointer(subject.value)
        yield subject.accessor("get", gives, (argument, value, FLAGS), f"return {call};")

    def _of_context(self, helper: str, subject: _Subject) -> Accessor:
        """Return what takes a program's context: redirections, sockets, cgroups."""
        map = subject.map
        key = pointer_out(subject.key, "key")
        index = Argument("key", UINT)
        match helper:
            case "redirect_map":
                call = self._call(helper, map, "key", "flags")
                return subject.accessor("redirect", LONG, (index, FLAGS), f"return {call};")
            case "current_task_under_cgroup":
                call = self._call(helper, map, "index")
                return subject.accessor(helper, LONG, (INDEX,), f"return {call};")
            case "skb_under_cgroup":
                skb = Argument("skb", self._pointer_to("__sk_buff"))
                call = self._call(helper, "skb", map, "index")
                return subject.accessor(helper, LONG, (skb, INDEX), f"return {call};")
        name, context, tag, key_argument = {
            "sk_redirect_map": ("sk_redirect", "skb", "__sk_buff", index),
            "msg_redirect_map": ("msg_redirect", "msg", "sk_msg_md", index),
            "sk_redirect_hash": ("sk_redirect", "skb", "__sk_buff", key),
            "msg_redirect_hash": ("msg_redirect", "msg", "sk_msg_md", key),
            "sock_map_update": ("sock_update", "skops", "bpf_sock_ops", key),
            "sock_hash_update": ("sock_update", "skops", "bpf_sock_ops", key),
            "sk_select_reuseport": ("select_reuseport", "reuse", "sk_reuseport_md", key),
        }[helper]
        first = Argument(context, self._pointer_to(tag))
        call = self._call(helper, context, map, "key", "flags")
        return subject.accessor(name, LONG, (first, key_argument, FLAGS), f"return {call};")


def _subject(shape: Shape, prefix: str, map: str, before: tuple[Argument, ...] = ()) -> _Subject:
    types: list[Type] = []
    for role, argument in (("key", shape.key), ("record", shape.record), ("value", shape.value)):
        types.append(called(argument.type, f"{prefix}__{role}") if argument is not None else VOID)
    key, record, value = types
    return _Subject(prefix, map, before, key, value if isinstance(record, Void) else record)


def _callback(map: Pointer, key: Argument, value: Pointer) -> Argument:
    parameters = (
        Parameter("map", map),
        Parameter("key", key.type),
        Parameter("value", value),
        Parameter("callback_ctx", Pointer(VOID)),
    )
    return Argument("callback", Pointer(FuncProto(LONG, parameters)))


def helper_macro(name: str) -> str:
    """Return the lines that define what the accessors call for the helper *name*."""
    helper = HELPERS[name]
    return f"#define bpfgen_{name} (({helper.type}){helper.number})\n"
