"""What is said of types that the two sides see differently, where the code alone doesn't tell."""

from __future__ import annotations

import pytest

from bpfgen.compiler import compile
from bpfgen.text.source import Source

_ALIGNED = "leave out `aligned`, or copy it to where it is aligned before it is used"
_A_NUMBER = (
    "use arrays of two `__u64` for `__int128`, or copy it to where it is aligned before it is used"
)


@pytest.mark.parametrize(
    ("types", "value", "help"),
    [
        ("", "__int128", _A_NUMBER),
        ("typedef unsigned __int128 wide;", "wide[2]", _A_NUMBER),
        ("struct in { __int128 a; }; struct v { struct in b[2]; };", "v", _A_NUMBER),
        ("struct v { __u64 a; } __attribute__((aligned(16)));", "v", _ALIGNED),
        ("struct v { __u64 a __attribute__((aligned(16))); };", "v", _ALIGNED),
        ("typedef __u64 wide __attribute__((aligned(16)));", "wide", _ALIGNED),
        ("struct v { __int128 a; } __attribute__((packed, aligned(16)));", "v", _ALIGNED),
        ("struct v { __int128 a; } __attribute__((aligned(64)));", "v", _ALIGNED),
        ("struct v { __int128 a; } __attribute__((packed));", "v", None),
    ],
)
def test_advice_against_an_alignment(types: str, value: str, help: str | None) -> None:
    """`aligned` is to be left out where it is what aligns the value."""
    text = f"{types}\nmap m: hash<__u32, {value}>[1];"
    diagnostics = compile(Source("m.dsl", text)).diagnostics
    found = [one.help for one in diagnostics if one.code == "value-alignment"]
    assert found == ([] if help is None else [help])


@pytest.mark.parametrize(
    ("body", "says_where"),
    [
        ("__int128 a;", True),
        ("__int128 a __attribute__((packed));", False),
        ("__u8 b; __int128 a[2]; } __attribute__((packed)); struct w {", False),
    ],
)
def test_an_int128_that_is_packed_begins_where_it_begins(body: str, says_where: bool) -> None:
    """What is packed is at the same place on every machine that has the type."""
    text = f"struct v {{ {body} __u8 c; }};\nmap m: ringbuf<v>[4096];"
    (found,) = (
        one
        for one in compile(Source("m.dsl", text)).diagnostics
        if one.code == "int128-in-shared-type"
    )
    assert ("begins at multiples of 16 here" in found.message) == says_where
    assert not any("Python" in note or "Rust" in note for note in found.notes)
