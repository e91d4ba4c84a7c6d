"""A rename changes a name wherever it stands, nothing else, and refuses what it can't keep."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, emit
from bpfgen.editor.analysis import analyse
from bpfgen.editor.names import Names
from bpfgen.editor.problems import clang_view
from bpfgen.editor.rename import Refusal, prepare_rename, rename
from bpfgen.emit.c.sides import CPP_WORDS, HOST_WORDS
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.edits import applied
from tests.editor.texts import COUNT, SEED, analysed, good_texts, one
from tests.samples import SAMPLES
from tests.tools import require_clang, require_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.names import Name
    from bpfgen.text.diagnostics import Edit

TAKEN = (
    "map",
    "when",
    "key",
    "target",
    "hash",
    "array",
    "max_entries",
    "u32",
    "x",
    "m0",
    "runtime",
)
"""Names that mean something, or may do so in a random program."""

LIBRARY = """\
const N = 2;
enum mode { OFF, ON = N };
/// A key, of N parts.
struct key { __u32 k[N]; };
typedef struct key key_t;
template cells: array<__u32, struct key>[N];
map cell: cells;
"""
MAIN = """\
import "lib.dsl";
macro WIDE, N_OF;
struct node;
struct list { struct bpf_list_head all __contains(node, link); struct node *first; };
struct other { struct bpf_list_head all __attribute__((btf_decl_tag("contains:node:link"))); };
struct node { struct bpf_list_node link; enum mode mode; };
const LIMIT = N * 4;
int prog(struct __sk_buff *skb);
int prog(struct __sk_buff *skb);
when (LIMIT > 4 && WIDE) { struct value { __u64 wide; }; }
else { struct value { __u32 narrow; }; }
map m: hash<key_t, value>[LIMIT * ON]; // key_t here
map o: array_of_maps<__u32, cells>[N] = { [0] = cell };
map p: prog_array[LIMIT] { map_flags = BPF_F_RDONLY; } = { [(key_t *)0 == 0] = prog };
map q: hash<struct list, struct other>[sizeof(struct key)];
""".replace("[(key_t *)0 == 0]", "[OFF]")
TEXTS = {"/t/lib.dsl": LIBRARY, "/t/main.dsl": MAIN}


def renamed(
    analyses: dict[str, Analysis], path: str, offset: int, new: str
) -> dict[str, str] | str:
    """Return the texts after the rename, or what it is refused with."""
    edits = edits_of(analyses, path, offset, new)
    return edits.message if isinstance(edits, Refusal) else after(analyses, edits)


def edits_of(
    analyses: dict[str, Analysis], path: str, offset: int, new: str
) -> tuple[Edit, ...] | Refusal:
    """Return what renames the name at *offset* of the text *path* in all *analyses*."""
    others = [other for name, other in analyses.items() if name != path]
    return rename(analyses[path], offset, new, others)


def after(analyses: dict[str, Analysis], edits: Sequence[Edit]) -> dict[str, str]:
    """Return all texts after *edits*."""
    return {
        name: applied(
            analysis.source.text, [edit for edit in edits if edit.span.source.name == name]
        )
        for name, analysis in analyses.items()
    }


def output(texts: dict[str, str], path: str, *names: str, form: str = "header") -> str:
    """Return what the text *path* comes to, or its errors, with each of *names* as one word."""
    analysis = analysed(texts)[path]
    if analysis.compilation.failed:
        return "\n".join(one.message for one in analysis.diagnostics)
    if form == "json" and analysis.compilation.undecided:
        return "that of one case only"
    text = emit(analysis.compilation, analysis.options, form)
    # What is computed of the characters of all names, and of one.
    text = re.sub(r"BPFGEN_\w+_H\b|.*(?:[Ff]ingerprint|kernel_name).*", "", text)
    return re.sub(rf"(?<![A-Za-z0-9])(?:{'|'.join(names)})(?![A-Za-z0-9])", "NAME", text)


@pytest.mark.parametrize(
    ("file", "place", "new", "lines"),
    [
        ("main", "LIMIT = ", "MOST", {"main": [7, 10, 12, 14]}),
        ("main", "N * 4", "PARTS", {"lib": [1, 2, 4, 6], "main": [7, 13]}),
        ("lib", "N = 2", "PARTS", {"lib": [1, 2, 4, 6], "main": [7, 13]}),
        ("lib", "key {", "item", {"lib": [4, 5, 6], "main": [15]}),
        ("main", "key_t, value", "item", {"lib": [5], "main": [12]}),
        ("main", "value>", "content", {"main": [10, 11, 12]}),
        ("main", "value { __u64", "content", {"main": [10, 11, 12]}),
        ("main", "node, link", "entry", {"main": [3, 4, 4, 5, 6]}),
        ("main", "link)", "place", {"main": [4, 5, 6]}),
        ("main", "link; enum", "map", {"main": [4, 5, 6]}),
        ("main", "mode mode", "state", {"lib": [2], "main": [6]}),
        ("main", "ON]", "YES", {"lib": [2], "main": [12]}),
        ("main", "prog(struct", "tail", {"main": [8, 9, 14]}),
        ("main", "prog };", "tail", {"main": [8, 9, 14]}),
        ("main", "cells>", "rows", {"lib": [6, 7], "main": [13]}),
        ("main", "cell }", "row", {"lib": [7], "main": [13]}),
        ("main", "m: hash", "when", {"main": [12]}),
        ("main", "skb)", "context", {"main": [8]}),
        ("main", "first;", "head", {"main": [4]}),
    ],
)
def test_a_rename_changes_these_lines(
    file: str, place: str, new: str, lines: dict[str, list[int]]
) -> None:
    """From any use, in both files; comments stay, and so does what only has the same letters."""
    analyses = analysed(TEXTS)
    path = f"/t/{file}.dsl"
    edits = edits_of(analyses, path, analyses[path].source.text.index(place), new)
    assert not isinstance(edits, Refusal), edits.message
    found: dict[str, list[int]] = {}
    for edit in edits:
        assert edit.text == new
        found.setdefault(edit.span.source.name[3:-4], []).append(edit.span.line)
    assert found == lines


@pytest.mark.parametrize(
    ("place", "new", "words"),
    [
        ("__u32, cells", "u32", "`__u32` is built in"),
        ("bpf_list_head all", "list_head", "is built in"),
        ("BPF_F_RDONLY", "FLAG", "is built in"),
        ("hash<key_t", "table", "`hash` is a kind of map"),
        ("map_flags", "flags", "`map_flags` is an attribute of maps"),
        ("WIDE, N_OF", "BROAD", "is a macro of the C programs"),
        ("WIDE)", "BROAD", "is a macro of the C programs"),
        ("__sk_buff", "buffer", "nothing that can be seen declares `__sk_buff`"),
        ("{ [0]", "x", "there is no name here"),
        ("LIMIT =", "2X", "`2X` is no name"),
        ("LIMIT =", "", "`` is no name"),
        ("LIMIT =", "größe", "is no name"),
        ("LIMIT =", "X Y", "is no name"),
        ("LIMIT =", "X\n", "is no name"),
        ("LIMIT =", "while", "`while` is a keyword of C"),
        ("LIMIT =", "__kptr", "`__kptr` is a keyword of C"),
        ("LIMIT =", "BPFGEN_MAP", "`BPFGEN_MAP` is a macro of the generated header"),
        ("node { struct bpf_list_node", "NULL", "`NULL` is a macro of libbpf"),
        ("LIMIT =", "prog", "`prog` is declared already, as a program (/t/main.dsl:8)"),
        ("LIMIT =", "ON", "`ON` is declared already, as an enumerator (/t/lib.dsl:2)"),
        ("LIMIT =", "N_OF", "`N_OF` is declared already, as a macro (/t/main.dsl:2)"),
        ("LIMIT =", "ETH_ALEN", "`ETH_ALEN` is built in"),
        ("list {", "node", "`node` is declared already, as a struct (/t/main.dsl:6)"),
        ("list {", "cells", "`cells` is declared already, as a template (/t/lib.dsl:6)"),
        ("list {", "bpf_timer", "`bpf_timer` is built in"),
        ("value>", "key_t", "would mean something else"),
        ("value>", "__u64", "would mean something else"),
        ("first;", "all", "the member `all` is declared twice"),
    ],
)
def test_what_can_not_be_renamed_is_refused_in_words(place: str, new: str, words: str) -> None:
    """What isn't declared here, what is no name, what somebody else is called."""
    found = renamed(analysed(TEXTS), "/t/main.dsl", MAIN.index(place), new)
    assert isinstance(found, str)
    assert words in found


@pytest.mark.parametrize(
    "new", ["BPFGEN_BPF", "NULL", "BPF_ALU64", "__weak", "bpf_map_lookup_elem"]
)
def test_names_that_break_the_header_are_refused(new: str) -> None:
    """The witness is the compiler: what has such a name isn't taken where it is declared."""
    text = (
        "enum e { OFF };\nstruct s { int m; enum e n; };\nconst LIMIT = 1;\n"
        "map maps: array<__u32, struct s>[LIMIT];\n"
    )
    analyses = {"/t/maps.dsl": one(text)}
    require_clang()
    if new != "BPFGEN_BPF":
        require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    for place in ("OFF", "s {", "m;", "maps"):
        found = renamed(analyses, "/t/maps.dsl", text.index(place), new)
        word = place.rstrip(" {;")
        other = re.sub(rf"\b{word}\b", new, text)
        said = clang_view(one(other))
        if any(complaint.severity == ERROR for complaint in said):
            assert isinstance(found, str), (word, new)
            assert f"`{new}` is a" in found
        else:  # what is no macro may be a member's name, or a tag
            assert (new, word) in {("bpf_map_lookup_elem", "s"), ("bpf_map_lookup_elem", "m")}
            assert isinstance(found, dict), (word, found)


def test_a_clash_in_a_file_that_imports_is_found() -> None:
    """Names of the importer, and those that it would hide."""
    texts = {
        **TEXTS,
        "/t/more.dsl": 'import "lib.dsl";\nconst OWN = N; map x: hash<key, int>[1];\n',
    }
    analyses = analysed(texts)
    found = renamed(analyses, "/t/lib.dsl", LIBRARY.index("N ="), "OWN")
    assert found == "`OWN` is declared already, as a const (/t/more.dsl:2)"
    found = renamed(analyses, "/t/lib.dsl", LIBRARY.index("key {"), "x")
    assert isinstance(found, dict)
    found = renamed(analyses, "/t/lib.dsl", LIBRARY.index("OFF"), "OWN")
    assert isinstance(found, str)
    assert "`OWN`" in found


def test_what_the_command_line_gives_keeps_its_name() -> None:
    """`-D` replaces a constant by its name."""
    options = Options(definitions={"LIMIT": "8"})
    found = renamed(analysed(TEXTS, options), "/t/main.dsl", MAIN.index("LIMIT"), "MOST")
    assert found == "`-D LIMIT=…` replaces this constant, and would no longer find it"


def test_a_text_that_is_broken_elsewhere() -> None:
    """It is renamed where that is sure, and refused where the broken part has the name."""
    text = "const N = 4;\nmap m: array<__u32, __u64>[N];\nstruct s { int a b };\n"
    found = renamed({"/t/maps.dsl": one(text)}, "/t/maps.dsl", text.index("N"), "COUNT")
    assert found == {"/t/maps.dsl": text.replace("N", "COUNT")}
    for new in ("s", "a"):
        found = renamed({"/t/maps.dsl": one(text)}, "/t/maps.dsl", text.index("N"), new)
        assert isinstance(found, str)
    broken = text.replace("a b", "a[N] b")
    found = renamed({"/t/maps.dsl": one(broken)}, "/t/maps.dsl", 6, "COUNT")
    assert found == ("`N` stands in a part of /t/maps.dsl:3 that can't be read: mend that first")


def test_prepare_says_what_rename_would() -> None:
    """The name under the cursor, or the reason."""
    main = analysed(TEXTS)["/t/main.dsl"]
    span = prepare_rename(main, MAIN.index("LIMIT") + 3)
    assert not isinstance(span, Refusal)
    assert span.text == "LIMIT"
    assert isinstance(prepare_rename(main, MAIN.index("hash")), Refusal)
    assert isinstance(prepare_rename(main, MAIN.index("= {")), Refusal)


def test_a_name_of_a_header_is_taken(tmp_path: Path) -> None:
    """What a C header declares is refused, as a new name and as an old one."""
    require_clang()
    (tmp_path / "c.h").write_text("#define DEPTH 7\nstruct packet { int size; };\n")
    text = (
        'include "c.h";\nconst N = DEPTH;\nstruct s { struct packet p; };\n'
        "map m: hash<__u32, s>[N];\n"
    )
    path = str(tmp_path / "maps.dsl")
    analyses = {path: analyse(path, text)}
    for place, new in (("N =", "DEPTH"), ("s {", "packet")):
        found = renamed(analyses, path, text.index(place), new)
        assert isinstance(found, str)
        assert f"`{new}` is declared by a C header" in found
    found = renamed(analyses, path, text.index("DEPTH"), "X")
    assert found == "`DEPTH` comes from a C header or a kernel: it is declared there"
    assert isinstance(renamed(analyses, path, text.index("N ="), "X"), dict)


def test_every_name_of_a_program_can_be_renamed_and_back() -> None:
    """The model is the same but for the name; and each edit is needed.

    The witness is the C header: with all edits it has the new name where it had the old one, with
    one of them left out it hasn't, or nothing comes out.
    """
    tried = 0
    for chance, texts, analyses, path, name in some_names(SEED, COUNT):
        old = name.occurrence.name
        found = renamed(analyses, path, name.span.start, "brand_new")
        assert isinstance(found, dict), (old, found)
        assert output(found, path, old, "brand_new") == output(texts, path, old, "brand_new"), old
        place = found[path].index("brand_new")
        assert renamed(analysed(found), path, place, old) == texts
        edits = edits_of(analyses, path, name.span.start, "brand_new")
        assert not isinstance(edits, Refusal)
        if len(edits) > 1:
            left = chance.randrange(len(edits))
            some = after(analyses, edits[:left] + edits[left + 1 :])
            whole = {one: output(found, one, "NAME") for one in texts}
            assert {one: output(some, one, "NAME") for one in texts} != whole, old
        tried += 1
    assert tried > 2 * COUNT


def test_a_name_that_is_taken_is_refused_or_right() -> None:
    """Whatever a name is to be called: nothing else gets its name, and what comes out is the same.

    Back from the new name to the old one comes the same text, which it wouldn't if two names had
    become one.
    """
    refused = 0
    for chance, texts, analyses, path, name in some_names(SEED + 500, COUNT):
        old = name.occurrence.name
        words = [one.occurrence.name for one in Names(analyses[path]).own()]
        for new in (chance.choice(words), chance.choice(TAKEN)):
            found = renamed(analyses, path, name.span.start, new)
            if isinstance(found, str):
                refused += 1
                continue
            # The model as JSON: what C has for user space depends on what members are called.
            before = output(texts, path, old, new, form="json")
            assert output(found, path, old, new, form="json") == before, (old, new)
            edits = edits_of(analyses, path, name.span.start, new)
            assert not isinstance(edits, Refusal)
            earlier = [
                e for e in edits if e.span.source.name == path and e.span.start < name.span.start
            ]
            place = name.span.start + len(earlier) * (len(new) - len(old))
            assert renamed(analysed(found), path, place, old) == texts
    assert refused > COUNT


def some_names(
    seed: int, count: int
) -> Iterator[tuple[random.Random, dict[str, str], dict[str, Analysis], str, Name]]:
    """Yield a declared name of each sample, and two of each file of *count* random programs."""
    chance = random.Random(seed)  # noqa: S311 -- which names are tried
    for texts in good_texts(seed, count):
        analyses = analysed(texts)
        for path, analysis in analyses.items():
            if "INCLUDE" in analysis.tokens.kinds:
                continue  # a compiler would be asked again and again
            declared = [name for name in Names(analysis).own() if name.occurrence.is_declaration]
            for name in chance.sample(declared, 1 if path.startswith(str(SAMPLES)) else 2):
                # The header keeps words of C++ from user space.
                is_word = name.occurrence.name in CPP_WORDS | HOST_WORDS
                if name.declaration.kind != "macro" and not is_word:
                    yield chance, texts, analyses, path, name


@pytest.mark.parametrize(
    ("header", "package"),
    [
        ("bpf/bpf_helpers.h", "libbpf-dev"),
        ("linux/types.h", "linux-libc-dev"),
        ("linux/bpf_common.h", "linux-libc-dev"),
    ],
)
def test_a_macro_that_is_always_there_is_no_name(header: str, package: str) -> None:
    """Those of a header that the generated one includes, which stand for something by themselves.

    The one that guards it aside, and what is a keyword already.
    """
    path = require_file(f"/usr/include/{header}", package)
    text = path.read_text(encoding="utf-8")
    macros = set(re.findall(r"^#\s*define[ \t]+(\w+)[ \t]+\S", text, re.MULTILINE))
    assert len(macros) > 5
    analysis = one("map some: array<u32, u32>[1];\n")
    for macro in macros:
        assert isinstance(rename(analysis, 4, macro), Refusal), macro
