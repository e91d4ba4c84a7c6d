"""What import writes: short forms, templates, flags by name, the prelude's types, allowances."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.importer.names import Names
from bpfgen.providers.prelude import Prelude
from tests import compiled
from tests.imported import back, imported, told
from tests.verify.patch import INT, STRUCT, TYPEDEF, UNION, Patch

if TYPE_CHECKING:
    from bpfgen.importer import Imported


def source(text: str, *codes: str) -> str:
    """Return the source of the program *text*; nothing but notes and *codes* is told."""
    found = imported(compiled.compile_c(compiled.MACROS + text, compiled.newest()))
    warnings = [each.message for each in found.diagnostics if each.severity != "note"]
    assert [each for each in warnings if each not in told(found, *codes)] == []
    return found.text


def of_map(definition: str, before: str = "", *codes: str) -> str:
    """Return the declaration of a map with this definition, on one line, without allowances."""
    text = source(f'{before}\nstruct {{ {definition} }} m SEC(".maps");', *codes)
    found = re.search(r"^map m: .*", text, re.MULTILINE | re.DOTALL)
    assert found is not None, text
    return " ".join(found[0].split())


@pytest.mark.parametrize(
    ("definition", "declaration"),
    [
        (
            "__uint(type, 1); __type(key, int); __type(value, __u64); __uint(max_entries, 16);",
            "map m: hash<int, __u64>[16];",
        ),
        (
            "__uint(type, 27); __uint(max_entries, 262144);",
            "map m: ringbuf[256 KiB];",
        ),
        (
            (
                "__uint(type, 7); __uint(key_size, 4); __uint(value_size, 1016);"
                "__uint(max_entries, 8);"
            ),
            (
                "map m: stack_trace[8] { key_size = 4; "
                "value_size = PERF_MAX_STACK_DEPTH * sizeof(__u64); };"
            ),
        ),
        (
            (
                "__uint(type, 1); __type(key, int); __type(value, int); __uint(map_flags, 0x81);"
                "__uint(max_entries, 1); __uint(pinning, 1);"
            ),
            (
                "map m: hash<int, int>[1] { map_flags = BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG; "
                "pinning = by_name; };"
            ),
        ),
        (
            "__uint(type, 4); __uint(key_size, 4); __uint(value_size, 4);",
            "map m: perf_event_array;",
        ),
        (
            "__uint(type, 4); __type(key, int); __type(value, __u32);",
            "map m: perf_event_array<int, __u32>;",
        ),
        (
            "__uint(type, 3); __uint(key_size, 4); __uint(max_entries, 2);",
            "map m: prog_array[2] { value_size = runtime; };",
        ),
        (
            "__uint(type, 24); __uint(map_flags, 1); __type(key, int); __type(value, int);",
            "map m: sk_storage<int, int>;",
        ),
        (
            "__uint(type, 24); __type(key, int); __type(value, int);",
            "map m: sk_storage<int, int> { map_flags = runtime; };",
        ),
        (
            "__uint(type, 2); __type(key, int); __type(value, int);",
            "map m: array<int, int>[runtime];",
        ),
        (
            "__uint(type, 22); __type(value, __u32); __uint(max_entries, 4);",
            "map m: queue<__u32>[4];",
        ),
        (
            (
                "__uint(type, 12); __type(key, int); __type(value, int); __uint(max_entries, 4);"
                "__array(values, struct { __uint(type, 2); __type(key, int); __type(value, int);"
                "__uint(max_entries, 3); });"
            ),
            "map m: array_of_maps<int, array<int, int>[3]>[4] { value = int; };",
        ),
        (
            "__uint(type, 30); __type(value, __u32); __uint(max_entries, 4); __uint(map_extra, 3);",
            "map m: bloom_filter<__u32>[4] { map_extra = 3; };",
        ),
    ],
)
def test_forms(definition: str, declaration: str) -> None:
    """The short form where it says the same, `runtime` for what would be filled in."""
    assert of_map(definition) == declaration


def test_templates() -> None:
    """A named struct that several share is one; a typedef that names it serves as well."""
    text = source(
        """
        struct once { __uint(type, 2); __type(key, int); __type(value, int);
                      __uint(max_entries, 1); };
        struct often { __uint(type, 2); __type(key, int); __type(value, int);
                       __uint(max_entries, 2); };
        typedef struct { __uint(type, 1); __type(key, int); __type(value, int);
                         __uint(max_entries, 3); } table_t;
        struct once a SEC(".maps");
        struct often b SEC(".maps"), c SEC(".maps");
        volatile table_t d SEC(".maps");
        table_t e SEC(".maps"), f SEC(".maps");
        """
    )
    assert "template often: array<int, int>[2];" in text
    assert "map a: array<int, int>[1];" in text
    assert "map c: often;" in text
    assert re.search(r"^map e: (table_t|hash<int, int>\[3\]);", text, re.MULTILINE)
    assert "once" not in text


def test_the_kernels_types() -> None:
    """Those of the prelude aren't repeated, and its other types come from its header."""
    text = source(
        """
        struct bpf_spin_lock { __u32 val; };
        struct bpf_timer { __u64 : 64; __u64 : 64; } __attribute__((aligned(8)));
        typedef __u32 u32;
        typedef long __kernel_time_t;
        typedef __kernel_time_t pid_t;
        struct value { struct bpf_spin_lock lock; u32 n; struct bpf_timer timer; pid_t when; };
        struct { __uint(type, 2); __type(key, u32); __type(value, struct value);
                 __uint(max_entries, 1); } m SEC(".maps");
        """
    )
    assert "struct bpf_spin_lock {" not in text
    assert "struct bpf_timer {" not in text
    assert "typedef __u32 u32" not in text
    assert "typedef __kernel_time_t pid_t;" in text, "it is another type than the prelude's"
    assert "map m: array<u32, value>[1];" in text


def test_names_behind_pointers() -> None:
    """A struct that is only pointed to stays a name; a typedef is declared; tags keep theirs."""
    text = source(
        """
        #define __kptr __attribute__((btf_type_tag("kptr")))
        struct hidden { int secret; struct hidden *next; };
        typedef struct hidden hidden_t;
        struct task_struct { int pid; };
        struct bpf_refcount { __u32 n; };
        struct own { struct bpf_refcount refs; int payload; };
        struct node { struct { __u64 a, b, c; } link; };
        struct value {
            struct hidden *one; hidden_t *other; struct task_struct __kptr *task;
            struct own __kptr *own;
            struct { __u64 a, b; } head __attribute__((btf_decl_tag("contains:node:link")));
        };
        struct own own_; struct node node_; struct task_struct task_; struct hidden hidden_;
        struct { __uint(type, 2); __type(key, int); __type(value, struct value);
                 __uint(max_entries, 1); } m SEC(".maps");
        """,
        "import-difference",
    )
    assert "secret" not in text
    assert "typedef struct hidden hidden_t;" in text
    assert "struct task_struct __kptr *task;" in text
    assert "struct task_struct {" not in text
    assert "struct own {" in text
    assert text.index("struct node {") < text.index("struct value {")
    assert "} head __contains(node, link);" in text


def patched(data: bytes, names: dict[bytes, bytes]) -> bytes:
    """Return *data* with strings of its BTF replaced by others of the same length."""
    for old, new in names.items():
        assert len(old) == len(new)
        assert b"\0" + old + b"\0" in data, old
        data = data.replace(b"\0" + old + b"\0", b"\0" + new + b"\0")
    return data


def test_names_that_c_has_not() -> None:
    """Members, types and enumerators get other names, which is told; the layout stays."""
    data = compiled.compile_c(
        compiled.MACROS
        + """
        enum choice_ { Some_u32, MEMBER };
        struct Option_u32_ { __u32 for_; enum choice_ kind; int alignas; };
        struct { __uint(type, 2); __type(key, int); __type(value, struct Option_u32_);
                 __uint(max_entries, 1); } m SEC(".maps");
        """,
        compiled.newest(),
    )
    data = patched(
        data,
        {
            b"Option_u32_": b"Option<u32>",
            b"for_": b"else",
            b"Some_u32": b"Some(u3)",
            b"choice_": b"::Kind!",
        },
    )
    found = imported(data)
    assert "struct Option_u32 {\n    __u32 else_;\n    enum Kind kind;\n" in found.text
    assert "Some_u3," in found.text
    assert len(told(found, "import-name")) == 5
    assert back(found.text)


def test_a_typedef_that_leads_to_its_own_name() -> None:
    """No compiler writes it; each gets a name of its own, and nothing goes round in circles."""
    data = compiled.compile_c(
        compiled.MACROS
        + """
        typedef int one_t; typedef one_t two_t; typedef two_t six_t;
        struct v { six_t x; one_t y; };
        struct { __uint(type, 2); __type(key, int); __type(value, struct v);
                 __uint(max_entries, 1); } m SEC(".maps");
        """,
        compiled.newest(),
    )
    patched = Patch(data)
    for name in ("one_t", "two_t"):
        patched.rename(patched.find(TYPEDEF, name), "six_t")
    found = imported(patched.finish())
    assert "typedef int six_t;\ntypedef six_t six_t___2;\n" in found.text
    assert "struct v {\n    six_t___3 x;\n    six_t y;\n" in found.text
    assert back(found.text)


def test_many_enumerators_of_one_name() -> None:
    """Each gets a number, in time that grows with their count."""
    count = 20_000
    names = Names(Prelude.shared())
    given = [names.take("same", "enumerator") for _ in range(count)]
    assert len(set(given)) == count
    assert given[-1] == f"same___{count}"


def test_what_can_t_be_expressed() -> None:
    """It is told and left out, and the rest comes back."""
    found = imported(
        compiled.compile_c(
            compiled.MACROS
            + """
            struct { __uint(type, 999); __uint(max_entries, 1); } unknown SEC(".maps");
            struct { __uint(type, 2); __type(key, int); __type(value, int);
                     __uint(max_entries, 1); } fine SEC(".maps");
            """,
            compiled.newest(),
        )
    )
    assert "map fine: array<int, int>[1];" in found.text
    assert told(found, "import-map") == [
        "map `unknown` is left out: 999 is no number of a map kind that bpfgen knows",
    ]


def test_rules_that_are_broken() -> None:
    """Each gets an allowance with the object as its reason, above the map."""
    found = imported(
        compiled.compile_c(
            compiled.MACROS
            + """
            struct { __uint(type, 2); __type(key, __u64); __type(value, int);
                     __uint(max_entries, 0); __uint(map_flags, 1); } wrong SEC(".maps");
            """,
            compiled.newest(),
        ),
        "dir/wrong.o",
    )
    allowed = re.findall(r"\n// bpfgen: allow (\S+) because wrong.o has it so", found.text)
    assert allowed == ["map-key-size", "map-flags"]  # no entries are a warning
    assert len(told(found, "import-rule")) == 2
    assert back(found.text)


def test_a_type_of_another_header() -> None:
    """A type of linux/bpf.h that this machine's header has otherwise keeps its layout here."""
    text = source(
        """
        union bpf_attr { __u64 words[100]; };
        struct { __uint(type, 2); __type(key, int); __type(value, union bpf_attr);
                 __uint(max_entries, 1); } m SEC(".maps");
        """,
        "import-name",
    )
    assert "include" not in text
    assert "union bpf_attr___2 {\n    __u64 words[100];\n};" in text
    assert "map m: array<int, bpf_attr___2>[1];" in text


def test_room_without_programs() -> None:
    """`values` of a prog_array without a program come back, empty."""
    definition = (
        "__uint(type, 3); __uint(key_size, 4); __uint(max_entries, 8);"
        "__array(values, int (void *));"
    )
    assert of_map(definition) == "map m: prog_array[8] { value_size = runtime; } = {};"


def test_sizes_that_the_loader_sets() -> None:
    """What an object doesn't say and a kernel needs is `runtime`: no rule is broken."""
    assert of_map("__uint(type, 7); __uint(key_size, 4); __uint(max_entries, 16);") == (
        "map m: stack_trace[16] { key_size = 4; value_size = runtime; };"
    )
    text = source('struct { unsigned n[5]; } m SEC("maps") = { { 4, 0, 0, 64, 0 } };')
    assert "legacy map m: perf_event_array[64] {\n    key_size = runtime;\n" in text


def test_pinning_of_a_private_loader() -> None:
    """A number that libbpf doesn't know is kept, and allowed with its reason."""
    text = source(
        """
        struct { __uint(type, 2); __type(key, int); __type(value, int); __uint(max_entries, 1);
                 __uint(pinning, 16); } m SEC(".maps");
        """
    )
    assert "// bpfgen: allow pinning because program.o has it so\nmap m:" in text
    assert "    pinning = 16;\n" in text


def test_a_type_of_rust() -> None:
    """Integers, structs and enums of Rust come back with names that C has, layouts as they were."""
    data = compiled.compile_c(
        compiled.MACROS
        + """
        struct some { int hole, inside; };
        struct option { union { __u32 tag; struct some some; }; __u64 type; };
        struct { __uint(type, 2); __type(key, int); __type(value, struct option);
                 __uint(max_entries, 1); } m SEC(".maps");
        """,
        compiled.newest(),
    )
    patched = Patch(data)
    patched.rename(patched.find(INT, "unsigned int"), "u32")
    patched.rename(patched.find(INT, "int"), "i32")
    union = next(at for at in range(1, len(patched.types)) if patched.kind(at) == UNION)
    words, at = patched.element(union, "tag")
    words[at] = 0
    patched.rename(patched.find(STRUCT, "option"), "Option<(u32, i32)>")
    found = imported(patched.finish())
    assert "struct Option_u32_i32 {\n    union {\n        __u32 unnamed;\n" in found.text
    assert "    s32 hole;\n" in found.text
    assert told(found, "import-difference", "import-map") == []
    (union_member,) = [each for each in told(found, "import-name") if "`unnamed`" in each]
    assert "a member of a union without a name has no name" in union_member


def test_depth_is_no_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 structs in each other come back within Python's own limit, from 200 calls down."""
    text = "struct s0 { int x; };\n"
    text += "".join(f"struct s{n} {{ struct s{n - 1} held[1]; }};\n" for n in range(1, 200))
    text += (
        'struct { __uint(type, 2); __type(key, int); __type(value, struct s199); } m SEC(".maps");'
    )
    data = compiled.compile_c(compiled.MACROS + text, compiled.newest())
    before, set_limit = sys.getrecursionlimit(), sys.setrecursionlimit
    set_limit(1000)
    monkeypatch.setattr(sys, "setrecursionlimit", lambda _limit: None)

    def from_below(calls: int) -> Imported:
        return imported(data) if calls == 0 else from_below(calls - 1)

    try:
        found = from_below(200)
    finally:
        set_limit(before)
    assert "map m: array<int, s199>[runtime];" in found.text
    assert told(found, "import-map", "import-type", "import-difference") == []


def test_an_enum_behind_a_pointer_is_declared() -> None:
    """As a name alone clang gives it no bytes, and the kernel refuses the types of the object."""
    text = source(
        """enum colour { RED, GREEN = 7 };
struct v { enum colour *c; enum colour *(*f)(enum colour *x); };
struct { __uint(type, 2); __type(key, int); __type(value, struct v); __uint(max_entries, 1); }
    m SEC(".maps");"""
    )
    assert "enum colour {\n    RED,\n    GREEN = 7,\n};\n" in text
    assert text.count("enum colour {") == 1
    assert "enum colour *(*f)(enum colour *);" in text
