"""A C program that prints values: the witness of `bpfgen.values`.

Each member is read by its name, so that the compiler says where it is, how wide, and of what sign.
What stands around it is written as docs/running.md describes it, and not as `bpfgen.values` does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bpfgen.ctype.types import (
    MODIFIERS,
    Array,
    Composite,
    Enum,
    Float,
    Int,
    Pointer,
    Typedef,
    TypeTag,
    underlying,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpfgen.ctype.types import Type

KERNELS = ("bpf_spin_lock", "bpf_timer", "bpf_wq", "bpf_refcount")

HEAD = r"""
#include <math.h>
#include <stdio.h>
#include <string.h>
typedef unsigned __int128 wide;
static int text;
static void show(const char *json, const char *people) { fputs(text ? people : json, stdout); }
static void digits(wide v) { if (v > 9) digits(v / 10); putchar('0' + (int)(v % 10)); }
static void number(__int128 v) { if (v < 0) { putchar('-'); digits(-(wide)v); } else digits(v); }
static void truth(int v) { show(v ? "true" : "false", v ? "true" : "false"); }
static void real(double v)
{
    if (isnan(v)) show("\"NaN\"", "nan");
    else if (isinf(v)) show(v > 0 ? "\"Infinity\"" : "\"-Infinity\"", v > 0 ? "inf" : "-inf");
    else printf("%.17g", v);
}
static void string(const char *s, unsigned long n)
{
    putchar('"');
    for (; n && *s; n--, s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') printf("\\%c", c);
        else if (c >= ' ' && c < 127) putchar(c);
        else if (!text) printf("\\u%04x", c);
        else if (c >= 7 && c <= 13) printf("\\%c", "abtnvfr"[c - 7]);
        else printf("\\%03o", c);
    }
    putchar('"');
}
static unsigned char data[1 << 16] __attribute__((aligned(4096)));
"""


def program(types: str, subjects: Sequence[tuple[str, Type]]) -> str:
    """Return a program that reads numbers of subjects with their bytes, and prints two lines each.

    *types* is text of C, and *subjects* are its names of types with what each is. The first line is
    JSON, the second the text for people.
    """
    lines = [types, HEAD]
    for number, (name, type) in enumerate(subjects):
        body = "".join(_printed(type, "(*v)", f"sizeof({name})"))
        lines.append(f"static void print{number}(void) {{ {name} *v = (void *)data; {body} }}")
    rows = ", ".join(f"{{ sizeof({name}), print{n} }}" for n, (name, _) in enumerate(subjects))
    lines.append(
        f"static const struct {{ unsigned long size; void (*print)(void); }} all[] = {{ {rows} }};"
    )
    lines.append(r"""
int main(void)
{
    unsigned n;
    while (fread(&n, 4, 1, stdin) == 1) {
        if (all[n].size && fread(data, all[n].size, 1, stdin) != 1) return 1;
        for (text = 0; text < 2; text++) { all[n].print(); putchar('\n'); }
    }
    return 0;
}
""")
    return "\n".join(lines)


def _printed(type: Type, place: str, room: str = "", *, is_bits: bool = False) -> Iterator[str]:
    """Yield statements that print *place*, of *type*; *room* is how many bytes are left there."""
    order = _order(type)
    bare = underlying(type)
    match bare:
        case Int(bool=True):
            byte = place if is_bits else f"*(unsigned char *)&{place}"
            yield f"truth({byte} != 0);"
        case Int() if order and not is_bits and bare.size > 1:
            swapped = f"__builtin_bswap{8 * bare.size}({place})"
            yield f"digits({swapped if order == 'b' else place});"
        case Int(size=16, signed=False):
            yield f"digits({place});"
        case Int():
            yield f"number({place});"
        case Float():
            yield f"real({place});"
        case Enum():
            if is_bits or bare.size != 1:
                yield f"{{ __int128 e = {place};"
            else:  # it may be a `_Bool` that is neither 0 nor 1
                sign = "signed" if bare.signed else "unsigned"
                yield f"{{ __int128 e = *({sign} char *)&{place};"
            for one in bare.enumerators:
                value = f"({one.value}LL)" if one.value < 2**63 else f"{one.value}ULL"
                if one.value == -(2**63):
                    value = "(-0x7fffffffffffffffLL - 1)"
                yield f'if (e == {value}) show("\\"{one.name}\\"", "{one.name}"); else '
            yield '{ show("\\"", ""); number(e); show("\\"", ""); } }'
        case Pointer() if any(isinstance(tag, TypeTag) for tag in _around(bare.pointee)):
            yield 'show("null", "<kernel>");'
        case Pointer():
            yield f'show("\\"", ""); printf("0x%lx", (unsigned long){place}); show("\\"", "");'
        case Array():
            yield from _array(bare, place, room)
        case Composite() if bare.tag in KERNELS:
            yield 'show("null", "<kernel>");'
        case Composite():
            yield from _composite(bare, place, room)
        case _:
            raise AssertionError(bare)


def _composite(type: Composite, place: str, room: str) -> Iterator[str]:
    fields = list(_members(type, room))
    if not fields:
        yield 'show("{}", "{}");'
        return
    yield 'show("{", "{ ");'
    for index, (name, member_type, is_bits, is_last) in enumerate(fields):
        comma = ", " if index else ""
        shown = json.dumps(f"{comma}{json.dumps(name)}: ")
        yield f'show({shown}, "{comma}.{name} = ");'
        inner = f"{place}.{name}"
        left = ""
        if is_last and not is_bits:
            left = f"({room} - ((char *)&{inner} - (char *)&{place}))"
        yield from _printed(member_type, inner, left, is_bits=is_bits)
    yield 'show("}", " }");'


def _members(type: Composite, room: str) -> Iterator[tuple[str, Type, bool, bool]]:
    """Yield name, type, whether it is a bit-field, and whether nothing follows."""
    for index, member in enumerate(type.members):
        is_last = bool(room) and (index == len(type.members) - 1 or type.kind == "union")
        if member.name is not None:
            yield member.name, member.type, member.is_bitfield, is_last
            continue
        inner = underlying(member.type)
        if not member.is_bitfield and isinstance(inner, Composite):
            yield from _members(inner, "x" if is_last else "")


def _array(type: Array, place: str, room: str) -> Iterator[str]:
    count = f"{type.length}ul"
    if type.length == 0:
        count = f"({room} / (sizeof({place}[0]) ?: -1ul))" if room else "0ul"
    element = underlying(type.element)
    if isinstance(element, Int) and element.name == "char":
        yield f"string((const char *){place}, {count});"
        return
    index = f"i{place.count('[')}"
    yield f"{{ unsigned long n = sizeof({place}[0]) ? {count} : 0;"
    yield 'show(n ? "[" : "[]", n ? "{ " : "{}");'
    yield f"for (unsigned long {index} = 0; {index} < n; {index}++) {{"
    yield f'if ({index}) fputs(", ", stdout);'
    yield from _printed(type.element, f"{place}[{index}]")
    yield '} if (n) show("]", " }"); }'


def _order(type: Type) -> str:
    """Return `b` or `l` for what is called `__be32` and the like, or nothing."""
    names = [one.name for one in _around(type) if isinstance(one, Typedef)]
    return next((name[2] for name in names if name[:4] in {"__be", "__le"}), "")


def _around(type: Type) -> Iterator[Type]:
    """Yield *type* and what it is a name or a qualifier of, in order."""
    yield type
    while isinstance(type, (Typedef, *MODIFIERS)):
        type = type.underlying
        yield type
