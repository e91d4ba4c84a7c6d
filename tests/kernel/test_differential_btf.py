"""Edited BTF: what bpfgen says the kernel refuses in it against what the running kernel does."""

from __future__ import annotations

import functools
import os
from collections import Counter
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf.check import btf_faults
from bpfgen.btf.check_fields import forward_kptrs
from bpfgen.btf.decode import Btf
from bpfgen.elf.read import ElfFile
from bpfgen.kernel.special_fields import SPECIAL_FIELDS
from bpfgen.text.diagnostics import FormatError
from tests import compiled
from tests.fuzz.object_drafts import kind_of, take_types_apart
from tests.fuzz.type_damages import DAMAGES, header
from tests.kernel.bpf_syscall import load_btf
from tests.tools import require_clang, require_root

if TYPE_CHECKING:
    from tests.fuzz.object_drafts import TypesDraft

pytestmark = pytest.mark.kernel

EDITS = int(os.environ.get("BPFGEN_DIFFERENTIAL_BTF", "1000"))
"""How many of each seed; 20,000 take a minute."""

TRIED = 0.5
"""The least part of them that no exclusion may take away."""

_DATASEC = 15
_STRUCTS = (4, 5)

EVERY_KIND = (
    compiled.MACROS
    + """
typedef unsigned int number;
typedef const volatile number fixed_number;
enum small { A, B } __attribute__((packed));
enum wide { W = 1ULL << 40 };
struct ahead;
union body { double d; long double l; float f[3]; fixed_number n; };
struct fields { int a : 3; unsigned b : 7; enum small s : 2; int after; __int128 large; };
struct every {
    struct every *next; const char *restrict text; struct ahead *ahead;
    union body body; struct fields fields[2][3]; enum wide wide; _Bool yes; void *any;
    int (*call)(struct every *self, fixed_number, ...); struct { char c; short s; };
};
struct { __uint(type, 1); __type(key, int); __type(value, struct every);
         __uint(max_entries, 1); } m SEC(".maps");
static int hidden SEC(".data.hidden");
SEC("xdp") int reads(void *context) { return hidden; }
"""
)

SEEDS = {
    "every kind": EVERY_KIND,
    "types": compiled.TYPES,
    "tags": compiled.TAGS,
    "modern": compiled.MODERN,
}


def _seed(text: str) -> TypesDraft:
    """Return the BTF that clang makes of *text*, with the sizes that libbpf would put in place."""
    section = ElfFile(compiled.compile_c(text)).section_named(".BTF")
    assert section is not None
    draft = take_types_apart(bytes(section.data), "<")
    for record in draft.records:
        if kind_of(record) == _DATASEC:
            end = 0
            for at in range(3, len(record), 3):
                record[at + 1] = end
                end += record[at + 2]
            record[2] = end
    return draft


def _kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


def _has_special_fields(btf: Btf) -> bool:
    """Whether the kernel looks for special fields (btf_parse_struct_metas), which isn't tried here.

    There are some as soon as a struct has the name of one, or a pointer a tag.
    """
    return any(
        btf.find(name, *_STRUCTS) is not None for name in (*SPECIAL_FIELDS, *_NODES)
    ) or bool(btf.ids_of_kind(18))


_NODES = ("bpf_list_node", "bpf_rb_node", "bpf_refcount")


def _ours(data: bytes) -> tuple[str, Btf | None]:
    """Return why bpfgen says that the kernel refuses *data*, or nothing; and the types."""
    try:
        btf = Btf(data)
    except FormatError as error:
        return error.what, None
    faults = btf_faults(btf, _kernel(), by_libbpf=False)
    return "; ".join(
        f"[{fault.type_id}].{fault.member} {fault.why} ({fault.function})" for fault in faults
    ), btf


def _kernels(data: bytes) -> str:
    """Return the last line of the kernel's log if it refuses *data*, or nothing."""
    try:
        load_btf(data).close()
    except OSError as error:
        return f"{error.errno}: {str(error).splitlines()[-1]}"
    return ""


@functools.cache
def _seeds() -> dict[str, TypesDraft]:
    return {name: _seed(text) for name, text in SEEDS.items()}


@pytest.mark.parametrize("name", SEEDS)
def test_the_kernel_takes_the_seeds(name: str) -> None:
    """What compilers write of sound types is sound to both."""
    require_root()
    require_clang()
    data = _seeds()[name].build()
    assert not _kernels(data)
    assert not _ours(data)[0]


@pytest.mark.parametrize("name", SEEDS)
def test_the_kernel_agrees_about_edited_types(name: str) -> None:
    """Both take edited BTF or both refuse it, special fields apart."""
    require_root()
    require_clang()
    chance = Random(f"{name} 1")  # noqa: S311 -- not for secrets
    damages = [damage for damage in DAMAGES if damage is not header]
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(EDITS):
        draft = _seeds()[name].copy()
        used = chance.choices(damages, k=chance.choice((1, 1, 1, 2)))
        for damage in used:
            with suppress(IndexError):  # what the first left may be no BTF to the second
                damage(draft, chance)
        data = draft.build()
        ours, btf = _ours(data)
        kernels = _kernels(data)
        if bool(ours) != bool(kernels):
            if not ours and btf is not None and _has_special_fields(btf):
                seen["special fields"] += 1
                continue
            names = [damage.__name__ for damage in used]
            wrong.append(f"{number} {names}: kernel `{kernels}`, bpfgen `{ours}`")
        seen["refused" if kernels else "taken"] += 1
    assert not wrong, f"{len(wrong)} of {EDITS}\n" + "\n".join(wrong[:20])
    assert min(seen["refused"], seen["taken"]) > EDITS / 20, seen
    assert seen["special fields"] < EDITS * (1 - TRIED), seen


KPTRS = (
    "struct bpf_refcount r; struct task_struct KPTR t;",
    "struct bpf_spin_lock l; struct task_struct KPTR t;",
    "int i; struct task_struct KPTR t;",
    "struct own KPTR own; struct task_struct KPTR t;",
    "struct own KPTR own; struct { struct task_struct KPTR t[2]; } in[2];",
    "struct bpf_list_node n; struct { struct task_struct KPTR t[2]; } in[2];",
)
"""Members of a struct: one that makes the kernel look, and a pointer to a struct of its own."""


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("members", KPTRS)
def test_the_kernel_agrees_about_pointers_to_what_is_only_declared(
    members: str, *, whole: bool
) -> None:
    """A kptr to a forward declaration costs the BTF where another field makes the kernel look."""
    require_root()
    require_clang()
    if _kernel() < (6, 15):
        pytest.skip("the kernel is older than what the programs are made for: 6.15")
    text = f"""
struct task_struct {"{ int x; }" if whole else ""};
struct bpf_refcount {{ int x; }}; struct bpf_spin_lock {{ int x; }};
struct bpf_list_node {{ long x[3]; }}; struct own {{ int x; }};
#define KPTR __attribute__((btf_type_tag("kptr"))) *
struct s {{ {members} }};
struct {{ __uint(type, 1); __type(key, int); __type(value, struct s); __uint(max_entries, 1); }}
    m SEC(".maps");
struct task_struct *anchor;
"""
    data = _seed(compiled.MACROS + text).build()
    faults = forward_kptrs(Btf(data), _kernel())
    assert bool(faults) == bool(_kernels(data)), faults
