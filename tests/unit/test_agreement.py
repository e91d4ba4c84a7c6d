"""When two types give the same bytes the same form: what may be read with which type."""

from __future__ import annotations

import pytest

from bpfgen.ctype.agreement import disagreements
from bpfgen.text.diagnostics import Subject
from tests.verify.program import model_of

RUNNING = """\
enum verdict { PASS, DROP };
struct nested { __u32 a; __u16 b, c; };
struct of_all {
    __u32 number;
    __u16 port, other;
    __u8 address[16];
    __u64 when;
    enum verdict verdict;
    int low : 3, high : 5;
    struct nested nested[2];
    struct nested *next;
    double ratio;
    struct bpf_timer timer;
    union { __u32 v4; __u64 v6; };
    char name[8];
};
map m: hash<__u32, of_all>[4];
"""

AGREEING = {
    "other names": (
        ("number", "count"),
        ("struct of_all", "struct renamed"),
        ("of_all>", "renamed>"),
    ),
    "big-endian numbers": (("__u32 number", "__be32 number"), ("__u16 port", "__be16 port")),
    "an enum for an integer": (("__u32 number", "enum verdict number"),),
    "an integer for an enum": (("enum verdict verdict;", "unsigned int verdict;"),),
    "a struct for bytes": (("__u8 address[16]", "struct { __be32 w[4]; } address"),),
    "bytes for a struct": (("struct nested nested[2]", "__u8 nested[16]"),),
    "a number for a pointer": (("struct nested *next", "__u64 next"),),
    "members for an array": (("struct nested nested[2]", "struct nested first, second"),),
    "one array for two": (("__u16 port, other;", "__u16 ports[2];"),),
    "members of a struct by themselves": (
        ("struct nested nested[2]", "__u32 a; __u16 b, c; struct nested second"),
    ),
    "qualifiers and typedefs": (
        ("__u64 when", "const volatile counter_t when"),
        ("struct of_all", "typedef __u64 counter_t;\nstruct of_all"),
    ),
    "a hole that has a name": (("struct bpf_timer timer;", "__u64 opaque[2];"),),
    "half of a union": (("union { __u32 v4; __u64 v6; };", "__u64 v6;"),),
    "a union for a number": (
        ("__u32 number;", "union { __u32 number; struct { __u16 x, y; }; };"),
    ),
    "a truth value for a byte": (("char name[8]", "bool flag; char name[7]"),),
}

DISAGREEING = {
    "another sign": (("__u32 number", "__s32 number"), ["number"]),
    "halves of a number": (("__u32 number", "__u16 x, number"), ["x", "number"]),
    "a number for two": (("__u16 port, other;", "__u32 port;"), ["port"]),
    "bit-fields of other widths": (("low : 3, high : 5", "low : 4, high : 4"), ["low", "high"]),
    "an integer for a double": (("double ratio", "__u64 ratio"), ["ratio"]),
    "a number that is elsewhere": (
        ("__u32 number;\n    __u16 port, other;", "__u16 port, other;\n    __u32 number;"),
        ["port", "other", "number"],
    ),
    "another order in an element": (("__u32 a; __u16 b, c;", "__u16 b, c; __u32 a;"), None),
}


def found(before: str, after: str) -> list[tuple[str, Subject | None]]:
    """Return where the value of the first map of *after* isn't that of *before*."""
    sides = []
    for text in (after, before):
        value = model_of(text).maps[0].shape.value
        assert value is not None
        sides.append(value.type)
    differences = disagreements(sides[0], sides[1], "the value", "running")
    return [(one.message, one.subject) for one in differences]


def changed(*edits: tuple[str, str]) -> str:
    """Return :data:`RUNNING` with *edits*."""
    text = RUNNING
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text


def test_a_type_agrees_with_itself() -> None:
    """Nothing is found in two equal types."""
    assert found(RUNNING, RUNNING) == []


@pytest.mark.parametrize("name", AGREEING)
def test_agreeing(name: str) -> None:
    """What has other names, or knows more or less of the same bytes, can be read."""
    assert found(RUNNING, changed(*AGREEING[name])) == []


@pytest.mark.parametrize("name", DISAGREEING)
def test_disagreeing(name: str) -> None:
    """What is another number in the same bytes is found, and the member is named."""
    edit, members = DISAGREEING[name]
    answer = found(RUNNING, changed(edit))
    assert answer
    if members is not None:
        assert [subject for _message, subject in answer] == [
            Subject("struct", "of_all", member) for member in members
        ]


def test_both_sides_are_said() -> None:
    """A message has the place, the size and what is there on the other side."""
    ((message, _subject),) = found(RUNNING, changed(("__u16 port, other;", "__u32 port;")))
    assert message == (
        "`port` in the value is declared as `unsigned int` of 4 bytes at byte 4, and the running"
        " map has `port`, `unsigned short` of 2 bytes at byte 4 and `other`, `unsigned short` of 2"
        " bytes at byte 6 there"
    )


def test_other_sizes_are_all_that_is_said() -> None:
    """Where the sizes differ, no member is in its place."""
    ((message, _subject),) = found(RUNNING, changed(("char name[8]", "char name[9]")))
    assert message == "the value is declared with 112 bytes, and the running one has 104 bytes"


@pytest.mark.parametrize("length", [2, 2000, 1 << 20])
def test_arrays_of_any_length(length: int) -> None:
    """A long array is held against the other as one, and its elements as those of a short one."""
    text = f"struct e {{ __u32 a, b; }};\nmap m: hash<__u32, e[{length}]>[1];\n"
    assert found(text, text.replace("a, b", "first; __be32 second")) == []
    ((message, subject),) = found(text, text.replace("__u32 a, b", "__u32 a; float b"))[:1]
    assert subject == Subject("struct", "e", "b")
    assert "is declared as `float` of 4 bytes at byte 4" in message
