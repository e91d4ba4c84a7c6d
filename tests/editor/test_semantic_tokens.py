"""What each word of a text is said to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfgen.editor.semantic_tokens import MODIFIERS, TYPES, semantic_tokens
from bpfgen.text.source import Span
from tests.editor.texts import analysed, good_texts, one

if TYPE_CHECKING:
    from bpfgen.editor.semantic_tokens import SemanticToken

TEXT = """\
/* of two
   lines */
/// A doc comment.
import "lib.dsl";
target kernel >= 5.15;
const N = sizeof(struct key) * 4 KiB; // bpfgen: allow x because y
struct key { __u32 map, value; } __attribute__((packed));
struct list { struct bpf_list_head head __attribute__((btf_decl_tag("contains:item:link"))); };
struct item { struct bpf_list_node link; };
int run(struct __sk_buff *skb);
template cells: array<__u32, key>[N] { map_flags = BPF_F_MMAPABLE; };
map map: cells;
macro A;
when (A && defined(A)) { map calls: prog_array[runtime] { pinning = by_name; } = { run }; }
"""


def words(tokens: list[SemanticToken]) -> list[str]:
    """Return tokens as `WORD TYPE MODIFIERS`."""
    return [" ".join([one.span.text, one.type, *one.modifiers]) for one in tokens]


def test_each_word_is_what_it_means() -> None:
    """A keyword is one only where it means something; a name is what it is declared as."""
    texts = {"/t/maps.dsl": TEXT, "/t/lib.dsl": "struct other { int a; };"}
    found = words(semantic_tokens(analysed(texts)["/t/maps.dsl"]))
    assert found[:4] == [
        "/* of two comment",
        "   lines */ comment",
        "/// A doc comment. comment documentation",
        "import keyword",
    ]
    expected = [
        '"lib.dsl" string',
        "kernel keyword",
        "N variable declaration readonly",
        "key struct",
        "KiB number",
        "// bpfgen: allow x because y comment",
        "key struct declaration",
        "map property declaration",
        "value property declaration",
        "__attribute__ keyword",
        "packed decorator",
        "btf_decl_tag decorator",
        '"contains: string',
        "item struct",
        ": string",
        "link property",
        '" string',
        "run function declaration",
        "skb parameter declaration",
        "cells class declaration",
        "array class defaultLibrary",
        "__u32 type defaultLibrary",
        "N variable readonly",
        "map_flags property defaultLibrary",
        "BPF_F_MMAPABLE variable readonly defaultLibrary",
        "map keyword",
        "map variable declaration",
        "cells class",
        "A macro declaration",
        "when keyword",
        "A macro",
        "defined keyword",
        "runtime keyword",
        "by_name keyword",
        "run function",
    ]
    position = 0
    for word in expected:
        position = found.index(word, position) + 1


def test_tokens_stand_in_order_on_a_line_and_apart() -> None:
    """Whatever the text, no two tokens overlap, and the types are those of the legend."""
    for texts in good_texts(0, 8):
        for analysis in analysed(texts).values():
            end = 0
            for token in semantic_tokens(analysis):
                assert end <= token.span.start < token.span.end
                assert not {"\n", "\r"} & {*token.span.text}
                assert token.type in TYPES
                assert {*token.modifiers} <= {*MODIFIERS}
                end = token.span.end


def test_a_range_has_the_tokens_in_it() -> None:
    """Those of a part are the whole text's that reach into it."""
    analysis = one(TEXT)
    whole = semantic_tokens(analysis)
    for start, end in ((0, 5), (40, 200), (100, 100), (0, len(TEXT)), (len(TEXT), len(TEXT))):
        part = semantic_tokens(analysis, Span(analysis.source, start, end))
        assert part == [one for one in whole if one.span.start < end and one.span.end > start]


def test_a_broken_text_has_tokens() -> None:
    """What can't be read has those of its words; names that are declared elsewhere, theirs."""
    text = 'struct key { __u32 a b };\nmap m: hash<key, "open\nmap n: hash<key, int>[4];\n'
    found = words(semantic_tokens(one(text)))
    assert found[:3] == ["struct keyword", "key struct declaration", "__u32 type defaultLibrary"]
    assert found.count("key struct") == 2
    assert found.count("hash class defaultLibrary") == 2
