"""Rust: how names are spelled, what is refused, and which form a struct gets."""

from __future__ import annotations

import pytest

from bpfgen.compiler import compile
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.emit.rust.comments import markdown
from bpfgen.emit.rust.names import constant_name, member_name, module_name, type_name
from bpfgen.emit.rust.options import map_import_fault
from bpfgen.emit.user_space.names import Names
from bpfgen.text.source import Source


def rust_of(text: str, name: str = "maps.dsl", **settings: tuple[str, ...]) -> str:
    """Return the Rust module for the source *text*, which has no errors."""
    compilation = compile(Source(name, text))
    assert not compilation.failed, compilation.diagnostics
    given = {option.replace("_", "-"): values for option, values in settings.items()}
    return BACKENDS["rust"].emit(compilation.model, given)[0].text


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("flow_key", "FlowKey"),
        ("FLOW_KEY", "FlowKey"),
        ("flowKey", "FlowKey"),
        ("HTTP_server", "HttpServer"),
        ("x86_64_regs", "X86_64Regs"),
        ("ip6t_v1_2", "Ip6tV1_2"),
        ("__sk_buff", "SkBuff"),
        ("_1st", "_1st"),
        ("self", "Self_"),
        ("u8", "U8"),
        ("_", "X_"),
        ("T", "T"),
    ],
)
def test_a_type_is_camel_case(words: str, name: str) -> None:
    """As rustc and clippy want a type to be called."""
    assert type_name([words]) == name


def test_a_type_of_several_words() -> None:
    """A nameless type is its parent's name and its member's."""
    assert type_name(["flow_key", "v4", "in"]) == "FlowKeyV4In"


def test_a_keyword_gets_an_underscore() -> None:
    """Keywords of every edition, what is reserved, and what can't be a name after `r#`."""
    for word in ("type", "self", "Self", "crate", "gen", "async", "yield", "_", "true"):
        assert member_name(word) == f"{word}_"
    assert member_name("union") == "union"  # a keyword only where an item begins
    assert (module_name("common"), module_name("mod")) == ("common", "r#mod")
    assert (module_name("self"), module_name("a-b.c"), module_name("1")) == ("self_", "a_b_c", "_1")


def test_constants_are_shouted() -> None:
    """A constant in small letters would be a pattern wherever a variable has its name."""
    assert constant_name("MAX_FLOWS") == "MAX_FLOWS"
    assert constant_name("key") == "KEY"
    assert constant_name("maxFlows") == "MAX_FLOWS"


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            "struct flow_key { __u32 a; };\nstruct FlowKey { __u32 a; };",
            ["`struct FlowKey` and `struct flow_key` would both be `FlowKey` in Rust"],
        ),
        (
            "struct s { __u32 type, type_; };",
            ["member `type_` and member `type` would both be `type_` in Rust"],
        ),
        (
            "const max = 1;\nconst MAX = 2;",
            ["`const MAX` and `const max` would both be `MAX` in Rust"],
        ),
        (
            "struct flows_map { __u32 a; };\nmap flows: array<__u32, __u32>[1];",
            ["map `flows` and `struct flows_map` would both be `FlowsMap` in Rust"],
        ),
        (
            "enum X { A };\nenum { x };",
            ["enumerator `x` and `enum X` would both be `X` in Rust"],
        ),
    ],
)
def test_two_names_that_become_one_are_refused(text: str, messages: list[str]) -> None:
    """Both are named, and nothing is written."""
    with pytest.raises(OutputRefused) as refused:
        rust_of(text)
    assert [diagnostic.message for diagnostic in refused.value.diagnostics] == messages
    assert {diagnostic.code for diagnostic in refused.value.diagnostics} == {"output-name"}


def test_what_is_no_identifier_is_refused() -> None:
    """clang takes `$` in the names of a C header."""
    names = Names("Rust")
    names.claim("a$b", "member `a$b`")
    names.claim("r\u00e9gion", "member `r\u00e9gion`")
    assert [diagnostic.message for diagnostic in names.diagnostics] == [
        "member `a$b` would be `a$b` in Rust, which is no identifier",
        "member `r\u00e9gion` would be `r\u00e9gion` in Rust, which is no identifier",
    ]


def test_a_typedef_of_the_same_name_is_the_type() -> None:
    """`typedef struct x x;` is everywhere in C, and one type."""
    text = rust_of("struct flow { __u32 a; };\ntypedef struct flow flow;\ntypedef flow flow_t;")
    assert text.count("pub struct Flow {") == 1
    assert "pub type Flow =" not in text
    assert "pub type FlowT = Flow;" in text


def test_names_of_the_prelude_can_be_types() -> None:
    """What a type of the source hides is spelled out."""
    text = rust_of(
        "struct option { __u32 a; };\nstruct plain { __u8 a[40]; };\nstruct Default { __u32 a; };"
    )
    assert "core::option::Option<Self>" in text
    assert "unsafe impl Plain_ for Option {}" in text
    assert "impl core::default::Default for Plain {" in text


@pytest.mark.parametrize(
    ("body", "form"),
    [
        ("__u8 a; __u32 b;", "#[repr(C)]"),
        ("__be32 a;", "#[repr(C, align(4))]"),
        ("__u8 a; __u64 b; } __attribute__((packed)) x; struct {", "#[repr(C, packed)]"),
        ("__int128 a;", "#[repr(C, align(16))]"),
    ],
)
def test_the_form_of_a_struct(body: str, form: str) -> None:
    """Plain where Rust lays it out as C does, else aligned or packed."""
    text = f"struct s {{ struct {{ {body} __u8 last; }} inner; }};"
    inner = rust_of(text).partition("pub struct SInner")[0]
    assert form in inner


def test_a_field_that_a_packed_struct_cant_hold_is_bytes() -> None:
    """rustc refuses an aligned type in a packed one (E0588), so there are accessors."""
    text = rust_of(
        "struct a { __be32 x; };\nstruct p { __u8 first; struct a a; __u64 n; } __packed;"
    )
    assert "    pub a: [u8; 4],\n    pub n: u64,\n" in text
    assert "pub fn a(&self) -> A {" in text


def test_what_a_loader_decides_has_no_constant() -> None:
    """So nobody can rely on it."""
    text = rust_of("map m: hash<__u32, __u64>[runtime];\nmap n: hash<__u32, __u64>[8];")
    first, second = text.split("pub struct NMap")
    assert "MAX_ENTRIES" not in first
    assert "pub const MAX_ENTRIES: u32 = 8;" in second


def test_access_is_there_on_request_alone() -> None:
    """Nothing of a library is in the file unless it is asked for."""
    source = "map m: hash<__u32, __u64>[8];"
    assert "libbpf_rs" not in rust_of(source)
    assert "aya" not in rust_of(source)
    assert "libbpf_rs::MapCore" in rust_of(source, accessors=("",))
    assert "pub type MMapOf<D = aya::maps::MapData> = aya::maps::HashMap<D, u32, u64>;" in rust_of(
        source, accessors=("aya",)
    )


def test_no_type_of_the_source_is_taken_for_a_parameter() -> None:
    """The parameter of aya's alias gives way to a struct of its name."""
    text = rust_of("struct d { __u32 a; };\nmap m: hash<d, d>[8];", accessors=("aya",))
    assert "pub type MMapOf<D_ = aya::maps::MapData> = aya::maps::HashMap<D_, D, D>;" in text


@pytest.mark.parametrize(
    ("kind", "there", "missing"),
    [
        ("hash<__u32, __u64>[8]", "lookup update take entries delete keys", "push record"),
        ("array<__u32, __u64>[8]", "lookup update entries keys", "delete take"),
        ("percpu_hash<__u32, __u64>[8]", "lookup update entries delete keys", "take"),
        ("queue[8] { value = __u64; }", "push pop peek", "lookup update delete keys"),
        ("bloom_filter[8] { value = __u64; }", "insert contains", "pop lookup delete"),
        ("stack_trace[8] { key_size = 4; value_size = 8; }", "lookup delete keys", "update"),
        ("ringbuf<__u64>[4096]", "record", "lookup update keys"),
        ("user_ringbuf<__u64>[4096]", "send", "record lookup"),
        ("xskmap[8]", "update delete keys", "lookup"),
        ("prog_array[8]", "lookup update delete keys", "take entries"),
        ("sk_storage<int, __u64>", "lookup update delete", "keys entries"),
        ("arena[8]", "check", "lookup update keys delete record"),
    ],
)
def test_access_is_what_the_kernel_does_for_the_kind(kind: str, there: str, missing: str) -> None:
    """What bpf(2) refuses for a kind isn't there."""
    text = rust_of(f"map m: {kind};", accessors=("libbpf-rs",))
    for name in there.split():
        assert f"pub fn {name}(" in text, name
    for name in missing.split():
        assert f"pub fn {name}(" not in text, name


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("a `map_extra` of flow_key", "a `map_extra` of flow_key"),
        ("_x_ and a*b", r"\_x\_ and a\*b"),
        ("see [x] <y>", r"see \[x\] \<y\>"),
        ("    code()", "code()"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("```rust", r"\`\`\`rust"),
        ("at https://a.b/c_d?e=f.", "at <https://a.b/c_d?e=f>."),
        ("end \\", "end \\\\"),
        ("\u202eabc\r", r"\<U+202E\>abc"),
    ],
)
def test_doc_comments_show_what_was_written(line: str, shown: str) -> None:
    """Markdown that has nothing of Markdown's in it but code between backticks."""
    assert markdown(line) == shown


@pytest.mark.parametrize(
    "value",
    ["common.dsl=crate::maps::common", "a=b.dsl=super::super::x", "x.dsl=r#mod", "x.dsl=self::y"],
)
def test_a_path_of_a_module_can_be_imported(value: str) -> None:
    """What `use` takes."""
    assert map_import_fault(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "common.dsl",
        "=x",
        "x.dsl=",
        "x.dsl=a-b",
        "x.dsl=a::",
        "x.dsl=a;b",
        "x.dsl=type",
        "x=a::self",
    ],
)
def test_what_is_no_path_cant(value: str) -> None:
    """It would be Rust that nobody wrote."""
    assert map_import_fault(value) is not None
