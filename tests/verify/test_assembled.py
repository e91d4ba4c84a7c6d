"""What bpfgen writes is what was declared, and nothing that is damaged on the way passes.

Damage is done where a defect of the writer would do it: to the model that it gets, to the records
of BTF, to symbols and relocations, and to any byte of the file. Verification holds the result
against the true model. What passes has to be the same object: here, byte by byte.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from bpfgen.assemble.object import assemble
from bpfgen.assemble.refusals import refusals
from bpfgen.compiler import Options, compile
from bpfgen.object import read_object
from bpfgen.text.diagnostics import FormatError
from bpfgen.text.source import Source
from bpfgen.verify import verify
from tests.assemble.linked_programs import LinkedProgram
from tests.fuzz.programs import program
from tests.rulebook.test_rulebook import programs as rulebook_programs
from tests.samples import GOOD, compiled
from tests.verify.model_damages import damaged_models
from tests.verify.program import PROGRAM, model_of, told
from tests.verify.record_damages import damaged_records

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.ctype.types import Order
    from bpfgen.model.model import Model

SEED = int(os.environ.get("BPFGEN_DAMAGE_SEED", "0"))
COUNT = int(os.environ.get("BPFGEN_DAMAGE_COUNT", "120"))
"""How many damages of each sort are done."""

ORDERS: tuple[Order, ...] = ("little", "big")

TEXT = "\n".join(line for line in PROGRAM.splitlines() if not line.startswith("legacy"))


def _verified(model: Model, data: bytes, order: Order) -> str:
    """Return what verification says of *data*, also where it can't be read."""
    try:
        object = read_object(data)
    except FormatError as error:
        return f"no object: {error}"
    return told(verify(model, object, byteorder=order, assembled=True))


def _is_ours(model: Model) -> bool:
    return not model.includes and not refusals(model, "modern")


def _check(model: Model, what: str) -> None:
    for order in ORDERS:
        assert _verified(model, assemble(model, order), order) == "", what


@pytest.mark.parametrize("name", GOOD)
def test_samples_are_as_declared(name: str) -> None:
    """Each of their variants."""
    compilation = compiled(name)
    for model in [one.model for one in compilation.variants] or [compilation.model]:
        if _is_ours(model):
            _check(model, name)


def test_the_rule_book_is_as_declared() -> None:
    """Of programs that break a rule it is said what is said of the object of any compiler."""
    number = 0
    for name, text in rulebook_programs():
        compilation = compile(Source(f"{name}.dsl", text))
        if compilation.failed or compilation.variants or not _is_ours(compilation.model):
            continue
        number += 1
        object = read_object(assemble(compilation.model, "little"))
        sides = [told(verify(compilation.model, object, assembled=own)) for own in (True, False)]
        assert sides[0] == sides[1], text
    assert number > 200


def test_random_programs_are_as_declared(tmp_path: Path) -> None:
    """Those from BPFGEN_DAMAGE_SEED on, of both sorts."""
    for seed in range(SEED, SEED + COUNT // 5):
        for made in (program(seed), LinkedProgram(random.Random(seed))):  # noqa: S311 -- test data
            (tmp_path / "common.dsl").write_text(made.imported)
            compilation = compile(Source(str(tmp_path / "main.dsl"), made.text), Options())
            if not compilation.failed and _is_ours(compilation.model):
                _check(compilation.model, f"seed {seed}:\n{made.text}")


ANCHORS = {
    "bpfgen_type_pair": ("", "pair"),
    "bpfgen_bare_type_pair": ("", "const struct pair"),
    "bpfgen_volatile_type_pair": ("const struct pair *a;", "pair"),
    "bpfgen_const_volatile_type_pair": ("const struct pair *a; volatile struct pair *b;", "pair"),
}


@pytest.mark.parametrize("anchor", ANCHORS)
def test_an_anchor_is_qualified_as_it_is_called(anchor: str) -> None:
    """What pointers there are decides which one keeps a type; no other passes for it."""
    member, value = ANCHORS[anchor]
    model = model_of(f"""
        struct pair {{ __u32 a; }};
        struct holder {{ __u64 n; {member} }};
        map first: hash<__u32, holder>[4];
        map second: hash_of_maps<__u32, hash<__u32, {value}>[4]>[4];
    """)
    _check(model, anchor)
    data = assemble(model, "little")
    assert anchor.encode() in data
    for what, damaged in damaged_records(data, random.Random(SEED), COUNT):  # noqa: S311
        assert _verified(model, damaged, "little") != "", what


REFUSED = "struct s { __u8 a; double x; } __attribute__((packed));"

REFUSED_WHERE = {
    "a value of an inner map": "map m: hash_of_maps<__u32, hash<__u32, s>[4]>[4];",
    "a pointer in one": "map m: hash_of_maps<__u32, hash<__u32, struct s *volatile>[4]>[4];",
    "a pointer in one, which is a struct's member before": """
        struct holder { struct s *p; };
        map first: hash<__u32, holder>[4];
        map m: hash_of_maps<__u32, hash<__u32, struct s *>[4]>[4];""",
    "a record": "map m: ringbuf<s>[4096];",
}


@pytest.mark.parametrize("where", REFUSED_WHERE)
def test_a_rule_says_first_what_the_kernel_refuses(where: str) -> None:
    """Verification then has nothing against types that are as they were declared."""
    compilation = compile(Source("maps.dsl", REFUSED + REFUSED_WHERE[where]))
    assert "btf-refused" in [one.code for one in compilation.diagnostics]
    _check(compilation.model, where)


@pytest.mark.parametrize("value", ["s", "struct s *const *"])
def test_a_rule_says_it_of_an_imported_file(value: str, tmp_path: Path) -> None:
    """Whoever compiles that one is told, and whoever imports it gets the object that it means."""
    (tmp_path / "common.dsl").write_text(f"{REFUSED} template t: hash<__u32, {value}>[4];")
    text = 'import "common.dsl"; map m: t;'
    compilation = compile(Source(str(tmp_path / "main.dsl"), text))
    assert not compilation.failed
    _check(compilation.model, value)


@pytest.mark.parametrize("linkage", ["", "weak", "extern"])
def test_an_imported_map_in_a_slot_is_as_weak_as_it_is(linkage: str, tmp_path: Path) -> None:
    """Its symbol is of the same binding as clang's, and of another one it isn't ours."""
    (tmp_path / "common.dsl").write_text(
        f"template t: array<__u32, __u32>[4]; {linkage} map stored: t;"
    )
    text = 'import "common.dsl"; map m: array_of_maps<__u32, t>[4] = { [0] = stored };'
    model = compile(Source(str(tmp_path / "main.dsl"), text)).model
    _check(model, linkage)
    binding = "weak" if linkage != "weak" else ""
    (tmp_path / "common.dsl").write_text(
        f"template t: array<__u32, __u32>[4]; {binding} map stored: t;"
    )
    other = compile(Source(str(tmp_path / "main.dsl"), text)).model
    assert _verified(model, assemble(other, "little"), "little") != "", binding


@pytest.mark.parametrize("order", ORDERS)
def test_no_damaged_byte_passes(order: Order) -> None:
    """Whatever byte of the file changes, it is no longer the object."""
    model = model_of(TEXT)
    data = assemble(model, order)
    rng = random.Random(SEED)  # noqa: S311 -- test data
    for _ in range(COUNT):
        damaged = bytearray(data)
        at = rng.randrange(len(data))
        damaged[at] ^= rng.choice((1, 2, 4, 0x80, 0xFF))
        assert _verified(model, bytes(damaged), order) != "", f"byte {at}: {damaged[at]:#x}"


@pytest.mark.parametrize("order", ORDERS)
def test_no_damaged_record_passes(order: Order) -> None:
    """Nor does a type with a word, a member or an entry more, less, or in another place."""
    model = model_of(TEXT)
    data = assemble(model, order)
    for what, damaged in damaged_records(data, random.Random(SEED), COUNT):  # noqa: S311
        assert _verified(model, damaged, order) != "", what


def _assembled(damaged: Model) -> bytes:
    """Return the object of a model that may be none; without bytes where nothing is written.

    That is where a slot names what isn't declared (a map's own name may have changed), or is
    further away than a file of this size can say: no other damage stops the writer.
    """
    try:
        return assemble(damaged, "little")
    except KeyError as missing:
        declared = {one.name for one in damaged.declarations if hasattr(one, "name")}
        if missing.args[0] in declared:
            raise
        return b""
    except OverflowError:
        if max(slot.index for one in damaged.maps for slot in one.slots) < 1 << 29:
            raise
        return b""


def test_no_damaged_model_passes() -> None:
    """An object of something else than what was declared is refused, if it isn't the same bytes."""
    model = model_of(TEXT)
    data = assemble(model, "little")
    written = lost = 0
    for what, damaged in damaged_models(model, random.Random(SEED), COUNT):  # noqa: S311
        other = _assembled(damaged)
        lost += not other
        if other not in (data, b""):
            written += 1
            assert _verified(model, other, "little") != "", what
    assert written > COUNT // 3
    assert lost < COUNT // 10


@pytest.mark.parametrize(
    "holder",
    [
        "struct v { const struct in *p; }; map m: array<__u32, v>[1];",
        "struct v { const union un *p; }; map m: array<__u32, v>[1];",
        "struct v { int (*f)(const struct in *, const union un *); }; map m: array<__u32, v>[1];",
        "struct v { const struct in *p; }; map m: ringbuf<v>[4096];",
        "struct w { const struct in *p; }; struct v { w w[3]; }; map m: array<__u32, v>[1];",
        "typedef const struct in in_t; struct v { in_t *p; }; map m: array<__u32, v>[1];",
    ],
)
def test_what_an_inner_map_holds_may_be_pointed_to_as_const(holder: str) -> None:
    """Wherever the pointer is, the struct or union is kept whole by an anchor of another name."""
    model = model_of(f"""
        struct in {{ __u32 a; }};
        union un {{ __u32 a; __u8 b[4]; }};
        {holder}
        map o: array_of_maps<__u32, hash<__u64, struct in>[4]>[4];
        map p: array_of_maps<__u32, hash<__u64, union un>[4]>[4];
    """)
    _check(model, holder)
