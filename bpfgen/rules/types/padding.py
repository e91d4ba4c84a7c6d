"""Padding: bytes of keys and values that no member covers.

They are no mistake of C's, and the kernel takes them; but a hash-like map compares and hashes all
bytes of a key, and user space reads all bytes of a value.
"""

from __future__ import annotations

from bpfgen.ctype.describe import counted, described
from bpfgen.ctype.padding import Hole, fillers, free_names, paddings
from bpfgen.ctype.types import Array, Int, underlying
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.holders import value_struct
from bpfgen.rules.maps.bpf_attr import map_name, subject_of, with_article
from bpfgen.rules.maps.definitions import shapes
from bpfgen.text.diagnostics import WARNING, Diagnostic, Label, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.padding import Padding
    from bpfgen.ctype.types import Composite, Member
    from bpfgen.model.maps import Map, Template, TypeArgument
    from bpfgen.model.model import Model
    from bpfgen.rules.fields.uses import FieldFinder
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Edit

_CLEAR = "clear all of it before its members are set, or use a struct of your own without it"

_MOST = 8
"""Holes that one message names; the rest is counted."""


def padded_keys(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """The key of a hash-like map has bytes that no member covers.

    What it does: looks for padding in keys of hash, lru_hash, percpu_hash, lru_percpu_hash,
    lpm_trie, hash_of_maps, sockhash and rhash, and in the values of bloom_filter.
    Why: the kernel hashes and compares all bytes of a key (htab_map_hash, lookup_elem_raw in
    kernel/bpf/hashtab.c; longest_prefix_match in lpm_trie.c). An initialiser sets members and
    leaves padding as it was on the stack, so that two keys with the same members may differ, and a
    lookup misses now and then. Neither clang nor libbpf nor the kernel says anything about it.

    Cover the padding with a member and set it to 0. `packed` would do too, but then members are not
    aligned, and atomic operations on them are refused. Where every user of the map clears its keys
    with memset first, say so: // bpfgen: allow key-padding because ...

    Wrong:
        struct flow { __u64 id; __u8 proto; };
        map m: hash<flow, __u64>[1];
    Right:
        struct flow { __u64 id; __u8 proto; __u8 pad[7]; };
        map m: hash<flow, __u64>[1];
    """
    known: dict[int, bool] = {}
    prelude = of_the_prelude(model)
    for shape, declared in shapes(model):
        kind = shape.kind
        argument = shape.value if kind.keyless else shape.key
        if argument is None or not kind.compared_by:
            continue
        found = list(paddings(argument.type, known))
        if not found:
            continue
        role = "value" if kind.keyless else "key"
        is_trie = kind.compared_by == "longest_prefix_match"
        found_by = "compared bit by bit" if is_trie else "hashed with all its bytes"
        compares = "the bits that the prefix has" if is_trie else "them all"
        yield Diagnostic(
            "key-padding",
            f"the {role} of {with_article(kind)} is {found_by}, and"
            f" {' and '.join(_described(padding) for padding in found[:_MOST])}",
            argument.span,
            label=f"`{described(argument.type)}` has padding",
            labels=tuple(label for padding in found for label in _labels(padding)),
            notes=(
                f"Linux compares {compares} ({kind.compared_by})",
                (
                    "an initialiser sets members and no padding, so that keys with equal members"
                    " can differ: a lookup misses"
                ),
            ),
            help="; ".join(
                dict.fromkeys(
                    _CLEAR if is_foreign(padding.composite, prelude) else _remedy(padding)
                    for padding in found[:_MOST]
                )
            ),
            severity=WARNING,
            map=map_name(declared),
            subject=subject_of(declared, role),
            edits=(edits := _edits_of_all(found, prelude)),
            changes_meaning=bool(edits),
        )


def padded_values(model: Model, target: Target) -> Iterator[Diagnostic]:
    """A value or a ring buffer's record has bytes that no member covers.

    What it does: warns once a struct, at the member in front of its first padding, and says where
    there is more. An unnamed bit-field is padding, since no assignment to members sets it.
    Why: user space gets all bytes of a value or record. In padding it reads what a program happened
    to leave there, and readers in other languages that count members (Go's encoding/binary,
    Python's struct without alignment) take another size for the truth. Cover the padding with a
    member.

    Wrong:
        struct event { __u64 when; __u32 pid; };
        map m: array<__u32, event>[1];
    Right:
        struct event { __u64 when; __u32 pid, pad; };
        map m: array<__u32, event>[1];
    """
    known: dict[int, bool] = {}
    prelude = of_the_prelude(model)
    finder = target.fields
    reported: set[int] = set()  # by identity
    for shape, declared in shapes(model):
        if shape.kind.keyless and shape.kind.compared_by:
            continue
        for argument, what in ((shape.value, "value"), (shape.record, "record")):
            if argument is None:
                continue
            for padding in paddings(argument.type, known):
                if id(padding.composite) in reported:
                    continue
                reported.add(id(padding.composite))
                if is_foreign(padding.composite, prelude):
                    continue
                watched = what == "value" and _has_fields(argument, finder)
                yield _padded_value(padding, argument, what, declared, watched=watched)


def _has_fields(argument: TypeArgument, finder: FieldFinder) -> bool:
    """Return whether the kernel looks at each member of the value *argument*."""
    struct = value_struct(argument.type)
    return struct is not None and bool(finder.of(struct).uses)


def _padded_value(
    padding: Padding, argument: TypeArgument, what: str, declared: Map | Template, *, watched: bool
) -> Diagnostic:
    """Return the warning that *argument*, the value or record of *declared*, has *padding*.

    In a value that is *watched*, no bit-field may begin within a byte (special-field-bitfield).
    """
    composite, places = padding.composite, _labels(padding)
    used = Label(argument.span, f"this {what} is read there") if argument.span else None
    own = bool(places) and used is not None and _same_file(places[0], used)
    return Diagnostic(
        "value-padding",
        f"user space reads all bytes of a {what}, and {_described(padding)}",
        places[0].span if own else argument.span,
        label=places[0].text if own else "",
        labels=(*places[1:], used) if own and used is not None else places,
        help=_remedy(padding, watched=watched),
        severity=WARNING,
        map=map_name(declared),
        subject=Subject(composite.kind, composite.tag or "", _after(padding.holes[0])),
        edits=(edits := _edits(padding, watched=watched)),
        changes_meaning=bool(edits),
    )


def of_the_prelude(model: Model) -> frozenset[int]:
    """Return the identities of the composites of the prelude that *model* and its imports use."""
    return frozenset(
        id(type_.declaration.defines)
        for file in model.with_imports()
        for type_ in file.prelude_types
        if type_.declaration.defines is not None
    )


def is_foreign(composite: Composite, prelude: frozenset[int]) -> bool:
    """Return whether *composite* is of a C header or the *prelude*: nobody can change it here."""
    return composite.span is None or id(composite) in prelude


def _same_file(one: Label, other: Label) -> bool:
    return one.span.source.name == other.span.source.name


def _described(padding: Padding) -> str:
    """Return what has padding, how much and where, as the end of a sentence."""
    composite, found = padding.composite, padding.holes
    whose = f"`{composite.kind} {composite.tag}`" if composite.tag else f"its {composite.kind}"
    first, *others = found[:_MOST]
    parts = [f"{_amount(first)} of padding {_where(first)}"]
    parts += (f"{_amount(hole)} {_where(hole)}" for hole in others)
    if len(found) > _MOST:
        parts.append(f"more in {counted(len(found) - _MOST, 'other place')}")
    return f"{whose} has {', '.join(parts[:-1])}{' and ' if parts[1:] else ''}{parts[-1]}"


def _amount(hole: Hole) -> str:
    if hole.bit_size % 8:
        return counted(hole.bit_size, "bit")
    return counted(hole.bit_size // 8, "byte")


def _where(hole: Hole) -> str:
    if hole.after is None:
        return "at its start"
    return f"after `{hole.after.name}`" if hole.after.name else "after an unnamed member"


def _after(hole: Hole) -> str:
    """Return the name of the member that *hole* comes after, empty at the start."""
    return (hole.after.name or "") if hole.after is not None else ""


def _labels(padding: Padding) -> tuple[Label, ...]:
    return tuple(
        Label(hole.after.span, f"{_amount(hole)} of padding after this")
        for hole in padding.holes[:_MOST]
        if hole.after is not None and hole.after.span is not None
    )


def _remedy(padding: Padding, *, watched: bool = False) -> str:
    """Return what to type: members that cover the holes; in one that is *watched*, whole bytes."""
    names = free_names(padding.composite)
    steps: list[str] = []
    for hole in padding.holes[:_MOST]:
        rest = hole
        within = min(-hole.bit_offset % 8, hole.bit_size)
        if watched and within and hole.after is not None:
            steps.append(_widened(hole, hole.after, within))
            rest = Hole(hole.bit_offset + within, hole.bit_size - within, hole.after)
        if rest.bit_size:
            steps.append(_step(padding.composite, rest, names))
    return f"{', '.join(steps)}, and set {'it' if len(steps) == 1 else 'them'} to 0"


def _edits_of_all(found: list[Padding], prelude: frozenset[int]) -> tuple[Edit, ...]:
    """Return the edits that cover all that is *found*; nothing where one can't be covered."""
    edits: list[Edit] = []
    for padding in found:
        own = () if is_foreign(padding.composite, prelude) else _edits(padding)
        if not own:
            return ()
        edits += own
    return tuple(edits)


def _edits(padding: Padding, *, watched: bool = False) -> tuple[Edit, ...]:
    """Return the edits that cover the holes of *padding* with members, all of them or none.

    Each goes after a member that is declared by itself, or in the place of unnamed bit-fields, so
    that no other member moves.
    """
    composite = padding.composite
    names = free_names(composite)
    edits: list[Edit] = []
    for hole in padding.holes:
        if watched and hole.bit_offset % 8:
            return ()
        members = [f"{declaration};" for declaration in fillers(composite, hole, names)]
        own = _covering(composite, hole, members)
        if not own:
            return ()
        edits += own
    return tuple(edits)


def _covering(composite: Composite, hole: Hole, members: list[str]) -> list[Edit]:
    """Return the edits that put *members* into *hole*; nothing where a machine can't."""
    # Only a mistake pays for this import.
    from bpfgen.text import statements

    after = hole.after
    if hole.unnamed:
        around = [one.span and statements.statement_around(one.span) for one in hole.unnamed]
        found = [one for one in around if one is not None]
        if len(found) < len(around):
            return []
        replaced = statements.instead_of_statement(found[0], members)
        return [replaced, *(statements.removal(one) for one in found[1:])]
    if after is None or after.span is None:
        return []
    if after is composite.members[-1] and _has_no_length(after):
        return []  # what is in front of it would move it
    end = statements.end_of_statement(after.span)
    return [] if end is None else [statements.after_statement(end, after.span.source, members)]


def _widened(hole: Hole, bit_field: Member, bits: int) -> str:
    """Return what to type so that *bit_field* covers the first *bits* of *hole* too."""
    bare = underlying(bit_field.type)
    width = counted(bit_field.bitfield_size + bits, "bit")
    step = f"let `{bit_field.name}` have {width}"
    if isinstance(bare, Int) and bare.bool:
        step = f"write `{bit_field.name}` without a width"
    if hole.unnamed:
        step += f" instead of the unnamed {_bit_fields(hole)} after it"
    return step


def _step(composite: Composite, hole: Hole, names: Iterator[str]) -> str:
    """Return what to type for one *hole*."""
    text = " ".join(f"{declaration};" for declaration in fillers(composite, hole, names))
    if hole.unnamed:
        return f"write `{text}` instead of the unnamed {_bit_fields(hole)} {_where(hole)}"
    after = hole.after
    if after is not None and after is composite.members[-1] and _has_no_length(after):
        return f"add `{text}` before `{after.name}`"
    return f"add `{text}` {_where(hole)}"


def _bit_fields(hole: Hole) -> str:
    return "bit-field" if len(hole.unnamed) == 1 else "bit-fields"


def _has_no_length(member: Member) -> bool:
    bare = underlying(member.type)
    return isinstance(bare, Array) and bare.length == 0
