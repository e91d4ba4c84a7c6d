"""Verification catches things: an object is damaged in one way, and that is what is told."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from bpfgen.emit.c.header import emit_anchored_unit
from bpfgen.emit.c.options import HeaderOptions
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.model.anchors import TYPE_PREFIX
from bpfgen.object import read_object
from bpfgen.text.diagnostics import ERROR, FormatError
from bpfgen.verify import verify
from tests.compiled import COMPILERS, TARGETS, compile_c, newest
from tests.tools import ZIGLANG
from tests.verify import damages_maps, damages_sections, damages_types, patch
from tests.verify.damages import DAMAGES
from tests.verify.damages_headers import HEADER_DAMAGES
from tests.verify.patch import Patch
from tests.verify.program import PROGRAM, built, model_of, program, told, verified

if TYPE_CHECKING:
    from bpfgen.text.diagnostics import Diagnostic

REGISTERED = (damages_maps, damages_sections, damages_types)
"""Importing a module registers its damages."""

BYTEORDERS = {"bpfel": "little", "bpfeb": "big"}

KNOWN = {
    "clang-14": (
        "verify-value-type: member `held` of `struct flow` is declared with "
        '`btf_type_tag("kptr")` and emitted without it'
    )
}
"""What a compiler itself damages: clang 14 loses such tags where the struct is defined."""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_an_undamaged_object_is_as_declared(compiler: str, target: str) -> None:
    """Every clang at hand emits, in both byte orders, exactly what the program declares."""
    diagnostics = verified(built(compiler, target), byteorder=BYTEORDERS[target])
    assert told(diagnostics) == KNOWN.get(compiler, "")


@pytest.mark.parametrize("target", TARGETS)
def test_the_patcher_alone_damages_nothing(target: str) -> None:
    """Taking an object apart and putting it together again leaves it as declared."""
    assert told(verified(Patch(built(newest(), target)).finish())) == ""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_told_in_its_own_words(name: str, target: str) -> None:
    """Each way of damaging an object is told with its code, its map and both sides."""
    damage = DAMAGES[name]
    patched = Patch(built(newest(), target))
    damage.do(patched)
    diagnostics = verified(patched.finish())
    _assert_told(diagnostics, damage.code, damage.words)


@pytest.mark.parametrize("name", HEADER_DAMAGES)
def test_a_damaged_header_is_told(name: str) -> None:
    """A header that says something else than the source compiles to an object that is refused."""
    old, new, code, words = HEADER_DAMAGES[name]
    _model, text = program()
    assert text.count(old) == 1
    damaged = text.replace(old, new)
    # The header's own assertions see some of it first; here the object must do alone.
    damaged = damaged.replace("_Static_assert(", "_Static_assert(1 || ")
    _assert_told(verified(compile_c(damaged, newest())), code, (words,))


def test_there_are_enough_ways_to_damage() -> None:
    """There are at least 40 ways of damage that are told differently."""
    assert len({(damage.code, damage.words) for damage in DAMAGES.values()}) >= 40


def test_the_wrong_byte_order_is_told() -> None:
    """An object of the byte order that wasn't asked for is refused, whatever is in it."""
    diagnostics = verified(built(newest(), "bpfeb"), byteorder="little")
    assert told(diagnostics) == (
        "verify-byteorder: the object is big-endian, and little-endian was asked for"
    )


def test_another_style_is_told() -> None:
    """Maps that are written in the modern style aren't what `--style initializer` asks for."""
    diagnostics = verified(built(newest()), style="initializer")
    assert "asked for in the initializer style and emitted in the modern style" in told(diagnostics)


def test_a_program_may_have_more_maps_than_the_source() -> None:
    """Without *exact*, the maps and data of a whole program are its own business."""
    _model, text = program()
    more = 'int data = 3;\nstruct { __uint(type, 1); } more SEC(".maps");\nstruct table {'
    data = compile_c(text.replace("struct table {", more, 1), newest())
    assert {d.code for d in verified(data)} == {"verify-extra-map"}
    assert told(verified(data, exact=False)) == ""


def test_many_differences_are_counted() -> None:
    """Of the differences of one map the first twenty are told, and how many more there are."""
    patched = Patch(built(newest()))
    words = patched.types[patched.find(patch.STRUCT, "flow")]
    for at in range(3, len(words), 3):
        words[at] = patched.string(f"other{at}")
        words[at + 2] += 8
    diagnostics = verified(patched.finish())
    assert [d.code for d in diagnostics].count("verify-value-type") == 20
    assert "verify-more: map `flows` has" in told(diagnostics)


@pytest.mark.parametrize("seed", range(3))
def test_random_damage_gives_differences_and_no_traceback(seed: int) -> None:
    """Whatever stands in the words of BTF, it is refused as a format, told, or without meaning."""
    choose = random.Random(seed)  # noqa: S311 -- not cryptography
    outcomes = set()
    for _ in range(150):
        patched = Patch(built(newest()))
        words = choose.choice(patched.types[1:])
        at = choose.choice([place for place in range(len(words)) if place != 1])
        words[at] = choose.choice([0, 1, words[at] + 1, words[at] ^ 1 << choose.randrange(31)])
        words[at] &= 0xFFFFFFFF
        try:
            outcomes.add(bool(verified(patched.finish())))
        except FormatError:
            continue
    assert True in outcomes


def _assert_told(diagnostics: list[Diagnostic], code: str, words: tuple[str, ...]) -> None:
    """Assert that one diagnostic has *code* and all *words*, and that it names both sides.

    What it is about is a value too.
    """
    for diagnostic in diagnostics:
        if diagnostic.code == code and all(word in diagnostic.message for word in words):
            assert diagnostic.severity == ERROR
            assert diagnostic.subject is not None
            if diagnostic.span is not None:
                assert diagnostic.span.source.text == PROGRAM
                assert f"declared: damage.dsl:{diagnostic.span.line}" in diagnostic.notes
            return
    pytest.fail(f"expected {code}: {' … '.join(words)}\ntold:\n{told(diagnostics)}", pytrace=False)


@pytest.mark.parametrize("named_by", [*POINTER_TAGS, "typedef", "contains"])
def test_a_lost_anchor_is_told(named_by: str) -> None:
    """A struct that a tag of the kernel's needs whole is missed where its anchor is taken out."""
    member = f'struct lost __attribute__((btf_type_tag("{named_by}"))) *member;'
    if named_by == "typedef":
        member = "lost_t __kptr *member;"
    elif named_by == "contains":
        member = "struct bpf_list_head member __contains(lost, node);"
    model = model_of(
        "struct lost { struct bpf_list_node node; __u64 number; };\ntypedef struct lost lost_t;\n"
        f"struct value {{ struct bpf_spin_lock lock; {member} }};\n"
        "map m: array<__u32, value>[1];\n"
    )
    text = emit_anchored_unit(model, HeaderOptions()).text
    assert told(verify(model, read_object(compile_c(text, newest())))) == ""
    lines = text.splitlines(keepends=True)
    damaged = "".join(line for line in lines if f" *{TYPE_PREFIX}lost " not in line)
    assert len(damaged) < len(text)
    diagnostics = verify(model, read_object(compile_c(damaged, newest())))
    if newest() == ZIGLANG and named_by != "contains":
        assert diagnostics == []  # clang 22 keeps what a pointer names, anchored or not
        return
    (diagnostic,) = diagnostics
    assert diagnostic.code == "verify-forward"
    assert "`struct lost` is declared with a body, which member `member` of" in diagnostic.message
