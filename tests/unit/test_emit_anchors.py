"""What the anchors keep whole in BTF, clang 14's too, and what of them is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options, compile, emit
from bpfgen.text.source import Source
from tests.tools import compilers, require_clang

if TYPE_CHECKING:
    from pathlib import Path

ITEM = "typedef struct item { __u32 a; } item_t;\n"

FORGOTTEN = {
    "a member points to the struct": """
        struct holder { struct item *p; };
        map first: hash<__u32, holder>[4];
        map second: hash<struct item, __u32>[4];""",
    "a member points to the typedef": """
        struct holder { item_t *p; };
        map first: hash<__u32, holder>[4];
        map second: hash<item_t, __u32>[4];""",
    "a member points to the same const type": """
        struct holder { const struct item *p; };
        map first: hash<__u32, holder>[4];
        map second: hash<const struct item, __u32>[4];""",
    "an inner definition has it": """
        map first: array_of_maps<__u32, hash<item_t, __u32>[4]>[4];
        map second: hash<item_t, __u32>[4];""",
    "the value of an inner map is a pointer to it": """
        map first: array_of_maps<__u32, hash<__u64, struct item *>[4]>[4];
        map second: hash<struct item, __u32>[4];""",
    "a template's value points to it": """
        struct holder { struct item **p; };
        template shape: hash<__u32, holder>[4];
        map first: shape;
        map second: hash<struct item, __u32>[4];""",
    "a parameter's struct points to it": """
        struct holder { struct item *p; };
        struct calls { int (*call)(struct holder *self); };
        map first: array<__u32, calls>[4];
        map second: hash<item, __u32>[4];""",
    "it is the key of a template": """
        struct holder { struct item *p; };
        template shape: hash<struct item, __u32>[4];
        map first: hash<__u32, holder>[4];
        map second: shape;
        map third: shape;""",
    "a value is a pointer to what points to it": """
        struct holder { struct item *p; };
        map first: array<__u32, struct holder **>[4];
        map second: hash<item, __u32>[4];""",
    "both a plain and a const pointer were met": """
        struct holder { struct item *p; const struct item *q; };
        map first: hash<__u32, holder>[4];
        map second: hash<struct item, __u32>[4];""",
    "an anonymous struct behind a pointer points to it": """
        struct holder { struct { struct item *p; } *q; };
        map first: hash<__u32, holder>[4];
        map second: hash<item, __u32>[4];""",
}
"""How clang 14 comes to forget the struct of a key: it met a pointer to that very type before."""

WHOLE = {
    "only through the typedef": """
        struct holder { item_t *p; };
        map first: hash<__u32, holder>[4];
        map second: hash<struct item, __u32>[4];""",
    "only as const": """
        struct holder { const struct item *p; };
        map first: hash<__u32, holder>[4];
        map second: hash<struct item, __u32>[4];""",
    "held by value elsewhere": """
        struct holder { struct item *p; };
        struct other { struct item i; };
        map first: hash<__u32, holder>[4];
        map second: hash<struct item, __u32>[4];
        map third: hash<__u32, other>[4];""",
    "pointed to later": """
        struct holder { struct item *p; };
        map first: hash<struct item, __u32>[4];
        map second: hash<__u32, holder>[4];""",
    "points to itself": """
        struct chain { struct chain *next; };
        map first: hash<__u32, chain>[4];""",
}


def header_and_object(text: str, compiler: str = "") -> tuple[str, bytes | None]:
    """Return the header of *text*, without its part for extern maps, and the verified object."""
    compilation = compile(Source("maps.dsl", text))
    assert not compilation.failed
    options = Options(clang=Finder(require_clang(compiler)))
    data, diagnostics = build_object(compilation, options)
    assert not diagnostics
    header = emit(compilation, options)
    return re.sub(r"(?s)#ifdef BPFGEN_EXTERN_MAPS\nstatic.*?#endif", "", header), data


@pytest.mark.parametrize("compiler", compilers())
@pytest.mark.parametrize("name", FORGOTTEN)
def test_what_clang_14_forgets_is_anchored(name: str, compiler: str) -> None:
    """The key's struct is whole in the objects of every clang, by its anchor."""
    header, data = header_and_object(ITEM + FORGOTTEN[name], compiler)
    assert data is not None
    assert re.search(r"\*bpfgen_((bare|volatile)_)?type_item ", header)


@pytest.mark.parametrize("name", WHOLE)
def test_an_anchor_is_written_only_where_it_is_needed(name: str) -> None:
    """Where clang 14 keeps the struct, the header has no anchor."""
    header, data = header_and_object(ITEM + WHOLE[name], "clang-14")
    assert data is not None
    assert "type_item" not in header


def test_headers_with_other_anchors_for_one_type_go_together(tmp_path: Path) -> None:
    """An import's header points to the const struct where this one can't: clang 14 has met that."""
    imported = f"{ITEM}map apart: hash_of_maps<__u32, hash<item, __u32>[4]>[2];\n"
    (tmp_path / "common.dsl").write_text(imported)
    text = 'import "common.dsl";\n' + FORGOTTEN["both a plain and a const pointer were met"]
    compilation = compile(Source(str(tmp_path / "maps.dsl"), text))
    assert "*bpfgen_volatile_type_item " in emit(compilation)
    data, diagnostics = build_object(compilation, Options(clang=Finder(require_clang())))
    assert data is not None, diagnostics


@pytest.mark.parametrize(
    "record",
    [
        "struct item *const",
        "const struct item",
        "const __u32",
        "__u32[3]",
        "const __u32[3][2]",
        "volatile __u32",
        "item_t[2]",
        "const volatile struct item *",
        "struct item",
    ],
)
def test_records_of_any_type_are_kept(record: str) -> None:
    """Neither qualifiers of its own nor those of elements get in the way of the anchor's const."""
    text = f"{ITEM}struct holder {{ const struct item *p; }};\nmap m: hash<__u32, holder>[4];\n"
    text += f"map events: ringbuf<{record}>[256 KiB];\n"
    for compiler in (compilers()[0], ""):
        header, data = header_and_object(text, compiler)
        assert data is not None
        assert "const const" not in header


def test_a_file_without_maps_is_verified() -> None:
    """Constants and types alone leave no BTF in an object, and that is no difference."""
    text = "const A = 1;\nstruct s { int x[A]; };\nint program(struct __sk_buff *skb);\n"
    _, data = header_and_object(text)
    assert data is not None


def test_the_smallest_64_bit_enumerator_is_spelled_without_a_warning() -> None:
    """C has no literal for -2^63; the assertion compares with a difference."""
    text = (
        "enum e : long long { E = -9223372036854775807LL - 1 };\nmap m: hash<enum e, __u32>[4];\n"
    )
    header, data = header_and_object(text)
    assert data is not None
    assert "E == (-9223372036854775807L - 1)" in header


def test_a_struct_of_newer_kernels_is_taken_from_the_header_that_has_it() -> None:
    """An included linux/bpf.h with bpf_lpm_trie_key_hdr serves, whatever its version says."""
    text = (
        "include <linux/bpf.h>;\n"
        "struct key { struct bpf_lpm_trie_key_hdr header; __u32 data; };\n"
        "map routes: lpm_trie<key, __u32>[4];\n"
    )
    _, data = header_and_object(text)
    assert data is not None


@pytest.mark.parametrize("tag", ["__kptr", "__kptr_untrusted", "__percpu_kptr"])
@pytest.mark.parametrize("target", ["struct item", "item_t", "const item_t", "again_t"])
def test_what_only_a_kptr_points_to_is_kept(target: str, tag: str) -> None:
    """The kernel ignores a forward declaration behind such a pointer, through a typedef too."""
    text = (
        f"{ITEM}typedef const item_t again_t;\n"
        f"struct value {{ {target} {tag} *p; }};\nmap m: hash<__u32, value>[4];\n"
    )
    header, data = header_and_object(text)
    assert data is not None
    assert "*bpfgen_type_item " in header
