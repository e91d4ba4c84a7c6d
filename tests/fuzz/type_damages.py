"""Ways to damage the BTF of an object: each knows what the words it changes mean.

A damage takes a :class:`~tests.fuzz.object_drafts.TypesDraft` and a source of chance. The result is
still put together as BTF, so that what is wrong with it is met deep inside the reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz.object_drafts import EACH, ONCE, U32, info, kind_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.fuzz.object_drafts import TypesDraft

    Damage = Callable[[TypesDraft, random.Random], None]

INTERESTING = (
    *(0, 1, 2, 3, 4, 7, 8, 12, 31, 32, 33, 0x7F, 0x80, 0xFF, 0xFFFF, 0x10000, 0xFFFFFF),
    *(0x1000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFF00, 0xFFFFFFF8, 0xFFFFFFFF),
)
"""Words that break readers."""

NAMES = (
    *(b"type", b"key", b"value", b"values", b"key_size", b"value_size", b"max_entries", b""),
    *(b"map_flags", b"map_extra", b"numa_node", b"pinning", b".maps", b"maps", b".data", b".bss"),
    *(b".rodata", b".kconfig", b".ksyms", b".struct_ops", b"?.struct_ops.link", b"bpfgen.anchor"),
    *(b"bpfgen_record_m", b"bpfgen_record_events", b"____btf_map_m", b"license", b"bpf_spin_lock"),
    *(b"struct", b"int", b"map", b"extern", b"a b", b"a.b", b"a::b<c>", b"foo___v2", b"9lives"),
    *(
        b"\xff\xfe",
        b"\xc3\xa9",
        b"\x1b[2J",
        b"\n",
        b"*/",
        b'"',
        b"\\",
        b"n" * 300,
        b"key",
        b"__u32",
    ),
    *(b"contains:node:link", b"kptr", b"unsigned long long", b"bpf_timer", b"cgroup_id"),
)
"""Names that mean something to somebody, and names that nobody expects."""

REFERRING = (2, 8, 9, 10, 11, 12, 14, 17, 18, 13)
MODIFIERS = (8, 9, 10, 11, 18)
WITH_ELEMENTS = (4, 5, 6, 13, 15, 19)


def _id(types: TypesDraft, chance: random.Random) -> int:
    """Return the id of some type, now and then of none."""
    count = len(types.records)
    if chance.random() < 0.1:
        return chance.choice((0, count + 1, count + 2, U32, 0x80000000, count))
    return chance.randint(0, count)


def _some(
    types: TypesDraft, chance: random.Random, kinds: tuple[int, ...] | None = None
) -> list[int] | None:
    """Return the words of a type of one of *kinds*, if there is one."""
    found = [record for record in types.records if kinds is None or kind_of(record) in kinds]
    return chance.choice(found) if found else None


def _places_of_ids(types: TypesDraft) -> list[tuple[list[int], int]]:
    """Return every word that holds the id of a type."""
    found = []
    for record in types.records:
        kind = kind_of(record)
        if kind in REFERRING:
            found.append((record, 2))
        if kind == 3:
            found += [(record, 3), (record, 4)]
        step = {4: (3, 1), 5: (3, 1), 13: (2, 1), 15: (3, 0)}.get(kind)
        if step is not None:
            found += [(record, at) for at in range(3 + step[1], len(record), step[0])]
    return found


def _point(types: TypesDraft, chance: random.Random, type_id: int) -> None:
    """Let some word that holds an id hold *type_id*."""
    places = _places_of_ids(types)
    if places:
        record, at = chance.choice(places)
        record[at] = type_id


def any_word(types: TypesDraft, chance: random.Random) -> None:
    """Put a breaking number into any words."""
    for _ in range(chance.randint(1, 4)):
        record = _some(types, chance)
        if record is not None:
            record[chance.randrange(len(record))] = chance.choice(
                (
                    chance.choice(INTERESTING),
                    chance.randrange(120),
                    chance.getrandbits(32),
                )
            )


def reference(types: TypesDraft, chance: random.Random) -> None:
    """Let a few types refer to others than they did."""
    for _ in range(chance.randint(1, 5)):
        _point(types, chance, _id(types, chance))


def circle(types: TypesDraft, chance: random.Random) -> None:
    """Make a circle of new types, by value, through typedefs, arrays, pointers, functions."""
    count = chance.randint(1, 6)
    first = len(types.records) + 1
    for n in range(count):
        following = first + (n + 1) % count
        name = types.string(chance.choice(NAMES)) if chance.random() < 0.5 else 0
        kind = chance.choice((4, 4, 5, 8, 8, 10, 9, 3, 3, 18, 2, 13, 14, 17))
        if kind in (4, 5):
            types.add(name, info(kind, 1), chance.choice(INTERESTING), name, following, 0)
        elif kind == 3:
            types.add(0, info(3), 0, following, following, chance.choice(INTERESTING))
        elif kind == 13:
            types.add(0, info(13, 1), following, name, following)
        else:
            types.add(name, info(kind), following, *[chance.randrange(3)] * ONCE[kind])
    _point(types, chance, first)


def chain(types: TypesDraft, chance: random.Random) -> None:
    """Put a row of typedefs and qualifiers on top of a type."""
    target = _id(types, chance)
    for _ in range(chance.choice((1, 2, 3, 8, 31, 32, 33, 40, 300, 1200))):
        kind = chance.choice(MODIFIERS)
        name = types.string(b"t") if kind in (8, 18) else 0
        target = types.add(name, info(kind, flag=chance.random() < 0.1), target)
    _point(types, chance, target)


def arrays(types: TypesDraft, chance: random.Random) -> None:
    """Nest arrays of very many or no elements."""
    target = _id(types, chance)
    for _ in range(chance.choice((1, 2, 3, 10, 31, 40, 500))):
        many = chance.choice((0, 1, 2, 4, 65536, 1 << 16, 1 << 31, U32, chance.choice(INTERESTING)))
        target = types.add(0, info(3), 0, target, target, many)
    _point(types, chance, target)


def tower(types: TypesDraft, chance: random.Random) -> None:
    """Nest structs, one or two of each in the next: deep, or endless when written out."""
    target = _id(types, chance)
    members = chance.choice((1, 1, 2, 2, 3))
    for _ in range(chance.choice((2, 5, 20, 60, 199, 201, 450))):
        kind = chance.choice((4, 4, 5))
        name = types.string(b"s") if chance.random() < 0.3 else 0
        words = [word for n in range(members) for word in (name, target, n * 64)]
        if chance.random() < 0.2:
            target = types.add(0, info(2), target)
        target = types.add(name, info(kind, members), chance.choice(INTERESTING), *words)
    _point(types, chance, target)


def another_kind(types: TypesDraft, chance: random.Random) -> None:
    """Make a type one of another kind, with the words that this kind has, or with its own."""
    record = _some(types, chance)
    if record is None:
        return
    kind = chance.choice((*range(1, 20), chance.randrange(128)))
    vlen = record[1] & 0xFFFF
    record[1] = info(kind, vlen, flag=chance.random() < 0.3)
    if kind < len(ONCE) and chance.random() < 0.8:
        wanted = 3 + ONCE[kind] + EACH[kind] * vlen
        while len(record) < wanted:
            record.append(chance.choice((chance.choice(INTERESTING), _id(types, chance))))
        del record[wanted:]


def vlen(types: TypesDraft, chance: random.Random) -> None:
    """Give a type more or fewer elements than it has; rarely 65,535 that are there."""
    record = _some(types, chance, WITH_ELEMENTS)
    if record is None:
        return
    each = EACH[kind_of(record)]
    count = chance.choice((0, 1, 2, 3, 0xFFFF, 0x10000, 0xFFFFFF))
    record[1] = record[1] & 0xFF000000 | count
    if count <= 3 or (count == 0xFFFF and chance.random() < 0.02):
        del record[3 + each * count :]
        element = [record[3 + n] if 3 + n < len(record) else 0 for n in range(each)]
        while len(record) < 3 + each * count:
            record += element


def kind_flag(types: TypesDraft, chance: random.Random) -> None:
    """Turn the upper bit of info round."""
    record = _some(types, chance)
    if record is not None:
        record[1] ^= 1 << 31


def rename(types: TypesDraft, chance: random.Random) -> None:
    """Give a type, member, enumerator or parameter another name, or none that can be read."""
    for _ in range(chance.randint(1, 3)):
        record = _some(types, chance)
        if record is None:
            return
        each = {4: 3, 5: 3, 6: 2, 13: 2, 19: 3}.get(kind_of(record))
        places = [0, *range(3, len(record), each)] if each else [0]
        end = len(types.strings)
        offset = chance.choice((types.string(chance.choice(NAMES)), None))
        if offset is None:
            wild = (end - 1, end, end + 1, 1 << 20, U32, 1, end // 2)
            offset = chance.choice((*wild, chance.randrange(end)))
        record[chance.choice(places)] = offset


def sizes(types: TypesDraft, chance: random.Random) -> None:
    """Change the sizes of types, the lengths of arrays."""
    for _ in range(chance.randint(1, 3)):
        record = _some(types, chance, (1, 3, 4, 5, 6, 15, 16, 19))
        if record is not None:
            record[5 if kind_of(record) == 3 else 2] = chance.choice(INTERESTING)


def members(types: TypesDraft, chance: random.Random) -> None:
    """Change the offsets and widths of members; drop, double and shuffle members."""
    record = _some(types, chance, WITH_ELEMENTS)
    if record is None or len(record) <= 3:
        return
    each = EACH[kind_of(record)]
    parts = [record[at : at + each] for at in range(3, len(record), each)]
    what = chance.randrange(5)
    if what == 0:
        chance.shuffle(parts)
    elif what == 1:
        del parts[chance.randrange(len(parts))]
    elif what == 2:
        parts += [list(chance.choice(parts)) for _ in range(chance.choice((1, 2, 50)))]
    else:
        for _ in range(chance.randint(1, 4)):
            part = chance.choice(parts)
            part[-1] = chance.choice(
                (
                    chance.choice(INTERESTING),
                    part[-1] + chance.choice((-8, -1, 1, 8, 64)),
                    chance.randrange(64) << 24 | chance.randrange(256),
                )
            )
    record[3:] = [word for part in parts for word in part]
    record[1] = record[1] & 0xFFFF0000 | len(parts) & 0xFFFF


def rows(types: TypesDraft, chance: random.Random) -> None:
    """Drop, double or exchange whole types: all ids behind them mean something else."""
    if not types.records:
        return
    at = chance.randrange(len(types.records))
    other = chance.randrange(len(types.records))
    what = chance.randrange(4)
    if what == 0:
        del types.records[at]
    elif what == 1:
        types.records.insert(other, list(types.records[at]))
    elif what == 2:
        types.records[at], types.records[other] = types.records[other], types.records[at]
    else:
        del types.records[at:]


def tags(types: TypesDraft, chance: random.Random) -> None:
    """Add tags to types and members, of all ages."""
    for _ in range(chance.choice((1, 2, 5, 40))):
        name = types.string(chance.choice(NAMES))
        flag = chance.random() < 0.3
        target = _id(types, chance)
        if chance.random() < 0.6:
            component = chance.choice((U32, 0, 1, 2, 0xFFFF, 0x80000000))
            types.add(name, info(17, flag=flag), target, component)
        else:
            _point(types, chance, types.add(name, info(18, flag=flag), target))


def numbers(types: TypesDraft, chance: random.Random) -> None:
    """Change what only a kind's last words hold: encodings, linkage, values of enumerators."""
    record = _some(types, chance, (1, 14, 6, 19, 12, 17))
    if record is None:
        return
    if kind_of(record) == 12:
        record[1] = info(12, chance.choice((0, 1, 2, 3, 0xFFFF)))
    elif len(record) > 3:
        record[-1] = chance.choice(
            (
                *INTERESTING,
                chance.randrange(16) << 24
                | chance.choice((0, 8, 200)) << 16
                | chance.choice((0, 1, 7, 8, 24, 32, 33, 64, 128, 255)),
            )
        )


def strings(types: TypesDraft, chance: random.Random) -> None:
    """Damage the names themselves: their ends, their bytes."""
    text = bytearray(types.strings)
    what = chance.randrange(5)
    if what == 0:
        text[-1:] = b"x"
    elif what == 1:
        text[:1] = b"x"
    elif what == 2:
        text[1:] = text[1:].replace(b"\0", b"_")[:-1] + b"\0"
    elif what == 3:
        del text[chance.randrange(len(text)) :]
    else:
        for _ in range(chance.randint(1, 8)):
            if text:
                text[chance.randrange(len(text))] = chance.choice((0, 0xFF, 0xC3, 0x80, 10, 27, 65))
    types.strings = bytes(text)


def header(types: TypesDraft, chance: random.Random) -> None:
    """Lie in the header; now and then append the section of layouts that new kernels write."""
    if chance.random() < 0.3:
        table = b"".join(
            bytes((chance.choice((0, 4, 12, 3)), chance.choice((0, 8, 12)), 0, 0))
            for _ in range(chance.choice((0, 20, 22, 130)))
        )
        types.tail = table
        types.lies[1] = 32
        return
    place = chance.randrange(6)
    size = sum(map(len, types.records)) * 4
    wild = (size, size + 4, size - 4, len(types.strings), 24, 32, 28, 20)
    types.lies[place] = chance.choice((*INTERESTING, *wild))


DAMAGES: tuple[Damage, ...] = (
    *(any_word, reference, reference, circle, chain, arrays, tower, another_kind, vlen),
    *(kind_flag, rename, rename, sizes, members, members, rows, tags, numbers, strings, header),
)
"""Each as often as it is to be tried."""
