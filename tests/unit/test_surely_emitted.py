"""What is surely emitted as declared is the same to the whole comparison, which is spared then."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.btf.encode import BtfEncoder
from bpfgen.btf.write import btf_bytes
from bpfgen.ctype.compare import Comparison
from bpfgen.ctype.types import (
    INT,
    Array,
    Attributes,
    Composite,
    Const,
    Expression,
    Member,
    Named,
    Pointer,
    Typedef,
    TypeTag,
    Volatile,
)
from bpfgen.record import Record, replace
from bpfgen.text.diagnostics import FormatError
from bpfgen.verify.surely_emitted import SurelyEmitted
from tests.strategies import many_composites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type

COUNT = int(os.environ.get("BPFGEN_SAME_COUNT", "400"))
SEED = int(os.environ.get("BPFGEN_SAME_SEED", "1"))
CHANGES = 6
"""Of each type."""

TAGGED = (Attributes(packed=True), Attributes(decl_tags=("t",)), Attributes(others=("o",)))


def places(value: Any, path: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """Yield the way to each member of each record in *value*; what C text says isn't looked at."""
    if isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from places(one, (*path, index))
    elif isinstance(value, Record) and not isinstance(value, Expression):
        for name in value.__match_args__:
            yield (*path, name)
            yield from places(getattr(value, name), (*path, name))


def changed(value: Any, path: tuple[int | str, ...], chance: random.Random) -> Any:
    """Return *value* with something else at the end of *path*."""
    if not path:
        return another(value, chance)
    step, *rest = path
    if isinstance(step, int):
        return (*value[:step], changed(value[step], tuple(rest), chance), *value[step + 1 :])
    return replace(value, **{step: changed(getattr(value, step), tuple(rest), chance)})


def another(value: Any, chance: random.Random) -> Any:
    """Return something of the sort of *value*."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return max(0, value + chance.choice((-8, -1, 1, 8, 32)))
    if isinstance(value, str):
        return chance.choice((f"{value}_", "", "union", "unsigned int", "__u32"))
    if value is None:
        return chance.choice(("x", chance.choice(TAGGED)))
    if isinstance(value, tuple):
        return chance.choice((value[1:], value[::-1], (*value, *value[:1])))
    wrapped = (
        Const,
        Volatile,
        Pointer,
        lambda inner: Array(inner, 2),
        lambda _: Named("struct", "s"),
    )
    tagged = (
        lambda inner: Typedef("t", inner),
        lambda inner: TypeTag(inner, "kptr"),
        lambda _: INT,
    )
    return chance.choice((*wrapped, *tagged))(value)


def emitted_as(type: Type) -> tuple[Btf, int]:
    """Return BTF that has *type*, and its id."""
    encoder = BtfEncoder({})
    type_id = encoder.add_type(type)
    encoder.finish()
    return Btf(btf_bytes(encoder.records, encoder.strings)), type_id


@pytest.mark.parametrize("old_enums", [False, True])
def test_what_is_surely_the_same_is_the_same(*, old_enums: bool) -> None:
    """Types with a change anywhere: a yes of the first look is never a no of the second."""
    chance = random.Random(SEED)  # noqa: S311 -- test data
    kernel = frozenset({("typedef", "__u32"), ("struct", "bpf_spin_lock")})
    said_yes = differ = 0
    for declared in many_composites(SEED, COUNT):
        for type in (declared, *several(declared, chance)):
            try:
                btf, type_id = emitted_as(type)
            except (AssertionError, AttributeError, TypeError, ValueError, KeyError, OverflowError):
                continue  # nothing that BTF can say
            surely_emitted = SurelyEmitted(btf, kernel, (), old_enums=old_enums)
            is_same = surely_emitted(declared, type_id)
            said_yes += is_same
            try:
                emitted = BtfTypes(btf).type(type_id)
            except FormatError:
                assert not is_same, type
                continue
            comparison = Comparison({}, kernel, old_enums=old_enums)
            differences = comparison.differences(declared, emitted, "the key")
            assert not (is_same and differences), (declared, type)
            differ += bool(differences)
    assert said_yes > COUNT // 4
    assert differ > COUNT


def several(declared: Composite, chance: random.Random) -> Iterator[Type]:
    """Yield copies of *declared*, each with one change."""
    ways = list(places(declared))
    for _ in range(CHANGES):
        yield changed(declared, chance.choice(ways), chance)


def test_what_is_met_again_is_known() -> None:
    """A type that two hold is gone through once, and one that differs isn't taken for known."""
    inner = Composite("struct", "inner", (Member("a", INT, 0),), 4)
    other = Composite("struct", "inner", (Member("b", INT, 0),), 4)

    def outer(tag: str, type: Type) -> Composite:
        return Composite("struct", tag, (Member("x", INT, 0), Member("y", type, 32)), 8)

    encoder = BtfEncoder({})
    ids = [encoder.add_type(outer(tag, inner)) for tag in ("one", "two")]
    encoder.finish()
    btf = Btf(btf_bytes(encoder.records, encoder.strings))
    surely_emitted = SurelyEmitted(btf, frozenset(), (), old_enums=False)
    assert surely_emitted(outer("one", inner), ids[0])
    assert surely_emitted(outer("two", inner), ids[1])
    assert not surely_emitted(outer("one", other), ids[0])
    assert not surely_emitted(outer("one", other), ids[0])
    assert not surely_emitted(outer("one", inner), ids[1])
    assert not surely_emitted(inner, len(btf))
