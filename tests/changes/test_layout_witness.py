"""The witness of `layout` is sound: what C says of changes that a person can judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.changes.layout_witness import Pair, verdicts
from tests.changes.program import Composite, Enum, Member, Program

if TYPE_CHECKING:
    from pathlib import Path

    Members = tuple[Member, ...]


def members(text: str) -> Members:
    """Return the members that *text* lists: `__u32 a, __u8 b[4], int c:3`."""
    found = []
    for one in text.split(", "):
        type, _, name = one.rpartition(" ")
        name, _, width = name.partition(":")
        name, _, length = name.partition("[")
        lengths = (int(length[:-1]),) if length else ()
        found.append(Member(name, type, lengths, int(width) if width else None))
    return tuple(found)


def inside(kind: str, text: str, name: str = "") -> Member:
    """Return a struct or a union with the members that *text* lists."""
    return Member(name, Composite(kind, "", members(text)))


ENUM = Enum("e1", "__u8", (("E1", 1), ("E2", 2)))

SAME: list[tuple[Members, Members]] = [
    (members("__u32 a, __u32 b"), members("__u32 a, __u32 c")),
    (members("__u32 a, char b[4]"), members("__u32 a, __u8 b[4]")),
    (members("__u64 a"), members("void * a")),
    (members("__u32 a, __u8 reserved[4]"), members("__u32 a, __u16 b, __u8 reserved[2]")),
    (members("__u32 a, __u32 pad"), members("__u32 a, __u32 b")),
    (members("__u8 reserved[4], __u32 a"), members("__u32 pad, __u32 a")),
    (members("__u8 a, __u32 b"), members("__u8 a, __u8 pad[3], __u32 b")),
    (members("__u8 a[9], __u8 pad[3]"), members("__u8 a[9], __u8 reserved[3]")),
    (members("__u8 a, __u8 reserved, __u16 b"), members("__u8 a, __u16 b")),
    (members("__u32 a, __u32 b"), (members("__u32 a")[0], inside("struct", "__u32 b"))),
    (members("__u32 a, __u32 b"), (members("__u32 a")[0], inside("struct", "__u32 b", "c"))),
    (members("__u32 a"), (inside("union", "__u32 a, __u16 b"),)),
    (members("__u32 a"), members("__u32 a[1]")),
    (members("enum e1 a"), members("__u8 a")),
    (members("int a:3, int b:5"), members("int a:3, int c:5")),
]
BROKEN: list[tuple[Members, Members, str]] = [
    (members("__u32 a, __u32 b"), members("__u32 b, __u32 a"), ".a is read otherwise"),
    (members("__u32 a"), members("__s32 a"), ".a is read otherwise"),
    (members("__u32 a"), members("__be32 a"), ".a is read otherwise"),
    (members("__u32 a"), members("__le32 a"), ".a is read otherwise"),
    (members("__u32 a"), members("float a"), ".a is read otherwise"),
    (members("__u8 a"), members("bool a"), ".a is read otherwise"),
    (members("__u32 a, __u32 b"), members("__u64 a"), ".b is gone"),
    (members("__u32 a, __u64 b"), members("__u32 a, __u32 c, __u64 b"), ".c is new"),
    (members("__u32 a"), members("__u32 a, __u32 b"), "size 4 -> 8"),
    (
        members("__u8 a, __u32 b"),
        members("__u8 a, __u8 reserved[3], __u32 b"),
        ".reserved[0] was padding",
    ),
    (members("__u32 a, __u32 b"), members("__u32 a, __u32 reserved"), ".b is gone"),
    (members("__u8 a[4]"), members("__u8 a[3], __u8 b"), ".a[3] is gone"),
    (members("__u32 a"), (inside("union", "__u32 a, __u64 b"),), "size 4 -> 8"),
    ((inside("union", "__u32 a, __u32 b"),), members("__u32 a"), ".b is gone"),
    ((inside("union", "__u32 a, __u32 b"),), members("__u32 a, __u32 b"), ".b is read otherwise"),
    (members("int a:3, int b:5"), members("int a:4, int b:5"), ".a is read otherwise"),
    (members("__u32 a:3, __u32 b:5"), members("__u32 a:3, __s32 b:5"), ".b is read otherwise"),
    (members("__int128 a"), members("unsigned __int128 a"), ".a is read otherwise"),
]


def pair(old: Members, new: Members) -> Pair:
    """Return two structs of these members."""
    sides = [Program((ENUM, Composite("struct", "s1", side))) for side in (old, new)]
    return Pair(sides[0], sides[1], "struct s1", "struct s1")


def test_what_is_the_same(tmp_path: Path) -> None:
    """Every number comes back."""
    said = verdicts([pair(*case) for case in SAME], tmp_path)
    assert [verdict.reasons for verdict in said] == [()] * len(SAME)


def test_what_is_broken(tmp_path: Path) -> None:
    """The reason is among those that C gives; the way back is broken, too, but for three."""
    said = verdicts([pair(old, new) for old, new, _ in BROKEN], tmp_path)
    for (old, new, reason), verdict in zip(BROKEN, said, strict=True):
        assert reason in verdict.reasons, (old, new)
    back = verdicts([pair(new, old) for old, new, _ in BROKEN], tmp_path)
    fine = [i for i, verdict in enumerate(back) if not verdict.reasons]
    # What was reserved is used or left to padding, and a union has one more member.
    assert [BROKEN[i][1] for i in fine] == [
        members("__u8 a, __u8 reserved[3], __u32 b"),
        members("__u32 a, __u32 reserved"),
        members("__u32 a"),
    ]


def test_what_an_enumerator_means(tmp_path: Path) -> None:
    """By its name; one more is nothing, one less is."""
    enums = (
        (("E1", 1), ("E2", 2), ("E3", 3)),
        (("E1", 2), ("E2", 1)),
        (("E1", 1),),
        (("E1", 1), ("E4", 2)),
    )
    holder = Composite("struct", "s1", members("enum e1 a"))
    old = Program((ENUM, holder))
    sides = [Program((ENUM._replace(values=values), holder)) for values in enums]
    said = verdicts([Pair(old, new, "struct s1", "struct s1") for new in sides], tmp_path)
    assert [bool(verdict.reasons) for verdict in said] == [False, True, True, False]
