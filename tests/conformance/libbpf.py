"""libbpf.so.1 through ctypes: what `bpf_object__open` makes of an object.

libbpf is the yardstick of what an object means. Only its public functions are used; every one of
them has been there since libbpf 1.0.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.tools import missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PRINT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)

_MESSAGE_SIZE = 4096
"""Bytes that one message of libbpf may have; longer ones are cut."""


class _OpenOptions(ctypes.Structure):
    """The first members of struct bpf_object_open_opts; `sz` tells libbpf that it's no more."""

    _fields_ = (
        ("sz", ctypes.c_size_t),
        ("object_name", ctypes.c_char_p),
        ("relaxed_maps", ctypes.c_bool),
        ("pin_root_path", ctypes.c_char_p),
    )


class LibbpfMap(NamedTuple):
    """What libbpf's getters say of one map between open and load."""

    name: str
    type: int
    key_size: int
    value_size: int
    max_entries: int
    map_flags: int
    map_extra: int
    numa_node: int
    btf_key_type_id: int
    btf_value_type_id: int
    pin_path: str | None
    inner: LibbpfMap | None


class LibbpfError(Exception):
    """libbpf refused: its error number, and all that it printed."""

    def __init__(self, what: str, number: int, messages: list[str]) -> None:
        self.number = number
        self.messages = messages
        super().__init__(f"{what}: error {number}\n" + "".join(messages))


class Object:
    """An open object. *messages* are libbpf's lines so far, warnings and information alike."""

    def __init__(self, pointer: int, messages: list[str]) -> None:
        self._pointer = pointer
        self.messages = messages

    def maps(self) -> list[LibbpfMap]:
        """Return the maps in libbpf's order, the internal ones of .data and .bss included."""
        return [_describe(pointer) for _name, pointer in self._maps()]

    def programs(self) -> list[str]:
        """Return the names of the programs, in libbpf's order."""
        library = _library()
        names = []
        program = library.bpf_object__next_program(self._pointer, None)
        while program:
            names.append(_text(library.bpf_program__name(program)) or "")
            program = library.bpf_object__next_program(self._pointer, program)
        return names

    def set_max_entries(self, name: str, max_entries: int) -> None:
        """Do what a loader does for a map declared `[runtime]`."""
        self._check(
            "max_entries", _library().bpf_map__set_max_entries(self._map(name), max_entries)
        )

    def set_autocreate(self, name: str, *, autocreate: bool) -> None:
        """Tell libbpf whether the load shall create the map *name*."""
        self._check("autocreate", _library().bpf_map__set_autocreate(self._map(name), autocreate))

    def set_inner_map_fd(self, name: str, fd: int) -> None:
        """Give the map-in-map *name* the map that serves as the description of its inner maps."""
        self._check("inner_map_fd", _library().bpf_map__set_inner_map_fd(self._map(name), fd))

    def forget_pin_path(self, name: str) -> None:
        """Have libbpf create the map *name* without pinning it."""
        self._check("pin_path", _library().bpf_map__set_pin_path(self._map(name), None))

    def load(self) -> dict[str, int]:
        """Load the object into the kernel; return the maps' file descriptors by name.

        Maps that weren't to be created are left out. The descriptors belong to libbpf and are
        closed with the object.
        """
        library = _library()
        self._check("bpf_object__load", library.bpf_object__load(self._pointer))
        descriptors = {n: library.bpf_map__fd(p) for n, p in self._map_pointers().items()}
        return {name: fd for name, fd in descriptors.items() if fd >= 0}

    def _map_pointers(self) -> dict[str, int]:
        return dict(self._maps())

    def _maps(self) -> Iterator[tuple[str, int]]:
        """Yield the names of the maps, which may be equal, and the maps."""
        library = _library()
        pointer = library.bpf_object__next_map(self._pointer, None)
        while pointer:
            yield _text(library.bpf_map__name(pointer)) or "", pointer
            pointer = library.bpf_object__next_map(self._pointer, pointer)

    def _map(self, name: str) -> int:
        return self._map_pointers()[name]

    def _check(self, what: str, result: int) -> None:
        if result < 0:
            raise LibbpfError(what, -result, self.messages)


@contextmanager
def open_object(
    data: bytes, *, name: str = "object", relaxed_maps: bool = False, pin_root_path: str = ""
) -> Iterator[Object]:
    """Open the object *data* as libbpf does, and close it at the end.

    Raises LibbpfError if libbpf refuses it. Objects of the other byte order are refused by libbpf
    itself.
    """
    library = _library()
    messages: list[str] = []
    printer = _PRINT(lambda _level, form, arguments: _collect(messages, form, arguments))
    options = _OpenOptions(ctypes.sizeof(_OpenOptions), name.encode(), relaxed_maps)
    if pin_root_path:
        options.pin_root_path = pin_root_path.encode()
    buffer = ctypes.create_string_buffer(data, len(data))  # libbpf reads from it until the load
    library.libbpf_set_print(printer)
    try:
        ctypes.set_errno(0)
        pointer = library.bpf_object__open_mem(buffer, len(data), ctypes.byref(options))
        if not pointer:
            raise LibbpfError("bpf_object__open_mem", ctypes.get_errno(), messages)
        try:
            yield Object(pointer, messages)
        finally:
            library.bpf_object__close(pointer)
    finally:
        library.libbpf_set_print(_silent)


def linked(output: Path, objects: Iterable[Path]) -> None:
    """Link *objects* to the object *output*, as `bpftool gen object` does.

    Raises LibbpfError if libbpf refuses it.
    """
    library = _library()
    messages: list[str] = []
    printer = _PRINT(lambda _level, form, arguments: _collect(messages, form, arguments))
    library.libbpf_set_print(printer)
    try:
        linker = library.bpf_linker__new(os.fsencode(output), None)
        if not linker:
            raise LibbpfError("bpf_linker__new", ctypes.get_errno(), messages)
        try:
            for object in objects:
                result = library.bpf_linker__add_file(linker, os.fsencode(object), None)
                if result < 0:
                    raise LibbpfError("bpf_linker__add_file", -result, messages)
            result = library.bpf_linker__finalize(linker)
            if result < 0:
                raise LibbpfError("bpf_linker__finalize", -result, messages)
        finally:
            library.bpf_linker__free(linker)
    finally:
        library.libbpf_set_print(_silent)


def version() -> tuple[int, int]:
    """Return libbpf's (major, minor)."""
    library = _library()
    return library.libbpf_major_version(), library.libbpf_minor_version()


def map_type_name(number: int) -> str | None:
    """Return libbpf's name of a map kind, or None if this libbpf is too old to know it."""
    return _text(_library().libbpf_bpf_map_type_str(number))


def _describe(pointer: int) -> LibbpfMap:
    library = _library()
    inner = library.bpf_map__inner_map(pointer)
    return LibbpfMap(
        name=_text(library.bpf_map__name(pointer)) or "",
        type=library.bpf_map__type(pointer),
        key_size=library.bpf_map__key_size(pointer),
        value_size=library.bpf_map__value_size(pointer),
        max_entries=library.bpf_map__max_entries(pointer),
        map_flags=library.bpf_map__map_flags(pointer),
        map_extra=library.bpf_map__map_extra(pointer),
        numa_node=library.bpf_map__numa_node(pointer),
        btf_key_type_id=library.bpf_map__btf_key_type_id(pointer),
        btf_value_type_id=library.bpf_map__btf_value_type_id(pointer),
        pin_path=_text(library.bpf_map__pin_path(pointer)),
        inner=_describe(inner) if inner else None,
    )


def _collect(messages: list[str], form: bytes, arguments: int) -> int:
    buffer = ctypes.create_string_buffer(_MESSAGE_SIZE)
    ctypes.CDLL(None).vsnprintf(buffer, len(buffer), form, ctypes.c_void_p(arguments))
    messages.append(buffer.value.decode(errors="replace"))
    return 0


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="backslashreplace")


_silent = _PRINT(lambda _level, _form, _arguments: 0)
_loaded: ctypes.CDLL | None = None


def _library() -> Any:
    """Return libbpf.so.1 with the prototypes of the functions in use; skip where it is missing."""
    global _loaded  # noqa: PLW0603 -- loading it once is the point
    if _loaded is not None:
        return _loaded
    try:
        library = ctypes.CDLL("libbpf.so.1", use_errno=True)
    except OSError:
        missing("libbpf.so.1")
    pointer, string, u32, integer = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32, ctypes.c_int
    prototypes: dict[str, tuple[Any, ...]] = {
        "libbpf_set_print": (pointer, _PRINT),
        "libbpf_major_version": (u32,),
        "libbpf_minor_version": (u32,),
        "libbpf_bpf_map_type_str": (string, integer),
        "bpf_linker__new": (pointer, string, pointer),
        "bpf_linker__add_file": (integer, pointer, string, pointer),
        "bpf_linker__finalize": (integer, pointer),
        "bpf_linker__free": (None, pointer),
        "bpf_object__open_mem": (pointer, pointer, ctypes.c_size_t, pointer),
        "bpf_object__load": (integer, pointer),
        "bpf_object__close": (None, pointer),
        "bpf_object__next_map": (pointer, pointer, pointer),
        "bpf_object__next_program": (pointer, pointer, pointer),
        "bpf_program__name": (string, pointer),
        "bpf_map__name": (string, pointer),
        "bpf_map__type": (integer, pointer),
        "bpf_map__key_size": (u32, pointer),
        "bpf_map__value_size": (u32, pointer),
        "bpf_map__max_entries": (u32, pointer),
        "bpf_map__map_flags": (u32, pointer),
        "bpf_map__map_extra": (ctypes.c_uint64, pointer),
        "bpf_map__numa_node": (u32, pointer),
        "bpf_map__btf_key_type_id": (u32, pointer),
        "bpf_map__btf_value_type_id": (u32, pointer),
        "bpf_map__pin_path": (string, pointer),
        "bpf_map__inner_map": (pointer, pointer),
        "bpf_map__fd": (integer, pointer),
        "bpf_map__set_max_entries": (integer, pointer, u32),
        "bpf_map__set_autocreate": (integer, pointer, ctypes.c_bool),
        "bpf_map__set_pin_path": (integer, pointer, string),
        "bpf_map__set_inner_map_fd": (integer, pointer, integer),
    }
    for function, (result, *arguments) in prototypes.items():
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    library.libbpf_set_print(_silent)
    _loaded = library
    return library
