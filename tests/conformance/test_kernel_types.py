"""`include kernel;` against the vmlinux.h that bpftool writes of the same BTF, judged by clang."""

from __future__ import annotations

import random
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf.kernel import KernelBtf
from bpfgen.btf.kernel_types import Kernel
from bpfgen.btf.kinds import BTF_KIND_STRUCT, BTF_KIND_UNION
from bpfgen.btf.names import TYPES_OF
from bpfgen.building import build_object
from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options, compile, emit
from bpfgen.ctype.layout import alignof
from bpfgen.ctype.types import Composite
from bpfgen.text.source import Source
from bpfgen.vmlinux import vmlinux_header
from tests.tools import clang_program, clangs, require, require_clang, require_file, witnessed

if TYPE_CHECKING:
    from pathlib import Path

SEED, COUNT = 20, 200
"""Which types, and how many; tried by hand with 20 seeds of 400."""

RUNNING = "/sys/kernel/btf/vmlinux"


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    """Return the types of the running kernel."""
    return Kernel(KernelBtf(str(require_file(RUNNING, "the kernel's BTF"))))


@pytest.fixture(scope="module")
def dumped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the vmlinux.h that bpftool writes."""
    words = [require("bpftool"), "btf", "dump", "file", RUNNING, "format", "c"]
    directory = tmp_path_factory.mktemp("dumped")
    text = subprocess.run(words, capture_output=True, check=True).stdout
    (directory / "vmlinux.h").write_bytes(text)
    return directory


def chosen(kernel: Kernel, seed: int, count: int) -> dict[str, Composite]:
    """Return random structs and unions of *kernel*, by what C calls them.

    One whose name others have isn't among them: which of them has the name, the tools decide.
    """
    btf = kernel.names.btf
    named = [one for one in btf.ids_of_kind(BTF_KIND_STRUCT, BTF_KIND_UNION) if btf.name(one)]
    types: dict[str, Composite] = {}
    for one in random.Random(seed).sample(named, count):  # noqa: S311 -- types, no secrets
        type = kernel.type(one)
        assert isinstance(type, Composite)
        assert type.size == btf.size(one)
        if kernel.ids(type.kind, btf.name(one)) == [one]:
            types[f"{type.kind} {type.tag}"] = type
    return types


def facts(program: str, header: str, types: dict[str, Composite]) -> list[str]:
    """Return clang's size and alignment of each of *types*, and its members' offsets, as lines."""
    lines = []
    for called, type in types.items():
        lines += [f"{called} is sizeof({called})", f"{called} aligned is _Alignof({called})"]
        lines += [
            f"{called}.{member.name} is __builtin_offsetof({called}, {member.name})"
            for member in type.members
            if member.name and not member.is_bitfield
        ]
    asked = "".join(
        f"char a{number}[1 + {line.partition(' is ')[2]}];\n" for number, line in enumerate(lines)
    )
    text = subprocess.run(
        [program, "-target", "bpf", "-S", "-O0", "-x", "c", "-", "-o", "-"],
        input=f"{header}\n{asked}",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    sizes = dict(re.findall(r"\.size\s+a(\d+), (\d+)", text))
    return [
        f"{line.partition(' is ')[0]}: {int(sizes[str(number)]) - 1}"
        for number, line in enumerate(lines)
    ]


def test_sizes_offsets_and_alignments_are_those_of_vmlinux_h(kernel: Kernel, dumped: Path) -> None:
    """What clang makes of bpftool's header, it makes of ours; and the model says the same.

    bpftool before 7.5 loses the size of a one-byte enum: what holds one is another size there than
    in the kernel, and is left out.
    """
    types = chosen(kernel, SEED, COUNT)
    program = clang_program()
    ours = facts(program, vmlinux_header(kernel, types), types)
    theirs = facts(program, (dumped / "vmlinux.h").read_text(), types)
    lost = {
        line.partition(":")[0]
        for line, other in zip(ours, theirs, strict=True)
        if line != other and line.partition(":")[0] in types
    }
    assert len(lost) <= len(types) // 20, lost
    for line, other in zip(ours, theirs, strict=True):
        assert line == other or any(line.startswith(called) for called in lost), other
    said = [
        fact
        for called, type in types.items()
        for fact in (
            f"{called}: {type.size}",
            f"{called} aligned: {alignof(type)}",
            *(
                f"{called}.{member.name}: {member.bit_offset // 8}"
                for member in type.members
                if member.name and not member.is_bitfield
            ),
        )
    ]
    assert said == ours


def test_any_types_of_the_kernel_compile_together(kernel: Kernel) -> None:
    """Structs, unions, enums and typedefs with all that they hold: C takes them in our order.

    Enumerators of one name are told apart, and what is only pointed to is announced.
    """
    btf = kernel.names.btf
    words = {"struct": "struct ", "union": "union ", "enum": "enum ", "typedef": ""}
    names = [
        f"{words[kind]}{name}"
        for kind, of_kind in TYPES_OF.items()
        for name in (btf.name(one) for one in btf.ids_of_kind(*of_kind))
        if name
    ]
    some = random.Random(SEED).sample(names, 500)  # noqa: S311 -- types, no secrets
    done = subprocess.run(
        [clang_program(), "-target", "bpf", "-w", "-fsyntax-only", "-x", "c", "-"],
        input=vmlinux_header(kernel, ["\n".join(some)]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


DECLARED = """include kernel;
struct mine {{
    u8 first;
{members}
}};
{kptr}
map things: array<__u32, mine>[IPPROTO_MAX];
map tasks: hash<pid_t, timespec64>[16];
map events: ringbuf<mine>[4096];
"""


KPTR = """struct with_kptr { struct task_struct __kptr *task; };
map kept: array<__u32, with_kptr>[1];"""


def definitions(path: Path) -> set[str]:
    """Return the types that the BTF of *path* defines, as bpftool has them in C."""
    words = [require("bpftool"), "btf", "dump", "file", str(path), "format", "c"]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return {one for one in text.split("\n\n") if not re.fullmatch(r"(struct|union) \w+;", one)}


@pytest.mark.parametrize("name", witnessed(clangs(), "bpftool"))
def test_objects_have_the_types_that_they_have_after_vmlinux_h(
    kernel: Kernel, dumped: Path, tmp_path: Path, name: str
) -> None:
    """The object of a source is that of its header after bpftool's vmlinux.h, type by type.

    What nobody holds, and a struct of the kernel's only points to, may be forward declared in ours.
    """
    types = [
        called
        for called, type in chosen(kernel, SEED + 1, 400).items()
        if 0 < type.size < 200 and type.kind == "struct"
    ][:12]
    members = "\n".join(f"    {called} m{number};" for number, called in enumerate(types))
    # clang 14 loses the tags of a pointer to a struct that it knows, whoever declares that.
    text = DECLARED.format(members=members, kptr="" if name == "clang-14" else KPTR)
    source = Source(str(tmp_path / "maps.dsl"), text)
    btf = KernelBtf(RUNNING)
    options = Options(clang=Finder(require_clang(name)), btf=btf)
    compilation = compile(source, options)
    assert not compilation.failed, compilation.diagnostics
    data, diagnostics = build_object(compilation, options)
    assert data is not None, diagnostics
    ours = tmp_path / "ours.o"
    ours.write_bytes(data)
    (tmp_path / "maps.h").write_text(emit(compilation, options))
    theirs = tmp_path / "theirs.o"
    words = [clang_program(name), "-target", "bpf", "-g", "-O2", "-I", str(dumped)]
    subprocess.run(
        [*words, "-c", "-x", "c", str(tmp_path / "maps.h"), "-o", str(theirs)], check=True
    )
    defined = definitions(ours)
    assert defined <= definitions(theirs)
    for called in types:
        assert any(one.startswith(f"{called} {{") for one in defined), called
