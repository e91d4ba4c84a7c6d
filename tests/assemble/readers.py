"""The two readers: bytes of an object -> :class:`tests.assemble.view.View`."""

from __future__ import annotations

import ctypes
import functools
import sys
from typing import TYPE_CHECKING, Any

from bpfgen.elf.read import ElfFile
from tests.assemble.view import (
    SHT_REL,
    STT_FILE,
    STT_SECTION,
    VOID,
    Elf,
    Section,
    Symbol,
    View,
    nodes,
    relocated,
)
from tests.tools import is_here, missing

if TYPE_CHECKING:
    from collections.abc import Callable

LIBRARIES = ("libelf.so.1", "libbpf.so.1")
"""What the second reader is."""


def has_witness() -> bool:
    """Whether this machine has the second reader."""
    return all(map(is_here, LIBRARIES))


def readers() -> list[Callable[[bytes], View]]:
    """Return the readers that this machine has: bpfgen's own, and the witness."""
    return [by_bpfgen, by_libbpf] if has_witness() else [by_bpfgen]


def by_bpfgen(data: bytes) -> View:
    """Read *data* with bpfgen's reader of ELF, and the BTF in it with the tests' own."""
    file = ElfFile(data)
    names = {section.index: section.name for section in file.sections}
    symbols = [
        Symbol(one.name, one.bind, one.type, one.visibility, names[one.shndx], one.value, one.size)
        for one in file.symbols()
        if one.type not in (STT_SECTION, STT_FILE) and one.name
    ]
    sections = []
    order = "<" if file.byteorder == "little" else ">"
    for section in file.sections:
        relocations = []
        for relocation in file.relocations(section):
            symbol = file.symbol(relocation.symbol)
            name = symbol.name if symbol.type != STT_SECTION else names[symbol.shndx]
            relocations.append((relocation.offset, relocation.type, name))
        # The reader has no use for the alignment.
        alignment = 0
        head = (section.name, section.type, section.flags, alignment)
        sections.append(Section(*head, bytes(section.data), tuple(relocations)))
    flags = int.from_bytes(data[48:52], file.byteorder)
    header = (file.elf_class, 1 if order == "<" else 2, file.type, file.machine, flags)
    elf = Elf(header, tuple(sections), tuple(symbols))
    raw = _btf(elf)
    return View(elf, nodes(raw, order) if raw else (VOID,))


def by_libbpf(data: bytes) -> View:
    """Read *data* with libelf, and the BTF in it with libbpf."""
    elf = _read_elf(data)
    raw = _btf(elf)
    if not raw:
        return View(elf, (VOID,))
    libbpf = _libbpf()
    btf = libbpf.btf__new(raw, len(raw))
    assert btf, f"libbpf refuses the BTF: errno {ctypes.get_errno()}"
    try:
        return View(elf, nodes(_raw_data(btf), "<" if sys.byteorder == "little" else ">"))
    finally:
        libbpf.btf__free(btf)


def duplicates(view: View) -> int:
    """Return how many types of the BTF libbpf's btf__dedup can do without."""
    raw = _btf(view.elf)
    if not raw:
        return 0
    libbpf = _libbpf()
    btf = libbpf.btf__new(raw, len(raw))
    try:
        before: int = libbpf.btf__type_cnt(btf)
        assert libbpf.btf__dedup(btf, None) == 0, "libbpf can't deduplicate the BTF"
        after: int = libbpf.btf__type_cnt(btf)
        return before - after
    finally:
        libbpf.btf__free(btf)


def _btf(elf: Elf) -> bytes:
    """Return the BTF; clang writes none where nothing has a type."""
    btf = elf.section(".BTF")
    return b"" if btf is None else relocated(btf, elf)


def _raw_data(btf: int) -> bytes:
    """Return the BTF in this machine's byte order, as libbpf has taken it in."""
    libbpf = _libbpf()
    assert libbpf.btf__set_endianness(btf, int(sys.byteorder == "big")) == 0
    size = ctypes.c_uint32()
    pointer = libbpf.btf__raw_data(btf, ctypes.byref(size))
    return ctypes.string_at(pointer, size.value)


class _Header(ctypes.Structure):
    """GElf_Shdr of <gelf.h>."""

    _fields_ = (
        ("name", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("flags", "addr", "offset", "size")),
        ("link", ctypes.c_uint32),
        ("info", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("addralign", "entsize")),
    )


class _Data(ctypes.Structure):
    """Elf_Data of <libelf.h>."""

    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("type", ctypes.c_int),
        ("version", ctypes.c_uint),
        ("size", ctypes.c_size_t),
        ("off", ctypes.c_int64),
        ("align", ctypes.c_size_t),
    )


class _Symbol(ctypes.Structure):
    """GElf_Sym of <gelf.h>."""

    _fields_ = (
        ("name", ctypes.c_uint32),
        ("info", ctypes.c_ubyte),
        ("other", ctypes.c_ubyte),
        ("shndx", ctypes.c_uint16),
        ("value", ctypes.c_uint64),
        ("size", ctypes.c_uint64),
    )


class _Relocation(ctypes.Structure):
    """GElf_Rel of <gelf.h>."""

    _fields_ = (("offset", ctypes.c_uint64), ("info", ctypes.c_uint64))


class _FileHeader(ctypes.Structure):
    """GElf_Ehdr of <gelf.h>."""

    _fields_ = (
        ("ident", ctypes.c_ubyte * 16),
        ("type", ctypes.c_uint16),
        ("machine", ctypes.c_uint16),
        ("version", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("entry", "phoff", "shoff")),
        ("flags", ctypes.c_uint32),
        *((name, ctypes.c_uint16) for name in ("ehsize", "phentsize", "phnum", "shentsize")),
        ("shnum", ctypes.c_uint16),
        ("shstrndx", ctypes.c_uint16),
    )


def _read_elf(data: bytes) -> Elf:
    libelf = _libelf()
    buffer = ctypes.create_string_buffer(data, len(data))
    file = libelf.elf_memory(buffer, len(data))
    assert file, "libelf takes it for no ELF file"
    try:
        return _ElfReader(libelf, file).elf()
    finally:
        libelf.elf_end(file)


class _ElfReader:
    def __init__(self, libelf: Any, file: int) -> None:
        self.libelf = libelf
        self.file = file
        ehdr = _FileHeader()
        assert libelf.gelf_getehdr(file, ctypes.byref(ehdr))
        self.header = (ehdr.ident[4], ehdr.ident[5], ehdr.type, ehdr.machine, ehdr.flags)
        self.headers = [_Header()]
        self.contents: list[_Data | None] = [None]
        scn = libelf.elf_nextscn(file, None)
        while scn:
            header = _Header()
            assert libelf.gelf_getshdr(scn, ctypes.byref(header))
            self.headers.append(header)
            pointer = libelf.elf_getdata(scn, None)
            self.contents.append(_Data.from_address(pointer) if pointer else None)
            scn = libelf.elf_nextscn(file, scn)
        self.names = [""] + [self.text(ehdr.shstrndx, header.name) for header in self.headers[1:]]

    def text(self, table: int, offset: int) -> str:
        found: bytes | None = self.libelf.elf_strptr(self.file, table, offset)
        assert found is not None, f"no string at {offset} of section {table}"
        return found.decode("utf-8", "surrogateescape")

    def elf(self) -> Elf:
        relocations: dict[int, list[tuple[int, int, str]]] = {}
        symbols: list[tuple[str, _Symbol]] = []
        for index, header in enumerate(self.headers):
            if header.type == 2:  # SHT_SYMTAB
                symbols = self.symbols(index, header)
        for index, header in enumerate(self.headers):
            assert header.type != 4, "SHT_RELA"
            if header.type == SHT_REL:
                relocations[header.info] = self.relocations(index, symbols)
        sections = [
            Section(
                *(self.names[index], header.type, header.flags, header.addralign),
                self.bytes(index),
                tuple(relocations.get(index, ())),
            )
            for index, header in enumerate(self.headers)
        ]
        named = [
            Symbol(
                *(name, raw.info >> 4, raw.info & 15, raw.other & 3),
                *(self.names[raw.shndx], raw.value, raw.size),
            )
            for name, raw in symbols
            if raw.info & 15 not in (STT_SECTION, STT_FILE) and name
        ]
        return Elf(self.header, tuple(sections), tuple(named))

    def reference(self, index: int) -> Any:
        content = self.contents[index]
        assert content is not None, "a table without bytes"
        return ctypes.byref(content)

    def bytes(self, index: int) -> bytes:
        content = self.contents[index]
        return ctypes.string_at(content.buf, content.size) if content and content.buf else b""

    def symbols(self, index: int, header: _Header) -> list[tuple[str, _Symbol]]:
        found = []
        locals_end = header.info
        content = self.reference(index)
        for number in range(header.size // header.entsize):
            raw = _Symbol()
            assert self.libelf.gelf_getsym(content, number, ctypes.byref(raw))
            assert (raw.info >> 4 == 0) == (number < locals_end), (
                "sh_info divides locals from others"
            )
            found.append((self.text(header.link, raw.name), raw))
        return found

    def relocations(
        self, index: int, symbols: list[tuple[str, _Symbol]]
    ) -> list[tuple[int, int, str]]:
        header = self.headers[index]
        found = []
        content = self.reference(index)
        for number in range(header.size // header.entsize):
            raw = _Relocation()
            assert self.libelf.gelf_getrel(content, number, ctypes.byref(raw))
            name, symbol = symbols[raw.info >> 32]
            if symbol.info & 15 == STT_SECTION:
                name = self.names[symbol.shndx]
            found.append((raw.offset, raw.info & 0xFFFFFFFF, name))
        return found


@functools.cache
def _libelf() -> Any:
    library = _library("libelf.so.1")
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    prototypes: dict[str, tuple[Any, ...]] = {
        "elf_version": (ctypes.c_uint, ctypes.c_uint),
        "elf_memory": (pointer, pointer, size),
        "elf_end": (ctypes.c_int, pointer),
        "elf_nextscn": (pointer, pointer, pointer),
        "elf_getdata": (pointer, pointer, pointer),
        "elf_strptr": (ctypes.c_char_p, pointer, size, size),
        "gelf_getehdr": (pointer, pointer, pointer),
        "gelf_getshdr": (pointer, pointer, pointer),
        "gelf_getsym": (pointer, pointer, ctypes.c_int, pointer),
        "gelf_getrel": (pointer, pointer, ctypes.c_int, pointer),
    }
    _declare(library, prototypes)
    assert library.elf_version(1) != 0  # EV_CURRENT
    return library


@functools.cache
def _libbpf() -> Any:
    library = _library("libbpf.so.1")
    pointer, u32, integer = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int
    prototypes: dict[str, tuple[Any, ...]] = {
        "btf__new": (pointer, ctypes.c_char_p, u32),
        "btf__free": (None, pointer),
        "btf__set_endianness": (integer, pointer, integer),
        "btf__raw_data": (pointer, pointer, pointer),
        "btf__type_cnt": (u32, pointer),
        "btf__dedup": (integer, pointer, pointer),
    }
    _declare(library, prototypes)
    return library


def _library(name: str) -> Any:
    try:
        return ctypes.CDLL(name, use_errno=True)
    except OSError:
        missing(name)


def _declare(library: Any, prototypes: dict[str, tuple[Any, ...]]) -> None:
    for function, (result, *arguments) in prototypes.items():
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
