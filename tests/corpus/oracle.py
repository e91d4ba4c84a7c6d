"""What libbpf makes of an object, beyond its getters: slots from its log, types as it prints them.

Third of the corpus. bpf_object__open is the yardstick; tests/conformance/libbpf.py has the rest.
"""

from __future__ import annotations

import ctypes
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.conformance import libbpf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_EMIT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)

_PIECE = 1 << 16
"""Bytes that libbpf prints at once, at most."""

_SLOT = re.compile(
    r"\.maps relo #\d+: map '(?P<map>.*)' slot \[(?P<slot>\d+)\] points to \w+ '(?P<target>.*)'"
)


class _DeclOptions(ctypes.Structure):
    """struct btf_dump_emit_type_decl_opts; `sz` tells libbpf that it's no more."""

    _fields_ = (
        ("sz", ctypes.c_size_t),
        ("field_name", ctypes.c_char_p),
        ("indent_level", ctypes.c_int),
        ("strip_mods", ctypes.c_bool),
    )


class Opened(NamedTuple):
    """An object that libbpf opened.

    Attributes:
        maps: User maps, then those that libbpf made, in its order.
        slots: (index, name of the target) of each map, by its name.
    """

    maps: list[libbpf.LibbpfMap]
    slots: dict[str, list[tuple[int, str]]]
    declaration: Callable[[int], str]


@contextmanager
def opened(data: bytes, *, relaxed_maps: bool = False) -> Iterator[Opened]:
    """Open *data* and close it at the end; LibbpfError where libbpf refuses it."""
    with libbpf.open_object(data, relaxed_maps=relaxed_maps) as object:
        slots: dict[str, list[tuple[int, str]]] = {}
        for message in object.messages:
            found = _SLOT.search(message)
            if found:
                slot = int(found["slot"]), found["target"]
                slots.setdefault(found["map"], []).append(slot)
        with _declarations(object._pointer) as declaration:
            yield Opened(object.maps(), slots, declaration)


@contextmanager
def _declarations(object_pointer: int) -> Iterator[Callable[[int], str]]:
    """Give a function that spells a BTF type of the object as libbpf's btf_dump does."""
    library: Any = libbpf._library()
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    for name, result, arguments in (
        ("bpf_object__btf", pointer, [pointer]),
        ("btf_dump__new", pointer, [pointer, _EMIT, pointer, pointer]),
        ("btf_dump__emit_type_decl", ctypes.c_int, [pointer, ctypes.c_uint32, pointer]),
        ("btf_dump__free", None, [pointer]),
    ):
        getattr(library, name).restype = result
        getattr(library, name).argtypes = arguments
    pieces: list[str] = []
    buffer = ctypes.create_string_buffer(_PIECE)
    vsnprintf = ctypes.CDLL(None).vsnprintf
    vsnprintf.argtypes = [pointer, size, ctypes.c_char_p, pointer]

    def emit(_context: int, form: bytes, arguments: int) -> None:
        vsnprintf(buffer, len(buffer), form, arguments)
        pieces.append(buffer.value.decode())

    callback = _EMIT(emit)
    btf = library.bpf_object__btf(object_pointer)
    dump = library.btf_dump__new(btf, callback, None, None) if btf else None

    def declaration(type_id: int) -> str:
        pieces.clear()
        options = _DeclOptions(ctypes.sizeof(_DeclOptions), b"", 0, False)  # noqa: FBT003 -- in order
        done = library.btf_dump__emit_type_decl(dump, type_id, ctypes.byref(options))
        return "".join(pieces) if done == 0 else f"<error {-done}>"

    try:
        yield declaration
    finally:
        if dump:
            library.btf_dump__free(dump)
