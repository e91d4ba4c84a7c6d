"""What the words of the language mean, as Markdown, and how a declaration that begins so looks."""

from __future__ import annotations

from bpfgen.editor.table_text import fenced
from bpfgen.record import Record


class Keyword(Record):
    """A word of the language.

    Attributes:
        word: As it is written.
        form: What it begins, in the terms of docs/language.md.
        meaning: What that is, in a sentence.
        snippet: What completion types, with the places that are left to fill in (TextMate's marks,
            as in the Language Server Protocol); empty for the word alone.
    """

    word: str
    form: str
    meaning: str
    snippet: str = ""


ITEM_WORDS: dict[str, Keyword] = {
    keyword.word: keyword
    for keyword in (
        Keyword(
            "map",
            "map NAME: KIND<KEY, VALUE>[MAX_ENTRIES] { ATTRIBUTES };",
            "A BPF map.",
            "map ${1:name}: ${2:hash}<${3:__u32}, ${4:__u64}>[${5:1024}];",
        ),
        Keyword(
            "template",
            "template NAME: KIND<KEY, VALUE>[MAX_ENTRIES] { ATTRIBUTES };",
            "A named shape that maps share, or that the maps in a map of maps have.",
            "template ${1:name}: ${2:hash}<${3:__u32}, ${4:__u64}>[${5:1024}];",
        ),
        Keyword(
            "const",
            "const NAME = EXPRESSION;",
            "A constant; `-D NAME=VALUE` replaces its value.",
            "const ${1:NAME} = ${2:1};",
        ),
        Keyword(
            "struct",
            "struct NAME { MEMBERS };",
            "A struct, as in C.",
            "struct ${1:name} {\n    ${2:__u64} ${3:member};\n};",
        ),
        Keyword(
            "union",
            "union NAME { MEMBERS };",
            "A union, as in C.",
            "union ${1:name} {\n    ${2:__u64} ${3:member};\n};",
        ),
        Keyword(
            "enum",
            "enum NAME : BASE { ENUMERATORS };",
            "An enum, as in C; a base type as in C23 may follow its name.",
            "enum ${1:name} { ${2:FIRST} };",
        ),
        Keyword(
            "typedef",
            "typedef TYPE NAME;",
            "Another name of a type, as in C.",
            "typedef ${1:__u64} ${2:name};",
        ),
        Keyword(
            "import",
            'import "FILE";',
            "The types, constants, templates and maps of another source can be used; its maps are "
            "`extern` here.",
            'import "${1:common.dsl}";',
        ),
        Keyword(
            "include",
            "include <HEADER>;",
            "The types and constants of a C header can be used; `include kernel;` has those of the "
            "kernel's BTF in the file that `--btf` names.",
            "include <${1:linux/in.h}>;",
        ),
        Keyword(
            "target",
            "target NAME >= VERSION;",
            "The oldest kernel, or the oldest version of a loader, that the maps must work with.",
            "target ${1|kernel,libbpf,cilium,aya|} >= ${2:5.15};",
        ),
        Keyword(
            "macro",
            "macro NAME, NAME;",
            "Macros of C that `when` may ask for.",
            "macro ${1:NAME};",
        ),
        Keyword(
            "when",
            "when (CONDITION) { … } else { … }",
            "What there is under a condition, as after C's `#if`.",
            "when (${1:CONDITION}) {\n    $0\n}",
        ),
        Keyword(
            "weak",
            "weak map NAME: …",
            "Several objects that are linked may define the map (`__weak`).",
            "weak map ${1:name}: ${2:hash}<${3:__u32}, ${4:__u64}>[${5:1024}];",
        ),
        Keyword(
            "extern",
            "extern map NAME: …",
            "Another object defines the map; the two are linked by `bpftool gen object`.",
            "extern map ${1:name}: ${2:hash}<${3:__u32}, ${4:__u64}>[${5:1024}];",
        ),
        Keyword(
            "legacy",
            "legacy map NAME: …",
            "A `struct bpf_map_def` in section `maps`, which libbpf 1.0 and later refuse.",
            "legacy map ${1:name}: ${2:hash}<${3:__u32}, ${4:__u64}>[${5:1024}];",
        ),
    )
}
"""The words that items begin with."""

WORDS: dict[str, Keyword] = ITEM_WORDS | {
    keyword.word: keyword
    for keyword in (
        Keyword(
            "else",
            "else { … }",
            "What there is where no condition before holds; `else when (…)` asks for another.",
        ),
        Keyword(
            "sizeof",
            "sizeof(TYPE)",
            "The bytes of a type on the BPF target.",
            "sizeof(${1:type})",
        ),
        Keyword("KiB", "N KiB", "Times 1024."),
        Keyword("MiB", "N MiB", "Times 1024 * 1024."),
        Keyword("GiB", "N GiB", "Times 1024 * 1024 * 1024."),
        Keyword("const", "const TYPE", "What is declared so isn't written to, as in C."),
        Keyword("volatile", "volatile TYPE", "As in C."),
        Keyword("restrict", "TYPE *restrict", "As in C."),
        Keyword("defined", "defined(NAME)", "Whether a macro is defined.", "defined(${1:NAME})"),
        Keyword(
            "KERNEL_VERSION",
            "KERNEL_VERSION(MAJOR, MINOR, PATCH)",
            "The number that LINUX_VERSION_CODE has for a version.",
            "KERNEL_VERSION(${1:5}, ${2:15}, ${3:0})",
        ),
    )
    if keyword.word not in ITEM_WORDS
}
"""All words that are explained, by themselves."""

BUILTIN_WORDS = (
    *("void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "_Bool"),
    "__int128",
)
"""The words of C's own types that are offered."""


def keyword_text(word: str) -> str:
    """Return what *word* means; empty for what is none of them."""
    keyword = WORDS.get(word) or WORDS.get(word.strip("_"))
    if keyword is None:
        return ""
    return f"{fenced(keyword.form)}\n\n{keyword.meaning}"
