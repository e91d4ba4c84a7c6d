"""Declarators, expressions, literals, comments and strings as C text."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycparser import c_generator, c_parser

from bpfgen.compiler import compile
from bpfgen.ctype.types import INT, LONG, UINT, ULLONG, ULONG, Int
from bpfgen.emit.c import expressions, literals
from bpfgen.emit.c.comments import comment, neutral, trailing
from bpfgen.emit.c.header import emit_header
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

DECLARATORS = (
    "int *pointer",
    "int **pointer_to_pointer",
    "int array[3]",
    "int matrix[2][3][4]",
    "int *array_of_pointers[3]",
    "int (*pointer_to_array)[3]",
    "int (*callback)(void *context, const char *name)",
    "int (*callbacks[4])(void)",
    "void (*action)(struct s *self, ...)",
    "int (*(*returns_pointer)(int a))(long b)",
    "int (*(*to_array)[5])(void)",
    "const int constant",
    "const volatile int both",
    "const char *to_constant",
    "char *const constant_pointer",
    "const char *const both_constant",
    "void *const *table",
    "char *volatile *const mixed",
    "int *restrict restricted",
    'struct task_struct __attribute__((btf_type_tag("kptr"))) *task',
    'char *__attribute__((btf_type_tag("user"))) *tagged_pointer',
    'int __attribute__((btf_type_tag("one"))) __attribute__((btf_type_tag("two"))) *twice',
    "unsigned long long wide",
    "__u32 bits : 3",
    "__u8 aligned_member __attribute__((aligned(8)))",
    'int tagged __attribute__((btf_decl_tag("two words")))',
)


@pytest.mark.parametrize("declaration", DECLARATORS)
def test_member_comes_out_as_a_person_writes_it(declaration: str) -> None:
    """A declarator in the kernel's style is spelled as it came in: C's inside-out rule holds."""
    text = f"struct task_struct; struct s {{ {declaration}; }}; map m: array<__u32, s>[1];"
    compilation = compile(Source("m.dsl", text))
    assert not compilation.failed, compilation.diagnostics
    expected = declaration.replace("*__attribute__", "* __attribute__")
    assert f"\t{expected};\n" in emit_header(compilation.model)


ARITHMETIC = ("+", "-", "*", "/", "%", "<<", ">>", "&", "^", "|")
OPERATORS = (*ARITHMETIC, "<", ">", "<=", ">=", "==", "!=", "&&", "||")


def _tokens() -> st.SearchStrategy[list[tuple[str, str]]]:
    """Token lists of random C expressions, parenthesised at random."""
    leaf = st.sampled_from(("1", "2U", "A", "B", "sizeof(int)")).map(
        lambda text: [(expressions.OPERAND, text)]
    )

    def grow(
        inner: st.SearchStrategy[list[tuple[str, str]]],
    ) -> st.SearchStrategy[list[tuple[str, str]]]:
        def token(text: str) -> tuple[str, str]:
            return expressions.OPERATOR, text

        binary = st.tuples(inner, st.sampled_from(OPERATORS), inner).map(
            lambda t: [*t[0], token(t[1]), *t[2]]
        )
        # C's grammar takes no binary operator below a unary one without parentheses.
        unary = st.tuples(st.sampled_from("-+~!"), inner).map(
            lambda t: [token(t[0]), token("("), *t[1], token(")")]
        )
        doubled = st.tuples(st.sampled_from("-+~!"), st.sampled_from("-+~!"), leaf).map(
            lambda t: [token(t[0]), token(t[1]), *t[2]]
        )
        cast = inner.map(lambda i: [(expressions.CAST, "(int)"), token("("), *i, token(")")])
        group = inner.map(lambda i: [token("("), *i, token(")")])
        choice = st.tuples(inner, inner, inner).map(
            lambda t: [*t[0], token("?"), *t[1], token(":"), *t[2]]
        )
        return st.one_of(binary, unary, doubled, cast, group, choice)

    return st.recursive(leaf, grow, max_leaves=12)


def _tree(expression: str) -> str:
    """Return what pycparser makes of *expression*, every operation in parentheses."""
    tree = c_parser.CParser().parse(f"int x = {expression};")
    return str(c_generator.CGenerator(reduce_parentheses=False).visit(tree))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(_tokens())
def test_expression_keeps_its_tree(tokens: list[tuple[str, str]]) -> None:
    """Spacing and added parentheses never change what C reads; pycparser is the witness."""
    plain = " ".join(text for _, text in tokens)
    assert _tree(expressions.arrange(tokens)) == _tree(plain)


@pytest.mark.parametrize(
    ("source", "spelled"),
    [
        ("1<<16", "(1 << 16)"),
        ("-(3+4)*2", "(-(3 + 4) * 2)"),
        ("- -1", "(- -1)"),
        ("~0&0xff", "(~0 & 0xff)"),
        ("1<<2+3", "(1 << (2 + 3))"),
        ("1&2|4", "((1 & 2) | 4)"),
        ("1||0&&1", "(1 || (0 && 1))"),
        ("1+2?3:4", "((1 + 2) ? 3 : 4)"),
        ("(1)", "(1)"),
        ("((1)+(2))", "((1)+(2))"),
        ("(1)+(2)", "((1) + (2))"),
        ("sizeof(int)*8", "(sizeof(int) * 8)"),
        ("(__u8)-1", "((__u8)-1)"),
        ("4 KiB", "(4 * 1024)"),
        ("1?2:3?4:5", "(1 ? 2 : 3 ? 4 : 5)"),
        ("42", "42"),
        ("'A'", "'A'"),
        ("BPF_F_NO_PREALLOC", "1U /* BPF_F_NO_PREALLOC */"),
        ("PERF_MAX_STACK_DEPTH * 8", "(127 /* PERF_MAX_STACK_DEPTH */ * 8)"),
    ],
)
def test_constant_is_a_macro_that_can_stand_anywhere(source: str, spelled: str) -> None:
    """A `#define` has parentheses unless it is one word, and needs no name of the kernel's."""
    compilation = compile(Source("m.dsl", f"const X = {source}; map m: array<__u32, __u32>[1];"))
    defined = re.search(r"#define X (.*)\n", emit_header(compilation.model))
    assert defined is not None
    assert defined[1].replace("1 /* BPF_F", "1U /* BPF_F") == spelled


@pytest.mark.parametrize(
    ("value", "type", "spelled"),
    [
        (0, INT, "0"),
        (-1, INT, "-1"),
        (-(1 << 31), INT, "(-2147483647 - 1)"),
        ((1 << 32) - 1, UINT, "4294967295U"),
        (5, LONG, "5L"),
        (-(1 << 63), LONG, "(-9223372036854775807L - 1)"),
        ((1 << 64) - 1, ULONG, "18446744073709551615UL"),
        (1 << 40, ULLONG, "1099511627776ULL"),
        (300, Int("unsigned char", 1, signed=False), "300"),
    ],
)
def test_number_has_the_value_and_type(value: int, type: Int, spelled: str) -> None:
    """A literal has a suffix that gives it its type; the smallest numbers are differences."""
    assert literals.integer(value, type) == spelled


def _c_phases(text: str) -> str:
    """Do what a C compiler does first: replace trigraphs, join lines."""
    text = re.sub(r"\?\?/", r"\\", text)
    return re.sub(r"\\[ \t]*\n", "", text)


@settings(deadline=None)
@given(st.text(alphabet="*/\\?\n \tab\"'#\r\x00\u202e\u2028", max_size=40))
def test_nothing_breaks_out_of_a_comment(text: str) -> None:
    """After trigraphs and joined lines the first `*/` of a comment is its last two characters."""
    for spelled in (comment(text), comment(text, "\t"), trailing(text)):
        body = _c_phases(spelled).strip()
        if body:
            assert body.startswith("/*")
            assert body.find("*/", 2) == len(body) - 2
            assert "/*" not in body[2:]
        assert not re.search("[\x00\r\u202e\u2028]", spelled)


def test_comment_has_the_kernel_style() -> None:
    """One line stays one line; several get a column of stars."""
    assert comment("One.") == "/* One. */\n"
    assert comment("One.\n\n  Two.", "\t") == "\t/*\n\t * One.\n\t *\n\t *   Two.\n\t */\n"
    assert comment(" \n ") == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a */ b", "a * / b"), ("end\\", "end\\."), ("??/", "?? /"), ("**/*", "** / *")],
)
def test_what_could_act_is_shown(text: str, shown: str) -> None:
    """Dangerous text stays readable."""
    assert neutral(text) == shown


@settings(deadline=None)
@given(st.text(alphabet='?/"\\\n ab', max_size=12) | st.text(max_size=30))
def test_string_literal_holds_its_text(text: str) -> None:
    """A string literal has no raw quote, line end or trigraph, and reads back as what it was."""
    spelled = literals.string(text)
    assert "??" not in spelled
    assert "\n" not in spelled
    decode: Callable[[str], object] = ast.literal_eval
    known = re.sub(r"\\(.)", lambda escape: "?" if escape[1] == "?" else escape[0], spelled)
    assert decode(known) == text
