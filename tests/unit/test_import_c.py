"""C sources as sources of the language: maps of every form, with the names that they use."""

from __future__ import annotations

import pytest

from bpfgen.compiler import compile
from bpfgen.imported.c import import_c
from bpfgen.imported.c.text import read_c
from bpfgen.object import read_object
from bpfgen.source import Source
from bpfgen.verify import verify
from tests import compiled

PROGRAM = """
#define MAX_FLOWS (1 << 16)  // a comment
#define UNUSED 3
#define LONG \\
    12
#ifdef DEBUG
#define N 4
#elif 1 > 2 || defined(LONG) && !defined(NOTHING)
#define N 8
#else
#define N 16
#endif
/* a key; struct not_this { */
struct flow_key {
    __be32 saddr, daddr; // both
    __u16 ports[2];
} __attribute__((packed));
enum mode { MODE_A, MODE_B = LONG };
typedef struct { __u64 bytes; enum mode m; __u32 pad; } flow_t;
struct unrelated { int x; };
struct inner {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, N);
    __type(key, __u32);
    __type(value, flow_t);
};
struct inner in_a SEC(".maps"), in_b SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, MAX_FLOWS);
    __type(key, struct flow_key);
    __type(value, flow_t);
    __uint(map_flags, BPF_F_RDONLY_PROG);
    __uint(pinning, LIBBPF_PIN_BY_NAME);
} flows SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
    __uint(max_entries, 5);
    __type(key, __u32);
    __array(values, struct inner);
} outer SEC(".maps") = { .values = { (void *)&in_a, 0, [3] = (void *)&in_b, (void *)&in_a } };
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, 5);
    __uint(key_size, sizeof(__u32));
    __array(values, struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 3);
                             __type(key, __u32[2]); __uint(value_size, sizeof(flow_t)); });
} nested SEC(".maps");
struct {
    __uint(type, 7);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, PERF_MAX_STACK_DEPTH * sizeof(__u64));
    __uint(max_entries, 128);
} stacks __weak SEC(".maps");
SEC("xdp") int tail(struct context *ctx) { if (1) { return '}'; } return 0; }
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __uint(key_size, 4);
         __array(values, int (void *)); } jumps SEC(".maps") = {
    .values = { [1] = (void *)&tail } };
char LICENSE[] SEC("license") = "GPL;{";
"""

HEADER = """
#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_PROG_ARRAY 3
#define BPF_MAP_TYPE_HASH 1
#define BPF_MAP_TYPE_LRU_HASH 9
#define BPF_MAP_TYPE_ARRAY_OF_MAPS 12
#define BPF_MAP_TYPE_HASH_OF_MAPS 13
#define BPF_F_RDONLY_PROG 128
#define LIBBPF_PIN_BY_NAME 1
#define PERF_MAX_STACK_DEPTH 127
#define __weak __attribute__((weak))
"""


def test_the_maps_are_those_of_the_compiled_file() -> None:
    """What clang makes of the C is what the imported source declares, by verification."""
    found = import_c(PROGRAM, "program.c")
    assert [each.message for each in found.diagnostics if each.severity == "warning"] == []
    compilation = compile(Source("program.dsl", found.text))
    assert not compilation.failed
    data = compiled.compile_c(compiled.MACROS + HEADER + PROGRAM, compiled.newest())
    emitted = read_object(data)
    names = {each.name for each in emitted.maps}
    assert {each.name for each in compilation.model.maps} == names
    differences = verify(compilation.model, emitted, exact=False)
    assert [each.message for each in differences] == []


def test_names_and_expressions_are_kept() -> None:
    """What the maps need comes along, to the letter; what they don't doesn't."""
    text = import_c(PROGRAM, "program.c").text
    for line in (
        "const MAX_FLOWS = (1 << 16);",
        "const N = 8;",
        "enum mode { MODE_A, MODE_B = LONG };",
        "map in_b: inner;",
        "map flows: lru_hash<struct flow_key, flow_t>[MAX_FLOWS] {",
        "    value_size = PERF_MAX_STACK_DEPTH * sizeof(__u64);",
        "map outer: hash_of_maps<__u32, inner>[5] = { [0] = in_a, [3] = in_b, [3 + 1] = in_a };",
        "int tail(struct context *ctx);",
    ):
        assert f"{line}\n" in text, text
    assert "UNUSED" not in text
    assert "unrelated" not in text


def test_legacy_maps() -> None:
    """`struct bpf_map_def` and iproute2's; what has no place is told with its line."""
    found = import_c(
        """
struct bpf_map_def SEC("maps") old = {
    .type = BPF_MAP_TYPE_HASH, .key_size = sizeof(int), .value_size = 8, .max_entries = 4 };
BPF_ANNOTATE_KV_PAIR(old, int, long);
struct bpf_elf_map SEC("maps") tc = { .type = BPF_MAP_TYPE_ARRAY, .size_key = 4,
    .size_value = sizeof(__u64), .max_elem = 2, .pinning = PIN_GLOBAL_NS };
struct bpf_map_def placed __attribute__((section("maps"), used)) = { 1, 4, 8, 16 };
""",
        "dir/old.c",
    )
    assert "legacy map old: hash<int, long>[4];\n" in found.text
    assert "    value_size = sizeof(__u64);\n" in found.text
    assert "legacy map placed: hash[16] {\n" in found.text
    (told,) = found.diagnostics
    assert told.message == (
        "old.c:5: `pinning` of legacy map `tc` is PIN_GLOBAL_NS, which `struct bpf_map_def` has "
        "no place for"
    )


def test_the_first_form() -> None:
    """Attributes that an initializer gives."""
    found = import_c(
        """
struct my_value { int x, y, z; };
struct {
    int type; int max_entries; int *key; struct my_value *value;
} btf_map SEC(".maps") = { .type = BPF_MAP_TYPE_ARRAY, .max_entries = 16 };
""",
        "seed.c",
    )
    assert "map btf_map: array<int, struct my_value>[16];\n" in found.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '#define MAKE(n) struct { __uint(type, 1); } n SEC(".maps")\nMAKE(x);',
            "x.c:2: the map that the macro `MAKE` makes isn't imported",
        ),
        ('struct { __uint(type, WHAT); } m SEC(".maps");', "its type is `WHAT`"),
        ('struct { __uint(typ, 1); } m SEC(".maps");', "its type is missing"),
        ('struct elsewhere m SEC(".maps");', "`elsewhere` isn't defined in this file"),
        ('struct { __uint(type, 1) } m SEC(".maps");', "this C can't be read"),
        ('struct { __uint(type, 1); __uint(odd, 1); } m SEC(".maps");', "no attribute `odd`"),
        ('struct { __uint(type; } m SEC(".maps");', "takes two arguments"),
        (
            (
                "struct { __uint(type, 1); __type(key, struct gone); __type(value, int);"
                ' __uint(max_entries, 1); } m SEC(".maps");'
            ),
            "map `m` is left out: ",
        ),
    ],
)
def test_what_can_t_be_translated(text: str, told: str) -> None:
    """It is told, with its line where it stands, and nothing breaks."""
    found = import_c(text, "x.c")
    assert found.text == ""
    assert any(told in each.message for each in found.diagnostics), found.diagnostics


@pytest.mark.parametrize(
    "text",
    ["{", "}", '"', "/*", "#if", "#else\n#endif", "struct", "SEC(", "(((((", "#define", "\\"],
)
def test_broken_text(text: str) -> None:
    """Whatever it is, it is read to its end."""
    assert import_c(text, "x.c").text == ""
    read_c(text * 3)
