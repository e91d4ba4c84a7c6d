"""Programs of other people: what makes no difference to a loader is no difference here."""

from __future__ import annotations

import pytest

from bpfgen.compiler import compile
from bpfgen.object import read_object
from bpfgen.text.source import Source
from bpfgen.verify import verify
from tests import compiled
from tests.verify.program import told

PROGRAM = (
    compiled.MACROS
    + """
struct bpf_elf_map {
    unsigned type, size_key, size_value, max_elem, flags, id, pinning;
};
struct bpf_elf_map SEC("maps") old = {
    .type = 1, .size_key = 4, .size_value = 8, .max_elem = 16, .pinning = 2,
};
struct by_port { __uint(type, 1); __type(key, __u16); __type(value, long);
                 __uint(max_entries, 64); } ports SEC(".maps");
SEC("xdp") int tail(void *context) { return 0; }
struct { __uint(type, 3); __uint(max_entries, 4); __uint(key_size, 4);
         __array(values, int (void *)); } jumps SEC(".maps") =
    { .values = { [1] = tail, [3] = 0 } };
int counter = 1;
"""
)

SOURCE = """\
legacy map old: hash<__u32, __u64>[16];
map ports: hash<__u16, long>[64];
int tail(void *context);
map jumps: prog_array[4] { value_size = runtime; } = { [1] = tail };
"""


def difference(source: str, *, foreign: bool = True) -> str:
    """Return what is told of the program's object, of which *source* declares the maps."""
    model = compile(Source("maps.dsl", source)).model
    object = read_object(compiled.compile_c(PROGRAM, compiled.newest()))
    return told(verify(model, object, foreign=foreign))


def test_a_program_of_others_is_as_declared() -> None:
    """Names of structs, a longer `bpf_map_def`, empty slots at the end and data are its own."""
    assert difference(SOURCE) == ""


def test_an_object_of_ones_own_has_none_of_that() -> None:
    """Where the object was made from the model, each of them is a difference."""
    found = difference(SOURCE, foreign=False)
    for words in (
        "map `old` is declared as a `struct bpf_map_def` of 20 bytes and emitted with 28",
        "emitted as STRUCT `bpf_elf_map`",
        "declared as an anonymous struct and emitted as `struct by_port`",
        "map `jumps` has a definition of 24 bytes and 2 slots, and its symbol has 56",
        "4 bytes of data in section `.data`",
    ):
        assert words in found


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("__u32, __u64", "__u32, __u32", "`value_size` of map `old` is declared as 4"),
        ("hash<__u16", "lru_hash<__u16", "map `ports` is declared as `lru_hash`"),
        ("[1] = tail", "[2] = tail", "slot 1 of map `jumps` is declared empty"),
        ("[64]", "[65]", "`max_entries` of map `ports` is declared as 65"),
        ("map ports: hash<__u16, long>[64];", "", "map `ports` is in the object"),
    ],
)
def test_what_matters_is_told(old: str, new: str, words: str) -> None:
    """One word changed in the source is noticed."""
    assert SOURCE.count(old) == 1
    assert words in difference(SOURCE.replace(old, new))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("unsigned long", "long unsigned int"),
        ("unsigned char", "u8"),
        ("long long", "i64"),
    ],
)
def test_integers_have_names_in_every_language(one: str, other: str) -> None:
    """gcc and DWARF order C's words otherwise; Rust's and Go's integers are C's of that size."""
    from tests.verify import patch

    data = compiled.compile_c(
        f"{compiled.MACROS} struct {{ __uint(type, 2); __type(key, int); __type(value, {one});"
        ' __uint(max_entries, 1); } m SEC(".maps");',
        compiled.newest(),
    )
    patched = patch.Patch(data)
    patched.rename(patched.find(patch.INT, one), other)
    object = read_object(patched.finish())
    model = compile(Source("maps.dsl", f"map m: array<int, {one}>[1];")).model
    assert told(verify(model, object, foreign=True)) == ""
    wrong = compile(Source("maps.dsl", "map m: array<int, short>[1];")).model
    assert f"declared as `short` and emitted as `{other}`" in told(verify(wrong, object))
