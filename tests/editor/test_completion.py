"""What is offered where: held against programs, against the compiler, and against the grammar."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf.kernel import KernelBtf
from bpfgen.compiler import Options, compile
from bpfgen.editor.completion import completions, documentation
from bpfgen.editor.context import context_at
from bpfgen.editor.grammar_state import GrammarState
from bpfgen.editor.hover import hover
from bpfgen.editor.names import UNKNOWN, Names
from bpfgen.editor.occurrences import occurrences
from bpfgen.editor.value_text import KIND_NAMES
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.syntax.lexer import scan
from bpfgen.syntax.parser import current_tables
from bpfgen.text.diagnostics import ERROR, Report
from bpfgen.text.source import Source
from tests.editor.texts import analysed, conditional_texts, good_texts, one
from tests.tools import require_clang
from tests.unit.test_kernel_btf import KERNEL, USES, raw

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.completion import Completion, Completions

SEED, COUNT = map(int, os.environ.get("BPFGEN_COMPLETION", "1:6").split(":"))
"""Which random programs, and how many: `BPFGEN_COMPLETION=7:500`."""

SHARE = 0.3
"""Of the words of a program."""


def offered(text: str, trigger: str = "", options: Options | None = None) -> Completions:
    """Return what is offered at the `@` in *text*."""
    offset = text.index("@")
    analysis = one(text[:offset] + text[offset + 1 :], options or Options())
    return completions(analysis, offset, trigger)


def labels(text: str, *kinds: str, trigger: str = "") -> list[str]:
    """Return the labels that are offered at the `@`, of *kinds* alone if there are any, by rank."""
    items = offered(text, trigger).items
    ranked = sorted(items, key=lambda item: (item.rank, item.label))
    return [item.label for item in ranked if not kinds or item.kind in kinds]


def item(text: str, label: str) -> Completion:
    """Return what is offered at the `@` as *label*."""
    return next(one for one in offered(text).items if one.label == label)


def applied(text: str, label: str) -> str:
    """Return *text* with the completion *label* at the `@`, without the marks of a snippet."""
    chosen = item(text, label)
    whole = text.replace("@", "")
    return whole[: chosen.span.start] + chosen.plain + whole[chosen.span.end :]


def test_every_word_of_a_program_is_offered_where_it_stands() -> None:
    """The witness are the programs: whatever stands in one could have been completed there."""
    missing = []
    count = 0
    choice = random.Random(SEED)  # noqa: S311 -- test data
    conditional = [{"/t/maps.dsl": text} for text in conditional_texts(SEED, COUNT // 2)]
    for texts in (*good_texts(SEED, COUNT), *conditional):
        if "\ninclude" in next(iter(texts.values())):
            continue  # its names are the compiler's to tell
        analysis = next(iter(analysed(texts).values()))
        tokens = analysis.tokens
        new = {
            name.span.start
            for name in occurrences(analysis.tree)
            if name.is_declaration or name.role in {"parameter", "variable"}
        }
        for index, text in enumerate(tokens.texts):
            start = tokens.starts[index]
            is_word = text[:1].isalpha() or text[:1] == "_"
            is_forward = (
                tokens.texts[index + 1 : index + 2] == [";"]
                and index
                and (tokens.texts[index - 1] in {"struct", "union", "enum"})
            )
            if (
                not is_word
                or start in new
                or is_forward
                or tokens.kinds[index] in {"INCLUDE", "CHARACTER"}
            ):
                continue
            if (
                index
                and tokens.kinds[index - 1] == "NAME"
                and tokens.texts[index - 1] in current_tables().SOFT_WORDS
            ):
                continue  # a member called `import` looks like one to whoever sees no more
            if choice.random() > SHARE or (text == "map_extra" and texts in conditional):
                continue  # it says nothing of the maps there
            count += 1
            found = completions(analysis, start + min(2, len(text)))
            if text not in {one.label for one in found.items} and _is_known(analysis, start):
                line = analysis.source.line_number(start)
                missing.append(f"{analysis.path}:{line}: {text}")
    assert count > 400
    assert not missing


def _is_known(analysis: Analysis, offset: int) -> bool:
    """Return whether the name at *offset*, if it is one, is declared: some in branches aren't."""
    name = Names(analysis).at(offset)
    return name is None or name.declaration.origin != UNKNOWN


def test_what_is_offered_the_grammar_takes() -> None:
    """Typed after the text before it, each is a beginning of a program."""
    choice = random.Random(SEED)  # noqa: S311 -- test data
    refused = []
    for texts in good_texts(SEED, COUNT // 3):
        analysis = next(iter(analysed(texts).values()))
        starts = analysis.tokens.starts
        for offset in choice.sample(starts, min(6, len(starts))):
            context = context_at(analysis.tree, offset)
            before = context.tokens.source.text
            for chosen in completions(analysis, offset).items:
                if not chosen.text or chosen.kind in {"file", "folder", "header", "code"}:
                    continue
                replaced = context.span.start - chosen.span.start
                kept = before[: len(before) - replaced]
                if not _is_taken(kept, chosen.plain):
                    refused.append((kept[-60:], chosen.plain))
    assert not refused


def _is_taken(before: str, typed: str) -> bool:
    """Return whether *typed* can follow the text *before*: no repair is needed that wasn't."""
    tables = current_tables()
    repairs = []
    for text in (before, f"{before}{typed}"):
        tokens, _ = scan(Source("x", text), tables, Report())
        repairs.append(GrammarState(tables, tokens).repairs)
    return repairs[0] == repairs[1]


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_a_kind_brings_what_it_needs(kind: str) -> None:
    """What is typed for a kind compiles, once the names in it are there."""
    declared = (
        "struct event { __u64 when; };\n"
        "struct prefix { __u32 prefixlen; __u8 data[4]; };\n"
        "template inner: array<__u32, __u64>[4];\n"
    )
    text = applied(f"{declared}map m: @\n", kind)
    text = text.replace("<__u32, template>", "<__u32, inner>")
    errors = [
        one.message for one in compile(Source("m.dsl", text)).diagnostics if one.severity == ERROR
    ]
    assert not errors, text


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_flags_are_those_that_the_kind_takes(kind: str) -> None:
    """A flag that is offered compiles; one that isn't is refused by the rule of flags."""
    text = f"map m: {kind} {{ map_flags = @ }};"
    found = set(labels(text, "flag"))
    assert found == set(MAP_KINDS[kind].flags) - {"BPF_F_TOKEN_FD", "BPF_F_PATH_FD"}


def test_flags_of_a_chain_are_not_offered_again() -> None:
    """What is in the chain, before the place or after it, and what excludes that."""
    chain = (
        "map m: hash<__u32, __u32>[8] {\n    map_flags = BPF_F_RDONLY | @ | BPF_F_NO_PREALLOC;\n};"
    )
    found = labels(chain, "flag")
    assert "BPF_F_NUMA_NODE" in found
    assert not {"BPF_F_RDONLY", "BPF_F_NO_PREALLOC", "BPF_F_WRONLY"} & set(found)


def test_flags_and_kinds_are_those_of_the_target() -> None:
    """What the target's kernel doesn't know isn't offered."""
    old = "target kernel >= 5.4;\nmap m: array<__u32, __u32>[8] { map_flags = @ };"
    assert "BPF_F_MMAPABLE" not in labels(old, "flag")
    assert "BPF_F_MMAPABLE" in labels(old.replace("5.4", "5.5"), "flag")
    assert "ringbuf" not in labels("target kernel >= 5.4;\nmap m: @", "kind")


def test_flags_of_the_next_statement_are_not_those_of_the_chain() -> None:
    """Where the semicolon isn't typed yet, nor the brace after it."""
    for rest in (
        "",
        "\n    numa_node = 0;\n};",
        "\n\nmap n: hash<__u32, __u32>[8] {\n    map_flags = BPF_F_RDONLY;\n};",
    ):
        text = f"map m: hash<__u32, __u32>[8] {{\n    map_flags = @{rest}\n"
        assert {"BPF_F_RDONLY", "runtime"} <= set(labels(text)), text
    across = "map m: hash<__u32, __u32>[8] {\n    map_flags = @\n        | BPF_F_RDONLY;\n};"
    assert not {"BPF_F_RDONLY", "BPF_F_WRONLY", "runtime"} & set(labels(across))


def test_a_required_flag_is_first() -> None:
    """Without it the kernel refuses the map."""
    assert labels("map m: lpm_trie<prefix, __u32>[8] { map_flags = @ };")[0] == "BPF_F_NO_PREALLOC"


def test_attributes_that_are_given_are_not_offered() -> None:
    """Before the place or after it, in braces or by their short forms."""
    text = "map m: hash<__u32, __u32>[8] {\n    pinning = none;\n    @\n    map_extra = 0;\n};"
    assert labels(text, "attribute") == ["map_flags", "numa_node"]
    assert "value" in labels("map m: hash { key = __u32; @ };", "attribute")
    assert "key_size" not in labels("map m: hash { key = __u32; @ };", "attribute")
    assert "max_entries" not in labels("map m: queue<__u32[1 << 2]>[4] { @ };", "attribute")
    assert "max_entries" in labels("map m: queue<__u32[1 << 2]> { @ };", "attribute")


def test_snippets_without_their_marks() -> None:
    """For an editor that can't fill in places: typing goes on where the first one would be."""
    assert item("map m: hash<__u32, __u32>[8] { @", "map_flags").plain == "map_flags = "
    assert item("map m: hash<__u32, __u32>[8] { @", "pinning").plain == "pinning = by_name;"
    assert item("map m: @", "hash").plain == "hash<__u32, __u64>[1024];"
    assert item("@", "when").plain == "when (CONDITION) {\n    \n}"


def test_an_attribute_before_its_value_is_the_name_alone() -> None:
    """What stands there already isn't typed again."""
    assert applied("map m: hash<__u32, __u32>[8] { map@ = 0; };", "map_flags") == (
        "map m: hash<__u32, __u32>[8] { map_flags = 0; };"
    )


def test_inner_maps_are_templates_and_kinds() -> None:
    """The second argument of a map of maps is no type."""
    text = "template inner: array<__u32, __u64>[4];\nmap m: hash_of_maps<__u32, @>[8];"
    assert labels(text)[0] == "inner"
    assert "array" in labels(text, "kind")
    assert "prog_array" not in labels(text, "kind")
    assert not labels(text.replace("<__u32, @", "<@"), "kind", "template")


def test_slots_are_maps_or_programs() -> None:
    """The map itself is no value of its own, and a map that can't be inside isn't offered."""
    text = (
        "int tail(struct __sk_buff *skb);\nmap a: array<__u32, __u64>[4];\n"
        "map outer: array_of_maps<__u32, array<__u32, __u64>[4]>[2] = { [0] = @ };\n"
        "map jumps: prog_array[2] = { [0] = tail };\n"
    )
    assert labels(text) == ["a"]
    assert labels(text.replace("= @", "= a").replace("[0] = tail", "@")) == ["tail"]


@pytest.mark.parametrize("rest", [" };", "", ", good };", "\nmap later: array<__u32, __u32>[1];"])
def test_slots_have_maps_like_the_inner_one(rest: str) -> None:
    """The witness is the compiler: what is offered compiles, and nothing else does."""
    others = {
        "good": "array<__u32, __u64>[4]",
        "narrow": "array<__u32, __u32>[4]",
        "other_kind": "hash<__u32, __u64>[4]",
        "read_only": "array<__u32, __u64>[4] { map_flags = BPF_F_RDONLY_PROG; }",
        "small": "array<__u32, __u64>[3]",
        "spare": "array<__u32, __u64>[4] { map_flags = BPF_F_NUMA_NODE; numa_node = 0; }",
    }
    declared = "".join(f"map {name}: {shape};\n" for name, shape in others.items())
    declared += "legacy map old: array<__u32, __u64>[4];\n"
    begin = f"{declared}map outer: array_of_maps<__u32, array<__u32, __u64>[4]>[2] = {{ [0] = "
    right = {
        name
        for name in (*others, "old")
        if not any(
            one.code == "slot-map"
            for one in compile(Source("m.dsl", f"{begin}{name} }};")).diagnostics
        )
    }
    assert right
    assert set(labels(f"{begin}@{rest}", "map")) == right


def test_contains_names_structs_with_nodes_and_their_nodes() -> None:
    """`__contains(type, member)`."""
    text = (
        "struct item { struct bpf_list_node link; __u64 payload; };\nstruct plain { int x; };\n"
        "struct head { struct bpf_spin_lock lock; struct bpf_list_head items __contains(@"
    )
    assert labels(text)[0] == "item"
    assert labels(text.replace("(@", "(item, @")) == ["link"]


def test_a_map_has_one_attribute_of_c() -> None:
    """After its name; what is offered compiles."""
    text = "map m @: array<__u32, __u32>[1];"
    assert set(labels(text)) == {"__attribute__", "__attribute"}
    for label in labels(text):
        assert not compile(Source("m.dsl", applied(text, label))).diagnostics
    assert labels(text.replace("@", "__attribute__((@))")) == ["btf_decl_tag"]
    assert "packed" in labels("struct s { int a; } __attribute__((@));")


def test_conditions_ask_for_macros_and_constants() -> None:
    """And for nothing else."""
    text = "macro USE_LRU;\nconst LIMIT = 3;\nwhen (@) { }"
    assert set(labels(text)) >= {"USE_LRU", "LIMIT", "defined", "KERNEL_VERSION"}
    assert labels(text.replace("@", "defined(@)"), "macro", "const") == ["USE_LRU"]


def test_attributes_after_a_condition() -> None:
    """A `when` in a map is no place where an item begins."""
    text = (
        "macro A;\nmap m: hash<__u32, __u32>[8] {\n    when (A) { map_flags = BPF_F_RDONLY; }\n"
        "    @\n    numa_node = 0;\n};\n"
    )
    assert labels(text, "attribute") == ["pinning"]
    assert "else" in labels(text, "keyword")
    assert labels(text.replace("@", "pinning = @;")) == ["by_name", "none"]


def test_pinning_units_targets_and_versions() -> None:
    """Values that are words."""
    assert labels("map m: hash<__u32, __u32>[8] { pinning = @") == ["by_name", "none"]
    assert labels("map m: ringbuf[64 @") == ["GiB", "KiB", "MiB"]
    assert not labels("const MAX = 4;\nmap m: ringbuf[MAX @];")
    assert not labels("map m: hash<__u32, __u32>[8] { map_flags = BPF_F_RDONLY @; };")
    assert labels("target @") == ["aya", "cilium", "kernel", "libbpf"]
    assert labels("target libbpf >= @")[0] == "1.8"
    assert applied("target libbpf @", ">= 1.8") == "target libbpf >= 1.8"
    for typed in ("@5.15", "5@.15", "5.@15", "5.1@", "5.@", "5@"):
        whole = applied(f"target kernel >= {typed};", "6.15")
        assert whole == "target kernel >= 6.15;", typed
    assert applied("target kernel 5@", ">= 5.15") == "target kernel >= 5.15"
    assert item("target kernel 5@", ">= 5.15").filter == "5.15"
    assert not labels("target kernel >= 5.15 @")
    assert labels("map m: hash<__u32, __u32>[@", "value") == ["runtime"]
    assert not labels("map m: hash<__u32, __u32>[2 + @", "value")


def test_files_beside_the_text(tmp_path: Path) -> None:
    """In the path of an import stand sources and directories, the file itself excepted."""
    for name in ("common.dsl", "more.bpfmap", "notes.txt", "maps.dsl"):
        (tmp_path / name).write_text("const A = 1;\n")
    (tmp_path / "sub").mkdir()
    path = str(tmp_path / "maps.dsl")
    analysis = analysed({path: 'import "c'})[path]
    found = completions(analysis, len('import "c'))
    assert [(one.label, one.kind) for one in found.items] == [
        ("common.dsl", "file"),
        ("more.bpfmap", "file"),
        ("sub", "folder"),
    ]
    assert found.items[0].span.text == "c"


def test_files_after_the_word_alone(tmp_path: Path) -> None:
    """An import or include is offered whole: what is there, and nothing that isn't."""
    for name in ("common.dsl", "maps.dsl", "local.h", "notes.txt"):
        (tmp_path / name).write_text("")
    path = str(tmp_path / "maps.dsl")

    def of(text: str) -> list[tuple[str, str]]:
        offset = text.index("@")
        analysis = analysed({path: text.replace("@", "")})[path]
        return [(one.label, one.text) for one in completions(analysis, offset).items]

    assert of("import @") == [('"common.dsl"', '"common.dsl";')]
    assert of("import @;") == [('"common.dsl"', '"common.dsl"')]
    headers = [label for label, _ in of("include @")]
    assert headers == ['"local.h"', "kernel", "<linux/in.h>"]
    assert [label for label, _ in of('include "@')] == ["local.h"]


def test_a_path_is_replaced_to_its_end() -> None:
    """A directory in the middle of it without what comes after, a header with it."""
    text = "include <li@nux/in.h>;"
    assert applied(text, "linux") == "include <linux/in.h>;"
    assert applied("include <li@", "linux") == "include <linux/"
    assert applied("include <linux/i@p.h>;", "in.h") == "include <linux/in.h>;"
    assert applied("include <@linux/bpf.h>;", "linux") == "include <linux/bpf.h>;"


def test_headers() -> None:
    """In the path of an include stand headers, the well-known ones where none is installed."""
    assert "in.h" in labels("include <linux/@")
    assert "linux" in labels("include <@")
    assert "kernel" in labels("include @")
    text = 'include "sub/@'
    assert all(one.span.text == "" for one in offered(text).items)


def test_names_of_a_header_that_is_included() -> None:
    """Well-known names of it, used or not."""
    options = Options()
    text = "include <linux/if_ether.h>;\nstruct frame { struct @ };"
    assert "ethhdr" in {one.label for one in offered(text, options=options).items}


def test_a_name_of_another_header_brings_its_include() -> None:
    """After the last include, or at the top; once two letters of it are there."""
    text = "include <linux/in.h>;\n\nstruct frame { et@ };"
    chosen = item(text, "ethhdr")
    assert chosen.text == "struct ethhdr"
    (edit,) = chosen.edits
    assert edit.text.strip() == "include <linux/if_ether.h>;"
    assert edit.span.start == text.index("\n") + 1
    constant = item("map m: array<__u32, __u32>[IPPR@];", "IPPROTO_TCP")
    assert [edit.text for edit in constant.edits] == ["include <linux/in.h>;\n"]
    assert "ethhdr" not in labels("struct frame { @ };")


def test_names_of_a_header_that_the_text_uses() -> None:
    """What the compiler was asked for is offered again."""
    require_clang()
    text = (
        "include <linux/in.h>;\nmap a: array<__u32, __u64>[IPPROTO_MAX];\n"
        "map b: array<__u32, __u64>[@];\n"
    )
    assert "IPPROTO_MAX" in labels(text)


def test_names_of_a_header_that_nobody_used(tmp_path: Path) -> None:
    """From the texts of the headers that the compiler has read."""
    require_clang()
    (tmp_path / "own.h").write_text(
        "#ifndef OWN_H\n#define OWN_H\n/* struct own_not { }; */\n#define OWN_MOST 12\n"
        "struct own_key { int a; };\ntypedef unsigned int own_id;\n"
        "enum own_kind { OWN_A, OWN_B };\n"
        "#endif\n"
    )
    path = str(tmp_path / "maps.dsl")

    def of(text: str) -> dict[str, str]:
        offset = text.index("@")
        analysis = analysed({path: text.replace("@", "")})[path]
        items = completions(analysis, offset).items
        return {item.label: item.kind for item in items if item.label.lower().startswith("own")}

    include = 'include "own.h";\n'
    types = of(f"{include}map m: hash<ow@, __u32>[8];")
    assert types == {"own_key": "struct", "own_id": "typedef", "own_kind": "enum"}
    assert of(f"{include}struct s {{ enum own@ }};") == {"own_kind": "enum"}
    assert set(of(f"{include}map m: array<__u32, __u32>[OW@];")) == {"OWN_MOST", "OWN_A", "OWN_B"}


def test_names_of_a_kernel(tmp_path: Path) -> None:
    """Those of its BTF, once two letters are there; each can be looked at."""
    btf = tmp_path / "vmlinux.btf"
    btf.write_bytes(raw(f"{KERNEL}{USES}"))
    options = Options(btf=KernelBtf(str(btf)))
    text = "include kernel;\nstruct s { struct ta@ };"
    assert "task" in {one.label for one in offered(text, options=options).items}
    assert "COMM_LEN" in {
        one.label for one in offered("include kernel;\nconst N = COMM@;", options=options).items
    }
    assert offered("include kernel;\nconst N = @;", options=options).is_incomplete
    pointed = "include kernel;\nstruct s { struct task *t; };"
    analysis = one(pointed, options)
    assert "at 16: 8 bytes" in documentation(analysis, "type", "task")
    assert "= 16" in documentation(analysis, "constant", "COMM_LEN")
    found = hover(analysis, pointed.index("task"))
    assert found is not None
    assert "struct task *parent;" in found.markdown


def test_codes_in_allowances() -> None:
    """Those that can be allowed, what is reported beside the comment first."""
    text = "map odd: hash<__u32, __u64>[8] {\n    // bpfgen: allow @\n    key_size = 8;\n};\n"
    first = min(offered(text).items, key=lambda one: one.rank)
    assert first.label == "key-size-conflict"
    assert first.plain == "key-size-conflict because reason"
    assert "syntax" not in labels(text)
    assert "break-pin-gone" in labels("// bpfgen: allow-break @")
    again = "// bpfgen: allow key-@padding because it is\nmap a: array<__u32, __u32>[1];"
    assert applied(again, "map-flags").startswith("// bpfgen: allow map-flags because it is\n")
    assert applied("// bpfgen: al@low map-flags", "allow-break") == (
        "// bpfgen: allow-break map-flags"
    )
    assert labels("// bpfgen: @") == ["allow", "allow-break"]
    assert not labels("// words @")
    assert not labels("/* words @ */")


def test_a_blank_asks_only_where_something_is_expected() -> None:
    """An editor asks after each blank."""
    assert not labels("struct a { int @", trigger=" ")
    assert labels("map m: @", trigger=" ")


def test_nothing_is_offered_where_a_new_name_stands() -> None:
    """Or a list would be in the way of whoever types it."""
    for text in ("map @", "const @", "struct @", "struct a { __u32 @", "enum e { @", "macro @"):
        assert not labels(text), text


def test_words_that_begin_declarations() -> None:
    """Only where one may begin."""
    assert {"map", "struct", "template", "when", "import"} <= set(labels("@", "keyword"))
    assert labels("weak @") == ["map"]
    after = labels("map x: hash<__u32, __u32>[4] @")
    assert "map" in after
    assert "__u32" not in after
    assert "else" in labels("when (A) { } @", "keyword")
    assert "map" not in labels("struct a { @ };", "keyword")
    assert "map" in labels("when (A) {\n    @\n}", "keyword")


def test_documentation_is_found_by_kind_and_label() -> None:
    """For an editor that asks when an item is chosen."""
    analysis = one("/// What flows.\nstruct flow { __u64 a; __u8 b; };\nconst N = 1 << 4;\n")
    text = documentation(analysis, "struct", "flow")
    assert "What flows." in text
    assert "7 bytes of padding" in text
    assert "= 16" in documentation(analysis, "const", "N")
    assert "linux/bpf.h" in documentation(analysis, "struct", "bpf_timer")
    assert "Wrong:" in documentation(analysis, "code", "map-flags")
    assert not documentation(analysis, "struct", "nothing")
