"""One header for all variants: the real preprocessor and compiler see each variant's own in it."""

from __future__ import annotations

import os
import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen import Options, compile
from bpfgen.building import build
from bpfgen.compiler import emit_files
from bpfgen.conditions.macros import macro_flags
from bpfgen.emit.c.options import HeaderOptions
from bpfgen.emit.c.variants.choices import Choices
from bpfgen.emit.c.variants.header import VariantHeaders
from bpfgen.record import replace
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source
from tests.conformance import random_conditions
from tests.tools import clang_program, header_flags, require_file

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.compiler import Compilation

SEED, COUNT = map(int, os.environ.get("BPFGEN_PROOF_CONDITIONS", "12:3").split(":"))

SIDES = (
    ("c", "-D__bpf__"),
    ("c",),
    ("c++",),
)
"""The language of a program, and what else it says."""


def preprocessed(text: str, side: tuple[str, ...], defined: list[str]) -> list[str]:
    """Return the lines that clang's preprocessor makes of *text*, definitions too, no blank ones.

    Headers that the text includes aren't looked for: they are the same for both.
    """
    language, *more = side
    text = text.replace("#include ", "#pragma included ")
    command = [clang_program(), "-E", "-P", "-dD", "-undef", "-x", language, *more, *defined, "-"]
    ran = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return [line for line in ran.stdout.splitlines() if line.strip()]


def compiled(text: str, options: Options | None = None, name: str = "maps.dsl") -> Compilation:
    """Return *text*, which has variants and no errors."""
    compilation = compile(Source(name, text), options)
    assert [said.message for said in compilation.diagnostics if said.severity == ERROR] == []
    assert compilation.variants
    return compilation


def check_views(
    compilation: Compilation, options: HeaderOptions, sides: tuple[tuple[str, ...], ...] = SIDES
) -> None:
    """Assert that each variant's header is what the preprocessor makes of the one of all."""
    assert compilation.places is not None
    assignments = [variant.assignment for variant in compilation.variants]
    choices = Choices(assignments, compilation.places)
    models = [variant.model for variant in compilation.variants]
    headers = VariantHeaders(models, choices, options)
    merged = headers.merged().text
    for number, assignment in enumerate(assignments):
        own = headers.alone(number).text
        for side in sides:
            flags = macro_flags(assignment)
            seen, wanted = (preprocessed(text, side, flags) for text in (merged, own))
            assert seen == wanted, (assignment, side)


@pytest.mark.parametrize("seed", range(SEED, SEED + COUNT))
def test_random_conditions(seed: int) -> None:
    """Random sources: the preprocessor's view, on all sides, and what clang makes of each variant.

    The compiled variants are compared with their models, which no `#if` had a part in.
    """
    draw = random.Random(seed)  # noqa: S311 -- reproducible, nothing secret
    compilation = compiled(random_conditions.Source(draw).text(4))
    check_views(compilation, HeaderOptions(accessors=seed % 2 == 0))
    built = build(compilation)
    assert built.diagnostics == []


ACCESS = {"modern": {"accessors": ("",)}, "initializer": {}}
CASES = {
    "alternatives": """
        macro MODE;
        struct a_value { __u32 first; __u32 second; };
        when (MODE == 1) { map m: array<__u32, a_value>[4]; }
        else when (MODE == 2) { map m: hash<__u32, __u64>[8] { map_flags = BPF_F_NO_PREALLOC; } }
        else { map m: ringbuf<a_value>[256 KiB]; }
    """,
    "slots and programs": """
        macro TAIL;
        int tail(struct __sk_buff *skb);
        when (defined(TAIL)) { int other(struct __sk_buff *skb); }
        template counters: array<__u32, __u64>[8];
        map slot_a: counters;
        map slots: array_of_maps<__u32, counters>[4] = { [0] = slot_a };
        when (defined(TAIL)) { map jumps: prog_array[4] = { [0] = tail, [1] = other } }
        else { map jumps: prog_array[4] = { [0] = tail } }
    """,
    "extern, weak and static sizes": """
        macro SHARED;
        when (SHARED) { extern map m: hash<__u32, __u64>[16]; }
        else { map m: hash<__u32, __u64>[16]; }
        weak map w: array<__u32, __u64>[1] { when (SHARED > 1) { pinning = by_name; } }
    """,
    "legacy": """
        macro OLD;
        when (OLD) { legacy map m: array<__u32, __u64>[4]; } else { map m: array<__u32, __u64>[4]; }
        map n: array<__u32, __u64>[4];
    """,
    "constants": """
        macro SIZE;
        when (SIZE >= 1000) { const ENTRIES = 1 << 20; } else when (SIZE) { const ENTRIES = 4096; }
        else { const ENTRIES = 16; }
        enum { STEP = ENTRIES / 2, LAST };
        struct buffer { __u8 bytes[ENTRIES]; };
        map m: hash<__u32, __u32>[ENTRIES * 2];
        when (SIZE < 1000) { map buffers: array<__u32, buffer>[STEP]; }
    """,
    "an order that a variant needs": """
        macro NEW;
        map first: hash<__u32, early>[1];
        when (NEW) { typedef struct late early; }
        struct late { __u64 a; };
        when (!NEW) { struct early { __u32 b; struct late c; }; }
    """,
    "special fields": """
        macro LOCKED, TIMED;
        when (LOCKED) { struct v { struct bpf_spin_lock lock; __u32 n; }; }
        else { struct v { __u32 n; __u32 class; }; }
        when (TIMED) {
            struct t { struct bpf_timer timer; __u64 n; };
            map timers: hash<__u32, t>[4];
        }
        map m: hash<__u32, v>[4];
    """,
}


@pytest.mark.parametrize("case", CASES)
def test_what_may_stand_in_a_when(case: str) -> None:
    """Each kind of declaration, there in some variants: the same views, and clang agrees."""
    compilation = compiled(CASES[case])
    check_views(compilation, HeaderOptions(accessors=case in {"alternatives", "special fields"}))
    assert [said.message for said in build(compilation).diagnostics] == []


def test_extern_maps() -> None:
    """With BPFGEN_EXTERN_MAPS, too, each variant is what its own header is."""
    extern = ("c", "-D__bpf__", "-DBPFGEN_EXTERN_MAPS")
    check_views(compiled(CASES["slots and programs"]), HeaderOptions(), (extern,))
    check_views(compiled(CASES["legacy"]), HeaderOptions(), (extern,))


def test_the_initializer_style() -> None:
    """The old form of definitions has variants like the other."""
    options = Options(style="initializer")
    compilation = compiled(CASES["constants"], options)
    check_views(compilation, HeaderOptions("initializer"))
    assert [said.message for said in build(compilation, options).diagnostics] == []


def test_an_import_with_conditions(tmp_path: Path) -> None:
    """A file sees the variants of what it imports, and its header includes one header."""
    common = "macro WIDE; when (WIDE) { typedef __u64 number; } else { typedef __u32 number; }"
    (tmp_path / "common.dsl").write_text(common, encoding="utf-8")
    text = (
        'import "common.dsl";\nstruct pair { number a; number b; };\nmap m: hash<__u32, pair>[8];'
    )
    compilation = compiled(text, name=str(tmp_path / "maps.dsl"))
    (header,) = emit_files(compilation)
    assert header.text.count('#include "common.h"') == 1
    assert [said.message for said in build(compilation).diagnostics] == []


def test_an_include_under_a_condition(tmp_path: Path) -> None:
    """A header that is included in one variant is there in that variant alone."""
    (tmp_path / "old.h").write_text("struct seen { int a; };\n", encoding="utf-8")
    (tmp_path / "new.h").write_text("struct seen { long long a, b; };\n", encoding="utf-8")
    text = """
        macro NEW;
        when (NEW) { include "new.h"; } else { include "old.h"; }
        map m: hash<__u32, struct seen>[8];
    """
    compilation = compiled(text, name=str(tmp_path / "maps.dsl"))
    (header,) = emit_files(compilation)
    assert '#if NEW\n#include "new.h"\n#else\n#include "old.h"\n#endif\n' in header.text
    assert [said.message for said in build(compilation).diagnostics] == []


MANY = """
    macro A, B, C, D, E, F, G;
    when (A) { struct only_a { __u64 n; }; }
    when (B) { struct only_b { __u32 class; __u8 bits : 3; }; }
    when (C) { struct shared { __u32 x; }; } else { struct shared { __u64 y; __u64 z; }; }
    when (D) { int first(struct xdp_md *context); }
    int second(struct xdp_md *context);
    map jumps: prog_array[1] = { [0] = second }
    when (A) {
        map a: array_of_maps<__u32, hash<__u32, only_a>[4]>[2];
        map ra: ringbuf<only_a>[4096];
    }
    when (B) { map b: hash_of_maps<__u32, hash<only_b, __u32>[4]>[2]; }
    when (E) { map e: hash<__u32, shared>[4]; }
    map s: array_of_maps<__u32, array<__u32, shared>[2]>[2];
    when (F) { map f: perf_event_array<shared>; map q: queue<shared>[4]; }
    when (G) {
        struct locked { struct bpf_spin_lock lock; __u32 n; };
        map l: hash<__u32, locked>[2];
    }
    map p: lru_hash<__u64, __u32>[8] { when (F == 2) { pinning = by_name; } }
"""


INITIALIZED = """
    macro A, B, C, D, E, F, G;
    when (A) { map a: array<__u32, __u32>[1]; } when (B) { map b: hash<__u32, __u32>[1]; }
    when (C) { map c: array<__u32, __u64>[1]; } when (D) { map d: hash<__u64, __u32>[1]; }
    when (E || F || G) { map e: stack_trace[1] { key_size = 4; value_size = 64; } }
"""


def test_combinations_that_no_variant_shows(tmp_path: Path) -> None:
    """Of many macros some combinations are compiled; the header is right for the others as well.

    What clang makes of it with random values is compared with the model of just these values, and
    compilers for user space take it, C and C++.
    """
    require_file("/usr/include/bpf/libbpf.h", "libbpf-dev")
    plain = compiled(MANY)
    assert len(plain.variants) < 2**7
    for style in (Options(), Options(style="initializer")):
        text = MANY if style.style == "modern" else INITIALIZED
        (header,) = emit_files(compiled(text, style), style, settings=ACCESS[style.style])
        assert header.placed is not None
        (tmp_path / "maps.h").write_bytes(header.data)
        (tmp_path / "use.c").write_text('#include "maps.h"\n')
        draw = random.Random(5)  # noqa: S311 -- reproducible, nothing secret
        for _ in range(8):
            values = {name: draw.choice((None, None, 1, 1, 2)) for name in "ABCDEFG"}
            options = replace(
                style,
                definitions={name: str(value) for name, value in values.items() if value},
                undefined=tuple(name for name, value in values.items() if value is None),
            )
            own = compiled(text, options)
            first = own.variants[0]
            assert dict(first.assignment).items() >= values.items()
            only = replace(own, variants=(first,), undecided=())
            assert [said.message for said in build(only, options, header=header).diagnostics] == []
            for language in ("c", "c++"):
                flags = [
                    *macro_flags(first.assignment),
                    *header_flags(),
                    "-fsyntax-only",
                    "-Werror",
                ]
                command = [clang_program(), "-x", language, *flags, "use.c"]
                subprocess.run(command, cwd=tmp_path, check=True)


def test_the_header_is_one_whatever_is_decided() -> None:
    """`-D` and `-U` of listed macros, with values that nothing asks for too, change no byte."""
    text = CASES["alternatives"]
    plain = emit_files(compiled(text))
    for definitions, undefined in (({"MODE": "2"}, ()), ({"MODE": "77"}, ()), ({}, ("MODE",))):
        options = Options(definitions=definitions, undefined=undefined)
        assert emit_files(compiled(text, options), options) == plain


def test_a_value_that_was_not_tried() -> None:
    """A macro of another value than any that was tried falls under the same conditions."""
    text = CASES["constants"]
    (header,) = emit_files(compiled(text))
    for value, entries in ((12345, 1 << 20), (999, 4096), (1000, 1 << 20), (7, 4096), (0, 16)):
        flags = [f"-DSIZE={value}"]
        options = Options(definitions={"SIZE": str(value)})
        own = compiled(text, options)
        names = {map.name: map.shape.attributes["max_entries"].value for map in own.model.maps}
        assert names["m"] == entries * 2
        lines = preprocessed(header.text, ("c", "-D__bpf__"), flags)
        assert f"#define m__max_entries {entries * 2}" in lines
        assert ("buffers" in names) == ('#define buffers__name "buffers"' in lines)
