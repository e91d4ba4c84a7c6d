"""Which variables and functions an object has, in which order, and what is left to clang."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfgen.assemble.object import assemble
from bpfgen.assemble.refusals import refusals
from bpfgen.assemble.variables import Variable, items_of
from bpfgen.compiler import Options, compile
from bpfgen.emit.c.options import MODERN
from bpfgen.text.source import Source
from tests.verify.program import model_of

if TYPE_CHECKING:
    from pathlib import Path

SLOTS = """\
struct held { int a; };
map plain: array<__u32, __u64>[1];
template counters: array<__u32, held>[8];
map second: counters;
map first: counters;
extern map far: array<__u32, held>[8];
map slots: array_of_maps<__u32, counters>[4] = { [2] = second, [0] = first, [3] = far };
int tail(void *context);
weak map jumps: prog_array[4] = { [1] = tail };
"""


def test_what_is_referred_to_comes_first() -> None:
    """As in clang's object: slots in the order of their indices, then the map that has them."""
    names = [item.name for item in items_of(model_of(SLOTS))]
    assert names == [
        *("first", "second", "far", "slots", "tail", "jumps"),
        *("bpfgen_extern_far", "plain", "bpfgen_type_held"),
    ]


def test_slots_make_a_variable_longer_than_its_type() -> None:
    """A variable ends after its last slot that has something in it."""
    sizes = {
        item.name: (item.size, item.pointers)
        for item in items_of(model_of(SLOTS))
        if isinstance(item, Variable)
    }
    assert sizes["slots"] == (24 + 4 * 8, ((24, "first"), (40, "second"), (48, "far")))
    assert sizes["jumps"] == (32 + 2 * 8, ((40, "tail"),))
    assert sizes["plain"] == (32, ())


def test_an_imported_map_is_there_where_it_is_used(tmp_path: Path) -> None:
    """In a slot it is an undefined symbol with its type; one that nothing uses leaves no trace."""
    (tmp_path / "common.dsl").write_text(
        "struct shared { int a; };\n"
        "template shape: array<__u32, shared>[2];\n"
        "weak map used: shape;\nmap unused: shape;\n"
    )
    text = 'import "common.dsl";\nmap m: array_of_maps<__u32, shape>[2] = { [0] = used };\n'
    path = tmp_path / "main.dsl"
    path.write_text(text)
    compilation = compile(Source(str(path), text), Options())
    assert not compilation.failed
    used, defined, _anchor = items_of(compilation.model)
    assert isinstance(used, Variable)
    assert (used.name, used.is_extern, used.is_weak) == ("used", True, True)
    assert defined.name == "m"


def test_slots_too_far_away_are_left_to_clang() -> None:
    """What would make an object of many megabytes is refused before anything is made of it."""
    text = (
        "map inner: array<__u32, __u64>[1];\n"
        "map m: array_of_maps<__u32, array<__u32, __u64>[1]>[runtime] = { [%d] = inner };\n"
    )
    assert refusals(model_of(text % 1000), MODERN) == []
    (refusal,) = refusals(model_of(text % 4_000_000_000), MODERN)
    assert (refusal.code, refusal.map) == ("assembler", "m")
    assert refusal.span is not None
    assert refusal.span.text == "inner"


def test_the_same_model_makes_the_same_bytes() -> None:
    """Twice the same, and another in the other byte order."""
    little, big = assemble(model_of(SLOTS), "little"), assemble(model_of(SLOTS), "big")
    assert assemble(model_of(SLOTS), "little") == little
    assert (little[5], big[5]) == (1, 2)  # e_ident[EI_DATA]
