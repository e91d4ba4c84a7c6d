"""`bpfgen inspect`: a line of JSON or a table for each object, errors as data, exit status."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.ctype.types import (
    INT,
    Composite,
    FuncProto,
    Member,
    Parameter,
    Pointer,
)
from bpfgen.inspection.declaration import LONGEST, Declarations
from bpfgen.record import Record
from tests import compiled
from tests.tools import CHECKOUT, require_clang

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bpfgen.ctype.types import Type

KEYS = [
    "format",
    "path",
    "error",
    "byteorder",
    "platform",
    "maps",
    "internal_maps",
    "struct_ops",
    "btf_refused",
    "running",
    "running_maps",
]

MAP_KEYS = [
    *("name", "section", "linkage", "type", "type_id", "key_size", "value_size", "max_entries"),
    *("map_flags", "map_extra", "numa_node", "pinning", "key", "value", "inner", "values"),
    *("record", "declared", "decl_tags", "fingerprint"),
]

LAYOUT = (
    compiled.MACROS
    + """
struct part { __u8 one; __u64 eight; };
typedef struct { struct part parts[2]; __u16 low : 3, high : 9; __u8 last; } value_t;
enum color { RED = -1, GREEN = 7 };
struct key { enum color color; __u8 name[6]; };
struct { __uint(type, 1); __type(key, struct key); __type(value, value_t);
         __uint(max_entries, 4); } laid_out SEC(".maps");
struct { __uint(type, 2); __type(key, __u32); __type(value, struct { int x; int y; });
         __uint(max_entries, 4); } nameless SEC(".maps");
"""
)

UNKNOWN = (
    compiled.MACROS
    + """
struct { __uint(type, 2); __uint(key_size, 4); __uint(value_size, 4); __uint(max_entries, 1);
         __uint(colour, 7); } tinted SEC(".maps");
struct { __uint(type, 222); } unknown SEC(".maps");
"""
)

LIBBPF_MAKES = (
    compiled.MACROS
    + """
struct ops { int (*call)(void); char name[16]; };
SEC(".struct_ops.link") struct ops linked = { .name = "one" };
SEC("?.struct_ops") struct ops unasked = { .name = "two" };
int counter = 3;
const volatile int limit = 7;
static int hidden_counter SEC(".data.hidden");
extern int CONFIG_HZ __attribute__((section(".kconfig")));
extern _Bool CONFIG_SMP __attribute__((section(".kconfig")));
extern __u64 CONFIG_BIG __attribute__((section(".kconfig")));
SEC("xdp") int reads(void *context)
{
    hidden_counter += limit;
    return counter + limit + CONFIG_HZ + CONFIG_SMP + CONFIG_BIG;
}
"""
)


class Outcome(Record):
    """What a run of the command came to."""

    status: int
    output: str
    errors: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """The lines of output, as JSON."""
        return [json.loads(line) for line in self.output.splitlines()]


if TYPE_CHECKING:
    Inspect = Callable[..., Outcome]


@pytest.fixture
def inspect(
    capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Inspect:
    """Give a function that inspects, in a directory of its own, objects given by their text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*words: str, **objects: bytes) -> Outcome:
        for name, data in objects.items():
            (tmp_path / f"{name}.o").write_bytes(data)
        status = main(["inspect", *words])
        output, errors = capfdbinary.readouterr()
        return Outcome(status, output.decode(), errors.decode())

    return run


def a(text: str, target: str = "bpfel") -> bytes:
    """Return the object of *text* by the newest compiler that is here."""
    return compiled.compile_c(text, compiled.newest(), target)


@pytest.mark.parametrize("target", compiled.TARGETS)
def test_a_map_is_told_to_the_letter(inspect: Inspect, target: str) -> None:
    """Every key of the record has the value that the C source gives it, in either byte order."""
    outcome = inspect("a.o", "--format", "json", a=a(compiled.MODERN, target))
    assert outcome.status == 0
    (record,) = outcome.records
    assert list(record) == KEYS
    assert record["path"] == "a.o"
    assert record["error"] is None
    assert record["byteorder"] == {"bpfel": "little", "bpfeb": "big"}[target]
    maps = {found["name"]: found for found in record["maps"]}
    for found in maps.values():
        assert list(found) == MAP_KEYS
    assert maps["flows"] == {
        "name": "flows",
        "section": ".maps",
        "linkage": "global",
        "type": "hash",
        "type_id": 1,
        "key_size": 8,
        "value_size": 32,
        "max_entries": 128,
        "map_flags": 1,
        "map_extra": 0,
        "numa_node": 3,
        "pinning": "by_name",
        "key": "struct key",
        "value": "struct value",
        "inner": None,
        "values": [],
        "record": None,
        "declared": ["type", "key", "value", "max_entries", "map_flags", "numa_node", "pinning"],
        "decl_tags": [],
        # As tests/conformance/test_fingerprint.py's witness computes it from bpftool's dump.
        "fingerprint": "0x10cd149ce2c8650a",
    }
    assert maps["slot_b"]["linkage"] == "weak"
    assert (maps["slot_a"]["key"], maps["slot_a"]["value"]) == ("int", "__u64[4]")
    outer = maps["outer"]
    assert outer["values"] == [{"index": 1, "target": "slot_a"}, {"index": 7, "target": "slot_b"}]
    assert (outer["key"], outer["value"], outer["value_size"]) == (None, None, 4)
    assert outer["declared"][-1] == "values"
    inner = outer["inner"]
    assert list(inner) == MAP_KEYS
    assert (inner["name"], inner["type"], inner["max_entries"]) == ("outer.inner", "array", 3)
    by_id = maps["by_id"]["inner"]
    assert (by_id["key"], by_id["value"], by_id["value_size"]) == ("struct key", None, 12)
    jumps = maps["jumps"]
    assert jumps["values"] == [{"index": 0, "target": "tail"}, {"index": 2, "target": "tail_too"}]
    assert (jumps["inner"], jumps["value_size"], jumps["type"]) == (None, 4, "prog_array")
    assert maps["bloom"]["map_extra"] == 5
    assert (maps["strange"]["key"], maps["strange"]["key_size"]) == ("int[0]", 4)
    assert maps["events"]["record"] == "struct event"
    assert [each["section"] for each in record["internal_maps"]] == [".data"]


def test_each_input_has_its_line_in_order(inspect: Inspect, tmp_path: Path) -> None:
    """What can't be read is a line with an error like any other; the status tells."""
    (tmp_path / "directory").mkdir()
    outcome = inspect(
        *("text.o", "absent.o", "good.o", "directory", "empty.o", "--format", "json"),
        text=b"no ELF file at all",
        good=a(compiled.MODERN),
        empty=b"",
    )
    assert outcome.status == 1
    assert outcome.errors == ""
    records = outcome.records
    assert [record["path"] for record in records] == [
        *("text.o", "absent.o", "good.o", "directory", "empty.o"),
    ]
    assert [record["error"] is None for record in records] == [False, False, True, False, False]
    assert "not an ELF file" in records[0]["error"]
    assert records[1]["error"] == "cannot read: no such file or directory"
    for record in (*records[:2], *records[3:]):
        assert list(record) == KEYS
        assert (record["byteorder"], record["maps"]) == (None, [])


def test_what_libbpf_refuses_is_told_and_read_all_the_same(inspect: Inspect) -> None:
    """The initializer style, legacy and extern maps: an error, and the maps with their numbers."""
    outcome = inspect(
        *("initializer.o", "legacy.o", "extern.o", "--format", "json"),
        initializer=a(compiled.INITIALIZER),
        legacy=a(compiled.LEGACY),
        extern=a(compiled.EXTERN),
    )
    assert outcome.status == 1
    initializer, legacy, extern = outcome.records
    assert "`btf_map`" in initializer["error"]
    numbers = ("type", "key_size", "value_size", "max_entries", "map_flags")
    assert [tuple(found[key] for key in numbers) for found in initializer["maps"]] == [
        ("array", 4, 12, 16, 0),
        ("stack_trace", 4, 127 * 32, 128, 1 << 5),
    ]
    assert initializer["maps"][0]["value"] == "struct my_value"
    assert "since 1.0" in legacy["error"]
    assert [tuple(found[key] for key in numbers) for found in legacy["maps"]] == [
        ("hash", 4, 8, 16, 1),
        ("array", 4, 16, 32, 0),
        ("lru_hash", 8, 8, 1024, 0),
    ]
    assert {found["section"] for found in legacy["maps"]} == {"maps"}
    assert legacy["maps"][0]["value"] == "__u64"
    assert "`shared`" in extern["error"]
    assert [(found["name"], found["linkage"]) for found in extern["maps"]] == [
        ("own", "global"),
        ("shared", "extern"),
    ]


def test_unknown_attributes_and_unknown_types(inspect: Inspect) -> None:
    """An attribute that libbpf doesn't know is an error but with --relax-compat; a number isn't."""
    strict = inspect("a.o", "--format", "json", a=a(UNKNOWN))
    assert strict.status == 1
    (record,) = strict.records
    assert record["error"] == "map `tinted`: unknown attribute `colour`"
    assert record["maps"][0]["declared"][-1] == "colour"
    relaxed = inspect("a.o", "--format", "json", "--relax-compat")
    assert relaxed.status == 0
    (record,) = relaxed.records
    assert record["error"] is None
    unknown = record["maps"][1]
    assert (unknown["type"], unknown["type_id"]) == (None, 222)


def test_what_libbpf_makes_is_told_apart(inspect: Inspect) -> None:
    """Global data, options of .kconfig and struct_ops have keys of their own."""
    (record,) = inspect("a.o", "--format", "json", a=a(LIBBPF_MAKES)).records
    assert record["maps"] == []
    internal = {each["section"]: each for each in record["internal_maps"]}
    read_only, mappable = 1 << 7, 1 << 10
    assert {name: (each["value_size"], each["map_flags"]) for name, each in internal.items()} == {
        ".data": (4, mappable),
        ".rodata": (4, read_only | mappable),
        ".data.hidden": (4, 0),
        ".kconfig": (13, read_only | mappable),
    }
    assert [
        (each["name"], each["value"], each["value_size"], each["map_flags"], each["autocreate"])
        for each in record["struct_ops"]
    ] == [
        ("linked", "struct ops", 24, 1 << 13, True),
        ("unasked", "struct ops", 24, 0, False),
    ]


def test_the_table_names_what_the_numbers_mean(inspect: Inspect) -> None:
    """Kind, key, value, entries, flags, pinning, inner map, slots, bytes: one row a map."""
    outcome = inspect("a.o", a=a(compiled.MODERN))
    assert (outcome.status, outcome.errors) == (0, "")
    lines = outcome.output.splitlines()
    assert lines[0] == "a.o: little-endian, 10 maps"
    head = lines[2]
    for column in ("map", "linkage", "kind", "key", "value", "entries", "flags", "pinning"):
        assert column in head.split()
    rows = {line.split()[0]: line for line in lines[3:13]}
    assert rows["flows"].split()[1:] == [
        *("hash", "struct", "key", "struct", "value", "128", "8", "+", "32"),
        *("BPF_F_NO_PREALLOC", "3", "by_name", "0x10cd149ce2c8650a"),
    ]
    assert "array<int, __u64[4]>[3]" in rows["outer"]
    assert "[1] = slot_a, [7] = slot_b" in rows["outer"]
    assert "hash<struct key, 12 bytes>[2]" in rows["by_id"]
    assert rows["slot_b"].split()[1] == "weak"
    assert "struct event" in rows["events"]
    # The bytes are aligned to the right, below the end of their head.
    end = head.index("bytes per entry") + len("bytes per entry")
    assert all(
        line[end - 1].isdigit() and not line[end : end + 1].strip() for line in rows.values()
    )
    assert lines[-1] == "  .data: array of 1, 4 bytes, BPF_F_MMAPABLE"


@pytest.mark.parametrize("words", [("--types",), ("--format", "json")])
def test_depth_is_no_matter(
    inspect: Inspect, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """200 structs in each other are shown within Python's own limit, from 200 calls down."""
    text = "struct s0 { int x; };\n"
    text += "".join(f"struct s{n} {{ struct s{n - 1} held[1]; }};\n" for n in range(1, 200))
    text += (
        "struct { __uint(type, 2); __type(key, int); __type(value, struct s199);"
        ' __uint(max_entries, 1); } m SEC(".maps");'
    )
    data = a(compiled.MACROS + text)
    before, set_limit = sys.getrecursionlimit(), sys.setrecursionlimit
    set_limit(1000)
    monkeypatch.setattr(sys, "setrecursionlimit", lambda _limit: None)

    def from_below(calls: int) -> Outcome:
        return inspect("a.o", *words, a=data) if calls == 0 else from_below(calls - 1)

    try:
        outcome = from_below(200)
    finally:
        set_limit(before)
    assert outcome.status == 0
    # No kernel takes 200 of them, and in JSON that is a key.
    assert outcome.errors.count("warning[") == outcome.errors.count("32 types deep")
    assert "error[" not in outcome.errors
    assert "struct s199" in outcome.output


def test_the_table_says_what_libbpf_refuses(inspect: Inspect) -> None:
    """On standard error, each map's own reason, and the table is there all the same."""
    outcome = inspect("a.o", "absent.o", a=a(compiled.INITIALIZER))
    assert outcome.status == 1
    assert "btf_map" in outcome.output
    for name in ("btf_map", "stackmap"):
        assert f"error[libbpf-refuses]: a.o: map `{name}`: " in outcome.errors
    assert "error[file]: absent.o: cannot read: no such file or directory" in outcome.errors


def test_types_are_laid_out_with_offsets_and_holes(inspect: Inspect) -> None:
    """--types: what is held by others first, each member's place, each gap, of either kind."""
    outcome = inspect("a.o", "--types", a=a(LAYOUT))
    text = outcome.output.partition("\n\n/*")[2]
    assert (
        f"/*{text}"
        == """\
/* key of laid_out */
struct key {
    enum color color;  /* at 0: 4 bytes */
    __u8 name[6];      /* at 4: 6 bytes */
                       /* padding: 2 bytes */
};  /* 12 bytes */

struct part {
    __u8 one;     /* at 0: 1 byte */
                  /* hole: 7 bytes */
    __u64 eight;  /* at 8: 8 bytes */
};  /* 16 bytes */

/* value of laid_out */
typedef struct {
    struct part parts[2];  /* at 0: 32 bytes */
    __u16 low : 3;         /* at bit 256: 3 bits */
    __u16 high : 9;        /* at bit 259: 9 bits */
                           /* hole: 4 bits */
    __u8 last;             /* at 34: 1 byte */
                           /* padding: 5 bytes */
} value_t;  /* 40 bytes */

/* value of nameless */
struct {
    int x;  /* at 0: 4 bytes */
    int y;  /* at 4: 4 bytes */
};  /* 8 bytes */
"""
    )
    assert "enum color {\n    RED = -1,\n    GREEN = 7,\n};  /* 4 bytes */\n" in outcome.output


def test_a_type_without_a_name_is_written_out(inspect: Inspect) -> None:
    """In JSON the declaration of an anonymous struct is the whole of it."""
    (record,) = inspect("a.o", "--format", "json", a=a(LAYOUT)).records
    assert record["maps"][1]["value"] == "struct { int x; int y; }"


def test_names_can_do_nothing_to_the_terminal(inspect: Inspect) -> None:
    """Escape sequences in an object's names come out as text, in the table and in messages."""
    data = a(UNKNOWN).replace(b"tinted\0", b"\x1b[2J\n.\0").replace(b"colour\0", b"c\x1b[1m!\0")
    outcome = inspect("a.o", "--types", a=data)
    assert "\x1b" not in outcome.output + outcome.errors
    assert "␛[2J␊." in outcome.output
    assert "`c␛[1m!`" in outcome.errors
    (record,) = inspect("a.o", "--format", "json").records
    assert record["maps"][0]["name"] == "\x1b[2J\n."


def test_standard_input(inspect: Inspect, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is an object like any other."""
    stream = io.TextIOWrapper(io.BytesIO(a(compiled.EXTERN)))
    monkeypatch.setattr(sys, "stdin", stream)
    (record,) = inspect("-", "--format", "json").records
    assert (record["path"], record["byteorder"]) == ("-", "little")


@pytest.mark.parametrize(
    "words", [(), ("--format", "xml", "a.o"), ("--types", "--format", "json", "a.o"), ("--typos",)]
)
def test_wrong_usage(inspect: Inspect, words: tuple[str, ...]) -> None:
    """Status 2 and one line of advice."""
    outcome = inspect(*words)
    assert outcome.status == 2
    assert "error[usage]" in outcome.errors
    assert outcome.output == ""


def test_the_document_shows_what_is_printed(inspect: Inspect) -> None:
    """The example of docs/inspect.md is the table of samples/quickstart.dsl, to the letter."""
    require_clang()
    assert main([str(CHECKOUT / "samples" / "quickstart.dsl"), "-o", "quickstart.o"]) == 0
    outcome = inspect("quickstart.o", "--types")
    page = (CHECKOUT / "docs" / "inspect.md").read_text()
    assert f"$ bpfgen inspect quickstart.o --types\n{outcome.output}```\n" in page


def test_help(inspect: Inspect) -> None:
    """The options are listed, the status explained."""
    outcome = inspect("--help")
    assert outcome.status == 0
    for word in ("--format", "--types", "--relax-compat", "exit status"):
        assert word in outcome.output


def endless(what: str) -> Type:
    """Return a type that takes 2**60 steps to write out; as a parameter pytest would print it."""
    type: Type = FuncProto(INT, ())
    for _ in range(60):
        if what == "structs":
            members = (Member("a", type, 0), Member("b", type, 0))
            type = Composite("struct", None, members, 8)
        else:
            parameters = (Parameter(None, type), Parameter(None, type))
            type = Pointer(FuncProto(Pointer(type), parameters))
    return type


@pytest.mark.parametrize("what", ["structs", "functions"])
def test_no_type_is_endless(what: str) -> None:
    """2**60 members come out as a few thousand and a note, in no time."""
    text = Declarations().one_line(endless(what))
    assert "/* ... */" in text
    assert len(text) < 16 * LONGEST


def test_comments_stay_aligned_beside_a_long_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A type tag makes a line long, and what has no room in the column pushes no other."""
    tags = ", ".join('btf_type_tag("' + "a" * 60 + '")' for _ in range(1))
    text = 'struct v { int a; int __attribute__((btf_type_tag("kptr_untrusted"))) *tagged; '
    text += f"int __attribute__(({tags})) *long_one; int b; }};\n"
    text += "struct { int (*type)[1]; int *key; struct v *value; int (*max_entries)[4]; } m "
    text += '__attribute__((section(".maps"), used));\n'
    (tmp_path / "prog.o").write_bytes(compiled.compile_c(text, compiled.newest()))
    assert main(["inspect", "--types", str(tmp_path / "prog.o")]) == 0
    lines = capsys.readouterr().out.splitlines()
    columns = [line.index("/* at ") for line in lines if "/* at " in line]
    long_one = next(line for line in lines if "long_one" in line).index("/* at ")
    assert len(columns) == 4
    assert {at for at in columns if at != long_one} == {columns[0]}
    assert columns[0] < long_one
