"""C's attributes against clang: what is left out leaves no trace, the rest is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import compile
from bpfgen.ctype.attributes import REFUSED, UNDERSTOOD, WITHOUT_EFFECT
from bpfgen.importer.from_c import import_c
from bpfgen.text.source import Source
from tests.compiled import MACROS
from tests.conformance.test_layout_clang import COMPILERS, compile_c, errors_by_line, rows_of_btf

if TYPE_CHECKING:
    from pathlib import Path

ARGUMENTS = {
    **dict.fromkeys(("align_value", "assume_aligned", "warn_if_not_aligned"), "8"),
    **dict.fromkeys(("alloc_align", "alloc_size", "format_arg"), "1"),
    **dict.fromkeys(("annotate", "annotate_type", "capability", "error", "warning"), '"x"'),
    **dict.fromkeys(("argument_with_type_tag", "bounded", "pointer_with_type_tag"), "x, 1, 2"),
    **dict.fromkeys(("counted_by", "counted_by_or_null", "sized_by", "sized_by_or_null"), "a"),
    **dict.fromkeys(("guarded_by", "pt_guarded_by"), "a"),
    **dict.fromkeys(("type_visibility", "visibility"), '"default"'),
    "availability": "macos, introduced=1",
    "diagnose_if": '1, "x", "warning"',
    "enum_extensibility": "open",
    "external_source_symbol": 'language="C"',
    "format": "printf, 1, 2",
    "no_sanitize": '"undefined"',
    "preferred_type": "int",
    "strict_flex_array": "3",
    "type_tag_for_datatype": "x, int",
}
"""Of the attributes that take any."""

PLACES = (
    "struct {a} {n} {{ char c; int a; short s : 5, t : 7; long b[2]; }};",
    "struct {n} {{ char c; int a; short s : 5, t : 7; long b[2]; }} {a};",
    "struct {n} {{ char c; int a; {a} short s : 5, t : 7; long b[2] {a}; }};",
    "struct {n} {{ char c; int a {a}; short s : 5, t : 7; long b[2]; int e[] {a}; }};",
    "struct {n} {{ char c; union {{ char d; long e {a}; }} {a} a; }};",
    "typedef int {n}_t {a}; struct {n} {{ char c; {n}_t a; }};",
    "struct {n} {{ char c; int (*a)(char *, int) {a}; void *p {a}; }};",
    "enum {n}_e {{ {n}_A }} {a}; struct {n} {{ char c; enum {n}_e a; }};",
)
"""Declarations of the struct {n} in which the attribute {a} may stand."""


def spelled(name: str) -> str:
    """Return the attribute *name*, with arguments where it takes some."""
    arguments = ARGUMENTS.get(name)
    return (
        f"__attribute__(({name}))" if arguments is None else f"__attribute__(({name}({arguments})))"
    )


@pytest.mark.parametrize("compiler", COMPILERS)
def test_what_is_left_out_leaves_no_trace(compiler: str, tmp_path: Path) -> None:
    """Wherever clang takes an attribute, alignment, size, offsets and kinds are as without it."""
    cases = [(name, place) for name in sorted(WITHOUT_EFFECT) for place in PLACES]
    lines = [
        f"{place.format(n=f'p{number}', a='')} {place.format(n=f'a{number}', a=spelled(name))}"
        f" struct p{number} *vp{number}; struct a{number} *va{number};"
        f' _Static_assert(_Alignof(struct a{number}) == _Alignof(struct p{number}), "align");'
        for number, (name, place) in enumerate(cases)
    ]
    _none, said = compile_c(compiler, "\n".join(lines), tmp_path)
    refused = errors_by_line(said)
    assert not [case for case in refused.values() if "assertion" in case], said
    taken = [number for number in range(len(cases)) if number + 1 not in refused]
    assert len({cases[number][0] for number in taken}) > len(WITHOUT_EFFECT) // 2
    btf, said = compile_c(compiler, "\n".join(lines[number] for number in taken), tmp_path)
    assert btf is not None, said
    structs = {type.name: type for type in btf.types}
    for number in taken:
        plain, other = (list(rows_of_btf(btf, structs[f"{letter}{number}"])) for letter in "pa")
        assert plain == other, cases[number]


@pytest.mark.parametrize("name", sorted(WITHOUT_EFFECT))
def test_what_says_nothing_is_left_out_with_a_warning(name: str) -> None:
    """The language and the import of C agree on what that is."""
    member = f"struct s {{ __u32 a; __u32 b {spelled(name)}; }};"
    compilation = compile(Source("x.dsl", f"{member}\nmap m: array<__u32, s>[1];"))
    codes = [diagnostic.code for diagnostic in compilation.diagnostics]
    if codes != ["syntax"]:  # some take arguments that are no expressions
        assert codes == ["ignored-attribute"]
    imported = import_c(f"{MACROS}{member}\n{MAP}", "x.c")
    assert "__u32 b;" in imported.text
    # clang may refuse the attribute there: then nothing is compared, which is a note, too.
    assert {d.severity for d in imported.diagnostics} == {"note"}
    assert name in imported.diagnostics[0].message


@pytest.mark.parametrize("name", [*REFUSED, "brand_new"])
@pytest.mark.parametrize("place", PLACES[1:4])
def test_what_changes_the_layout_is_refused(name: str, place: str) -> None:
    """It is an error in the language, and import leaves out what has it, with a warning."""
    declared = place.format(n="s", a=f"__attribute__((__{name}__(8)))").replace("long", "__u64")
    compilation = compile(Source("x.dsl", f"{declared}\nmap m: array<__u32, s>[1];"))
    assert "attribute" in [d.code for d in compilation.diagnostics if d.severity == "error"]
    imported = import_c(f"{MACROS}{declared}\n{MAP}", "x.c")
    assert imported.text == ""
    assert any(d.severity == "warning" and name in d.message for d in imported.diagnostics)


def test_the_table_decides_each_attribute_once() -> None:
    """No attribute is in two rows."""
    assert len(UNDERSTOOD) + len(WITHOUT_EFFECT) + len(REFUSED) == len(
        UNDERSTOOD | WITHOUT_EFFECT | REFUSED.keys()
    )


MAP = """
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, __u32); __type(value, struct s); }
    m SEC(".maps");
"""
