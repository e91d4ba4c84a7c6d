"""What libbpf refuses in a map: it does, and we say why in words that help."""

from __future__ import annotations

import re

import pytest

from bpfgen.object import read_object
from tests import compiled
from tests.conformance.libbpf import LibbpfError, open_object
from tests.tools import witnessed

VALID = "__uint(type, 1); __type(key, int); __type(value, int); __uint(max_entries, 1);"
INNER = "struct { __uint(type, 2); __type(key, int); __type(value, int); __uint(max_entries, 1); }"
OF_MAPS = "__uint(type, 12); __uint(key_size, 4); __uint(max_entries, 1);"

REFUSED = {
    # the definition struct, what we say
    "a number by itself": ("int type; __type(key, int);", "`type` is a number in the section's"),
    "a number as a double": (f"{VALID} double *map_flags;", "points to FLOAT `double`"),
    "a number that is no pointer": (f"{VALID} double map_flags;", "is of kind FLOAT"),
    "a number as an array": (f"{VALID} int map_flags[3];", "is of kind ARRAY"),
    "a typedef'd array": (f"{VALID} three_t *map_flags;", "no typedef or qualifier around"),
    "two key sizes": (
        f"__uint(key_size, 8); {VALID}",
        "makes the key 4 bytes, and before it was 8",
    ),
    "two value sizes": (f"{VALID} __uint(value_size, 2);", "makes the value 2 bytes, and before"),
    "a const key": ("__uint(type, 1); int *const key;", "no typedef and no qualifier"),
    "a typedef'd key": ("__uint(type, 1); pointer_t key;", "no typedef and no qualifier"),
    "a key by value": ("__uint(type, 1); int key;", "`key` should be a pointer to the type"),
    "a void key": ("__uint(type, 1); void *key;", "`key` is `void`, which has no size"),
    "an unknown key": ("__uint(type, 1); struct nowhere *key;", "a declaration without a body"),
    "a function as value": ("__uint(type, 1); int (*value)(int);", "FUNC_PROTO .* has no size"),
    "no type": ("__type(key, int); __type(value, int);", "map type isn't specified"),
    "type 0": ("__uint(type, 0); __type(key, int);", "map type isn't specified"),
    "pinning 2": (f"{VALID} __uint(pinning, 2);", "`pinning` is 2"),
    "an unknown attribute": (f"{VALID} __uint(nonsense, 2);", "unknown attribute `nonsense`"),
    "a member without name": (f"{VALID} struct {{ int x; }};", r"member 4 .* has no name"),
    "values of a hash": (f"{VALID} __array(values, {INNER});", "belongs to a map of maps"),
    "values without type": (
        f"__uint(key_size, 4); __array(values, {INNER});",
        "belongs to a map of",
    ),
    "values of 8 bytes": (
        f"{OF_MAPS} __uint(value_size, 8); __array(values, {INNER});",
        "before it was 8",
    ),
    "values of ints": (f"{OF_MAPS} int values[];", "should hold pointers, and holds INT"),
    "values with a length": (f"{OF_MAPS} {INNER} *values[2];", "an array without a length"),
    "values of functions": (f"{OF_MAPS} int (*values[])(void);", "should point to map definitions"),
    "maps in a prog_array": (
        f"__uint(type, 3); __uint(key_size, 4); __array(values, {INNER});",
        "should point to functions",
    ),
    "values of declarations": (
        f"{OF_MAPS} struct nowhere *values[];",
        "should point to map definitions, and points to FWD",
    ),
    "a pinned inner map": (
        f"{OF_MAPS} __array(values, struct {{ __uint(type, 2); __uint(pinning, 1); }});",
        "an inner map can't be pinned",
    ),
    "three levels": (
        f"{OF_MAPS} __array(values, struct {{ {OF_MAPS} __array(values, {INNER}); }});",
        "two levels are the limit",
    ),
    "an inner map without type": (
        f"{OF_MAPS} __array(values, struct {{ __type(key, int); }});",
        "the inner map: the map type isn't specified",
    ),
    "map_extra of two values": (f"{VALID} enum {{ A, B }} map_extra;", "an enum of 2 values"),
}

ACCEPTED = {
    "as it should be": VALID,
    "key_size equal to the key's": f"__uint(key_size, 4); {VALID}",
    "value_size 0 first": f"__uint(value_size, 0); {VALID}",
    "numa_node without its flag": f"{VALID} __uint(numa_node, 1);",
    "an inner map": f"{OF_MAPS} __array(values, {INNER});",
    "values through a typedef": f"{OF_MAPS} inner_t *values[];",
    "a number through a typedef'd pointer": f"{VALID} pointer_to_three_t map_flags;",
    "a key of an unnamed struct": "__uint(type, 1); struct { int x; } *key;",
    "no max_entries": "__uint(type, 1); __type(key, int); __type(value, int);",
    "the last number counts": f"{VALID} __uint(map_flags, 1);",
    "an empty union": f"{VALID} __uint(map_extra, 7);",
}


def program(members: str, variable: str = 'm SEC(".maps")') -> bytes:
    """Return an object with one map whose definition has *members*."""
    text = compiled.MACROS + (
        "typedef int three_t[3]; typedef int *pointer_t; typedef int (*pointer_to_three_t)[3];"
        f"typedef const {INNER} inner_t;"
        f"struct {{ {members} }} {variable};"
    )
    return compiled.compile_c(text, compiled.newest())


def refusal(data: bytes) -> str:
    """Return what libbpf prints as the reason; fail the test if it opens *data*."""
    with pytest.raises(LibbpfError) as caught, open_object(data):
        pass
    return caught.value.messages[-1].strip()


@pytest.mark.parametrize("case", witnessed(REFUSED, "libbpf.so.1"))
def test_refused_by_libbpf_and_explained(case: str) -> None:
    """libbpf refuses the map, and our reason names the attribute and what is wrong with it."""
    members, words = REFUSED[case]
    data = program(members)
    assert "map 'm" in refusal(data)
    found = read_object(data)
    assert found.error is not None
    assert re.search(words, found.error), found.error
    assert found.error == f"map `m`: {found.maps[0].error}"


@pytest.mark.parametrize("case", witnessed(ACCEPTED, "libbpf.so.1"))
def test_accepted_by_libbpf_and_by_us(case: str) -> None:
    """What libbpf takes without complaint is no error here either."""
    data = program(ACCEPTED[case])
    with open_object(data) as opened:
        (told,) = opened.maps()
    found = read_object(data)
    assert found.error is None
    (ours,) = found.maps
    assert ours.definition.key_size == told.key_size
    assert ours.definition.value_size == told.value_size
    assert ours.definition.map_flags == told.map_flags
    assert ours.definition.map_extra == told.map_extra


VARIABLES = {
    "static": (
        f'static struct {{ {VALID} }} m SEC(".maps");',
        "the map is static; libbpf wants it global",
    ),
    "hidden": (
        f'struct {{ {VALID} }} m SEC(".maps") __attribute__((visibility("hidden")));',
        "hidden visibility",
    ),
    "an int": ('int m SEC(".maps") = 3;', "should be a struct of attributes"),
    "an array": (f'struct {{ {VALID} }} m[2] SEC(".maps");', "should be a struct of attributes"),
    "a pointer": (f'struct {{ {VALID} }} *m SEC(".maps");', "should be a struct of attributes"),
    "a union": (f'union {{ {VALID} }} m SEC(".maps");', "should be a struct of attributes"),
}


@pytest.mark.parametrize("case", witnessed(VARIABLES, "libbpf.so.1"))
def test_refused_variables(case: str) -> None:
    """Linkage, visibility and the kind of variable that libbpf refuses."""
    text, words = VARIABLES[case]
    data = compiled.compile_c(compiled.MACROS + text, compiled.newest())
    assert "map 'm'" in refusal(data)
    found = read_object(data)
    assert found.error is not None
    assert words in found.error


FILES = {
    "legacy": (compiled.LEGACY, "legacy map definitions"),
    "extern": (compiled.EXTERN, "link them first"),
    "undefined function": (
        compiled.MACROS + 'int far(void); SEC("xdp") int p(void *c) { return far(); }',
        "extern `far` is defined in another object",
    ),
    "unknown extern section": (
        compiled.MACROS
        + 'extern int far __attribute__((section(".far")));'
        + 'SEC("xdp") int p(void *c) { return far; }',
        "libbpf can't supply extern `far` of section `.far`",
    ),
    "an empty section": (
        compiled.MACROS + 'struct {} m SEC(".maps");',
        "section `.maps` is empty",
    ),
}


@pytest.mark.parametrize("case", witnessed(FILES, "libbpf.so.1"))
def test_refused_files(case: str) -> None:
    """What libbpf refuses before it comes to the maps."""
    text, words = FILES[case]
    data = compiled.compile_c(text, compiled.newest())
    refusal(data)
    found = read_object(data)
    assert found.error is not None
    assert words in found.error


SLOTS = {
    "another object's map": (
        (
            f'extern {INNER} far __attribute__((section(".maps")));'
            f"struct {{ {OF_MAPS} __array(values, {INNER}); }}"
            ' m SEC(".maps") = { .values = { (void *)&far } };'
        ),
        "link them first",
    ),
    "a hash with long keys": (
        (
            f'{INNER} slot SEC(".maps");'
            f"struct {{ __uint(type, 13); __uint(key_size, 8); __array(values, {INNER}); }}"
            ' m SEC(".maps") = { .values = { (void *)&slot } };'
        ),
        "the key should be of 4 bytes",
    ),
    "a variable as a map": (
        (
            "int x = 3;"
            f"struct {{ {OF_MAPS} __array(values, {INNER}); }}"
            ' m SEC(".maps") = { .values = { (void *)&x } };'
        ),
        "a slot holds `x`, which isn't a map",
    ),
    "a subprogram": (
        (
            "int helper(void *c) { return 1; }"
            'SEC("xdp") int p(void *c) { return helper(c); }'
            "struct { __uint(type, 3); __uint(key_size, 4); __array(values, int(void *)); }"
            ' m SEC(".maps") = { .values = { (void *)&helper } };'
        ),
        "a function in `.text`",
    ),
    "a pointer in the wrong place": (
        (
            "int x = 3;"
            "struct { __uint(type, 2); __type(key, int); int (*value)[1]; }"
            ' m SEC(".maps") = { .value = (void *)&x };'
        ),
        "the pointer at byte 16 is of no use",
    ),
}


@pytest.mark.parametrize("case", witnessed(SLOTS, "libbpf.so.1"))
def test_refused_slots(case: str) -> None:
    """Initial values that libbpf can't put into a map."""
    text, words = SLOTS[case]
    data = compiled.compile_c(compiled.MACROS + text, compiled.newest())
    refusal(data)
    found = read_object(data)
    assert found.error is not None
    assert words in found.error


def test_the_first_reason_is_the_objects_and_each_map_has_its_own() -> None:
    """`error` of the object is libbpf's first; reading goes on and tells the others too."""
    text = compiled.MACROS + (
        f'struct {{ {VALID} }} good SEC(".maps");'
        f'struct {{ {VALID} __uint(one, 1); }} bad SEC(".maps");'
        f'struct {{ {VALID} __uint(two, 1); }} worse SEC(".maps");'
    )
    data = compiled.compile_c(text, compiled.newest())
    assert "map 'bad': unknown field 'one'" in refusal(data)
    found = read_object(data)
    assert found.error == "map `bad`: unknown attribute `one`"
    assert [each.error for each in found.maps] == [
        None,
        "unknown attribute `one`",
        "unknown attribute `two`",
    ]
    assert all(each.definition.max_entries == 1 for each in found.maps)
