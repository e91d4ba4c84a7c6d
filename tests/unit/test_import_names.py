"""Names, numbers and enums of objects as C has them."""

from __future__ import annotations

import pytest

from bpfgen.ctype.c_numbers import c_float, c_integer, enum_base, reread
from bpfgen.ctype.enums import enum_size
from bpfgen.ctype.types import (
    BOOL,
    CHAR,
    INT,
    SHORT,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    Enum,
    Enumerator,
    Float,
    Int,
)
from bpfgen.importer.names import Names, member_names
from bpfgen.providers.prelude import Prelude
from bpfgen.resolve.possible_names import possible


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        ("flow", "flow"),
        ("int", "int_"),
        ("__kptr", "__kptr_"),
        ("Option<u32>", "Option_u32"),
        ("(u32, u8)", "u32_u8"),
        ("core::cell::Cell", "core_cell_Cell"),
        ("0", "_0"),
        ("…", "unnamed"),
    ],
)
def test_names_of_other_languages(foreign: str, ours: str) -> None:
    """A name of C stays; any other becomes the nearest that is one."""
    assert possible(foreign) == ours


def test_names_are_given_once() -> None:
    """Tags and other names are two spaces; the kernel's names and maps' kinds are taken."""
    names = Names(Prelude.shared())
    assert names.take("flow", "struct") == "flow"
    assert names.take("flow", "union") == "flow___2"
    assert names.take("flow", "enum") == "flow___3"
    assert names.take("flow", "map") == "flow"
    assert names.take("bpf_timer", "struct") == "bpf_timer___2"
    assert names.take("BPF_ANY", "enumerator") == "BPF_ANY___2"
    assert names.take("hash", "template") == "hash___2"
    assert names.take("hash", "struct") == "hash"
    assert names.refer("other", "struct") == "other"
    assert names.take("other", "union") == "other___2"
    assert names.take("other", "struct") == "other"
    assert not names.bare_tag("flow")
    assert names.bare_tag("other")
    assert not names.bare_tag("__u32")


def test_members_keep_apart() -> None:
    """What a changed name would clash with is avoided; nameless members stay so."""
    assert member_names(["int_", "int", None, "a", "a"]) == ["int_", "int____2", None, "a", "a___2"]
    assert member_names(["int", "int_"]) == ["int____2", "int_"]


def test_integers_by_any_name() -> None:
    """gcc's order of words, Rust's names, sizes; what C hasn't is None."""
    assert c_integer(Int("long unsigned int", 8, signed=False)) == ULONG
    assert c_integer(Int("short int", 2, signed=True)) == SHORT
    assert c_integer(Int("__int128 unsigned", 16, signed=False)) == UINT128
    assert c_integer(Int("char", 1, signed=False)) == CHAR
    assert c_integer(Int("u64", 8, signed=False)) == ULLONG
    assert c_integer(Int("usize", 4, signed=False)) == UINT
    assert c_integer(Int("bool", 1, signed=False, bool=True)) == BOOL
    assert c_integer(Int("long", 4, signed=True)) == INT, "of another machine"
    assert c_integer(Int("odd", 3, signed=True)) is None
    double = c_float(Float("f64", 8))
    assert double is not None
    assert double.name == "double"
    assert c_float(Float("long double", 16)) is None


@pytest.mark.parametrize("size", [1, 2, 4, 8])
@pytest.mark.parametrize("signed", [False, True])
def test_bases_of_enums(size: int, signed: bool) -> None:
    """The base that is found gives the size and sign that the object has."""
    values = (-1, 5) if signed else (0, 5)
    type_ = Enum("e", size, signed, tuple(Enumerator(f"E{v}", v) for v in values))
    base = enum_base(type_)
    assert base is not False
    assert enum_size(values, base) == (size, signed)


def test_enums_that_have_none() -> None:
    """Values that their size can't hold are no enum, unless old BTF had lost their sign."""
    wrong = Enum("e", 1, signed=False, enumerators=(Enumerator("A", 256),))
    assert enum_base(wrong) is False
    assert enum_base(reread(wrong)) is False
    old = Enum("e", 2, signed=False, enumerators=(Enumerator("A", (1 << 32) - 3),))
    assert reread(old).enumerators[0].value == -3
    assert enum_base(reread(old)) == SHORT
