"""Sound objects of all shapes, from which mutants are made.

Compilers give most of them; what none of those here writes is put together by hand: BTF of the
youngest kernels, names as Rust, Go and gcc give them.
"""

from __future__ import annotations

import functools
import subprocess
import tempfile
from pathlib import Path

from tests import compiled
from tests.fuzz import object_drafts as elf
from tests.fuzz.object_damages import Seed
from tests.fuzz.object_drafts import Draft, SectionDraft, TypesDraft, info
from tests.tools import find

ARENA = (
    compiled.MACROS
    + """
#define __arena __attribute__((address_space(1)))
struct { __uint(type, 33); __uint(map_flags, 1 << 10); __uint(max_entries, 10);
         __ulong(map_extra, 1ull << 44); } arena SEC(".maps");
int __arena shared_number SEC(".addr_space.1");
const char message[] SEC(".rodata.str1.1") = "text";
static int hidden SEC(".data.hidden");
int zero SEC(".bss.zero");
extern int CONFIG_HZ __attribute__((section(".kconfig")));
extern void bpf_lock(void) __attribute__((section(".ksyms"))) __attribute__((weak));
struct ops { int (*call)(void); char name[16]; };
SEC(".struct_ops.link") struct ops linked = { .name = "one" };
char _license[] SEC("license") = "GPL";
SEC("xdp") int reads(void *context)
{
    if (bpf_lock) bpf_lock();
    return hidden + zero + CONFIG_HZ + message[1];
}
"""
)
"""What libbpf makes maps of, besides maps; the 64-bit form of map_extra."""

SHAPES: dict[str, tuple[str, str]] = {
    "modern": (compiled.MODERN, "bpfel"),
    "modern, big-endian": (compiled.MODERN, "bpfeb"),
    "initializer": (compiled.INITIALIZER, "bpfel"),
    "initializer, big-endian": (compiled.INITIALIZER, "bpfeb"),
    "legacy": (compiled.LEGACY, "bpfel"),
    "legacy, big-endian": (compiled.LEGACY, "bpfeb"),
    "extern": (compiled.EXTERN, "bpfel"),
    "types": (compiled.TYPES, "bpfeb"),
    "tags": (compiled.TAGS, "bpfel"),
    "arena and data": (ARENA, "bpfel"),
}

VALID = "__uint(type, 1); __type(key, int); __type(value, struct v); __uint(max_entries, 1);"
SMALL = (
    compiled.MACROS
    + "struct v { int a; long long b : 3; struct { char c[3]; } d[2]; struct v *next; };"
    + f'struct {{ {VALID} }} m SEC(".maps");'
)
"""A single map: where nothing else is, damages hit it more often."""

FIELDS = (
    compiled.MACROS
    + """
struct node { int data; };
struct bpf_spin_lock { __u32 val; };
struct bpf_timer { __u64 opaque[2]; };
struct bpf_list_head { __u64 opaque[2]; };
struct v {
    struct bpf_spin_lock lock;
    struct bpf_timer timer;
    struct bpf_list_head head __attribute__((btf_decl_tag("contains:node:link")));
    struct task_struct __attribute__((btf_type_tag("kptr"))) *task;
    enum { A = -1, B = 0x7fffffffffff } wide;
    float number;
};
"""
    + f'struct {{ {VALID} }} m SEC(".maps");'
)
"""Special members, tags and wide enumerators, held by a map."""


def by_hand(order: str) -> bytes:
    """Return an object that no compiler here writes: tags with kind_flag, names of Rust and Go."""
    types = TypesDraft(order)
    text = types.string
    number = types.add(text(b"long unsigned int"), info(1), 8, 64)
    u32 = types.add(text(b"u32"), info(1), 4, 32)
    narrow = types.add(text(b"unsigned int"), info(1), 4, 3 << 16 | 5)
    index = types.add(text(b"__ARRAY_SIZE_TYPE__"), info(1), 4, 32)
    generic = text(b"core::option::Option<alloc::boxed::Box<u32>>")
    union = types.add(text(b"either"), info(5, 2), 8, text(b"a"), number, 0, text(b"b"), u32, 0)
    wide = types.add(
        text(b"wide"), info(19, 2, flag=True), 8, *(text(b"W"), 1, 2, text(b"X"), 9, 0)
    )
    member = text(b"__0")
    struct = types.add(
        generic, info(4, 3), 24, member, union, 0, text(b"n"), narrow, 64, 0, wide, 128
    )
    types.add(text(b"packed"), info(17, flag=True), struct, elf.U32)
    types.add(text(b"contains:a:b"), info(17), struct, 1)
    tagged = types.add(text(b"address_space(1)"), info(18, flag=True), struct)
    qualified = types.add(0, info(10), types.add(0, info(9), tagged))
    key = types.add(0, info(2), u32)
    value = types.add(0, info(2), qualified)
    members = [text(b"key"), key, 0, text(b"value"), value, 64]
    for at, (name, count) in enumerate(((b"type", 1), (b"max_entries", 7)), 2):
        array = types.add(0, info(3), 0, u32, index, count)
        members += [text(name), types.add(0, info(2), array), at * 64]
    definition = types.add(text(b"aya::Map"), info(4, 4), 32, *members)
    alias = types.add(text(b"Map"), info(8), definition)
    variable = types.add(text(b"m"), info(14), alias, 1)
    fwd = types.add(text(b"gone"), info(7, flag=True), 0)
    proto = types.add(0, info(13, 2), fwd, text(b"self"), value, 0, 0)
    types.add(text(b"method"), info(12, 1), proto)
    types.add(text(b"f64"), info(16), 8)
    types.add(text(b".maps"), info(15, 1), 32, variable, 0, 32)
    return put_together(order, types, 32)


def put_together(order: str, types: TypesDraft, size: int) -> bytes:
    """Return an object of one variable `m` in section `.maps` of *size* bytes, with *types*."""
    import struct

    draft = Draft(order)
    symbol = struct.pack(order + "IBBHQQ", 1, 0x11, 0, 1, 0, size)
    sections = {
        "": [0, 0, 0, b""],
        ".maps": [elf.PROGBITS, 0, 0, bytes(size)],
        ".BTF": [elf.PROGBITS, 0, 0, types.build()],
        ".symtab": [elf.SYMTAB, 4, 1, bytes(24) + symbol],
        ".strtab": [elf.STRTAB, 0, 0, b"\0m\0"],
        ".shstrtab": [elf.STRTAB, 0, 0, b""],
    }
    names = b""
    for name, (type, link, section_info, data) in sections.items():
        flags, entsize = 3 if name == ".maps" else 0, 24 if type == elf.SYMTAB else 0
        header = [len(names), type, flags, 0, 0, 0, link, section_info, 8, entsize]
        draft.sections.append(SectionDraft(name, header, data))  # type: ignore[arg-type]
        names += name.encode() + b"\0"
    draft.names = len(sections) - 1
    draft.sections[-1].data = names
    return draft.build()


@functools.cache
def seeds() -> tuple[Seed, ...]:
    """Return a seed for each shape and each compiler that is here."""
    made = [Seed(f"by hand, {order}", by_hand(order)) for order in "<>"]
    newest = compiled.newest()
    for name, (text, target) in {
        **SHAPES,
        "small": (SMALL, "bpfel"),
        "small, big-endian": (SMALL, "bpfeb"),
        "fields": (FIELDS, "bpfel"),
    }.items():
        made.append(Seed(name, compiled.compile_c(text, newest, target)))
    others = [name for name in compiled.COMPILERS if name != newest]
    made += [Seed(f"small, {name}", compiled.compile_c(SMALL, name)) for name in others]
    made += [
        Seed(f"32 bits of {each.name}", elf.narrowed(each.draft).build()) for each in made[2:5]
    ]
    bpftool = find("bpftool")
    if bpftool is not None:
        modern = compiled.compile_c(compiled.MODERN, newest)
        made.append(Seed("linked", linked(bpftool, modern, compiled.compile_c(SMALL, newest))))
    return tuple(made)


def linked(bpftool: str, *objects: bytes) -> bytes:
    """Return what `bpftool gen object` makes of *objects*."""
    with tempfile.TemporaryDirectory() as directory:
        paths = [Path(directory, f"{n}.o") for n in range(len(objects))]
        for path, data in zip(paths, objects, strict=True):
            path.write_bytes(data)
        output = Path(directory, "linked.o")
        subprocess.run([bpftool, "gen", "object", output, *paths], check=True)
        return output.read_bytes()
