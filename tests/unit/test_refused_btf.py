"""Objects whose types the kernel refuses: inspect, import and verify say so, and which and why.

That the kernel does refuse them, tests/kernel/test_differential_btf.py tries.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from bpfgen.ctype.describe import described
from bpfgen.ctype.types import Composite
from bpfgen.importer import import_object
from bpfgen.object import read_object
from bpfgen.object.refused_btf import refused_btf
from bpfgen.text.diagnostics import WARNING
from tests import compiled
from tests.verify.patch import ARRAY, CONST, FLOAT, INT, PTR, STRUCT, TYPEDEF, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.object.records import ObjectFile

PROGRAM = (
    compiled.MACROS
    + """
typedef long long number;
struct value { number first; const int second[2]; double third; int four : 3; };
struct { __uint(type, 1); __type(key, number); __type(value, struct value);
         __uint(max_entries, 1); } m SEC(".maps");
"""
)


@cache
def _program() -> bytes:
    return compiled.compile_c(PROGRAM)


def _patched(change: Callable[[Patch], None]) -> ObjectFile:
    patch = Patch(_program())
    change(patch)
    return read_object(patch.finish())


def _of_kind(patch: Patch, kind: int) -> list[int]:
    """Return the words of the first type of *kind*."""
    return next(words for words in patch.types[1:] if words[1] >> 24 & 31 == kind)


def _bits_offset(patch: Patch) -> None:
    patch.types[patch.find(INT, "long long")][3] = 1 << 24 | 32 << 16 | 32


def _narrow_element(patch: Patch) -> None:
    patch.types[patch.find(INT, "int")][3] = 1 << 24 | 31


def _index(patch: Patch) -> None:
    _of_kind(patch, ARRAY)[4] = patch.find(STRUCT, "value")


def _named(kind: int) -> Callable[[Patch], None]:
    def change(patch: Patch) -> None:
        _of_kind(patch, kind)[0] = patch.string("name")

    return change


def _flagged(kind: int) -> Callable[[Patch], None]:
    def change(patch: Patch) -> None:
        _of_kind(patch, kind)[1] |= 1 << 31

    return change


def _misaligned(patch: Patch) -> None:
    words, at = patch.element(patch.find(STRUCT, "value"), "third")
    words[at + 2] = 144


REFUSED = {
    "int of another width": (_bits_offset, "is an integer of 32 bits from bit 32 on"),
    "elements of int:31": (_narrow_element, "has elements of integers of 31 bits"),
    "index": (_index, "has an index of type"),
    "name of PTR": (_named(PTR), "has the name `name`, and such types have none"),
    "name of ARRAY": (_named(ARRAY), "has the name `name`"),
    "name of CONST": (_named(CONST), "has the name `name`"),
    "kind_flag of PTR": (_flagged(PTR), "has kind_flag set, which means nothing there"),
    "kind_flag of ARRAY": (_flagged(ARRAY), "has kind_flag set"),
    "kind_flag of CONST": (_flagged(CONST), "has kind_flag set"),
    "kind_flag of TYPEDEF": (_flagged(TYPEDEF), "has kind_flag set"),
    "kind_flag of FLOAT": (_flagged(FLOAT), "has kind_flag set"),
    "float": (_misaligned, "`third` is a floating number at byte 18, and must be aligned to 8"),
}


def test_what_compilers_write_is_not_refused() -> None:
    """The program as it is has nothing wrong."""
    assert refused_btf(read_object(_program())) == []


def test_what_libbpf_puts_in_place_is_not_refused() -> None:
    """Externs of the kernel and of its configuration: the kernel never sees them as they are."""
    text = (
        PROGRAM
        + """
extern const void bpf_prog_active __attribute__((section(".ksyms")));
extern void lock_it(void *) __attribute__((section(".ksyms"))) __attribute__((weak));
extern int CONFIG_HZ __attribute__((section(".kconfig")));
SEC("xdp") int reads(void *context)
{
    if (lock_it) lock_it(context);
    return CONFIG_HZ + (int)(long)&bpf_prog_active;
}
"""
    )
    assert refused_btf(read_object(compiled.compile_c(text))) == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_kernel_refuses_is_said(name: str) -> None:
    """Reading and importing warn, with the type, the reason and what becomes of the maps."""
    change, why = REFUSED[name]
    object = _patched(change)
    (first, *_more) = refused_btf(object, "x.o: ")
    assert first.message.startswith("x.o: the kernel refuses the types of the object: BTF type ")
    assert why in first.message
    assert first.severity == WARNING
    assert first.notes[-1] == (
        "libbpf then creates all maps without types, bpftool shows bytes, and a program with a"
        " callback, as for bpf_for_each_map_elem, doesn't load, since its func_info is missing"
    )
    codes = [said.code for said in import_object(object, "x.o").diagnostics]
    assert codes[0] == "btf-refused"


def test_an_integer_that_does_not_fill_its_bytes_is_no_integer_of_c() -> None:
    """Half of a `long long` isn't `long long`, neither as a key nor in a source."""
    object = _patched(_bits_offset)
    definition = object.maps[0].definition
    assert definition.key is not None
    assert described(definition.key) == "number"
    value = definition.value
    assert isinstance(value, Composite)
    imported = import_object(object, "x.o")
    assert "long long:32@32" in " ".join(said.message for said in imported.diagnostics)


def test_maps_that_need_types_are_named() -> None:
    """A local storage can't be created without types."""
    text = PROGRAM.replace("__uint(type, 1);", "__uint(type, 29); __uint(map_flags, 1);")
    text = text.replace("__uint(max_entries, 1);", "").replace("key, number", "key, int")
    patch = Patch(compiled.compile_c(text))
    _misaligned(patch)
    (said,) = refused_btf(read_object(patch.finish()))
    assert "the kernel doesn't create `m`" in said.notes[-1]
