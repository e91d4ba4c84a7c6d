"""The texts that highlighting is held against: samples, examples, odd ones, and random programs."""

from __future__ import annotations

import os
import random
import re
from functools import cache

from tests.fuzz.programs import program
from tests.highlighting.meanings import meanings
from tests.tools import CHECKOUT

SEED = int(os.environ.get("BPFGEN_HIGHLIGHTING_SEED", "0"))
COUNT = int(os.environ.get("BPFGEN_HIGHLIGHTING_COUNT", "6"))
"""Of the random programs."""

ODD = r"""
#define NOTHING \
    map here: is nothing;
//// no doc comment
/** a doc comment
 * of two lines, with map m: hash */ struct template { int map, key, value, weak, legacy, import; };
/**/ /***/ /* map x: array */
typedef struct { struct template one; enum later *two; } target, *targets[2][3];
typedef int (*callback)(struct template *self, const char *, unsigned long flags, ...);
extern struct template outside;
union { __u8 a; } const nothing;
enum later : __u8 { FIRST, SECOND __attribute__((unused)) = FIRST + 1, };
enum { ALONE = sizeof(struct template) / 8 };
const int typed = (int)sizeof(unsigned long) << 2;
const __u64 also = (__u64)1 ? 'a' : L'\'';
struct __attribute__((packed, aligned(8))) whole {
    enum later last : 3, : 0, key:2;
    enum later:__u8 odd;
    volatile const struct { union { int a; }; } inside[ALONE];
    struct whole *next __attribute__((btf_decl_tag("a // b")));
    int (*f[4])(struct whole *), (*(*g)(int))(char);
    struct later_on __kptr *kernel;
    struct bpf_list_head head __contains(template, key);
    _Alignas(16) _Alignas(long) __u32 aligned __aligned(32);
};
include <linux/in.h>;
include "beside.h";
include kernel;
import "common.bpfmap"; import "a.dsl";
target kernel >= 5.15; target libbpf 1.2;
macro MODE, FAST;
when (defined(MODE) && MODE >= KERNEL_VERSION(5, 8, 0) || !FAST) { map when: hash<int, int>[1] }
else when (FAST) { when (MODE) { const map = 1; } else {} } else { int else_(void); }
weak map a __attribute__((btf_decl_tag("x"))): hash<char[16], struct whole *>[4 KiB] {
    // bpfgen: allow key-size because it is so
    key_size = 16; when (FAST) { map_flags = BPF_F_A | 1u; } else { pinning = by_name; }
    value = hash<int, struct { int x; }>[2] { max_entries = runtime; };
}
legacy map b: array[runtime] extern map c: a_template { key = __u32; }
map d: array_of_maps<__u32, array<__u32, hash>[2] { pinning = none; }>[2] =
    { [0] = x, [FIRST + 1] = &y, (void *)&z, };
template e: prog_array[4]
int program(struct __sk_buff *skb); void other(int (*callback)(int a), ...);
map f: ringbuf<unsigned long long>[(1 << 2) MiB]; map g: hash_of_maps<__u64, e>;
"""
"""Forms that samples don't have: words of the language as names, and maps without a `;`."""

BROKEN = {
    "a map that is being typed": ("map a: hash<__u32,\n\nmap b: array<int, int>[1];\n", "b"),
    "a body that is open": ("struct s { int a\n\nmap b: array<int, int>[1];\n", "b"),
    "attributes that are open": ("map a: hash {\n    key = ;\n\nextern map b: array;\n", "b"),
    "an expression that is open": ("const N = (1 + sizeof(\n\ntemplate b: array;\n", "b"),
    "a condition that is open": ("when (A\nmap b: array<int, int>[1];\n", "b"),
    "a condition in a block that is open": ("when (A) {\nwhen (!(B\n\nmap b: array;\n", "b"),
    "parentheses too many": ("int f(int))); }}\nmap b: array;\n", "b"),
    "a string that is open": ('import "common\nmap b: array;\n', "b"),
}
"""Texts that aren't programs, and a name that is that of a map in them all the same."""


GAPS = (" /* gap */ ", "\t\f ", " /**/")
LINE_ENDS = ("/** a gap\n * of lines */ ", "\n\n", " // a gap\n")
"""What is put between tokens: line ends at a few places, since no engine looks beyond its line."""


def dressed(text: str, seed: int) -> str:
    """Return the program *text* with more between its tokens; an include stays one token."""
    chance = random.Random(seed)  # noqa: S311 -- texts, no secrets
    pieces: list[str] = []
    at = 0
    for piece in meanings(text):
        before = text[at : piece.start]
        is_free = "include" not in text[max(0, piece.start - 8) : piece.start]
        if is_free and piece.role != "preprocessor" and chance.random() < 0.3:
            before += chance.choice(LINE_ENDS if text[at - 1 : at] in {";", "{"} else GAPS)
        pieces += (before, text[piece.start : piece.end])
        at = piece.end
    return "".join((*pieces, text[at:]))


@cache
def texts() -> dict[str, str]:
    """Return programs by name."""
    found = {"odd": ODD, "odd and dressed": dressed(ODD, SEED)}
    for path in sorted((CHECKOUT / "samples").rglob("*.dsl")):
        if "broken" not in path.parts:
            found[str(path.relative_to(CHECKOUT))] = path.read_text(encoding="utf-8")
    page = (CHECKOUT / "docs/language.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```dsl[^\n]*\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    found.update((f"docs/language.md, example {n}", block) for n, block in enumerate(blocks))
    for number, (name, text) in enumerate(list(found.items())[2:]):
        if number % 8 == SEED % 8:
            found[f"{name}, dressed"] = dressed(text, SEED)
    for seed in range(SEED, SEED + COUNT):
        found[f"program {seed}"] = program(seed).text
    return found
