"""The category `source`: what has no finding, what is one finding, and in which languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.categories import Asked, compare, compare_files
from bpfgen.changes.pairs import no_model
from bpfgen.changes.source import narrowing
from bpfgen.compiler import Options, compile
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.emit.c.identifiers import identifiers
from bpfgen.emit.user_space.view import view_of
from bpfgen.record import replace
from bpfgen.text.source import Source
from tests.changes.mutations import changes
from tests.tools import clang_program

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.changes.finding import Finding
    from bpfgen.model.model import Model

ASKED = Asked(("source",))


def model_of(text: str, name: str = "maps.dsl") -> Model:
    """Return what *text* comes to; rules are not asked."""
    compilation = compile(Source(name, text), Options(is_ruled=False))
    assert not compilation.failed, compilation.diagnostics
    return compilation.model


def found(old: str, new: str) -> list[Finding]:
    """Return what *new* breaks of *old*."""
    return compare(model_of(old, "old.dsl"), model_of(new, "new.dsl"), ASKED)


def languages(finding: Finding) -> list[str]:
    """Return the languages in which *finding* says that code needs a change."""
    said = [re.match(r"code in (\w+) needs a change: ", one) for one in finding.happens]
    return [match[1] for match in said if match is not None]


def only(old: str, new: str) -> tuple[str, list[str], str]:
    """Return the code, the languages and the message of the one finding there is."""
    (finding,) = found(old, new)
    return finding.code.removeprefix("break-source-"), languages(finding), finding.message


ALL = ["C", "Go", "Rust", "Python"]
MAP = "map flows: hash<__u32, flow>[64];\n"

SAME = {
    "another order": (
        f"enum e {{ A }};\nstruct flow {{ __u32 a; enum e e; }};\n{MAP}",
        f"{MAP}struct flow {{ __u32 a; enum e e; }};\nenum e {{ A }};\n",
    ),
    "the same integers": (
        f"struct flow {{ __u32 a; __u64 b; int c; }};\n{MAP}",
        f"struct flow {{ unsigned int a; unsigned long b; __s32 c; }};\n{MAP}",
    ),
    "a template": (
        "map flows: hash<__u32, __u64>[64];\n",
        "template shape: hash<__u32, __u64>[64];\nmap flows: shape;\n",
    ),
    "a constant of another value": (
        "const N = 3;\nmap flows: hash<__u32, __u64>[N];\n",
        "const N = 4;\nmap flows: hash<__u32, __u64>[N];\n",
    ),
    "an enumerator of another value, and one more": (
        "enum e { A, B };\nmap flows: hash<__u32, enum e>[64];\n",
        "enum e { A, C, B = 7 };\nmap flows: hash<__u32, enum e>[64];\n",
    ),
    "a member more": (
        f"struct flow {{ __u32 a; }};\n{MAP}",
        f"struct flow {{ __u32 a; __u32 b; }};\n{MAP}",
    ),
    "a member in another place": (
        f"struct flow {{ __u32 a; __u32 b; }};\n{MAP}",
        f"struct flow {{ __u32 b; __u32 a; }};\n{MAP}",
    ),
    "a bit more": (
        f"struct flow {{ __u32 a : 3, b : 5; }};\n{MAP}",
        f"struct flow {{ __u32 a : 4, b : 5; }};\n{MAP}",
    ),
    "another number of entries": (
        "map flows: hash<__u32, __u64>[64];\n",
        "map flows: hash<__u32, __u64>[65] { pinning = by_name; }\n",
    ),
    "a declaration of the name of another one": (
        "const LIMIT = 3;\nmap flows: hash<__u32, __u64>[64];\n",
        "enum { LIMIT = -1 };\nmap flows: hash<__u32, __u64>[64];\n",
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_what_compiles_as_before(case: str) -> None:
    """Values, sizes and places are not this category's."""
    old, new = SAME[case]
    assert [one.message for one in found(old, new)] == []


FLOW = f"struct flow {{ __u32 a; __u64 b; }};\n{MAP}"

RATES = "struct rates_map { __u32 z; };\nmap more: hash<__u32, rates_map>[4];\n"

ONE = {
    "a member's name": (FLOW, FLOW.replace("__u32 a", "__u32 x"), "member", ALL),
    "a member that is gone": (FLOW, FLOW.replace("__u32 a; ", ""), "member", ALL),
    "a type's name": (
        FLOW,
        FLOW.replace("flow ", "entry ").replace("flow>", "entry>"),
        "type",
        ALL,
    ),
    "a name that Go and Rust spell alike": (
        FLOW.replace("flow ", "flow_key ").replace("flow>", "flow_key>"),
        FLOW.replace("flow ", "flowKey ").replace("flow>", "flowKey>"),
        "type",
        ["C", "Python"],
    ),
    "a type's name, with a member of it elsewhere": (
        f"{FLOW}struct outer {{ struct flow x[2]; }};\nmap more: hash<__u32, outer>[64];\n",
        f"{FLOW}struct outer {{ struct flow x[2]; }};\nmap more: hash<__u32, outer>[64];\n".replace(
            "struct flow", "struct entry"
        ).replace("flow>", "entry>"),
        "type",
        ALL,
    ),
    "a wider number": (FLOW, FLOW.replace("__u32 a", "__u64 a"), "member-type", ["Go", "Rust"]),
    "a number that is a struct": (
        f"struct inner {{ __u32 z; }};\n{FLOW}",
        f"struct inner {{ __u32 z; }};\n{FLOW}".replace("__u32 a", "struct inner a"),
        "member-type",
        ALL,
    ),
    "a const member": (FLOW, FLOW.replace("__u32 a", "const __u32 a"), "member-type", ["C"]),
    "a pointer to another struct": (
        f"struct x;\nstruct y;\n{FLOW}".replace("__u64 b", "struct x *b"),
        f"struct x;\nstruct y;\n{FLOW}".replace("__u64 b", "struct y *b"),
        "member-type",
        ["C"],
    ),
    "a typedef of another number, and all of its type": (
        f"typedef __u32 id_type;\n{FLOW}".replace("__u32 a", "id_type a[3]"),
        f"typedef __u64 id_type;\n{FLOW}".replace("__u32 a", "id_type a[3]"),
        "underlying",
        ALL,
    ),
    "an enum of another size": (
        "enum e : __u8 { A };\nmap flows: hash<__u32, enum e>[64];\n",
        "enum e : __u16 { A };\nmap flows: hash<__u32, enum e>[64];\n",
        "underlying",
        ["Rust", "Python"],
    ),
    "a map's name": (FLOW, FLOW.replace("flows", "streams"), "map", ALL),
    "a map that is gone": (f"{FLOW}map more: array<__u32, __u64>[4];\n", FLOW, "map", ALL),
    "a map of another kind": (FLOW, FLOW.replace("hash", "array"), "map-use", ["C", "Go", "Rust"]),
    "a map whose entries the loader sets": (
        FLOW,
        FLOW.replace("[64]", "[runtime]"),
        "map-use",
        ALL,
    ),
    "a map of other values": (
        "map flows: hash<__u32, __u64>[64];\n",
        "map flows: hash<__u32, __s64>[64];\n",
        "map-type",
        ALL,
    ),
    "an anonymous struct of another name": (
        f"struct flow {{ struct {{ __u32 a; }} x; }};\n{MAP}",
        f"struct flow {{ struct {{ __u32 a; }} y; }};\n{MAP}",
        "member",
        ALL,
    ),
    "an enumerator that has moved to another enum": (
        "enum e { A, B };\nenum f { C };\nmap flows: hash<enum e, enum f>[64];\n",
        "enum e { A };\nenum f { C, B };\nmap flows: hash<enum e, enum f>[64];\n",
        "enumerator",
        ["Go", "Rust", "Python"],
    ),
    "a template of another name": (
        "template shape: hash<__u32, __u64>[64];\nmap flows: shape;\n",
        "template form: hash<__u32, __u64>[64];\nmap flows: form;\n",
        "template",
        ["C"],
    ),
    "two members of one name in Go": (
        FLOW,
        FLOW.replace("__u64 b", "__u64 b; __u32 A"),
        "clash",
        [],
    ),
    "a new map that clashes with a type that has stayed": (
        f"{RATES}{FLOW}",
        f"{RATES}{FLOW}map rates: hash<__u32, __u64>[64];\n",
        "clash",
        [],
    ),
}


@pytest.mark.parametrize("case", ONE)
def test_one_cause_is_one_finding(case: str) -> None:
    """It says in which languages code needs a change, and no other finding says it again."""
    old, new, code, where = ONE[case]
    assert only(old, new)[:2] == (code, where)
    assert found(new, new) == []


def test_a_template_of_another_name_is_not_gone() -> None:
    """The nearest of the same shape is what it is now; one of another shape isn't."""
    old = "template shape: hash<__u32, __u64>[64];\nmap flows: shape;\n"
    assert only(old, old.replace("shape", "form"))[2] == "template `shape` is `form` now"
    assert only(old, "map flows: hash<__u32, __u64>[64];\n")[2] == "template `shape` is gone"
    other = "map flows: hash<__u32, __u64>[64];\ntemplate form: array<__u32, __u64>[64];\n"
    assert only(old, other)[2] == "template `shape` is gone"


def test_a_rename_says_both_names() -> None:
    """The message has both, the sentences what they are in each language."""
    old = "struct flow_key { __be32 src_addr; };\nmap flows: hash<flow_key, __u64>[64];\n"
    (finding,) = found(old, old.replace("src_addr", "source"))
    assert finding.message == "member `src_addr` of `struct flow_key` is `source` now"
    assert finding.maps == ("flows",)
    assert finding.old.span is not None
    assert finding.new.span is not None
    assert finding.happens[1] == (
        "code in Go needs a change: `FlowKey.SrcAddr` is `FlowKey.Source`, `FlowKey.SrcAddrUint32`"
        " is `FlowKey.SourceUint32` and `FlowKey.SetSrcAddrUint32` is `FlowKey.SetSourceUint32`"
    )


def test_a_file_that_is_gone_is_one_finding() -> None:
    """So is one that declares nothing any more; a new one is none."""
    old = model_of(FLOW)
    nothing = no_model("maps.dsl")
    assert [one.code for one in compare(old, nothing, ASKED)] == ["break-source-file"]
    assert compare(nothing, old, ASKED) == []


def test_what_moved_to_another_file_of_the_run() -> None:
    """In each language the names are those of another output."""
    both = [(model_of(FLOW, "a.dsl"), model_of("const N = 1;\n", "a.dsl"))]
    both.append((model_of("const M = 1;\n", "b.dsl"), model_of(f"const M = 1;\n{FLOW}", "b.dsl")))
    first, second = compare_files(both, ASKED)
    assert [one.message for one in first] == [
        "`struct flow` is declared in `b.dsl` now",
        "map `flows` is declared in `b.dsl` now",
    ]
    assert second == []


def test_a_type_that_has_moved_to_an_import_is_one_finding(tmp_path: Path) -> None:
    """Whatever has that type is of it as before; C and Go find it where it was."""
    common = "struct tenant { __u32 number; };\n"
    rest = "struct flow {{ struct tenant t; }};\nmap flows: hash<tenant, flow>[{}];\n"
    texts = {"common": common, "old": common + rest.format(64)}
    texts["new"] = f'import "common.dsl";\n{rest.format(65)}'
    for name, text in texts.items():
        (tmp_path / f"{name}.dsl").write_text(text, encoding="utf-8")
    old, new = (model_of(texts[name], str(tmp_path / f"{name}.dsl")) for name in ("old", "new"))
    (finding,) = compare(old, new, ASKED)
    assert finding.message == "`struct tenant` is declared in `common.dsl` now"
    assert languages(finding) == ["Rust", "Python"]
    assert compare(new, old, ASKED) == []


def test_types_of_a_header_are_paired_by_what_they_hold(tmp_path: Path) -> None:
    """C has them from the header; the other outputs declare what maps hold."""
    clang_program()
    header = "#ifndef H\n#define H\nstruct {0} {{ unsigned int a, b; }};\n#endif\n"
    source = 'include "{0}.h";\nmap flows: hash<__u32, struct {0}>[64];\n'
    models = []
    for name in ("entry", "record"):
        (tmp_path / f"{name}.h").write_text(header.format(name), encoding="utf-8")
        models.append(model_of(source.format(name), str(tmp_path / f"{name}.dsl")))
    (finding,) = compare(models[0], models[1], ASKED)
    assert finding.message == "`struct entry` is `struct record` now"
    assert finding.maps == ("flows",)
    assert "code in Python needs a change: `entry_entry` is `entry_record`" in finding.happens[-1]
    other = model_of("map flows: hash<__u32, __u32>[64];\n")
    assert [one.message for one in compare(models[0], other, ASKED)] == [
        "`struct entry` is in no map any more",
        "values of map `flows` are `__u32`, were `struct entry`",
    ]


def test_an_object_does_not_know_what_a_header_brings(tmp_path: Path) -> None:
    """C has a type from a header that an object made of it declares; neither is a change."""
    clang_program()
    (tmp_path / "old.h").write_text("struct flow { unsigned int a; unsigned long long b; };\n")
    text = f'include "old.h";\n{MAP.replace("flow>", "struct flow>")}'
    (tmp_path / "old.dsl").write_text(text, encoding="utf-8")
    by_header = replace(model_of(text, str(tmp_path / "old.dsl")), names_are_given=True)
    own = replace(model_of(FLOW, "old.dsl"), names_are_given=True)
    assert compare(own, by_header, ASKED) == []
    assert compare(by_header, own, ASKED) == []
    renamed = replace(model_of(FLOW.replace("__u32 a", "__u32 x"), "old.dsl"), names_are_given=True)
    assert [one.code for one in compare(renamed, by_header, ASKED)] == ["break-source-member"]


def test_what_an_object_has_no_word_for() -> None:
    """Constants, templates and types that no map holds are in a source alone."""
    old = "const N = 3;\nstruct spare { __u32 z; };\nenum { LOOSE };\n"
    old += "template shape: hash<__u32, flow>[64];\n"
    old += FLOW.replace("hash<__u32, flow>[64]", "shape")
    assert len(found(old, FLOW)) == 4
    given = replace(model_of(FLOW), names_are_given=True)
    assert compare(model_of(old), given, ASKED) == []
    other = replace(model_of(FLOW.replace("__u32 a", "__u32 x")), names_are_given=True)
    assert [one.code for one in compare(model_of(old), other, ASKED)] == ["break-source-member"]


def test_only_what_differs_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the declarations that are the same, the findings are the same."""
    seen = 0
    for change in changes(11, 40):
        models = model_of(change.old_text), model_of(change.new_text)
        narrow = compare(models[0], models[1], ASKED)
        if not change.what:
            assert narrow == [], change.seed
        with monkeypatch.context() as patch:
            patch.setattr("bpfgen.changes.source.narrowed", lambda old, new: (old, new))
            whole = compare(models[0], models[1], ASKED)
        # Of a source that has no output in a language, that language may be named.
        assert [one.code for one in narrow if languages(one) != ["Go"]] == [
            one.code for one in whole
        ], change.seed
        old, new = narrowing.narrowed(*models)
        seen += len(old.declarations) < len(models[0].declarations)
        assert {map.name for map in new.maps} <= {map.name for map in models[1].maps}
    assert seen


REFUSED = {
    "a word of C++": "struct flow { __u32 class, class_; };\nmap flows: hash<__u32, flow>[64];\n",
    "a word of C++ in a member": (
        "struct flow { struct { __u32 class, class_; } in; };\nmap flows: hash<__u32, flow>[64];\n"
    ),
    "a word of C++ in a map": ("map flows: hash<__u32, struct { __u32 class, class_; }>[64];\n"),
    "an accessor": "const flows__lookup = 1;\nmap flows: hash<__u32, __u64>[64];\n",
    "an accessor of user space": "struct flows__lookup_fd { int a; };\n" + FLOW,
    "a word of an accessor": f"const flags = 1;\n{FLOW}",
    "a fact of a map": f"const flows__key_size = 1;\n{FLOW}",
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_header_that_is_refused_has_no_names(case: str) -> None:
    """Names that the header can't have are found without its text; the rest has all names."""
    model = model_of(REFUSED[case])
    backend = BACKENDS["header"]
    for settings in ({}, {"accessors": ("",)}):
        said: list[list[str]] = []
        for asked in (
            lambda s=settings: backend.emit(model, s),
            lambda s=settings: identifiers(model, view_of(model), backend.values(s)),
        ):
            try:
                asked()
                said.append([])
            except OutputRefused as refused:
                said.append([one.message for one in refused.diagnostics])
        assert said[0] == said[1]
    assert said[0]


def test_structs_that_hold_each_other_twice_are_linear_work() -> None:
    """Each level would double the work, if what is held twice were gone through twice."""
    levels = [f"struct s{n} {{ struct s{n - 1} a, b; }};\n" for n in range(1, 28)]
    rest = "".join(levels) + "map flows: hash<__u32, s27>[64];\n"
    texts = [f"struct s0 {{ __u8 {name}; }};\n{rest}" for name in ("a", "a", "z")]
    assert found(texts[0], texts[1]) == []
    assert [one.code for one in found(texts[0], texts[2])] == ["break-source-member"]
