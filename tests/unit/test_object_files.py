"""What libbpf refuses in an object around its maps, libbpf itself being asked each time.

Sections, symbols, externs, the relocations of programs: a map may be as it should be, and the
object be refused all the same. Then `error` says why, and the maps are there.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from bpfgen.object import read_object
from tests import compiled
from tests.conformance.libbpf import LibbpfError, open_object
from tests.fuzz import object_drafts as elf
from tests.fuzz.object_drafts import SectionDraft, take_apart, take_types_apart
from tests.tools import witnessed
from tests.unit.test_object_refusals import VALID

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fuzz.object_drafts import Draft

MAP = f'struct {{ {VALID} }} m SEC(".maps");'
USES = 'SEC("xdp") int p(void *c) { return (long)&m; }'
KCONFIG = '__attribute__((section(".kconfig")))'

PROGRAMS = {
    "an option that is a struct": (
        (
            f"extern struct {{ int a; }} CONFIG_A {KCONFIG};"
            'SEC("xdp") int p(void *c) { return CONFIG_A.a; }'
        ),
        "of a type that no option has",
    ),
    "an option that is an array of int": (
        f"extern int CONFIG_A[3] {KCONFIG};" + 'SEC("xdp") int p(void *c) { return CONFIG_A[1]; }',
        "of a type that no option has",
    ),
    "an option that is an enum": (
        (
            f"extern enum e {{ A, B }} CONFIG_A {KCONFIG};"
            'SEC("xdp") int p(void *c) { return CONFIG_A; }'
        ),
        "of a type that no option has",
    ),
    "an option that is a function": (
        f'extern int CONFIG_A(void) {KCONFIG};SEC("xdp") int p(void *c) {{ return CONFIG_A(); }}',
        "is a function",
    ),
    "a version of 8 bytes": ('long v SEC("version") = 4;', "a version has 4"),
    "data in a section of one's own": (
        'int x SEC("mine") = 3; SEC("xdp") int p(void *c) { return *(volatile int *)&x; }',
        "takes the address of `x` in section `mine`, where libbpf has no map",
    ),
    "a call of a program": (
        (
            '__attribute__((noinline)) SEC("tc")'
            'int q(void *c) { asm volatile("" ::: "r0"); return 1; }'
            'SEC("xdp") int p(void *c) { return q(c); }'
        ),
        "calls `q`, which isn't a function of section `.text`",
    ),
    "a variable that is common": (
        'int x __attribute__((common)); SEC("xdp") int p(void *c) { return *(volatile int *)&x; }',
        "refers to `x`, which is in no section: was it initialized?",
    ),
    "a static program": (
        '__attribute__((used, noinline)) static SEC("xdp") int p(void *c) { return 1; }',
        "program `p` of section `xdp` is static",
    ),
}

OPENED = {
    "options of every type": (
        f"extern int CONFIG_HZ {KCONFIG}; extern _Bool CONFIG_A {KCONFIG};"
        f"extern char CONFIG_B[16] {KCONFIG}; extern unsigned long CONFIG_C {KCONFIG};"
        "enum libbpf_tristate { NO, YES, MODULE };"
        f"extern enum libbpf_tristate CONFIG_D {KCONFIG};"
        'SEC("xdp") int p(void *c)'
        "{ return CONFIG_HZ + CONFIG_A + CONFIG_B[1] + CONFIG_C + CONFIG_D; }"
    ),
    "a symbol of the kernel": (
        'extern void f(void) __attribute__((section(".ksyms"), weak));'
        'SEC("xdp") int p(void *c) { if (f) f(); return 0; }'
    ),
    "subprograms, static and global": (
        "__attribute__((noinline)) static int one(void *c) { return *(volatile int *)c; }"
        "__attribute__((noinline)) int two(void *c) { return *(volatile int *)c; }"
        'SEC("xdp") int p(void *c) { return one(c) + two(c); }'
    ),
    "data of all kinds": (
        "int data = 3; int zero; const volatile int constant = 4; static volatile int hidden = 5;"
        'int mine SEC(".data.mine") = 6; static const char text[] SEC(".rodata.mine") = "text";'
        'SEC("xdp") int p(void *c)'
        "{ data++; zero++; mine++; return constant + hidden + text[zero]; }"
    ),
    "a license": 'char _license[] SEC("license") = "GPL";' + USES,
}


def a(text: str) -> bytes:
    """Return the object of *text* and of one map."""
    return compiled.compile_c(compiled.MACROS + MAP + text, compiled.newest())


def refused(data: bytes, words: str) -> None:
    """Hold that libbpf refuses *data*, that we say so in *words*, and that the map is there."""
    with pytest.raises(LibbpfError), open_object(data):
        pass
    found = read_object(data)
    assert found.error is not None
    assert words in found.error
    assert [each.name for each in found.maps] == ["m"]
    assert found.maps[0].definition.max_entries == 1


@pytest.mark.parametrize("case", witnessed(PROGRAMS, "libbpf.so.1"))
def test_refused_programs(case: str) -> None:
    """libbpf refuses what stands beside the map; the map is read."""
    text, words = PROGRAMS[case]
    refused(a(text), words)


@pytest.mark.parametrize("case", witnessed(OPENED, "libbpf.so.1"))
def test_opened_programs(case: str) -> None:
    """libbpf takes it, and so do we: the checks can tell one from the other."""
    data = a(OPENED[case])
    with open_object(data):
        pass
    assert read_object(data).error is None


def drop_btf(draft: Draft) -> None:
    """Leave the types out."""
    for section in draft.sections:
        if section.name.startswith(".BTF"):
            section.name, section.data = "", b""
            section.header[elf.NAME] = section.header[elf.TYPE] = 0


def second_symbol_table(draft: Draft) -> None:
    """Double the symbol table."""
    table = next(each for each in draft.sections if each.header[elf.TYPE] == elf.SYMTAB)
    draft.sections.append(table.copy())


def entries_of_no_size(draft: Draft) -> None:
    """Say of the relocations of a program that an entry has no size."""
    table = draft.named(".relxdp")
    assert table is not None
    table.lies[elf.ENTSIZE] = 0


def empty_license(draft: Draft) -> None:
    """Take the license away, not its section."""
    section = draft.named("license")
    assert section is not None
    section.data = b""


def cut_off_program(draft: Draft) -> None:
    """End the file before the program ends."""
    section = draft.named("xdp")
    assert section is not None
    section.lies[elf.SIZE] = 1 << 40


def no_symbol(draft: Draft) -> None:
    """Let a relocation of the program refer to symbol 1000."""
    section = draft.named(".relxdp")
    assert section is not None
    offset, _info = struct.unpack("<QQ", section.data[:16])
    section.data = struct.pack("<QQ", offset, 1000 << 32 | 1) + section.data[16:]


def between_instructions(draft: Draft) -> None:
    """Let a relocation of the program begin in the middle of an instruction."""
    section = draft.named(".relxdp")
    assert section is not None
    offset, _info = struct.unpack("<QQ", section.data[:16])
    section.data = struct.pack("<QQ", offset + 4, 1000 << 32 | 1) + section.data[16:]


DAMAGED: dict[str, tuple[Callable[[Draft], None], str]] = {
    "two symbol tables": (second_symbol_table, "more than one symbol table"),
    "relocations of no size": (entries_of_no_size, "`.relxdp` is no table of relocations"),
    "an empty license": (empty_license, "section `license` is empty"),
    "a program past the end": (cut_off_program, "section `xdp` goes past the end"),
    "an unknown symbol": (no_symbol, "refers to symbol 1000, which isn't there"),
}


@pytest.mark.parametrize("case", witnessed(DAMAGED, "libbpf.so.1"))
def test_refused_files(case: str) -> None:
    """Damages around the map: libbpf refuses the object, and the map is read."""
    damage, words = DAMAGED[case]
    draft = take_apart(a(OPENED["a license"]))
    assert read_object(draft.build()).error is None
    damage(draft)
    refused(draft.build(), words)


def test_a_relocation_between_two_instructions() -> None:
    """The place has to be an instruction."""
    draft = take_apart(a(USES))
    between_instructions(draft)
    refused(draft.build(), "no instruction")


def test_sections_that_nobody_reads_may_be_cut_off() -> None:
    """Debug information past the end of the file is no reason to refuse it."""
    draft = take_apart(a(USES))
    draft.sections.append(SectionDraft(".debug_x", [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], b""))
    names = draft.sections[draft.names]
    draft.sections[-1].header[elf.NAME] = len(names.data)
    names.data += b".debug_x\0"
    draft.sections[-1].lies[elf.SIZE] = 1 << 40
    data = draft.build()
    with open_object(data) as opened:
        assert [each.name for each in opened.maps()] == ["m"]
    found = read_object(data)
    assert found.error is None
    assert found.file.cut_off


def test_externs_without_types() -> None:
    """Without BTF libbpf knows nothing of what another object defines."""
    text = 'int far(void); SEC("xdp") int p(void *c) { return far(); }'
    draft = take_apart(compiled.compile_c(compiled.MACROS + text, compiled.newest()))
    drop_btf(draft)
    data = draft.build()
    with pytest.raises(LibbpfError), open_object(data):
        pass
    assert read_object(data).error == "extern `far` has no type information"


def test_maps_without_types() -> None:
    """Section `.maps` means nothing without BTF, and there is no map to be read."""
    draft = take_apart(a(""))
    drop_btf(draft)
    data = draft.build()
    with pytest.raises(LibbpfError), open_object(data):
        pass
    found = read_object(data)
    assert found.error is not None
    assert found.error.startswith("section `.maps` needs BTF, and there is none")
    assert found.maps == ()


def test_a_broken_type_that_nobody_needs() -> None:
    """A typedef of nothing, which no map uses: libbpf 1.3 refuses it (btf_sanity_check).

    The maps are read all the same.
    """
    draft = take_apart(a("typedef int unused; unused variable = 3;"))
    section = draft.named(".BTF")
    assert section is not None
    types = take_types_apart(section.data, draft.order)
    at = next(n for n, each in enumerate(types.records) if each[1] >> 24 == 8)
    types.records[at][2] = 1 << 20
    section.data = types.build()
    found = read_object(draft.build())
    assert found.error is not None
    assert "which isn't there" in found.error
    assert [each.name for each in found.maps] == ["m"]
    assert found.maps[0].definition.max_entries == 1


def test_an_object_without_types_at_all() -> None:
    """No .BTF, no maps: nothing is wrong with a program of the time before BTF."""
    draft = take_apart(compiled.compile_c("int f(void *c) { return 1; }", compiled.newest()))
    drop_btf(draft)
    data = draft.build()
    with open_object(data):
        pass
    assert read_object(data).error is None


def test_btf_without_types() -> None:
    """A .BTF section with strings alone is BTF, and doesn't describe the maps."""
    draft = take_apart(a(""))
    section = draft.named(".BTF")
    assert section is not None
    types = take_types_apart(section.data, draft.order)
    types.records.clear()
    section.data = types.build()
    data = draft.build()
    with pytest.raises(LibbpfError), open_object(data):
        pass
    assert read_object(data).error == "BTF says nothing about section `.maps` (no DATASEC)"
