"""Damage to the records of BTF as a defect of an encoder would do it, at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.verify.patch import (
    ARRAY,
    DATASEC,
    ENUM,
    ENUM64,
    FUNC_PROTO,
    STRUCT,
    UNION,
    Patch,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

_EACH = {STRUCT: 3, UNION: 3, ENUM: 2, FUNC_PROTO: 2, DATASEC: 3, ENUM64: 3}


def damaged_records(data: bytes, rng: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield *count* objects that differ from *data* in one record of BTF, and what was done."""
    number = 0
    while number < count:
        patch = Patch(data)
        before = [list(words) for words in patch.types], bytes(patch.strings)
        type_id = rng.randrange(1, len(patch.types))
        what = rng.choice((_word, _word, _word, _drop, _twice, _swap, _kind, _types, _name))(
            patch, type_id, rng
        )
        if what and before != (patch.types, bytes(patch.strings)):
            number += 1
            kind = patch.kind(type_id)
            yield f"type {type_id} (kind {kind}): {what}", patch.finish()


def _word(patch: Patch, type_id: int, rng: random.Random) -> str:
    words = patch.types[type_id]
    at = rng.randrange(len(words))
    old = words[at]
    choices = [old ^ 1 << rng.randrange(32), old + 1, old - 1, 0, rng.randrange(len(patch.types))]
    if at == 0:
        choices = [_other_name(patch, old, rng)]
    elif patch.kind(type_id) == ARRAY and at == 4:
        choices = choices[:3]
    words[at] = rng.choice(choices) & 0xFFFFFFFF
    return f"word {at}: {old:#x} to {words[at]:#x}"


def _other_name(patch: Patch, old: int, rng: random.Random) -> int:
    """Return where another string begins."""
    starts = [0, *(at + 1 for at, byte in enumerate(patch.strings[:-1]) if not byte)]
    return rng.choice([start for start in starts if start != old])


def _element(patch: Patch, type_id: int, rng: random.Random) -> tuple[list[int], int, int] | None:
    """Return the words of a type, where one of its elements begins, and how long each is."""
    each = _EACH.get(patch.kind(type_id))
    words = patch.types[type_id]
    if each is None or len(words) == 3:
        return None
    return words, rng.randrange(3, len(words), each), each


def _drop(patch: Patch, type_id: int, rng: random.Random) -> str:
    chosen = _element(patch, type_id, rng)
    if chosen is None:
        return ""
    words, at, each = chosen
    del words[at : at + each]
    words[1] -= 1
    return f"without the element at word {at}"


def _twice(patch: Patch, type_id: int, rng: random.Random) -> str:
    chosen = _element(patch, type_id, rng)
    if chosen is None:
        return ""
    words, at, each = chosen
    words[at:at] = words[at : at + each]
    words[1] += 1
    return f"with the element at word {at} twice"


def _swap(patch: Patch, type_id: int, rng: random.Random) -> str:
    chosen, other = _element(patch, type_id, rng), _element(patch, type_id, rng)
    if chosen is None or other is None:
        return ""
    words, at, each = chosen
    to = other[1]
    one, two = words[at : at + each], words[to : to + each]
    words[at : at + each], words[to : to + each] = two, one
    return f"the elements at words {at} and {to} swapped"


def _kind(patch: Patch, type_id: int, rng: random.Random) -> str:
    kind = rng.randrange(1, 20)
    if _EACH.get(kind) != _EACH.get(patch.kind(type_id)):
        return ""
    patch.set_kind(type_id, kind)
    return f"kind {kind}"


def _types(patch: Patch, type_id: int, rng: random.Random) -> str:
    """Let two ids of types be exchanged, as if one record stood in the other's place."""
    other = rng.randrange(1, len(patch.types))
    types = patch.types
    types[type_id], types[other] = types[other], types[type_id]
    return f"exchanged for {other}"


def _name(patch: Patch, type_id: int, rng: random.Random) -> str:
    """Change a letter of a name, for all that have it."""
    at = patch.types[type_id][0]
    if not at:
        return ""
    end = patch.strings.index(0, at)
    place = rng.randrange(at, end)
    patch.strings[place] = rng.choice(b"abcdefghijklmnopqrstuvwxyz_")
    return f"another letter in its name: `{patch.name(type_id)}`"
