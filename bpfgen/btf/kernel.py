"""The file that `--btf` names -> the names of a kernel's types. Loaded where there is one.

It is a raw BTF file, as /sys/kernel/btf/vmlinux, or an ELF file with a section `.BTF`: vmlinux, a
module, a file for CO-RE that `bpftool gen min_core_btf` wrote. What a module has continues what
its kernel has, types and strings alike, so that the two in a row are one.

Source: Documentation/bpf/btf.rst; "Split BTF" in libbpf's btf.c (btf_new_split).
"""

from __future__ import annotations

import os
from mmap import ACCESS_READ, mmap
from struct import pack, unpack_from

from bpfgen.btf.decode import Btf
from bpfgen.btf.kinds import BTF_MAGIC, REFERRING
from bpfgen.btf.names import BtfNames
from bpfgen.files import ELFMAG
from bpfgen.files.reading import read_bytes
from bpfgen.text.diagnostics import FormatError

_SECTION = ".BTF"
_BASE_SECTION = ".BTF.base"
_HEADER = "2xBBI4I"
_HEADER_SIZE = 24
_ENOUGH = 200
"""Types of BTF that show whether it refers to others that it hasn't."""

_COMPRESSED = (b"\x1f\x8b", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"BZh")
"""How files begin that gzip, xz, zstd and bzip2 wrote: modules are often packed so."""


class BtfFileError(Exception):
    """A file that isn't what `--btf` wants: what is wrong, and advice, which may be empty."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class KernelBtf:
    """The BTF of a kernel, read when it is first needed, and again only when a file changes.

    Attributes:
        paths: The file; where it is that of a module, the kernel's before it.
    """

    __slots__ = ("_opened", "_state", "paths")

    def __init__(self, *paths: str) -> None:
        self.paths = paths
        self._opened: BtfNames | BtfFileError | None = None
        self._state: list[tuple[int, ...] | None] = []

    def open(self) -> BtfNames:
        """Return the names in the files.

        Raises:
            BtfFileError: One of them can't be read, or isn't BTF.
        """
        state = [_state_of(path) for path in self.paths]
        if self._opened is None or state != self._state:
            self._state = state
            try:
                self._opened = _opened(self.paths)
            except BtfFileError as error:
                self._opened = error
        if isinstance(self._opened, BtfFileError):
            raise BtfFileError(self._opened.what, self._opened.advice)
        return self._opened


def _state_of(path: str) -> tuple[int, ...] | None:
    """Return what changes when the file *path* does; None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _opened(paths: tuple[str, ...]) -> BtfNames:
    data = b""
    for path in paths:
        piece = _bytes_of(path)
        try:
            data = joined(data, piece) if data else piece
        except FormatError as error:
            raise BtfFileError(f"`{path}` doesn't continue the BTF before it: {error}") from None
    path = paths[-1]
    try:
        btf = Btf(data)
        is_whole = not any(target >= len(btf) for target in _first_targets(btf))
    except FormatError as error:
        if len(paths) == 1 and _is_continued(data):
            raise _module_alone(path) from None
        raise BtfFileError(f"`{path}` is no BTF that can be read: {error}") from None
    if not is_whole:
        raise _module_alone(path)
    if len(btf) == 1:
        raise BtfFileError(f"the BTF of `{path}` has no types")
    return BtfNames(btf)


def _module_alone(path: str) -> BtfFileError:
    """Return the refusal of a module's BTF that stands by itself."""
    return BtfFileError(
        f"the BTF of `{path}` continues that of another file, as a module's does its kernel's",
        f"name the kernel's before it: `--btf /sys/kernel/btf/vmlinux --btf {path}`",
    )


def _first_targets(btf: Btf) -> list[int]:
    """Return the ids that the first types refer to, enough to tell BTF that stands by itself."""
    first = range(1, min(len(btf), _ENOUGH))
    return [btf.target(type_id) for type_id in first if btf.kind(type_id) in REFERRING]


def _bytes_of(path: str) -> bytes:
    """Return the BTF in the file *path*, as it stands there.

    Raises:
        BtfFileError: It can't be read, is no BTF, or has none.
    """
    try:
        if not os.path.isfile(path):
            data = read_bytes(path)  # which stops at a device without end, and says why it can't
        else:
            with open(path, "rb") as stream:
                begins = stream.read(8)
                if begins.startswith(ELFMAG):
                    # A vmlinux may have a gigabyte; its types are some megabytes of it.
                    with mmap(stream.fileno(), 0, access=ACCESS_READ) as whole:
                        return _of_elf(path, whole)
            data = read_bytes(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BtfFileError(f"cannot read `{path}`: {reason[:1].lower()}{reason[1:]}") from None
    if data.startswith(_COMPRESSED):
        raise BtfFileError(f"`{path}` is compressed", "name the file that it unpacks to")
    if data[:2] not in (pack("<H", BTF_MAGIC), pack(">H", BTF_MAGIC)):
        raise BtfFileError(
            f"`{path}` is no BTF",
            f"{_ADVICE}, and an ELF file with a section {_SECTION} is as good",
        )
    return data


_ADVICE = "a kernel's is /sys/kernel/btf/vmlinux while it runs"


def _of_elf(path: str, data: mmap) -> bytes:
    """Return the section .BTF of the ELF file *path*, which *data* is."""
    from bpfgen.elf.read import ElfFile

    try:
        elf = ElfFile(data)
        section = elf.section_named(_SECTION)
        base = elf.section_named(_BASE_SECTION)
        content = None if section is None else bytes(section.data)
    except FormatError as error:
        raise BtfFileError(f"`{path}` can't be read: {error}") from None
    if content is None:
        raise BtfFileError(
            f"`{path}` has no section {_SECTION}",
            f"a kernel has it where CONFIG_DEBUG_INFO_BTF is set; {_ADVICE}",
        )
    if base is not None:
        name = os.path.basename(path).partition(".")[0].replace("-", "_")
        raise BtfFileError(
            f"the BTF of `{path}` continues the section {_BASE_SECTION}, which has its kernel's "
            "types without their members",
            "load the module, and name `--btf /sys/kernel/btf/vmlinux --btf "
            f"/sys/kernel/btf/{name}`",
        )
    return content


def _parts(data: bytes) -> tuple[str, bytes, bytes]:
    """Return the byte order of the BTF *data*, its types and its strings.

    Raises:
        FormatError: They aren't all there.
    """
    if len(data) < _HEADER_SIZE:
        raise FormatError("BTF is too short for its header", len(data))
    order = "<" if data[0] == BTF_MAGIC & 0xFF else ">"
    _version, _flags, size, type_off, type_len, str_off, str_len = unpack_from(
        order + _HEADER, data
    )
    if max(size + type_off + type_len, size + str_off + str_len) > len(data):
        raise FormatError("the BTF types or strings go past the end", 8)
    types, strings = size + type_off, size + str_off
    return order, data[types : types + type_len], data[strings : strings + str_len]


def joined(base: bytes, split: bytes) -> bytes:
    """Return one BTF of *base* and of *split*, which continues its types and its strings.

    Raises:
        FormatError: One of them ends too soon, or they have different byte orders.
    """
    order, types, strings = _parts(base)
    other, more_types, more_strings = _parts(split)
    if order != other:
        raise FormatError("it has another byte order", 0)
    types += more_types
    strings += more_strings
    sizes = (0, len(types), len(types), len(strings))
    header = pack(order + "HBBI4I", BTF_MAGIC, 1, 0, _HEADER_SIZE, *sizes)
    return header + types + strings


def _is_continued(data: bytes) -> bool:
    """Return whether the strings of *data* don't begin with the empty one: they continue others."""
    try:
        strings = _parts(data)[2]
    except FormatError:
        return False
    return bool(strings) and strings[0] != 0
