"""What to type about padding, typed: no padding is left, and no member has moved."""

from __future__ import annotations

import re
from random import Random

import pytest

from bpfgen.compiler import compile
from bpfgen.ctype.padding import has_padding
from bpfgen.ctype.types import Composite
from bpfgen.text.source import Source

STEP = re.compile(
    r"(?:add|write) `([^`]+)` (instead of the unnamed bit-fields? )?"
    r"(?:(after|before) `(\w+)`|at its start)"
)
"""A step of the help."""


def _layout(text: str) -> tuple[Composite, str]:
    """Return the struct `s` of *text*, and the help about its padding."""
    compilation = compile(Source("m.dsl", text))
    assert not compilation.failed, (text, compilation.diagnostics)
    struct = compilation.model.types["struct", "s"]
    assert isinstance(struct, Composite)
    helps = [d.help for d in compilation.diagnostics if d.code == "value-padding"]
    assert len(helps) == has_padding(struct), text
    return struct, "".join(helps)


def _program(lines: list[str], attributes: str) -> str:
    body = "\n".join(lines)
    return f"struct s {{\n{body}\n}}{attributes};\nmap m: array<__u32, struct s>[1];\n"


def _line(member: str, lines: list[str]) -> int:
    (found,) = (i for i, line in enumerate(lines) if re.search(rf"\b{member}\b", line))
    return found


def _mended(lines: list[str], help: str) -> list[str]:
    """Return the members *lines* after each step of *help*."""
    lines = list(lines)
    steps = STEP.findall(help)
    assert steps, help
    for added, instead, where, member in steps:
        at = 0 if not member else _line(member, lines) + (where == "after")
        while instead and at < len(lines) and re.search(r"\w :", lines[at]) is not None:
            if not re.fullmatch(r"\w+ : \d+;", lines[at]):
                break
            del lines[at]
        lines.insert(at, added)
    return lines


def _places(struct: Composite, names: set[str]) -> dict[str, int]:
    return {m.name: m.bit_offset for m in struct.members if m.name is not None and m.name in names}


@pytest.mark.parametrize("seed", range(4))
def test_the_help_mends_all_padding_at_once(seed: int) -> None:
    """Of random structs, packed and aligned ones, with bit-fields, named or not."""
    random = Random(seed)  # noqa: S311 -- not for secrets
    tried = 0
    while tried < 60:
        lines = []
        for number in range(random.randint(1, 6)):
            bits = random.choice((8, 16, 32, 64))
            kind = random.random()
            if kind < 0.45:
                lines.append(f"__u{bits} m{number};")
            elif kind < 0.7:
                lines.append(f"__u{bits} m{number} : {random.randint(1, bits)};")
            elif kind < 0.9:
                lines.append(f"__u{bits} : {random.randint(0, bits)};")
            else:
                lines.append(f"__u8 m{number}[{random.randint(1, 5)}];")
        attributes = random.choice(("", "", "", " __attribute__((packed))"))
        if all(":" in line and " : 0" in line for line in lines):
            continue
        if not any("m" in line for line in lines):
            continue
        struct, help_ = _layout(_program(lines, attributes))
        if not help_:
            continue
        tried += 1
        after, left = _layout(_program(_mended(lines, help_), attributes))
        names = {member.name for member in struct.members if member.name is not None}
        shown = _program(_mended(lines, help_), attributes)
        assert left == "", f"{_program(lines, attributes)}{help_}\n{shown}{left}"
        assert _places(after, names) == _places(struct, names), shown
        assert after.size == struct.size, shown


def test_a_union_gets_one_member_that_fills_it() -> None:
    """A member after the longest one would be another alternative."""
    text = "union u { __u32 n; __u8 text[7]; };\nmap m: array<__u32, union u>[1];\n"
    (diagnostic,) = compile(Source("m.dsl", text)).diagnostics
    assert "`__u8 pad[8];`" in diagnostic.help
    assert compile(Source("m.dsl", text.replace("};", "__u8 pad[8]; };", 1))).diagnostics == []


def test_a_name_that_is_taken_is_not_used_again() -> None:
    """Members of anonymous structs have names in the same scope."""
    text = "struct s { __u8 pad; __u32 x; struct { __u64 pad2; }; };\n"
    (diagnostic,) = compile(Source("m.dsl", f"{text}map m: array<__u32, s>[1];\n")).diagnostics
    assert "`__u8 pad3[3];`" in diagnostic.help


def test_beside_a_special_field_no_bit_field_begins_within_a_byte() -> None:
    """The kernel refuses such a value, so that the bit-field before is made larger."""
    text = "struct v { struct bpf_spin_lock lock; __u8 a : 1; __u8 : 3; };\n"
    (diagnostic,) = compile(Source("m.dsl", f"{text}map m: array<__u32, v>[1];\n")).diagnostics
    assert diagnostic.help.startswith(
        "let `a` have 8 bits instead of the unnamed bit-field after it,"
        " add `__u8 pad[3];` after `a`"
    )
    mended = text.replace("a : 1; __u8 : 3;", "a : 8; __u8 pad[3];")
    assert compile(Source("m.dsl", f"{mended}map m: array<__u32, v>[1];\n")).diagnostics == []


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("hash<s, __u32>[8]", "hashed with all its bytes"),
        ("lpm_trie<s, __u32>[8] { map_flags = BPF_F_NO_PREALLOC; }", "compared bit by bit"),
    ],
)
def test_a_key_is_found_as_its_kind_finds_it(kind: str, words: str) -> None:
    """A trie hashes nothing."""
    text = f"struct s {{ __u32 prefixlen; __u8 b; __u64 c; }};\nmap m: {kind};\n"
    found = [d for d in compile(Source("m.dsl", text)).diagnostics if d.code == "key-padding"]
    assert len(found) == 1
    assert words in found[0].message
