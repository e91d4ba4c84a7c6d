"""C says whether old bytes mean the same: members are written by OLD's names, and read by NEW's.

For each pair of types a program holds both. A number that both have is written through one type
between random bits, and read through the other, in both directions: it must come back whatever is
around it. Of numbers that only one side has, the program says which bits they are. What is to be
made of that follows the contract of `layout`: a number that only its name tells from another one
is that one, a new one must lie in bits that OLD reserved, and an old one that isn't reserved must
not be gone.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import operator
import os
import platform
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bpfgen.clang.ziglang import ziglang_program
from tests.changes.leaves import BOOL, CHAR, ENUM, FLOATING, KERNEL, POINTER, Types
from tests.changes.program import (
    OWN_NAME,
    Composite,
    Constant,
    Enum,
    Map,
    declaration_text,
)
from tests.tools import ZIGLANG, clang_program, newest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tests.changes.leaves import Leaf
    from tests.changes.program import Program, Typedef

ROOM = 1 << 15
"""Bytes of the largest type; one of :data:`MOST` numbers is smaller."""

DOUBT = ", in a union"
"""How a doubt ends."""

BEYOND = 32
"""Bytes after a type that elements of a flexible array may have."""

MOST = 256
"""Numbers in a type."""


class Pair(NamedTuple):
    """A type of OLD and what it became; both as the argument of a map names them."""

    old: Program
    new: Program
    old_type: str
    new_type: str

    @property
    def is_the_same_text(self) -> bool:
        """Whether the types are written alike, with all that is in them."""
        return written(self.old, self.old_type) == written(self.new, self.new_type)


class Verdict(NamedTuple):
    """What C says of a pair.

    Attributes:
        reasons: Why old bytes, or an old reader, are wrong; empty if they aren't.
        doubts: What may be taken for one, or not: bytes of a union are free in one of its members,
            and a new number is in another one.
    """

    reasons: tuple[str, ...]
    doubts: tuple[str, ...]


HEAD = """
typedef unsigned __int128 wide;
typedef signed char __s8; typedef unsigned char __u8; typedef short __s16;
typedef unsigned short __u16; typedef int __s32; typedef unsigned int __u32;
typedef long long __s64; typedef unsigned long long __u64;
typedef __u16 __le16, __be16; typedef __u32 __le32, __be32; typedef __u64 __le64, __be64;
#define bool _Bool
#define __kptr
#define __kptr_untrusted
struct bpf_spin_lock { __u32 val; };
struct bpf_timer { __u64 __opaque[2]; } __attribute__((aligned(8)));
struct bpf_wq { __u64 __opaque[2]; } __attribute__((aligned(8)));
static int big;
void *memcpy(void *to, const void *from, unsigned long size)
{ for (unsigned long i = 0; i < size; i++) ((volatile __u8 *)to)[i] = ((const __u8 *)from)[i];
  return to; }
void *memset(void *to, int byte, unsigned long size)
{ for (unsigned long i = 0; i < size; i++) ((volatile __u8 *)to)[i] = byte; return to; }
static wide swap(wide value, int bytes)
{ wide other = 0; for (; bytes--; value >>= 8) other = other << 8 | (value & 255); return other; }
static wide of_double(double d) { __u64 u; memcpy(&u, &d, 8); return u; }
static double to_double(wide w) { __u64 u = w; double d; memcpy(&d, &u, 8); return d; }
typedef wide getter(const void *); typedef void setter(void *, wide);
static __u64 state = 88172645463325252ULL;
static __u64 noise(void)
{ state ^= state << 13; state ^= state >> 7; state ^= state << 17; return state; }
static __u8 room[ROOM] __attribute__((aligned(4096)));
static int filled;
struct row { setter *set; getter *get; const wide *values; int count; wide mask; };
static int comes_back(const struct row *row, wide value)
{
    for (int turn = 0; turn < 3; turn++) {
        for (int i = 0; i < filled; i++) {
            __u64 bits = turn == 0 ? 0 : turn == 1 ? ~0ULL : noise();
            memcpy(room + 8 * i, &bits, 8);
        }
        row->set(room, value);
        if ((row->get(room) & row->mask) != (value & row->mask)) return 0;
    }
    return 1;
}
static int holds(const struct row *row)
{
    for (int i = 0; i < row->count; i++)
        if (!comes_back(row, row->values[i])) return 0;
    return 1;
}
"""


def verdicts(pairs: Sequence[Pair], folder: Path) -> list[Verdict]:
    """Return what C says of each of *pairs*; they are compiled and run at once.

    Skips the test on machines that lay some of these types out otherwise than BPF.
    """
    if platform.machine() != "x86_64":
        pytest.skip("unnamed bit-fields and `__int128` are BPF's on x86-64, and not everywhere")
    sides = [_sides(pair, number) for number, pair in enumerate(pairs)]
    values: dict[str, int] = {}
    functions: list[str] = []
    for number, (old, new) in enumerate(sides):
        functions += (*old.declarations(), *new.declarations())
        functions += _program(number, old, new, values)
    lines = [f"#define ROOM {ROOM}", HEAD]
    lines += (f"static const wide v{number}[] = {{ {row} }};" for row, number in values.items())
    lines += functions
    calls = " ".join(f"f{number}," for number in range(len(pairs)))
    lines.append(f"static void (*const all[])(__u8 *) = {{ {calls} }};")
    lines.append(
        "void ask(int number, int machine, __u8 *answer) { big = machine; all[number](answer); }"
    )
    library = _built("\n".join(lines), folder)
    answer = ctypes.create_string_buffer(2 * MOST * ROOM)
    found = []
    for number, (old, new) in enumerate(sides):
        reasons: dict[str, None] = {}
        for machine in (0, 1):
            library.ask(number, machine, answer)
            reasons.update(dict.fromkeys(_reasons(old, new, memoryview(answer).cast("B"))))
        doubts = tuple(reason for reason in reasons if reason.endswith(DOUBT))
        found.append(Verdict(tuple(one for one in reasons if one not in doubts), doubts))
    return found


def _sides(pair: Pair, number: int) -> tuple[_Side, _Side]:
    """Return both sides of a pair; if one has reserved bytes, with each of their numbers."""
    sides = [(pair.old, pair.old_type, f"o{number}_"), (pair.new, pair.new_type, f"n{number}_")]
    old, new = (_Side(*side) for side in sides)
    if not _promised(new):
        return old, new
    old, new = (_Side(*side, is_complete=True) for side in sides)
    return old, new


class _Side:
    """One type and its numbers; its names have *prefix* in front in C."""

    def __init__(
        self, program: Program, type: str, prefix: str, *, is_complete: bool = False
    ) -> None:
        self.program = program
        self.prefix = prefix
        self.type = f"{prefix}type"
        self.written = type
        leaves = Types(program, is_complete=is_complete).leaves(type)
        self.leaves = {leaf.name: leaf for leaf in leaves}

    def has(self, union: str, member: str) -> bool:
        """Return whether *union* has the member *member*."""
        return any((union, member) in leaf.alternatives for leaf in self.leaves.values())

    def declarations(self) -> Iterator[str]:
        """Yield the C of the types that it needs."""
        for text in written(self.program, self.written):
            yield OWN_NAME.sub(rf"{self.prefix}\g<0>", text)
        name, bracket, lengths = self.written.partition("[")
        name = OWN_NAME.sub(rf"{self.prefix}\g<0>", name)
        yield f"typedef {name} {self.type}{bracket}{lengths};"


def written(program: Program, type: str) -> list[str]:
    """Return the C of what *type* is made of, in order."""
    needed = set(OWN_NAME.findall(type))
    texts: list[str] = []
    for one in reversed(program.declarations):
        if isinstance(one, Map) or _name_of(one) not in needed:
            continue
        text = declaration_text(one)
        needed |= set(OWN_NAME.findall(text))
        if isinstance(one, Constant):
            text = f"enum {{ {one.name} = {one.value} }};"
        texts.append(text)
    return texts[::-1]


def _name_of(one: Composite | Enum | Typedef | Constant) -> str:
    return one.tag if isinstance(one, (Composite, Enum)) else one.name


def _program(number: int, old: _Side, new: _Side, values: dict[str, int]) -> Iterator[str]:
    """Yield the function that answers for one pair, and what it needs; *values* are shared.

    The answer: both sizes, a byte for each number that both have, and the bits of all others.
    """
    body = [f"*(__u32 *)a = sizeof({old.type}); *(__u32 *)(a + 4) = sizeof({new.type}); a += 8;"]
    body.append(f"filled = (sizeof({old.type}) + sizeof({new.type})) / 8 + 8;")
    rows: list[str] = []
    for index, path in enumerate(_common(old, new)):
        own, other = old.leaves[path], new.leaves[path]
        names = f"o{number}_{index}", f"n{number}_{index}"
        is_floating = FLOATING in {own.kind, other.kind}
        for name, side, leaf in zip(names, (old, new), (own, other), strict=True):
            yield from _access(name, side.type, leaf, is_floating)
        # A `char` is a byte of either sign.
        mask = 255 if CHAR in {own.kind, other.kind} and own.bits == other.bits else -1
        for (writer, one), (reader, two) in itertools.permutations(
            zip(names, (own, other), strict=True)
        ):
            tried = _values(one, two)
            row = ", ".join(map(_wide, tried))
            known = f"v{values.setdefault(row, len(values))}"
            rows.append(f"{{ s{writer}, g{reader}, {known}, {len(tried)}, (wide){mask} }}")
    if rows:
        yield f"static const struct row r{number}[] = {{ {', '.join(rows)} }};"
        body.append(f"for (int i = 0; i < {len(rows)}; i += 2)")
        body.append(f"*a++ = holds(r{number} + i) && holds(r{number} + i + 1);")
    for side, paths in ((old, _placed(old, new)), (new, _placed(new, old))):
        for path in paths:
            leaf, place = side.leaves[path], f"(*({side.type} *)room){side.leaves[path].path}"
            fill = f"memset((void *)&{place}, 255, sizeof({place}));"
            if leaf.is_bitfield:
                fill = f"{place} = {'1' if leaf.kind == BOOL else '-1'};"
            size = f"sizeof({side.type}) + {BEYOND}"
            body.append(f"memset(room, 0, {size}); {fill} memcpy(a, room, {size}); a += {size};")
    yield f"static void f{number}(__u8 *a) {{ {' '.join(body)} }}"


def _wide(value: int) -> str:
    pattern = value % (1 << 128)
    if pattern < 1 << 64:
        return f"{pattern:#x}ULL"
    return f"((wide){pattern >> 64:#x}ULL << 64 | {pattern % (1 << 64):#x}ULL)"


def _access(name: str, type: str, leaf: Leaf, is_floating: bool) -> Iterator[str]:
    """Yield the functions that read and write *leaf*, as a number; a double if *is_floating*."""
    place = f"(*v){leaf.path}"
    read, write = f"(wide)(__int128){place}", "x"
    if leaf.kind == POINTER:
        read, write = f"(__u64){place}", f"(__typeof__({place}))(__u64)x"
    elif leaf.kind == CHAR:
        read = f"(__u8){place}"
    elif leaf.kind == BOOL and not leaf.is_bitfield:
        # Anything else in its byte has no value in C.
        read = f"*(const __u8 *)&{place} > 1 ? (wide)77777 : {place}"
    elif leaf.order:
        swapped = "!big" if leaf.order == "be" else "big"
        read = f"{swapped} ? swap({place}, {leaf.bits // 8}) : {place}"
        write = f"{swapped} ? swap(x, {leaf.bits // 8}) : x"
    if is_floating and leaf.kind == FLOATING:
        read, write = f"of_double({place})", "to_double(x)"
    elif is_floating:
        read = f"of_double((double)(__s64)({read}))"
        write = write.replace("x", "(wide)(__s64)to_double(x)")
    yield f"static wide g{name}(const void *p) {{ const {type} *v = p; return {read}; }}"
    yield f"static void s{name}(void *p, wide x) {{ {type} *v = p; {place} = {write}; }}"


def _values(writer: Leaf, reader: Leaf) -> list[int]:
    """Return what is written: what the writer's number may be, as far as that means something.

    Where an enum is on either side, that is what it gives names to.
    """
    if FLOATING in {writer.kind, reader.kind}:
        return [0x3FF0000000000000, 0x4008000000000000, 0x4059000000000000]  # 1.0, 3.0, 100.0
    enums = [leaf for leaf in (writer, reader) if leaf.kind == ENUM]
    if enums:
        known = set.intersection(*({value for _, value in leaf.values} for leaf in enums)) | {0}
        if BOOL in {writer.kind, reader.kind}:
            return [0]
        least = -(1 << writer.bits - 1) if writer.is_signed else 0
        return sorted(value for value in known if least <= value < least + (1 << writer.bits))
    if writer.kind == BOOL:
        return [0, 1]
    is_address = POINTER in {writer.kind, reader.kind}
    bits = writer.bits - is_address
    most = (1 << bits) - 1
    if writer.is_signed and writer.kind != CHAR and not is_address:
        return [-(1 << bits - 1), -1, most >> 1, most // 3 >> 1]
    return [0, most, most // 3, most // 7 * 2]


def _common(old: _Side, new: _Side) -> list[str]:
    return [
        path
        for path, leaf in old.leaves.items()
        if path in new.leaves and _are_comparable(leaf, new.leaves[path])
    ]


def _are_comparable(old: Leaf, new: Leaf) -> bool:
    """Return whether both are numbers that mean something, and not the kernel's."""
    return not (old.is_reserved or new.is_reserved) and KERNEL not in {old.kind, new.kind}


def _alone(side: _Side, other: _Side) -> list[str]:
    common = set(_common(side, other))
    return [path for path in side.leaves if path not in common]


def _may_be_one(old: _Side, gone: Leaf, new: _Side, added: Leaf) -> bool:
    """Return whether no union says that two numbers at one place are in different members of it."""
    members = dict(added.alternatives)
    return all(
        members.get(union, name) == name
        or not (new.has(union, name) or old.has(union, members[union]))
        for union, name in gone.alternatives
    )


def _placed(side: _Side, other: _Side) -> list[str]:
    """Return the numbers whose bits matter: those of one side alone, and those in unions.

    All do where bytes are reserved, which may have been padding.
    """
    if _promised(side) or _promised(other):
        return list(side.leaves)
    alone = set(_alone(side, other))
    return [path for path, leaf in side.leaves.items() if path in alone or leaf.alternatives]


def _promised(side: _Side) -> list[str]:
    """Return the numbers of *side* whose bytes are for later members."""
    return [path for path, leaf in side.leaves.items() if leaf.is_promised]


def _reasons(old: _Side, new: _Side, answer: memoryview) -> Iterator[str]:
    """Yield what is wrong, by the *answer* of the program."""
    sizes = [int.from_bytes(bytes(answer[start : start + 4]), "little") for start in (0, 4)]
    if sizes[0] != sizes[1]:
        yield f"size {sizes[0]} -> {sizes[1]}"
    at = 8
    for path in _common(old, new):
        before, after = old.leaves[path], new.leaves[path]
        # What there is no wider number for shows no sign.
        is_widest = before.bits == after.bits == 128 and before.kind == after.kind
        if not answer[at] or (is_widest and before.is_signed != after.is_signed):
            yield f"{path} is read otherwise"
        at += 1
        yield from _other_enumerators(path, before, after)
    masks: list[dict[str, int]] = []
    for side, other, size in ((old, new, sizes[0]), (new, old, sizes[1])):
        masks.append({})
        for path in _placed(side, other):
            masks[-1][path] = int.from_bytes(bytes(answer[at : at + size + BEYOND]), "little")
            at += size + BEYOND
    gone, added, again = _renamed(old, new, masks)
    for was, now in again:
        yield from _other_enumerators(was, old.leaves[was], new.leaves[now])
    yield from (f"{path} is gone" for path in gone)
    kept = [leaf for path, leaf in new.leaves.items() if path not in added and not leaf.is_reserved]
    for path in added:
        leaf, mask = new.leaves[path], masks[1][path]
        reserved = spare = taken = 0
        for one, bits in masks[0].items():
            if not old.leaves[one].is_reserved:
                taken |= bits
            elif _are_there_at_once(old.leaves[one], leaf):
                reserved |= bits
            else:
                spare |= bits
        is_alternative = _is_alternative(leaf, kept)
        if is_alternative and mask & ~(reserved | spare | taken):
            yield f"{path} is new{DOUBT}"
        elif not is_alternative and mask & ~reserved:
            yield f"{path} is new{DOUBT if not mask & ~(reserved | spare) else ''}"
    for path in _promised(new):
        leaf, mask = new.leaves[path], masks[1][path] & (1 << 8 * sizes[0]) - 1
        at_once = [_are_there_at_once(one, leaf) for one in old.leaves.values()]
        known = list(zip(masks[0].values(), at_once, strict=True))
        free = _all_of(one for one, is_there in known if is_there)
        left = mask & ~free
        if left:
            is_doubt = _is_alternative(leaf, kept) or not left & ~_all_of(one for one, _ in known)
            yield f"{path} was padding{DOUBT if is_doubt else ''}"


def _all_of(masks: Iterable[int]) -> int:
    return functools.reduce(operator.or_, masks, 0)


def _renamed(
    old: _Side, new: _Side, masks: Sequence[Mapping[str, int]]
) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Return the names that are gone, those that are new, and those that stand for one number."""
    gone = [path for path in _alone(old, new) if not old.leaves[path].is_reserved]
    added, again = [], []
    for path in _alone(new, old):
        leaf = new.leaves[path]
        if leaf.is_reserved:
            continue
        same = [
            one
            for one in gone
            if masks[0][one] == masks[1][path] and old.leaves[one].form == leaf.form
            if _may_be_one(old, old.leaves[one], new, leaf)
        ]
        if same:
            gone.remove(same[0])
            again.append((same[0], path))
        else:
            added.append(path)
    return gone, added, again


def _are_there_at_once(one: Leaf, other: Leaf) -> bool:
    """Return whether no union has the two in different members of it."""
    members = dict(other.alternatives)
    return all(members.get(union, member) == member for union, member in one.alternatives)


def _is_alternative(leaf: Leaf, kept: Sequence[Leaf]) -> bool:
    """Return whether *leaf* is in a new member of a union that has one of the *kept* numbers.

    No entry of OLD has such a member.
    """
    for union, index in leaf.alternatives:
        others = {i for one in kept for name, i in one.alternatives if name == union}
        if others and index not in others:
            return True
    return False


def _other_enumerators(path: str, old: Leaf, new: Leaf) -> Iterator[str]:
    """Yield the enumerators of the enum at *path* that mean something else, or nothing any more."""
    if not (old.values and new.values):
        return
    before, after = dict(old.values), dict(new.values)
    for name, value in before.items():
        if name in after and after[name] != value:
            yield f"{path}: {name} is {after[name]}"
        elif name not in after and value not in {after[n] for n in after if n not in before}:
            yield f"{path}: {name} is gone"


def _built(text: str, folder: Path) -> ctypes.CDLL:
    """Return the library that a C compiler of this machine makes of *text*; it needs no other."""
    # Of two libraries at one path the loader would take the first one twice.
    own = Path(tempfile.mkdtemp(dir=folder))
    source, library = own / "witness.c", own / "witness.so"
    source.write_text(text)
    compiler = [clang_program()]
    if newest() == ZIGLANG:
        compiler = [str(ziglang_program()), "cc"]
    words = [*compiler, "-shared", "-fPIC", "-nostdlib", "-ffreestanding", "-fno-strict-aliasing"]
    words.append("-fno-sanitize=all")  # zig has clang add calls of a library that isn't there
    words += ["-w", "-O0", "-g0", str(source), "-o", str(library)]
    caches = {f"ZIG_{which}_CACHE_DIR": str(folder) for which in ("LOCAL", "GLOBAL")}
    done = subprocess.run(
        words, env={**os.environ, **caches}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return ctypes.CDLL(str(library))
