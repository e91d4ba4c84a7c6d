"""The view of user space: every byte of a struct is one piece's, and every member is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfgen.compiler import compile
from bpfgen.ctype.types import Typedef
from bpfgen.emit.user_space.storage import Direct, Empty, Padding, Storage, bit_shifts, pieces_of
from bpfgen.emit.user_space.types import (
    CHARACTER,
    INTEGER,
    Alias,
    Enumeration,
    Number,
    Opaque,
    Sequence,
    Structure,
    align_of,
    size_of,
)
from bpfgen.emit.user_space.view import view_of
from bpfgen.model.model import Model, TypeDeclaration
from bpfgen.text.source import Source
from tests.samples import compiled
from tests.strategies import many_composites

if TYPE_CHECKING:
    from bpfgen.ctype.types import Composite


def model_of(text: str) -> Model:
    """Return the model of the source *text*, which has no errors."""
    compilation = compile(Source("maps.dsl", text))
    assert not compilation.failed, compilation.diagnostics
    return compilation.model


def structures_of(composite: Composite) -> list[Structure]:
    """Return what user space sees of *composite*, its inner types included."""
    declaration = TypeDeclaration(None, (Typedef("outermost", composite),))
    model = Model("t.dsl", "", {}, (), (), (declaration,), (), (), {})
    return [type for type in view_of(model).types if isinstance(type, Structure)]


def test_pieces_cover_every_byte_once() -> None:
    """No byte is left out and none is twice, and what stands as it is stands aligned."""
    kinds = set()
    for composite in many_composites(11, 3_000):
        for structure in structures_of(composite):
            end = 0
            for piece in pieces_of(structure, align_of):
                kinds.add(type(piece))
                assert piece.offset == end or isinstance(piece, Empty)
                end = max(end, piece.offset + piece.size)
                if isinstance(piece, Direct):
                    assert piece.offset % align_of(piece.member.type) == 0
            assert end == structure.size
    assert kinds == {Direct, Storage, Padding, Empty}


def test_every_member_is_in_one_piece() -> None:
    """Each member is in one piece, and within its bytes."""
    for composite in many_composites(12, 3_000):
        for structure in structures_of(composite):
            names = []
            for piece in pieces_of(structure, align_of):
                if isinstance(piece, Storage):
                    names += [member.name for member in piece.members]
                    for member in piece.members:
                        assert piece.offset <= member.offset
                        assert member.end <= piece.offset + piece.size
                        if member.bit_width is not None:
                            assert min(bit_shifts(member)) >= 0
                elif not isinstance(piece, Padding):
                    names.append(piece.member.name)
            assert sorted(names) == sorted(member.name for member in structure.members)


def test_a_size_is_that_of_the_definition() -> None:
    """Size and alignment are the model's."""
    for composite in many_composites(13, 2_000):
        outer = structures_of(composite)[-1]
        assert size_of(outer) == composite.size
        assert align_of(outer) == composite.align


def test_nameless_members_are_their_parents() -> None:
    """Members of nameless structs and unions are their parent's, and a nameless type is named."""
    model = model_of(
        """
        struct s {
            __u32 first;
            union { __u64 whole; struct { __u32 low, high; }; };
            struct { char text[3]; } inner;
        };
        map m: hash<__u32, s>[1];
        """
    )
    inner, outer = view_of(model).types
    assert isinstance(inner, Structure)
    assert isinstance(outer, Structure)
    assert inner.words == ("s", "inner")
    assert inner.members[0].type == Sequence(Number(CHARACTER, 1, signed=True), 3)
    places = [(member.name, member.offset) for member in outer.members]
    assert places == [("first", 0), ("whole", 8), ("low", 8), ("high", 12), ("inner", 16)]


def test_types_of_headers_and_of_the_kernel_carry_the_stem() -> None:
    """A type of the prelude is declared under the name of the file."""
    types = {type.words: type for type in view_of(compiled("kinds.dsl").model).types}
    assert ("kinds", "bpf_devmap_val") in types
    assert ("counters",) in types


def test_the_kernels_own_fields_are_opaque() -> None:
    """Special fields are bytes; a byte order is part of a number; `unsigned char` is no text."""
    model = model_of(
        "struct v { struct bpf_timer t; __be16 port; unsigned char c; }; map m: hash<int, v>[1];"
    )
    (value,) = view_of(model).types
    assert isinstance(value, Structure)
    assert [member.type for member in value.members] == [
        Opaque("bpf_timer", 16, 8),
        Number(INTEGER, 2, signed=False, byte_order="big"),
        Number(INTEGER, 1, signed=False),
    ]


def test_types_of_imports_are_named_by_their_file() -> None:
    """A type of an imported file isn't declared again."""
    view = view_of(compiled("imports/user.dsl").model)
    assert all(type.origin == "own" for type in view.types)
    keys = {map.name: map.key for map in view.maps}
    imported = keys["tenants_before"]
    assert isinstance(imported, Structure)
    assert (imported.words, imported.origin, imported.file) == (
        ("tenant_id",),
        "imported",
        "common.dsl",
    )


def test_typedefs_of_the_file_are_aliases() -> None:
    """A typedef is an alias, but where it is the only name that a type has."""
    model = model_of(
        "typedef __u32 ip_t; typedef struct { ip_t a; } pair; enum { ONE = 1 };"
        " map m: array<ip_t, pair>[1];"
    )
    alias, pair, constants = view_of(model).types
    assert isinstance(alias, Alias)
    assert isinstance(pair, Structure)
    assert pair.words == ("pair",)
    assert pair.members[0].type == alias
    assert isinstance(constants, Enumeration)
    assert constants.words == ()


def test_a_nameless_element_of_a_typedef_has_a_name_of_its_own() -> None:
    """An array is one type, and what it is made of another."""
    element, alias = view_of(model_of("typedef enum { A, B } pair[2];")).types
    assert (element.words, alias.words) == (("pair", "element"), ("pair",))


def test_what_a_loader_decides_is_left_out() -> None:
    """`runtime` is None, and what isn't there is 0."""
    model = model_of("map a: hash<int, int>[runtime]; map b: percpu_array<int, int>[4];")
    a, b = view_of(model).maps
    assert (a.max_entries, a.map_flags, a.stride) == (None, 0, None)
    assert (b.max_entries, b.value_size, b.stride) == (4, 4, 8)


def test_a_type_without_a_name_is_called_after_its_map() -> None:
    """A struct in angle brackets: the map, and what of it the type is."""
    model = model_of(
        "map m: hash<__u32, struct { __u32 a, b; }>[1];"
        "map n: array_of_maps<__u32, hash<__u32, struct { __u32 c; }>[1]>[1];"
    )
    assert [type.words for type in view_of(model).types] == [
        ("m", "map", "value"),
        ("n", "map", "inner", "value"),
    ]
