"""Objects that are made to be slow or large: reading them takes neither time nor memory.

Each is the worst that we could think of for one part of the reader: much of everything, all of it
referring to the same large thing.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from bpfgen.importer.names import member_names
from bpfgen.object import read_object
from bpfgen.text.diagnostics import FormatError
from tests.tools import CHECKOUT
from tests.unit.test_btf_decode import info

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SLOWEST = 2.0
MANY = 20_000


class Strings:
    """A string table in the making."""

    def __init__(self) -> None:
        self.data = b"\0"

    def add(self, name: str) -> int:
        """Return the offset of *name*, which is added."""
        at = len(self.data)
        self.data += name.encode() + b"\0"
        return at


def btf_section(words: list[int], strings: bytes) -> bytes:
    """Return little-endian BTF."""
    packed = struct.pack(f"<{len(words)}I", *words)
    sizes = (0, len(packed), len(packed), len(strings))
    return struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, *sizes) + packed + strings


def elf(sections: dict[str, tuple[int, int, int, int, bytes]]) -> bytes:
    """Return an object of *sections*: name -> (type, flags, link, info, bytes), from index 1."""
    names = Strings()
    offsets = {name: names.add(name) for name in (*sections, ".shstrtab")}
    sections |= {".shstrtab": (3, 0, 0, 0, names.data)}
    body = b""
    headers = [bytes(64)]
    for name, (type, flags, link, section_info, data) in sections.items():
        place = (offsets[name], type, flags, 0, 64 + len(body), len(data), link, section_info, 8, 0)
        headers.append(struct.pack("<IIQQQQIIQQ", *place))
        body += data + bytes(-len(data) % 8)
    head = struct.pack(
        "<4sBBB9xHHIQQQIHHHHHH",
        *(b"\x7fELF", 2, 1, 1, 1, 247, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64),
        *(len(headers), len(headers) - 1),
    )
    return head + body + b"".join(headers)


def with_maps(
    words: list[int],
    strings: bytes,
    *,
    size: int,
    symbols: list[tuple[int, int, int]] | None = None,
    relocations: bytes = b"",
    section: str = ".maps",
) -> bytes:
    """Return an object with *size* bytes of maps; *symbols* are (name offset, value, size)."""
    names = Strings()
    name = names.add("m")
    table = bytes(24)
    for offset, value, length in symbols or ():
        table += struct.pack("<IBBHQQ", offset or name, 0x11, 0, 1, value, length)
    return elf(
        {
            section: (1, 3, 0, 0, bytes(size)),
            ".BTF": (1, 0, 0, 0, btf_section(words, strings)),
            ".strtab": (3, 0, 0, 0, names.data),
            ".symtab": (2, 0, 3, 1, table),
            f".rel{section}": (9, 0, 4, 1, relocations),
        }
    )


def many_variables_of_one_struct(last: int = 0) -> bytes:
    """20,000 maps share a definition of 20,000 attributes; *last* is added to the last's name."""
    strings = Strings()
    type_name, maps = strings.add("type"), strings.add(".maps")
    words = [0, info(4, MANY), 8]
    words += [type_name, 0, 0] * MANY
    words[-3] += last
    words += [type_name, info(14), 1, 1] * MANY
    words += [maps, info(15, MANY), MANY * 8]
    words += [word for n in range(MANY) for word in (2 + n, n * 8, 8)]
    return with_maps(words, strings.data, size=MANY * 8)


def many_variables_of_a_broken_struct() -> bytes:
    """The same, and the last attribute has no name that could be read."""
    return many_variables_of_one_struct(1 << 20)


def one_variable_very_often() -> bytes:
    """A DATASEC lists the same variable 60,000 times."""
    strings = Strings()
    name, maps = strings.add("m"), strings.add(".maps")
    words = [0, info(4, 0), 0, name, info(14), 1, 1, maps, info(15, 60_000), 8]
    words += [2, 0, 8] * 60_000
    return with_maps(words, strings.data, size=8)


def a_long_chain_of_typedefs() -> bytes:
    """20,000 variables, each of a typedef on top of one chain of 900."""
    strings = Strings()
    name, maps = strings.add("m"), strings.add(".maps")
    words = [0, info(4, 0), 0]
    words += [word for n in range(900) for word in (name, info(8), n + 1)]
    first = 902
    words += [name, info(8), 901] * MANY
    words += [word for n in range(MANY) for word in (name, info(14), first + n, 1)]
    words += [maps, info(15, MANY), 8]
    words += [word for n in range(MANY) for word in (first + MANY + n, 0, 8)]
    return with_maps(words, strings.data, size=8)


def one_name_at_every_byte() -> bytes:
    """Each of 60,000 variables has a name that begins one byte later and goes on to the end."""
    count = 60_000
    strings = b"\0.maps\0" + b"a" * count + b"\0"
    words = [0, info(4, 0), 0]
    words += [word for n in range(count) for word in (n + 7, info(14), 1, 1)]
    words += [1, info(15, count), 8]
    words += [word for n in range(count) for word in (2 + n, 0, 8)]
    return with_maps(words, strings, size=8)


def relocations_for_everything() -> bytes:
    """100,000 relocations, and 20,000 maps to find them in."""
    strings = Strings()
    name, maps = strings.add("m"), strings.add(".maps")
    words = [0, info(4, 0), 0]
    words += [name, info(14), 1, 1] * MANY
    words += [maps, info(15, MANY), MANY * 8]
    words += [word for n in range(MANY) for word in (2 + n, n * 8, 8)]
    relocations = b"".join(struct.pack("<QQ", n % MANY * 8, 1 << 32 | 2) for n in range(100_000))
    symbols = [(0, 0, 8)]
    return with_maps(words, strings.data, size=MANY * 8, symbols=symbols, relocations=relocations)


def legacy_maps_by_the_thousand() -> bytes:
    """20,000 symbols of section `maps`, all with the same types."""
    strings = Strings()
    name, key, value = strings.add("____btf_map_m"), strings.add("key"), strings.add("value")
    words = [0, info(1), 4, 32]
    words += [name, info(4, 2), 8, key, 1, 0, value, 1, 32] * MANY
    symbols = [(0, n * 20, 20) for n in range(MANY)]
    return with_maps(words, strings.data, size=MANY * 20, symbols=symbols, section="maps")


def sections_of_btf_that_are_not_there() -> bytes:
    """20,000 DATASECs, and none has a section."""
    strings = Strings()
    words = []
    for n in range(MANY):
        words += [strings.add(f"s{n}"), info(15), 0]
    return with_maps(words, strings.data, size=8)


def definitions_in_definitions() -> bytes:
    """A map of maps of maps …, 20,000 levels, and a circle at the end."""
    strings = Strings()
    values, maps, name = strings.add("values"), strings.add(".maps"), strings.add("m")
    words: list[int] = []
    for n in range(MANY):
        struct_id = 1 + n * 3
        following = (struct_id + 3) if n < MANY - 1 else 1
        words += [0, info(4, 1), 8, values, struct_id + 1, 0]
        words += [0, info(3), 0, struct_id + 2, 1, 0]
        words += [0, info(2), following]
    words += [name, info(14), 1, 1]
    words += [maps, info(15, 1), 8, MANY * 3 + 1, 0, 8]
    return with_maps(words, strings.data, size=8)


OBJECTS = (
    many_variables_of_one_struct,
    many_variables_of_a_broken_struct,
    one_variable_very_often,
    a_long_chain_of_typedefs,
    one_name_at_every_byte,
    relocations_for_everything,
    legacy_maps_by_the_thousand,
    sections_of_btf_that_are_not_there,
    definitions_in_definitions,
)


REFUSED = {
    "one_name_at_every_byte": "overlap",
}
"""Those that come to nothing, and why."""


@pytest.mark.parametrize("make", OBJECTS, ids=lambda make: make.__name__)
def test_large_objects_are_read_in_little_time(make: Callable[[], bytes]) -> None:
    """No part of the reader is slower than linear: each object is read within two seconds."""
    data = make()
    start = time.process_time()
    if make.__name__ in REFUSED:
        with pytest.raises(FormatError, match=REFUSED[make.__name__]):
            read_object(data)
    else:
        read_object(data)
    assert time.process_time() - start < SLOWEST


READ = """
import resource, sys
sys.path.insert(0, sys.argv[2])
from bpfgen.text.diagnostics import FormatError
from bpfgen.object import read_object
data = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    found = read_object(data)
except FormatError:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("make", OBJECTS, ids=lambda make: make.__name__)
def test_large_objects_are_read_in_little_memory(make: Callable[[], bytes], tmp_path: Path) -> None:
    """Reading takes at most 10 times the size of the file plus 50 MB."""
    path = tmp_path / "large.o"
    path.write_bytes(make())
    program = [sys.executable, "-c", READ, str(path), str(CHECKOUT)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    kilobytes = int(done.stdout)
    assert kilobytes <= 10 * path.stat().st_size / 1024 + 50 * 1024


def test_members_of_one_name_are_named_in_little_time() -> None:
    """65,535 members that are all called alike get names of their own: no search begins anew."""
    start = time.process_time()
    names = member_names(["a"] * 0xFFFF)
    assert len(set(names)) == 0xFFFF
    assert time.process_time() - start < SLOWEST
