"""What is shown of a word, and between the characters; and what to type between brackets."""

from __future__ import annotations

import os
import random
import re
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options
from bpfgen.editor.analysis import analyse
from bpfgen.editor.completion import completions
from bpfgen.editor.hover import hover
from bpfgen.editor.inlay import inlay_hints
from bpfgen.editor.names import LANGUAGE, UNKNOWN, Names
from bpfgen.editor.signature import signature
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.memory import Machine, MapNumbers, map_memory
from bpfgen.text.quantities import spelled_bytes
from bpfgen.text.source import Span
from tests.editor.texts import analysed, conditional_texts, good_texts, one

if TYPE_CHECKING:
    from bpfgen.editor.analysis import Analysis

SEED, COUNT = map(int, os.environ.get("BPFGEN_HOVER", "1:4").split(":"))
"""Which random programs, and how many: `BPFGEN_HOVER=7:500`."""

SHARE = 0.3
"""Of the words of a program."""

FLOWS = """\
/// One entry for each flow.
struct flow {
    __u64 packets;
    __u8 state : 3, kind : 5;
    __u32 source;
    @char name[TASK_COMM_LEN];
    struct { __u16 a; __u8 b; } pair;
    __u64 last[8];
} __attribute__((aligned(16)));
"""


def at(text: str, options: Options = Options()) -> tuple[Analysis, int]:  # noqa: B008 -- a value
    """Return the analysis of *text* without its `@`, and where that is."""
    offset = text.index("@")
    return one(text[:offset] + text[offset + 1 :], options), offset


def shown(text: str, options: Options = Options()) -> str:  # noqa: B008 -- a value
    """Return what is shown of the word at the `@`; empty where nothing is."""
    found = hover(*at(text, options))
    return "" if found is None else found.markdown


def hinted(text: str, options: Options = Options()) -> str:  # noqa: B008 -- a value
    """Return *text* with its hints in it, between `⟨` and `⟩`."""
    analysis = one(text, options)
    result, last = "", 0
    for hint in inlay_hints(analysis, Span(analysis.source, 0, len(text))):
        result += f"{text[last : hint.offset]}⟨{hint.text}⟩"
        last = hint.offset
    return result + text[last:]


def test_every_word_of_a_program_has_something_to_show() -> None:
    """And it is about what the word means, which the names of the text know by another way."""
    silent, wrong = [], []
    count = 0
    choice = random.Random(SEED)  # noqa: S311 -- test data
    for texts in good_texts(SEED, COUNT):
        if "\ninclude" in next(iter(texts.values())):
            continue  # its names are the compiler's to tell
        analysis = next(iter(analysed(texts).values()))
        names = Names(analysis)
        tokens = analysis.tokens
        for index, text in enumerate(tokens.texts):
            if not text[:1].isidentifier() or tokens.kinds[index] == "CHARACTER":
                continue
            if choice.random() > SHARE:
                continue
            meant = names.at(tokens.starts[index])
            if meant is not None and meant.occurrence.role in {"parameter", "variable"}:
                continue
            count += 1
            found = hover(analysis, tokens.starts[index])
            place = f"{analysis.path}:{analysis.source.line_number(tokens.starts[index])}: {text}"
            if found is None:
                silent.append(place)
            elif meant is not None and meant.declaration.origin not in {LANGUAGE, UNKNOWN}:
                first = found.markdown.partition("\n```\n")[0]
                kind = meant.declaration.kind
                is_shown = kind in first if kind in _IN_FORM else text in first
                if not is_shown or text not in found.markdown:
                    wrong.append(f"{place}: {kind}: {first}")
    assert count > 400
    assert not silent
    assert not wrong


_IN_FORM = frozenset(("struct", "union", "enum", "typedef", "template", "map", "macro", "const"))
"""The kinds of names whose declarations begin with that word."""


def test_a_struct_has_its_layout() -> None:
    """Each number was counted by hand: 64-bit alignment, a bit-field unit, 16 bytes in all."""
    text = FLOWS.replace("@", "").replace("struct flow", "struct @flow")
    assert shown(text) == (
        "```c\n"
        "struct flow {\n"
        "    __u64 packets;             /* at 0: 8 bytes */\n"
        "    __u8 state : 3;            /* at bit 64: 3 bits */\n"
        "    __u8 kind : 5;             /* at bit 67: 5 bits */\n"
        "                               /* hole: 3 bytes */\n"
        "    __u32 source;              /* at 12: 4 bytes */\n"
        "    char name[TASK_COMM_LEN];  /* at 16: 16 bytes */\n"
        "    struct {\n"
        "        __u16 a;               /* at 32: 2 bytes */\n"
        "        __u8 b;                /* at 34: 1 byte */\n"
        "                               /* padding: 1 byte */\n"
        "    } pair;                    /* at 32: 4 bytes */\n"
        "                               /* hole: 4 bytes */\n"
        "    __u64 last[8];             /* at 40: 64 bytes */\n"
        "                               /* padding: 8 bytes */\n"
        "} __aligned(16);  /* 112 bytes */\n"
        "```\n\n"
        "112 bytes, aligned to 16; 15 bytes of padding; 2 cache lines of 64 bytes.\n\n"
        "One entry for each flow."
    )


def test_cache_lines_are_marked() -> None:
    """Where a member begins after one has ended."""
    lines = shown("struct @s { __u64 first[8]; __u64 second; };").split("\n")
    (mark,) = [number for number, line in enumerate(lines) if "cache line 1, from 64" in line]
    assert "second" in lines[mark + 1]
    assert "cache line" not in shown("struct @s { __u64 all[8]; };")


def test_members_are_where_they_are() -> None:
    """Of nested structs, bit-fields, and after a hole."""
    base = FLOWS.replace("@", "")
    assert "at 12, 4 bytes, after a hole of 3 bytes" in shown(base.replace("source", "@source"))
    assert "at bit 67, 5 bits" in shown(base.replace("kind", "@kind"))
    assert "at 2, 1 byte" in shown(base.replace("__u8 b", "__u8 @b"))


def test_members_of_what_has_no_name_are_those_of_what_it_is_in() -> None:
    """C counts their offsets from there (offsetof); a member with a name begins anew."""
    text = (
        "struct s {\n    __u32 id;\n    union {\n        __u64 u;\n"
        "        struct {\n            __u8 a;\n            __u32 b;\n        };\n    };\n"
        "    struct {\n        __u8 c;\n        __u8 d;\n    } named;\n};\n"
        "map m: hash<__u32, s>[1];\n"
    )
    for member, place in (
        ("u;", "In `struct s` at 8, 8 bytes."),
        ("b;", "In `struct s` at 12, 4 bytes, after a hole of 3 bytes."),
        ("d;", "In `struct { ... }` at 1, 1 byte."),
        ("named;", "In `struct s` at 16, 2 bytes."),
    ):
        assert place in shown(text.replace(f" {member}", f" @{member}")), member
    hints = re.findall("⟨(.*?)⟩", hinted(text))
    assert hints[:-1] == [
        "at 0, 4 bytes",
        "at 8, 8 bytes",
        "at 8, 1 byte",
        "at 12, 4 bytes, after a hole of 3 bytes",
        "at 8, 8 bytes",
        "at 8, 8 bytes, after a hole of 4 bytes",
        "at 0, 1 byte",
        "at 1, 1 byte",
        "2 bytes",
        "at 16, 2 bytes",
        "24 bytes, the last 6 bytes padding",
    ]


def test_constants_have_their_values() -> None:
    """As a decimal and a hexadecimal number, and with their type."""
    text = "const @N = 1ULL << 12;\nmap m: array<__u32, __u32>[N];"
    assert "= 4096 = 0x1000, `unsigned long long`" in shown(text)
    assert "= 4096" in shown(text.replace("@", "").replace("[N]", "[@N]"))
    assert "= 24" in shown("const N = 3 * @8;")


def test_a_map_is_what_it_comes_to() -> None:
    """All that is filled in, sizes, memory and fingerprint."""
    text = "struct k { __u32 prefixlen; __u32 data; };\nmap @m: lpm_trie<k, __u64>[1 << 10];"
    found = shown(text)
    assert "key: `struct k`, 8 bytes" in found
    assert "max_entries: 1024" in found
    assert "pinning: `by_name`" in shown("map @m: hash<__u32, int>[1] { pinning = by_name; };")
    assert "`BPF_F_NO_PREALLOC` = 0x1 (filled in: the kernel insists)" in found
    assert "memory: " in found
    assert "fingerprint: `0x" in found
    cpus = shown("map @m: percpu_array<__u32, __u64>[4];", Options(machine=Machine(cpus=8)))
    assert "with 8 CPUs" in cpus


def test_kinds_flags_and_attributes() -> None:
    """Their rules, and whether the kind and the target take them."""
    assert "since Linux 5.8" in shown("map m: @ringbuf[4096];")
    text = "target kernel >= 5.4;\nmap m: hash<__u32, __u32>[8] { @map_flags = BPF_F_MMAPABLE; };"
    assert "Of `hash`: " in shown(text)
    flag = shown(text.replace("@", "").replace("BPF_F_MMAP", "@BPF_F_MMAP"))
    assert "A map of kind `hash` doesn't take it" in flag
    assert "Linux 5.4, doesn't know it" in flag
    assert "older than that" in shown("target kernel >= 5.4;\nmap m: @ringbuf[4096];")
    assert "loader sets it" in shown("map m: hash<__u32, __u32>[@runtime];")
    assert "/sys/fs/bpf" in shown("map m: hash<__u32, __u32>[1] { pinning = @by_name; };")


def test_what_a_name_means_in_a_branch() -> None:
    """A declaration is its own; a use that may mean either shows both."""
    text = (
        "macro A;\nwhen (A) { struct k { __u32 x; }; } else { struct k { __u64 y; }; }\n"
        "map m: hash<k, __u32>[8];"
    )
    second = shown(text.replace("else { struct k", "else { struct @k"))
    assert "__u64 y" in second
    assert "__u32 x" not in second
    both = shown(text.replace("<k", "<@k"))
    assert "__u32 x" in both
    assert "__u64 y" in both


def test_hovers_work_in_a_broken_text() -> None:
    """What is wrong before it and after it doesn't matter."""
    text = (
        "struct k { __u32 x; };\nmap a: hash<k k>[;\n"
        "map b: @hash<k, __u32>[8] { map_flags = BPF_F_RDONLY |\n"
    )
    assert "hash<KEY, VALUE>" in shown(text)
    assert "at 0: 4 bytes" in shown(text.replace("@", "").replace("hash<k,", "hash<@k,"))
    assert "can't write" in shown(text.replace("@", "").replace("BPF_F", "@BPF_F"))


@pytest.mark.parametrize("code", ["key-size-conflict", "map-flags", "break-pin-gone"])
def test_codes_of_allowances_are_explained(code: str) -> None:
    """As `bpfgen explain` does."""
    word = "allow-break" if code.startswith("break") else "allow"
    text = f"// bpfgen: {word} {code[:2]}@{code[2:]} because it is so\nmap m: queue<int>[2];"
    assert f"**{code}**" in shown(text)


def test_imports_and_includes() -> None:
    """Which file it is."""
    texts = {"/t/maps.dsl": 'import "common.dsl";', "/t/common.dsl": "/// Shared.\n\nconst A = 1;"}
    found = hover(analysed(texts)["/t/maps.dsl"], 10)
    assert found is not None
    assert "`/t/common.dsl`" in found.markdown
    assert "Shared." in found.markdown
    assert "1 declaration." in found.markdown


def test_hints() -> None:
    """Where members are, what constants, enumerators and maps come to."""
    kinds = MAP_KINDS["array"], MAP_KINDS["ringbuf"]
    array = map_memory(MapNumbers(kinds[0], 4, 24, 16), Machine()).created
    ring = map_memory(MapNumbers(kinds[1], 0, 0, 64 << 10), Machine()).created
    assert hinted(
        "const N = 1 << 4;\nconst M = 16;\n"
        "enum e { A, B = 4, C };\n"
        "struct s {\n    __u8 a, *b;\n    __u8 c[2];\n};\n"
        "map m: array<__u32, s>[N];\n"
        "map r: ringbuf[64 KiB];\n"
    ) == (
        "const N = 1 << 4⟨= 16 = 0x10⟩;\nconst M = 16;\n"
        "enum e { A⟨= 0⟩, B = 4, C⟨= 5⟩ };\n"
        "struct s {\n    __u8 a⟨at 0, 1 byte⟩, *b;⟨at 8, 8 bytes, after a hole of 7 bytes⟩\n"
        "    __u8 c[2];⟨at 16, 2 bytes⟩\n};⟨24 bytes, the last 6 bytes padding⟩\n"
        f"map m: array<__u32, s>[N];⟨16 entries, memory {spelled_bytes(array)}⟩\n"
        f"map r: ringbuf[64 KiB];⟨64 KiB, memory {spelled_bytes(ring)}⟩\n"
    )


def test_hints_of_a_stretch_alone() -> None:
    """An editor asks for what is on the screen."""
    text = "const N = 1 << 4;\n" * 3
    text = text.replace("N", "A", 1).replace("N", "B", 1)
    analysis = one(text)
    assert len(inlay_hints(analysis, Span(analysis.source, 20, 30))) == 1


def test_signatures() -> None:
    """Of a kind's arguments and entries, of macros; whichever is being typed."""
    for text, label, active in (
        ("map m: hash<@", "hash<KEY, VALUE>[MAX_ENTRIES]", 0),
        ("map m: hash<struct { int a, b; }, @", "hash<KEY, VALUE>[MAX_ENTRIES]", 1),
        ("map m: hash<__u32, __u32>[@", "hash<KEY, VALUE>[MAX_ENTRIES]", 2),
        ("map m: ringbuf[@", "ringbuf<RECORD>[BYTES]", 1),
        ("map m: array_of_maps<__u32, hash<@", "hash<KEY, VALUE>[MAX_ENTRIES]", 0),
        ("struct s { int x __aligned(@", "__aligned(bytes)", 0),
        ("when (A >= KERNEL_VERSION(5, @", "KERNEL_VERSION(major, minor, patch)", 1),
    ):
        found = signature(*at(text))
        assert found is not None
        assert found.label == label
        assert found.active == active
        for parameter in found.parameters:
            assert found.label[parameter.start : parameter.end].isidentifier()
    assert signature(*at("map m: hash<__u32, __u32>[4]@")) is None
    templates = "template t: hash<__u32, __u32>;\ntemplate u: hash<__u32, __u32>[4];\nmap m: "
    found = signature(*at(f"{templates}t[@"))
    assert found is not None
    assert found.label == "t[MAX_ENTRIES]"
    for whole in ("t<@", "u[@", "u<@"):
        assert signature(*at(templates + whole)) is None, whole
    assert signature(*at("// hash<@")) is None


def test_nothing_raises_in_any_text() -> None:
    """Programs that were cut, shuffled and garbled, asked at random places."""
    choice = random.Random(SEED)  # noqa: S311 -- test data
    whole = [next(iter(texts.values())) for texts in good_texts(SEED, COUNT)]
    whole += conditional_texts(SEED, COUNT // 2)
    for text in whole:
        if "\ninclude" in text:
            continue
        for _ in range(4):
            broken = _broken(text, choice)
            analysis = analyse("/t/maps.dsl", broken)
            for offset in (choice.randint(0, len(broken)) for _ in range(4)):
                hover(analysis, offset)
                signature(analysis, offset)
                for item in completions(analysis, offset).items:
                    assert item.span.start <= offset <= item.span.end
                    assert "\n" not in item.span.text
            inlay_hints(analysis, Span(analysis.source, 0, len(broken)))


def _broken(text: str, choice: random.Random) -> str:
    """Return *text* as somebody might have it who is typing."""
    way = choice.randrange(4)
    start = choice.randrange(len(text))
    if way == 0:
        return text[:start]
    if way == 1:
        return text[:start] + text[start + choice.randrange(40) :]
    if way == 2:
        other = choice.randrange(len(text))
        return text[:start] + text[other : other + 60] + text[start:]
    garbage = "".join(choice.choices("{}()[]<>;:,=|\"/*'\\\n abc0é", k=8))
    return text[:start] + garbage + text[start:]
