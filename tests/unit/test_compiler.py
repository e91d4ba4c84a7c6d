"""The pipeline: -D, imports, included headers, and what is told of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build, build_object
from bpfgen.compiler import Options, compile, emit
from bpfgen.ctype.types import Composite
from bpfgen.text.source import Source
from tests.tools import ZIGLANG, newest, require_clang

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation


def compiled(path: Path, **options: object) -> Compilation:
    """Return what the file *path* comes to."""
    return compile(Source(str(path), path.read_text()), Options(**options))  # type: ignore[arg-type]


def codes(compilation: Compilation) -> list[str]:
    """Return the codes of its errors."""
    return [d.code for d in compilation.diagnostics if d.severity == "error"]


def test_definition_replaces_a_constant_and_what_depends_on_it() -> None:
    """`-D N=9` changes `const N`, and so `const M = N * 2`."""
    text = "const N = 4; const M = N * 2; map m: array<__u32, __u64>[M];"
    compilation = compile(Source("t.dsl", text), Options(definitions={"N": "9"}))
    assert codes(compilation) == []
    assert compilation.model.maps[0].shape.attributes["max_entries"].value == 18


@pytest.mark.parametrize(
    ("definition", "code"),
    [("1 / 0", "division-by-zero"), ("1; struct s {}", "unknown-definition"), ("", "syntax")],
)
def test_definition_is_one_expression(definition: str, code: str) -> None:
    """What isn't an expression can't get into the file through `-D`."""
    source = Source("t.dsl", "const N = 4; map m: array<__u32, __u64>[N];")
    assert code in codes(compile(source, Options(definitions={"N": definition})))


def test_definition_without_a_constant_is_a_warning() -> None:
    """A typing error in `-D` doesn't pass in silence."""
    source = Source("t.dsl", "const SIZE = 4; map m: array<__u32, __u64>[SIZE];")
    (warning,) = compile(source, Options(definitions={"SIZ": "9"})).diagnostics
    assert (warning.severity, warning.help) == ("warning", "did you mean `SIZE`?")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A file that imports two others, one of which imports the third from its own directory."""
    (tmp_path / "x" / "y").mkdir(parents=True)
    (tmp_path / "x" / "y" / "base.dsl").write_text(
        "const N = 4; enum kind { K_A = 3, K_B }; struct b { __u32 x[N]; };\n"
        "typedef __u32 tid_t; map bm: array<__u32, b>[K_B];"
    )
    (tmp_path / "x" / "common.dsl").write_text(
        'import "y/base.dsl"; struct c { struct b inner; tid_t t; };\n'
        "template tt: hash<c, __u64>[N * 2]; map cm: tt;"
    )
    (tmp_path / "main.dsl").write_text(
        'import "x/common.dsl"; import "x/y/base.dsl"; const M = N + K_A;\n'
        "struct m { struct c c; struct b b[M]; }; map mm: hash<tid_t, m>[M];\n"
        "map mt: tt { pinning = by_name; };\n"
        "map outer: array_of_maps<__u32, tt>[2] = { [1] = cm };"
    )
    return tmp_path


def test_imports_bring_types_constants_templates_and_maps(tree: Path) -> None:
    """Everything that the imported files declare can be used, and the object verifies."""
    require_clang()
    compilation = compiled(tree / "main.dsl")
    assert codes(compilation) == []
    assert [Path(path).name for path in compilation.dependencies] == ["common.dsl", "base.dsl"]
    data, diagnostics = build_object(compilation)
    assert (data is not None, diagnostics) == (True, [])
    assert '#include "x/common.h"' in emit(compilation)


def test_imports_are_not_transitive(tree: Path) -> None:
    """What an imported file imports isn't visible, as in protobuf."""
    (tree / "main.dsl").write_text('import "x/common.dsl"; map m: hash<tid_t, __u64>[1];')
    (error,) = compiled(tree / "main.dsl").diagnostics
    assert (error.code, "y/base.dsl" in error.help) == ("unknown-type", True)


def test_imports_are_looked_up_along_the_include_directories(tree: Path) -> None:
    """`-I` helps where the file isn't beside the importing one."""
    (tree / "main.dsl").write_text('import "common.dsl"; map m: tt;')
    assert codes(compiled(tree / "main.dsl")) == ["import"]
    assert codes(compiled(tree / "main.dsl", include_directories=(str(tree / "x"),))) == []


def test_an_import_cycle_is_reported_as_the_chain(tmp_path: Path) -> None:
    """The note names every file of the cycle."""
    (tmp_path / "a.dsl").write_text('import "b.dsl";')
    (tmp_path / "b.dsl").write_text('import "c.dsl";')
    (tmp_path / "c.dsl").write_text('import "a.dsl";')
    (error,) = compiled(tmp_path / "a.dsl").diagnostics
    assert error.code == "import-cycle"
    assert error.notes[0].count(" imports ") == 3


def test_a_map_is_not_declared_again_beside_its_import(tree: Path) -> None:
    """Both declared extern by the import and defined here: an error."""
    (tree / "main.dsl").write_text('import "x/common.dsl"; map cm: hash<int, int>[1];')
    assert codes(compiled(tree / "main.dsl")) == ["duplicate-name"]


HEADER = """
#define LIMIT (3 * 4)
#define BIG 0x8000000000000000ULL
#define NEGATIVE -5
#define NOT_A_NUMBER "text"
enum color { RED = 7, BLUE = 1ULL << 40 };
typedef struct { char a; long long b; } pair_t;
struct odd { char c[3]; } __attribute__((packed));
union both { int i; double d; };
struct opaque;
typedef __INT32_TYPE__ number_t;
"""


@pytest.fixture
def header(tmp_path: Path) -> Path:
    """A directory with a C header."""
    require_clang()
    (tmp_path / "my.h").write_text(f"#pragma once\n{HEADER}")
    return tmp_path


def test_included_types_have_the_layout_of_the_compiler(header: Path) -> None:
    """Sizes and alignments of a header's types are clang's, also inside the file's own structs."""
    path = header / "main.dsl"
    path.write_text(
        'include "my.h";\n'
        "struct s { char first; pair_t pair; struct odd odd; union both both; enum color c; };\n"
        "map m: hash<odd, s>[LIMIT]; map n: array<__u32, both>[(number_t)-1 == -1 ? RED : 1];"
    )
    compilation = compiled(path)
    assert codes(compilation) == []
    value = compilation.model.maps[0].shape.value
    assert value is not None
    assert isinstance(value.type, Composite)
    assert [member.bit_offset for member in value.type.members] == [0, 64, 192, 256, 320]
    assert compilation.model.maps[1].shape.attributes["max_entries"].value == 7
    data, diagnostics = build_object(compilation)
    assert (data is not None, diagnostics) == (True, [])


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("LIMIT + 1", 13),
        ("BIG >> 60", 8),
        ("-NEGATIVE", 5),
        ("BLUE >> 38", 4),
        ("sizeof(pair_t) + sizeof(struct odd)", 19),
        ("NEGATIVE < 0 ? 1 : 2", 1),
    ],
)
def test_included_constants_keep_value_and_type(header: Path, expression: str, value: int) -> None:
    """Macros and enumerators of a header follow C's arithmetic."""
    path = header / "main.dsl"
    path.write_text(f'include "my.h"; map m: array<__u32, __u64>[{expression}];')
    compilation = compiled(path)
    assert codes(compilation) == []
    assert compilation.model.maps[0].shape.attributes["max_entries"].value == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("map m: hash<nowhere_t, __u64>[1];", "unknown-type"),
        ("map m: hash<__u32, struct opaque>[1];", "unknown-type"),
        ("map m: hash<__u32, __u64>[NOWHERE];", "unknown-constant"),
        ("map m: hash<__u32, __u64>[NOT_A_NUMBER];", "unknown-constant"),
    ],
)
def test_what_a_header_lacks_is_reported_at_its_use(header: Path, text: str, code: str) -> None:
    """clang's refusal of a question becomes a diagnostic of ours."""
    path = header / "main.dsl"
    path.write_text(f'include "my.h";\n{text}')
    (error,) = compiled(path).diagnostics
    assert (error.code, error.span and error.span.line) == (code, 2)


ODD_HEADER = """
enum aligned { A } __attribute__((aligned(16)));
enum small { B = -1, C } __attribute__((mode(byte)));
typedef enum small small_t __attribute__((aligned(4)));
typedef int vector __attribute__((vector_size(16)));
typedef void *pointer __attribute__((aligned(16)));
typedef struct { char c; } aligned_t __attribute__((aligned(16)));
struct ms { char c; int a : 3; long b : 7; } __attribute__((ms_struct));
struct holds { char c; vector v; };
struct __attribute__((packed, aligned(2))) packed { char c; long l; };
typedef int array_t[3] __attribute__((aligned(32)));
typedef struct packed less __attribute__((aligned(1)));
typedef _Bool wide_bool __attribute__((mode(DI)));
"""


def test_attributes_of_a_header_s_types_are_in_their_layout(header: Path) -> None:
    """Whatever changes the layout there, the file's own structs are laid out as clang has them."""
    (header / "odd.h").write_text(f"#pragma once\n{ODD_HEADER}")
    types = [
        *("enum aligned", "enum small", "small_t", "vector", "pointer", "aligned_t", "struct ms"),
        *("struct holds", "struct packed", "array_t", "less", "wide_bool"),
    ]
    lines = ['include "odd.h";']
    for number, type in enumerate(types):
        lines += [
            f"struct s{number} {{ char c; {type} held; char d; {type} more; }};",
            f"map m{number}: hash<int, s{number}>[1]; map n{number}: array<int, {type}>[1];",
        ]
    path = header / "main.dsl"
    path.write_text("\n".join(lines))
    compilation = compiled(path)
    assert codes(compilation) == []
    data, diagnostics = build_object(compilation)
    assert data is not None, diagnostics


@pytest.mark.parametrize(
    "declared",
    [
        "typedef _Atomic int lost;",
        "typedef struct { int x; _Atomic char y; } lost;",
        "typedef struct { struct { _Atomic long n[3]; } in; } lost;",
        "typedef union { _Complex float f; } lost;",
    ],
)
def test_types_that_btf_lacks_are_refused(header: Path, declared: str) -> None:
    """clang says void for them, and the kernel refuses that; a typedef of void is one of void.

    clang 22 writes what is `_Atomic` as it is without the word, so that nothing is lost.
    """
    (header / "odd.h").write_text(f"#pragma once\n{declared}\ntypedef void nothing;\n")
    path = header / "main.dsl"
    path.write_text('include "odd.h";\nstruct s { nothing *p; };\nmap m: hash<int, s>[1];')
    assert codes(compiled(path)) == []
    path.write_text('include "odd.h";\nstruct s { int x; lost y; };\nmap m: hash<int, s>[1];')
    errors = [d for d in compiled(path).diagnostics if d.severity == "error"]
    if "_Atomic" in declared and newest() == ZIGLANG:
        assert errors == []
        return
    (error,) = errors
    assert (error.code, error.span and error.span.line) == ("include", 1)
    assert "lost" in error.message


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("typedef unsigned long u64; typedef unsigned int u32;", ("u64", "u32")),
        ("typedef unsigned long size_t; typedef struct { int a; } s16;", ("size_t", "s16")),
        ("typedef unsigned long long u64;", ("u64",)),
        ("typedef _Bool bool;", ("bool",)),
        ("#include <stdbool.h>", ("bool",)),
        ("#define u8 int", ("u8",)),
    ],
)
def test_built_in_names_give_way_to_a_header_s(
    header: Path, text: str, types: tuple[str, ...]
) -> None:
    """A project's own `u64`, or `bool`, is what the header says, by value and behind pointers."""
    (header / "project.h").write_text(f"#pragma once\n{text}\n")
    members = " ".join(f"{type} v{type}; {type} *p{type};" for type in types)
    path = header / "main.dsl"
    path.write_text(
        f'include "project.h";\nstruct s {{ {members} }};\n'
        f"map m: hash<__u32, s>[sizeof({types[0]})]; map n: array<__u32, {types[0]}>[1];"
    )
    compilation = compiled(path)
    assert codes(compilation) == []
    data, diagnostics = build_object(compilation)
    assert data is not None, diagnostics


VARIABLES = """
#define SEC(name) __attribute__((section(name), used))
struct held { int x; };
enum updater { A, B } UPDATER;
const volatile int debug = 0;
int initialised = 4;
static int counter;
char LICENSE[] SEC("license") = "GPL";
int private SEC(".data.private");
struct { int (*type)[2]; int (*max_entries)[1]; int *key; int *value; } theirs SEC(".maps");
SEC("xdp") int program(void *context) { return debug + counter++; }
"""


def test_what_a_header_defines_is_not_judged(header: Path) -> None:
    """Verification judges what the source declares: variables, maps and code of headers are not."""
    (header / "variables.h").write_text(VARIABLES)
    path = header / "main.dsl"
    path.write_text('include "variables.h";\nmap m: hash<updater, held>[B];')
    compilation = compiled(path)
    data, diagnostics = build_object(compilation)
    assert (data is not None, diagnostics) == (True, [])


@pytest.mark.parametrize("declares", ["map m: hash<pair_t, int>[1];", "struct s { pair_t a; };"])
def test_a_typedef_of_a_header_goes_before_a_tag_of_the_file(header: Path, declares: str) -> None:
    """A name by itself is what C takes it for, with a warning; with its word it is the tag."""
    path = header / "main.dsl"
    path.write_text(f'include "my.h";\nstruct pair_t {{ int x; }};\n{declares}')
    compilation = compiled(path)
    assert [(d.code, d.severity) for d in compilation.diagnostics][:1] == [
        ("hidden-tag", "warning")
    ]
    assert ("typedef", "pair_t") in compilation.model.types
    data, diagnostics = build_object(compilation)
    assert (data is not None, diagnostics) == (True, [])
    path.write_text(
        'include "my.h";\nstruct pair_t { int x; };\nstruct mine { int x; };\n'
        "map m: hash<struct pair_t, mine>[1];"
    )
    assert compiled(path).diagnostics == []


def test_a_header_that_is_missing_or_broken_is_reported_at_its_include(header: Path) -> None:
    """The diagnostic stands at the `include`, with clang's words."""
    path = header / "main.dsl"
    path.write_text('include "nowhere.h";\nmap m: hash<__u32, __u64>[1];')
    (error,) = compiled(path).diagnostics
    assert (error.code, error.span and error.span.line) == ("include", 1)
    assert "nowhere.h" in error.message
    (header / "bad.h").write_text("struct {\n")
    path.write_text('include "my.h";\ninclude "bad.h";\nmap m: hash<__u32, __u64>[1];')
    assert [(d.code, d.span and d.span.line) for d in compiled(path).diagnostics][:1] == [
        ("include", 2)
    ]


def test_included_headers_are_dependencies(header: Path) -> None:
    """What was read is listed, for a depfile."""
    path = header / "main.dsl"
    path.write_text('include "my.h"; map m: hash<odd, __u64>[LIMIT];')
    assert [Path(name).name for name in compiled(path).dependencies] == ["my.h"]


def test_an_empty_file_is_an_error() -> None:
    """Comments alone declare nothing."""
    assert codes(compile(Source("t.dsl", "// nothing\n"))) == ["empty"]


class Buffers:
    """An opener that knows nothing but texts in memory, as those of an editor."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def read(self, path: str) -> bytes:
        """Return the text *path*."""
        if path not in self.texts:
            raise FileNotFoundError(path)
        return self.texts[path].encode()

    def is_file(self, path: str) -> bool:
        """Return whether there is a text *path*."""
        return path in self.texts


def test_imports_are_read_through_the_opener(tmp_path: Path) -> None:
    """A file and all that it imports may exist in memory alone; the disk isn't asked."""
    (tmp_path / "saved.dsl").write_text("const N = 99;")
    texts = {
        str(tmp_path / "saved.dsl"): 'import "lib/base.dsl"; const N = B + 1;',
        str(tmp_path / "lib" / "base.dsl"): "const B = 2;",
    }
    source = Source(
        str(tmp_path / "main.dsl"),
        'import "saved.dsl"; import "lib/base.dsl"; map m: array<__u32, __u64>[N * B];',
    )
    compilation = compile(source, Options(opener=Buffers(texts)))
    assert compilation.diagnostics == []
    assert compilation.model.maps[0].shape.attributes["max_entries"].value == 6
    assert compilation.dependencies == tuple(texts)
    del texts[str(tmp_path / "lib" / "base.dsl")]
    assert codes(compile(source, Options(opener=Buffers(texts)))) == ["import", "import"]


def test_a_build_says_which_headers_were_read() -> None:
    """`build` returns what `build_object` does, and the headers; a list of headers grows, too."""
    require_clang()
    compilation = compile(Source("t.dsl", "map m: array<__u32, __u64>[1];"))
    built = build(compilation)
    headers = ["before"]
    assert build_object(compilation, headers_read=headers) == (built.object, built.diagnostics)
    assert built.object is not None
    assert headers == ["before", *built.headers_read]
    assert any(path.endswith("linux/bpf.h") for path in built.headers_read)
