"""Padding: bytes of keys and values that no member covers.

They are no mistake of C's, and the kernel takes them; but a hash-like map compares and hashes all
bytes of a key, and user space reads all bytes of a value.
"""

from __future__ import annotations

from bpfgen.ctype.describe import counted, described
from bpfgen.ctype.padding import first_hole
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import map_name, subject_of, with_article
from bpfgen.rules.maps.definitions import shapes
from bpfgen.text.diagnostics import WARNING, Diagnostic, Label, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from bpfgen.ctype.padding import Hole
    from bpfgen.ctype.types import Composite, Type
    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target

    Padded: TypeAlias = "tuple[Composite, Hole] | None"


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
    memo: dict[int, Padded] = {}  # by identity
    for shape, declared in shapes(model):
        kind = shape.kind
        argument = shape.value if kind.keyless else shape.key
        if argument is None or not kind.compared_by:
            continue
        padded = _hole_in(argument.type, memo, unnamed=True)
        if padded is None:
            continue
        composite, hole = padded
        role = "value" if kind.keyless else "key"
        yield Diagnostic(
            "key-padding",
            f"the {role} of {with_article(kind)} is hashed with all its bytes, and"
            f" {_whose(composite)} has {_amount(hole)} of padding {_where(hole)}",
            argument.span,
            label=f"`{described(argument.type)}` has padding",
            labels=_labels(hole),
            notes=(
                f"Linux compares them all ({kind.compared_by})",
                (
                    "an initialiser sets members and no padding, so that keys with equal members"
                    " can differ: a lookup misses"
                ),
            ),
            help=_remedy(composite, hole),
            severity=WARNING,
            map=map_name(declared),
            subject=subject_of(declared, role),
        )


def padded_values(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """A value or a ring buffer's record has bytes that no member covers.

    What it does: warns once a struct, at the member in front of the padding. An unnamed bit-field
    counts as covered here.
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
    memo: dict[int, Padded] = {}  # by identity
    reported: set[int] = set()  # by identity
    for shape, declared in shapes(model):
        if shape.kind.keyless and shape.kind.compared_by:
            continue
        for argument, what in ((shape.value, "value"), (shape.record, "record")):
            if argument is None:
                continue
            padded = _hole_in(argument.type, memo, unnamed=False)
            if padded is None or id(padded[0]) in reported:
                continue
            composite, hole = padded
            reported.add(id(composite))
            places = _labels(hole)
            if not places and hole.after is not None:
                continue  # of a C header or the prelude: nobody can change it here
            used = Label(argument.span, f"this {what} is read there") if argument.span else None
            own = bool(places) and used is not None and _same_file(places[0], used)
            yield Diagnostic(
                "value-padding",
                f"user space reads all bytes of a {what}, and {_whose(composite)} has "
                f"{_amount(hole)} of padding {_where(hole)}",
                places[0].span if own else argument.span,
                label=places[0].text if own else "",
                labels=(used,) if own and used is not None else places,
                help=_remedy(composite, hole),
                severity=WARNING,
                map=map_name(declared),
                subject=Subject(composite.kind, composite.tag or "", _after(hole)),
            )


def _hole_in(type_: Type, memo: dict[int, Padded], *, unnamed: bool) -> Padded:
    """Return :func:`first_hole` of *type_*, asked once a type; the model keeps types alive."""
    known = id(type_)
    if known not in memo:
        memo[known] = first_hole(type_, unnamed=unnamed)
    return memo[known]


def _same_file(one: Label, other: Label) -> bool:
    return one.span.source.name == other.span.source.name


def _whose(composite: Composite) -> str:
    return f"`{composite.kind} {composite.tag}`" if composite.tag else f"its {composite.kind}"


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


def _labels(hole: Hole) -> tuple[Label, ...]:
    if hole.after is None or hole.after.span is None:
        return ()
    return (Label(hole.after.span, f"{_amount(hole)} of padding after this"),)


def _remedy(composite: Composite, hole: Hole) -> str:
    """Return what to type: a member that covers *hole*."""
    if hole.after is not None and hole.after.span is None:
        return "clear all of it before its members are set, or use a struct of your own without it"
    if hole.bit_size % 8 or hole.bit_offset % 8:
        return f"cover the {_amount(hole)} {_where(hole)} with a member, and set it to 0"
    taken = {member.name for member in composite.members}
    name = next(
        n for n in ("pad", *(f"pad{i}" for i in range(2, len(taken) + 3))) if n not in taken
    )
    size = hole.bit_size // 8
    if size in (1, 2, 4) and hole.bit_offset % hole.bit_size == 0:
        member = f"__u{hole.bit_size} {name};"
    else:
        member = f"__u8 {name}[{size}];"
    return f"add `{member}` {_where(hole)}, and set it to 0"
