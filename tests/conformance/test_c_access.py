"""Typed access in C: the instructions of the helpers, and a refusal of what has another type."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile, emit, emit_files
from bpfgen.ctype.types import FuncProto, Parameter, Void
from bpfgen.emit.backend import OutputRefused
from bpfgen.emit.c.access.program import ProgramAccess
from bpfgen.emit.c.access.section import program_access
from bpfgen.emit.c.declarators import Speller
from bpfgen.emit.c.type_bodies import C
from bpfgen.kernel.helpers import HELPERS, MAP_HELPERS
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.text.source import Source
from tests.compiled import COMPILERS, command
from tests.samples import compiled
from tests.tools import header_flags, require_file

if TYPE_CHECKING:
    from bpfgen.emit.c.access.functions import Accessor
    from bpfgen.model.model import Model

SAMPLES = ("kinds.dsl", "types.dsl", "flows.dsl", "map_in_map.dsl", "tail_calls.dsl")

LIBBPF = """
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
"""

WRONG = """
struct bpfgen_other { char other[3]; };
"""


def accessors_of(model: Model) -> list[Accessor]:
    """Return the accessors for BPF programs of every map."""
    access = ProgramAccess(Speller(C))
    return [accessor for map in model.maps for accessor in access.of_map(map)]


def run(compiler: str, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Return what *compiler* makes of *text* for the bpf target."""
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    words = [*command(compiler), "-target", "bpf", "-O2", "-w", *header_flags(), *options]
    return subprocess.run(
        [*words, "-x", "c", "-", "-o", "-"], input=text, capture_output=True, text=True, check=False
    )


def assembly(compiler: str, text: str) -> dict[str, list[str]]:
    """Return the instructions of every function of *text*, by name."""
    done = run(compiler, text, "-S")
    assert done.returncode == 0, done.stderr
    functions: dict[str, list[str]] = {}
    name = ""
    for line in done.stdout.splitlines():
        label = re.match(r"(call_\d+):", line)
        if label is not None:
            name = label[1]
            functions[name] = []
        elif name and line.startswith(("\t", "LBB", ".LBB")) and not line.startswith("\t."):
            functions[name].append(line.split("#")[0].strip())
        elif line.startswith(".Lfunc_end"):
            name = ""
    return functions


def callers(accessors: list[Accessor], *, through_libbpf: bool) -> str:
    """Return a function for each accessor that calls it, or libbpf's helper in its place."""
    speller = Speller(C)
    texts = []
    for number, accessor in enumerate(accessors):
        parameters = tuple(Parameter(a.name, a.type) for a in accessor.arguments)
        head = speller.declaration(FuncProto(accessor.returns, parameters), f"call_{number}")
        if through_libbpf:
            body = " ".join(accessor.body).replace("bpfgen_", "bpf_")
        else:
            call = f"{accessor.name}({', '.join(a.name for a in accessor.arguments)});"
            body = call if isinstance(accessor.returns, Void) else f"return {call}"
        texts.append(f"{head} {{ {body} }}\n")
    return "".join(texts)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", SAMPLES)
def test_an_accessor_is_its_helper(name: str, compiler: str) -> None:
    """The instructions are those of a call of libbpf's own helper, whose number and type it has."""
    compilation = compiled(name)
    accessors = accessors_of(compilation.model)
    assert accessors
    header = LIBBPF + emit(compilation)
    typed = header + program_access(compilation.model, Speller(C)).text
    ours = assembly(compiler, typed + callers(accessors, through_libbpf=False))
    libbpfs = assembly(compiler, header + callers(accessors, through_libbpf=True))
    assert len(ours) == len(accessors)
    assert all(any("call" in line for line in lines) for lines in ours.values())
    assert ours == libbpfs


@pytest.mark.parametrize("compiler", COMPILERS)
def test_another_type_is_refused(compiler: str) -> None:
    """Each argument of a type of the map's takes that type, and no other, `void *` included."""
    compilation = compiled("kinds.dsl")
    header = LIBBPF + emit(compilation) + program_access(compilation.model, Speller(C)).text + WRONG
    wrong: list[str] = []
    for accessor in accessors_of(compilation.model):
        for argument in accessor.arguments:
            if not argument.checked:
                continue
            others = [a.name for a in accessor.arguments]
            bad = ["(struct bpfgen_other *)0"] + (["(void *)1"] if not argument.may_be_null else [])
            parameters = tuple(Parameter(a.name, a.type) for a in accessor.arguments)
            for replacement in bad:
                call = ", ".join(replacement if n == argument.name else n for n in others)
                head = Speller(C).declaration(
                    FuncProto(accessor.returns, parameters), f"wrong_{len(wrong)}"
                )
                returned = "" if isinstance(accessor.returns, Void) else "return "
                wrong.append(f"{head} {{ {returned}{accessor.name}({call}); }}\n")
    assert len(wrong) > 100
    done = run(compiler, header + "".join(wrong), "-fsyntax-only", "-ferror-limit=0")
    refused = set(re.findall(r"<stdin>:(\d+):\d+: error: controlling expression", done.stderr))
    assert len(refused) == len(wrong)


def test_every_kind_and_helper_is_known() -> None:
    """There is a row for each kind, and each helper of one is a row."""
    assert list(MAP_HELPERS) == list(MAP_KINDS)
    used = {helper for helpers in MAP_HELPERS.values() for helper in helpers}
    assert used == set(HELPERS)


def test_helpers_have_the_numbers_of_the_kernel() -> None:
    """The numbers are those of enum bpf_func_id."""
    text = require_file("/usr/include/linux/bpf.h", "linux-libc-dev").read_text()
    numbers = {name: int(number) for name, number in re.findall(r"FN\((\w+), (\d+),", text)}
    if not numbers:  # before Linux 6.2 the numbers are the order
        names = re.findall(r"FN\((\w+)\)", text)
        numbers = {name: number for number, name in enumerate(names, start=0)}
    known = [helper for helper in HELPERS.values() if helper.name in numbers]
    assert len(known) >= len(HELPERS) - 2
    for helper in known:
        assert helper.number == numbers[helper.name], helper.name


def test_a_name_that_is_taken_is_refused() -> None:
    """A map of the user's may not have the name of an accessor of another."""
    text = "map a: hash<int, int>[1];\nmap a__lookup: hash<int, int>[1];\n"
    compilation = compile(Source("maps.dsl", text))
    with pytest.raises(OutputRefused, match="a__lookup"):
        program_access(compilation.model, Speller(C))


@pytest.mark.parametrize("word", ["fd", "key", "index", "size_t", "program_fd", "bpf_map__fd"])
def test_a_constant_that_would_replace_a_word_is_refused(word: str) -> None:
    """A constant is a macro: one that is called like a parameter would take its place."""
    text = (
        f"const {word} = 4;\nmap m: hash<__u32, __u32>[1];\n"
        "map p: prog_array[2];\nmap e: ringbuf<__u32>[4096];\nmap a: array<__u32, __u32>[1];\n"
    )
    compilation = compile(Source("maps.dsl", text))
    with pytest.raises(OutputRefused, match=f"`{word}` becomes a macro"):
        emit_files(compilation, Options(), "header", {"accessors": ("",)})


def test_a_constant_that_a_type_needs_is_none_of_them() -> None:
    """The length of an array stands in the accessors of its map, and should."""
    text = "const LENGTH = 4;\nmap m: hash<__u8[LENGTH], __u32>[LENGTH];\n"
    (header,) = emit_files(
        compile(Source("maps.dsl", text)), Options(), "header", {"accessors": ("",)}
    )
    assert "(*key)[LENGTH]" in header.text
