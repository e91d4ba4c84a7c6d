"""What other generators make of types: the table of docs/user-space.md is what they do here.

bpf2go and libbpf-cargo write types for the same C; a program in their language says how large these
are and where their members are, and clang says where they should be.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.compiler import compile
from bpfgen.elf.read import ElfFile
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.sources import open_source
from bpfgen.text.source import Source
from tests.compiled import command, compile_c
from tests.tools import CHECKOUT, newest, require
from tests.user_space.commands import run
from tests.user_space.go import bpf2go, environment, go_build, go_module
from tests.user_space.rust import rustc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

DOCUMENT = CHECKOUT / "docs/user-space.md"
HEADING = "## Where other generators differ"

KERNEL_TYPES = """\
typedef unsigned char __u8; typedef unsigned short __u16; typedef unsigned int __u32;
typedef unsigned long long __u64; typedef __u32 __be32;
"""
HELD = """\
enum level : __u8 { LOW, HIGH = 200 };
struct small { __u8 a; __u32 b; } __attribute__((packed));
"""
PRELUDE = KERNEL_TYPES + HELD

_ALL = re.MULTILINE | re.DOTALL


class Case(NamedTuple):
    """A type that is tried.

    Attributes:
        what: What it is an example of, as the table has it.
        text: C, where `{}` stands for the type's name.
        members: Their names; those after a colon are bit-fields.
    """

    what: str
    text: str
    members: str = "a b"

    @property
    def kind(self) -> str:
        """`struct` or `union`."""
        return self.text.partition(" ")[0]

    @property
    def plain(self) -> list[str]:
        """The members that are no bit-fields."""
        return [name for name in self.members.split() if name[0] != ":"]

    @property
    def bits(self) -> list[str]:
        """The bit-fields."""
        return [name[1:] for name in self.members.split() if name[0] == ":"]

    def named(self, name: str) -> str:
        """Return the definition of the type as *name*."""
        return self.text.replace("{}", name, 1)


USED = '__attribute__((section(".data"), used))'
PACKED = "__attribute__((packed))"

CASES = (
    Case("`packed`", f"struct {{}} {{ __u8 a; __u32 b; }} {PACKED};"),
    Case("`packed`, the last member smaller", f"struct {{}} {{ __u32 a; __u8 b; }} {PACKED};"),
    Case(
        "`packed, aligned(4)`",
        "struct {} { __u32 a; __u64 b; } __attribute__((packed, aligned(4)));",
    ),
    Case("a packed member", f"struct {{}} {{ __u8 a; __u64 b {PACKED}; }};"),
    Case("a packed struct in an array", "struct {} { struct small a[3]; __u8 b; };"),
    Case("`aligned(16)`", "struct {} { __u32 a; } __attribute__((aligned(16)));", "a"),
    Case("a flexible array", "struct {} { __u32 a; __u8 b[]; };"),
    Case("an empty struct at the end", "struct {} { __u32 a; struct { } b; };"),
    Case("bit-fields", "struct {} { __u8 a; __u32 b : 3, c : 29; __u8 d; };", "a d :b :c"),
    Case("a nameless union", "struct {} { union { __u64 a; struct { __u32 b, c; }; }; };", "a b c"),
    Case("a union", "union {} { __u8 a; __u64 b; };"),
    Case("an enum of one byte", "struct {} { enum level a; __u8 b; };"),
    Case("a pointer", "struct {} { void *a; __u32 b; };"),
    Case("floating numbers", "struct {} { float a; double b; };"),
    Case("`long double`", "struct {} { long double a; };", "a"),
    Case("`__int128`", "struct {} { __u8 a; __int128 b; };"),
    Case("names that differ in `_` or case", "struct {} { __u32 _x, x, X; };", "_x x X"),
)


class Layout(NamedTuple):
    """Size, alignment and offsets in bytes; *align* is 0 where the language doesn't say."""

    size: int
    align: int
    offsets: Mapping[str, int]


def source() -> str:
    """Return C with all types, each used by a variable."""
    lines = [PRELUDE]
    for number, case in enumerate(CASES):
        lines.append(case.named(f"type{number}"))
        lines.append(f"{case.kind} type{number} v{number} {USED};")
    return "\n".join(lines)


def layouts_of_c(folder: Path) -> list[Layout]:
    """Return what clang says for BPF."""
    lines = [source()]
    for number, case in enumerate(CASES):
        type = f"{case.kind} type{number}"
        facts = [f"sizeof({type})", f"_Alignof({type})"]
        facts += [f"__builtin_offsetof({type}, {name})" for name in case.plain]
        lines.append(f"unsigned long long layout{number}[] = {{ {', '.join(facts)} }};")
    file, output = folder / "facts.c", folder / "facts.o"
    file.write_text("\n".join(lines))
    run([*command(newest()), "-target", "bpfel", "-w", "-c", file, "-o", output])
    elf = ElfFile(output.read_bytes())
    objects = {
        symbol.name: elf.section(symbol.shndx).data[symbol.value : symbol.value + symbol.size]
        for symbol in elf.symbols()
        if symbol.name.startswith("layout")
    }
    found = []
    for number, case in enumerate(CASES):
        words = struct.iter_unpack("<Q", objects[f"layout{number}"])
        size, align, *offsets = (word for (word,) in words)
        found.append(Layout(size, align, dict(zip(case.plain, offsets, strict=True))))
    return found


def compared(theirs: Layout, ours: Layout, case: Case, spelled: Callable[[str], str]) -> str:
    """Return in what *theirs* differs, as the table has it; `right` where it doesn't."""
    parts = []
    if theirs.size != ours.size:
        parts.append(f"{theirs.size} bytes")
    if theirs.align and theirs.align != ours.align:
        parts.append(f"aligned to {theirs.align}")
    names = [*case.plain, *case.bits]
    missing = [name for name in names if spelled(name) not in theirs.offsets]
    if missing and any(name.startswith("__anon_") for name in theirs.offsets):
        parts.append("in a member of a made-up name")
    elif missing:
        parts.append("no " + ", ".join(f"`{name}`" for name in missing))
    parts += [
        f"`{name}` at {theirs.offsets[spelled(name)]}"
        for name, offset in ours.offsets.items()
        if name not in missing and theirs.offsets[spelled(name)] != offset
    ]
    return ", ".join(parts) or "right"


def table() -> list[list[str]]:
    """Return the cells of the rows of the table in the document."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(HEADING)[2]
    rows = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    return [row.split(" | ") for row in rows[1:]]


def column(index: int) -> dict[str, str]:
    """Return a column of the table, by what a row is about."""
    return {cells[0]: cells[index].strip() for cells in table()}


def test_sizes_in_the_table_are_those_of_clang(tmp_path: Path) -> None:
    """The second column has them."""
    layouts = layouts_of_c(tmp_path)
    sizes = [f"{layout.size}, aligned to {layout.align}" for layout in layouts]
    assert column(1) == {case.what: size for case, size in zip(CASES, sizes, strict=True)}


GO_PROGRAM = """\
package main

import (
	"fmt"
	"reflect"
)

func main() {
	for _, value := range []any{VALUES} {
		of := reflect.TypeOf(value)
		fmt.Print(of.Name(), " ", of.Size())
		for i := 0; i < of.NumField(); i++ {
			fmt.Print(" ", of.Field(i).Name, "=", of.Field(i).Offset)
		}
		fmt.Println()
	}
}
"""


def test_bpf2go(tmp_path: Path) -> None:
    """Its column is what it does with each type alone, since it refuses several at once."""
    found = [_by_bpf2go(number, tmp_path) for number in range(len(CASES))]
    types = [text for text in found if text.startswith("type ")]
    names = [text.split()[1] for text in types]
    values = ", ".join(f"{name}{{}}" for name in names)
    module = go_module(
        tmp_path / "module",
        {
            "types.go": 'package main\n\nimport "structs"\n\n' + "\n".join(types),
            "main.go": GO_PROGRAM.replace("VALUES", values),
        },
    )
    layouts = layouts_of_c(tmp_path)
    for line in run([go_build(module)]).stdout.splitlines():
        name, size, *fields = line.split()
        number = int(name.rpartition("Type")[2])
        theirs = Layout(int(size), 0, _offsets(fields))
        found[number] = compared(theirs, layouts[number], CASES[number], str.upper)
    assert column(2) == {case.what: text for case, text in zip(CASES, found, strict=True)}


def _by_bpf2go(number: int, folder: Path) -> str:
    """Return the type that bpf2go makes of a case, or why there is none."""
    case = CASES[number]
    file = folder / f"one{number}.c"
    file.write_text(
        f"{PRELUDE}{case.named(f'type{number}')}\n{case.kind} type{number} *pointer {USED};\n"
    )
    words = [bpf2go(), "-go-package", "main", "-cc", command(newest())[0], "-no-strip"]
    words += ["-target", "bpfel", "-output-dir", str(folder), "-type", f"type{number}"]
    done = run([*words, f"t{number}", file], folder=folder, environment=environment(), check=False)
    if done.returncode:
        return "refused"
    text = (folder / f"t{number}_bpfel.go").read_text()
    struct_ = re.search(rf"^type [tT]{number}Type{number} struct \{{\n.*?^\}}\n", text, _ALL)
    assert struct_, text
    members = [name for name in re.findall(r"^\t(\w+) ", struct_[0], re.MULTILINE) if name != "_"]
    if len(set(members)) < len(members):
        return "one name twice"
    others = re.findall(r"^type \w+Level \w+\n", text, re.MULTILINE)
    return struct_[0] + "".join(others)


def _offsets(fields: list[str]) -> dict[str, int]:
    pairs = [field.partition("=") for field in fields]
    return {name: int(offset) for name, _, offset in pairs}


def test_libbpf_cargo(tmp_path: Path) -> None:
    """Its column is what it does."""
    program = require("cargo-libbpf")
    file = tmp_path / "types.bpf.o"
    file.write_bytes(compile_c(source(), newest()))
    text = run([program, "libbpf", "gen", "--object", file], folder=tmp_path).stdout
    types = re.search(r"^    pub mod types \{.*?^    \}\n", text, _ALL)
    assert types
    lines = []
    for number in range(len(CASES)):
        body = re.search(
            rf"pub (?:struct|union) type{number} \{{(.*?)\n        \}}", types[0], _ALL
        )
        assert body
        name = f"types::type{number}"
        lines.append(f'print!("{number} {{}}", core::mem::size_of::<{name}>());')
        lines.append(f'print!(" {{}}", core::mem::align_of::<{name}>());')
        lines += [
            f'print!(" {field}={{}}", core::mem::offset_of!({name}, {field}));'
            for field in re.findall(r"pub (\w+):", body[1])
        ]
        lines.append("println!();")
    main = tmp_path / "main.rs"
    main.write_text(f"#![allow(warnings)]\n{types[0]}\nfn main() {{\n" + "\n".join(lines) + "\n}\n")
    rustc(main, "--edition=2021", "-o", str(tmp_path / "main"))
    layouts = layouts_of_c(tmp_path)
    found = []
    for line in run([tmp_path / "main"]).stdout.splitlines():
        number, size, align = map(int, line.split()[:3])
        theirs = Layout(size, align, _offsets(line.split()[3:]))
        found.append(compared(theirs, layouts[number], CASES[number], str))
    assert column(3) == {case.what: text for case, text in zip(CASES, found, strict=True)}


def test_ours_have_every_type_but_one() -> None:
    """Go has no names for the last; that members are at their places is for `test_differential`."""
    refused = {}
    for case in CASES:
        compilation = compile(Source("types.dsl", HELD + case.named("tried")))
        assert not compilation.failed, compilation.diagnostics
        for backend in ("header", "go", "rust", "python"):
            try:
                BACKENDS[backend].emit(compilation.model)
            except OutputRefused as error:
                refused[case.what, backend] = error.diagnostics[0].message
    assert list(refused) == [(CASES[-1].what, "go")]
    assert "`_x`" in refused[CASES[-1].what, "go"]


def test_go_has_the_last_where_nobody_can_rename_it() -> None:
    """Of C, and of an object, each member is there under a name of its own."""
    text = PRELUDE + CASES[-1].named("tried") + f"struct tried it {USED};"
    for path, data in (("types.c", text.encode()), ("types.o", compile_c(text))):
        opened = open_source(path, data, types=["tried"])
        assert opened.compilation is not None, opened.diagnostics
        made = BACKENDS["go"].emit(opened.compilation.model)[0].text
        assert re.findall(r"^\t(\w+) +uint32$", made, re.MULTILINE) == ["X", "X_", "X__"]


def test_bpftool_has_no_types_of_maps(tmp_path: Path) -> None:
    """`bpftool gen skeleton` names a map, and neither the type of its keys nor of its values."""
    program = require("bpftool")
    file = tmp_path / "maps.bpf.o"
    file.write_bytes(
        compile_c(
            PRELUDE
            + """
            struct flow_key { __be32 saddr; };
            struct {
                int (*type)[1]; int (*max_entries)[8]; struct flow_key *key; __u64 *value;
            } flows __attribute__((section(".maps"), used));
            """,
            newest(),
        )
    )
    text = run([program, "gen", "skeleton", file]).stdout
    assert "*flows;" in text
    assert "flow_key" not in text
