"""The driver in C, and in C++: members are read and assigned by their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bpfgen.emit.user_space.types import ADDRESS, BIG, FLOATING, LITTLE, Enumeration, Number
from tests.tools import require_file
from tests.user_space.commands import run
from tests.user_space.differential import Driver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.user_space.differential import Slot
    from tests.user_space.witness import Subject

HEAD = """
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
typedef unsigned __int128 wide;
static wide get(const unsigned char *b)
{ wide v = 0; for (int i = 16; i--;) v = v << 8 | b[i]; return v; }
static void put(unsigned char *b, wide v)
{ for (int i = 0; i < 16; i++, v >>= 8) b[i] = (unsigned char)v; }
static double get_double(const unsigned char *b)
{ unsigned long long u = (unsigned long long)get(b); double d; memcpy(&d, &u, 8); return d; }
static void put_double(unsigned char *b, double d)
{ unsigned long long u; memcpy(&u, &d, 8); put(b, u); }
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BIG16 __builtin_bswap16
#define BIG32 __builtin_bswap32
#define BIG64 __builtin_bswap64
#define LITTLE16
#define LITTLE32
#define LITTLE64
#else
#define LITTLE16 __builtin_bswap16
#define LITTLE32 __builtin_bswap32
#define LITTLE64 __builtin_bswap64
#define BIG16
#define BIG32
#define BIG64
#endif
struct slot { unsigned size, value; void (*read)(const void *, unsigned char *);
              void (*write)(void *, const unsigned char *); };
"""

TAIL = """
static unsigned char struct_[1 << 20] __attribute__((aligned(4096)));
int main(void)
{
    static unsigned char value[1 << 20];
    unsigned char head[5];
    while (fread(head, 1, 5, stdin) == 5) {
        const struct slot *slot = &slots[head[0] | head[1] << 8 | head[2] << 16 | head[3] << 24];
        if (fread(struct_, 1, slot->size, stdin) != slot->size) return 1;
        if (head[4]) {
            if (fread(value, 1, slot->value, stdin) != slot->value) return 1;
            slot->write(struct_, value);
            fwrite(struct_, 1, slot->size, stdout);
        } else {
            slot->read(struct_, value);
            fwrite(value, 1, slot->value, stdout);
        }
    }
    return 0;
}
"""


def driver(
    compiler: Sequence[str],
    types: str,
    subjects: Sequence[Subject],
    slots: Sequence[Slot],
    folder: Path,
    names: Mapping[str, str] | None = None,
    *,
    is_cpp: bool = False,
) -> Driver:
    """Return the program that *compiler* makes over *types*, which is text of C.

    *names* are those that a member has instead of its own: keywords of C++ end in `_`.
    """
    require_file("/usr/include/stdio.h", "libc6-dev")  # a compiler alone makes no program
    spelled = names or {}
    # Members that are `const` are written, too.
    lines = ["#define const", types, "#undef const", HEAD]
    used = {slot.subject for slot in slots}
    for number, subject in enumerate(subjects):
        if number not in used:
            continue  # C++ has no empty members
        type = re.sub(r"->(\w+)", lambda m: f"->{spelled.get(m[1], m[1])}", subject.c_type)
        lines.append(f"typedef {type} T{number};")
    for slot in slots:
        lines += _functions(slot, spelled, is_cpp=is_cpp)
    rows = [
        f"{{ sizeof(T{slot.subject}), {slot.value_size}, r{slot.number}, w{slot.number} }},"
        for slot in slots
    ]
    lines += ["static const struct slot slots[] = {", *rows, "};", TAIL]
    source = folder / ("driver.cc" if is_cpp else "driver.c")
    program = folder / "driver"
    source.write_text("\n".join(lines))
    run([*compiler, "-x", "c++" if is_cpp else "c", "-w", "-O0", "-g0", source, "-o", program])
    numbers = frozenset(slot.number for slot in slots)
    return Driver((str(program),), numbers, numbers)


def _functions(slot: Slot, names: Mapping[str, str], *, is_cpp: bool) -> list[str]:
    name = names.get(slot.member.name, slot.member.name)
    number, type = slot.number, f"T{slot.subject}"
    reads = f"static void r{number}(const void *p, unsigned char *b)"
    writes = f"static void w{number}(void *p, const unsigned char *b)"
    start = (
        f"{reads} {{ const {type} *v = (const {type} *)p;",
        f"{writes} {{ {type} *v = ({type} *)p;",
    )
    if slot.leaf is None:
        size = slot.value_size
        return [
            f"{start[0]} memcpy(b, (const void *)&v->{name}, {size}); }}",
            f"{start[1]} memcpy((void *)&v->{name}, b, {size}); }}",
        ]
    leaf = slot.leaf
    place = f"v->{name}{''.join(f'[{index}]' for index in leaf.indices)}"
    if isinstance(leaf.type, Number) and leaf.type.kind == FLOATING:
        read, write = f"put_double(b, {place})", f"{place} = get_double(b)"
    elif isinstance(leaf.type, Number) and leaf.type.kind == ADDRESS:
        read = f"put(b, (unsigned long){place})"
        write = f"{place} = (__typeof__({place}))(unsigned long)get(b)"
    elif leaf.byte_order in {BIG, LITTLE}:
        swap = f"{leaf.byte_order.upper()}{leaf.bits}"
        read, write = f"put(b, {swap}({place}))", f"{place} = {swap}((unsigned long long)get(b))"
    elif isinstance(leaf.type, Enumeration):
        # A bit-field of an unsigned enum may be an `int` to a comparison, but not to its value.
        read = f"put(b, (wide)(__int128){place})"
        of = f"__typeof__({place})" if leaf.indices else f"decltype(v->{name})"
        value = f"({of})" if is_cpp else ""
        write = f"{place} = {value}get(b)"
    else:
        read, write = f"put(b, (wide)(__int128){place})", f"{place} = get(b)"
    return [f"{start[0]} {read}; }}", f"{start[1]} {write}; }}"]
