"""BTF in the shared vocabulary of types: what becomes a definition, a name, an error."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf import kinds
from bpfgen.btf.convert import MAX_NODES, BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.ctype.types import (
    BOOL,
    CHAR,
    DOUBLE,
    INT,
    INT128,
    UCHAR,
    UINT,
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
    Volatile,
)
from bpfgen.text.diagnostics import FormatError
from bpfgen.text.source import NESTING_LIMIT
from tests import compiled
from tests.tools import require
from tests.unit.test_btf_decode import SIZES, blob, btf_of, info, sized

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.ctype.types import Type


def named(btf: Btf, name: str) -> Type:
    """Return the type called *name*, by value."""
    type_id = btf.find(name)
    assert type_id is not None
    return BtfTypes(btf).type(type_id)


def type_of(composite: Type, member: str) -> Type:
    """Return the type of the member called *member*."""
    assert isinstance(composite, Composite)
    return next(m.type for m in composite.members if m.name == member)


def without_id(type: Type) -> Type:
    """Return a Named without the id that the decoder met it at."""
    if isinstance(type, Named):
        return Named(type.kind, type.name, forward=type.forward)
    return type


@pytest.mark.parametrize("compiler", compiled.COMPILERS)
@pytest.mark.parametrize("target", compiled.TARGETS)
def test_members_become_types(compiler: str, target: str) -> None:
    """Each member of a struct with everything comes back as the C that was compiled."""
    btf = btf_of(compiled.compile_c(compiled.TYPES, compiler, target))
    outer = named(btf, "outer")
    assert isinstance(outer, Composite)
    itself = type_of(outer, "next")
    assert isinstance(itself, Pointer)
    assert itself.pointee == Named("struct", "outer", type_id=btf.find("outer"))
    hidden = type_of(outer, "hidden")
    assert isinstance(hidden, Pointer)
    assert without_id(hidden.pointee) == Named("struct", "never_defined", forward=True)
    hidden = type_of(outer, "hidden_too")
    assert isinstance(hidden, Pointer)
    assert without_id(hidden.pointee) == Named("union", "never_defined_either", forward=True)
    assert type_of(outer, "matrix") == Array(Array(INT, 5), 3)
    assert type_of(outer, "d") == DOUBLE
    assert type_of(outer, "flag") == BOOL
    assert type_of(outer, "ch") == CHAR
    assert type_of(outer, "big") == INT128
    assert type_of(outer, "r") == Restrict(Pointer(INT))
    assert type_of(outer, "flexible") == Array(INT, 0)
    where = type_of(outer, "where")
    assert isinstance(where, Pointer)
    assert without_id(where.pointee) == Named("enum", "color")


def test_values_are_definitions_and_pointers_are_names() -> None:
    """A struct, enum or typedef held by value is given in full, behind a pointer by name."""
    btf = btf_of(compiled.compile_c(compiled.TYPES, compiled.newest()))
    outer = named(btf, "outer")
    color = type_of(outer, "color")
    colors = tuple(Enumerator(*each) for each in (("RED", 0), ("GREEN", 7), ("BLUE", 8)))
    assert color == Enum("color", 4, signed=False, enumerators=colors)
    negative = type_of(outer, "negative")
    signs = tuple(Enumerator(*each) for each in (("MINUS", -5), ("PLUS", 5)))
    assert negative == Enum("negative", 4, signed=True, enumerators=signs)
    held = type_of(outer, "held")
    assert isinstance(held, Array)
    assert held.length == 2
    ullong = Int("unsigned long long", 8, signed=False)
    assert held.element == Composite(
        "struct",
        "inner",
        (
            Member("v", Volatile(INT), 0),
            Member("count", Typedef("counter_t", Typedef("__u64", ullong)), 64),
            Member("ld", Float("long double", 8), 128),
        ),
        24,
    )
    points = type_of(outer, "points")
    assert isinstance(points, Pointer)
    xy = (Member("x", INT, 0), Member("y", INT, 32))
    assert points.pointee == Composite("struct", None, xy, 8)
    call = type_of(outer, "call")
    assert isinstance(call, Typedef)
    assert isinstance(call.underlying, Pointer)
    proto = call.underlying.pointee
    assert isinstance(proto, FuncProto)
    assert (proto.returns, proto.variadic) == (INT, True)
    assert proto.parameters[1] == Parameter(None, Pointer(Const(CHAR)))
    parent = type_of(outer, "parent")
    assert isinstance(parent, Const)
    assert isinstance(parent.underlying, Pointer)
    assert isinstance(parent.underlying.pointee, Const)
    assert without_id(parent.underlying.pointee.underlying) == Named("struct", "outer")


def test_bit_offsets_are_those_of_clang(tmp_path: Path) -> None:
    """clang itself asserts the offset of every member that is no bit-field, and the size."""
    btf = btf_of(compiled.compile_c(compiled.TYPES, compiled.newest()))
    lines = []
    for tag in ("outer", "inner"):
        type = named(btf, tag)
        assert isinstance(type, Composite)
        lines.append(f'_Static_assert(sizeof(struct {tag}) == {type.size}, "{tag}");')
        lines += [
            f"_Static_assert(8 * __builtin_offsetof(struct {tag}, {member.name}) == "
            f'{member.bit_offset}, "{member.name}");'
            for member in type.members
            if member.name and not member.is_bitfield
        ]
    assert len(lines) > 20
    source = tmp_path / "offsets.c"
    source.write_text(compiled.TYPES + "\n".join(lines))
    clang = [*compiled.command(compiled.newest()), "-target", "bpfel", "-fsyntax-only", "-w"]
    done = subprocess.run([*clang, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_bit_fields_have_their_width_and_place() -> None:
    """Bit-fields follow each other: `color : 4`, `bits : 27`, `sbits : 1` fill 32 bits."""
    btf = btf_of(compiled.compile_c(compiled.TYPES, compiled.newest()))
    outer = named(btf, "outer")
    assert isinstance(outer, Composite)
    fields = [m for m in outer.members if m.is_bitfield]
    assert [(m.name, m.bitfield_size, m.bit_offset - fields[0].bit_offset) for m in fields] == [
        ("color", 4, 0),
        ("bits", 27, 4),
        ("sbits", 1, 31),
    ]
    assert all(m.bitfield_size == 0 for m in outer.members if not m.is_bitfield)


@pytest.mark.parametrize("compiler", [name for name in compiled.COMPILERS if name != "clang-14"])
def test_tags_are_kept(compiler: str) -> None:
    """btf_type_tag and btf_decl_tag come back where they were written (clang 15 and later)."""
    btf = btf_of(compiled.compile_c(compiled.TAGS, compiler))
    holder = named(btf, "holder")
    assert isinstance(holder, Composite)
    kptr = type_of(holder, "task")
    assert isinstance(kptr, Pointer)
    assert isinstance(kptr.pointee, TypeTag)
    assert kptr.pointee.tag == "kptr"
    assert without_id(kptr.pointee.underlying) == Named("struct", "task", forward=True)
    assert holder.members[0].attributes is None
    tags = Attributes(decl_tags=("contains:node:link", "second"))
    assert holder.members[1].attributes == tags
    node = btf.find("node", kinds.BTF_KIND_STRUCT)
    assert node is not None
    of_struct = BtfTypes(btf).type(node)
    assert isinstance(of_struct, Composite)
    assert of_struct.attributes == Attributes(decl_tags=("of the struct",))
    typedef = btf.find("node_t", kinds.BTF_KIND_TYPEDEF)
    variable = btf.find("typed", kinds.BTF_KIND_VAR)
    assert typedef is not None
    assert variable is not None
    assert btf.decl_tags(typedef) == ("of the typedef",)
    assert btf.decl_tags(variable) == ("of the variable",)
    assert btf.decl_tags(typedef, 0) == ()


def test_attribute_tags_are_kept_apart() -> None:
    """With kind_flag (Linux 6.15) a tag is the text of an attribute, not a btf_type_tag."""
    strings = b"\0int\0address_space(1)\0s\0aligned\0"
    btf = Btf(
        blob(
            [
                *(1, info(1), 4, 32),
                *(5, info(18, flag=True), 1),  # 2: TYPE_TAG
                *(0, info(2), 2),  # 3: PTR
                *(22, info(4, 1), 8, 1, 3, 0),  # 4: STRUCT
                *(24, info(17, flag=True), 4, 0),  # 5: DECL_TAG of its member
                *(22, info(17), 4, 0),  # 6: and an ordinary one
            ],
            strings,
        )
    )
    types = BtfTypes(btf)
    integer = Int("int", 4, signed=False)
    pointer = Pointer(TypeTag(integer, "address_space(1)", attribute=True))
    assert types.type(3) == pointer
    attributes = Attributes(decl_tags=("s",), others=("aligned",))
    assert types.type(4) == Composite(
        "struct", "s", (Member("int", pointer, 0, attributes=attributes),), 8
    )


def test_forward_declared_enums_are_names() -> None:
    """An enum without enumerators is the declaration of one, by value and behind a pointer."""
    types = BtfTypes(sized(1, info(6), 4, 0, info(2), 2))
    assert types.type(2) == Named("enum", "int", forward=True, type_id=2)
    assert types.type(3) == Pointer(Named("enum", "int", forward=True, type_id=2))


def test_void_and_unions() -> None:
    """Id 0 is `void`; a FWD with kind_flag is a union, whose pointer is a name too."""
    types = BtfTypes(sized(1, info(7, flag=True), 0, 0, info(2), 0))
    assert types.type(0) == VOID
    assert types.type(2) == Named("union", "int", forward=True, type_id=2)
    assert types.type(3) == Pointer(VOID)


def test_a_type_is_converted_once() -> None:
    """The same id gives the same object."""
    btf = btf_of(compiled.compile_c(compiled.TYPES, compiled.newest()))
    outer = btf.find("outer")
    assert outer is not None
    types = BtfTypes(btf)
    assert types.type(outer) is types.type(outer)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((1, info(8), 2), "holds itself"),
        ((1, info(4, 1), 4, 1, 2, 0), "holds itself"),
        ((0, info(3), 0, 2, 1, 3), "holds itself"),
        ((0, info(4, 1), 8, 1, 3, 0, 0, info(2), 2), "holds itself"),
        ((0, info(2), 2), "holds itself"),
        # Two circles, of which one is known to be one when the other is come upon.
        ((0, info(4, 2), 16, 0, 3, 0, 0, 4, 64, 0, info(2), 3, 0, info(2), 2), "holds itself"),
        ((1, info(8), 99), "99 is out of range"),
        ((0, info(4, 1), 4, 1, 77, 0), "77 is out of range"),
        ((99, info(8), 1), "past the table"),
        ((1, info(14), 1, 0), "is a VAR, not a C type"),
        ((1, info(8), 3, 1, info(15), 0), "is a DATASEC, not a C type"),
    ],
)
def test_what_is_no_type_is_an_error(words: tuple[int, ...], why: str) -> None:
    """Types that hold themselves by value, ids out of range and variables are FormatErrors."""
    types = BtfTypes(sized(*words))
    for _ in range(2):  # the second time from memory
        with pytest.raises(FormatError, match=why):
            types.type(2)


def test_a_struct_may_point_to_itself() -> None:
    """A circle through a pointer to a named struct, or through a typedef, is no circle."""
    types = BtfTypes(sized(1, info(4, 1), 8, 1, 3, 0, 0, info(2), 2))
    assert types.type(2) == Composite(
        "struct",
        "int",
        (Member("int", Pointer(Named("struct", "int", type_id=2)), 0),),
        8,
    )


def chain(depth: int) -> BtfTypes:
    """Return structs in structs: type 2 holds the INT, type `depth` + 1 is the outermost."""
    types = [word for n in range(depth) for word in (1, info(4, 1), 4, 1, n + 1, 0)]
    return BtfTypes(sized(*types))


@pytest.mark.slow
def test_nesting_is_bounded() -> None:
    """200 structs in each other are read, 201 are an error, and 100,000 are the same error."""
    assert isinstance(chain(NESTING_LIMIT).type(NESTING_LIMIT + 1), Composite)
    with pytest.raises(FormatError, match="too deep"):
        chain(NESTING_LIMIT + 1).type(NESTING_LIMIT + 2)
    deep = chain(100_000)
    with pytest.raises(FormatError, match="too deep"):
        deep.type(100_001)
    assert isinstance(deep.type(NESTING_LIMIT + 1), Composite)


def test_pointers_to_pointers_are_bounded() -> None:
    """A pointer to a pointer to a pointer … ends in an error, not in a RecursionError."""
    types = BtfTypes(sized(*(word for n in range(10_000) for word in (0, info(2), n + 1))))
    with pytest.raises(FormatError, match="too deep"):
        types.type(10_001)


def test_sharing_cannot_be_used_to_explode() -> None:
    """Structs of two structs of two structs … are small in BTF, endless as a tree: an error."""
    words = []
    for n in range(40):
        words += [1, info(4, 2), 4, 1, n + 1, 0, 1, n + 1, 0]
    types = BtfTypes(sized(*words))
    assert MAX_NODES > 2**15
    assert isinstance(types.type(15), Composite)
    with pytest.raises(FormatError, match="too many types"):
        types.type(41)


def test_failing_again_costs_nothing() -> None:
    """Ten thousand types that hold one broken type fail in the time of one walk each."""
    many = 10_000
    broken = [0, info(4, many), 4, *(word for _ in range(many) for word in (1, 1, 0))]
    broken[-2] = 0xFFFFFF
    holders = [word for _ in range(many) for word in (1, info(8), 2)]
    types = BtfTypes(sized(*broken, *holders))
    for type_id in range(3, many + 3):
        with pytest.raises(FormatError, match="out of range"):
            types.type(type_id)


def test_pahole_agrees_on_the_layout(tmp_path: Path) -> None:
    """pahole prints the same size and number of members for the struct with everything."""
    data = compiled.compile_c(compiled.TYPES, compiled.newest())
    path = tmp_path / "types.o"
    path.write_bytes(data)
    program = [require("pahole"), "-F", "btf", "-C", "outer", str(path)]
    told = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    outer = named(btf_of(data), "outer")
    assert isinstance(outer, Composite)
    assert f"/* size: {outer.size}, cachelines: " in told
    assert f"members: {len(outer.members)}" in told


def test_the_integer_names_are_clangs() -> None:
    """Names, sizes and signs of integers are as model/types.py spells them."""
    text = compiled.MACROS + 'struct all { unsigned int a; unsigned char b; } all SEC(".data");'
    btf = btf_of(compiled.compile_c(text, compiled.newest()))
    members = named(btf, "all")
    assert isinstance(members, Composite)
    assert [m.type for m in members.members] == [UINT, UCHAR]
    assert SIZES == b"\0int\0"
