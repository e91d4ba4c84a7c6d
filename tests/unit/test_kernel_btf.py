"""The file after `--btf`, and `include kernel;` over it: no kernel is asked, clang plays one."""

from __future__ import annotations

import random
import re
import struct
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf.kernel import BtfFileError, KernelBtf
from bpfgen.btf.kernel_types import Kernel
from bpfgen.building import build_object
from bpfgen.cli import main
from bpfgen.compiler import Options, compile, emit_files
from bpfgen.ctype.layout import sizeof
from bpfgen.ctype.types import Composite, Enum
from bpfgen.elf.read import ElfFile
from bpfgen.model.model import ConstantDeclaration
from bpfgen.text.source import Source
from bpfgen.vmlinux import vmlinux_header
from tests.compiled import MACROS, TARGETS, compile_c
from tests.tools import newest

if TYPE_CHECKING:
    from pathlib import Path

KERNEL = """
typedef unsigned char __u8; typedef unsigned int __u32; typedef __u8 u8; typedef __u32 u32;
typedef unsigned long long __u64; typedef unsigned short __u16;
typedef _Bool bool;
enum { COMM_LEN = 16, BIG = 1ULL << 40 } constants;
enum small { ONE = 1, TWO } __attribute__((packed));
enum state { NEGATIVE = -1, RUNNING = 0x7fffffff };
struct only_named;
struct task { char comm[COMM_LEN]; struct task *parent; struct only_named *files; bool alive;
    u32 a : 3, b : 12; enum small small; };
struct packed { u8 first; __u64 second; } __attribute__((packed));
struct lines { __u32 first; __u32 second __attribute__((aligned(64))); };
typedef struct { __u32 packets; } nameless;
union either { __u32 word; __u8 bytes[7]; };
struct config { int x; };
"""
USES = """
struct task task; struct packed packed; struct lines lines; nameless *nameless_; union either e;
struct config config; enum state state; u8 byte; __u16 half;
"""


@pytest.fixture(scope="module", params=TARGETS)
def btf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a raw BTF file of :data:`KERNEL`, in one byte order and in the other."""
    path = tmp_path_factory.mktemp("kernel") / "vmlinux.btf"
    path.write_bytes(raw(f"{KERNEL}{USES}", request.param))
    return path


def raw(text: str, target: str = "bpfel") -> bytes:
    """Return the BTF of *text* by itself."""
    section = ElfFile(compile_c(text, newest(), target)).section_named(".BTF")
    assert section is not None
    return bytes(section.data)


def compiled(text: str, *paths: Path | str) -> tuple[list[str], Options]:
    """Return what is said of *text* with the BTF of *paths*, and the options."""
    options = Options(btf=KernelBtf(*map(str, paths)))
    compilation = compile(Source("maps.dsl", text), options)
    return [str(one.message) for one in compilation.diagnostics], options


def test_types_have_the_layout_of_the_kernel(btf: Path) -> None:
    """Bit-fields, packed structs, gaps, one-byte enums: sizes and offsets are BTF's."""
    kernel = Kernel(KernelBtf(str(btf)))
    task, packed = kernel.find("struct", "task"), kernel.find("struct", "packed")
    lines, small = kernel.find("struct", "lines"), kernel.find("enum", "small")
    assert isinstance(task, Composite)
    assert isinstance(packed, Composite)
    assert isinstance(lines, Composite)
    assert isinstance(small, Enum)
    assert (packed.size, packed.align, packed.members[1].bit_offset) == (9, 1, 8)
    assert (small.size, task.size, task.align) == (1, 40, 8)
    assert [(m.name, m.bit_offset, m.bitfield_size) for m in task.members[4:7]] == [
        ("a", 264, 3),
        ("b", 267, 12),
        ("small", 280, 0),
    ]
    # vmlinux.h has no `aligned`: padding keeps the places.
    assert {m.name: m.bit_offset for m in lines.members if m.name} == {"first": 0, "second": 512}
    assert (lines.size, lines.align) == (128, 4)


SOURCE = """include kernel;
struct event { struct task task; u8 rest[COMM_LEN]; enum small small; nameless counted; };
map events: hash<__u32, event>[8];
map by_state: array<__u32, enum state>[4];
map wide: array<__u32, struct lines>[2];
"""


def test_an_object_needs_no_vmlinux_h(btf: Path, tmp_path: Path) -> None:
    """The maps are compiled and verified with what BTF says, whatever is on the disk."""
    options = Options(btf=KernelBtf(str(btf)))
    (tmp_path / "vmlinux.h").write_text("#error none of these is needed\n")
    compilation = compile(Source(str(tmp_path / "maps.dsl"), SOURCE), options)
    assert not compilation.failed, compilation.diagnostics
    data, diagnostics = build_object(compilation, options)
    assert data is not None, diagnostics
    assert compilation.dependencies == (str(btf),)
    text = emit_files(compilation, options)[0].text
    assert '#ifndef __VMLINUX_H__\n#include "vmlinux.h"\n#endif\n' in text
    assert "struct task {" not in text.partition("#ifndef BPFGEN_BPF\n")[0]


def test_every_output_has_the_types(btf: Path, tmp_path: Path) -> None:
    """Go, Rust and Python declare what the maps hold; the header does for user space."""
    options = Options(btf=KernelBtf(str(btf)))
    compilation = compile(Source(str(tmp_path / "maps.dsl"), SOURCE), options)
    for form, declared in (
        ("go", "type MapsTask struct {"),
        ("rust", "pub struct MapsTask"),
        ("python", "class maps_task("),
        ("header", "struct bpfgen_maps__task {"),
    ):
        assert declared in emit_files(compilation, options, form)[0].text, form


def test_what_the_file_declares_goes_before_the_kernel(btf: Path) -> None:
    """A name of the file's own means that; that a program can't have both is a warning."""
    text = "include kernel;\nstruct config { __u64 mine; };\nmap m: array<__u32, config>[1];\n"
    said, _ = compiled(text, btf)
    assert said == ["vmlinux.h has a struct `config`: a program that includes both doesn't compile"]


def test_the_file_given_decides_which_names_clash(btf: Path) -> None:
    """`struct rq` is none of this kernel's, and `task` is; in the shipped list it's otherwise."""
    text = "struct {} {{ __u32 x; }};\nmap m: array<__u32, {}>[1];\n"
    assert compiled(text.format("rq", "rq"), btf)[0] == []
    assert len(compiled(text.format("task", "task"), btf)[0]) == 1
    assert len(compile(Source("m.dsl", text.format("rq", "rq"))).diagnostics) == 1


def test_an_unknown_name_is_said_with_one_that_is_near(btf: Path) -> None:
    """Types and enumerators that the kernel hasn't; one that is declared only is none."""
    said = compile(
        Source("m.dsl", "include kernel;\nmap m: array<__u32, struct tsak>[COMM_LEM];\n"),
        Options(btf=KernelBtf(str(btf))),
    ).diagnostics
    assert [one.help for one in said] == ["did you mean `task`?", "did you mean `COMM_LEN`?"]
    assert compiled("include kernel;\nmap m: array<__u32, struct only_named>[1];\n", btf)[0]


def test_a_constant_has_the_type_that_c_gives_it(btf: Path) -> None:
    """`int` where the value fits, else the enum's own: -BIG would be none of an `int`."""
    text = (
        "include kernel;\nconst A = COMM_LEN - 20 < 0;\nconst B = BIG - BIG - 1 > 0;\n"
        "const C = NEGATIVE < 0 && RUNNING > 0;\nmap a: array<__u32, __u64>[A + B + C];\n"
    )
    compilation = compile(Source("m.dsl", text), Options(btf=KernelBtf(str(btf))))
    assert compilation.diagnostics == []
    constants = [
        one for one in compilation.model.declarations if isinstance(one, ConstantDeclaration)
    ]
    assert [one.constant.value for one in constants] == [1, 1, 1]


def test_without_a_file_the_error_says_what_to_type() -> None:
    """Nothing is looked for on the machine."""
    compilation = compile(Source("m.dsl", "include kernel;\nmap m: array<__u32, __u64>[1];\n"))
    assert [one.code for one in compilation.diagnostics] == ["kernel-btf"]
    assert "--btf FILE" in compilation.diagnostics[0].help


def test_a_type_that_c_cannot_have_is_an_error_of_its_own(tmp_path: Path) -> None:
    """Members that overlap are no struct; whatever else is wrong is said once."""
    data = bytearray(raw("struct s { int a, b; } s;"))
    at = data.index(struct.pack("<I", 32), data.index(struct.pack("<II", 4 << 24 | 2, 8)))
    data[at : at + 4] = bytes(4)
    path = tmp_path / "odd"
    path.write_bytes(data)
    said, _ = compiled("include kernel;\nmap m: array<__u32, struct s>[1];\n", path)
    assert len(said) == 1
    assert said[0].startswith("the kernel's `struct s` can't be had here: no declaration of C")


def test_several_types_of_one_name_are_said(tmp_path: Path) -> None:
    """The first one is meant; the second has the number that vmlinux.h gives it."""
    path = tmp_path / "two"
    base = raw("struct s { int a; } s;")
    path.write_bytes(base)
    other = tmp_path / "other"
    other.write_bytes(continued(base, b"s\0b\0", [(0, 4 << 24 | 1, 8, (2, 1, 0))]))
    text = "include kernel;\nmap m: array<__u32, struct s>[1];\nmap n: array<__u32, {}>[1];\n"
    said, options = compiled(text.format("struct s___2"), path, other)
    assert said == [
        f"`{other}` has 2 types `struct s` that differ, and here it is the first, of 4 bytes"
    ]
    model = compile(Source("m.dsl", text.format("struct s___2")), options).model
    assert {tag: sizeof(type) for (_kind, tag), type in model.types.items()} == {
        "s": 4,
        "s___2": 8,
    }
    assert compiled(text.format("struct s___3"), path, other)[0] != said


def continued(base: bytes, strings: bytes, types: list[tuple[object, ...]]) -> bytes:
    """Return BTF that continues *base*, as a module's; names are offsets in *strings*.

    Each type is its name, info, size, and the words of each member, whose names are such offsets.
    """
    begin = struct.unpack_from("<I", base, 20)[0]
    body = b""
    for name, info, size, *members in types:
        assert isinstance(name, int)
        body += struct.pack("<III", begin + name, info, size)
        for member in members:
            assert isinstance(member, tuple)
            body += struct.pack("<III", begin + member[0], *member[1:])
    header = struct.pack("<HBBI4I", 0xEB9F, 1, 0, 24, 0, len(body), len(body), len(strings))
    return header + body + strings


def test_a_module_continues_its_kernel(tmp_path: Path) -> None:
    """Its types hold the kernel's; by itself it is an error that says how to name both."""
    base, module = tmp_path / "vmlinux", tmp_path / "module"
    base.write_bytes(raw("struct s { int a; } s;"))
    kernel = Kernel(KernelBtf(str(base)))
    inner = kernel.ids("struct", "s")[0]
    module.write_bytes(
        continued(base.read_bytes(), b"mine\0x\0", [(0, 4 << 24 | 1, 4, (5, inner, 0))])
    )
    mine = Kernel(KernelBtf(str(base), str(module))).find("struct", "mine")
    assert isinstance(mine, Composite)
    assert mine.members[0].type == kernel.find("struct", "s")
    with pytest.raises(BtfFileError) as refused:
        KernelBtf(str(module)).open()
    assert "--btf /sys/kernel/btf/vmlinux --btf" in refused.value.advice


@pytest.mark.parametrize("target", TARGETS)
def test_an_elf_file_with_btf_is_as_good(tmp_path: Path, target: str) -> None:
    """As vmlinux, a module, or what `bpftool gen min_core_btf` writes."""
    path = tmp_path / "vmlinux"
    path.write_bytes(compile_c(f"{KERNEL}{USES}", newest(), target))
    assert Kernel(KernelBtf(str(path))).find("struct", "packed") is not None


def test_a_file_that_is_none_is_an_error_and_nothing_else(tmp_path: Path) -> None:
    """Cut off anywhere, empty, a text, packed, a directory, not there: one sentence."""
    data = raw(f"{KERNEL}{USES}")
    path = tmp_path / "btf"
    for end in [*range(60), *range(60, len(data), 97), len(data) - 1]:
        path.write_bytes(data[:end])
        with pytest.raises(BtfFileError, match="btf"):
            KernelBtf(str(path)).open()
    for content in (b"", b"#include <a.h>\n", b"\x1f\x8b\x08", b"\x7fELF", b"\x7fELF" + bytes(60)):
        path.write_bytes(content)
        with pytest.raises(BtfFileError, match="btf"):
            KernelBtf(str(path)).open()
    for other in (str(tmp_path), str(tmp_path / "nowhere")):
        with pytest.raises(BtfFileError, match="cannot read"):
            KernelBtf(other).open()


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    """As under --watch, where one process compiles many times."""
    path = tmp_path / "btf"
    opened = KernelBtf(str(path))
    path.write_bytes(raw("struct first { int a; } s;"))
    assert opened.open() is opened.open()
    path.write_bytes(raw("struct second_one { int a; } s;"))
    assert Kernel(opened).find("struct", "second_one") is not None


def test_projects_name_the_file(
    btf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`btf = "FILE"` is relative to the project's file, and a dependency of what is made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "types").mkdir()
    (tmp_path / "types/vmlinux.btf").write_bytes(btf.read_bytes())
    (tmp_path / "pyproject.toml").write_text('[tool.bpfgen]\nbtf = "types/vmlinux.btf"\n')
    (tmp_path / "common.dsl").write_text(SOURCE)
    text = 'import "common.dsl";\nmap more: array<__u32, event>[1];\n'
    (tmp_path / "maps.dsl").write_text(text)
    assert main(["maps.dsl", "-o", "maps.h", "--depfile", "maps.d"]) == 0, capsys.readouterr().err
    assert "types/vmlinux.btf" in (tmp_path / "maps.d").read_text()
    (tmp_path / "types/vmlinux.btf").write_text("none")
    assert main(["maps.dsl", "-o", "maps.h"]) == 1
    assert "types/vmlinux.btf` is no BTF" in capsys.readouterr().err
    (tmp_path / "maps.dsl").write_text("map more: array<__u32, __u64>[1];\n")
    assert main(["maps.dsl", "-o", "maps.h"]) == 0
    assert "types/vmlinux.btf` is no BTF" in capsys.readouterr().err


VMLINUX_H = KERNEL.replace("TWO } __attribute__((packed))", "TWO } __attribute__((mode(byte)))")
"""The same as bpftool's vmlinux.h declares it."""

PROGRAM = """
struct mine { struct task task; u8 more[8]; nameless counted; };
struct { __uint(type, 1); __type(key, enum state); __type(value, struct mine);
    __uint(max_entries, 8); } things SEC(".maps");
struct { __uint(type, 2); __type(key, u32); __type(value, union either);
    __uint(max_entries, 8); } unions SEC(".maps");
"""


def imported(tmp_path: Path, kernel: str, btf: Path) -> tuple[int, str]:
    """Return the status of the import of a program with the types of *kernel*, and the source."""
    macros = "\n".join(line for line in MACROS.splitlines() if line.startswith("#"))
    (tmp_path / "prog.o").write_bytes(compile_c(f"{kernel}{macros}{PROGRAM}", newest(), "bpf"))
    words = ["import", str(tmp_path / "prog.o"), "-o", str(tmp_path / "maps.dsl")]
    status = main([*words, "--btf", str(btf)])
    return status, (tmp_path / "maps.dsl").read_text()


def test_an_object_takes_the_types_of_its_kernel(
    btf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the program has from vmlinux.h is included; its own types are declared."""
    status, text = imported(tmp_path, VMLINUX_H, btf)
    assert status == 0, capsys.readouterr().err
    assert "include kernel;" in text
    assert re.findall(r"^(?:struct|union|enum|typedef) \w+", text, re.MULTILINE) == ["struct mine"]
    words = [str(tmp_path / "prog.o"), str(tmp_path / "maps.dsl"), "--btf", str(btf)]
    assert main(["verify", *words]) == 0, capsys.readouterr().err


def test_an_object_of_another_kernel_declares_all(
    btf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two types of one name can't stand beside each other: none is taken, and that is said."""
    status, text = imported(tmp_path, VMLINUX_H.replace("bool alive;", "long alive;"), btf)
    said = capsys.readouterr().err
    assert status == 0, said
    assert "include kernel;" not in text
    assert "struct task {" in text
    assert "`struct task` of the object isn't that of" in said


def test_c_needs_no_vmlinux_h(
    btf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the header is found it stays; where it isn't, the kernel's BTF takes its place."""
    macros = "\n".join(line for line in MACROS.splitlines() if line.startswith("#"))
    (tmp_path / "types.h").write_text("struct shared { struct task task; };\n")
    (tmp_path / "prog.bpf.c").write_text(
        f'#include "vmlinux.h"\n#include "types.h"\n{macros}{PROGRAM}'
    )
    maps = tmp_path / "maps.dsl"
    words = ["import", str(tmp_path / "prog.bpf.c"), "-o", str(maps), "--btf", str(btf)]
    assert main(words) == 0, capsys.readouterr().err
    assert "include kernel;\n" in maps.read_text()
    assert "vmlinux.h" not in maps.read_text()
    assert main([str(maps), "-o", str(tmp_path / "maps.o"), "--btf", str(btf)]) == 0
    capsys.readouterr()
    more = (
        "enum bpf_map_type { BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY };\n"
        "typedef long long __s64; typedef __u16 __be16; typedef __u32 __be32, __wsum;\n"
        "typedef int __s32; typedef short __s16; typedef signed char __s8; typedef __u64 __be64;\n"
    )
    (tmp_path / "vmlinux.h").write_text(f"#define __VMLINUX_H__\n{VMLINUX_H}{more}")
    assert main(words) == 0, capsys.readouterr().err
    assert 'include "vmlinux.h";\n' in maps.read_text()
    assert main(words[:-2]) == 0, capsys.readouterr().err


def test_headers_of_the_project_may_use_the_kernel(
    btf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A C header that is written for BPF programs finds the kernel's types before it."""
    inner = "struct inner { struct packed packed; u8 rest[COMM_LEN]; };\n"
    (tmp_path / "inner.h").write_text(inner)
    text = '#include "inner.h"\nstruct shared { struct inner inner; nameless counted; };\n'
    (tmp_path / "types.h").write_text(f"#pragma once\n{text}")
    source = tmp_path / "maps.dsl"
    source.write_text(
        'include kernel;\ninclude "types.h";\nstruct mine { struct shared shared; u8 x; };\n'
        "map m: array<__u32, mine>[COMM_LEN];\n"
    )
    words = [str(source), "-o", str(tmp_path / "maps.o"), "--btf", str(btf)]
    assert main(words) == 0, capsys.readouterr().err


def test_a_header_of_the_project_may_include_the_one_that_is_not_there(
    btf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`common.h` includes vmlinux.h: the source includes common.h, and compiles with --btf."""
    macros = "\n".join(line for line in MACROS.splitlines() if line.startswith("#"))
    shared = "struct shared { struct task task; u8 rest[COMM_LEN]; };\n"
    (tmp_path / "common.h").write_text(f'#pragma once\n#include "vmlinux.h"\n{shared}')
    (tmp_path / "prog.bpf.c").write_text(
        f'#include "common.h"\n{macros}{PROGRAM}'
        "struct { __uint(type, 2); __type(key, u32); __type(value, struct shared);"
        ' __uint(max_entries, 8); } more SEC(".maps");\n'
    )
    maps = tmp_path / "maps.dsl"
    given = ["--btf", str(btf)]
    assert main(["import", str(tmp_path / "prog.bpf.c"), "-o", str(maps), *given]) == 0
    assert re.findall(r"^include .*", maps.read_text(), re.MULTILINE) == ['include "common.h";']
    assert main([str(maps), "-o", str(tmp_path / "maps.o"), *given]) == 0
    assert capsys.readouterr().err.count("error") == 0
    assert main([str(maps), "-o", str(tmp_path / "maps.o")]) == 1
    assert "--btf FILE" in capsys.readouterr().err


def test_a_project_is_imported_without_a_vmlinux_h(
    btf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A header of maps that means nothing alone takes the kernel's types as its program does."""
    monkeypatch.chdir(tmp_path)
    macros = "\n".join(line for line in MACROS.splitlines() if line.startswith("#"))
    (tmp_path / "maps.h").write_text(PROGRAM)
    for name in ("one", "two"):
        (tmp_path / f"{name}.bpf.c").write_text(
            f'#include "vmlinux.h"\n{macros}\n#include "maps.h"\n'
        )
    assert main(["import", ".", "--out-dir", "out", "--btf", str(btf)]) == 0, capsys.readouterr()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["maps.dsl"]
    assert "include kernel;" in (tmp_path / "out/maps.dsl").read_text()


SEED, COUNT = 5, 60
"""Which damages, and how many; 4,000 were tried by hand."""

NEEDED = "struct task struct lines struct only_named nameless union either u8 u32 BIG COMM_LEN"


def test_damaged_btf_is_an_error_or_another_kernel(tmp_path: Path) -> None:
    """Whatever bytes of the types are others: diagnostics, and outputs where there are none."""
    chance = random.Random(SEED)  # noqa: S311 -- reproducible, nothing secret
    whole = raw(f"{KERNEL}{USES}")
    end = 24 + struct.unpack_from("<I", whole, 12)[0]
    path = tmp_path / "btf"
    compiled_at_all = 0
    for _ in range(COUNT):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 4))):
            at = chance.randrange(24, end)
            data[at] = chance.choice((0, 1, 255, data[at] ^ 1, chance.randrange(256)))
        path.write_bytes(data)
        options = Options(btf=KernelBtf(str(path)))
        compilation = compile(Source("m.dsl", SOURCE), options)
        try:
            kernel = Kernel(KernelBtf(str(path)))
        except BtfFileError:
            assert compilation.failed
            continue
        vmlinux_header(kernel, [SOURCE, NEEDED])
        if not compilation.failed:
            compiled_at_all += 1
            for form in ("header", "go", "rust", "python", "json"):
                emit_files(compilation, options, form)
    assert compiled_at_all > COUNT // 10
