"""C sources as sources of the language: maps of every form, with the names that they use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfgen.clang import ToolMissing
from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options, compile
from bpfgen.importer.from_c import import_c
from bpfgen.importer.from_c.macros import is_constant, read_define
from bpfgen.object import read_object
from bpfgen.text.source import Source
from bpfgen.verify import verify
from tests import compiled
from tests.tools import require_clang

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.clang.compiler import Compiler

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
        "const MAX_FLOWS = (1 << 16);  // a comment",
        "const N = 8;",
        "enum mode { MODE_A, MODE_B = LONG };",
        "map in_b: inner;",
        "map flows: lru_hash<struct flow_key, flow_t>[MAX_FLOWS] {",
        "    value_size = PERF_MAX_STACK_DEPTH * sizeof(__u64);",
        "map outer: hash_of_maps<__u32, inner>[5] = { [0] = in_a, [3] = in_b, [4] = in_a };",
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
        ('struct { __uint(type, WHAT); } m SEC(".maps");', "its type is `WHAT`"),
        ('struct elsewhere m SEC(".maps");', "`elsewhere` isn't defined in this file"),
        ('struct { __uint(type, 1) } m SEC(".maps");', "this C can't be read"),
        ('struct { __uint(type, 1); __uint(odd, 1); } m SEC(".maps");', "no attribute `odd`"),
        (
            'struct { __uint(typ, 1); } m SEC(".maps");',
            "`typ`, which libbpf refuses; did you mean `type`?",
        ),
        (
            'struct { __uint(type, 1); __type(vlaue, int); } m SEC(".maps");',
            "did you mean `value`?",
        ),
        ('struct { __uint(kind, 1); } m SEC(".maps");', "no attribute `kind`, which libbpf"),
        ('struct { __uint(entries, 1); } m SEC(".maps");', "did you mean `max_entries`?"),
        ('struct { __uint(key_size, 4); } m SEC(".maps");', "its type is missing"),
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


MAP = "struct { __uint(type, 1); __type(key, int); __type(value, int); __uint(max_entries, %s); } m"


def imported(text: str) -> tuple[str, list[str]]:
    """Return the source of *text* and what is told, without a compiler."""
    found = import_c(text, "x.c", Options(clang=NoClang()))
    return found.text, [each.message for each in found.diagnostics]


class NoClang(Finder):
    """Finds no compiler."""

    def find(self) -> Compiler:
        """There is none."""
        raise ToolMissing("no clang")


@pytest.mark.parametrize("blanks", ["", " ", " \t ", "\f"])
def test_continued_lines(blanks: str) -> None:
    """A backslash continues a line as it does for clang, with blanks after it or without."""
    goes_on = f"\\{blanks}\n"
    cut_name = f'{MAP % f"MA{goes_on}NY"} SEC(".maps");\n'
    hidden = f'// no map here {goes_on}{MAP % 4} SEC(".maps");\n'
    text, told = imported(f"#define MANY {goes_on}    3\n{hidden}{cut_name}")
    assert text.endswith("const MANY = 3;\n\nmap m: hash<int, int>[MANY];\n")
    assert told == []


def test_a_comment_continues_a_directive() -> None:
    """Its lines belong to the directive, and so does what follows on its last line."""
    defined = "#define MANY 1 /* one\n and */ + 2 /* two\n\n */ + \\\n 3 // six\n"
    text, told = imported(f'{defined}{MAP % "MANY"} SEC(".maps");\n#if 0 /*\n*/\nNO(x)\n#endif\n')
    assert text.endswith("const MANY = 1 + 2 + 3;  // six\n\nmap m: hash<int, int>[MANY];\n"), text
    assert told == []
    _text, told = imported(f"{defined}\nBPF_HASH(counts, u64);")
    assert told[0].startswith("x.c:7: "), told


@pytest.mark.parametrize(
    ("condition", "is_true"),
    [
        ("1 << 40 > 1 << 39", True),  # the widest type, whatever the numbers' own
        ("-1 > 0u", True),
        ("-7 / 2 == -3 && 7 % 4 == 3", True),
        ("defined(YES) && !defined NO", True),
        ("YES ? NO : 1", False),
        ("'a' == 97", True),
        ("__has_builtin(nothing) || NO(1)", False),
        ("1 ? 1 / 1 : 1 / 0", True),
        ("1 / 0", False),
        ("YES > 3 == 010 - 7", True),
        ("2KiB", False),
        ("sizeof(int)", False),
        ("0; const more = 1", False),
        ("(" * 300 + "1" + ")" * 300, False),
    ],
)
def test_conditions_without_clang(condition: str, is_true: bool) -> None:
    """`#if` counts as C has it; what is no expression of numbers is false."""
    text = f'#define YES 4\n#if {condition}\n{MAP % 4} SEC(".maps");\n#endif\n'
    text = import_c(text, "x.c", Options(clang=NoClang()), is_decided=True).text
    assert ("map m:" in text) == is_true


def test_a_file_can_t_say_what_is_active() -> None:
    """Names and line markers like those of the import itself are the file's own affair."""
    good = f'{MAP % 4} SEC(".maps");\n'
    for forged in (
        "int __bpfgen_branch_0__, __bpfgen_branch_1__;\n",
        '# 1 "other.h" 1\n',
        '# 2 "x.c" 2\n',
    ):
        found = import_c(f"#if 0\n{good.replace('} m', '} gone')}#endif\n{forged}{good}", "x.c")
        assert "map m:" in found.text, forged
        assert "map gone:" not in found.text, forged


def test_needs_are_read_from_trees() -> None:
    """Members that are called like a constant or a type need neither; `contains:` needs a type."""
    text, told = imported(
        """
#define pid 4
typedef struct { int a; } cpu;
struct unused { int b; };
struct node { struct bpf_list_node link; };
struct head { struct bpf_list_head list __attribute__((btf_decl_tag("contains:node:link")));
    struct bpf_spin_lock lock; };
struct value { int cpu, unused; struct head head; };
struct { __uint(type, 2); __type(key, int); __type(value, struct value); __uint(max_entries, 1); }
    m SEC(".maps");
"""
    )
    assert told == []
    declared = [line.split(" {")[0] for line in text.splitlines() if line.startswith("struct ")]
    assert declared == ["struct node", "struct head", "struct value"]
    assert "typedef" not in text
    assert "const" not in text


def test_a_type_that_the_language_can_t_read() -> None:
    """The error is reported where the type stands, and only the maps that need it are lost."""
    text, told = imported(
        "struct odd { typeof(int) a; };\n"
        f'{MAP % 4} SEC(".maps");\n'
        "struct { __uint(type, 2); __uint(max_entries, 1); "
        '__type(key, int); __type(value, struct odd); } lost SEC(".maps");\n'
    )
    assert "map m: hash<int, int>[4];\n" in text
    assert "odd" not in text
    assert any(message.startswith("x.c:1: `struct odd` is left out: ") for message in told), told


def test_comments_become_doc_comments() -> None:
    """Those right above; not licences, and none that a blank line keeps away."""
    text, _told = imported(
        """/* SPDX-License-Identifier: GPL-2.0 */
// Not ours.

// How many
// there are.
#define N 4 /* at most */
/**
 * One entry.
 *   @a: both
 */
struct value {
    int a; ///< behind
    /// above
    int b; // "quoted"

    int c;
};
/* ----- maps ----- */
struct { __uint(type, 1); __type(key, int); __type(value, struct value); __uint(max_entries, N); }
    m SEC(".maps");
"""
    )
    assert (
        text
        == """/// The maps of x.c.

/// How many
/// there are.
const N = 4;  // at most

/// One entry.
/// @a: both
struct value {
    int a;  // behind
    // above
    int b;  // "quoted"

    int c;
};

/// ----- maps -----
map m: hash<int, struct value>[N];
"""
    )


def test_the_order_is_that_of_the_file() -> None:
    """Constants and types stand where they stood, each before what needs it."""
    text, _told = imported(
        "#define A 1\nstruct one { int x[A]; };\n"
        "struct { __uint(type, 1); __type(key, int); __type(value, struct one);"
        ' __uint(max_entries, A); } first SEC(".maps");\n'
        "#define B 2\nstruct two { int y[B]; };\n"
        "struct { __uint(type, 1); __type(key, int); __type(value, struct two);"
        ' __uint(max_entries, B); } second SEC(".maps");\n'
    )
    places = [
        text.index(word)
        for word in ("const A", "struct one", "map first", "const B", "struct two", "map second")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("before", "entries", "behind", "expected"),
    [
        ("#define N (1 << 4)", "N * 2", 'SEC(".maps")', "map m: hash<int, int>[N * 2];"),
        ("#define F(x) ((x) + 1)", "F(2)", 'SEC(".maps")', "map m: hash<int, int>[((2) + 1)];"),
        ("#define A B\n#define B 3", "A", 'SEC(".maps")', "map m: hash<int, int>[A];"),
        ("#define PATH_MAX 7", "PATH_MAX", 'SEC(".maps")', "map m: hash<int, int>[7];"),
        ("enum { FEW = 3 };", "FEW", 'SEC(".maps")', "map m: hash<int, int>[FEW];"),
        ("", "4", '__weak SEC(".maps")', "weak map m: hash<int, int>[4];"),
        ("", "4", '__attribute__((section(".maps"), used))', "map m: hash<int, int>[4];"),
        ("", "4", "__section_maps_btf", "map m: hash<int, int>[4];"),
        ("extern", "4", 'SEC(".maps")', "extern map m: hash<int, int>[4];"),
        ("#define S SEC", "4", 'S(".maps")', "map m: hash<int, int>[4];"),
    ],
)
def test_what_is_kept(before: str, entries: str, behind: str, expected: str) -> None:
    """Constants keep their names, and other macros are written out; linkage is a word."""
    text, told = imported(f"{before}\n{MAP % entries} {behind};\n")
    assert f"{expected}\n" in text
    assert told == []


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ("int *key; char (*value)[32];", "array<int, char[32]>[1]"),
        ("int *key, **value;", "array<int, int *>[1]"),
        ("const __u32 *key; struct v { int a; } *value;", "array<const __u32, struct v>[1]"),
        ("typeof(__u32) *key; __typeof__(struct w *) *value;", "array<__u32, struct w *>[1]"),
        ("int *key; int *(*(*value)[2])[3];", "array<int, int *(*[2])[3]>[1]"),
        ("__type(key, const unsigned long); __type(value, __u8[2][3]);", "[1]"),
    ],
)
def test_members_by_their_declarators(members: str, expected: str) -> None:
    """What a member is comes from its type, however that is spelled; nothing is simplified."""
    text, _told = imported(
        f"struct w {{ int b; }};\nstruct {{ int (*type)[2]; int (*max_entries)[1]; {members} }}"
        ' m SEC(".maps");'
    )
    assert expected in text


@pytest.mark.parametrize(
    ("members", "reported"),
    [
        ("int (*type)[2], odd(void);", "attribute `odd` can't be read"),
        ("int (*type)[2] int (*max_entries)[1];", "this C can't be read"),
        ("int (*type)[];", "attribute `type` can't be read"),
        ("int (*type)[2]; int *values[];", "holds neither maps nor programs"),
        ("int (*type)[2]; int values[3];", "holds neither maps nor programs"),
        ("enum { A, B } type;", "an enum without the one value"),
        ("int (*type)[2]; int *(*key;", "this C can't be read"),
    ],
)
def test_members_that_say_nothing(members: str, reported: str) -> None:
    """A member that libbpf would refuse costs its map, with the reason."""
    text, told = imported(f'struct {{ {members} }} m SEC(".maps");')
    assert text == ""
    assert any(reported in message for message in told), told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f'static {MAP % 4} SEC(".maps");',
            "x.c:1: `m` is `static`, which maps of a source aren't",
        ),
        (f'\n{MAP % 4} __hidden SEC(".maps");', "x.c:2: `m` is `__hidden`, which libbpf refuses"),
        (
            'struct bpf_map_def SEC("maps/m") m = { .type = 27, .max_entries = 4096 };',
            "x.c:1: `m` stands in section `maps/m`, now `maps`",
        ),
        (
            f'#if 0\n{MAP % 4} SEC(".maps");\n#endif\n',
            "x.c:1: `#if 0` leaves out map `m`; `-D` decides otherwise",
        ),
        (
            f'{MAP % "4"} SEC(".maps");\n#if 0\n{MAP % 8} SEC(".maps");\n#endif\n',
            "x.c:2: `#if 0` leaves out another form of map `m`; `-D` decides otherwise",
        ),
        (
            (
                "struct {\n__uint(type, 2);\n#if 0\n__uint(map_flags, 1);\n#endif\n"
                '__uint(max_entries, 1); } m SEC(".maps");\n'
            ),
            "x.c:3: `#if 0` leaves out members of a map; `-D` decides otherwise",
        ),
        (
            "#if 0\nstruct def { __uint(type, 2); };\n#endif\n",
            "x.c:1: `#if 0` leaves out definitions of maps; `-D` decides otherwise",
        ),
        (
            f'{MAP % 4}[3] SEC(".maps");',
            "x.c:1: map `m` is left out: `m` is an array of maps, which libbpf refuses",
        ),
        (
            "struct { __uint(type, 1); };",
            "x.c:1: no map is imported from here: a definition without",
        ),
        ("\nBPF_HASH(counts, u64);", "x.c:2: `BPF_HASH` makes a map of BCC's own C"),
        (
            f'#define X X2(\n#define X2(a) a a a\n{MAP % "X2(1"} SEC(".maps");',
            "x.c:3: map `m` is left out: ",
        ),
    ],
)
def test_what_is_told(text: str, told: str) -> None:
    """What a source has no place for is named with its line."""
    _text, messages = imported(text)
    assert any(message.startswith(told) for message in messages), messages


def test_one_bad_declaration_costs_itself() -> None:
    """The rest of the file is read, whatever stands between."""
    good = MAP % 4
    for bad in (
        'struct { __uint(type, @); } bad SEC(".maps");',
        'int f(void) { asm("}{"); return ({ 1; }); }',
        '_Static_assert(sizeof(int) == 4, "{");',
        "typedef unsigned __int128 u128 __attribute__((mode(TI)));",
        '__asm__(".globl x; {");',
        "int (*table[])(int) = { [0 ... 3] = f, };",
        'extern "C" {',
    ):
        text, _told = imported(f'{bad}\n{good} SEC(".maps");\n')
        assert "map m: hash<int, int>[4];\n" in text, bad


BROKEN = (
    *("{", "}", '"', "'", "/*", "#if", "#else\n#endif", "struct", "SEC(", "(((((", "#define", "\\"),
    *(
        "enum {",
        "#define F(x",
        "#include",
        "\0",
        "\r",
        "\ufeff",
        "é",
        "F(",
        "typedef",
        "__uint(",
        "##",
    ),
)


@pytest.mark.parametrize("text", BROKEN)
def test_broken_text(text: str) -> None:
    """Whatever it is, it is read to its end, and a map behind it may only be lost with a word."""
    assert imported(text * 3)[0] == ""
    after, told = imported(f'{text}\n{MAP % 4} SEC(".maps");\n')
    assert "map m:" in after or told, text


@pytest.mark.slow
@pytest.mark.parametrize("text", [*BROKEN, "/**/", "a", "x{}", "F(F", "__attribute__((x))", "*-"])
def test_work_grows_with_the_length(text: str) -> None:
    """What comes in great numbers is read in one pass: no nesting is too deep."""
    macro = "#define F(x) x x\n"
    imported(macro + text * 20_000)
    imported(f'{macro}struct {{ __uint(max_entries, {text * 5_000}) }} m SEC(".maps");')


@pytest.mark.slow
def test_macros_that_never_end() -> None:
    """Expansion stops where there is too much of it, and says so."""
    doubled = "".join(f"#define A{n} A{n - 1} + A{n - 1}\n" for n in range(1, 60))
    called = "".join(f"#define F{n}(x) F{n - 1}(x) F{n - 1}(x)\n" for n in range(1, 60))
    for text in (f"{doubled}{MAP % 'A59 {'}", f"{called}#define F0(x) x,x\n{MAP % 'F59(1)'}"):
        _text, told = imported(f'{text} SEC(".maps");\n')
        assert told


def test_maps_after_an_open_brace_are_reported() -> None:
    """A brace that isn't closed takes the rest of the file in; the maps there get a word."""
    text = PROGRAM[:225] + "{" + PROGRAM[243:]
    _, messages = imported(text[:570] + "{" + text[570:])
    assert any("a brace before isn't closed" in message for message in messages)


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_programs(data: st.DataObject) -> None:
    """A program with pieces cut out, doubled or put in gives a source or words, never a crash."""
    text = PROGRAM
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(start + 60, len(text))))
        piece = data.draw(st.sampled_from([*BROKEN, "", text[start:end] * 2, ";", 'SEC(".maps")']))
        text = text[:start] + piece + text[end:]
    found, told = imported(text)
    assert found or told or "maps" not in text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        *(("1 << 16", True), ("(__u64)-1", True), ("sizeof(struct foo) * 2", True), ("';'", True)),
        *(("OTHER ? 1 : 2", True), ("__u64", False), ("int", False), ("static", False)),
        *(("1;", False), ("1 2", False), ("CALL(3)", False), ('"text"', False), ("", False)),
        *(("(3", False), ("3) + (4", False), ("1, 2", False), ("__attribute__((weak))", False)),
    ],
)
def test_what_reads_as_a_constant(body: str, expected: bool) -> None:
    """An integer expression, as a whole, is one; types, declarations and halves of them aren't."""
    macro = read_define(f"NAME {body}")
    assert macro is not None
    assert is_constant(macro, {"NAME": macro}, lambda name: name == "__u64") is expected


def test_programs_in_headers_need_not_compile(tmp_path: Path) -> None:
    """Only their heads are given to clang: a call with too many arguments is no matter."""
    require_clang()
    (tmp_path / "programs.h").write_text(
        f"{compiled.MACROS}\nint far(int, int, int, int, int, int);\n"
        'SEC("xdp") int many(void *ctx)\n{\n\treturn far(1, 2, 3, 4, 5, 6);\n}\n'
    )
    text = (
        '#include "programs.h"\nstruct value { __u64 a; };\n'
        "struct { __uint(type, 2); __uint(max_entries, 1);"
        ' __type(key, int); __type(value, struct value); } m SEC(".maps");\n'
    )
    found = import_c(text, str(tmp_path / "prog.c"))
    assert found.diagnostics == []
    assert "map m: array<int, struct value>[1];" in found.text


def test_a_header_inside_a_body_goes_with_it(tmp_path: Path) -> None:
    """A table that a function includes is statements, and would be no declarations."""
    require_clang()
    (tmp_path / "table.h").write_text('row("one", 1)\nrow("two", 2)\n')
    text = (
        f"{compiled.MACROS}\nstatic int id(const char *name)\n{{\n"
        "#define row(text, number) \\\n"
        "\tif (!__builtin_strcmp(text, name)) \\\n\t\treturn number;\n"
        '#include "table.h"\n#undef row\n\n\treturn 0;\n}\n'
        "struct { __uint(type, 2); __uint(max_entries, 1);"
        ' __type(key, int); __type(value, int); } m SEC(".maps");\n'
    )
    found = import_c(text, str(tmp_path / "prog.c"))
    assert [each.message for each in found.diagnostics] == []
    assert "map m: array<int, int>[1];" in found.text


def test_a_size_that_the_loader_gives() -> None:
    """A map without `value_size` has it at run time, as import of the object says."""
    require_clang()
    found = import_c(
        f"{compiled.MACROS}\nstruct {{ __uint(type, 7); __uint(max_entries, 9); "
        '__type(key, __u32); } stacks SEC(".maps");\n',
        "prog.c",
    )
    assert [each.code for each in found.diagnostics] == []
    assert "value_size = runtime;" in found.text
