"""What makes a declared and an emitted type the same, and the words for what makes them differ."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from bpfgen.ctype.compare import Comparison
from bpfgen.ctype.describe import described
from bpfgen.ctype.identity import align_names
from bpfgen.ctype.types import (
    BOOL,
    CHAR,
    INT,
    LLONG,
    LONG,
    SCHAR,
    UCHAR,
    UINT,
    ULLONG,
    ULONG,
    VOID,
    Array,
    Attributes,
    Composite,
    Const,
    Enum,
    Enumerator,
    Float,
    FuncProto,
    Int,
    Member,
    Named,
    Parameter,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Volatile,
)
from bpfgen.record import replace
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type


def differences(
    declared: Type, emitted: Type, *, old_enums: bool = False, unfolded: tuple[str, ...] = ()
) -> list[str]:
    """Return the messages about two types, that of "the key"."""
    comparison = Comparison(TYPES, KERNEL, old_enums=old_enums, unfolded=unfolded)
    return [found.message for found in comparison.differences(declared, emitted, "the key")]


def struct(tag: str | None, *members: Member, size: int = 8, **more: object) -> Composite:
    """Return a struct."""
    return Composite("struct", tag, members, size, **more)  # type: ignore[arg-type]


def enum(tag: str | None, *values: int, size: int = 4, base: Type | None = None) -> Enum:
    """Return an enum whose enumerators are E0, E1 and so on."""
    enumerators = tuple(Enumerator(f"E{at}", value) for at, value in enumerate(values))
    return Enum(tag, size, any(value < 0 for value in values), enumerators, base)


def emitted_enum(tag: str | None, *values: int, size: int = 4, signed: bool = False) -> Enum:
    """Return an enum as the decoder gives it."""
    enumerators = tuple(Enumerator(f"E{at}", value) for at, value in enumerate(values))
    return Enum(tag, size, signed, enumerators)


U32 = Typedef("__u32", UINT)
LATER = struct("later", Member("x", INT, 0), size=4)
TYPES: dict[tuple[str, str], Type] = {("struct", "later"): LATER}
KERNEL = frozenset({("typedef", "__u32"), ("typedef", "u64"), ("struct", "bpf_timer")})
TAGS = Attributes(decl_tags=("one", "two"))

SAME: dict[str, tuple[Type, Type]] = {
    "integers": (INT, Int("int", 4, signed=True)),
    "typedefs": (Typedef("t", INT), Typedef("t", INT)),
    "the kernel's typedef by another way": (U32, Typedef("__u32", Typedef("u32", UINT))),
    "long and long long of the kernel": (Typedef("u64", ULONG), Typedef("u64", ULLONG)),
    "bool of C23": (BOOL, Int("bool", 1, signed=False, bool=True)),
    "qualifiers in any order": (Volatile(Const(INT)), Const(Volatile(INT))),
    "qualifiers twice": (Const(Const(INT)), Const(INT)),
    "tag below const": (
        Pointer(Const(TypeTag(CHAR, "user"))),
        Pointer(TypeTag(Const(CHAR), "user")),
    ),
    "two tags": (
        Pointer(TypeTag(TypeTag(INT, "inner"), "outer", "__outer")),
        Pointer(TypeTag(TypeTag(INT, "inner"), "outer")),
    ),
    "address space that clang leaves out": (
        Pointer(TypeTag(INT, "address_space(1)")),
        Pointer(INT),
    ),
    "address space that pahole writes": (
        Pointer(TypeTag(INT, "address_space(1)")),
        Pointer(TypeTag(INT, "address_space(1)", attribute=True)),
    ),
    "flexible array": (Array(INT, 0, flexible=True), Array(INT, 0)),
    "struct behind a pointer": (
        Pointer(Named("struct", "s")),
        Pointer(Named("struct", "s", forward=True, type_id=9)),
    ),
    "parameter names": (
        FuncProto(INT, (Parameter("a", INT),)),
        FuncProto(INT, (Parameter(None, INT),)),
    ),
    "unnamed bit-fields": (
        struct(
            "s",
            Member("a", INT, 0),
            Member(None, INT, 32, 3, is_bitfield=True),
            Member("b", INT, 64),
        ),
        struct("s", Member("a", INT, 0), Member("b", INT, 64)),
    ),
    "attributes without a trace": (
        struct("s", attributes=Attributes(packed=True, preserve_access_index=True)),
        struct("s"),
    ),
    "decl tags in any order": (
        struct("s", attributes=TAGS),
        struct("s", attributes=Attributes(decl_tags=("two", "one"))),
    ),
    "the kernel's struct with other members": (
        struct("bpf_timer", Member("__opaque", Array(ULLONG, 2), 0), size=16),
        struct("bpf_timer", size=16),
    ),
    "a name for what is defined later": (Named("struct", "later"), LATER),
    "signed enum": (enum("e", -1, 1), emitted_enum("e", -1, 1, signed=True)),
    "enum with a base of typedef": (
        enum("e", -1, size=1, base=Typedef("__s8", SCHAR)),
        emitted_enum("e", 0xFFFFFFFF, size=1),
    ),
    "what failed before": (Unknown(), INT),
    "pointer to what failed before": (Const(Unknown()), UINT),
}

DIFFERENT: dict[str, tuple[Type, Type, str]] = {
    "name": (INT, UINT, "the key is declared as `int` and emitted as `unsigned int`"),
    "sign": (
        INT,
        Int("int", 4, signed=False),
        "`int` (the key) is declared signed and emitted uns",
    ),
    "size": (INT, Int("int", 8, signed=True), "declared with 4 bytes and emitted with 8"),
    "bool of vmlinux.h": (BOOL, Typedef("bool", BOOL), "as `_Bool` and emitted as `bool`"),
    "_Bool for a typedef": (Typedef("bool", BOOL), BOOL, "as `bool` and emitted as `_Bool`"),
    "pointer to bool of vmlinux.h": (
        Pointer(BOOL),
        Pointer(Named("typedef", "bool", type_id=3)),
        "as `_Bool *` and emitted as `bool *`",
    ),
    "truth": (BOOL, Int("_Bool", 1, signed=False), "as a truth value and emitted unsigned"),
    "float": (Float("double", 8), Float("double", 4), "with 8 bytes and emitted with 4"),
    "class": (INT, Pointer(INT), "declared as `int` and emitted as `int *`"),
    "void": (Pointer(VOID), Pointer(INT), "declared as `void *` and emitted as `int *`"),
    "array length": (Array(INT, 3), Array(INT, 4), "with 3 elements and emitted with 4"),
    "one element": (Array(INT, 1), Array(INT, 2), "with 1 element and emitted with 2"),
    "array element": (
        Array(INT, 3),
        Array(UINT, 3),
        "as `int[3]` and emitted as `unsigned int[3]`",
    ),
    "flexible array": (
        Array(INT, 0, flexible=True),
        Array(INT, 1),
        "0 elements and emitted with 1",
    ),
    "pointer target": (
        Pointer(Named("struct", "a")),
        Pointer(Named("struct", "b")),
        "as `struct a *` and emitted as `struct b *`",
    ),
    "pointer kind": (
        Pointer(Named("struct", "a")),
        Pointer(Named("union", "a", forward=True)),
        "as `struct a *` and emitted as `union a *`",
    ),
    "typedef behind a pointer": (
        Pointer(Named("typedef", "t")),
        Pointer(INT),
        "as `t *` and emitted as `int *`",
    ),
    "typedef name": (Typedef("t", INT), Typedef("u", INT), "as `t` and emitted as `u`"),
    "typedef lost": (U32, UINT, "as `__u32` and emitted as `unsigned int`"),
    "typedef target": (Typedef("t", INT), Typedef("t", UINT), "`t` (the key) is declared as `int`"),
    "kernel's typedef": (
        U32,
        Typedef("__u32", INT),
        "`__u32` (the key) is declared as `unsigned i",
    ),
    "long of one's own": (
        Typedef("mine", LONG),
        Typedef("mine", LLONG),
        "`mine` (the key) is declared as `long` and emitted as `long long`",
    ),
    "const": (Const(INT), INT, "declared as `const int` and emitted as `int`"),
    "volatile": (INT, Volatile(INT), "declared as `int` and emitted as `volatile int`"),
    "restrict": (Restrict(Pointer(INT)), Pointer(INT), "as `int *restrict` and emitted as `int *`"),
    "const pointer": (
        Const(Pointer(CHAR)),
        Pointer(Const(CHAR)),
        "as `char *const` and emitted as `const char *`",
    ),
    "tag lost": (
        Pointer(TypeTag(INT, "kptr", "__kptr")),
        Pointer(INT),
        'the key is declared with `btf_type_tag("kptr")` and emitted without it',
    ),
    "tag added": (
        Pointer(INT),
        Pointer(TypeTag(INT, "kptr")),
        'the key is emitted with `btf_type_tag("kptr")`, which isn\'t declared',
    ),
    "tag that is another attribute": (
        Pointer(TypeTag(INT, "kptr")),
        Pointer(TypeTag(INT, "kptr", attribute=True)),
        "the key is emitted with `kptr`, which isn't declared",
    ),
    "tag below a qualifier": (
        Pointer(TypeTag(Const(INT), "user")),
        Pointer(Const(TypeTag(INT, "user"))),
        'with `const btf_type_tag("user")`, in another order',
    ),
    "returned type": (
        FuncProto(INT, ()),
        FuncProto(UINT, ()),
        "as `int (void)` and emitted as `uns",
    ),
    "parameter": (
        FuncProto(INT, (Parameter("a", INT),)),
        FuncProto(INT, (Parameter("a", UINT),)),
        "as `int (int)` and emitted as `int (unsigned int)`",
    ),
    "variadic": (
        FuncProto(INT, (), variadic=True),
        FuncProto(INT, ()),
        "as `int (...)` and emitted as `int (void)`",
    ),
    "struct kind": (
        struct("s"),
        Composite("union", "s", (), 8),
        "declared as `struct s` and emitted as `union s`",
    ),
    "struct tag": (struct("s"), struct("t"), "declared as `struct s` and emitted as `struct t`"),
    "anonymous": (struct("s"), struct(None), "as `struct s` and emitted as `struct {…}`"),
    "forward": (
        struct("s"),
        Named("struct", "s", forward=True, type_id=3),
        "`struct s` is declared with a body and emitted as a forward declaration (the key)",
    ),
    "struct size": (
        struct("s"),
        struct("s", size=9),
        "`struct s` is declared with 8 bytes and emi",
    ),
    "kernel's struct size": (
        struct("bpf_timer", size=16),
        struct("bpf_timer", size=24),
        "`struct bpf_timer` is declared with 16 bytes and emitted with 24",
    ),
    "member name": (
        struct("s", Member("a", INT, 0)),
        struct("s", Member("b", INT, 0)),
        "member `a` of `struct s` is emitted as `b`",
    ),
    "member lost": (
        struct("s", Member("a", INT, 0), Member("b", INT, 32)),
        struct("s", Member("b", INT, 32)),
        "member `a` of `struct s` is declared and not emitted",
    ),
    "member added": (
        struct("s"),
        struct("s", Member("a", INT, 0)),
        "member `a` of `struct s` is emitted and not declared",
    ),
    "member order": (
        struct("s", Member("a", INT, 0), Member("b", INT, 32)),
        struct("s", Member("b", INT, 32), Member("a", INT, 0)),
        "member `b` of `struct s` is emitted in another order of members",
    ),
    "member offset": (
        struct("s", Member("b", INT, 32)),
        struct("s", Member("b", INT, 64)),
        "member `b` of `struct s` is declared at bit 32 and emitted at bit 64",
    ),
    "member type": (
        struct("s", Member("a", Pointer(Const(CHAR)), 0)),
        struct("s", Member("a", Pointer(CHAR), 0)),
        "member `a` of `struct s` is declared as `const char *` and emitted as `char *`",
    ),
    "bit-field width": (
        struct("s", Member("a", INT, 0, 3, is_bitfield=True)),
        struct("s", Member("a", INT, 0, 4, is_bitfield=True)),
        "member `a` of `struct s` is declared 3 bits wide and emitted 4 bits wide",
    ),
    "bit-field of full width": (
        struct("s", Member("a", INT, 0, 32, is_bitfield=True)),
        struct("s", Member("a", INT, 0)),
        "is declared 32 bits wide and emitted as no bit-field",
    ),
    "anonymous member": (
        struct("s", Member(None, struct(None, Member("a", INT, 0)), 0)),
        struct("s", Member(None, struct(None, Member("a", INT, 32)), 0)),
        "member `a` of the struct of the anonymous member at bit 0 of `struct s` is declared",
    ),
    "struct of a typedef": (
        Typedef("mac_t", struct(None, Member("a", INT, 0))),
        Typedef("mac_t", struct(None, Member("a", UINT, 0))),
        "member `a` of `mac_t` is declared as `int`",
    ),
    "decl tag lost": (
        struct("s", attributes=TAGS),
        struct("s", attributes=Attributes(decl_tags=("one",))),
        "`struct s` is declared with the decl tag `two`, which isn't emitted",
    ),
    "decl tag that is another attribute": (
        struct("s", Member("a", INT, 0, attributes=Attributes(decl_tags=("one",)))),
        struct("s", Member("a", INT, 0, attributes=Attributes(others=("one",)))),
        "member `a` of `struct s` is emitted with the attribute `one`, which isn't declared",
    ),
    "enumerator value": (
        enum("e", 0, 4),
        emitted_enum("e", 0, 5),
        "enumerator `E1` of `enum e` is declared as 4 and emitted as 5",
    ),
    "enumerator lost": (
        enum("e", 0, 1),
        emitted_enum("e", 0),
        "`E1` of `enum e` is declared and not",
    ),
    "enumerator added": (
        enum("e", 0),
        emitted_enum("e", 0, 1),
        "with enumerator `E1`, which isn't",
    ),
    "enum sign": (
        enum("e", 0),
        emitted_enum("e", 0, signed=True),
        "`enum e` is declared unsigned and emitted signed",
    ),
    "enum size": (
        enum("e", 0, size=1, base=UCHAR),
        emitted_enum("e", 0),
        "`enum e` is declared with 1 byte and emitted with 4",
    ),
    "wide enumerator": (
        enum("e", 1 << 40, size=8),
        emitted_enum("e", 0, size=8),
        "enumerator `E0` of `enum e` is declared as 1099511627776 and emitted as 0",
    ),
    "a name for what is defined later": (
        Named("struct", "later"),
        struct("later", Member("x", INT, 8), size=4),
        "member `x` of `struct later` is declared at bit 0 and emitted at bit 8",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_what_btf_cannot_tell_apart_is_the_same(name: str) -> None:
    """Two ways to say one thing have no differences."""
    assert differences(*SAME[name]) == []


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_difference_is_told_in_words(name: str) -> None:
    """One difference gives one message, with both sides in it; two if it is loss and gain."""
    declared, emitted, message = DIFFERENT[name]
    found = differences(declared, emitted)
    assert len(found) == 1 + ("is another attribute" in name)
    assert message in found[-1]


def test_old_enums_are_cut_and_unsigned() -> None:
    """Where an object has enums as clang 14 writes them, these are taken, and no others."""
    negative, wide = enum("e", -1, 1), enum("w", 1 << 40, 3, size=8)
    assert differences(negative, emitted_enum("e", 0xFFFFFFFF, 1), old_enums=True) == []
    assert differences(wide, emitted_enum("w", 0, 3, size=8), old_enums=True) == []
    assert len(differences(negative, emitted_enum("e", 0xFFFFFFFF, 1))) == 1
    assert len(differences(negative, emitted_enum("e", 0xFFFFFFFE, 1), old_enums=True)) == 1


def test_all_differences_are_told_in_the_order_of_the_declaration() -> None:
    """What differs in a struct is told member by member, what is inside a member after it."""
    inner = struct("inner", Member("x", INT, 0), Member("y", INT, 32))
    other = struct("inner", Member("x", UINT, 0), Member("y", INT, 40))
    declared = struct("s", Member("a", inner, 0), Member("b", Const(INT), 64), size=12)
    emitted = struct("s", Member("a", other, 0), Member("b", INT, 64), size=16)
    assert differences(declared, emitted) == [
        "`struct s` is declared with 12 bytes and emitted with 16",
        "member `y` of `struct inner` is declared at bit 32 and emitted at bit 40",
        "member `x` of `struct inner` is declared as `int` and emitted as `unsigned int`",
        "member `b` of `struct s` is declared as `const int` and emitted as `int`",
    ]


def test_a_struct_is_told_of_once() -> None:
    """However many things hold a struct, what is wrong in it is told once."""
    comparison = Comparison()
    declared, emitted = struct("s", Member("a", INT, 0)), struct("s", Member("b", INT, 0))
    assert len(comparison.differences(declared, emitted, "the key")) == 1
    assert comparison.differences(Array(declared, 2), Array(emitted, 2), "the value") == []


def test_depth_and_sharing_cost_nothing() -> None:
    """Neither 20,000 pointers to pointers nor 2**60 structs in structs are walked one by one."""
    declared: Type = INT
    emitted: Type = INT
    for _ in range(20_000):
        declared, emitted = Pointer(Const(declared)), Pointer(Const(emitted))
    assert Comparison().differences(declared, emitted, "the key") == []
    declared, emitted = LATER, struct("later", Member("x", INT, 0), size=4)
    for level in range(60):
        declared = struct(f"s{level}", Member("l", declared, 0), Member("r", declared, 64))
        emitted = struct(f"s{level}", Member("l", emitted, 0), Member("r", emitted, 64))
    start = time.process_time()
    assert Comparison().differences(declared, emitted, "the key") == []
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        (Pointer(Const(CHAR)), "const char *"),
        (Const(Pointer(CHAR)), "char *const"),
        (Array(Array(INT, 3), 2), "int[2][3]"),
        (Pointer(Array(INT, 3)), "int (*)[3]"),
        (Array(Pointer(INT), 3), "int *[3]"),
        (Array(INT, 0, flexible=True), "int[]"),
        (Pointer(FuncProto(VOID, (Parameter(None, INT),), variadic=True)), "void (*)(int, ...)"),
        (Pointer(TypeTag(Named("struct", "s"), "kptr")), 'btf_type_tag("kptr") struct s *'),
        (Composite("union", None, (), 0), "union {…}"),
    ],
)
def test_types_in_words(type_: Type, words: str) -> None:
    """Messages spell types as C does."""
    assert described(type_) == words


@pytest.mark.parametrize(
    ("declared", "emitted", "pairs"),
    [
        (["a", "b"], ["a", "b"], [(0, 0), (1, 1)]),
        (["a", "b"], ["b"], [(0, None), (1, 0)]),
        (["b"], ["a", "b"], [(0, 1), (None, 0)]),
        (["a", "b", "c"], ["a", "x", "c"], [(0, 0), (1, 1), (2, 2)]),
        (["a", "b"], ["b", "a"], [(0, 1), (1, 0)]),
        ([None, "a", None], [None, None, "a"], [(0, 0), (1, 2), (2, 1)]),
        ([], ["a"], [(None, 0)]),
    ],
)
def test_names_find_their_counterparts(
    declared: list[str | None],
    emitted: list[str | None],
    pairs: list[tuple[int | None, int | None]],
) -> None:
    """Names decide which members belong together; a lone name in one place was renamed."""
    assert list(align_names(declared, emitted)) == pairs


def test_a_difference_that_is_met_further_in_is_the_same_one() -> None:
    """It is known by its values: where it is met doesn't count, what it is about does."""
    (outer,) = Comparison(TYPES, KERNEL).differences(INT, LONG, "the key")
    inner = replace(outer, path=(None, 0), names=("a", "b"))
    assert outer.says_the_same(inner)
    assert not outer.says_the_same(replace(outer, subject=Subject("map", "flows")))
    # A qualifier differs and what is below it, too.
    assert len(differences(Const(INT), LONG)) == 1


def test_a_typedef_that_the_source_has_written_out() -> None:
    """It is what it stands for, wherever it is held; another type under it is still noticed."""
    short = Int("short", 2, signed=True)
    for declared, emitted in (
        (short, Typedef("id_t", short)),
        (Array(short, 4), Array(Typedef("id_t", short), 4)),
        (Pointer(short), Pointer(Typedef("id_t", short))),
    ):
        assert differences(declared, emitted) != []
        assert differences(declared, emitted, unfolded=("id_t",)) == []
    assert differences(INT, Typedef("id_t", short), unfolded=("id_t",)) != []
