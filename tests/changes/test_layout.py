"""What `layout` finds of changes that a person can judge; each with all that it has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.categories import Asked, compare
from bpfgen.changes.rules import LAYOUT
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.changes.layout_cases import BREAKS, SAME

if TYPE_CHECKING:
    from bpfgen.changes.finding import Finding

ASKED = Asked((LAYOUT,), everything=True)


def findings(old: str, new: str, asked: Asked = ASKED) -> list[Finding]:
    """Return what *new* breaks of *old*."""
    models = []
    for text in (old, new):
        compilation = compile(Source("maps.dsl", text), Options(is_ruled=False))
        assert not compilation.failed, [one.message for one in compilation.diagnostics]
        models.append(compilation.model)
    return list(compare(models[0], models[1], asked))


def found(old: str, new: str, asked: Asked = ASKED) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return code, subject and maps of what *new* breaks of *old*."""
    return [
        (one.code.removeprefix("break-layout-"), one.subject.name, one.subject.part, one.maps)
        for one in findings(old, new, asked)
    ]


def text(case: str) -> str:
    """Return the source that *case* stands for: the members of a value, or a whole source."""
    if case.startswith(("map", "struct", "enum", "typedef", "union")) and "map m" in case:
        return case
    return f"struct s {{ {case} }}; map m: hash<__u32, s>[8];"


@pytest.mark.parametrize("kind", ["ringbuf{}[4096]", "perf_event_array{}", "user_ringbuf{}[4096]"])
def test_records_of_which_one_side_has_no_type(kind: str) -> None:
    """No size stands for the type, and nothing can be compared; of two without there is no more."""
    typed, bare = (f"map m: {kind.format(record)};" for record in ("<__u64>", ""))
    uncompared = [("break-uncompared", "m", "record", ("m",))]
    assert found(typed, bare) == found(bare, typed) == uncompared
    assert found(bare, bare) == found(typed, typed) == []
    array = "map m: array<__u32, __u64>[4];"
    assert "break-uncompared" not in [code for code, *_ in found(typed, array)]


@pytest.mark.parametrize(("old", "new"), SAME)
def test_the_same(old: str, new: str) -> None:
    """Nothing that was stored means anything else."""
    assert found(text(old), text(new)) == []


@pytest.mark.parametrize(("old", "new", "expected"), BREAKS)
def test_breaks(old: str, new: str, expected: list[str]) -> None:
    """Each cause once, where it is."""
    codes = [f"{code} {name}.{part}" for code, name, part, _ in found(text(old), text(new))]
    assert codes == expected


SAID = [
    (
        "__u32 a; __u32 reserved; __u64 c;",
        "__u32 reserved; __u32 a; __u64 c;",
        "old entries are read with the reserved bytes of `reserved` as `a`",
    ),
    (
        "union { __u32 v4; __u64 v6[2]; } addr; __u64 pad;",
        "union { __u32 v4; __u64 v6[3]; } addr; __u64 pad;",
        "`struct s` has 32 bytes instead of 24 bytes, since `v6` of `addr` of `struct s` had 2",
    ),
    (
        "struct v { __u64 a; __u32 b; }; map m: hash<__u32, v>[8];",
        "struct v { __u64 a; __u32 b; } __attribute__((packed)); map m: hash<__u32, v>[8];",
        "`struct v` has 12 bytes instead of 16 bytes, since the struct is packed now",
    ),
]
"""OLD, NEW, and a sentence that the finding has."""


@pytest.mark.parametrize(("old", "new", "sentence"), SAID)
def test_what_is_said(old: str, new: str, sentence: str) -> None:
    """The words name what has changed, by its right name."""
    [finding] = findings(text(old), text(new))
    assert any(sentence in said for said in (finding.message, *finding.happens))


def test_ways_fit_the_cause() -> None:
    """A field that the kernel looks after needs a new map, reserved bytes or not."""
    [finding] = findings(
        text("__u64 a; __u32 reserved;"), text("__u64 a; struct bpf_spin_lock lock;")
    )
    assert [way.partition(" (")[0] for way in finding.ways] == ["give the map another name"]
