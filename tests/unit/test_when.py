"""`when`: what is compiled in which case, and what is said of all cases together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfgen.compiler import Options, compile
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation
    from bpfgen.text.diagnostics import Diagnostic

FLOWS = """\
macro USE_LRU, MODE;
const MAX = 64;
when (defined(USE_LRU)) {
    map flows: lru_hash<__u32, __u64>[MAX];
} else when (MODE == 2) {
    map flows: hash<__u64, __u64>[MAX];
} else {
    map flows: array<__u32, __u64>[MAX];
}
map other: hash<__u32, __u64>[128] {
    when (MODE & 4) { map_flags = BPF_F_NO_PREALLOC; }
};
"""


def compiled(text: str, *defined: str, undefined: tuple[str, ...] = ()) -> Compilation:
    """Return what *text* comes to with `-D` of each of *defined*."""
    definitions = dict(word.split("=") for word in defined)
    options = Options(definitions=definitions, undefined=undefined)
    return compile(Source("t.dsl", text), options)


def kinds(compilation: Compilation) -> dict[tuple[int | None, ...], list[str]]:
    """Return the maps of each variant, by what the macros are."""
    return {
        tuple(value for _name, value in variant.assignment): [
            f"{map.name}: {map.shape.kind.name}{' +' * ('map_flags' in map.shape.attributes)}"
            for map in variant.model.maps
        ]
        for variant in compilation.variants
    }


def said(text: str, *defined: str, undefined: tuple[str, ...] = ()) -> list[str]:
    """Return what is reported of *text*: code, culprit, and the note that says where, if any."""
    found = compiled(text, *defined, undefined=undefined).diagnostics
    return [f"{d.code} {d.span.text if d.span else ''}{_where(d)}" for d in found]


def _where(diagnostic: Diagnostic) -> str:
    return "".join(f" | {note}" for note in diagnostic.notes if note.startswith("where "))


def test_each_case_has_its_own_model() -> None:
    """Every branch in at least one, and all combinations while they are few."""
    compilation = compiled(FLOWS)
    assert compilation.diagnostics == []
    assert kinds(compilation) == {
        (None, None): ["flows: array", "other: hash"],
        (2, None): ["flows: hash", "other: hash"],
        (4, None): ["flows: array", "other: hash +"],
        (None, 0): ["flows: lru_hash", "other: hash"],
        (4, 0): ["flows: lru_hash", "other: hash +"],
    }
    assert compilation.undecided == ("USE_LRU", "MODE")
    assert compilation.model is compilation.variants[0].model


def test_the_command_line_says_which_is_the_first() -> None:
    """All others are there, for the one header that serves them all."""
    compilation = compiled(FLOWS, "MODE=6", undefined=("USE_LRU",))
    assert compilation.undecided == ()
    assert compilation.diagnostics == []
    assert dict(compilation.variants[0].assignment) == {"MODE": 6, "USE_LRU": None}
    assert len(compilation.variants) == 5
    assert compiled(FLOWS, "MODE=6").undecided == ("USE_LRU",)


def test_constants_are_decided_in_the_run() -> None:
    """A condition of constants alone makes no variant, and `-D` replaces them."""
    text = (
        "const N = sizeof(__u64) * 2;\n"
        "when (N > 15 && N < 4 KiB) { map a: array<__u32, __u64>[1]; }\n"
        "else { map b: array<__u32, __u64>[1]; }\n"
    )
    compilation = compiled(text)
    assert (compilation.variants, compilation.undecided) == ((), ())
    assert [map.name for map in compilation.model.maps] == ["a"]
    assert [map.name for map in compiled(text, "N=15").model.maps] == ["b"]
    assert said(text, "N=15") == []


def test_a_macro_that_is_not_listed_is_decided_by_the_command_line() -> None:
    """Listing it is the other way, and the error offers that as an edit."""
    text = (
        "when (defined(WIDE)) { map a: array<__u32, __u64>[1]; }\nmap b: array<__u32, __u64>[1];\n"
    )
    assert said(text) == ["condition WIDE"]
    (edit,) = compiled(text).diagnostics[0].edits
    assert compiled(edit.text + text).diagnostics == []
    assert [map.name for map in compiled(text, "WIDE=1").model.maps] == ["a", "b"]
    assert [map.name for map in compiled(text, undefined=("WIDE",)).model.maps] == ["b"]
    assert said(text, "WIDE=1") == []


def test_what_holds_in_some_cases_is_said_once_and_says_where() -> None:
    """What holds in all, without a word about cases."""
    text = (
        "macro A, B;\n"
        "map m: array<__u64, __u64>[1];\n"
        "when (A) { struct k { __u8 a; __u32 b; }; } else { struct k { __u32 a; }; }\n"
        "map n: hash<k, __u64>[1];\n"
        "when (B && !A) { map o: array<__u64, __u64>[1]; }\n"
    )
    assert said(text) == [
        "map-key-size __u64",
        "key-padding k | where `A` holds",
        "map-key-size __u64 | where `B && !A` holds",
    ]


def test_a_name_in_branches_that_are_there_together_is_declared_twice() -> None:
    """In branches that exclude one another it is fine."""
    one, two = "{ map m: array<__u32, __u64>[1]; }", "{ map m: array<__u32, __u64>[2]; }"
    assert said(f"macro A, B;\nwhen (A) {one}\nwhen (!A) {two}") == []
    assert said(f"macro A, B;\nwhen (A) {one}\nwhen (A == 2) {two}") == [
        "duplicate-name m | where `A == 2` holds"
    ]
    many = "".join(f"when (C{n}) {{ const X{n} = 1; }}\n" for n in range(40))
    names = ", ".join(f"C{n}" for n in range(40))
    assert said(f"macro A, B, {names};\n{many}when (A) {one}\nwhen (B) {two}") == [
        "duplicate-name m | where `A && B` holds"
    ]


def test_a_branch_that_is_never_there_is_a_warning() -> None:
    """An inner one of it isn't another; one that constants decide is none."""
    text = (
        "macro A;\nconst DEBUG = 0;\nmap n: array<__u32, __u64>[1];\n"
        "when (A > 4 && A < 4) { when (A) { map m: array<__u32, __u64>[1]; } }\n"
        "when (DEBUG) { map o: array<__u32, __u64>[1]; }\n"
        "when (A) { } else when (!A) { } else { }\n"
    )
    assert said(text) == ["condition-never (A > 4 && A < 4)", "condition-never {"]


def test_attributes_can_depend_on_conditions() -> None:
    """Those of inner maps and of templates, too."""
    text = (
        "macro A;\n"
        "template t: hash<__u32, __u32>[4] { when (A) { map_flags = BPF_F_NO_PREALLOC; } };\n"
        "map m: t;\n"
        "map o: hash_of_maps<__u32, hash<__u32, __u32>[4] { when (!A) { map_flags = "
        "BPF_F_NO_PREALLOC; } }>[4];\n"
    )
    flags = []
    for variant in compiled(text).variants:
        inner = variant.model.maps[1].shape.inner
        assert inner is not None
        flags.append([("map_flags" in s.attributes) for s in (variant.model.maps[0].shape, inner)])
    assert flags == [[False, True], [True, False]]


def test_hundreds_of_independent_conditions_take_few_cases() -> None:
    """And the combinations of what belongs together are all there."""
    count = 300
    names = ", ".join(f"C{n}" for n in range(count))
    text = f"macro {names};\n" + "".join(
        f"when (C{n}) {{ struct t{n} {{ __u32 a; }}; }} else {{ struct t{n} {{ __u64 a; }}; }}\n"
        f"map m{n}: array<__u32, t{n}>[1] {{ when (defined(C{n})) {{ map_flags = 0; }} }};\n"
        for n in range(count)
    )
    compilation = compiled(text)
    assert compilation.diagnostics == []
    assert len(compilation.variants) <= 4


def test_too_many_combinations_are_an_error_that_names_the_declaration() -> None:
    """Nine conditions in one map."""
    names = ", ".join(f"C{n}" for n in range(9))
    inside = " ".join(f"when (C{n}) {{ }}" for n in range(9))
    text = f"macro {names};\nmap m: hash<__u32, __u64>[4] {{ {inside} }}\n"
    found = compiled(text).diagnostics
    assert [d.code for d in found] == ["too-many-variants"]
    assert found[0].span is not None
    assert found[0].span.text.startswith("map m")


def test_what_conditions_cannot_ask_for() -> None:
    """Types, constants that depend on conditions, assignments."""
    rest = "{ map a: array<__u32, __u64>[1]; }\nmap b: array<__u32, __u64>[1];\n"
    assert said(f"when (sizeof(int) == 4) {rest}") == ["condition sizeof"]
    assert said(f"macro A;\nwhen (A = 1) {rest}") == ["condition ="]
    assert said(f"macro A;\nwhen (A &&) {rest}") == ["condition &&"]
    assert said(f"const N = 1;\nwhen (defined(N)) {rest}") == ["condition N"]
    assert said(f"when (1 / 0) {rest}") == ["condition (1 / 0)"]
    circular = "macro A;\nwhen (A) { const N = 1; } else { const N = 2; }\n"
    assert said(f"{circular}when (N == 1) {rest}") == ["condition N"]
    assert said(f"macro A;\nwhen (A / A) {rest}") == []
    assert said(f"macro A;\nwhen (A / A) {rest}", "A=3") == []
    assert said(f"macro A;\nwhen (A / A) {rest}", "A=0") == ["condition (A / A)"]
    assert said(f"macro A;\nwhen (A / (A - A)) {rest}") == ["condition (A / (A - A))"]


def test_what_conditions_cannot_decide_about() -> None:
    """The target of a file, and its list of macros."""
    text = (
        "macro A;\nwhen (A) { target kernel >= 5.15; macro B; }\nmap b: array<__u32, __u64>[1];\n"
    )
    assert said(text) == ["condition target kernel >= 5.15;", "condition B"]


def test_places_say_what_decides_about_them() -> None:
    """The guard of a place, and all guards that a declaration depends on."""
    compilation = compiled(FLOWS)
    places = compilation.places
    assert places is not None
    guards = {
        name: [
            " && ".join(f"{'' if wanted else 'not '}{c.text}" for c, wanted in guard)
            for guard in places.guards_of(FLOWS.index(name))
        ]
        for name in ("flows: lru_hash", "other", "MAX = 64")
    }
    assert guards == {
        "flows: lru_hash": [
            "defined(USE_LRU)",
            "not defined(USE_LRU) && MODE == 2",
            "not defined(USE_LRU) && not MODE == 2",
        ],
        "other": ["MODE & 4"],
        "MAX = 64": [],
    }
    assert [(c.text, wanted) for c, wanted in places.guard_at(FLOWS.index("map_flags"))] == [
        ("MODE & 4", True)
    ]
    assert places.guard_at(FLOWS.index("map other")) == ()


def test_a_mistake_costs_one_declaration_of_a_branch() -> None:
    """Those around it are there, and nothing else is said."""
    text = (
        "macro A;\n"
        "when (A) {\n  map a: array<__u32, __u64>[1];\n  map b array;\n"
        "  map c: array<__u32, __u64>[1];\n}\nmap d: array<__u32, __u64>[1];\n"
    )
    compilation = compiled(text)
    assert [d.code for d in compilation.diagnostics] == ["syntax"]
    assert [m.name for m in compilation.variants[1].model.maps] == ["a", "c", "d"]


def test_an_allowance_holds_in_whatever_case() -> None:
    """And is of no use where it is of none in any."""
    text = (
        "macro A;\nwhen (A) {\n    // bpfgen: allow map-key-size because a test\n"
        "    map m: array<__u64, __u64>[1];\n}\n"
        "// bpfgen: allow map-key-size because a test\nmap n: array<__u32, __u64>[1];\n"
    )
    assert [d.code for d in compiled(text).diagnostics] == ["unused-allowance"]


def test_an_unused_definition_is_one_of_no_case() -> None:
    """A constant of one branch is enough."""
    text = "macro A;\nwhen (A) { const N = 1; }\nmap n: array<__u32, __u64>[1];\n"
    assert said(text, "N=2", "A=1") == []
    assert said(text, "M=2") == ["unknown-definition "]
    assert not any(d.severity == ERROR for d in compiled(text, "M=2").diagnostics)


def test_the_words_are_names_where_they_mean_nothing_else() -> None:
    """Members, types, programs may be called so."""
    text = (
        "typedef int when;\ntypedef int macro;\nwhen f(int a);\nmacro *g(int a);\n"
        "struct s { when when; macro macro; };\nmap map: array<__u32, s>[1];\n"
        "enum else_ { when_, macro_ };\n"
    )
    assert said(text) == []


def test_what_no_macro_can_be_called() -> None:
    """Words of C and of the preprocessor; names that the file declares."""
    rest = "when (A) { map a: array<__u32, __u64>[1]; }\nmap b: array<__u32, __u64>[1];\n"
    assert said(f"macro A, while;\n{rest}") == ["reserved-word while"]
    assert said(f"macro A, defined;\n{rest}") == ["condition defined"]
    assert said(f"macro A, b;\n{rest}") == ["duplicate-name b"]


def test_a_doc_comment_above_a_condition_is_that_of_each_branch() -> None:
    """Of its first declaration, unless that has one of its own."""
    text = (
        "macro A;\n/// All flows.\nwhen (A) { map m: array<__u32, __u64>[1]; const N = 1; }\n"
        "else {\n    /// None.\n    map m: array<__u32, __u32>[1];\n}\n"
    )
    found = [[d.doc for d in v.model.declarations] for v in compiled(text).variants]
    assert found == [["None."], ["All flows.", ""]]


def test_a_brace_before_an_equals_sign_ends() -> None:
    """What looks like attributes without their map, after a brace of its own, was read for ever."""
    for text in (
        "map m: hash<int, int>[1]\n} = else {\n",
        "macro A;\nwhen (A) { map m: t\n} = 1;\n",
    ):
        assert "syntax" in {d.code for d in compiled(text).diagnostics}
