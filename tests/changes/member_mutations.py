"""Changes of structs and unions: of their members, and of how they are laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.changes.program import Composite, Enum, Member, Typedef, replaced
from tests.changes.random_program import (
    ORDERED,
    RESERVED,
    SCALARS,
    SIGNED,
    SIZES,
    UNSIGNED,
    is_reserved,
)
from tests.changes.what import What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from tests.changes.program import Program

    Changed = tuple[Program, What] | None
    Path = tuple[int, ...]


# Where members are.


def _bodies(body: Composite, path: Path = ()) -> Iterator[tuple[Path, Composite]]:
    """Yield *body* and those written in it, each with the indices of the members around it."""
    yield path, body
    for index, member in enumerate(body.members):
        if isinstance(member.type, Composite):
            yield from _bodies(member.type, (*path, index))


def _with(body: Composite, path: Path, change: Callable[[Composite], Composite]) -> Composite:
    """Return *body* with what is at *path* in it changed."""
    if not path:
        return change(body)
    member = body.members[path[0]]
    assert isinstance(member.type, Composite)
    inner = member._replace(type=_with(member.type, path[1:], change))
    return body._replace(members=_put(body.members, path[0], inner))


def _put(members: tuple[Member, ...], index: int, member: Member) -> tuple[Member, ...]:
    return (*members[:index], member, *members[index + 1 :])


def _in_a_body(
    random: Random,
    program: Program,
    name: str,
    fits: Callable[[Composite], bool],
    change: Callable[[Composite], tuple[Composite, str]],
) -> Changed:
    """Change one body for which *fits* holds; the string is the detail of the label."""
    places = [
        (one, path, body)
        for one in program.declarations
        if isinstance(one, Composite)
        for path, body in _bodies(one)
        if fits(body)
    ]
    if not places:
        return None
    one, path, body = random.choice(places)
    changed, detail = change(body)
    return replaced(program, one, _with(one, path, lambda _: changed)), What(name, one.tag, detail)


def _in_a_member(
    random: Random,
    program: Program,
    name: str,
    fits: Callable[[Member], bool],
    change: Callable[[Member], Member],
) -> Changed:
    """Change one member for which *fits* holds."""

    def changed(body: Composite) -> tuple[Composite, str]:
        index = random.choice([i for i, member in enumerate(body.members) if fits(member)])
        member = body.members[index]
        return body._replace(members=_put(body.members, index, change(member))), member.name

    def holds(body: Composite) -> bool:
        return any(fits(member) for member in body.members)

    return _in_a_body(random, program, name, holds, changed)


def _is_plain(member: Member) -> bool:
    return isinstance(member.type, str) and member.type in SCALARS and bool(member.name)


def _fresh(random: Random, program: Program, prefix: str = "added") -> str:
    """Return a name that *program* doesn't have."""
    text = program.text()
    while True:
        name = f"{prefix}{random.randrange(100)}"
        if name not in text:
            return name


def _new_member(random: Random, program: Program) -> Member:
    name = _fresh(random, program)
    what = random.randrange(8)
    if what == 0:
        return Member(name, random.choice(("__u8", "char", "__u32")), (random.randint(1, 8),))
    if what == 1:
        return Member(name, random.choice(UNSIGNED), (), random.randint(1, 8))
    if what == 2:
        name = f"{random.choice(RESERVED)}_{name}"
    return Member(name, random.choice(SCALARS))


# Members.


def member_inserted(random: Random, program: Program) -> Changed:
    """A new member anywhere but at the end."""

    def change(body: Composite) -> tuple[Composite, str]:
        at, new = random.randrange(len(body.members)), _new_member(random, program)
        return body._replace(members=(*body.members[:at], new, *body.members[at:])), new.name

    return _in_a_body(random, program, "member-inserted", lambda b: bool(b.members), change)


def member_appended(random: Random, program: Program) -> Changed:
    """A new member at the end."""

    def change(body: Composite) -> tuple[Composite, str]:
        new = _new_member(random, program)
        return body._replace(members=(*body.members, new)), new.name

    return _in_a_body(random, program, "member-appended", lambda _: True, change)


def member_removed(random: Random, program: Program) -> Changed:
    """A member is gone."""

    def change(body: Composite) -> tuple[Composite, str]:
        at = random.randrange(len(body.members))
        kept = (*body.members[:at], *body.members[at + 1 :])
        return body._replace(members=kept), body.members[at].name

    return _in_a_body(random, program, "member-removed", lambda b: len(b.members) > 1, change)


def members_swapped(random: Random, program: Program) -> Changed:
    """Two members have changed places."""

    def change(body: Composite) -> tuple[Composite, str]:
        first, second = sorted(random.sample(range(len(body.members)), 2))
        members = list(body.members)
        members[first], members[second] = members[second], members[first]
        detail = f"{body.members[first].name} {body.members[second].name}"
        return body._replace(members=tuple(members)), detail

    return _in_a_body(random, program, "members-swapped", lambda b: len(b.members) > 1, change)


def names_swapped(random: Random, program: Program) -> Changed:
    """Two members of one type have changed names."""

    def pairs(body: Composite) -> list[tuple[int, int]]:
        every = range(len(body.members))
        return [(i, j) for i in every for j in every if i < j and alike(body, i, j)]

    def alike(body: Composite, i: int, j: int) -> bool:
        one, other = body.members[i], body.members[j]
        return bool(one.name and other.name) and one._replace(name="") == other._replace(name="")

    def change(body: Composite) -> tuple[Composite, str]:
        i, j = random.choice(pairs(body))
        one, other = body.members[i], body.members[j]
        members = _put(body.members, i, one._replace(name=other.name))
        changed = body._replace(members=_put(members, j, other._replace(name=one.name)))
        return changed, f"{one.name} {other.name}"

    return _in_a_body(random, program, "names-swapped", lambda b: bool(pairs(b)), change)


def member_renamed(random: Random, program: Program) -> Changed:
    """A member has another name."""

    def change(member: Member) -> Member:
        return member._replace(name=_fresh(random, program, "named"))

    return _in_a_member(
        random, program, "member-renamed", lambda m: bool(m.name) and not is_reserved(m), change
    )


def member_reserved(random: Random, program: Program) -> Changed:
    """A member became a reserved one of the same type."""

    def change(member: Member) -> Member:
        return member._replace(name=_fresh(random, program, "reserved"))

    return _in_a_member(
        random, program, "member-reserved", lambda m: bool(m.name) and not is_reserved(m), change
    )


def reserved_named(random: Random, program: Program) -> Changed:
    """A reserved member became one of the same type that is used."""

    def change(member: Member) -> Member:
        return member._replace(name=_fresh(random, program))

    return _in_a_member(
        random, program, "reserved-named", lambda m: bool(m.name) and is_reserved(m), change
    )


def reserved_used(random: Random, program: Program) -> Changed:
    """Some bytes of a reserved array became members, and the rest is still reserved."""

    def size(member: Member) -> int:
        count = member.lengths[0] if len(member.lengths) == 1 else 0
        if isinstance(count, str) or not isinstance(member.type, str):
            return 0
        return count * SIZES.get(member.type.lstrip("_u"), 0)

    def change(body: Composite) -> tuple[Composite, str]:
        at = random.choice([i for i, m in enumerate(body.members) if is_reserved(m) and size(m)])
        member = body.members[at]
        left = size(member)
        before = random.choice((0, 0, random.randint(0, left)))
        made: list[Member] = []
        if before:
            made.append(Member(_fresh(random, program, "reserved"), "__u8", (before,)))
            left -= before
        fitting = [t for t in (*UNSIGNED, *SIGNED) if SIZES[t.lstrip("_us")] <= left]
        if fitting:
            type = random.choice(fitting)
            made.append(Member(_fresh(random, program), type))
            left -= SIZES[type.lstrip("_us")]
        if left and random.random() < 0.9:
            made.append(Member(member.name, "__u8", (left,)))
        members = (*body.members[:at], *made, *body.members[at + 1 :])
        return body._replace(members=members), member.name

    def holds(body: Composite) -> bool:
        return any(is_reserved(member) and size(member) for member in body.members)

    return _in_a_body(random, program, "reserved-used", holds, change)


def member_widened(random: Random, program: Program) -> Changed:
    """A member has another width, and the same sign."""

    def change(member: Member) -> Member:
        names = UNSIGNED if member.type in UNSIGNED else SIGNED
        return member._replace(type=random.choice([t for t in names if t != member.type]))

    return _in_a_member(
        random,
        program,
        "member-widened",
        lambda m: m.type in (*UNSIGNED, *SIGNED) and m.width is None,
        change,
    )


def member_signed(random: Random, program: Program) -> Changed:
    """A member has the other sign."""

    def change(member: Member) -> Member:
        assert isinstance(member.type, str)
        other = "s" if member.type.startswith("__u") else "u"
        return member._replace(type=f"__{other}{member.type[3:]}")

    return _in_a_member(
        random, program, "member-signed", lambda m: m.type in (*UNSIGNED, *SIGNED), change
    )


def member_order(random: Random, program: Program) -> Changed:
    """A member has its bytes in another order."""

    def change(member: Member) -> Member:
        assert isinstance(member.type, str)
        bits = member.type.lstrip("_abelsu")
        spellings = [t for t in (f"__be{bits}", f"__le{bits}", f"__u{bits}") if t != member.type]
        return member._replace(type=random.choice(spellings))

    return _in_a_member(
        random,
        program,
        "member-order",
        lambda m: m.type in (*ORDERED, *UNSIGNED[1:]) and m.width is None,
        change,
    )


def member_retyped(random: Random, program: Program) -> Changed:
    """A member has any other type."""

    def change(member: Member) -> Member:
        types = [*SCALARS, "void *{}", *_known(program, member)]
        return member._replace(type=random.choice(types))

    return _in_a_member(
        random, program, "member-retyped", lambda m: _is_plain(m) and m.width is None, change
    )


def _known(program: Program, member: Member) -> list[str]:
    """Return the types that are declared before the one that holds *member*."""
    found: list[str] = []
    for one in program.declarations:
        match one:
            case Composite() if any(member in body.members for _, body in _bodies(one)):
                break
            case Composite():
                found.append(f"{one.kind} {one.tag}")
            case Enum():
                found.append(f"enum {one.tag}")
            case Typedef():
                found.append(one.name)
    return found


def member_into_union(random: Random, program: Program) -> Changed:
    """A member shares its place with a new one."""

    def change(member: Member) -> Member:
        other = Member(_fresh(random, program), random.choice((*UNSIGNED, *SIGNED)))
        members = (member, other) if random.random() < 0.5 else (other, member)
        return Member("", Composite("union", "", members))

    return _in_a_member(
        random, program, "member-into-union", lambda m: _is_plain(m) and m.width is None, change
    )


def members_wrapped(random: Random, program: Program) -> Changed:
    """Some members in a row are in an anonymous struct, or in a struct member."""

    def change(body: Composite) -> tuple[Composite, str]:
        first = random.randrange(len(body.members))
        last = random.randrange(first, len(body.members))
        inside = body.members[first : last + 1]
        name = _fresh(random, program) if random.random() < 0.3 else ""
        wrapped = Member(name, Composite("struct", "", inside))
        members = (*body.members[:first], wrapped, *body.members[last + 1 :])
        return body._replace(members=members), " ".join(m.name for m in inside)

    return _in_a_body(
        random,
        program,
        "members-wrapped",
        lambda b: b.kind == "struct" and any(member.name for member in b.members),
        change,
    )


def array_length(random: Random, program: Program) -> Changed:
    """An array has another length, or another dimension."""

    def change(member: Member) -> Member:
        if random.random() < 0.2 and -1 not in member.lengths:
            return member._replace(lengths=(*member.lengths, random.randint(1, 3)))
        at = random.randrange(len(member.lengths))
        lengths = list(member.lengths)
        lengths[at] = random.randint(1, 8)
        return member._replace(lengths=tuple(lengths))

    return _in_a_member(random, program, "array-length", lambda m: bool(m.lengths), change)


def into_array(random: Random, program: Program) -> Changed:
    """A member became an array, or an array its element."""

    def change(member: Member) -> Member:
        return member._replace(lengths=() if member.lengths else (random.randint(1, 3),))

    return _in_a_member(
        random, program, "into-array", lambda m: bool(m.name) and m.width is None, change
    )


def bit_width(random: Random, program: Program) -> Changed:
    """A bit-field has another width."""

    def change(member: Member) -> Member:
        assert isinstance(member.type, str)
        most = 1 if member.type == "bool" else SIZES.get(member.type.lstrip("_us"), 4) * 8
        return member._replace(width=random.randint(1 if member.name else 0, most))

    return _in_a_member(random, program, "bit-width", lambda m: m.width is not None, change)


def into_bits(random: Random, program: Program) -> Changed:
    """A member became a bit-field, or a bit-field an ordinary member."""

    def change(member: Member) -> Member:
        if member.width is not None:
            return member._replace(width=None)
        assert isinstance(member.type, str)
        most = SIZES[member.type.lstrip("_us")] * 8
        return member._replace(width=random.choice((most, random.randint(1, most))))

    return _in_a_member(
        random,
        program,
        "into-bits",
        lambda m: (
            bool(m.name)
            and not m.lengths
            and not m.attributes
            and (m.width is not None or m.type in (*UNSIGNED, *SIGNED))
        ),
        change,
    )


def member_attributes(random: Random, program: Program) -> Changed:
    """A member has other attributes."""

    def change(member: Member) -> Member:
        texts = ("", "aligned(8)", "aligned(4)", "packed", "aligned(16)")
        text = random.choice(texts)
        return member._replace(attributes=f" __attribute__(({text}))" if text else "")

    return _in_a_member(
        random, program, "member-attributes", lambda m: bool(m.name) and m.width is None, change
    )


# Structs and unions.


def struct_attributes(random: Random, program: Program) -> Changed:
    """A struct is packed, or aligned, otherwise."""

    def change(body: Composite) -> tuple[Composite, str]:
        texts = ("", "packed", "packed, aligned(2)", "packed, aligned(8)", "aligned(8)")
        text = random.choice(texts)
        return body._replace(attributes=f" __attribute__(({text}))" if text else ""), text

    return _in_a_body(random, program, "struct-attributes", lambda _: True, change)


def struct_or_union(random: Random, program: Program) -> Changed:
    """A struct in another one became a union, or the other way round."""

    def change(body: Composite) -> tuple[Composite, str]:
        return body._replace(kind="union" if body.kind == "struct" else "struct"), body.kind

    return _in_a_body(random, program, "struct-or-union", lambda b: not b.tag, change)


ALL = (
    *(member_inserted, member_appended, member_removed, members_swapped, names_swapped),
    *(member_renamed, member_reserved, reserved_named, reserved_used, member_widened),
    *(member_signed, member_order, member_retyped, member_into_union, members_wrapped),
    *(array_length, into_array, bit_width, into_bits, member_attributes),
    *(struct_attributes, struct_or_union),
)
"""Every change of a struct or a union."""
